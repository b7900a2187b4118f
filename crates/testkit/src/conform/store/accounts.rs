//! Checks of accounts that were enrolled while the gateway runs.

use std::collections::BTreeMap;

use domain::Id;
use domain::account::{Duty, Enrolled, Terms};
use domain::credentials::LoginKind;
use domain::ids::AccountId;
use domain::store::StoreError;
use domain::tenant::Sealed;

use super::{Desk, accepted, completed, intended, kept, order};
use crate::sample;

fn account(n: u128, name: &str) -> Enrolled {
    Enrolled {
        id: AccountId(Id(0xacc0 + n)),
        name: name.to_owned(),
        provider: "kling".to_owned(),
        duty: Duty::Working,
        login: Some(LoginKind::Pair),
        terms: Terms {
            base_url: Some("https://api.example.com".to_owned()),
            models: vec!["kling-v3".to_owned()],
            aliases: BTreeMap::from([("a".to_owned(), "b".to_owned())]),
            slots: Some(7),
            weight: 3,
            priority: -2,
            requests_per_second: Some(9),
        },
        sealed: Some(Sealed {
            master: "a-master".to_owned(),
            bytes: vec![0, 1, 255],
        }),
        created_at: sample::at(i64::try_from(n).expect("a small number")),
        changed_at: sample::at(1),
    }
}

pub(super) async fn accounts_are_read_back_as_they_were_enrolled(mut desk: Desk) {
    let plain = Enrolled {
        login: None,
        terms: Terms::default(),
        sealed: None,
        duty: Duty::Paused,
        ..account(2, "plain")
    };
    for account in [&plain, &account(1, "full")] {
        desk.store().enrol(account).await.expect("enrolled");
    }
    desk.reopen().await;
    let all = desk.store().enrolled().await;
    assert_eq!(all, Ok(vec![account(1, "full"), plain]), "oldest first");
}

pub(super) async fn the_name_of_an_account_is_free_again_once_it_is_removed(desk: Desk) {
    let store = desk.store();
    let first = account(1, "main");
    store.enrol(&first).await.expect("enrolled");
    for duty in [Duty::Paused, Duty::Working, Duty::Retired] {
        assert_eq!(store.set_duty(first.id, duty, sample::at(5)).await, Ok(true));
        let kept = Enrolled {
            duty,
            changed_at: sample::at(5),
            ..first.clone()
        };
        assert_eq!(store.enrolled().await, Ok(vec![kept]));
        let taken = store.enrol(&account(2, "main")).await;
        assert_eq!(taken, Err(StoreError::Taken("main".to_owned())));
    }
    assert_eq!(
        store.set_duty(first.id, Duty::Removed, sample::at(6)).await,
        Ok(true)
    );
    let removed = Enrolled {
        duty: Duty::Removed,
        sealed: None,
        changed_at: sample::at(6),
        ..first.clone()
    };
    assert_eq!(
        store.enrolled().await,
        Ok(vec![removed.clone()]),
        "without its secrets"
    );
    for duty in Duty::ALL {
        assert_eq!(
            store.set_duty(first.id, duty, sample::at(7)).await,
            Ok(false),
            "{duty:?}"
        );
    }
    let second = account(2, "main");
    store.enrol(&second).await.expect("the name is free");
    assert_eq!(store.enrolled().await, Ok(vec![removed, second]));
    let unknown = AccountId(Id(404));
    assert_eq!(
        store.set_duty(unknown, Duty::Paused, sample::at(7)).await,
        Ok(false)
    );
}

pub(super) async fn an_account_is_in_use_from_the_intent_to_the_last_file(desk: Desk) {
    desk.tenant(1, 1).await;
    let is_in_use = async || desk.store().is_in_use("a").await.expect("the store answers");
    assert!(!is_in_use().await);
    let queued = desk.accepted(order(1)).await;
    assert!(!is_in_use().await, "a queued task is at no account");
    let submitting = desk.step(&queued, 1, intended()).await;
    assert!(is_in_use().await);
    assert_eq!(
        desk.store().is_in_use("").await,
        Ok(false),
        "the whole name counts"
    );
    let running = desk.step(&submitting, 2, accepted()).await;
    assert!(is_in_use().await);
    let settling = desk.step(&running, 3, completed(None)).await;
    assert!(is_in_use().await, "its files are still to be had");
    desk.step(&settling, 4, kept(1)).await;
    assert!(!is_in_use().await);
}
