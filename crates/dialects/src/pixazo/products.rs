//! The products of Pixazo's queue as data: where each is submitted and read, what its ids begin with, and what
//! stands behind it. What their fields are is in `pixazo/guide.rs`.
//!
//! Source: <https://github.com/Pixazo-AI/skills>, the Kling page of 2026-08-20, checked 2026-11-21.

use domain::dialect::Method;
use domain::{Intent, Operation, Route};

/// What a product makes out of what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// A clip from words.
    Words,
    /// A clip that starts, and may end, on a picture.
    Frames,
    /// A clip from pictures to look like.
    References,
    /// A clip from a clip to look like.
    Clip,
    /// A clip that is changed.
    Edit,
    /// A person moved like in a clip.
    Motion,
    /// Stills.
    Stills,
    /// A talking portrait.
    Portrait,
    /// Lips moved to words.
    Lips,
}

/// One product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Product {
    /// What it makes out of what.
    pub(super) shape: Shape,
    /// Where it is submitted.
    submit: &'static [&'static str],
    /// Where its result is read.
    result: &'static [&'static str],
    /// What its ids begin with.
    pub(super) prefix: &'static str,
    /// The kind of work.
    pub(super) operation: Operation,
    /// The model, of clips by its name in Kling's new standard.
    pub(super) model: &'static str,
    /// The resolution.
    pub(super) resolution: &'static str,
}

const fn queued(
    shape: Shape,
    submit: &'static [&'static str],
    result: &'static [&'static str],
    prefix: &'static str,
    (operation, model, resolution): (Operation, &'static str, &'static str),
) -> Product {
    Product {
        shape,
        submit,
        result,
        prefix,
        operation,
        model,
        resolution,
    }
}

/// Every product.
pub(super) static PRODUCTS: [Product; COUNT] = TABLE;

/// How many products there are.
pub(super) const COUNT: usize = 20;

