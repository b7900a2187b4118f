//! Given pictures: their headers checked, their pixels read within bounds and fitted to the frame. Moves nothing.

use std::io::Cursor;

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::U8x3;
use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, RgbImage, imageops};

use crate::motion::smooth;
use crate::planes::{Frame, chroma_u, chroma_v, luma};
use crate::wish::{MAX_PICTURE_BYTES, MAX_PICTURE_PIXELS, MAX_PICTURE_SIDE, WishError};

/// The most memory one picture may take while it is decoded, in bytes: every pixel in four.
const MAX_DECODED_BYTES: u64 = MAX_PICTURE_PIXELS * 4;
/// A picture fills the frame, losing its edges, when its shape differs at most by this factor.
const NEAR_SHAPE: f64 = 1.3;
/// The longer side of the small picture that a surround is made from, and its blur, both in pixels.
const SURROUND_PIXELS: u32 = 64;
const SURROUND_BLUR: f32 = 3.2;
/// How light a surround is, in 1/256 of the picture.
const SURROUND_LIGHT: u32 = 178;

/// Checks a picture by its size and header, without decoding it.
pub(crate) fn check(field: &str, bytes: &[u8]) -> Result<(), WishError> {
    if bytes.len() > MAX_PICTURE_BYTES {
        let allowed = format!("at most {MAX_PICTURE_BYTES} bytes");
        return Err(WishError::new(field, format!("{} bytes", bytes.len()), allowed));
    }
    let (width, height) =
        sides(bytes).map_err(|why| WishError::new(field, why, "a JPEG, PNG or WebP picture"))?;
    let pixels = u64::from(width) * u64::from(height);
    if width.max(height) > MAX_PICTURE_SIDE || pixels > MAX_PICTURE_PIXELS || pixels == 0 {
        let allowed = format!("at most {MAX_PICTURE_PIXELS} pixels and {MAX_PICTURE_SIDE} pixels a side");
        return Err(WishError::new(field, format!("{width}x{height}"), allowed));
    }
    Ok(())
}

/// Width and height of a picture as it is shown, turned the way its header says; `None` where it cannot be read.
#[must_use]
pub fn shown_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut decoder = open(bytes).ok()?;
    let (width, height) = decoder.dimensions();
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    Some(if turns(orientation) {
        (height, width)
    } else {
        (width, height)
    })
}

/// Whether the sides change places.
fn turns(orientation: Orientation) -> bool {
    matches!(
        orientation,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    )
}

/// The whole of a picture that passed [`check`], turned the way its header says.
pub(crate) fn read(field: &str, bytes: &[u8]) -> Result<RgbImage, WishError> {
    let refused = |why: String| WishError::new(field, why, "a whole JPEG, PNG or WebP picture");
    let mut source = Source::read(bytes).map_err(refused)?;
    if source.orientation == Orientation::NoTransforms {
        return Ok(source.picture);
    }
    let mut picture = DynamicImage::ImageRgb8(std::mem::take(&mut source.picture));
    picture.apply_orientation(source.orientation);
    Ok(picture.into_rgb8())
}

/// A picture in the shape of the frame.
#[derive(Debug)]
pub(crate) struct Fitted {
    pub(crate) frame: Frame,
    /// Where the whole picture lies when its shape is too far from the frame's: left, top, right and bottom in
    /// shares of the sides. Around it lies a soft, darker surround made of itself.
    pub(crate) inside: Option<(f32, f32, f32, f32)>,
}

/// Decodes a picture that passed [`check`] and brings it to `width`×`height` pixels: a near shape is filled by
/// the picture's middle, another one holds the whole picture over a blurred, darkened surround.
pub(crate) fn fit(field: &str, bytes: &[u8], width: u32, height: u32) -> Result<Fitted, WishError> {
    let refused = |why: String| WishError::new(field, why, "a whole JPEG, PNG or WebP picture");
    let source = Source::read(bytes).map_err(refused)?;
    let Room {
        width: inner_width,
        height: inner_height,
        left,
        top,
    } = Room::of(source.sides(), width, height);
    if (inner_width, inner_height) == (width, height) {
        let frame = planes(&source.cover(width, height).map_err(refused)?);
        return Ok(Fitted { frame, inside: None });
    }
    let mut whole = surround(&source, width, height).map_err(refused)?;
    let inner = source.cover(inner_width, inner_height).map_err(refused)?;
    imageops::replace(&mut whole, &inner, i64::from(left), i64::from(top));
    let share = |at: u32, side: u32| at as f32 / side as f32;
    Ok(Fitted {
        frame: planes(&whole),
        inside: Some((
            share(left, width),
            share(top, height),
            share(left + inner_width, width),
            share(top + inner_height, height),
        )),
    })
}

