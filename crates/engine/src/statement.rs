//! Statement: what a tenant's money is, and what finished tasks cost. Nothing is changed.

use std::sync::Arc;

use domain::dialect::{Bill, Period};
use domain::money::Balance;
use domain::store::{Filter, Page};
use domain::{Refusal, StateWord, TenantId};

use crate::Engine;
use crate::submit::unavailable;

/// Tasks that are read at a time.
const READ_AT_ONCE: usize = 200;
/// Most tasks that are read for one part of a bill.
const READ_MOST: usize = 20_000;

impl Engine {
    /// A tenant's money.
    ///
    /// # Errors
    /// A refusal when the store does not answer.
    pub async fn balance(&self, tenant: TenantId) -> Result<Balance, Refusal> {
        let balance = self.store.balance(tenant).await.map_err(unavailable)?;
        balance.ok_or_else(Refusal::not_found)
    }

    /// The tasks that were charged in a period, newest submit first.
    ///
    /// # Errors
    /// A refusal when the store does not answer.
    pub async fn bill(&self, tenant: TenantId, period: &Period) -> Result<Bill, Refusal> {
        let filter = Filter {
            states: vec![StateWord::Succeeded],
            with_erased: true,
            ..Filter::default()
        };
        let mut bill = Bill::default();
        let (mut after, mut read) = (period.after, 0);
        loop {
            let page = Page::Cursor {
                after,
                limit: READ_AT_ONCE,
            };
            let part = self
                .store
                .list(tenant, &filter, page)
                .await
                .map_err(unavailable)?;
            for task in part.tasks {
                let charged_at = task.course.finished_at.unwrap_or(task.course.updated_at);
                if charged_at >= period.from && charged_at < period.to {
                    if bill.tasks.len() == period.limit {
                        bill.next = after;
                        return Ok(bill);
                    }
                    bill.tasks.push(Arc::clone(&task));
                }
                after = Some(task.id());
                read += 1;
            }
            if !part.has_more || read >= READ_MOST {
                bill.next = after.filter(|_| part.has_more);
                return Ok(bill);
            }
        }
    }
}
