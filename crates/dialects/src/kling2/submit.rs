//! Reads a submit: the model of the path, `settings` and `options`; what stands in `contents` is read beside it.

use domain::ask::Role;
use domain::dialect::Submission;
use domain::fields::{Field, Fields};
use domain::{Ask, Call, Operation, Refusal};
use serde_json::json;

use super::contents::{self, Clip, Contents};
use super::guide;
use super::offers::{self, O1, Offer};
use super::shots;
use crate::field_tables::{names, names_under};
use crate::kling_models::size_of;
use crate::kling_options::{self as options, Notes, RATIOS, excerpt, line};

/// The resolutions and the quality words for them.
const MODES: [(&str, &str); 3] = [("720p", "std"), ("1080p", "pro"), ("4k", "4k")];
/// The length where none is said, in seconds.
const DEFAULT_SECONDS: u64 = 5;
/// The ratio where none is said.
const DEFAULT_RATIO: &str = "16:9";
/// The frames a second where the model does not say.
const FPS: u32 = 24;
/// Whose side the character looks to, with the longest clip that lends it motion, in seconds.
const ORIENTATIONS: [(&str, u64); 2] = [("image", 10), ("video", 30)];
/// The longest of them.
const LONGEST_MOTION: u64 = 30;
/// The longest clip that is changed, in seconds.
const BASE_SECONDS_MAX: u64 = 15;
/// Lengths of O1 without pictures or with frames alone, in seconds.
const O1_PLAIN: [u64; 2] = [5, 10];

/// Reads a submit.
///
/// # Errors
/// A refusal that names the field and the allowed values.
pub(super) fn read(operation: Operation, call: &Call) -> Result<Submission, Refusal> {
    let offer = offers::find(operation, call.id.as_deref().unwrap_or_default())?;
    let top = &call.fields;
    let mut notes = Notes::default();
    notes.unknown(top, &names(guide::rows_of(operation)));
    let mut contents = match operation {
        Operation::TextToVideo => text(top, offer)?,
        _ => contents::read(top, offer, motion_seconds_max(top)?, &mut notes)?,
    };
    let settings = Settings::read(top, offer, &contents, &mut notes)?;
    settings.check(offer, &contents)?;
    let prompt = settings.shots(offer, &contents, &mut notes)?;
    let terms = top.object("options")?.unwrap_or_default();
    notes.unknown(&terms, &names_under(guide::OPTIONS, "options"));
    options::watermark(&terms, &mut notes)?;
    contents.leave(operation == Operation::OmniVideo, &mut notes);
    let lasts_like = match contents.clip() {
        Some(Clip::Base) => Some(Role::SourceVideo),
        Some(Clip::Motion) => Some(Role::MotionVideo),
        Some(Clip::Feature) | None => None,
    };
    let ratio = settings.ratio.as_deref().unwrap_or(DEFAULT_RATIO);
    let ask = Ask {
        operation,
        model: offer.model.to_owned(),
        prompt,
        negative_prompt: None,
        follows_picture: !contents.inputs.is_empty() && settings.ratio.is_none(),
        inputs: contents.inputs,
        mentions: contents.mentions,
        duration_ms: settings.seconds * 1_000,
        lasts_like,
        size: size_of(settings.mode, ratio),
        fps: Some(FPS),
        seed: None,
        count: 1,
        sound: Some(offer.is_audible || settings.audio.as_deref() == Some("native")),
        mode: Some(settings.mode.to_owned()),
        preview: call.preview,
        marked_copy: notes.marked_copy,
        extras: notes.extras,
    };
    Ok(Submission {
        ask,
        external_id: options::external_id(&terms)?,
        callback_url: options::callback_url(&terms)?,
        ignored: notes.ignored,
        dry_run: false,
        deadline_at: None,
    })
}

/// The longest clip that may lend its motion, by whose side the character looks to; which words there are for
/// that is checked with the other settings.
fn motion_seconds_max(top: &Fields) -> Result<u64, Refusal> {
    let settings = top.object("settings")?.unwrap_or_default();
    let said = match settings.get("character_orientation") {
        Some(Field::Text(text)) => text.trim(),
        _ => "",
    };
    let mut rows = ORIENTATIONS.iter();
    Ok(rows
        .find(|(word, _)| *word == said)
        .map_or(LONGEST_MOTION, |(_, most)| *most))
}

/// The prompt of a call that has no `contents`.
fn text(top: &Fields, offer: &Offer) -> Result<Contents, Refusal> {
    let prompt = line(top, "prompt", offer.prompt_chars_max)?;
    // The vendor's own text.
    let prompt = prompt.ok_or_else(|| Refusal::invalid("prompt", "prompt is required"))?;
    Ok(Contents::of_words(prompt))
}

