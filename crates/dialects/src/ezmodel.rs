//! Docs: <https://doc.ezmodel.cloud> (pages of the Kling calls) and the relay's published source at
//! <https://github.com/cuijinyu/new-api>, checked 2026-11-21.
//!
//! EZModel's task envelope over Kling's native calls: native fields go in, a flat video object answers a
//! submit, and a read answers `{code: "success", message, data}` with the whole native answer inside.
//! Calls that the vendor passes through, native in and native out, are in `ezmodel/passed.rs`. Reading a submit is in `ezmodel/submit.rs`, the vendor's own rules in `ezmodel/rules.rs`; answers are in
//! `ezmodel/answer.rs`, refusals in `ezmodel/refused.rs`. Where this differs from the vendor is in
//! `ezmodel/guide.rs`.

use domain::dialect::{Answer, Context, Guide, Links, Submission};
use domain::http::Reply;
use domain::store::{Filter, Page};
use domain::{Call, Dialect, Intent, Operation, Refusal, Route, Task};

use crate::kling::routes::run_at;
use crate::kling::{self, BODY_LIMIT, FRAMES, IMAGE_BODY_LIMIT, REFERENCES, read_at, submit_at};
use crate::kling::{avatar, elements, library, lips, motion, omni};

pub(crate) mod answer;
mod guide;
mod passed;
mod refused;
mod rules;
mod submit;

const ROUTES: &[Route] = &[
    submit_at(
        &["/kling/v1/videos/text2video"],
        Operation::TextToVideo,
        &[],
        BODY_LIMIT,
    ),
    read_at(
        &["/kling/v1/videos/text2video/{id}"],
        Intent::Status,
        Operation::TextToVideo,
    ),
    submit_at(
        &["/kling/v1/videos/image2video"],
        Operation::ImageToVideo,
        FRAMES,
        IMAGE_BODY_LIMIT,
    ),
    read_at(
        &["/kling/v1/videos/image2video/{id}"],
        Intent::Status,
        Operation::ImageToVideo,
    ),
    submit_at(
        &["/kling/v1/videos/multi-image2video"],
        Operation::MultiImageToVideo,
        REFERENCES,
        IMAGE_BODY_LIMIT,
    ),
    read_at(
        &["/kling/v1/videos/multi-image2video/{id}"],
        Intent::Status,
        Operation::MultiImageToVideo,
    ),
    submit_at(
        &["/kling/v1/videos/omni-video"],
        Operation::OmniVideo,
        omni::MEDIA,
        IMAGE_BODY_LIMIT,
    ),
    read_at(
        &["/kling/v1/videos/omni-video/{id}"],
        Intent::Status,
        Operation::OmniVideo,
    ),
    submit_at(
        &["/kling/v1/videos/motion-control"],
        Operation::MotionControl,
        motion::MEDIA,
        IMAGE_BODY_LIMIT,
    ),
    read_at(
        &["/kling/v1/videos/motion-control/{id}"],
        Intent::Status,
        Operation::MotionControl,
    ),
    submit_at(
        &["/kling/v1/videos/advanced-lip-sync"],
        Operation::LipSync,
        lips::MEDIA,
        IMAGE_BODY_LIMIT,
    ),
    read_at(
        &["/kling/v1/videos/advanced-lip-sync/{id}"],
        Intent::Status,
        Operation::LipSync,
    ),
    submit_at(
        &["/kling/v1/videos/video-extend"],
        Operation::VideoExtend,
        &[],
        BODY_LIMIT,
    ),
    read_at(
        &["/kling/v1/videos/video-extend/{id}"],
        Intent::Status,
        Operation::VideoExtend,
    ),
    submit_at(
        &["/kling/v1/videos/multi-elements"],
        Operation::MultiElements,
        elements::MEDIA,
        IMAGE_BODY_LIMIT,
    ),
    read_at(
        &["/kling/v1/videos/multi-elements/{id}"],
        Intent::Status,
        Operation::MultiElements,
    ),
    submit_at(
        &["/kling/v1/videos/avatar/image2video"],
        Operation::Avatar,
        avatar::MEDIA,
        IMAGE_BODY_LIMIT,
    ),
    read_at(
        &["/kling/v1/videos/avatar/image2video/{id}"],
        Intent::Status,
        Operation::Avatar,
    ),
    submit_at(
        &["/kling/v1/general/advanced-custom-elements"],
        Operation::CustomElement,
        library::MEDIA,
        IMAGE_BODY_LIMIT,
    ),
    read_at(
        &["/kling/v1/general/advanced-custom-elements/{id}"],
        Intent::Status,
        Operation::CustomElement,
    ),
    read_at(
        &["/kling/v1/general/advanced-custom-elements"],
        Intent::List,
        Operation::CustomElement,
    ),
    read_at(
        &["/kling/v1/general/advanced-presets-elements"],
        Intent::Presets,
        Operation::CustomElement,
    ),
    run_at(
        &["/kling/v1/general/delete-elements"],
        Operation::ItemDeletion,
        &[],
        BODY_LIMIT,
    ),
    run_at(
        &["/kling/v1/videos/identify-face"],
        Operation::FaceIdentification,
        &[],
        BODY_LIMIT,
    ),
    run_at(&["/kling/v1/audio/tts"], Operation::Speech, &[], BODY_LIMIT),
    run_at(&["/kling/v1/tts"], Operation::Speech, &[], BODY_LIMIT),
    run_at(
        &["/kling/v1/videos/multi-elements/init-selection"],
        Operation::AreaSelection,
        &[],
        BODY_LIMIT,
    ),
    run_at(
        &["/kling/v1/videos/multi-elements/add-selection"],
        Operation::AreaSelection,
        &[],
        BODY_LIMIT,
    ),
    run_at(
        &["/kling/v1/videos/multi-elements/delete-selection"],
        Operation::AreaSelection,
        &[],
        BODY_LIMIT,
    ),
    run_at(
        &["/kling/v1/videos/multi-elements/clear-selection"],
        Operation::AreaSelection,
        &[],
        BODY_LIMIT,
    ),
    run_at(
        &["/kling/v1/videos/multi-elements/preview-selection"],
        Operation::AreaSelection,
        &[],
        BODY_LIMIT,
    ),
];

/// EZModel's task envelope.
pub struct EzModel;

impl Dialect for EzModel {
    fn name(&self) -> &'static str {
        "ezmodel"
    }

    fn mount(&self) -> &'static str {
        "/ezmodel"
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
        submit::read(route, call)
    }

    fn selection(&self, route: &Route, call: &Call) -> Result<(Filter, Page), Refusal> {
        kling::list::read(route.operation, call)
    }

    fn render(&self, answer: &Answer<'_>, context: &Context<'_>) -> Reply {
        if let Some(reply) = passed::render(answer, context) {
            return reply;
        }
        match answer {
            Answer::Submitted(task) => Reply::json(200, &answer::receipt(task)),
            Answer::Status(task) => {
                Reply::json(200, &answer::status(task, context.request_id, context.links))
            }
            Answer::Refused(refusal) => refused::render(refusal, context.request_id),
            // The vendor has neither, and no route asks for one.
            Answer::Listing(..)
            | Answer::Quoted(..)
            | Answer::Presets(_)
            | Answer::Balance(_)
            | Answer::Bill(..) => refused::render(&Refusal::no_route(), context.request_id),
        }
    }

    /// The vendor has no callbacks of its own: the address goes to Kling, whose callback this is.
    fn webhook(&self, task: &Task, links: &dyn Links) -> Option<Vec<u8>> {
        let body = kling::answer::callback(task, links);
        Some(body.to_string().into_bytes())
    }
}
