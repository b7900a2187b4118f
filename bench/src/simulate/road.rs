//! What lies between processes and what they call: gates that open, requests and replies that arrive or do
//! not, and time that passes. Who acts when is decided in `play.rs`.

use domain::transport::TransportError;

use super::plan::Plan;
use super::vendor::{CDN, Mood};
use super::world::{Flight, Gate, Inner, Kind, Standing, Verdict, Way, World};

/// What could go on now.
pub(super) struct Ready {
    gates: Vec<usize>,
    flights: Vec<usize>,
}

impl Ready {
    pub(super) fn of(inner: &Inner) -> Ready {
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

    pub(super) fn len(&self) -> usize {
        self.gates.len() + self.flights.len()
    }

    pub(super) fn go_on(&self, inner: &mut Inner, at: usize, plan: &Plan) {
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
            let twin = again.then(|| Flight {
                process: flight.process,
                letter: Way::Out(request.clone()),
                arrives_by: flight.arrives_by,
                times_out_at: flight.times_out_at,
                label: format!("{} (again)", flight.label),
                tell: None,
            });
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
            // Who repeats a request on the way does so for want of an answer: what was answered with a plain no
            // does not arrive again. Nobody could be safe from a vendor that says no and then takes it.
            let is_no =
                matches!(&flight.letter, Way::Back(Ok(letter)) if (400..500).contains(&letter.status));
            inner.flights.extend(twin.filter(|_| !is_no));
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
pub(super) fn depart_all(inner: &mut Inner) {
    while let Some(at) = inner.gates.iter().position(|gate| gate.kind == Kind::Depart) {
        inner.open(at, Verdict::Go);
    }
}

/// Whatever dead processes still had in hand comes to nothing.
pub(super) fn forsake(world: &World) {
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
pub(super) fn pass_time(inner: &mut Inner, calm: bool, plan: &Plan) {
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

fn is_heard(processes: &[Standing], process: usize, now_ms: i64) -> bool {
    let standing = &processes[process];
    !standing.alive || standing.paused_until <= now_ms
}
