//! Frames of a clip, decoded one by one and brought to the frame that is wished for. Holds a handful of frames at a
//! time, never the clip.

use std::collections::VecDeque;

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::U8;
use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};
use openh264::OpenH264API;
use openh264::decoder::{DecodedYUV, Decoder, DecoderConfig, Flush};
use openh264::formats::YUVSource;

use super::{Index, READABLE};
use crate::planes::Frame;
use crate::wish::WishError;

/// A clip fills the frame, losing its edges, when its shape differs at most by this factor; otherwise it stands
/// whole between dark bars.
const NEAR_SHAPE: f64 = 1.3;
/// A frame is shown from this long before its time on, in microseconds, because clocks of files are rounded.
const EARLY: u64 = 1_000;

/// Shows a clip's frames, forward only.
pub(crate) struct Projector<'a> {
    field: String,
    bytes: &'a [u8],
    index: Index,
    decoder: Decoder,
    /// Bytes of the length before every unit of a frame.
    length: usize,
    /// The next frame to be decoded, in the order of the file.
    next: usize,
    ended: bool,
    /// Decoded and not yet shown, in the order of showing.
    waiting: VecDeque<Frame>,
    /// The frame that is shown, as it was decoded, and its number in the order of showing.
    shown: Frame,
    number: usize,
    /// The shown frame in the size that is wished for, and whether it still has to be brought to it.
    fitted: Frame,
    stale: bool,
    units: Vec<u8>,
    resizer: Resizer,
}

impl<'a> Projector<'a> {
    /// Opens a clip of a field for frames of the given sides, which must be even, and decodes its first frame.
    pub(crate) fn new(field: &str, bytes: &'a [u8], width: u32, height: u32) -> Result<Self, WishError> {
        let index = Index::read(field, bytes)?;
        let config = DecoderConfig::new().flush_after_decode(Flush::NoFlush);
        let decoder = Decoder::with_api_config(OpenH264API::from_source(), config)
            .map_err(|error| WishError::new(field, error, READABLE))?;
        let (length, sets) = sets(&index.config)
            .ok_or_else(|| WishError::new(field, "a file with a broken configuration", READABLE))?;
        let mut projector = Self {
            field: field.to_owned(),
            bytes,
            index,
            decoder,
            length,
            next: 0,
            ended: false,
            waiting: VecDeque::new(),
            shown: Frame::new(2, 2),
            number: 0,
            fitted: Frame::new(width as usize, height as usize),
            stale: true,
            units: sets,
            resizer: Resizer::new(),
        };
        let Some(first) = projector.following()? else {
            return Err(projector.refused("a file of which no frame can be decoded"));
        };
        projector.shown = first;
        Ok(projector)
    }

    /// What the clip is.
    pub(crate) fn facts(&self) -> super::Facts {
        self.index.facts
    }

    /// The frame shown at a moment in microseconds. Moments must not go back; past the end it is the last frame.
    pub(crate) fn at(&mut self, micros: u64) -> Result<&Frame, WishError> {
        while self
            .index
            .times
            .get(self.number + 1)
            .is_some_and(|time| *time <= micros.saturating_add(EARLY))
        {
            let Some(frame) = self.following()? else {
                break;
            };
            self.shown = frame;
            self.number += 1;
            self.stale = true;
        }
        if self.stale {
            let turned;
            let upright = match self.index.facts.rotation {
                0 => &self.shown,
                quarter => {
                    turned = rotated(&self.shown, quarter);
                    &turned
                }
            };
            fit(upright, &mut self.fitted, &mut self.resizer)
                .map_err(|why| WishError::new(&self.field, why, READABLE))?;
            self.stale = false;
        }
        Ok(&self.fitted)
    }

    /// Decodes until one more frame can be shown; `None` at the end.
    fn following(&mut self) -> Result<Option<Frame>, WishError> {
        while self.waiting.is_empty() && !self.ended {
            let Some(place) = self.index.places.get(self.next).cloned() else {
                self.ended = true;
                let rest = self.decoder.flush_remaining();
                let rest = rest.map(|frames| frames.iter().filter_map(copied).collect::<Vec<_>>());
                match rest {
                    Ok(rest) => self.waiting.extend(rest),
                    Err(error) => return Err(self.refused(&format!("a file that breaks off ({error})"))),
                }
                break;
            };
            if !append_units(&mut self.units, &self.bytes[place], self.length) {
                return Err(self.refused("a file with broken frames"));
            }
            self.next += 1;
            let decoded = self.decoder.decode(&self.units);
            let decoded = decoded.map(|frame| frame.as_ref().and_then(copied));
            self.units.clear();
            match decoded {
                Ok(Some(frame)) => self.waiting.push_back(frame),
                Ok(None) => {}
                Err(error) => {
                    let what = format!("a file whose frame {} cannot be decoded ({error})", self.next);
                    return Err(self.refused(&what));
                }
            }
        }
        Ok(self.waiting.pop_front())
    }

    fn refused(&self, what: &str) -> WishError {
        WishError::new(
            &self.field,
            what,
            "H.264 in MP4 or MOV: 8 bits, 4:2:0, progressive",
        )
    }
}

