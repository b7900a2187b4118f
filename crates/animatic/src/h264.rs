//! Frames to H.264: the encoder's settings and the shape its output is kept in. Knows no scene and no container.

use openh264::OpenH264API;
use openh264::Timestamp;
use openh264::encoder::{
    self, BitRate, Complexity, EncoderConfig, FrameRate, FrameType, IntraFramePeriod, Profile, QpRange,
    RateControlMode, SpsPpsStrategy, UsageType, VuiConfig,
};
use openh264::formats::YUVSlices;
use openh264_sys2::{ENCODER_OPTION_TRACE_LEVEL, WELS_LOG_QUIET};

use crate::RenderError;
use crate::planes::Frame;

/// A keyframe at least this often, in seconds: seeking stays quick.
const KEYFRAME_SECONDS: u32 = 2;
/// The encoder's aim in bits for 1000 pixels of one frame: 3.6 Mbit/s for 1280×720 at 30 frames per second.
const BITS_PER_KILOPIXEL: u64 = 130;
/// The same for given pictures, which are to be seen as they are, and have finer detail than drawn scenes.
const PICTURE_BITS_PER_KILOPIXEL: u64 = 220;
/// No clip is aimed below this, in bits per second.
const MIN_BITRATE: u64 = 250_000;
/// No clip is aimed above this, in bits per second, which bounds the bytes of the longest clip to about 150 MB.
const MAX_BITRATE: u64 = 20_000_000;
/// The bounds of the quantiser: below the lower one bits are wasted on grain, above the upper one blocks show.
const QUANTISER: (u8, u8) = (18, 38);

const NAL_SEQUENCE: u8 = 7;
const NAL_PICTURE: u8 = 8;

/// One encoded frame inside [`Film::bytes`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    pub(crate) size: u32,
    pub(crate) key: bool,
}

/// The encoded frames, each made of NAL units with four-byte lengths, and the parameter sets they need.
#[derive(Debug, Default)]
pub(crate) struct Film {
    pub(crate) bytes: Vec<u8>,
    pub(crate) samples: Vec<Sample>,
    pub(crate) sequence_set: Vec<u8>,
    pub(crate) picture_set: Vec<u8>,
}

/// What the frames hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Detail {
    /// A drawn scene.
    Drawn,
    /// Given pictures.
    Given,
}

/// Encodes frames one after the other, on the calling thread alone: more threads would slice the pictures anew.
pub(crate) struct Encoder {
    encoder: encoder::Encoder,
    fps: u32,
    film: Film,
}

impl Encoder {
    pub(crate) fn new(width: u32, height: u32, fps: u32, detail: Detail) -> Result<Self, RenderError> {
        let bits = match detail {
            Detail::Drawn => BITS_PER_KILOPIXEL,
            Detail::Given => PICTURE_BITS_PER_KILOPIXEL,
        };
        let pixels = u64::from(width) * u64::from(height);
        let aim = (pixels * u64::from(fps) * bits / 1000).clamp(MIN_BITRATE, MAX_BITRATE);
        let config = EncoderConfig::new()
            .bitrate(BitRate::from_bps(aim as u32))
            .rate_control_mode(RateControlMode::Bitrate)
            .skip_frames(false)
            .max_frame_rate(FrameRate::from_hz(fps as f32))
            .usage_type(UsageType::CameraVideoRealTime)
            .complexity(Complexity::Low)
            .profile(Profile::High)
            .qp(QpRange::new(QUANTISER.0, QUANTISER.1))
            .scene_change_detect(false)
            .adaptive_quantization(false)
            .background_detection(false)
            .intra_frame_period(IntraFramePeriod::from_num_frames(fps * KEYFRAME_SECONDS))
            .sps_pps_strategy(SpsPpsStrategy::ConstantId)
            .num_threads(1)
            .vui(VuiConfig::bt709());
        let mut encoder =
            encoder::Encoder::with_api_config(OpenH264API::from_source(), config).map_err(failed)?;
        hush(&mut encoder);
        Ok(Self {
            encoder,
            fps,
            film: Film::default(),
        })
    }

    pub(crate) fn take(&mut self, frame: &Frame) -> Result<(), RenderError> {
        let sides = (frame.width, frame.height);
        let strides = (frame.width, frame.width / 2, frame.width / 2);
        let source = YUVSlices::new((&frame.y, &frame.u, &frame.v), sides, strides);
        let at_ms = self.film.samples.len() as u64 * 1000 / u64::from(self.fps);
        let stream = self
            .encoder
            .encode_at(&source, Timestamp::from_millis(at_ms))
            .map_err(failed)?;
        let key = match stream.frame_type() {
            FrameType::IDR => true,
            FrameType::I | FrameType::P => false,
            other => return Err(RenderError::Encoder(format!("frame of type `{other:?}`"))),
        };
        let before = self.film.bytes.len();
        for layer in (0..stream.num_layers()).filter_map(|at| stream.layer(at)) {
            for unit in (0..layer.nal_count()).filter_map(|at| layer.nal_unit(at)) {
                self.film.keep(unit)?;
            }
        }
        let size = (self.film.bytes.len() - before) as u32;
        self.film.samples.push(Sample { size, key });
        Ok(())
    }

    pub(crate) fn finish(self) -> Film {
        self.film
    }
}

impl Film {
    fn keep(&mut self, unit: &[u8]) -> Result<(), RenderError> {
        let zeros = unit.iter().take_while(|byte| **byte == 0).count();
        let body = unit.get(zeros + 1..).unwrap_or_default();
        let Some(head) = body.first() else {
            return Err(RenderError::Encoder("an empty unit".to_owned()));
        };
        match head & 0x1f {
            NAL_SEQUENCE => body.clone_into(&mut self.sequence_set),
            NAL_PICTURE => body.clone_into(&mut self.picture_set),
            _ => {
                self.bytes.extend_from_slice(&(body.len() as u32).to_be_bytes());
                self.bytes.extend_from_slice(body);
            }
        }
        Ok(())
    }
}

/// Keeps the encoder from writing to the standard error stream, which belongs to the program.
fn hush(encoder: &mut encoder::Encoder) {
    let mut quiet = WELS_LOG_QUIET;
    // SAFETY: the trace level is the one option the encoder takes before its first frame. It reads one `int`
    // through the pointer during the call and keeps nothing of it.
    unsafe {
        encoder
            .raw_api()
            .set_option(ENCODER_OPTION_TRACE_LEVEL, (&raw mut quiet).cast());
    }
}

fn failed(error: openh264::Error) -> RenderError {
    RenderError::Encoder(error.to_string())
}
