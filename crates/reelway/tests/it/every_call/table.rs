//! The calls: path, body, and what must come of them. `{…}` in a body is a prop.

use serde_json::{Value, json};

/// What a row's files are.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// Clips of a length in milliseconds.
    Clip { from_ms: u64, to_ms: u64 },
    /// Sounds of a length in milliseconds; a clip with sound counts.
    Sound { from_ms: u64, to_ms: u64 },
    /// Pictures.
    Still,
    /// Anything that decodes.
    Any,
}

/// One call.
pub(super) struct Row {
    /// Its path, for submits and reads.
    pub(super) path: &'static str,
    /// Whether the answer to the submit is the result.
    pub(super) at_once: bool,
    /// Its body.
    pub(super) body: fn() -> Value,
    /// Least number of files.
    pub(super) files: usize,
    /// What they are.
    pub(super) kind: Kind,
    /// What must be in the result, as JSON pointers.
    pub(super) fields: &'static [&'static str],
}

const fn clip(path: &'static str, length_ms: (u64, u64), body: fn() -> Value) -> Row {
    Row {
        path,
        at_once: false,
        body,
        files: 1,
        kind: Kind::Clip {
            from_ms: length_ms.0,
            to_ms: length_ms.1,
        },
        fields: &["/videos/0/id"],
    }
}

const fn still(
    path: &'static str,
    files: usize,
    fields: &'static [&'static str],
    body: fn() -> Value,
) -> Row {
    Row {
        path,
        at_once: false,
        body,
        files,
        kind: Kind::Still,
        fields,
    }
}

const FIVE: (u64, u64) = (4_900, 5_200);

