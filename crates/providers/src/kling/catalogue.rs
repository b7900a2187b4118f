//! Which model is reached by which generation of the vendor's API, as data, and which way a wish goes.
//! What a model can do is the dialects' and the vendor's business.
//!
//! Source: <https://kling.ai/document-api/>, the legacy map and the settings of the new standard, checked
//! 2026-11-21.

use domain::credentials::Credentials;
use domain::error::TaskErrorCode;
use domain::{Ask, Operation, Role, TaskError};
use serde_json::Value;

use super::standard;

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
}

/// One row: a model by the name that clients use.
struct Row {
    model: &'static str,
    legacy: Option<Legacy<'static>>,
    standard: Option<Standard<'static>>,
}

/// The models of the table, for the manifest.
pub(super) const NAMES: &[&str] = &[
    "kling-3.0-turbo",
    "kling-v1",
    "kling-v1-5",
    "kling-v1-6",
    "kling-v2-1",
    "kling-v2-1-master",
    "kling-v2-5-turbo",
    "kling-v2-6",
    "kling-v2-master",
    "kling-v3",
];

/// The longest name of a model that is not in the table, in bytes.
const NAME_BYTES_MAX: usize = 64;
/// How the vendor spells models of the legacy calls.
const LEGACY_PREFIX: &str = "kling-v";

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
};

static ROWS: [Row; 10] = [
    Row {
        model: "kling-3.0-turbo",
        legacy: None,
        standard: Some(TURBO_3),
    },
    legacy_only("kling-v1"),
    legacy_only("kling-v1-5"),
    legacy_only("kling-v1-6"),
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
            ..TURBO_3
        }),
    },
    without_mode("kling-v2-master"),
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
        }),
    },
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
/// no new version of this table.
pub(super) fn ways(ask: &Ask) -> Ways<'_> {
    let model = ask.model.as_str();
    let (legacy, standard) = match ROWS.iter().find(|row| row.model == model) {
        Some(row) => (row.legacy, row.standard),
        None if !is_plain(model) => (None, None),
        None if model.starts_with(LEGACY_PREFIX) => {
            let legacy = Legacy {
                name: model,
                has_mode: true,
                has_sound: true,
            };
            (Some(legacy), None)
        }
        None => {
            let standard = Standard {
                segment: model,
                has_audio: true,
                has_multi_shot: true,
                has_last_frame: true,
            };
            (None, Some(standard))
        }
    };
    Ways {
        legacy,
        standard: standard.map(|standard| match unspeakable(ask, &standard) {
            None => Ok(standard),
            Some(field) => Err(field),
        }),
    }
}

/// The way of a wish at a login: the new standard where the login may use it and it loses nothing.
///
/// # Errors
/// Why there is none.
pub(super) fn choose<'a>(ask: &'a Ask, credentials: &Credentials) -> Result<Way<'a>, TaskError> {
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
    if ask.operation == Operation::MultiImageToVideo {
        return Some("image_list");
    }
    if ask.negative_prompt.is_some() {
        return Some("negative_prompt");
    }
    if extra("kling.cfg_scale").is_some() {
        return Some("cfg_scale");
    }
    if extra("kling.camera_control").is_some() {
        return Some("camera_control");
    }
    if has(Role::Mask) {
        return Some("static_mask");
    }
    if has(Role::LastFrame) && !(model.has_last_frame && has(Role::FirstFrame)) {
        return Some("image_tail");
    }
    let is_multi_shot = extra("kling.multi_shot").and_then(Value::as_bool) == Some(true);
    let shots = extra("kling.multi_prompt").filter(|_| is_multi_shot);
    if shots.is_some_and(|shots| standard::shot_prompt(shots).is_none()) {
        return Some("multi_prompt");
    }
    (is_multi_shot && !model.has_multi_shot && shots.is_none()).then_some("multi_shot")
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
