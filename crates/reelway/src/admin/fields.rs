//! The bodies of the admin API, read field by field, so that a refusal names the field and what it may be. A
//! body that changes something is a merge patch (RFC 7396): what it does not name stays, null takes away.

use axum::body::Body;
use domain::{Micros, Millis, Refusal, RefusalKind};
use serde_json::{Map, Value};

/// Longest body that is read.
const BODY_MAX_BYTES: usize = 64 * 1024;
/// Most values in a list.
const LIST_MAX: usize = 500;
/// Largest amount: a billion dollars. Sums of many of them still fit.
pub const AMOUNT_MAX: Micros = Micros(1_000_000_000_000_000);
/// Digits behind the point of an amount in dollars.
const DECIMALS: usize = 6;

/// A field as a merge patch has it: not named, taken away, or a value.
pub type Given<T> = Option<Option<T>>;

/// The fields of an object that are not read yet.
#[derive(Clone)]
pub struct Fields {
    path: String,
    rest: Map<String, Value>,
    known: Vec<String>,
}

impl Fields {
    /// The fields of a body.
    ///
    /// # Errors
    /// A refusal when it is too long or no JSON object.
    pub async fn of_body(body: Body) -> Result<Fields, Refusal> {
        let bytes = axum::body::to_bytes(body, BODY_MAX_BYTES).await.map_err(|_| {
            let message = format!("the body is longer than {BODY_MAX_BYTES} bytes");
            Refusal::new(RefusalKind::TooLarge, message)
        })?;
        if bytes.trim_ascii().is_empty() {
            return Fields::of(Value::Object(Map::new()));
        }
        let value = serde_json::from_slice(&bytes);
        // The error is not told: it may quote the body.
        Fields::of(value.map_err(|_| malformed())?)
    }

    /// The fields of an object.
    ///
    /// # Errors
    /// A refusal when it is none.
    pub fn of(value: Value) -> Result<Fields, Refusal> {
        match value {
            Value::Object(rest) => Ok(Fields {
                path: String::new(),
                rest,
                known: Vec::new(),
            }),
            _ => Err(malformed()),
        }
    }

    /// A text.
    ///
    /// # Errors
    /// A refusal when it is something else.
    pub fn text(&mut self, name: &str) -> Result<Given<String>, Refusal> {
        self.take(name, "a text", |value| match value {
            Value::String(text) => Some(text),
            _ => None,
        })
    }

    /// True or false; none where it is not named.
    ///
    /// # Errors
    /// A refusal when it is something else.
    pub fn flag(&mut self, name: &str) -> Result<Option<bool>, Refusal> {
        match self.take(name, "`true` or `false`", |value| value.as_bool())? {
            None => Ok(None),
            Some(Some(flag)) => Ok(Some(flag)),
            Some(None) => Err(self.wrong(name, "`true` or `false`")),
        }
    }

    /// A whole number within bounds.
    ///
    /// # Errors
    /// A refusal when it is something else.
    pub fn whole(&mut self, name: &str, least: u64, most: u64) -> Result<Given<u64>, Refusal> {
        let what = format!("a whole number from {least} to {most}");
        self.take(name, &what, |value| {
            value.as_u64().filter(|number| (least..=most).contains(number))
        })
    }

    /// A list of texts.
    ///
    /// # Errors
    /// A refusal when it is something else, or too long.
    pub fn list(&mut self, name: &str) -> Result<Given<Vec<String>>, Refusal> {
        let what = format!("a list of at most {LIST_MAX} texts");
        self.take(name, &what, |value| match value {
            Value::Array(values) if values.len() <= LIST_MAX => values
                .into_iter()
                .map(|value| value.as_str().map(str::to_owned))
                .collect(),
            _ => None,
        })
    }

    /// An object in the object.
    ///
    /// # Errors
    /// A refusal when it is something else.
    pub fn object(&mut self, name: &str) -> Result<Given<Fields>, Refusal> {
        let path = format!("{}{name}.", self.path);
        self.take(name, "an object", |value| match value {
            Value::Object(rest) => Some(Fields {
                path,
                rest,
                known: Vec::new(),
            }),
            _ => None,
        })
    }

    /// A moment (RFC 3339).
    ///
    /// # Errors
    /// A refusal when it is something else.
    pub fn moment(&mut self, name: &str) -> Result<Given<Millis>, Refusal> {
        self.take(name, "a moment such as `2026-11-21T08:00:00Z`", |value| {
            let moment: jiff::Timestamp = value.as_str()?.parse().ok()?;
            Some(Millis(moment.as_millisecond()))
        })
    }

