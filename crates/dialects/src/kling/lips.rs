//! Lip sync: faces found in a clip (`identify-face`), one of them moved to a sound (`advanced-lip-sync`), and
//! the older call that finds the face itself (`lip-sync`).
//!
//! Source: <https://kling.ai/document-api/>, lip-sync of the legacy API, checked 2026-11-21.

use domain::ask::Role;
use domain::dialect::{FieldRow, Submission};
use domain::fields::Fields;
use domain::item::ItemKind;
use domain::{Call, Input, MediaRule, Operation, Refusal, Source};
use serde_json::{Map, Value, json};

use super::cited;
use super::fields::{EXTERNAL_ID, SESSION, VIDEO_ID, VIDEO_URL};
use super::wish::{Draft, entries, needed, needed_word, number_or};
use crate::field_tables::{NONE, REQUIRED, names_under, row};
use crate::kling_fields::{CALLBACK_URL, WATERMARK};
use crate::kling_frames::{entry, media};
use crate::kling_media::{CLIP_SLACK_MS, clip_rule, sound_of, sound_rule, source_clip};
use crate::kling_options::word;

/// The model that the price book knows the call by.
const MODEL: &str = "kling-lip-sync";
/// The model that the price book knows `identify-face` by.
const FACES_MODEL: &str = "kling-identify-face";
const CLIP_MEGABYTES: u64 = 100;
const SOUND_MEGABYTES: u64 = 5;
/// Clips and sounds, in milliseconds.
const LASTING_MS: std::ops::RangeInclusive<u64> = 2_000..=60_000;
/// Sides of clips, in pixels.
const SIDES: std::ops::RangeInclusive<u32> = 512..=2_160;
/// Clips of the older call, in milliseconds.
const OLD_CLIP_MS: std::ops::RangeInclusive<u64> = 2_000..=10_000 + CLIP_SLACK_MS;
/// Their sides, in pixels.
const OLD_SIDES: std::ops::RangeInclusive<u32> = 720..=1_920;
/// The end of the longest sound and of the longest clip, in milliseconds.
const END_MS: i64 = 60_000;
/// How far behind a sound's end a piece may end, in milliseconds: lengths are rounded.
const ROUNDING_MS: i64 = 100;
/// The shortest piece of a sound, in milliseconds.
const PIECE_MS_MIN: i64 = 2_000;
const VOLUMES: std::ops::RangeInclusive<f64> = 0.0..=2.0;
const SPEEDS: std::ops::RangeInclusive<f64> = 0.8..=2.0;
const FACE_CHARS_MAX: usize = 64;
const OLD_TEXT_CHARS_MAX: usize = 120;
const VOICE_CHARS_MAX: usize = 128;
const OLD_MODES: [&str; 2] = ["text2video", "audio2video"];
const LANGUAGES: [&str; 2] = ["zh", "en"];
const AUDIO_TYPES: [&str; 2] = ["file", "url"];

/// The fields that carry sounds.
pub(crate) const MEDIA: &[&str] = &["face_choose.sound_file"];
/// The same of the older call.
pub(crate) const OLD_MEDIA: &[&str] = &["input.audio_file", "input.audio_url"];

/// The rows of `identify-face`.
pub(crate) const FACES: &[FieldRow] = &[VIDEO_ID, VIDEO_URL];

/// The rows of `advanced-lip-sync`.
pub(crate) const FIELDS: &[FieldRow] = &[
    SESSION,
    row("face_choose", "list of objects", REQUIRED, "exactly 1 face"),
    row(
        "face_choose.face_id",
        "string",
        REQUIRED,
        "as `identify-face` answered it",
    ),
    row(
        "face_choose.audio_id",
        "string",
        "required, or `sound_file`",
        "the `id` of an earlier sound of 2 to 60 seconds, or of its task",
    ),
    row(
        "face_choose.sound_file",
        "string",
        "required, or `audio_id`",
        "an `http` or `https` link, or Base64 of an MP3, WAV, M4A or AAC of at most 5 MB",
    ),
    row(
        "face_choose.sound_start_time",
        "whole number",
        REQUIRED,
        "where the piece of the sound begins, in milliseconds",
    ),
    row(
        "face_choose.sound_end_time",
        "whole number",
        REQUIRED,
        "where it ends, at least 2000 later",
    ),
    row(
        "face_choose.sound_insert_time",
        "whole number",
        REQUIRED,
        "where in the clip it is put, in milliseconds",
    ),
    row("face_choose.sound_volume", "number", "`1`", "0 to 2"),
    row("face_choose.original_audio_volume", "number", "`1`", "0 to 2"),
    EXTERNAL_ID,
    CALLBACK_URL,
    WATERMARK[0],
    WATERMARK[1],
];

