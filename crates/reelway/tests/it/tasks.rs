//! Tasks for the operator: why each is where it is, in every state; and the admin API over all tenants.

use domain::dialect::Place;
use domain::error::TaskErrorCode;
use domain::overview::{Ahead, Lease};
use domain::provider::Receipt;
use domain::task::{Offered, Origin};
use domain::{Event, EventKind, Id, MediaKind, Millis, Task, TaskError};
use engine::{About, Remark, Rest, Station};
use reelway::admin::tasks::Sight;
use reelway::admin::tasks::explain::{Scene, after_cancel, explain};
use serde_json::{Value, json};
use testkit::provider::{OnLook, OnSubmit, Scripted};
use testkit::sample;

use crate::house_under_test::{Answer, Gateway};
use crate::rig::Rig;

const TASKS: &str = "/api/v1/admin/tasks";
/// The process that answers.
const HERE: &str = "node-here";

fn at(seconds: i64) -> Millis {
    sample::at(seconds * 1_000)
}

fn stepped(task: &Task, seconds: i64, kind: EventKind) -> Task {
    let event = Event {
        at: at(seconds),
        kind,
    };
    task.apply(&event).expect("the event is legal here").task
}

fn queued() -> Task {
    let origin = Origin {
        lane: "kling-v3".to_owned(),
        ..sample::origin(Id(7))
    };
    Task::born(origin).task
}

fn submitting() -> Task {
    let account = "kling-main".to_owned();
    stepped(&queued(), 10, EventKind::SubmitIntended { account })
}

fn receipt() -> Receipt {
    Receipt("vendor-1".to_owned())
}

fn running() -> Task {
    stepped(&submitting(), 11, EventKind::Accepted { receipt: receipt() })
}

fn settling(links: &[Option<&str>]) -> Task {
    let offered = links.iter().map(|link| Offered {
        kind: MediaKind::Video,
        link: link.map(str::to_owned),
        ..sample::offered()
    });
    let done = EventKind::Completed {
        receipt: receipt(),
        offered: offered.collect(),
        quantity: None,
        cost: None,
    };
    stepped(&running(), 60, done)
}

fn station(taken: usize) -> Station {
    Station {
        account: "kling-main".to_owned(),
        provider: "kling".to_owned(),
        taken,
        allowed: 5,
        learned: 5,
        closed: None,
        absence_bound_ms: Some(90_000),
        can_cancel: false,
    }
}

fn lease() -> Lease {
    Lease {
        node: HERE.to_owned(),
        until: at(10_000),
    }
}

fn words(about: About, words: &str) -> Remark {
    Remark {
        at: at(90),
        about,
        words: words.to_owned(),
    }
}

/// A scene at second 100 in which nothing is known beside the task.
fn bare(task: &Task) -> Scene<'_> {
    Scene {
        task,
        now: at(100),
        node: Some(HERE),
        lease: None,
        ahead: Ahead { tasks: 1, before: 0 },
        place: None,
        stations: &[],
        rest: None,
        words: None,
    }
}

fn says(scene: &Scene<'_>, parts: &[&str]) {
    let text = explain(scene);
    for part in parts {
        assert!(text.contains(part), "`{part}` is not in: {text}");
    }
}

#[test]
fn a_queued_task_says_which_slots_it_waits_for_and_who_is_before_it() {
    let task = queued();
    let full = [station(5)];
    let scene = Scene {
        stations: &full,
        ahead: Ahead { tasks: 8, before: 3 },
        ..bare(&task)
    };
    assert_eq!(
        explain(&scene),
        "It waits for a slot, and all that serve it are taken: `kling-main` has 5 of 5 in use. 7 other tasks wait in \
         lane `kling-v3`, 3 of them acknowledged before it; tenants take turns. If nothing comes of it by \
         2026-11-21T00:30:00Z, it fails and the hold of 0.42 USD is released."
    );
    let place = Place {
        position: 6,
        eta_seconds: Some(90),
    };
    let scene = Scene {
        place: Some(place),
        ..scene
    };
    says(
        &scene,
        &["tenants take turns. By turns it is number 6, in about 1m 30s."],
    );
    let learned = [Station {
        learned: 3,
        ..station(3)
    }];
    let scene = Scene {
        stations: &learned,
        ..bare(&task)
    };
    says(
        &scene,
        &["`kling-main` has 3 in use of 3 that its vendor gives (5 are set)"],
    );
    let closed = [Station {
        closed: Some("it is paused".to_owned()),
        ..station(0)
    }];
    let scene = Scene {
        stations: &closed,
        ..bare(&task)
    };
    says(
        &scene,
        &["no account that serves it takes new tasks now: `kling-main` has 0 of 5 in use, but it is paused"],
    );
    let free = [station(4)];
    let scene = Scene {
        stations: &free,
        ..bare(&task)
    };
    says(
        &scene,
        &[
            "A slot is free (`kling-main` has 4 of 5 in use)",
            "Nobody else waits",
        ],
    );
    says(
        &bare(&task),
        &["no account that is plugged in here serves lane `kling-v3`; plug one in"],
    );
    let taken = lease();
    let scene = Scene {
        lease: Some(&taken),
        ..bare(&task)
    };
    says(&scene, &["Node `node-here` has taken it from the queue"]);
}

