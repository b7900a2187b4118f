//! The books as people read them: SQL that every database understands, how its rows are read, and what an
//! entry must say before it is booked. How it is asked is in each database's folder.

use domain::ids::{KeyId, TenantId};
use domain::money::Balance;
use domain::store::{Entry, Flow, Overdraw, Place, Recorded, Span, StoreError, UsageBy, UsageSum, UsageWish};
use domain::{LineKind, Micros, Millis, Quote, TaskId};

use crate::nouns::{self, Columns, count_at, id_at, id_or_none};
use crate::rows::{self, LineRow};

/// Milliseconds of a day.
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
/// Most lines that one statement sums: some ten milliseconds of a reader's time.
pub(crate) const SUM_PART: i64 = 50_000;
/// Most sums of usage in one answer, whatever is asked.
const SUMS_MOST: usize = 10_000;

/// The place of the last line.
pub(crate) const LAST_LINE: &str = "SELECT coalesce(max({line}), 0) FROM lines";

/// The last of so many lines of a tenant, from behind a place to before a moment.
pub(crate) const PART_END: &str = "SELECT at, {line} FROM lines
  WHERE tenant = $1 AND (at, {line}) > ($2, $3) AND at < $4 AND {line} <= $5
  ORDER BY at, {line} LIMIT 1 OFFSET $6";

/// What the lines of one part move, by pocket.
pub(crate) const PART_SUMS: &str = "SELECT
    CAST(coalesce(sum(CASE to_pocket WHEN 'tenant:available' THEN amount ELSE 0 END)
      - sum(CASE from_pocket WHEN 'tenant:available' THEN amount ELSE 0 END), 0) AS BIGINT),
    CAST(coalesce(sum(CASE to_pocket WHEN 'tenant:held' THEN amount ELSE 0 END)
      - sum(CASE from_pocket WHEN 'tenant:held' THEN amount ELSE 0 END), 0) AS BIGINT)
  FROM lines
  WHERE tenant = $1 AND (at, {line}) > ($2, $3) AND (at, {line}) <= ($4, $5) AND {line} <= $6";

/// A line with what is known of its task. `{model}` and `{quote}` are how the database reads them out of a
/// wish; what a task used is believed first, for a wish may have been taken away.
const RECORDED: &str = "SELECT l.{line}, l.task, l.tenant, l.kind, l.sequence, l.from_pocket, l.to_pocket,
    l.amount, l.at, l.note, l.author, l.entry,
    coalesce(u.model, {model}), coalesce(u.operation, t.operation), u.quantity, {quote}
  FROM lines l LEFT JOIN tasks t ON t.id = l.task LEFT JOIN usage u ON u.task = l.task";

/// Behind [`RECORDED`]: a page of a statement.
pub(crate) const OF_SPAN: &str = "WHERE l.tenant = $1 AND (l.at, l.{line}) > ($2, $3) AND l.at < $4
    AND l.{line} <= $5 ORDER BY l.at, l.{line} LIMIT $6";

/// Behind [`RECORDED`]: the entry of a name.
pub(crate) const OF_ENTRY: &str = "WHERE l.entry = $1";

/// What moved between which pockets, in one part of the books.
pub(crate) const FLOWS: &str =
    "SELECT kind, from_pocket, to_pocket, count(*), CAST(sum(amount) AS BIGINT) FROM lines
  WHERE {line} > $1 AND {line} <= $2 AND at >= $3 AND at < $4 GROUP BY kind, from_pocket, to_pocket";

pub(crate) const TENANT_OF_TASK: &str = "SELECT tenant FROM tasks WHERE id = $1";

/// The next place among the corrections of a task.
pub(crate) const NEXT_SEQUENCE: &str =
    "SELECT coalesce(max(sequence) + 1, 0) FROM lines WHERE task = $1 AND kind = $2";

pub(crate) const BOOK: &str = "INSERT INTO lines
    (task, tenant, kind, sequence, from_pocket, to_pocket, amount, at, note, author, entry)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";

