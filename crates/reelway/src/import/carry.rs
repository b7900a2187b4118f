//! Carries a plan out: each tenant with its keys and its money in one commit, so that it may be begun again
//! after any end; then keys of tenants that were here, then accounts.

use domain::Refusal;
use domain::store::StoreError;

use crate::admin::accounts::Books;
use crate::admin::keys::unavailable;
use crate::import::plan::Plan;

/// Carries a plan out; what could not be done is remarked in the plan. Answers how many tenants, keys and
/// accounts were brought over.
///
/// # Errors
/// A refusal when the store does not answer; what was done until then stays, and is found by the next plan.
pub async fn carry(plan: &mut Plan, books: &Books<'_>) -> Result<[usize; 3], Refusal> {
    let registry = books.store.registry();
    let mut done = [0; 3];
    for newcomer in std::mem::take(&mut plan.newcomers) {
        match registry.take_in(&newcomer).await {
            Ok(()) => {
                done[0] += 1;
                done[1] += newcomer.keys.len();
            }
            Err(StoreError::Taken(what)) => {
                let name = &newcomer.tenant.name;
                plan.remark(format!("tenant `{name}`: {what} was taken meanwhile"));
            }
            Err(error) => return Err(unavailable(&error)),
        }
    }
    for key in std::mem::take(&mut plan.keys) {
        match registry.create_key(&key).await {
            Ok(()) => done[1] += 1,
            Err(StoreError::Taken(_)) => plan.remark(format!("key `{}`: was taken meanwhile", key.name)),
            Err(error) => return Err(unavailable(&error)),
        }
    }
    for login in std::mem::take(&mut plan.logins) {
        let name = login.account.name.clone();
        match books.enrol_as(login.account, login.duty).await {
            Ok(_) => done[2] += 1,
            Err(refusal) if refusal.kind == domain::RefusalKind::Unavailable => return Err(refusal),
            Err(refusal) => plan.remark(format!("account `{name}`: {}", refusal.sentence())),
        }
    }
    Ok(done)
}
