//! Deliver: what is owed to clients goes out. A webhook is claimed for one try, its body is rendered once
//! and kept, the try is made, and what came of it is written down. Each receiver has a queue of its own, so
//! that one that does not answer slows no other. What a body says, and how it is signed, is the scribe's
//! business.

use bytes::{Bytes, BytesMut};
use domain::store::{Delivery, DeliveryState, Errand, ErrandClaim, StoreError, Tried};
use domain::transport::{OutReply, OutRequest, TransportError};
use domain::{ByteStream, Millis, Status, Task};
use futures_util::StreamExt as _;

use crate::Engine;
use crate::deliver::receivers::Place;

mod receivers;

pub(crate) use receivers::Receivers;

/// Pause between looks for due webhooks when nothing rings, in milliseconds.
pub(crate) const SEARCH_INTERVAL_MS: i64 = 500;
/// Longest try, from the name of the receiver to the last byte of its answer, in milliseconds.
const TIMEOUT_MS: u64 = 15_000;
/// How long a claim goes, in milliseconds: longer than a try with all that is written around it.
const CLAIM_MS: i64 = 30_000;
/// How old a claim may be, in milliseconds, for a try to begin that will be over before the claim is.
const CLAIM_AGE_MAX_MS: u64 = 10_000;
/// The pause before each try, in milliseconds: ten tries in three days, three and a half hours.
const PAUSES_MS: [i64; 10] = [
    0,
    5 * SECOND_MS,
    5 * MINUTE_MS,
    30 * MINUTE_MS,
    2 * HOUR_MS,
    5 * HOUR_MS,
    10 * HOUR_MS,
    14 * HOUR_MS,
    20 * HOUR_MS,
    24 * HOUR_MS,
];
const SECOND_MS: i64 = 1_000;
const MINUTE_MS: i64 = 60 * SECOND_MS;
const HOUR_MS: i64 = 60 * MINUTE_MS;
/// A pause is longer by chance, by at most its length divided by this.
const JITTER_PART: i64 = 10;
/// Longest pause that a receiver may ask for, in milliseconds.
const ASKED_PAUSE_MAX_MS: i64 = 24 * HOUR_MS;
/// Pause before a try that could not be signed, in milliseconds; it is no try of the receiver.
const UNSIGNED_PAUSE_MS: i64 = MINUTE_MS;
/// How long webhooks are kept and may be replayed, in milliseconds.
const LIFE_MS: i64 = 30 * 24 * HOUR_MS;

/// Most of an answer that is read, in bytes.
const ANSWER_BYTES_MAX: u64 = 1024 * 1024;
/// Most of an answer that is kept, in bytes.
const NOTE_BYTES_MAX: usize = 4 * 1024;
/// Beyond the last status that may be a success.
const SUCCESSES: std::ops::Range<u16> = 200..300;
/// The receiver wants nothing more.
const GONE: u16 = 410;

/// A claimed webhook with a place among the tries at its receiver.
pub(crate) struct Parcel {
    errand: Errand,
    claimed_ms: u64,
    until: Millis,
    place: Place,
}

/// What came of a try.
enum End {
    /// The receiver took it.
    Taken(u16),
    /// It may take it later.
    Later {
        status: Option<u16>,
        note: String,
        pause_ms: Option<i64>,
    },
    /// It will never take it.
    Never { status: Option<u16>, note: String },
    /// A later state is owed.
    Needless,
    /// There was no try, because of us.
    Unsigned(String),
}

impl Engine {
    /// Has the belts look for due webhooks at once.
    pub(crate) fn expect_webhooks(&self) {
        self.look_for_webhooks();
        self.bell.notify_one();
    }

