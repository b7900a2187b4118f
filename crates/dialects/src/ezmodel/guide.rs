//! The dialect's page of the documentation. Its tables of fields are also what the reader knows: a field
//! without a row is ignored and reported.

use domain::Operation;
use domain::dialect::{Deviation, FieldRow, Guide, RequestGuide};

use crate::field_tables::row;

/// The fields of a submit.
pub(super) fn fields_of(operation: Operation) -> &'static [FieldRow] {
    match operation {
        Operation::ImageToVideo => IMAGE,
        Operation::MultiImageToVideo => REFERENCES,
        _ => TEXT,
    }
}

const MODEL_NAME: FieldRow = row(
    "model_name",
    "string",
    "`kling-v3`; several images: `kling-v1-6`",
    "the model; preferred to `model`",
);
const MODEL: FieldRow = row(
    "model",
    "string",
    "none",
    "the same; counts where `model_name` is not given",
);
const PROMPT: FieldRow = row("prompt", "string", "required", "at most 2500 characters");
const PROMPT_BESIDE: FieldRow = row("prompt", "string", "empty", "at most 2500 characters");
const NEGATIVE: FieldRow = row("negative_prompt", "string", "none", "at most 2500 characters");
const MODE: FieldRow = row(
    "mode",
    "string",
    "`std`; of a model with one quality that one",
    "`std`, `pro`, `4k` as the model has them; `master` for a model with one quality",
);
const DURATION: FieldRow = row(
    "duration",
    "string or number",
    "`5`; with shots their sum",
    "`5` or `10`, in seconds",
);
const DURATION_PLAIN: FieldRow = row("duration", "string or number", "`5`", "`5` or `10`, in seconds");
const RATIO: FieldRow = row("aspect_ratio", "string", "`16:9`", "`16:9`, `9:16`, `1:1`");
const SOUND: FieldRow = row(
    "sound",
    "string or boolean",
    "`off`",
    "`on` or `off`; as the model has it",
);
const SCALE: FieldRow = row("cfg_scale", "number", "none", "0 to 1; not with every model");
const CAMERA: FieldRow = row(
    "camera_control",
    "object",
    "none",
    "a moving camera, in the modes and lengths in which the model has one",
);
const CAMERA_TYPE: FieldRow = row(
    "camera_control.type",
    "string",
    "required",
    "`simple`, `down_back`, `forward_up`, `right_turn_forward`, `left_turn_forward`",
);
const CAMERA_CONFIG: FieldRow = row(
    "camera_control.config",
    "object",
    "none",
    "with `simple` only: exactly one of `horizontal`, `vertical`, `pan`, `tilt`, `roll`, `zoom`, -10 to 10",
);
const SHOTS: FieldRow = row(
    "multi_shot",
    "boolean",
    "`true` where `multi_prompt` is given",
    "several shots; of models that make them",
);
const SHOT_TYPE: FieldRow = row(
    "shot_type",
    "string",
    "`customize` where `multi_prompt` is given",
    "`customize` or `intelligence`",
);
const SHOT_LIST: FieldRow = row(
    "multi_prompt",
    "list",
    "none",
    "at most 6 shots, 3 to 15 seconds together",
);
const SHOT_INDEX: FieldRow = row("multi_prompt.index", "number", "required", "the shot's number");
const SHOT_PROMPT: FieldRow = row(
    "multi_prompt.prompt",
    "string",
    "required",
    "at most 512 characters",
);
const SHOT_LENGTH: FieldRow = row(
    "multi_prompt.duration",
    "string or number",
    "required",
    "whole seconds, at least 3",
);
const ELEMENTS: FieldRow = row("element_list", "list", "none", "not served yet: refused");
const VOICES: FieldRow = row("voice_list", "list", "none", "not served yet: refused");
const FIRST: FieldRow = row(
    "image",
    "URL or Base64",
    "required, or `image_tail`",
    "PNG or JPEG, at most 50 MB, 300 pixels or more on each side, within 1:2.5 and 2.5:1",
);
const LAST: FieldRow = row(
    "image_tail",
    "URL or Base64",
    "none",
    "the last frame; not together with masks or `camera_control`",
);
const STATIC_MASK: FieldRow = row("static_mask", "URL or Base64", "none", "where nothing moves");
const MASKS: FieldRow = row("dynamic_masks", "list", "none", "at most 6 areas that move");
const MASK: FieldRow = row("dynamic_masks.mask", "URL or Base64", "required", "the area");
const PATH: FieldRow = row(
    "dynamic_masks.trajectories",
    "list",
    "required",
    "2 to 77 points `{x, y}` in pixels",
);
const IMAGES: FieldRow = row("image_list", "list", "required", "1 to 4 entries");
const IMAGES_ONE: FieldRow = row(
    "image_list.image",
    "URL or Base64",
    "required",
    "as `image` elsewhere",
);
const CALLBACK: FieldRow = row(
    "callback_url",
    "URL",
    "none",
    "is called in Kling's own native form, as the vendor hands it on",
);
const EXTERNAL: FieldRow = row(
    "external_task_id",
    "string",
    "none",
    "your own name for the task, at most 256 characters, unique",
);
const WATERMARK: FieldRow = row(
    "watermark_info",
    "object",
    "none",
    "is echoed; nothing is watermarked here",
);
const WATERMARK_ON: FieldRow = row("watermark_info.enabled", "boolean", "`false`", "the wish");

