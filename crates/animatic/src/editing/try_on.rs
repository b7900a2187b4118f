//! A garment put on a person: cut from its picture, laid over the part of the body that it belongs to, and shaded by
//! the folds that are there. Knows bodies only by their proportions.

use image::RgbImage;

use super::faces::faces;
use super::mask::{Mask, PixelBox};
use super::segment::{Small, cut, subject};
use super::{brightness, bytes, check_sides, mixed, picture_of, read, sample};
use crate::motion::smooth;
use crate::picture::resized;
use crate::render::RenderError;
use crate::still::Picture;

/// The longer side of the small picture that the body is measured in, in pixels.
const LONG: u32 = 192;
/// The longer side of the picture that light and shade are taken from, in pixels.
const SHADES: u32 = 40;
/// How strong they fall on the garment, at least and at most.
const SHADED: (f32, f32) = (0.72, 1.22);
/// A part of the garment's picture is a second garment when it is at least this share of the first.
const SECOND: f32 = 0.35;

/// Which part of a body a garment covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Garment {
    /// From the shoulders to the hips.
    Upper,
    /// From the hips to the feet.
    Lower,
    /// From the shoulders to below the knees.
    Dress,
}

/// A garment to be put on. Equal wishes give equal pictures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TryOnWish {
    /// The person: the bytes of a JPEG, PNG or WebP file.
    pub person: Vec<u8>,
    /// The garment, or an upper and a lower one side by side: the bytes of a JPEG, PNG or WebP file.
    pub garment: Vec<u8>,
    /// What the garment is; without it its shape tells.
    pub kind: Option<Garment>,
}

/// Puts a garment on a person; the picture has the person's size.
///
/// # Errors
///
/// For bytes that are no picture within bounds.
pub fn try_on(wish: &TryOnWish) -> Result<Picture, RenderError> {
    let mut person = read("person", &wish.person)?;
    let garment = read("garment", &wish.garment)?;
    check_sides(u64::from(person.width()), u64::from(person.height()))?;
    let body = Body::of(&person);
    let shades = shades(&person)?;
    for (mask, area, kind) in pieces(&garment, wish.kind) {
        let place = body.place(kind, area);
        lay(&mut person, &shades, &garment, &mask, area, place);
    }
    Ok(picture_of(person))
}

/// The garments of a picture: each with its mask, its place in the picture and what it is.
fn pieces(garment: &RgbImage, said: Option<Garment>) -> Vec<(Mask, PixelBox, Garment)> {
    let whole = cut(garment);
    let small = (whole.mask.width, whole.mask.height);
    let mut parts = whole.mask.parts();
    let largest = parts.first().map_or(0, |(_, count)| *count);
    parts.retain(|(_, count)| *count as f32 >= largest as f32 * SECOND);
    if let (None, [(one, _), (other, _)]) = (said, parts.as_slice())
        && let (Some(first), Some(second)) = (one.area(), other.area())
    {
        // The higher one is worn above; side by side, the longer one is worn below.
        let beside = first.top.abs_diff(second.top) < first.height.min(second.height) / 2;
        let long = |area: PixelBox| area.height as f32 / area.width as f32;
        let first_below = if beside {
            long(first) > long(second)
        } else {
            first.top > second.top
        };
        let kinds = if first_below {
            [Garment::Lower, Garment::Upper]
        } else {
            [Garment::Upper, Garment::Lower]
        };
        let piece = |mask: &Mask, area: PixelBox, kind| {
            (mask.clone(), area.scaled(small, garment.dimensions()), kind)
        };
        let mut two = vec![piece(one, first, kinds[0]), piece(other, second, kinds[1])];
        two.sort_by_key(|(_, _, kind)| *kind == Garment::Upper);
        return two;
    }
    let kind = said.unwrap_or_else(|| guessed(&whole.mask));
    vec![(whole.mask, whole.area, kind)]
}

/// What a garment is by its outline: trousers are long and open between the legs, a dress is long and closed.
fn guessed(mask: &Mask) -> Garment {
    let Some(area) = mask.area() else {
        return Garment::Upper;
    };
    let shape = area.height as f32 / area.width as f32;
    let row = area.top + area.height * 4 / 5;
    let wide = (area.left..area.right())
        .filter(|x| mask.is_within(*x, row))
        .count();
    let span = area.left + area.width * 2 / 5..area.left + area.width * 3 / 5;
    let open = span.clone().filter(|x| !mask.is_within(*x, row)).count() * 4 > span.len() && wide > 2;
    if shape > 1.15 && open {
        Garment::Lower
    } else if shape > 1.5 {
        Garment::Dress
    } else {
        Garment::Upper
    }
}

/// Where a body stands, in pixels.
struct Body {
    middle: f32,
    shoulders: f32,
    hips: f32,
    feet: f32,
    wide: f32,
}