#[test]
fn a_busy_task_says_when_it_goes_out_again_and_what_the_vendor_said() {
    let task = stepped(&submitting(), 90, EventKind::Busy { not_before: at(130) });
    let stations = [station(0)];
    let said = words(
        About::Submit,
        "HTTP 429, code 1303: parallel task over resource pack limit",
    );
    let scene = Scene {
        stations: &stations,
        words: Some(&said),
        ..bare(&task)
    };
    says(
        &scene,
        &[
            "The upstream was busy at the last of 1 try",
            "(10s ago): \"HTTP 429, code 1303: parallel task over resource pack limit\"",
            "goes out again from 2026-11-21T00:02:10Z (in 30s) on",
            "takes no slot",
        ],
    );
    let scene = Scene {
        stations: &stations,
        ..bare(&task)
    };
    says(&scene, &["this process did not hear the words"]);
}

#[test]
fn a_pinned_task_says_why_no_other_account_may_take_it() {
    let doubtful = stepped(&submitting(), 20, EventKind::Ambiguous);
    let task = stepped(&doubtful, 99, EventKind::Absent);
    let other = Station {
        account: "kling-two".to_owned(),
        ..station(0)
    };
    let stations = [other, station(5)];
    let scene = Scene {
        stations: &stations,
        ..bare(&task)
    };
    says(
        &scene,
        &[
            "Only account `kling-main` may take it",
            "all that serve it are taken: `kling-main` has 5 of 5",
        ],
    );
    let elsewhere = [stations[0].clone()];
    let scene = Scene {
        stations: &elsewhere,
        ..bare(&task)
    };
    says(&scene, &["account `kling-main` is not plugged in here"]);
}

#[test]
fn a_task_that_is_handed_over_says_since_when() {
    let (task, lease) = (submitting(), lease());
    let scene = Scene {
        lease: Some(&lease),
        ..bare(&task)
    };
    says(
        &scene,
        &[
            "being handed to account `kling-main` since 2026-11-21T00:00:10Z (1m 30s ago)",
            "never sent again blindly",
        ],
    );
}

#[test]
fn a_task_in_doubt_says_since_when_and_when_its_absence_is_believed() {
    let task = stepped(&submitting(), 20, EventKind::Ambiguous);
    let (lease, stations) = (lease(), [station(1)]);
    let said = words(About::Submit, "HTTP 504, code 5002: internal time-out");
    let rest = Rest {
        since: at(95),
        due: at(103),
        tries: 4,
        running_since: None,
    };
    let scene = Scene {
        lease: Some(&lease),
        stations: &stations,
        words: Some(&said),
        rest: Some(rest),
        ..bare(&task)
    };
    says(
        &scene,
        &[
            "in doubt since 2026-11-21T00:00:20Z (1m 20s ago): account `kling-main` was sent it",
            "code 5002",
            "by our reference `rw-",
            "absent is believed from 2026-11-21T00:01:50Z (in 10s) on",
            "The next look-up is in 3s",
            "not sent again meanwhile",
        ],
    );
    let blind = [Station {
        absence_bound_ms: None,
        ..station(1)
    }];
    let scene = Scene {
        lease: Some(&lease),
        stations: &blind,
        ..bare(&task)
    };
    says(&scene, &["has no look-up: look there yourself"]);
    let scene = Scene {
        lease: Some(&lease),
        ..bare(&task)
    };
    says(
        &scene,
        &["`kling-main` is not plugged in here, so that nobody can look it up"],
    );
}

