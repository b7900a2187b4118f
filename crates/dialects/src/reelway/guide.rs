//! The dialect's page of the documentation, and its field tables, out of which `submit.rs` and `inputs.rs`
//! take the names that they know. How fields are read is there, what is answered in `answer.rs`.

use domain::dialect::{Deviation, FieldRow, Guide, RequestGuide};

use crate::field_tables::{NONE, REQUIRED, joined, row};
use crate::kling_fields::{CALLBACK_URL, CAMERA, CFG_SCALE, DYNAMIC_MASKS, SHOTS, WATERMARK};

const WISH: &[FieldRow] = &[
    row(
        "operation",
        "string",
        "what the inputs make of it",
        "`text_to_video`, `image_to_video`, `multi_image_to_video`; another than the inputs make of it is refused. \
         `image_generation` asks for a still",
    ),
    row(
        "model",
        "string",
        "`kling-v3`; `kling-v1-6` with references; `animatic` for a still",
        "at most 128 characters; see [Models](#models); a still is made by `animatic` only",
    ),
    row(
        "prompt",
        "string",
        REQUIRED,
        "at most 2500 characters; beside frames it may be left out, and with shots that have prompts of their own",
    ),
    row("negative_prompt", "string", NONE, "at most 2500 characters"),
    row("inputs", "list of objects", NONE, "at most 16 media"),
    row(
        "inputs.role",
        "string",
        REQUIRED,
        "`first_frame`, `last_frame` and `mask` (the area that stands still) once each, `reference` up to 4 times",
    ),
    row(
        "inputs.url",
        "string",
        "required, or `data`",
        "an `http` or `https` link of at most 2048 bytes",
    ),
    row(
        "inputs.data",
        "string",
        "required, or `url`",
        "Base64 of a PNG or JPEG, with or without a `data:` prefix",
    ),
    row(
        "duration_seconds",
        "whole number",
        "`5`",
        "as far as the model has the length; digits in a string are taken too",
    ),
    row(
        "width",
        "whole number",
        NONE,
        "64 to 3840 pixels, even for a clip, together with `height`; without `mode` it stands for the mode that is \
         large enough",
    ),
    row("height", "whole number", NONE, "as `width`"),
    row(
        "aspect_ratio",
        "string",
        "`16:9`",
        "`16:9`, `9:16`, `1:1`, and for a still `4:3`, `3:4`, `3:2`, `2:3`, `21:9` (720 pixels on the shorter side); \
         not together with `width` and `height`",
    ),
    row(
        "mode",
        "string",
        "what the size stands for, else `std`",
        "`std` (720 lines), `pro` (1080), `4k` (2160), as far as the model has them; of a model with one \
         quality only, another word is ignored and reported",
    ),
    row(
        "fps",
        "whole number",
        "the model's own",
        "1 to 60 frames a second",
    ),
    row(
        "seed",
        "whole number",
        "by chance",
        "0 to 2^53; the same wish with the same seed looks the same, where the maker knows seeds",
    ),
    row(
        "count",
        "whole number",
        "`1`",
        "1 to 4 clips or stills of one wish",
    ),
    row(
        "format",
        "string",
        "`mp4` of a clip, `png` of a still",
        "`mp4` of a clip; `png`, `jpeg`, `webp` of a still",
    ),
    row(
        "sound",
        "boolean",
        "`false`",
        "`true` only of models with sound; `on` and `off` are taken too",
    ),
    row(
        "preview",
        "boolean",
        "`false`",
        "whether the embedded renderer is to make a storyboard, whatever could make the clip; as the header \
         `reelway-preview`",
    ),
];

