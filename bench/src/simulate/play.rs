//! One run: the driver. At every step chance decides who goes on, what arrives, what fails, who dies and how
//! much time passes; then nothing fails any more, and everything must come to its end.

use std::sync::Arc;

use domain::provider::Callback;
use domain::{LedgerAccount, Line, LineKind, Micros, Store};
use testkit::ids::SeededIds;
use testkit::sample;

use super::clients::Clients;
use super::laws::laws;
use super::plan::{Chance, Plan};
use super::process::{Ground, Process};
use super::road::{Ready, depart_all, forsake, pass_time};
use super::sabotage::Sabotage;
use super::warehouse::Warehouse;
use super::world::{Gate, Inner, Kind, World};
use crate::stopwatch::Stopwatch;

/// How long everything may take to end once nothing fails any more, in milliseconds: two absence bounds, a
/// lease, the longest back-off, the vendor's work, and as much again.
const PATIENCE_MS: i64 = 15 * 60 * 1_000;
/// Steps after which a run does not come to its end.
const STEPS_MAX: u32 = 60_000;
/// How much likelier a process stands still between an intent and its submit.
const TENSE: u32 = 20;
/// Longest time that it does so then, in milliseconds: a lease, the absence bound, and time for another
/// process to submit.
const TENSE_PAUSE_MS: i64 = 180_000;
/// Longest time until a process that died is back, in milliseconds.
const BACK_MS: i64 = 20_000;

/// How a run went.
pub(crate) struct Played {
    pub(crate) history: Vec<String>,
    pub(crate) breaches: Vec<String>,
    pub(crate) tasks: usize,
    pub(crate) jobs: usize,
    pub(crate) steps: u32,
    pub(crate) took: std::time::Duration,
}

/// A place for a process.
struct Slot {
    process: Option<Process>,
    back_at: i64,
    skew_ms: i64,
}

struct Driver {
    ground: Ground,
    slots: Vec<Slot>,
    clients: Clients,
    calm_since: Option<i64>,
}

/// Plays a run over an empty database.
pub(crate) async fn play(plan: Plan, sabotage: Option<Sabotage>, store: Arc<dyn Store>) -> Played {
    let began = Stopwatch::start();
    let world = World::new(plan.clone());
    let ground = Ground {
        warehouse: Warehouse::new(&world),
        laws: laws(),
        ids: Arc::new(SeededIds::new(plan.seed)),
        world,
        store,
        sabotage,
    };
    open_for_business(&*ground.store).await;
    let slots = (0..plan.nodes).map(|_| Slot {
        process: None,
        back_at: 0,
        skew_ms: 0,
    });
    let mut driver = Driver {
        slots: slots.collect(),
        clients: Clients::new(&ground.laws, plan.wishes),
        ground,
        calm_since: None,
    };
    let steps = driver.run().await;
    driver.end(steps, began).await
}

/// A tenant with money.
async fn open_for_business(store: &dyn Store) {
    let tenant = sample::tenant_row(1, false);
    store
        .registry()
        .create_tenant(&tenant)
        .await
        .expect("an empty database takes a tenant");
    let credit = Line {
        task: None,
        tenant: Some(tenant.id),
        kind: LineKind::Credit,
        sequence: 0,
        from: LedgerAccount::Funding,
        to: LedgerAccount::Available(tenant.id),
        amount: Micros(1_000_000_000),
        at: sample::at(0),
        note: "for the run".to_owned(),
    };
    store.post(vec![credit]).await.expect("a tenant takes a credit");
}

impl Driver {
    fn world(&self) -> Arc<World> {
        Arc::clone(&self.ground.world)
    }

