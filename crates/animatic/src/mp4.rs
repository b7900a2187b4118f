//! The container: encoded frames and sound to one MP4 file whose index stands before the media. Encodes nothing.

use std::ops::Range;

use crate::aac::{PRIMING, RATE, Track, UNIT};
use crate::h264::Film;
use crate::mark::{ABOUT, MADE_BY};

/// The movie's clock ticks in milliseconds, so every clip length is exact.
const MOVIE_TICKS: u32 = 1000;
/// Ticks of one video frame on the video clock of `fps * FRAME_TICKS` a second.
const FRAME_TICKS: u32 = 1000;

/// What the container must know of the clip besides its samples.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Label {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) fps: u32,
    pub(crate) duration_ms: u32,
}

/// Writes the file. `None` when its offsets do not fit 32 bits, which the bounds of a wish exclude.
pub(crate) fn write(label: Label, film: &Film, track: Option<&Track>) -> Option<Vec<u8>> {
    let plan = Plan::new(label, film, track);
    let head = file_type();
    let index = |first: u32| plan.index(label, film, track, first);
    let length = index(0).len();
    let media = film.bytes.len() + track.map_or(0, |track| track.bytes.len());
    let first = head.len() + length + 8;
    u32::try_from(first + media).ok()?;
    let mut out = Vec::with_capacity(first + media);
    out.extend_from_slice(&head);
    out.extend_from_slice(&index(first as u32));
    out.extend_from_slice(&(media as u32 + 8).to_be_bytes());
    out.extend_from_slice(b"mdat");
    for second in &plan.seconds {
        out.extend_from_slice(&film.bytes[second.film_bytes.clone()]);
        if let Some(track) = track {
            out.extend_from_slice(&track.bytes[second.track_bytes.clone()]);
        }
    }
    Some(out)
}

/// One second of both tracks, stored side by side so that a player reads the file front to back.
#[derive(Debug)]
struct Second {
    frames: u32,
    units: u32,
    film_bytes: Range<usize>,
    track_bytes: Range<usize>,
}

struct Plan {
    seconds: Vec<Second>,
}

impl Plan {
    fn new(label: Label, film: &Film, track: Option<&Track>) -> Self {
        let sizes: Vec<u32> = film.samples.iter().map(|sample| sample.size).collect();
        let units = track.map_or(&[][..], |track| &track.sizes);
        let count = sizes.len().div_ceil(label.fps as usize);
        let (mut frame, mut unit) = (0, 0);
        let (mut film_at, mut track_at) = (0, 0);
        let mut seconds = Vec::with_capacity(count);
        for second in 1..=count {
            let frames_end = (second * label.fps as usize).min(sizes.len());
            let until = second * RATE as usize / UNIT as usize;
            let units_end = if second == count {
                units.len()
            } else {
                until.min(units.len())
            };
            let film_end = film_at + total(&sizes[frame..frames_end]);
            let track_end = track_at + total(&units[unit..units_end]);
            seconds.push(Second {
                frames: (frames_end - frame) as u32,
                units: (units_end - unit) as u32,
                film_bytes: film_at..film_end,
                track_bytes: track_at..track_end,
            });
            (frame, unit, film_at, track_at) = (frames_end, units_end, film_end, track_end);
        }
        Self { seconds }
    }

    /// The `moov` box for media that starts at byte `first` of the file.
    fn index(&self, label: Label, film: &Film, track: Option<&Track>, first: u32) -> Vec<u8> {
        let (mut film_chunks, mut track_chunks) = (Vec::new(), Vec::new());
        let (mut film_offsets, mut track_offsets) = (Vec::new(), Vec::new());
        let mut at = first;
        for second in &self.seconds {
            film_chunks.push(second.frames);
            film_offsets.push(at);
            at += second.film_bytes.len() as u32;
            if second.units > 0 {
                track_chunks.push(second.units);
                track_offsets.push(at);
            }
            at += second.track_bytes.len() as u32;
        }
        let mut parts = vec![movie_header(label, track.is_some())];
        parts.push(video_track(label, film, &film_chunks, &film_offsets));
        if let Some(track) = track {
            parts.push(audio_track(label, track, &track_chunks, &track_offsets));
        }
        parts.push(notes());
        boxed(b"moov", &parts.concat())
    }
}

fn total(sizes: &[u32]) -> usize {
    sizes.iter().map(|size| *size as usize).sum()
}

fn boxed(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() + 8);
    out.extend_from_slice(&(body.len() as u32 + 8).to_be_bytes());
    out.extend_from_slice(kind);
    out.extend_from_slice(body);
    out
}