const ORDER: &[FieldRow] = &[
    row(
        "external_id",
        "string",
        NONE,
        "the client's own name for the task, unique among its owner's tasks, at most 256 characters",
    ),
    row(
        "deadline",
        "string",
        "the gateway's own",
        "a moment as RFC 3339 (`2026-11-21T18:00:00Z`), after which an unfinished task fails and costs \
         nothing; the gateway's own deadline holds where it is earlier",
    ),
    row(
        "dry_run",
        "boolean",
        "`false`",
        "whether the wish is only to be checked and priced; as `?dry_run=true`, which counts before it",
    ),
    row(
        "extras",
        "object",
        NONE,
        "what one vendor has beyond these fields, by vendor",
    ),
    row("extras.kling", "object", NONE, "the options below"),
];

/// The fields of the body.
pub(super) const FIELDS: [FieldRow; WISH.len() + 1 + ORDER.len()] = joined(&[WISH, &[CALLBACK_URL], ORDER]);

/// The fields of `extras.kling`.
pub(super) const EXTRAS: [FieldRow; CAMERA.len() + 1 + DYNAMIC_MASKS.len() + SHOTS.len() + WATERMARK.len()] =
    joined(&[CAMERA, &[CFG_SCALE], DYNAMIC_MASKS, SHOTS, WATERMARK]);

const LIST: &[FieldRow] = &[
    row(
        "cursor",
        "string",
        "the newest",
        "the `next_cursor` of the page before",
    ),
    row("limit", "whole number", "`20`", "1 to 100"),
    row(
        "status",
        "string",
        "any",
        "`queued`, `running`, `succeeded`, `failed`, `cancelled`",
    ),
    row(
        "operation",
        "string",
        "any",
        "a word of `operation` in the task object",
    ),
    row(
        "dialect",
        "string",
        "any",
        "the dialect that a task was submitted in",
    ),
];

const TASK: &[FieldRow] = &[
    row("id", "string", "always", "the task's id, `task_…`"),
    row("object", "string", "always", "`task`"),
    row("operation", "string", "always", "the kind of work"),
    row("model", "string", "always", "as asked for"),
    row(
        "status",
        "string",
        "always",
        "`queued`, `running`, `succeeded`, `failed`, `cancelled`; `indeterminate` as long as nobody can find out \
         whether its vendor took it",
    ),
    row("progress", "whole number", "always", "0 to 100"),
    row(
        "created_at",
        "string",
        "always",
        "RFC 3339, as `updated_at` and `finished_at`",
    ),
    row("updated_at", "string", "always", "when it last changed"),
    row("finished_at", "string", "once it is final", "when it ended"),
    row(
        "artifacts",
        "list of objects",
        "always",
        "the kept files; of a task that failed by its deadline those of a success that came later, at no cost",
    ),
    row("artifacts.id", "string", "always", "the file's id, `artifact_…`"),
    row("artifacts.kind", "string", "always", "`video`, `image`, `audio`"),
    row(
        "artifacts.url",
        "string",
        "always",
        "a signed link that needs no key and expires",
    ),
    row(
        "artifacts.watermark_url",
        "string",
        "where `extras.kling.watermark_info` wished for it",
        "link of a copy with the maker's mark; it is no artifact of its own and costs nothing",
    ),
    row("artifacts.content_type", "string", "always", "its media type"),
    row("artifacts.bytes", "whole number", "always", "its length"),
    row(
        "artifacts.sha256",
        "string",
        "always",
        "its SHA-256, in hexadecimal",
    ),
    row(
        "artifacts.width",
        "whole number",
        "where it is known",
        "in pixels, as `height`",
    ),
    row(
        "artifacts.height",
        "whole number",
        "where it is known",
        "in pixels",
    ),
    row(
        "artifacts.duration_seconds",
        "number",
        "where it is known",
        "its length",
    ),
    row(
        "artifacts.fps",
        "whole number",
        "where it is known",
        "frames a second",
    ),
    row(
        "price.hold_micros",
        "whole number",
        "always",
        "what was held at submit, in millionths of a dollar",
    ),
    row(
        "price.charge_micros",
        "whole number",
        "once it was charged",
        "what it cost in the end",
    ),
    row("price.currency", "string", "always", "`USD`"),
    row(
        "error.code",
        "string",
        "when it failed",
        "why, as a word for programs",
    ),
    row(
        "error.message",
        "string",
        "when it failed",
        "why, as a sentence for people",
    ),
    row(
        "error.retryable",
        "boolean",
        "when it failed",
        "whether the same wish may succeed another time",
    ),
    row(
        "cancel_requested",
        "boolean",
        "when a cancel is under way",
        "`true`: the maker has the work already and it cannot be stopped at once",
    ),
    row("provider", "string", "once somebody has it", "who makes it"),
    row(
        "dialect",
        "string",
        "always",
        "the dialect that it was submitted in",
    ),
    row("external_id", "string", "when it has one", "as asked for"),
    row(
        "seed",
        "whole number",
        "always",
        "the seed that it is made with, asked for or by chance",
    ),
];

