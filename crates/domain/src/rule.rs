//! What a piece of input media must be: one rule for what came inside a request and for what is fetched
//! later. Which rule a field has is its dialect's business; what bytes are is sniffed elsewhere.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use crate::artifact::{MediaFacts, MediaKind, Staged};
use crate::ask::Operation;

/// What a picture, clip or sound must be. Bounds that are not set do not bind, and of a clip or a sound what its
/// header does not tell is believed.
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
    /// The longest side, in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub side_max: Option<u32>,
    /// The most pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pixels_max: Option<u64>,
    /// How many times as long as the short side the long one must be, in tenths.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ratio_min_tenths: Option<u32>,
    /// How many times as long as the short side the long one may be, in tenths: 25 is 1:2.5 and 2.5:1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ratio_max_tenths: Option<u32>,
    /// How many times its height the width may be, in tenths, where that is less than the other way round.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wide_max_tenths: Option<u32>,
    /// The shortest clip or sound, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms_min: Option<u64>,
    /// The longest clip or sound, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms_max: Option<u64>,
    /// Between these two lengths, in milliseconds, nothing is taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms_gap: Option<(u64, u64)>,
    /// The slowest clip, in frames a second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fps_min: Option<u32>,
    /// The fastest clip, in frames a second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fps_max: Option<u32>,
    /// The only rates, in frames a second; none: all between the two.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fps_among: Vec<u32>,
    /// Of an earlier result: the work that must have made it; none: any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub made_by: Vec<Operation>,
}

impl MediaRule {
    /// Media of some types and so many bytes, and nothing more.
    #[must_use]
    pub fn of(kind: MediaKind, types: &[&str], bytes_max: u64) -> MediaRule {
        MediaRule {
            kind,
            types: types.iter().map(|name| (*name).to_owned()).collect(),
            bytes_max,
            side_min: None,
            side_max: None,
            pixels_max: None,
            ratio_min_tenths: None,
            ratio_max_tenths: None,
            wide_max_tenths: None,
            duration_ms_min: None,
            duration_ms_max: None,
            duration_ms_gap: None,
            fps_min: None,
            fps_max: None,
            fps_among: Vec::new(),
            made_by: Vec::new(),
        }
    }

    /// The same, lasting from so many to so many milliseconds.
    #[must_use]
    pub fn lasting(self, range_ms: &RangeInclusive<u64>) -> MediaRule {
        MediaRule {
            duration_ms_min: Some(*range_ms.start()),
            duration_ms_max: Some(*range_ms.end()),
            ..self
        }
    }

    /// The same, with sides of so many to so many pixels.
    #[must_use]
    pub fn sides(self, range: &RangeInclusive<u32>) -> MediaRule {
        MediaRule {
            side_min: Some(*range.start()),
            side_max: Some(*range.end()),
            ..self
        }
    }

    /// The same, with so many to so many frames a second.
    #[must_use]
    pub fn rates(self, range: &RangeInclusive<u32>) -> MediaRule {
        MediaRule {
            fps_min: Some(*range.start()),
            fps_max: Some(*range.end()),
            ..self
        }
    }