    async fn run(&mut self) -> u32 {
        let world = self.world();
        for step in 0..STEPS_MAX {
            world.rest().await;
            for slot in &mut self.slots {
                if let Some(process) = &mut slot.process {
                    process.reap().await;
                }
            }
            self.clients.reap().await;
            self.ground.laws.no_twins(&world);
            let now_ms = world.inner.lock().now_ms;
            if !world.inner.lock().breaches.is_empty() {
                return step;
            }
            if self.calm_since.is_none() && now_ms >= world.plan.chaos_ms {
                self.calm_down(now_ms);
            }
            if let Some(since) = self.calm_since {
                if self.is_over() {
                    return step;
                }
                if now_ms - since > PATIENCE_MS {
                    let open = self.ground.laws.open_tasks().join(", ");
                    world.breach(format!("nothing fails any more, and these do not end: {open}"));
                    return step;
                }
            }
            self.bring_back(now_ms).await;
            self.act();
        }
        world.breach("the run does not come to its end".to_owned());
        STEPS_MAX
    }

    async fn end(mut self, steps: u32, began: Stopwatch) -> Played {
        let world = self.world();
        for slot in &mut self.slots {
            if let Some(process) = slot.process.take() {
                process.kill();
            }
        }
        self.clients.stop();
        if world.inner.lock().breaches.is_empty() {
            let Ground {
                store,
                warehouse,
                laws,
                ..
            } = &self.ground;
            laws.at_the_end(&world, &**store, warehouse).await;
        }
        let mut inner = world.inner.lock();
        inner.gates.clear();
        inner.flights.clear();
        Played {
            history: std::mem::take(&mut inner.history),
            breaches: std::mem::take(&mut inner.breaches),
            tasks: self.ground.laws.acknowledged().len(),
            jobs: inner.vendor.jobs.len(),
            steps,
            took: began.elapsed(),
        }
    }

    fn is_over(&self) -> bool {
        self.clients.are_done() && self.ground.laws.open_tasks().is_empty()
    }

    /// From here on nothing fails.
    fn calm_down(&mut self, now_ms: i64) {
        let world = self.world();
        let mut inner = world.inner.lock();
        inner.calm = true;
        inner.note("-- nothing fails from here on".to_owned());
        for standing in &mut inner.processes {
            standing.paused_until = standing.paused_until.min(now_ms);
        }
        drop(inner);
        for slot in &mut self.slots {
            slot.back_at = slot.back_at.min(now_ms);
        }
        self.calm_since = Some(now_ms);
    }

    async fn bring_back(&mut self, now_ms: i64) {
        let (ground, world) = (self.ground.clone(), self.world());
        for slot in &mut self.slots {
            if slot.process.is_none() && slot.back_at <= now_ms {
                if world.plan.voids_leases {
                    forsake(&world);
                    // The only process on this database: what others held is void.
                    let processes = world.inner.lock().processes.len();
                    for number in 0..processes {
                        let voided = ground.store.release(&format!("p{number}"), None).await;
                        voided.expect("the database is there");
                    }
                }
                slot.process = Some(Process::start(&ground, slot.skew_ms));
            }
        }
    }

    /// One thing happens.
    fn act(&mut self) {
        let world = self.world();
        let calm = self.calm_since.is_some();
        let mut inner = world.inner.lock();
        let ready = Ready::of(&inner);
        let goes_on = ready.len() > 0 && (calm || inner.rng.u8(0..10) < 8);
        if goes_on {
            let at = inner.rng.usize(0..ready.len());
            ready.go_on(&mut inner, at, &world.plan);
            return;
        }
        if !calm && self.misfortune(&mut inner, &world) {
            return;
        }
        let turning: Vec<usize> = (0..self.slots.len())
            .filter(|at| {
                let process = self.slots[*at].process.as_ref();
                process.is_some_and(|process| process.wants_turn() && inner.is_awake(process.number))
            })
            .collect();
        if !turning.is_empty() && (calm || inner.rng.u8(0..10) < 6) {
            let at = turning[inner.rng.usize(0..turning.len())];
            drop(inner);
            if let Some(process) = &mut self.slots[at].process {
                process.begin_turn();
            }
            return;
        }
        if inner.rng.u8(0..10) < 4 && self.clients_act(&mut inner) {
            return;
        }
        pass_time(&mut inner, calm, &world.plan);
        drop(inner);
        for slot in &mut self.slots {
            if let Some(process) = &mut slot.process {
                process.turn_is_due = true;
            }
        }
    }

