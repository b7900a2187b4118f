//! The dialect's page of the documentation, and its field tables, out of which `submit.rs` takes the
//! names that it knows. How fields are read is there, what is answered in `answer.rs`.

use domain::dialect::{Deviation, FieldRow, Guide, RequestGuide};

use super::fields::{ELEMENTS, EXTERNAL_ID, NEGATIVE_PROMPT, PROMPT_REQUIRED, VOICES};
use super::{audio, avatar, edits, effects, elements, extend, images, library, lips, motion, omni};
use super::{recognition, views, voices};
use crate::field_tables::{NONE, REQUIRED, joined, row};
use crate::kling_fields::{CALLBACK_URL, CAMERA, CFG_SCALE, DYNAMIC_MASKS, SHOTS, WATERMARK};

/// Fields of every submit, behind those of its kind. `model` is not among them: the vendor does not hear
/// it.
const EVERYWHERE: &[FieldRow] = &[
    NEGATIVE_PROMPT,
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
    EXTERNAL_ID,
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
    PROMPT_REQUIRED,
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
        + ELEMENTS.len()
        + VOICES.len()] = joined(&[
    TEXT_OWN, MOTION, CAMERA, SHOTS, EVERYWHERE, WATERMARK, &ELEMENTS, &VOICES,
]);

/// The rows of image2video.
pub(super) const IMAGE: [FieldRow;
    IMAGE_OWN.len()
        + DYNAMIC_MASKS.len()
        + MOTION.len()
        + CAMERA.len()
        + SHOTS.len()
        + EVERYWHERE.len()
        + WATERMARK.len()
        + ELEMENTS.len()
        + VOICES.len()] = joined(&[
    IMAGE_OWN,
    DYNAMIC_MASKS,
    MOTION,
    CAMERA,
    SHOTS,
    EVERYWHERE,
    WATERMARK,
    &ELEMENTS,
    &VOICES,
]);

/// The rows of multi-image2video.
pub(super) const REFERENCES: [FieldRow; REFERENCES_OWN.len() + EVERYWHERE.len() + WATERMARK.len()] =
    joined(&[REFERENCES_OWN, EVERYWHERE, WATERMARK]);

const LIST: &[FieldRow] = &[
    row("pageNum", "whole number", "`1`", "1 to 1000"),
    row(
        "pageSize",
        "whole number",
        "`30`",
        "1 to 500, of voices 1 to 1000",
    ),
];

const fn table(title: &'static str, fields: &'static [FieldRow]) -> RequestGuide {
    RequestGuide { title, fields }
}

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
        table("`POST /v1/videos/text2video`", &TEXT),
        table("`POST /v1/videos/image2video`", &IMAGE),
        table("`POST /v1/videos/multi-image2video`", &REFERENCES),
        table("`POST /v1/videos/omni-video`", omni::FIELDS),
        table("`POST /v1/videos/motion-control`", motion::FIELDS),
        table("`POST /v1/videos/video-extend`", extend::FIELDS),
        table("`POST /v1/videos/identify-face`", lips::FACES),
        table("`POST /v1/videos/advanced-lip-sync`", lips::FIELDS),
        table("`POST /v1/videos/lip-sync`", lips::OLD),
        table("`POST /v1/videos/avatar/image2video`", avatar::FIELDS),
        table("`POST /v1/videos/effects`", effects::FIELDS),
        table("`POST /v1/videos/multi-elements/init-selection`", elements::INIT),
        table(
            "`POST /v1/videos/multi-elements/add-selection` and `/v1/videos/multi-elements/delete-selection`",
            elements::POINTED,
        ),
        table(
            "`POST /v1/videos/multi-elements/clear-selection` and `/v1/videos/multi-elements/preview-selection`",
            elements::WHOLE,
        ),
        table("`POST /v1/videos/multi-elements`", elements::FIELDS),
        table("`POST /v1/audio/text-to-audio`", audio::WORDS),
        table("`POST /v1/audio/video-to-audio`", audio::CLIP),
        table("`POST /v1/audio/tts`", audio::SPEECH),
        table("`POST /v1/general/custom-voices`", voices::FIELDS),
        table("`POST /v1/general/delete-voices`", voices::DELETION),
        table("`POST /v1/general/advanced-custom-elements`", library::FIELDS),
        table("`POST /v1/general/custom-elements`", library::PREVIOUS),
        table(
            "`POST /v1/general/delete-elements` and `/v1/general/delete-advanced-elements`",
            library::DELETION,
        ),
        table("`POST /v1/general/ai-multi-shot`", views::FIELDS),
        table("`POST /v1/images/generations`", images::FIELDS),
        table("`POST /v1/images/omni-image`", images::OMNI),
        table("`POST /v1/images/multi-image2image`", images::SEVERAL),
        table("`POST /v1/images/editing/expand`", edits::EXPAND),
        table("`POST /v1/images/kolors-virtual-try-on`", edits::TRY_ON),
        table("`POST /v1/videos/image-recognize`", recognition::FIELDS),
        table("The query of the lists", LIST),
    ],
    rules: &[
        "Calls without a query below them answer with their result; what fails there is answered with the \
         failure's status and `code`, without `data`.",
        "`video_id` and `audio_id` name earlier results of the caller, `session_id`, `voice_id` and `element_id` \
         what earlier calls made; the work goes to the account that keeps them. The vendor's own ids name nothing \
         here.",
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
        "Of a clip or sound the length, the sides and the frames a second are read from its header: of an earlier \
         result and of what is inside the body at once, of what is behind a link once it is fetched, and then the \
         task fails with the same words. What a header does not tell is believed. A clip may be half a second \
         longer than its whole seconds.",
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
            what: "`final_balance_deduction` is left out, and `final_unit_deduction` is there only where the price \
                   book knows the vendor's units.",
            why: "What was charged is kept in money; the header `reelway-cost` says it.",
        },
        Deviation {
            what: "`parent_video.url` is an address of ours that asks for the caller's key.",
            why: "It lives as long as the clip; signed links do not.",
        },
        Deviation {
            what: "Both generations of elements are one library: each list shows the elements of both.",
            why: "An element is the caller's, whichever call made it.",
        },
        Deviation {
            what: "A clip of any model can be made longer, not only of `kling-v1` to `kling-v1-6`.",
            why: "Those models are retired; whether a newer one's clip can be is for the account that made it to say.",
        },
        Deviation {
            what: "There are no preset elements, and six preset voices of the house.",
            why: "The vendor's presets are kept at the vendor, and their ids name nothing elsewhere.",
        },
        Deviation {
            what: "A task of an element or voice that was taken away still shows what it made.",
            why: "Final states never change; a wish that names the item is refused.",
        },
        Deviation {
            what: "An effect whose scene is not in the list is refused.",
            why: "The vendor's names change by the month, and a misspelt one would cost a clip.",
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
