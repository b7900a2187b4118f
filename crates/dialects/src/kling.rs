//! Docs: <https://kling.ai/document-api/> (pages `text2video`, `image2video`, `multi-image2video`, `general
//! info` and `callback protocol` of the legacy API), checked 2026-11-21.
//!
//! Kling's native legacy dialect: a submit, a read and a list for each kind of clip, in the envelope
//! `{code, message, request_id, data}`. Reading a submit is in `kling/submit.rs`, reading a list in
//! `kling/list.rs`; answers are in `kling/answer.rs`, refusals in `kling/refused.rs`; what is
//! read, and where this differs from the vendor, is in `kling/guide.rs`.

use domain::dialect::{Answer, Context, Guide, Links, Method, Period, Submission};
use domain::http::Reply;
use domain::store::{Filter, Page};
use domain::{Call, Dialect, Intent, Operation, Refusal, Route, Task};

mod account;
pub(crate) mod answer;
mod guide;
mod list;
mod refused;
pub(crate) mod submit;

/// The longest body.
pub(crate) const BODY_LIMIT: u64 = 32 * 1024 * 1024;
/// The longest body that may carry pictures, as Base64.
pub(crate) const IMAGE_BODY_LIMIT: u64 = 96 * 1024 * 1024;
/// The longest body that asks for a bill.
const BILL_BODY_LIMIT: u64 = 64 * 1024;
/// The fields of an image2video that carry pictures; a path goes through the entries of a list.
pub(crate) const FRAMES: &[&str] = &["image", "image_tail", "static_mask", "dynamic_masks.mask"];
/// The fields of a multi-image2video that carry pictures.
pub(crate) const REFERENCES: &[&str] = &["image_list.image"];

const ROUTES: &[Route] = &[
    submit_at(
        &["/v1/videos/text2video", "/kling/v1/videos/text2video"],
        Operation::TextToVideo,
        &[],
        BODY_LIMIT,
    ),
    read_at(
        &["/v1/videos/text2video/{id}", "/kling/v1/videos/text2video/{id}"],
        Intent::Status,
        Operation::TextToVideo,
    ),
    read_at(
        &["/v1/videos/text2video", "/kling/v1/videos/text2video"],
        Intent::List,
        Operation::TextToVideo,
    ),
    submit_at(
        &["/v1/videos/image2video", "/kling/v1/videos/image2video"],
        Operation::ImageToVideo,
        FRAMES,
        IMAGE_BODY_LIMIT,
    ),
    read_at(
        &["/v1/videos/image2video/{id}", "/kling/v1/videos/image2video/{id}"],
        Intent::Status,
        Operation::ImageToVideo,
    ),
    read_at(
        &["/v1/videos/image2video", "/kling/v1/videos/image2video"],
        Intent::List,
        Operation::ImageToVideo,
    ),
    submit_at(
        &[
            "/v1/videos/multi-image2video",
            "/kling/v1/videos/multi-image2video",
        ],
        Operation::MultiImageToVideo,
        REFERENCES,
        IMAGE_BODY_LIMIT,
    ),
    read_at(
        &[
            "/v1/videos/multi-image2video/{id}",
            "/kling/v1/videos/multi-image2video/{id}",
        ],
        Intent::Status,
        Operation::MultiImageToVideo,
    ),
    read_at(
        &[
            "/v1/videos/multi-image2video",
            "/kling/v1/videos/multi-image2video",
        ],
        Intent::List,
        Operation::MultiImageToVideo,
    ),
    Route {
        method: Method::Get,
        path: "/account/costs",
        roots: &["/account/costs"],
        intent: Intent::Balance,
        operation: None,
        media: &[],
        limit_bytes: 0,
    },
    bill_at(&["/account/billing/package"]),
    bill_at(&["/account/billing/balance"]),
];

/// A bill, at its paths as [`submit_at`] has them.
const fn bill_at(paths: &'static [&'static str]) -> Route {
    Route {
        method: Method::Post,
        path: paths[0],
        roots: paths,
        intent: Intent::Bill,
        operation: None,
        media: &[],
        limit_bytes: BILL_BODY_LIMIT,
    }
}

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
        ROUTES
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
        let operation = route.operation.unwrap_or(Operation::TextToVideo);
        submit::read(operation, call)
    }

    fn selection(&self, route: &Route, call: &Call) -> Result<(Filter, Page), Refusal> {
        list::read(route.operation, call)
    }

    fn period(&self, route: &Route, call: &Call) -> Result<Period, Refusal> {
        account::period(route, call)
    }

    fn render(&self, answer: &Answer<'_>, context: &Context<'_>) -> Reply {
        let data = match answer {
            Answer::Submitted(task) => answer::receipt(task),
            Answer::Status(task) => answer::status(task, context.links),
            Answer::Listing(listing) => answer::listing(listing, context.links),
            Answer::Balance(balance) => account::costs(balance),
            Answer::Bill(bill, period) => account::bill(bill, period, context.route),
            // The vendor has no such answer, and no route asks for one.
            Answer::Quoted(..) | Answer::Presets(_) => {
                return refused::render(&Refusal::no_route(), context.request_id);
            }
            Answer::Refused(refusal) => return refused::render(refusal, context.request_id),
        };
        answer::envelope(data, context.request_id)
    }

    fn webhook(&self, task: &Task, links: &dyn Links) -> Option<Vec<u8>> {
        Some(answer::callback(task, links).to_string().into_bytes())
    }
}