/// Every endpoint group that makes something.
pub(super) static CALLS: &[Row] = &[
    clip("/v1/videos/text2video", FIVE, || {
        json!({ "model_name": "kling-v3", "multi_shot": true, "shot_type": "customize", "duration": "5",
            "multi_prompt": [{ "index": 1, "prompt": "a fox", "duration": "2" }, { "index": 2, "prompt": "a storm at sea", "duration": "3" }] })
    }),
    clip(
        "/v1/videos/image2video",
        FIVE,
        || json!({ "model_name": "kling-v2-6", "image": "{image}", "image_tail": "{other_image}", "mode": "pro", "duration": "5" }),
    ),
    clip(
        "/v1/videos/multi-image2video",
        FIVE,
        || json!({ "image_list": [{ "image": "{image}" }, { "image": "{other_image}" }], "prompt": "from one to the other" }),
    ),
    clip(
        "/v1/videos/omni-video",
        FIVE,
        || json!({ "model_name": "kling-v3-omni", "mode": "std", "prompt": "<<<image_1>>> in the wind", "image_list": [{ "image_url": "{image}" }], "aspect_ratio": "16:9", "duration": "5" }),
    ),
    clip(
        "/v1/videos/motion-control",
        (2_900, 5_300),
        || json!({ "image_url": "{image}", "video_url": "{video_url}", "character_orientation": "image", "mode": "std" }),
    ),
    clip(
        "/v1/videos/video-extend",
        (8_900, 10_300),
        || json!({ "video_id": "{video_id}", "prompt": "it runs on" }),
    ),
    clip(
        "/v1/videos/avatar/image2video",
        (1_000, 20_000),
        || json!({ "image": "{image}", "sound_file": "{sound}", "mode": "std" }),
    ),
    clip(
        "/v1/videos/lip-sync",
        FIVE,
        || json!({ "input": { "video_id": "{video_id}", "mode": "text2video", "text": "hello there", "voice_id": "oversea_male1", "voice_language": "en", "voice_speed": 1.0 } }),
    ),
    Row {
        fields: &[],
        ..clip(
            "/v1/videos/effects",
            (2_900, 10_500),
            || json!({ "effect_scene": "squish", "input": { "model_name": "kling-v1-6", "mode": "std", "image": "{image}", "duration": "5" } }),
        )
    },
    Row {
        path: "/v1/audio/text-to-audio",
        at_once: false,
        body: || json!({ "prompt": "rain on a tin roof", "duration": 3.5 }),
        files: 1,
        kind: Kind::Sound {
            from_ms: 3_400,
            to_ms: 3_700,
        },
        fields: &[
            "/audios/0/id",
            "/audios/0/url_mp3",
            "/audios/0/url_wav",
            "/audios/0/duration_mp3",
        ],
    },
    Row {
        path: "/v1/audio/video-to-audio",
        at_once: false,
        body: || json!({ "video_id": "{video_id}", "sound_effect_prompt": "steps in grass" }),
        files: 2,
        kind: Kind::Sound {
            from_ms: 4_900,
            to_ms: 5_300,
        },
        fields: &["/audios/0/url_mp3", "/videos/0/url"],
    },
    Row {
        path: "/v1/audio/tts",
        at_once: true,
        body: || json!({ "text": "one two three", "voice_id": "oversea_male1", "voice_language": "en", "voice_speed": 1 }),
        files: 1,
        kind: Kind::Sound {
            from_ms: 300,
            to_ms: 10_000,
        },
        fields: &["/task_status", "/task_result/audios/0/duration"],
    },
    Row {
        path: "/v1/videos/identify-face",
        at_once: true,
        body: || json!({ "video_id": "{video_id}" }),
        files: 1,
        kind: Kind::Still,
        fields: &["/session_id", "/face_data/0/face_id", "/face_data/0/end_time"],
    },
    Row {
        path: "/v1/videos/multi-elements/init-selection",
        at_once: true,
        body: || json!({ "video_id": "{video_id}" }),
        files: 0,
        kind: Kind::Any,
        fields: &["/session_id", "/status", "/fps", "/width", "/total_frame"],
    },
    Row {
        path: "/v1/videos/image-recognize",
        at_once: true,
        body: || json!({ "image": "{image}" }),
        files: 1,
        kind: Kind::Still,
        fields: &["/task_result/images/0/type"],
    },
    still(
        "/v1/images/generations",
        2,
        &["/images/1/index"],
        || json!({ "model_name": "kling-v3", "prompt": "p", "n": 2, "resolution": "1k", "aspect_ratio": "16:9" }),
    ),
    still(
        "/v1/images/omni-image",
        1,
        &["/images/0/url"],
        || json!({ "model_name": "kling-image-o1", "prompt": "<<<image_1>>> at night", "image_list": [{ "image": "{image}" }] }),
    ),
    still(
        "/v1/images/multi-image2image",
        1,
        &["/images/0/url"],
        || json!({ "model_name": "kling-v2-1", "prompt": "together", "subject_image_list": [{ "subject_image": "{image}" }, { "subject_image": "{other_image}" }] }),
    ),
    still(
        "/v1/images/editing/expand",
        1,
        &["/images/0/url"],
        || json!({ "image": "{image}", "up_expansion_ratio": 0.1, "down_expansion_ratio": 0.1, "left_expansion_ratio": 0.2, "right_expansion_ratio": 0.2 }),
    ),
    still(
        "/v1/images/kolors-virtual-try-on",
        1,
        &["/images/0/url"],
        || json!({ "model_name": "kolors-virtual-try-on-v1", "human_image": "{image}", "cloth_image": "{other_image}" }),
    ),
    still(
        "/v1/general/ai-multi-shot",
        9,
        &["/images/2/url_3"],
        || json!({ "element_frontal_image": "{image}" }),
    ),
    Row {
        path: "/v1/general/custom-voices",
        at_once: false,
        body: || json!({ "voice_name": "mine", "voice_url": "{sound_url}" }),
        files: 1,
        kind: Kind::Sound {
            from_ms: 300,
            to_ms: 10_100,
        },
        fields: &["/voices/0/voice_id", "/voices/0/owned_by"],
    },
    Row {
        path: "/v1/general/advanced-custom-elements",
        at_once: false,
        body: || {
            json!({ "element_name": "fox", "element_description": "a red fox", "reference_type": "image_refer",
                "element_image_list": { "frontal_image": "{image}", "refer_images": [{ "image_url": "{other_image}" }] } })
        },
        files: 0,
        kind: Kind::Any,
        fields: &["/elements/0/element_id", "/elements/0/status"],
    },
];
