//! The account calls: what is left, and what finished tasks cost. The vendor sells packs of units; a tenant
//! here has one pack, its balance, counted in the vendor's units at their list price.
//!
//! Docs: <https://kling.ai/document-api/> (pages `account information inquiry` and `billing`), checked
//! 2026-11-21.

use domain::dialect::{Bill, Period};
use domain::fields::Fields;
use domain::money::Balance;
use domain::{Call, Id, Intent, MediaKind, Micros, Millis, Refusal, Role, Route, Task, TaskId};
use serde_json::{Value, json};

use crate::kling_options::excerpt;

/// List price of a unit for clips and sounds, in micro-dollars.
const UNIT_MICROS: i64 = 140_000;
/// Most rows of one part of a bill, and how many there are where nothing is said.
const ROWS_MAX: i64 = 500;
/// What a tenant without a limit is shown to have, in units.
const WITHOUT_LIMIT: i64 = 1_000_000_000;
/// The name of the one pack.
const PACK: &str = "balance";

/// Reads the time that is asked about: of the costs in the query, of a bill in the body, where a cursor stands
/// for all else.
///
/// # Errors
/// A refusal that names the field and its range.
pub(super) fn period(route: &Route, call: &Call) -> Result<Period, Refusal> {
    if route.intent == Intent::Balance {
        let said = |name: &str| call.query.iter().rev().find(|(known, _)| known == name);
        let moment = |name: &str| moment(name, said(name).and_then(|(_, text)| text.trim().parse().ok()));
        return within(moment("start_time")?, moment("end_time")?, None, ROWS_MAX);
    }
    let top = &call.fields;
    if let Some(cursor) = top.text("cursor")?.filter(|text| !text.is_empty()) {
        return unwound(cursor).ok_or_else(|| {
            let message = format!("`cursor` is none that was given: `{}`", excerpt(cursor));
            Refusal::invalid("cursor", message)
        });
    }
    filters(top)?;
    let limit = top.whole("limit")?.unwrap_or(ROWS_MAX);
    if limit > ROWS_MAX {
        let message = format!("`limit` cannot be `{limit}`");
        return Err(Refusal::invalid("limit", message).allowing([format!("1 to {ROWS_MAX}")]));
    }
    let from = moment("start_time", top.whole("start_time")?)?;
    let to = moment("end_time", top.whole("end_time")?)?;
    within(from, to, None, limit.max(1))
}

fn moment(name: &str, said: Option<i64>) -> Result<Millis, Refusal> {
    let said = said.filter(|at| *at >= 0).map(Millis);
    said.ok_or_else(|| {
        let message = format!("`{name}` is required, as milliseconds since 1970");
        Refusal::invalid(name, message)
    })
}

fn within(from: Millis, to: Millis, after: Option<TaskId>, limit: i64) -> Result<Period, Refusal> {
    if to < from {
        let message = "`end_time` is before `start_time`";
        return Err(Refusal::invalid("end_time", message));
    }
    Ok(Period {
        from,
        to,
        after,
        limit: usize::try_from(limit).unwrap_or(1),
    })
}

/// The vendor's filters choose among keys, products and packs; a tenant's bill has one of each.
fn filters(top: &Fields) -> Result<(), Refusal> {
    let asked = top.list("filters")?.is_some_and(|filters| !filters.is_empty());
    if asked {
        let message = "`filters` is not served: a bill shows every task of its key's owner";
        return Err(Refusal::invalid("filters", message));
    }
    Ok(())
}

/// Where the next part begins, with all that the first was asked with.
fn cursor(period: &Period, next: TaskId) -> String {
    format!(
        "{}.{}.{}.{}",
        period.from.0,
        period.to.0,
        period.limit,
        next.0.decimal()
    )
}

