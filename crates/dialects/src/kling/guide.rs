//! The dialect's page of the documentation, and its field tables, out of which `submit.rs` takes the
//! names that it knows. How fields are read is there, what is answered in `answer.rs`.

use domain::dialect::{Deviation, FieldRow, Guide, RequestGuide};

use crate::field_tables::{NONE, REQUIRED, joined, row};
use crate::kling_fields::{CALLBACK_URL, CAMERA, CFG_SCALE, DYNAMIC_MASKS, NOT_SERVED, SHOTS, WATERMARK};

/// Fields of every submit, behind those of its kind. `model` is not among them: the vendor does not hear
/// it.
const EVERYWHERE: &[FieldRow] = &[
    row("negative_prompt", "string", NONE, "at most 2500 characters"),
    row(
        "mode",
        "string",
        "`std`",
        "`std` (720 lines), `pro` (1080), `4k` (2160), as far as the model has them; of a model with one \
         quality only, another word is ignored and reported",
    ),
    row(
        "duration",
        "string or whole number",
        "`\"5\"`",
        "whole seconds, as far as the model has them",
    ),
    row(
        "external_task_id",
        "string",
        NONE,
        "the client's own name for the task, unique among its owner's tasks, at most 256 characters; an \
         empty string counts as none",
    ),
    CALLBACK_URL,
];

/// Fields of text2video and image2video.
const MOTION: &[FieldRow] = &[
    row(
        "sound",
        "string",
        "`off`",
        "`on`, `off`; `true` and `false` are taken too; `on` only of models with sound",
    ),
    CFG_SCALE,
];

const TEXT_OWN: &[FieldRow] = &[
    row(
        "model_name",
        "string",
        "`kling-v3`",
        "at most 128 characters; see [Models](#models)",
    ),
    row(
        "prompt",
        "string",
        REQUIRED,
        "at most 2500 characters; with shots that have prompts of their own it may be left out",
    ),
    row("aspect_ratio", "string", "`16:9`", "`16:9`, `9:16`, `1:1`"),
];

const IMAGE_OWN: &[FieldRow] = &[
    row(
        "model_name",
        "string",
        "`kling-v3`",
        "at most 128 characters; see [Models](#models)",
    ),
    row(
        "prompt",
        "string",
        NONE,
        "at most 2500 characters; required where the model is to find shots in it",
    ),
    row(
        "image",
        "string",
        "required, or `image_tail`",
        "the first frame: an `http` or `https` link, or Base64 of a PNG or JPEG",
    ),
    row("image_tail", "string", NONE, "the last frame, as `image`"),
    row(
        "static_mask",
        "string",
        NONE,
        "the area that stands still, as `image`; only of models with a motion brush",
    ),
];

const REFERENCES_OWN: &[FieldRow] = &[
    row(
        "model_name",
        "string",
        "`kling-v1-6`",
        "at most 128 characters; see [Models](#models)",
    ),
    row("prompt", "string", REQUIRED, "at most 2500 characters"),
    row(
        "image_list",
        "list of objects",
        REQUIRED,
        "1 to 4 pictures to look like",
    ),
    row(
        "image_list.image",
        "string",
        REQUIRED,
        "an `http` or `https` link, or Base64 of a PNG or JPEG",
    ),
    row("aspect_ratio", "string", "`16:9`", "`16:9`, `9:16`, `1:1`"),
];

/// The rows of text2video.
pub(super) const TEXT: [FieldRow;
    TEXT_OWN.len()
        + MOTION.len()
        + CAMERA.len()
        + SHOTS.len()
        + EVERYWHERE.len()
        + WATERMARK.len()
        + NOT_SERVED.len()] = joined(&[TEXT_OWN, MOTION, CAMERA, SHOTS, EVERYWHERE, WATERMARK, NOT_SERVED]);

/// The rows of image2video.
pub(super) const IMAGE: [FieldRow;
    IMAGE_OWN.len()
        + DYNAMIC_MASKS.len()
        + MOTION.len()
        + CAMERA.len()
        + SHOTS.len()
        + EVERYWHERE.len()
        + WATERMARK.len()
        + NOT_SERVED.len()] = joined(&[
    IMAGE_OWN,
    DYNAMIC_MASKS,
    MOTION,
    CAMERA,
    SHOTS,
    EVERYWHERE,
    WATERMARK,
    NOT_SERVED,
]);

/// The rows of multi-image2video.
pub(super) const REFERENCES: [FieldRow; REFERENCES_OWN.len() + EVERYWHERE.len() + WATERMARK.len()] =
    joined(&[REFERENCES_OWN, EVERYWHERE, WATERMARK]);

const LIST: &[FieldRow] = &[
    row("pageNum", "whole number", "`1`", "1 to 1000"),
    row("pageSize", "whole number", "`30`", "1 to 500"),
];

