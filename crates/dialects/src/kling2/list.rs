//! Reads look-ups by name and lists by cursor. Both show the caller's tasks whatever dialect they were submitted
//! in.

use domain::dialect::{Names, is_id};
use domain::fields::{Field, Fields};
use domain::store::{Filter, Page};
use domain::{Call, Millis, Operation, Refusal, StateWord, Status};

use super::cursor;
use crate::kling_frames::entry;
use crate::kling_options::{excerpt, line};

/// Most names of one look-up.
const NAMES_MAX: usize = 20;
/// Most tasks on a page.
const LIMIT_MAX: i64 = 500;
/// Tasks on a page where it is not said.
const DEFAULT_LIMIT: i64 = 100;
/// Most filters, and most values of one.
const FILTERS_MAX: usize = 16;
/// How far back a list goes where no time is said, in milliseconds: 30 days, as at the vendor.
const WINDOW_MS: i64 = 30 * 24 * 60 * 60 * 1_000;
/// The words of statuses.
pub(super) const STATUSES: [(&str, &[Status]); 4] = [
    ("submitted", &[Status::Queued]),
    ("processing", &[Status::Running]),
    ("succeeded", &[Status::Succeeded]),
    ("failed", &[Status::Failed, Status::Cancelled]),
];
/// The kinds of products.
pub(super) const PRODUCTS: [&str; 3] = ["video", "image", "try_on"];

/// Reads a look-up.
///
/// # Errors
/// A refusal where not exactly one kind of names is given, or too many.
pub(super) fn names(call: &Call) -> Result<Names, Refusal> {
    let (ids, external) = ("task_ids", "external_task_ids");
    let said = |name: &str| -> Vec<String> {
        let lists = call.query.iter().filter(|(known, _)| known == name);
        let names = lists.flat_map(|(_, text)| text.split(',')).map(str::trim);
        names.filter(|name| is_id(name)).map(str::to_owned).collect()
    };
    let (by_id, by_name) = (said(ids), said(external));
    let (field, names) = match (by_id.is_empty(), by_name.is_empty()) {
        // The vendor's own text.
        (true, true) => {
            return Err(Refusal::invalid(ids, "task_ids or external_task_ids is required"));
        }
        (false, false) => {
            let message = "task_ids and external_task_ids cannot be used together; give one of them";
            return Err(Refusal::invalid(external, message));
        }
        (false, true) => (ids, Names::Ids(by_id)),
        (true, false) => (external, Names::External(by_name)),
    };
    let (Names::Ids(list) | Names::External(list)) = &names;
    if list.len() > NAMES_MAX {
        let message = format!("`{field}` has `{}` names, at most {NAMES_MAX}", list.len());
        return Err(Refusal::invalid(field, message));
    }
    Ok(names)
}

/// Reads a list.
///
/// # Errors
/// A refusal that names the field and its values.
pub(super) fn read(top: &Fields) -> Result<(Filter, Page), Refusal> {
    let mut filter = Filter::default();
    let count = top.list("filters")?.map_or(0, <[Field]>::len);
    if count > FILTERS_MAX {
        let message = format!("has `{count}` entries, at most {FILTERS_MAX}");
        return Err(top.wrong("filters", &message));
    }
    for at in 0..count {
        narrow(&mut filter, &entry(top, "filters", at)?)?;
    }
    let limit = top.whole("limit")?.unwrap_or(DEFAULT_LIMIT).max(1);
    if limit > LIMIT_MAX {
        let message = format!("cannot be `{limit}`");
        return Err(top
            .wrong("limit", &message)
            .allowing([format!("1 to {LIMIT_MAX}")]));
    }
    let limit = usize::try_from(limit).unwrap_or(1);
    let Some(text) = line(top, "cursor", cursor::CHARS_MAX)? else {
        filter.born_from = top.whole("start_time")?.map(Millis);
        filter.born_until = top.whole("end_time")?.map(Millis);
        if filter.born_from.is_none() {
            filter.born_within_ms = Some(WINDOW_MS);
        }
        return Ok((filter, Page::Cursor { after: None, limit }));
    };
    // The cursor wins over times, and has its own filters.
    let Some((after, of_cursor)) = cursor::read(&text) else {
        let message = format!("cannot be `{}`", excerpt(&text));
        let allowed = ["the `next_cursor` of the page before"];
        return Err(top.wrong("cursor", &message).allowing(allowed));
    };
    if count > 0 && !cursor::same_kinds(&filter, &of_cursor) {
        let message = "are not those of the list that `cursor` is a page of";
        let allowed = ["the filters of the first page", "no `filters` beside `cursor`"];
        return Err(top.wrong("filters", message).allowing(allowed));
    }
    let after = Some(after);
    Ok((of_cursor, Page::Cursor { after, limit }))
}

/// Adds one entry of `filters`.
fn narrow(filter: &mut Filter, entry: &Fields) -> Result<(), Refusal> {
    let key = entry.text("key")?.unwrap_or_default();
    let count = entry.list("values")?.map_or(0, <[Field]>::len);
    if count == 0 || count > FILTERS_MAX {
        let message = format!("has `{count}` entries, from 1 to {FILTERS_MAX}");
        return Err(entry.wrong("values", &message));
    }
    for value in entry.list("values")?.unwrap_or_default() {
        let Field::Text(value) = value else {
            return Err(entry.wrong("values", "must be a list of strings"));
        };
        let wrong = |words: Vec<&str>| {
            let message = format!("cannot have `{}`", excerpt(value));
            entry.wrong("values", &message).allowing(words)
        };
        match key {
            "status" => {
                let words = STATUSES.map(|(word, _)| word);
                if !words.contains(&value.as_str()) {
                    return Err(wrong(words.to_vec()));
                }
                narrow_to_status(filter, value);
            }
            "product_type" => {
                if !PRODUCTS.contains(&value.as_str()) {
                    return Err(wrong(PRODUCTS.to_vec()));
                }
                narrow_to_product(filter, value);
            }
            _ => {
                let message = format!("cannot be `{}`", excerpt(key));
                return Err(entry.wrong("key", &message).allowing(["status", "product_type"]));
            }
        }
    }
    Ok(())
}

/// Lets the states of a status through; an unknown one has none.
pub(super) fn narrow_to_status(filter: &mut Filter, word: &str) {
    let row = STATUSES.iter().find(|(known, _)| *known == word);
    let statuses = row.map_or(&[][..], |(_, statuses)| statuses);
    let states = StateWord::ALL.into_iter();
    filter
        .states
        .extend(states.filter(|word| statuses.contains(&word.status())));
}

/// Lets the work through that makes a kind of product.
pub(super) fn narrow_to_product(filter: &mut Filter, word: &str) {
    let all = Operation::ALL.iter();
    let kind = all.filter(|(operation, _)| product(*operation) == Some(word));
    filter.operations.extend(kind.map(|(_, word)| (*word).to_owned()));
}

/// The kind of product that some work makes; none for what is no product.
pub(super) fn product(operation: Operation) -> Option<&'static str> {
    match operation {
        Operation::TextToVideo
        | Operation::ImageToVideo
        | Operation::MultiImageToVideo
        | Operation::OmniVideo
        | Operation::MotionControl
        | Operation::VideoExtend
        | Operation::LipSync
        | Operation::Avatar
        | Operation::VideoEffects
        | Operation::MultiElements => Some("video"),
        Operation::ImageGeneration
        | Operation::OmniImage
        | Operation::MultiImageToImage
        | Operation::ImageExpand
        | Operation::MultiShotViews => Some("image"),
        Operation::VirtualTryOn => Some("try_on"),
        _ => None,
    }
}
