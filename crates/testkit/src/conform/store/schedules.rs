//! Checks over long random lives: whatever happens, in whatever order, the store shows what was
//! committed and the books are exact.

use std::collections::BTreeMap;

use domain::error::{TaskError, TaskErrorCode};
use domain::store::{Filter, Outcome, Page};
use domain::task::{Event, Origin};
use domain::{Change, EventKind, Id, Micros, Millis, StateWord, Task, TaskId};

use super::{Desk, accepted, birth, claim, completed, id, intended, order_of};
use crate::ids::mix;
use crate::sample;

/// Seeds that are walked; a failure names its own.
const SEEDS: [u64; 3] = [1, 2, 3];
/// Steps a walk.
const STEPS: usize = 60;
/// Most members of one batch.
const BATCH_MOST: u64 = 6;

/// Chance from a seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(1);
        mix(self.0) % bound
    }

    fn pick<'list, T>(&mut self, list: &'list [T]) -> Option<&'list T> {
        let bound = u64::try_from(list.len()).ok().filter(|bound| *bound > 0)?;
        list.get(usize::try_from(self.below(bound)).ok()?)
    }
}

/// What the store should show.
struct Walk {
    dice: Dice,
    seed: u64,
    now: i64,
    born: u128,
    tasks: BTreeMap<TaskId, Task>,
}

fn events(at: Millis) -> Vec<EventKind> {
    let error = || TaskError::new(TaskErrorCode::ProviderFailed, "it went wrong");
    let artifacts = || vec![sample::artifact(Id(77))];
    vec![
        EventKind::Ingested { media: Vec::new() },
        EventKind::IngestFailed { error: error() },
        intended(),
        accepted(),
        EventKind::Busy { not_before: at },
        EventKind::Refused { error: error() },
        EventKind::Ambiguous,
        EventKind::Absent,
        EventKind::VendorFailed { error: error() },
        EventKind::Progressed { percent: 42 },
        EventKind::Lost,
        completed(None),
        completed(Some(3)),
        completed(Some(9)),
        EventKind::Kept {
            artifacts: artifacts(),
            findings: None,
        },
        EventKind::CustodyLost { error: error() },
        EventKind::CancelRequested,
        EventKind::Stopped,
        EventKind::DeadlinePassed,
        EventKind::LateResult {
            artifacts: artifacts(),
            cost: Some(Micros(5)),
        },
    ]
}

impl Walk {
    /// A birth of one of three tenants; some come with outside media.
    fn order(&mut self) -> Origin {
        self.born += 1;
        let tenant = sample::tenant(u128::from(1 + self.dice.below(3)));
        let mut origin = order_of(tenant, self.born);
        origin.created_at = sample::at(self.now);
        if self.dice.below(4) == 0 {
            let mut ask = sample::ask();
            ask.inputs = vec![domain::Input {
                role: domain::Role::FirstFrame,
                source: domain::Source::Link("https://media.example/a.png".to_owned()),
                field: "image".to_owned(),
                rule: None,
                parent: None,
            }];
            origin.ask = ask.into();
        }
        origin
    }

    /// A legal change of some task; of an older copy of it, at times.
    fn change(&mut self) -> Option<Change> {
        let ids: Vec<TaskId> = self.tasks.keys().copied().collect();
        let id = *self.dice.pick(&ids)?;
        let mut task = self.tasks.get(&id)?.clone();
        if self.dice.below(8) == 0 && task.course.version > 1 {
            task.course.version -= 1;
        }
        let at = sample::at(self.now);
        let legal: Vec<Change> = events(at)
            .into_iter()
            .filter_map(|kind| task.apply(&Event { at, kind }).ok())
            .collect();
        self.dice.pick(&legal).cloned()
    }

    async fn births(&mut self, desk: &Desk) {
        let count = 1 + self.dice.below(BATCH_MOST);
        let births: Vec<_> = (0..count).map(|_| birth(self.order())).collect();
        let tasks: Vec<Task> = births.iter().map(|birth| birth.change.task.clone()).collect();
        let outcomes = desk.store().insert(births).await.expect("commits");
        assert_eq!(outcomes.len(), tasks.len());
        for (task, outcome) in tasks.into_iter().zip(outcomes) {
            match outcome {
                Outcome::Done => drop(self.tasks.insert(task.id(), task)),
                other => assert_eq!(other, Outcome::NoMoney, "seed {}", self.seed),
            }
        }
    }

