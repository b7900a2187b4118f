//! Measures claims from a long queue of many tenants. Arguments: an address of an empty database
//! (`sqlite:PATH` or `postgres://…`), how many tasks wait, of how many tenants.

use std::sync::Arc;

use domain::store::{Birth, Claim};
use domain::task::Origin;
use domain::{Id, StateWord, Store, Task};
use store::{Lock, Options};
use testkit::sample;

/// Births in one batch.
const BATCH: usize = 64;
/// Claims of each size.
const CLAIMS: u32 = 50;

#[expect(clippy::disallowed_methods, reason = "a measurement is of real time")]
fn now() -> std::time::Instant {
    std::time::Instant::now()
}

async fn fill(store: &Arc<dyn Store>, tasks: usize, tenants: usize) {
    for n in 1..=tenants {
        let row = sample::tenant_row(n as u128, true);
        store.registry().create_tenant(&row).await.expect("a tenant");
    }
    for first in (0..tasks).step_by(BATCH) {
        let births = (first..tasks.min(first + BATCH)).map(|n| {
            let id = Id((u128::from(sample::at(0).0.unsigned_abs()) << 80) | n as u128);
            // The first tenant waits with nine of ten tasks.
            let tenant = if n % 10 == 0 { 1 + n / 10 % tenants } else { 1 };
            let origin = Origin {
                tenant: sample::tenant(tenant as u128),
                ..sample::origin(id)
            };
            Birth::from(Task::born(origin))
        });
        store.insert(births.collect()).await.expect("a batch of births");
    }
}

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().expect("the address of an empty database");
    let mut number = |default| arguments.next().map_or(default, |n| n.parse().expect("a number"));
    let (tasks, tenants) = (number(100_000), number(100));
    let options = Options {
        url,
        cache_bytes: 64 << 20,
        lock: Lock::Exclusive,
    };
    let store = store::open(options).await.expect("opens");
    fill(&store, tasks, tenants).await;
    for limit in [1, 16, 256] {
        let (watch, mut after, mut leased) = (now(), None, 0);
        for _ in 0..CLAIMS {
            let claim = Claim {
                node: "node-1".to_owned(),
                now: sample::at(1_000),
                lease_until: sample::at(20_000),
                states: vec![StateWord::Queued],
                lanes: Some(vec!["animatic".to_owned()]),
                after,
                limit,
            };
            let claimed = store.claim(&claim).await.expect("a claim is answered");
            after = claimed.last().map(|task| task.origin.tenant);
            leased += claimed.len();
        }
        let each = watch.elapsed() / CLAIMS;
        println!("{CLAIMS} claims of {limit}: {leased} rows, {each:.1?} a claim");
    }
}
