//! Clips and sounds that come with a wish: what they are, by their index alone. Frames are decoded in
//! `footage/projector.rs`, sounds in `footage/heard.rs`. Makes nothing of its own.
//!
//! The boxes are read by `mp4parse`, which is made for bytes of unknown origin; nothing here trusts a number in
//! them. Only H.264 in MP4 or MOV is read.

mod heard;
mod projector;

pub(crate) use heard::{of_clip, of_file};
pub(crate) use projector::Projector;

use std::ops::Range;

use mp4parse::unstable::{CheckedInteger, create_sample_table};
use mp4parse::{
    AudioCodecSpecific, CodecType, MediaContext, SampleEntry, Track, TrackType, VideoCodecSpecific,
};

use crate::RenderError;
use crate::still::{Picture, colours};
use crate::wish::{MAX_SIDE, MIN_SIDE, WishError};

/// The largest clip that is read, in bytes.
pub const MAX_CLIP_BYTES: usize = 200 * 1024 * 1024;
/// The longest clip that is read, in milliseconds.
pub const MAX_CLIP_MS: u32 = 300_000;
/// The most frames of a clip that is read.
pub const MAX_CLIP_FRAMES: usize = 36_000;
/// The longest side of a clip that is read, in pixels.
pub const MAX_CLIP_SIDE: u32 = 4096;
/// The largest sound file that is read, in bytes.
pub const MAX_SOUND_FILE_BYTES: usize = 64 * 1024 * 1024;
/// The longest sound that is read, in milliseconds; what is longer is cut there.
pub const MAX_SOUND_FILE_MS: u32 = 300_000;

/// What is read, as errors say it.
const READABLE: &str = "H.264 in MP4 or MOV";

/// What a clip is, without a frame of it decoded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Facts {
    /// Width in pixels as it is shown, turned the way the file says.
    pub width: u32,
    /// Height in pixels as it is shown.
    pub height: u32,
    /// Length of its pictures in milliseconds.
    pub duration_ms: u32,
    /// Number of frames.
    pub frames: u32,
    /// Frames per second on average.
    pub fps: f32,
    /// Whether there is a sound track.
    pub has_sound: bool,
    /// How far the frames are turned clockwise before they are shown: 0, 90, 180 or 270 degrees.
    pub rotation: u32,
}

/// Reads what a clip is.
///
/// # Errors
///
/// What the clip is instead, and what would be read; the field is `clip`.
pub fn probe(bytes: &[u8]) -> Result<Facts, WishError> {
    Ok(Index::read("clip", bytes)?.facts)
}

/// The frame of a clip that is shown at a moment, in milliseconds, in the clip's own size; past its end the last.
/// For covers and for pictures of what a clip shows.
///
/// # Errors
///
/// See [`RenderError`]; the field is `clip`.
pub fn frame_at(bytes: &[u8], at_ms: u32) -> Result<Picture, RenderError> {
    let facts = probe(bytes)?;
    let even = |side: u32| side.saturating_add(1) & !1;
    let sides = (even(facts.width), even(facts.height));
    let mut projector = Projector::new("clip", bytes, sides.0, sides.1)?;
    let frame = projector.at(u64::from(at_ms) * 1000)?;
    Ok(colours(frame, sides.0, sides.1))
}

/// The sides of a frame in the shape of a clip: even, within the renderer's bounds, and at most `longest` pixels
/// on the longer side.
#[must_use]
pub fn sides_like(facts: &Facts, longest: u32) -> (u32, u32) {
    let (width, height) = (facts.width.max(1), facts.height.max(1));
    let most = longest.clamp(MIN_SIDE, MAX_SIDE);
    let long = width.max(height).min(most);
    let side = |side: u32| {
        let fitted = u64::from(side) * u64::from(long) / u64::from(width.max(height));
        (fitted as u32 & !1).clamp(MIN_SIDE, most)
    };
    (side(width), side(height))
}

