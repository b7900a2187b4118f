//! The dialect's page of the documentation. Its tables of fields are also what the reader knows: a field
//! without a row is ignored and reported.

use domain::Operation;
use domain::dialect::{Deviation, FieldRow, Guide, RequestGuide};

use crate::field_tables::{NONE, REQUIRED, joined, row};

/// The top of a submit.
pub(super) fn rows_of(operation: Operation) -> &'static [FieldRow] {
    match operation {
        Operation::TextToVideo => &TEXT,
        Operation::ImageToVideo => &IMAGE,
        Operation::OmniVideo => &OMNI,
        _ => &MOTION,
    }
}

const PROMPT: &[FieldRow] = &[row(
    "prompt",
    "string",
    REQUIRED,
    "at most 3072 characters, of 2.6 and 2.5 Turbo 2500; it may name shots: `shot 1, 2, words; shot 2, 3, words;`",
)];

/// `contents`, and what stands in each of its entries.
pub(super) const CONTENTS: &[FieldRow] = &[
    row("contents", "list of objects", REQUIRED, "at most 16 entries"),
    row(
        "contents.type",
        "string",
        REQUIRED,
        "what the call and the model take, see [Rules](#rules)",
    ),
    row(
        "contents.text",
        "string",
        "required with `prompt`",
        "the words, at most 2500 characters, of 3.0 and 3.0 Omni 3072; `@name` refers to another entry by its `id`",
    ),
    row(
        "contents.url",
        "string",
        "required with pictures and clips",
        "an `http` or `https` link, or Base64; a PNG or JPEG of at most 50 MB, 300 pixels or more on each side, \
         within 1:2.5 and 2.5:1, or an MP4 or MOV of at most 200 MB, 3 to 15 seconds, 700 to 4553 pixels a side, 24 to 60 frames a second (`kling-o1` 10 seconds, 2160 pixels; with `video` 100 MB, 30 seconds, 340 to 3850 pixels)",
    ),
    row(
        "contents.id",
        "string",
        "required with `element` and `voice`",
        "the name by which the prompt refers to the entry, at most 64 characters; no name may be part of another, or stand in the prompt without its `@`",
    ),
    row(
        "contents.element_id",
        "string or whole number",
        "required with `element`",
        "an element of the caller's, or one that comes with the house",
    ),
    row(
        "contents.voice_id",
        "string or whole number",
        "required with `voice`",
        "a voice of the caller's, or one that comes with the house",
    ),
];

const RESOLUTION: &[FieldRow] = &[
    row("settings", "object", NONE, "how it is made"),
    row(
        "settings.resolution",
        "string",
        "`720p`",
        "`720p`, `1080p`; of 3.0 and 3.0 Omni `4k` too",
    ),
];
const DURATION: &[FieldRow] = &[row(
    "settings.duration",
    "whole number or string",
    "`5`",
    "3 to 15 seconds; of O1 3 to 10, of 2.6 and 2.5 Turbo 5 or 10",
)];
const RATIO: &[FieldRow] = &[row(
    "settings.aspect_ratio",
    "string",
    "`16:9`; of the omni call required unless there is a first frame or a clip",
    "`16:9`, `9:16`, `1:1`",
)];
const AUDIO: &[FieldRow] = &[row(
    "settings.audio",
    "string",
    "`off`; of motion control `original`",
    "`native` (3.0, 3.0 Omni, 2.6), `original` (the sound of the clip: omni and motion control), `off`",
)];
const MULTI_SHOT: &[FieldRow] = &[row(
    "settings.multi_shot",
    "boolean",
    "`true`",
    "of 3.0 and 3.0 Omni: whether there may be several shots",
)];
const ORIENTATION: &[FieldRow] = &[row(
    "settings.character_orientation",
    "string",
    REQUIRED,
    "`image` (a clip of at most 10 seconds), `video` (30)",
)];

/// `options`, and what stands in it.
pub(super) const OPTIONS: &[FieldRow] = &[
    row(
        "options",
        "object",
        NONE,
        "what belongs to the task and not to the work",
    ),
    row(
        "options.callback_url",
        "string",
        NONE,
        "an `http` or `https` link of at most 2048 bytes, to be called when the task's status changes",
    ),
    row(
        "options.external_task_id",
        "string",
        NONE,
        "the client's own name for the task, unique among its owner's tasks, at most 256 characters",
    ),
    row(
        "options.watermark_info",
        "object",
        NONE,
        "a second copy with the maker's mark; the clip itself has none",
    ),
    row(
        "options.watermark_info.enabled",
        "boolean",
        "`false`",
        "on or off",
    ),
];

const TEXT: [FieldRow; PROMPT.len() + RESOLUTION.len() + 4 + OPTIONS.len()] =
    joined(&[PROMPT, RESOLUTION, DURATION, RATIO, AUDIO, MULTI_SHOT, OPTIONS]);
const IMAGE: [FieldRow; CONTENTS.len() + RESOLUTION.len() + 3 + OPTIONS.len()] =
    joined(&[CONTENTS, RESOLUTION, DURATION, AUDIO, MULTI_SHOT, OPTIONS]);
