//! Every native call that makes something: its path and who reads it. Resellers of the same
//! calls find them here too.

use domain::dialect::Submission;
use domain::{Call, Operation, Refusal, Route};

use super::{audio, avatar, edits, effects, elements, extend, images, library, lips, motion, omni};
use super::{recognition, submit, views, voices};

/// One call.
struct Room {
    /// The path, as the vendor has it.
    path: &'static str,
    read: fn(&Call) -> Result<Submission, Refusal>,
}

const fn room(path: &'static str, read: fn(&Call) -> Result<Submission, Refusal>) -> Room {
    Room { path, read }
}

/// Every call.
const ROOMS: &[Room] = &[
    room("/v1/videos/text2video", text),
    room("/v1/videos/image2video", image),
    room("/v1/videos/multi-image2video", several),
    room("/v1/videos/omni-video", omni::read),
    room("/v1/videos/motion-control", motion::read),
    room("/v1/videos/video-extend", extend::read),
    room("/v1/videos/identify-face", lips::faces),
    room("/v1/videos/advanced-lip-sync", lips::read),
    room("/v1/videos/lip-sync", lips::old),
    room("/v1/videos/avatar/image2video", avatar::read),
    room("/v1/videos/effects", effects::read),
    room("/v1/videos/multi-elements/init-selection", elements::init),
    room("/v1/videos/multi-elements/add-selection", elements::add),
    room("/v1/videos/multi-elements/delete-selection", elements::delete),
    room("/v1/videos/multi-elements/clear-selection", elements::clear),
    room("/v1/videos/multi-elements/preview-selection", elements::preview),
    room("/v1/videos/multi-elements", elements::read),
    room("/v1/audio/text-to-audio", audio::from_words),
    room("/v1/audio/video-to-audio", audio::from_clip),
    room("/v1/audio/tts", audio::speech),
    room("/v1/general/custom-voices", voices::read),
    room("/v1/general/delete-voices", voices::delete),
    room("/v1/general/advanced-custom-elements", library::read),
    room("/v1/general/custom-elements", library::previous),
    room("/v1/general/delete-elements", library::delete),
    room("/v1/general/delete-advanced-elements", library::delete),
    room("/v1/general/ai-multi-shot", views::read),
    room("/v1/images/generations", images::read),
    room("/v1/images/omni-image", images::omni),
    room("/v1/images/multi-image2image", images::several),
    room("/v1/images/editing/expand", edits::expand),
    room("/v1/images/kolors-virtual-try-on", edits::try_on),
    room("/v1/videos/image-recognize", recognition::read),
];

/// The call at a path, which may be a reseller's.
fn at(path: &str) -> Option<&'static Room> {
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
