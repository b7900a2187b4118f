//! Docs: <https://kling.ai/document-api/> (the pages of the legacy API), checked 2026-11-21.
//!
//! Kling's native legacy dialect: calls for clips, sounds, pictures, voices and elements, in the envelope
//! `{code, message, request_id, data}`. The routes are in `kling/routes.rs`; every call is listed in
//! `kling/rooms.rs` and read in a file of its own, over `kling/wish.rs` and `kling/cited.rs`; the three
//! calls for plain clips are in `kling/submit.rs`. Reading a list is in `kling/list.rs`; answers are in
//! `kling/answer.rs` and `kling/result.rs`, those about money in `kling/account.rs`, refusals in
//! `kling/refused.rs`; what is read, and where this
//! differs from the vendor, is in `kling/guide.rs`.

use domain::dialect::{Answer, Context, Guide, Links, Period, Submission};
use domain::http::Reply;
use domain::store::{Filter, Page};
use domain::{Call, Dialect, Intent, Refusal, Route, Task};

mod account;
pub(crate) mod answer;
pub(crate) mod audio;
pub(crate) mod avatar;
mod cited;
pub(crate) mod edits;
pub(crate) mod effects;
pub(crate) mod elements;
pub(crate) mod extend;
pub(crate) mod fields;
mod guide;
pub(crate) mod images;
pub(crate) mod library;
pub(crate) mod lips;
pub(crate) mod list;
pub(crate) mod motion;
pub(crate) mod omni;
pub(crate) mod presets;
mod recognition;
pub(crate) mod refused;
mod result;
pub(crate) mod rooms;
pub(crate) mod routes;
pub(crate) mod submit;
mod views;
mod voices;
mod wish;

pub(crate) use routes::{BODY_LIMIT, IMAGE_BODY_LIMIT, limit, read_at, submit_at};

/// The fields of an image2video that carry pictures; a path goes through the entries of a list.
pub(crate) const FRAMES: &[&str] = &["image", "image_tail", "static_mask", "dynamic_masks.mask"];
/// The fields of a multi-image2video that carry pictures.
pub(crate) const REFERENCES: &[&str] = &["image_list.image"];

/// Kling's native legacy dialect.
pub struct Kling;

impl Dialect for Kling {
    fn name(&self) -> &'static str {
        "kling"
    }

    fn mount(&self) -> &'static str {
        "/kling-native"
    }

    fn version(&self) -> u32 {
        1
    }

    fn routes(&self) -> &'static [Route] {
        routes::ROUTES
    }

    fn realms(&self) -> &'static [&'static str] {
        &[
            "/kling/v1/",
            "/v1/videos/",
            "/v1/images/",
            "/v1/audio/",
            "/v1/general/",
            "/account/",
        ]
    }

    fn guide(&self) -> &'static Guide {
        &guide::GUIDE
    }

    fn submission(&self, route: &Route, call: &Call) -> Result<Submission, Refusal> {
        rooms::read(route, call)
    }

    fn selection(&self, route: &Route, call: &Call) -> Result<(Filter, Page), Refusal> {
        list::read(route.operation, call)
    }

    fn period(&self, route: &Route, call: &Call) -> Result<Period, Refusal> {
        account::period(route, call)
    }

    fn render(&self, answer: &Answer<'_>, context: &Context<'_>) -> Reply {
        render(answer, context)
    }

    fn webhook(&self, task: &Task, links: &dyn Links) -> Option<Vec<u8>> {
        Some(answer::callback(task, links).to_string().into_bytes())
    }
}

/// Writes an answer in the native envelope.
pub(crate) fn render(answer: &Answer<'_>, context: &Context<'_>) -> Reply {
    let is_run = context.route.is_some_and(|route| route.intent == Intent::Run);
    let data = match answer {
        Answer::Submitted(task) => answer::receipt(task),
        Answer::Status(task) if is_run => match answer::outcome(task, context.links) {
            Ok(data) => data,
            Err(failure) => return refused::failed(&failure, context.request_id),
        },
        Answer::Status(task) => answer::status(task, context.links),
        Answer::Listing(listing, _) => answer::listing(listing, context.links),
        Answer::Balance(balance) => account::costs(balance),
        Answer::Bill(bill, period) => account::bill(bill, period, context.route),
        Answer::Presets(page) => presets::list(context.route.map_or("", |route| route.path), page),
        // The vendor has no such answer, and no route asks for one.
        Answer::Quoted(..) => return refused::render(&Refusal::no_route(), context.request_id),
        Answer::Refused(refusal) => return refused::render(refusal, context.request_id),
    };
    answer::envelope(data, context.request_id)
}
