//! The dialect's page of the documentation. Its tables of fields are also what the reader knows: a field
//! without a row is ignored and reported.

use domain::Operation;
use domain::dialect::{Deviation, FieldRow, Guide, RequestGuide};

use super::products::Shape;
use crate::field_tables::{NONE, REQUIRED, row};

/// The fields of a submit of the queue.
pub(super) fn rows_of(shape: Shape) -> &'static [FieldRow] {
    match shape {
        Shape::Words | Shape::Frames => CLIP,
        Shape::References | Shape::Clip | Shape::Edit => REFERENCES,
        Shape::Motion => MOTION,
        Shape::Stills => STILLS,
        Shape::Portrait => PORTRAIT,
        Shape::Lips => LIPS,
    }
}

/// The fields of a submit of the older profile.
pub(super) fn fields_of(operation: Operation) -> &'static [FieldRow] {
    match operation {
        Operation::ImageToVideo => IMAGE,
        _ => TEXT,
    }
}

const PROMPT: FieldRow = row("prompt", "string", REQUIRED, "at most 2500 characters");
const NEGATIVE: FieldRow = row("negative_prompt", "string", NONE, "at most 2500 characters");
const DURATION: FieldRow = row(
    "duration",
    "string or whole number",
    "`5`",
    "`5` or `10`, in seconds",
);
const SCALE: FieldRow = row("cfg_scale", "number", NONE, "0 to 1");
const CALLBACK: FieldRow = row(
    "callback_url",
    "string",
    NONE,
    "an `http` or `https` link, to be called in Kling's own native form",
);

const TEXT: &[FieldRow] = &[
    PROMPT,
    NEGATIVE,
    DURATION,
    SCALE,
    row("aspect_ratio", "string", "`16:9`", "`16:9`, `9:16`, `1:1`"),
    CALLBACK,
];

const IMAGE: &[FieldRow] = &[
    row(
        "image",
        "string",
        REQUIRED,
        "an `http` or `https` link, or Base64 of a PNG or JPEG; at most 50 MB, 300 pixels or more on each side, within 1:2.5 and 2.5:1",
    ),
    PROMPT,
    NEGATIVE,
    DURATION,
    SCALE,
    CALLBACK,
];

const PICTURE: &str = "an `http` or `https` link, or Base64 of a PNG or JPEG";

/// The fields of a try-on.
pub(super) const TRY_ON: &[FieldRow] = &[
    row("human_image", "string", REQUIRED, PICTURE),
    row("cloth_image", "string", "required, or `image_tail`", PICTURE),
    row(
        "image_tail",
        "string",
        NONE,
        "the same, as the vendor's page calls it",
    ),
    CALLBACK,
];

/// The fields of a still of the older profile.
pub(super) const STILL: &[FieldRow] = &[
    PROMPT,
    NEGATIVE,
    row("image", "string", NONE, PICTURE),
    row(
        "aspect_ratio",
        "string",
        "`16:9`",
        "`16:9`, `9:16`, `1:1`, `4:3`, `3:4`, `3:2`, `2:3`, `21:9`",
    ),
    row("n", "whole number", "`1`", "1 to 9"),
    CALLBACK,
];

const SOUND: FieldRow = row("generate_audio", "boolean", "`false`", "of models with sound");
const RATIO: FieldRow = row(
    "aspect_ratio",
    "string",
    "`16:9`",
    "`16:9`, `9:16`, `1:1`; `auto` counts as none",
);
const LENGTH: FieldRow = row(
    "duration",
    "string or whole number",
    "`5`",
    "3 to 15 seconds, of O1 3 to 10",
);

/// The fields of clips from words, and from a first and a last picture.
const CLIP: &[FieldRow] = &[
    row(
        "prompt",
        "string",
        "required, or `multi_prompt`",
        "at most 2500 characters",
    ),
    row(
        "multi_prompt",
        "list of objects",
        NONE,
        "at most 6 shots, together as long as the clip",
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
        "whole seconds",
    ),
    row(
        "shot_type",
        "string",
        NONE,
        "has no effect: shots are as `multi_prompt` says",
    ),
    row(
        "start_image_url",
        "string",
        "required of products that start on a picture",
        PICTURE,
    ),
    row("end_image_url", "string", NONE, PICTURE),
    LENGTH,
    RATIO,
    SOUND,
    NEGATIVE,
    SCALE,
];

