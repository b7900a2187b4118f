//! What headers of clips and sounds tell: how long they last, their sides, their frames a second. MP4 and MOV are
//! told by their `moov`, wherever in the file it stands, WAV by its header, MP3 by the headers of its frames.
//! Nothing is decoded, and what a header does not tell stays unknown; AAC without a container does not tell.

use std::io::{self, BufRead, Cursor, ErrorKind, Read as _, Seek, SeekFrom};

use domain::MediaFacts;
use mp4parse::{MediaContext, SampleEntry, Track, TrackType};

use super::HEADER_MAX_BYTES;

/// Most boxes that are stepped over until the `moov` is found.
const BOXES_MAX: usize = 64;
/// The most bytes of a WAV in which its sound begins.
const WAV_HEADER_MAX_BYTES: u64 = 1024 * 1024;
/// The longest MP3 whose frames are counted.
const MP3_MAX_BYTES: u64 = 16 * 1024 * 1024;
/// The bytes of a box's size and name, and of a long size behind them.
const BOX_HEADER_BYTES: u64 = 8;
const LONG_SIZE_BYTES: u64 = 8;

/// What the header of a clip or sound of this type tells.
///
/// # Errors
/// When the content cannot be read; a header that makes no sense tells nothing.
pub(super) fn facts(mut content: impl BufRead + Seek, content_type: &str) -> io::Result<MediaFacts> {
    let found = match content_type {
        "video/mp4" | "video/quicktime" | "video/x-m4v" | "audio/m4a" | "audio/mp4" | "audio/x-m4a" => {
            film(&mut content)
        }
        "audio/wav" | "audio/x-wav" => wav(&mut content),
        "audio/mpeg" => mp3(&mut content),
        _ => Ok(None),
    };
    match found {
        Ok(found) => Ok(found.unwrap_or_default()),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(MediaFacts::default()),
        Err(error) => Err(error),
    }
}

/// The bytes from a place on, at most so many.
fn part(content: &mut (impl BufRead + Seek), at: u64, bytes_max: u64) -> io::Result<Vec<u8>> {
    let mut part = Vec::new();
    content.seek(SeekFrom::Start(at))?;
    content.take(bytes_max).read_to_end(&mut part)?;
    Ok(part)
}

fn film(content: &mut (impl BufRead + Seek)) -> io::Result<Option<MediaFacts>> {
    let Some((at, bytes)) = movie(content)? else {
        return Ok(None);
    };
    if bytes > HEADER_MAX_BYTES {
        return Ok(None);
    }
    let header = part(content, at, bytes)?;
    let media = mp4parse::read_mp4(&mut Cursor::new(header)).ok();
    Ok(media.map(|media| told(&media)))
}

/// Where the `moov` begins and how long it is.
fn movie(content: &mut (impl BufRead + Seek)) -> io::Result<Option<(u64, u64)>> {
    let mut at = 0_u64;
    for _ in 0..BOXES_MAX {
        content.seek(SeekFrom::Start(at))?;
        let (mut size, mut name, mut long) = ([0; 4], [0; 4], [0; 8]);
        content.read_exact(&mut size)?;
        content.read_exact(&mut name)?;
        let mut least = BOX_HEADER_BYTES;
        let bytes = match u32::from_be_bytes(size) {
            // It goes on to the end of the file.
            0 => HEADER_MAX_BYTES,
            1 => {
                content.read_exact(&mut long)?;
                least += LONG_SIZE_BYTES;
                u64::from_be_bytes(long)
            }
            bytes => u64::from(bytes),
        };
        if &name == b"moov" {
            return Ok(Some((at, bytes)));
        }
        let next = at.checked_add(bytes).filter(|_| bytes >= least);
        let Some(next) = next.filter(|_| size != [0; 4]) else {
            return Ok(None);
        };
        at = next;
    }
    Ok(None)
}

