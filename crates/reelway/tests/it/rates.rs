//! Requests a minute, on a clock that the test moves: a bucket is as large as it should be, fills evenly, and
//! is one for all processes on a database.

use std::sync::Arc;
use std::time::Duration;

use domain::limits::{Holder, Limit};
use domain::tenant::{KeyRole, KeyTerms, Limits, TenantTerms};
use domain::{RefusalKind, Store};
use reelway::gate::Caller;
use reelway::gate::rates::{Rates, Standing};
use reelway::gate::terms::Terms;
use store::{Lock, Options};
use testkit::clock::ManualClock;
use testkit::postgres::cluster;
use testkit::sample;

/// Time in which one of sixty requests a minute comes back, in milliseconds.
const STEP_MS: i64 = 1_000;

fn a_minute(most: Option<u32>) -> Limits {
    Limits {
        requests_per_minute: most,
        ..Limits::default()
    }
}

/// A caller whose `n`th key and whose tenant may send so many requests a minute.
fn caller(n: u128, key: Option<u32>, tenant: Option<u32>) -> Caller {
    let key_terms = KeyTerms {
        limits: a_minute(key),
        ..KeyTerms::default()
    };
    let tenant_terms = TenantTerms {
        limits: a_minute(tenant),
        ..TenantTerms::default()
    };
    Caller {
        tenant: sample::tenant(1),
        key: sample::key_row(n, "").id,
        holder: sample::key_row(n, "").id,
        role: KeyRole::Client,
        dialect: None,
        terms: Arc::new(Terms::of(&key_terms, &tenant_terms)),
    }
}

/// How many of so many requests are let through.
fn let_through(rates: &Rates, caller: &Caller, requests: usize) -> usize {
    (0..requests)
        .filter(|_| rates.take(caller).verdict.is_ok())
        .count()
}

#[test]
fn keys_of_one_line_have_one_minute_also_under_different_limits() {
    let clock = Arc::new(ManualClock::new());
    let rates = Rates::new(clock.clone());
    let of_the_line = |n, most| Caller {
        holder: sample::key_row(1, "").id,
        ..caller(n, Some(most), None)
    };
    let (old, new) = (of_the_line(1, 60), of_the_line(2, 6));
    // Half of the minute is used by the one, some time after both began: half of its own requests are left to
    // the other.
    assert_eq!(let_through(&rates, &new, 6), 6);
    clock.advance_ms(600_000);
    assert_eq!(let_through(&rates, &old, 30), 30);
    assert_eq!(let_through(&rates, &new, 10), 3);
    for _ in 0..5 {
        assert_eq!(
            let_through(&rates, &old, 1),
            0,
            "a limit that changes fills nothing up"
        );
        assert_eq!(let_through(&rates, &new, 1), 0);
    }
    assert_eq!(
        let_through(&rates, &caller(2, Some(6), None), 10),
        6,
        "who is no successor has its own"
    );
}

#[test]
fn a_minutes_requests_may_come_at_once_and_come_back_evenly() {
    let clock = Arc::new(ManualClock::new());
    let rates = Rates::new(clock.clone());
    let caller = caller(1, Some(60), None);
    for n in 1..=60 {
        let standing = rates.take(&caller).standing;
        let expected = Standing {
            most: 60,
            left: 60 - n,
            full_in: Duration::from_secs(u64::from(n)),
        };
        assert_eq!(standing, Some(expected));
    }
    let refused = rates.take(&caller).verdict.expect_err("the sixty-first");
    let hit = refused.hit.expect("the limit is named");
    assert_eq!(
        (refused.kind, hit.holder, hit.limit, hit.most),
        (RefusalKind::TooFast, Holder::Key, Limit::RequestsPerMinute, 60)
    );
    assert_eq!(refused.retry_after_seconds, Some(1));
    clock.advance_ms(STEP_MS - 1);
    assert_eq!(let_through(&rates, &caller, 2), 0);
    clock.advance_ms(1);
    assert_eq!(let_through(&rates, &caller, 2), 1);
    clock.advance_ms(30 * STEP_MS);
    assert_eq!(let_through(&rates, &caller, 60), 30);
    clock.advance_ms(600 * STEP_MS);
    assert_eq!(let_through(&rates, &caller, 100), 60, "no more than a minute's");
}