fn full(kind: &[u8; 4], version: u8, flags: u32, body: &[u8]) -> Vec<u8> {
    let head = (u32::from(version) << 24 | flags).to_be_bytes();
    boxed(kind, &[&head, body].concat())
}

/// Big-endian words in a row.
fn words(values: &[u32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_be_bytes()).collect()
}

fn file_type() -> Vec<u8> {
    boxed(b"ftyp", b"isom\x00\x00\x02\x00isomiso2avc1mp41")
}

/// What made the file and what it is, where players and catalogues look for it. Never a word of the prompt.
fn notes() -> Vec<u8> {
    const UTF8: u32 = 1;
    let note = |kind: &[u8; 4], text: &str| {
        let data = [&words(&[UTF8, 0]), text.as_bytes()].concat();
        boxed(kind, &boxed(b"data", &data))
    };
    let list = [
        note(b"\xa9too", MADE_BY),
        note(b"\xa9cmt", ABOUT),
        note(b"desc", ABOUT),
    ];
    let handler = [&[0; 4][..], b"mdirappl", &[0; 9]].concat();
    let list = [full(b"hdlr", 0, 0, &handler), boxed(b"ilst", &list.concat())].concat();
    boxed(b"udta", &full(b"meta", 0, 0, &list))
}

/// The matrix that leaves pictures as they are.
const UPRIGHT: [u32; 9] = [0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000];

fn movie_header(label: Label, sound: bool) -> Vec<u8> {
    let mut body = words(&[0, 0, MOVIE_TICKS, label.duration_ms, 0x1_0000, 0x0100_0000, 0, 0]);
    body.extend(words(&UPRIGHT));
    body.extend(words(&[0, 0, 0, 0, 0, 0, 2 + u32::from(sound)]));
    full(b"mvhd", 0, 0, &body)
}

fn track_header(id: u32, label: Label, volume: u32, width: u32, height: u32) -> Vec<u8> {
    let mut body = words(&[0, 0, id, 0, label.duration_ms, 0, 0, 0, volume << 16]);
    body.extend(words(&UPRIGHT));
    body.extend(words(&[width << 16, height << 16]));
    full(b"tkhd", 0, 3, &body)
}

fn media(
    ticks: u32,
    duration: u32,
    handler: &[u8; 4],
    name: &[u8],
    header: Vec<u8>,
    table: Vec<u8>,
) -> Vec<u8> {
    const UNDETERMINED_LANGUAGE: u32 = 0x55c4 << 16;
    let clock = full(
        b"mdhd",
        0,
        0,
        &words(&[0, 0, ticks, duration, UNDETERMINED_LANGUAGE]),
    );
    let handler = full(
        b"hdlr",
        0,
        0,
        &[&[0; 4], &handler[..], &[0; 12], name, &[0]].concat(),
    );
    let here = full(b"url ", 0, 1, &[]);
    let data = boxed(b"dinf", &full(b"dref", 0, 0, &[words(&[1]), here].concat()));
    let information = boxed(b"minf", &[header, data, boxed(b"stbl", &table)].concat());
    boxed(b"mdia", &[clock, handler, information].concat())
}

fn video_track(label: Label, film: &Film, chunks: &[u32], offsets: &[u32]) -> Vec<u8> {
    let duration = label.duration_ms * label.fps;
    let frames = film.samples.len() as u32;
    let rest = duration - (frames - 1) * FRAME_TICKS;
    let times = if rest == FRAME_TICKS {
        words(&[1, frames, FRAME_TICKS])
    } else if frames == 1 {
        words(&[1, 1, rest])
    } else {
        words(&[2, frames - 1, FRAME_TICKS, 1, rest])
    };
    let keys: Vec<u32> = (1u32..)
        .zip(&film.samples)
        .filter(|(_, sample)| sample.key)
        .map(|(at, _)| at)
        .collect();
    let sizes: Vec<u32> = film.samples.iter().map(|sample| sample.size).collect();
    let table = [
        full(b"stsd", 0, 0, &[words(&[1]), video_entry(label, film)].concat()),
        full(b"stts", 0, 0, &times),
        full(
            b"stss",
            0,
            0,
            &[words(&[keys.len() as u32]), words(&keys)].concat(),
        ),
        sample_places(&sizes, chunks, offsets),
    ];
    let header = full(b"vmhd", 0, 1, &[0; 8]);
    let media = media(
        label.fps * FRAME_TICKS,
        duration,
        b"vide",
        b"picture",
        header,
        table.concat(),
    );
    boxed(
        b"trak",
        &[track_header(1, label, 0, label.width, label.height), media].concat(),
    )
}

