//! One holder at one limit in one dialect: its keys at two processes, the calls that are made with them, and what
//! came of them.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use domain::limits::{Hit, Holder, Limit};
use serde_json::{Value, json};

use super::SEEN_WITHIN;
use crate::rush::dialects::{Dialect, Way};
use crate::rush::operator::{self, Key, Tenancy};
use crate::stopwatch::Stopwatch;
use crate::wire::{self, Reply};

/// Time between two looks whether a change is in force.
const LOOK: Duration = Duration::from_millis(25);
/// When the looks end, whatever they saw.
const GIVE_UP: Duration = Duration::from_secs(5);

/// What came of calls.
#[derive(Debug, Default)]
pub(super) struct Tally {
    taken: usize,
    refused: usize,
    changes: usize,
    /// How long after a change a call was sent that was still judged by what held before.
    latest: Duration,
    /// What was wrong, one sentence each.
    pub faults: Vec<String>,
}

impl Tally {
    /// Takes in what came of others.
    pub(super) fn add(&mut self, other: &Tally) {
        self.taken += other.taken;
        self.refused += other.refused;
        self.changes += other.changes;
        self.latest = self.latest.max(other.latest);
        self.faults.extend_from_slice(&other.faults);
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tally {
            taken,
            refused,
            changes,
            ..
        } = self;
        write!(formatter, "{taken} taken, {refused} refused in their shapes")?;
        if *changes > 0 {
            let latest = self.latest.as_millis();
            write!(
                formatter,
                ", {changes} changes, the old terms in use for {latest} ms at most"
            )?;
        }
        if !self.faults.is_empty() {
            write!(formatter, ", {} WRONG", self.faults.len())?;
        }
        Ok(())
    }
}

/// Whether an answer goes by what was changed.
pub(super) enum Look {
    /// By what was changed.
    New,
    /// By what held before.
    Old,
    /// By neither.
    Wrong(String),
}

/// A holder.
pub(super) struct Cell {
    dialect: &'static Dialect,
    at: [SocketAddr; 2],
    name: String,
    holder: Holder,
    /// The key at each process: the same where the key is the holder, two of the tenant where the tenant is.
    keys: Vec<Key>,
    /// What came of it so far.
    pub tally: Tally,
}

impl Cell {
    /// A holder that nobody knows yet; its tenant has the name.
    pub(super) fn new(
        dialect: &'static Dialect,
        at: [SocketAddr; 2],
        (name, holder): (String, Holder),
    ) -> Cell {
        Cell {
            dialect,
            at,
            name,
            holder,
            keys: Vec::new(),
            tally: Tally::default(),
        }
    }

    /// Makes the tenant and its keys, with one limit.
    pub(super) async fn found(&mut self, limit: Limit, value: i64) -> anyhow::Result<()> {
        let limits = json!({ limit.word(): value });
        self.take_in(&limits).await
    }

    /// Makes the tenant and its keys without limits.
    pub(super) async fn found_without(&mut self) -> anyhow::Result<()> {
        self.take_in(&json!({})).await
    }

    async fn take_in(&mut self, limits: &Value) -> anyhow::Result<()> {
        let none = json!({});
        let (of_tenant, of_key, keys) = match self.holder {
            Holder::Tenant => (limits, &none, 2),
            Holder::Key => (&none, limits, 1),
        };
        let tenancy = Tenancy {
            name: &self.name,
            credit: None,
            limits: of_tenant,
        };
        operator::tenant(self.at[0], &tenancy).await?;
        for _ in 0..keys {
            self.keys
                .push(operator::key(self.at[0], &self.name, of_key).await?);
        }
        Ok(())
    }

    /// What is heard where a limit of this holder stands in the way.
    pub(super) fn way(&self, limit: Limit, most: i64, left: i64) -> Way {
        Way::Limit(Hit {
            holder: self.holder,
            limit,
            most,
            left,
        })
    }

    /// A wish at one of the processes.
    pub(super) async fn submit(&self, process: usize) -> anyhow::Result<Reply> {
        let (address, key) = (self.at[process], self.key(process));
        let call = wire::post(address, self.dialect.path, &(self.dialect.body)(), &key.text);
        operator::call(address, call).await
    }

    fn key(&self, process: usize) -> &Key {
        &self.keys[process % self.keys.len()]
    }

    /// A wish that must be taken; its task.
    pub(super) async fn take(&mut self, process: usize) -> anyhow::Result<String> {
        let reply = self.submit(process).await?;
        if let Some(task) = task_of(&reply) {
            self.tally.taken += 1;
            return Ok(task);
        }
        self.wrong(process, &format!("not taken: {}", reply.excerpt()));
        Ok(String::new())
    }

    /// A wish that must be refused at each process, in the dialect's own shape.
    pub(super) async fn refuse(&mut self, way: &Way) -> anyhow::Result<()> {
        for process in [0, 1] {
            let reply = self.submit(process).await?;
            self.judge(process, way, &reply);
        }
        Ok(())
    }

