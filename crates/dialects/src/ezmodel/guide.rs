//! The dialect's page of the documentation. Its tables of fields are also what the reader knows: a field
//! without a row is ignored and reported.

use domain::dialect::{Deviation, FieldRow, Guide, RequestGuide};

use crate::field_tables::{NONE, REQUIRED, joined, row};
use crate::kling::fields::{ELEMENTS as ELEMENT_LIST, VOICES};
use crate::kling::{audio, avatar, elements, extend, library, lips, motion, omni};
use crate::kling_fields::{CAMERA, CFG_SCALE, DYNAMIC_MASKS, WATERMARK};

/// The fields of a submit at a path.
pub(super) fn fields_of(path: &str) -> &'static [FieldRow] {
    let row = CALLS.iter().find(|(end, ..)| path.ends_with(end));
    row.map_or(&TEXT, |(_, fields, _)| fields)
}

/// Whether Kling reads a model at a path.
pub(super) fn has_model(path: &str) -> bool {
    let row = CALLS.iter().find(|(end, ..)| path.ends_with(end));
    row.is_none_or(|(.., has_model)| *has_model)
}

/// The calls by the end of their path: their fields, and whether Kling reads a model there.
const CALLS: &[(&str, &[FieldRow], bool)] = &[
    ("/avatar/image2video", &AVATAR, false),
    ("/multi-image2video", &REFERENCES, true),
    ("/image2video", &IMAGE, true),
    ("/text2video", &TEXT, true),
    ("/omni-video", &OMNI, true),
    ("/motion-control", &MOTION_CONTROL, true),
    ("/advanced-lip-sync", &LIPS, false),
    ("/video-extend", &EXTEND, false),
    ("/multi-elements", &ELEMENTS, true),
    ("/identify-face", &FACES, false),
    ("/init-selection", &INIT, false),
    ("/add-selection", &POINTED, false),
    ("/delete-selection", &POINTED, false),
    ("/clear-selection", &WHOLE, false),
    ("/preview-selection", &WHOLE, false),
    ("/tts", &SPEECH, false),
    ("/advanced-custom-elements", &LIBRARY, false),
    ("/delete-elements", &DELETION, false),
];

/// The model where Kling reads one under its own name.
const ALIAS: FieldRow = row(
    "model",
    "string",
    NONE,
    "the same as `model_name`, where that is not given; else it is ignored and reported",
);
/// The model where Kling reads none.
const NO_MODEL: &[FieldRow] = &[
    row(
        "model",
        "string",
        NONE,
        "the vendor's price goes by it; taken and not used",
    ),
    row("model_name", "string", NONE, "as `model`"),
];

const OMNI: [FieldRow; 1 + omni::FIELDS.len()] = joined(&[&[ALIAS], omni::FIELDS]);
const MOTION_CONTROL: [FieldRow; 1 + motion::FIELDS.len()] = joined(&[&[ALIAS], motion::FIELDS]);
const ELEMENTS: [FieldRow; 1 + elements::FIELDS.len()] = joined(&[&[ALIAS], elements::FIELDS]);
const LIPS: [FieldRow; 2 + lips::FIELDS.len()] = joined(&[NO_MODEL, lips::FIELDS]);
const FACES: [FieldRow; 2 + lips::FACES.len()] = joined(&[NO_MODEL, lips::FACES]);
const EXTEND: [FieldRow; 2 + extend::FIELDS.len()] = joined(&[NO_MODEL, extend::FIELDS]);
const AVATAR: [FieldRow; 2 + avatar::FIELDS.len()] = joined(&[NO_MODEL, avatar::FIELDS]);
const INIT: [FieldRow; 2 + elements::INIT.len()] = joined(&[NO_MODEL, elements::INIT]);
const POINTED: [FieldRow; 2 + elements::POINTED.len()] = joined(&[NO_MODEL, elements::POINTED]);
const WHOLE: [FieldRow; 2 + elements::WHOLE.len()] = joined(&[NO_MODEL, elements::WHOLE]);
const SPEECH: [FieldRow; 2 + audio::SPEECH.len()] = joined(&[NO_MODEL, audio::SPEECH]);
const LIBRARY: [FieldRow; 2 + library::FIELDS.len()] = joined(&[NO_MODEL, library::FIELDS]);
const DELETION: [FieldRow; 2 + library::DELETION.len()] = joined(&[NO_MODEL, library::DELETION]);

