//! The dialect's page of the documentation, and its field tables, out of which `body.rs` takes the names
//! that it knows. How fields are read is in `submit.rs`, what is answered in `answer.rs`.

use domain::dialect::{Deviation, FieldRow, Guide, RequestGuide};

use crate::field_tables::{NONE, REQUIRED, joined, row};
use crate::kling::{edits, effects, extend, images, lips};
use crate::kling_fields::{CALLBACK_URL, CAMERA, CFG_SCALE, DYNAMIC_MASKS, NOT_SERVED, SHOTS, WATERMARK};

/// The documented fields of the body.
pub(super) const BODY: &[FieldRow] = &[
    row(
        "model",
        "string",
        "`kling-v3`",
        "at most 128 characters; see [Models](#models)",
    ),
    row(
        "model_name",
        "string",
        NONE,
        "taken in the place of `model` and before it; at the shared root paths it makes the body a native one",
    ),
    row(
        "prompt",
        "string",
        REQUIRED,
        "at most 2500 characters; beside a picture it may be left out, and with shots that have prompts of \
         their own",
    ),
    row(
        "image",
        "string",
        "required on `image2video`",
        "the first frame: an `http` or `https` link, or Base64 of a PNG or JPEG; on either path a picture makes \
         an image-to-video",
    ),
    row(
        "duration",
        "whole number or string",
        "`5`",
        "whole seconds, as far as the model has them",
    ),
    row(
        "width",
        "whole number",
        NONE,
        "64 to 3840 pixels, even, together with `height`; stands for the nearest ratio, and without `mode` for \
         the mode that is large enough",
    ),
    row("height", "whole number", NONE, "as `width`"),
    row("fps", "whole number", "`30`", "1 to 60 frames a second"),
    row(
        "seed",
        "whole number",
        "by chance",
        "0 to 2^53; the same wish with the same seed looks the same, where the maker knows seeds",
    ),
    row("n", "whole number", "`1`", "1 to 4 clips of one wish"),
    row(
        "response_format",
        "string",
        "`url`",
        "`url`, `json`; both are answered with a link in JSON",
    ),
    row(
        "user",
        "any",
        NONE,
        "the client's own note; it is taken and has no effect",
    ),
    row(
        "metadata",
        "object, or a string that holds one in JSON",
        NONE,
        "the options below",
    ),
];

const OPTIONS_OWN: &[FieldRow] = &[
    row("image", "string", NONE, "as in the body"),
    row("duration", "whole number or string", NONE, "as in the body"),
    row("negative_prompt", "string", NONE, "at most 2500 characters"),
    row(
        "mode",
        "string",
        "what the size stands for, else `std`",
        "`std` (720 lines), `pro` (1080), `4k` (2160), as far as the model has them",
    ),
    row(
        "quality_level",
        "string",
        NONE,
        "`standard` and `std` mean `std`, `high`, `hd` and `pro` mean `pro`, `4k` means `4k`; another word, or \
         one that `mode` overrules, is ignored and reported",
    ),
    row(
        "style",
        "string",
        NONE,
        "at most 200 characters; put at the end of the prompt as `, <style> style`",
    ),
    row(
        "aspect_ratio",
        "string",
        "what the size stands for, else `16:9`",
        "`16:9`, `9:16`, `1:1`; beside a picture it is reported: the clip takes the picture's ratio",
    ),
    row(
        "sound",
        "string or boolean",
        "`off`",
        "`on`, `off`; `on` only of models with sound",
    ),
    row("image_tail", "string", NONE, "the last frame, as `image`"),
    row(
        "static_mask",
        "string",
        NONE,
        "the area that stands still, as `image`; only of models with a motion brush",
    ),
    row(
        "external_task_id",
        "string",
        NONE,
        "the client's own name for the task, unique among its owner's tasks, at most 256 characters",
    ),
    CALLBACK_URL,
    CFG_SCALE,
];

/// Options that are read from `metadata`, and from the body itself as new-api does on these paths.
pub(super) const OPTIONS: [FieldRow;
    OPTIONS_OWN.len() + DYNAMIC_MASKS.len() + CAMERA.len() + SHOTS.len() + WATERMARK.len() + NOT_SERVED.len()] =
    joined(&[OPTIONS_OWN, DYNAMIC_MASKS, CAMERA, SHOTS, WATERMARK, NOT_SERVED]);

/// The rows of the native page about extension.
const EXTEND: [FieldRow; 1 + extend::FIELDS.len()] = joined(&[&[TASK_ID], extend::FIELDS]);
const TASK_ID: FieldRow = row(
    "task_id",
    "string",
    NONE,
    "the task of the clip; it stands for the clip where `video_id` is not given",
);

