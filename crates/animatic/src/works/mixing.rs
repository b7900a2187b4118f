//! Sounds cut, laid over one another and kept below the ceiling. Makes none and reads no file.

use crate::aac::RATE;
use crate::sound::Stereo;

/// No sample rises above this; what would is bent down from half of it on.
const CEILING: f32 = 0.94;
/// Cuts in a sound are faded over so many samples, so that they do not click.
const SOFT: usize = RATE as usize / 200;

/// Samples of one channel in so many milliseconds.
pub(super) fn samples(ms: u32) -> usize {
    (u64::from(ms) * u64::from(RATE) / 1000) as usize
}

/// Milliseconds of a sound, the last one begun counted in.
pub(super) fn length_ms(sound: &Stereo) -> u32 {
    let ms = (sound.len() as u64 * 1000).div_ceil(u64::from(RATE));
    u32::try_from(ms).unwrap_or(u32::MAX)
}

/// The sound with exactly so many samples: cut, or followed by silence.
pub(super) fn sized(mut sound: Stereo, samples: usize) -> Stereo {
    sound.left.resize(samples, 0.0);
    sound.right.resize(samples, 0.0);
    sound
}

/// The part of a sound between two moments, with soft ends.
pub(super) fn part(sound: &Stereo, from_ms: u32, to_ms: u32) -> Stereo {
    let to = samples(to_ms).min(sound.len());
    let from = samples(from_ms).min(to);
    let cut = |channel: &[f32]| {
        let mut part = channel[from..to].to_vec();
        let soft = SOFT.min(part.len() / 2);
        let last = part.len().saturating_sub(1);
        for at in 0..soft {
            let share = at as f32 / soft as f32;
            part[at] *= share;
            part[last - at] *= share;
        }
        part
    };
    Stereo {
        left: cut(&sound.left),
        right: cut(&sound.right),
    }
}

/// Lays a sound over another from a moment on, each at its own volume in percent.
pub(super) fn laid(base: Stereo, volume: u16, over: &Stereo, over_volume: u16, at_ms: u32) -> Stereo {
    let mut mixed = base;
    let first = samples(at_ms).min(mixed.len());
    let gain = |percent: u16| f32::from(percent) / 100.0;
    for (channel, over) in [(&mut mixed.left, &over.left), (&mut mixed.right, &over.right)] {
        for sample in channel.iter_mut() {
            *sample *= gain(volume);
        }
        for (sample, over) in channel[first..].iter_mut().zip(over) {
            *sample += over * gain(over_volume);
        }
        for sample in channel.iter_mut() {
            *sample = bent(*sample);
        }
    }
    mixed
}

/// One sound after the other.
pub(super) fn joined(mut first: Stereo, then: &Stereo) -> Stereo {
    first.left.extend_from_slice(&then.left);
    first.right.extend_from_slice(&then.right);
    first
}

/// Leaves the lower part of the range alone and bends the rest below the ceiling.
fn bent(value: f32) -> f32 {
    let knee = CEILING * 0.8;
    let over = value.abs() - knee;
    if over <= 0.0 {
        return value;
    }
    let room = CEILING - knee;
    (knee + room * over / (room + over)) * value.signum()
}
