//! The dialect's page of the documentation. Its tables of fields are also what the reader knows: a field
//! without a row is ignored and reported.

use domain::dialect::{Deviation, FieldRow, Guide, RequestGuide};

use crate::field_tables::{NONE, REQUIRED, row};

const PROMPT: FieldRow = row("prompt", "string", REQUIRED, "at most 2500 characters");

/// The fields of a create.
pub(super) const CREATE: &[FieldRow] = &[
    row(
        "model",
        "string",
        "`kling-v3`",
        "at most 128 characters; see [Models](#models)",
    ),
    PROMPT,
    row(
        "seconds",
        "string or whole number",
        "`4`, of a model without that length `5`",
        "whole seconds, as far as the model has them",
    ),
    row(
        "size",
        "string",
        "`720x1280`; with a picture the picture's own ratio",
        "width and height: even numbers from 64 to 3840 with an `x` between",
    ),
    row(
        "input_reference",
        "file, string or object",
        NONE,
        "the picture that the clip starts on: a PNG or JPEG of a form, a link, Base64, or `{image_url}`; at \
         most 50 MB, 300 pixels or more on each side, within 1:2.5 and 2.5:1",
    ),
    row(
        "input_reference.image_url",
        "string",
        NONE,
        "a link or Base64; in a form `input_reference[image_url]`",
    ),
    row(
        "input_reference.file_id",
        "string",
        NONE,
        "not served: it is refused",
    ),
];

/// The fields of a remix.
pub(super) const REMIX: &[FieldRow] = &[PROMPT];

/// The page.
pub(crate) const GUIDE: Guide = Guide {
    title: "OpenAI videos",
    introduction: "The shape of OpenAI's Videos API, which many gateways speak. For clients that were written for \
                   it, OpenAI's own `openai` packages among them: set the base URL to `/openai/v1`, or to `/v1` at \
                   the root. Beside it stands `/v1/video/generations`, the flat form of gateways.",
    sources: &[
        "<https://platform.openai.com/docs/api-reference/videos>, read 2026-11-21",
        "<https://github.com/openai/openai-python>, version 3.52.0, how the client sends, waits and reads, read \
         2026-11-21",
        "<https://docs.elkapi.com/en/docs/api/ai-model/videos/sora/createvideo>, read 2026-11-21",
    ],
    authentication: "`Authorization: Bearer <key>`",
    requests: &[
        RequestGuide {
            title: "`POST /v1/videos`, as JSON or as a form",
            fields: CREATE,
        },
        RequestGuide {
            title: "`POST /v1/videos/{id}/remix`",
            fields: REMIX,
        },
    ],
    rules: &[
        "The body of `POST /v1/video/generations` and what is answered there are those of the \
         [unified dialect](elk.md): `{task_id, status}`, and the flat task at `GET /v1/video/generations/{id}`.",
        "Of a list `after`, `limit` (1 to 100, `20` where it is not said) and `order` (`desc`, `asc`) are read. It \
         shows all of the caller's clips, whatever dialect they were submitted in.",
        "`variant` of a content is `video` (the default), `thumbnail` or `spritesheet`. Stills are handed out of \
         tasks that have kept one, else the answer is 404; of a task that is not done it is 409.",
        "A size is made in the nearest of the ratios 16:9, 9:16 and 1:1 and in the smallest mode that has its \
         lines, where a vendor makes no other.",
        "A remix is the earlier wish with the new prompt: same model, length, size, seed and pictures, at the \
         account that made it where that matters. Of `kling-v3-omni` and `kling-video-o1`, which change clips, it \
         is the earlier clip changed by the prompt (an omni-video with `refer_type` `base`), as long as that clip \
         is 3 seconds or longer and can be handed out; it keeps the clip's length, frame and sound. It is a new \
         task, and costs what a new task costs.",
        "A delete forgets a task that has ended: its prompt, its media, its files and its callbacks are gone, every \
         read of it and every link answers 404; one that has not ended is refused with 409. Its state and what it \
         cost stay in the books. Files that no other task uses are swept within an hour or so.",
        "`openai-poll-after-ms` says how long to wait before the next look, as long as a task is not done.",
    ],
    deviations: &[
        Deviation {
            what: "`model` is one of those that are served here.",
            why: "The models behind the original were switched off on 2026-09-24; the shape lives on.",
        },
        Deviation {
            what: "`seconds` and `size` take what the model takes, not only the documented values.",
            why: "Other models have other lengths and frames.",
        },
        Deviation {
            what: "`expires_at` is null.",
            why: "Files are kept; only links in other dialects end.",
        },
        Deviation {
            what: "A task that was cancelled is `failed` with the code `cancelled`.",
            why: "The shape has no word for it.",
        },
        Deviation {
            what: "Of most models a remix is made of the earlier wish, not of the earlier clip.",
            why: "They have no call that changes a clip.",
        },
        Deviation {
            what: "Edits, extensions and characters are not served.",
            why: "They have no counterpart in the vendors' calls of these models.",
        },
    ],
};
