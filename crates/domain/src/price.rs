//! The price book and the quote: what a wish costs, decided before it runs and kept on the task.

use serde::{Deserialize, Serialize};

use crate::ask::{Ask, Operation, Role};
use crate::item::ItemKind;
use crate::money::{Micros, Overflow};

/// What one price counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Each asked second of each clip, started seconds counted whole.
    Second,
    /// Each clip, whatever its length.
    Clip,
    /// Each still.
    Image,
    /// Each call.
    Call,
    /// Each started five seconds of each clip or sound.
    #[serde(rename = "5_seconds")]
    FiveSeconds,
}

impl Unit {
    /// How many units a length is, of so many clips; none where the unit does not count length.
    #[must_use]
    pub fn of_length(self, duration_ms: u64, count: u32) -> Option<u64> {
        let step_ms = match self {
            Unit::Second => 1_000,
            Unit::FiveSeconds => 5_000,
            Unit::Clip | Unit::Image | Unit::Call => return None,
        };
        duration_ms.div_ceil(step_ms).checked_mul(u64::from(count))
    }
}

/// One row of the book. The first row that fits an ask is its price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceRow {
    /// The model by name.
    pub model: String,
    /// Only this kind of work; none: any.
    pub operation: Option<Operation>,
    /// Only this quality word; none: any.
    pub mode: Option<String>,
    /// Only with (true) or without (false, or not said) sound; none: either.
    pub sound: Option<bool>,
    /// Only this length in whole seconds; none: any.
    pub seconds: Option<u64>,
    /// Only with or without a clip that comes in; none: either.
    pub video_input: Option<bool>,
    /// Only with or without a picture to go by; none: either.
    pub picture_input: Option<bool>,
    /// Only with or without a voice that is named; none: either.
    pub voice: Option<bool>,
    /// What is counted.
    pub unit: Unit,
    /// Price of one unit.
    pub price_micros: Micros,
    /// What one unit is in the vendor's own units, in thousandths; none where the vendor has none.
    pub units_milli: Option<u64>,
}

/// Where presets of a vendor's voices ride; a wish that names one names a voice.
const PRESET_VOICES: &str = "kling.voice_ids";

impl PriceRow {
    fn fits(&self, ask: &Ask) -> bool {
        self.model == ask.model
            && self.operation.is_none_or(|operation| operation == ask.operation)
            && self
                .mode
                .as_ref()
                .is_none_or(|mode| Some(mode) == ask.mode.as_ref())
            && self.sound.is_none_or(|sound| sound == ask.sound.unwrap_or(false))
            && self.seconds.is_none_or(|seconds| seconds == ask.seconds())
            && self.fits_inputs(ask)
    }

    fn fits_inputs(&self, ask: &Ask) -> bool {
        let has = |roles: &[Role]| ask.inputs.iter().any(|input| roles.contains(&input.role));
        let clip = || has(&[Role::SourceVideo, Role::MotionVideo]);
        let picture = || has(&[Role::Reference]);
        let voice = || {
            let kept = ask.mentions.iter().any(|mention| mention.kind == ItemKind::Voice);
            kept || ask.extras.contains_key(PRESET_VOICES)
        };
        self.video_input.is_none_or(|wanted| wanted == clip())
            && self.picture_input.is_none_or(|wanted| wanted == picture())
            && self.voice.is_none_or(|wanted| wanted == voice())
    }
}

/// The list of prices in force, under a name that is kept on every quote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceBook {
    /// Which edition this is.
    pub version: String,
    /// The rows, the more particular before the more general.
    pub rows: Vec<PriceRow>,
}

/// The snapshot of a price that a task lives by; later editions of the book do not touch it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// The edition of the book that it was read from.
    pub book: String,
    /// What is counted.
    pub unit: Unit,
    /// Price of one unit.
    pub price_micros: Micros,
    /// How many units were asked for.
    pub quantity: u64,
    /// What is held: price × quantity.
    pub hold_micros: Micros,
    /// What one unit is in the vendor's own units, in thousandths; none where the vendor has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub units_milli: Option<u64>,
}

/// Why an ask has no price.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unpriced {
    /// The book has no row for this model.
    #[error("model `{0}` is not served")]
    Model(String),
    /// The book knows the model, but not in this variant.
    #[error("model `{0}` is not sold in this mode, with this sound and length")]
    Variant(String),
    /// The price leaves 64 bits.
    #[error(transparent)]
    Overflow(#[from] Overflow),
}

impl PriceBook {
    /// Every model name in the book, once, in the book's order.
    #[must_use]
    pub fn models(&self) -> Vec<&str> {
        let mut models: Vec<&str> = Vec::new();
        for row in &self.rows {
            if !models.contains(&row.model.as_str()) {
                models.push(&row.model);
            }
        }
        models
    }

    /// Prices an ask.
    ///
    /// # Errors
    /// [`Unpriced`] when no row fits or the sum cannot be held.
    pub fn quote(&self, ask: &Ask) -> Result<Quote, Unpriced> {
        if !self.rows.iter().any(|row| row.model == ask.model) {
            return Err(Unpriced::Model(ask.model.clone()));
        }
        let row = self.rows.iter().find(|row| row.fits(ask));
        let row = row.ok_or_else(|| Unpriced::Variant(ask.model.clone()))?;
        let quantity = quantity(row.unit, ask)?;
        Ok(Quote {
            book: self.version.clone(),
            unit: row.unit,
            price_micros: row.price_micros,
            quantity,
            hold_micros: row.price_micros.times(quantity)?,
            units_milli: row.units_milli,
        })
    }
}

impl Quote {
    /// What `quantity` units cost at the snapshot's price.
    ///
    /// # Errors
    /// [`Overflow`] when the amount leaves 64 bits.
    pub fn amount(&self, quantity: u64) -> Result<Micros, Overflow> {
        self.price_micros.times(quantity)
    }

    /// What was charged in the vendor's own units, in thousandths; none where the vendor has none. Of a
    /// price of nothing it is what was asked for.
    #[must_use]
    pub fn charged_units_milli(&self, charged: Micros) -> Option<u64> {
        let quantity = if self.price_micros.0 > 0 {
            u64::try_from(charged.0 / self.price_micros.0).ok()?
        } else {
            self.quantity
        };
        self.units_milli?.checked_mul(quantity)
    }
}

fn quantity(unit: Unit, ask: &Ask) -> Result<u64, Overflow> {
    let count = u64::from(ask.count);
    match unit {
        Unit::Second | Unit::FiveSeconds => unit.of_length(ask.duration_ms, ask.count).ok_or(Overflow),
        Unit::Clip | Unit::Image => Ok(count),
        Unit::Call => Ok(1),
    }
}
