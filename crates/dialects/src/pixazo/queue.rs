//! Reads submits of the queue. Clips are told in the words of Kling's new standard, whose reader judges them;
//! what it says of its own fields is said again of the ones that the client sent.

use domain::ask::{Role, Size};
use domain::dialect::Submission;
use domain::fields::{Field, Fields};
use domain::{Ask, Call, Dialect as _, Operation, Refusal};
use serde_json::{Value, json};

use super::guide;
use super::products::{Product, Shape};
use crate::field_tables::{names, names_under};
use crate::kling_frames::{entry, picture};
use crate::kling_given::{clip_rule, file, sound_rule};
use crate::kling_options::{self as options, Notes, PROMPT_CHARS_MAX, line, plain, within, word};
use crate::kling2::Kling2;

/// The most pictures of a list.
const PICTURES_MAX: usize = 10;
/// The most elements of a list.
const ELEMENTS_MAX: usize = 7;
/// The most stills of one wish.
const STILLS: std::ops::RangeInclusive<i64> = 1..=9;
/// The longest talking portrait, in milliseconds.
const PORTRAIT_MS_MAX: u64 = 60_000;
/// The longest clip whose lips are moved, in milliseconds.
const LIPS_MS_MAX: u64 = 10_000;
/// The largest clip whose lips are moved, in bytes.
const LIPS_BYTES_MAX: u64 = 100 * 1024 * 1024;
/// The longest speech, in characters.
const SPEECH_CHARS_MAX: usize = 120;
/// The longest name of a voice, in characters.
const VOICE_CHARS_MAX: usize = 64;
/// Resolutions of stills, and how many pixels they have on the longer side.
const RESOLUTIONS: [(&str, u32); 3] = [("1k", 1_024), ("2k", 2_048), ("4k", 4_096)];
/// Ratios of stills; `auto` is the model's choice.
const STILL_RATIOS: [&str; 9] = ["auto", "16:9", "9:16", "1:1", "4:3", "3:4", "3:2", "2:3", "21:9"];

/// Reads a submit.
///
/// # Errors
/// A refusal that names the field and the allowed values.
pub(super) fn read(product: &Product, call: &Call) -> Result<Submission, Refusal> {
    let mut notes = Notes::default();
    notes.unknown(&call.fields, &names(guide::rows_of(product.shape)));
    match product.shape {
        Shape::Stills => stills(product, call, notes),
        Shape::Portrait => portrait(product, call, notes),
        Shape::Lips => lips(product, call, notes),
        _ => clip(product, call, notes),
    }
}

/// A wish in the words of the new standard, with the client's own name of each entry of its `contents`.
#[derive(Default)]
struct Told {
    contents: Vec<Field>,
    paths: Vec<String>,
    settings: Vec<(String, Field)>,
}

impl Told {
    fn put(&mut self, kind: &str, path: String, name: &str, value: Field) {
        let pairs = [("type", Field::Text(kind.to_owned())), (name, value)];
        let entry = pairs.map(|(name, field)| (name.to_owned(), field));
        self.contents.push(Field::Map(entry.to_vec()));
        self.paths.push(path);
    }

    /// An entry with media, where the client sent it; `name` is how the prompt refers to it.
    fn media(&mut self, home: &Fields, field: &str, kind: &str, name: Option<String>) {
        let Some(value) = home.get(field) else { return };
        self.put(kind, home.path(field), "url", value.clone());
        if let (Some(name), Some(Field::Map(entry))) = (name, self.contents.last_mut()) {
            entry.push(("id".to_owned(), Field::Text(name)));
        }
    }

    fn set(&mut self, name: &str, value: Option<Field>) {
        self.settings.extend(value.map(|value| (name.to_owned(), value)));
    }

    /// What the other reader says of its own fields, said of the client's.
    fn respelled(&self, refusal: Refusal) -> Refusal {
        let Some(field) = refusal.field.clone() else {
            return refusal;
        };
        let own = self.spelled(&field);
        let message = refusal.message.replace(&field, &own).replace("settings.", "");
        Refusal { message, ..refusal }.at(&own)
    }

    fn spelled(&self, field: &str) -> String {
        if let Some(rest) = field.strip_prefix("settings.") {
            let own = [("audio", "generate_audio"), ("resolution", "prompt")];
            let row = own.iter().find(|(name, _)| *name == rest);
            return row.map_or(rest, |(_, own)| own).to_owned();
        }
        let place = field
            .strip_prefix("contents.")
            .and_then(|rest| rest.split('.').next());
        let place: Option<usize> = place.and_then(|place| place.parse().ok());
        place
            .and_then(|place| self.paths.get(place))
            .map_or_else(|| "prompt".to_owned(), Clone::clone)
    }
}

