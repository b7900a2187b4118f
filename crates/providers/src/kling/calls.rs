//! The legacy calls as one table: the path of each kind of work, when it answers, how it is found again, and
//! what comes of it. The page for operators is rendered from it. What goes into a call is in the files of the
//! kinds of work.
//!
//! Source: <https://kling.ai/document-api/>, the legacy reference, checked 2026-11-21.

use domain::item::ItemKind;
use domain::{Ask, Operation};
use serde_json::Value;

use super::shapes::{
    AREAS, CLIPS, ELEMENTS, FACES, MASKS, MIXED, NOTHING, PICTURES, SERIES, SOUNDS, SPEECH, Shape, VIEWS,
    VOICES,
};

/// When a call answers with its result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answers {
    /// It makes a task, which is looked at.
    Later,
    /// With the call itself; there is nothing to look at, so a call in doubt stays in doubt.
    AtOnce,
    /// With the call itself, which costs nothing and may be made again: a call in doubt is.
    AtOnceForFree,
}

/// How a task is found by our own reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reference {
    /// By its path; what is not found there is not there.
    Path,
    /// Perhaps by its path, which is not documented; else among the newest tasks. An absence is not proved.
    Newest,
    /// It is not sent.
    None,
}

/// What units the bill of a legacy task is in, and what such a unit costs by the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Units {
    /// Units of clips and sounds.
    Video,
    /// Units of pictures.
    Image,
    /// Units of garments.
    TryOn,
}

impl Units {
    /// The vendor's word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Units::Video => "video",
            Units::Image => "image",
            Units::TryOn => "try_on",
        }
    }
}

/// One call.
#[derive(Debug)]
pub struct Row {
    /// The kind of work.
    pub operation: Operation,
    /// Which of several calls for it; empty where there is one.
    pub case: &'static str,
    /// Where it is sent; looks go below it.
    pub path: &'static str,
    /// When it answers.
    pub answers: Answers,
    /// How it is found again.
    pub reference: Reference,
    /// Whether it takes a `model_name`.
    pub names_model: bool,
    /// Whether it can make a copy with the vendor's mark.
    pub has_mark: bool,
    /// What it is billed in.
    pub pack: Units,
    /// What its result looks like.
    pub shape: &'static Shape,
}

/// A call that makes clips of a model by name.
const fn clip(operation: Operation, path: &'static str) -> Row {
    Row {
        operation,
        case: "",
        path,
        answers: Answers::Later,
        reference: Reference::Path,
        names_model: true,
        has_mark: true,
        pack: Units::Video,
        shape: &CLIPS,
    }
}

/// A call that makes clips and has one model only.
const fn bare_clip(operation: Operation, path: &'static str) -> Row {
    Row {
        names_model: false,
        ..clip(operation, path)
    }
}

const fn pictures(operation: Operation, path: &'static str) -> Row {
    Row {
        pack: Units::Image,
        shape: &PICTURES,
        ..clip(operation, path)
    }
}

/// A call without a model or a mark.
const fn plain(operation: Operation, path: &'static str, shape: &'static Shape) -> Row {
    Row {
        names_model: false,
        has_mark: false,
        shape,
        ..clip(operation, path)
    }
}

/// A call that answers at once.
const fn at_once(operation: Operation, path: &'static str, shape: &'static Shape) -> Row {
    Row {
        answers: Answers::AtOnce,
        reference: Reference::None,
        ..plain(operation, path, shape)
    }
}

const fn selection(case: &'static str, path: &'static str, answers: Answers) -> Row {
    Row {
        case,
        answers,
        ..at_once(Operation::AreaSelection, path, &AREAS)
    }
}

const fn deletion(case: &'static str, path: &'static str) -> Row {
    Row {
        case,
        answers: Answers::AtOnceForFree,
        ..at_once(Operation::ItemDeletion, path, &NOTHING)
    }
}

