//! Statements as JSON: one object, written piece by piece. Amounts are in micro-dollars.

use bytes::Bytes;
use dialects::reelway::time;
use domain::money::Balance;
use serde_json::{Value, json};

use super::{Entry, Statement, total};

/// The object up to its lines.
pub(super) fn opening(statement: &Statement) -> Bytes {
    let head = json!({
        "object": "statement",
        "tenant": statement.tenant,
        "from": time(statement.period.from),
        "to": time(statement.period.to),
        "currency": "USD",
        "opening": at_rest(&statement.balance),
    });
    let head = head.to_string();
    // The object goes on: its last brace comes with the closing balance.
    let open = head.strip_suffix('}').unwrap_or(&head);
    Bytes::from(format!("{open},\"lines\":["))
}

/// The object behind its lines.
pub(super) fn closing(statement: &Statement) -> Bytes {
    let closing = at_rest(&statement.balance);
    Bytes::from(format!(
        "\n],\"closing\":{closing},\"count\":{}}}\n",
        statement.lines
    ))
}

/// A page of lines.
pub(super) fn lines(entries: &[Entry], is_first: bool) -> Bytes {
    let lines: Vec<String> = entries.iter().map(|entry| line(entry).to_string()).collect();
    let before = if is_first { "\n" } else { ",\n" };
    Bytes::from(format!("{before}{}", lines.join(",\n")))
}

fn at_rest(balance: &Balance) -> Value {
    json!({
        "available_micros": balance.available,
        "held_micros": balance.held,
        "balance_micros": total(balance),
    })
}

fn line(entry: &Entry) -> Value {
    let (recorded, line) = (&entry.recorded, &entry.recorded.line);
    let quote = recorded.quote.as_ref();
    json!({
        "at": time(line.at),
        "line": recorded.number,
        "kind": line.kind,
        "task": line.task.map(|task| task.prefixed()),
        "model": recorded.model,
        "operation": recorded.operation,
        "quantity": entry.quantity(),
        "unit": quote.map(|quote| quote.unit),
        "unit_price_micros": quote.map(|quote| quote.price_micros),
        "amount_micros": entry.amount(),
        "available_change_micros": entry.available,
        "held_change_micros": entry.held,
        "available_micros": entry.after.available,
        "held_micros": entry.after.held,
        "balance_micros": total(&entry.after),
        "reason": Some(&line.note).filter(|note| !note.is_empty()),
        "author": recorded.author,
        "id": recorded.entry,
    })
}