const TABLE: [Product; COUNT] = [
    queued(
        Shape::Words,
        &["/kling-3-0-text-to-video-standard/v1/kling-3-0-text-to-video-standard-request"],
        &["/kling-3-0-text-to-video-standard/v1/kling-3-0-text-to-video-standard-request-result"],
        "kling-3-0-text-to-video-standard",
        (Operation::TextToVideo, "kling-3.0", "720p"),
    ),
    queued(
        Shape::Frames,
        &["/kling-3-0-image-to-video-standard/v1/kling-3-0-image-to-video-standard-request"],
        &["/kling-3-0-image-to-video-standard/v1/kling-3-0-image-to-video-standard-request-result"],
        "kling-3-0-image-to-video-standard",
        (Operation::ImageToVideo, "kling-3.0", "720p"),
    ),
    queued(
        Shape::Words,
        &["/kling-video-v3-turbo-pro-text-to-video/v1/kling-video-v3-turbo-pro-text-to-video-request"],
        &["/kling-video-v3-turbo-pro-text-to-video/v1/kling-video-v3-turbo-pro-text-to-video-request-result"],
        "kling-video-v3-turbo-pro-text-to-video",
        (Operation::TextToVideo, "kling-3.0-turbo", "1080p"),
    ),
    queued(
        Shape::Frames,
        &["/kling-video-v3-turbo-pro-image-to-video/v1/kling-video-v3-turbo-pro-image-to-video-request"],
        &[
            "/kling-video-v3-turbo-pro-image-to-video/v1/kling-video-v3-turbo-pro-image-to-video-request-result",
        ],
        "kling-video-v3-turbo-pro-image-to-video",
        (Operation::ImageToVideo, "kling-3.0-turbo", "1080p"),
    ),
    queued(
        Shape::Words,
        &["/kling-video-o3-4k-text-to-video/v1/kling-video-o3-4k-text-to-video-request"],
        &["/kling-video-o3-4k-text-to-video/v1/kling-video-o3-4k-text-to-video-request-result"],
        "kling-video-o3-4k-text-to-video",
        (Operation::OmniVideo, "kling-3.0-omni", "4k"),
    ),
    queued(
        Shape::Frames,
        &["/kling-video-o3-4k-image-to-video/v1/kling-video-o3-4k-image-to-video-request"],
        &["/kling-video-o3-4k-image-to-video/v1/kling-video-o3-4k-image-to-video-request-result"],
        "kling-video-o3-4k-image-to-video",
        (Operation::OmniVideo, "kling-3.0-omni", "4k"),
    ),
    queued(
        Shape::References,
        &["/kling-video-o3-4k-reference-to-video/v1/kling-video-o3-4k-reference-to-video-request"],
        &["/kling-video-o3-4k-reference-to-video/v1/kling-video-o3-4k-reference-to-video-request-result"],
        "kling-video-o3-4k-reference-to-video",
        (Operation::OmniVideo, "kling-3.0-omni", "4k"),
    ),
    queued(
        Shape::Motion,
        &["/kling-video-v3-standard-motion-control/v1/kling-video-v3-standard-motion-control-request"],
        &["/kling-video-v3-standard-motion-control/v1/kling-video-v3-standard-motion-control-request-result"],
        "kling-video-v3-standard-motion-control",
        (Operation::MotionControl, "kling-3.0", "720p"),
    ),
    queued(
        Shape::Motion,
        &["/kling-video-v3-pro-motion-control/v1/kling-video-v3-pro-motion-control-request"],
        &["/kling-video-v3-pro-motion-control/v1/kling-video-v3-pro-motion-control-request-result"],
        "kling-video-v3-pro-motion-control",
        (Operation::MotionControl, "kling-3.0", "1080p"),
    ),
    queued(
        Shape::Motion,
        &["/kling-video-v2-6-standard-motion-control/v1/kling-video-v2-6-standard-motion-control-request"],
        &[
            "/kling-video-v2-6-standard-motion-control/v1/kling-video-v2-6-standard-motion-control-request-result",
        ],
        "kling-video-v2-6-standard-motion-control",
        (Operation::MotionControl, "kling-2.6", "720p"),
    ),
    queued(
        Shape::Edit,
        &["/kling-o1-edit-video-video-to-video-634/v1/kling-o1-edit-video-video-to-video-request"],
        &["/kling-o1-edit-video-video-to-video-634/v1/kling-o1-edit-video-video-to-video-request-result"],
        "kling-o1-edit-video-video-to-video-634",
        (Operation::OmniVideo, "kling-o1", "1080p"),
    ),
    queued(
        Shape::Frames,
        &[
            "/kling-o1-first-frame-last-frame-to-video-857/v1/kling-o1-first-frame-last-frame-to-video-request",
        ],
        &[
            "/kling-o1-first-frame-last-frame-to-video-857/v1/kling-o1-first-frame-last-frame-to-video-request-result",
        ],
        "kling-o1-first-frame-last-frame-to-video-857",
        (Operation::OmniVideo, "kling-o1", "1080p"),
    ),
    queued(
        Shape::References,
        &["/kling-o1-reference-image-to-video-382/v1/kling-o1-reference-image-to-video-request"],
        &["/kling-o1-reference-image-to-video-382/v1/kling-o1-reference-image-to-video-request-result"],
        "kling-o1-reference-image-to-video-382",
        (Operation::OmniVideo, "kling-o1", "1080p"),
    ),
    queued(
        Shape::Clip,
        &["/kling-o1-reference-video-to-video-315/v1/kling-o1-reference-video-to-video-request"],
        &["/kling-o1-reference-video-to-video-315/v1/kling-o1-reference-video-to-video-request-result"],
        "kling-o1-reference-video-to-video-315",
        (Operation::OmniVideo, "kling-o1", "1080p"),
    ),
    queued(
        Shape::Stills,
        &["/kling-o1-image-208/v1/kling-o1-image-request"],
        &["/kling-o1-image-208/v1/kling-o1-image-request-result"],
        "kling-o1-image-208",
        (Operation::OmniImage, "kling-image-o1", "1k"),
    ),
    queued(
        Shape::Stills,
        &["/kling-image/v1/kling-image-request"],
        &["/kling-image/v1/kling-image-request-result"],
        "kling-image",
        (Operation::OmniImage, "kling-v3-omni", "1k"),
    ),
    queued(
        Shape::Stills,
        &["/kling-image-o3-i2i/v1/kling-image-o3-i2i-request"],
        &["/kling-image-o3-i2i/v1/kling-image-o3-i2i-request-result"],
        "kling-image-o3-i2i",
        (Operation::OmniImage, "kling-v3-omni", "1k"),
    ),
    queued(
        Shape::Stills,
        &["/kling-image-t2i/v1/kling-image-t2i-request"],
        &["/kling-image-t2i/v1/kling-image-t2i-request-result"],
        "kling-image-t2i",
        (Operation::ImageGeneration, "kling-v3", "1k"),
    ),
    queued(
        Shape::Portrait,
        &["/kling-ai-avatar-v2-pro-789/v1/kling-ai-avatar-v2-pro-request"],
        &["/kling-ai-avatar-v2-pro-789/v1/kling-ai-avatar-v2-pro-request-result"],
        "kling-ai-avatar-v2-pro-789",
        (Operation::Avatar, "kling-avatar", "1080p"),
    ),
    queued(
        Shape::Lips,
        &["/kling-lipsync-text-to-video/v1/text-to-video/lip-sync"],
        &["/kling-lipsync-text-to-video/v1/text-to-video/result/{id}"],
        "kling-lipsync-text-to-video",
        (Operation::LipSync, "kling-lip-sync", "720p"),
    ),
];

/// The product that is submitted at a path.
pub(super) fn at(path: &str) -> Option<&'static Product> {
    PRODUCTS.iter().find(|product| product.submit[0] == path)
}

/// The fields that carry media; a path goes through the entries of a list.
const MEDIA: &[&str] = &[
    "start_image_url",
    "end_image_url",
    "image_url",
    "image_urls",
    "video_url",
    "audio_url",
    "elements.frontal_image_url",
    "elements.reference_image_urls",
];

/// Submits and results of every product.
pub(super) const ROUTES: [Route; 2 * COUNT] = {
    let mut routes = [result(&TABLE[0]); 2 * COUNT];
    let mut n = 0;
    while n < COUNT {
        routes[2 * n] = submit(&TABLE[n]);
        routes[2 * n + 1] = result(&TABLE[n]);
        n += 1;
    }
    routes
};

const fn submit(product: &Product) -> Route {
    Route {
        method: Method::Post,
        path: product.submit[0],
        roots: product.submit,
        intent: Intent::Submit,
        operation: Some(product.operation),
        media: MEDIA,
        limit_bytes: crate::kling::IMAGE_BODY_LIMIT,
    }
}

/// The one of moved lips is read by `GET`, with the id in the path.
const fn result(product: &Product) -> Route {
    let is_get = matches!(product.shape, Shape::Lips);
    Route {
        method: if is_get { Method::Get } else { Method::Post },
        path: product.result[0],
        roots: product.result,
        intent: Intent::Status,
        operation: Some(product.operation),
        media: &[],
        limit_bytes: if is_get { 0 } else { super::POLL_BODY_LIMIT },
    }
}
