//! Docs: <https://kling.ai/document-api/> (text-to-video, image-to-video, omni-video, motion-control, tasks and
//! callbacks of the new standard), checked 2026-11-21.
//!
//! Kling's new standard: the model in the path, `contents`, `settings` and `options` in the body, one look-up and
//! one list for all tasks. What each model takes is a table in `kling2/offers.rs`; a submit is read in
//! `kling2/submit.rs` over `kling2/contents.rs` and `kling2/shots.rs`, look-ups and lists in `kling2/list.rs`;
//! answers are in `kling2/answer.rs`. Refusals are those of the legacy dialect.

use domain::dialect::{Answer, Context, Guide, Links, Method, Names, Submission};
use domain::http::Reply;
use domain::store::{Filter, Page};
use domain::{Call, Dialect, Intent, Operation, Refusal, RefusalKind, Route, Task};

use crate::kling::answer::{SUCCESS, enveloped};
use crate::kling::{BODY_LIMIT, IMAGE_BODY_LIMIT, Kling};

mod answer;
mod contents;
mod cursor;
mod guide;
mod list;
mod offers;
mod shots;
mod submit;

/// The longest body of a list.
const LIST_BODY_LIMIT: u64 = 64 * 1024;
/// The fields that carry media; a path goes through the entries of a list.
const MEDIA: &[&str] = &["contents.url"];
/// Where the ready-made solutions lie.
const SOLUTIONS: &str = "/solutions";

const ROUTES: &[Route] = &[
    submit_at(&["/text-to-video/{model}"], Operation::TextToVideo),
    submit_at(&["/image-to-video/{model}"], Operation::ImageToVideo),
    submit_at(&["/omni-video/{model}"], Operation::OmniVideo),
    submit_at(&["/motion-control/{model}"], Operation::MotionControl),
    read_at(Method::Get, &["/tasks"]),
    read_at(Method::Post, &["/tasks"]),
    solution_at(&["/solutions/e-commerce/clothing_dupe"]),
    solution_at(&["/solutions/e-commerce/goods_studio"]),
    solution_at(&["/solutions/talking_agent"]),
    solution_at(&["/solutions/drama_subtitle"]),
    read_at(Method::Get, &[SOLUTIONS]),
    read_at(Method::Post, &[SOLUTIONS]),
];

/// Below the mount and at the root the paths are the same.
const fn submit_at(paths: &'static [&'static str], operation: Operation) -> Route {
    let is_text = matches!(operation, Operation::TextToVideo);
    Route {
        method: Method::Post,
        path: paths[0],
        roots: paths,
        intent: Intent::Submit,
        operation: Some(operation),
        media: if is_text { &[] } else { MEDIA },
        limit_bytes: if is_text { BODY_LIMIT } else { IMAGE_BODY_LIMIT },
    }
}

const fn solution_at(paths: &'static [&'static str]) -> Route {
    Route {
        operation: None,
        media: &[],
        ..submit_at(paths, Operation::TextToVideo)
    }
}

/// A look-up by `GET`, a list by `POST`.
const fn read_at(method: Method, paths: &'static [&'static str]) -> Route {
    let is_list = matches!(method, Method::Post);
    Route {
        method,
        path: paths[0],
        roots: paths,
        intent: if is_list { Intent::List } else { Intent::Lookup },
        operation: None,
        media: &[],
        limit_bytes: if is_list { LIST_BODY_LIMIT } else { 0 },
    }
}

/// Kling's new standard.
pub struct Kling2;

impl Dialect for Kling2 {
    fn name(&self) -> &'static str {
        "kling2"
    }

    fn mount(&self) -> &'static str {
        "/kling-native"
    }

    fn version(&self) -> u32 {
        1
    }

    fn routes(&self) -> &'static [Route] {
        ROUTES
    }

    fn realms(&self) -> &'static [&'static str] {
        &[
            "/text-to-video/",
            "/image-to-video/",
            "/omni-video/",
            "/motion-control/",
            "/tasks",
            SOLUTIONS,
        ]
    }

    fn guide(&self) -> &'static Guide {
        &guide::GUIDE
    }

    fn takes_tokens(&self) -> bool {
        false
    }

    fn submission(&self, route: &Route, call: &Call) -> Result<Submission, Refusal> {
        served(route)?;
        let operation = route.operation.unwrap_or(Operation::TextToVideo);
        submit::read(operation, call)
    }

    fn selection(&self, route: &Route, call: &Call) -> Result<(Filter, Page), Refusal> {
        served(route)?;
        list::read(&call.fields)
    }

    fn names(&self, route: &Route, call: &Call) -> Result<Names, Refusal> {
        served(route)?;
        list::names(call)
    }

    fn render(&self, answer: &Answer<'_>, context: &Context<'_>) -> Reply {
        let is_cursor = context.route.is_some_and(|route| route.intent == Intent::List);
        let data = match answer {
            Answer::Submitted(task) => answer::receipt(task),
            Answer::Status(task) => answer::object(task, context.links),
            Answer::Listing(listing, filter) if is_cursor => answer::page(listing, filter, context.links),
            Answer::Listing(listing, _) => answer::all(listing, context.links),
            // Refusals are in the legacy envelope; the vendor has none of the others, and no route asks for one.
            Answer::Refused(_)
            | Answer::Quoted(..)
            | Answer::Presets(_)
            | Answer::Balance(_)
            | Answer::Bill(..) => {
                return Kling.render(answer, context);
            }
        };
        Reply::json(200, &enveloped(data, SUCCESS, context.request_id))
    }

    fn webhook(&self, task: &Task, links: &dyn Links) -> Option<Vec<u8>> {
        Some(answer::object(task, links).to_string().into_bytes())
    }
}

/// Whether a route is served: the ready-made solutions are not.
fn served(route: &Route) -> Result<(), Refusal> {
    let Some(rest) = route.path.strip_prefix(SOLUTIONS) else {
        return Ok(());
    };
    let message = match rest.rsplit_once('/') {
        Some((_, name)) => format!("the solution `{name}` is not served here"),
        None => "solutions are not served here".to_owned(),
    };
    Err(Refusal::new(RefusalKind::Forbidden, message))
}
