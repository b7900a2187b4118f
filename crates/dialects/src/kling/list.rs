//! Reads a list's query: `pageNum` and `pageSize`. A list shows the tasks of one kind of work, whatever
//! dialect they were submitted in.

use domain::store::{Filter, Page};
use domain::{Call, Operation, Refusal};

use crate::kling_options::excerpt;

/// Pages that can be asked for.
const PAGES: std::ops::RangeInclusive<usize> = 1..=1_000;
/// Tasks on a page.
const SIZES: std::ops::RangeInclusive<usize> = 1..=500;
/// The same of voices.
const VOICES: std::ops::RangeInclusive<usize> = 1..=1_000;
/// Tasks on a page where it is not said.
const DEFAULT_SIZE: usize = 30;

/// Reads a list.
///
/// # Errors
/// A refusal that names the parameter and its range.
pub(crate) fn read(operation: Option<Operation>, call: &Call) -> Result<(Filter, Page), Refusal> {
    let page = within(call, "pageNum", &PAGES)?.unwrap_or(1);
    let sizes = match operation {
        Some(Operation::CustomVoice) => VOICES,
        _ => SIZES,
    };
    let limit = within(call, "pageSize", &sizes)?.unwrap_or(DEFAULT_SIZE);
    let filter = Filter {
        operations: operation
            .iter()
            .map(|operation| operation.word().to_owned())
            .collect(),
        ..Filter::default()
    };
    let skip = (page - 1) * limit;
    Ok((filter, Page::Offset { skip, limit }))
}

/// Of a repeated parameter the last counts; an empty one counts as none.
fn within(
    call: &Call,
    name: &str,
    range: &std::ops::RangeInclusive<usize>,
) -> Result<Option<usize>, Refusal> {
    let said = call.query.iter().rev().find(|(known, _)| known == name);
    let Some(text) = said.map(|(_, text)| text.trim()).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let number = text.parse().ok().filter(|number| range.contains(number));
    let number = number.ok_or_else(|| {
        let message = format!("`{name}` cannot be `{}`", excerpt(text));
        Refusal::invalid(name, message).allowing([format!("{} to {}", range.start(), range.end())])
    })?;
    Ok(Some(number))
}
