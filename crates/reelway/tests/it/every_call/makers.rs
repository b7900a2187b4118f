//! Calls whose results later calls name: a clip, voices and elements, and sessions over the clip. What is only
//! made is in `clips.rs` and `others.rs`.

use serde_json::json;

use super::given::{TONE, VOICE};
use super::row::Colour::{Black, Blue, Green, Magenta, White, Yellow};
use super::row::{File, Form, Heard, LEFT, RIGHT, Row, WHOLE, at_once, film, later, picture, see, sound};

/// Most of it; the rest is what scaling and encoding blur.
const MOST: (usize, usize) = (90, 100);

/// What is made first, in any order.
pub(super) static MAKERS: &[Row] = &[
    Row {
        says: &[("/videos/0/duration", "\"5.0\"")],
        keeps: &[("clip", "/videos/0/id")],
        ..later(
            "/v1/videos/image2video",
            &[film(
                (120, 24),
                720,
                Heard::Nothing,
                &[
                    see(0, LEFT, Magenta, MOST),
                    see(0, RIGHT, Green, MOST),
                    see(100, LEFT, Magenta, MOST),
                ],
            )],
            || json!({ "model_name": "kling-v1-6", "image": "{duo}", "prompt": "it stands still", "mode": "std", "duration": "5" }),
        )
    },
    Row {
        says: &[("/voices/0/voice_name", "\"mine\""), ("/voices/0/owned_by", "*")],
        keeps: &[("voice", "/voices/0/voice_id")],
        ..later(
            "/v1/general/custom-voices",
            &[sound(
                "/voices/0/trial_url",
                (5_900, 6_200),
                Heard::Tone(VOICE, 80.0),
            )],
            || json!({ "voice_name": "mine", "voice_url": "{voice_url}" }),
        )
    },
    Row {
        says: &[
            ("/elements/0/element_name", "\"thing\""),
            ("/elements/0/status", "\"succeed\""),
        ],
        keeps: &[("element", "/elements/0/element_id")],
        ..later(
            "/v1/general/advanced-custom-elements",
            &[
                picture(
                    "/elements/0/element_image_list/frontal_image",
                    [300, 300],
                    &[see(0, WHOLE, Blue, MOST)],
                ),
                picture(
                    "/elements/0/element_image_list/refer_images/0/image_url",
                    [300, 300],
                    &[see(0, WHOLE, Yellow, MOST)],
                ),
            ],
            || {
                json!({ "element_name": "thing", "element_description": "all blue", "reference_type": "image_refer",
                    "element_image_list": { "frontal_image": "{blue}", "refer_images": [{ "image_url": "{yellow}" }] } })
            },
        )
    },
    later(
        "/v1/general/advanced-custom-elements",
        &[File {
            at: "/elements/0/element_video_list/refer_videos/0/video_url",
            form: Form::Clip(72, 24, [1920, 1080]),
            heard: Heard::Tone(TONE, 80.0),
            seen: &[see(50, LEFT, Magenta, MOST)],
        }],
        || {
            json!({ "element_name": "filmed", "element_description": "both", "reference_type": "video_refer",
                    "element_video_list": { "refer_videos": [{ "video_url": "{wide_clip_url}" }] } })
        },
    ),
    Row {
        keeps: &[("former_element", "/elements/0/element_id")],
        ..later(
            "/v1/general/custom-elements",
            &[picture(
                "/elements/0/element_image_list/frontal_image",
                [300, 300],
                &[see(0, WHOLE, Yellow, MOST)],
            )],
            || {
                json!({ "element_name": "former", "element_description": "all yellow",
                    "element_frontal_image": "{yellow}", "element_refer_list": [{ "image_url": "{blue}" }] })
            },
        )
    },
];

/// The mask of the left half.
const MASK: File = picture(
    "/res/rle_mask_list/0/png_mask/base64",
    [720, 720],
    &[see(0, LEFT, White, MOST), see(0, RIGHT, Black, MOST)],
);
const DONE: (&str, &str) = ("/status", "0");

