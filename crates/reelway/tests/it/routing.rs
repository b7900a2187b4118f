//! Which account gets which task: by priority, in turns by weight, never a paused one, never another than
//! the one that a doubtful submit went to; and what logins that fail do to tasks.

use std::sync::Arc;

use domain::account::Duty;
use domain::provider::Account;
use domain::{Provider, StateWord};
use reelway::config::Environment;
use serde_json::{Value, json};
use testkit::provider::{OnSubmit, Scripted};

use crate::accounts::{ended, submitted, task, until, wish};
use crate::house_under_test::Gateway;
use crate::rig::Rig;
use crate::vendor::{Vendor, file_with};

fn account(name: &str, slots: u32) -> Account {
    Account {
        name: name.to_owned(),
        ..Scripted::account(slots)
    }
}

/// Puts accounts in the place of the rig's, all at one provider.
fn enlist(rig: &Rig, accounts: &[Account]) {
    let provider: Arc<dyn Provider> = Arc::<Scripted>::clone(&rig.provider);
    let logins = accounts
        .iter()
        .map(|account| (account.clone(), Arc::clone(&provider)));
    rig.engine.enlist(logins.collect());
}

/// Submits so many wishes and hands them over; who got how many.
async fn shares(rig: &Rig, wishes: usize, accounts: &[Account]) -> Vec<usize> {
    let mut ids = Vec::new();
    for _ in 0..wishes {
        ids.push(rig.submit().await);
    }
    rig.crank().await;
    let mut counts = vec![0; accounts.len()];
    for id in ids {
        let task = rig.task(id).await;
        let name = task.course.account.as_deref();
        if let Some(at) = accounts
            .iter()
            .position(|account| Some(account.name.as_str()) == name)
        {
            counts[at] += 1;
        }
    }
    counts
}

#[tokio::test]
async fn a_higher_priority_is_filled_first_and_the_rest_takes_what_does_not_fit() {
    let rig = Rig::with(Scripted::new(), 1).await;
    rig.provider
        .on_look(vec![testkit::provider::OnLook::Running(None); 50]);
    let accounts = [
        Account {
            priority: -1,
            ..account("last", 8)
        },
        Account {
            priority: 5,
            ..account("first", 2)
        },
        account("second", 3),
    ];
    enlist(&rig, &accounts);
    assert_eq!(shares(&rig, 6, &accounts).await, [1, 2, 3]);
}

#[tokio::test]
async fn accounts_of_one_priority_take_turns_by_weight() {
    let rig = Rig::with(Scripted::new(), 1).await;
    let accounts = [
        Account {
            weight: 3,
            ..account("heavy", 20)
        },
        account("light", 20),
    ];
    enlist(&rig, &accounts);
    assert_eq!(shares(&rig, 8, &accounts).await, [6, 2]);
    let mut one_by_one = [0, 0];
    for _ in 0..8 {
        let share = shares(&rig, 1, &accounts).await;
        one_by_one = [one_by_one[0] + share[0], one_by_one[1] + share[1]];
    }
    assert_eq!(one_by_one, [6, 2], "also while nothing waits");
}

#[tokio::test]
async fn a_paused_account_is_given_nothing_and_another_takes_its_share() {
    let rig = Rig::with(Scripted::new(), 1).await;
    for duty in [Duty::Paused, Duty::Retired] {
        let accounts = [
            Account {
                duty,
                weight: 9,
                ..account("resting", 9)
            },
            account("working", 9),
        ];
        enlist(&rig, &accounts);
        assert_eq!(shares(&rig, 4, &accounts).await, [0, 4], "{duty:?}");
    }
}

#[tokio::test]
async fn a_task_whose_submit_was_in_doubt_waits_for_its_own_account() {
    let rig = Rig::with(Scripted::new(), 1).await;
    enlist(&rig, &[account("first", 1)]);
    rig.provider.on_submit([OnSubmit::LoseRequest]);
    let id = rig.submit().await;
    rig.crank().await;
    assert_eq!(rig.state(id).await, StateWord::Unknown);
    let paused = Account {
        duty: Duty::Paused,
        ..account("first", 1)
    };
    enlist(&rig, &[paused, account("other", 8)]);
    for _ in 0..20 {
        rig.crank_after(10_000).await;
    }
    assert_eq!(
        rig.state(id).await,
        StateWord::Queued,
        "absent, and for its own account only"
    );
    assert_eq!(rig.provider.jobs().0, 0);
    enlist(&rig, &[account("first", 1), account("other", 8)]);
    rig.crank_after(10_000).await;
    let task = rig.task(id).await;
    assert_eq!(task.course.account.as_deref(), Some("first"));
    rig.books().await;
}

