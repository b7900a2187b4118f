//! Which wish an earlier task becomes with other words: the same one, or one that changes the clip that it made.

use domain::dialect::{Remake, Submission};
use domain::{Dialect, Task};

use crate::wiring::House;

/// An earlier wish with other words, or the earlier clip changed by them, where the dialect says how and that can
/// be handed out, served and priced.
pub(super) async fn remade(
    house: &House,
    dialect: &dyn Dialect,
    earlier: &Task,
    remake: Remake,
) -> Submission {
    let mut ask = engine::remake(earlier, &remake.prompt);
    let by_clip = dialect.by_clip(earlier, &ask);
    if let Some(by_clip) = by_clip.filter(|_| hands_out(house, earlier)) {
        let tenant = earlier.origin.tenant;
        if house.engine.appraise(tenant, by_clip.clone()).await.is_ok() {
            ask = by_clip;
        }
    }
    Submission {
        ask,
        external_id: None,
        callback_url: earlier.origin.callback_url.clone(),
        ignored: remake.ignored,
        dry_run: false,
        deadline_at: None,
    }
}

/// Whether who made a task can be given its clip: an upstream fetches it from here.
fn hands_out(house: &House, earlier: &Task) -> bool {
    house.lender.is_some() || earlier.origin.lane == engine::ANIMATIC
}
