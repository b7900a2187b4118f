//! Reads what the vendor answers, field by field: what is missing or of another type is absent, numbers
//! may come as strings and strings as numbers. Nothing here decides what happens to a task.
//!
//! Source: <https://kling.ai/document-api/>, task shapes of both generations, checked 2026-11-21.

use domain::credentials::{AccountFacts, Pack};
use domain::error::TaskErrorCode;
use domain::provider::{Look, Outputs, Receipt};
use domain::{Ask, Micros, Millis, TaskError};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::calls::{Row as Call, Units};
use super::results;
use super::shapes::Root;

/// The longest id of a task, a file or an item, in bytes.
pub(super) const ID_BYTES_MAX: usize = 256;
/// The most packs of one account.
const PACKS_MAX: usize = 100;
/// The longest status word that is passed on, in characters.
const WORD_CHARS_MAX: usize = 64;
/// The longest reason of a failure, in characters.
const REASON_CHARS_MAX: usize = 500;

/// What a unit of a pack costs by the vendor's list, in micro-dollars.
const UNIT_MICROS: [(&str, u64); 4] = [
    ("video", 140_000),
    ("audio", 140_000),
    ("image", 3_500),
    ("try_on", 70_000),
];

/// Words in the reason of a failure, and what kind of failure they mean.
const REASONS: [(&str, TaskErrorCode); 3] = [
    ("risk control", TaskErrorCode::Policy),
    ("input image", TaskErrorCode::InputRejected),
    ("image pixel", TaskErrorCode::InputRejected),
];

/// One task as the vendor tells it, in either generation's spelling.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row<'a> {
    value: &'a Value,
    spelling: &'static Spelling,
}

/// What a generation calls things.
#[derive(Debug)]
struct Spelling {
    id: &'static str,
    status: &'static str,
    reason: &'static str,
    changed_at: &'static str,
}

static LEGACY: Spelling = Spelling {
    id: "task_id",
    status: "task_status",
    reason: "task_status_msg",
    changed_at: "updated_at",
};

static STANDARD: Spelling = Spelling {
    id: "id",
    status: "status",
    reason: "message",
    changed_at: "update_time",
};