    /// Notes a refusal, and what is wrong with it.
    pub(super) fn judge(&mut self, process: usize, way: &Way, reply: &Reply) {
        match self.dialect.fault(way, reply) {
            None => self.tally.refused += 1,
            Some(fault) => self.wrong(process, &fault),
        }
    }

    /// Notes a wish that was taken.
    pub(super) fn took(&mut self) {
        self.tally.taken += 1;
    }

    /// Notes what was wrong.
    pub(super) fn wrong(&mut self, process: usize, what: &str) {
        let (dialect, holder) = (self.dialect.name, self.holder.word());
        let fault = format!("{dialect}, {holder}, process {process}: {what}");
        self.tally.faults.push(fault);
    }

    /// Stops a task at one of the processes.
    pub(super) async fn cancel(&mut self, process: usize, task: &str) -> anyhow::Result<()> {
        let (address, path) = (self.at[process], format!("/api/v1/tasks/{task}/cancel"));
        let call = wire::post(address, &path, &Value::Null, &self.key(process).text);
        let reply = operator::call(address, call).await?;
        if reply.status != 200 {
            self.wrong(
                process,
                &format!("`{task}` is not cancelled: {}", reply.excerpt()),
            );
        }
        Ok(())
    }

    /// Sets a limit at one of the processes. Both must have been called since the last change, so that the other has
    /// what holds now in its memory. Counts from when the change was acknowledged.
    pub(super) async fn set(
        &mut self,
        process: usize,
        limit: Limit,
        value: i64,
    ) -> anyhow::Result<Stopwatch> {
        let limits = json!({ "limits": { limit.word(): value } });
        self.patch(process, &limits).await
    }

    /// Changes the terms of the holder, as [`Cell::set`].
    pub(super) async fn patch(&mut self, process: usize, patch: &Value) -> anyhow::Result<Stopwatch> {
        let address = self.at[process];
        match self.holder {
            Holder::Tenant => operator::change_tenant(address, &self.name, patch).await?,
            Holder::Key => operator::change_key(address, self.key(process), patch).await?,
        }
        Ok(Stopwatch::start())
    }

    /// Revokes the key, as [`Cell::set`].
    pub(super) async fn revoke(&mut self, process: usize) -> anyhow::Result<Stopwatch> {
        operator::revoke(self.at[process], self.key(process)).await?;
        Ok(Stopwatch::start())
    }

    /// Submits at a process until one is taken; before, it is refused as it was.
    pub(super) async fn until_taken(
        &mut self,
        process: usize,
        since: Stopwatch,
        before: &Way,
    ) -> anyhow::Result<()> {
        let dialect = self.dialect;
        let look = |reply: &Reply| match task_of(reply) {
            Some(_) => Look::New,
            None => dialect.fault(before, reply).map_or(Look::Old, Look::Wrong),
        };
        self.until(process, since, &look).await?;
        self.tally.taken += 1;
        Ok(())
    }

    /// Submits at a process until one is refused; before, all are taken.
    pub(super) async fn until_refused(
        &mut self,
        process: usize,
        since: Stopwatch,
        after: &Way,
    ) -> anyhow::Result<()> {
        let dialect = self.dialect;
        let look = |reply: &Reply| match task_of(reply) {
            Some(_) => Look::Old,
            None => dialect.fault(after, reply).map_or(Look::New, Look::Wrong),
        };
        self.until(process, since, &look).await?;
        self.tally.refused += 1;
        Ok(())
    }

    /// Submits at a process until an answer goes by a change. What counts is when a call was sent whose answer went by
    /// what held before: however slow the machine is, none that is sent a second after the change may.
    pub(super) async fn until(
        &mut self,
        process: usize,
        since: Stopwatch,
        look: &(dyn Fn(&Reply) -> Look + Sync),
    ) -> anyhow::Result<()> {
        let mut latest = Duration::ZERO;
        self.tally.changes += 1;
        loop {
            let sent = since.elapsed();
            match look(&self.submit(process).await?) {
                Look::New => break,
                Look::Old => latest = sent,
                Look::Wrong(what) => {
                    self.wrong(process, &what);
                    break;
                }
            }
            if sent > GIVE_UP {
                break;
            }
            tokio::time::sleep(LOOK).await;
        }
        self.tally.latest = self.tally.latest.max(latest);
        if latest > SEEN_WITHIN {
            let what = format!(
                "the old terms were still in use {} ms after the change",
                latest.as_millis()
            );
            self.wrong(process, &what);
        }
        Ok(())
    }
}

/// The task of a wish that was taken.
pub(super) fn task_of(reply: &Reply) -> Option<String> {
    let is_taken = (200..300).contains(&reply.status);
    let task = reply.headers.get("reelway-task-id").filter(|_| is_taken)?;
    task.to_str().ok().map(str::to_owned)
}
