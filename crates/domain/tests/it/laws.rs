//! Laws over random lives: events in any order, the illegal ones ignored, on random quotes, quantities
//! and costs. Single ways through a life are in `books`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use domain::error::TaskErrorCode;
use domain::money::Line;
use domain::task::{Change, Origin};
use domain::{Event, EventKind, Id, LedgerAccount, LineKind, Micros, Millis, Quote, State, StateWord, Task};
use proptest::collection::vec;
use proptest::prelude::{Just, ProptestConfig, Strategy, any, proptest};
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use proptest::{option, prop_assert, prop_assert_eq, prop_oneof};
use testkit::sample;

use crate::walk::{self, ACCOUNT, OTHER};

/// Events tried in one life.
const MOST_EVENTS: usize = 60;
/// Lives tried by each law.
const CASES: u32 = 200;
/// Lives that must show every kind of end among them.
const LIVES_LOOKED_AT: usize = 1_000;

fn orders() -> impl Strategy<Value = Origin> {
    let price = prop_oneof![0..=2_000_000_i64, 0..=i64::MAX / 1_000];
    (price, 0..=1_000_u64, any::<bool>(), any::<bool>()).prop_map(|(price, quantity, link, callback)| {
        let base = if link {
            walk::origin_with_link()
        } else {
            walk::origin()
        };
        let price_micros = Micros(price);
        let hold_micros = price_micros.times(quantity).expect("the price is bounded for it");
        Origin {
            quote: Quote {
                price_micros,
                quantity,
                hold_micros,
                ..sample::quote()
            },
            callback_url: base.callback_url.clone().filter(|_| callback),
            ..base
        }
    })
}

fn quantities() -> impl Strategy<Value = Option<u64>> {
    option::of(prop_oneof![4 => 0..=1_200_u64, 1 => any::<u64>()])
}

fn costs() -> impl Strategy<Value = Option<Micros>> {
    option::of(prop_oneof![0..=1_000_000_i64, any::<i64>()].prop_map(Micros))
}

fn kinds() -> impl Strategy<Value = EventKind> {
    let account = select(vec![ACCOUNT, OTHER]);
    let files = || select(vec![0_usize, 1, 1, 2]);
    let completed =
        (files(), quantities(), costs()).prop_map(|(files, quantity, cost)| EventKind::Completed {
            receipt: walk::receipt(),
            offered: vec![sample::offered(); files],
            quantity,
            cost,
            findings: None,
        });
    let kept = files().prop_map(|files| EventKind::Kept {
        artifacts: vec![sample::artifact(Id(0xa1)); files],
        findings: None,
    });
    let late = (files(), costs()).prop_map(|(files, cost)| EventKind::LateResult {
        artifacts: vec![sample::artifact(Id(0xa2)); files],
        cost,
    });
    let plain = select(vec![
        walk::ingested(),
        walk::ingest_failed(),
        walk::refused(),
        walk::vendor_failed(),
        walk::custody_lost(),
        EventKind::Ambiguous,
        EventKind::Absent,
        EventKind::Lost,
        EventKind::Stopped,
        EventKind::DeadlinePassed,
        EventKind::CancelRequested,
    ]);
    let work = prop_oneof![
        account.prop_map(walk::intended),
        Just(walk::accepted()),
        any::<i64>().prop_map(|at| EventKind::Busy {
            not_before: Millis(at)
        }),
        any::<u8>().prop_map(walk::progressed),
    ];
    prop_oneof![4 => work, 3 => completed, 3 => kept, 1 => late, 4 => plain]
}

fn lives() -> impl Strategy<Value = Life> {
    let event = (0..=100_000_i64, kinds());
    (orders(), vec(event, 0..MOST_EVENTS)).prop_map(|(origin, events)| Life::lead(origin, &events))
}

/// A life: the birth and every change, each with the event that made it.
struct Life {
    birth: Change,
    changes: Vec<(EventKind, Change)>,
}