/// How long the lengths before units are, and the parameter sets in the decoder's own manner.
fn sets(config: &[u8]) -> Option<(usize, Vec<u8>)> {
    let length = usize::from(config.get(4)? & 3) + 1;
    let mut out = Vec::new();
    let mut rest = config.get(5..)?;
    for mask in [0x1f_u8, 0xff] {
        let (count, after) = rest.split_first()?;
        rest = after;
        for _ in 0..count & mask {
            let size = usize::from(u16::from_be_bytes([*rest.first()?, *rest.get(1)?]));
            push_unit(&mut out, rest.get(2..2 + size)?);
            rest = rest.get(2 + size..)?;
        }
    }
    Some((length, out))
}

fn push_unit(out: &mut Vec<u8>, unit: &[u8]) {
    out.extend_from_slice(&[0, 0, 0, 1]);
    out.extend_from_slice(unit);
}

/// Appends the units of one frame; false where their lengths do not add up.
fn append_units(out: &mut Vec<u8>, mut frame: &[u8], length: usize) -> bool {
    while !frame.is_empty() {
        let Some((head, rest)) = frame.split_at_checked(length) else {
            return false;
        };
        let size = head
            .iter()
            .fold(0usize, |size, byte| size << 8 | usize::from(*byte));
        let Some((unit, rest)) = rest.split_at_checked(size) else {
            return false;
        };
        push_unit(out, unit);
        frame = rest;
    }
    true
}

/// A frame of our own from the decoder's; `None` where it has no pixels.
fn copied(from: &DecodedYUV<'_>) -> Option<Frame> {
    let (width, height) = from.dimensions();
    let (width, height) = (width & !1, height & !1);
    if width < 2 || height < 2 {
        return None;
    }
    let strides = from.strides();
    let plane = |data: &[u8], stride: usize, width: usize, height: usize| {
        let mut out = Vec::with_capacity(width * height);
        for row in 0..height {
            out.extend_from_slice(data.get(row * stride..row * stride + width)?);
        }
        Some(out)
    };
    Some(Frame {
        width,
        height,
        y: plane(from.y(), strides.0, width, height)?,
        u: plane(from.u(), strides.1, width / 2, height / 2)?,
        v: plane(from.v(), strides.2, width / 2, height / 2)?,
    })
}

/// A frame turned clockwise by 90, 180 or 270 degrees.
fn rotated(frame: &Frame, degrees: u32) -> Frame {
    let (width, height) = (frame.width, frame.height);
    let mut out = match degrees {
        180 => Frame::new(width, height),
        _ => Frame::new(height, width),
    };
    let planes = [
        (&frame.y, &mut out.y, 1),
        (&frame.u, &mut out.u, 2),
        (&frame.v, &mut out.v, 2),
    ];
    for (from, to, part) in planes {
        let (width, height) = (width / part, height / part);
        for row in 0..height {
            for column in 0..width {
                let place = match degrees {
                    180 => (height - 1 - row) * width + width - 1 - column,
                    90 => column * height + height - 1 - row,
                    _ => (width - 1 - column) * height + row,
                };
                to[place] = from[row * width + column];
            }
        }
    }
    out
}

/// Brings a frame to the sides of another: a near shape is filled by its middle, another stands between bars.
fn fit(from: &Frame, to: &mut Frame, resizer: &mut Resizer) -> Result<(), String> {
    if (from.width, from.height) == (to.width, to.height) {
        to.copy_from(from);
        return Ok(());
    }
    let shape = from.width as f64 / from.height as f64;
    let wanted = to.width as f64 / to.height as f64;
    let even = |side: f64, most: usize| ((side / 4.0).round() as usize * 4).clamp(2, most);
    let (width, height) = if (shape / wanted).max(wanted / shape) <= NEAR_SHAPE {
        (to.width, to.height)
    } else if shape > wanted {
        (to.width, even(to.width as f64 / shape, to.height))
    } else {
        (even(to.height as f64 * shape, to.width), to.height)
    };
    let (left, top) = ((to.width - width) / 4 * 2, (to.height - height) / 4 * 2);
    let planes = [
        (&from.y, &mut to.y, 1, 16),
        (&from.u, &mut to.u, 2, 128),
        (&from.v, &mut to.v, 2, 128),
    ];
    let mut inner = Vec::new();
    for (plane, out, part, dark) in planes {
        let sides = (width / part, height / part);
        inner.resize(sides.0 * sides.1, 0);
        let source = (from.width / part, from.height / part);
        scale(plane, source, &mut inner, sides, resizer)?;
        let across = to.width / part;
        if sides.0 < across || sides.1 * across < out.len() {
            out.fill(dark);
        }
        let first = top / part * across + left / part;
        for (line, out) in inner.chunks_exact(sides.0).zip(out[first..].chunks_mut(across)) {
            out[..sides.0].copy_from_slice(line);
        }
    }
    Ok(())
}

/// Scales the middle of a plane to other sides.
fn scale(
    from: &[u8],
    sides: (usize, usize),
    to: &mut [u8],
    wanted: (usize, usize),
    resizer: &mut Resizer,
) -> Result<(), String> {
    let source = TypedImageRef::<U8>::from_buffer(sides.0 as u32, sides.1 as u32, from)
        .map_err(|error| error.to_string())?;
    let mut target = TypedImage::<U8>::from_buffer(wanted.0 as u32, wanted.1 as u32, to)
        .map_err(|error| error.to_string())?;
    let options = ResizeOptions::new()
        .fit_into_destination(Some((0.5, 0.5)))
        .resize_alg(ResizeAlg::Convolution(FilterType::Bilinear));
    resizer
        .resize_typed(&source, &mut target, Some(&options))
        .map_err(|error| error.to_string())
}
