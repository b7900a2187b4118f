//! Multipliers, and the one place where money is rounded: the price of a unit times a multiplier becomes
//! whole micro-dollars, half away from zero, once. Everything after that is multiplication of whole numbers,
//! so that a hold is exactly price × quantity.

use std::fmt;
use std::str::FromStr;

use rust_decimal::prelude::ToPrimitive as _;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

use crate::money::{Micros, Overflow};

/// The highest price of a unit: a million dollars. Below it every product with a multiplier is exact.
pub const PRICE_MAX: Micros = Micros(1_000_000_000_000);
/// The highest multiplier.
const MULTIPLIER_MAX: u32 = 1_000;
/// Most digits behind the point.
const DIGITS_MAX: u32 = 9;

/// What a price is multiplied by: an exact decimal number from 0 to 1000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Multiplier(Decimal);

/// A text is no multiplier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no multiplier: it is a decimal number from 0 to {MULTIPLIER_MAX} in quotes, with at most \
     {DIGITS_MAX} digits behind the point, such as `0.85`"
)]
pub struct NoMultiplier(String);

impl Multiplier {
    /// The whole price.
    pub const ONE: Multiplier = Multiplier(Decimal::ONE);

    /// A unit's price for whom this was agreed with.
    ///
    /// # Errors
    /// [`Overflow`] when the price is below nothing or above [`PRICE_MAX`].
    pub fn of(self, price: Micros) -> Result<Micros, Overflow> {
        if self == Multiplier::ONE {
            return Ok(price);
        }
        if !(Micros::ZERO..=PRICE_MAX).contains(&price) {
            return Err(Overflow);
        }
        let exact = Decimal::from(price.0).checked_mul(self.0).ok_or(Overflow)?;
        let whole = exact.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
        whole.to_i64().map(Micros).ok_or(Overflow)
    }
}

impl FromStr for Multiplier {
    type Err = NoMultiplier;

    fn from_str(text: &str) -> Result<Multiplier, NoMultiplier> {
        let no = || NoMultiplier(text.chars().take(40).collect());
        let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let starts = text.bytes().next().is_some_and(|byte| byte.is_ascii_digit());
        let number = Decimal::from_str_exact(text).map_err(|_| no())?;
        let fits = number <= Decimal::from(MULTIPLIER_MAX) && number.scale() <= DIGITS_MAX;
        if is_plain && starts && !text.ends_with('.') && fits {
            return Ok(Multiplier(number));
        }
        Err(no())
    }
}

impl TryFrom<String> for Multiplier {
    type Error = NoMultiplier;

    fn try_from(text: String) -> Result<Multiplier, NoMultiplier> {
        text.parse()
    }
}

impl From<Multiplier> for String {
    fn from(multiplier: Multiplier) -> String {
        multiplier.to_string()
    }
}

impl fmt::Display for Multiplier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
