//! Why a task is where it is: one paragraph for every state, from the task and what stands around it.

use domain::dialect::Place;
use domain::overview::{Ahead, Lease};
use domain::provider::Receipt;
use domain::task::{Offered, Origin};
use domain::{Event, EventKind, Id, MediaKind, Millis, Task};
use engine::{About, Remark, Rest, Station};
use reelway::admin::tasks::explain::{Scene, explain};
use testkit::sample;

mod ends;

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
        findings: None,
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
fn an_account_that_takes_less_than_it_may_says_why() {
    let task = queued();
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
fn media_that_does_not_come_is_named() {
    let mut ask = sample::ask();
    ask.inputs = vec![domain::Input {
        role: domain::Role::FirstFrame,
        field: "image".to_owned(),
        source: domain::Source::Link("https://pictures.example/1.png".to_owned()),
        rule: None,
        parent: None,
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