/// The page.
pub(super) const GUIDE: Guide = Guide {
    title: "Kling, native legacy",
    introduction: "Kling's own API of the `/v1/…` generation, for programs that are written against the vendor \
        and for its SDKs: set their base URL to `http://<gateway>/kling-native` (or to the gateway's root, \
        where the vendor's paths are served too, and once more with `/kling` before them as resellers have \
        them) and leave the rest as it is. Clips are made from a prompt (`text2video`), from a first or last \
        frame or both (`image2video`), and from several pictures to look like (`multi-image2video`). Every \
        answer is the vendor's envelope `{code, message, request_id, data}`; a task that failed is still \
        answered 200 with `code` 0, and `data.task_status` says so.",
    sources: &[
        "<https://kling.ai/document-api/>, pages `general info`, `text2video`, `image2video`, \
         `multi-image2video` and `callback protocol` of the legacy API, read on 2026-11-21",
    ],
    authentication: "`Authorization: Bearer <key>` with a key from `reelway keys create`. Programs that sign with \
        an access key and a secret key use a pair from `reelway keys create --pair`, and send \
        `Authorization: Bearer <token>`: a JWT signed with HS256 and the secret key as it is, with the access \
        key as `iss`, the end of its life as `exp` and its beginning as `nbf`, in seconds. Pixazo's header \
        `Ocp-Apim-Subscription-Key: <key>` is taken here too.",
    requests: &[
        RequestGuide {
            title: "`POST /v1/videos/text2video`",
            fields: &TEXT,
        },
        RequestGuide {
            title: "`POST /v1/videos/image2video`",
            fields: &IMAGE,
        },
        RequestGuide {
            title: "`POST /v1/videos/multi-image2video`",
            fields: &REFERENCES,
        },
        RequestGuide {
            title: "The query of the three lists",
            fields: LIST,
        },
    ],
    rules: &[
        "Of `image_tail`, masks (`static_mask`, `dynamic_masks`) and `camera_control` only one may be given.",
        "Masks need `image`.",
        "`multi_shot` cannot be combined with `image_tail`.",
        "With shots that have prompts of their own, `prompt` is ignored and reported; the shots' lengths add up \
         to `duration`.",
        "Which model makes what, in which mode, at which length and with sound, is the table under \
         [Models](#models); what it does not make is refused with the values that would be taken. Of a model \
         that is not in the table everything is believed, and the price book decides whether it is sold.",
        "A picture is a PNG or JPEG of at most 50 MB, at least 300 pixels on each side, its sides within 1:2.5 and \
         2.5:1.",
        "With `watermark_info` enabled, every clip has a copy with the maker's mark at `watermark_url`; it costs \
         nothing, and the clip at `url` has no mark.",
        "The stills of a task that our own API made are in `task_result.images`, each with `index` and `url`.",
        "A task is found by its id, in any spelling, and by its `external_task_id`.",
        "A list shows the caller's own tasks of its kind of work, newest first, whatever dialect they were \
         submitted in.",
    ],
    deviations: &[
        Deviation {
            what: "Without `model_name` a clip is made by `kling-v3`, not by `kling-v1`.",
            why: "The vendor has retired the default that it documents.",
        },
        Deviation {
            what: "`final_unit_deduction` and `final_balance_deduction` are left out.",
            why: "What was charged is kept in money and not in the vendor's units; the header `reelway-cost` says it.",
        },
        Deviation {
            what: "`element_list` and `voice_list` are refused unless they are empty.",
            why: "Elements and voices are not kept here yet, and a clip without them is not what was asked for.",
        },
        Deviation {
            what: "`prompt` may be left out beside a picture.",
            why: "A picture alone says what should be seen.",
        },
        Deviation {
            what: "A `data:` prefix before Base64 is taken, and pictures may have 50 MB.",
            why: "As on the vendor's newer paths; clients should not have to know which generation they speak to.",
        },
        Deviation {
            what: "A task is found under each of the three paths, whichever it was submitted to.",
            why: "Ids are unique in the whole gateway, and a wrong path is no reason to hide a task from its owner.",
        },
        Deviation {
            what: "A task that its owner stopped is `failed`, with `the task was cancelled` in `task_status_msg`.",
            why: "The vendor's API has no word for it.",
        },
        Deviation {
            what: "A body that is too long is refused with 400 and 1201.",
            why: "The vendor's table has no number for it, and it is a body that cannot be used like any other.",
        },
        Deviation {
            what: "Values out of range are refused with 1201, even where the vendor takes them and does something else.",
            why: "A clip that nobody asked for costs as much as one that somebody did.",
        },
        Deviation {
            what: "The vendor's 1303, too many tasks at once, never occurs.",
            why: "Work that finds no free slot waits in line.",
        },
    ],
};
