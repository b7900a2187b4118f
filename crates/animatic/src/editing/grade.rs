//! The colours of a whole picture: measured, and carried over to another. Knows no shapes.

use image::RgbImage;

use super::bytes;

/// At most so many pixels are looked at.
const LOOKED_AT: usize = 40_000;
/// How far contrast may be changed either way.
const STRETCH: (f32, f32) = (0.55, 1.7);
/// How much of the change the brightness takes part in; colours take all of it.
const BRIGHTNESS: f32 = 0.55;

/// Means and spreads of a picture's brightness and of its two colour differences.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Look {
    mean: [f32; 3],
    spread: [f32; 3],
}

impl Look {
    pub(super) fn of(picture: &RgbImage) -> Self {
        let pixels = picture.as_raw().chunks_exact(3);
        let step = (pixels.len() / LOOKED_AT).max(1);
        let (mut sum, mut squares, mut count) = ([0.0f64; 3], [0.0f64; 3], 0.0f64);
        for pixel in pixels.step_by(step) {
            let parts = apart([pixel[0], pixel[1], pixel[2]].map(f32::from));
            for part in 0..3 {
                sum[part] += f64::from(parts[part]);
                squares[part] += f64::from(parts[part]) * f64::from(parts[part]);
            }
            count += 1.0;
        }
        let mean = sum.map(|sum| sum / count.max(1.0));
        let spread = [0, 1, 2].map(|part| {
            let square = squares[part] / count.max(1.0) - mean[part] * mean[part];
            libm::sqrt(square.max(0.0)) as f32
        });
        Self {
            mean: mean.map(|mean| mean as f32),
            spread,
        }
    }

    /// One colour of a picture that looks like `self`, as it would be in one that looks like `other`.
    pub(super) fn carried(&self, colour: [f32; 3], other: &Self, share: f32) -> [f32; 3] {
        let parts = apart(colour);
        let carried = [0, 1, 2].map(|part| {
            let stretch =
                ((other.spread[part] + 2.0) / (self.spread[part] + 2.0)).clamp(STRETCH.0, STRETCH.1);
            let there = (parts[part] - self.mean[part]) * stretch + other.mean[part];
            let share = if part == 0 { share * BRIGHTNESS } else { share };
            parts[part] + (there - parts[part]) * share
        });
        together(carried)
    }

    /// The mean colour.
    pub(super) fn colour(&self) -> [f32; 3] {
        together(self.mean)
    }
}

/// Carries the look of `other` over to a picture, by a share from 0 to 1.
pub(super) fn carry(picture: &mut RgbImage, other: &Look, share: f32) {
    if share <= 0.0 {
        return;
    }
    let own = Look::of(picture);
    for pixel in picture.pixels_mut() {
        pixel.0 = bytes(own.carried(pixel.0.map(f32::from), other, share));
    }
}

/// Brightness, and how much redder and bluer than it a colour is.
pub(super) fn apart([red, green, blue]: [f32; 3]) -> [f32; 3] {
    let bright = red * 0.299 + green * 0.587 + blue * 0.114;
    [bright, red - bright, blue - bright]
}

fn together([bright, red, blue]: [f32; 3]) -> [f32; 3] {
    [
        bright + red,
        bright - (red * 0.299 + blue * 0.114) / 0.587,
        bright + blue,
    ]
}
