//! Checks of tenants that come in with their keys and their credit: the first one, and every other.

use std::sync::Arc;

use domain::store::{Entry, Founding, Overdraw, Span, Store, StoreError};
use domain::tenant::Key;
use domain::{Micros, TenantId};

use super::{Desk, credit};
use crate::sample;

/// A first credit of its own name.
fn first_credit(tenant: TenantId, n: u128) -> Entry {
    Entry {
        name: format!("entry-{n}"),
        line: credit(tenant, Micros(7)),
        author: "whoever took it in".to_owned(),
        overdraw: Overdraw::Refused,
    }
}

/// The lines of a tenant say who put its first credit in, and why.
async fn has_an_author(store: &dyn Store, tenant: TenantId) {
    let span = Span {
        tenant,
        from: sample::at(-1),
        to: sample::at(9),
        last: u64::from(u32::MAX),
    };
    let lines = store.statements().recorded(&span, None, 9).await;
    let lines = lines.expect("read");
    let [line] = &lines[..] else {
        panic!("one line: {lines:?}");
    };
    assert_eq!(line.author.as_deref(), Some("whoever took it in"));
    assert!(line.entry.as_ref().is_some_and(|name| name.starts_with("entry-")));
    assert_eq!(line.line.note, "put in");
}

pub(super) async fn a_store_is_founded_once_and_whole_or_not_at_all(mut desk: Desk) {
    let founding = |n: u128, keys: &[&str]| {
        let tenant = sample::tenant_row(n, false);
        let keys = keys.iter().zip(n * 10..).map(|(hash, id)| Key {
            tenant: tenant.id,
            ..sample::key_row(id, hash)
        });
        Founding {
            keys: keys.collect(),
            credit: Some(first_credit(tenant.id, n)),
            tenant,
        }
    };
    let broken = desk.store().found(&founding(1, &["same", "same"])).await;
    assert!(broken != Ok(true), "{broken:?}");
    assert_eq!(
        desk.store().registry().tenants().await,
        Ok(Vec::new()),
        "half a founding is none"
    );
    assert_eq!(desk.store().registry().keys(None).await, Ok(Vec::new()));
    let many = (2..6).map(|n| {
        let (store, founding) = (Arc::clone(desk.store()), founding(n, &["a", "b"]));
        async move { store.found(&founding).await }
    });
    let founded = futures_util::future::join_all(many).await;
    assert_eq!(
        founded.iter().filter(|founded| **founded == Ok(true)).count(),
        1,
        "{founded:?}"
    );
    assert_eq!(
        founded.iter().filter(|founded| **founded == Ok(false)).count(),
        3,
        "{founded:?}"
    );
    desk.reopen().await;
    let store = desk.store();
    let tenants = store.registry().tenants().await.expect("listed");
    assert_eq!(
        (
            tenants.len(),
            store.registry().keys(None).await.expect("listed").len()
        ),
        (1, 2)
    );
    let balance = store.balance(tenants[0].id).await.expect("read").expect("there");
    assert_eq!(balance.available, Micros(7));
    has_an_author(&**store, tenants[0].id).await;
    desk.books_are_exact().await;
}

pub(super) async fn a_tenant_is_taken_in_whole_or_not_at_all(mut desk: Desk) {
    desk.tenant(1, 0).await;
    let newcomer = |n: u128, hash: &str| {
        let tenant = sample::tenant_row(n, false);
        Founding {
            keys: vec![Key {
                tenant: tenant.id,
                ..sample::key_row(n, hash)
            }],
            credit: Some(first_credit(tenant.id, n)),
            tenant,
        }
    };
    let registry = desk.store().registry();
    assert_eq!(registry.take_in(&newcomer(2, "hash-2")).await, Ok(()));
    let same_entry = Founding {
        credit: Some(first_credit(sample::tenant(4), 2)),
        ..newcomer(4, "hash-4")
    };
    for refused in [newcomer(2, "hash-3"), newcomer(3, "hash-2"), same_entry] {
        let taken = registry.take_in(&refused).await;
        assert!(matches!(taken, Err(StoreError::Taken(_))), "{taken:?}");
    }
    desk.reopen().await;
    let store = desk.store();
    let tenants = store.registry().tenants().await.expect("listed").len();
    let keys = store.registry().keys(None).await.expect("listed").len();
    assert_eq!((tenants, keys), (2, 1), "half a newcomer is none");
    let balance = store
        .balance(sample::tenant(2))
        .await
        .expect("read")
        .expect("there");
    assert_eq!(balance.available, Micros(7));
    has_an_author(&**store, sample::tenant(2)).await;
    desk.books_are_exact().await;
}
