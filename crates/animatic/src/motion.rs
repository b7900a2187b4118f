//! Time made into movement: easing and waves, the same on every machine. Knows no layer.

/// The sine of `turns` full turns.
pub(crate) fn wave(turns: f32) -> f32 {
    libm::sinf((turns - libm::floorf(turns)) * std::f32::consts::TAU)
}

/// Starts and ends gently: 0 at 0, 1 at 1.
pub(crate) fn smooth(at: f32) -> f32 {
    let at = at.clamp(0.0, 1.0);
    at * at * at * (at * (at * 6.0 - 15.0) + 10.0)
}

/// The camera's pace: already under way at the start, gentle at the end.
pub(crate) fn glide(at: f32) -> f32 {
    let at = at.clamp(0.0, 1.0);
    0.55 * at + 0.45 * smooth(at)
}

/// Goes from `low` to `high` while `at` goes from 0 to 1.
pub(crate) fn between(low: f32, high: f32, at: f32) -> f32 {
    low + (high - low) * at
}

/// The part of `value` that lies above the largest multiple of `period` below it.
pub(crate) fn wrap(value: f32, period: f32) -> f32 {
    value - libm::floorf(value / period) * period
}