fn video_entry(label: Label, film: &Film) -> Vec<u8> {
    let mut body = words(&[
        0,
        1,
        0,
        0,
        0,
        0,
        label.width << 16 | label.height,
        0x48_0000,
        0x48_0000,
        0,
    ]);
    body.extend_from_slice(&[0, 1]);
    body.extend_from_slice(&[0; 32]);
    body.extend_from_slice(&[0, 24, 0xff, 0xff]);
    let (sequence, picture) = (&film.sequence_set, &film.picture_set);
    let profile = sequence.get(1..4).unwrap_or(&[0; 3]);
    let mut set = vec![1, profile[0], profile[1], profile[2], 0xff, 0xe1];
    set.extend_from_slice(&(sequence.len() as u16).to_be_bytes());
    set.extend_from_slice(sequence);
    set.push(1);
    set.extend_from_slice(&(picture.len() as u16).to_be_bytes());
    set.extend_from_slice(picture);
    if profile[0] >= 100 {
        // The high profiles say their chroma format and depths again: 4:2:0, 8 bits, no extensions.
        set.extend_from_slice(&[0xfd, 0xf8, 0xf8, 0]);
    }
    body.extend(boxed(b"avcC", &set));
    body.extend(boxed(b"colr", b"nclx\x00\x01\x00\x01\x00\x01\x00"));
    body.extend(boxed(b"pasp", &words(&[1, 1])));
    boxed(b"avc1", &body)
}

fn audio_track(label: Label, track: &Track, chunks: &[u32], offsets: &[u32]) -> Vec<u8> {
    let units = track.sizes.len() as u32;
    let duration = PRIMING + track.samples;
    let rest = duration - (units - 1) * UNIT;
    let times = if rest == UNIT {
        words(&[1, units, UNIT])
    } else {
        words(&[2, units - 1, UNIT, 1, rest])
    };
    let table = [
        full(b"stsd", 0, 0, &[words(&[1]), audio_entry(track)].concat()),
        full(b"stts", 0, 0, &times),
        sample_places(&track.sizes, chunks, offsets),
        roll(units),
    ];
    let edit = full(b"elst", 0, 0, &words(&[1, label.duration_ms, PRIMING, 0x1_0000]));
    let header = full(b"smhd", 0, 0, &[0; 4]);
    let media = media(RATE, duration, b"soun", b"sound", header, table.concat());
    let head = track_header(2, label, 0x0100, 0, 0);
    boxed(b"trak", &[head, boxed(b"edts", &edit), media].concat())
}

fn audio_entry(track: &Track) -> Vec<u8> {
    let body = words(&[0, 1, 0, 0, 2 << 16 | 16, 0, RATE << 16]);
    let bits =
        (u64::from(track.bytes.len() as u32) * 8 * u64::from(RATE) / u64::from(track.samples.max(1))) as u32;
    // Object type 0x40 is MPEG-4 audio, 0x15 says an audio stream; the buffer size is left at 6144 bits a channel.
    let config = [&[5, track.config.len() as u8][..], &track.config].concat();
    let decoder = [&[0x40, 0x15, 0, 6, 0][..], &words(&[bits, bits]), &config].concat();
    let decoder = [&[4, decoder.len() as u8][..], &decoder].concat();
    let stream = [&[0, 2, 0][..], &decoder, &[6, 1, 2]].concat();
    let stream = [&[3, stream.len() as u8][..], &stream].concat();
    boxed(b"mp4a", &[body, full(b"esds", 0, 0, &stream)].concat())
}

/// Says that a decoder needs the unit before the one it seeks to.
fn roll(units: u32) -> Vec<u8> {
    let kind = full(
        b"sgpd",
        1,
        0,
        &[&b"roll"[..], &words(&[2, 1]), &(-1i16).to_be_bytes()].concat(),
    );
    let all = full(b"sbgp", 0, 0, &[&b"roll"[..], &words(&[1, units, 1])].concat());
    [kind, all].concat()
}

fn sample_places(sizes: &[u32], chunks: &[u32], offsets: &[u32]) -> Vec<u8> {
    let mut runs: Vec<u32> = Vec::new();
    let mut last = None;
    for (at, count) in (1u32..).zip(chunks) {
        if last != Some(*count) {
            runs.extend([at, *count, 1]);
            last = Some(*count);
        }
    }
    let runs = [words(&[runs.len() as u32 / 3]), words(&runs)].concat();
    let sizes = [words(&[0, sizes.len() as u32]), words(sizes)].concat();
    let offsets = [words(&[offsets.len() as u32]), words(offsets)].concat();
    [
        full(b"stsc", 0, 0, &runs),
        full(b"stsz", 0, 0, &sizes),
        full(b"stco", 0, 0, &offsets),
    ]
    .concat()
}
