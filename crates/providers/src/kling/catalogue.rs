//! Which model is reached by which generation of the vendor's API, as data, and which way a wish goes.
//! What a model can do is the dialects' and the vendor's business.
//!
//! Source: <https://kling.ai/document-api/>, the legacy map and the settings of the new standard, checked
//! 2026-11-21.

use domain::credentials::Credentials;
use domain::error::TaskErrorCode;
use domain::{Ask, Operation, Role, TaskError};
use serde_json::Value;

use super::{calls, items, standard};

/// A model by the legacy calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Legacy<'a> {
    /// What is sent as `model_name`.
    pub(super) name: &'a str,
    /// Whether it has a `mode`.
    pub(super) has_mode: bool,
    /// Whether it has a `sound`.
    pub(super) has_sound: bool,
}

/// A model by the new standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standard<'a> {
    /// The last segment of the path.
    pub(super) segment: &'a str,
    /// Whether it has `settings.audio`.
    pub(super) has_audio: bool,
    /// Whether it has `settings.multi_shot`, which is on where nothing is said.
    pub(super) has_multi_shot: bool,
    /// Whether it takes a last frame.
    pub(super) has_last_frame: bool,
    /// Whether it takes elements.
    pub(super) has_elements: bool,
    /// Whether it takes voices.
    pub(super) has_voices: bool,
}

/// One row: a model by the name that clients use. `standard` is of clips from words or pictures.
struct Row {
    model: &'static str,
    legacy: Option<Legacy<'static>>,
    standard: Option<Standard<'static>>,
}

/// The models of the table, for the manifest. Work whose call has no model goes by a name of the house.
pub(super) const NAMES: &[&str] = &[
    "kling-3.0-turbo",
    "kling-ai-multi-shot",
    "kling-area-selection",
    "kling-avatar",
    "kling-custom-element",
    "kling-custom-voice",
    "kling-effects",
    "kling-identify-face",
    "kling-image-expand",
    "kling-image-o1",
    "kling-image-recognize",
    "kling-item-deletion",
    "kling-lip-sync",
    "kling-text-to-audio",
    "kling-tts",
    "kling-v1",
    "kling-v1-5",
    "kling-v1-6",
    "kling-v2",
    "kling-v2-1",
    "kling-v2-1-master",
    "kling-v2-5-turbo",
    "kling-v2-6",
    "kling-v2-master",
    "kling-v2-new",
    "kling-v3",
    "kling-v3-omni",
    "kling-video-o1",
    "kling-video-to-audio",
    "kolors-virtual-try-on-v1",
    "kolors-virtual-try-on-v1-5",
];

/// The longest name of a model that is not in the table, in bytes.
const NAME_BYTES_MAX: usize = 64;
/// How the vendor spells models of the legacy calls, before the number.
const LEGACY_PREFIXES: [&str; 2] = ["kling-v", "kolors-virtual-try-on-v"];

const fn legacy(name: &'static str) -> Legacy<'static> {
    Legacy {
        name,
        has_mode: true,
        has_sound: false,
    }
}

const fn legacy_only(name: &'static str) -> Row {
    Row {
        model: name,
        legacy: Some(legacy(name)),
        standard: None,
    }
}

const fn without_mode(name: &'static str) -> Row {
    Row {
        model: name,
        legacy: Some(Legacy {
            has_mode: false,
            ..legacy(name)
        }),
        standard: None,
    }
}

const TURBO_3: Standard<'static> = Standard {
    segment: "kling-3.0-turbo",
    has_audio: false,
    has_multi_shot: false,
    has_last_frame: false,
    has_elements: false,
    has_voices: false,
};

/// A model that the table does not know: it is given what it is asked for.
const UNKNOWN: Standard<'static> = Standard {
    segment: "",
    has_audio: true,
    has_multi_shot: true,
    has_last_frame: true,
    has_elements: true,
    has_voices: true,
};