/// Where every frame of a clip lies in its file and when it is shown.
pub(crate) struct Index {
    pub(crate) facts: Facts,
    /// The decoder's configuration (`avcC`).
    config: Vec<u8>,
    /// The bytes of every frame, in the order of decoding.
    places: Vec<Range<usize>>,
    /// When the frames are shown, in microseconds from the first, in rising order.
    times: Vec<u64>,
}

impl Index {
    /// Reads the index of a clip that came in a field of a wish.
    pub(crate) fn read(field: &str, bytes: &[u8]) -> Result<Self, WishError> {
        if bytes.len() > MAX_CLIP_BYTES {
            let allowed = format!("at most {MAX_CLIP_BYTES} bytes");
            return Err(WishError::new(field, format!("{} bytes", bytes.len()), allowed));
        }
        let refused = |what: String| WishError::new(field, what, READABLE);
        let media = mp4parse::read_mp4(&mut &bytes[..])
            .map_err(|error| refused(format!("no readable file ({error:?})")))?;
        let film = film(&media).ok_or_else(|| refused("a file without pictures".to_owned()))?;
        let (config, sides) = entry(film).ok_or_else(|| refused(codec(bytes)))?;
        let index = Self::of(film, &media, config, sides, bytes.len());
        let index = index.map_err(|what| refused(what.to_owned()))?;
        let facts = &index.facts;
        if facts.width.max(facts.height) > MAX_CLIP_SIDE || facts.width.min(facts.height) < 2 {
            let allowed = format!("sides of 2 to {MAX_CLIP_SIDE} pixels");
            return Err(WishError::new(
                field,
                format!("{}x{}", facts.width, facts.height),
                allowed,
            ));
        }
        if facts.duration_ms > MAX_CLIP_MS {
            let allowed = format!("at most {MAX_CLIP_MS} milliseconds");
            return Err(WishError::new(
                field,
                format!("{} milliseconds", facts.duration_ms),
                allowed,
            ));
        }
        Ok(index)
    }

    fn of(
        film: &Track,
        media: &MediaContext,
        config: Vec<u8>,
        (width, height): (u32, u32),
        bytes: usize,
    ) -> Result<Self, &'static str> {
        let ticks = film.timescale.map_or(0, |scale| scale.0);
        if ticks == 0 {
            return Err("a file without a clock");
        }
        if !countable(film) {
            return Err("a file with too many frames");
        }
        let table =
            create_sample_table(film, CheckedInteger(0)).ok_or("a file without an index of its frames")?;
        if table.is_empty() {
            return Err("a file without frames in its index, as fragmented ones are");
        }
        if table.len() > MAX_CLIP_FRAMES {
            return Err("a file with too many frames");
        }
        let places: Option<Vec<Range<usize>>> = table
            .iter()
            .map(|frame| place(frame.start_offset.0, frame.end_offset.0, bytes))
            .collect();
        let places = places.ok_or("a file whose index leads beyond its end")?;
        let mut shown: Vec<i64> = table.iter().map(|frame| frame.start_composition.0).collect();
        shown.sort_unstable();
        let first = shown[0];
        let micros = |at: i64| {
            let since = u128::from(at.abs_diff(first)) * 1_000_000 / u128::from(ticks);
            u64::try_from(since).unwrap_or(u64::MAX)
        };
        let end = table
            .iter()
            .map(|frame| frame.end_composition.0)
            .max()
            .unwrap_or(first);
        let duration_ms = u32::try_from(micros(end.max(first)).div_ceil(1000)).unwrap_or(u32::MAX);
        let rotation = film
            .tkhd
            .as_ref()
            .map_or(0, |head| turn(head.matrix.a, head.matrix.b));
        let (width, height) = if rotation.is_multiple_of(180) {
            (width, height)
        } else {
            (height, width)
        };
        let frames = places.len() as u32;
        Ok(Self {
            facts: Facts {
                width,
                height,
                duration_ms,
                frames,
                fps: frames as f32 * 1000.0 / duration_ms.max(1) as f32,
                has_sound: media.tracks.iter().any(sounds),
                rotation,
            },
            config,
            places,
            times: shown.into_iter().map(micros).collect(),
        })
    }
}

