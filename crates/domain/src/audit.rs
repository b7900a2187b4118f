//! What operators did: one act each, written down before it is done and ended with what came of it. Ids and
//! names only, never a body or a secret. Where acts are kept is the store's business.

use crate::clock::Millis;
use crate::ids::{Id, KeyId};

/// Who acted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// The holder of an admin key.
    Key(KeyId),
    /// Whoever may read the data directory: a command, over the running server's socket or on the database.
    CommandLine,
}

/// The word of [`Actor::CommandLine`].
const COMMAND_LINE: &str = "command line";
/// Before the id of a key.
const KEY: &str = "key_";

impl Actor {
    /// The actor as it is kept and shown: `key_` and the key's id, or `command line`.
    #[must_use]
    pub fn word(self) -> String {
        match self {
            Actor::Key(id) => format!("{KEY}{}", id.0.hex()),
            Actor::CommandLine => COMMAND_LINE.to_owned(),
        }
    }

    /// Reads an actor back from its word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Actor> {
        if word == COMMAND_LINE {
            return Some(Actor::CommandLine);
        }
        Id::from_hex(word.strip_prefix(KEY)?).map(|id| Actor::Key(KeyId(id)))
    }
}

/// One act of an operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// Our name for it; larger ones are later.
    pub id: Id,
    /// When it began.
    pub at: Millis,
    /// Who acted.
    pub actor: Actor,
    /// What was done: method and path of the admin API without what stands in its braces, or a command.
    pub act: String,
    /// What it was done to: names and ids, with commas between them; empty where there are none.
    pub about: String,
    /// The id of the request; empty for a command on the database.
    pub request: String,
    /// What came of it: the HTTP status, or `done` or `failed` of a command. None while it is under way, and
    /// for ever where the process died in it: then it may have been done or not.
    pub outcome: Option<String>,
    /// When it ended.
    pub ended_at: Option<Millis>,
}

/// What came of an act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// The HTTP status, or `done` or `failed` of a command.
    pub outcome: String,
    /// What it was done to, where that is known only now; none: as it began.
    pub about: Option<String>,
    /// When.
    pub at: Millis,
}

/// Which acts a list shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ActFilter {
    /// Of this actor; none: of all.
    pub actor: Option<Actor>,
    /// Whose words begin like this; empty: all.
    pub act: String,
    /// From this moment on; none: from the first.
    pub since: Option<Millis>,
    /// Older than this one; none: from the newest.
    pub after: Option<Id>,
    /// Most acts.
    pub limit: usize,
}

#[cfg(test)]
mod tests {
    use super::Actor;
    use crate::ids::{Id, KeyId};

    #[test]
    fn an_actor_is_read_back_from_its_word() {
        for actor in [Actor::CommandLine, Actor::Key(KeyId(Id(7)))] {
            assert_eq!(Actor::parse(&actor.word()), Some(actor));
        }
        for wrong in ["", "key_", "key_7", "somebody"] {
            assert_eq!(Actor::parse(wrong), None, "{wrong}");
        }
    }
}