#[tokio::test]
async fn tasks_of_an_account_that_is_taken_out_are_looked_at_again_once_it_is_back() {
    let rig = Rig::with(Scripted::new(), 1).await;
    enlist(&rig, &[account("first", 1)]);
    let id = rig.submit().await;
    rig.crank().await;
    enlist(&rig, &[account("other", 8)]);
    for _ in 0..20 {
        rig.crank_after(10_000).await;
    }
    assert_eq!(
        rig.state(id).await,
        StateWord::Running,
        "nobody can look, and nothing is lost"
    );
    enlist(&rig, &[account("first", 1)]);
    rig.crank_after(10_000).await;
    assert_eq!(rig.state(id).await, StateWord::Succeeded);
    rig.books().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_cannot_put_the_wish_is_passed_by_and_a_model_may_have_another_name() {
    let vendor = Vendor::start().await;
    let pair = "name = \"by-pair\"\naccess_key = \"AKTEST0001\"\nsecret_key = \"the-secret-of-the-pair\"\n\
                priority = 9\naliases = [\"kling-v1=kling-v1-6\"]";
    let key = "name = \"by-key\"\napi_key = \"the-key-of-the-vendor\"";
    let file = file_with(&vendor, &[pair, key]);
    let gateway = Gateway::with_file(&file, &Environment::default()).await;
    let turbo = submitted(&gateway, &wish("kling-3.0-turbo")).await;
    let old = submitted(&gateway, &wish("kling-v1")).await;
    for (id, account) in [(&turbo, "by-key"), (&old, "by-pair")] {
        let shown = ended(&gateway, id).await;
        assert_eq!(shown["status"], "succeeded", "{shown}");
        let row = gateway.row(id).await;
        assert_eq!(row.course.account.as_deref(), Some(account));
    }
    let jobs = vendor.jobs();
    let of = |path: &str| {
        jobs.iter()
            .find(|job| job.path == path)
            .expect("a job")
            .body
            .clone()
    };
    of("/text-to-video/kling-3.0-turbo");
    assert_eq!(of("/v1/videos/text2video")["model_name"], "kling-v1-6");
    assert_eq!(task(&gateway, &old).await["model"], "kling-v1");
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_is_revoked_while_tasks_run_fails_none_of_them() {
    let vendor = Vendor::start().await;
    vendor.holds(true);
    let file = file_with(&vendor, &["name = \"main\"\napi_key = \"the-key-of-the-vendor\""]);
    let gateway = Gateway::with_file(&file, &Environment::default()).await;
    let id = submitted(&gateway, &wish("kling-v3")).await;
    until("it runs", async || {
        gateway.row(&id).await.word() == StateWord::Running
    })
    .await;
    for (status, code) in [(401, 1002), (403, 1103)] {
        vendor.refuses(Some((status, code)));
        let refused = vendor.refused();
        until("a look was refused", async || vendor.refused() > refused).await;
        assert_eq!(gateway.row(&id).await.word(), StateWord::Running, "{code}");
    }
    let all = gateway
        .rule("GET", "/api/v1/admin/accounts", &Value::Null)
        .await
        .json();
    let standing = &all["data"][1]["standing"];
    let last_error = standing["last_error"].as_str().expect("what went wrong last");
    assert!(last_error.contains("code 1103"), "{standing}");
    assert_eq!(standing["in_flight"], 1, "{standing}");
    let waits = submitted(&gateway, &wish("kling-v3")).await;
    until("it was tried", async || {
        gateway.row(&waits).await.course.attempts == 1
    })
    .await;
    let refused = ended(&gateway, &waits).await;
    assert_eq!(
        refused["status"], "failed",
        "the table: no right to the model is a refusal"
    );
    assert_eq!(refused["price"]["charge_micros"], json!(0), "{refused}");
    vendor.refuses(None);
    vendor.holds(false);
    assert_eq!(ended(&gateway, &id).await["status"], "succeeded");
    assert_eq!(vendor.jobs().len(), 1);
    gateway.stop().await;
}