/// The first track of pictures.
fn film(media: &MediaContext) -> Option<&Track> {
    media
        .tracks
        .iter()
        .find(|track| track.track_type == TrackType::Video)
}

fn sounds(track: &Track) -> bool {
    track.track_type == TrackType::Audio
}

/// The configuration and the sides of a track of H.264; `None` for any other kind.
fn entry(film: &Track) -> Option<(Vec<u8>, (u32, u32))> {
    let entries = film.stsd.as_ref()?.descriptions.iter();
    let mut videos = entries.filter_map(|entry| match entry {
        SampleEntry::Video(video) => Some(video),
        SampleEntry::Audio(_) | SampleEntry::Unknown => None,
    });
    let video = videos.next()?;
    match (&video.codec_specific, video.codec_type) {
        (VideoCodecSpecific::AVCConfig(config), CodecType::H264) => {
            Some((config.to_vec(), (u32::from(video.width), u32::from(video.height))))
        }
        _ => None,
    }
}

/// What a clip's pictures call themselves, for an error alone.
fn codec(bytes: &[u8]) -> String {
    /// From the name of the list of kinds to the name of its first kind, in bytes.
    const AHEAD: usize = 16;
    let find = |name: &[u8], from: usize| {
        let part = bytes.get(from..)?;
        Some(from + part.windows(4).position(|here| here == name)?)
    };
    let name = find(b"vmhd", 0)
        .and_then(|at| find(b"stsd", at))
        .and_then(|at| bytes.get(at + AHEAD..at + AHEAD + 4));
    match name {
        Some(name) if name.iter().all(|byte| byte.is_ascii_graphic()) => {
            String::from_utf8_lossy(name).into_owned()
        }
        _ => "an unknown codec".to_owned(),
    }
}

/// Whether the index of a track can be laid out: a few bytes may claim billions of frames.
fn countable(film: &Track) -> bool {
    let (Some(runs), Some(chunks)) = (&film.stsc, &film.stco) else {
        return true;
    };
    let most = runs
        .samples
        .iter()
        .map(|run| run.samples_per_chunk)
        .max()
        .unwrap_or(0);
    let all = u64::from(most).saturating_mul(chunks.offsets.len() as u64);
    // Chunks may differ in their number of frames, so this is an upper bound and wider than the true one.
    all <= MAX_CLIP_FRAMES as u64 * 16
}

/// A frame's bytes, if they lie in the file.
fn place(start: u64, end: u64, bytes: usize) -> Option<Range<usize>> {
    let (start, end) = (usize::try_from(start).ok()?, usize::try_from(end).ok()?);
    (start < end && end <= bytes).then_some(start..end)
}

/// Degrees clockwise of the matrix of a track's header, which knows quarter turns only.
fn turn(a: i32, b: i32) -> u32 {
    match (a.signum(), b.signum()) {
        (0, 1) => 90,
        (-1, 0) => 180,
        (0, -1) => 270,
        _ => 0,
    }
}

/// Whether the sound of a clip can be read, and what it is otherwise. `None` where there is none.
fn sound_kind(media: &MediaContext) -> Option<Result<(), String>> {
    let track = media.tracks.iter().find(|track| sounds(track))?;
    let entry = track.stsd.as_ref().and_then(|list| list.descriptions.first());
    let kind = match entry {
        Some(SampleEntry::Audio(audio)) => match &audio.codec_specific {
            AudioCodecSpecific::ES_Descriptor(descriptor) if descriptor.audio_codec == CodecType::AAC => {
                Ok(())
            }
            _ => Err(format!("sound of the kind {:?}", audio.codec_type)),
        },
        _ => Err("sound of an unknown kind".to_owned()),
    };
    Some(kind)
}
