//! The rows of the capability map. How they are asked is in `kling_models.rs`.

use domain::Operation;

use super::{Camera, Model, Offer};

const STD: &[&str] = &["std"];
const PRO: &[&str] = &["pro"];
const STD_PRO: &[&str] = &["std", "pro"];
const EVERY_MODE: &[&str] = &["std", "pro", "4k"];
const FIVE: &[u64] = &[5];
const FIVE_TEN: &[u64] = &[5, 10];
const THREE_TO_TEN: &[u64] = &[3, 4, 5, 6, 7, 8, 9, 10];
const TEN_THIRTY: &[u64] = &[10, 30];
const THREE_TO_FIFTEEN: &[u64] = &[3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

const fn silent(modes: &'static [&'static str], seconds: &'static [u64]) -> Offer {
    Offer {
        modes,
        seconds,
        sound: false,
    }
}

const fn audible(modes: &'static [&'static str], seconds: &'static [u64]) -> Offer {
    Offer {
        modes,
        seconds,
        sound: true,
    }
}

const NOTHING: Model = Model {
    name: "",
    text: &[],
    first_frame: &[],
    both_frames: &[],
    last_frame: &[],
    brush: &[],
    references: &[],
    omni: &[],
    omni_references: &[],
    omni_clip: &[],
    motion: &[],
    camera: None,
    multi_shot: false,
    elements: false,
    voices: false,
    cfg_scale: false,
    fixed_mode: None,
    fps: 24,
};

/// The map. The lengths of motion control are the longest that a clip may have there.
pub static MODELS: &[Model] = &[
    Model {
        name: "kling-v1",
        text: &[silent(STD_PRO, FIVE_TEN)],
        first_frame: &[silent(STD_PRO, FIVE_TEN)],
        both_frames: &[silent(STD_PRO, FIVE)],
        brush: &[silent(STD_PRO, FIVE)],
        camera: Some(Camera {
            operation: Operation::TextToVideo,
            mode: "std",
            seconds: 5,
            simple_only: false,
        }),
        cfg_scale: true,
        fps: 30,
        ..NOTHING
    },
    Model {
        name: "kling-v1-5",
        first_frame: &[silent(STD_PRO, FIVE_TEN)],
        both_frames: &[silent(PRO, FIVE_TEN)],
        last_frame: &[silent(PRO, FIVE_TEN)],
        brush: &[silent(PRO, FIVE)],
        camera: Some(Camera {
            operation: Operation::ImageToVideo,
            mode: "pro",
            seconds: 5,
            simple_only: true,
        }),
        cfg_scale: true,
        fps: 30,
        ..NOTHING
    },
    Model {
        name: "kling-v1-6",
        text: &[silent(STD_PRO, FIVE_TEN)],
        first_frame: &[silent(STD_PRO, FIVE_TEN)],
        both_frames: &[silent(PRO, FIVE_TEN)],
        last_frame: &[silent(PRO, FIVE_TEN)],
        references: &[silent(STD_PRO, FIVE_TEN)],
        cfg_scale: true,
        ..NOTHING
    },
    Model {
        name: "kling-v2-master",
        text: &[silent(STD, FIVE_TEN)],
        first_frame: &[silent(STD, FIVE_TEN)],
        fixed_mode: Some("std"),
        ..NOTHING
    },
    Model {
        name: "kling-v2-1",
        first_frame: &[silent(STD_PRO, FIVE_TEN)],
        both_frames: &[silent(PRO, FIVE_TEN)],
        ..NOTHING
    },
    Model {
        name: "kling-v2-1-master",
        text: &[silent(PRO, FIVE_TEN)],
        first_frame: &[silent(PRO, FIVE_TEN)],
        fixed_mode: Some("pro"),
        ..NOTHING
    },
    Model {
        name: "kling-v2-5-turbo",
        text: &[silent(STD_PRO, FIVE_TEN)],
        first_frame: &[silent(STD_PRO, FIVE_TEN)],
        both_frames: &[silent(PRO, FIVE_TEN)],
        ..NOTHING
    },
    Model {
        name: "kling-v2-6",
        text: &[silent(STD, FIVE_TEN), audible(PRO, FIVE_TEN)],
        first_frame: &[silent(STD, FIVE_TEN), audible(PRO, FIVE_TEN)],
        both_frames: &[silent(PRO, FIVE_TEN)],
        motion: &[silent(STD_PRO, TEN_THIRTY)],
        voices: true,
        ..NOTHING
    },
    Model {
        name: "kling-v3",
        text: &[audible(EVERY_MODE, THREE_TO_FIFTEEN)],
        first_frame: &[audible(EVERY_MODE, THREE_TO_FIFTEEN)],
        both_frames: &[audible(EVERY_MODE, THREE_TO_FIFTEEN)],
        motion: &[silent(STD_PRO, TEN_THIRTY)],
        multi_shot: true,
        elements: true,
        cfg_scale: true,
        ..NOTHING
    },
    Model {
        name: "kling-v3-omni",
        omni: &[audible(EVERY_MODE, THREE_TO_FIFTEEN)],
        omni_references: &[audible(EVERY_MODE, THREE_TO_FIFTEEN)],
        omni_clip: &[silent(EVERY_MODE, THREE_TO_FIFTEEN)],
        multi_shot: true,
        elements: true,
        ..NOTHING
    },
    Model {
        name: "kling-video-o1",
        omni: &[silent(STD_PRO, FIVE_TEN)],
        omni_references: &[silent(STD_PRO, THREE_TO_TEN)],
        omni_clip: &[silent(STD_PRO, THREE_TO_TEN)],
        elements: true,
        ..NOTHING
    },
];
