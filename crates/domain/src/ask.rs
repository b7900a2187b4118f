//! What a client wants, in our own words: operation, model, prompts, media with roles, length, size,
//! count, sound, seed. How a client said it is a dialect's business, how a vendor hears it a provider's.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::artifact::Staged;
use crate::ids::{ArtifactId, ItemId, TaskId};
use crate::item::ItemKind;
use crate::rule::MediaRule;

/// Where a wish that was made out of an earlier one says of which task, among its extras.
pub const REMADE_FROM: &str = "reelway.remade_from";

/// The kind of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// A clip from words.
    TextToVideo,
    /// A clip that starts (or ends) on a picture.
    ImageToVideo,
    /// A clip from several reference pictures.
    MultiImageToVideo,
    /// A clip from words, pictures, clips and elements.
    OmniVideo,
    /// A person moved like in another clip.
    MotionControl,
    /// More seconds for an earlier clip.
    VideoExtend,
    /// Lips moved to a sound.
    LipSync,
    /// A talking portrait.
    Avatar,
    /// A ready-made effect.
    VideoEffects,
    /// Elements of a clip exchanged.
    MultiElements,
    /// A sound from words.
    TextToAudio,
    /// A sound that fits a clip.
    VideoToAudio,
    /// Speech from words.
    Speech,
    /// A still from words.
    ImageGeneration,
    /// A still from words, pictures and elements.
    OmniImage,
    /// A still from several reference pictures.
    MultiImageToImage,
    /// A still made larger at its edges.
    ImageExpand,
    /// A garment put on a person.
    VirtualTryOn,
    /// A thing or person seen from several sides.
    MultiShotViews,
    /// What a picture shows, as masks.
    ImageRecognition,
    /// Faces found in a clip.
    FaceIdentification,
    /// Areas picked in a clip.
    AreaSelection,
    /// A voice made from a sample.
    CustomVoice,
    /// A thing or person made from pictures or a clip.
    CustomElement,
    /// A kept item taken away, at the vendor too.
    ItemDeletion,
}

impl Operation {
    /// Every operation with its word in our own API, in SQL and in logs.
    pub const ALL: [(Operation, &'static str); 25] = [
        (Operation::TextToVideo, "text_to_video"),
        (Operation::ImageToVideo, "image_to_video"),
        (Operation::MultiImageToVideo, "multi_image_to_video"),
        (Operation::OmniVideo, "omni_video"),
        (Operation::MotionControl, "motion_control"),
        (Operation::VideoExtend, "video_extend"),
        (Operation::LipSync, "lip_sync"),
        (Operation::Avatar, "avatar"),
        (Operation::VideoEffects, "video_effects"),
        (Operation::MultiElements, "multi_elements"),
        (Operation::TextToAudio, "text_to_audio"),
        (Operation::VideoToAudio, "video_to_audio"),
        (Operation::Speech, "speech"),
        (Operation::ImageGeneration, "image_generation"),
        (Operation::OmniImage, "omni_image"),
        (Operation::MultiImageToImage, "multi_image_to_image"),
        (Operation::ImageExpand, "image_expand"),
        (Operation::VirtualTryOn, "virtual_try_on"),
        (Operation::MultiShotViews, "multi_shot_views"),
        (Operation::ImageRecognition, "image_recognition"),
        (Operation::FaceIdentification, "face_identification"),
        (Operation::AreaSelection, "area_selection"),
        (Operation::CustomVoice, "custom_voice"),
        (Operation::CustomElement, "custom_element"),
        (Operation::ItemDeletion, "item_deletion"),
    ];

    /// What is kept of a success beside its files; none for most work. An area selection keeps a session
    /// only where it mentions none: then it begins one.
    #[must_use]
    pub fn makes(self) -> Option<ItemKind> {
        match self {
            Operation::CustomVoice => Some(ItemKind::Voice),
            Operation::CustomElement => Some(ItemKind::Element),
            Operation::FaceIdentification => Some(ItemKind::FaceSession),
            Operation::AreaSelection => Some(ItemKind::SelectionSession),
            _ => None,
        }
    }

    /// The operation's word.
    #[must_use]
    pub fn word(self) -> &'static str {
        let row = Operation::ALL.iter().find(|(operation, _)| *operation == self);
        row.map_or("unknown", |(_, word)| word)
    }

    /// Reads an operation back from its word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Operation> {
        Operation::ALL
            .iter()
            .find(|(_, known)| *known == word)
            .map(|(operation, _)| *operation)
    }
}