const TEXT: &[FieldRow] = &[
    MODEL_NAME,
    MODEL,
    PROMPT,
    NEGATIVE,
    MODE,
    DURATION,
    RATIO,
    SOUND,
    SCALE,
    CAMERA,
    CAMERA_TYPE,
    CAMERA_CONFIG,
    SHOTS,
    SHOT_TYPE,
    SHOT_LIST,
    SHOT_INDEX,
    SHOT_PROMPT,
    SHOT_LENGTH,
    ELEMENTS,
    VOICES,
    CALLBACK,
    EXTERNAL,
    WATERMARK,
    WATERMARK_ON,
];

const IMAGE: &[FieldRow] = &[
    MODEL_NAME,
    MODEL,
    PROMPT_BESIDE,
    FIRST,
    LAST,
    STATIC_MASK,
    MASKS,
    MASK,
    PATH,
    NEGATIVE,
    MODE,
    DURATION,
    SOUND,
    SCALE,
    CAMERA,
    CAMERA_TYPE,
    CAMERA_CONFIG,
    SHOTS,
    SHOT_TYPE,
    SHOT_LIST,
    SHOT_INDEX,
    SHOT_PROMPT,
    SHOT_LENGTH,
    ELEMENTS,
    VOICES,
    CALLBACK,
    EXTERNAL,
    WATERMARK,
    WATERMARK_ON,
];

const REFERENCES: &[FieldRow] = &[
    MODEL_NAME,
    MODEL,
    PROMPT,
    IMAGES,
    IMAGES_ONE,
    NEGATIVE,
    MODE,
    DURATION_PLAIN,
    RATIO,
    CALLBACK,
    EXTERNAL,
    WATERMARK,
    WATERMARK_ON,
];

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
            fields: TEXT,
        },
        RequestGuide {
            title: "`POST /kling/v1/videos/image2video`",
            fields: IMAGE,
        },
        RequestGuide {
            title: "`POST /kling/v1/videos/multi-image2video`",
            fields: REFERENCES,
        },
    ],
    rules: &[
        "The vendor's own rules come first and are answered with 500 and its text, as it documents: \
         `get_price_scale_failed` for a length, a shot or a mode that has no price, `build_request_failed` for \
         more than four images. Such an answer carries `x-should-retry: false`: the same wish fails again.",
        "A list of shots counts without `multi_shot`, unless that is `false`; where `duration` is given too, \
         the shots must fill it.",
        "Whatever else is wrong is answered with 400 and `invalid_request`, and the message names the field \
         and the values that would be taken.",
        "A failed task is answered with 200: `status` is `FAILURE` and `fail_reason` says why. Of a success \
         `fail_reason` is the link of the clip, the same as `data.data.data.task_result.videos[0].url`.",
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
