//! Docs: <https://docs.elkapi.com/en/docs/api/ai-model/videos/kling/createklingtext2video> (and
//! `getklingtext2video`, `createklingimage2video`, `getklingimage2video`), checked 2026-11-21.
//!
//! ElkAPI's unified video dialect: two submits, two reads, one flat answer. Reading a submit is in
//! `elk/submit.rs` over `elk/body.rs`, its size and mode in `elk/frame.rs`; answers are in
//! `elk/answer.rs`.

use domain::dialect::{Answer, Context, Links, Method};
use domain::http::Reply;
use domain::{Call, Dialect, Intent, Operation, Refusal, RefusalKind, Request, Route, Task};

mod answer;
mod body;
mod frame;
mod submit;

/// The longest body.
const BODY_LIMIT: u64 = 32 * 1024 * 1024;
/// The longest body where the vendor takes pictures of 50 MB, as Base64.
const IMAGE_BODY_LIMIT: u64 = 96 * 1024 * 1024;
/// The longest id that is looked up, in bytes.
const ID_BYTES_MAX: usize = 256;
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
    submit_at("/kling/v1/videos/text2video", Operation::TextToVideo, BODY_LIMIT),
    submit_at(
        "/kling/v1/videos/image2video",
        Operation::ImageToVideo,
        IMAGE_BODY_LIMIT,
    ),
    status_at("/kling/v1/videos/text2video/{id}", Operation::TextToVideo),
    status_at("/kling/v1/videos/image2video/{id}", Operation::ImageToVideo),
];

const fn submit_at(path: &'static str, operation: Operation, limit_bytes: u64) -> Route {
    Route {
        method: Method::Post,
        path,
        at_root: true,
        intent: Intent::Submit(operation),
        media: MEDIA,
        limit_bytes,
    }
}

const fn status_at(path: &'static str, operation: Operation) -> Route {
    Route {
        method: Method::Get,
        path,
        at_root: true,
        intent: Intent::Status(operation),
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

    fn parse(&self, route: &Route, call: &Call) -> Result<Request, Refusal> {
        match route.intent {
            Intent::Submit(operation) => {
                let submission = submit::read(operation, call)?;
                Ok(Request::Submit(Box::new(submission)))
            }
            Intent::Status(_) => match &call.id {
                Some(id) if !id.is_empty() && id.len() <= ID_BYTES_MAX => {
                    Ok(Request::Status { id: id.clone() })
                }
                _ => Err(Refusal::not_found()),
            },
            Intent::List(_) | Intent::Cancel => Err(Refusal::new(RefusalKind::NoRoute, "no such path")),
        }
    }

    fn render(&self, answer: &Answer<'_>, context: &Context<'_>) -> Reply {
        match answer {
            Answer::Submitted(task) => Reply::json(200, &answer::receipt(task)),
            Answer::Status(task) => Reply::json(200, &answer::status(task, context.links)),
            Answer::Refused(refusal) => answer::refused(refusal, context.request_id),
            // The unified shape has no list, and no route asks for one.
            Answer::Listing(_) => {
                let refusal = Refusal::new(RefusalKind::NoRoute, "no such path");
                answer::refused(&refusal, context.request_id)
            }
        }
    }

    fn webhook(&self, task: &Task, links: &dyn Links) -> Option<Vec<u8>> {
        Some(answer::status(task, links).to_string().into_bytes())
    }
}
