//! Words to pixels: one embedded font, shaped and wrapped. Decides nothing about where words stand.

use std::sync::Arc;

use cosmic_text::{
    Align, Attrs, Buffer, Color, Ellipsize, EllipsizeHeightLimit, Family, FontSystem, Metrics, Shaping,
    SwashCache, Wrap, fontdb,
};
use tiny_skia::{Pixmap, PremultipliedColorU8};

use crate::colour::Colour;

/// The only font: nothing is looked up on the machine, so every machine sets the same line.
static FONT: &[u8] = include_bytes!("../assets/DejaVuSans.ttf");
const FAMILY: &str = "DejaVu Sans";
/// More letters than any caption shows; the rest is cut before it costs time.
const MAX_LETTERS: usize = 1200;
/// Height of a line by the size of the font.
const LEADING: f32 = 1.3;

/// How a text shall be set.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting {
    /// Size of the font in pixels.
    pub(crate) size: f32,
    /// The longest line in pixels.
    pub(crate) width: f32,
    /// Further lines end in an ellipsis.
    pub(crate) lines: usize,
}

/// A set text: coverage from 0 to 255, row by row.
#[derive(Clone, Debug)]
pub(crate) struct Lettering {
    pub(crate) width: usize,
    pub(crate) height: usize,
    coverage: Vec<u8>,
}

/// Sets a text in centred lines. `None` when nothing visible is left of it.
pub(crate) fn set(text: &str, setting: Setting) -> Option<Lettering> {
    let text = tidy(text);
    if text.is_empty() {
        return None;
    }
    let mut database = fontdb::Database::new();
    database.load_font_source(fontdb::Source::Binary(Arc::new(FONT)));
    let mut system = FontSystem::new_with_locale_and_db("en-US".to_owned(), database);
    let metrics = Metrics::relative(setting.size, LEADING);
    let mut buffer = Buffer::new(&mut system, metrics);
    buffer.set_wrap(Wrap::WordOrGlyph);
    buffer.set_ellipsize(Ellipsize::End(EllipsizeHeightLimit::Lines(setting.lines)));
    buffer.set_size(Some(setting.width), None);
    let attributes = Attrs::new().family(Family::Name(FAMILY));
    buffer.set_text(&text, &attributes, Shaping::Advanced, Some(Align::Center));
    buffer.shape_until_scroll(&mut system, false);
    let lines = buffer.layout_runs().count().min(setting.lines);
    let (width, height) = (
        setting.width as usize,
        (metrics.line_height * lines as f32) as usize + 2,
    );
    let mut coverage = vec![0u8; width * height];
    let mut cache = SwashCache::new();
    buffer.draw(
        &mut system,
        &mut cache,
        Color::rgb(255, 255, 255),
        |x, y, _, _, ink| {
            let inside = (0..width as i32).contains(&x) && (0..height as i32).contains(&y);
            if inside {
                let at = y as usize * width + x as usize;
                coverage[at] = coverage[at].max(ink.a());
            }
        },
    );
    coverage.iter().any(|value| *value > 0).then_some(Lettering {
        width,
        height,
        coverage,
    })
}

/// Spaces for everything that is no letter, one at a time, and an end to endless texts.
fn tidy(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars().take(MAX_LETTERS) {
        let blank = letter.is_whitespace() || letter.is_control();
        if !blank {
            out.push(letter);
        } else if !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
    }
    out.truncate(out.trim_end().len());
    out
}

impl Lettering {
    /// Lays the text over a drawing with its upper left corner at a place.
    pub(crate) fn print(&self, pixmap: &mut Pixmap, left: i32, top: i32, colour: Colour, strength: f32) {
        let ink = colour.ink(1.0).to_color_u8();
        let (width, height) = (pixmap.width() as i32, pixmap.height() as i32);
        let pixels = pixmap.pixels_mut();
        for (at, coverage) in self
            .coverage
            .iter()
            .enumerate()
            .filter(|(_, coverage)| **coverage > 0)
        {
            let (x, y) = (left + (at % self.width) as i32, top + (at / self.width) as i32);
            if !(0..width).contains(&x) || !(0..height).contains(&y) {
                continue;
            }
            let alpha = (f32::from(*coverage) * strength) as u32;
            let pixel = &mut pixels[(y * width + x) as usize];
            let over = |under: u8, part: u8| {
                ((u32::from(part) * alpha + u32::from(under) * (255 - alpha)) / 255) as u8
            };
            let alpha_out = over(pixel.alpha(), 255);
            let part = |under: u8, part: u8| over(under, part).min(alpha_out);
            let mixed = PremultipliedColorU8::from_rgba(
                part(pixel.red(), ink.red()),
                part(pixel.green(), ink.green()),
                part(pixel.blue(), ink.blue()),
                alpha_out,
            );
            *pixel = mixed.expect("no part exceeds the alpha");
        }
    }
}
