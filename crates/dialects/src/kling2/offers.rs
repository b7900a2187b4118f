//! What each model takes in each call, as one table, with the name by which the rest of the house knows it.
//!
//! Source: <https://kling.ai/document-api/>, the settings of the new standard, checked 2026-11-21.

use domain::{Operation, Refusal, RefusalKind};

/// One model in one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Offer {
    /// The call.
    pub(super) operation: Operation,
    /// The last segment of the path.
    pub(super) segment: &'static str,
    /// The name of the model everywhere else.
    pub(super) model: &'static str,
    /// `settings.resolution`.
    pub(super) resolutions: &'static [&'static str],
    /// `settings.duration`; empty where the clip is as long as another.
    pub(super) seconds: &'static [u64],
    /// `settings.audio`, the first is the default; empty where there is no such setting.
    pub(super) audio: &'static [&'static str],
    /// Whether there is sound without being asked for.
    pub(super) is_audible: bool,
    /// Whether there is `settings.multi_shot`.
    pub(super) has_multi_shot: bool,
    /// Whether the prompt may name shots.
    pub(super) has_shots: bool,
    /// The longest prompt, in characters.
    pub(super) prompt_chars_max: usize,
    /// The types of `contents`.
    pub(super) contents: &'static [&'static str],
    /// The most elements.
    pub(super) elements_max: usize,
    /// Whether sound, and a last frame, are made in 1080p only.
    pub(super) is_strict: bool,
}

const HD: &[&str] = &["720p", "1080p"];
const UHD: &[&str] = &["720p", "1080p", "4k"];
const FIVE_TEN: &[u64] = &[5, 10];
const TO_TEN: &[u64] = &[3, 4, 5, 6, 7, 8, 9, 10];
const TO_FIFTEEN: &[u64] = &[3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
const NATIVE: &[&str] = &["off", "native"];
const OMNI: &[&str] = &[
    "prompt",
    "first_frame",
    "last_frame",
    "refer_image",
    "feature_video",
    "base_video",
    "element",
];

/// 2.5 Turbo from words; the others are told by how they differ.
const TEXT: Offer = Offer {
    operation: Operation::TextToVideo,
    segment: "kling-2.5-turbo",
    model: "kling-v2-5-turbo",
    resolutions: HD,
    seconds: FIVE_TEN,
    audio: &[],
    is_audible: false,
    has_multi_shot: false,
    has_shots: false,
    prompt_chars_max: 2_500,
    contents: &[],
    elements_max: 0,
    is_strict: false,
};
const IMAGE: Offer = Offer {
    operation: Operation::ImageToVideo,
    contents: &["prompt", "first_frame", "last_frame"],
    is_strict: true,
    ..TEXT
};
const MOTION: Offer = Offer {
    operation: Operation::MotionControl,
    seconds: &[],
    audio: &["original", "off"],
    contents: &["prompt", "image", "video"],
    ..TEXT
};

/// The table.
pub(super) static OFFERS: [Offer; 12] = [
    Offer {
        segment: "kling-3.0-turbo",
        model: "kling-3.0-turbo",
        seconds: TO_FIFTEEN,
        is_audible: true,
        has_shots: true,
        prompt_chars_max: 3_072,
        ..TEXT
    },
    Offer {
        segment: "kling-3.0",
        model: "kling-v3",
        resolutions: UHD,
        seconds: TO_FIFTEEN,
        audio: NATIVE,
        has_multi_shot: true,
        has_shots: true,
        prompt_chars_max: 3_072,
        ..TEXT
    },
    Offer {
        segment: "kling-2.6",
        model: "kling-v2-6",
        audio: NATIVE,
        is_strict: true,
        ..TEXT
    },
    TEXT,
    Offer {
        segment: "kling-3.0-turbo",
        model: "kling-3.0-turbo",
        seconds: TO_FIFTEEN,
        is_audible: true,
        has_shots: true,
        contents: &["prompt", "first_frame"],
        is_strict: false,
        ..IMAGE
    },
    Offer {
        segment: "kling-3.0",
        model: "kling-v3",
        resolutions: UHD,
        seconds: TO_FIFTEEN,
        audio: NATIVE,
        has_multi_shot: true,
        has_shots: true,
        prompt_chars_max: 3_072,
        contents: &["prompt", "first_frame", "last_frame", "element"],
        elements_max: 3,
        is_strict: false,
        ..IMAGE
    },
    Offer {
        segment: "kling-2.6",
        model: "kling-v2-6",
        audio: NATIVE,
        contents: &["prompt", "first_frame", "last_frame", "voice"],
        ..IMAGE
    },
    IMAGE,
    Offer {
        operation: Operation::OmniVideo,
        segment: "kling-3.0-omni",
        model: "kling-v3-omni",
        resolutions: UHD,
        seconds: TO_FIFTEEN,
        audio: &["off", "native", "original"],
        has_multi_shot: true,
        has_shots: true,
        prompt_chars_max: 3_072,
        contents: OMNI,
        elements_max: 7,
        ..TEXT
    },
    Offer {
        operation: Operation::OmniVideo,
        segment: "kling-o1",
        model: O1,
        seconds: TO_TEN,
        audio: &["off", "original"],
        contents: OMNI,
        elements_max: 7,
        ..TEXT
    },
    Offer {
        segment: "kling-3.0",
        model: "kling-v3",
        contents: &["prompt", "image", "video", "element"],
        elements_max: 1,
        ..MOTION
    },
    Offer {
        segment: "kling-2.6",
        model: "kling-v2-6",
        ..MOTION
    },
];

/// The omni model with narrower rules.
pub(super) const O1: &str = "kling-video-o1";

/// What a model takes in a call.
///
/// # Errors
/// A refusal that names the models of the call.
pub(super) fn find(operation: Operation, segment: &str) -> Result<&'static Offer, Refusal> {
    let mut offers = OFFERS.iter().filter(|offer| offer.operation == operation);
    let known: Vec<&str> = offers.clone().map(|offer| offer.segment).collect();
    offers.find(|offer| offer.segment == segment).ok_or_else(|| {
        let call = operation.word().replace('_', "-");
        let name = crate::kling_options::excerpt(segment);
        let message = format!("the model `{name}` does not exist in the call {call}");
        Refusal::new(RefusalKind::Model, message).allowing(known)
    })
}
