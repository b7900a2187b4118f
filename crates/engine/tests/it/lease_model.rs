//! A model of the dangerous moment: claim, intent, submit, doubt, look-up, settlement and lease, with two
//! nodes, one task, one vendor, and every order in which they can die, stand still and lose replies. Each
//! rule of the engine has a variant without it, and that variant must fail.

use std::fmt::Debug;

use stateright::{Checker, Model, Property};

/// Nodes.
const NODES: usize = 2;
/// Logins at the vendor.
const ACCOUNTS: u8 = 2;
/// Deaths, pauses, lost replies, busy answers and refusals in one run, taken together.
const MISHAPS: u8 = 2;
/// Most submits that so many mishaps lead to.
const ATTEMPTS_MAX: u8 = MISHAPS + 1;

const ONE_JOB: &str = "one wish, one job";
const EXACT: &str = "hold = charge + release";
const ENDS: &str = "every task ends";
const KEPT: &str = "a job is never given up while it runs";

/// A rule that is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Without {
    Nothing,
    /// A submit is sent without a committed intent.
    Intent,
    /// A node that stood still sends without a look at its lease.
    LeaseCheck,
    /// An absence is believed while a request may still arrive.
    AbsenceBound,
    /// Each attempt has a reference of its own.
    OneReference,
    /// A submit that was absent may go to another account.
    SameAccount,
    /// A settlement is written whatever the row has become.
    CompareAndSwap,
    /// What came of one attempt is written over the next.
    SameAttempt,
    /// What had moved stays with a node that does nothing about it.
    GivingBack,
    /// A dead node keeps what it had.
    TakeOver,
}

/// How the vendor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Vendor {
    /// It takes a reference once an account, and a request may arrive at any time.
    Strict,
    /// It takes whatever comes, but all comes before the absence bound is over.
    Prompt,
}

