//! Ingest: media that a wish names outside is fetched and kept before the task is queued. Failure
//! here fails the task and releases the hold.

use std::io::ErrorKind;
use std::sync::Arc;

use bytes::Bytes;
use domain::blobs::BlobError;
use domain::error::TaskErrorCode;
use domain::transport::{OutRequest, TransportError};
use domain::{EventKind, Input, Source, Staged, StateWord, Task, TaskError};

use crate::Engine;
use crate::advance::Halt;
use crate::pace::backoff;
use crate::settle::NO_FACTS;

/// Largest input file, in bytes.
const MAX_INPUT_BYTES: u64 = 200 * 1024 * 1024;
/// Longest time for one fetch, in milliseconds.
const FETCH_TIMEOUT_MS: u64 = 60_000;
/// Most tries of one task's fetches.
const MAX_TRIES: u32 = 4;

impl Engine {
    /// Fetches what a claimed, ingesting task names outside.
    pub(crate) async fn ingest(&self, task: &Arc<Task>, tries: u32) -> Result<(), Halt> {
        if task.word() != StateWord::Ingesting {
            return Err(Halt::Moved);
        }
        let mut media = Vec::with_capacity(task.origin.ask.inputs.len());
        for input in &task.origin.ask.inputs {
            match self.fetch(input).await {
                Ok(staged) => media.push(staged),
                Err(Unfetched::Later(why)) if tries < MAX_TRIES => {
                    tracing::info!(task = %task.id().prefixed(), field = %input.field, %why, "media is not fetched yet");
                    self.park(task, backoff(tries + 1, &*self.ids), tries + 1);
                    return Ok(());
                }
                Err(Unfetched::Later(why) | Unfetched::Never(why)) => {
                    let message = format!("`{}` could not be fetched: {why}", input.field);
                    let error = TaskError::new(TaskErrorCode::InputUnavailable, message);
                    self.advance(task, EventKind::IngestFailed { error }).await?;
                    return Ok(());
                }
            }
        }
        self.advance(task, EventKind::Ingested { media }).await?;
        Ok(())
    }

    async fn fetch(&self, input: &Input) -> Result<Staged, Unfetched> {
        let url = match &input.source {
            Source::Staged(staged) => return Ok(staged.clone()),
            Source::Link(url) => url,
        };
        let request = OutRequest {
            method: "GET".to_owned(),
            url: url.clone(),
            headers: Vec::new(),
            body: Bytes::new(),
            timeout_ms: FETCH_TIMEOUT_MS,
            limit_bytes: MAX_INPUT_BYTES,
        };
        let reply = self.transport.send(request).await.map_err(|error| match error {
            TransportError::Refused(_) => Unfetched::Never(error.to_string()),
            other => Unfetched::Later(other.to_string()),
        })?;
        match reply.status {
            200..=299 => {}
            400..=499 => return Err(Unfetched::Never(format!("the link answered {}", reply.status))),
            status => return Err(Unfetched::Later(format!("the link answered {status}"))),
        }
        let kept = self.stage(reply.body, MAX_INPUT_BYTES).await;
        let kept = kept.map_err(unkept)?;
        Ok(Staged {
            blob: kept.key,
            bytes: kept.bytes,
            content_type: None,
            facts: NO_FACTS,
        })
    }
}

/// What is too large today is too large tomorrow.
fn unkept(error: BlobError) -> Unfetched {
    match error {
        BlobError::TooLarge { .. } => Unfetched::Never(error.to_string()),
        BlobError::Io(error) if error.kind() == ErrorKind::FileTooLarge => {
            Unfetched::Never(error.to_string())
        }
        other => Unfetched::Later(other.to_string()),
    }
}

enum Unfetched {
    Later(String),
    Never(String),
}
