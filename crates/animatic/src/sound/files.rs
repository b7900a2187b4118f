//! Sounds as files by themselves: WAV for working with, MP3 for listening. Makes no sound itself.

use std::io::Cursor;

use hound::{SampleFormat, WavSpec, WavWriter};
use rusty_mp3::{Mp3Encoder, Mp3EncoderConfig};

use super::Stereo;
use crate::RenderError;
use crate::aac::RATE;

/// Bits of one sample in a WAV file.
const BITS: u16 = 16;
/// The constant rate of MP3 files, in kilobits a second.
const KILOBITS: u32 = 192;
/// Pairs of samples that are handed to the encoder at a time.
const BLOCK: usize = 16 * 1024;

/// Writes a WAV file: 16 bits, stereo, as many samples as there are.
///
/// # Errors
///
/// [`RenderError::Encoder`], which no sound within bounds is known to cause.
pub(super) fn wav(sound: &Stereo) -> Result<Vec<u8>, RenderError> {
    let form = WavSpec {
        channels: 2,
        sample_rate: RATE,
        bits_per_sample: BITS,
        sample_format: SampleFormat::Int,
    };
    let mut file = Cursor::new(Vec::new());
    let mut writer = WavWriter::new(&mut file, form).map_err(failed)?;
    for pair in sound.left.iter().zip(&sound.right) {
        for sample in [pair.0, pair.1] {
            let level = libm::roundf(sample.clamp(-1.0, 1.0) * f32::from(i16::MAX)) as i16;
            writer.write_sample(level).map_err(failed)?;
        }
    }
    writer.finalize().map_err(failed)?;
    Ok(file.into_inner())
}

/// Writes an MP3 file whose tag tells players its exact length; `proceed` is asked between blocks whether to go on.
///
/// # Errors
///
/// What `proceed` answers, and [`RenderError::Encoder`], which no sound within bounds is known to cause.
pub(super) fn mp3(
    sound: &Stereo,
    proceed: &mut dyn FnMut() -> Result<(), RenderError>,
) -> Result<Vec<u8>, RenderError> {
    let mut encoder = Mp3Encoder::new(Mp3EncoderConfig {
        bitrate_kbps: KILOBITS,
        vbr_quality: None,
    });
    let mut block = Vec::with_capacity(BLOCK * 2);
    for (left, right) in sound.left.chunks(BLOCK).zip(sound.right.chunks(BLOCK)) {
        proceed()?;
        block.clear();
        block.extend(left.iter().zip(right).flat_map(|(left, right)| [*left, *right]));
        encoder.push_pcm_f32(&block, 2, RATE).map_err(failed)?;
    }
    encoder.finish();
    let mut file = Vec::new();
    loop {
        match encoder.next_packet() {
            Ok(packet) => file.extend_from_slice(&packet),
            Err(rusty_mp3::Error::Eof | rusty_mp3::Error::Again) => return Ok(file),
            Err(error) => return Err(failed(error)),
        }
    }
}

fn failed(error: impl std::fmt::Display) -> RenderError {
    RenderError::Encoder(error.to_string())
}
