//! Clips and sounds of a wish in Kling's fields: given as a link, as Base64, or by the name of an earlier
//! result; and which of them the vendor reads. Pictures are in `kling_frames`.
//!
//! Source: <https://kling.ai/document-api/>, the input limits of the legacy calls, checked 2026-11-21.

use domain::ask::Role;
use domain::fields::{Field, Fields};
use domain::{Input, MediaKind, MediaRule, Refusal, Source};

use crate::kling_frames::{check_link, media};
use crate::kling_options::line;

/// The longest name of an earlier result, in characters.
const NAME_CHARS_MAX: usize = 256;
/// The clips that the vendor reads.
const CLIP_TYPES: [&str; 3] = ["video/mp4", "video/quicktime", "video/x-m4v"];
/// The sounds that the vendor reads: MP3, WAV, M4A and AAC, as they are called.
const SOUND_TYPES: [&str; 7] = [
    "audio/mpeg",
    "audio/x-wav",
    "audio/wav",
    "audio/m4a",
    "audio/x-m4a",
    "audio/mp4",
    "audio/aac",
];
const MEGABYTE: u64 = 1024 * 1024;

/// A clip of so many megabytes and so many milliseconds.
pub(crate) fn clip_rule(megabytes: u64, lasting_ms: std::ops::RangeInclusive<u64>) -> MediaRule {
    MediaRule {
        kind: MediaKind::Video,
        types: CLIP_TYPES.map(str::to_owned).to_vec(),
        bytes_max: megabytes * MEGABYTE,
        side_min: None,
        ratio_max_tenths: None,
        duration_ms_min: Some(*lasting_ms.start()),
        duration_ms_max: Some(*lasting_ms.end()),
    }
}

/// A sound of so many megabytes and so many milliseconds.
pub(crate) fn sound_rule(megabytes: u64, lasting_ms: std::ops::RangeInclusive<u64>) -> MediaRule {
    MediaRule {
        kind: MediaKind::Audio,
        types: SOUND_TYPES.map(str::to_owned).to_vec(),
        ..clip_rule(megabytes, lasting_ms)
    }
}

/// A sound, or a clip for the sake of its sound.
pub(crate) fn sample_rule(megabytes: u64, lasting_ms: std::ops::RangeInclusive<u64>) -> MediaRule {
    let sounds = sound_rule(megabytes, lasting_ms);
    let types = sounds.types.iter().map(String::as_str).chain(CLIP_TYPES);
    MediaRule {
        types: types.map(str::to_owned).collect(),
        ..sounds
    }
}

/// A clip in a field. The vendor takes clips as links only.
///
/// # Errors
/// A refusal when it is no link.
pub(crate) fn clip(home: &Fields, name: &str, role: Role, rule: MediaRule) -> Result<Option<Input>, Refusal> {
    if let Some(Field::Text(text)) = home.get(name)
        && !text.trim().is_empty()
    {
        check_link(text.trim()).map_err(|wrong| home.wrong(name, &wrong))?;
    } else if matches!(home.get(name), Some(Field::Staged(_))) {
        let message = "is no link; a video is taken as an http or https URL only";
        return Err(home.wrong(name, message));
    }
    media(home, name, role, rule)
}

/// An earlier result in a field, by its id or its task's.
///
/// # Errors
/// A refusal when it is no short text.
pub(crate) fn earlier(
    home: &Fields,
    name: &str,
    role: Role,
    rule: MediaRule,
) -> Result<Option<Input>, Refusal> {
    let named = line(home, name, NAME_CHARS_MAX)?;
    Ok(named.map(|named| Input {
        role,
        source: Source::Earlier(named),
        field: home.path(name),
        rule: Some(rule),
        parent: None,
    }))
}

/// Of two ways to give something exactly one; `names` are the fields.
///
/// # Errors
/// A refusal of the second field where both are given, of the first where none is.
pub(crate) fn one_of(home: &Fields, names: [&str; 2], given: [Option<Input>; 2]) -> Result<Input, Refusal> {
    let [first, second] = names;
    match given {
        [Some(_), Some(_)] => {
            let message = format!(
                "cannot be used together with `{}`; give one of them",
                home.path(first)
            );
            Err(home.wrong(second, &message))
        }
        [Some(input), None] | [None, Some(input)] => Ok(input),
        [None, None] => {
            let message = format!("is required, or `{}`", home.path(second));
            Err(home.wrong(first, &message))
        }
    }
}

/// The clip that is worked on: `video_id` or `video_url`.
///
/// # Errors
/// As [`one_of`], and when one of the two is not what it must be.
pub(crate) fn source_clip(home: &Fields, rule: &MediaRule) -> Result<Input, Refusal> {
    let known = earlier(home, "video_id", Role::SourceVideo, rule.clone())?;
    let linked = clip(home, "video_url", Role::SourceVideo, rule.clone())?;
    one_of(home, ["video_id", "video_url"], [known, linked])
}

/// The sound that is heard: `audio_id` or `sound_file`.
///
/// # Errors
/// As [`one_of`], and when one of the two is not what it must be.
pub(crate) fn sound_of(home: &Fields, rule: &MediaRule) -> Result<Input, Refusal> {
    let known = earlier(home, "audio_id", Role::Audio, rule.clone())?;
    let given = media(home, "sound_file", Role::Audio, rule.clone())?;
    one_of(home, ["audio_id", "sound_file"], [known, given])
}
