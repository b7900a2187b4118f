//! Settle: results are kept, then the bill is made. A task succeeds only when every file lies in our
//! own warehouse.

use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use domain::blobs::{BlobError, ByteStream};
use domain::error::TaskErrorCode;
use domain::ids::ArtifactId;
use domain::provider::{Look, OutputSource, Outputs};
use domain::task::Offered;
use domain::transport::{OutRequest, TransportError};
use domain::{Artifact, EventKind, MediaKind, State, Task, TaskError};
use futures_util::StreamExt;

use crate::Engine;
use crate::advance::Halt;
use crate::pace::backoff;
use crate::remarks::About;
use crate::roster::Post;
use crate::tally::{Call, Heard};

/// Largest result file, in bytes.
const MAX_RESULT_BYTES: u64 = 4 * 1024 * 1024 * 1024;
/// Longest time for one download, in milliseconds.
const DOWNLOAD_TIMEOUT_MS: u64 = 600_000;
/// Longest time to ask a provider for its streams again, in milliseconds.
const ASK_AGAIN_TIMEOUT_MS: u64 = 30_000;
/// How long a file that cannot be had is tried for, in milliseconds.
const CUSTODY_PATIENCE_MS: i64 = 24 * 60 * 60 * 1_000;
/// Bytes that are looked at to tell what a file is.
const SNIFF_BYTES: usize = 64;

/// Why a file is not kept.
pub(crate) enum Miss {
    /// It may be had later.
    Later(String),
    /// It cannot be had any more.
    Never(String),
    /// The provider streams it and no longer knows it; that costs nothing.
    Lost,
}

/// One file with its place.
struct File {
    id: ArtifactId,
    offered: Offered,
    content: Option<ByteStream>,
}

impl Engine {
    /// Keeps what is offered. `outputs` are those that a look has just brought; after a restart there
    /// are none, and links are followed or the provider is asked again.
    pub(crate) async fn settle(
        &self,
        task: &Arc<Task>,
        outputs: Option<Outputs>,
        tries: u32,
    ) -> Result<(), Halt> {
        let State::Settling {
            account,
            offered,
            findings,
            ..
        } = &task.course.state
        else {
            return Err(Halt::Moved);
        };
        let kept = match self.post(account) {
            Some(post) => self.keep_all(task, &post, offered, outputs).await,
            None => Err(Miss::Later(format!("account `{account}` is not plugged in"))),
        };
        match kept {
            Ok(artifacts) => {
                let findings = self.remember(task, account, findings.as_deref()).await?;
                self.advance(task, EventKind::Kept { artifacts, findings })
                    .await?;
            }
            Err(Miss::Lost) => {
                self.advance(task, EventKind::Lost).await?;
            }
            Err(Miss::Never(why)) => self.give_up(task, why).await?,
            Err(Miss::Later(why)) => {
                tracing::warn!(task = %task.id().prefixed(), %why, "a result is not kept yet");
                self.remark(task.id(), About::Result, &why);
                let waited = self.clock.now().since(task.course.updated_at);
                if waited > CUSTODY_PATIENCE_MS {
                    return self.give_up(task, why).await;
                }
                let tries = tries.saturating_add(1);
                self.park(task, backoff(tries, &*self.ids), tries);
            }
        }
        Ok(())
    }

    async fn give_up(&self, task: &Arc<Task>, why: String) -> Result<(), Halt> {
        let message = format!("the result could not be fetched from the provider: {why}");
        let error = TaskError::new(TaskErrorCode::CustodyLost, message);
        self.advance(task, EventKind::CustodyLost { error }).await?;
        Ok(())
    }

    /// Keeps every file that is offered, or says why not.
    pub(crate) async fn keep_all(
        &self,
        task: &Task,
        post: &Post,
        offered: &[Offered],
        outputs: Option<Outputs>,
    ) -> Result<Vec<Artifact>, Miss> {
        let needs_stream = offered.iter().any(|offer| offer.link.is_none());
        let outputs = match outputs {
            Some(outputs) => Some(outputs),
            None if needs_stream => Some(self.ask_again(task, post).await?),
            None => None,
        };
        let mut streams = Vec::new();
        for file in outputs.into_iter().flat_map(|outputs| outputs.files) {
            streams.push(match file.source {
                OutputSource::Stream(stream) => Some(stream),
                OutputSource::Link(_) => None,
            });
        }
        let mut artifacts = Vec::with_capacity(offered.len());
        let streams = streams.into_iter().chain(std::iter::repeat_with(|| None));
        for (place, (offer, content)) in offered.iter().zip(streams).enumerate() {
            let file = File {
                id: ArtifactId::of(task.id(), place),
                offered: offer.clone(),
                content,
            };
            artifacts.push(self.keep(post, file).await?);
        }
        Ok(artifacts)
    }