/// What stands in `settings`.
struct Settings {
    mode: &'static str,
    seconds: u64,
    /// Whether a length was said.
    has_seconds: bool,
    ratio: Option<String>,
    audio: Option<String>,
    multi_shot: Option<bool>,
    /// Whose side the character looks to.
    orientation: Option<String>,
}

impl Settings {
    fn read(
        top: &Fields,
        offer: &Offer,
        contents: &Contents,
        notes: &mut Notes,
    ) -> Result<Settings, Refusal> {
        let home = top.object("settings")?.unwrap_or_default();
        let known = known(offer);
        for name in home.names().filter(|name| !known.contains(name)) {
            notes.ignore(format!("settings.{name}"));
        }
        let choice = |name: &str, words: &[&str]| match known.contains(&name) {
            true => choice(&home, name, words),
            false => Ok(None),
        };
        let resolution = choice("resolution", offer.resolutions)?;
        let is_said = |row: &&(&str, &str)| Some(row.0) == resolution.as_deref();
        let mode = MODES.iter().find(is_said).map_or(MODES[0].1, |(_, mode)| *mode);
        let ratio = choice("aspect_ratio", &RATIOS)?;
        if let Some(ratio) = &ratio {
            notes.extra("aspect_ratio", json!(ratio));
        }
        let words = ORIENTATIONS.map(|(word, _)| word);
        let orientation = choice("character_orientation", &words)?;
        match &orientation {
            Some(word) => notes.extra("character_orientation", json!(word)),
            None if offer.operation == Operation::MotionControl => {
                let name = "settings.character_orientation";
                let message = format!("{name} is required");
                return Err(Refusal::invalid(name, message).allowing(words));
            }
            None => {}
        }
        let said = choice("audio", offer.audio)?;
        let audio = said.or_else(|| offer.audio.first().map(|word| (*word).to_owned()));
        tell_of_clip(contents.clip(), audio.as_deref(), notes);
        let said = seconds(&home, offer)?;
        let lent = ORIENTATIONS
            .iter()
            .find(|(word, _)| Some(*word) == orientation.as_deref());
        let follows = match contents.clip() {
            Some(Clip::Base) => Some(BASE_SECONDS_MAX),
            _ => lent.map(|(_, most)| *most),
        };
        let multi_shot = match offer.has_multi_shot {
            true => home.flag("multi_shot")?,
            false => None,
        };
        Ok(Settings {
            mode,
            seconds: follows.or(said).unwrap_or(DEFAULT_SECONDS),
            has_seconds: said.is_some(),
            ratio,
            audio,
            multi_shot,
            orientation,
        })
    }

    /// Rules between settings, and between them and `contents`.
    fn check(&self, offer: &Offer, contents: &Contents) -> Result<(), Refusal> {
        let wrong = |name: &str, message: &str| {
            let path = format!("settings.{name}");
            Err(Refusal::invalid(&path, message))
        };
        let is_native = self.audio.as_deref() == Some("native");
        let (first, last) = (contents.has(Role::FirstFrame), contents.has(Role::LastFrame));
        let is_hd = self.mode == "pro";
        if offer.is_strict && is_native && !is_hd {
            return wrong(
                "audio",
                "settings.audio `native` is made with settings.resolution `1080p` only",
            );
        }
        if offer.is_strict && first && last && !is_hd {
            let message = "first and last frame together are made with settings.resolution `1080p` only";
            return wrong("resolution", message);
        }
        if contents.has_voices() && !is_native {
            return wrong("audio", "settings.audio must be `native` with voices");
        }
        if self.orientation.as_deref() == Some("image") && contents.has_elements() {
            return wrong(
                "character_orientation",
                "settings.character_orientation must be `video` with an element",
            );
        }
        if self.multi_shot == Some(true) && last {
            return wrong(
                "multi_shot",
                "settings.multi_shot cannot be used together with a last frame",
            );
        }
        if offer.operation == Operation::OmniVideo {
            return self.check_omni(offer, contents);
        }
        Ok(())
    }