impl<'a> Row<'a> {
    /// A task in whichever spelling it has an id.
    pub(super) fn read(value: &'a Value) -> Option<Row<'a>> {
        let mut rows = [&LEGACY, &STANDARD]
            .map(|spelling| Row { value, spelling })
            .into_iter();
        rows.find(|row| row.id().is_some())
    }

    /// The vendor's name for the task.
    pub(super) fn id(&self) -> Option<Receipt> {
        let id = text(self.value, self.spelling.id)?;
        let fits = id.len() <= ID_BYTES_MAX && !id.chars().any(char::is_control);
        fits.then_some(Receipt(id))
    }

    /// Our reference, where the row repeats it.
    pub(super) fn external_id(&self) -> Option<String> {
        let info = self.value.get("task_info").unwrap_or(&Value::Null);
        text(info, "external_task_id").or_else(|| text(self.value, "external_id"))
    }

    /// How far it is. Marked copies are taken where the wish has some.
    pub(super) fn look(&self, ask: &Ask, call: &Call) -> Look {
        let Some(word) = text(self.value, self.spelling.status) else {
            return Look::Unseen("the task has no status".to_owned());
        };
        match word.as_str() {
            "submitted" | "processing" => Look::Running(None),
            "succeed" | "succeeded" => match self.done(ask, call) {
                Ok(outputs) => Look::Done(outputs),
                Err(why) => Look::Unseen(why),
            },
            "failed" => Look::Failed(self.failure()),
            _ => Look::UnknownWord(clipped(&word, WORD_CHARS_MAX)),
        }
    }

    fn failure(&self) -> TaskError {
        let reason = text(self.value, self.spelling.reason).unwrap_or_default();
        let lower = reason.to_lowercase();
        let known = REASONS.iter().find(|(words, _)| lower.contains(words));
        let code = known.map_or(TaskErrorCode::ProviderFailed, |(_, code)| *code);
        let message = match reason.is_empty() {
            true => "the vendor gave no reason".to_owned(),
            false => clipped(&reason, REASON_CHARS_MAX),
        };
        TaskError::new(code, message)
    }

    /// The results. A success without any is the vendor's word; one that cannot be read is none.
    fn done(&self, ask: &Ask, call: &Call) -> Result<Outputs, String> {
        let result = self.value.get("task_result").filter(|result| !result.is_null());
        let outputs = self.value.get("outputs").filter(|outputs| !outputs.is_null());
        let clips;
        let result = match (result, outputs) {
            (Some(result), _) => result,
            (None, Some(Value::Array(outputs))) => {
                let is_clip = |item: &&Value| text(item, "type").is_none_or(|kind| kind == "video");
                clips = json!({ "videos": outputs.iter().filter(is_clip).collect::<Vec<_>>() });
                &clips
            }
            (None, Some(_)) => return Err("the result of the task cannot be read".to_owned()),
            (None, None) => &Value::Null,
        };
        let ended_at = whole(self.value, self.spelling.changed_at).map(Millis);
        outputs_of(result, self.value, ended_at, ask, call)
    }
}

/// What a call that answered at once brought. The vendor's own words where it did not do it in spite of a
/// success.
///
/// # Errors
/// The failure, or why nothing of the answer can be believed.
pub(super) fn at_once(data: &Value, ask: &Ask, call: &Call) -> Result<Outputs, NotDone> {
    if let Some(status) = whole(data, "status").filter(|status| *status != 0) {
        let message = format!("the vendor rejected it with status `{status}`");
        return Err(NotDone::Failed(TaskError {
            vendor_code: Some(status),
            ..TaskError::new(TaskErrorCode::Refused, message)
        }));
    }
    let row = Row {
        value: data,
        spelling: &LEGACY,
    };
    match text(data, LEGACY.status).as_deref() {
        None | Some("succeed" | "succeeded") => {}
        Some("failed") => return Err(NotDone::Failed(row.failure())),
        // What is taken away may be gone a moment later; there is nothing to look at.
        Some("submitted" | "processing") if call.shape.is_nothing() => {}
        Some(word) => {
            let word = clipped(word, WORD_CHARS_MAX);
            let why = format!("the vendor answered at once with `{word}`");
            return Err(NotDone::Unknown(why));
        }
    }
    let result = match call.shape.root {
        Root::Data => data,
        Root::TaskResult => data.get("task_result").unwrap_or(&Value::Null),
    };
    let outputs = outputs_of(result, data, None, ask, call).map_err(NotDone::Unknown)?;
    if outputs.files.is_empty() && outputs.findings.is_none() {
        return Err(NotDone::Unknown(
            "the vendor answered without a result".to_owned(),
        ));
    }
    Ok(outputs)
}

/// Why a call that answered at once brought nothing.
pub(super) enum NotDone {
    /// The vendor says that it failed.
    Failed(TaskError),
    /// The answer proves nothing.
    Unknown(String),
}

/// Of a series that is as long as the vendor likes, the pictures that came are the quantity; else what was
/// asked for is: the vendor counts it the same.
fn outputs_of(
    result: &Value,
    task: &Value,
    ended_at: Option<Millis>,
    ask: &Ask,
    call: &Call,
) -> Result<Outputs, String> {
    let reading = results::read(call.shape, result, ask)?;
    let is_open = ask.extras.get("kling.series_amount").and_then(Value::as_str) == Some("auto");
    Ok(Outputs {
        quantity: u64::try_from(reading.results).ok().filter(|_| is_open),
        files: reading.files,
        findings: reading.findings,
        cost: cost(task, call.pack),
        ended_at,
    })
}

/// What the vendor takes, at its list price; none where it cannot be told to the micro-dollar.
fn cost(task: &Value, pack: Units) -> Option<Micros> {
    if let Some(units) = text(task, "final_unit_deduction") {
        let balance = task.get("final_balance_deduction").unwrap_or(&Value::Null);
        let paid = text(balance, "quota").and_then(|quota| exactly(&quota, 1));
        let is_by_units = balance.is_null() || paid == Some(0);
        return micros(of_units(pack.word(), &units).filter(|_| is_by_units)?);
    }
    let bills = list(task, "billing");
    if bills.is_empty() {
        return None;
    }
    let sum = bills
        .iter()
        .try_fold(0_u64, |sum, bill| sum.checked_add(of_bill(bill)?));
    micros(sum?)
}

/// The task in a list that has this name.
pub(super) fn find<'a>(rows: &'a Value, id: &Receipt) -> Option<Row<'a>> {
    rows_of(rows).find(|row| row.id().as_ref() == Some(id))
}