    /// Streams do not survive a restart: the provider says what it still has.
    async fn ask_again(&self, task: &Task, post: &Post) -> Result<Outputs, Miss> {
        let job = self.job(task, post);
        let limit = Duration::from_millis(ASK_AGAIN_TIMEOUT_MS);
        let jobs = [job];
        let answer = tokio::time::timeout(limit, post.provider.poll(&jobs, &post.wire)).await;
        let looks = match answer {
            Ok(Ok(looks)) => looks,
            Ok(Err(error)) => return Err(Miss::Later(error.to_string())),
            Err(_) => return Err(Miss::Later("no answer within the time-out".to_owned())),
        };
        match looks.into_iter().next() {
            Some(Look::Done(outputs)) => Ok(outputs),
            Some(Look::Lost) => Err(Miss::Lost),
            _ => Err(Miss::Later(
                "the provider does not offer the result any more".to_owned(),
            )),
        }
    }

    async fn keep(&self, post: &Post, file: File) -> Result<Artifact, Miss> {
        let content = match (file.content, &file.offered.link) {
            (Some(content), _) => content,
            (None, Some(link)) => {
                let got = download(post, link).await;
                let heard = match &got {
                    Ok(_) => Heard::Answer,
                    Err(Miss::Later(why) | Miss::Never(why)) => Heard::Nothing(why),
                    Err(Miss::Lost) => Heard::Nothing("it is gone"),
                };
                self.tally.called(&post.account.name, Call::Download, &heard);
                got?
            }
            (None, None) => return Err(Miss::Later("the provider did not stream the result".to_owned())),
        };
        let (head, content) = sniffed(content).await.map_err(|error| match error.kind() {
            ErrorKind::FileTooLarge => Miss::Never(error.to_string()),
            _ => Miss::Later(error.to_string()),
        })?;
        let kept = self
            .stage(content, MAX_RESULT_BYTES)
            .await
            .map_err(|error| match &error {
                BlobError::TooLarge { .. } => Miss::Never(error.to_string()),
                // The way out stops it even before; what is too large today is too large tomorrow.
                BlobError::Io(cause) if cause.kind() == ErrorKind::FileTooLarge => {
                    Miss::Never(error.to_string())
                }
                other => Miss::Later(other.to_string()),
            })?;
        if kept.bytes == 0 {
            return Err(Miss::Later("the result is empty".to_owned()));
        }
        let content_type = content_type(&head, file.offered.kind);
        if !content_type.starts_with(prefix_of(file.offered.kind)) {
            // A page of the vendor's house is no clip; the clip may be there later.
            return Err(Miss::Later(format!("the result is `{content_type}`")));
        }
        Ok(Artifact {
            id: file.id,
            kind: file.offered.kind,
            blob: kept.key,
            bytes: kept.bytes,
            content_type: content_type.to_owned(),
            facts: file.offered.facts,
            vendor_ref: file.offered.vendor_ref,
            marked_copy_of: file.offered.marked_copy_of,
        })
    }
}

async fn download(post: &Post, link: &str) -> Result<ByteStream, Miss> {
    let request = OutRequest {
        method: "GET".to_owned(),
        url: link.to_owned(),
        headers: Vec::new(),
        body: Bytes::new(),
        timeout_ms: DOWNLOAD_TIMEOUT_MS,
        limit_bytes: MAX_RESULT_BYTES,
    };
    let reply = match post.wire.transport.send(request).await {
        Ok(reply) => reply,
        Err(error @ TransportError::Refused(_)) => return Err(Miss::Never(error.to_string())),
        Err(error) => return Err(Miss::Later(error.to_string())),
    };
    match reply.status {
        200..=299 => Ok(reply.body),
        404 | 410 => Err(Miss::Never(format!("the link answered {}", reply.status))),
        status => Err(Miss::Later(format!("the link answered {status}"))),
    }
}

/// The first bytes of a stream, and the whole stream again.
async fn sniffed(content: ByteStream) -> io::Result<(Vec<u8>, ByteStream)> {
    // A short file ends in here, and an ended stream may not be asked again.
    let mut content = content.fuse();
    let mut head: Vec<u8> = Vec::with_capacity(SNIFF_BYTES);
    let mut first: Vec<Bytes> = Vec::new();
    while head.len() < SNIFF_BYTES {
        let Some(chunk) = content.next().await.transpose()? else {
            break;
        };
        let wanted = (SNIFF_BYTES - head.len()).min(chunk.len());
        head.extend_from_slice(&chunk[..wanted]);
        first.push(chunk);
    }
    let first = futures_util::stream::iter(first.into_iter().map(Ok));
    Ok((head, Box::pin(first.chain(content))))
}

/// What the content types of a kind begin with.
fn prefix_of(kind: MediaKind) -> &'static str {
    match kind {
        MediaKind::Video => "video/",
        MediaKind::Image => "image/",
        MediaKind::Audio => "audio/",
    }
}

/// What the bytes are, by their first ones. Where those say nothing it is by the kind, unless they are
/// text, as errors are.
pub(crate) fn content_type(head: &[u8], kind: MediaKind) -> &'static str {
    let fallback = match kind {
        MediaKind::Video => "video/mp4",
        MediaKind::Image => "image/png",
        MediaKind::Audio => "audio/mpeg",
    };
    match infer::get(head) {
        Some(found) => found.mime_type(),
        None if is_text(head) => "text/plain",
        None => fallback,
    }
}

/// Whether bytes are words: no media file begins with a line that can be read.
fn is_text(head: &[u8]) -> bool {
    let is_plain = |byte: &u8| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~' | 0x80..);
    !head.is_empty() && head.iter().all(is_plain)
}
