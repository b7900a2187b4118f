//! Sheets: pictures side by side on one, each with its name. For looking at many clips at a glance.

use image::RgbImage;
use tiny_skia::Pixmap;

use crate::RenderError;
use crate::colour::Colour;
use crate::picture::resized;
use crate::still::Picture;
use crate::text::{self, Setting};

/// The paper, in red, green and blue.
const PAPER: u32 = 0x16_171c;
const INK: u32 = 0xb8_b6b0;
/// Space between tiles, in pixels.
const GAP: u32 = 10;
/// Height of the line under a tile, in pixels.
const LINE: u32 = 22;
/// Size of its letters, in pixels.
const LETTERS: f32 = 13.0;
/// The largest sheet, in pixels a side.
const MAX_SIDE: u32 = 16_384;

/// One picture of a sheet.
#[derive(Clone, Debug)]
pub struct Tile {
    /// What is to be seen.
    pub picture: Picture,
    /// What stands under it; may be empty.
    pub name: String,
}

/// How a sheet is laid out.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// Tiles in a row.
    pub columns: u32,
    /// The room of one tile in pixels; its picture is fitted into it whole.
    pub room: (u32, u32),
}

/// Lays tiles out in rows.
///
/// # Errors
///
/// [`RenderError::Encoder`] when there is no tile, or the sheet exceeds 16 384 pixels a side.
pub fn sheet(tiles: &[Tile], layout: Layout) -> Result<Picture, RenderError> {
    let failed = |why: &str| RenderError::Encoder(why.to_owned());
    let columns = layout.columns.clamp(1, (tiles.len() as u32).max(1));
    let rows = (tiles.len() as u32).div_ceil(columns);
    let (room_width, room_height) = layout.room;
    let width = columns.saturating_mul(room_width + GAP) + GAP;
    let height = rows.saturating_mul(room_height + LINE + GAP) + GAP;
    if tiles.is_empty() || width.max(height) > MAX_SIDE {
        return Err(failed("the sheet is empty or exceeds 16384 pixels a side"));
    }
    let mut page = Page {
        pixmap: Pixmap::new(width, height).ok_or_else(|| failed("the sheet has no room"))?,
    };
    page.pixmap.fill(Colour::hex(PAPER).ink(1.0));
    for (at, tile) in (0u32..).zip(tiles) {
        let left = GAP + at % columns * (room_width + GAP);
        let top = GAP + at / columns * (room_height + LINE + GAP);
        page.place(&tile.picture, (left, top), layout.room)?;
        page.write(&tile.name, (left, top + room_height), room_width);
    }
    let rgb = page.pixmap.pixels().iter();
    Ok(Picture {
        width,
        height,
        rgb: rgb
            .flat_map(|pixel| [pixel.red(), pixel.green(), pixel.blue()])
            .collect(),
    })
}

struct Page {
    pixmap: Pixmap,
}

impl Page {
    /// Fits a picture whole into the middle of its room.
    fn place(
        &mut self,
        picture: &Picture,
        (left, top): (u32, u32),
        (wide, tall): (u32, u32),
    ) -> Result<(), RenderError> {
        let share = (wide as f32 / picture.width as f32).min(tall as f32 / picture.height as f32);
        let side = |length: u32, most: u32| ((length as f32 * share) as u32).clamp(1, most);
        let (width, height) = (side(picture.width, wide), side(picture.height, tall));
        let pixels = RgbImage::from_raw(picture.width, picture.height, picture.rgb.clone());
        let pixels = pixels.ok_or_else(|| RenderError::Encoder("a picture without its pixels".to_owned()))?;
        let small = resized(&pixels, width, height).map_err(RenderError::Encoder)?;
        let (left, top) = (left + (wide - width) / 2, top + (tall - height) / 2);
        let stride = self.pixmap.width() as usize * 4;
        let data = self.pixmap.data_mut();
        for (row, line) in small.as_raw().chunks_exact(width as usize * 3).enumerate() {
            let start = (top as usize + row) * stride + left as usize * 4;
            for (column, pixel) in line.chunks_exact(3).enumerate() {
                data[start + column * 4..][..3].copy_from_slice(pixel);
            }
        }
        Ok(())
    }

    fn write(&mut self, name: &str, (left, top): (u32, u32), width: u32) {
        let setting = Setting {
            size: LETTERS,
            width: width as f32,
            lines: 1,
        };
        if let Some(lettering) = text::set(name, setting) {
            let top = top as i32 + 3;
            lettering.print(&mut self.pixmap, left as i32, top, Colour::hex(INK), 1.0);
        }
    }
}
