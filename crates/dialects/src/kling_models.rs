//! Kling's capability map as one table: which model makes what, in which mode, length and sound. Used by
//! every dialect that names Kling's models; what a clip costs is the price book's business.
//!
//! Source: <https://kling.ai/document-api/>, the legacy capability map, checked 2026-11-21.

use domain::ask::Size;
use domain::{Operation, Refusal};

mod rows;

pub use rows::MODELS;

/// What is asked of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// A clip from words.
    Text,
    /// A clip that starts on a picture.
    FirstFrame,
    /// A clip between two pictures.
    BothFrames,
    /// A clip that ends on a picture and starts freely.
    LastFrame,
    /// A clip in which painted areas move or stand still.
    Brush,
    /// A clip from several pictures to look like.
    References,
    /// An omni clip from words alone, or that starts on a picture.
    Omni,
    /// An omni clip with more pictures, or elements.
    OmniReferences,
    /// An omni clip that goes by another clip.
    OmniClip,
    /// A picture that moves like a clip.
    Motion,
}

impl Use {
    /// Every use.
    pub const ALL: [Use; 10] = [
        Use::Text,
        Use::FirstFrame,
        Use::BothFrames,
        Use::LastFrame,
        Use::Brush,
        Use::References,
        Use::Omni,
        Use::OmniReferences,
        Use::OmniClip,
        Use::Motion,
    ];

    /// The operation that it belongs to.
    #[must_use]
    pub fn operation(self) -> Operation {
        match self {
            Use::Text => Operation::TextToVideo,
            Use::FirstFrame | Use::BothFrames | Use::LastFrame | Use::Brush => Operation::ImageToVideo,
            Use::References => Operation::MultiImageToVideo,
            Use::Omni | Use::OmniReferences | Use::OmniClip => Operation::OmniVideo,
            Use::Motion => Operation::MotionControl,
        }
    }

    /// The native field that asks for it.
    fn field(self) -> &'static str {
        match self {
            Use::Text | Use::References | Use::Motion => "model",
            Use::Omni | Use::OmniReferences | Use::OmniClip => "model",
            Use::FirstFrame => "image",
            Use::BothFrames | Use::LastFrame => "image_tail",
            Use::Brush => "static_mask",
        }
    }

    fn phrase(self) -> &'static str {
        match self {
            Use::Text => "makes no clip from a prompt alone",
            Use::FirstFrame => "makes no clip from an image",
            Use::BothFrames => "makes no clip between a first and a last image",
            Use::LastFrame => "makes no clip from a last image alone",
            Use::Brush => "has no motion brush",
            Use::References => "makes no clip from several images",
            Use::Omni | Use::OmniReferences | Use::OmniClip => "is not served by the omni-video call",
            Use::Motion => "has no motion control",
        }
    }
}

/// Modes, lengths and sound that go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offer {
    /// Quality words.
    pub modes: &'static [&'static str],
    /// Lengths in seconds.
    pub seconds: &'static [u64],
    /// Whether sound may be on.
    pub sound: bool,
}

/// Where a model follows `camera_control`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Camera {
    /// Only for this kind of work.
    pub operation: Operation,
    /// Only in this mode.
    pub mode: &'static str,
    /// Only at this length.
    pub seconds: u64,
    /// Only with the type `simple`.
    pub simple_only: bool,
}

