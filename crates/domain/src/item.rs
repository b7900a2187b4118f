//! Items: things that are kept but are not tasks, such as voices, elements, sessions and uploads.

use serde::{Deserialize, Serialize};

use crate::clock::Millis;
use crate::ids::{ItemId, TaskId, TenantId};

/// What an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    /// A voice that speech can use.
    Voice,
    /// A thing or person that clips can show.
    Element,
    /// Faces found in a clip.
    FaceSession,
    /// Areas picked in a clip.
    SelectionSession,
    /// A file that a client put in.
    Upload,
}

impl ItemKind {
    /// Every kind with its word in SQL and in our own API.
    pub const ALL: [(ItemKind, &'static str); 5] = [
        (ItemKind::Voice, "voice"),
        (ItemKind::Element, "element"),
        (ItemKind::FaceSession, "face_session"),
        (ItemKind::SelectionSession, "selection_session"),
        (ItemKind::Upload, "upload"),
    ];

    /// The kind's word.
    #[must_use]
    pub fn word(self) -> &'static str {
        ItemKind::ALL
            .iter()
            .find(|(kind, _)| *kind == self)
            .map_or("unknown", |(_, word)| word)
    }

    /// Reads a kind back from its word.
    #[must_use]
    pub fn parse(word: &str) -> Option<ItemKind> {
        ItemKind::ALL
            .iter()
            .find(|(_, known)| *known == word)
            .map(|(kind, _)| *kind)
    }
}

/// How far an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemState {
    /// Being made.
    Pending,
    /// Usable.
    Ready,
    /// Could not be made.
    Failed,
    /// Taken away; reads answer as for an unknown one.
    Deleted,
}

impl ItemState {
    /// Every state with its word in SQL and in our own API.
    pub const ALL: [(ItemState, &'static str); 4] = [
        (ItemState::Pending, "pending"),
        (ItemState::Ready, "ready"),
        (ItemState::Failed, "failed"),
        (ItemState::Deleted, "deleted"),
    ];

    /// The state's word.
    #[must_use]
    pub fn word(self) -> &'static str {
        ItemState::ALL
            .iter()
            .find(|(state, _)| *state == self)
            .map_or("unknown", |(_, word)| word)
    }

    /// Reads a state back from its word.
    #[must_use]
    pub fn parse(word: &str) -> Option<ItemState> {
        ItemState::ALL
            .iter()
            .find(|(_, known)| *known == word)
            .map(|(state, _)| *state)
    }
}

/// A kept thing that is not a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Our name for it.
    pub id: ItemId,
    /// The number that dialects with numeric ids show; unique, given by the store at creation.
    pub wire_id: i64,
    /// Whose it is.
    pub tenant: TenantId,
    /// What it is.
    pub kind: ItemKind,
    /// The account at which the vendor keeps it.
    pub account: Option<String>,
    /// The vendor's own name for it.
    pub vendor_ref: Option<String>,
    /// The task that made it.
    pub task: Option<TaskId>,
    /// How far it is.
    pub state: ItemState,
    /// When it was created.
    pub created_at: Millis,
    /// When it goes away by itself.
    pub expires_at: Option<Millis>,
    /// What else the dialect that made it wants back, verbatim.
    pub detail: serde_json::Value,
}