    /// Makes a webhook due again with all its tries, as long as it is kept; false when it is being tried
    /// just now, or was never to be sent.
    ///
    /// # Errors
    /// [`StoreError`] when nothing was changed.
    pub async fn replay(&self, webhook: &str) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let is_due = self
            .store
            .outbox()
            .replay(webhook, now, now.plus(-LIFE_MS))
            .await?;
        if is_due {
            self.expect_webhooks();
        }
        Ok(is_due)
    }

    /// Forgets webhooks that were kept long enough.
    pub(crate) async fn forget_webhooks(&self, limit: usize) -> Result<u64, StoreError> {
        let before = self.clock.now().plus(-LIFE_MS);
        self.store.outbox().forget_deliveries(before, limit).await
    }

    /// Claims webhooks that are due, as many as there are places for; the second is whether there may be
    /// more of them.
    pub(crate) async fn due_webhooks(&self) -> Result<(Vec<Parcel>, bool), StoreError> {
        let now = self.clock.now();
        let waiting = self.store.outbox().receivers().await?;
        let due = waiting.into_iter().filter(|(_, at)| *at <= now);
        let (receivers, is_left_out) = self.receivers.rooms(due.map(|(receiver, _)| receiver).collect());
        if receivers.is_empty() {
            return Ok((Vec::new(), false));
        }
        let claim = ErrandClaim {
            node: self.settings.node.clone(),
            now,
            until: now.plus(CLAIM_MS),
            receivers,
        };
        let claimed_ms = self.clock.monotonic_ms();
        let errands = self.store.outbox().claim_errands(&claim).await?;
        let may_be_more = is_left_out && !errands.is_empty();
        let parcels = errands.into_iter().map(|errand| Parcel {
            place: self.receivers.enter(errand.delivery.owed.receiver()),
            errand,
            claimed_ms,
            until: claim.until,
        });
        Ok((parcels.collect(), may_be_more))
    }

    /// Makes one try and writes down what came of it. One that cannot be written down is made again once
    /// its claim is over: the receiver tells both by their id.
    pub(crate) async fn deliver(&self, parcel: Parcel) {
        let Parcel {
            errand,
            claimed_ms,
            until,
            place,
        } = parcel;
        let end = self.attempt(&errand, claimed_ms).await;
        let written = match &end {
            Ok(Some(end)) => self.write_end(&errand.delivery, until, end).await,
            Ok(None) => Ok(false),
            Err(error) => Err(error.clone()),
        };
        if let Err(error) = written {
            tracing::warn!(webhook = errand.delivery.owed.id, %error, "webhook.not_written: it is tried again");
        }
        drop(place);
        // There is a place now, and what stood behind this one may go.
        self.expect_webhooks();
    }

    /// None: there was no try, and somebody else may have claimed it by now.
    async fn attempt(&self, errand: &Errand, claimed_ms: u64) -> Result<Option<End>, StoreError> {
        let owed = &errand.delivery.owed;
        // Before the row is read, so that no change after it is missed.
        let mut listener = self.listen(owed.task);
        let Some(task) = self.store.any_task(owed.task).await? else {
            let note = "the task is gone".to_owned();
            return Ok(Some(End::Never { status: None, note }));
        };
        if has_moved_on(&errand.delivery, &task) || task.course.erased_at.is_some() {
            return Ok(Some(End::Needless));
        }
        let body = match &errand.body {
            Some(body) => body.clone(),
            None => {
                let body = self.scribe.body(&task, &owed.event);
                let Some(kept) = self.store.outbox().keep_body(&owed.id, &body).await? else {
                    return Ok(None);
                };
                kept
            }
        };
        let at = self.clock.now();
        let signed = self.scribe.headers(owed.tenant, &owed.id, at, &body).await;
        let mut headers = match signed {
            Ok(headers) => headers,
            Err(why) => return Ok(Some(End::Unsigned(why))),
        };
        headers.push(("content-type".to_owned(), "application/json".to_owned()));
        if self.clock.monotonic_ms().saturating_sub(claimed_ms) > CLAIM_AGE_MAX_MS {
            return Ok(None);
        }
        if errand.delivery.tries == 0 && !errand.delivery.is_replay {
            self.tally.first_tried(at.since(owed.at));
        }
        let request = OutRequest {
            method: "POST".to_owned(),
            url: owed.url.clone(),
            headers,
            body: Bytes::from(body),
            timeout_ms: TIMEOUT_MS,
            limit_bytes: ANSWER_BYTES_MAX,
        };
        let mut sending = self.transport.send(request);
        loop {
            tokio::select! {
                answer = &mut sending => return Ok(Some(self.judge(&owed.receiver(), answer).await)),
                () = listener.changed(), if owed.is_passing() => {
                    // What comes after waits for this one: it is broken off rather than in the way.
                    if self.is_needless(&owed.id).await? {
                        return Ok(Some(End::Needless));
                    }
                }
            }
        }
    }

    async fn is_needless(&self, webhook: &str) -> Result<bool, StoreError> {
        let row = self.store.outbox().delivery(None, webhook).await?;
        Ok(row.is_none_or(|row| row.state != DeliveryState::Pending))
    }

    /// What an answer means, or that there was none.
    async fn judge(&self, receiver: &str, answer: Result<OutReply, TransportError>) -> End {
        let reply = match answer {
            Ok(reply) => reply,
            Err(error) => {
                if !matches!(error, TransportError::Refused(_)) {
                    self.receivers.was_silent(receiver);
                }
                return End::Later {
                    status: None,
                    note: error.to_string(),
                    pause_ms: None,
                };
            }
        };
        self.receivers.answered(receiver);
        if SUCCESSES.contains(&reply.status) {
            return End::Taken(reply.status);
        }
        let (status, pause_ms) = (Some(reply.status), self.asked_pause_ms(&reply.headers));
        let note = beginning(reply.body).await;
        if status == Some(GONE) {
            return End::Never { status, note };
        }
        End::Later {
            status,
            note,
            pause_ms,
        }
    }

    /// How long the receiver wants to be left alone: seconds, or until a date.
    fn asked_pause_ms(&self, headers: &[(String, String)]) -> Option<i64> {
        let (_, asked) = headers.iter().find(|(name, _)| name == "retry-after")?;
        let asked = asked.trim();
        let pause = match asked.parse::<i64>() {
            Ok(seconds) => seconds.saturating_mul(SECOND_MS),
            Err(_) => {
                let until = httpdate::parse_http_date(asked).ok()?;
                let until = until.duration_since(std::time::UNIX_EPOCH).ok()?.as_millis();
                Millis(i64::try_from(until).ok()?).since(self.clock.now())
            }
        };
        Some(pause.clamp(0, ASKED_PAUSE_MAX_MS))
    }

    /// Writes down what came of a try; false when the claim was over and it is somebody else's by now.
    async fn write_end(&self, delivery: &Delivery, until: Millis, end: &End) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let mut tried = Tried {
            id: delivery.owed.id.clone(),
            node: self.settings.node.clone(),
            until,
            state: DeliveryState::Pending,
            tries: delivery.tries,
            next_at: now,
            status: None,
            note: None,
            at: now,
        };
        match end {
            End::Taken(status) => {
                tried.tries += 1;
                tried.state = DeliveryState::Delivered;
                tried.status = Some(*status);
            }
            End::Later {
                status,
                note,
                pause_ms,
            } => {
                tried.tries += 1;
                (tried.status, tried.note) = (*status, Some(note.clone()));
                match self.pause_ms_before(tried.tries) {
                    Some(pause) => tried.next_at = now.plus(pause.max(pause_ms.unwrap_or(0))),
                    None => tried.state = DeliveryState::Dead,
                }
            }
            End::Never { status, note } => {
                tried.tries += 1;
                tried.state = DeliveryState::Dead;
                (tried.status, tried.note) = (*status, Some(note.clone()));
            }
            End::Needless => tried.state = DeliveryState::Superseded,
            End::Unsigned(why) => {
                tried.next_at = now.plus(UNSIGNED_PAUSE_MS);
                tried.note = Some(why.clone());
            }
        }
        let is_ours = self.store.outbox().tried(&tried).await?;
        if is_ours {
            self.tell_tried(delivery, &tried, end);
        }
        Ok(is_ours)
    }

    /// The pause before a try, with some chance in it; none when there were tries enough.
    fn pause_ms_before(&self, tries: u32) -> Option<i64> {
        let pause = PAUSES_MS.get(usize::try_from(tries).ok()?)?;
        let most = u64::try_from(pause / JITTER_PART).unwrap_or(0) + 1;
        let jitter = i64::try_from(self.ids.chance() % most).unwrap_or(0);
        Some(pause + jitter)
    }

    /// One wide event for each try. Neither the address nor the body nor the answer: they are the client's.
    fn tell_tried(&self, delivery: &Delivery, tried: &Tried, end: &End) {
        let outcome = match (end, tried.state) {
            (End::Unsigned(_), _) => "unsigned",
            (_, DeliveryState::Pending) => "failed",
            (_, state) => state.word(),
        };
        self.tally.tried(outcome);
        let owed = &delivery.owed;
        tracing::info!(
            message = ["webhook.", outcome].concat(),
            webhook = %owed.id,
            task = %owed.task.prefixed(),
            tenant = %owed.tenant.0.hex(),
            about = %owed.event,
            tries = tried.tries,
            status = tried.status.unwrap_or(0),
            age_ms = tried.at.since(owed.at),
        );
    }
}

