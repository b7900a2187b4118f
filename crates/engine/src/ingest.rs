//! Ingest: media that a wish names outside is fetched, kept, sniffed and judged by its rule before the
//! task is queued. Failure here fails the task and releases the hold.

use std::io::{self, Cursor, ErrorKind};
use std::sync::Arc;

use bytes::Bytes;
use domain::blobs::{BlobError, ByteStream, Kept};
use domain::error::TaskErrorCode;
use domain::transport::{OutRequest, TransportError};
use domain::{EventKind, Input, MediaRule, Source, Staged, StateWord, Task, TaskError};
use futures_util::StreamExt;
use parking_lot::Mutex;

use crate::Engine;
use crate::advance::Halt;
use crate::pace::backoff;
use crate::remarks::About;
use crate::sniff::{HEAD_BYTES, HEADER_MAX_BYTES, Sniffed, Unfit, sniff};

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
        let head = Arc::new(Mutex::new(Vec::with_capacity(HEAD_BYTES)));
        let content = with_head(content, Arc::clone(&head));
        let kept = self.stage(content, limit_bytes).await;
        let kept = kept.map_err(|error| self.unkept(&error, limit_bytes))?;
        let head = std::mem::take(&mut *head.lock());
        let sniffed = self.sniffed(head, &kept).await?;
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

    /// What kept bytes are: by their head, and by more of them where a picture's size lies behind it.
    async fn sniffed(&self, head: Vec<u8>, kept: &Kept) -> Result<Sniffed, Unfetched> {
        let head_bytes = head.len() as u64;
        let sniffed = off_the_belts(head, kept.bytes).await?;
        if !sniffed.is_without_size() || head_bytes >= kept.bytes {
            return Ok(sniffed);
        }
        let unread = |error: &dyn std::fmt::Display| Unfetched::Later(error.to_string());
        let content = self.blobs.get(&kept.key, Some(0..HEADER_MAX_BYTES)).await;
        let mut content = content.map_err(|error| unread(&error))?;
        let mut header = Vec::new();
        while let Some(chunk) = content.next().await {
            header.extend_from_slice(&chunk.map_err(|error| unread(&error))?);
        }
        off_the_belts(header, kept.bytes).await
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

/// The stream as it was; its first bytes are copied while it passes.
fn with_head(content: ByteStream, head: Arc<Mutex<Vec<u8>>>) -> ByteStream {
    Box::pin(content.inspect(move |chunk| {
        let Ok(chunk) = chunk else { return };
        let mut head = head.lock();
        let wanted = HEAD_BYTES.saturating_sub(head.len()).min(chunk.len());
        head.extend_from_slice(&chunk[..wanted]);
    }))
}

/// Headers may hold compressed parts, so they are read on a thread that may be kept busy.
async fn off_the_belts(header: Vec<u8>, bytes: u64) -> Result<Sniffed, Unfetched> {
    let work = tokio::task::spawn_blocking(move || sniff(Cursor::new(header), bytes));
    let sniffed = work
        .await
        .unwrap_or_else(|broken| Err(Unfit::Io(io::Error::other(broken))));
    sniffed.map_err(|unfit| match unfit {
        Unfit::Io(error) => Unfetched::Later(error.to_string()),
        unfit => Unfetched::Rejected(unfit.to_string()),
    })
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