impl Life {
    fn lead(origin: Origin, events: &[(i64, EventKind)]) -> Life {
        let birth = Task::born(origin);
        let mut task = birth.task.clone();
        let mut changes = Vec::new();
        for (later_ms, kind) in events {
            let event = Event {
                at: task.course.updated_at.plus(*later_ms),
                kind: kind.clone(),
            };
            let asked = task.clone();
            let answer = task.apply(&event);
            assert_eq!(task, asked, "asking changes nothing");
            assert_eq!(
                answer,
                task.apply(&event),
                "the same question has the same answer"
            );
            if let Ok(change) = answer {
                task = change.task.clone();
                changes.push((event.kind, change));
            }
        }
        Life { birth, changes }
    }

    fn task(&self) -> &Task {
        self.changes
            .last()
            .map_or(&self.birth.task, |(_, change)| &change.task)
    }

    fn steps(&self) -> impl Iterator<Item = &Change> {
        std::iter::once(&self.birth).chain(self.changes.iter().map(|(_, change)| change))
    }

    fn lines(&self) -> impl Iterator<Item = &Line> {
        self.steps().flat_map(|change| &change.lines)
    }

    /// The sum of all lines of a kind, in more digits than money has.
    fn sum(&self, kind: LineKind) -> i128 {
        let amounts = self.lines().filter(|line| line.kind == kind);
        amounts.map(|line| i128::from(line.amount.0)).sum()
    }

    /// Whether the client's wish to stop was answered by a result all the same.
    fn was_dropped(&self) -> bool {
        let Some((kind, change)) = self.changes.last() else {
            return false;
        };
        let with_result = match kind {
            EventKind::Completed { offered, .. } => !offered.is_empty(),
            EventKind::Kept { .. } => true,
            _ => false,
        };
        change.task.word() == StateWord::Cancelled && change.task.course.cancel_requested && with_result
    }
}

/// A failing law shows the price and the events, not every row on the way.
impl fmt::Debug for Life {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let events: Vec<&EventKind> = self.changes.iter().map(|(kind, _)| kind).collect();
        let Origin { quote, .. } = &*self.task().origin;
        let course = &self.task().course;
        write!(f, "{quote:?}\n{events:#?}\nlead to {course:?}")
    }
}

