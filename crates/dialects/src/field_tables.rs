//! Field tables: what a dialect's page says that it reads is what its reader knows. A table is written
//! once, in a dialect's `guide.rs`; its page is rendered from it, and fields in no row are reported.

use domain::dialect::FieldRow;

/// The default of a field that must be there.
pub(crate) const REQUIRED: &str = "required";
/// The default of a field that means nothing where it is not there.
pub(crate) const NONE: &str = "none";

/// One field.
pub(crate) const fn row(
    name: &'static str,
    kind: &'static str,
    default: &'static str,
    rule: &'static str,
) -> FieldRow {
    FieldRow {
        name,
        kind,
        default,
        rule,
    }
}

/// Tables behind one another; `N` is the sum of their lengths.
///
/// # Panics
/// While it is compiled, when `N` is not that sum.
pub(crate) const fn joined<const N: usize>(parts: &[&[FieldRow]]) -> [FieldRow; N] {
    let mut rows = [row("", "", "", ""); N];
    let mut filled = 0;
    let mut part = 0;
    while part < parts.len() {
        let mut at = 0;
        while at < parts[part].len() {
            rows[filled] = parts[part][at];
            filled += 1;
            at += 1;
        }
        part += 1;
    }
    assert!(filled == N, "a joined table has as many rows as its parts");
    rows
}

/// The names of a table that stand in the object itself.
pub(crate) fn names(rows: &[FieldRow]) -> Vec<&'static str> {
    let names = rows.iter().map(|row| row.name);
    names.filter(|name| !name.contains('.')).collect()
}

/// The names of a table that stand directly in the object, or in the entries of the list, at a path.
pub(crate) fn names_under(rows: &[FieldRow], path: &str) -> Vec<&'static str> {
    let below = |name: &'static str| name.strip_prefix(path)?.strip_prefix('.');
    let names = rows.iter().filter_map(|row| below(row.name));
    names.filter(|name| !name.contains('.')).collect()
}

#[cfg(test)]
mod tests {
    use domain::dialect::FieldRow;

    use super::{NONE, joined, names, names_under, row};

    const PARTS: [&[FieldRow]; 2] = [
        &[row("a", "object", NONE, ""), row("a.b", "object", NONE, "")],
        &[row("a.b.c", "string", NONE, ""), row("ab", "string", NONE, "")],
    ];
    const ROWS: [FieldRow; 4] = joined(&PARTS);

    #[test]
    fn names_are_told_apart_by_the_object_that_they_stand_in() {
        assert_eq!(names(&ROWS), ["a", "ab"]);
        assert_eq!(names_under(&ROWS, "a"), ["b"]);
        assert_eq!(names_under(&ROWS, "a.b"), ["c"]);
        assert!(names_under(&ROWS, "ab").is_empty());
    }
}
