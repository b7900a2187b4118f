//! Stills: frames of a scene as pictures, and their files. Paints nothing that a clip would not show.

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::codecs::webp::WebPEncoder;
use image::{ExtendedColorType, ImageEncoder};

use crate::RenderError;
use crate::mark::MADE_BY;
use crate::planes::Frame;
use crate::scene::Scene;
use crate::stage::{Stage, Words};
use crate::wish::Wish;

/// The clip that a still is a moment of: this long, in milliseconds …
const CLIP_MS: u32 = 5_000;
/// … at so many frames a second …
const CLIP_FPS: u32 = 30;
/// … and so far in, when everything that appears is there.
const MOMENT: f32 = 0.4;
/// Quality of JPEG files, from 1 to 100.
const JPEG_QUALITY: u8 = 90;
/// Quality of small JPEG files, from 1 to 100.
const SMALL_JPEG_QUALITY: u8 = 78;

/// How the file of a still is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Lossless.
    Png,
    /// Small, and nothing of it is seen.
    Jpeg,
    /// Smaller still, for looking at and not for working with.
    SmallJpeg,
    /// Lossless, and smaller than PNG.
    WebP,
}

/// A picture in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Red, green and blue of every pixel, row by row, from the upper left.
    pub rgb: Vec<u8>,
}

/// A finished still.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Still {
    /// The file.
    pub bytes: Vec<u8>,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

/// Draws the scene of a wish as one picture, without a caption, and writes it as a file. Its sides may be odd;
/// length, frame rate and sound of the wish play no part. Equal wishes give equal bytes.
///
/// # Errors
///
/// See [`RenderError`].
pub fn still(wish: &Wish, format: Format) -> Result<Still, RenderError> {
    let picture = moment(wish, Words::None)?;
    Ok(Still {
        bytes: picture.encode(format)?,
        width: picture.width,
        height: picture.height,
    })
}

/// [`still`] with the prompt in its lower edge, as a clip has it.
///
/// # Errors
///
/// See [`RenderError`].
pub fn captioned_still(wish: &Wish, format: Format) -> Result<Still, RenderError> {
    let picture = moment(wish, Words::Caption)?;
    Ok(Still {
        bytes: picture.encode(format)?,
        width: picture.width,
        height: picture.height,
    })
}

/// The frames of a wish's clip at places from 0, its first, to 1, its last: as they are before they are encoded.
///
/// # Errors
///
/// See [`RenderError`].
pub fn frames(wish: &Wish, places: &[f32]) -> Result<Vec<Picture>, RenderError> {
    wish.check()?;
    let mut stage = Stage::new(wish, &scene(wish), Words::Caption)?;
    let mut frame = Frame::new(wish.width as usize, wish.height as usize);
    let last = wish.frames().saturating_sub(1);
    let pictures = places.iter().map(|place| {
        stage.paint((last as f32 * place.clamp(0.0, 1.0)) as u32, &mut frame);
        colours(&frame, wish.width, wish.height)
    });
    Ok(pictures.collect())
}

fn scene(wish: &Wish) -> Scene {
    let negative = wish.negative_prompt.as_deref().unwrap_or_default();
    Scene::read(&wish.prompt, negative, wish.seed)
}

/// A still's picture, before it is written as a file.
pub(crate) fn moment(wish: &Wish, words: Words) -> Result<Picture, RenderError> {
    // Frames have even sides; what is too much is cut off.
    let even = Wish {
        width: wish.width.saturating_add(1) & !1,
        height: wish.height.saturating_add(1) & !1,
        fps: CLIP_FPS,
        duration_ms: CLIP_MS,
        marked_copy: false,
        still: None,
        ..wish.clone()
    };
    even.check()?;
    let mut stage = Stage::new(&even, &scene(&even), words)?;
    let mut frame = Frame::new(even.width as usize, even.height as usize);
    stage.paint((even.frames() as f32 * MOMENT) as u32, &mut frame);
    Ok(colours(&frame, wish.width, wish.height))
}

/// The upper left part of a frame in red, green and blue.
pub(crate) fn colours(frame: &Frame, width: u32, height: u32) -> Picture {
    let (across, half) = (width as usize, frame.width / 2);
    let mut rgb = Vec::with_capacity(across * height as usize * 3);
    for row in 0..height as usize {
        let near = row / 2;
        // The neighbour on whose side the row lies has a quarter of the say.
        let far = if row % 2 == 0 {
            near.saturating_sub(1)
        } else {
            (near + 1).min(frame.height / 2 - 1)
        };
        for column in 0..across {
            let here = column / 2;
            let beside = if column % 2 == 0 {
                here.saturating_sub(1)
            } else {
                (here + 1).min(half - 1)
            };
            let chroma = |plane: &[u8]| {
                let at = |row: usize, column: usize| i32::from(plane[row * half + column]);
                let sum = 9 * at(near, here) + 3 * at(near, beside) + 3 * at(far, here) + at(far, beside);
                sum - 16 * 128
            };
            let luma = (i32::from(frame.y[row * frame.width + column]) - 16) * 16;
            rgb.extend(colour(luma, chroma(&frame.u), chroma(&frame.v)));
        }
    }
    Picture { width, height, rgb }
}

/// One pixel from luma above black and chroma around grey, all in sixteenths of a level; BT.709, limited range.
fn colour(luma: i32, u: i32, v: i32) -> [u8; 3] {
    let light = luma * 4_769;
    let level = |value: i32| ((value + (1 << 15)) >> 16).clamp(0, 255) as u8;
    [
        level(light + 7_343 * v),
        level(light - 873 * u - 2_183 * v),
        level(light + 8_652 * u),
    ]
}

impl Picture {
    /// Writes the picture as a file that says what made it (Exif `Software`).
    ///
    /// # Errors
    ///
    /// [`RenderError::Encoder`], which no picture within bounds is known to cause.
    pub fn encode(&self, format: Format) -> Result<Vec<u8>, RenderError> {
        let mut out = Vec::new();
        let written = match format {
            Format::Png => self.write(PngEncoder::new(&mut out)),
            Format::Jpeg => self.write(JpegEncoder::new_with_quality(&mut out, JPEG_QUALITY)),
            Format::SmallJpeg => self.write(JpegEncoder::new_with_quality(&mut out, SMALL_JPEG_QUALITY)),
            Format::WebP => self.write(WebPEncoder::new_lossless(&mut out)),
        };
        written.map_err(|error| RenderError::Encoder(error.to_string()))?;
        Ok(out)
    }

    fn write(&self, mut encoder: impl ImageEncoder) -> image::ImageResult<()> {
        // A format that cannot say it is written without.
        encoder.set_exif_metadata(made_by()).unwrap_or_default();
        encoder.write_image(&self.rgb, self.width, self.height, ExtendedColorType::Rgb8)
    }
}

/// An Exif block with one entry: the software.
fn made_by() -> Vec<u8> {
    const SOFTWARE: u16 = 0x0131;
    const ASCII: u16 = 2;
    /// Header, number of entries, one entry, and the end of the list.
    const TEXT_AT: u32 = 8 + 2 + 12 + 4;
    let mut block = b"MM\0\x2a\0\0\0\x08\0\x01".to_vec();
    block.extend(SOFTWARE.to_be_bytes());
    block.extend(ASCII.to_be_bytes());
    block.extend((MADE_BY.len() as u32 + 1).to_be_bytes());
    block.extend(TEXT_AT.to_be_bytes());
    block.extend([0; 4]);
    block.extend(MADE_BY.as_bytes());
    block.push(0);
    block
}
