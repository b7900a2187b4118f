//! Samples to AAC-LC: the encoder's settings and the shape its output is kept in. Makes no sound itself.

use syom::{EncodeOptions, Encoder};

use crate::RenderError;

/// Sampling rate of every sound track, in hertz.
pub(crate) const RATE: u32 = 48_000;
/// Samples of one channel in one encoded unit.
pub(crate) const UNIT: u32 = 1024;
/// Samples the encoder puts before the first real one; the edit list of the container skips them.
pub(crate) const PRIMING: u32 = 1024;
/// Bits per second of both channels together.
const BITRATE: u32 = 128_000;

/// The encoded sound.
#[derive(Debug, Default)]
pub(crate) struct Track {
    pub(crate) bytes: Vec<u8>,
    /// Size of every unit in bytes.
    pub(crate) sizes: Vec<u32>,
    /// The decoder's configuration (`AudioSpecificConfig`).
    pub(crate) config: Vec<u8>,
    /// Samples of one channel that are to be heard.
    pub(crate) samples: u32,
}

/// Encodes blocks of stereo samples one after the other.
pub(crate) struct Recorder {
    encoder: Encoder,
    track: Track,
}

impl Recorder {
    pub(crate) fn new() -> Result<Self, RenderError> {
        let options = EncodeOptions::raw().with_bitrate_bps(BITRATE);
        let encoder = Encoder::new(RATE, 2, &options).map_err(failed)?;
        let track = Track {
            config: encoder.asc().to_vec(),
            ..Track::default()
        };
        Ok(Self { encoder, track })
    }

    /// Takes samples between -1 and 1, as many left as right.
    pub(crate) fn take(&mut self, left: &[f32], right: &[f32]) -> Result<(), RenderError> {
        let track = &mut self.track;
        let taken = self.encoder.feed(&[left, right], |unit| {
            track.keep(unit.payload);
            Ok(())
        });
        track.samples += taken.map_err(failed)? as u32;
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Result<Track, RenderError> {
        let track = &mut self.track;
        let finished = self.encoder.finish(|unit| {
            track.keep(unit.payload);
            Ok(())
        });
        finished.map_err(failed)?;
        Ok(self.track)
    }
}

impl Track {
    fn keep(&mut self, unit: &[u8]) {
        self.bytes.extend_from_slice(unit);
        self.sizes.push(unit.len() as u32);
    }
}

fn failed(error: syom::AacError) -> RenderError {
    RenderError::Encoder(error.to_string())
}