/// The page.
pub(super) const GUIDE: Guide = Guide {
    title: "ElkAPI, unified",
    introduction: "The unified video shape of ElkAPI, for programs that speak to a reseller of many models in one \
        flat shape: one submit for clips from a prompt and one for clips from a picture, and a read for each. \
        Set the base URL to `http://<gateway>/elk`, or to the gateway's root, where the same paths are \
        served. A submit is answered with exactly `task_id` and `status`; a read with `url`, `format` and \
        `metadata` once the clip is there, and with `error` when there will be none.",
    sources: &[
        "<https://docs.elkapi.com/en/docs/api/ai-model/videos/kling/createklingtext2video>, and \
         `getklingtext2video`, `createklingimage2video` and `getklingimage2video` beside it, read on 2026-11-21",
        "<https://kling.ai/document-api/> for the options inside `metadata`, read on 2026-11-21",
    ],
    authentication: "`Authorization: Bearer <key>` with a key from `reelway keys create`. Pixazo's header \
        `Ocp-Apim-Subscription-Key: <key>` is taken here too.",
    requests: &[
        RequestGuide {
            title: "`POST /kling/v1/videos/text2video` and `POST /kling/v1/videos/image2video`",
            fields: BODY,
        },
        RequestGuide {
            title: "`POST /kling/v1/videos/text2video` and `POST /kling/v1/videos/image2video`, inside `metadata`, or in \
                the body itself",
            fields: &OPTIONS,
        },
        RequestGuide {
            title: "`POST /kling/v1/images/editing/expand`",
            fields: edits::EXPAND,
        },
        RequestGuide {
            title: "`POST /kling/v1/images/generations`",
            fields: images::FIELDS,
        },
        RequestGuide {
            title: "`POST /kling/v1/images/kolors-virtual-try-on`",
            fields: edits::TRY_ON,
        },
        RequestGuide {
            title: "`POST /kling/v1/videos/video-extend`",
            fields: &EXTEND,
        },
        RequestGuide {
            title: "`POST /kling/v1/videos/lip-sync`",
            fields: lips::OLD,
        },
        RequestGuide {
            title: "`POST /kling/v1/videos/effects`",
            fields: effects::FIELDS,
        },
    ],
    rules: &[
        "The pages in Kling's native format (`images/…`, `video-extend`, `lip-sync`, `effects`) take Kling's own \
         fields and are answered in Kling's envelope `{code, message, request_id, data}`; keys, paths and what is \
         out of service are refused in the shape of all other pages.",
        "An option may stand in `metadata` or in the body itself; where it stands in both, both must say the same.",
        "Of `image_tail`, masks (`static_mask`, `dynamic_masks`) and `camera_control` only one may be given.",
        "Masks need `image`.",
        "`multi_shot` cannot be combined with `image_tail`.",
        "With shots that have prompts of their own, `prompt` and `style` are ignored and reported; the shots' \
         lengths add up to `duration`.",
        "`width` and `height` come together; without them a clip takes the ratio of its picture. The embedded renderer makes exactly that size, a vendor the nearest that \
         it has. A size that is larger than the frame of the mode is refused: `std` has 1280 by 720 pixels, `pro` 1920 by \
         1080, `4k` 3840 by 2160, either way up.",
        "Which model makes what, in which mode, at which length and with sound, is the table under \
         [Models](#models); what it does not make is refused with the values that would be taken. Of a model \
         that is not in the table everything is believed, and the price book decides whether it is sold.",
        "A picture is a PNG or JPEG of at most 50 MB, at least 300 pixels on each side, its sides within 1:2.5 and \
         2.5:1.",
        "Each clip of `n` is priced; `url` is the first one's link, and `metadata.urls` has all of them where `n` is \
         more than 1.",
        "Of a still, which our own API makes, `url` is the picture's link and `format` is `png`, `jpeg` or `webp`; \
         `metadata` has no `duration` and no `fps`.",
        "With `watermark_info` enabled, a copy of the first clip with the maker's mark is in `metadata.watermark_url`; \
         it costs nothing, and `url` has no mark.",
        "A task is found by its id, in any spelling, and by its `external_task_id`.",
    ],
    deviations: &[
        Deviation {
            what: "Without `model` a clip is made by `kling-v3`.",
            why: "The vendor's pages name it as theirs, and the older default is retired.",
        },
        Deviation {
            what: "Without `fps` a clip has 30 frames a second, whatever the model.",
            why: "It is the documented default of this shape; the native dialect goes by the model.",
        },
        Deviation {
            what: "With `n` above 1, all links are in `metadata.urls`.",
            why: "The documented shape has room for one link only, and every clip is paid for.",
        },
        Deviation {
            what: "`style` goes into the prompt and `quality_level` into the mode.",
            why: "The vendor names both without saying what they do; what means nothing is reported, not guessed.",
        },
        Deviation {
            what: "The native option names are read from `metadata` and from the body itself.",
            why: "The vendor documents the first, and the software behind such resellers reads the second.",
        },
        Deviation {
            what: "`error` is there only when a task failed.",
            why: "The vendor's sample shows it beside a finished clip, where it cannot mean anything.",
        },
        Deviation {
            what: "A task that its owner stopped is `failed`, with the code 499.",
            why: "The shape has no word for it.",
        },
        Deviation {
            what: "`element_list` and `voice_list` are refused unless they are empty.",
            why: "Elements and voices are not kept here yet, and a clip without them is not what was asked for.",
        },
        Deviation {
            what: "Values out of range are refused, with the field in `param` and the allowed values in `message`.",
            why: "A clip that nobody asked for costs as much as one that somebody did.",
        },
        Deviation {
            what: "`error.code` of a task that failed is the vendor's number, or the one that Kling has for such a \
                   failure; `error.code` of a refusal is a word.",
            why: "The documents show a number in the one and a string in the other.",
        },
    ],
};
