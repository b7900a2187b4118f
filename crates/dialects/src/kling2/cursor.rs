//! The cursor of a list: behind which task the next page begins, and of which list it is a page. A cursor names
//! no owner: a list shows its caller's tasks, whatever the cursor.

use domain::store::Filter;
use domain::{Id, Millis, TaskId};

use super::list::{PRODUCTS, STATUSES, narrow_to_product, narrow_to_status};

/// What a cursor begins with: the version of its shape.
const VERSION: &str = "c1";
/// What stands for a time that is open.
const OPEN: &str = "-";
/// Longest cursor that is read, in characters; one that was written is shorter.
pub(super) const CHARS_MAX: usize = 128;

/// The cursor of the page behind a task: version, task, times, and a digit for each kind of filter, whose bits
/// are the rows of [`STATUSES`] and [`PRODUCTS`].
pub(super) fn written(after: TaskId, filter: &Filter) -> String {
    let time = |moment: Option<Millis>| moment.map_or_else(|| OPEN.to_owned(), |at| at.0.to_string());
    let parts = [
        VERSION.to_owned(),
        after.0.decimal(),
        time(filter.born_from),
        time(filter.born_until),
        format!(
            "{:x}",
            bits(filter, STATUSES.map(|(word, _)| word), narrow_to_status)
        ),
        format!("{:x}", bits(filter, PRODUCTS, narrow_to_product)),
    ];
    parts.join(".")
}

/// The task and the list of a cursor; none where it is none that was written.
pub(super) fn read(cursor: &str) -> Option<(TaskId, Filter)> {
    let parts: Vec<&str> = cursor.split('.').collect();
    let [VERSION, after, from, until, statuses, products] = parts[..] else {
        return None;
    };
    let time = |text: &str| match text {
        OPEN => Some(None),
        text => text.parse().ok().map(|at| Some(Millis(at))),
    };
    let mut filter = Filter {
        born_from: time(from)?,
        born_until: time(until)?,
        ..Filter::default()
    };
    set(
        &mut filter,
        statuses,
        STATUSES.map(|(word, _)| word),
        narrow_to_status,
    )?;
    set(&mut filter, products, PRODUCTS, narrow_to_product)?;
    let after = TaskId(Id::from_any(after)?);
    // One spelling of each: what was changed by hand is seldom written again as it is.
    (written(after, &filter) == cursor).then_some((after, filter))
}

/// Whether two filters choose the same kinds of tasks, whatever their times.
pub(super) fn same_kinds(one: &Filter, other: &Filter) -> bool {
    let statuses = STATUSES.map(|(word, _)| word);
    let kinds = |filter| {
        (
            bits(filter, statuses, narrow_to_status),
            bits(filter, PRODUCTS, narrow_to_product),
        )
    };
    kinds(one) == kinds(other)
}

/// A bit for each word that a filter lets through; none where it lets all through.
fn bits<const N: usize>(filter: &Filter, words: [&str; N], narrow: fn(&mut Filter, &str)) -> u8 {
    let mut bits = 0;
    for (at, word) in words.into_iter().enumerate() {
        let mut alone = Filter::default();
        narrow(&mut alone, word);
        let has_states = alone.states.iter().all(|state| filter.states.contains(state));
        let has_work = alone
            .operations
            .iter()
            .all(|work| filter.operations.contains(work));
        if has_states && has_work {
            bits |= 1 << at;
        }
    }
    bits
}

fn set<const N: usize>(
    filter: &mut Filter,
    text: &str,
    words: [&str; N],
    narrow: fn(&mut Filter, &str),
) -> Option<()> {
    let bits = u8::from_str_radix(text, 16).ok()?;
    for (at, word) in words.into_iter().enumerate() {
        if bits & (1 << at) != 0 {
            narrow(filter, word);
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_says_which_list_it_is_a_page_of() {
        let after = TaskId(Id(1 << 100));
        for statuses in 0..16_u8 {
            for products in 0..8_u8 {
                let mut filter = Filter {
                    born_from: (statuses % 2 == 0).then_some(Millis(1_000)),
                    born_until: (products % 2 == 0).then_some(Millis(2_000)),
                    ..Filter::default()
                };
                let all = STATUSES.map(|(word, _)| word);
                set(&mut filter, &format!("{statuses:x}"), all, narrow_to_status).unwrap();
                set(&mut filter, &format!("{products:x}"), PRODUCTS, narrow_to_product).unwrap();
                let cursor = written(after, &filter);
                assert!(cursor.len() <= CHARS_MAX);
                assert_eq!(read(&cursor), Some((after, filter)), "{cursor}");
            }
        }
    }

    #[test]
    fn what_is_no_cursor_is_none() {
        let good = written(TaskId(Id(1 << 100)), &Filter::default());
        assert!(read(&good).is_some());
        for wrong in [
            "",
            "17",
            "c1.17.-.-.0",
            "c2.17.-.-.0.0",
            "c1.x.-.-.0.0",
            "c1.17.x.-.0.0",
            "c1.17.-.-.10.0",
            "c1.17.-.-.0.8",
            "c1.17.-.-.00.0",
            "c1.17.-.-.0.0.0",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert_eq!(read(&good.replace("c1.", "c1.0")), None, "another spelling");
    }
}
