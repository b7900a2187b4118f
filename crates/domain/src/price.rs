//! The price book and the quote: what a wish costs, decided before it runs and kept on the task. Rounding
//! is in `price/multiplier.rs` and nowhere else, editions are in `price/edition.rs`, and which rows nothing
//! reaches is found in `price/reach.rs`. How a book is written down is the roof's business.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ask::{Ask, Operation, Role, Size};
use crate::item::ItemKind;
use crate::money::{Micros, Overflow};
use crate::tenant::TenantTerms;

mod edition;
mod multiplier;
mod reach;

pub use edition::{Edition, EditionHead};
pub use multiplier::{Multiplier, NoMultiplier, PRICE_MAX};

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

/// How many pixels a frame has, in the words of price lists: the smallest that holds its shorter side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Resolution {
    /// Up to 720 pixels.
    #[serde(rename = "720p")]
    P720,
    /// Up to 1080 pixels.
    #[serde(rename = "1080p")]
    P1080,
    /// More.
    #[serde(rename = "4k")]
    K4,
}

impl Resolution {
    /// The resolution of a frame.
    #[must_use]
    pub fn of(size: Size) -> Resolution {
        match size.width.min(size.height) {
            0..=720 => Resolution::P720,
            721..=1080 => Resolution::P1080,
            _ => Resolution::K4,
        }
    }
}

/// One row of the book. The first row that fits an ask is its price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceRow {
    /// The model by name.
    pub model: String,
    /// Only this kind of work; none: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<Operation>,
    /// Only this quality word; none: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// Only frames of this size; none: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<Resolution>,
    /// Only with (true) or without (false, or not said) sound; none: either.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sound: Option<bool>,
    /// Only this length in whole seconds; none: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<u64>,
    /// Only from this length on, in whole seconds; none: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds_min: Option<u64>,
    /// Only up to this length, in whole seconds; none: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds_max: Option<u64>,
    /// Only so many results of one wish; none: any number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
    /// Only with or without a clip that comes in; none: either.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub video_input: Option<bool>,
    /// Only with or without a picture to go by; none: either.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture_input: Option<bool>,
    /// Only with or without a voice that is named; none: either.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voice: Option<bool>,
    /// What is counted.
    pub unit: Unit,
    /// Price of one unit.
    pub price_micros: Micros,
    /// What one unit is in the vendor's own units, in thousandths; none where the vendor has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub units_milli: Option<u64>,
}

/// Where presets of a vendor's voices ride; a wish that names one names a voice.
const PRESET_VOICES: &str = "kling.voice_ids";

impl PriceRow {
    /// A row that fits every wish for a model.
    #[must_use]
    pub fn of(model: &str, unit: Unit, price_micros: Micros) -> PriceRow {
        PriceRow {
            model: model.to_owned(),
            operation: None,
            mode: None,
            resolution: None,
            sound: None,
            seconds: None,
            seconds_min: None,
            seconds_max: None,
            count: None,
            video_input: None,
            picture_input: None,
            voice: None,
            unit,
            price_micros,
            units_milli: None,
        }
    }

    /// Whether it is the price of an ask, unless an earlier row is.
    #[must_use]
    pub fn fits(&self, ask: &Ask) -> bool {
        self.model == ask.model
            && self.operation.is_none_or(|operation| operation == ask.operation)
            && self
                .mode
                .as_ref()
                .is_none_or(|mode| Some(mode) == ask.mode.as_ref())
            && self.sound.is_none_or(|sound| sound == ask.sound.unwrap_or(false))
            && self
                .resolution
                .is_none_or(|resolution| resolution == Resolution::of(ask.size))
            && self.lengths().contains(&ask.seconds())
            && self.count.is_none_or(|count| count == ask.count)
            && self.fits_inputs(ask)
    }

    /// The row as it is for whom every unit costs so much of its price.
    ///
    /// # Errors
    /// [`Overflow`] when the price is beyond what can be multiplied.
    pub fn times(&self, multiplier: Multiplier) -> Result<PriceRow, Overflow> {
        Ok(PriceRow {
            price_micros: multiplier.of(self.price_micros)?,
            ..self.clone()
        })
    }

    /// The lengths that it fits, in whole seconds.
    fn lengths(&self) -> std::ops::RangeInclusive<u64> {
        let least = self.seconds_min.unwrap_or(0).max(self.seconds.unwrap_or(0));
        let most = self.seconds_max.unwrap_or(u64::MAX);
        least..=most.min(self.seconds.unwrap_or(u64::MAX))
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

/// What tenants pay of the book's prices.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Multipliers {
    /// By the name of the group that a tenant is in.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub groups: BTreeMap<String, Multiplier>,
}

/// The list of prices in force, under a name that is kept on every quote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceBook {
    /// Which edition this is.
    pub version: String,
    /// What tenants pay of these prices; nothing said: the whole.
    #[serde(default)]
    pub multipliers: Multipliers,
    /// The rows, the more particular before the more general.
    pub rows: Vec<PriceRow>,
}

/// What a price was before it was multiplied for a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Price of one unit in the book.
    pub price_micros: Micros,
    /// What it was multiplied by.
    pub multiplier: Multiplier,
}

/// The snapshot of a price that a task lives by; later editions of the book do not touch it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// The edition of the book that it was read from.
    pub book: String,
    /// What is counted.
    pub unit: Unit,
    /// Price of one unit, as the tenant pays it.
    pub price_micros: Micros,
    /// How many units were asked for.
    pub quantity: u64,
    /// What is held: price × quantity.
    pub hold_micros: Micros,
    /// What one unit is in the vendor's own units, in thousandths; none where the vendor has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub units_milli: Option<u64>,
    /// The book's own price, where the tenant pays another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listed: Option<Listed>,
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

    /// What a tenant pays of these prices: what was agreed with it, else what its group has, else the whole.
    ///
    /// # Errors
    /// [`NoMultiplier`] when what was agreed with it is no multiplier.
    pub fn multiplier(&self, terms: &TenantTerms) -> Result<Multiplier, NoMultiplier> {
        if let Some(agreed) = &terms.multiplier {
            return agreed.parse();
        }
        let of_group = terms
            .group
            .as_ref()
            .and_then(|group| self.multipliers.groups.get(group));
        Ok(of_group.copied().unwrap_or(Multiplier::ONE))
    }

    /// Prices an ask by the book as it stands.
    ///
    /// # Errors
    /// [`Unpriced`] when no row fits or the sum cannot be held.
    pub fn quote(&self, ask: &Ask) -> Result<Quote, Unpriced> {
        self.quote_for(ask, Multiplier::ONE)
    }

    /// Prices an ask for whom every unit costs so much of the book's price.
    ///
    /// # Errors
    /// [`Unpriced`] when no row fits or the sum cannot be held.
    pub fn quote_for(&self, ask: &Ask, multiplier: Multiplier) -> Result<Quote, Unpriced> {
        if !self.rows.iter().any(|row| row.model == ask.model) {
            return Err(Unpriced::Model(ask.model.clone()));
        }
        let row = self.rows.iter().find(|row| row.fits(ask));
        let row = row.ok_or_else(|| Unpriced::Variant(ask.model.clone()))?;
        let quantity = quantity(row.unit, ask)?;
        let price_micros = multiplier.of(row.price_micros)?;
        Ok(Quote {
            book: self.version.clone(),
            unit: row.unit,
            price_micros,
            quantity,
            hold_micros: price_micros.times(quantity)?,
            units_milli: row.units_milli,
            listed: (multiplier != Multiplier::ONE).then_some(Listed {
                price_micros: row.price_micros,
                multiplier,
            }),
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