fn pockets<'a>(lines: impl Iterator<Item = &'a Line>) -> BTreeMap<LedgerAccount, i128> {
    let mut pockets = BTreeMap::new();
    for line in lines {
        *pockets.entry(line.from).or_default() -= i128::from(line.amount.0);
        *pockets.entry(line.to).or_default() += i128::from(line.amount.0);
    }
    pockets
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_finished_task_balances(life in lives()) {
        let hold = i128::from(life.task().origin.quote.hold_micros.0);
        prop_assert_eq!(life.sum(LineKind::Hold), hold);
        let (charge, release) = (life.sum(LineKind::Charge), life.sum(LineKind::Release));
        if life.task().word().is_final() {
            prop_assert_eq!(charge + release, hold);
        } else {
            prop_assert_eq!((charge, release), (0, 0));
        }
    }

    #[test]
    fn an_excess_is_only_what_a_true_quantity_above_the_hold_costs(life in lives()) {
        let quote = &life.task().origin.quote;
        let settled = life.steps().find_map(|change| change.usage.as_ref());
        let quantity = settled.map_or(0, |usage| usage.quantity);
        let due = i128::from(quote.price_micros.0) * i128::from(quantity);
        let above = (due - i128::from(quote.hold_micros.0)).max(0);
        prop_assert_eq!(life.sum(LineKind::Excess), above);
        prop_assert_eq!(life.sum(LineKind::Charge) + above, due);
        if above > 0 {
            prop_assert!(quantity > quote.quantity);
            prop_assert_eq!(life.sum(LineKind::Charge), i128::from(quote.hold_micros.0));
        }
    }

    #[test]
    fn the_settled_quantity_is_the_vendors_else_the_asked_one(life in lives()) {
        let mut counted = None;
        for (kind, change) in &life.changes {
            if let EventKind::Completed { quantity, .. } = kind {
                counted = *quantity;
            }
            if let Some(usage) = &change.usage {
                let charged = change.lines.iter().any(|line| line.kind == LineKind::Charge);
                let asked = life.task().origin.quote.quantity;
                let expected = if charged { counted.unwrap_or(asked) } else { 0 };
                prop_assert_eq!(usage.quantity, expected);
            }
        }
    }

    #[test]
    fn no_line_moves_a_negative_amount_or_a_pocket_into_itself(life in lives()) {
        for line in life.lines() {
            prop_assert!(line.amount >= Micros::ZERO, "{:?}", line);
            prop_assert!(line.from != line.to, "{:?}", line);
        }
    }

    #[test]
    fn every_line_of_a_task_has_a_name_of_its_own(life in lives()) {
        let mut names = BTreeSet::new();
        for line in life.lines() {
            prop_assert_eq!(line.task, Some(life.task().id()));
            prop_assert!(names.insert((line.kind, line.sequence)), "{:?} twice", line);
        }
    }

    #[test]
    fn all_pockets_sum_to_zero_and_the_held_one_is_the_hold_until_the_end(life in lives()) {
        let held = LedgerAccount::Held(life.task().origin.tenant);
        let mut so_far: Vec<Line> = Vec::new();
        for change in life.steps() {
            so_far.extend(change.lines.iter().cloned());
            let pockets = pockets(so_far.iter());
            prop_assert_eq!(pockets.values().sum::<i128>(), 0);
            let hold = i128::from(change.task.origin.quote.hold_micros.0);
            let expected = if change.task.word().is_final() { 0 } else { hold };
            prop_assert_eq!(pockets.get(&held), Some(&expected));
        }
    }

    #[test]
    fn nothing_is_charged_but_for_a_success_or_a_result_that_a_cancel_came_too_late_for(life in lives()) {
        let charged = life.lines().any(|line| matches!(line.kind, LineKind::Charge | LineKind::Excess));
        let worked = life.task().word() == StateWord::Succeeded || life.was_dropped();
        prop_assert_eq!(charged, worked);
        let revenue = pockets(life.lines()).get(&LedgerAccount::Revenue).copied().unwrap_or(0);
        let shown = life.task().course.charge_micros.unwrap_or(Micros::ZERO);
        prop_assert_eq!(revenue, i128::from(shown.0));
    }

    #[test]
    fn a_late_result_touches_no_pocket_of_a_tenant(life in lives()) {
        for (kind, change) in &life.changes {
            if matches!(kind, EventKind::LateResult { .. }) {
                for line in &change.lines {
                    prop_assert_eq!((line.from, line.to), (LedgerAccount::Corrections, LedgerAccount::Payable));
                    prop_assert_eq!(line.tenant, None);
                }
            }
        }
    }

    #[test]
    fn the_vendors_cost_is_the_tenants_price_of_nobody(life in lives()) {
        for line in life.lines().filter(|line| line.kind == LineKind::Cost) {
            prop_assert_eq!(line.from.tenant(), None);
            prop_assert_eq!(line.to, LedgerAccount::Payable);
            let paid_work = life.lines().any(|line| line.kind == LineKind::Charge);
            let from = if paid_work { LedgerAccount::UpstreamCost } else { LedgerAccount::Corrections };
            prop_assert_eq!(line.from, from);
        }
    }

    #[test]
    fn an_end_is_an_end(life in lives()) {
        let ends: Vec<&Change> = life.steps().filter(|change| change.task.word().is_final()).collect();
        for pair in ends.windows(2) {
            prop_assert_eq!(&pair[1].task.course.state, &pair[0].task.course.state);
            prop_assert_eq!(pair[1].task.course.finished_at, pair[0].task.course.finished_at);
        }
        prop_assert!(ends.len() <= 2, "an end and a late result");
        let usages = life.steps().filter(|change| change.usage.is_some()).count();
        prop_assert_eq!(usages, usize::from(!ends.is_empty()));
    }

    #[test]
    fn versions_count_up_and_progress_and_attempts_never_fall(life in lives()) {
        for (before, (_, after)) in life.steps().zip(&life.changes) {
            let (before, after) = (&before.task.course, &after.task.course);
            prop_assert_eq!(after.version, before.version + 1);
            prop_assert!(after.progress >= before.progress && after.progress <= 100);
            prop_assert!(after.attempts >= before.attempts);
        }
    }

    #[test]
    fn a_doubtful_submit_is_never_repeated_elsewhere(life in lives()) {
        let mut doubted: Option<&str> = None;
        for (kind, change) in &life.changes {
            match kind {
                EventKind::Absent => doubted = change.task.course.account.as_deref(),
                EventKind::Lost => doubted = None,
                EventKind::SubmitIntended { account } => {
                    prop_assert!(doubted.is_none_or(|doubted| doubted == account));
                }
                _ => {}
            }
        }
    }

    #[test]
    fn a_task_is_never_stuck(life in lives()) {
        let task = life.task();
        let way_out = match task.word() {
            StateWord::Succeeded | StateWord::Failed | StateWord::Cancelled => return Ok(()),
            StateWord::Settling => walk::kept(),
            _ => EventKind::DeadlinePassed,
        };
        let ended = walk::step(task, &way_out).map(|change| change.task.word().is_final());
        prop_assert_eq!(ended, Ok(true));
    }

    #[test]
    fn a_success_has_files_and_nothing_else_has(life in lives()) {
        let course = &life.task().course;
        prop_assert_eq!(course.artifacts.is_empty(), course.state != State::Succeeded);
        let by_deadline = life.task().error().is_some_and(|error| error.code == TaskErrorCode::DeadlinePassed);
        prop_assert!(course.late.is_empty() || by_deadline);
    }

    #[test]
    fn a_course_is_read_back_as_it_was_written(life in lives()) {
        let course = &life.task().course;
        let text = serde_json::to_string(course).unwrap();
        prop_assert_eq!(&serde_json::from_str::<domain::task::Course>(&text).unwrap(), course);
    }
}