    fn check_omni(&self, offer: &Offer, contents: &Contents) -> Result<(), Refusal> {
        let wrong = |name: &str, message: &str| {
            let path = format!("settings.{name}");
            Err(Refusal::invalid(&path, message))
        };
        let (first, clip) = (contents.has(Role::FirstFrame), contents.clip());
        if clip.is_some() && self.audio.as_deref() == Some("native") {
            // The vendor's own text.
            return wrong("audio", "sound on is not supported with video input");
        }
        if clip == Some(Clip::Base) && self.multi_shot == Some(true) {
            return wrong(
                "multi_shot",
                "settings.multi_shot cannot be used together with `base_video`",
            );
        }
        if !first && clip.is_none() && self.ratio.is_none() {
            let message = "settings.aspect_ratio (the aspect ratio) is required unless there is a first frame or a video";
            return Err(Refusal::invalid("settings.aspect_ratio", message).allowing(RATIOS));
        }
        let has_others =
            contents.has(Role::Reference) || contents.has(Role::LastFrame) || contents.has_elements();
        let is_plain = clip.is_none() && !has_others;
        if offer.model == O1 && is_plain && self.has_seconds && !O1_PLAIN.contains(&self.seconds) {
            return Err(invalid("duration", &self.seconds.to_string(), &O1_PLAIN));
        }
        Ok(())
    }

    /// The words of the clip. Shots that the prompt names become a list; else the model is to find them itself,
    /// where that is on, as it is where nothing is said.
    fn shots(&self, offer: &Offer, contents: &Contents, notes: &mut Notes) -> Result<String, Refusal> {
        let words = contents.words();
        let base = contents.clip() == Some(Clip::Base);
        let may =
            offer.has_shots && self.multi_shot != Some(false) && !base && !contents.has(Role::LastFrame);
        if !may {
            return Ok(words);
        }
        let field = if offer.operation == Operation::TextToVideo {
            "prompt"
        } else {
            "contents"
        };
        if let Some(shots) = shots::read(&words, self.seconds, field)? {
            notes.extra("multi_shot", json!(true));
            notes.extra("shot_type", json!("customize"));
            notes.extra("multi_prompt", shots.list);
            return Ok(shots.prompt);
        }
        if offer.has_multi_shot {
            notes.extra("multi_shot", json!(true));
            notes.extra("shot_type", json!("intelligence"));
        }
        Ok(words)
    }
}

/// The settings that a model has in a call.
fn known(offer: &Offer) -> Vec<&'static str> {
    let has_ratio = matches!(offer.operation, Operation::TextToVideo | Operation::OmniVideo);
    let known = [
        ("resolution", true),
        ("duration", !offer.seconds.is_empty()),
        ("aspect_ratio", has_ratio),
        ("audio", !offer.audio.is_empty()),
        ("multi_shot", offer.has_multi_shot),
        (
            "character_orientation",
            offer.operation == Operation::MotionControl,
        ),
    ];
    let known = known.iter().filter(|(_, is)| *is);
    known.map(|(name, _)| *name).collect()
}

/// Leaves what is to become of a clip, and of its sound, among the vendor's fields.
fn tell_of_clip(clip: Option<Clip>, audio: Option<&str>, notes: &mut Notes) {
    let Some(clip) = clip else { return };
    let keeps = match audio {
        Some("original") => "yes",
        _ => "no",
    };
    notes.extra("keep_original_sound", json!(keeps));
    match clip {
        Clip::Base => notes.extra("refer_type", json!("base")),
        Clip::Feature => notes.extra("refer_type", json!("feature")),
        Clip::Motion => {}
    }
}

/// One word out of a closed list, refused in the vendor's own words.
fn choice(home: &Fields, name: &str, words: &[&str]) -> Result<Option<String>, Refusal> {
    match home.get(name) {
        None => Ok(None),
        Some(Field::Text(text)) if words.contains(&text.trim()) => Ok(Some(text.trim().to_owned())),
        Some(Field::Text(text)) => Err(invalid(name, text, words)),
        Some(_) => {
            let path = format!("settings.{name}");
            Err(Refusal::invalid(&path, format!("{path} value is invalid")).allowing(words))
        }
    }
}

fn seconds(home: &Fields, offer: &Offer) -> Result<Option<u64>, Refusal> {
    if offer.seconds.is_empty() {
        return Ok(None);
    }
    let Some(said) = home.whole("duration")? else {
        return Ok(None);
    };
    let fitting = u64::try_from(said)
        .ok()
        .filter(|seconds| offer.seconds.contains(seconds));
    match fitting {
        Some(seconds) => Ok(Some(seconds)),
        None => Err(invalid("duration", &said.to_string(), offer.seconds)),
    }
}

/// The vendor's own text.
fn invalid<T: ToString>(name: &str, value: &str, allowed: &[T]) -> Refusal {
    let path = format!("settings.{name}");
    let message = format!("{path} value '{}' is invalid", excerpt(value));
    Refusal::invalid(&path, message).allowing(allowed.iter().map(T::to_string))
}
