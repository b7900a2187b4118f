//! Periods and queries of reports: days and moments as people write them, and query strings with the fields
//! that a route knows. What is reported is not here.

use domain::{Clock, Millis, Refusal};
use http::Uri;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::de::DeserializeOwned;

/// Longest query string that is read, in bytes.
const QUERY_MAX_BYTES: usize = 4 * 1024;
/// Milliseconds of a day.
pub const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// From a moment to before another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// From this moment.
    pub from: Millis,
    /// To before this moment.
    pub to: Millis,
}

impl Period {
    /// Reads a period. A day as the end is in it; a moment as the end is not. Without a beginning it begins with
    /// the books, without an end it ends now.
    ///
    /// # Errors
    /// A refusal that names the field at fault.
    pub fn read(from: Option<&str>, to: Option<&str>, clock: &dyn Clock) -> Result<Period, Refusal> {
        let from = from.map(|text| moment("from", text)).transpose()?;
        let to = to.map(|text| moment("to", text)).transpose()?;
        let period = Period {
            from: from.map_or(Millis(0), |(at, _)| at),
            // What is booked in this very millisecond is in it.
            to: to.map_or_else(
                || clock.now().plus(1),
                |(at, is_day)| at.plus(if is_day { DAY_MS } else { 0 }),
            ),
        };
        if period.to < period.from {
            return Err(Refusal::invalid("to", "`to` is before `from`"));
        }
        Ok(period)
    }

    /// The last so many days, today among them.
    #[must_use]
    pub fn last_days(days: i64, clock: &dyn Clock) -> Period {
        let now = clock.now();
        let today = Millis(now.0 - now.0.rem_euclid(DAY_MS));
        Period {
            from: today.plus(-(days - 1) * DAY_MS),
            to: now.plus(1),
        }
    }
}

/// A day (UTC) or a moment, and whether it is a day.
fn moment(field: &str, text: &str) -> Result<(Millis, bool), Refusal> {
    let text = text.trim();
    let day = text.parse::<Date>().ok().filter(|_| text.len() == 10);
    let day = day.and_then(|day| day.to_zoned(TimeZone::UTC).ok());
    let read = match day {
        Some(day) => Some((day.timestamp(), true)),
        None => text.parse::<jiff::Timestamp>().ok().map(|at| (at, false)),
    };
    let found = read.map(|(at, is_day)| (Millis(at.as_millisecond()), is_day));
    found.filter(|(at, _)| at.0 >= 0).ok_or_else(|| {
        let text: String = text.chars().take(40).collect();
        let message = format!("`{field}` is `{text}` and must be a day or a moment since 1970");
        Refusal::invalid(field, message).allowing(["2026-11-21", "2026-11-21T08:00:00Z"])
    })
}

/// A day as people write it: `2026-11-21`.
#[must_use]
pub fn day(at: Millis) -> String {
    let moment = jiff::Timestamp::from_millisecond(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    moment.to_zoned(TimeZone::UTC).date().to_string()
}

/// Reads a request's query string, of which these are the fields.
///
/// # Errors
/// A refusal when it is too long, or has a field that is none.
pub fn of_query<T: DeserializeOwned>(uri: &Uri, fields: &[&str]) -> Result<T, Refusal> {
    let query = uri.query().unwrap_or_default();
    if query.len() > QUERY_MAX_BYTES {
        let message = format!("the query is longer than {QUERY_MAX_BYTES} bytes");
        return Err(Refusal::invalid("query", message));
    }
    let read = axum::extract::Query::try_from_uri(uri);
    let axum::extract::Query(wish) = read.map_err(|error| {
        Refusal::invalid("query", format!("the query cannot be read: {error}")).allowing(fields)
    })?;
    Ok(wish)
}
