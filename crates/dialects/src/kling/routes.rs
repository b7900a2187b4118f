//! The route table of the native dialect.

use domain::dialect::Method;
use domain::{Intent, Operation, Route};

use super::{FRAMES, REFERENCES, avatar, edits, effects, elements, images, library, lips, motion, omni};
use super::{recognition, views, voices};

/// The longest body.
pub(crate) const BODY_LIMIT: u64 = 32 * 1024 * 1024;
/// The longest body that may carry pictures, as Base64.
pub(crate) const IMAGE_BODY_LIMIT: u64 = 96 * 1024 * 1024;

/// The longest body that asks for a bill.
const BILL_BODY_LIMIT: u64 = 64 * 1024;

/// A submit: below the mount at the first of the paths, at the root at each of them.
pub(crate) const fn submit_at(
    paths: &'static [&'static str],
    operation: Operation,
    media: &'static [&'static str],
    limit_bytes: u64,
) -> Route {
    Route {
        method: Method::Post,
        path: paths[0],
        roots: paths,
        intent: Intent::Submit,
        operation: Some(operation),
        media,
        limit_bytes,
    }
}

/// A call that answers with its result, at its paths as [`submit_at`] has them.
pub(crate) const fn run_at(
    paths: &'static [&'static str],
    operation: Operation,
    media: &'static [&'static str],
    limit_bytes: u64,
) -> Route {
    Route {
        intent: Intent::Run,
        ..submit_at(paths, operation, media, limit_bytes)
    }
}

/// A read, at its paths as [`submit_at`] has them.
pub(crate) const fn read_at(paths: &'static [&'static str], intent: Intent, operation: Operation) -> Route {
    Route {
        method: Method::Get,
        path: paths[0],
        roots: paths,
        intent,
        operation: Some(operation),
        media: &[],
        limit_bytes: 0,
    }
}

/// Submit, read and list of one kind of work; each is at the root with `/kling` before it too.
macro_rules! tasks {
    ($path:literal, $operation:ident, $media:expr) => {
        [
            submit_at(
                &[$path, concat!("/kling", $path)],
                Operation::$operation,
                $media,
                limit($media),
            ),
            read_at(
                &[concat!($path, "/{id}"), concat!("/kling", $path, "/{id}")],
                Intent::Status,
                Operation::$operation,
            ),
            read_at(
                &[$path, concat!("/kling", $path)],
                Intent::List,
                Operation::$operation,
            ),
        ]
    };
}

/// A call that answers with its result.
macro_rules! run {
    ($path:literal, $operation:ident, $media:expr) => {
        [run_at(
            &[$path, concat!("/kling", $path)],
            Operation::$operation,
            $media,
            limit($media),
        )]
    };
}

/// A list of presets.
macro_rules! presets {
    ($path:literal, $operation:ident) => {
        [read_at(
            &[$path, concat!("/kling", $path)],
            Intent::Presets,
            Operation::$operation,
        )]
    };
}

/// A bill, at its path everywhere.
const fn bill_at(paths: &'static [&'static str]) -> Route {
    Route {
        intent: Intent::Bill,
        operation: None,
        ..submit_at(paths, Operation::TextToVideo, &[], BILL_BODY_LIMIT)
    }
}

/// What the caller has.
const COSTS: Route = Route {
    operation: None,
    ..read_at(&["/account/costs"], Intent::Balance, Operation::TextToVideo)
};

/// The longest body of a call: longer where it may carry media.
pub(crate) const fn limit(media: &[&str]) -> u64 {
    if media.is_empty() {
        BODY_LIMIT
    } else {
        IMAGE_BODY_LIMIT
    }
}

/// The tables behind one another; `N` is the sum of their lengths.
const fn joined<const N: usize>(parts: &[&[Route]]) -> [Route; N] {
    let mut routes = [parts[0][0]; N];
    let (mut filled, mut part) = (0, 0);
    while part < parts.len() {
        let mut at = 0;
        while at < parts[part].len() {
            routes[filled] = parts[part][at];
            filled += 1;
            at += 1;
        }
        part += 1;
    }
    assert!(filled == N, "a joined table has as many routes as its parts");
    routes
}

/// Every route.
pub(super) const ROUTES: &[Route] = &joined::<83>(&[
    &tasks!("/v1/videos/text2video", TextToVideo, &[]),
    &tasks!("/v1/videos/image2video", ImageToVideo, FRAMES),
    &tasks!("/v1/videos/multi-image2video", MultiImageToVideo, REFERENCES),
    &tasks!("/v1/videos/omni-video", OmniVideo, omni::MEDIA),
    &tasks!("/v1/videos/motion-control", MotionControl, motion::MEDIA),
    &tasks!("/v1/videos/video-extend", VideoExtend, &[]),
    &run!("/v1/videos/identify-face", FaceIdentification, &[]),
    &tasks!("/v1/videos/advanced-lip-sync", LipSync, lips::MEDIA),
    &tasks!("/v1/videos/lip-sync", LipSync, lips::OLD_MEDIA),
    &tasks!("/v1/videos/avatar/image2video", Avatar, avatar::MEDIA),
    &tasks!("/v1/videos/effects", VideoEffects, effects::MEDIA),
    &run!("/v1/videos/multi-elements/init-selection", AreaSelection, &[]),
    &run!("/v1/videos/multi-elements/add-selection", AreaSelection, &[]),
    &run!("/v1/videos/multi-elements/delete-selection", AreaSelection, &[]),
    &run!("/v1/videos/multi-elements/clear-selection", AreaSelection, &[]),
    &run!("/v1/videos/multi-elements/preview-selection", AreaSelection, &[]),
    &tasks!("/v1/videos/multi-elements", MultiElements, elements::MEDIA),
    &tasks!("/v1/audio/text-to-audio", TextToAudio, &[]),
    &tasks!("/v1/audio/video-to-audio", VideoToAudio, &[]),
    &run!("/v1/audio/tts", Speech, &[]),
    &tasks!("/v1/general/custom-voices", CustomVoice, voices::MEDIA),
    &presets!("/v1/general/presets-voices", CustomVoice),
    &run!("/v1/general/delete-voices", ItemDeletion, &[]),
    &tasks!(
        "/v1/general/advanced-custom-elements",
        CustomElement,
        library::MEDIA
    ),
    &presets!("/v1/general/advanced-presets-elements", CustomElement),
    &tasks!(
        "/v1/general/custom-elements",
        CustomElement,
        library::PREVIOUS_MEDIA
    ),
    &presets!("/v1/general/presets-elements", CustomElement),
    &run!("/v1/general/delete-elements", ItemDeletion, &[]),
    &run!("/v1/general/delete-advanced-elements", ItemDeletion, &[]),
    &tasks!("/v1/general/ai-multi-shot", MultiShotViews, views::MEDIA),
    &tasks!("/v1/images/generations", ImageGeneration, images::MEDIA),
    &tasks!("/v1/images/omni-image", OmniImage, images::OMNI_MEDIA),
    &tasks!(
        "/v1/images/multi-image2image",
        MultiImageToImage,
        images::SEVERAL_MEDIA
    ),
    &tasks!("/v1/images/editing/expand", ImageExpand, edits::MEDIA),
    &tasks!(
        "/v1/images/kolors-virtual-try-on",
        VirtualTryOn,
        edits::TRY_ON_MEDIA
    ),
    &run!("/v1/videos/image-recognize", ImageRecognition, recognition::MEDIA),
    &[
        COSTS,
        bill_at(&["/account/billing/package"]),
        bill_at(&["/account/billing/balance"]),
    ],
]);
