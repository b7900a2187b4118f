//! Ids and their spellings, and the port that chance comes from. One 128-bit id a task: sortable by
//! birth, unguessable; each dialect spells it in its own way and every dialect accepts every spelling.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Length in characters of the hexadecimal spelling.
const HEX_LENGTH: usize = 32;
/// Longest decimal spelling of a 128-bit number, in digits.
const DECIMAL_LENGTH: usize = 39;

/// A 128-bit id. The high 48 bits are the birth in Unix milliseconds (UUID version 7 layout), the
/// rest is chance. Ordered like time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Id(pub u128);

impl Id {
    /// Thirty-two lower-case hexadecimal digits.
    #[must_use]
    pub fn hex(self) -> String {
        self.after("")
    }

    /// The digits after a prefix.
    #[must_use]
    pub fn after(self, prefix: &str) -> String {
        let mut text = String::with_capacity(prefix.len() + HEX_LENGTH);
        text.push_str(prefix);
        text.push_str(self.digits(&mut [0; HEX_LENGTH]));
        text
    }

    /// The digits, in a place for them. Every answer of the house spells several ids, and the formatter of the
    /// standard library takes ten times as long.
    fn digits(self, place: &mut [u8; HEX_LENGTH]) -> &str {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        for (pair, byte) in place.chunks_exact_mut(2).zip(self.0.to_be_bytes()) {
            pair[0] = DIGITS[usize::from(byte >> 4)];
            pair[1] = DIGITS[usize::from(byte & 0xf)];
        }
        std::str::from_utf8(place).expect("digits are ASCII")
    }

    /// Decimal digits, as the native and envelope dialects spell ids.
    #[must_use]
    pub fn decimal(self) -> String {
        self.0.to_string()
    }

    /// The hyphenated spelling of a UUID.
    #[must_use]
    pub fn hyphenated(self) -> String {
        let hex = self.hex();
        format!(
            "{}-{}-{}-{}-{}",
            &hex[..8],
            &hex[8..12],
            &hex[12..16],
            &hex[16..20],
            &hex[20..]
        )
    }

    /// Reads exactly thirty-two hexadecimal digits.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Id> {
        if text.len() != HEX_LENGTH || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        u128::from_str_radix(text, 16).ok().map(Id)
    }

    /// Reads any spelling that a dialect writes: digits, hyphenated, or either after a `prefix_`.
    #[must_use]
    pub fn from_any(text: &str) -> Option<Id> {
        if !text.is_empty() && text.len() <= DECIMAL_LENGTH && text.bytes().all(|byte| byte.is_ascii_digit())
        {
            return text.parse().ok().map(Id);
        }
        let tail = text.rsplit('_').next()?;
        if tail.len() == HEX_LENGTH + 4 {
            let shape = tail.bytes().enumerate().all(|(at, byte)| match at {
                8 | 13 | 18 | 23 => byte == b'-',
                _ => byte.is_ascii_hexdigit(),
            });
            return if shape {
                Id::from_hex(&tail.replace('-', ""))
            } else {
                None
            };
        }
        if tail.len() == text.len() {
            return None; // bare hexadecimal is no spelling of ours: it could be decimal by accident
        }
        Id::from_hex(tail)
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.hex())
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.digits(&mut [0; HEX_LENGTH]))
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Id, D::Error> {
        let text = String::deserialize(deserializer)?;
        Id::from_hex(&text).ok_or_else(|| serde::de::Error::custom("an id is 32 hexadecimal digits"))
    }
}

/// Names a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TaskId(pub Id);

impl TaskId {
    /// The spelling of the unified dialect and of our own API: `task_` and 32 hexadecimal digits.
    #[must_use]
    pub fn prefixed(self) -> String {
        self.0.after("task_")
    }

    /// Reads any spelling of any dialect; `None` means that this cannot be an id of ours.
    #[must_use]
    pub fn parse(text: &str) -> Option<TaskId> {
        Id::from_any(text).map(TaskId)
    }
}

/// Names a tenant: whose tasks and whose money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TenantId(pub Id);

/// Names an API key (never its secret).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyId(pub Id);

/// Names an artifact; Kling's `video_id` and `audio_id` are spelled from it. It follows from the task and the
/// place among its files, so that the task is found by it without an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ArtifactId(pub Id);

/// Most files of one task that can be named.
pub const ARTIFACTS_MAX: usize = 64;
/// What a place is spread with over the bits of an id that are chance: odd, so that no two places are spread
/// to the same bits.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
/// The bits of an id that are chance behind the variant: the last 62.
const CHANCE_BITS: u64 = (1 << 62) - 1;

impl ArtifactId {
    /// The name of the file at a place, from 0.
    #[must_use]
    pub fn of(task: TaskId, place: usize) -> ArtifactId {
        let place = u64::try_from(place).unwrap_or(u64::MAX).wrapping_add(1);
        ArtifactId(Id(task.0.0 ^ u128::from(place.wrapping_mul(SPREAD) & CHANCE_BITS)))
    }

    /// The tasks that a file of this name may be of, by place; at most one of them is there.
    pub fn tasks(self) -> impl Iterator<Item = TaskId> {
        (0..ARTIFACTS_MAX).map(move |place| TaskId(ArtifactId::of(TaskId(self.0), place).0))
    }
}

/// Names an item: a voice, an element, a session, an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ItemId(pub Id);

/// Names an account that was enrolled while the gateway runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountId(pub Id);

/// Where ids and chance come from. The real source lives in the roof, a seeded one in `testkit`.
pub trait Ids: Send + Sync {
    /// A new id, larger than every id that this source gave before.
    fn id(&self) -> Id;

    /// Thirty-two bytes that nobody can guess.
    fn secret(&self) -> [u8; 32];

    /// A random number, for jitter and for seeds that a client left open.
    fn chance(&self) -> u64;
}