    async fn changes(&mut self, desk: &Desk) {
        let count = 1 + self.dice.below(BATCH_MOST);
        let changes: Vec<Change> = (0..count).filter_map(|_| self.change()).collect();
        let outcomes = desk.store().commit(changes.clone()).await.expect("commits");
        assert_eq!(outcomes.len(), changes.len());
        for (change, outcome) in changes.into_iter().zip(outcomes) {
            let current = &self.tasks[&change.task.id()];
            let fits = current.course.version == change.expects_version();
            let expected = if fits { Outcome::Done } else { Outcome::Stale };
            assert_eq!(outcome, expected, "seed {}", self.seed);
            if fits {
                self.tasks.insert(change.task.id(), change.task);
            }
        }
    }

    async fn claims(&mut self, desk: &Desk) {
        let Some(state) = self.dice.pick(&StateWord::ALL).copied() else {
            return;
        };
        let node = format!("node-{}", self.dice.below(2));
        let mut claim = claim(&node, state, sample::at(self.now));
        claim.limit = 3;
        let tasks = desk.store().claim(&claim).await.expect("answered");
        assert!(tasks.len() <= 3);
        for task in tasks {
            let known = self.tasks.get_mut(&task.id()).expect("only what was born");
            known.course.version += 1;
            assert_eq!(*known, *task, "seed {}", self.seed);
        }
    }

    async fn compare(&self, desk: &Desk) {
        for task in self.tasks.values() {
            let read = desk
                .store()
                .task(task.origin.tenant, task.id())
                .await
                .expect("read");
            assert_eq!(read.as_deref(), Some(task), "seed {}", self.seed);
        }
        let mut listed = 0;
        for n in 1..=3 {
            let page = Page::Offset {
                skip: 0,
                limit: 1_000,
            };
            let list = desk
                .store()
                .list(sample::tenant(n), &Filter::default(), page)
                .await;
            for task in list.expect("listed").tasks {
                assert_eq!(self.tasks.get(&task.id()), Some(&*task), "seed {}", self.seed);
                listed += 1;
            }
            super::statements::add_up(&**desk.store(), sample::tenant(n)).await;
        }
        assert_eq!(listed, self.tasks.len(), "seed {}", self.seed);
        let report = desk.store().verify_ledger().await.expect("read");
        assert_eq!(report.faults, Vec::<String>::new(), "seed {}", self.seed);
        assert_eq!(report.sum_micros, 0);
        let finished = self.tasks.values().filter(|task| task.word().is_final()).count();
        assert_eq!(report.finished_tasks, finished as u64);
        assert_eq!(report.open_tasks, (self.tasks.len() - finished) as u64);
    }
}

async fn walk(desk: &Desk, seed: u64, tasks: BTreeMap<TaskId, Task>) -> Walk {
    let mut walk = Walk {
        dice: Dice(mix(seed)),
        seed,
        now: 0,
        born: u128::from(seed) << 32,
        tasks,
    };
    for _ in 0..STEPS {
        walk.now += 4_000;
        match walk.dice.below(8) {
            0 | 1 => walk.births(desk).await,
            2 => walk.claims(desk).await,
            _ => walk.changes(desk).await,
        }
    }
    walk
}

async fn tenants(desk: &Desk) {
    desk.tenant(1, 12).await;
    desk.tenant(2, 4).await;
    let unlimited = sample::tenant_row(3, true);
    desk.store()
        .registry()
        .create_tenant(&unlimited)
        .await
        .expect("created");
}

pub(super) async fn the_books_are_exact_after_random_schedules(desk: Desk) {
    tenants(&desk).await;
    let mut tasks = BTreeMap::new();
    for seed in SEEDS {
        let walk = walk(&desk, seed, tasks).await;
        walk.compare(&desk).await;
        tasks = walk.tasks;
    }
}

pub(super) async fn everything_is_there_after_the_database_was_opened_again(mut desk: Desk) {
    tenants(&desk).await;
    let walk = walk(&desk, 99, BTreeMap::new()).await;
    let before = desk.store().verify_ledger().await.expect("read");
    desk.reopen().await;
    walk.compare(&desk).await;
    assert_eq!(desk.store().verify_ledger().await, Ok(before));
    assert_eq!(desk.store().any_task(id(404)).await, Ok(None));
    assert_eq!(desk.store().ping().await, Ok(()));
}
