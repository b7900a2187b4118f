//! Docs: <https://docs.elkapi.com/en/docs/api/ai-model/videos/kling/createklingtext2video> (and
//! `getklingtext2video`, `createklingimage2video`, `getklingimage2video`), checked 2026-11-21.
//!
//! ElkAPI's unified video dialect: two submits, two reads, one flat answer; and beside them the vendor's pages
//! in Kling's native format, in `elk/native.rs`. Reading a submit is in
//! `elk/submit.rs` over `elk/body.rs`, its size and mode in `elk/frame.rs`; answers are in
//! `elk/answer.rs`.

use domain::dialect::{Answer, Context, Guide, Links, Method, Submission};
use domain::http::Reply;
use domain::{Call, Dialect, Intent, Operation, Refusal, Route, Task};

use crate::kling::{self, edits, effects, images, lips};

mod answer;
mod body;
mod frame;
mod guide;
mod native;
mod submit;

/// The longest body.
const BODY_LIMIT: u64 = 32 * 1024 * 1024;
/// The longest body where the vendor takes pictures of 50 MB, as Base64.
const IMAGE_BODY_LIMIT: u64 = 96 * 1024 * 1024;
/// The fields that carry pictures; a path goes through the entries of a list.
const MEDIA: &[&str] = &[
    "image",
    "image_tail",
    "static_mask",
    "dynamic_masks.mask",
    "metadata.image",
    "metadata.image_tail",
    "metadata.static_mask",
    "metadata.dynamic_masks.mask",
];

const ROUTES: &[Route] = &[
    submit_at(
        &["/kling/v1/videos/text2video"],
        Operation::TextToVideo,
        BODY_LIMIT,
    ),
    submit_at(
        &["/kling/v1/videos/image2video"],
        Operation::ImageToVideo,
        IMAGE_BODY_LIMIT,
    ),
    status_at(&["/kling/v1/videos/text2video/{id}"], Operation::TextToVideo),
    status_at(&["/kling/v1/videos/image2video/{id}"], Operation::ImageToVideo),
    native_at(
        &["/kling/v1/images/editing/expand"],
        Operation::ImageExpand,
        images::MEDIA,
    ),
    status_at(&["/kling/v1/images/editing/expand/{id}"], Operation::ImageExpand),
    native_at(
        &["/kling/v1/images/generations"],
        Operation::ImageGeneration,
        images::MEDIA,
    ),
    status_at(&["/kling/v1/images/generations/{id}"], Operation::ImageGeneration),
    native_at(
        &["/kling/v1/images/kolors-virtual-try-on"],
        Operation::VirtualTryOn,
        edits::TRY_ON_MEDIA,
    ),
    status_at(
        &["/kling/v1/images/kolors-virtual-try-on/{id}"],
        Operation::VirtualTryOn,
    ),
    native_at(&["/kling/v1/videos/video-extend"], Operation::VideoExtend, &[]),
    status_at(&["/kling/v1/videos/video-extend/{id}"], Operation::VideoExtend),
    native_at(
        &["/kling/v1/videos/lip-sync"],
        Operation::LipSync,
        lips::OLD_MEDIA,
    ),
    status_at(&["/kling/v1/videos/lip-sync/{id}"], Operation::LipSync),
    native_at(
        &["/kling/v1/videos/effects"],
        Operation::VideoEffects,
        effects::MEDIA,
    ),
    status_at(&["/kling/v1/videos/effects/{id}"], Operation::VideoEffects),
];

/// Below the mount and at the root the paths are the same.
const fn submit_at(path: &'static [&'static str], operation: Operation, limit_bytes: u64) -> Route {
    Route {
        method: Method::Post,
        path: path[0],
        roots: path,
        intent: Intent::Submit,
        operation: Some(operation),
        media: MEDIA,
        limit_bytes,
    }
}

/// A submit of one of the native pages.
const fn native_at(
    path: &'static [&'static str],
    operation: Operation,
    media: &'static [&'static str],
) -> Route {
    kling::submit_at(path, operation, media, kling::limit(media))
}

const fn status_at(path: &'static [&'static str], operation: Operation) -> Route {
    Route {
        method: Method::Get,
        path: path[0],
        roots: path,
        intent: Intent::Status,
        operation: Some(operation),
        media: &[],
        limit_bytes: 0,
    }
}

/// ElkAPI's unified video dialect.
pub struct Elk;

impl Dialect for Elk {
    fn name(&self) -> &'static str {
        "elk"
    }

    fn mount(&self) -> &'static str {
        "/elk"
    }

    fn version(&self) -> u32 {
        1
    }

    fn routes(&self) -> &'static [Route] {
        ROUTES
    }

    fn realms(&self) -> &'static [&'static str] {
        &[]
    }

    fn guide(&self) -> &'static Guide {
        &guide::GUIDE
    }

    fn submission(&self, route: &Route, call: &Call) -> Result<Submission, Refusal> {
        if native::is_native(route) {
            return native::read(route, call);
        }
        let operation = route.operation.unwrap_or(Operation::TextToVideo);
        submit::read(operation, call)
    }

    fn render(&self, answer: &Answer<'_>, context: &Context<'_>) -> Reply {
        if let Some(reply) = native::render(answer, context) {
            return reply;
        }
        match answer {
            Answer::Submitted(task) => Reply::json(200, &answer::receipt(task)),
            Answer::Status(task) => Reply::json(200, &answer::status(task, context.links)),
            Answer::Refused(refusal) => answer::refused(refusal, context.request_id),
            // The unified shape has neither, and no route asks for one.
            Answer::Listing(..)
            | Answer::Quoted(..)
            | Answer::Presets(_)
            | Answer::Balance(_)
            | Answer::Bill(..) => answer::refused(&Refusal::no_route(), context.request_id),
        }
    }

    fn webhook(&self, task: &Task, links: &dyn Links) -> Option<Vec<u8>> {
        let reply = if native::is_native_work(task.origin.ask.operation) {
            Reply::json(200, &kling::answer::callback(task, links))
        } else {
            Reply::json(200, &answer::status(task, links))
        };
        Some(reply.body.to_vec())
    }
}
