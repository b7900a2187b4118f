//! Words to pixels: the embedded fonts, shaped, wrapped and balanced. Decides nothing about where words stand.

use std::sync::Arc;

use cosmic_text::{
    Align, Attrs, Buffer, Color, Ellipsize, EllipsizeHeightLimit, Family, FontSystem, Metrics, Shaping,
    SwashCache, Wrap, fontdb,
};
use tiny_skia::{Pixmap, PremultipliedColorU8};

use crate::colour::Colour;

/// All fonts there are: nothing is looked up on the machine, so every machine sets the same line.
/// They stand for Latin, Greek and Cyrillic; Chinese and Japanese; Korean; Arabic; Hebrew; Devanagari; Thai;
/// emoji in one colour; and symbols with some rarer scripts.
static FONTS: [&[u8]; 9] = [
    include_bytes!("../assets/NotoSans-Regular.ttf"),
    include_bytes!("../assets/DroidSansFallback.ttf"),
    include_bytes!("../assets/DroidSansFallback-Hangul.ttf"),
    include_bytes!("../assets/NotoSansArabic-Regular.ttf"),
    include_bytes!("../assets/NotoSansHebrew-Regular.ttf"),
    include_bytes!("../assets/NotoSansDevanagari-Regular.ttf"),
    include_bytes!("../assets/NotoSansThai-Regular.ttf"),
    include_bytes!("../assets/Symbola-Emoji.ttf"),
    include_bytes!("../assets/DejaVuSans.ttf"),
];
/// The font of every letter that it has; the others are asked for the rest.
const FAMILY: &str = "Noto Sans";
/// More letters than any caption shows; the rest is cut before it costs time.
const MAX_LETTERS: usize = 600;
/// Height of a line by the size of the font.
const LEADING: f32 = 1.4;
/// Steps of the search for the narrowest lines that need no further line.
const BALANCING: u8 = 5;

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
    let mut system = system();
    let mut buffer = Buffer::new(&mut system, Metrics::relative(setting.size, LEADING));
    let mut lines = lay(&mut system, &mut buffer, &text, setting);
    let known = without(&text, &unknown(&buffer));
    if known != text {
        lines = lay(&mut system, &mut buffer, &known, setting);
    }
    balance(&mut system, &mut buffer, setting, lines);
    paint(&mut system, &mut buffer, setting)
}

fn system() -> FontSystem {
    let mut database = fontdb::Database::new();
    for font in FONTS {
        database.load_font_source(fontdb::Source::Binary(Arc::new(font)));
    }
    FontSystem::new_with_locale_and_db("en-US".to_owned(), database)
}

/// Shapes and breaks the text; says how many lines it takes.
fn lay(system: &mut FontSystem, buffer: &mut Buffer, text: &str, setting: Setting) -> usize {
    buffer.set_wrap(Wrap::WordOrGlyph);
    buffer.set_ellipsize(Ellipsize::End(EllipsizeHeightLimit::Lines(setting.lines)));
    buffer.set_size(Some(setting.width), None);
    let attributes = Attrs::new().family(Family::Name(FAMILY));
    buffer.set_text(text, &attributes, Shaping::Advanced, Some(Align::Center));
    buffer.shape_until_scroll(system, false);
    buffer.layout_runs().count()
}

/// The parts of the text that no font knows, as ranges of its bytes.
fn unknown(buffer: &Buffer) -> Vec<(usize, usize)> {
    let missing = |run: cosmic_text::LayoutRun<'_>| -> Vec<(usize, usize)> {
        let glyphs = run.glyphs.iter().filter(|glyph| glyph.glyph_id == 0);
        glyphs.map(|glyph| (glyph.start, glyph.end)).collect()
    };
    buffer.layout_runs().flat_map(missing).collect()
}

fn without(text: &str, ranges: &[(usize, usize)]) -> String {
    let kept = |at: &usize| !ranges.iter().any(|(start, end)| (*start..*end).contains(at));
    let letters = text.char_indices().filter(|(at, _)| kept(at));
    letters.map(|(_, letter)| letter).collect()
}

/// Makes the lines about equally long, so that no single word is left for the last one.
fn balance(system: &mut FontSystem, buffer: &mut Buffer, setting: Setting, lines: usize) {
    if lines < 2 || lines > setting.lines || shortened(buffer) {
        return;
    }
    let (mut narrow, mut wide) = (setting.width * 0.5, setting.width);
    for _ in 0..BALANCING {
        let middle = (narrow + wide) / 2.0;
        buffer.set_size(Some(middle), None);
        buffer.shape_until_scroll(system, false);
        if buffer.layout_runs().count() > lines || shortened(buffer) {
            narrow = middle;
        } else {
            wide = middle;
        }
    }
    buffer.set_size(Some(wide), None);
    buffer.shape_until_scroll(system, false);
}

/// Whether the text ends in an ellipsis that stands for the rest of it.
fn shortened(buffer: &Buffer) -> bool {
    let shown = buffer
        .layout_runs()
        .flat_map(|run| run.glyphs.iter().map(|glyph| glyph.end));
    let whole: usize = buffer.lines.iter().map(|line| line.text().trim_end().len()).sum();
    shown.max().unwrap_or(0) < whole
}

fn paint(system: &mut FontSystem, buffer: &mut Buffer, setting: Setting) -> Option<Lettering> {
    let lines = buffer.layout_runs().count().min(setting.lines);
    let width = buffer.size().0.unwrap_or(setting.width) as usize;
    let height = (buffer.metrics().line_height * lines as f32) as usize + 2;
    let mut coverage = vec![0u8; width * height];
    let mut cache = SwashCache::new();
    buffer.draw(
        system,
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
/// Signs that only change the colour of an emoji are left out: ours have none.
fn tidy(text: &str) -> String {
    let mut out = String::new();
    let mut emoji = false;
    for letter in text.chars().take(MAX_LETTERS) {
        let blank = letter.is_whitespace() || letter.is_control();
        if matches!(letter, '\u{fe0e}' | '\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}')
            || (emoji && letter == '\u{200d}')
        {
            continue;
        }
        emoji = matches!(letter, '\u{2600}'..='\u{27bf}' | '\u{1f000}'..='\u{1faff}');
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
