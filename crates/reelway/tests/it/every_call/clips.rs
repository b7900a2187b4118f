//! Calls that make clips, and what must be seen and heard of what they were given.

use serde_json::json;

use super::given::TONE;
use super::row::Colour::{Blue, Green, Magenta, Yellow};
use super::row::{Heard, LEFT, RIGHT, Row, WHOLE, film, later, of_both, see};

/// Nearly all: nothing else lies there.
const MOST: (usize, usize) = (90, 100);
/// Nothing but a blur at an edge.
const NONE: (usize, usize) = (0, 5);
/// A tone that nothing else sounds beside, in percent of the sound.
const ALONE: Heard = Heard::Tone(TONE, 80.0);

/// Every call that makes a clip.
pub(super) static CLIPS: &[Row] = &[
    of_both(
        "/v1/videos/text2video",
        &[film((72, 24), 720, Heard::Nothing, &[])],
        || {
            json!({ "model_name": "kling-v3", "multi_shot": true, "shot_type": "customize", "duration": "3", "aspect_ratio": "1:1",
            "multi_prompt": [{ "index": 1, "prompt": "a fox", "duration": "1" }, { "index": 2, "prompt": "a storm at sea", "duration": "2" }] })
        },
    ),
    // First and last picture.
    of_both(
        "/v1/videos/image2video",
        &[film(
            (72, 24),
            720,
            Heard::Nothing,
            &[
                see(0, LEFT, Magenta, MOST),
                see(0, RIGHT, Green, MOST),
                see(100, WHOLE, Blue, MOST),
            ],
        )],
        || json!({ "model_name": "kling-v3", "image": "{duo}", "image_tail": "{blue}", "mode": "std", "duration": "3" }),
    ),
    // An area goes along its path and leaves none of itself behind.
    later(
        "/v1/videos/image2video",
        &[film(
            (150, 30),
            1080,
            Heard::Nothing,
            &[
                see(0, [14, 41, 32, 59], Yellow, MOST),
                see(0, [60, 41, 90, 59], Yellow, NONE),
                see(100, [14, 41, 32, 59], Yellow, NONE),
                see(100, [67, 43, 80, 57], Yellow, MOST),
            ],
        )],
        || {
            json!({ "model_name": "kling-v1-5", "image": "{box}", "mode": "pro", "duration": "5",
                "dynamic_masks": [{ "mask": "{box_mask}", "trajectories": [{ "x": 70, "y": 150 }, { "x": 220, "y": 150 }] }] })
        },
    ),
    // With a voice and with an element of the caller's own.
    of_both(
        "/v1/videos/image2video",
        &[film(
            (120, 24),
            1080,
            Heard::Something,
            &[see(0, LEFT, Magenta, MOST)],
        )],
        || {
            json!({ "model_name": "kling-v2-6", "mode": "pro", "image": "{duo}", "prompt": "<<<voice_1>>> hello", "duration": "5",
                "sound": "on", "voice_list": [{ "voice_id": "{voice}" }] })
        },
    ),
    of_both(
        "/v1/videos/image2video",
        &[film(
            (72, 24),
            720,
            Heard::Nothing,
            &[see(0, WHOLE, Magenta, (40, 60)), see(100, WHOLE, Yellow, MOST)],
        )],
        || {
            json!({ "model_name": "kling-v3", "image": "{duo}", "prompt": "beside <<<element_1>>>", "mode": "std", "duration": "3",
                "element_list": [{ "element_id": "{former_element}" }] })
        },
    ),
    later(
        "/v1/videos/multi-image2video",
        &[film(
            (120, 24),
            720,
            Heard::Nothing,
            &[
                see(0, WHOLE, Blue, MOST),
                see(100, LEFT, Magenta, MOST),
                see(100, RIGHT, Green, MOST),
            ],
        )],
        || json!({ "image_list": [{ "image": "{blue}" }, { "image": "{duo}" }], "prompt": "from one to the other", "aspect_ratio": "1:1" }),
    ),
    // References: a picture and an element.
    of_both(
        "/v1/videos/omni-video",
        &[film(
            (72, 24),
            720,
            Heard::Nothing,
            &[see(0, WHOLE, Yellow, MOST), see(100, WHOLE, Blue, MOST)],
        )],
        || {
            json!({ "model_name": "kling-v3-omni", "mode": "std", "prompt": "<<<image_1>>> beside <<<element_1>>>", "aspect_ratio": "1:1",
                "duration": "3", "image_list": [{ "image_url": "{yellow}" }], "element_list": [{ "element_id": "{element}" }] })
        },
    ),
    // A clip that is changed.
    of_both(
        "/v1/videos/omni-video",
        &[film(
            (72, 24),
            720,
            ALONE,
            &[see(50, LEFT, Magenta, MOST), see(50, RIGHT, Green, MOST)],
        )],
        || {
            json!({ "model_name": "kling-v3-omni", "mode": "std", "prompt": "<<<video_1>>> at noon",
                "video_list": [{ "video_url": "{clip_url}", "refer_type": "base", "keep_original_sound": "yes" }] })
        },
    ),
    // The camera of the clip goes to the right, so that what it sees goes to the left.
    of_both(
        "/v1/videos/motion-control",
        &[film(
            (72, 24),
            720,
            ALONE,
            &[
                see(0, [53, 20, 65, 80], Magenta, MOST),
                see(100, [53, 20, 65, 80], Green, MOST),
            ],
        )],
        || json!({ "image_url": "{duo}", "video_url": "{motion_url}", "character_orientation": "image", "mode": "std" }),
    ),
    // The clip as it was, and then something else.
    later(
        "/v1/videos/video-extend",
        &[film(
            (240, 24),
            720,
            Heard::Nothing,
            &[
                see(0, LEFT, Magenta, MOST),
                see(49, RIGHT, Green, MOST),
                see(100, WHOLE, Magenta, (0, 30)),
            ],
        )],
        || json!({ "video_id": "{clip}", "prompt": "a grey mountain in the fog" }),
    ),
    later(
        "/v1/videos/avatar/image2video",
        &[film(
            (90, 30),
            720,
            ALONE,
            &[see(50, LEFT, Magenta, MOST), see(50, RIGHT, Green, MOST)],
        )],
        || json!({ "image": "{duo}", "sound_file": "{sound}", "mode": "std" }),
    ),
    later(
        "/v1/videos/advanced-lip-sync",
        &[film(
            (120, 24),
            720,
            ALONE,
            &[see(0, LEFT, Magenta, MOST), see(0, RIGHT, Green, MOST)],
        )],
        || {
            json!({ "session_id": "{faces}", "face_choose": [{ "face_id": "{face}", "sound_file": "{sound}",
                "sound_start_time": 0, "sound_end_time": 3_000, "sound_insert_time": 1_000, "original_audio_volume": 0 }] })
        },
    ),
    later(
        "/v1/videos/lip-sync",
        &[film(
            (120, 24),
            720,
            Heard::Something,
            &[see(0, LEFT, Magenta, MOST), see(0, RIGHT, Green, MOST)],
        )],
        || {
            json!({ "input": { "video_id": "{clip}", "mode": "text2video", "text": "hello there", "voice_id": "oversea_male1",
                "voice_language": "en", "voice_speed": 1.0 } })
        },
    ),
    later(
        "/v1/videos/effects",
        &[film(
            (150, 30),
            720,
            Heard::Something,
            &[see(0, LEFT, Magenta, MOST), see(0, RIGHT, Green, MOST)],
        )],
        || json!({ "effect_scene": "squish", "input": { "model_name": "kling-v1-6", "mode": "std", "image": "{duo}", "duration": "5" } }),
    ),
    later(
        "/v1/videos/effects",
        &[film(
            (150, 30),
            720,
            Heard::Something,
            &[see(20, WHOLE, Blue, (40, 55)), see(20, WHOLE, Yellow, (40, 55))],
        )],
        || json!({ "effect_scene": "hug_pro", "input": { "images": ["{blue}", "{yellow}"] } }),
    ),
    // The picked left half: exchanged, filled, laid over.
    Row {
        says: &[("/session_id", "*")],
        ..later(
            "/v1/videos/multi-elements",
            &[film(
                (120, 24),
                720,
                Heard::Nothing,
                &[see(50, LEFT, Blue, MOST), see(50, RIGHT, Green, MOST)],
            )],
            || json!({ "session_id": "{areas}", "edit_mode": "swap", "image_list": [{ "image": "{blue}" }], "prompt": "<<<image_1>>>" }),
        )
    },
    later(
        "/v1/videos/multi-elements",
        &[film(
            (120, 24),
            720,
            Heard::Nothing,
            &[see(50, WHOLE, Yellow, (35, 60)), see(50, RIGHT, Green, MOST)],
        )],
        || json!({ "session_id": "{areas}", "edit_mode": "addition", "image_list": [{ "image": "{yellow}" }], "prompt": "<<<image_1>>>" }),
    ),
    later(
        "/v1/videos/multi-elements",
        &[film(
            (120, 24),
            720,
            Heard::Nothing,
            &[see(50, LEFT, Magenta, NONE), see(50, RIGHT, Green, MOST)],
        )],
        || json!({ "session_id": "{areas}", "edit_mode": "removal", "prompt": "take it out of <<<video_1>>>" }),
    ),
];
