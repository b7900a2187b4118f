//! Ingest: media that a wish names outside is fetched, kept, sniffed and judged by its rule before the
//! task is queued. Failure here fails the task and releases the hold.

use std::io::{self, ErrorKind};
use std::sync::Arc;

use bytes::Bytes;
use domain::blobs::{BlobError, ByteStream, Kept};
use domain::error::TaskErrorCode;
use domain::transport::{OutRequest, TransportError};
use domain::{EventKind, Input, MediaRule, Source, Staged, StateWord, Task, TaskError};

use crate::Engine;
use crate::advance::Halt;
use crate::pace::backoff;
use crate::remarks::About;
use crate::sniff::{Sniffed, Unfit, sniff};

mod reread;

use reread::Reread;

/// Largest input file where its rule does not say less, in bytes.
const MAX_INPUT_BYTES: u64 = 200 * 1024 * 1024;
/// Most tries of one task's fetches.
const MAX_TRIES: u32 = 4;

/// Why media is not there.
enum Unfetched {
    /// It may be had later.
    Later(String),
    /// It cannot be had.
    Never(String),
    /// It was had and cannot be used; the text goes on after the field's name.
    Rejected(String),
}

impl Engine {
    /// Fetches what a claimed, ingesting task names outside.
    pub(crate) async fn ingest(&self, task: &Arc<Task>, tries: u32) -> Result<(), Halt> {
        if task.word() != StateWord::Ingesting {
            return Err(Halt::Moved);
        }
        let mut media = Vec::with_capacity(task.origin.ask.inputs.len());
        for input in &task.origin.ask.inputs {
            let field = &input.field;
            let error = match self.fetch(input).await {
                Ok(staged) => {
                    media.push(staged);
                    continue;
                }
                Err(Unfetched::Later(why)) if tries + 1 < MAX_TRIES => {
                    tracing::info!(task = %task.id().prefixed(), %field, %why, "media is not fetched yet");
                    self.remark(task.id(), About::Media, &format!("`{field}`: {why}"));
                    self.park(task, backoff(tries + 1, &*self.ids), tries + 1);
                    return Ok(());
                }
                Err(Unfetched::Later(why) | Unfetched::Never(why)) => {
                    let message = format!("`{field}` could not be fetched: {why}");
                    TaskError::new(TaskErrorCode::InputUnavailable, message)
                }
                Err(Unfetched::Rejected(why)) => {
                    TaskError::new(TaskErrorCode::InputRejected, format!("`{field}` {why}"))
                }
            };
            self.advance(task, EventKind::IngestFailed { error }).await?;
            return Ok(());
        }
        self.advance(task, EventKind::Ingested { media }).await?;
        Ok(())
    }

    async fn fetch(&self, input: &Input) -> Result<Staged, Unfetched> {
        let url = match &input.source {
            Source::Staged(staged) => return Ok(staged.clone()),
            Source::Link(url) => url,
            Source::Earlier(name) => {
                return Err(Unfetched::Never(format!("`{name}` was not looked up")));
            }
        };
        let rule = input.rule.as_ref();
        let limit_bytes = rule.map_or(MAX_INPUT_BYTES, |rule| rule.bytes_max.min(MAX_INPUT_BYTES));
        let content = self.body_of(url, limit_bytes).await?;
        let kept = self.stage(content, limit_bytes).await;
        let kept = kept.map_err(|error| self.unkept(&error, limit_bytes))?;
        let sniffed = self.sniffed(&kept).await?;
        judged(&sniffed, kept, rule)
    }

    /// The body behind a link. Its time goes on while it is read.
    async fn body_of(&self, url: &str, limit_bytes: u64) -> Result<ByteStream, Unfetched> {
        let request = OutRequest {
            method: "GET".to_owned(),
            url: url.to_owned(),
            headers: Vec::new(),
            body: Bytes::new(),
            timeout_ms: self.settings.fetch_timeout_ms,
            limit_bytes,
        };
        let reply = self.transport.send(request).await.map_err(|error| match error {
            TransportError::Refused(_) => Unfetched::Never(error.to_string()),
            other => Unfetched::Later(other.to_string()),
        })?;
        match reply.status {
            200..=299 => Ok(reply.body),
            400..=499 => Err(Unfetched::Never(format!("the link answered {}", reply.status))),
            status => Err(Unfetched::Later(format!("the link answered {status}"))),
        }
    }

    /// What kept bytes are. Headers may hold compressed parts, or stand at the end of a clip, so they are read on a
    /// thread that may be kept busy.
    async fn sniffed(&self, kept: &Kept) -> Result<Sniffed, Unfetched> {
        let content = Reread::new(Arc::clone(&self.blobs), kept);
        let bytes = kept.bytes;
        let work = tokio::task::spawn_blocking(move || sniff(content, bytes));
        let sniffed = work
            .await
            .unwrap_or_else(|broken| Err(Unfit::Io(io::Error::other(broken))));
        sniffed.map_err(|unfit| match unfit {
            Unfit::Io(error) => Unfetched::Later(error.to_string()),
            unfit => Unfetched::Rejected(unfit.to_string()),
        })
    }

    /// What is too large today is too large tomorrow; what was too slow may be faster.
    fn unkept(&self, error: &BlobError, limit_bytes: u64) -> Unfetched {
        let kind = match error {
            BlobError::TooLarge { .. } => ErrorKind::FileTooLarge,
            BlobError::Io(error) => error.kind(),
            _ => ErrorKind::Other,
        };
        match kind {
            ErrorKind::FileTooLarge => Unfetched::Rejected(format!("is longer than `{limit_bytes}` bytes")),
            ErrorKind::TimedOut => {
                let limit_ms = self.settings.fetch_timeout_ms;
                Unfetched::Later(format!("not all of it came within `{limit_ms}` ms"))
            }
            _ => Unfetched::Later(error.to_string()),
        }
    }
}

fn judged(sniffed: &Sniffed, kept: Kept, rule: Option<&MediaRule>) -> Result<Staged, Unfetched> {
    let staged = Staged {
        blob: kept.key,
        bytes: kept.bytes,
        content_type: sniffed.content_type.map(str::to_owned),
        facts: sniffed.facts,
    };
    match rule.map_or(Ok(()), |rule| rule.check(&staged)) {
        Ok(()) => Ok(staged),
        Err(misfit) => Err(Unfetched::Rejected(misfit.to_string())),
    }
}
