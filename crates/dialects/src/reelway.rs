//! Reelway's own API for tasks, which needs no vendor's page: submits of every operation, dry runs, reads,
//! lists with a cursor, cancels. Files are served by the roof.
//!
//! Reading a submit is in `reelway/submit.rs`, of a still in `reelway/still.rs`, its media in `reelway/inputs.rs`, reading a list in `reelway/list.rs`; answers are in
//! `reelway/answer.rs`, refusals in `reelway/refused.rs`.

use domain::dialect::{Answer, Context, Guide, Links, Method, Submission};
use domain::http::Reply;
use domain::store::{Filter, Page};
use domain::{Call, Dialect, Intent, Refusal, Route, Status, Task};

mod answer;
mod guide;
mod inputs;
mod list;
mod refused;
mod still;
mod submit;

pub use answer::time;
pub use refused::ErrorRow;

/// Every code of our own errors.
pub static ERRORS: &[ErrorRow] = refused::ERRORS;

/// The longest body: a clip's pictures come as links, as staged files or as Base64.
const BODY_LIMIT: u64 = 96 * 1024 * 1024;
/// The fields that carry media; a path goes through the entries of a list.
const MEDIA: &[&str] = &["inputs.data", "extras.kling.dynamic_masks.mask"];

const ROUTES: &[Route] = &[
    route(Method::Post, "/tasks", Intent::Submit, MEDIA, BODY_LIMIT),
    route(Method::Get, "/tasks", Intent::List, &[], 0),
    route(Method::Get, "/tasks/{id}", Intent::Status, &[], 0),
    route(Method::Post, "/tasks/{id}/cancel", Intent::Cancel, &[], 0),
];

const fn route(
    method: Method,
    path: &'static str,
    intent: Intent,
    media: &'static [&'static str],
    limit_bytes: u64,
) -> Route {
    Route {
        method,
        path,
        roots: &[],
        intent,
        operation: None,
        media,
        limit_bytes,
    }
}

/// Reelway's own API.
pub struct Reelway;

impl Dialect for Reelway {
    fn name(&self) -> &'static str {
        "reelway"
    }

    fn mount(&self) -> &'static str {
        "/api/v1"
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

    fn submission(&self, _route: &Route, call: &Call) -> Result<Submission, Refusal> {
        submit::read(call)
    }

    fn selection(&self, _route: &Route, call: &Call) -> Result<(Filter, Page), Refusal> {
        list::read(call)
    }

    fn render(&self, answer: &Answer<'_>, context: &Context<'_>) -> Reply {
        match answer {
            Answer::Submitted(task) => {
                let place = format!("/api/v1/tasks/{}", task.id().prefixed());
                Reply::json(202, &answer::object(task, context.links)).with("location", place)
            }
            Answer::Status(task) => Reply::json(200, &answer::object(task, context.links)),
            Answer::Listing(listing, _) => Reply::json(200, &answer::listing(listing, context.links)),
            Answer::Quoted(ask, quote) => Reply::json(200, &answer::quote(ask, quote)),
            // No route of ours asks for them.
            Answer::Presets(_) | Answer::Balance(_) | Answer::Bill(..) => {
                refused::render(&Refusal::no_route(), context.request_id)
            }
            Answer::Refused(refusal) => refused::render(refusal, context.request_id),
        }
    }

    fn webhook(&self, task: &Task, links: &dyn Links) -> Option<Vec<u8>> {
        let event = match task.status() {
            Status::Queued => "task.queued",
            Status::Running => "task.running",
            Status::Succeeded => "task.succeeded",
            Status::Failed if !task.course.late.is_empty() => "task.late_result",
            Status::Failed => "task.failed",
            Status::Cancelled => "task.cancelled",
        };
        let body = answer::event(event, task, links);
        Some(body.to_string().into_bytes())
    }
}
