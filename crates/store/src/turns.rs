//! Whose turn it is: due tasks are dealt to a claim in rounds, one task of each waiting tenant a round, so
//! that a tenant who waits with many keeps nobody waiting who waits with few. Every tenant's weight is one.
//! Pure: which tenants wait, and with what, each database finds in its own way.

use std::collections::HashMap;

use domain::store::Claim;
use domain::{StateWord, TaskId};

use crate::rows::{self, IdBytes};

/// Before every tenant.
pub(crate) const START: [u8; 0] = [];
/// Behind every tenant.
pub(crate) const END: [u8; 17] = [0xff; 17];

/// Tasks that wait in one state and one lane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Queue {
    pub(crate) state: StateWord,
    pub(crate) lane: String,
}

/// One tenant's part of a queue, by the queue's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) queue: usize,
    pub(crate) tenant: IdBytes,
}

/// A due task of a part, by the part's place.
pub(crate) struct Due {
    pub(crate) part: usize,
    pub(crate) at: i64,
    pub(crate) id: TaskId,
}

/// The walks over tenants that begin behind the one who was served last and end at it, each from behind its
/// first bound to its second.
pub(crate) fn walks(claim: &Claim) -> Vec<(Vec<u8>, Vec<u8>)> {
    match claim.after {
        None => vec![(START.to_vec(), END.to_vec())],
        Some(after) => {
            let after = rows::id_bytes(after.0).to_vec();
            vec![(after.clone(), END.to_vec()), (START.to_vec(), after)]
        }
    }
}

/// The queues of a state: the lanes that are asked for, each once.
pub(crate) fn queues(state: StateWord, mut lanes: Vec<String>) -> impl Iterator<Item = Queue> {
    lanes.sort_unstable();
    lanes.dedup();
    lanes.into_iter().map(move |lane| Queue { state, lane })
}

/// The parts of the tenants whose turn comes first, at most so many tenants, in the order of their turns.
/// `walked` has the parts of each walk.
pub(crate) fn first_parts(walked: Vec<Vec<Part>>, tenants: usize) -> Vec<Part> {
    let mut first: Vec<Part> = Vec::new();
    let mut seen = 0;
    for mut parts in walked {
        parts.sort_unstable_by_key(|part| (part.tenant, part.queue));
        for part in parts {
            if first.last().is_none_or(|last| last.tenant != part.tenant) {
                seen += 1;
            }
            if seen > tenants {
                return first;
            }
            first.push(part);
        }
    }
    first
}

/// How many tasks of each part are looked for at first: enough, if every tenant has as many.
pub(crate) fn share(parts: &[Part], limit: usize) -> usize {
    let turns = parts.chunk_by(|one, next| one.tenant == next.tenant).count();
    limit.div_ceil(turns.max(1))
}

/// Whether more would be found if more of each part were looked for: too few were found, and of some part
/// as many as were looked for.
pub(crate) fn wants_more(due: &[Due], share: usize, limit: usize) -> bool {
    let mut found: HashMap<usize, usize> = HashMap::new();
    for due in due {
        *found.entry(due.part).or_default() += 1;
    }
    due.len() < limit && share < limit && found.into_values().any(|found| found >= share)
}

/// Deals in rounds, tenants in the order of their turns; of each tenant oldest due first, then oldest born.
pub(crate) fn deal(parts: &[Part], due: Vec<Due>, limit: usize) -> Vec<TaskId> {
    let mut turn_of: HashMap<IdBytes, usize> = HashMap::new();
    for part in parts {
        let next = turn_of.len();
        turn_of.entry(part.tenant).or_insert(next);
    }
    let mut hands: Vec<Vec<(i64, TaskId)>> = vec![Vec::new(); turn_of.len()];
    for due in due {
        let tenant = parts.get(due.part).and_then(|part| turn_of.get(&part.tenant));
        if let Some(hand) = tenant.and_then(|turn| hands.get_mut(*turn)) {
            hand.push((due.at, due.id));
        }
    }
    for hand in &mut hands {
        hand.sort_unstable();
    }
    let rounds = hands.iter().map(Vec::len).max().unwrap_or(0);
    let dealt = (0..rounds).flat_map(|round| {
        let hands = hands.iter();
        hands.filter_map(move |hand| hand.get(round).map(|(_, id)| *id))
    });
    dealt.take(limit).collect()
}
