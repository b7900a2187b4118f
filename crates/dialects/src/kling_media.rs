//! Clips and sounds of a wish in Kling's fields: given as a link, as Base64, or by the name of an earlier
//! result; and which of them the vendor reads. Pictures are in `kling_frames`.
//!
//! Source: <https://kling.ai/document-api/>, the input limits of the legacy calls, checked 2026-11-21.

use std::ops::RangeInclusive;

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
/// Those that voices are made of.
const SAMPLE_TYPES: [&str; 3] = ["audio/mpeg", "audio/x-wav", "audio/wav"];
const MEGABYTE: u64 = 1024 * 1024;
/// How much longer than a number of seconds a clip of that length may last, in milliseconds: the vendor's own
/// clips last some frames more.
pub(crate) const CLIP_SLACK_MS: u64 = 500;
/// The largest clip of the omni models, in megabytes.
const OMNI_MEGABYTES: u64 = 200;
/// How long clips of the omni models last, in milliseconds.
const OMNI_MS: RangeInclusive<u64> = 3_000..=15_500;
const FIRST_OMNI_MS: RangeInclusive<u64> = 3_000..=10_000 + CLIP_SLACK_MS;
/// Their sides, in pixels, and their frames a second.
const OMNI_SIDES: RangeInclusive<u32> = 700..=4_553;
const FIRST_OMNI_SIDES: RangeInclusive<u32> = 700..=2_160;
const OMNI_RATES: RangeInclusive<u32> = 24..=60;
const OMNI_PIXELS_MAX: u64 = 8_294_400;
/// From 0.4 to 2 times as wide as high.
const OMNI_HIGH_MAX_TENTHS: u32 = 25;
const OMNI_WIDE_MAX_TENTHS: u32 = 20;
/// The largest clip of motion control, in megabytes.
const MOTION_MEGABYTES: u64 = 100;
/// The shortest, in milliseconds.
const MOTION_MS_MIN: u64 = 3_000;
/// Its sides, in pixels.
const MOTION_SIDES: RangeInclusive<u32> = 340..=3_850;

/// A clip of so many megabytes and so many milliseconds.
pub(crate) fn clip_rule(megabytes: u64, lasting_ms: &RangeInclusive<u64>) -> MediaRule {
    MediaRule::of(MediaKind::Video, &CLIP_TYPES, megabytes * MEGABYTE).lasting(lasting_ms)
}

/// A sound of so many megabytes and so many milliseconds.
pub(crate) fn sound_rule(megabytes: u64, lasting_ms: &RangeInclusive<u64>) -> MediaRule {
    MediaRule::of(MediaKind::Audio, &SOUND_TYPES, megabytes * MEGABYTE).lasting(lasting_ms)
}

/// A sample of a voice: an MP3 or WAV, or a clip for the sake of its sound.
pub(crate) fn sample_rule(megabytes: u64, lasting_ms: &RangeInclusive<u64>) -> MediaRule {
    let types: Vec<&str> = SAMPLE_TYPES.into_iter().chain(CLIP_TYPES).collect();
    MediaRule::of(MediaKind::Audio, &types, megabytes * MEGABYTE).lasting(lasting_ms)
}

/// A clip that `kling-v3-omni` goes by, or changes. The two generations of the call have different figures for
/// it; these are the newer ones.
pub(crate) fn omni_rule() -> MediaRule {
    MediaRule {
        pixels_max: Some(OMNI_PIXELS_MAX),
        ratio_max_tenths: Some(OMNI_HIGH_MAX_TENTHS),
        wide_max_tenths: Some(OMNI_WIDE_MAX_TENTHS),
        ..omni(&OMNI_MS).sides(&OMNI_SIDES)
    }
}

/// The same of `kling-video-o1`.
pub(crate) fn first_omni_rule() -> MediaRule {
    omni(&FIRST_OMNI_MS).sides(&FIRST_OMNI_SIDES)
}

fn omni(lasting_ms: &RangeInclusive<u64>) -> MediaRule {
    clip_rule(OMNI_MEGABYTES, lasting_ms).rates(&OMNI_RATES)
}

/// A clip that lends its motion, of so many seconds at most.
pub(crate) fn motion_rule(seconds_max: u64) -> MediaRule {
    let longest_ms = seconds_max * 1_000 + CLIP_SLACK_MS;
    clip_rule(MOTION_MEGABYTES, &(MOTION_MS_MIN..=longest_ms)).sides(&MOTION_SIDES)
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