#[test]
fn a_running_task_says_at_which_account_since_when_and_when_it_was_looked_at() {
    let (task, lease, stations) = (running(), lease(), [station(1)]);
    let rest = Rest {
        since: at(98),
        due: at(102),
        tries: 0,
        running_since: None,
    };
    let scene = Scene {
        lease: Some(&lease),
        stations: &stations,
        rest: Some(rest),
        ..bare(&task)
    };
    assert_eq!(
        explain(&scene),
        "Account `kling-main` works on it since 2026-11-21T00:00:11Z (1m 29s ago), as `vendor-1`. The last look was 2s ago, \
         the next is in 2s. If nothing comes of it by 2026-11-21T00:30:00Z, it fails and the hold of 0.42 USD is released."
    );
    let task = stepped(&task, 50, EventKind::Progressed { percent: 40 });
    let said = words(About::Look, "connection reset");
    let rest = Rest { tries: 3, ..rest };
    let scene = Scene {
        rest: Some(rest),
        words: Some(&said),
        lease: Some(&lease),
        stations: &stations,
        ..bare(&task)
    };
    says(
        &scene,
        &[
            "was at 40 % at 2026-11-21T00:00:50Z",
            "(3 looks in a row saw nothing)",
            "\"connection reset\"",
        ],
    );
    let scene = Scene {
        lease: Some(&lease),
        ..bare(&task)
    };
    says(
        &scene,
        &["`kling-main` is not plugged in here, so that nobody looks"],
    );
}

#[test]
fn a_task_in_other_hands_says_whose() {
    let (task, stations) = (running(), [station(1)]);
    let theirs = Lease {
        node: "node-there".to_owned(),
        until: at(110),
    };
    let scene = Scene {
        lease: Some(&theirs),
        stations: &stations,
        ..bare(&task)
    };
    says(
        &scene,
        &["Node `node-there` has it, not the process that answers here (`node-here`)"],
    );
    let dead = Lease {
        until: at(99),
        ..theirs
    };
    let scene = Scene {
        lease: Some(&dead),
        stations: &stations,
        ..bare(&task)
    };
    says(
        &scene,
        &["has not been heard of since its lease ended at 2026-11-21T00:01:39Z"],
    );
    let scene = Scene {
        stations: &stations,
        ..bare(&task)
    };
    says(&scene, &["No node has it at this moment"]);
    let scene = Scene {
        node: None,
        ..bare(&task)
    };
    says(&scene, &["No gateway runs on this data directory"]);
    let waiting = queued();
    let scene = Scene {
        node: None,
        ..bare(&waiting)
    };
    says(
        &scene,
        &[
            "It waits in the queue of lane `kling-v3` for a gateway",
            "nothing moves until `reelway serve`",
        ],
    );
}

#[test]
fn a_settling_task_says_which_files_are_missing_and_how_often_they_were_tried() {
    let task = settling(&[Some("https://cdn.example/clip.mp4?token=secret"), None]);
    let (lease, stations) = (lease(), [station(0)]);
    let said = words(About::Result, "the link answered 503");
    let rest = Rest {
        since: at(95),
        due: at(125),
        tries: 4,
        running_since: None,
    };
    let scene = Scene {
        lease: Some(&lease),
        stations: &stations,
        rest: Some(rest),
        words: Some(&said),
        ..bare(&task)
    };
    says(
        &scene,
        &[
            "video from cdn.example, video streamed by the provider",
            "4 tries failed so far",
            "\"the link answered 503\"",
            "The next try is in 25s",
        ],
    );
    assert!(!explain(&scene).contains("secret"), "a link opens the file");
}

#[test]
fn an_ended_task_says_how_and_what_it_cost() {
    let artifacts = vec![sample::artifact(Id(1))];
    let done = stepped(&settling(&[None]), 70, EventKind::Kept { artifacts });
    says(
        &bare(&done),
        &["succeeded at 2026-11-21T00:01:10Z: 1 file is kept, 0.42 USD were charged"],
    );
    let error = TaskError {
        vendor_code: Some(1301),
        ..TaskError::new(TaskErrorCode::Policy, "the content rules")
    };
    let failed = stepped(&running(), 70, EventKind::VendorFailed { error });
    says(
        &bare(&failed),
        &[
            "failed at 2026-11-21T00:01:10Z: the content rules",
            "vendor code 1301",
            "hold of 0.42 USD is released; nothing is charged",
        ],
    );
    let late = stepped(&running(), 70, EventKind::DeadlinePassed);
    says(&bare(&late), &["deadline_passed"]);
    let cancelled = stepped(&queued(), 5, EventKind::CancelRequested);
    says(
        &bare(&cancelled),
        &["cancelled at its client's wish", "nothing was charged"],
    );
    for task in [done, failed, late, cancelled] {
        assert!(
            !explain(&bare(&task)).contains("If nothing comes"),
            "it has ended"
        );
    }
}