struct House {
    without: Without,
    vendor: Vendor,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum At {
    Queued { pinned: Option<u8> },
    Submitting { account: u8, pinned: bool },
    Unknown { account: u8 },
    Running { account: u8 },
    Succeeded,
    Failed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Row {
    at: At,
    version: u8,
    attempts: u8,
    owner: Option<usize>,
    charges: u8,
    releases: u8,
}

/// What came of a submit, as its sender heard it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Answer {
    Accepted,
    Busy,
    Refused,
    Doubt,
}

/// What a node is about to do. Each holds the row as it was when the node last saw it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Step {
    Idle,
    Intend(Row),
    Check(Row, u8),
    Send(Row, u8),
    Wait(Row, u8),
    Write(Row, u8, Answer),
    Adopt(Row),
    Look(Row),
    Poll(Row),
    Settle(Row),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Node {
    is_up: bool,
    stands_still: bool,
    has_lease: bool,
    /// Whether its step began under a lease that is over.
    is_late: bool,
    step: Step,
}

/// A request on its way: who waits for the answer, and which attempt it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Flight {
    node: usize,
    attempt: u8,
    account: u8,
    reference: u8,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct World {
    row: Row,
    nodes: [Node; NODES],
    flights: Vec<Flight>,
    /// By account and reference.
    jobs: Vec<(u8, u8)>,
    mishaps: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Action {
    Claim(usize),
    GoOn(usize),
    /// The node hands the task to this account.
    Choose(usize, u8),
    Arrive(usize, Answer),
    LoseReply(usize),
    TimeOut(usize),
    Kill(usize),
    Restart(usize),
    StandStill(usize),
    WakeUp(usize),
    LeaseEnds(usize),
}

impl At {
    fn is_final(self) -> bool {
        matches!(self, At::Succeeded | At::Failed)
    }

    fn is_like(self, other: At) -> bool {
        std::mem::discriminant(&self) == std::mem::discriminant(&other)
    }
}

impl House {
    /// Writes a row if it is still the one that was seen, or decides anew on one that is like it. False
    /// when it had moved.
    fn commit(&self, world: &mut World, seen: Row, change: impl Fn(&mut Row)) -> bool {
        let row = &mut world.row;
        let is_like = row.at.is_like(seen.at);
        let same_attempt = row.attempts == seen.attempts || self.without == Without::SameAttempt;
        if row.version != seen.version && !(is_like && same_attempt) {
            return false;
        }
        change(row);
        row.version += 1;
        if row.at.is_final() || matches!(row.at, At::Queued { .. }) {
            row.owner = None;
        }
        true
    }

    /// The node has nothing more to do with the task; what is its own goes back.
    fn give_back(&self, world: &mut World, node: usize) {
        if world.row.owner == Some(node) && self.without != Without::GivingBack {
            world.row.owner = None;
        }
        world.nodes[node].step = Step::Idle;
    }

    fn reference(&self, attempt: u8) -> u8 {
        match self.without {
            Without::OneReference => attempt,
            _ => 0,
        }
    }

    /// What a node that has the task does with it next.
    fn next_step(row: Row) -> Step {
        match row.at {
            At::Queued { .. } => Step::Intend(row),
            At::Submitting { .. } => Step::Adopt(row),
            At::Unknown { .. } => Step::Look(row),
            At::Running { .. } => Step::Poll(row),
            At::Succeeded | At::Failed => Step::Idle,
        }
    }

    fn claim(world: &mut World, node: usize) {
        world.row.owner = Some(node);
        world.row.version += 1;
        world.nodes[node].is_late = false;
        world.nodes[node].step = House::next_step(world.row);
    }

    fn intend(&self, world: &mut World, node: usize, account: u8) {
        let Step::Intend(seen) = world.nodes[node].step else {
            return;
        };
        if self.without == Without::Intent {
            world.nodes[node].step = Step::Check(seen, account);
            return;
        }
        // An intent is written on the very row that was claimed.
        if world.row.version != seen.version {
            return self.give_back(world, node);
        }
        let At::Queued { pinned } = seen.at else { return };
        world.row.at = At::Submitting {
            account,
            pinned: pinned.is_some(),
        };
        world.row.version += 1;
        world.row.attempts += 1;
        world.nodes[node].step = Step::Check(world.row, account);
    }

    /// The node does the next thing that it can do alone.
    fn go_on(&self, world: &mut World, node: usize) {
        let Node {
            step,
            has_lease,
            is_late,
            ..
        } = world.nodes[node];
        match step {
            Step::Check(seen, account) => {
                let holds = has_lease && !is_late;
                if !holds && self.without != Without::LeaseCheck {
                    return self.give_back(world, node);
                }
                world.nodes[node].step = Step::Send(seen, account);
                if self.vendor == Vendor::Prompt {
                    self.send(world, node, seen, account);
                }
            }
            Step::Send(seen, account) => self.send(world, node, seen, account),
            Step::Write(seen, account, answer) => self.write(world, node, seen, account, answer),
            Step::Adopt(seen) => {
                let At::Submitting { account, .. } = seen.at else {
                    return;
                };
                match self.commit(world, seen, |row| row.at = At::Unknown { account }) {
                    true => world.nodes[node].step = Step::Look(world.row),
                    false => self.give_back(world, node),
                }
            }
            Step::Look(seen) => self.look(world, node, seen),
            Step::Poll(seen) => world.nodes[node].step = Step::Settle(seen),
            Step::Settle(seen) => self.settle(world, node, seen),
            Step::Idle | Step::Intend(_) | Step::Wait(..) => {}
        }
    }

    fn send(&self, world: &mut World, node: usize, seen: Row, account: u8) {
        let attempt = seen.attempts;
        world.flights.push(Flight {
            node,
            attempt,
            account,
            reference: self.reference(attempt),
        });
        world.flights.sort_unstable();
        world.nodes[node].step = Step::Wait(seen, account);
    }

    fn write(&self, world: &mut World, node: usize, seen: Row, account: u8, answer: Answer) {
        let written = self.commit(world, seen, |row| match (answer, row.at) {
            (Answer::Accepted, _) => row.at = At::Running { account },
            (Answer::Busy, At::Submitting { pinned, .. }) => {
                row.at = At::Queued {
                    pinned: pinned.then_some(account),
                };
            }
            (Answer::Busy, _) => row.at = At::Queued { pinned: None },
            (Answer::Refused, _) => {
                row.at = At::Failed;
                row.releases += 1;
            }
            (Answer::Doubt, _) => row.at = At::Unknown { account },
        });
        if !written {
            return self.give_back(world, node);
        }
        world.nodes[node].step = match world.row.owner == Some(node) {
            true => House::next_step(world.row),
            false => Step::Idle,
        };
    }

    fn look(&self, world: &mut World, node: usize, seen: Row) {
        let At::Unknown { account } = seen.at else { return };
        let is_there = world.jobs.contains(&(account, self.reference(seen.attempts)));
        let is_bounded = self.vendor == Vendor::Prompt || seen.attempts == ATTEMPTS_MAX;
        let may_arrive = is_bounded && !world.flights.is_empty();
        if !is_there && may_arrive && self.without != Without::AbsenceBound {
            return;
        }
        let at = match (is_there, self.without) {
            (true, _) => At::Running { account },
            (false, Without::SameAccount) => At::Queued { pinned: None },
            (false, _) => At::Queued {
                pinned: Some(account),
            },
        };
        if !self.commit(world, seen, |row| row.at = at) {
            return self.give_back(world, node);
        }
        world.nodes[node].step = match is_there && world.row.owner == Some(node) {
            true => House::next_step(world.row),
            false => Step::Idle,
        };
    }

    fn settle(&self, world: &mut World, node: usize, seen: Row) {
        let charge = |row: &mut Row| {
            row.at = At::Succeeded;
            row.charges += 1;
        };
        if self.without == Without::CompareAndSwap {
            charge(&mut world.row);
            world.row.owner = None;
        } else if !self.commit(world, seen, charge) {
            return self.give_back(world, node);
        }
        world.nodes[node].step = Step::Idle;
    }

    /// A request arrives; whoever still waits for it hears the answer, unless it is lost.
    fn arrive(&self, world: &mut World, at: usize, answer: Answer, heard: bool) {
        let flight = world.flights.remove(at);
        let job = (flight.account, flight.reference);
        let is_there = self.vendor == Vendor::Strict && world.jobs.contains(&job);
        let answer = match (is_there, answer) {
            // "This reference exists" proves an earlier submit: look.
            (true, _) => Answer::Doubt,
            (false, answer) => answer,
        };
        match answer {
            Answer::Accepted => {
                world.jobs.push(job);
                world.jobs.sort_unstable();
            }
            Answer::Busy | Answer::Refused => world.mishaps -= 1,
            Answer::Doubt => {}
        }
        let node = &mut world.nodes[flight.node];
        if let Step::Wait(seen, account) = node.step
            && seen.attempts == flight.attempt
        {
            let answer = if heard { answer } else { Answer::Doubt };
            node.step = Step::Write(seen, account, answer);
        }
    }

    fn lease_ends(&self, world: &mut World, node: usize) {
        world.nodes[node].has_lease = false;
        world.nodes[node].is_late = true;
        if world.row.owner == Some(node) && self.without != Without::TakeOver {
            world.row.owner = None;
        }
    }

    fn node_actions(&self, world: &World, n: usize, actions: &mut Vec<Action>) {
        let node = world.nodes[n];
        if !node.is_up {
            let may = if node.has_lease {
                Action::LeaseEnds(n)
            } else {
                Action::Restart(n)
            };
            return actions.push(may);
        }
        if node.stands_still {
            if node.has_lease {
                actions.push(Action::LeaseEnds(n));
            }
            return actions.push(Action::WakeUp(n));
        }
        if world.mishaps > 0 {
            actions.push(Action::Kill(n));
        }
        if world.mishaps > 0 {
            actions.push(Action::StandStill(n));
        }
        match node.step {
            Step::Idle if world.row.owner.is_none() && !world.row.at.is_final() => {
                actions.push(Action::Claim(n))
            }
            Step::Intend(row) if world.row.attempts < ATTEMPTS_MAX => {
                let At::Queued { pinned } = row.at else { return };
                let accounts = (0..ACCOUNTS).filter(|account| pinned.is_none_or(|pinned| pinned == *account));
                actions.extend(accounts.map(|account| Action::Choose(n, account)));
            }
            Step::Wait(..) if world.mishaps > 0 => actions.push(Action::TimeOut(n)),
            Step::Idle | Step::Intend(_) | Step::Wait(..) => {}
            _ => actions.push(Action::GoOn(n)),
        }
    }
}

impl Model for House {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        let row = Row {
            at: At::Queued { pinned: None },
            version: 1,
            attempts: 0,
            owner: None,
            charges: 0,
            releases: 0,
        };
        let node = Node {
            is_up: true,
            stands_still: false,
            has_lease: true,
            is_late: false,
            step: Step::Idle,
        };
        vec![World {
            row,
            nodes: [node; NODES],
            flights: Vec::new(),
            jobs: Vec::new(),
            mishaps: MISHAPS,
        }]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        for node in 0..NODES {
            self.node_actions(world, node, actions);
        }
        for at in 0..world.flights.len() {
            actions.push(Action::Arrive(at, Answer::Accepted));
            if world.mishaps > 0 {
                actions.push(Action::Arrive(at, Answer::Busy));
                actions.push(Action::LoseReply(at));
            }
            // A vendor that refuses one of two twins for ever and takes the other, later than the absence
            // bound, is beyond any rule of ours.
            let has_twin =
                world.flights.len() > 1 || world.nodes.iter().any(|node| matches!(node.step, Step::Send(..)));
            if world.mishaps > 0 && (self.vendor == Vendor::Prompt || !has_twin) {
                actions.push(Action::Arrive(at, Answer::Refused));
            }
        }
    }

    fn next_state(&self, before: &World, action: Action) -> Option<World> {
        let mut world = before.clone();
        match action {
            Action::Claim(node) => House::claim(&mut world, node),
            Action::GoOn(node) => self.go_on(&mut world, node),
            Action::Choose(node, account) => self.intend(&mut world, node, account),
            Action::Arrive(at, answer) => self.arrive(&mut world, at, answer, true),
            Action::LoseReply(at) => {
                world.mishaps -= 1;
                self.arrive(&mut world, at, Answer::Accepted, false);
            }
            Action::TimeOut(node) => {
                world.mishaps -= 1;
                if let Step::Wait(seen, account) = world.nodes[node].step {
                    world.nodes[node].step = Step::Write(seen, account, Answer::Doubt);
                }
            }
            Action::Kill(node) => {
                world.mishaps -= 1;
                world.nodes[node].is_up = false;
                world.nodes[node].step = Step::Idle;
            }
            Action::Restart(node) => {
                world.nodes[node].is_up = true;
                world.nodes[node].has_lease = true;
            }
            Action::StandStill(node) => {
                world.mishaps -= 1;
                world.nodes[node].stands_still = true;
            }
            Action::WakeUp(node) => {
                world.nodes[node].stands_still = false;
                world.nodes[node].has_lease = true;
            }
            Action::LeaseEnds(node) => self.lease_ends(&mut world, node),
        }
        (world != *before).then_some(world)
    }

    fn properties(&self) -> Vec<Property<House>> {
        vec![
            Property::always(ONE_JOB, |_, world: &World| world.jobs.len() <= 1),
            Property::always(EXACT, |_, world: &World| {
                let settled = world.row.charges + world.row.releases;
                settled == u8::from(world.row.at.is_final())
            }),
            Property::always(KEPT, |_, world: &World| {
                world.row.at != At::Failed || world.jobs.is_empty()
            }),
            Property::eventually(ENDS, |_, world: &World| world.row.at.is_final()),
        ]
    }
}

/// The properties that a variant breaks.
fn broken(without: Without, vendor: Vendor) -> Vec<&'static str> {
    let checker = House { without, vendor }.checker().spawn_bfs().join();
    println!("{without:?}, {vendor:?}: {} states", checker.unique_state_count());
    if without == Without::Nothing {
        for (name, path) in checker.discoveries() {
            println!("{name}: {:?}", path.into_actions());
        }
    }
    let mut broken: Vec<_> = checker.discoveries().into_keys().collect();
    broken.sort_unstable();
    broken
}

#[test]
fn the_rules_together_break_nothing() {
    for vendor in [Vendor::Strict, Vendor::Prompt] {
        assert_eq!(broken(Without::Nothing, vendor), Vec::<&str>::new(), "{vendor:?}");
    }
}

#[test]
fn every_rule_is_needed() {
    let needed = [
        (Without::Intent, Vendor::Prompt, ONE_JOB),
        (Without::LeaseCheck, Vendor::Prompt, ONE_JOB),
        (Without::AbsenceBound, Vendor::Prompt, ONE_JOB),
        (Without::OneReference, Vendor::Strict, ONE_JOB),
        (Without::SameAccount, Vendor::Strict, ONE_JOB),
        (Without::SameAttempt, Vendor::Prompt, ONE_JOB),
        (Without::CompareAndSwap, Vendor::Prompt, EXACT),
        (Without::GivingBack, Vendor::Prompt, ENDS),
        (Without::TakeOver, Vendor::Prompt, ENDS),
    ];
    for (without, vendor, property) in needed {
        let broken = broken(without, vendor);
        assert!(
            broken.contains(&property),
            "{without:?} at a {vendor:?} vendor broke {broken:?}"
        );
    }
}
