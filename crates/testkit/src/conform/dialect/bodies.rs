//! Random bodies: half of them begin like a wish, and their names and texts mean something somewhere.

use domain::artifact::MediaFacts;
use domain::fields::Field;
use domain::{BlobKey, Staged};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::select;

/// Names that make a random body look like one of somebody's.
const NAMES: &[&str] = &[
    "aspect_ratio",
    "audio",
    "audio_url",
    "callback_url",
    "camera_control",
    "cfg_scale",
    "cloth_image",
    "config",
    "contents",
    "cursor",
    "duration",
    "dynamic_masks",
    "element_id",
    "external_task_id",
    "filters",
    "fps",
    "height",
    "human_image",
    "id",
    "image",
    "image_tail",
    "image_url",
    "image_urls",
    "index",
    "input_reference",
    "key",
    "limit",
    "mask",
    "metadata",
    "mode",
    "model",
    "model_name",
    "multi_prompt",
    "multi_shot",
    "n",
    "negative_prompt",
    "nobody_knows_this",
    "options",
    "prompt",
    "request_id",
    "resolution",
    "response_format",
    "seconds",
    "seed",
    "settings",
    "shot_type",
    "size",
    "sound",
    "start_image_url",
    "static_mask",
    "style",
    "text",
    "trajectories",
    "type",
    "url",
    "values",
    "video_url",
    "watermark_info",
    "width",
    "x",
    "y",
    "zoom",
];

/// Texts that mean something somewhere.
const TEXTS: &[&str] = &[
    "",
    " ",
    "5",
    "10",
    "-1",
    "1e400",
    "99999999999999999999",
    "pro",
    "on",
    "true",
    "simple",
    "customize",
    "first_frame",
    "prompt",
    "refer_image",
    "base_video",
    "16:9",
    "animatic",
    "kling-v1",
    "kling-v3",
    "https://media.example/a.png",
    "http://",
    "https://ü",
    "hé",
    "{\"mode\":\"pro\"}",
    "[[[[",
];

pub(super) type Pairs = Vec<(String, Field)>;

fn pairs(field: impl Strategy<Value = Field> + 'static) -> impl Strategy<Value = Pairs> {
    let name = prop_oneof![9 => select(NAMES).prop_map(str::to_owned), 1 => ".{0,8}"];
    vec((name, field), 0..8)
}

/// Half of the bodies begin with what every wish needs, so that they get further.
pub(super) fn body() -> impl Strategy<Value = Pairs> {
    let prompt = ("prompt".to_owned(), Field::Text("a kite over a beach".to_owned()));
    let start = prop_oneof![Just(vec![]), Just(vec![prompt])];
    (start, pairs(field().boxed())).prop_map(|(start, rest)| start.into_iter().chain(rest).collect())
}

fn staged() -> impl Strategy<Value = Staged> {
    let kinds = select(vec![
        None,
        Some("image/png"),
        Some("image/webp"),
        Some("video/mp4"),
    ]);
    let side = || option::of(select(vec![0, 1, 299, 300, 800, u32::MAX]));
    (kinds, any::<u64>(), side(), side()).prop_map(|(kind, bytes, width, height)| Staged {
        blob: BlobKey::from_sha256([1; 32]),
        bytes,
        content_type: kind.map(str::to_owned),
        facts: MediaFacts {
            width,
            height,
            ..MediaFacts::default()
        },
    })
}

fn field() -> impl Strategy<Value = Field> {
    let number = prop_oneof![
        (-20_i64..20).prop_map(serde_json::Number::from),
        any::<i64>().prop_map(serde_json::Number::from),
        any::<u64>().prop_map(serde_json::Number::from),
        any::<f64>().prop_filter_map("JSON has finite numbers only", serde_json::Number::from_f64),
    ];
    let text = prop_oneof![select(TEXTS).prop_map(str::to_owned), ".{0,20}"];
    let leaf = prop_oneof![
        1 => Just(Field::Null),
        1 => any::<bool>().prop_map(Field::Bool),
        3 => number.prop_map(Field::Number),
        5 => text.prop_map(Field::Text),
        1 => staged().prop_map(Field::Staged),
    ];
    leaf.prop_recursive(4, 24, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Field::List),
            pairs(inner).prop_map(Field::Map),
        ]
    })
}