#[test]
fn media_that_does_not_come_is_named() {
    let mut ask = sample::ask();
    ask.inputs = vec![domain::Input {
        role: domain::Role::FirstFrame,
        field: "image".to_owned(),
        source: domain::Source::Link("https://pictures.example/1.png".to_owned()),
        rule: None,
    }];
    let origin = Origin {
        ask: ask.into(),
        ..sample::origin(Id(7))
    };
    let (task, lease) = (Task::born(origin).task, lease());
    let said = words(About::Media, "`image`: connection refused");
    let rest = Rest {
        since: at(90),
        due: at(104),
        tries: 2,
        running_since: None,
    };
    let scene = Scene {
        lease: Some(&lease),
        rest: Some(rest),
        words: Some(&said),
        ..bare(&task)
    };
    says(
        &scene,
        &[
            "1 input",
            "`image`: connection refused",
            "The next try is in 4s",
            "Nothing was sent upstream",
        ],
    );
}

#[test]
fn a_cancel_is_truthful_about_what_is_spent() {
    let cancelled = |task: &Task| stepped(task, 80, EventKind::CancelRequested);
    let (cannot, can) = (
        [station(1)],
        [Station {
            can_cancel: true,
            ..station(1)
        }],
    );
    let cases = [
        (
            cancelled(&queued()),
            &cannot,
            "nothing was charged; the rest of the hold of 0.42 USD is released",
        ),
        (
            cancelled(&submitting()),
            &cannot,
            "may have taken the task, and only its vendor knows",
        ),
        (
            cancelled(&running()),
            &cannot,
            "this vendor cannot stop: the work goes on",
        ),
        (
            cancelled(&running()),
            &can,
            "the vendor is asked to stop at each look",
        ),
        (cancelled(&settling(&[None])), &cannot, "too late to stop"),
    ];
    for (task, stations, part) in cases {
        let text = after_cancel(&task, stations);
        assert!(text.contains(part), "`{part}` is not in: {text}");
    }
    let (task, lease) = (cancelled(&running()), lease());
    let scene = Scene {
        lease: Some(&lease),
        stations: &cannot,
        ..bare(&task)
    };
    says(
        &scene,
        &[
            "A cancel was asked for",
            "up to 0.42 USD is charged if the vendor succeeds",
        ],
    );
}

/// The explanation of a task of a rig.
async fn explained(rig: &Rig, id: domain::TaskId) -> String {
    let sight = Sight {
        store: &**rig.engine.store(),
        clock: &*rig.clock,
        engine: Some(&rig.engine),
    };
    let shown = sight.show(&id.prefixed()).await.expect("it is there");
    shown.explanation
}

#[tokio::test]
async fn the_belts_leave_behind_what_an_explanation_needs() {
    let rig = Rig::with(Scripted::new(), 1).await;
    rig.provider.on_submit([OnSubmit::Busy(Some(30_000))]);
    let first = rig.submit().await;
    rig.crank().await;
    let text = explained(&rig, first).await;
    assert!(text.contains("\"too many parallel tasks\""), "{text}");
    rig.provider.on_look([OnLook::Running(None), OnLook::Error]);
    rig.crank_after(60_000).await;
    let text = explained(&rig, first).await;
    assert!(text.contains("Account `scripted-main` works on it"), "{text}");
    rig.crank_after(5_000).await;
    rig.crank_after(5_000).await;
    let text = explained(&rig, first).await;
    assert!(
        text.contains("connection reset") || text.contains("succeeded"),
        "{text}"
    );
    let second = Rig::with(Scripted::new(), 1).await;
    let (one, two) = (second.submit().await, second.submit().await);
    second.provider.on_look([OnLook::Running(Some(50))]);
    second.crank().await;
    let texts = [explained(&second, one).await, explained(&second, two).await];
    let waits = texts
        .iter()
        .find(|text| text.contains("all that serve it are taken"));
    let waits = waits.unwrap_or_else(|| panic!("{texts:?}"));
    assert!(waits.contains("`scripted-main` has 1 of 1 in use"), "{waits}");
}