const QUOTE: &[FieldRow] = &[
    row("object", "string", "always", "`quote`"),
    row("operation", "string", "always", "the kind of work"),
    row("model", "string", "always", "the model that would be used"),
    row(
        "price.hold_micros",
        "whole number",
        "always",
        "what would be held, in millionths of a dollar",
    ),
    row("price.currency", "string", "always", "`USD`"),
    row(
        "price.unit",
        "string",
        "always",
        "what is counted: `second`, `clip`, `image`, `call`",
    ),
    row("price.unit_price_micros", "whole number", "always", "of one unit"),
    row("price.quantity", "whole number", "always", "how many units"),
    row("price.book", "string", "always", "the edition of the price book"),
    row(
        "duration_seconds",
        "number",
        "always",
        "the length of each clip; 0 for a still",
    ),
    row("width", "whole number", "always", "in pixels, as `height`"),
    row("height", "whole number", "always", "in pixels"),
    row(
        "fps",
        "whole number or null",
        "always",
        "frames a second; null for a still",
    ),
    row("count", "whole number", "always", "how many clips or stills"),
    row("sound", "boolean or null", "always", "whether it was asked for"),
    row("mode", "string or null", "always", "the quality word"),
];

const LISTING: &[FieldRow] = &[
    row("object", "string", "always", "`list`"),
    row("data", "list of task objects", "always", "newest first"),
    row(
        "next_cursor",
        "string or null",
        "always",
        "the `cursor` of the next page, as long as there is one",
    ),
    row("has_more", "boolean", "always", "whether more follow"),
];

const ERROR: &[FieldRow] = &[
    row("error.code", "string", "always", "a word for programs"),
    row("error.message", "string", "always", "a sentence for people"),
    row(
        "error.field",
        "string",
        "where a field is at fault",
        "its path: `inputs.0.url`",
    ),
    row(
        "error.allowed",
        "list of strings",
        "where values can be named",
        "what would be taken",
    ),
    row(
        "error.limit.holder",
        "string",
        "where a limit stands in the way",
        "whose it is: `key` or `tenant`",
    ),
    row(
        "error.limit.name",
        "string",
        "where a limit stands in the way",
        "`task_budget_micros`, `day_budget_micros`, `budget_micros`, `concurrent_tasks`, `requests_per_minute`",
    ),
    row(
        "error.limit.most",
        "integer",
        "where a limit stands in the way",
        "what it allows: micro-dollars, tasks or requests",
    ),
    row(
        "error.limit.left",
        "integer",
        "where a limit stands in the way",
        "how much of that is left",
    ),
    row(
        "error.retryable",
        "boolean",
        "always",
        "whether sending the same again may help",
    ),
    row(
        "error.request_id",
        "string",
        "always",
        "names the request in the gateway's log",
    ),
    row(
        "error.docs",
        "string",
        "always",
        "where the code is explained, on the gateway itself",
    ),
];

