//! The tests' tools for given clips, sounds and colours: makes them with ffmpeg and measures them. Tests nothing
//! itself.

use animatic::{RenderError, Watch, Wish, render};

use crate::media::{frames, made_by_ffmpeg, probe, rendered, run, stream};

/// Plays a wish and checks what holds for every clip: ffprobe finds no fault, and all lengths agree.
pub(crate) fn played(wish: &Wish, duration_ms: u32) -> (Vec<u8>, Vec<Vec<u8>>) {
    let clip = rendered(wish);
    assert_eq!(clip.duration_ms, duration_ms);
    let found = probe(&clip.bytes);
    let seconds = format!("{}.{:03}000", duration_ms / 1000, duration_ms % 1000);
    assert_eq!(stream(&found, "video").expect("pictures")["duration"], seconds);
    assert_eq!(stream(&found, "audio").is_some(), clip.sound);
    if clip.sound {
        assert_eq!(stream(&found, "audio").expect("sound")["duration"], seconds);
    }
    let frames = frames(&clip.bytes);
    assert_eq!(frames.len(), clip.frames as usize);
    (clip.bytes, frames)
}

/// The field for which a wish is refused.
pub(crate) fn refused(wish: &Wish) -> String {
    let ended = render(wish, &mut |_| Watch::Continue);
    match ended {
        Err(RenderError::Wish(error)) => error.field,
        other => panic!("{:?}", other.map(|clip| clip.duration_ms)),
    }
}

/// Pixels of a block, from its upper left corner.
pub(crate) fn pixels(left: u32, top: u32, width: u32, height: u32) -> impl Iterator<Item = (u32, u32)> {
    (top..top + height).flat_map(move |y| (left..left + width).map(move |x| (x, y)))
}

/// A clip of a source of ffmpeg's, with or without a sound of one.
pub(crate) fn film(source: &str, sound: Option<&str>) -> Vec<u8> {
    let mut sources = vec!["-f", "lavfi", "-i", source];
    if let Some(sound) = sound {
        sources.extend(["-f", "lavfi", "-i", sound]);
    }
    let how = [
        "-c:v", "libx264", "-crf", "12", "-pix_fmt", "yuv420p", "-c:a", "aac",
    ];
    made_by_ffmpeg("mp4", &sources, &how)
}

/// A sound file of a kind: a source of ffmpeg's after so many milliseconds of silence.
pub(crate) fn voice(kind: &str, source: &str, silent_ms: u32) -> Vec<u8> {
    let delay = format!("adelay={silent_ms}:all=1");
    made_by_ffmpeg(kind, &["-f", "lavfi", "-i", source], &["-af", &delay])
}

/// How loud stereo samples are between two moments in milliseconds: their mean power as an amplitude.
pub(crate) fn loudness(samples: &[f32], from_ms: usize, to_ms: usize) -> f64 {
    let part = &samples[(from_ms * 96).min(samples.len())..(to_ms * 96).min(samples.len())];
    let power: f64 = part
        .iter()
        .map(|sample| f64::from(*sample) * f64::from(*sample))
        .sum();
    (power / part.len().max(1) as f64).sqrt()
}

/// Every frame of a clip in red, green and blue.
pub(crate) struct Film {
    width: usize,
    height: usize,
    rgb: Vec<u8>,
}

impl Film {
    /// Decodes a clip with ffmpeg.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the clip");
        let path = folder.path().join("clip.mp4");
        std::fs::write(&path, bytes).expect("the clip is written");
        let path = path.to_str().expect("a plain path");
        let how = [
            "-v",
            "warning",
            "-i",
            path,
            "-fps_mode",
            "passthrough",
            "-pix_fmt",
            "rgb24",
            "-f",
            "rawvideo",
            "-",
        ];
        let found = probe(bytes);
        let video = stream(&found, "video").expect("pictures");
        let side = |name: &str| video[name].as_u64().expect("a number of pixels") as usize;
        Self {
            width: side("width"),
            height: side("height"),
            rgb: run("ffmpeg", "ffmpeg", &how).stdout,
        }
    }

    /// The number of frames.
    pub(crate) fn count(&self) -> usize {
        self.rgb.len() / (self.width * self.height * 3)
    }

    /// A pixel of a frame.
    pub(crate) fn pixel(&self, number: usize, x: usize, y: usize) -> [u8; 3] {
        let at = ((number * self.height + y) * self.width + x) * 3;
        [self.rgb[at], self.rgb[at + 1], self.rgb[at + 2]]
    }

    /// The middle of everything in a frame that has about a colour.
    pub(crate) fn block(&self, number: usize, colour: [u8; 3]) -> (f64, f64) {
        let found = self.alike(number, colour);
        assert!(!found.is_empty(), "nothing of {colour:?} is in frame {number}");
        let count = found.len() as f64;
        let sum = found
            .iter()
            .fold((0.0, 0.0), |sum, (x, y)| (sum.0 + *x as f64, sum.1 + *y as f64));
        (sum.0 / count, sum.1 / count)
    }

    /// How many pixels of a frame have about a colour.
    pub(crate) fn count_of(&self, number: usize, colour: [u8; 3]) -> usize {
        self.alike(number, colour).len()
    }

    /// The mean colour of a frame.
    pub(crate) fn mean(&self, number: usize) -> [f64; 3] {
        let size = self.width * self.height;
        let frame = &self.rgb[number * size * 3..][..size * 3];
        [0, 1, 2].map(|part| {
            let levels = frame.iter().skip(part).step_by(3);
            levels.map(|level| f64::from(*level)).sum::<f64>() / size as f64
        })
    }

    fn alike(&self, number: usize, colour: [u8; 3]) -> Vec<(usize, usize)> {
        let near = |pixel: [u8; 3]| {
            pixel
                .iter()
                .zip(colour)
                .all(|(level, wanted)| level.abs_diff(wanted) < 45)
        };
        let all = (0..self.height).flat_map(|y| (0..self.width).map(move |x| (x, y)));
        all.filter(|(x, y)| near(self.pixel(number, *x, *y))).collect()
    }
}
