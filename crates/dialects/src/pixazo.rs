//! Docs: <https://www.pixazo.ai/models/kling> and <https://github.com/Pixazo-AI/skills>, checked 2026-11-21.
//!
//! Pixazo's older profile: four submits, reads by POST with the id in the body; and its queue: a submit for each
//! product of the table in `pixazo/products.rs`, one status object, and results in a form of their own. Reading a
//! submit is in `pixazo/submit.rs` and, of the queue, in `pixazo/queue.rs`; answers are in `pixazo/answer.rs`,
//! refusals in `pixazo/refused.rs`. Where this differs from the vendor is in `pixazo/guide.rs`.

use domain::dialect::{Answer, Context, Guide, Links, Method, Submission};
use domain::http::Reply;
use domain::{Call, Dialect, Intent, Operation, Refusal, Route, Task};

use crate::kling::{self, BODY_LIMIT, IMAGE_BODY_LIMIT, read_at, submit_at};

mod answer;
mod guide;
mod products;
mod queue;
mod refused;
mod submit;

/// The longest body of a poll.
const POLL_BODY_LIMIT: u64 = 64 * 1024;
/// The fields that carry pictures.
const MEDIA: &[&str] = &["image"];

/// The fields of a try-on that carry pictures.
const TRY_ON_MEDIA: &[&str] = &["human_image", "cloth_image", "image_tail"];
/// Where a wish says which product it was, among its extras.
const PRODUCT: &str = "pixazo.product";
/// Where a wish says that it is to be called back in the queue's own form, among its extras.
const QUEUE_WEBHOOK: &str = "pixazo.queue_webhook";

/// The calls of the older profile, and the status of the queue.
const OLDER: [Route; 10] = [
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
    submit_at(
        &["/kling-ai-vton/v1/getVirtualTryOnTask"],
        Operation::VirtualTryOn,
        TRY_ON_MEDIA,
        IMAGE_BODY_LIMIT,
    ),
    submit_at(
        &["/kling-ai-image/v1/getImageTask"],
        Operation::ImageGeneration,
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
    poll_at(
        &["/kling-ai-polling/v1/getVirtualTryOnStatus"],
        Operation::VirtualTryOn,
    ),
    poll_at(
        &["/kling-ai-polling/v1/getImageStatus"],
        Operation::ImageGeneration,
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

/// The older calls, then those of the queue's products.
static ROUTES: [Route; OLDER.len() + products::ROUTES.len()] = {
    let mut routes = [OLDER[0]; OLDER.len() + products::ROUTES.len()];
    let mut n = 0;
    while n < routes.len() {
        routes[n] = if n < OLDER.len() {
            OLDER[n]
        } else {
            products::ROUTES[n - OLDER.len()]
        };
        n += 1;
    }
    routes
};

/// A read whose id is in the body.
const fn poll_at(paths: &'static [&'static str], operation: Operation) -> Route {
    Route {
        intent: Intent::Status,
        ..submit_at(paths, operation, &[], POLL_BODY_LIMIT)
    }
}

/// Pixazo's polling profile and its queue.
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
        &ROUTES
    }

    fn realms(&self) -> &'static [&'static str] {
        &[
            "/kling-3-",
            "/kling-ai-",
            "/kling-image",
            "/kling-lipsync-",
            "/kling-o1-",
            "/kling-video-",
            "/v2/requests/",
        ]
    }

    fn guide(&self) -> &'static Guide {
        &guide::GUIDE
    }

    fn submission(&self, route: &Route, call: &Call) -> Result<Submission, Refusal> {
        let mut submission = match products::at(route.path) {
            Some(product) => {
                let mut submission = queue::read(product, call)?;
                queue::mark(&mut submission, product.prefix);
                submission
            }
            None => submit::read(route.operation.unwrap_or(Operation::TextToVideo), call)?,
        };
        submit::header(&mut submission, call)?;
        Ok(submission)
    }

    fn subject(&self, route: &Route, call: &Call) -> Result<String, Refusal> {
        match route.method {
            Method::Post => submit::polled(&call.fields),
            Method::Get | Method::Delete => submit::named(call.id.as_deref()),
        }
    }

    fn render(&self, answer: &Answer<'_>, context: &Context<'_>) -> Reply {
        let route = context.route;
        let is_result = route.is_some_and(|route| route.path.contains("result"));
        let is_queue = route.is_some_and(|route| route.method == Method::Get);
        let is_queued = route.is_some_and(|route| products::at(route.path).is_some());
        match answer {
            Answer::Submitted(task) if is_queued => Reply::json(202, &answer::queued(task, context.links)),
            Answer::Submitted(task) => Reply::json(200, &answer::receipt(task, context.links)),
            Answer::Status(task) if is_result => answer::result(task, context.links),
            Answer::Status(task) if is_queue || is_queued => {
                Reply::json(200, &answer::status(task, context.links))
            }
            Answer::Status(task) => Reply::json(200, &answer::poll(task, context.links)),
            Answer::Refused(refusal) => refused::render(refusal, context.request_id),
            // The vendor has neither, and no route asks for one.
            Answer::Listing(..)
            | Answer::Quoted(..)
            | Answer::Presets(_)
            | Answer::Balance(_)
            | Answer::Bill(..) => refused::render(&Refusal::no_route(), context.request_id),
        }
    }

    /// Callbacks are Kling's own, but to an address that came in the header of the queue: there it is one call at
    /// the end.
    fn webhook(&self, task: &Task, links: &dyn Links) -> Option<Vec<u8>> {
        let body = match task.origin.ask.extras.contains_key(QUEUE_WEBHOOK) {
            true if !task.word().is_final() => return None,
            true => answer::status(task, links),
            false => kling::answer::callback(task, links),
        };
        Some(body.to_string().into_bytes())
    }
}