impl Body {
    /// Measured from the face where there is one, else from the whole figure.
    fn of(person: &RgbImage) -> Self {
        let small = Small::of(person, LONG);
        let scale = person.width() as f32 / small.width as f32;
        let figure = subject(person).and_then(|mask| mask.area());
        let bottom = figure.map_or(small.height, PixelBox::bottom) as f32;
        if let Some((face, _)) = faces(&small).into_iter().next() {
            let (tall, chin) = (face.height as f32, face.bottom() as f32);
            let feet = (chin + tall * 6.2).min(bottom.max(chin + tall));
            let wide = tall * 2.35;
            return Self {
                middle: (face.left as f32 + face.width as f32 / 2.0) * scale,
                shoulders: (chin + tall * 0.22) * scale,
                hips: (chin + tall * 2.75) * scale,
                feet: feet * scale,
                wide: wide * scale,
            };
        }
        let figure = figure.unwrap_or(PixelBox {
            left: small.width / 4,
            top: small.height / 20,
            width: small.width / 2,
            height: small.height * 9 / 10,
        });
        let (top, tall) = (figure.top as f32, figure.height as f32);
        // A figure that is broad for its height is cut off below the hips.
        let half = figure.width as f32 > tall * 0.62;
        let (shoulders, hips) = if half { (0.36, 1.0) } else { (0.17, 0.5) };
        Self {
            middle: (figure.left as f32 + figure.width as f32 / 2.0) * scale,
            shoulders: (top + tall * shoulders) * scale,
            hips: (top + tall * hips) * scale,
            feet: (top + tall) * scale,
            wide: figure.width as f32 * scale,
        }
    }

    /// The box that a garment is laid into: left, top, width and height in pixels. Its shape gives way a little.
    fn place(&self, kind: Garment, area: PixelBox) -> (f32, f32, f32, f32) {
        let shape = area.height as f32 / area.width as f32;
        let (top, bottom, wide) = match kind {
            Garment::Upper => (self.shoulders, self.hips, self.wide * 1.05),
            Garment::Lower => (self.hips, self.feet, self.wide * 0.72),
            Garment::Dress => (
                self.shoulders,
                self.hips + (self.feet - self.hips) * 0.62,
                self.wide,
            ),
        };
        let tall = (bottom - top).max(4.0);
        let wide = (tall / shape).clamp(wide * 0.75, wide * 1.25).max(4.0);
        (self.middle - wide / 2.0, top, wide, tall)
    }
}

/// How much lighter or darker every part of a person is than what is around it, small.
fn shades(person: &RgbImage) -> Result<RgbImage, RenderError> {
    let (width, height) = person.dimensions();
    let side = |pixels: u32| {
        let near = u64::from(pixels) * u64::from(SHADES) / u64::from(width.max(height));
        (near as u32).max(2)
    };
    resized(person, side(width), side(height)).map_err(RenderError::Encoder)
}

/// Lays one garment over the person.
fn lay(
    person: &mut RgbImage,
    shades: &RgbImage,
    garment: &RgbImage,
    mask: &Mask,
    area: PixelBox,
    (left, top, wide, tall): (f32, f32, f32, f32),
) {
    let (width, height) = person.dimensions();
    let (from_width, from_height) = (garment.width() as f32, garment.height() as f32);
    let within = |at: f32, most: u32| at.clamp(0.0, most as f32) as u32;
    let scale = (
        shades.width() as f32 / width as f32,
        shades.height() as f32 / height as f32,
    );
    for y in within(top, height)..within(top + tall + 1.0, height) {
        for x in within(left, width)..within(left + wide + 1.0, width) {
            let (across, down) = ((x as f32 + 0.5 - left) / wide, (y as f32 + 0.5 - top) / tall);
            let from_x = area.left as f32 + across * area.width as f32;
            let from_y = area.top as f32 + down * area.height as f32;
            let edge = across.min(1.0 - across).min(down).min(1.0 - down);
            let alpha = mask.at(from_x / from_width, from_y / from_height) * smooth(edge * 40.0 + 0.5);
            if alpha <= 0.0 {
                continue;
            }
            let own = person.get_pixel(x, y).0;
            let around = sample(shades, (x as f32 + 0.5) * scale.0, (y as f32 + 0.5) * scale.1);
            let shade = (brightness(own) + 24.0) / (brightness(bytes(around)) + 24.0);
            let shade = shade.clamp(SHADED.0, SHADED.1);
            let cloth = sample(garment, from_x, from_y).map(|part| part * (0.6 + 0.4 * shade));
            person.put_pixel(x, y, image::Rgb(bytes(mixed(own.map(f32::from), cloth, alpha))));
        }
    }
}