/// The fields of clips from pictures or a clip to look like, and of clips that are changed.
pub(super) const REFERENCES: &[FieldRow] = &[
    row(
        "prompt",
        "string",
        REQUIRED,
        "at most 2500 characters; `@Image1`, `@Element1`, `@Video1`",
    ),
    row(
        "video_url",
        "string",
        "required of products that take a clip",
        "a link to an MP4 or MOV of at most 200 MB",
    ),
    row(
        "image_urls",
        "list of strings",
        NONE,
        "at most 10 pictures to look like",
    ),
    row("elements", "list of objects", NONE, "at most 7 things or persons"),
    row("elements.frontal_image_url", "string", NONE, PICTURE),
    row(
        "elements.reference_image_urls",
        "list of strings",
        NONE,
        "at most 10 pictures of it",
    ),
    LENGTH,
    RATIO,
    SOUND,
    NEGATIVE,
    SCALE,
];

const MOTION: &[FieldRow] = &[
    row("prompt", "string", NONE, "at most 2500 characters"),
    row("image_url", "string", REQUIRED, PICTURE),
    row(
        "video_url",
        "string",
        REQUIRED,
        "a link to an MP4 or MOV of at most 100 MB",
    ),
    row(
        "character_orientation",
        "string",
        REQUIRED,
        "`image` (at most 10 seconds), `video` (30)",
    ),
    row("keep_original_sound", "boolean", "`true`", "on or off"),
];

const STILLS: &[FieldRow] = &[
    PROMPT,
    NEGATIVE,
    row("image_urls", "list of strings", NONE, "at most 10 pictures"),
    row("resolution", "string", "`1K`", "`1K`, `2K`, `4K`"),
    row("num_images", "whole number", "`1`", "1 to 9"),
    row(
        "result_type",
        "string",
        "`single`",
        "`single`, `series`, of O1 and O3",
    ),
    row("series_amount", "whole number", "`4`", "2 to 9"),
    row(
        "aspect_ratio",
        "string",
        "`16:9`",
        "`auto`, `16:9`, `9:16`, `1:1`, `4:3`, `3:4`, `3:2`, `2:3`, `21:9`",
    ),
    row(
        "output_format",
        "string",
        NONE,
        "has no effect: files are as they are made",
    ),
    row(
        "sync_mode",
        "boolean",
        NONE,
        "has no effect: the answer is always that of the queue",
    ),
];

const PORTRAIT: &[FieldRow] = &[
    row("image_url", "string", REQUIRED, PICTURE),
    row(
        "audio_url",
        "string",
        REQUIRED,
        "a link to a sound of at most 5 MB and 60 seconds",
    ),
    row("prompt", "string", NONE, "at most 2500 characters"),
];

const LIPS: &[FieldRow] = &[
    row(
        "video_url",
        "string",
        REQUIRED,
        "a link to an MP4 or MOV of 2 to 10 seconds",
    ),
    row("text", "string", REQUIRED, "at most 120 characters"),
    row("voice_id", "string", REQUIRED, "of the vendor's speech catalogue"),
    row("voice_language", "string", "`zh`", "`zh`, `en`"),
    row("voice_speed", "number", "`1`", "0.8 to 2"),
];

const POLL: &[FieldRow] = &[
    row(
        "task_id",
        "string",
        "required, or `request_id`",
        "the task, in any spelling of its id",
    ),
    row(
        "request_id",
        "string",
        NONE,
        "the same; counts where `task_id` is not given",
    ),
];

