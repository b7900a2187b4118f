//! What says where a picture comes from: one quiet word in a corner, if wished, and the sentences in every file.

use crate::colour::Colour;
use crate::drawing::clear;
use crate::layers::{Layer, Size};
use crate::planes::Sprite;
use crate::text::{self, Setting};

/// What made a file, as its metadata says.
pub(crate) const MADE_BY: &str = concat!("Reelway animatic ", env!("CARGO_PKG_VERSION"));
/// What a file is, as its metadata says.
pub(crate) const ABOUT: &str =
    "A storyboard preview, drawn from the words of a prompt by a renderer and not by a video model.";
/// What the mark says.
const WORD: &str = "animatic";
/// How much of the picture behind it the mark covers, from 0 to 1.
const STRENGTH: f32 = 0.55;

/// The mark in the upper right corner, or `None` where it could not be read.
pub(crate) fn layer(size: &Size) -> Option<Layer> {
    let letters = (size.unit * 0.024).clamp(7.0, 48.0);
    let width = libm::ceilf(letters * 5.6);
    let lettering = text::set(
        WORD,
        Setting {
            size: letters,
            width,
            lines: 1,
        },
    )?;
    let mut pixmap = clear(width + 4.0, lettering.height as f32 + 4.0);
    let drop = (letters * 0.05).max(1.0) as i32;
    lettering.print(&mut pixmap, 2 + drop, 2 + drop, Colour::BLACK, STRENGTH * 0.6);
    lettering.print(&mut pixmap, 2, 2, Colour::hex(0xfb_f9f4), STRENGTH);
    let edge = size.unit * 0.02;
    let x = libm::floorf(size.width - pixmap.width() as f32 - edge);
    Some(Layer::fixed(
        Sprite::from_pixmap(&pixmap),
        x,
        libm::floorf(edge),
        0.0,
    ))
}
