//! What is recognised in a picture: its subject, a head, a face, clothes, each as a mask; faces as pieces of it.
//! Works by colour and shape alone and knows nobody.

use image::imageops;

use super::faces::{faces, skin};
use super::mask::{Mask, PixelBox};
use super::segment::{Small, subject};
use super::{image_of, picture_of, read};
use crate::render::RenderError;
use crate::still::Picture;
use crate::wish::WishError;

/// The longer side of the small picture that is looked at, in pixels.
const LONG: u32 = 192;
/// How far a head reaches beyond its face: above it and to each side, in heights and widths of the face.
const HEAD: (f32, f32) = (0.55, 0.3);
/// Clothes cover at least this share of the picture.
const CLOTHES: f32 = 0.01;
/// How far the piece of a picture around a face reaches beyond it, in its sides.
const AROUND: f32 = 0.35;

/// What was found in a picture. Every mask has the picture's size; one of nothing is black.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recognised {
    /// What stands before the ground.
    pub object: Mask,
    /// The head of the largest face, with its hair.
    pub head: Mask,
    /// The largest face.
    pub face: Mask,
    /// What is worn below that face.
    pub clothes: Mask,
}

/// A face in a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Face {
    /// Where it is, in pixels.
    pub area: PixelBox,
    /// The piece of the picture around it.
    pub picture: Picture,
    /// Whether no face was found, and this is the whole picture instead.
    pub whole_frame: bool,
}

/// Recognises the parts of a picture given as a PNG, JPEG or WebP file.
///
/// # Errors
///
/// For bytes that are no picture within bounds.
pub fn recognise(picture: &[u8]) -> Result<Recognised, WishError> {
    let picture = read("picture", picture)?;
    let small = Small::of(&picture, LONG);
    let (width, height) = (small.width, small.height);
    let nothing = || Mask::empty(width, height);
    let found = faces(&small);
    let (face_area, face) = match found.into_iter().next() {
        Some((area, face)) => (Some(area), face),
        None => (None, nothing()),
    };
    let mut object = subject(&picture).unwrap_or_else(nothing);
    if face_area.is_some_and(|_| overlap(&object, &face) < 0.2) && object.share() < 0.05 {
        object.join(&face);
    }
    let (mut head, mut clothes) = (nothing(), nothing());
    if let Some(area) = face_area {
        let (above, beside) = (area.height as f32 * HEAD.0, area.width as f32 * HEAD.1);
        let (top, bottom) = (area.top as f32 - above, area.bottom() as f32);
        let (left, right) = (area.left as f32 - beside, area.right() as f32 + beside);
        head = Mask::where_is(width, height, |x, y| {
            let (across, down) = (x as f32 + 0.5, y as f32 + 0.5);
            let near = across > left && across < right && down > top && down < bottom;
            face.is_within(x, y) || near && object.is_within(x, y)
        });
        let skin = skin(&small);
        clothes = Mask::where_is(width, height, |x, y| {
            y >= area.bottom() && object.is_within(x, y) && !skin.is_within(x, y)
        });
        clothes = clothes.rounded(1);
        if clothes.share() < CLOTHES {
            clothes = nothing();
        }
    }
    let (width, height) = picture.dimensions();
    Ok(Recognised {
        object: object.sized(width, height),
        head: head.sized(width, height),
        face: face.sized(width, height),
        clothes: clothes.sized(width, height),
    })
}

/// How much of the second mask lies within the first.
fn overlap(first: &Mask, second: &Mask) -> f32 {
    let both = first
        .levels
        .iter()
        .zip(&second.levels)
        .filter(|(one, other)| **one > 0 && **other > 0);
    let second = second.levels.iter().filter(|level| **level > 0).count();
    both.count() as f32 / second.max(1) as f32
}

/// The faces of a picture, the largest first; where none is found, one that is the whole picture.
#[must_use]
pub fn find_faces(picture: &Picture) -> Vec<Face> {
    let image = image_of(picture.clone());
    let small = Small::of(&image, LONG);
    let (width, height) = image.dimensions();
    let mut found = Vec::new();
    for (area, _) in faces(&small) {
        let area = area.scaled((small.width, small.height), (width, height));
        let (beside, above) = (
            (area.width as f32 * AROUND) as u32,
            (area.height as f32 * AROUND) as u32,
        );
        let (left, top) = (area.left.saturating_sub(beside), area.top.saturating_sub(above));
        let (right, bottom) = (
            (area.right() + beside).min(width),
            (area.bottom() + above).min(height),
        );
        let piece = imageops::crop_imm(&image, left, top, right - left, bottom - top).to_image();
        found.push(Face {
            area,
            picture: picture_of(piece),
            whole_frame: false,
        });
    }
    if found.is_empty() {
        found.push(Face {
            area: PixelBox {
                left: 0,
                top: 0,
                width,
                height,
            },
            picture: picture.clone(),
            whole_frame: true,
        });
    }
    found
}

/// [`find_faces`] in a picture given as a PNG, JPEG or WebP file.
///
/// # Errors
///
/// For bytes that are no picture within bounds.
pub fn identify_faces(picture: &[u8]) -> Result<Vec<Face>, RenderError> {
    Ok(find_faces(&picture_of(read("picture", picture)?)))
}