/// What a piece of input media is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The clip starts on it.
    FirstFrame,
    /// The clip ends on it.
    LastFrame,
    /// Something to look like.
    Reference,
    /// The clip that is worked on.
    SourceVideo,
    /// The clip that lends its motion.
    MotionVideo,
    /// A sound.
    Audio,
    /// Where something happens.
    Mask,
    /// What is worn.
    Garment,
    /// Who wears it.
    Person,
    /// Where it takes place.
    Setting,
    /// How it is painted.
    Style,
}

/// Where input media is when the task is born.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Outside, to be fetched after the acknowledgement.
    Link(String),
    /// Already kept.
    Staged(Staged),
    /// A result of an earlier task of the same tenant, by the result's id, or by the task's id or external
    /// id, which names its first result. Before the task is born the engine puts the kept file in the place
    /// of this, so that no provider ever sees it.
    Earlier(String),
}

/// The earlier result that an input is, as its vendor knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parent {
    /// The task that made it.
    pub task: TaskId,
    /// The result.
    pub artifact: ArtifactId,
    /// The account that made it; its vendor may know the result by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The vendor's own name for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor_ref: Option<String>,
}

/// An item that a wish names: a voice, an element, a session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mention {
    /// What it must be.
    pub kind: ItemKind,
    /// As the client wrote it: the item's wire id in digits.
    pub name: String,
    /// The client's own field that named it, for errors.
    pub field: String,
    /// The item. The engine fills it in before the task is born; a name of nothing is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<Mentioned>,
}

/// What a provider needs to know of an item that a wish names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mentioned {
    /// The item.
    pub id: ItemId,
    /// The account at which the vendor keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The vendor's own name for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor_ref: Option<String>,
    /// What the work that made it or last changed it left to be remembered ([`crate::findings`]).
    pub memory: Value,
}

/// One piece of input media.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// What it is for.
    pub role: Role,
    /// Where it is.
    pub source: Source,
    /// The client's own field that named it, for errors.
    pub field: String,
    /// What it must be, by the dialect that read the field; what is fetched later is judged by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<MediaRule>,
    /// Of which earlier result it is the file; filled in by the engine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Parent>,
}

/// A frame's size in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Size {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
}

impl Size {
    /// The ratio in lowest terms, as `16:9`.
    #[must_use]
    pub fn ratio(self) -> String {
        let (mut a, mut b) = (self.width.max(1), self.height.max(1));
        while b != 0 {
            (a, b) = (b, a % b);
        }
        format!("{}:{}", self.width / a, self.height / a)
    }
}

/// A client's wish. Complete: the dialect has filled in its documented defaults, so that what is
/// priced, what is shown and what is made are the same thing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ask {
    /// The kind of work.
    pub operation: Operation,
    /// The model by the name that the client used (after the dialect's default).
    pub model: String,
    /// What should be seen.
    pub prompt: String,
    /// What should not be seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub negative_prompt: Option<String>,
    /// Media that came with the wish.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<Input>,
    /// Items that the wish names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<Mention>,
    /// Length in milliseconds. Of a result as long as an input ([`Ask::lasts_like`]) it is the longest that
    /// there may be, until the input's own length is known.
    pub duration_ms: u64,
    /// The input that the result is as long as. Then what is charged is what was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lasts_like: Option<Role>,
    /// Size, where the dialect names one or its mode and ratio imply one.
    pub size: Size,
    /// Whether the frame takes its ratio from the picture that it starts or ends on, because the client
    /// named none; `size` then says how many pixels it has.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub follows_picture: bool,
    /// Frames a second, where the client or the dialect names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fps: Option<u32>,
    /// Chance made repeatable. The engine fills it in when the client left it open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// How many results; 1 or more.
    pub count: u32,
    /// Sound on, off, or not said: then the provider's default holds and silence is priced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sound: Option<bool>,
    /// The vendor's quality word (`std`, `pro`, `4k`), where one was given or is the default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// Whether the client asked for a storyboard preview instead of the real model.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub preview: bool,
    /// Whether a copy of every result with the maker's mark is wanted too. It costs nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub marked_copy: bool,
    /// Vendor fields beyond the common nouns, verbatim, by namespace (`kling.camera_control`).
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub extras: Map<String, Value>,
}

impl Ask {
    /// Length in whole seconds, rounded up: what per-second prices count.
    #[must_use]
    pub fn seconds(&self) -> u64 {
        self.duration_ms.div_ceil(1_000)
    }

    /// Whether any media must be fetched from outside before the task can be queued.
    #[must_use]
    pub fn names_outside_media(&self) -> bool {
        self.inputs
            .iter()
            .any(|input| matches!(input.source, Source::Link(_)))
    }
}
