//! Video extension: an earlier clip and what follows it. Also how a wish takes the sides and the pace of a clip.

use ::animatic::{Extend, MAX_DURATION_MS, MAX_FPS, MIN_DURATION_MS, MIN_FPS, Wish, Work};
use domain::Role;
use domain::provider::UpstreamError;

use super::given::Given;
use super::wish::{framed, refused};

/// Reads the clip.
pub(super) fn read(given: &mut Given<'_>, wish: &mut Wish) -> Result<(), UpstreamError> {
    let clip = given.need(Role::SourceVideo, "video_id")?;
    let before = sized_like(&clip, given, wish)?;
    let added_ms = wish.duration_ms.saturating_sub(before);
    wish.work = Work::Extend(Extend {
        clip,
        added_ms: added_ms.clamp(MIN_DURATION_MS, MAX_DURATION_MS),
    });
    Ok(())
}

/// Gives a wish the sides of a clip, within the pixels that were asked for, and its frames a second where none were
/// asked for. Answers the clip's length in milliseconds.
pub(super) fn sized_like(clip: &[u8], given: &Given<'_>, wish: &mut Wish) -> Result<u32, UpstreamError> {
    let facts = ::animatic::probe(clip).map_err(|error| refused(&error.to_string()))?;
    (wish.width, wish.height) = framed(given.ask.size, (facts.width, facts.height));
    if given.ask.fps.is_none() {
        wish.fps = (facts.fps.round() as u32).clamp(MIN_FPS, MAX_FPS);
    }
    Ok(facts.duration_ms)
}
