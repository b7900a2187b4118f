//! Statements as CSV: a heading, the opening balance, a row for each line, the closing balance. Amounts are in
//! dollars. A text that a spreadsheet would take for a formula is made harmless.

use std::borrow::Cow;

use bytes::Bytes;
use csv::Writer;
use dialects::reelway::time;
use domain::Millis;
use domain::money::Balance;

use super::{Entry, Statement, total};

/// The columns.
const HEADINGS: [&str; 17] = [
    "time",
    "line",
    "kind",
    "task",
    "model",
    "operation",
    "quantity",
    "unit",
    "unit_price_usd",
    "amount_usd",
    "available_change_usd",
    "held_change_usd",
    "available_usd",
    "held_usd",
    "balance_usd",
    "reason",
    "author",
];

/// What a spreadsheet may take for the beginning of a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// The heading, and what there was at the beginning.
pub(super) fn opening(statement: &Statement) -> Bytes {
    let row = at_rest("opening", statement.period.from, &statement.balance);
    written(&[HEADINGS.map(str::to_owned), row])
}

/// What there is at the end.
pub(super) fn closing(statement: &Statement) -> Bytes {
    written(&[at_rest("closing", statement.period.to, &statement.balance)])
}

/// A page of lines.
pub(super) fn lines(entries: &[Entry]) -> Bytes {
    let rows: Vec<_> = entries.iter().map(row).collect();
    written(&rows)
}

fn at_rest(kind: &str, at: Millis, balance: &Balance) -> [String; 17] {
    let mut row: [String; 17] = Default::default();
    row[0] = time(at);
    row[2] = kind.to_owned();
    row[12] = balance.available.dollars();
    row[13] = balance.held.dollars();
    row[14] = total(balance).dollars();
    row
}

fn row(entry: &Entry) -> [String; 17] {
    let (recorded, line) = (&entry.recorded, &entry.recorded.line);
    let quote = recorded.quote.as_ref().filter(|_| line.task.is_some());
    let unit = quote.and_then(|quote| serde_json::to_value(quote.unit).ok());
    let unit = unit.as_ref().and_then(serde_json::Value::as_str);
    [
        time(line.at),
        recorded.number.to_string(),
        line.kind.word().to_owned(),
        line.task.map(|task| task.prefixed()).unwrap_or_default(),
        text(recorded.model.as_deref()),
        text(recorded.operation.as_deref()),
        entry
            .quantity()
            .map(|quantity| quantity.to_string())
            .unwrap_or_default(),
        text(unit),
        quote
            .map(|quote| quote.price_micros.dollars())
            .unwrap_or_default(),
        entry.amount().dollars(),
        entry.available.dollars(),
        entry.held.dollars(),
        entry.after.available.dollars(),
        entry.after.held.dollars(),
        total(&entry.after).dollars(),
        text(Some(&line.note)),
        text(recorded.author.as_deref()),
    ]
}

/// A text as a cell. An apostrophe before a formula makes it a text again.
fn text(text: Option<&str>) -> String {
    let text = text.unwrap_or_default();
    let cell = match text.starts_with(FORMULA) {
        true => Cow::Owned(format!("'{text}")),
        false => Cow::Borrowed(text),
    };
    cell.into_owned()
}

fn written(rows: &[[String; 17]]) -> Bytes {
    let mut writer = Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).expect("a row is written to memory");
    }
    let bytes = writer.into_inner().expect("memory takes every byte");
    Bytes::from(bytes)
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn a_formula_becomes_a_text_and_a_text_stays() {
        for formula in ["=1+1", "+1", "-1", "@a", "\t=1", "\r=1"] {
            assert_eq!(text(Some(formula)), format!("'{formula}"));
        }
        for plain in ["", "refund", "a=b", "task_1"] {
            assert_eq!(text(Some(plain)), plain);
        }
    }
}
