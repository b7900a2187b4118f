//! What the vendor deducted, in two lists: units out of packs, and money out of the balance. Both are read one
//! after the other; what they say of one task belongs together.
//!
//! Source: <https://kling.ai/document-api/>, page `billing`, checked 2026-11-21.

use bytes::Bytes;
use domain::Millis;
use domain::invoice::{Invoice, InvoiceLine, InvoiceWish};
use domain::provider::{Receipt, UpstreamError, Wire};
use serde_json::{Value, json};

use super::Kling;
use super::answer::{ID_BYTES_MAX, clipped, exactly, list, micros, next_page, of_units, text, whole};
use super::exchange::{Call, Failure};

/// Longest time for one part, in milliseconds.
const PART_TIMEOUT_MS: u64 = 20_000;
/// Deductions in one part: the most that the vendor gives.
const PART_LINES: u32 = 500;
/// The longest cursor that is sent back, in bytes.
const CURSOR_BYTES_MAX: usize = 4 * 1024;
/// The longest name of a model, in characters.
const MODEL_CHARS_MAX: usize = 100;

/// The lists, in the order in which they are read.
const LISTS: [&str; 2] = ["package", "balance"];

impl Kling {
    /// One part of one list. What goes on behind it begins with the name of a list.
    pub(super) async fn part(&self, wish: &InvoiceWish, wire: &Wire) -> Result<Invoice, UpstreamError> {
        let after = wish.after.as_deref().unwrap_or(LISTS[0]);
        let (name, cursor) = after.split_once(':').unwrap_or((after, ""));
        let place = LISTS.iter().position(|known| *known == name).unwrap_or(0);
        let asked = match cursor {
            "" => json!({
                "start_time": wish.from.0, "end_time": wish.to.0, "limit": PART_LINES,
            }),
            cursor => json!({ "cursor": cursor }),
        };
        let call = Call {
            method: "POST",
            path: format!("/account/billing/{}", LISTS[place]),
            body: Some(Bytes::from(asked.to_string())),
            timeout_ms: PART_TIMEOUT_MS,
        };
        let data = self.exchange(wire, call).await.map_err(Failure::of_read)?;
        let result = data.get("result").unwrap_or(&Value::Null);
        if result.get("detail").is_none_or(|detail| !detail.is_array()) {
            let why = "the vendor's answer is no list of deductions".to_owned();
            return Err(UpstreamError::Unknown(why));
        }
        let lines = list(result, "detail")
            .iter()
            .filter_map(|row| line(row, place == 0));
        let same = next_page(&data).filter(|cursor| cursor.len() <= CURSOR_BYTES_MAX);
        let same = same.map(|cursor| format!("{}:{cursor}", LISTS[place]));
        let other = LISTS.get(place + 1).map(|name| (*name).to_owned());
        Ok(Invoice {
            lines: lines.collect(),
            next: same.or(other),
        })
    }
}

/// One deduction; none where it names no task.
fn line(row: &Value, is_in_units: bool) -> Option<InvoiceLine> {
    let receipt = text(row, "task_id").filter(|id| id.len() <= ID_BYTES_MAX)?;
    let amount = text(row, "deduction_amount").unwrap_or_default();
    let money = match is_in_units {
        true => of_units(pack(row), &amount),
        false => exactly(&amount, 1_000_000),
    };
    Some(InvoiceLine {
        receipt: Receipt(receipt),
        model: text(row, "model_name").map(|model| clipped(&model, MODEL_CHARS_MAX)),
        units_milli: exactly(&amount, 1_000).filter(|_| is_in_units),
        amount: money.and_then(micros),
        at: whole(row, "deduction_time").map(Millis),
    })
}

/// The pack that a deduction came out of. The vendor does not say it; what was made does.
fn pack(row: &Value) -> &'static str {
    let made = text(row, "product_function").unwrap_or_default().to_lowercase();
    let has = |word: &str| made.contains(word);
    if has("try") {
        return "try_on";
    }
    // A clip of a picture is a clip; recognition is told in the units of clips.
    match has("image") && !has("video") && !has("recogni") {
        true => "image",
        false => "video",
    }
}

#[cfg(test)]
mod tests {
    use domain::Micros;
    use serde_json::json;

    use super::line;

    #[test]
    fn units_are_worth_what_was_made_of_them() {
        for (made, micros) in [
            ("text_to_video", 252_000),
            ("Image to Video", 252_000),
            ("image_recognize", 252_000),
            ("image_generation", 6_300),
            ("virtual_try_on", 126_000),
        ] {
            let row = json!({ "task_id": "1", "product_function": made, "deduction_amount": "1.8" });
            let line = line(&row, true).expect("a deduction");
            assert_eq!(
                (line.units_milli, line.amount),
                (Some(1_800), Some(Micros(micros))),
                "{made}"
            );
        }
        let money = json!({ "task_id": 7, "deduction_amount": 0.252, "deduction_time": "5" });
        let money = line(&money, false).expect("a deduction");
        assert_eq!((money.units_milli, money.amount), (None, Some(Micros(252_000))));
        assert!(line(&json!({ "deduction_amount": "1" }), true).is_none());
    }
}
