//! What results look like, as data, and one reader for all of them. Every link becomes a file that is offered,
//! every vendor's id a place for ours; what a shape does not name is left out. What is told beside files is in
//! the words of the legacy calls ([`domain::findings`]).
//!
//! Source: <https://kling.ai/document-api/>, `task_result` of the legacy calls, checked 2026-11-21.

use domain::item::ItemKind;
use domain::provider::{Output, OutputSource};
use domain::{Ask, Findings, MediaFacts, MediaKind};
use serde_json::{Map, Value, json};

use super::answer::{ID_BYTES_MAX, exactly, text_of};

/// The longest link, in bytes.
const LINK_BYTES_MAX: usize = 8 * 1024;
/// The most files of one task, marked copies not counted.
const FILES_MAX: usize = 16;
/// The most entries of one list that are read.
const ENTRIES_MAX: usize = 100;

/// What a result looks like.
#[derive(Debug)]
pub struct Shape {
    /// In words, for the page.
    pub about: &'static str,
    /// Whether it lies in `task_result` or is the answer's `data` itself.
    pub(super) root: Root,
    /// Whether it is told; else its files are the whole result.
    pub(super) told: Told,
    fields: &'static [Field],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Root {
    TaskResult,
    Data,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    No,
    Yes,
    /// Where there is a `series_images`.
    AsSeries,
    /// There is nothing to tell, and that it was done is the result.
    Nothing,
}

/// One field of an object.
#[derive(Debug)]
struct Field {
    name: &'static str,
    part: Part,
}