/// Laws over lives that never come far would hold for nothing: the random ones show every end.
#[test]
fn the_random_lives_come_to_every_kind_of_end() {
    let mut runner = TestRunner::deterministic();
    let strategy = lives();
    let mut seen = BTreeSet::new();
    for _ in 0..LIVES_LOOKED_AT {
        let life = strategy
            .new_tree(&mut runner)
            .expect("nothing is filtered out")
            .current();
        seen.insert(life.task().word().word());
        let mut mark = |found: bool, what: &'static str| found.then(|| seen.insert(what));
        mark(life.sum(LineKind::Excess) > 0, "an excess");
        mark(life.was_dropped(), "a dropped result");
        mark(!life.task().course.late.is_empty(), "a late result");
        mark(life.task().course.attempts > 2, "a third attempt");
        mark(
            life.sum(LineKind::Charge) > 0 && life.sum(LineKind::Release) > 0,
            "a partial charge",
        );
        mark(
            pockets(life.lines()).contains_key(&LedgerAccount::Corrections),
            "a loss of the house",
        );
    }
    let ends: BTreeSet<&str> = StateWord::ALL.into_iter().map(StateWord::word).collect();
    let special = [
        "an excess",
        "a dropped result",
        "a late result",
        "a third attempt",
    ];
    let rest = ["a partial charge", "a loss of the house"];
    let expected: BTreeSet<&str> = ends.into_iter().chain(special).chain(rest).collect();
    assert_eq!(seen, expected);
}