/// Fields of every submit.
const EVERYWHERE: &[FieldRow] = &[
    row(
        "model_name",
        "string",
        "`kling-v3`; for several images `kling-v1-6`",
        "at most 128 characters; counts before `model`; see [Models](#models)",
    ),
    row(
        "model",
        "string",
        NONE,
        "the same, where `model_name` is not given; else it is ignored and reported",
    ),
    row("negative_prompt", "string", NONE, "at most 2500 characters"),
    row(
        "mode",
        "string",
        "`std`; of a model with one quality that one",
        "`std`, `pro`, `4k` as far as the model has them; `master` of a model with one quality",
    ),
    row(
        "external_task_id",
        "string",
        NONE,
        "the client's own name for the task, unique among its owner's tasks, at most 256 characters",
    ),
    row(
        "callback_url",
        "string",
        NONE,
        "an `http` or `https` link of at most 2048 bytes, to be called in Kling's own native form, as the \
         vendor hands it on",
    ),
];

/// Fields of text2video and image2video.
const MOTION: &[FieldRow] = &[
    row(
        "duration",
        "string or whole number",
        "`\"5\"`; with shots their sum",
        "`5` or `10`, in seconds",
    ),
    row(
        "sound",
        "string",
        "`off`",
        "`on`, `off`; `true` and `false` are taken too; `on` only of models with sound",
    ),
    CFG_SCALE,
    row(
        "multi_shot",
        "boolean",
        "`true` where `multi_prompt` is given",
        "only of models that make several shots, see [Models](#models)",
    ),
    row(
        "shot_type",
        "string",
        "`customize` where `multi_prompt` is given",
        "`customize` (each shot has its own prompt), `intelligence` (the model finds the shots in `prompt`)",
    ),
    row(
        "multi_prompt",
        "list of objects",
        NONE,
        "1 to 6 shots, 3 to 15 seconds together",
    ),
    row(
        "multi_prompt.index",
        "whole number",
        REQUIRED,
        "the shot's number",
    ),
    row(
        "multi_prompt.prompt",
        "string",
        REQUIRED,
        "at most 512 characters",
    ),
    row(
        "multi_prompt.duration",
        "string or whole number",
        REQUIRED,
        "whole seconds, at least 3",
    ),
];

const PROMPT: FieldRow = row("prompt", "string", REQUIRED, "at most 2500 characters");
const RATIO: FieldRow = row("aspect_ratio", "string", "`16:9`", "`16:9`, `9:16`, `1:1`");

const TEXT_OWN: &[FieldRow] = &[
    row(
        "prompt",
        "string",
        REQUIRED,
        "at most 2500 characters; with shots that have prompts of their own it may be left out",
    ),
    RATIO,
];

const IMAGE_OWN: &[FieldRow] = &[
    row("prompt", "string", NONE, "at most 2500 characters"),
    row(
        "image",
        "string",
        "required, or `image_tail`",
        "the first frame: an `http` or `https` link, or Base64 of a PNG or JPEG",
    ),
    row(
        "image_tail",
        "string",
        NONE,
        "the last frame; not together with masks or `camera_control`",
    ),
    row(
        "static_mask",
        "string",
        NONE,
        "where nothing moves, as a link or Base64",
    ),
];

