//! The house on PostgreSQL: over the wire, as two houses on one database, and as two processes on a table
//! of which one falls silent.

use domain::store::{Birth, Claim};
use domain::{Id, StateWord};
use reelway::config::{Config, Environment, Flags};
use reelway::wiring::node::Node;
use reelway::wiring::{House, Nature};
use serde_json::json;
use store::{Lock, Options};
use testkit::ids::SeededIds;
use testkit::postgres::cluster;
use testkit::provider::Scripted;
use testkit::sample;

use crate::house_under_test::Gateway;
use crate::rig::Rig;

/// Processes that start at one moment.
const STARTS: usize = 4;
/// Longer than a small clip takes, shorter than a wait that nobody ends.
const LONG: std::time::Duration = std::time::Duration::from_secs(50);

#[tokio::test(flavor = "multi_thread")]
async fn a_clip_is_made_and_paid_on_postgresql() {
    let url = cluster().database();
    let environment = Environment::of(&[("REELWAY_DATABASE__URL", url.as_str())]);
    let gateway = Gateway::in_environment(&environment).await;
    let id = gateway.clip().await;
    let task = gateway
        .ask("GET", &format!("/api/v1/tasks/{id}"), "")
        .await
        .json();
    assert_eq!(task["status"], "succeeded", "{task}");
    let held = gateway.holdings().await;
    assert_eq!(held.tasks(), 0);
    let report = gateway
        .house
        .engine
        .store()
        .verify_ledger()
        .await
        .expect("a report");
    assert_eq!((report.finished_tasks, report.faults), (1, Vec::new()));
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_that_start_at_once_make_one_tenant_two_keys_and_one_credit() {
    let url = cluster().database();
    let environment = Environment::of(&[
        ("REELWAY_DATABASE__URL", url.as_str()),
        ("REELWAY_BOOTSTRAP_API_KEY", "a-client-key-of-the-operator-1"),
        ("REELWAY_BOOTSTRAP_ADMIN_KEY", "an-admin-key-of-the-operator-1"),
        ("REELWAY_BOOTSTRAP_CREDIT", "5000000"),
    ]);
    let start = || async {
        let directory = tempfile::tempdir().expect("a folder for each");
        let flags = Flags {
            config: None,
            data_dir: Some(directory.path().join("data")),
            listen: Some("127.0.0.1:0".to_owned()),
        };
        let (config, _) = Config::load(&flags, &environment).expect("the defaults are good");
        House::open(config, &environment, Nature::of_machine())
            .await
            .map(|(house, _)| house)
    };
    let houses = futures_util::future::try_join_all((0..STARTS).map(|_| start())).await;
    let houses = houses.expect("every process starts");
    let store = houses[0].engine.store();
    let tenants = store.registry().tenants().await.expect("an answer");
    assert_eq!(tenants.len(), 1);
    assert_eq!(store.registry().keys(None).await.expect("an answer").len(), 2);
    let balance = store.balance(tenants[0].id).await.expect("an answer");
    assert_eq!(balance.map(|balance| balance.available.0), Some(5_000_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_submitted_at_one_house_is_waited_for_and_fetched_at_another() {
    let url = cluster().database();
    let files = tempfile::tempdir().expect("a folder for both");
    let files = format!("file:{}", files.path().display());
    let environment = Environment::of(&[
        ("REELWAY_DATABASE__URL", url.as_str()),
        ("REELWAY_BLOBS__URL", files.as_str()),
    ]);
    let one = Gateway::in_environment(&environment).await;
    let other = one.twin(&environment).await;
    let wish = json!({
        "model": "animatic", "prompt": "a dot", "duration": 2, "width": 320, "height": 180, "fps": 10, "seed": 1,
    });
    let taken = one.submit(&wish).await.json();
    let id = taken["task_id"].as_str().expect("an id").to_owned();
    let waited = async {
        loop {
            let path = format!("/kling/v1/videos/text2video/{id}?wait=60");
            let task = other.ask("GET", &path, "").await.json();
            match task["status"].as_str() {
                Some("completed") => return task,
                Some("queued" | "in_progress") => {}
                _ => panic!("the clip was not made: {task}"),
            }
        }
    };
    let task = tokio::time::timeout(LONG, waited)
        .await
        .expect("the other house is woken");
    let link = task["url"].as_str().expect("a link");
    let path = &link[link.find("/api/").expect("our own link")..];
    assert_eq!(other.send("GET", path, &[], "").await.status, 200);
    one.stop().await;
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tasks_of_a_process_that_falls_silent_are_taken_over_and_it_is_refused() {
    let rig = Rig::over(Scripted::new(), 8, Some(cluster().database())).await;
    let twin = rig.twin().await;
    let id = rig.submit().await;
    rig.crank().await;
    assert_eq!(rig.state(id).await, StateWord::Running);
    // The owner beats: nobody else takes its task.
    rig.crank_after(10_000).await;
    let silent = rig.submit().await;
    rig.crank().await;
    assert_eq!(rig.state(silent).await, StateWord::Running);
    rig.clock.advance_ms(14_000);
    twin.crank().await.expect("the belts turn");
    assert_eq!(rig.state(silent).await, StateWord::Running, "its lease holds");
    rig.clock.advance_ms(3_000);
    twin.crank().await.expect("the belts turn");
    let task = twin
        .store()
        .any_task(silent)
        .await
        .expect("an answer")
        .expect("a task");
    assert_eq!(task.word(), StateWord::Succeeded, "taken over after the lease");
    let version = task.course.version;
    // The silent one awakes with what it remembers, and changes nothing.
    rig.crank_after(1_000).await;
    let task = twin
        .store()
        .any_task(silent)
        .await
        .expect("an answer")
        .expect("a task");
    assert_eq!(
        (task.word(), task.course.version),
        (StateWord::Succeeded, version)
    );
    assert_eq!(rig.provider.jobs(), (2, 1), "nothing was made twice");
    rig.books().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restarted_process_has_the_work_of_its_dead_self_at_once_and_of_nobody_else() {
    let options = Options {
        url: cluster().database(),
        cache_bytes: 1 << 20,
        lock: Lock::Exclusive,
    };
    let store = store::open(options).await.expect("a database");
    store
        .registry()
        .create_tenant(&sample::tenant_row(1, true))
        .await
        .expect("a tenant");
    let birth = Birth::from(sample::birth(Id(1)));
    store.insert(vec![birth]).await.expect("a task");
    let (home, ids) = (tempfile::tempdir().expect("a folder"), SeededIds::new(1));
    let node = || Node::begin(home.path(), &*store, &ids);
    let claim = |node: &Node| {
        let claim = Claim {
            node: node.name.clone(),
            now: sample::at(0),
            lease_until: sample::at(1_000_000),
            states: vec![StateWord::Queued],
            lanes: None,
            after: None,
            limit: 10,
        };
        let store = &store;
        async move { store.claim(&claim).await.expect("an answer").len() }
    };
    let first = node().await.expect("a node");
    assert_eq!(claim(&first).await, 1);
    let beside = node().await.expect("a second process on one folder");
    assert_eq!(claim(&beside).await, 0, "the first lives");
    drop(first);
    let again = node().await.expect("a node");
    assert_eq!(claim(&again).await, 1, "the first is dead");
}
