//! Checks of what is kept beside tasks: tenants, keys, settings, items, blobs.

use domain::ids::{ItemId, KeyId};
use domain::item::{Item, ItemKind, ItemState};
use domain::store::StoreError;
use domain::tenant::{Key, Tenant};
use domain::{BlobKey, Id, Staged};
use serde_json::json;

use super::{Desk, accepted, completed, id, intended, kept, order};
use crate::sample;

pub(super) async fn tenants_are_listed_by_name_and_names_are_unique(desk: Desk) {
    let store = desk.store();
    let named = |n, name: &str| Tenant {
        name: name.to_owned(),
        ..sample::tenant_row(n, n == 2)
    };
    for tenant in [named(1, "zebra"), named(2, "ant")] {
        store.registry().create_tenant(&tenant).await.expect("created");
    }
    let taken = store.registry().create_tenant(&named(3, "ant")).await;
    assert_eq!(taken, Err(StoreError::Taken("ant".to_owned())));
    let tenants = store.registry().tenants().await.expect("listed");
    assert_eq!(tenants, [named(2, "ant"), named(1, "zebra")]);
    assert_eq!(store.balance(sample::tenant(3)).await, Ok(None));
    let balance = store
        .balance(sample::tenant(2))
        .await
        .expect("read")
        .expect("there");
    assert!(balance.unlimited);
}

pub(super) async fn keys_are_found_by_hash_and_revoked_once(mut desk: Desk) {
    desk.tenant(1, 0).await;
    desk.tenant(2, 0).await;
    let full = Key {
        dialect: Some("elk".into()),
        expires_at: Some(sample::at(9)),
        role: domain::tenant::KeyRole::Admin,
        ..sample::key_row(2, "hash-2")
    };
    let first = sample::key_row(1, "hash-1");
    for key in [&first, &full] {
        desk.store().registry().create_key(key).await.expect("created");
    }
    let same_secret = sample::key_row(3, "hash-1");
    let taken = desk.store().registry().create_key(&same_secret).await;
    let is_taken = matches!(taken, Err(StoreError::Taken(_)));
    assert!(is_taken, "{taken:?}");
    desk.reopen().await;
    let store = desk.store();
    assert_eq!(
        store.registry().key_by_hash("hash-2").await,
        Ok(Some(full.clone()))
    );
    assert_eq!(store.registry().key_by_hash("hash-3").await, Ok(None));
    assert_eq!(
        store.registry().keys(None).await,
        Ok(vec![first.clone(), full.clone()])
    );
    assert_eq!(
        store.registry().keys(Some(sample::tenant(2))).await,
        Ok(vec![full])
    );
    assert_eq!(
        store.registry().keys(Some(sample::tenant(9))).await,
        Ok(Vec::new())
    );
    assert_eq!(
        store.registry().revoke_key(first.id, sample::at(5)).await,
        Ok(true)
    );
    assert_eq!(
        store.registry().revoke_key(first.id, sample::at(6)).await,
        Ok(true)
    );
    assert_eq!(
        store.registry().revoke_key(KeyId(Id(404)), sample::at(5)).await,
        Ok(false)
    );
    let revoked = store
        .registry()
        .key_by_hash("hash-1")
        .await
        .expect("read")
        .expect("there");
    assert_eq!(revoked.revoked_at, Some(sample::at(5)));
}