/// What is answered at once, one after the other: each may go on from those before it.
pub(super) static AT_ONCE: &[Row] = &[
    Row {
        says: &[
            ("/task_status", "\"succeed\""),
            ("/task_result/audios/0/duration", "*"),
        ],
        ..at_once(
            "/v1/audio/tts",
            &[sound("/task_result/audios/0/url", (500, 5_000), Heard::Something)],
            || json!({ "text": "one two three", "voice_id": "oversea_male1", "voice_language": "en", "voice_speed": 1 }),
        )
    },
    Row {
        says: &[
            ("/face_data/0/start_time", "0"),
            ("/face_data/0/end_time", "5000"),
        ],
        keeps: &[("faces", "/session_id"), ("face", "/face_data/0/face_id")],
        ..at_once(
            "/v1/videos/identify-face",
            &[picture(
                "/face_data/0/face_image",
                [720, 720],
                &[see(0, LEFT, Magenta, MOST), see(0, RIGHT, Green, MOST)],
            )],
            || json!({ "video_id": "{clip}" }),
        )
    },
    Row {
        says: &[
            DONE,
            ("/fps", "24.0"),
            ("/width", "720"),
            ("/height", "720"),
            ("/total_frame", "120"),
            ("/original_duration", "5000"),
        ],
        keeps: &[("areas", "/session_id")],
        ..at_once(
            "/v1/videos/multi-elements/init-selection",
            &[File {
                at: "/normalized_video",
                ..film((120, 24), 720, Heard::Nothing, &[see(0, LEFT, Magenta, MOST)])
            }],
            || json!({ "video_id": "{clip}" }),
        )
    },
    Row {
        says: &[
            DONE,
            ("/res/frame_index", "30"),
            ("/res/rle_mask_list/0/rle_mask/size", "[720,720]"),
            ("/res/rle_mask_list/0/rle_mask/counts", "*"),
        ],
        ..at_once(
            "/v1/videos/multi-elements/add-selection",
            &[MASK],
            || json!({ "session_id": "{areas}", "frame_index": 30, "points": [{ "x": 0.25, "y": 0.5 }] }),
        )
    },
    Row {
        says: &[DONE, ("/res/frame_index", "30"), ("/res/rle_mask_list", "[]")],
        ..at_once(
            "/v1/videos/multi-elements/delete-selection",
            &[],
            || json!({ "session_id": "{areas}", "frame_index": 30, "points": [{ "x": 0.25, "y": 0.5 }] }),
        )
    },
    Row {
        says: &[DONE],
        ..at_once(
            "/v1/videos/multi-elements/add-selection",
            &[],
            || json!({ "session_id": "{areas}", "frame_index": 3, "points": [{ "x": 0.8, "y": 0.5 }] }),
        )
    },
    Row {
        says: &[DONE],
        ..at_once(
            "/v1/videos/multi-elements/clear-selection",
            &[],
            || json!({ "session_id": "{areas}" }),
        )
    },
    Row {
        says: &[DONE],
        ..at_once(
            "/v1/videos/multi-elements/add-selection",
            &[MASK],
            || json!({ "session_id": "{areas}", "frame_index": 0, "points": [{ "x": 0.25, "y": 0.5 }] }),
        )
    },
    Row {
        says: &[
            DONE,
            ("/res/tracking_output/0/frame_index", "0"),
            ("/res/tracking_output/1", "null"),
        ],
        ..at_once(
            "/v1/videos/multi-elements/preview-selection",
            &[
                File {
                    at: "/res/video",
                    ..film((120, 24), 720, Heard::Nothing, &[see(0, RIGHT, Green, MOST)])
                },
                picture("/res/video_cover", [720, 720], &[see(0, RIGHT, Green, MOST)]),
            ],
            || json!({ "session_id": "{areas}" }),
        )
    },
    Row {
        says: &[
            ("/task_result/images/0/type", "\"object_seg\""),
            ("/task_result/images/0/is_contain", "true"),
        ],
        ..at_once(
            "/v1/videos/image-recognize",
            &[picture(
                "/task_result/images/0/url",
                [300, 300],
                &[
                    see(0, [35, 35, 65, 65], White, MOST),
                    see(0, [0, 0, 15, 15], Black, MOST),
                ],
            )],
            || json!({ "image": "{magenta_disc}" }),
        )
    },
    Row {
        says: &[
            ("/resource_pack_subscribe_infos/0/status", "\"online\""),
            ("/code", "0"),
        ],
        ..at_once(
            "GET /account/costs?start_time=0&end_time=4102444800000",
            &[],
            || json!(null),
        )
    },
    Row {
        says: &[("/0/task_result/voices/0/owned_by", "\"kling\"")],
        ..at_once(
            "GET /v1/general/presets-voices?pageNum=1&pageSize=30",
            &[],
            || json!(null),
        )
    },
    Row {
        says: &[("", "[]")],
        ..at_once(
            "GET /v1/general/advanced-presets-elements?pageNum=1&pageSize=30",
            &[],
            || json!(null),
        )
    },
    Row {
        says: &[("", "[]")],
        ..at_once(
            "GET /v1/general/presets-elements?pageNum=1&pageSize=30",
            &[],
            || json!(null),
        )
    },
];

/// What is taken away at the end, and a wish that names it and is refused then.
pub(super) static DELETIONS: &[(Row, Row)] = &[
    (
        Row {
            says: &[("/task_status", "\"succeed\"")],
            ..at_once(
                "/v1/general/delete-voices",
                &[],
                || json!({ "voice_id": "{voice}" }),
            )
        },
        later("/v1/videos/image2video", &[], || {
            json!({ "model_name": "kling-v2-6", "mode": "pro", "image": "{duo}", "prompt": "<<<voice_1>>> hello",
                "sound": "on", "voice_list": [{ "voice_id": "{voice}" }] })
        }),
    ),
    (
        at_once(
            "/v1/general/delete-elements",
            &[],
            || json!({ "element_id": "{element}" }),
        ),
        later(
            "/v1/videos/image2video",
            &[],
            || json!({ "model_name": "kling-v3", "image": "{duo}", "prompt": "p", "element_list": [{ "element_id": "{element}" }] }),
        ),
    ),
    (
        at_once(
            "/v1/general/delete-advanced-elements",
            &[],
            || json!({ "element_id": "{former_element}" }),
        ),
        later(
            "/v1/videos/image2video",
            &[],
            || json!({ "model_name": "kling-v3", "image": "{duo}", "prompt": "p", "element_list": [{ "element_id": "{former_element}" }] }),
        ),
    ),
];
