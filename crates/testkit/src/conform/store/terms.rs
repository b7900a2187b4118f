//! Checks of the terms of tenants and keys, and of keys in the place of others.

use std::sync::Arc;

use domain::ids::{KeyId, TenantId};
use domain::store::{Replaced, Store, StoreError};
use domain::tenant::{Key, KeyTerms, Limits, Scope, TenantTerms};
use domain::{Id, Micros};

use super::Desk;
use crate::sample;

pub(super) async fn terms_are_replaced_as_a_whole(mut desk: Desk) {
    desk.tenant(1, 0).await;
    desk.tenant(2, 0).await;
    let key = sample::key_row(1, "hash-1");
    desk.store().registry().create_key(&key).await.expect("created");
    let limits = Limits {
        day_budget_micros: Some(Micros(5)),
        concurrent_tasks: Some(3),
        ..Limits::default()
    };
    let agreed = TenantTerms {
        limits,
        group: Some("studios".to_owned()),
        ..TenantTerms::default()
    };
    let narrow = KeyTerms {
        limits,
        scope: Scope {
            models: vec!["kling-v3".to_owned()],
            ..Scope::default()
        },
    };
    let registry = desk.store().registry();
    let (first, second) = (sample::tenant(1), sample::tenant(2));
    assert_eq!(
        registry
            .set_tenant_terms(first, &TenantTerms::default(), &agreed, Some(true))
            .await,
        Ok(Replaced::Done)
    );
    assert_eq!(
        registry
            .set_tenant_terms(sample::tenant(9), &agreed, &agreed, None)
            .await,
        Ok(Replaced::Absent)
    );
    assert_eq!(
        registry.set_key_terms(key.id, &key.terms, &narrow).await,
        Ok(Replaced::Done)
    );
    let absent = registry.set_key_terms(KeyId(Id(404)), &narrow, &narrow).await;
    assert_eq!(absent, Ok(Replaced::Absent));
    desk.reopen().await;
    let registry = desk.store().registry();
    let read = registry.tenant(first).await.expect("read").expect("there");
    assert_eq!((read.terms, read.unlimited), (agreed, true));
    let other = registry.tenant(second).await.expect("read").expect("there");
    assert_eq!((other.terms, other.unlimited), (TenantTerms::default(), false));
    assert_eq!(registry.tenant(sample::tenant(9)).await, Ok(None));
    let read = registry
        .key_by_hash("hash-1")
        .await
        .expect("read")
        .expect("there");
    assert_eq!(read.terms, narrow);
}

pub(super) async fn terms_that_changed_meanwhile_are_not_replaced(desk: Desk) {
    let id = desk.tenant(1, 0).await;
    let key = sample::key_row(1, "hash-1");
    let registry = desk.store().registry();
    registry.create_key(&key).await.expect("created");
    let read = TenantTerms::default();
    let first = TenantTerms {
        group: Some("studios".to_owned()),
        ..read.clone()
    };
    let second = TenantTerms {
        multiplier: Some("0.5".to_owned()),
        ..read.clone()
    };
    assert_eq!(
        registry.set_tenant_terms(id, &read, &first, None).await,
        Ok(Replaced::Done)
    );
    let stale = registry.set_tenant_terms(id, &read, &second, Some(true)).await;
    assert_eq!(stale, Ok(Replaced::Stale));
    let there = registry.tenant(id).await.expect("read").expect("there");
    assert_eq!(
        (there.terms, there.unlimited),
        (first, false),
        "nothing was written"
    );
    let narrow = |tasks| KeyTerms {
        limits: Limits {
            concurrent_tasks: Some(tasks),
            ..Limits::default()
        },
        ..KeyTerms::default()
    };
    let set = registry.set_key_terms(key.id, &key.terms, &narrow(3)).await;
    assert_eq!(set, Ok(Replaced::Done));
    let stale = registry.set_key_terms(key.id, &key.terms, &narrow(4)).await;
    assert_eq!(stale, Ok(Replaced::Stale));
    let there = registry
        .key_by_hash("hash-1")
        .await
        .expect("read")
        .expect("there");
    assert_eq!(there.terms, narrow(3));
}

/// Whoever changes terms reads them first, and again for as long as somebody else was faster.
pub(super) async fn who_changes_terms_side_by_side_loses_nothing(desk: Desk) {
    const CHANGES: u32 = 10;
    let id = desk.tenant(1, 0).await;
    let key = sample::key_row(1, "hash-1");
    desk.store().registry().create_key(&key).await.expect("created");
    let operators: Vec<_> = (0..4)
        .map(|at| {
            let store = Arc::clone(desk.store());
            tokio::spawn(async move {
                for n in 1..=CHANGES {
                    raise_tenant(&*store, id, at, n).await;
                    raise_key(&*store, at, n).await;
                }
            })
        })
        .collect();
    for operator in operators {
        operator.await.expect("an operator ends");
    }
    let agreed = limits_of([CHANGES; 4]);
    let registry = desk.store().registry();
    let tenant = registry.tenant(id).await.expect("read").expect("there");
    assert_eq!(tenant.terms.limits, agreed);
    let key = registry
        .key_by_hash("hash-1")
        .await
        .expect("read")
        .expect("there");
    assert_eq!(key.terms.limits, agreed);
}

