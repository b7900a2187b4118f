//! Rows of Kling's own option fields, for the field tables of every dialect that carries them in the
//! vendor's spelling. How they are read is in `kling_options` and `kling_frames`.
//!
//! Source: <https://kling.ai/document-api/>, text2video and image2video, checked 2026-11-21.

use domain::dialect::FieldRow;

use crate::field_tables::{NONE, REQUIRED, row};

/// How closely the prompt is followed.
pub(crate) const CFG_SCALE: FieldRow = row(
    "cfg_scale",
    "number",
    "the model's own",
    "0 to 1; only of models that hear it, see [Models](#models)",
);

/// Where the client wants to be called back.
pub(crate) const CALLBACK_URL: FieldRow = row(
    "callback_url",
    "string",
    NONE,
    "an `http` or `https` link of at most 2048 bytes, to be called when the task's status changes",
);

/// The moving camera.
pub(crate) const CAMERA: &[FieldRow] = &[
    row(
        "camera_control",
        "object",
        NONE,
        "only of models with a moving camera, see [Models](#models); an empty object counts as none",
    ),
    row(
        "camera_control.type",
        "string",
        REQUIRED,
        "`simple`, `down_back`, `forward_up`, `right_turn_forward`, `left_turn_forward`",
    ),
    row(
        "camera_control.config",
        "object",
        "required with type `simple`",
        "exactly one movement that is not 0; not allowed with the other types",
    ),
    row(
        "camera_control.config.horizontal",
        "number",
        "`0`",
        "-10 to 10, from left to right",
    ),
    row(
        "camera_control.config.vertical",
        "number",
        "`0`",
        "-10 to 10, from down to up",
    ),
    row(
        "camera_control.config.pan",
        "number",
        "`0`",
        "-10 to 10, turning from left to right",
    ),
    row(
        "camera_control.config.tilt",
        "number",
        "`0`",
        "-10 to 10, turning from down to up",
    ),
    row(
        "camera_control.config.roll",
        "number",
        "`0`",
        "-10 to 10, from counter-clockwise to clockwise",
    ),
    row(
        "camera_control.config.zoom",
        "number",
        "`0`",
        "-10 to 10, from a narrow to a wide view",
    ),
];

/// Several shots in one clip.
pub(crate) const SHOTS: &[FieldRow] = &[
    row(
        "multi_shot",
        "boolean",
        "`false`",
        "only of models that make several shots, see [Models](#models)",
    ),
    row(
        "shot_type",
        "string",
        "required with `multi_shot`",
        "`customize` (each shot has its own prompt), `intelligence` (the model finds the shots in `prompt`); \
         without `multi_shot` it is ignored and reported",
    ),
    row(
        "multi_prompt",
        "list of objects",
        "required with `customize`",
        "1 to 6 shots, together as long as the clip; without `multi_shot` it is ignored and reported",
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
        "whole seconds, from 1 to the length of the clip",
    ),
];

/// The moving areas of the motion brush.
pub(crate) const DYNAMIC_MASKS: &[FieldRow] = &[
    row(
        "dynamic_masks",
        "list of objects",
        NONE,
        "at most 6 painted areas that move; only of models with a motion brush",
    ),
    row(
        "dynamic_masks.mask",
        "string",
        REQUIRED,
        "the area, as a link or as Base64 of a PNG or JPEG",
    ),
    row(
        "dynamic_masks.trajectories",
        "list of objects",
        REQUIRED,
        "2 to 77 points of the way that it goes",
    ),
    row(
        "dynamic_masks.trajectories.x",
        "whole number",
        REQUIRED,
        "pixels from the left",
    ),
    row(
        "dynamic_masks.trajectories.y",
        "whole number",
        REQUIRED,
        "pixels from the bottom",
    ),
];

/// The wish for a second copy with the vendor's mark.
pub(crate) const WATERMARK: &[FieldRow] = &[
    row(
        "watermark_info",
        "object",
        NONE,
        "a second copy with the maker's mark; the clip itself has none",
    ),
    row("watermark_info.enabled", "boolean", "`false`", "on or off"),
];

/// Options that name things of the client, which the unified shape does not serve yet.
pub(crate) const NOT_SERVED: &[FieldRow] = &[
    row(
        "element_list",
        "list",
        NONE,
        "not served yet: anything but an empty list is refused",
    ),
    row(
        "voice_list",
        "list",
        NONE,
        "not served yet: anything but an empty list is refused",
    ),
];