/// What a field holds.
#[derive(Debug)]
enum Part {
    /// A text, a number or a truth value, as it is.
    Plain,
    /// JSON as it is, without texts that are links.
    Data,
    /// The link of a file, with the field of the same object that tells its length.
    File(MediaKind, &'static str),
    /// The link of a file that need not be there.
    Perhaps(MediaKind),
    /// The link of a copy with the vendor's mark.
    MarkedCopy,
    /// The vendor's name of the files of the same object.
    FileId,
    /// The vendor's name of what the work makes, told as a text.
    ItemText,
    /// The vendor's name of what the work makes, told as a number.
    ItemNumber,
    /// The vendor's name of the voice that the wish names.
    Voice,
    Object(&'static [Field]),
    List(&'static [Field]),
}

const fn field(name: &'static str, part: Part) -> Field {
    Field { name, part }
}

const fn quiet(about: &'static str, fields: &'static [Field]) -> Shape {
    Shape {
        about,
        root: Root::TaskResult,
        told: Told::No,
        fields,
    }
}

const fn told(about: &'static str, root: Root, fields: &'static [Field]) -> Shape {
    Shape {
        about,
        root,
        told: Told::Yes,
        fields,
    }
}

static CLIP: [Field; 3] = [
    field("id", Part::FileId),
    field("url", Part::File(MediaKind::Video, "duration")),
    field("watermark_url", Part::MarkedCopy),
];
static PICTURE: [Field; 3] = [
    field("index", Part::Plain),
    field("url", Part::File(MediaKind::Image, "")),
    field("watermark_url", Part::MarkedCopy),
];
static SOUND: [Field; 3] = [
    field("id", Part::FileId),
    field("url_mp3", Part::File(MediaKind::Audio, "duration_mp3")),
    field("url_wav", Part::File(MediaKind::Audio, "duration_wav")),
];
static WORDS: [Field; 2] = [
    field("id", Part::FileId),
    field("url", Part::File(MediaKind::Audio, "duration")),
];

/// Clips.
pub(super) static CLIPS: Shape = quiet("clips", &[field("videos", Part::List(&CLIP))]);
/// Pictures.
pub(super) static PICTURES: Shape = quiet("pictures", &[field("images", Part::List(&PICTURE))]);
/// Sounds, each as MP3 and WAV.
pub(super) static SOUNDS: Shape = quiet(
    "sounds, each as MP3 and WAV",
    &[field("audios", Part::List(&SOUND))],
);
/// Clips with their sounds.
pub(super) static MIXED: Shape = quiet(
    "clips, then sounds as MP3 and WAV",
    &[
        field("videos", Part::List(&CLIP)),
        field("audios", Part::List(&SOUND)),
    ],
);
/// Speech.
pub(super) static SPEECH: Shape = quiet("a sound", &[field("audios", Part::List(&WORDS))]);
/// Pictures, told where they are a series.
pub(super) static SERIES: Shape = Shape {
    told: Told::AsSeries,
    ..quiet(
        "pictures; of a series `series_images`",
        &[
            field("result_type", Part::Plain),
            field("images", Part::List(&PICTURE)),
            field("series_images", Part::List(&PICTURE)),
        ],
    )
};
/// Sets of views.
pub(super) static VIEWS: Shape = told(
    "sets of three pictures: `images[]` with `url_1` to `url_3`",
    Root::TaskResult,
    &[field(
        "images",
        Part::List(&[
            field("index", Part::Plain),
            field("url_1", Part::File(MediaKind::Image, "")),
            field("url_2", Part::File(MediaKind::Image, "")),
            field("url_3", Part::File(MediaKind::Image, "")),
        ]),
    )],
);
/// What a picture shows, as masks.
pub(super) static MASKS: Shape = told(
    "masks: `images[]` with `type` and `is_contain`",
    Root::TaskResult,
    &[field(
        "images",
        Part::List(&[
            field("type", Part::Plain),
            field("is_contain", Part::Plain),
            field("url", Part::Perhaps(MediaKind::Image)),
        ]),
    )],
);
/// Faces in a clip.
pub(super) static FACES: Shape = told(
    "a face session: `session_id`, `face_data[]` with pictures",
    Root::Data,
    &[
        field("session_id", Part::ItemText),
        field(
            "face_data",
            Part::List(&[
                field("face_id", Part::Plain),
                field("face_image", Part::Perhaps(MediaKind::Image)),
                field("start_time", Part::Plain),
                field("end_time", Part::Plain),
            ]),
        ),
    ],
);
static MASK: [Field; 3] = [
    field("object_id", Part::Plain),
    field(
        "rle_mask",
        Part::Object(&[field("size", Part::Data), field("counts", Part::Plain)]),
    ),
    field(
        "png_mask",
        Part::Object(&[field("size", Part::Data), field("base64", Part::Plain)]),
    ),
];
/// Areas in a clip.
pub(super) static AREAS: Shape = told(
    "a selection session: `session_id`, the clip's facts, `res` with masks or the preview",
    Root::Data,
    &[
        field("status", Part::Plain),
        field("session_id", Part::ItemText),
        field("fps", Part::Plain),
        field("original_duration", Part::Plain),
        field("width", Part::Plain),
        field("height", Part::Plain),
        field("total_frame", Part::Plain),
        field("normalized_video", Part::Perhaps(MediaKind::Video)),
        field(
            "res",
            Part::Object(&[
                field("frame_index", Part::Plain),
                field("rle_mask_list", Part::List(&MASK)),
                field("video", Part::Perhaps(MediaKind::Video)),
                field("video_cover", Part::Perhaps(MediaKind::Image)),
                field("tracking_output", Part::Data),
            ]),
        ),
    ],
);
/// Voices that were made.
pub(super) static VOICES: Shape = told(
    "a voice: `voices[]` with a sample",
    Root::TaskResult,
    &[field(
        "voices",
        Part::List(&[
            field("voice_id", Part::ItemText),
            field("voice_name", Part::Plain),
            field("trial_url", Part::Perhaps(MediaKind::Audio)),
        ]),
    )],
);
static REFERENCE: [Field; 1] = [field("image_url", Part::Perhaps(MediaKind::Image))];
static REFERENCE_CLIP: [Field; 1] = [field("video_url", Part::Perhaps(MediaKind::Video))];
static ELEMENT: [Field; 9] = [
    field("element_id", Part::ItemNumber),
    field("element_name", Part::Plain),
    field("element_description", Part::Plain),
    field("reference_type", Part::Plain),
    field(
        "element_image_list",
        Part::Object(&[
            field("frontal_image", Part::Perhaps(MediaKind::Image)),
            field("refer_images", Part::List(&REFERENCE)),
        ]),
    ),
    field(
        "element_video_list",
        Part::Object(&[field("refer_videos", Part::List(&REFERENCE_CLIP))]),
    ),
    field(
        "element_voice_info",
        Part::Object(&[
            field("voice_id", Part::Voice),
            field("voice_name", Part::Plain),
            field("trial_url", Part::Perhaps(MediaKind::Audio)),
        ]),
    ),
    field("tag_list", Part::Data),
    field("status", Part::Plain),
];
/// Elements that were made.
pub(super) static ELEMENTS: Shape = told(
    "an element: `elements[]` with its pictures or clip",
    Root::TaskResult,
    &[field("elements", Part::List(&ELEMENT))],
);
/// That it was done.
pub(super) static NOTHING: Shape = Shape {
    root: Root::Data,
    told: Told::Nothing,
    ..quiet("nothing: the item is gone", &[])
};

impl Shape {
    /// Whether that it was done is the whole result.
    pub(super) fn is_nothing(&self) -> bool {
        self.told == Told::Nothing
    }

    /// Whether the new standard's list of tasks tells all of it.
    pub(super) fn is_clips(&self) -> bool {
        std::ptr::eq(self, &raw const CLIPS)
    }
}

/// What was read.
pub(super) struct Reading {
    /// The files in the vendor's order, then the marked copies.
    pub(super) files: Vec<Output>,
    /// How many of the files are results.
    pub(super) results: usize,
    /// What is told beside them.
    pub(super) findings: Option<Box<Findings>>,
}

/// Reads a result. `value` is null where the vendor gave none, which is its word too.
///
/// # Errors
/// Why it cannot be read: then nothing of it is believed.
pub(super) fn read(shape: &Shape, value: &Value, ask: &Ask) -> Result<Reading, String> {
    let mut reader = Reader {
        ask,
        files: Vec::new(),
        copies: Vec::new(),
        item: None,
        has_unreadable: false,
    };
    let told = match value {
        Value::Null => Map::new(),
        Value::Object(map) => reader.object(shape.fields, map)?,
        _ => return Err(unreadable()),
    };
    if reader.files.is_empty() && reader.has_unreadable {
        return Err("no file of the task can be read".to_owned());
    }
    let has_result = !told.is_empty();
    if has_result && ask.operation.makes().is_some() && reader.item.is_none() {
        return Err("the result of the task does not name what was made".to_owned());
    }
    let is_told = match shape.told {
        Told::No => false,
        Told::Yes => has_result,
        Told::AsSeries => told.contains_key("series_images"),
        Told::Nothing => true,
    };
    let findings = is_told.then(|| {
        Box::new(Findings {
            told: if told.is_empty() {
                Value::Null
            } else {
                Value::Object(told)
            },
            memory: Value::Null,
            vendor_ref: reader.item,
        })
    });
    let results = reader.files.len();
    let mut files = reader.files;
    files.extend(reader.copies.into_iter().filter(|_| ask.marked_copy));
    Ok(Reading {
        files,
        results,
        findings,
    })
}

struct Reader<'a> {
    ask: &'a Ask,
    files: Vec<Output>,
    copies: Vec<Output>,
    item: Option<String>,
    has_unreadable: bool,
}

impl Reader<'_> {
    fn object(&mut self, fields: &[Field], map: &Map<String, Value>) -> Result<Map<String, Value>, String> {
        let first = self.files.len();
        let (mut told, mut has_copy, mut id) = (Map::new(), None, None);
        for Field { name, part } in fields {
            let Some(value) = map.get(*name).filter(|value| !value.is_null()) else {
                self.has_unreadable |= matches!(part, Part::File(..));
                continue;
            };
            let kept = match part {
                Part::Plain => plain(value),
                Part::Data => Some(without_links(value)),
                Part::File(kind, length) => {
                    let duration_ms = length_ms(map, length);
                    let place = self.file(*kind, value, duration_ms);
                    self.has_unreadable |= place.is_none();
                    place
                }
                Part::Perhaps(kind) if is_link(value) => self.file(*kind, value, None),
                Part::Perhaps(_) => None,
                Part::MarkedCopy => {
                    has_copy = link(value);
                    None
                }
                Part::FileId => {
                    id = name_of(value);
                    None
                }
                Part::ItemText => self.item(value).then(|| json!({ "item": "text" })),
                Part::ItemNumber => self.item(value).then(|| json!({ "item": "number" })),
                Part::Voice => self.voice(),
                Part::Object(fields) => match value {
                    Value::Object(map) => Some(Value::Object(self.object(fields, map)?)),
                    _ => return Err(unreadable()),
                },
                Part::List(fields) => Some(self.list(fields, value)?),
            };
            if let Some(kept) = kept {
                told.insert((*name).to_owned(), kept);
            }
        }
        if self.files.len() > first {
            if let Some(id) = id {
                told.insert("id".to_owned(), json!({ "artifact": first }));
                for file in &mut self.files[first..] {
                    file.vendor_ref = Some(id.clone());
                }
            }
            if let Some(link) = has_copy {
                self.copies.push(copy(&self.files[first], first, link));
            }
        }
        Ok(told)
    }

    fn list(&mut self, fields: &[Field], value: &Value) -> Result<Value, String> {
        let Value::Array(entries) = value else {
            return Err(unreadable());
        };
        let mut told = Vec::new();
        for entry in entries.iter().take(ENTRIES_MAX) {
            match entry {
                Value::Object(map) => told.push(Value::Object(self.object(fields, map)?)),
                _ => self.has_unreadable = true,
            }
        }
        Ok(Value::Array(told))
    }

    /// A file that is offered, as its place.
    fn file(&mut self, kind: MediaKind, value: &Value, duration_ms: Option<u64>) -> Option<Value> {
        let url = link(value).filter(|_| self.files.len() < FILES_MAX)?;
        let place = json!({ "file": self.files.len() });
        self.files.push(Output {
            kind,
            source: OutputSource::Link(url),
            facts: MediaFacts {
                duration_ms,
                ..MediaFacts::default()
            },
            vendor_ref: None,
            marked_copy_of: None,
        });
        Some(place)
    }

    /// The vendor's name of what was made; the first counts.
    fn item(&mut self, value: &Value) -> bool {
        let name = name_of(value);
        let is_named = name.is_some();
        self.item = self.item.take().or(name);
        is_named
    }

    /// The voice as the client named it; another voice of the vendor's is of no use to the client.
    fn voice(&self) -> Option<Value> {
        let mut mentions = self.ask.mentions.iter();
        let voice = mentions.find(|mention| mention.kind == ItemKind::Voice)?;
        Some(Value::String(voice.name.clone()))
    }
}

fn unreadable() -> String {
    "the result of the task cannot be read".to_owned()
}

fn plain(value: &Value) -> Option<Value> {
    let is_plain = value.is_string() || value.is_number() || value.is_boolean();
    (is_plain && !is_link(value)).then(|| value.clone())
}

fn without_links(value: &Value) -> Value {
    match value {
        Value::Array(list) => list.iter().map(without_links).collect(),
        Value::Object(map) => {
            let pairs = map.iter().filter(|(_, value)| !is_link(value));
            let pairs = pairs.map(|(name, value)| (name.clone(), without_links(value)));
            Value::Object(pairs.collect())
        }
        value if is_link(value) => Value::Null,
        plain => plain.clone(),
    }
}

fn is_link(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.contains("://"))
}

fn link(value: &Value) -> Option<String> {
    let text = value.as_str()?.trim();
    (!text.is_empty() && text.len() <= LINK_BYTES_MAX).then(|| text.to_owned())
}

fn length_ms(map: &Map<String, Value>, name: &str) -> Option<u64> {
    let text = map.get(name).and_then(text_of)?;
    exactly(&text, 1_000).filter(|duration| *duration > 0)
}

fn name_of(value: &Value) -> Option<String> {
    text_of(value).filter(|name| name.len() <= ID_BYTES_MAX && !name.chars().any(char::is_control))
}

fn copy(of: &Output, place: usize, url: String) -> Output {
    Output {
        kind: of.kind,
        source: OutputSource::Link(url),
        facts: of.facts,
        vendor_ref: of.vendor_ref.clone(),
        marked_copy_of: u32::try_from(place).ok(),
    }
}