fn limits_of([budget, day, requests, tasks]: [u32; 4]) -> Limits {
    Limits {
        budget_micros: Some(Micros(i64::from(budget))),
        day_budget_micros: Some(Micros(i64::from(day))),
        requests_per_minute: Some(requests),
        concurrent_tasks: Some(tasks),
        ..Limits::default()
    }
}

/// One of the limits, to a number.
fn raised(limits: Limits, at: usize, n: u32) -> Limits {
    let all = limits_of([n; 4]);
    match at {
        0 => Limits {
            budget_micros: all.budget_micros,
            ..limits
        },
        1 => Limits {
            day_budget_micros: all.day_budget_micros,
            ..limits
        },
        2 => Limits {
            requests_per_minute: all.requests_per_minute,
            ..limits
        },
        _ => Limits {
            concurrent_tasks: all.concurrent_tasks,
            ..limits
        },
    }
}

async fn raise_tenant(store: &dyn Store, id: TenantId, at: usize, n: u32) {
    loop {
        let read = store
            .registry()
            .tenant(id)
            .await
            .expect("read")
            .expect("there")
            .terms;
        let mut terms = read.clone();
        terms.limits = raised(terms.limits, at, n);
        let set = store.registry().set_tenant_terms(id, &read, &terms, None).await;
        match set.expect("it is known what came of it") {
            Replaced::Done => return,
            refused => assert_eq!(refused, Replaced::Stale),
        }
    }
}

async fn raise_key(store: &dyn Store, at: usize, n: u32) {
    loop {
        let read = store.registry().key_by_hash("hash-1").await;
        let Key { id, terms: read, .. } = read.expect("read").expect("there");
        let mut terms = read.clone();
        terms.limits = raised(terms.limits, at, n);
        let set = store.registry().set_key_terms(id, &read, &terms).await;
        match set.expect("it is known what came of it") {
            Replaced::Done => return,
            refused => assert_eq!(refused, Replaced::Stale),
        }
    }
}

pub(super) async fn a_key_is_rotated_with_an_overlap(mut desk: Desk) {
    desk.tenant(1, 0).await;
    let old = sample::key_row(1, "hash-1");
    let new = Key {
        tenant: old.tenant,
        holder: old.id,
        ..sample::key_row(2, "hash-2")
    };
    let registry = desk.store().registry();
    registry.create_key(&old).await.expect("created");
    let nobody = KeyId(Id(404));
    assert_eq!(registry.rotate_key(nobody, sample::at(9), &new).await, Ok(false));
    let same_secret = Key {
        tenant: old.tenant,
        ..sample::key_row(3, "hash-1")
    };
    let taken = registry.rotate_key(old.id, sample::at(4), &same_secret).await;
    assert!(matches!(taken, Err(StoreError::Taken(_))), "{taken:?}");
    let unchanged = registry.key_by_hash("hash-1").await;
    assert_eq!(
        unchanged,
        Ok(Some(old.clone())),
        "nothing is written of half a rotation"
    );
    assert_eq!(registry.rotate_key(old.id, sample::at(9), &new).await, Ok(true));
    desk.reopen().await;
    let registry = desk.store().registry();
    let ended = registry
        .key_by_hash("hash-1")
        .await
        .expect("read")
        .expect("there");
    assert_eq!(ended.expires_at, Some(sample::at(9)));
    assert_eq!(registry.key_by_hash("hash-2").await, Ok(Some(new.clone())));
    let newest = Key {
        tenant: old.tenant,
        ..sample::key_row(4, "hash-4")
    };
    assert_eq!(
        registry.rotate_key(old.id, sample::at(20), &newest).await,
        Ok(true)
    );
    let ended = registry
        .key_by_hash("hash-1")
        .await
        .expect("read")
        .expect("there");
    assert_eq!(ended.expires_at, Some(sample::at(9)), "an earlier end stays");
    assert_eq!(registry.revoke_key(new.id, sample::at(5)).await, Ok(true));
    let last = Key {
        tenant: old.tenant,
        ..sample::key_row(5, "hash-5")
    };
    assert_eq!(registry.rotate_key(new.id, sample::at(9), &last).await, Ok(false));
    assert_eq!(registry.key_by_hash("hash-5").await, Ok(None));
}