fn unwound(cursor: &str) -> Option<Period> {
    let mut parts = cursor.split('.');
    let mut number = || parts.next()?.parse::<i64>().ok();
    let (from, to, limit) = (number()?, number()?, number()?);
    let after = TaskId(Id::from_any(parts.next()?)?);
    let limit = Some(limit).filter(|limit| (1..=ROWS_MAX).contains(limit))?;
    within(Millis(from), Millis(to), Some(after), limit).ok()
}

/// The data of `GET /account/costs`: an answer inside of the answer, as at the vendor.
pub(super) fn costs(balance: &Balance) -> Value {
    let total = balance.available.0.saturating_add(balance.held.0);
    let (total, left) = match balance.unlimited {
        true => (WITHOUT_LIMIT * UNIT_MICROS, WITHOUT_LIMIT * UNIT_MICROS),
        false => (total.max(0), balance.available.0.max(0)),
    };
    let status = if left > 0 { "online" } else { "runOut" };
    json!({
        "code": 0,
        "msg": "SUCCEED",
        "resource_pack_subscribe_infos": [{
            "resource_pack_name": PACK,
            "resource_pack_id": PACK,
            "resource_pack_type": "decreasing_total",
            "total_quantity": units(total),
            "remaining_quantity": units(left),
            "status": status,
        }],
    })
}

/// An amount in units, cut off behind the third digit: for people, nothing is computed with it.
fn units(micros: i64) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "a figure for people; money stays in whole micro-dollars"
    )]
    let thousandths = (micros.saturating_mul(1_000) / UNIT_MICROS) as f64;
    thousandths / 1_000.0
}

/// What a task cost in units: of its own pack, where its price is counted in them.
fn charged_units(task: &Task, charged: Micros) -> f64 {
    let own = task.origin.quote.charged_units_milli(charged);
    let own = own
        .filter(|_| charged > Micros::ZERO)
        .and_then(|own| u32::try_from(own).ok());
    own.map_or_else(|| units(charged.0), |own| f64::from(own) / 1_000.0)
}

/// The data of a bill: by `package` in the vendor's units, else in dollars.
pub(super) fn bill(bill: &Bill, period: &Period, route: Option<&Route>) -> Value {
    let in_units = route.is_some_and(|route| route.path.ends_with("/package"));
    let detail: Vec<Value> = bill.tasks.iter().map(|task| row(task, in_units)).collect();
    json!({
        "result": { "count": detail.len(), "detail": detail },
        "next_cursor": bill.next.map(|next| cursor(period, next)).unwrap_or_default(),
        "has_more": bill.next.is_some(),
    })
}

fn row(task: &Task, in_units: bool) -> Value {
    let ask = &task.origin.ask;
    let charged = task.course.charge_micros.unwrap_or(Micros::ZERO);
    let has = |roles: &[Role]| ask.inputs.iter().any(|input| roles.contains(&input.role));
    let resolution = match ask.mode.as_deref() {
        Some("std") => "720p",
        Some("pro") => "1080p",
        other => other.unwrap_or_default(),
    };
    let made = task.course.results().next().map(|(_, file)| file);
    let made_ms = made
        .and_then(|file| file.facts.duration_ms)
        .unwrap_or(ask.duration_ms);
    let is_still = made.is_some_and(|file| file.kind == MediaKind::Image);
    json!({
        "task_id": task.id().0.decimal(),
        "api_key_name": task.origin.key.0.hex(),
        "product_function": ask.operation.word(),
        "model_name": ask.model,
        "resolution": resolution,
        "duration": if is_still { String::new() } else { super::result::seconds(made_ms) },
        "refer_video_input": has(&[Role::SourceVideo, Role::MotionVideo]),
        "video_sound": if ask.sound == Some(true) { "native" } else { "off" },
        "deduction_time": task.course.finished_at.unwrap_or(task.course.updated_at).0.to_string(),
        "deduction_amount": if in_units { charged_units(task, charged).to_string() } else { charged.dollars() },
    })
}