/// The tasks of a list: an array, or a page of one with a cursor to the next.
pub(super) fn rows_of(list: &Value) -> impl Iterator<Item = Row<'_>> {
    let rows = list.get("result").unwrap_or(list).as_array();
    rows.map_or(&[][..], Vec::as_slice).iter().filter_map(Row::read)
}

/// The cursor of the page behind this one, where there is one.
pub(super) fn next_page(list: &Value) -> Option<String> {
    let has_more = list.get("has_more").and_then(Value::as_bool) != Some(false);
    text(list, "next_cursor").filter(|_| has_more)
}

/// What the vendor says of a login.
///
/// # Errors
/// The vendor's words, where its inner code is another than zero.
pub(super) fn account_facts(data: &Value) -> Result<AccountFacts, String> {
    if let Some(code) = whole(data, "code").filter(|code| *code != 0) {
        let message = text(data, "msg").unwrap_or_default();
        let message = clipped(&message, REASON_CHARS_MAX);
        return Err(format!("code {code}: {message}"));
    }
    let packs = list(data, "resource_pack_subscribe_infos")
        .iter()
        .map(|pack| Pack {
            name: shown(pack, "resource_pack_name").unwrap_or_default(),
            status: shown(pack, "status").unwrap_or_default(),
            total: shown(pack, "total_quantity"),
            remaining: shown(pack, "remaining_quantity"),
            ends_at: whole(pack, "invalid_time").map(Millis),
        });
    let packs: Vec<Pack> = packs.take(PACKS_MAX).collect();
    Ok(AccountFacts {
        note: format!("the login works; `{}` packs", packs.len()),
        packs,
    })
}

/// A field as text; numbers as they are written, empty strings as none.
pub(super) fn text(value: &Value, name: &str) -> Option<String> {
    text_of(value.get(name)?)
}

/// A value as text, as [`text`] reads a field.
pub(super) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A field as a whole number, also one in a string.
pub(super) fn whole(value: &Value, name: &str) -> Option<i64> {
    match value.get(name)? {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// A text of the vendor for people: bounded, in one line.
pub(super) fn clipped(text: &str, chars_max: usize) -> String {
    let plain = |char: char| if char.is_control() { ' ' } else { char };
    text.chars().map(plain).take(chars_max).collect()
}

fn shown(value: &Value, name: &str) -> Option<String> {
    text(value, name).map(|text| clipped(&text, WORD_CHARS_MAX))
}

pub(super) fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    let list = value.get(name).and_then(Value::as_array);
    list.map_or(&[], Vec::as_slice)
}

pub(super) fn of_units(pack: &str, units: &str) -> Option<u64> {
    let (_, unit_micros) = UNIT_MICROS.iter().find(|(name, _)| *name == pack)?;
    exactly(units, *unit_micros)
}

/// One line of a bill. Money in another currency has no exact price in dollars.
fn of_bill(bill: &Value) -> Option<u64> {
    let amount = text(bill, "amount")?;
    match text(bill, "charge_type")?.as_str() {
        "unit" => of_units(&text(bill, "package_type")?, &amount),
        "cash" if text(bill, "currency")? == "USD" => exactly(&amount, 1_000_000),
        _ => None,
    }
}

pub(super) fn micros(amount: u64) -> Option<Micros> {
    i64::try_from(amount).ok().map(Micros)
}

/// A vendor's decimal number (`2.4`, `5.041`) times a whole one, where the product is whole: money and lengths
/// are never read as floats and never rounded. No sign, no exponent, no grouping.
pub(super) fn exactly(text: &str, factor: u64) -> Option<u64> {
    let text = text.trim();
    if !text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return None;
    }
    let number = Decimal::from_str_exact(text).ok()?;
    let product = number.mantissa().checked_mul(i128::from(factor))?;
    let unit = 10_i128.checked_pow(number.scale())?;
    if product % unit != 0 {
        return None;
    }
    u64::try_from(product / unit).ok()
}

#[cfg(test)]
mod tests {
    use super::exactly;

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
            assert_eq!(exactly(text, factor), expected, "{text} × {factor}");
        }
    }
}
