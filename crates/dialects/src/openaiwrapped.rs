//! Docs: <https://docs.newapi.pro>, the relay's video generations, and the relay's own answers, checked 2026-11-21.
//!
//! The shape of OpenAI's Videos API as relays of the new-api kind speak it: everything is as in `openai`, but
//! `/v1/video/generations` answers with the video object, and its reads with the task in an envelope
//! `{code, message, data}`. For keys that are set to this dialect, and below its mount.

use domain::dialect::{Answer, Context, Guide, Links, Remake, Submission};
use domain::http::Reply;
use domain::store::{Filter, Page};
use domain::{Ask, Call, Dialect, MediaKind, Refusal, Route, Task};
use serde_json::json;

use crate::ezmodel::{self, EzModel};
use crate::openai::{self, OpenAi};

/// The page.
const GUIDE: Guide = Guide {
    title: "OpenAI videos, wrapped",
    introduction: "The [shape of OpenAI's Videos API](openai.md) as relays of the new-api kind answer it: at \
                   `/v1/video/generations` alone the answers differ. For clients that were written for such a \
                   relay: set the base URL to `/openaiwrapped/v1`, or give them a key that always speaks this \
                   dialect (`reelway keys create --dialect openaiwrapped`).",
    rules: &[
        "`POST /v1/video/generations` takes the body of the [unified dialect](elk.md) and answers with the video \
         object; `task_id` is its `id` once more.",
        "`GET /v1/video/generations/{id}` answers `{code, message, data}` with the task in `data`: `status` is \
         `SUBMITTED`, `IN_PROGRESS`, `SUCCESS` or `FAILURE`, `progress` has a percent sign, times are in seconds, \
         `fail_reason` is the link of a success, and `data.data` is Kling's own answer.",
        "Refusals there are `{code, message, data}`.",
        "All else is as in the [OpenAI dialect](openai.md).",
    ],
    ..openai::guide::GUIDE
};

/// The shape of OpenAI's Videos API with wrapped tasks.
pub struct OpenAiWrapped;

impl Dialect for OpenAiWrapped {
    fn name(&self) -> &'static str {
        "openaiwrapped"
    }

    fn mount(&self) -> &'static str {
        "/openaiwrapped"
    }

    fn version(&self) -> u32 {
        1
    }

    fn routes(&self) -> &'static [Route] {
        OpenAi.routes()
    }

    fn realms(&self) -> &'static [&'static str] {
        &[]
    }

    fn is_for_its_keys(&self) -> bool {
        true
    }

    fn guide(&self) -> &'static Guide {
        &GUIDE
    }

    fn submission(&self, route: &Route, call: &Call) -> Result<Submission, Refusal> {
        OpenAi.submission(route, call)
    }

    fn selection(&self, route: &Route, call: &Call) -> Result<(Filter, Page), Refusal> {
        OpenAi.selection(route, call)
    }

    fn content_kind(&self, route: &Route, call: &Call) -> Result<MediaKind, Refusal> {
        OpenAi.content_kind(route, call)
    }

    fn remake(&self, route: &Route, call: &Call) -> Result<Remake, Refusal> {
        OpenAi.remake(route, call)
    }

    fn by_clip(&self, earlier: &Task, ask: &Ask) -> Option<Ask> {
        OpenAi.by_clip(earlier, ask)
    }

    fn render(&self, answer: &Answer<'_>, context: &Context<'_>) -> Reply {
        if !openai::is_flat(context.route) {
            return OpenAi.render(answer, context);
        }
        match answer {
            Answer::Submitted(task) => {
                let mut receipt = ezmodel::answer::receipt(task);
                receipt["status"] = json!("queued");
                Reply::json(200, &receipt)
            }
            _ => EzModel.render(answer, context),
        }
    }

    fn webhook(&self, task: &Task, links: &dyn Links) -> Option<Vec<u8>> {
        OpenAi.webhook(task, links)
    }
}
