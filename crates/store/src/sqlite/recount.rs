//! Counting anew what keys and tenants have used. Lines are summed by readers, part by part; a tenant is mended by
//! the one writer, so that nothing of it moves meanwhile, and one that is only looked at is read in a snapshot.
//! What differs is decided in `store/recount.rs`.

use std::collections::BTreeMap;

use domain::store::{Recount, RecountReport, Recounted, StoreError};
use rusqlite::{Connection, params};

use crate::proof::{PART_LINES, ROUNDS_MOST};
use crate::recount::{self, BEHIND_MOST, Count, Sums};
use crate::rows::{self, IdBytes};
use crate::spending::{Place, Sum};
use crate::sql::{self, proof};
use crate::sqlite::statements::last_line;
use crate::sqlite::{NUMBERING, SqliteStore, cells, fault, spending, tenants};

const WHAT: &str = "what was used";

pub(super) async fn recount(store: &SqliteStore, recount: Recount) -> Result<RecountReport, StoreError> {
    let mut sums = Sums::default();
    let mut report = RecountReport::default();
    for tenant in store.read(tenants::all).await? {
        sums = follow(store, sums).await?;
        let tenant = rows::id_bytes(tenant.id.0);
        let (count, behind) = (sums.take(tenant), sums.read);
        let (holders, wrong) = match recount {
            Recount::Dry => {
                let look = move |conn: &mut Connection| {
                    let snapshot = conn.transaction().map_err(fault::of(WHAT))?;
                    compared(&snapshot, tenant, (count, behind))
                };
                store.readers.read(look).await?
            }
            Recount::Mending => {
                let mend = move |conn: &Connection| {
                    let (holders, wrong) = compared(conn, tenant, (count.clone(), behind))?;
                    wrong.iter().try_for_each(|wrong| put(conn, wrong))?;
                    Ok((holders, wrong))
                };
                store.write_other(mend).await?
            }
        };
        sums.saw(holders);
        report.tenants += 1;
        wrong.into_iter().for_each(|wrong| report.add(wrong));
    }
    let nobodys = |conn: &Connection| cells::all(conn, WHAT, sql::USED_BY_NOBODY, [], recount::kept_of);
    let nobodys = store.read(nobodys).await?;
    for wrong in nobodys.into_iter().filter_map(|kept| sums.of_nobody(kept)) {
        if recount == Recount::Mending {
            store.write_other(move |conn| put(conn, &wrong)).await?;
        }
        report.add(wrong);
    }
    Ok(report)
}

/// Sums the lines that were booked since, where they are more than a few. They are numbered in the order of their
/// commits: there is one writer.
async fn follow(store: &SqliteStore, mut sums: Sums) -> Result<Sums, StoreError> {
    for _ in 0..ROUNDS_MOST {
        let last = rows::signed(store.read(last_line).await?, "a line's number")?;
        if last - sums.read <= BEHIND_MOST {
            break;
        }
        while sums.read < last {
            let end = last.min(sums.read + PART_LINES);
            let part = move |conn: &Connection| {
                let behind = sums.read;
                let params = params![behind, end];
                cells::each(conn, WHAT, &NUMBERING.of(proof::SPENT), params, |row| {
                    sums.spent(row)
                })?;
                sums.read = end;
                Ok(sums)
            };
            sums = store.read(part).await?;
        }
    }
    Ok(sums)
}

/// Who used anything of a tenant, and what is kept of it and wrong.
fn compared(
    conn: &Connection,
    tenant: IdBytes,
    (mut count, behind): (Count, i64),
) -> Result<(Vec<IdBytes>, Vec<Recounted>), StoreError> {
    let params = params![behind, i64::MAX];
    cells::each(conn, WHAT, &NUMBERING.of(proof::SPENT), params, |row| {
        count.spent(tenant, row)
    })?;
    let open = NUMBERING.of(sql::OPEN_TASKS_OF_TENANT);
    cells::each(conn, WHAT, &open, [tenant], |row| count.open(row))?;
    let kept = cells::all(conn, WHAT, sql::USED_BY_TENANT, [tenant], recount::kept_of)?;
    let mut kept: BTreeMap<Place, Sum> = kept.into_iter().collect();
    for place in count.unread(&kept) {
        let sum = spending::used(conn, &place)?;
        kept.extend(sum.map(|sum| (place, sum)));
    }
    Ok((count.holders().collect(), count.wrong(tenant, &kept)))
}

fn put(conn: &Connection, wrong: &Recounted) -> Result<(), StoreError> {
    let ((holder, day), sum) = recount::right(wrong);
    let params = params![holder, day, sum.spent, sum.open];
    cells::run(conn, WHAT, sql::SET_USED, params).map(drop)
}