/// Every call, in the order of [`Operation::ALL`].
pub static ROWS: [Row; 32] = [
    clip(Operation::TextToVideo, "/v1/videos/text2video"),
    clip(Operation::ImageToVideo, "/v1/videos/image2video"),
    clip(Operation::MultiImageToVideo, "/v1/videos/multi-image2video"),
    clip(Operation::OmniVideo, "/v1/videos/omni-video"),
    clip(Operation::MotionControl, "/v1/videos/motion-control"),
    bare_clip(Operation::VideoExtend, "/v1/videos/video-extend"),
    Row {
        case: "advanced",
        reference: Reference::Newest,
        ..bare_clip(Operation::LipSync, "/v1/videos/advanced-lip-sync")
    },
    Row {
        case: "old",
        reference: Reference::Newest,
        ..bare_clip(Operation::LipSync, "/v1/videos/lip-sync")
    },
    bare_clip(Operation::Avatar, "/v1/videos/avatar/image2video"),
    bare_clip(Operation::VideoEffects, "/v1/videos/effects"),
    clip(Operation::MultiElements, "/v1/videos/multi-elements"),
    plain(Operation::TextToAudio, "/v1/audio/text-to-audio", &SOUNDS),
    plain(Operation::VideoToAudio, "/v1/audio/video-to-audio", &MIXED),
    at_once(Operation::Speech, "/v1/audio/tts", &SPEECH),
    pictures(Operation::ImageGeneration, "/v1/images/generations"),
    Row {
        shape: &SERIES,
        ..pictures(Operation::OmniImage, "/v1/images/omni-image")
    },
    pictures(Operation::MultiImageToImage, "/v1/images/multi-image2image"),
    Row {
        names_model: false,
        ..pictures(Operation::ImageExpand, "/v1/images/editing/expand")
    },
    Row {
        pack: Units::TryOn,
        ..pictures(Operation::VirtualTryOn, "/v1/images/kolors-virtual-try-on")
    },
    Row {
        pack: Units::Image,
        ..plain(Operation::MultiShotViews, "/v1/general/ai-multi-shot", &VIEWS)
    },
    at_once(Operation::ImageRecognition, "/v1/videos/image-recognize", &MASKS),
    at_once(Operation::FaceIdentification, "/v1/videos/identify-face", &FACES),
    selection(
        "init",
        "/v1/videos/multi-elements/init-selection",
        Answers::AtOnce,
    ),
    selection("add", "/v1/videos/multi-elements/add-selection", Answers::AtOnce),
    selection(
        "delete",
        "/v1/videos/multi-elements/delete-selection",
        Answers::AtOnce,
    ),
    selection(
        "clear",
        "/v1/videos/multi-elements/clear-selection",
        Answers::AtOnceForFree,
    ),
    selection(
        "preview",
        "/v1/videos/multi-elements/preview-selection",
        Answers::AtOnceForFree,
    ),
    plain(Operation::CustomVoice, "/v1/general/custom-voices", &VOICES),
    Row {
        case: "advanced",
        ..plain(
            Operation::CustomElement,
            "/v1/general/advanced-custom-elements",
            &ELEMENTS,
        )
    },
    Row {
        case: "previous",
        ..plain(Operation::CustomElement, "/v1/general/custom-elements", &ELEMENTS)
    },
    deletion("voice", "/v1/general/delete-voices"),
    deletion("element", "/v1/general/delete-elements"),
];

/// Every kind of work that has a call, for the manifest.
pub(super) const OPERATIONS: [Operation; 25] = {
    let mut all = [Operation::TextToVideo; 25];
    let mut at = 0;
    while at < all.len() {
        all[at] = Operation::ALL[at].0;
        at += 1;
    }
    all
};

/// The call of a wish. `None`: there is none.
#[must_use]
pub(super) fn find(ask: &Ask) -> Option<&'static Row> {
    let case = case(ask);
    ROWS.iter()
        .find(|row| row.operation == ask.operation && row.case == case)
}

fn case(ask: &Ask) -> &str {
    let has = |kind: ItemKind| ask.mentions.iter().any(|mention| mention.kind == kind);
    let said = |name: &str| ask.extras.get(name).and_then(Value::as_str);
    match ask.operation {
        Operation::LipSync if has(ItemKind::FaceSession) => "advanced",
        Operation::LipSync => "old",
        Operation::AreaSelection => said("kling.selection").unwrap_or("init"),
        Operation::CustomElement => said("kling.generation").unwrap_or("advanced"),
        Operation::ItemDeletion if has(ItemKind::Voice) => "voice",
        Operation::ItemDeletion => "element",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::{OPERATIONS, ROWS};

    #[test]
    fn every_kind_of_work_has_a_call_and_every_case_one() {
        for operation in OPERATIONS {
            assert!(ROWS.iter().any(|row| row.operation == operation), "{operation:?}");
        }
        let mut keys: Vec<_> = ROWS.iter().map(|row| (row.operation, row.case)).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), ROWS.len());
    }
}
