//! One run: the driver. At every step chance decides who goes on, what arrives, what fails, who dies and how
//! much time passes; then nothing fails any more, and everything must come to its end.

use std::sync::Arc;
use std::time::Instant;

use domain::transport::TransportError;
use domain::{LedgerAccount, Line, LineKind, Micros, Store};
use testkit::ids::SeededIds;
use testkit::sample;

use super::clients::Clients;
use super::laws::laws;
use super::plan::Plan;
use super::process::{Ground, Process};
use super::sabotage::Sabotage;
use super::vendor::{CDN, Mood};
use super::warehouse::Warehouse;
use super::world::{Flight, Gate, Inner, Kind, Verdict, Way, World};

/// How long everything may take to end once nothing fails any more, in milliseconds: two absence bounds, a
/// lease, the longest back-off, the vendor's work, and as much again.
const PATIENCE_MS: i64 = 15 * 60 * 1_000;
/// Steps after which a run does not come to its end.
const STEPS_MAX: u32 = 60_000;
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
    let began = Instant::now();
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

    async fn end(mut self, steps: u32, began: Instant) -> Played {
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
                    for number in 0..world.inner.lock().processes.len() {
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
        if health.pauses.strikes(&mut inner.rng) && inner.is_awake(number) {
            let pause_ms = inner.rng.i64(0..=health.pause_ms);
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

/// What could go on now.
struct Ready {
    gates: Vec<usize>,
    flights: Vec<usize>,
}

impl Ready {
    fn of(inner: &Inner) -> Ready {
        let gate = |at: &usize| {
            let process = inner.gates[*at].process;
            inner.is_awake(process) || !inner.processes[process].alive
        };
        let flight = |at: &usize| {
            let flight = &inner.flights[*at];
            match flight.letter {
                Way::Out(_) => true,
                Way::Back(_) => inner.is_awake(flight.process) || !inner.processes[flight.process].alive,
                Way::Lost => false,
            }
        };
        Ready {
            gates: (0..inner.gates.len()).filter(gate).collect(),
            flights: (0..inner.flights.len()).filter(flight).collect(),
        }
    }

    fn len(&self) -> usize {
        self.gates.len() + self.flights.len()
    }

    fn go_on(&self, inner: &mut Inner, at: usize, plan: &Plan) {
        if at >= self.gates.len() {
            move_flight(inner, self.flights[at - self.gates.len()], plan);
            return;
        }
        let gate = self.gates[at];
        let verdict = verdict(inner, gate, plan);
        inner.open(gate, verdict);
    }
}

fn verdict(inner: &mut Inner, gate: usize, plan: &Plan) -> Verdict {
    let Gate { process, kind, .. } = &inner.gates[gate];
    let (alive, kind) = (inner.processes[*process].alive, *kind);
    if !alive {
        // What a dead process had handed over before it died may still be done.
        let is_done = kind == Kind::Write && inner.rng.bool();
        return if is_done { Verdict::Go } else { Verdict::Fail };
    }
    if inner.calm {
        return Verdict::Go;
    }
    let (fails, loses) = match kind {
        Kind::Read => (plan.store.fails.strikes(&mut inner.rng), false),
        Kind::Write => (
            plan.store.fails.strikes(&mut inner.rng),
            plan.store.loses.strikes(&mut inner.rng),
        ),
        Kind::Hear => (false, false),
        Kind::Depart => (plan.vendor.not_sent.strikes(&mut inner.rng), false),
    };
    match (fails, loses) {
        (true, _) => Verdict::Fail,
        (_, true) => Verdict::LoseReply,
        _ => Verdict::Go,
    }
}

/// A request arrives, or a reply does.
fn move_flight(inner: &mut Inner, at: usize, plan: &Plan) {
    let mut flight = inner.flights.remove(at);
    match flight.letter {
        Way::Out(request) => {
            let again = !inner.calm && request.method == "POST" && plan.vendor.twice.strikes(&mut inner.rng);
            if again {
                inner.flights.push(Flight {
                    process: flight.process,
                    letter: Way::Out(request.clone()),
                    arrives_by: flight.arrives_by,
                    times_out_at: flight.times_out_at,
                    label: format!("{} (again)", flight.label),
                    tell: None,
                });
            }
            let (calm, now_ms) = (inner.calm, inner.now_ms);
            let mut rng = inner.rng.clone();
            let mut mood = Mood {
                rng: &mut rng,
                calm,
                now_ms,
            };
            let is_file = request.url.starts_with(CDN);
            let letter = inner.vendor.answer(&request, &mut mood);
            let words = String::from_utf8_lossy(&letter.body).into_owned();
            inner.note(format!("vendor: {} -> {} {words}", flight.label, letter.status));
            inner.rng = rng;
            if flight.tell.is_none() {
                return;
            }
            let temper = &plan.vendor;
            let is_lost = !calm && temper.lost_reply.strikes(&mut inner.rng);
            let is_garbled = !calm && temper.garbled.strikes(&mut inner.rng);
            flight.letter = if is_lost {
                match inner.rng.bool() {
                    true => Way::Lost,
                    false => Way::Back(Err(TransportError::Ambiguous("connection reset".to_owned()))),
                }
            } else if is_garbled {
                Way::Back(Ok(letter.garbled(is_file, &mut inner.rng)))
            } else {
                Way::Back(Ok(letter))
            };
            inner.flights.push(flight);
        }
        Way::Back(reply) => {
            let word = match &reply {
                Ok(letter) => letter.status.to_string(),
                Err(error) => error.to_string(),
            };
            inner.note(format!("p{} hears of {}: {word}", flight.process, flight.label));
            if let Some(tell) = flight.tell {
                drop(tell.send(reply));
            }
        }
        Way::Lost => {}
    }
}

/// Lets everything depart that is about to: the vendor must not hear of a submit long after the look at the
/// lease, where only the absence bound keeps twins apart.
fn depart_all(inner: &mut Inner) {
    while let Some(at) = inner.gates.iter().position(|gate| gate.kind == Kind::Depart) {
        inner.open(at, Verdict::Go);
    }
}

/// Whatever dead processes still had in hand comes to nothing.
fn forsake(world: &World) {
    let mut inner = world.inner.lock();
    while let Some(at) = inner
        .gates
        .iter()
        .position(|gate| !inner.processes[gate.process].alive)
    {
        inner.open(at, Verdict::Fail);
    }
}

/// Time passes; requests that would arrive too late arrive before, and who waited too long hears so.
fn pass_time(inner: &mut Inner, calm: bool, plan: &Plan) {
    if !plan.vendor.strict && inner.gates.iter().any(|gate| gate.kind == Kind::Depart) {
        return depart_all(inner);
    }
    let step_ms = match (calm, inner.rng.u8(0..20)) {
        (true, _) => inner.rng.i64(300..5_000),
        (false, 0..10) => inner.rng.i64(1..200),
        (false, 10..17) => inner.rng.i64(200..3_000),
        (false, _) => inner.rng.i64(3_000..12_000),
    };
    let until = inner.now_ms + step_ms;
    let late = |flight: &Flight| matches!(flight.letter, Way::Out(_)) && flight.arrives_by < until;
    if let Some(at) = inner.flights.iter().position(late) {
        inner.now_ms = inner.now_ms.max(inner.flights[at].arrives_by.min(until));
        return move_flight(inner, at, plan);
    }
    inner.now_ms = until;
    let mut at = 0;
    while at < inner.flights.len() {
        let flight = &mut inner.flights[at];
        if flight.times_out_at > until || !is_heard(&inner.processes, flight.process, until) {
            at += 1;
            continue;
        }
        let label = flight.label.clone();
        let process = flight.process;
        let reply = Err(TransportError::Ambiguous(
            "no answer within the time-out".to_owned(),
        ));
        if let Some(tell) = flight.tell.take() {
            drop(tell.send(reply));
        }
        if matches!(flight.letter, Way::Out(_)) {
            at += 1;
            continue;
        }
        inner.flights.remove(at);
        inner.note(format!("p{process} waits no longer for {label}"));
    }
}

fn is_heard(processes: &[super::world::Standing], process: usize, now_ms: i64) -> bool {
    let standing = &processes[process];
    !standing.alive || standing.paused_until <= now_ms
}