/// A [`RECORDED`] statement for a database.
pub(crate) fn recorded_sql(which: &str, line: &str, (model, quote): (&str, &str)) -> String {
    let sql = format!("{RECORDED} {which}");
    let sql = sql.replace("{line}", line).replace("{model}", model);
    sql.replace("{quote}", quote)
}

/// A line with what is known of its task.
pub(crate) fn recorded_of(row: &dyn Columns) -> Result<Recorded, StoreError> {
    let tenant = id_or_none(row, 2)?.map(TenantId);
    let quote = row.text_or_none(15)?;
    Ok(Recorded {
        number: count_at(row, 0)?,
        line: domain::Line {
            task: id_or_none(row, 1)?.map(TaskId),
            tenant,
            kind: rows::word_of(row.text(3)?, "kind of line", LineKind::parse)?,
            sequence: nouns::sequence_of(row, 4)?,
            from: nouns::pocket_of(row, 5, tenant)?,
            to: nouns::pocket_of(row, 6, tenant)?,
            amount: Micros(row.number(7)?),
            at: Millis(row.number(8)?),
            note: row.text(9)?.to_owned(),
        },
        author: row.text_or_none(10)?.map(str::to_owned),
        entry: row.text_or_none(11)?.map(str::to_owned),
        model: row.text_or_none(12)?.map(str::to_owned),
        operation: row.text_or_none(13)?.map(str::to_owned),
        quantity: row
            .number_or_none(14)?
            .map(|quantity| rows::unsigned(quantity, "a quantity"))
            .transpose()?,
        // A price that this version cannot read is no reason to hold a statement back.
        quote: quote.and_then(|text| serde_json::from_str::<Quote>(text).ok()),
    })
}

/// A place from the columns at, number.
pub(crate) fn place_of(row: &dyn Columns) -> Result<Place, StoreError> {
    Ok(Place {
        at: Millis(row.number(0)?),
        number: count_at(row, 1)?,
    })
}

/// What a part moves: available, held.
pub(crate) fn moved_of(row: &dyn Columns) -> Result<(i64, i64), StoreError> {
    Ok((row.number(0)?, row.number(1)?))
}

/// Before the first line of a span.
pub(crate) fn start(span: &Span) -> Place {
    Place {
        at: span.from,
        number: 0,
    }
}

/// Adds a part's movement to a balance.
pub(crate) fn add(balance: &mut Balance, (available, held): (i64, i64)) -> Result<(), StoreError> {
    let sum = |part: Micros, more: i64| {
        let sum = part.plus(Micros(more));
        sum.map_err(|error| StoreError::Corrupt(error.to_string()))
    };
    balance.available = sum(balance.available, available)?;
    balance.held = sum(balance.held, held)?;
    Ok(())
}

/// A flow of one part.
pub(crate) fn flow_of(row: &dyn Columns) -> Result<Flow, StoreError> {
    Ok(Flow {
        kind: rows::word_of(row.text(0)?, "kind of line", LineKind::parse)?,
        from: row.text(1)?.to_owned(),
        to: row.text(2)?.to_owned(),
        lines: count_at(row, 3)?,
        amount: Micros(row.number(4)?),
    })
}

/// Adds one part's flows to those of the parts before.
pub(crate) fn merge(all: &mut Vec<Flow>, part: Vec<Flow>) -> Result<(), StoreError> {
    for flow in part {
        let same = all
            .iter_mut()
            .find(|known| (known.kind, &known.from, &known.to) == (flow.kind, &flow.from, &flow.to));
        match same {
            None => all.push(flow),
            Some(known) => {
                known.lines += flow.lines;
                let sum = known.amount.plus(flow.amount);
                known.amount = sum.map_err(|error| StoreError::Corrupt(error.to_string()))?;
            }
        }
    }
    Ok(())
}

/// Flows in the order of kinds and pockets.
pub(crate) fn sorted(mut flows: Vec<Flow>) -> Vec<Flow> {
    flows.sort_by(|one, other| (one.kind, &one.from, &one.to).cmp(&(other.kind, &other.from, &other.to)));
    flows
}

