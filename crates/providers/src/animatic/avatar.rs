//! Avatars: a portrait that speaks a sound.

use ::animatic::{Avatar, Wish, Work};
use domain::Role;
use domain::provider::UpstreamError;

use super::given::Given;

/// Reads the sound; the portrait is the first frame.
pub(super) fn read(given: &mut Given<'_>, wish: &mut Wish) -> Result<(), UpstreamError> {
    wish.work = Work::Avatar(Avatar {
        voice: given.need(Role::Audio, "sound_file")?,
    });
    Ok(())
}