const OMNI: [FieldRow; CONTENTS.len() + RESOLUTION.len() + 4 + OPTIONS.len()] =
    joined(&[CONTENTS, RESOLUTION, DURATION, RATIO, AUDIO, MULTI_SHOT, OPTIONS]);
const MOTION: [FieldRow; CONTENTS.len() + RESOLUTION.len() + 2 + OPTIONS.len()] =
    joined(&[CONTENTS, RESOLUTION, AUDIO, ORIENTATION, OPTIONS]);

/// A list.
const LIST: &[FieldRow] = &[
    row(
        "limit",
        "whole number",
        "`100`",
        "at most 500; 0 and less count as 1",
    ),
    row(
        "cursor",
        "string",
        NONE,
        "the `next_cursor` of the page before; it has the times and filters of its list",
    ),
    row(
        "start_time",
        "whole number or string",
        "30 days before the end",
        "milliseconds; born then or later",
    ),
    row(
        "end_time",
        "whole number or string",
        NONE,
        "milliseconds; born then or before",
    ),
    row(
        "filters",
        "list of objects",
        NONE,
        "all of them hold; beside a cursor none, or the same",
    ),
    row("filters.key", "string", REQUIRED, "`status`, `product_type`"),
    row(
        "filters.values",
        "list of strings",
        REQUIRED,
        "`submitted`, `processing`, `succeeded`, `failed`; `video`, `image`, `try_on`",
    ),
];

/// The page.
pub(super) const GUIDE: Guide = Guide {
    title: "Kling, new standard",
    introduction: "The calls that Kling has since June 2026 beside its legacy API: the model stands in the path, and \
                   one look-up and one list show every task, those of the legacy calls too. For clients that were \
                   written for `api-singapore.klingai.com` or `api-beijing.klingai.com`: set the base URL to \
                   `/kling-native`, which both generations share, or to the root.",
    sources: &[
        "<https://kling.ai/document-api/>, text-to-video, image-to-video, omni-video, motion-control, tasks and \
         callbacks of the new standard, read 2026-11-21",
    ],
    authentication: "`Authorization: Bearer <key>`; tokens that are signed with a pair open nothing here, as at the \
                     vendor",
    requests: &[
        RequestGuide {
            title: "`POST /text-to-video/{model}`",
            fields: &TEXT,
        },
        RequestGuide {
            title: "`POST /image-to-video/{model}`",
            fields: &IMAGE,
        },
        RequestGuide {
            title: "`POST /omni-video/{model}`",
            fields: &OMNI,
        },
        RequestGuide {
            title: "`POST /motion-control/{model}`",
            fields: &MOTION,
        },
        RequestGuide {
            title: "`POST /tasks`, a list",
            fields: LIST,
        },
    ],
    rules: &[
        "Models of text-to-video and image-to-video: `kling-3.0-turbo`, `kling-3.0`, `kling-2.6`, `kling-2.5-turbo`; \
         of omni-video: `kling-3.0-omni`, `kling-o1`; of motion-control: `kling-3.0`, `kling-2.6`. In prices, in our \
         own API and in the legacy calls they have their legacy names: `kling-v3`, `kling-v2-6`, \
         `kling-v2-5-turbo`, `kling-v3-omni`, `kling-video-o1`.",
        "Types of `contents`. image-to-video: `prompt`, `first_frame` (required), `last_frame` (not of 3.0 Turbo), \
         `element` (3.0, at most 3), `voice` (2.6, at most 2). omni-video: `prompt` (required), `first_frame`, \
         `last_frame`, `refer_image`, `feature_video`, `base_video`, `element`. motion-control: `prompt`, `image` and \
         `video` (required), `element` (3.0, at most 1).",
        "2.6 makes sound in `1080p` only, 2.6 and 2.5 Turbo a first and a last frame together in `1080p` only; voices \
         need `audio: native`.",
        "The omni call takes one clip at most, and beside it no `native` audio. `base_video` goes without frames and \
         shots. Pictures and elements together are at most 7, beside a clip 4; beside a first frame elements are at \
         most 3. O1 takes a first and a last frame alone, a `feature_video` with a first frame only, and without \
         other media lengths of 5 or 10 seconds.",
        "Shots in a prompt are numbered from 1 to at most 6, are together as long as the clip, and have at most 512 \
         characters each; `镜头` does as well as `shot`. A last frame and `multi_shot: false` turn them off.",
        "`GET /tasks` takes `task_ids` or `external_task_ids`, at most 20 with commas between. What is not there is \
         left out.",
        "`/solutions` and what lies below it is refused by name.",
    ],
    deviations: &[
        Deviation {
            what: "`billing` tells money where a price is not counted in units.",
            why: "The price book decides what a task costs here.",
        },
        Deviation {
            what: "Other filters beside a cursor are refused.",
            why: "The vendor does not say which of them counts.",
        },
        Deviation {
            what: "A task that was cancelled is `failed`.",
            why: "The vendor has no word for it.",
        },
        Deviation {
            what: "`multi_shot: true` together with a last frame is refused; where nothing is said it is off there.",
            why: "The models make no several shots between two frames.",
        },
    ],
};