async fn admin(gateway: &Gateway, method: &str, path: &str) -> Answer {
    let bearer = format!("Bearer {}", gateway.admin_key);
    gateway
        .send(method, path, &[("authorization", &bearer)], "")
        .await
}

fn ids(list: &Value) -> Vec<&str> {
    let data = list["data"].as_array().expect("a list");
    data.iter().filter_map(|task| task["id"].as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_sees_tasks_of_all_tenants_and_narrows_them() {
    let gateway = Gateway::start().await;
    let mine = gateway.clip().await;
    let stranger = gateway.stranger().await;
    let wish =
        json!({ "model": "animatic", "prompt": "a dot", "duration": 1, "width": 64, "height": 64, "fps": 5 });
    let bearer = format!("Bearer {stranger}");
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
        ("prefer", "wait=60"),
    ];
    let path = "/kling/v1/videos/text2video";
    let taken = gateway.send("POST", path, &headers, wish.to_string()).await;
    let theirs = taken.json()["task_id"].as_str().expect("an id").to_owned();
    let all = admin(&gateway, "GET", TASKS).await.json();
    assert_eq!(ids(&all), [theirs.as_str(), mine.as_str()]);
    assert_eq!(
        (&all["has_more"], &all["next_cursor"]),
        (&json!(false), &Value::Null)
    );
    let narrowed: [(&str, &[&str]); 7] = [
        ("tenant=stranger", &[&theirs]),
        ("tenant=default", &[&mine]),
        (
            "state=succeeded&model=animatic&account=animatic&since=1h",
            &[&theirs, &mine],
        ),
        ("state=open", &[]),
        ("model=kling-v3", &[]),
        ("since=2100-01-01T00:00:00Z", &[]),
        ("limit=1", &[&theirs]),
    ];
    for (query, expected) in narrowed {
        let list = admin(&gateway, "GET", &format!("{TASKS}?{query}")).await.json();
        assert_eq!(ids(&list), expected, "{query}: {list}");
    }
    let behind = admin(&gateway, "GET", &format!("{TASKS}?after={theirs}"))
        .await
        .json();
    assert_eq!(ids(&behind), [mine.as_str()]);
    let refused = [
        ("state=sleeping", "state"),
        ("tenant=nobody", "tenant"),
        ("since=soon", "since"),
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("after=x", "after"),
        ("colour=red", "query"),
    ];
    for (query, field) in refused {
        let answer = admin(&gateway, "GET", &format!("{TASKS}?{query}")).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["error"]["field"]),
            (400, &json!(field)),
            "{query}"
        );
    }
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_task_is_shown_with_its_money_and_cancelled_truthfully() {
    let gateway = Gateway::start().await;
    let id = gateway.clip().await;
    let shown = admin(&gateway, "GET", &format!("{TASKS}/{id}")).await.json();
    assert_eq!(
        (&shown["id"], &shown["state"], &shown["tenant"]),
        (&json!(id), &json!("succeeded"), &json!("default"))
    );
    let kinds: Vec<_> = shown["lines"]
        .as_array()
        .expect("lines")
        .iter()
        .map(|line| line["kind"].clone())
        .collect();
    assert!(
        kinds.contains(&json!("hold")) && kinds.contains(&json!("charge")),
        "{kinds:?}"
    );
    assert!(
        shown["explanation"]
            .as_str()
            .is_some_and(|text| text.contains("It succeeded at")),
        "{shown}"
    );
    assert!(
        !shown.to_string().contains("a dot"),
        "prompts are not the operator's business"
    );
    let short = admin(&gateway, "GET", &format!("{TASKS}/{id}/explanation"))
        .await
        .json();
    assert_eq!(short["explanation"], shown["explanation"]);
    let late = admin(&gateway, "POST", &format!("{TASKS}/{id}/cancel")).await;
    assert_eq!(late.status, 409);
    for path in [
        format!("{TASKS}/nothing"),
        format!("{TASKS}/task_{}", "0".repeat(32)),
    ] {
        assert_eq!(admin(&gateway, "GET", &path).await.status, 404);
    }
    for (method, path) in [
        ("GET", TASKS.to_owned()),
        ("GET", format!("{TASKS}/{id}")),
        ("POST", format!("{TASKS}/{id}/cancel")),
    ] {
        assert_eq!(
            gateway.ask(method, &path, "").await.status,
            403,
            "a client key opens nothing here"
        );
        assert_eq!(gateway.send(method, &path, &[], "").await.status, 401);
    }
    gateway.stop().await;
}
