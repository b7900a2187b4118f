//! How many places accounts have left, while a batch is decided. Pure; how they are counted is in each
//! database's folder.

use std::collections::HashMap;

use crate::rows::ChangeRows;

/// How many tasks of each account are in flight, while a batch is decided.
#[derive(Default)]
pub(crate) struct Room(HashMap<String, i64>);

impl Room {
    pub(crate) fn knows(&self, account: &str) -> bool {
        self.0.contains_key(account)
    }

    /// Writes down what was counted.
    pub(crate) fn found(&mut self, account: &str, in_flight: i64) {
        self.0.insert(account.to_owned(), in_flight);
    }

    pub(crate) fn is_left(&self, account: &str, slots: i64) -> bool {
        self.0.get(account).copied().unwrap_or(0) < slots
    }

    /// Counts a change that was done. What gives slots back is counted by the next batch.
    pub(crate) fn take(&mut self, change: &ChangeRows) {
        let account = change.wants_slot().map(|(account, _)| account);
        if let Some(in_flight) = account.and_then(|account| self.0.get_mut(account)) {
            *in_flight += 1;
        }
    }
}