/// A clip: all of them are read by the new standard's own reader.
fn clip(product: &Product, call: &Call, mut notes: Notes) -> Result<Submission, Refusal> {
    let top = &call.fields;
    let words = words(top, product.operation)?;
    let mut told = Told::default();
    if let Some((words, path)) = &words {
        told.put("prompt", path.clone(), "text", Field::Text(words.clone()));
    }
    let is_required = |name: &str| match top.get(name) {
        None => Err(top.wrong(name, "is required: a link, or Base64")),
        Some(_) => Ok(()),
    };
    match product.shape {
        Shape::Frames => {
            is_required("start_image_url")?;
            told.media(top, "start_image_url", "first_frame", None);
            told.media(top, "end_image_url", "last_frame", None);
        }
        Shape::Motion => {
            is_required("image_url")?;
            is_required("video_url")?;
            told.media(top, "image_url", "image", None);
            told.media(top, "video_url", "video", None);
        }
        Shape::Edit | Shape::Clip => {
            is_required("video_url")?;
            let kind = if product.shape == Shape::Edit {
                "base_video"
            } else {
                "feature_video"
            };
            told.media(top, "video_url", kind, Some("Video1".to_owned()));
            figures(top, &mut told, &mut notes)?;
        }
        Shape::References => figures(top, &mut told, &mut notes)?,
        _ => {}
    }
    settings(
        product,
        top,
        words.is_some_and(|(_, path)| path != "prompt"),
        &mut told,
    )?;
    let submission = Kling2.submission(route_of(product), &in_new_standard(product, call, &told));
    let mut submission = submission.map_err(|refusal| told.respelled(refusal))?;
    for input in &mut submission.ask.inputs {
        let place = input
            .field
            .strip_prefix("contents.")
            .and_then(|rest| rest.split('.').next());
        let path = place.and_then(|place| told.paths.get(place.parse::<usize>().ok()?));
        input.field = path.cloned().unwrap_or_default();
    }
    submission.ask.negative_prompt = line(top, "negative_prompt", PROMPT_CHARS_MAX)?;
    options::cfg_scale(top, None, &mut notes)?;
    submission.ask.extras.extend(notes.extras);
    submission.ignored = notes.ignored;
    Ok(submission)
}

/// The call of the new standard that makes the clip.
fn route_of(product: &Product) -> &'static domain::Route {
    let mut routes = Kling2.routes().iter();
    let route = routes.find(|route| route.operation == Some(product.operation));
    route.expect("every clip of the table has its call there")
}

fn in_new_standard(product: &Product, call: &Call, told: &Told) -> Call {
    let settings = ("settings".to_owned(), Field::Map(told.settings.clone()));
    let words = match (product.operation, told.contents.first()) {
        (Operation::TextToVideo, Some(Field::Map(entry))) => {
            let text = entry.iter().find(|(name, _)| name == "text");
            text.map(|(_, text)| ("prompt".to_owned(), text.clone()))
        }
        (Operation::TextToVideo, _) => None,
        _ => Some(("contents".to_owned(), Field::List(told.contents.clone()))),
    };
    Call {
        id: Some(product.model.to_owned()),
        fields: Fields::new(words.into_iter().chain([settings]).collect()),
        preview: call.preview,
        ..Call::default()
    }
}

/// The prompt, or the shots that stand for it, with the field that says them.
fn words(top: &Fields, operation: Operation) -> Result<Option<(String, String)>, Refusal> {
    let name = "multi_prompt";
    let count = top.list(name)?.map_or(0, <[Field]>::len);
    if count == 0 {
        let prompt = match top.get("prompt") {
            Some(Field::Text(text)) => Some(text.trim()).filter(|text| !text.is_empty()),
            _ => top.text("prompt")?,
        };
        if prompt.is_none() && operation != Operation::MotionControl {
            return Err(top.wrong("prompt", "is required"));
        }
        return Ok(prompt.map(|prompt| (prompt.to_owned(), "prompt".to_owned())));
    }
    if count > ELEMENTS_MAX {
        return Err(top.wrong(name, &format!("has `{count}` shots, at most 6")));
    }
    let mut shots = Vec::new();
    for at in 0..count {
        let shot = entry(top, name, at)?;
        let words = line(&shot, "prompt", PROMPT_CHARS_MAX)?;
        let words = words.ok_or_else(|| shot.wrong("prompt", "is required"))?;
        let seconds = shot.whole("duration")?;
        let seconds = seconds.ok_or_else(|| shot.wrong("duration", "is required"))?;
        // A semicolon would end the shot.
        let words = words.replace([';', '；'], ",");
        shots.push(format!("shot {}, {seconds}, {words};", at + 1));
    }
    Ok(Some((shots.join(" "), name.to_owned())))
}