const REFERENCES_OWN: &[FieldRow] = &[
    PROMPT,
    RATIO,
    row(
        "duration",
        "string or whole number",
        "`\"5\"`",
        "`5` or `10`, in seconds",
    ),
    row("image_list", "list of objects", REQUIRED, "1 to 4 images"),
    row(
        "image_list.image",
        "string",
        REQUIRED,
        "an `http` or `https` link, or Base64 of a PNG or JPEG",
    ),
];

/// The rows of text2video.
const TEXT: [FieldRow;
    TEXT_OWN.len()
        + MOTION.len()
        + CAMERA.len()
        + EVERYWHERE.len()
        + WATERMARK.len()
        + ELEMENT_LIST.len()
        + VOICES.len()] = joined(&[
    TEXT_OWN,
    MOTION,
    CAMERA,
    EVERYWHERE,
    WATERMARK,
    &ELEMENT_LIST,
    &VOICES,
]);

/// The rows of image2video.
const IMAGE: [FieldRow;
    IMAGE_OWN.len()
        + DYNAMIC_MASKS.len()
        + MOTION.len()
        + CAMERA.len()
        + EVERYWHERE.len()
        + WATERMARK.len()
        + ELEMENT_LIST.len()
        + VOICES.len()] = joined(&[
    IMAGE_OWN,
    DYNAMIC_MASKS,
    MOTION,
    CAMERA,
    EVERYWHERE,
    WATERMARK,
    &ELEMENT_LIST,
    &VOICES,
]);

/// The rows of multi-image2video.
const REFERENCES: [FieldRow; REFERENCES_OWN.len() + EVERYWHERE.len() + WATERMARK.len()] =
    joined(&[REFERENCES_OWN, EVERYWHERE, WATERMARK]);

/// The page.
pub(super) const GUIDE: Guide = Guide {
    title: "EZModel, task envelope",
    introduction: "EZModel resells Kling's native calls behind a relay: native fields go in, a flat video \
                   object answers a submit, and a read answers `{code, message, data}` with the whole native \
                   answer in `data.data`. For clients that were written for `api.ezmodel.cloud`, or for \
                   another relay with this envelope: set the base URL to `/ezmodel`, or give the key the \
                   dialect `ezmodel`.",
    sources: &[
        "<https://doc.ezmodel.cloud>, pages of the Kling calls, read 2026-11-21",
        "<https://github.com/cuijinyu/new-api>, the relay's published source, read 2026-11-21: where the pages \
         say something else, it counts",
    ],
    authentication: "`Authorization: Bearer <key>`",
    requests: &[
        RequestGuide {
            title: "`POST /kling/v1/videos/text2video`",
            fields: &TEXT,
        },
        RequestGuide {
            title: "`POST /kling/v1/videos/image2video`",
            fields: &IMAGE,
        },
        RequestGuide {
            title: "`POST /kling/v1/videos/multi-image2video`",
            fields: &REFERENCES,
        },
        RequestGuide {
            title: "`POST /kling/v1/videos/omni-video`",
            fields: &OMNI,
        },
        RequestGuide {
            title: "`POST /kling/v1/videos/motion-control`",
            fields: &MOTION_CONTROL,
        },
        RequestGuide {
            title: "`POST /kling/v1/videos/advanced-lip-sync`",
            fields: &LIPS,
        },
        RequestGuide {
            title: "`POST /kling/v1/videos/video-extend`",
            fields: &EXTEND,
        },
        RequestGuide {
            title: "`POST /kling/v1/videos/avatar/image2video`",
            fields: &AVATAR,
        },
        RequestGuide {
            title: "`POST /kling/v1/videos/multi-elements`",
            fields: &ELEMENTS,
        },
        RequestGuide {
            title: "`POST /kling/v1/videos/identify-face`",
            fields: &FACES,
        },
        RequestGuide {
            title: "`POST /kling/v1/videos/multi-elements/init-selection`",
            fields: &INIT,
        },
        RequestGuide {
            title: "`POST /kling/v1/videos/multi-elements/add-selection` and `/kling/v1/videos/multi-elements/delete-selection`",
            fields: &POINTED,
        },
        RequestGuide {
            title: "`POST /kling/v1/videos/multi-elements/clear-selection` and `/kling/v1/videos/multi-elements/preview-selection`",
            fields: &WHOLE,
        },
        RequestGuide {
            title: "`POST /kling/v1/audio/tts` and `/kling/v1/tts`",
            fields: &SPEECH,
        },
        RequestGuide {
            title: "`POST /kling/v1/general/advanced-custom-elements`",
            fields: &LIBRARY,
        },
        RequestGuide {
            title: "`POST /kling/v1/general/delete-elements`",
            fields: &DELETION,
        },
    ],
    rules: &[
        "The vendor's own rules come first and are answered with 500 and its text, as it documents: \
         `get_price_scale_failed` for a length, a shot or a mode that has no price, `build_request_failed` for \
         more than four images. Such an answer carries `x-should-retry: false`: the same wish fails again.",
        "Elements, speech, faces and selections are passed through: what is answered is Kling's own envelope, with \
         `code` 0. What fails there is answered with 400 and a code of its kind (`tts_failed`, \
         `identify_face_failed`, `multi_elements_init_failed` …); a selection that Kling answers with a status \
         other than 0 with `…_rejected`.",
        "A list of shots counts without `multi_shot`, unless that is `false`; where `duration` is given too, \
         the shots must fill it.",
        "Whatever else is wrong is answered with 400 and `invalid_request`, and the message names the field \
         and the values that would be taken.",
        "A failed task is answered with 200: `status` is `FAILURE` and `fail_reason` says why. Of a success \
         `fail_reason` is the link of the clip, the same as `data.data.data.task_result.videos[0].url`; of a \
         still, which our own API makes, that of the picture in `images[0].url`.",
    ],
    deviations: DEVIATIONS,
};

