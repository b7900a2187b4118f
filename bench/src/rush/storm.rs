//! Many submits at once, in turns over the processes and the dialects: against a balance for a known number of them,
//! and with a key whose budget is for a few.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use anyhow::bail;
use serde_json::{Value, json};

use super::dialects::{self, COST, Way};
use super::operator::{self, Tenancy};
use super::{Options, counted};
use crate::wire;

/// Wishes that a key's budget is for.
const BUDGETED: i64 = 20;
/// Answers that are shown of those that are wrong.
const SHOWN: usize = 5;

/// Both storms; how much was wrong.
///
/// # Errors
/// When a gateway does not answer.
pub(super) async fn both(options: &Options, addresses: &[SocketAddr]) -> anyhow::Result<usize> {
    let (submits, covered) = (options.submits, options.covered);
    let at = counted(addresses.len());
    let mut wrong = dear(addresses[0]).await?;
    let credit = i64::try_from(covered)?.saturating_mul(COST);
    let key = customer(addresses[0], ("rush", credit), &Value::Null).await?;
    let (taken, off) = storm(addresses, (&key, Way::Balance), submits).await?;
    let left = operator::available(addresses[0], "rush").await?;
    println!(
        "{at}: {submits} submits at once against a balance for {covered}: {taken} taken, {} refused, {off} \
         in another shape, available {left}",
        submits - taken,
    );
    wrong += off + usize::from(taken != covered || left != 0);
    let credit = i64::try_from(submits)?.saturating_mul(COST);
    let budget = json!({ "budget_micros": BUDGETED * COST });
    let key = customer(addresses[0], ("careful", credit), &budget).await?;
    let (taken, off) = storm(addresses, (&key, spent_budget()), submits).await?;
    println!(
        "{at}: {submits} submits at once with a key's budget for {BUDGETED}: {taken} taken, {off} in another \
         shape"
    );
    Ok(wrong + off + usize::from(i64::try_from(taken)? != BUDGETED))
}

/// How many dialects do not ask for [`COST`] of their wish: the sums would mean nothing.
async fn dear(address: SocketAddr) -> anyhow::Result<usize> {
    let key = customer(address, ("curious", 0), &Value::Null).await?;
    let mut wrong = 0;
    for dialect in &dialects::ALL {
        let mut call = wire::post(address, dialect.path, &(dialect.body)(), &key);
        let dry_run = http::HeaderValue::from_static("true");
        call.headers_mut().insert("reelway-dry-run", dry_run);
        let reply = operator::call(address, call).await?;
        if reply.json().pointer("/price/hold_micros") != Some(&json!(COST)) {
            println!("  {} does not cost {COST}: {}", dialect.name, reply.excerpt());
            wrong += 1;
        }
    }
    Ok(wrong)
}

/// What a key hears whose budget is spent to the last micro-dollar.
fn spent_budget() -> Way {
    Way::Limit(domain::limits::Hit {
        holder: domain::limits::Holder::Key,
        limit: domain::limits::Limit::Budget,
        most: BUDGETED * COST,
        left: 0,
    })
}

/// A tenant with so much money and one key, whose text is answered.
async fn customer(
    address: SocketAddr,
    (name, credit): (&str, i64),
    limits: &Value,
) -> anyhow::Result<String> {
    let tenancy = Tenancy {
        name,
        credit: Some(credit),
        limits: &Value::Null,
    };
    operator::tenant(address, &tenancy).await?;
    Ok(operator::key(address, name, limits).await?.text)
}

/// All submits at once: how many were taken, and how many answers were neither that nor the dialect's refusal.
async fn storm(
    addresses: &[SocketAddr],
    (key, way): (&str, Way),
    submits: usize,
) -> anyhow::Result<(usize, usize)> {
    let count = dialects::ALL.len();
    let calls = (0..submits).map(|number| {
        let dialect = &dialects::ALL[number % count];
        let address = addresses[number / count % addresses.len()];
        let call = wire::post(address, dialect.path, &(dialect.body)(), key);
        tokio::spawn(async move { anyhow::Ok((dialect, operator::call(address, call).await?)) })
    });
    let calls: Vec<_> = calls.collect();
    let (mut taken, mut wrong) = (0, BTreeMap::new());
    for call in calls {
        let (dialect, reply) = match call.await {
            Ok(answered) => answered?,
            Err(error) => bail!("a submit panicked: {error}"),
        };
        if (200..300).contains(&reply.status) {
            taken += 1;
        } else if let Some(fault) = dialect.fault(&way, &reply) {
            *wrong
                .entry(format!("{}: {fault}", dialect.name))
                .or_insert(0_usize) += 1;
        }
    }
    for (answer, times) in wrong.iter().take(SHOWN) {
        println!("  {times} × {answer}");
    }
    Ok((taken, wrong.values().sum()))
}