/// Decodes a picture that passed [`check`] and fills a frame of the given even sides with its middle.
pub(crate) fn cover(field: &str, bytes: &[u8], width: u32, height: u32) -> Result<Frame, WishError> {
    let refused = |why: String| WishError::new(field, why, "a whole JPEG, PNG or WebP picture");
    let source = Source::read(bytes).map_err(refused)?;
    Ok(planes(&source.cover(width, height).map_err(refused)?))
}

/// Where a picture lies in a frame: all over it, its edges lost, where the shapes are near; else whole.
struct Room {
    width: u32,
    height: u32,
    left: u32,
    top: u32,
}

impl Room {
    fn of((across, down): (u32, u32), width: u32, height: u32) -> Self {
        let shape = f64::from(across) / f64::from(down);
        let wanted = f64::from(width) / f64::from(height);
        let even = |side: f64, most: u32| ((side / 2.0).round() as u32 * 2).clamp(2, most);
        let (inner_width, inner_height) = if (shape / wanted).max(wanted / shape) <= NEAR_SHAPE {
            (width, height)
        } else if shape > wanted {
            (width, even(f64::from(width) / shape, height))
        } else {
            (even(f64::from(height) * shape, width), height)
        };
        Self {
            width: inner_width,
            height: inner_height,
            left: (width - inner_width) / 4 * 2,
            top: (height - inner_height) / 4 * 2,
        }
    }
}

/// How many pixels of the frame one pixel of a picture becomes when it is fitted.
pub(crate) fn scale_in(bytes: &[u8], width: u32, height: u32) -> f32 {
    let (across, down) = shown_size(bytes).unwrap_or((width, height));
    let (x, y) = (
        f64::from(width) / f64::from(across.max(1)),
        f64::from(height) / f64::from(down.max(1)),
    );
    let scale = if (x / y).max(y / x) <= NEAR_SHAPE {
        x.max(y)
    } else {
        x.min(y)
    };
    scale as f32
}

/// Decodes a mask and brings it to the frame as [`fit`] does with a picture of its shape: 255 where it is opaque
/// or, if it is opaque everywhere, where it is white; 0 around it.
pub(crate) fn mask(field: &str, bytes: &[u8], width: u32, height: u32) -> Result<Vec<u8>, WishError> {
    let refused = |why: String| WishError::new(field, why, "a whole JPEG, PNG or WebP picture");
    let mut decoder = open(bytes).map_err(refused)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let decoded = DynamicImage::from_decoder(decoder).map_err(|error| refused(error.to_string()))?;
    let decoded = decoded.into_rgba8();
    let clear = decoded.pixels().any(|pixel| pixel.0[3] < 128);
    let level = |pixel: &image::Rgba<u8>| {
        let [red, green, blue, alpha] = pixel.0.map(u32::from);
        let light = if clear {
            alpha
        } else {
            (red * 3 + green * 6 + blue) / 10
        };
        if light >= 128 { 255 } else { 0 }
    };
    let levels: Vec<u8> = decoded.pixels().flat_map(|pixel| [level(pixel); 3]).collect();
    let picture = RgbImage::from_raw(decoded.width(), decoded.height(), levels);
    let picture = picture.expect("three levels were made of every pixel");
    let source = Source { picture, orientation };
    let room = Room::of(source.sides(), width, height);
    let inner = source.cover(room.width, room.height).map_err(refused)?;
    let mut mask = vec![0; width as usize * height as usize];
    for (row, line) in inner.rows().enumerate() {
        let first = (row + room.top as usize) * width as usize + room.left as usize;
        for (out, pixel) in mask[first..].iter_mut().zip(line) {
            *out = if pixel.0[0] >= 128 { 255 } else { 0 };
        }
    }
    Ok(mask)
}

