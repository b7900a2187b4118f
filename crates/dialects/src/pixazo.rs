//! Docs: <https://www.pixazo.ai/models/kling> and <https://github.com/Pixazo-AI/skills>, checked 2026-11-21.
//!
//! Pixazo's older profile: two submits of Kling 1.6, reads by POST with the id in the body, and the status
//! object of its queue. Reading a submit and a poll is in `pixazo/submit.rs`; answers are in
//! `pixazo/answer.rs`, refusals in `pixazo/refused.rs`. Where this differs from the vendor is in
//! `pixazo/guide.rs`.

use domain::dialect::{Answer, Context, Guide, Links, Method, Submission};
use domain::http::Reply;
use domain::{Call, Dialect, Intent, Operation, Refusal, Route, Task};

use crate::kling::{self, BODY_LIMIT, IMAGE_BODY_LIMIT, read_at, submit_at};

mod answer;
mod guide;
mod refused;
mod submit;

/// The longest body of a poll.
const POLL_BODY_LIMIT: u64 = 64 * 1024;
/// The fields that carry pictures.
const MEDIA: &[&str] = &["image"];

const ROUTES: &[Route] = &[
    submit_at(
        &["/kling-ai-video/v1/generateVideoTask"],
        Operation::TextToVideo,
        &[],
        BODY_LIMIT,
    ),
    submit_at(
        &["/kling-ai-video/v1/getImageToVideoTask"],
        Operation::ImageToVideo,
        MEDIA,
        IMAGE_BODY_LIMIT,
    ),
    poll_at(
        &["/kling-ai-polling/v1/getTextToVideoStatus"],
        Operation::TextToVideo,
    ),
    poll_at(&["/kling-ai-polling/v1/getVideoStatus"], Operation::TextToVideo),
    poll_at(
        &["/kling-ai-polling/v1/getImageToVideoStatus"],
        Operation::ImageToVideo,
    ),
    Route {
        operation: None,
        ..read_at(
            &["/v2/requests/status/{id}"],
            Intent::Status,
            Operation::TextToVideo,
        )
    },
];

/// A read whose id is in the body.
const fn poll_at(paths: &'static [&'static str], operation: Operation) -> Route {
    Route {
        intent: Intent::Status,
        ..submit_at(paths, operation, &[], POLL_BODY_LIMIT)
    }
}

/// Pixazo's older profile.
pub struct Pixazo;

impl Dialect for Pixazo {
    fn name(&self) -> &'static str {
        "pixazo"
    }

    fn mount(&self) -> &'static str {
        "/pixazo"
    }

    fn version(&self) -> u32 {
        1
    }

    fn routes(&self) -> &'static [Route] {
        ROUTES
    }

    fn realms(&self) -> &'static [&'static str] {
        &["/kling-ai-", "/v2/requests/"]
    }

    fn guide(&self) -> &'static Guide {
        &guide::GUIDE
    }

    fn submission(&self, route: &Route, call: &Call) -> Result<Submission, Refusal> {
        let operation = route.operation.unwrap_or(Operation::TextToVideo);
        submit::read(operation, call)
    }

    fn subject(&self, route: &Route, call: &Call) -> Result<String, Refusal> {
        match route.method {
            Method::Post => submit::polled(&call.fields),
            Method::Get | Method::Delete => submit::named(call.id.as_deref()),
        }
    }

    fn render(&self, answer: &Answer<'_>, context: &Context<'_>) -> Reply {
        let is_queue = context.route.is_some_and(|route| route.method == Method::Get);
        match answer {
            Answer::Submitted(task) => Reply::json(200, &answer::receipt(task, context.links)),
            Answer::Status(task) if is_queue => Reply::json(200, &answer::status(task, context.links)),
            Answer::Status(task) => Reply::json(200, &answer::poll(task, context.links)),
            Answer::Refused(refusal) => refused::render(refusal, context.request_id),
            // The vendor has neither, and no route asks for one.
            Answer::Listing(_)
            | Answer::Quoted(..)
            | Answer::Presets(_)
            | Answer::Balance(_)
            | Answer::Bill(..) => refused::render(&Refusal::no_route(), context.request_id),
        }
    }

    /// Callbacks of this profile are Kling's own; the vendor's later header is not read.
    fn webhook(&self, task: &Task, links: &dyn Links) -> Option<Vec<u8>> {
        let body = kling::answer::callback(task, links);
        Some(body.to_string().into_bytes())
    }
}