/// One row of the map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Model {
    /// The vendor's name.
    pub name: &'static str,
    /// From words.
    pub text: &'static [Offer],
    /// From a first picture.
    pub first_frame: &'static [Offer],
    /// Between two pictures.
    pub both_frames: &'static [Offer],
    /// From a last picture alone.
    pub last_frame: &'static [Offer],
    /// With masks.
    pub brush: &'static [Offer],
    /// From several pictures.
    pub references: &'static [Offer],
    /// By the omni call, from words alone or a first picture.
    pub omni: &'static [Offer],
    /// By the omni call, from more pictures or elements.
    pub omni_references: &'static [Offer],
    /// By the omni call, with another clip to go by.
    pub omni_clip: &'static [Offer],
    /// Moved like another clip.
    pub motion: &'static [Offer],
    /// With a moving camera.
    pub camera: Option<Camera>,
    /// Whether several shots can be asked for.
    pub multi_shot: bool,
    /// Whether elements can be named.
    pub elements: bool,
    /// Whether voices can be named.
    pub voices: bool,
    /// Whether `cfg_scale` is heard.
    pub cfg_scale: bool,
    /// The quality of a model that has no `mode`: the word has no effect there.
    pub fixed_mode: Option<&'static str>,
    /// Frames a second.
    pub fps: u32,
}

/// Quality words with the lines of a frame's short side.
pub const MODES: [(&str, u32); 3] = [("std", 720), ("pro", 1080), ("4k", 2160)];

/// The mode where none is said.
pub const DEFAULT_MODE: &str = "std";

/// What is asked of a model, in the words of the map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variant<'a> {
    /// The use.
    pub usage: Use,
    /// The quality word.
    pub mode: &'a str,
    /// The length.
    pub seconds: u64,
    /// Whether sound is asked for.
    pub sound: bool,
}

/// The row of a model; `None` where the map does not know it.
#[must_use]
pub fn find(name: &str) -> Option<&'static Model> {
    MODELS.iter().find(|model| model.name == name)
}

/// Whether a model makes a variant; of models that the map does not know everything is believed.
///
/// # Errors
/// A refusal at the native field that is in the way (`model` for the name), with the values that would
/// be taken.
pub fn check(name: &str, variant: &Variant<'_>) -> Result<(), Refusal> {
    let model = find(name);
    if let Some(model) = model.filter(|model| model.is_omni_only())
        && !matches!(variant.usage, Use::Omni | Use::OmniReferences | Use::OmniClip)
    {
        let message = format!("model `{}` is served by the omni-video call only", model.name);
        return Err(Refusal::invalid("model", message).allowing(able(variant.usage)));
    }
    model.map_or(Ok(()), |model| model.check(variant))
}

/// The frame of a mode: its lines are the short side.
#[must_use]
pub fn size_of(mode: &str, ratio: &str) -> Size {
    let row = MODES.iter().find(|(word, _)| *word == mode);
    let short = row.map_or(MODES[0].1, |(_, lines)| *lines);
    let long = short * 16 / 9;
    let (width, height) = match ratio {
        "9:16" => (short, long),
        "1:1" => (short, short),
        _ => (long, short),
    };
    Size { width, height }
}

/// The names of the models that some use is open to.
#[must_use]
pub fn able(usage: Use) -> Vec<&'static str> {
    let able = MODELS.iter().filter(|model| !model.offers(usage).is_empty());
    able.map(|model| model.name).collect()
}

impl Model {
    /// Whether no call but omni-video serves the model.
    fn is_omni_only(&self) -> bool {
        let others = Use::ALL.into_iter();
        let mut others = others.filter(|usage| usage.operation() != Operation::OmniVideo);
        others.all(|usage| self.offers(usage).is_empty())
    }

