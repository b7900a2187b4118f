//! A job's media in memory, handed out by role; and what items that a wish names remember. Knows no operation.

use ::animatic::{MAX_CLIP_BYTES, MAX_PICTURE_BYTES, MAX_SOUND_FILE_BYTES};
use domain::blobs::BlobError;
use domain::item::ItemKind;
use domain::provider::{Jam, Job, UpstreamError, Wire};
use domain::{Ask, BlobKey, Role};
use futures_util::StreamExt;
use serde_json::Value;

use super::wish::refused;

/// The most pictures of one element that are looked at.
const MAX_ELEMENT_PICTURES: usize = 1;

/// What came with a job.
pub(super) struct Given<'a> {
    pub(super) ask: &'a Ask,
    wire: &'a Wire,
    media: Vec<(Role, Vec<u8>)>,
}

impl<'a> Given<'a> {
    /// Reads all media of a job.
    pub(super) async fn read(job: &'a Job, wire: &'a Wire) -> Result<Self, UpstreamError> {
        let mut media = Vec::with_capacity(job.media.len());
        for piece in &job.media {
            let limit = match piece.role {
                Role::SourceVideo | Role::MotionVideo => MAX_CLIP_BYTES,
                Role::Audio => MAX_SOUND_FILE_BYTES,
                _ => MAX_PICTURE_BYTES,
            };
            media.push((piece.role, bytes(&piece.staged.blob, limit, wire).await?));
        }
        Ok(Self {
            ask: &job.ask,
            wire,
            media,
        })
    }

    /// Puts a piece that was made here beside those that came.
    pub(super) fn add(&mut self, role: Role, bytes: Option<Vec<u8>>) {
        self.media.extend(bytes.map(|bytes| (role, bytes)));
    }

    /// The first piece of a role that was not taken yet.
    pub(super) fn take(&mut self, role: Role) -> Option<Vec<u8>> {
        let at = self.media.iter().position(|(own, _)| *own == role)?;
        Some(self.media.remove(at).1)
    }

    /// Every piece of a role, in the wish's order.
    pub(super) fn all(&mut self, role: Role) -> Vec<Vec<u8>> {
        std::iter::from_fn(|| self.take(role)).collect()
    }

    /// The piece of a role that an operation cannot do without.
    pub(super) fn need(&mut self, role: Role, what: &str) -> Result<Vec<u8>, UpstreamError> {
        self.take(role).ok_or_else(|| {
            refused(&format!(
                "`{what}` is missing, and nothing can be made without it"
            ))
        })
    }

    /// What the first item of a kind that the wish names remembers.
    pub(super) fn memory(&self, kind: ItemKind) -> Option<&'a Value> {
        self.memories(kind).next()
    }

    fn memories(&self, kind: ItemKind) -> impl Iterator<Item = &'a Value> + use<'a> {
        let mentions = self
            .ask
            .mentions
            .iter()
            .filter(move |mention| mention.kind == kind);
        mentions.filter_map(|mention| mention.item.as_ref().map(|item| &item.memory))
    }

    /// The clip that a session is about.
    pub(super) async fn session_clip(&self, memory: &Value) -> Result<Vec<u8>, UpstreamError> {
        match blob(&memory["clip"]) {
            Some(key) => bytes(&key, MAX_CLIP_BYTES, self.wire).await,
            None => Err(refused("the session keeps no clip of this renderer")),
        }
    }

    /// The pictures of the elements that the wish names, in its order.
    pub(super) async fn elements(&self) -> Result<Vec<Vec<u8>>, UpstreamError> {
        let mut pictures = Vec::new();
        for memory in self.memories(ItemKind::Element) {
            let keys = memory["pictures"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(blob);
            for key in keys.take(MAX_ELEMENT_PICTURES) {
                pictures.push(bytes(&key, MAX_PICTURE_BYTES, self.wire).await?);
            }
        }
        Ok(pictures)
    }

    /// Whether a field of the vendor's says `yes`, as it does unless it is said otherwise.
    pub(super) fn keeps(&self, field: &str) -> bool {
        self.ask.extras.get(field).and_then(Value::as_str) != Some("no")
    }
}

fn blob(value: &Value) -> Option<BlobKey> {
    value.as_str().and_then(BlobKey::new)
}

async fn bytes(blob: &BlobKey, limit: usize, wire: &Wire) -> Result<Vec<u8>, UpstreamError> {
    let busy = |reason: String| UpstreamError::Busy {
        jam: Jam::Here,
        reason,
        retry_after_ms: None,
    };
    let mut content = match wire.blobs.get(blob, None).await {
        Ok(content) => content,
        Err(BlobError::Absent) => return Err(refused("an input file is not kept any more")),
        Err(error) => return Err(busy(error.to_string())),
    };
    let mut bytes = Vec::new();
    while let Some(chunk) = content.next().await {
        bytes.extend_from_slice(&chunk.map_err(|error| busy(error.to_string()))?);
        if bytes.len() > limit {
            return Err(refused(&format!("an input file is larger than `{limit}` bytes")));
        }
    }
    Ok(bytes)
}
