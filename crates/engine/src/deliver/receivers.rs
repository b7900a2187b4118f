//! Who is being sent to. Each receiver has places of its own, so that one that does not answer slows no
//! other: one place while it is silent, and all silent ones together take half of all places at most.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use parking_lot::Mutex;

/// Most tries side by side.
const SIDE_BY_SIDE: usize = 256;
/// Most tries side by side at one receiver.
const AT_ONE_RECEIVER: usize = 8;
/// As many at one that did not answer the last time.
const AT_ONE_SILENT: usize = 1;
/// Most tries side by side at all receivers that did not answer the last time.
const AT_ALL_SILENT: usize = SIDE_BY_SIDE / 2;
/// Most silent receivers that are remembered; all are forgotten when there is one more.
const SILENT_MAX: usize = 10_000;

/// Who is being sent to, and who did not answer.
#[derive(Default)]
pub(crate) struct Receivers(Mutex<Traffic>);

#[derive(Default)]
struct Traffic {
    under_way: HashMap<String, usize>,
    silent: HashSet<String>,
    /// Who was the last to get a place: the next round begins behind.
    last: String,
}

/// A place among the tries at one receiver; given back when it is dropped.
pub(super) struct Place {
    receivers: Arc<Receivers>,
    receiver: String,
}

impl Receivers {
    /// How many may be claimed of each of those who are due, and whether somebody was left out for whom
    /// there may be a place as soon as this is claimed.
    pub(super) fn rooms(&self, mut due: Vec<String>) -> (Vec<(String, usize)>, bool) {
        let mut traffic = self.0.lock();
        let behind = due.partition_point(|receiver| *receiver <= traffic.last);
        due.rotate_left(behind);
        let (silent, sound): (Vec<_>, Vec<_>) = due
            .into_iter()
            .partition(|receiver| traffic.silent.contains(receiver));
        let at_silent = traffic
            .under_way
            .iter()
            .filter(|(receiver, _)| traffic.silent.contains(*receiver));
        let at_silent: usize = at_silent.map(|(_, tries)| tries).sum();
        let mut left = SIDE_BY_SIDE.saturating_sub(traffic.under_way.values().sum());
        let (mut rooms, mut is_left_out) = (Vec::new(), false);
        for receiver in sound {
            let room = traffic.room(&receiver, AT_ONE_RECEIVER).min(left);
            is_left_out |= left == 0;
            left -= room;
            if room > 0 {
                rooms.push((receiver, room));
            }
        }
        let mut left = AT_ALL_SILENT.saturating_sub(at_silent).min(left);
        for receiver in silent {
            let room = traffic.room(&receiver, AT_ONE_SILENT).min(left);
            left -= room;
            if room > 0 {
                rooms.push((receiver, room));
            }
        }
        if let Some((last, _)) = rooms.last() {
            traffic.last.clone_from(last);
        }
        (rooms, is_left_out)
    }

    /// Takes a place.
    pub(super) fn enter(self: &Arc<Receivers>, receiver: String) -> Place {
        *self.0.lock().under_way.entry(receiver.clone()).or_default() += 1;
        Place {
            receivers: Arc::clone(self),
            receiver,
        }
    }

    /// Notes that it answered.
    pub(super) fn answered(&self, receiver: &str) {
        self.0.lock().silent.remove(receiver);
    }

    /// Notes that it did not.
    pub(super) fn was_silent(&self, receiver: &str) {
        let mut traffic = self.0.lock();
        if traffic.silent.len() >= SILENT_MAX {
            traffic.silent.clear();
        }
        traffic.silent.insert(receiver.to_owned());
    }
}

impl Traffic {
    fn room(&self, receiver: &str, most: usize) -> usize {
        most.saturating_sub(self.under_way.get(receiver).copied().unwrap_or(0))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut traffic = self.receivers.0.lock();
        if let Some(tries) = traffic.under_way.get_mut(&self.receiver) {
            *tries -= 1;
            if *tries == 0 {
                traffic.under_way.remove(&self.receiver);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{AT_ALL_SILENT, AT_ONE_RECEIVER, Receivers, SIDE_BY_SIDE};

    fn names(count: usize) -> Vec<String> {
        (0..count).map(|n| format!("{n:04}.example")).collect()
    }

    #[test]
    fn one_receiver_has_few_places_and_all_together_have_a_bound() {
        let receivers = Arc::new(Receivers::default());
        let one = vec!["a".to_owned()];
        let (rooms, _) = receivers.rooms(one.clone());
        assert_eq!(rooms, [("a".to_owned(), AT_ONE_RECEIVER)]);
        let places: Vec<_> = (0..AT_ONE_RECEIVER)
            .map(|_| receivers.enter("a".to_owned()))
            .collect();
        assert_eq!(receivers.rooms(one.clone()), (Vec::new(), false));
        let (rooms, is_left_out) = receivers.rooms(names(SIDE_BY_SIDE));
        let total: usize = rooms.iter().map(|(_, room)| room).sum();
        assert_eq!(total, SIDE_BY_SIDE - AT_ONE_RECEIVER);
        assert!(is_left_out, "the others come next");
        drop(places);
        assert_eq!(receivers.rooms(one).0.len(), 1);
    }

    #[test]
    fn turns_go_round_from_behind_the_last_receiver() {
        let receivers = Receivers::default();
        let (first, _) = receivers.rooms(names(SIDE_BY_SIDE));
        let (second, _) = receivers.rooms(names(SIDE_BY_SIDE));
        assert_ne!(first[0], second[0]);
        assert!(second.iter().all(|room| !first.contains(room)));
    }

    #[test]
    fn those_who_do_not_answer_never_take_the_places_of_those_who_do() {
        let receivers = Arc::new(Receivers::default());
        for name in names(SIDE_BY_SIDE) {
            receivers.was_silent(&name);
        }
        let (rooms, _) = receivers.rooms(names(SIDE_BY_SIDE));
        assert_eq!(rooms.len(), AT_ALL_SILENT);
        let places: Vec<_> = rooms.into_iter().map(|(name, _)| receivers.enter(name)).collect();
        let mut due = names(SIDE_BY_SIDE);
        due.push("sound.example".to_owned());
        let (rooms, _) = receivers.rooms(due);
        assert_eq!(rooms, [("sound.example".to_owned(), AT_ONE_RECEIVER)]);
        receivers.answered("0000.example");
        let (rooms, _) = receivers.rooms(names(1));
        assert_eq!(
            rooms[0].1,
            AT_ONE_RECEIVER - 1,
            "it answered, and has all its places again"
        );
        drop(places);
    }
}