/// The statement behind a wish for sums of usage. Its parameters are from, to, tenant and key where they are
/// named, and the limit. Everybody's is summed tenant by tenant, so that one index serves both.
pub(crate) fn usage_sql(wish: &UsageWish) -> String {
    const NO_DAY: &str = "CAST(NULL AS BIGINT)";
    const NO_MODEL: &str = "CAST(NULL AS TEXT)";
    const NO_KEY: &str = "CAST(NULL AS BYTEA)";
    let day = format!("u.at / {DAY_MS}");
    let (columns, order) = match wish.by {
        UsageBy::Day => ([&*day, NO_MODEL, NO_KEY], "1 DESC"),
        UsageBy::Model => ([NO_DAY, "u.model", NO_KEY], "2"),
        UsageBy::Key => ([NO_DAY, NO_MODEL, "u.key"], "3"),
        UsageBy::DayAndKey => ([&*day, NO_MODEL, "u.key"], "1 DESC, 3"),
    };
    let source = match wish.tenant {
        Some(_) => "usage u WHERE u.at >= $1 AND u.at < $2 AND u.tenant = $3",
        None => "tenants n JOIN usage u ON u.tenant = n.id WHERE u.at >= $1 AND u.at < $2",
    };
    let before = 2 + u32::from(wish.tenant.is_some());
    let key = match wish.key {
        Some(_) => format!(" AND u.key = ${}", before + 1),
        None => String::new(),
    };
    let limit = before + u32::from(wish.key.is_some()) + 1;
    format!(
        "SELECT {}, count(*), count(CASE WHEN u.outcome = 'succeeded' THEN 1 END),
            CAST(coalesce(sum(u.charge_micros), 0) AS BIGINT)
          FROM {source}{key} GROUP BY 1, 2, 3 ORDER BY {order} LIMIT ${limit}",
        columns.join(", ")
    )
}

/// The limit of a wish for sums of usage.
pub(crate) fn usage_limit(wish: &UsageWish) -> i64 {
    rows::bound(wish.limit.min(SUMS_MOST))
}

/// One sum of usage.
pub(crate) fn usage_of(row: &dyn Columns) -> Result<UsageSum, StoreError> {
    Ok(UsageSum {
        day: row
            .number_or_none(0)?
            .map(|day| Millis(day.saturating_mul(DAY_MS))),
        model: row.text_or_none(1)?.map(str::to_owned),
        key: id_or_none(row, 2)?.map(KeyId),
        tasks: count_at(row, 3)?,
        succeeded: count_at(row, 4)?,
        charge: Micros(row.number(5)?),
    })
}

/// Whether a tenant's balance lets an entry take what it takes.
pub(crate) fn covers(balance: &Balance, entry: &Entry, line: &LineRow) -> bool {
    let is_free = line.available >= 0 || balance.unlimited || entry.overdraw == Overdraw::Allowed;
    is_free || balance.available.0.saturating_add(line.available) >= 0
}

/// A tenant's money once an entry is booked.
pub(crate) fn after(balance: Balance, line: &LineRow) -> Result<Balance, StoreError> {
    let mut after = balance;
    add(&mut after, (line.available, line.held))?;
    Ok(after)
}

/// The columns of an entry, which must be a credit or correction of a tenant.
pub(crate) fn entry_row(entry: &Entry) -> Result<LineRow, StoreError> {
    let is_by_hand = matches!(entry.line.kind, LineKind::Credit | LineKind::Correction);
    if !is_by_hand || entry.line.tenant.is_none() {
        let message = "only credits and corrections of a tenant are booked by hand";
        return Err(StoreError::Corrupt(message.to_owned()));
    }
    rows::line_row(&entry.line)
}

/// The tenant that a task belongs to, from the one column.
pub(crate) fn tenant_at(row: &dyn Columns) -> Result<rows::IdBytes, StoreError> {
    Ok(rows::id_bytes(id_at(row, 0)?))
}