#[test]
fn a_key_and_its_tenant_are_both_counted_and_the_one_with_less_is_told() {
    let rates = Rates::new(Arc::new(ManualClock::new()));
    let (first, second) = (caller(1, Some(5), Some(8)), caller(2, Some(5), Some(8)));
    assert_eq!(let_through(&rates, &first, 9), 5);
    let standing = rates.take(&second).standing.expect("a limit");
    assert_eq!((standing.most, standing.left), (8, 2));
    assert_eq!(let_through(&rates, &second, 9), 2);
    let refused = rates.take(&second).verdict.expect_err("the tenant has none left");
    assert_eq!(refused.hit.map(|hit| hit.holder), Some(Holder::Tenant));
    let other = caller(3, None, None);
    let free = rates.take(&other);
    assert_eq!((free.standing, free.verdict), (None, Ok(())));
}

#[test]
fn a_limit_that_is_changed_holds_at_once_and_none_at_all_is_a_limit() {
    let clock = Arc::new(ManualClock::new());
    let rates = Rates::new(clock.clone());
    assert_eq!(let_through(&rates, &caller(1, Some(3), None), 9), 3);
    // A minute that was used up is none anew, and fills as the new limit says.
    assert_eq!(let_through(&rates, &caller(1, Some(60), None), 9), 0);
    clock.advance_ms(5_000);
    assert_eq!(let_through(&rates, &caller(1, Some(60), None), 9), 5);
    clock.advance_ms(30_000);
    assert_eq!(
        let_through(&rates, &caller(1, Some(6), None), 9),
        3,
        "half of it came back"
    );
    clock.advance_ms(60_000);
    assert_eq!(let_through(&rates, &caller(1, Some(5), None), 9), 5);
    let nothing = rates.take(&caller(1, Some(0), None));
    assert_eq!(
        nothing.verdict.expect_err("nothing").retry_after_seconds,
        Some(60)
    );
    assert_eq!(nothing.standing.map(|standing| standing.left), Some(0));
}

async fn opened(url: &str) -> Arc<dyn Store> {
    let options = Options {
        url: url.to_owned(),
        cache_bytes: 0,
        lock: Lock::Exclusive,
    };
    store::open(options).await.expect("a database")
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_take_over_what_the_others_let_through() {
    let url = cluster().database();
    let (one, other) = (opened(&url).await, opened(&url).await);
    let clock = Arc::new(ManualClock::new());
    let (here, there) = (Rates::new(clock.clone()), Rates::new(clock.clone()));
    // One comes back in five seconds of the database's own clock, which goes on.
    let caller = caller(1, Some(12), None);
    assert_eq!(let_through(&here, &caller, 8), 8);
    assert_eq!(let_through(&there, &caller, 2), 2, "nobody was told yet");
    here.exchange(one.registry()).await.expect("told");
    there.exchange(other.registry()).await.expect("told");
    let left = let_through(&there, &caller, 12);
    assert!((2..=3).contains(&left), "{left} of two");
    there.exchange(other.registry()).await.expect("told");
    // Who has let nothing through since asks all the same, for as long as its bucket is not full.
    here.exchange(one.registry()).await.expect("heard");
    let left = let_through(&here, &caller, 12);
    assert!(left <= 1, "{left} of none");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_told_first_hears_of_the_others_while_its_bucket_fills() {
    let url = cluster().database();
    let (one, other) = (opened(&url).await, opened(&url).await);
    let clock = Arc::new(ManualClock::new());
    let (here, there) = (Rates::new(clock.clone()), Rates::new(clock.clone()));
    // Of six, one comes back in ten seconds.
    let (slow, quick) = (caller(1, Some(6), None), caller(1, Some(60), None));
    assert_eq!(let_through(&here, &slow, 2), 2);
    here.exchange(one.registry()).await.expect("told");
    here.exchange(one.registry()).await.expect("nothing new");
    assert_eq!(let_through(&there, &slow, 4), 4);
    there.exchange(other.registry()).await.expect("told");
    for _ in 0..2 {
        here.exchange(one.registry()).await.expect("heard");
        let left = let_through(&here, &slow, 6);
        assert!(left <= 1, "{left} of none");
    }
    // Under another limit the bucket is as full, with what the others took.
    let left = let_through(&here, &quick, 60);
    assert!(left <= 1, "{left} of none");
    clock.advance_ms(3_000);
    let left = let_through(&here, &quick, 60);
    assert!((3..=4).contains(&left), "{left} of three");
}

#[tokio::test]
async fn a_process_that_is_alone_goes_by_itself() {
    let directory = tempfile::tempdir().expect("a directory");
    let store = opened(&format!("sqlite:{}", directory.path().join("a.db").display())).await;
    let rates = Rates::new(Arc::new(ManualClock::new()));
    let caller = caller(1, Some(4), None);
    assert_eq!(let_through(&rates, &caller, 2), 2);
    rates.exchange(store.registry()).await.expect("nothing to tell");
    assert_eq!(let_through(&rates, &caller, 9), 2);
}
