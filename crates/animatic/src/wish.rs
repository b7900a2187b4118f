//! What a clip shall be: the wish, its bounds and their check. Nothing here draws.

use crate::picture;
use crate::still::Format;
use crate::works::{self, Work};

/// The shortest allowed side of a clip, in pixels.
pub const MIN_SIDE: u32 = 64;
/// The longest allowed side of a clip, in pixels (the encoder's own limit).
pub const MAX_SIDE: u32 = 3840;
/// The longest allowed shorter side of a clip, in pixels (the encoder's own limit).
pub const MAX_SHORT_SIDE: u32 = 2160;
/// The largest allowed frame, in pixels.
pub const MAX_PIXELS: u32 = MAX_SIDE * MAX_SHORT_SIDE;
/// The shortest allowed clip, in milliseconds.
pub const MIN_DURATION_MS: u32 = 500;
/// The longest allowed clip, in milliseconds.
pub const MAX_DURATION_MS: u32 = 60_000;
/// The lowest allowed frame rate, in frames per second.
pub const MIN_FPS: u32 = 1;
/// The highest allowed frame rate, in frames per second.
pub const MAX_FPS: u32 = 60;
/// The longest allowed prompt or negative prompt, in bytes.
pub const MAX_PROMPT_BYTES: usize = 16 * 1024;
/// The largest allowed number of reference pictures.
pub const MAX_REFERENCES: usize = 8;
/// The largest allowed encoded picture, in bytes.
pub const MAX_PICTURE_BYTES: usize = 64 * 1024 * 1024;
/// The largest allowed decoded picture, in pixels.
pub const MAX_PICTURE_PIXELS: u64 = 100_000_000;
/// The longest allowed side of a decoded picture, in pixels.
pub const MAX_PICTURE_SIDE: u32 = 32_768;

/// How far each axis of [`CameraAxes`] reaches to either side, in tenths of the vendor's unit.
pub const MAX_CAMERA_TENTHS: i16 = 100;

/// What the camera does over the clip. Without it the camera drifts gently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CameraControl {
    /// Moves along the given axes.
    Simple(CameraAxes),
    /// Sinks and draws back.
    DownBack,
    /// Goes forward and rises.
    ForwardUp,
    /// Turns to the right and goes forward.
    RightTurnForward,
    /// Turns to the left and goes forward.
    LeftTurnForward,
}

/// The six axes of a camera, each from -[`MAX_CAMERA_TENTHS`] to [`MAX_CAMERA_TENTHS`]. The signs are the
/// camera's own: what is seen moves the other way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CameraAxes {
    /// Travels to the left (-) or to the right (+); near things pass faster than far ones.
    pub horizontal: i16,
    /// Travels down (-) or up (+); near things pass faster than far ones.
    pub vertical: i16,
    /// Turns to the left (-) or to the right (+).
    pub pan: i16,
    /// Turns down (-) or up (+).
    pub tilt: i16,
    /// Rolls counter-clockwise (-) or clockwise (+), as seen from behind the camera; what is seen turns
    /// the other way.
    pub roll: i16,
    /// Lengthens its focus (-), so that things grow, or shortens it (+), so that more is in view.
    pub zoom: i16,
}

impl CameraAxes {
    /// A camera that stands still.
    pub const REST: Self = Self {
        horizontal: 0,
        vertical: 0,
        pan: 0,
        tilt: 0,
        roll: 0,
        zoom: 0,
    };

    /// Every axis with its name.
    pub(crate) fn named(&self) -> [(&'static str, i16); 6] {
        [
            ("horizontal", self.horizontal),
            ("vertical", self.vertical),
            ("pan", self.pan),
            ("tilt", self.tilt),
            ("roll", self.roll),
            ("zoom", self.zoom),
        ]
    }
}

/// Everything that decides the bytes of a clip or a still. Equal wishes give equal bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// What the clip shows; it is also its caption. Empty means no caption.
    pub prompt: String,
    /// What the clip shall not show: its words are struck from the vocabulary.
    pub negative_prompt: Option<String>,
    /// Width in pixels; even for a clip.
    pub width: u32,
    /// Height in pixels; even for a clip.
    pub height: u32,
    /// Frames per second.
    pub fps: u32,
    /// Length in milliseconds; where the clip follows a given clip or sound, theirs counts and this plays no part.
    pub duration_ms: u32,
    /// Varies the composition; the same seed gives the same clip.
    pub seed: u64,
    /// What the camera does; nothing said means a gentle drift.
    pub camera: Option<CameraControl>,
    /// Whether the clip carries a sound track.
    pub sound: bool,
    /// Whether a copy with a small quiet "animatic" mark in a corner is made too. The clip itself bears none.
    pub marked_copy: bool,
    /// For a still instead of a clip, how its file is written; then frame rate, length, camera, sound and marked
    /// copy play no part.
    pub still: Option<Format>,
    /// The picture the clip starts on: the bytes of a JPEG, PNG or WebP file.
    pub first_frame: Option<Vec<u8>>,
    /// The picture the clip ends on: the bytes of a JPEG, PNG or WebP file.
    pub last_frame: Option<Vec<u8>>,
    /// Pictures shown in between: the bytes of JPEG, PNG or WebP files.
    pub references: Vec<Vec<u8>>,
    /// What the clip is made of, where it is more than a scene or a few pictures.
    pub work: Work,
}