    /// What the model offers for a use; empty where it cannot do it.
    #[must_use]
    pub fn offers(&self, usage: Use) -> &'static [Offer] {
        match usage {
            Use::Text => self.text,
            Use::FirstFrame => self.first_frame,
            Use::BothFrames => self.both_frames,
            Use::LastFrame => self.last_frame,
            Use::Brush => self.brush,
            Use::References => self.references,
            Use::Omni => self.omni,
            Use::OmniReferences => self.omni_references,
            Use::OmniClip => self.omni_clip,
            Use::Motion => self.motion,
        }
    }

    /// Every length that can be asked for; in motion control none can.
    #[must_use]
    pub fn lengths(&self) -> Vec<u64> {
        let usages = Use::ALL.into_iter().filter(|usage| *usage != Use::Motion);
        let offers = usages.flat_map(|usage| self.offers(usage));
        let mut seconds: Vec<u64> = offers.flat_map(|offer| offer.seconds).copied().collect();
        seconds.sort_unstable();
        seconds.dedup();
        seconds
    }

    /// The smallest mode for a use whose frames have that many lines, else the largest there is.
    #[must_use]
    pub fn mode_for_lines(&self, usage: Use, lines: u32) -> &'static str {
        if let Some(fixed) = self.fixed_mode {
            return fixed;
        }
        let offered = |mode: &str| self.offers(usage).iter().any(|offer| offer.modes.contains(&mode));
        let mut offered = MODES.iter().filter(|(mode, _)| offered(mode));
        let fitting = offered.clone().find(|(_, most)| lines <= *most);
        fitting
            .or(offered.next_back())
            .map_or(DEFAULT_MODE, |(mode, _)| mode)
    }

    /// Whether the model makes this variant.
    ///
    /// # Errors
    /// A refusal at the native field that is in the way, with the values that would be taken.
    pub fn check(&self, variant: &Variant<'_>) -> Result<(), Refusal> {
        let offers = self.offers(variant.usage);
        if offers.is_empty() {
            let message = format!("model `{}` {}", self.name, variant.usage.phrase());
            return Err(Refusal::invalid(variant.usage.field(), message).allowing(able(variant.usage)));
        }
        let moded = offers.iter().filter(|offer| offer.modes.contains(&variant.mode));
        if moded.clone().next().is_none() {
            let message = format!("model `{}` has no mode `{}` for this", self.name, variant.mode);
            let modes = offers.iter().flat_map(|offer| offer.modes);
            return Err(Refusal::invalid("mode", message).allowing(modes));
        }
        if variant.sound && !moded.clone().any(|offer| offer.sound) {
            return Err(self.silent_refusal(variant));
        }
        let fitting = moded.filter(|offer| offer.sound || !variant.sound);
        let mut seconds: Vec<u64> = fitting.flat_map(|offer| offer.seconds).copied().collect();
        if seconds.contains(&variant.seconds) {
            return Ok(());
        }
        seconds.sort_unstable();
        let message = format!(
            "model `{}` makes no clip of `{}` seconds in mode `{}` for this",
            self.name, variant.seconds, variant.mode
        );
        Err(Refusal::invalid("duration", message).allowing(seconds))
    }

    /// Whether the model moves its camera in this variant.
    ///
    /// # Errors
    /// A refusal at `camera_control`; its text is the vendor's where the model has none at all.
    pub fn check_camera(&self, variant: &Variant<'_>, kind: &str) -> Result<(), Refusal> {
        let field = "camera_control";
        match self.camera {
            Some(camera)
                if camera.operation == variant.usage.operation()
                    && camera.mode == variant.mode
                    && camera.seconds == variant.seconds
                    && (!camera.simple_only || kind == "simple") =>
            {
                Ok(())
            }
            Some(camera) if camera.simple_only => {
                let message = format!(
                    "camera_control of `{}` is only supported with an image, in {} mode with {}s duration \
                     and type `simple`",
                    self.name, camera.mode, camera.seconds
                );
                Err(Refusal::invalid(field, message))
            }
            _ => Err(Refusal::invalid(
                field,
                "camera_control is only supported in std mode with 5s duration and kling-v1",
            )),
        }
    }

    fn silent_refusal(&self, variant: &Variant<'_>) -> Refusal {
        let offers = self.offers(variant.usage).iter();
        let audible = offers.filter(|offer| offer.sound).flat_map(|offer| offer.modes);
        let modes: Vec<String> = audible.map(|mode| format!("`{mode}`")).collect();
        let message = if modes.is_empty() {
            format!("model `{}` makes no sound for this", self.name)
        } else {
            format!(
                "model `{}` makes no sound in mode `{}`, only in {}",
                self.name,
                variant.mode,
                modes.join(", ")
            )
        };
        Refusal::invalid("sound", message).allowing(["off"])
    }
}