/// The rows of the older `lip-sync`.
pub(crate) const OLD: &[FieldRow] = &[
    row("input", "object", REQUIRED, "the whole wish"),
    row(
        "input.task_id",
        "string",
        NONE,
        "the task of the clip, as resellers have it; the clip itself says as much",
    ),
    row(
        "input.video_id",
        "string",
        "required, or `video_url`",
        "the `id` of an earlier clip of 2 to 10 seconds, or of its task",
    ),
    row(
        "input.video_url",
        "string",
        "required, or `video_id`",
        "an `http` or `https` link to an MP4 or MOV of 2 to 10 seconds, sides of 720 to 1920 pixels",
    ),
    row("input.mode", "string", REQUIRED, "`text2video`, `audio2video`"),
    row(
        "input.text",
        "string",
        "required with `text2video`",
        "what is said, at most 120 characters",
    ),
    row(
        "input.voice_id",
        "string",
        "required with `text2video`",
        "a voice of the vendor's speech catalogue",
    ),
    row("input.voice_language", "string", "`zh`", "`zh`, `en`"),
    row("input.voice_speed", "number", "`1`", "0.8 to 2"),
    row(
        "input.audio_type",
        "string",
        "required with `audio2video`",
        "`file`, `url`",
    ),
    row(
        "input.audio_file",
        "string",
        "required with `file`",
        "Base64 of an MP3, WAV, M4A or AAC of at most 5 MB",
    ),
    row(
        "input.audio_url",
        "string",
        "required with `url`",
        "an `http` or `https` link to such a sound",
    ),
    EXTERNAL_ID,
    CALLBACK_URL,
];

/// Reads `identify-face`.
///
/// # Errors
/// A refusal that names the field and the allowed values.
pub(super) fn faces(call: &Call) -> Result<Submission, Refusal> {
    let mut draft = Draft::begin(call, Operation::FaceIdentification, FACES_MODEL, FACES);
    let clip = source_clip(draft.top, &clip_rule(CLIP_MEGABYTES, &LASTING_MS).sides(&SIDES))?;
    draft.ask.inputs.push(clip);
    Ok(draft.unnamed())
}

/// Reads `advanced-lip-sync`.
///
/// # Errors
/// A refusal that names the field and the allowed values.
pub(super) fn read(call: &Call) -> Result<Submission, Refusal> {
    let mut draft = Draft::begin(call, Operation::LipSync, MODEL, FIELDS);
    cited::item(&mut draft, "session_id", ItemKind::FaceSession)?;
    let name = "face_choose";
    entries(draft.top, name, &(1..=1))?;
    let face = entry(draft.top, name, 0)?;
    draft.notes.unknown(&face, &names_under(FIELDS, name));
    let id = needed(&face, "face_id", FACE_CHARS_MAX)?;
    let sound = sound_of(&face, &sounds())?;
    let [start, end, insert] = ["sound_start_time", "sound_end_time", "sound_insert_time"];
    let (start_ms, end_ms) = (moment(&face, start)?, moment(&face, end)?);
    let insert_ms = moment(&face, insert)?;
    if end_ms - start_ms < PIECE_MS_MIN {
        let message = format!(
            "leaves `{}` milliseconds of the sound, at least {PIECE_MS_MIN}",
            end_ms - start_ms
        );
        return Err(face.wrong(end, &message));
    }
    fits(&face, &sound, end_ms, insert_ms, end_ms - start_ms)?;
    draft.ask.inputs.push(sound);
    let chosen = json!([{
        "face_id": id,
        start: start_ms,
        end: end_ms,
        insert: insert_ms,
        "sound_volume": number_or(&face, "sound_volume", &VOLUMES, 1.0)?,
        "original_audio_volume": number_or(&face, "original_audio_volume", &VOLUMES, 1.0)?,
    }]);
    draft.keep(name, chosen);
    lasting(&mut draft, *LASTING_MS.end());
    draft.marked()
}