/// The picture larger by `margin` of its sides on every side: what lies outside is its mirror image, ever softer.
pub(crate) fn widened(picture: &Frame, margin: f32) -> Frame {
    let even = |side: usize| (side as f32 * margin / 2.0).ceil() as usize * 2;
    let (left, top) = (even(picture.width), even(picture.height));
    let mut wide = Frame::new(picture.width + left * 2, picture.height + top * 2);
    let planes = [
        (&picture.y, &mut wide.y, 1),
        (&picture.u, &mut wide.u, 2),
        (&picture.v, &mut wide.v, 2),
    ];
    for (from, to, part) in planes {
        let (width, height) = (picture.width / part, picture.height / part);
        let (left, top) = (left / part, top / part);
        let mirrored = |at: usize, before: usize, side: usize| {
            let at = at.abs_diff(before).min(side * 2 - 1);
            if at < side { at } else { side * 2 - 1 - at }
        };
        let across = width + left * 2;
        for (row, out) in to.chunks_exact_mut(across).enumerate() {
            let line = &from[mirrored(row, top, height) * width..][..width];
            for (column, out) in out.iter_mut().enumerate() {
                *out = line[mirrored(column, left, width)];
            }
        }
        soften(to, across, (left, top));
    }
    wide
}

/// Lets the border of a plane go over into its own blur, the more the farther out.
fn soften(plane: &mut [u8], across: usize, border: (usize, usize)) {
    const PARTS: usize = 24;
    let down = plane.len() / across;
    let cell = (across.min(down) / PARTS).max(1);
    let (columns, rows) = (across.div_ceil(cell), down.div_ceil(cell));
    let (mut sums, mut counts) = (vec![0_u32; columns * rows], vec![0_u32; columns * rows]);
    for (row, line) in plane.chunks_exact(across).enumerate() {
        for (column, level) in line.iter().enumerate() {
            let at = row / cell * columns + column / cell;
            sums[at] += u32::from(*level);
            counts[at] += 1;
        }
    }
    let mean = |row: usize, column: usize| {
        let at = row.min(rows - 1) * columns + column.min(columns - 1);
        sums[at] as f32 / counts[at] as f32
    };
    let beyond = |at: usize, border: usize, side: usize| {
        let out = border
            .saturating_sub(at)
            .max((at + border + 1).saturating_sub(side));
        out as f32 / border.max(1) as f32
    };
    for row in 0..down {
        for column in 0..across {
            let out = beyond(row, border.1, down).max(beyond(column, border.0, across));
            if out <= 0.0 {
                continue;
            }
            let place = |at: usize| ((at as f32 + 0.5) / cell as f32 - 0.5).max(0.0);
            let (x, y) = (place(column), place(row));
            let (left, top) = (x as usize, y as usize);
            let (x, y) = (x - left as f32, y - top as f32);
            let upper = mean(top, left) * (1.0 - x) + mean(top, left + 1) * x;
            let lower = mean(top + 1, left) * (1.0 - x) + mean(top + 1, left + 1) * x;
            let soft = upper * (1.0 - y) + lower * y;
            let level = &mut plane[row * across + column];
            let share = smooth(out * 2.0);
            *level = (f32::from(*level) * (1.0 - share) + soft * share + 0.5) as u8;
        }
    }
}

/// A decoded picture that may have to be turned.
struct Source {
    picture: RgbImage,
    orientation: Orientation,
}

impl Source {
    fn read(bytes: &[u8]) -> Result<Self, String> {
        let mut decoder = open(bytes)?;
        let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
        let decoded = DynamicImage::from_decoder(decoder).map_err(|error| error.to_string())?;
        Ok(Self {
            picture: flatten(decoded),
            orientation,
        })
    }

    /// Width and height as the picture is meant to be seen.
    fn sides(&self) -> (u32, u32) {
        let (width, height) = self.picture.dimensions();
        if turns(self.orientation) {
            (height, width)
        } else {
            (width, height)
        }
    }

    /// The middle of the picture at `width`×`height` pixels.
    fn cover(&self, width: u32, height: u32) -> Result<RgbImage, String> {
        let (across, down) = if turns(self.orientation) {
            (height, width)
        } else {
            (width, height)
        };
        let mut small = DynamicImage::ImageRgb8(resized(&self.picture, across, down)?);
        small.apply_orientation(self.orientation);
        Ok(small.into_rgb8())
    }
}