/// The page.
pub(super) const GUIDE: Guide = Guide {
    title: "Pixazo",
    introduction: "Pixazo sells Kling 1.6 under `/kling-ai-video`: a submit, then a POST that asks how far it \
                   is, with the id in its body; and newer models in a queue, each product at a path of its own, \
                   with one status for all of them. For clients that were written for `gateway.pixazo.ai` or \
                   `gateway.appypie.com`: set the base URL to `/pixazo`, or to the root, where the same paths \
                   are served.",
    sources: &[
        "<https://www.pixazo.ai/models/kling>, read 2026-11-21",
        "<https://github.com/Pixazo-AI/skills>, the paths of the calls, read 2026-11-21",
        "<https://github.com/Pixazo-AI/pixazo-ai-studio>, how a client reads answers, read 2026-11-21",
    ],
    authentication: "`Ocp-Apim-Subscription-Key: <key>`, or `Authorization: Bearer <key>`",
    requests: &[
        RequestGuide {
            title: "`POST /kling-ai-video/v1/generateVideoTask`",
            fields: TEXT,
        },
        RequestGuide {
            title: "`POST /kling-ai-video/v1/getImageToVideoTask`",
            fields: IMAGE,
        },
        RequestGuide {
            title: "A try-on: `/kling-ai-vton/v1/getVirtualTryOnTask`",
            fields: TRY_ON,
        },
        RequestGuide {
            title: "A still: `/kling-ai-image/v1/getImageTask`",
            fields: STILL,
        },
        RequestGuide {
            title: "`POST /kling-ai-polling/v1/getTextToVideoStatus`, `getVideoStatus`, `getImageToVideoStatus`, \
                    `getVirtualTryOnStatus`, `getImageStatus`, and every `…-request-result`",
            fields: POLL,
        },
        RequestGuide {
            title: "Queue: clips from words, and from a first and a last picture",
            fields: CLIP,
        },
        RequestGuide {
            title: "Queue: clips from pictures or a clip to look like, and clips that are changed",
            fields: REFERENCES,
        },
        RequestGuide {
            title: "Queue: a person moved like in a clip",
            fields: MOTION,
        },
        RequestGuide {
            title: "Queue: stills",
            fields: STILLS,
        },
        RequestGuide {
            title: "Queue: a talking portrait",
            fields: PORTRAIT,
        },
        RequestGuide {
            title: "Queue: lips moved to words",
            fields: LIPS,
        },
    ],
    rules: &[
        "A submit of the queue answers 202 with `request_id`, `status` and `polling_url`. A result answers 202 with \
         the status object until it is there.",
        "`X-Webhook-URL` on any submit names an address that is called once, at the end, with the status object.",
        "Products of the queue stand for models of Kling's new standard, whose rules hold: \
         [Kling, new standard](kling2.md). O3 is 3.0 Omni.",
        "Under `/kling-ai-video` the model is `kling-v1-6` in its mode `std`; a `model_name` or `mode` has no effect and is reported.",
        "A task is found at each of the polling paths, whichever it was submitted to, and at \
         `GET /v2/requests/status/{id}`.",
        "`error` is the vendor's fixed text; `message` names the field and the values that would be taken.",
    ],
    deviations: DEVIATIONS,
};

const DEVIATIONS: &[Deviation] = &[
    Deviation {
        what: "A submit answers 200 with the fields of both profiles: `code`, `message`, `data` and \
               `request_id`, `status`, `polling_url`.",
        why: "At these paths the vendor answers the older form to older clients and 202 with the newer form \
              today; both kinds of client find what they read.",
    },
    Deviation {
        what: "`request_id` is the task's id in polls too.",
        why: "Older clients poll with the `request_id` that they were answered.",
    },
    Deviation {
        what: "A poll without a key is refused.",
        why: "The vendor's older samples carry none, but without one a task has no owner to be shown to.",
    },
    Deviation {
        what: "A task that waits is `submitted`, with the message `SUCCEED`.",
        why: "The vendor shows no such answer; this is Kling's own.",
    },
    Deviation {
        what: "An unknown task is answered with 404 and `Request not found`.",
        why: "The vendor documents no answer for it, and its text for 404 is about paths.",
    },
    Deviation {
        what: "`QUEUED` is the only word for a task that waits, `FAILED` the only one for one that failed or \
               was cancelled.",
        why: "The vendor has two words for each and does not say how they differ.",
    },
    Deviation {
        what: "Errors have `message` and `request_id` beside `error`.",
        why: "The fixed texts do not say what is wrong.",
    },
    Deviation {
        what: "A body that is too long is refused with 400, a wrong method with 404, and what is out of \
               service with 503.",
        why: "The vendor documents no other number for the first two; its own client tries again on 503.",
    },
    Deviation {
        what: "What is sent to `X-Webhook-URL` is the status object.",
        why: "The vendor does not document it.",
    },
    Deviation {
        what: "A result has `request_id` beside its files, and stills stand in `images`.",
        why: "The vendor shows the result of a clip only.",
    },
    Deviation {
        what: "An element of the queue is shown to the model as pictures to look like; `cfg_scale` is 0 to 1.",
        why: "Elements of Kling are made beforehand, in a call of their own; Kling takes no larger scale.",
    },
    Deviation {
        what: "A first picture suffices where the vendor's page wants a last one too.",
        why: "Kling makes a clip of it.",
    },
];
