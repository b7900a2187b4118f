//! Kept files: artifacts (results) and staged media (inputs). Only their descriptions; the bytes are
//! in blobs.

use serde::{Deserialize, Serialize};

use crate::blobs::BlobKey;
use crate::ids::ArtifactId;

/// What a file is for a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaKind {
    /// Moving pictures.
    Video,
    /// A still.
    Image,
    /// Sound.
    Audio,
}

/// What is known of a media file; each may be unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MediaFacts {
    /// Pixels across.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Pixels down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// Length in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// Frames a second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fps: Option<u32>,
}

/// A result file that the house keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    /// Our name for it.
    pub id: ArtifactId,
    /// What it is.
    pub kind: MediaKind,
    /// Where its bytes are.
    pub blob: BlobKey,
    /// Its length.
    pub bytes: u64,
    /// Sniffed, never believed from a header.
    pub content_type: String,
    /// Size, length, rate.
    pub facts: MediaFacts,
    /// The vendor's own name for it, never shown to clients.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor_ref: Option<String>,
    /// For a copy with the maker's mark: the place of the file that it is a copy of. Such a copy is no
    /// further result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marked_copy_of: Option<u32>,
}

/// Input media that came inside a request and now lies in blobs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staged {
    /// Where its bytes are.
    pub blob: BlobKey,
    /// Its length.
    pub bytes: u64,
    /// The sniffed type, such as `image/png`; `None` when the bytes do not say what they are.
    pub content_type: Option<String>,
    /// What its header says; none for unknown media.
    pub facts: MediaFacts,
}
