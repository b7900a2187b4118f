//! The rules of the model, step by step: what a node does, what the vendor does, and what each is without one
//! of the rules.

use super::{
    ACCOUNTS, ATTEMPTS_MAX, Action, Answer, At, Flight, House, Node, Row, Step, Vendor, Without, World,
};

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

    pub(super) fn claim(world: &mut World, node: usize) {
        world.row.owner = Some(node);
        world.row.version += 1;
        world.nodes[node].is_late = false;
        world.nodes[node].step = House::next_step(world.row);
    }

    pub(super) fn intend(&self, world: &mut World, node: usize, account: u8) {
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
    pub(super) fn go_on(&self, world: &mut World, node: usize) {
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
    pub(super) fn arrive(&self, world: &mut World, at: usize, answer: Answer, heard: bool) {
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

    pub(super) fn lease_ends(&self, world: &mut World, node: usize) {
        world.nodes[node].has_lease = false;
        world.nodes[node].is_late = true;
        if world.row.owner == Some(node) && self.without != Without::TakeOver {
            world.row.owner = None;
        }
    }

    pub(super) fn node_actions(&self, world: &World, n: usize, actions: &mut Vec<Action>) {
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