pub(super) async fn pairs_are_found_by_their_access_name_alone(mut desk: Desk) {
    desk.tenant(1, 0).await;
    desk.tenant(2, 0).await;
    let pair = Key {
        dialect: Some("kling".into()),
        ..sample::pair_row(1, "access-1")
    };
    let other = sample::pair_row(2, "access-2");
    let plain = Key {
        id: KeyId(Id(0x6eff)),
        ..sample::key_row(2, "access-1")
    };
    for key in [&pair, &other, &plain] {
        desk.store().registry().create_key(key).await.expect("created");
    }
    let same_access = Key {
        id: KeyId(Id(0x6efe)),
        ..sample::pair_row(2, "access-1")
    };
    let taken = desk.store().registry().create_key(&same_access).await;
    let is_taken = matches!(taken, Err(StoreError::Taken(_)));
    assert!(is_taken, "{taken:?}");
    desk.reopen().await;
    let store = desk.store();
    assert_eq!(
        store.registry().key_by_access("access-1").await,
        Ok(Some(pair.clone()))
    );
    assert_eq!(
        store.registry().key_by_access("access-2").await,
        Ok(Some(other.clone()))
    );
    assert_eq!(store.registry().key_by_access("access-3").await, Ok(None));
    assert_eq!(store.registry().key_by_access("").await, Ok(None));
    // A hash and an access name are never taken for each other.
    assert_eq!(
        store.registry().key_by_hash("access-1").await,
        Ok(Some(plain.clone()))
    );
    assert_eq!(store.registry().key_by_hash("access-2").await, Ok(None));
    assert_eq!(store.registry().key_by_hash("pair:access-1").await, Ok(None));
    assert_eq!(
        store.registry().keys(None).await,
        Ok(vec![pair.clone(), other, plain])
    );
    assert_eq!(
        store.registry().revoke_key(pair.id, sample::at(5)).await,
        Ok(true)
    );
    let revoked = store
        .registry()
        .key_by_access("access-1")
        .await
        .expect("read")
        .expect("there");
    assert_eq!(revoked.revoked_at, Some(sample::at(5)));
}

pub(super) async fn a_setting_is_kept_once(mut desk: Desk) {
    assert_eq!(desk.store().setting("links").await, Ok(None));
    assert_eq!(
        desk.store().keep_setting("links", "first").await,
        Ok("first".to_owned())
    );
    assert_eq!(
        desk.store().keep_setting("links", "second").await,
        Ok("first".to_owned())
    );
    assert_eq!(desk.store().keep_setting("other", "o").await, Ok("o".to_owned()));
    desk.reopen().await;
    assert_eq!(desk.store().setting("links").await, Ok(Some("first".to_owned())));
}

fn item(n: u128) -> Item {
    Item {
        id: ItemId(Id(n)),
        wire_id: 0,
        tenant: sample::tenant(1),
        kind: ItemKind::Voice,
        account: Some("account".to_owned()),
        vendor_ref: None,
        task: Some(id(1)),
        state: ItemState::Pending,
        created_at: sample::at(1),
        expires_at: None,
        detail: json!({"name": "alto", "pitch": 0.1}),
    }
}

pub(super) async fn items_get_wire_ids_and_belong_to_one_tenant(mut desk: Desk) {
    let owner = desk.tenant(1, 0).await;
    let other = desk.tenant(2, 0).await;
    let mut items = Vec::new();
    for n in 1..=3 {
        let created = desk.store().create_item(&item(n)).await.expect("created");
        assert_eq!(
            created,
            Item {
                wire_id: created.wire_id,
                ..item(n)
            }
        );
        assert_eq!(created.wire_id.to_string().len(), 9);
        items.push(created);
    }
    let taken = desk.store().create_item(&item(1)).await;
    let is_taken = matches!(taken, Err(StoreError::Taken(_)));
    assert!(is_taken, "{taken:?}");
    let element = Item {
        kind: ItemKind::Element,
        ..item(4)
    };
    let element = desk.store().create_item(&element).await.expect("created");
    let wire_ids: Vec<_> = items.iter().chain([&element]).map(|item| item.wire_id).collect();
    let rising = wire_ids.windows(2).all(|pair| pair[0] < pair[1]);
    assert!(rising, "{wire_ids:?}");

    let ready = Item {
        state: ItemState::Ready,
        vendor_ref: Some("v".to_owned()),
        expires_at: Some(sample::at(7)),
        detail: json!(null),
        ..items[1].clone()
    };
    assert_eq!(desk.store().update_item(&ready).await, Ok(true));
    assert_eq!(desk.store().update_item(&item(404)).await, Ok(false));
    let foreign = Item {
        tenant: other,
        ..ready.clone()
    };
    assert_eq!(desk.store().update_item(&foreign).await, Ok(false));

    desk.reopen().await;
    let store = desk.store();
    assert_eq!(store.item(owner, ready.id).await, Ok(Some(ready.clone())));
    assert_eq!(store.item(other, ready.id).await, Ok(None));
    assert_eq!(
        store.item_by_wire_id(owner, ready.wire_id).await,
        Ok(Some(ready.clone()))
    );
    assert_eq!(store.item_by_wire_id(other, ready.wire_id).await, Ok(None));
    assert_eq!(store.item_by_wire_id(owner, 1).await, Ok(None));
    let newest = [items[2].clone(), ready.clone(), items[0].clone()];
    assert_eq!(
        store.items(owner, ItemKind::Voice, 0, 9).await,
        Ok(newest.to_vec())
    );
    assert_eq!(store.items(owner, ItemKind::Voice, 1, 1).await, Ok(vec![ready]));
    assert_eq!(store.items(other, ItemKind::Voice, 0, 9).await, Ok(Vec::new()));
    assert_eq!(store.items(owner, ItemKind::Upload, 0, 9).await, Ok(Vec::new()));
}

