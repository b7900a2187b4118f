//! Checks of the terms of tenants and keys, and of keys in the place of others.

use domain::ids::KeyId;
use domain::store::StoreError;
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
        registry.set_tenant_terms(first, &agreed, Some(true)).await,
        Ok(true)
    );
    assert_eq!(
        registry.set_tenant_terms(sample::tenant(9), &agreed, None).await,
        Ok(false)
    );
    assert_eq!(registry.set_key_terms(key.id, &narrow).await, Ok(true));
    assert_eq!(registry.set_key_terms(KeyId(Id(404)), &narrow).await, Ok(false));
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

pub(super) async fn a_key_is_rotated_with_an_overlap(mut desk: Desk) {
    desk.tenant(1, 0).await;
    let old = sample::key_row(1, "hash-1");
    let new = Key {
        tenant: old.tenant,
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
