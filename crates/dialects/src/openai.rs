//! Docs: <https://platform.openai.com/docs/api-reference/videos> and
//! <https://github.com/openai/openai-python/blob/main/src/openai/resources/videos.py>, checked 2026-11-21.
//!
//! The shape of OpenAI's Videos API, for clients that were written for it: create, retrieve, content, list, remix
//! and delete; and the flat `/v1/video/generations` of gateways, which is the unified dialect at another path.
//! Reading calls is in `openai/submit.rs`, answers are in `openai/answer.rs`, refusals in `openai/refused.rs`,
//! remixes of a clip in `openai/remix.rs`;//! what is read, and where this differs, is in `openai/guide.rs`.

use domain::dialect::{Answer, Context, Guide, Links, Method, Remake, Submission};
use domain::http::Reply;
use domain::store::{Filter, Page};
use domain::{Ask, Call, Dialect, Intent, MediaKind, Operation, Refusal, Route, Task};

use crate::elk::Elk;

mod answer;
pub(crate) mod guide;
mod refused;
mod remix;
mod submit;

/// The longest body.
const BODY_LIMIT: u64 = 96 * 1024 * 1024;
/// The longest body of a remix, which has no picture.
const REMIX_BODY_LIMIT: u64 = 64 * 1024;
/// The fields of a create that carry pictures.
const MEDIA: &[&str] = &["input_reference", "input_reference.image_url"];
/// The fields of a flat submit that carry pictures; a path goes through the entries of a list.
const FLAT_MEDIA: &[&str] = &[
    "image",
    "image_tail",
    "static_mask",
    "dynamic_masks.mask",
    "metadata.image",
    "metadata.image_tail",
    "metadata.static_mask",
    "metadata.dynamic_masks.mask",
];
/// Where the flat paths begin.
const FLAT: &str = "/v1/video/";

const ROUTES: &[Route] = &[
    Route {
        intent: Intent::Submit,
        media: MEDIA,
        limit_bytes: BODY_LIMIT,
        ..at(Method::Post, &["/v1/videos"])
    },
    Route {
        intent: Intent::List,
        ..at(Method::Get, &["/v1/videos"])
    },
    at(Method::Get, &["/v1/videos/{id}"]),
    Route {
        intent: Intent::Erase,
        ..at(Method::Delete, &["/v1/videos/{id}"])
    },
    Route {
        intent: Intent::Content,
        ..at(Method::Get, &["/v1/videos/{id}/content"])
    },
    Route {
        intent: Intent::Remake,
        limit_bytes: REMIX_BODY_LIMIT,
        ..at(Method::Post, &["/v1/videos/{id}/remix"])
    },
    Route {
        intent: Intent::Submit,
        media: FLAT_MEDIA,
        limit_bytes: BODY_LIMIT,
        operation: Some(Operation::TextToVideo),
        ..at(Method::Post, &["/v1/video/generations"])
    },
    at(Method::Get, &["/v1/video/generations/{id}"]),
];

/// A read of one task; below the mount and at the root the paths are the same.
const fn at(method: Method, path: &'static [&'static str]) -> Route {
    Route {
        method,
        path: path[0],
        roots: path,
        intent: Intent::Status,
        operation: None,
        media: &[],
        limit_bytes: 0,
    }
}

pub(crate) fn is_flat(route: Option<&Route>) -> bool {
    route.is_some_and(|route| route.path.starts_with(FLAT))
}

/// The shape of OpenAI's Videos API.
pub struct OpenAi;

impl Dialect for OpenAi {
    fn name(&self) -> &'static str {
        "openai"
    }

    fn mount(&self) -> &'static str {
        "/openai"
    }

    fn version(&self) -> u32 {
        1
    }

    fn routes(&self) -> &'static [Route] {
        ROUTES
    }

    fn realms(&self) -> &'static [&'static str] {
        &[FLAT]
    }

    fn guide(&self) -> &'static Guide {
        &guide::GUIDE
    }

    fn submission(&self, route: &Route, call: &Call) -> Result<Submission, Refusal> {
        if is_flat(Some(route)) {
            return Elk.submission(route, call);
        }
        submit::read(call)
    }

    fn selection(&self, _route: &Route, call: &Call) -> Result<(Filter, Page), Refusal> {
        submit::list(call)
    }

    fn content_kind(&self, _route: &Route, call: &Call) -> Result<MediaKind, Refusal> {
        submit::variant(call)
    }

    fn remake(&self, route: &Route, call: &Call) -> Result<Remake, Refusal> {
        let id = self.subject(route, call)?;
        submit::remix(id, &call.fields)
    }

    fn by_clip(&self, earlier: &Task, ask: &Ask) -> Option<Ask> {
        remix::by_clip(earlier, ask)
    }

    fn render(&self, answer: &Answer<'_>, context: &Context<'_>) -> Reply {
        if is_flat(context.route) {
            return Elk.render(answer, context);
        }
        let erases = context.route.is_some_and(|route| route.intent == Intent::Erase);
        match answer {
            Answer::Status(task) if erases => answer::deleted(task),
            Answer::Submitted(task) | Answer::Status(task) => answer::video(task),
            Answer::Listing(listing, _) => answer::list(listing),
            Answer::Refused(refusal) => refused::render(refusal),
            // The shape has neither, and no route asks for one.
            Answer::Quoted(..) | Answer::Presets(_) | Answer::Balance(_) | Answer::Bill(..) => {
                refused::render(&Refusal::no_route())
            }
        }
    }

    /// The shape has no callbacks; those of the flat submit are the unified ones.
    fn webhook(&self, task: &Task, links: &dyn Links) -> Option<Vec<u8>> {
        Elk.webhook(task, links)
    }
}
