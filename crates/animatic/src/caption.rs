//! The words over the picture: the prompt in a soft band at the foot. The mark is in `mark`.

use tiny_skia::Pixmap;

use crate::colour::Colour;
use crate::drawing::{block, clear, fade, fill};
use crate::layers::{Layer, Moment, Size, Spot};
use crate::motion::smooth;
use crate::planes::Sprite;
use crate::text::{self, Setting};

/// The caption appears over this span of seconds.
const APPEARS: (f32, f32) = (0.15, 0.9);

/// The prompt over a band that darkens the lower edge; `None` without a visible letter.
pub(crate) fn caption(prompt: &str, size: &Size) -> Option<Layer> {
    let portrait = size.height > size.width;
    let letters = (size.unit * if portrait { 0.043 } else { 0.034 }).clamp(7.0, 84.0);
    let width = libm::floorf((size.width * 0.84).min(letters * 36.0));
    let setting = Setting {
        size: letters,
        width,
        lines: if portrait { 4 } else { 2 },
    };
    let lettering = text::set(prompt, setting)?;
    let (above, under) = (letters * 2.6, (letters * 0.8).max(size.height * 0.032));
    let tall = (lettering.height as f32 + above + under).min(size.height);
    let mut pixmap = clear(size.width, tall);
    let band = [
        (0.0, Colour::BLACK, 0.0),
        (0.3, Colour::BLACK, 0.12),
        (0.65, Colour::BLACK, 0.38),
        (1.0, Colour::BLACK, 0.55),
    ];
    fill(
        &mut pixmap,
        block(0.0, 0.0, size.width, tall + 2.0),
        &fade(0.0, tall, &band),
    );
    let left = (size.width as i32 - lettering.width as i32) / 2;
    let top = pixmap.height() as i32 - lettering.height as i32 - under as i32;
    shadowed(&lettering, &mut pixmap, left, top, letters, 0.92);
    let y = size.height - pixmap.height() as f32;
    let (from, to) = if size.seconds < 1.5 { (0.0, 0.25) } else { APPEARS };
    let motion = move |_: usize, moment: &Moment| Spot {
        pose: 0,
        x: 0.0,
        y,
        strength: smooth((moment.seconds - from) / (to - from)),
    };
    Some(Layer {
        poses: vec![Sprite::from_pixmap(&pixmap)],
        copies: 1,
        motion: Box::new(motion),
    })
}

fn shadowed(
    lettering: &text::Lettering,
    pixmap: &mut Pixmap,
    left: i32,
    top: i32,
    letters: f32,
    strength: f32,
) {
    let drop = (letters * 0.05).max(1.0) as i32;
    lettering.print(pixmap, left + drop, top + drop, Colour::BLACK, strength * 0.6);
    lettering.print(pixmap, left, top, Colour::hex(0xfb_f9f4), strength);
}