/// Models of omni-video by the new standard.
static OMNI: [(&str, Standard<'static>); 2] = [
    (
        "kling-v3-omni",
        Standard {
            segment: "kling-3.0-omni",
            has_voices: false,
            ..UNKNOWN
        },
    ),
    (
        "kling-video-o1",
        Standard {
            segment: "kling-o1",
            has_last_frame: true,
            has_elements: true,
            ..TURBO_3
        },
    ),
];

/// Models of motion-control by the new standard.
static MOTION: [(&str, Standard<'static>); 2] = [
    (
        "kling-v2-6",
        Standard {
            segment: "kling-2.6",
            ..TURBO_3
        },
    ),
    (
        "kling-v3",
        Standard {
            segment: "kling-3.0",
            has_elements: true,
            ..TURBO_3
        },
    ),
];

static ROWS: [Row; 31] = [
    Row {
        model: "kling-3.0-turbo",
        legacy: None,
        standard: Some(TURBO_3),
    },
    legacy_only("kling-ai-multi-shot"),
    legacy_only("kling-area-selection"),
    legacy_only("kling-avatar"),
    legacy_only("kling-custom-element"),
    legacy_only("kling-custom-voice"),
    legacy_only("kling-effects"),
    legacy_only("kling-identify-face"),
    legacy_only("kling-image-expand"),
    legacy_only("kling-image-o1"),
    legacy_only("kling-image-recognize"),
    legacy_only("kling-item-deletion"),
    legacy_only("kling-lip-sync"),
    legacy_only("kling-text-to-audio"),
    legacy_only("kling-tts"),
    legacy_only("kling-v1"),
    legacy_only("kling-v1-5"),
    legacy_only("kling-v1-6"),
    legacy_only("kling-v2"),
    legacy_only("kling-v2-1"),
    without_mode("kling-v2-1-master"),
    Row {
        model: "kling-v2-5-turbo",
        legacy: Some(legacy("kling-v2-5-turbo")),
        standard: Some(Standard {
            segment: "kling-2.5-turbo",
            has_last_frame: true,
            ..TURBO_3
        }),
    },
    Row {
        model: "kling-v2-6",
        legacy: Some(Legacy {
            has_sound: true,
            ..legacy("kling-v2-6")
        }),
        standard: Some(Standard {
            segment: "kling-2.6",
            has_audio: true,
            has_last_frame: true,
            has_voices: true,
            ..TURBO_3
        }),
    },
    without_mode("kling-v2-master"),
    legacy_only("kling-v2-new"),
    Row {
        model: "kling-v3",
        legacy: Some(Legacy {
            has_sound: true,
            ..legacy("kling-v3")
        }),
        standard: Some(Standard {
            segment: "kling-3.0",
            has_audio: true,
            has_multi_shot: true,
            has_last_frame: true,
            has_elements: true,
            has_voices: false,
        }),
    },
    Row {
        model: "kling-v3-omni",
        legacy: Some(Legacy {
            has_sound: true,
            ..legacy("kling-v3-omni")
        }),
        standard: None,
    },
    legacy_only("kling-video-o1"),
    legacy_only("kling-video-to-audio"),
    legacy_only("kolors-virtual-try-on-v1"),
    legacy_only("kolors-virtual-try-on-v1-5"),
];

/// The ways on which a wish can be put to the vendor. Which of them a task went is never guessed: a
/// look-up that is to prove an absence asks on each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ways<'a> {
    /// By the legacy calls.
    pub(super) legacy: Option<Legacy<'a>>,
    /// By the new standard; else the field that it has no word for.
    pub(super) standard: Option<Result<Standard<'a>, &'static str>>,
}

/// The way that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way<'a> {
    /// By the legacy calls.
    Legacy(Legacy<'a>),
    /// By the new standard.
    Standard(Standard<'a>),
}

/// The ways of a wish. A model that is not in the table goes by its spelling, so that a new model needs
/// no new version of this table; a call without a model takes every name.
pub(super) fn ways(ask: &Ask) -> Ways<'_> {
    let Some(call) = calls::find(ask) else {
        return Ways {
            legacy: None,
            standard: None,
        };
    };
    if !call.names_model {
        return Ways {
            legacy: Some(legacy_of_any_kind(&ask.model)),
            standard: None,
        };
    }
    let (legacy, standard) = generations(ask);
    Ways {
        legacy,
        standard: standard.map(|standard| match unspeakable(ask, &standard) {
            None => Ok(standard),
            Some(field) => Err(field),
        }),
    }
}

/// The model of a wish by each generation.
fn generations(ask: &Ask) -> (Option<Legacy<'_>>, Option<Standard<'_>>) {
    let model = ask.model.as_str();
    let row = ROWS.iter().find(|row| row.model == model);
    let of = |table: &[(&str, Standard<'static>)]| {
        let found = table.iter().find(|(name, _)| *name == model);
        found.map(|(_, standard)| *standard)
    };
    match row {
        Some(row) => {
            let standard = match ask.operation {
                Operation::OmniVideo => of(&OMNI),
                Operation::MotionControl => of(&MOTION),
                Operation::TextToVideo | Operation::ImageToVideo | Operation::MultiImageToVideo => {
                    row.standard
                }
                _ => None,
            };
            (row.legacy, standard)
        }
        None if !is_plain(model) => (None, None),
        // What the new standard has no call for has one way only, whatever the model is called.
        None if is_legacy(model) || !is_by_contents(ask.operation) => (Some(legacy_of_any_kind(model)), None),
        None => (
            None,
            Some(Standard {
                segment: model,
                ..UNKNOWN
            }),
        ),
    }
}

const fn legacy_of_any_kind(name: &str) -> Legacy<'_> {
    Legacy {
        name,
        has_mode: true,
        has_sound: true,
    }
}

/// Whether a name that is not in the table is spelled as those of the legacy calls.
fn is_legacy(model: &str) -> bool {
    let mut numbers = LEGACY_PREFIXES
        .iter()
        .filter_map(|prefix| model.strip_prefix(prefix));
    numbers.any(|number| number.starts_with(|char: char| char.is_ascii_digit()))
}

/// The way of a wish at a login: the new standard where the login may use it and it loses nothing.
///
/// # Errors
/// Why there is none.
pub(super) fn choose<'a>(ask: &'a Ask, credentials: &Credentials) -> Result<Way<'a>, TaskError> {
    items::check(ask)?;
    let ways = ways(ask);
    let has_key = matches!(credentials, Credentials::ApiKey(_));
    match (ways.standard, ways.legacy) {
        (Some(Ok(standard)), _) if has_key => Ok(Way::Standard(standard)),
        (_, Some(legacy)) => Ok(Way::Legacy(legacy)),
        (Some(Err(field)), None) => {
            let message = format!("model `{}` has no `{field}`; leave it out", ask.model);
            Err(TaskError::new(TaskErrorCode::Refused, message))
        }
        (Some(Ok(_)), None) => {
            let message = format!(
                "model `{}` is reached with an API key only, and the account has none",
                ask.model
            );
            Err(TaskError::new(TaskErrorCode::NoProvider, message))
        }
        (None, None) => {
            let message = format!("model `{}` is not served", ask.model);
            Err(TaskError::new(TaskErrorCode::Refused, message))
        }
    }
}

