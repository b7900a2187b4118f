//! Motion control: a picture that moves as a clip moves.

use ::animatic::{MotionControl, Wish, Work};
use domain::Role;
use domain::provider::UpstreamError;

use super::given::Given;
use super::omni::KEEPS_SOUND;

/// Reads the clip and the picture.
pub(super) fn read(given: &mut Given<'_>, wish: &mut Wish) -> Result<(), UpstreamError> {
    if wish.first_frame.is_none() && !wish.references.is_empty() {
        wish.first_frame = Some(wish.references.remove(0));
    }
    wish.work = Work::MotionControl(MotionControl {
        clip: given.need(Role::MotionVideo, "video_url")?,
        keeps_sound: given.keeps(KEEPS_SOUND),
    });
    Ok(())
}