    fn clients_act(&mut self, inner: &mut Inner) -> bool {
        let awake: Vec<&Process> = self
            .slots
            .iter()
            .filter_map(|slot| slot.process.as_ref())
            .filter(|process| inner.is_awake(process.number))
            .collect();
        if awake.is_empty() {
            return false;
        }
        let process = awake[inner.rng.usize(0..awake.len())];
        if !inner.calm && !inner.vendor.jobs.is_empty() && inner.rng.u8(0..4) == 0 {
            call_back(inner, process);
            return true;
        }
        self.clients.act(inner, process)
    }

    /// Something happens to a process; false when nothing does.
    fn misfortune(&mut self, inner: &mut Inner, world: &World) -> bool {
        let at = inner.rng.usize(0..self.slots.len());
        let health = &world.plan.health;
        let Some(process) = &self.slots[at].process else {
            return false;
        };
        let number = process.number;
        if health.dies.strikes(&mut inner.rng) {
            let (now_ms, wait) = (inner.now_ms, inner.rng.i64(0..BACK_MS));
            inner.note(format!("p{number} DIES"));
            inner.processes[number].alive = false;
            self.slots[at].back_at = now_ms + wait;
            self.clients.forsaken(number);
            if let Some(process) = self.slots[at].process.take() {
                process.kill();
            }
            return true;
        }
        // The moment between an intent and its submit is short, and the one that matters.
        let intends = |gate: &Gate| gate.kind == Kind::Hear && gate.label.contains(" submitting");
        let is_tense = inner
            .gates
            .iter()
            .any(|gate| gate.process == number && intends(gate));
        let pauses = Chance(health.pauses.0 * if is_tense { TENSE } else { 1 });
        if pauses.strikes(&mut inner.rng) && inner.is_awake(number) {
            let longest_ms = if is_tense { TENSE_PAUSE_MS } else { health.pause_ms };
            let pause_ms = inner.rng.i64(0..=longest_ms);
            if !world.plan.vendor.strict {
                depart_all(inner);
            }
            let now_ms = inner.now_ms;
            inner.note(format!("p{number} STANDS STILL for {pause_ms} ms"));
            let standing = &mut inner.processes[number];
            standing.paused_until = now_ms + pause_ms;
            standing.slept_ms += pause_ms;
            return true;
        }
        if health.jumps.strikes(&mut inner.rng) {
            let jump_ms = inner.rng.i64(-health.jump_ms..=health.jump_ms);
            inner.note(format!("p{number}: the clock on the wall JUMPS by {jump_ms} ms"));
            inner.processes[number].skew_ms += jump_ms;
            self.slots[at].skew_ms += jump_ms;
            return true;
        }
        false
    }
}

/// The vendor calls back: early, late, again, with any word, and at times about a job that never was.
fn call_back(inner: &mut Inner, process: &Process) {
    let at = inner.rng.usize(0..inner.vendor.jobs.len());
    let job = &inner.vendor.jobs[at];
    let (account, id) = (job.account.clone(), job.id.clone());
    let id = if inner.rng.u8(0..4) == 0 {
        "404".to_owned()
    } else {
        id
    };
    let word = ["submitted", "processing", "succeed", "failed"][inner.rng.usize(0..4)];
    inner.note(format!(
        "the vendor calls p{} back: {id} is {word}",
        process.number
    ));
    let body = serde_json::json!({ "task_id": id, "task_status": word }).to_string();
    let engine = Arc::clone(&process.engine);
    tokio::spawn(async move {
        let callback = Callback {
            headers: &[],
            body: body.as_bytes(),
        };
        engine.hear(&account, &callback);
    });
}
