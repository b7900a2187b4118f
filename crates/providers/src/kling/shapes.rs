//! What results look like, as data: which fields there are, and what each holds. What a shape does not name is
//! left out. The reader is in `results.rs`.
//!
//! Source: <https://kling.ai/document-api/>, `task_result` of the legacy calls, checked 2026-11-21.

use domain::MediaKind;

/// What a result looks like.
#[derive(Debug)]
pub struct Shape {
    /// In words, for the page.
    pub about: &'static str,
    /// Whether it lies in `task_result` or is the answer's `data` itself.
    pub(super) root: Root,
    /// Whether it is told; else its files are the whole result.
    pub(super) told: Told,
    pub(super) fields: &'static [Field],
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
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) part: Part,
}

/// What a field holds.
#[derive(Debug)]
pub(super) enum Part {
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
