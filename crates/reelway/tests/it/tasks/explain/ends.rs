//! How tasks ended, and what a cancel comes to: truthful about what was spent.

use domain::error::TaskErrorCode;
use domain::{EventKind, Id, Task, TaskError};
use engine::Station;
use reelway::admin::tasks::explain::{Scene, after_cancel, explain};
use testkit::sample;

use super::{bare, lease, queued, running, says, settling, station, stepped, submitting};

#[test]
fn an_ended_task_says_how_and_what_it_cost() {
    let artifacts = vec![sample::artifact(Id(1))];
    let done = stepped(
        &settling(&[None]),
        70,
        EventKind::Kept {
            artifacts,
            findings: None,
        },
    );
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
