//! A vendor's decimal number, exactly: money and lengths come as `2.4` or `5.041` and are never read as
//! floats. Nothing here rounds; what does not come out whole is no answer.

/// Digits behind the point that are read; longer numbers are none.
const PLACES_MAX: usize = 12;
/// The longest number, in characters.
const CHARS_MAX: usize = 32;

/// A number that is not negative: `digits` divided by ten to the power of `places`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Decimal {
    digits: u64,
    places: u32,
}

impl Decimal {
    /// Reads `12`, `12.5` or `.5`; no sign, no exponent, no grouping.
    pub(crate) fn parse(text: &str) -> Option<Decimal> {
        let text = text.trim();
        if text.is_empty() || text.len() > CHARS_MAX {
            return None;
        }
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let part = part.trim_end_matches('0');
        let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if part.len() > PLACES_MAX || !all_digits(whole) || !all_digits(part) || text == "." {
            return None;
        }
        let digits = format!("0{whole}{part}").parse().ok()?;
        let places = u32::try_from(part.len()).ok()?;
        Some(Decimal { digits, places })
    }

    /// The product with a whole number, where it is whole itself.
    pub(crate) fn times(self, factor: u64) -> Option<u64> {
        let product = u128::from(self.digits).checked_mul(u128::from(factor))?;
        let unit = 10_u128.pow(self.places);
        if product % unit != 0 {
            return None;
        }
        u64::try_from(product / unit).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_is_exact_or_none() {
        let cases = [
            ("5", 140_000, Some(700_000)),
            ("2.4", 140_000, Some(336_000)),
            ("0.05", 140_000, Some(7_000)),
            (".5", 2, Some(1)),
            ("5.", 1, Some(5)),
            ("5.041", 1_000, Some(5_041)),
            ("5.0410", 1_000, Some(5_041)),
            ("5.0414", 1_000, None),
            ("18446744073709551615", 1, Some(u64::MAX)),
            ("18446744073709551615", 2, None),
            ("18446744073709551616", 1, None),
            ("0.0000000000001", 10, None),
            ("", 1, None),
            (".", 1, None),
            ("-1", 1, None),
            ("+1", 1, None),
            ("1e3", 1, None),
            ("1,5", 1, None),
            ("1.2.3", 1, None),
            ("NaN", 1, None),
            ("٣", 1, None),
        ];
        for (text, factor, expected) in cases {
            let product = Decimal::parse(text).and_then(|number| number.times(factor));
            assert_eq!(product, expected, "{text} × {factor}");
        }
    }
}