/// Whether the task is past the state that a webhook speaks of. What somebody asked for once more is sent.
fn has_moved_on(delivery: &Delivery, task: &Task) -> bool {
    let is_there = match task.status() {
        Status::Queued => delivery.owed.event == "task.queued",
        Status::Running => delivery.owed.event == "task.running",
        Status::Succeeded | Status::Failed | Status::Cancelled => false,
    };
    delivery.owed.is_passing() && !delivery.is_replay && !is_there
}

/// The beginning of an answer as text that may be shown: no control characters but line breaks.
async fn beginning(mut body: ByteStream) -> String {
    let mut read = BytesMut::new();
    while read.len() < NOTE_BYTES_MAX {
        let Some(Ok(chunk)) = body.next().await else { break };
        read.extend_from_slice(&chunk[..chunk.len().min(NOTE_BYTES_MAX - read.len())]);
    }
    let text = String::from_utf8_lossy(&read);
    let mut text: String = text
        .chars()
        .filter(|letter| *letter == '\n' || !letter.is_control())
        .collect();
    // A byte that is no text becomes a longer sign.
    while text.len() > NOTE_BYTES_MAX {
        text.pop();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::PAUSES_MS;

    #[test]
    fn the_tries_end_after_three_days_three_hours_and_a_half() {
        let minutes = PAUSES_MS.iter().sum::<i64>() / 60_000;
        assert_eq!(minutes, 75 * 60 + 35);
    }
}