/// The picture's middle so blurred and darkened that the picture itself stands out from it.
fn surround(source: &Source, width: u32, height: u32) -> Result<RgbImage, String> {
    let side = |length: u32| (length * SURROUND_PIXELS / width.max(height)).max(2);
    let small = source.cover(side(width), side(height))?;
    let mut soft = imageops::fast_blur(&small, SURROUND_BLUR);
    for level in soft.iter_mut() {
        *level = (u32::from(*level) * SURROUND_LIGHT / 256) as u8;
    }
    resized(&soft, width, height)
}

/// Width and height by the header alone. The bounds are left to the caller, who can name them.
fn sides(bytes: &[u8]) -> Result<(u32, u32), String> {
    let decoder = reader(bytes)?.into_decoder().map_err(|error| error.to_string())?;
    Ok(decoder.dimensions())
}

fn open(bytes: &[u8]) -> Result<impl ImageDecoder + '_, String> {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_PICTURE_SIDE);
    limits.max_image_height = Some(MAX_PICTURE_SIDE);
    limits.max_alloc = Some(MAX_DECODED_BYTES);
    let mut reader = reader(bytes)?;
    reader.limits(limits);
    reader.into_decoder().map_err(|error| error.to_string())
}

fn reader(bytes: &[u8]) -> Result<ImageReader<Cursor<&[u8]>>, String> {
    let reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|error| error.to_string())?;
    match reader.format() {
        Some(ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP) => {}
        Some(other) => return Err(format!("{other:?}")),
        None => return Err("an unknown format".to_owned()),
    }
    Ok(reader)
}

/// Lays transparent pictures over a neutral grey and gives up every depth but eight bits.
fn flatten(picture: DynamicImage) -> RgbImage {
    const GREY: u32 = 44;
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let picture = picture.into_rgba8();
    let (width, height) = picture.dimensions();
    let mut data = picture.into_raw();
    let pixels = data.len() / 4;
    for at in 0..pixels {
        let alpha = u32::from(data[at * 4 + 3]);
        for part in 0..3 {
            let mixed = (u32::from(data[at * 4 + part]) * alpha + GREY * (255 - alpha) + 127) / 255;
            data[at * 3 + part] = mixed as u8;
        }
    }
    data.truncate(pixels * 3);
    RgbImage::from_raw(width, height, data).expect("three bytes are left of every pixel")
}

/// Cuts the middle of a picture to a shape and scales it. The type of the pixels is said, so that the
/// scaler is compiled for this one and not for all eleven.
pub(crate) fn resized(picture: &RgbImage, width: u32, height: u32) -> Result<RgbImage, String> {
    let (from_width, from_height) = picture.dimensions();
    let source = TypedImageRef::<U8x3>::from_buffer(from_width, from_height, picture.as_raw())
        .map_err(|error| error.to_string())?;
    let mut pixels = vec![0; width as usize * height as usize * 3];
    let mut target =
        TypedImage::<U8x3>::from_buffer(width, height, &mut pixels).map_err(|error| error.to_string())?;
    let options = ResizeOptions::new()
        .fit_into_destination(Some((0.5, 0.5)))
        .resize_alg(ResizeAlg::Convolution(FilterType::CatmullRom));
    Resizer::new()
        .resize_typed(&source, &mut target, Some(&options))
        .map_err(|error| error.to_string())?;
    RgbImage::from_raw(width, height, pixels).ok_or_else(|| "a picture of another size".to_owned())
}

fn planes(picture: &RgbImage) -> Frame {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let mut frame = Frame::new(width, height);
    let pixels = picture.as_raw();
    for (out, pixel) in frame.y.iter_mut().zip(pixels.chunks_exact(3)) {
        *out = luma([pixel[0], pixel[1], pixel[2]].map(i32::from), 255);
    }
    for row in 0..height / 2 {
        for column in 0..width / 2 {
            let at = row * 2 * width * 3 + column * 6;
            let sum = |part: usize| -> i32 {
                let places = [at, at + 3, at + width * 3, at + width * 3 + 3];
                places.iter().map(|place| i32::from(pixels[place + part])).sum()
            };
            let rgb = [sum(0), sum(1), sum(2)];
            frame.u[row * (width / 2) + column] = chroma_u(rgb, 1020, 4);
            frame.v[row * (width / 2) + column] = chroma_v(rgb, 1020, 4);
        }
    }
    frame
}