/// Whether a name may stand in a path as it is.
fn is_plain(model: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    (1..=NAME_BYTES_MAX).contains(&model.len())
        && model.bytes().all(plain)
        && model.bytes().any(|byte| byte.is_ascii_alphanumeric())
}

/// The first thing in a wish that the new standard has no word for.
fn unspeakable(ask: &Ask, model: &Standard<'_>) -> Option<&'static str> {
    let has = |role: Role| ask.inputs.iter().any(|input| input.role == role);
    let extra = |name: &str| ask.extras.get(name).filter(|value| !value.is_null());
    let has_contents = ask.operation != Operation::TextToVideo;
    let is_multi_shot = extra("kling.multi_shot").and_then(Value::as_bool) == Some(true);
    let shots = extra("kling.multi_prompt").filter(|_| is_multi_shot);
    let keeps_sound = extra("kling.keep_original_sound").and_then(Value::as_str) == Some("yes");
    let has_no_sound = ask.operation == Operation::OmniVideo && !model.has_audio;
    let rules = [
        (!is_by_contents(ask.operation), "image_list"),
        (ask.negative_prompt.is_some(), "negative_prompt"),
        (extra("kling.cfg_scale").is_some(), "cfg_scale"),
        (extra("kling.camera_control").is_some(), "camera_control"),
        (has(Role::Mask), "static_mask"),
        (
            has(Role::LastFrame) && !(model.has_last_frame && has(Role::FirstFrame)),
            "image_tail",
        ),
        (
            items::elements(ask).next().is_some() && !(model.has_elements && has_contents),
            "element_list",
        ),
        (
            items::voices(ask).next().is_some() && !(model.has_voices && has_contents),
            "voice_list",
        ),
        (has_no_sound && ask.sound == Some(true), "sound"),
        (
            ask.operation == Operation::OmniVideo && has(Role::MotionVideo) && keeps_sound,
            "keep_original_sound",
        ),
        (
            shots.is_some_and(|shots| standard::shot_prompt(shots).is_none()),
            "multi_prompt",
        ),
        (
            is_multi_shot && !model.has_multi_shot && shots.is_none(),
            "multi_shot",
        ),
        (standard::words(ask).is_none(), "prompt"),
    ];
    let first = rules.into_iter().find(|(is_unspeakable, _)| *is_unspeakable);
    first.map(|(_, field)| field)
}

/// Whether the new standard has a call for a kind of work.
fn is_by_contents(operation: Operation) -> bool {
    matches!(
        operation,
        Operation::TextToVideo | Operation::ImageToVideo | Operation::OmniVideo | Operation::MotionControl
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifest_lists_the_models_of_the_table() {
        let models: Vec<&str> = ROWS.iter().map(|row| row.model).collect();
        assert_eq!(models, NAMES);
        assert!(NAMES.is_sorted());
    }
}
