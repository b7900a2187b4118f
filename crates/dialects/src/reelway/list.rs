//! Reads a list's query: `cursor`, `limit`, and the filters `status`, `operation` and `dialect`.

use domain::store::{Filter, Page};
use domain::{Call, Operation, Refusal, StateWord, Status, TaskId};

use crate::kling_options::excerpt;

/// Tasks on a page.
const LIMITS: std::ops::RangeInclusive<usize> = 1..=100;
/// Tasks on a page where it is not said.
const DEFAULT_LIMIT: usize = 20;
/// The words of statuses that can be asked for.
const STATUSES: [(&str, Status); 5] = [
    ("queued", Status::Queued),
    ("running", Status::Running),
    ("succeeded", Status::Succeeded),
    ("failed", Status::Failed),
    ("cancelled", Status::Cancelled),
];

/// Reads a list.
///
/// # Errors
/// A refusal that names the parameter and its values.
pub(super) fn read(call: &Call) -> Result<(Filter, Page), Refusal> {
    let mut filter = Filter::default();
    if let Some(text) = said(call, "status") {
        let row = STATUSES.iter().find(|(word, _)| *word == text);
        let (_, status) = row.ok_or_else(|| wrong("status", text, STATUSES.map(|(word, _)| word)))?;
        let states = StateWord::ALL.into_iter();
        filter.states = states.filter(|word| word.status() == *status).collect();
    }
    if let Some(text) = said(call, "operation") {
        let words = Operation::ALL.map(|(_, word)| word);
        let operation = Operation::parse(text).ok_or_else(|| wrong("operation", text, words))?;
        filter.operations = vec![operation.word().to_owned()];
    }
    if let Some(text) = said(call, "dialect") {
        let names = || crate::ALL.iter().map(|dialect| dialect.name());
        if !names().any(|name| name == text) {
            return Err(wrong("dialect", text, names()));
        }
        filter.dialect = Some(text.to_owned());
    }
    let limit = match said(call, "limit") {
        None => DEFAULT_LIMIT,
        Some(text) => {
            let limit = text.parse().ok().filter(|limit| LIMITS.contains(limit));
            let range = format!("{} to {}", LIMITS.start(), LIMITS.end());
            limit.ok_or_else(|| wrong("limit", text, [range]))?
        }
    };
    let after = match said(call, "cursor") {
        None => None,
        Some(text) => {
            let id = TaskId::parse(text);
            Some(id.ok_or_else(|| wrong("cursor", text, ["the `next_cursor` of the page before"]))?)
        }
    };
    Ok((filter, Page::Cursor { after, limit }))
}

/// Of a repeated parameter the last counts; an empty one counts as none.
fn said<'a>(call: &'a Call, name: &str) -> Option<&'a str> {
    let said = call.query.iter().rev().find(|(known, _)| known == name);
    said.map(|(_, text)| text.trim()).filter(|text| !text.is_empty())
}

fn wrong<T: ToString>(name: &str, text: &str, allowed: impl IntoIterator<Item = T>) -> Refusal {
    Refusal::invalid(name, format!("`{name}` cannot be `{}`", excerpt(text))).allowing(allowed)
}