const EVENT: &[FieldRow] = &[
    row(
        "type",
        "string",
        "always",
        "`task.queued`, `task.running`, `task.succeeded`, `task.failed`, `task.cancelled`, `task.late_result`",
    ),
    row("timestamp", "string", "always", "when it happened, as RFC 3339"),
    row("data", "task object", "always", "the task as it is then"),
];

/// The page.
pub(super) const GUIDE: Guide = Guide {
    title: "Reelway, our own API",
    introduction: "Our own API for tasks, for programs that need no vendor's shape: one submit for every kind of \
        clip and for stills, dry runs, reads that wait, lists with a cursor, and cancels. The base URL is \
        `http://<gateway>/api/v1`; the root has no other paths of it. It reads the tasks of every dialect, in one \
        shape. Kept files are served beside it: `GET /api/v1/tasks/{id}/content` answers the task's first file \
        and `GET /api/v1/tasks/{id}/content/{n}` each one (counted from 0), with ranges, `HEAD` and `ETag`, to \
        the owner's key or to the signed link that every dialect's answer carries, which needs no key and expires.",
    sources: &["There is no vendor: this page is the description."],
    authentication: "`Authorization: Bearer <key>` with a key from `reelway keys create`. Pixazo's header \
        `Ocp-Apim-Subscription-Key: <key>` is taken here too.",
    requests: &[
        RequestGuide {
            title: "`POST /tasks`",
            fields: &FIELDS,
        },
        RequestGuide {
            title: "`POST /tasks`, inside `extras.kling`",
            fields: &EXTRAS,
        },
        RequestGuide {
            title: "The query of `GET /tasks`",
            fields: LIST,
        },
        RequestGuide {
            title: "Answer: the task object",
            fields: TASK,
        },
        RequestGuide {
            title: "Answer: the list of `GET /tasks`",
            fields: LISTING,
        },
        RequestGuide {
            title: "Answer: the quote of a dry run",
            fields: QUOTE,
        },
        RequestGuide {
            title: "Answer: an error",
            fields: ERROR,
        },
        RequestGuide {
            title: "Answer: the body of a callback",
            fields: EVENT,
        },
    ],
    rules: &[
        "The inputs say what is made: none a `text_to_video`, frames and masks an `image_to_video`, references a \
         `multi_image_to_video`.",
        "A still (`image_generation`) is made from words alone by the embedded renderer and costs nothing: with \
         `inputs`, or by another model, it is refused. `duration_seconds`, `fps`, `sound`, `mode` and `extras` mean nothing \
         for it and are reported.",
        "References cannot be combined with frames or masks.",
        "Of a last frame, masks and `extras.kling.camera_control` only one may be given.",
        "Masks need a first frame; areas that move stand in `extras.kling.dynamic_masks`.",
        "`extras.kling.multi_shot` cannot be combined with a last frame; with shots that have prompts of their own, \
         `prompt` is ignored and reported, and the shots' lengths add up to `duration_seconds`.",
        "`width` and `height` come together, and exclude `aspect_ratio`; without any of them a clip takes the ratio of its first or last frame. The embedded renderer makes exactly that size, a \
         vendor the nearest that it has. A size that is larger than the frame of the mode is refused: `std` has 1280 by \
         720 pixels, `pro` 1920 by 1080, `4k` 3840 by 2160, either way up.",
        "Which model makes what, in which mode, at which length and with sound, is the table under \
         [Models](#models); what it does not make is refused with the values that would be taken. Of a model \
         that is not in the table everything is believed, and the price book decides whether it is sold.",
        "A picture is a PNG or JPEG of at most 50 MB, at least 300 pixels on each side, its sides within 1:2.5 and \
         2.5:1.",
        "A cancel is answered with the task: `cancelled` at once as long as nobody has the work, else with \
         `cancel_requested`; a task that is final already is refused with `conflict`.",
        "A task is found by its id, in any spelling, and by its `external_id`.",
    ],
    deviations: NOTHING,
};

/// There is no vendor to differ from.
const NOTHING: &[Deviation] = &[];
