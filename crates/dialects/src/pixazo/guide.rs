//! The dialect's page of the documentation. Its tables of fields are also what the reader knows: a field
//! without a row is ignored and reported.

use domain::Operation;
use domain::dialect::{Deviation, FieldRow, Guide, RequestGuide};

use crate::field_tables::{NONE, REQUIRED, row};

/// The fields of a submit.
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
    title: "Pixazo, polling",
    introduction: "Pixazo sells Kling 1.6 under `/kling-ai-video`: a submit, then a POST that asks how far it \
                   is, with the id in its body. For clients that were written for `gateway.pixazo.ai` or \
                   `gateway.appypie.com`: set the base URL to `/pixazo`, or to the root, where the same paths \
                   are served. The status object of the newer queue is served too.",
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
            title: "`POST /kling-ai-polling/v1/getTextToVideoStatus`, `getVideoStatus`, `getImageToVideoStatus`",
            fields: POLL,
        },
    ],
    rules: &[
        "The model is `kling-v1-6` in its mode `std`; a `model_name` or `mode` has no effect and is reported.",
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
        what: "`X-Webhook-URL` is not read yet.",
        why: "What the vendor sends there is not documented; `callback_url` is served.",
    },
];