const DEVIATIONS: &[Deviation] = &[
    Deviation {
        what: "Without a model a clip is made by `kling-v3`, of several images by `kling-v1-6`.",
        why: "The model that the vendor falls back to is retired upstream.",
    },
    Deviation {
        what: "Task ids are long decimal numbers of ours, not Kling's.",
        why: "An id names a task of this gateway, whoever makes it; a vendor's ids are not shown.",
    },
    Deviation {
        what: "`NOT_START`, `QUEUED` and `UNKNOWN` are never shown: a task that waits is `SUBMITTED` with 10%, \
               one in work `IN_PROGRESS` with 30%.",
        why: "The vendor shows them while it has not asked Kling; here every read is up to date, and these are \
              its words for Kling's own.",
    },
    Deviation {
        what: "`start_time` is the time of the submit once the work has begun, 0 before.",
        why: "The moment of the start is not kept.",
    },
    Deviation {
        what: "`fail_reason` of a failure is the reason, not the word `SUCCEED`.",
        why: "The vendor copies the wrong field of Kling's answer there.",
    },
    Deviation {
        what: "`data.data.request_id` is the id of the read, not of a call to Kling.",
        why: "A read never asks an upstream; the id leads to the line of our log.",
    },
    Deviation {
        what: "A cancelled task is `FAILURE`.",
        why: "The vendor has no word for it.",
    },
    Deviation {
        what: "The rules of `kling-v3` in omni-video hold for `kling-v3-omni`.",
        why: "It is the name under which Kling sells that model there.",
    },
    Deviation {
        what: "`mode` may be left out for a model with one quality.",
        why: "The vendor would take it as `std` and refuse what its own pages show.",
    },
    Deviation {
        what: "An unknown model is answered with 400 where the capability map can tell, and otherwise when \
               nobody serves it, with 503.",
        why: "The vendor answers every one of them with 503, as if it could be tried again.",
    },
    Deviation {
        what: "Where the vendor has a fixed text (`user quota is not enough`), `detail` stands beside it.",
        why: "The text alone does not say how much is missing.",
    },
];