    /// Whether kept media is what it must be.
    ///
    /// # Errors
    /// The first [`Misfit`]: by type, bytes, length, rate, size and ratio in this order.
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
        if let Some(fps) = staged.facts.fps {
            self.check_rate(fps)?;
        }
        match staged.facts {
            MediaFacts {
                width: Some(width),
                height: Some(height),
                ..
            } => {
                self.check_sides(width, height)?;
                self.check_ratio(width, height)
            }
            _ if self.kind == MediaKind::Image && self.bounds_sides() => {
                Err(Misfit::NoSize { kind: self.kind })
            }
            _ => Ok(()),
        }
    }

    fn bounds_sides(&self) -> bool {
        let sides = [
            self.side_min,
            self.side_max,
            self.ratio_min_tenths,
            self.ratio_max_tenths,
            self.wide_max_tenths,
        ];
        self.pixels_max.is_some() || sides.iter().any(Option::is_some)
    }

    /// Whether an earlier result of some work may be taken.
    ///
    /// # Errors
    /// [`Misfit::Work`] with the work that it may be of.
    pub fn check_work(&self, found: Operation) -> Result<(), Misfit> {
        if self.made_by.is_empty() || self.made_by.contains(&found) {
            return Ok(());
        }
        Err(Misfit::Work {
            found,
            allowed: self.made_by.clone(),
        })
    }

    fn check_length(&self, duration_ms: u64) -> Result<(), Misfit> {
        let least = self.duration_ms_min.unwrap_or(0);
        let most = self.duration_ms_max.unwrap_or(u64::MAX);
        let is_between = |gap: (u64, u64)| duration_ms > gap.0 && duration_ms < gap.1;
        if (least..=most).contains(&duration_ms) && !self.duration_ms_gap.is_some_and(is_between) {
            return Ok(());
        }
        Err(Misfit::Length {
            duration_ms,
            duration_ms_min: self.duration_ms_min,
            duration_ms_max: self.duration_ms_max,
            duration_ms_gap: self.duration_ms_gap,
        })
    }

    fn check_rate(&self, fps: u32) -> Result<(), Misfit> {
        let (least, most) = (self.fps_min.unwrap_or(0), self.fps_max.unwrap_or(u32::MAX));
        let is_listed = self.fps_among.is_empty() || self.fps_among.contains(&fps);
        if (least..=most).contains(&fps) && is_listed {
            return Ok(());
        }
        Err(Misfit::Rate {
            fps,
            fps_min: least,
            fps_max: most,
            fps_among: self.fps_among.clone(),
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
        if let Some(side_max) = self.side_max
            && (width > side_max || height > side_max)
        {
            return Err(Misfit::Large {
                width,
                height,
                side_max,
            });
        }
        if let Some(pixels_max) = self.pixels_max
            && u64::from(width) * u64::from(height) > pixels_max
        {
            return Err(Misfit::Area {
                width,
                height,
                pixels_max,
            });
        }
        Ok(())
    }

    fn check_ratio(&self, width: u32, height: u32) -> Result<(), Misfit> {
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
        if let Some(wide_max_tenths) = self.wide_max_tenths
            && u64::from(width) * 10 > u64::from(height) * u64::from(wide_max_tenths)
        {
            return Err(Misfit::Wide {
                width,
                height,
                wide_max_tenths,
            });
        }
        if let Some(ratio_min_tenths) = self.ratio_min_tenths
            && long * 10 < short * u64::from(ratio_min_tenths)
        {
            return Err(Misfit::Square {
                width,
                height,
                ratio_min_tenths,
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
    /// It was made by other work.
    #[error("names a result of `{}`; allowed: {}", found.word(), works(allowed))]
    Work {
        /// The work that made it.
        found: Operation,
        /// The work that may have made it.
        allowed: Vec<Operation>,
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
    #[error(
        "lasts `{}` seconds{}{}",
        seconds(*duration_ms),
        lengths(*duration_ms_min, *duration_ms_max),
        without(*duration_ms_gap)
    )]
    Length {
        /// How long it lasts, in milliseconds.
        duration_ms: u64,
        /// The shortest that is taken, in milliseconds.
        duration_ms_min: Option<u64>,
        /// The longest that is taken, in milliseconds.
        duration_ms_max: Option<u64>,
        /// Between these two nothing is taken, in milliseconds.
        duration_ms_gap: Option<(u64, u64)>,
    },
    /// It has too few or too many frames a second.
    #[error("has `{fps}` frames a second, {}", rates(*fps_min, *fps_max, fps_among))]
    Rate {
        /// Its frames a second.
        fps: u32,
        /// The fewest that are taken.
        fps_min: u32,
        /// The most that are taken.
        fps_max: u32,
        /// The only ones, where there are such.
        fps_among: Vec<u32>,
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
    /// A side is too long.
    #[error("is `{width}x{height}` pixels, at most {side_max} on each side")]
    Large {
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
        /// The longest side that is taken, in pixels.
        side_max: u32,
    },
    /// It has too many pixels.
    #[error("is `{width}x{height}` pixels, at most {pixels_max} together")]
    Area {
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
        /// The most pixels that are taken.
        pixels_max: u64,
    },
    /// It is too wide for its height.
    #[error(
        "is `{width}x{height}` pixels, at most {ratio} times as wide as high",
        ratio = tenths(*wide_max_tenths)
    )]
    Wide {
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
        /// How many times its height the width may be, in tenths.
        wide_max_tenths: u32,
    },
    /// Its sides are too much alike.
    #[error(
        "is `{width}x{height}` pixels, its long side must be {ratio} times the short one at least",
        ratio = tenths(*ratio_min_tenths)
    )]
    Square {
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
        /// How many times as long as the short side the long one must be, in tenths.
        ratio_min_tenths: u32,
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

fn works(allowed: &[Operation]) -> String {
    let words: Vec<&str> = allowed.iter().map(|work| work.word()).collect();
    words.join(", ")
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

/// Which lengths between them are not.
fn without(gap: Option<(u64, u64)>) -> String {
    let Some((from, to)) = gap else {
        return String::new();
    };
    format!(", and nothing between {} and {}", seconds(from), seconds(to))
}

/// Which rates would be taken.
fn rates(least: u32, most: u32, among: &[u32]) -> String {
    if !among.is_empty() {
        let among: Vec<String> = among.iter().map(u32::to_string).collect();
        return format!("allowed: {}", among.join(", "));
    }
    format!("from {least} to {most}")
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