/// A wish outside its bounds. Names the field and what is allowed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{field}` is `{value}`; allowed: {allowed}")]
pub struct WishError {
    /// The field of [`Wish`], with an index for a reference picture: `references[2]`.
    pub field: String,
    /// What the field holds, or its size.
    pub value: String,
    /// What the field may hold.
    pub allowed: String,
}

impl WishError {
    pub(crate) fn new(field: impl Into<String>, value: impl ToString, allowed: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            value: value.to_string(),
            allowed: allowed.into(),
        }
    }
}

impl Wish {
    /// Checks every field against the bounds of this module, and the pictures by their headers only.
    ///
    /// # Errors
    ///
    /// The first field outside its bounds.
    pub fn check(&self) -> Result<(), WishError> {
        self.side("width", self.width)?;
        self.side("height", self.height)?;
        if self.width.min(self.height) > MAX_SHORT_SIDE {
            let field = if self.width < self.height {
                "width"
            } else {
                "height"
            };
            let allowed =
                format!("the shorter side at most {MAX_SHORT_SIDE}, the frame at most {MAX_PIXELS} pixels");
            return Err(WishError::new(field, self.width.min(self.height), allowed));
        }
        if self.still.is_none() {
            within("fps", self.fps, MIN_FPS, MAX_FPS, "frames per second")?;
            if !self.work.has_its_own_length() {
                within(
                    "duration_ms",
                    self.duration_ms,
                    MIN_DURATION_MS,
                    MAX_DURATION_MS,
                    "milliseconds",
                )?;
            }
        }
        length("prompt", &self.prompt)?;
        length(
            "negative_prompt",
            self.negative_prompt.as_deref().unwrap_or_default(),
        )?;
        if self.references.len() > MAX_REFERENCES {
            let allowed = format!("at most {MAX_REFERENCES} pictures");
            return Err(WishError::new("references", self.references.len(), allowed));
        }
        if let Some(CameraControl::Simple(axes)) = self.camera {
            for (name, value) in axes.named() {
                if !(-MAX_CAMERA_TENTHS..=MAX_CAMERA_TENTHS).contains(&value) {
                    let allowed = format!("from -{MAX_CAMERA_TENTHS} to {MAX_CAMERA_TENTHS} tenths");
                    return Err(WishError::new(format!("camera.{name}"), value, allowed));
                }
            }
        }
        for (field, bytes) in self.pictures() {
            picture::check(&field, bytes)?;
        }
        works::check(self)
    }

    /// How many frames the clip has: every started frame counts, the last one may be shorter.
    #[must_use]
    pub fn frames(&self) -> u32 {
        Self::frames_in(self.duration_ms, self.fps)
    }

    /// How many frames so many milliseconds have.
    pub(crate) fn frames_in(duration_ms: u32, fps: u32) -> u32 {
        let thousandths = u64::from(duration_ms) * u64::from(fps);
        u32::try_from(thousandths.div_ceil(1000)).unwrap_or(u32::MAX)
    }

    /// All pictures in the order they are shown, each with the name of its field.
    pub(crate) fn pictures(&self) -> impl Iterator<Item = (String, &[u8])> {
        let first = self
            .first_frame
            .iter()
            .map(|bytes| ("first_frame".to_owned(), bytes.as_slice()));
        let last = self
            .last_frame
            .iter()
            .map(|bytes| ("last_frame".to_owned(), bytes.as_slice()));
        let named = self.references.iter().enumerate();
        let between = named.map(|(at, bytes)| (format!("references[{at}]"), bytes.as_slice()));
        first.chain(between).chain(last)
    }

    /// Clips have even sides, because their colours are kept for two by two pixels; a still may have odd ones.
    fn side(&self, field: &str, value: u32) -> Result<(), WishError> {
        let (step, number) = match self.still {
            Some(_) => (1, "a number"),
            None => (2, "an even number"),
        };
        if (MIN_SIDE..=MAX_SIDE).contains(&value) && value.is_multiple_of(step) {
            return Ok(());
        }
        let allowed = format!("{number} of pixels from {MIN_SIDE} to {MAX_SIDE}");
        Err(WishError::new(field, value, allowed))
    }
}

pub(crate) fn within(field: &str, value: u32, low: u32, high: u32, unit: &str) -> Result<(), WishError> {
    if (low..=high).contains(&value) {
        return Ok(());
    }
    Err(WishError::new(
        field,
        value,
        format!("from {low} to {high} {unit}"),
    ))
}

pub(crate) fn length(field: &str, text: &str) -> Result<(), WishError> {
    if text.len() <= MAX_PROMPT_BYTES {
        return Ok(());
    }
    Err(WishError::new(
        field,
        format!("{} bytes", text.len()),
        format!("at most {MAX_PROMPT_BYTES} bytes"),
    ))
}