/// Pictures to look like: those of `image_urls`, and those of `elements`, each element by its own pictures.
fn figures(top: &Fields, told: &mut Told, notes: &mut Notes) -> Result<(), Refusal> {
    listed(top, "image_urls", |n| Some(format!("Image{n}")), told)?;
    let count = top.list("elements")?.map_or(0, <[Field]>::len);
    if count > ELEMENTS_MAX {
        return Err(top.wrong(
            "elements",
            &format!("has `{count}` entries, at most {ELEMENTS_MAX}"),
        ));
    }
    for at in 0..count {
        let element = entry(top, "elements", at)?;
        notes.unknown(&element, &names_under(guide::REFERENCES, "elements"));
        let name = format!("Element{}", at + 1);
        told.media(&element, "frontal_image_url", "refer_image", Some(name));
        listed(&element, "reference_image_urls", |_| None, told)?;
    }
    Ok(())
}

/// The pictures of a list of links.
fn listed(
    home: &Fields,
    name: &str,
    call_it: impl Fn(usize) -> Option<String>,
    told: &mut Told,
) -> Result<(), Refusal> {
    let list = home.list(name)?.unwrap_or_default();
    if list.len() > PICTURES_MAX {
        let message = format!("has `{}` entries, at most {PICTURES_MAX}", list.len());
        return Err(home.wrong(name, &message));
    }
    for (at, picture) in list.iter().enumerate() {
        let path = home.path(&format!("{name}.{at}"));
        let alone = Fields::new(vec![(path.clone(), picture.clone())]);
        told.media(&alone, &path, "refer_image", call_it(at + 1));
    }
    Ok(())
}

fn settings(product: &Product, top: &Fields, has_shots: bool, told: &mut Told) -> Result<(), Refusal> {
    let text = |text: &str| Some(Field::Text(text.to_owned()));
    told.set("resolution", text(product.resolution));
    told.set("multi_shot", Some(Field::Bool(has_shots)));
    if product.shape == Shape::Motion {
        told.set("character_orientation", top.get("character_orientation").cloned());
        let keeps = top.flag("keep_original_sound")?;
        told.set(
            "audio",
            text(if keeps == Some(false) { "off" } else { "original" }),
        );
        return Ok(());
    }
    told.set("duration", top.get("duration").cloned());
    let ratio = line(top, "aspect_ratio", PROMPT_CHARS_MAX)?.filter(|ratio| ratio != "auto");
    let needs_ratio = product.operation == Operation::OmniVideo
        && matches!(product.shape, Shape::Words | Shape::References);
    told.set(
        "aspect_ratio",
        ratio.or(needs_ratio.then(|| "16:9".to_owned())).map(Field::Text),
    );
    if top.flag("generate_audio")? == Some(true) {
        told.set("audio", text("native"));
    }
    Ok(())
}

/// Stills. The models' own rules are few: they are here.
fn stills(product: &Product, call: &Call, mut notes: Notes) -> Result<Submission, Refusal> {
    let top = &call.fields;
    let mut inputs = Vec::new();
    let list = top.list("image_urls")?.unwrap_or_default();
    if list.len() > PICTURES_MAX {
        let message = format!("has `{}` entries, at most {PICTURES_MAX}", list.len());
        return Err(top.wrong("image_urls", &message));
    }
    for (at, field) in list.iter().enumerate() {
        let path = format!("image_urls.{at}");
        let alone = Fields::new(vec![(path.clone(), field.clone())]);
        inputs.extend(picture(&alone, &path, Role::Reference)?);
    }
    let said = line(top, "resolution", VOICE_CHARS_MAX)?.map(|word| word.to_ascii_lowercase());
    let words = RESOLUTIONS.map(|(word, _)| word);
    let resolution = said.unwrap_or_else(|| product.resolution.to_owned());
    let row = RESOLUTIONS.iter().find(|(word, _)| *word == resolution);
    let (resolution, long) = *row.ok_or_else(|| {
        let message = format!("cannot be `{}`", options::excerpt(&resolution));
        top.wrong("resolution", &message).allowing(words)
    })?;
    notes.extra("resolution", json!(resolution));
    let ratio = word(top, "aspect_ratio", &STILL_RATIOS)?;
    if let Some(ratio) = &ratio {
        notes.extra("aspect_ratio", json!(ratio));
    }
    let mut count = within(top, "num_images", &STILLS)?.unwrap_or(1);
    if product.operation == Operation::OmniImage {
        let kind = word(top, "result_type", &["single", "series"])?;
        let kind = kind.unwrap_or_else(|| "single".to_owned());
        if kind == "series" {
            count = within(top, "series_amount", &(2..=9))?.unwrap_or(4);
            notes.extra("series_amount", json!(count));
        }
        notes.extra("result_type", json!(kind));
    }
    let follows_picture = ratio.is_none() && !inputs.is_empty();
    let ask = Ask {
        prompt: prompt(top)?,
        negative_prompt: line(top, "negative_prompt", PROMPT_CHARS_MAX)?,
        inputs,
        duration_ms: 0,
        size: still_size(ratio.as_deref().unwrap_or("16:9"), long),
        follows_picture,
        fps: None,
        count: u32::try_from(count).unwrap_or(1),
        mode: Some(resolution.to_owned()),
        ..bare(product.operation, product.model, call)
    };
    Ok(taken(ask, notes))
}

