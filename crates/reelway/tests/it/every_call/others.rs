//! Calls that make sounds and pictures, and what must be heard and seen of what they were given.

use serde_json::json;

use super::row::Colour::{Blue, Green, Magenta, Yellow};
use super::row::{Heard, LEFT, RIGHT, Row, WHOLE, film, later, picture, see, sound};

/// Nearly all: nothing else lies there.
const MOST: (usize, usize) = (90, 100);
/// One of two things, or the scene around them.
const ONE_OF_THREE: (usize, usize) = (8, 80);
/// A view of a magenta disc.
const VIEW: &[super::row::Sight] = &[see(0, WHOLE, Magenta, (20, 80))];

/// Every call that makes sounds or pictures.
pub(super) static OTHERS: &[Row] = &[
    Row {
        says: &[("/audios/0/id", "*"), ("/audios/0/duration_mp3", "*")],
        ..later(
            "/v1/audio/text-to-audio",
            &[
                sound("/audios/0/url_mp3", (3_450, 3_650), Heard::Something),
                sound("/audios/0/url_wav", (3_490, 3_510), Heard::Something),
            ],
            || json!({ "prompt": "rain on a tin roof", "duration": 3.5 }),
        )
    },
    later(
        "/v1/audio/video-to-audio",
        &[
            sound("/audios/0/url_mp3", (4_950, 5_150), Heard::Something),
            sound("/audios/0/url_wav", (4_990, 5_010), Heard::Something),
            film(
                (120, 24),
                720,
                Heard::Something,
                &[see(50, LEFT, Magenta, MOST), see(50, RIGHT, Green, MOST)],
            ),
        ],
        || json!({ "video_id": "{clip}", "sound_effect_prompt": "steps in grass" }),
    ),
    Row {
        says: &[("/images/1/index", "1")],
        ..later(
            "/v1/images/generations",
            &[
                picture("/images/0/url", [1024, 1024], &[]),
                picture("/images/1/url", [1024, 1024], &[]),
            ],
            || json!({ "model_name": "kling-v3", "prompt": "p", "n": 2, "resolution": "1k", "aspect_ratio": "1:1" }),
        )
    },
    later(
        "/v1/images/generations",
        &[picture(
            "/images/0/url",
            [1024, 1024],
            &[see(0, [35, 35, 65, 65], Magenta, MOST)],
        )],
        || json!({ "model_name": "kling-v3", "prompt": "on a meadow", "image": "{magenta_disc}", "image_fidelity": 0.9, "aspect_ratio": "1:1" }),
    ),
    later(
        "/v1/images/omni-image",
        &[picture(
            "/images/0/url",
            [1024, 1024],
            &[see(0, [35, 35, 65, 65], Magenta, MOST)],
        )],
        || json!({ "model_name": "kling-image-o1", "prompt": "<<<image_1>>> on a meadow", "image_list": [{ "image": "{magenta_disc}" }] }),
    ),
    later(
        "/v1/images/multi-image2image",
        &[picture(
            "/images/0/url",
            [1024, 1024],
            &[
                see(0, WHOLE, Magenta, ONE_OF_THREE),
                see(0, WHOLE, Yellow, ONE_OF_THREE),
                see(0, WHOLE, Blue, ONE_OF_THREE),
            ],
        )],
        || {
            json!({ "model_name": "kling-v2-1", "prompt": "together", "aspect_ratio": "1:1", "scene_image": "{blue}",
                "subject_image_list": [{ "subject_image": "{magenta_disc}" }, { "subject_image": "{yellow_disc}" }] })
        },
    ),
    // The middle of the larger picture is the picture.
    later(
        "/v1/images/editing/expand",
        &[picture(
            "/images/0/url",
            [450, 450],
            &[
                see(0, [18, 18, 48, 82], Magenta, MOST),
                see(0, [52, 18, 82, 82], Green, MOST),
            ],
        )],
        || {
            json!({ "image": "{duo}", "up_expansion_ratio": 0.25, "down_expansion_ratio": 0.25, "left_expansion_ratio": 0.25,
                "right_expansion_ratio": 0.25 })
        },
    ),
    // The shirt on the chest, and nowhere above it.
    later(
        "/v1/images/kolors-virtual-try-on",
        &[picture(
            "/images/0/url",
            [300, 600],
            &[
                see(0, [35, 30, 65, 50], Magenta, MOST),
                see(0, [0, 0, 100, 20], Magenta, (0, 2)),
            ],
        )],
        || json!({ "model_name": "kolors-virtual-try-on-v1", "human_image": "{person}", "cloth_image": "{shirt}" }),
    ),
    Row {
        says: &[("/images/2/index", "2")],
        ..later(
            "/v1/general/ai-multi-shot",
            &[
                picture("/images/0/url_1", [1024, 1024], VIEW),
                picture("/images/0/url_2", [1024, 1024], VIEW),
                picture("/images/0/url_3", [1024, 1024], VIEW),
                picture("/images/2/url_1", [1024, 1024], VIEW),
                picture("/images/2/url_2", [1024, 1024], VIEW),
                picture("/images/2/url_3", [1024, 1024], VIEW),
            ],
            || json!({ "element_frontal_image": "{magenta_disc}" }),
        )
    },
];