fn told(media: &MediaContext) -> MediaFacts {
    let film = media
        .tracks
        .iter()
        .find(|track| track.track_type == TrackType::Video);
    let sides = film.and_then(sides);
    // Sound goes on for a moment where the pictures have ended.
    let longest = media.tracks.iter().filter_map(lasting_ms).max();
    MediaFacts {
        width: sides.map(|(width, _)| width),
        height: sides.map(|(_, height)| height),
        duration_ms: film.and_then(lasting_ms).or(longest),
        fps: film.and_then(rate),
    }
}

/// How long a track lasts, in milliseconds; a fragmented file tells it elsewhere.
fn lasting_ms(track: &Track) -> Option<u64> {
    let ticks = track.timescale.as_ref()?.0;
    let duration = track.duration.as_ref()?.0;
    let lasting_ms = u128::from(duration) * 1_000 / u128::from(Some(ticks).filter(|ticks| *ticks > 0)?);
    u64::try_from(lasting_ms)
        .ok()
        .filter(|lasting_ms| *lasting_ms > 0)
}

/// The sides as they are shown: some cameras film lying and say that it is to be turned.
fn sides(track: &Track) -> Option<(u32, u32)> {
    let head = track.tkhd.as_ref();
    let entry = track.stsd.as_ref().and_then(|list| list.descriptions.first());
    let (width, height) = match (entry, head) {
        (Some(SampleEntry::Video(video)), _) => (u32::from(video.width), u32::from(video.height)),
        (_, Some(head)) => (head.width >> 16, head.height >> 16),
        _ => return None,
    };
    if width == 0 || height == 0 {
        return None;
    }
    let is_turned = head.is_some_and(|head| head.matrix.a == 0 && head.matrix.b != 0);
    Some(if is_turned {
        (height, width)
    } else {
        (width, height)
    })
}

/// Frames a second, to the nearest whole number: 24 for 23.976.
fn rate(track: &Track) -> Option<u32> {
    let ticks = track.timescale.as_ref()?.0;
    let runs = &track.stts.as_ref()?.samples;
    let frames: u128 = runs.iter().map(|run| u128::from(run.sample_count)).sum();
    let lasting: u128 = runs
        .iter()
        .map(|run| u128::from(run.sample_count) * u128::from(run.sample_delta))
        .sum();
    if lasting == 0 {
        return None;
    }
    let rate = (frames * u128::from(ticks) + lasting / 2) / lasting;
    u32::try_from(rate).ok()
}

/// A header that promises more sound than there is, as one written while it was recorded does, tells nothing.
fn wav(content: &mut (impl BufRead + Seek)) -> io::Result<Option<MediaFacts>> {
    let bytes = content.seek(SeekFrom::End(0))?;
    let header = part(content, 0, WAV_HEADER_MAX_BYTES)?;
    let Ok(reader) = hound::WavReader::new(Cursor::new(header)) else {
        return Ok(None);
    };
    let spec = reader.spec();
    let sample_bytes = u64::from(spec.bits_per_sample).div_ceil(8) * u64::from(spec.channels);
    let samples = u64::from(reader.duration());
    if spec.sample_rate == 0 || samples.saturating_mul(sample_bytes) > bytes {
        return Ok(None);
    }
    Ok(Some(lasting(samples * 1_000 / u64::from(spec.sample_rate))))
}

fn mp3(content: &mut (impl BufRead + Seek)) -> io::Result<Option<MediaFacts>> {
    let all = part(content, 0, MP3_MAX_BYTES + 1)?;
    if all.len() as u64 > MP3_MAX_BYTES {
        return Ok(None);
    }
    let reader = nanomp3::SliceReader::<i16>::new(&all);
    let rate = u64::from(reader.sample_rate());
    let samples = reader.total_samples().filter(|samples| *samples > 0 && rate > 0);
    Ok(samples.map(|samples| lasting(samples.saturating_mul(1_000) / rate)))
}

fn lasting(duration_ms: u64) -> MediaFacts {
    MediaFacts {
        duration_ms: Some(duration_ms),
        ..MediaFacts::default()
    }
}
