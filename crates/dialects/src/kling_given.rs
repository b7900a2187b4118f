//! Clips and sounds that a wish of the new standard, or of a reseller's queue, gives as a link or as a file. Those of
//! the legacy calls are in `kling_media`, pictures in `kling_frames`; nothing is fetched here.
//!
//! Source: <https://kling.ai/document-api/>, the input limits, checked 2026-11-21.

use domain::ask::Role;
use domain::fields::{Field, Fields};
use domain::{Input, MediaKind, MediaRule, Misfit, Refusal, RefusalKind, Source};

use crate::kling_frames::check_link;

/// The clip types that the vendor reads.
const CLIP_TYPES: [&str; 2] = ["video/mp4", "video/quicktime"];
/// The sound types that the vendor reads.
const SOUND_TYPES: [&str; 6] = [
    "audio/mpeg",
    "audio/wav",
    "audio/x-wav",
    "audio/mp4",
    "audio/x-m4a",
    "audio/aac",
];
/// The largest sound, in bytes.
const SOUND_BYTES_MAX: u64 = 5 * 1024 * 1024;

/// What a clip must be.
pub(crate) fn clip_rule(bytes_max: u64) -> MediaRule {
    MediaRule::of(MediaKind::Video, &CLIP_TYPES, bytes_max)
}

/// What a sound must be.
pub(crate) fn sound_rule() -> MediaRule {
    MediaRule::of(MediaKind::Audio, &SOUND_TYPES, SOUND_BYTES_MAX)
}

/// A clip or sound in a field; an empty string counts as none.
///
/// # Errors
/// A refusal when it is neither a link nor a file that fits its rule.
pub(crate) fn file(home: &Fields, name: &str, role: Role, rule: MediaRule) -> Result<Option<Input>, Refusal> {
    let path = home.path(name);
    let source = match home.get(name) {
        None => return Ok(None),
        Some(Field::Text(text)) if text.trim().is_empty() => return Ok(None),
        Some(Field::Text(text)) => {
            check_link(text.trim()).map_err(|wrong| home.wrong(name, &wrong))?;
            Source::Link(text.trim().to_owned())
        }
        Some(Field::Staged(staged)) => {
            rule.check(staged).map_err(|misfit| unfit(&path, &misfit))?;
            Source::Staged(staged.clone())
        }
        Some(other) => {
            let message = format!("must be a link or a file, not {}", other.kind());
            return Err(home.wrong(name, &message));
        }
    };
    Ok(Some(Input {
        role,
        source,
        field: path,
        rule: Some(rule),
        parent: None,
    }))
}

fn unfit(path: &str, misfit: &Misfit) -> Refusal {
    let refusal = Refusal::media(path, format!("`{path}` {misfit}"));
    match misfit {
        Misfit::Bytes { .. } => Refusal {
            kind: RefusalKind::TooLarge,
            ..refusal
        },
        _ => refusal,
    }
}