pub(super) async fn a_deleted_item_is_as_unknown_as_none(desk: Desk) {
    let owner = desk.tenant(1, 0).await;
    let store = desk.store();
    let created = store.create_item(&item(1)).await.expect("created");
    let deleted = Item {
        state: ItemState::Deleted,
        ..created.clone()
    };
    assert_eq!(store.update_item(&deleted).await, Ok(true));
    assert_eq!(store.item(owner, created.id).await, Ok(None));
    assert_eq!(store.item_by_wire_id(owner, created.wire_id).await, Ok(None));
    assert_eq!(store.items(owner, ItemKind::Voice, 0, 9).await, Ok(Vec::new()));
    let next = store.create_item(&item(2)).await.expect("created");
    assert!(next.wire_id > created.wire_id, "a wire id is not given twice");
}

fn blob(n: u8) -> BlobKey {
    BlobKey::from_sha256([n; 32])
}

pub(super) async fn staged_blobs_are_abandoned_by_age_and_never_while_in_use(desk: Desk) {
    desk.tenant(1, 9).await;
    let store = desk.store();
    let stage = async |n: u8, at| {
        store
            .stage_blob(&blob(n), 10, sample::at(at))
            .await
            .expect("staged")
    };
    let abandon = async |before, limit| {
        let keys = store
            .abandon_blobs(sample::at(before), limit)
            .await
            .expect("answered");
        let mut numbers: Vec<_> = (0..=99).filter(|n| keys.contains(&blob(*n))).collect();
        assert_eq!(numbers.len(), keys.len());
        numbers.sort_unstable();
        numbers
    };
    stage(1, 100).await;
    stage(2, 200).await;
    stage(3, 300).await;
    stage(2, 400).await; // once more: the while starts anew
    stage(50, 100).await; // an input, below
    stage(7, 100).await; // the sample's artifact, below
    // An input that is in use from the birth on, and a result from the commit on.
    let mut origin = order(1);
    let mut ask = sample::ask();
    ask.inputs = vec![domain::Input {
        role: domain::Role::FirstFrame,
        source: domain::Source::Staged(Staged {
            blob: blob(50),
            bytes: 10,
            content_type: None,
            facts: domain::MediaFacts::default(),
        }),
        field: "image".to_owned(),
        rule: None,
        parent: None,
    }];
    origin.ask = ask.into();
    let task = desk.accepted(origin).await;
    let task = desk.step(&task, 1, intended()).await;
    let task = desk.step(&task, 2, accepted()).await;
    let task = desk.step(&task, 3, completed(None)).await;
    desk.step(&task, 4, kept(7)).await;
    assert_eq!(abandon(100, 10).await, Vec::<u8>::new());
    assert_eq!(abandon(301, 1).await, [1]);
    assert_eq!(abandon(301, 10).await, [3]);
    assert_eq!(abandon(301, 10).await, Vec::<u8>::new());
    assert_eq!(abandon(401, 10).await, [2]);
    stage(50, 402).await; // the same content for another task: still in use
    stage(60, 402).await;
    assert_eq!(abandon(1_000_000, 10).await, [60]);
}
