//! Rows that the field tables of several native calls share. What a call alone has stands beside its
//! reader.

use domain::dialect::FieldRow;

use crate::field_tables::{NONE, REQUIRED, row};

/// The client's own name for a task.
pub(super) const EXTERNAL_ID: FieldRow = row(
    "external_task_id",
    "string",
    NONE,
    "the client's own name for the task, unique among its owner's tasks, at most 256 characters; an empty \
     string counts as none",
);

/// What should be seen, where it need not be said.
pub(super) const PROMPT: FieldRow = row("prompt", "string", NONE, "at most 2500 characters");

/// What should be seen.
pub(super) const PROMPT_REQUIRED: FieldRow = row("prompt", "string", REQUIRED, "at most 2500 characters");

/// What should not be seen.
pub(super) const NEGATIVE_PROMPT: FieldRow =
    row("negative_prompt", "string", NONE, "at most 2500 characters");

/// The quality, where there are two.
pub(super) const STD_PRO: FieldRow = row("mode", "string", "`std`", "`std` (720 lines), `pro` (1080)");

/// An earlier clip.
pub(super) const VIDEO_ID: FieldRow = row(
    "video_id",
    "string",
    "required, or `video_url`",
    "the `id` of an earlier clip, or of its task; not together with `video_url`",
);

/// A clip from outside.
pub(super) const VIDEO_URL: FieldRow = row(
    "video_url",
    "string",
    "required, or `video_id`",
    "an `http` or `https` link to an MP4 or MOV",
);

/// An earlier sound.
pub(super) const AUDIO_ID: FieldRow = row(
    "audio_id",
    "string",
    "required, or `sound_file`",
    "the `id` of an earlier sound, or of its task; not together with `sound_file`",
);

/// A sound from outside.
pub(super) const SOUND_FILE: FieldRow = row(
    "sound_file",
    "string",
    "required, or `audio_id`",
    "an `http` or `https` link, or Base64 of an MP3, WAV, M4A or AAC of at most 5 MB",
);

/// A picture that must be there.
pub(super) const IMAGE: FieldRow = row(
    "image",
    "string",
    REQUIRED,
    "an `http` or `https` link, or Base64 of a PNG or JPEG",
);

/// Elements, at most three.
pub(crate) const ELEMENTS: [FieldRow; 2] = [
    row(
        "element_list",
        "list of objects",
        NONE,
        "elements of the caller's own; only of models that show them, see [Models](#models), and at most 3",
    ),
    row(
        "element_list.element_id",
        "whole number or string",
        REQUIRED,
        "the `element_id` of an element",
    ),
];

/// Voices, at most two.
pub(crate) const VOICES: [FieldRow; 2] = [
    row(
        "voice_list",
        "list of objects",
        NONE,
        "at most 2 voices, not together with `element_list`; only of models that hear them, see \
         [Models](#models), with `sound` on. `<<<voice_1>>>` in the prompt names the first",
    ),
    row(
        "voice_list.voice_id",
        "string",
        REQUIRED,
        "the `voice_id` of a voice of the caller's own, or of a preset",
    ),
];

/// A kept session.
pub(super) const SESSION: FieldRow = row(
    "session_id",
    "string",
    REQUIRED,
    "the `session_id` that the first call answered, for 24 hours",
);