    /// An amount, as `NAME_usd` (a decimal text) or `NAME_micros` (a whole number), not negative.
    ///
    /// # Errors
    /// A refusal when it is something else, or both are named.
    pub fn amount(&mut self, name: &str) -> Result<Given<Micros>, Refusal> {
        let (dollars, micros) = (format!("{name}_usd"), format!("{name}_micros"));
        let most = AMOUNT_MAX.dollars();
        let what = format!(
            "a text of dollars such as `\"25.00\"`, from 0 to {most}, with at most {DECIMALS} decimals"
        );
        let in_dollars = self.take(&dollars, &what, |value| dollars_of(value.as_str()?))?;
        let largest = AMOUNT_MAX.0.unsigned_abs();
        let in_micros = self.whole(&micros, 0, largest)?;
        match (in_dollars, in_micros) {
            (Some(_), Some(_)) => {
                let message = format!("`{}{dollars}` and `{micros}` say the same; give one", self.path);
                Err(Refusal::invalid(&format!("{}{dollars}", self.path), message))
            }
            (None, micros) => Ok(micros
                .map(|micros| micros.map(|micros| Micros(i64::try_from(micros).unwrap_or(AMOUNT_MAX.0))))),
            (dollars, None) => Ok(dollars),
        }
    }

    /// Refuses what was not read.
    ///
    /// # Errors
    /// A refusal that names the first such field and those that there are.
    pub fn done(self) -> Result<(), Refusal> {
        let Some(name) = self.rest.keys().next() else {
            return Ok(());
        };
        // A name that is none may be a value in the wrong place: no more than its beginning is told.
        let name: String = name.chars().take(40).collect();
        let field = format!("{}{name}", self.path);
        let message = format!("there is no field `{field}`");
        Err(Refusal::invalid(&field, message).allowing(self.known))
    }

    /// A refusal of a field that was read.
    #[must_use]
    pub fn wrong(&self, name: &str, what: &str) -> Refusal {
        let field = format!("{}{name}", self.path);
        Refusal::invalid(&field, format!("`{field}` must be {what}"))
    }

    fn take<T>(
        &mut self,
        name: &str,
        what: &str,
        read: impl FnOnce(Value) -> Option<T>,
    ) -> Result<Given<T>, Refusal> {
        self.known.push(name.to_owned());
        match self.rest.shift_remove(name) {
            None => Ok(None),
            Some(Value::Null) => Ok(Some(None)),
            Some(value) => match read(value) {
                Some(read) => Ok(Some(Some(read))),
                None => Err(self.wrong(name, what)),
            },
        }
    }
}

/// An amount of dollars as people write it, exactly: `25`, `0.42`.
#[must_use]
pub fn dollars_of(text: &str) -> Option<Micros> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(whole) || !is_number(decimals) || decimals.len() > DECIMALS {
        return None;
    }
    let micros: i64 = format!("{whole}{decimals:0<DECIMALS$}").parse().ok()?;
    (micros <= AMOUNT_MAX.0).then_some(Micros(micros))
}

fn malformed() -> Refusal {
    Refusal::new(RefusalKind::Malformed, "the body must be a JSON object")
}

#[cfg(test)]
mod tests {
    use domain::Micros;
    use serde_json::json;

    use super::{AMOUNT_MAX, Fields, dollars_of};

    #[test]
    fn dollars_are_read_exactly() {
        let cases = [
            ("25", Some(25_000_000)),
            ("0.42", Some(420_000)),
            ("1.000001", Some(1_000_001)),
            ("0", Some(0)),
            ("1000000000", Some(AMOUNT_MAX.0)),
            ("1000000000.000001", None),
            ("0.0000001", None),
            ("-1", None),
            ("1.", None),
            (".5", None),
            ("1e3", None),
            ("", None),
            ("99999999999999999999", None),
        ];
        for (text, micros) in cases {
            assert_eq!(dollars_of(text), micros.map(Micros), "{text}");
        }
    }

    #[test]
    fn what_was_not_read_is_refused_with_what_there_is() {
        let mut fields = Fields::of(json!({ "name": "a", "rank": 1 })).unwrap();
        assert_eq!(fields.text("name").unwrap(), Some(Some("a".to_owned())));
        assert_eq!(fields.whole("age", 1, 9).unwrap(), None);
        let refused = fields.done().unwrap_err();
        assert_eq!(refused.field.as_deref(), Some("rank"));
        assert_eq!(refused.allowed, ["name", "age"]);
    }

    #[test]
    fn null_takes_away_and_an_amount_is_named_once() {
        let mut fields = Fields::of(json!({ "a_usd": null, "b_usd": "1", "b_micros": 1 })).unwrap();
        assert_eq!(fields.amount("a").unwrap(), Some(None));
        assert_eq!(fields.amount("b").unwrap_err().field.as_deref(), Some("b_usd"));
        assert_eq!(fields.amount("c").unwrap(), None);
    }
}
