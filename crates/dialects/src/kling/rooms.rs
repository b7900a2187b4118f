//! Every native call that makes something: its path, its fields and who reads it. Resellers of the same
//! calls find them here too.

use domain::dialect::{FieldRow, Submission};
use domain::{Call, Operation, Refusal, Route};

use super::{audio, avatar, effects, elements, extend, guide, images, library, lips, motion, omni};
use super::{recognition, submit, views, voices};

/// One call.
pub(crate) struct Room {
    /// The path, as the vendor has it.
    pub(crate) path: &'static str,
    /// Its fields.
    pub(crate) fields: &'static [FieldRow],
    read: fn(&Call) -> Result<Submission, Refusal>,
}

const fn room(
    path: &'static str,
    fields: &'static [FieldRow],
    read: fn(&Call) -> Result<Submission, Refusal>,
) -> Room {
    Room { path, fields, read }
}

/// Every call.
const ROOMS: &[Room] = &[
    room("/v1/videos/text2video", &guide::TEXT, text),
    room("/v1/videos/image2video", &guide::IMAGE, image),
    room("/v1/videos/multi-image2video", &guide::REFERENCES, several),
    room("/v1/videos/omni-video", omni::FIELDS, omni::read),
    room("/v1/videos/motion-control", motion::FIELDS, motion::read),
    room("/v1/videos/video-extend", extend::FIELDS, extend::read),
    room("/v1/videos/identify-face", lips::FACES, lips::faces),
    room("/v1/videos/advanced-lip-sync", lips::FIELDS, lips::read),
    room("/v1/videos/lip-sync", lips::OLD, lips::old),
    room("/v1/videos/avatar/image2video", avatar::FIELDS, avatar::read),
    room("/v1/videos/effects", effects::FIELDS, effects::read),
    room(
        "/v1/videos/multi-elements/init-selection",
        elements::INIT,
        elements::init,
    ),
    room(
        "/v1/videos/multi-elements/add-selection",
        elements::POINTED,
        elements::add,
    ),
    room(
        "/v1/videos/multi-elements/delete-selection",
        elements::POINTED,
        elements::delete,
    ),
    room(
        "/v1/videos/multi-elements/clear-selection",
        elements::WHOLE,
        elements::clear,
    ),
    room(
        "/v1/videos/multi-elements/preview-selection",
        elements::WHOLE,
        elements::preview,
    ),
    room("/v1/videos/multi-elements", elements::FIELDS, elements::read),
    room("/v1/audio/text-to-audio", audio::WORDS, audio::from_words),
    room("/v1/audio/video-to-audio", audio::CLIP, audio::from_clip),
    room("/v1/audio/tts", audio::SPEECH, audio::speech),
    room("/v1/general/custom-voices", voices::FIELDS, voices::read),
    room("/v1/general/delete-voices", voices::DELETION, voices::delete),
    room(
        "/v1/general/advanced-custom-elements",
        library::FIELDS,
        library::read,
    ),
    room(
        "/v1/general/custom-elements",
        library::PREVIOUS,
        library::previous,
    ),
    room("/v1/general/delete-elements", library::DELETION, library::delete),
    room(
        "/v1/general/delete-advanced-elements",
        library::DELETION,
        library::delete,
    ),
    room("/v1/general/ai-multi-shot", views::FIELDS, views::read),
    room("/v1/images/generations", images::FIELDS, images::read),
    room("/v1/images/omni-image", images::OMNI, images::omni),
    room("/v1/images/multi-image2image", images::SEVERAL, images::several),
    room("/v1/images/editing/expand", images::EXPAND, images::expand),
    room("/v1/images/kolors-virtual-try-on", images::TRY_ON, images::try_on),
    room(
        "/v1/videos/image-recognize",
        recognition::FIELDS,
        recognition::read,
    ),
];

/// The call at a path, which may be a reseller's.
pub(crate) fn at(path: &str) -> Option<&'static Room> {
    let path = path.strip_prefix("/kling").unwrap_or(path);
    ROOMS.iter().find(|room| room.path == path)
}

/// Reads a call at its route.
///
/// # Errors
/// A refusal that names the field and the allowed values.
pub(crate) fn read(route: &Route, call: &Call) -> Result<Submission, Refusal> {
    match at(route.path) {
        Some(room) => (room.read)(call),
        None => Err(Refusal::no_route()),
    }
}

fn text(call: &Call) -> Result<Submission, Refusal> {
    submit::read(Operation::TextToVideo, call)
}

fn image(call: &Call) -> Result<Submission, Refusal> {
    submit::read(Operation::ImageToVideo, call)
}

fn several(call: &Call) -> Result<Submission, Refusal> {
    submit::read(Operation::MultiImageToVideo, call)
}