/// A talking portrait.
fn portrait(product: &Product, call: &Call, notes: Notes) -> Result<Submission, Refusal> {
    let top = &call.fields;
    let image = picture(top, "image_url", Role::FirstFrame)?;
    let image = image.ok_or_else(|| top.wrong("image_url", "is required: a link, or Base64"))?;
    let sound = file(top, "audio_url", Role::Audio, sound_rule())?;
    let sound = sound.ok_or_else(|| top.wrong("audio_url", "is required: a link, or Base64"))?;
    let ask = Ask {
        prompt: line(top, "prompt", PROMPT_CHARS_MAX)?.unwrap_or_default(),
        inputs: vec![image, sound],
        duration_ms: PORTRAIT_MS_MAX,
        lasts_like: Some(Role::Audio),
        size: crate::kling_models::size_of("pro", "16:9"),
        follows_picture: true,
        mode: Some("pro".to_owned()),
        ..bare(product.operation, product.model, call)
    };
    Ok(taken(ask, notes))
}

/// Lips moved to words.
fn lips(product: &Product, call: &Call, mut notes: Notes) -> Result<Submission, Refusal> {
    let top = &call.fields;
    let clip = file(top, "video_url", Role::SourceVideo, clip_rule(LIPS_BYTES_MAX))?;
    let clip = clip.ok_or_else(|| top.wrong("video_url", "is required: a link to a video"))?;
    let required = |name: &str, most: usize| {
        let said = line(top, name, most)?;
        said.ok_or_else(|| top.wrong(name, "is required"))
    };
    let speed = top.number("voice_speed")?.unwrap_or(1.0);
    if !(0.8..=2.0).contains(&speed) {
        let message = format!("cannot be `{speed}`");
        return Err(top.wrong("voice_speed", &message).allowing(["0.8 to 2"]));
    }
    let language = word(top, "voice_language", &["zh", "en"])?;
    let input = json!({
        "mode": "text2video",
        "text": required("text", SPEECH_CHARS_MAX)?,
        "voice_id": required("voice_id", VOICE_CHARS_MAX)?,
        "voice_language": language.unwrap_or_else(|| "zh".to_owned()),
        "voice_speed": plain(speed),
    });
    notes.extra("input", input);
    let ask = Ask {
        inputs: vec![clip],
        duration_ms: LIPS_MS_MAX,
        lasts_like: Some(Role::SourceVideo),
        follows_picture: true,
        ..bare(product.operation, product.model, call)
    };
    Ok(taken(ask, notes))
}

/// A wish of which nothing is said yet.
pub(super) fn bare(operation: Operation, model: &str, call: &Call) -> Ask {
    Ask {
        operation,
        model: model.to_owned(),
        prompt: String::new(),
        negative_prompt: None,
        inputs: Vec::new(),
        mentions: Vec::new(),
        duration_ms: 0,
        lasts_like: None,
        size: crate::kling_models::size_of("std", "16:9"),
        follows_picture: false,
        fps: None,
        seed: None,
        count: 1,
        sound: None,
        mode: None,
        preview: call.preview,
        marked_copy: false,
        extras: serde_json::Map::new(),
    }
}

/// A wish with what was noted while it was read.
pub(super) fn taken(ask: Ask, notes: Notes) -> Submission {
    Submission {
        ask: Ask {
            extras: notes.extras,
            ..ask
        },
        external_id: None,
        callback_url: None,
        ignored: notes.ignored,
        dry_run: false,
        deadline_at: None,
    }
}

fn prompt(top: &Fields) -> Result<String, Refusal> {
    let prompt = line(top, "prompt", PROMPT_CHARS_MAX)?;
    prompt.ok_or_else(|| top.wrong("prompt", "is required"))
}

/// The frame of a ratio with so many pixels on its longer side; even numbers.
pub(super) fn still_size(ratio: &str, long: u32) -> Size {
    let sides = ratio.split_once(':');
    let sides = sides.and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)));
    let (across, down): (u32, u32) = sides.unwrap_or((16, 9));
    let most = across.max(down);
    let side = |part: u32| long * part / most / 2 * 2;
    Size {
        width: side(across),
        height: side(down),
    }
}

/// Where the wish says which product it was.
pub(super) fn mark(submission: &mut Submission, product: &str) {
    let name = super::PRODUCT.to_owned();
    submission
        .ask
        .extras
        .insert(name, Value::String(product.to_owned()));
}
