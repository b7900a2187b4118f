//! What a piece of input media must be: one rule for what came inside a request and for what is fetched
//! later. Which rule a field has is its dialect's business; what bytes are is sniffed elsewhere.

use serde::{Deserialize, Serialize};

use crate::artifact::{MediaFacts, MediaKind, Staged};

/// What a picture, clip or sound must be. Bounds that are not set do not bind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaRule {
    /// What it is for a client, for errors.
    pub kind: MediaKind,
    /// The types that are taken, such as `image/png`.
    pub types: Vec<String>,
    /// The longest file, in bytes.
    pub bytes_max: u64,
    /// The shortest side, in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub side_min: Option<u32>,
    /// How many times as long as the short side the long one may be, in tenths: 25 is 1:2.5 and 2.5:1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ratio_max_tenths: Option<u32>,
    /// The shortest clip or sound, in milliseconds. What does not tell its length is believed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms_min: Option<u64>,
    /// The longest clip or sound, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms_max: Option<u64>,
}

impl MediaRule {
    /// Whether kept media is what it must be.
    ///
    /// # Errors
    /// The first [`Misfit`]: by type, bytes, length, size and ratio in this order.
    pub fn check(&self, staged: &Staged) -> Result<(), Misfit> {
        let is_taken = |found: &str| self.types.iter().any(|taken| taken == found);
        if !staged.content_type.as_deref().is_some_and(is_taken) {
            return Err(Misfit::Type {
                kind: self.kind,
                found: staged.content_type.clone(),
                allowed: self.types.clone(),
            });
        }
        if staged.bytes > self.bytes_max {
            return Err(Misfit::Bytes {
                bytes: staged.bytes,
                bytes_max: self.bytes_max,
            });
        }
        if let Some(duration_ms) = staged.facts.duration_ms {
            self.check_length(duration_ms)?;
        }
        if self.side_min.is_none() && self.ratio_max_tenths.is_none() {
            return Ok(());
        }
        let MediaFacts {
            width: Some(width),
            height: Some(height),
            ..
        } = staged.facts
        else {
            return Err(Misfit::NoSize { kind: self.kind });
        };
        self.check_sides(width, height)
    }

    fn check_length(&self, duration_ms: u64) -> Result<(), Misfit> {
        let least = self.duration_ms_min.unwrap_or(0);
        let most = self.duration_ms_max.unwrap_or(u64::MAX);
        if (least..=most).contains(&duration_ms) {
            return Ok(());
        }
        Err(Misfit::Length {
            duration_ms,
            duration_ms_min: self.duration_ms_min,
            duration_ms_max: self.duration_ms_max,
        })
    }

    fn check_sides(&self, width: u32, height: u32) -> Result<(), Misfit> {
        if let Some(side_min) = self.side_min
            && (width < side_min || height < side_min)
        {
            return Err(Misfit::Small {
                width,
                height,
                side_min,
            });
        }
        let (long, short) = (u64::from(width.max(height)), u64::from(width.min(height)));
        if let Some(ratio_max_tenths) = self.ratio_max_tenths
            && long * 10 > short * u64::from(ratio_max_tenths)
        {
            return Err(Misfit::Ratio {
                width,
                height,
                ratio_max_tenths,
            });
        }
        Ok(())
    }
}

/// How media breaks its rule; the text goes on after the field's name and ends with what is allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// It is of a type that is not taken, or its bytes do not say what it is.
    #[error("{}; allowed: {}", of_type(*kind, found.as_deref()), allowed.join(", "))]
    Type {
        /// What was wanted.
        kind: MediaKind,
        /// What it is.
        found: Option<String>,
        /// What would be taken.
        allowed: Vec<String>,
    },
    /// It is too long.
    #[error("has `{bytes}` bytes, at most {bytes_max}")]
    Bytes {
        /// Its length.
        bytes: u64,
        /// The longest that is taken.
        bytes_max: u64,
    },
    /// It lasts too long, or not long enough.
    #[error("lasts `{}` seconds{}", seconds(*duration_ms), lengths(*duration_ms_min, *duration_ms_max))]
    Length {
        /// How long it lasts, in milliseconds.
        duration_ms: u64,
        /// The shortest that is taken, in milliseconds.
        duration_ms_min: Option<u64>,
        /// The longest that is taken, in milliseconds.
        duration_ms_max: Option<u64>,
    },
    /// Its header does not say its size.
    #[error("is {} whose size cannot be read", noun(*kind))]
    NoSize {
        /// What was wanted.
        kind: MediaKind,
    },
    /// A side is too short.
    #[error("is `{width}x{height}` pixels, at least {side_min} on each side")]
    Small {
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
        /// The shortest side that is taken, in pixels.
        side_min: u32,
    },
    /// One side is too long for the other.
    #[error(
        "is `{width}x{height}` pixels, its sides must be within 1:{ratio} and {ratio}:1",
        ratio = tenths(*ratio_max_tenths)
    )]
    Ratio {
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
        /// How many times as long as the short side the long one may be, in tenths.
        ratio_max_tenths: u32,
    },
}

fn of_type(kind: MediaKind, found: Option<&str>) -> String {
    match found {
        Some(found) => format!("is `{found}`"),
        None => format!("is not {} that is known", noun(kind)),
    }
}

fn noun(kind: MediaKind) -> &'static str {
    match kind {
        MediaKind::Video => "a video",
        MediaKind::Image => "an image",
        MediaKind::Audio => "a sound",
    }
}

/// What would be long enough and not too long.
fn lengths(least_ms: Option<u64>, most_ms: Option<u64>) -> String {
    match (least_ms, most_ms) {
        (Some(least), Some(most)) => format!(", from {} to {}", seconds(least), seconds(most)),
        (Some(least), None) => format!(", at least {}", seconds(least)),
        (None, Some(most)) => format!(", at most {}", seconds(most)),
        (None, None) => String::new(),
    }
}

/// `2.5` for 2,500 milliseconds, `2` for 2,000.
fn seconds(duration_ms: u64) -> String {
    let text = format!("{}.{:03}", duration_ms / 1_000, duration_ms % 1_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// `2.5` for 25, `2` for 20.
fn tenths(number: u32) -> String {
    match (number / 10, number % 10) {
        (whole, 0) => whole.to_string(),
        (whole, tenth) => format!("{whole}.{tenth}"),
    }
}
