//! Colours and the few sums scenes make with them. Holds no palette and no pixels.

use tiny_skia::Color;

/// A colour in plain sRGB, each part from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Colour {
    pub(crate) red: f32,
    pub(crate) green: f32,
    pub(crate) blue: f32,
}

impl Colour {
    pub(crate) const BLACK: Self = Self::hex(0x00_0000);
    pub(crate) const WHITE: Self = Self::hex(0xff_ffff);

    /// Reads `0xrrggbb`.
    pub(crate) const fn hex(value: u32) -> Self {
        Self {
            red: ((value >> 16) & 255) as f32 / 255.0,
            green: ((value >> 8) & 255) as f32 / 255.0,
            blue: (value & 255) as f32 / 255.0,
        }
    }

    /// Goes from `self` (share 0) to `other` (share 1).
    pub(crate) fn mix(self, other: Self, share: f32) -> Self {
        let between = |from: f32, to: f32| from + (to - from) * share.clamp(0.0, 1.0);
        Self {
            red: between(self.red, other.red),
            green: between(self.green, other.green),
            blue: between(self.blue, other.blue),
        }
    }

    /// The colour as it looks under light of another colour.
    pub(crate) fn lit(self, light: Self) -> Self {
        Self {
            red: self.red * light.red,
            green: self.green * light.green,
            blue: self.blue * light.blue,
        }
    }

    /// How bright it looks, from 0 to 1.
    pub(crate) fn level(self) -> f32 {
        self.red * 0.3 + self.green * 0.55 + self.blue * 0.15
    }

    /// As bright, and a little brighter still, but without a hue.
    pub(crate) fn paled(self) -> Self {
        let level = (self.level() * 1.12).min(1.0);
        Self {
            red: level,
            green: level,
            blue: level,
        }
    }

    /// The colour as a drawing takes it.
    pub(crate) fn ink(self, alpha: f32) -> Color {
        let part = |value: f32| value.clamp(0.0, 1.0);
        Color::from_rgba(part(self.red), part(self.green), part(self.blue), part(alpha))
            .expect("every part was clamped to 0..=1")
    }
}

/// What is done to all colours of a scene once they are drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Grade {
    /// 0 is grey, 1 leaves colours as they are.
    pub(crate) saturation: f32,
    /// From -1, blue, to 1, amber.
    pub(crate) warmth: f32,
    /// How far black is raised towards white.
    pub(crate) lift: f32,
    /// How bright white remains.
    pub(crate) gain: f32,
    /// How dark the corners get, by the usual.
    pub(crate) corner: f32,
}

impl Grade {
    pub(crate) const NONE: Self = Self {
        saturation: 1.0,
        warmth: 0.0,
        lift: 0.0,
        gain: 1.0,
        corner: 1.0,
    };
}
