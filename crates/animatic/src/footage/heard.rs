//! Sounds that come with a wish, as samples at the renderer's rate: WAV, MP3, AAC and the sound of clips. Mixes
//! nothing.

use std::io::Cursor;

use hound::{SampleFormat, WavReader};
use nanomp3::SliceReader;
use syom::DecodeOptions;

use super::{MAX_CLIP_BYTES, MAX_SOUND_FILE_BYTES, MAX_SOUND_FILE_MS, sound_kind};
use crate::aac::RATE;
use crate::sound::Stereo;
use crate::wish::WishError;

/// The slowest and the fastest clock of a sound that is read, in hertz.
const RATES: std::ops::RangeInclusive<u32> = 8_000..=192_000;
/// The most channels of a sound that is read; of more than two the first two are heard.
const MAX_CHANNELS: usize = 8;
/// What is read, as errors say it.
const READABLE: &str = "WAV, MP3, or AAC in M4A, MP4 or ADTS";

/// Samples as they were decoded.
struct Decoded {
    rate: u32,
    channels: Vec<Vec<f32>>,
}

/// The sound of a sound file that came in a field of a wish.
pub(crate) fn of_file(field: &str, bytes: &[u8]) -> Result<Stereo, WishError> {
    if bytes.len() > MAX_SOUND_FILE_BYTES {
        let allowed = format!("at most {MAX_SOUND_FILE_BYTES} bytes");
        return Err(WishError::new(field, format!("{} bytes", bytes.len()), allowed));
    }
    let decoded = if bytes.starts_with(b"RIFF") {
        wav(bytes)
    } else if syom::sniff_is_isobmff(bytes) || syom::sniff_is_adts(bytes) {
        aac(bytes)
    } else if nanomp3::detect(bytes) {
        mp3(bytes)
    } else {
        Err("a file of an unknown kind".to_owned())
    };
    decoded
        .and_then(even)
        .map_err(|why| WishError::new(field, why, READABLE))
}

/// The sound of a clip that came in a field of a wish; `None` where it has none.
pub(crate) fn of_clip(field: &str, bytes: &[u8]) -> Result<Option<Stereo>, WishError> {
    let refused = |why: String| WishError::new(field, why, "AAC beside the pictures, or no sound");
    if bytes.len() > MAX_CLIP_BYTES {
        return Err(refused(format!("{} bytes", bytes.len())));
    }
    let media = mp4parse::read_mp4(&mut &bytes[..])
        .map_err(|error| refused(format!("no readable file ({error:?})")))?;
    match sound_kind(&media) {
        None => Ok(None),
        Some(Err(kind)) => Err(refused(kind)),
        Some(Ok(())) => aac(bytes).and_then(even).map(Some).map_err(refused),
    }
}

fn wav(bytes: &[u8]) -> Result<Decoded, String> {
    let mut reader = WavReader::new(Cursor::new(bytes)).map_err(|error| error.to_string())?;
    let spec = reader.spec();
    let channels = usize::from(spec.channels);
    if !(1..=MAX_CHANNELS).contains(&channels) {
        return Err(format!("{channels} channels"));
    }
    let most = longest(spec.sample_rate)? * channels;
    let mut decoded = vec![Vec::new(); channels];
    let mut put = |at: usize, value: f32| decoded[at % channels].push(value);
    match spec.sample_format {
        SampleFormat::Float => {
            for (at, sample) in reader.samples::<f32>().take(most).enumerate() {
                put(at, sample.map_err(|error| error.to_string())?);
            }
        }
        SampleFormat::Int => {
            let full = (1_i64 << (spec.bits_per_sample.clamp(8, 32) - 1)) as f32;
            for (at, sample) in reader.samples::<i32>().take(most).enumerate() {
                put(at, sample.map_err(|error| error.to_string())? as f32 / full);
            }
        }
    }
    Ok(Decoded {
        rate: spec.sample_rate,
        channels: decoded,
    })
}

fn mp3(bytes: &[u8]) -> Result<Decoded, String> {
    let mut reader = SliceReader::<f32>::new(bytes);
    let (rate, channels) = (reader.sample_rate(), reader.channels());
    let channels = match channels {
        Some(nanomp3::Channels::Mono) => 1,
        Some(nanomp3::Channels::Stereo) => 2,
        _ => return Err("a file without sound".to_owned()),
    };
    let most = longest(rate)? * channels;
    let mut decoded = vec![Vec::new(); channels];
    let mut taken = 0;
    while taken < most {
        let samples = reader.read_frame().map_err(|error| format!("{error:?}"))?;
        let Some(samples) = samples else {
            break;
        };
        for (at, sample) in samples.iter().enumerate() {
            decoded[at % channels].push(*sample);
        }
        taken += samples.len();
    }
    Ok(Decoded {
        rate,
        channels: decoded,
    })
}

fn aac(bytes: &[u8]) -> Result<Decoded, String> {
    let options = DecodeOptions::audio().with_max_duration_secs(f64::from(MAX_SOUND_FILE_MS) / 1000.0 + 1.0);
    let decoded = syom::decode_with(bytes, &options).map_err(|error| error.to_string())?;
    Ok(Decoded {
        rate: decoded.sample_rate,
        channels: decoded.channels,
    })
}

/// How many samples of a channel are read at a rate.
fn longest(rate: u32) -> Result<usize, String> {
    if RATES.contains(&rate) {
        Ok((u64::from(rate) * u64::from(MAX_SOUND_FILE_MS) / 1000) as usize)
    } else {
        Err(format!("{rate} samples a second"))
    }
}

/// Two channels at the renderer's rate.
fn even(decoded: Decoded) -> Result<Stereo, String> {
    let most = longest(decoded.rate)?;
    let mut channels = decoded.channels.into_iter().take(2);
    let Some(left) = channels.next().filter(|channel| !channel.is_empty()) else {
        return Err("a file without sound".to_owned());
    };
    let right = channels.next().filter(|channel| channel.len() == left.len());
    let turned = |mut channel: Vec<f32>| {
        channel.truncate(most);
        // What is no number, or beyond all measure, would spoil everything it is mixed with.
        for sample in &mut channel {
            *sample = if sample.is_finite() {
                sample.clamp(-1.0, 1.0)
            } else {
                0.0
            };
        }
        resampled(channel, decoded.rate)
    };
    let left = turned(left);
    let right = right.map_or_else(|| left.clone(), turned);
    Ok(Stereo { left, right })
}

/// A channel at the renderer's rate, by the cubic through the four samples around every place.
fn resampled(channel: Vec<f32>, rate: u32) -> Vec<f32> {
    if rate == RATE {
        return channel;
    }
    let count = channel.len() as u64 * u64::from(RATE) / u64::from(rate);
    let step = f64::from(rate) / f64::from(RATE);
    let level = |at: i64| channel[at.clamp(0, channel.len() as i64 - 1) as usize];
    (0..count)
        .map(|at| {
            let place = at as f64 * step;
            let (here, share) = (place as i64, place.fract() as f32);
            let [before, from, to, after] = [-1, 0, 1, 2].map(|ahead| level(here + ahead));
            let slope = (to - before) * 0.5;
            let bend = before - 2.5 * from + 2.0 * to - 0.5 * after;
            let twist = (after - before) * 0.5 + (from - to) * 1.5;
            ((twist * share + bend) * share + slope) * share + from
        })
        .collect()
}
