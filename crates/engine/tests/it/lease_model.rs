//! A model of the dangerous moment: claim, intent, submit, doubt, look-up, settlement and lease, with two
//! nodes, one task, one vendor, and every order in which they can die, stand still and lose replies. Each
//! rule of the engine has a variant without it, and that variant must fail.

use std::fmt::Debug;

use stateright::{Checker, Model, Property};

mod rules;

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