/// Reads the older `lip-sync`.
///
/// # Errors
/// A refusal that names the field and the allowed values.
pub(super) fn old(call: &Call) -> Result<Submission, Refusal> {
    let mut draft = Draft::begin(call, Operation::LipSync, MODEL, OLD);
    let input = draft.top.object("input")?;
    let input = input.ok_or_else(|| draft.top.wrong("input", "is required"))?;
    draft.notes.unknown(&input, &names_under(OLD, "input"));
    let clip = source_clip(&input, &clip_rule(CLIP_MEGABYTES, &OLD_CLIP_MS).sides(&OLD_SIDES))?;
    draft.ask.inputs.push(clip);
    let mode = needed_word(&input, "mode", &OLD_MODES)?;
    let mut said = Map::new();
    said.insert("mode".to_owned(), json!(mode));
    if mode == OLD_MODES[0] {
        spoken(&input, &mut said)?;
        draft.ask.prompt = needed(&input, "text", OLD_TEXT_CHARS_MAX)?;
    } else {
        let kind = needed_word(&input, "audio_type", &AUDIO_TYPES)?;
        let name = if kind == AUDIO_TYPES[0] {
            "audio_file"
        } else {
            "audio_url"
        };
        let sound = media(&input, name, Role::Audio, sounds())?;
        draft
            .ask
            .inputs
            .push(sound.ok_or_else(|| input.wrong(name, "is required"))?);
        said.insert("audio_type".to_owned(), json!(kind));
    }
    draft.keep("input", Value::Object(said));
    lasting(&mut draft, OLD_CLIP_MS.end() / 1_000 * 1_000);
    draft.named()
}

/// What the older call says about speech.
fn spoken(input: &Fields, said: &mut Map<String, Value>) -> Result<(), Refusal> {
    let language = word(input, "voice_language", &LANGUAGES)?;
    let pairs = [
        ("text", json!(needed(input, "text", OLD_TEXT_CHARS_MAX)?)),
        ("voice_id", json!(needed(input, "voice_id", VOICE_CHARS_MAX)?)),
        (
            "voice_language",
            json!(language.unwrap_or_else(|| LANGUAGES[0].to_owned())),
        ),
        ("voice_speed", number_or(input, "voice_speed", &SPEEDS, 1.0)?),
    ];
    said.extend(pairs.map(|(name, value)| (name.to_owned(), value)));
    Ok(())
}

fn sounds() -> MediaRule {
    sound_rule(SOUND_MEGABYTES, &LASTING_MS)
}

/// The result is as long as the clip, which may be known only later.
fn lasting(draft: &mut Draft<'_>, longest_ms: u64) {
    draft.ask.duration_ms = longest_ms;
    draft.ask.lasts_like = Some(Role::SourceVideo);
    draft.ask.follows_picture = true;
}

/// Whether a piece ends within the sound, as far as its length is known, and within the longest clip.
fn fits(face: &Fields, sound: &Input, end_ms: i64, insert_ms: i64, piece_ms: i64) -> Result<(), Refusal> {
    let known_ms = match &sound.source {
        Source::Staged(staged) => staged.facts.duration_ms,
        _ => None,
    };
    let known_ms = known_ms.and_then(|known_ms| i64::try_from(known_ms).ok());
    let sound_ms = known_ms.unwrap_or(END_MS);
    if end_ms > sound_ms.saturating_add(ROUNDING_MS).min(END_MS) {
        let message = format!("cannot be `{end_ms}`, the sound ends at {sound_ms}");
        return Err(face.wrong("sound_end_time", &message));
    }
    if insert_ms > END_MS - piece_ms {
        let message = format!("cannot be `{insert_ms}`: the piece would go on behind the end of any clip");
        let allowed = format!("0 to {}", END_MS - piece_ms);
        return Err(face.wrong("sound_insert_time", &message).allowing([allowed]));
    }
    Ok(())
}

fn moment(face: &Fields, name: &str) -> Result<i64, Refusal> {
    let moment = face.whole(name)?.ok_or_else(|| face.wrong(name, "is required"))?;
    if moment < 0 {
        let message = format!("cannot be `{moment}`, only 0 or more milliseconds");
        return Err(face.wrong(name, &message));
    }
    Ok(moment)
}
