//! Counting anew what keys and tenants have used. Lines are summed part by part, each a short statement; a tenant is
//! mended under the lock of its pockets, which everybody holds who adds to what was used, and one that is only
//! looked at is read at one moment without a lock. What differs is decided in `store/recount.rs`.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use deadpool_postgres::ClientWrapper;
use domain::store::{Recount, RecountReport, Recounted, StoreError};

use crate::cache::Written;
use crate::nouns::{self, Columns as _};
use crate::postgres::cells::{self, Cells};
use crate::postgres::fault::Trouble;
use crate::postgres::ground::{Ground, Job, Session, fetch, run};
use crate::postgres::verify::{BEGIN, settled};
use crate::postgres::{NUMBERING, statements::last_line};
use crate::proof::{PART_LINES, ROUNDS_MOST};
use crate::recount::{self, BEHIND_MOST, Count, Sums};
use crate::rows::{self, IdBytes};
use crate::spending::{Place, Sum};
use crate::sql::{self, proof};

const LOCK: &str = "SELECT tenant FROM balances WHERE tenant = $1 FOR NO KEY UPDATE";

/// Who used anything of a tenant, and what is kept of it and wrong.
type Compared = (Vec<IdBytes>, Vec<Recounted>);

pub(super) async fn recount(ground: &Arc<Ground>, recount: Recount) -> Result<RecountReport, StoreError> {
    let mut sums = Sums::default();
    let mut report = RecountReport::default();
    let tenants = ground.ask(sql::TENANTS, &[]).await?;
    for tenant in cells::all(&tenants, nouns::tenant_of)? {
        follow(ground, &mut sums).await?;
        let tenant = rows::id_bytes(tenant.id.0);
        let of_tenant = OfTenant {
            tenant,
            count: sums.take(tenant),
            behind: sums.read,
        };
        let (holders, wrong) = match recount {
            Recount::Dry => looked_at(ground, &of_tenant).await?,
            Recount::Mending => ground.work(of_tenant).await?,
        };
        sums.saw(holders);
        report.tenants += 1;
        wrong.into_iter().for_each(|wrong| report.add(wrong));
    }
    let nobodys = cells::all(&ground.ask(sql::USED_BY_NOBODY, &[]).await?, recount::kept_of)?;
    for wrong in nobodys.into_iter().filter_map(|kept| sums.of_nobody(kept)) {
        if recount == Recount::Mending {
            ground.work(Put(wrong)).await?;
        }
        report.add(wrong);
    }
    Ok(report)
}

/// Sums the lines that were booked since, where they are more than a few, up to a place behind which no earlier one
/// can appear any more.
async fn follow(ground: &Ground, sums: &mut Sums) -> Result<(), StoreError> {
    for _ in 0..ROUNDS_MOST {
        let last = rows::signed(last_line(ground).await?, "a line's number")?;
        if last - sums.read <= BEHIND_MOST {
            break;
        }
        let last = rows::signed(settled(ground).await?, "a line's number")?;
        while sums.read < last {
            let end = last.min(sums.read + PART_LINES);
            let part = ground
                .ask(&NUMBERING.of(proof::SPENT), &[&sums.read, &end])
                .await?;
            part.iter().try_for_each(|row| sums.spent(&Cells(row)))?;
            sums.read = end;
        }
    }
    Ok(())
}

/// A tenant with what its lines up to a place say that was used.
struct OfTenant {
    tenant: IdBytes,
    count: Count,
    behind: i64,
}

impl OfTenant {
    /// What is wrong, at the one moment that this transaction sees of the tenant.
    async fn compared(&self, client: &ClientWrapper) -> Result<Compared, Trouble> {
        let (tenant, mut count) = (&self.tenant[..], self.count.clone());
        for row in fetch(client, &NUMBERING.of(proof::SPENT), &[&self.behind, &i64::MAX]).await? {
            count.spent(self.tenant, &Cells(&row))?;
        }
        for row in fetch(client, &NUMBERING.of(sql::OPEN_TASKS_OF_TENANT), &[&tenant]).await? {
            count.open(&Cells(&row))?;
        }
        let kept = fetch(client, sql::USED_BY_TENANT, &[&tenant]).await?;
        let kept = cells::all(&kept, recount::kept_of)?;
        let mut kept: BTreeMap<Place, Sum> = kept.into_iter().collect();
        for (holder, day) in count.unread(&kept) {
            let used = fetch(client, sql::USED, &[&&holder[..], &day]).await?;
            if let Some(row) = used.first().map(Cells) {
                let sum = Sum {
                    spent: row.number(0)?,
                    open: row.number(1)?,
                };
                kept.insert((holder, day), sum);
            }
        }
        Ok((count.holders().collect(), count.wrong(self.tenant, &kept)))
    }
}

#[async_trait]
impl Job for OfTenant {
    type Answer = Compared;

    async fn run(&self, client: &Session<'_>) -> Result<Written<Compared>, Trouble> {
        run(client, LOCK, &[&&self.tenant[..]]).await?;
        let (holders, wrong) = self.compared(client).await?;
        for wrong in &wrong {
            put(client, wrong).await?;
        }
        Ok(Written::other((holders, wrong)))
    }
}

/// Looks at a tenant without a lock.
async fn looked_at(ground: &Ground, of_tenant: &OfTenant) -> Result<Compared, StoreError> {
    let mut lent = ground.lent().await?;
    let look = async {
        let client = lent.client()?;
        client.batch_execute(BEGIN).await?;
        let compared = of_tenant.compared(client).await?;
        client.batch_execute("COMMIT").await?;
        Ok(compared)
    };
    let compared = look.await.map_err(Trouble::into_error)?;
    lent.give_back();
    Ok(compared)
}

struct Put(Recounted);

#[async_trait]
impl Job for Put {
    type Answer = ();

    async fn run(&self, client: &Session<'_>) -> Result<Written<()>, Trouble> {
        put(client, &self.0).await.map(Written::other)
    }
}

async fn put(client: &ClientWrapper, wrong: &Recounted) -> Result<(), Trouble> {
    let ((holder, day), sum) = recount::right(wrong);
    run(
        client,
        sql::SET_USED,
        &[&&holder[..], &day, &sum.spent, &sum.open],
    )
    .await?;
    Ok(())
}
