//! The price book as text: what is in order, and where one is told that it is not.

use domain::Micros;
use domain::price::Unit;
use reelway::admin::prices::check;
use reelway::prices::{BUILT_IN, Form, Remark, read};

const EXAMPLE: &str = include_str!("../../../../../docs/examples/prices.pixazo.toml");
const GOOD: &str = r#"{ model = "kling-v3", unit = "clip", price_micros = 7 }"#;

fn faults(text: &str, form: Form) -> Vec<String> {
    let faults = read(text, form).expect_err(text);
    faults.iter().map(Remark::to_string).collect()
}

#[test]
fn the_built_in_book_and_the_example_are_in_order_and_sell_nothing_that_nobody_serves() {
    for text in [BUILT_IN, EXAMPLE] {
        let (view, draft) = check(text, &[]);
        assert_eq!(view.faults, Vec::<Remark>::new());
        assert_eq!(view.warnings, Vec::<Remark>::new());
        assert_eq!(draft.expect("a book").book.rows.len(), view.rows);
    }
}

#[test]
fn the_example_asks_35_cents_for_started_five_seconds() {
    let book = read(EXAMPLE, Form::Toml).expect("in order").book;
    let row = book.rows.iter().find(|row| row.model == "kling-v1-6");
    let row = row.expect("a row of 1.6");
    assert_eq!((row.unit, row.price_micros), (Unit::FiveSeconds, Micros(350_000)));
    assert_eq!(book.multipliers.groups["studios"].to_string(), "0.85");
}

#[test]
fn a_book_says_the_same_in_toml_and_in_json() {
    let in_toml = read(EXAMPLE, Form::Toml).expect("in order").book;
    let text = serde_json::to_string(&in_toml).expect("JSON");
    let (view, draft) = check(&text, &[]);
    assert_eq!(view.faults, Vec::<Remark>::new());
    assert_eq!(draft.expect("in order").book, in_toml);
}

/// Tells whether each text is refused with these words in what is said.
fn refuses(cases: Vec<(String, &[&str])>) {
    for (text, parts) in cases {
        let told = faults(&text, Form::Toml).join("\n");
        for part in parts {
            assert!(told.contains(part), "`{part}` is not in `{told}`, of:\n{text}");
        }
    }
}

#[test]
fn what_is_wrong_is_told_with_its_line_and_what_would_be_right() {
    let cases: Vec<(String, &[&str])> = vec![
        ("version = ".to_owned(), &["line 1", "no TOML"]),
        (
            format!("rows = [{GOOD}]"),
            &["`version`", "must name the edition"],
        ),
        (
            format!("version = \"a/b\"\nrows = [{GOOD}]"),
            &["line 1", "`version`"],
        ),
        ("version = \"a\"".to_owned(), &["`rows`", "1 to 2000 rows"]),
        (
            format!("version = \"a\"\nrow = 1\nrows = [{GOOD}]"),
            &["line 2", "`row`", "did you mean `rows`?"],
        ),
        (
            format!("version = \"a\"\neffective_at = \"soon\"\nrows = [{GOOD}]"),
            &["line 2", "`effective_at`", "`2027-01-01T00:00:00Z`"],
        ),
        (
            format!("version = \"a\"\nrows = [{GOOD}]\n[multipliers.groups]\na = 0.5"),
            &["line 4", "`multipliers.groups.a`", "is `0.5`", "in quotes"],
        ),
        (
            format!("version = \"a\"\nrows = [{GOOD}]\n[multipliers.group]\na = \"1\""),
            &["line 3", "did you mean `groups`?"],
        ),
    ];
    refuses(cases);
}

#[test]
fn what_is_wrong_with_a_row_is_told_with_its_line_and_what_would_be_right() {
    let rows = |row: &str| format!("version = \"a\"\nrows = [\n  {GOOD},\n  {row},\n]\n");
    let other = |rest: &str| rows(&format!("{{ model = \"kling-v1\", {rest} }}"));
    let cases: Vec<(String, &[&str])> = vec![
        (
            other("unit = \"clip\""),
            &["line 4", "row 2", "needs `price_micros`"],
        ),
        (
            other("unit = \"clip\", price_micros = 0.14"),
            &[
                "line 4",
                "`price_micros` of row 2",
                "is `0.14`",
                "a whole number from 0 to 1000000000000",
            ],
        ),
        (
            other("unit = \"clip\", price_micros = -1"),
            &["line 4", "is `-1`"],
        ),
        (
            other("unit = \"clip\", price_micros = 1000000000001"),
            &["line 4", "1000000000000"],
        ),
        (
            other("unit = \"secnd\", price_micros = 1"),
            &["is `secnd`", "`second`, `clip`"],
        ),
        (
            other("unit = \"clip\", price_micros = 1, seconds_mim = 5"),
            &["line 4", "did you mean `seconds_min`?"],
        ),
        (
            other("unit = \"clip\", price_micros = 1, operation = \"dancing\""),
            &["is `dancing`", "`text_to_video`"],
        ),
        (
            other("unit = \"clip\", price_micros = 1, sound = \"yes\""),
            &["is `yes`", "`true` or `false`"],
        ),
        (
            other("unit = \"clip\", price_micros = 1, seconds_min = 9, seconds_max = 5"),
            &["line 4", "never reached"],
        ),
        (rows(GOOD), &["line 4", "row 2", "`kling-v3`", "never reached"]),
    ];
    refuses(cases);
}

#[test]
fn every_fault_is_told_at_once_in_the_order_of_the_text() {
    let text = "version = \"a\"\nrows = [\n  { model = 5 },\n  7,\n]\n";
    let told = faults(text, Form::Toml);
    assert_eq!(told.len(), 4, "{told:?}");
    assert!(
        told[..3].iter().all(|fault| fault.starts_with("line 3")),
        "{told:?}"
    );
    assert!(told[3].starts_with("line 4"), "{told:?}");
    let json = r#"{ "version": "a", "rows": [{ "model": "m", "unit": "clip", "price_micros": -1 }] }"#;
    let told = faults(json, Form::Json);
    assert!(told[0].starts_with("`price_micros` of row 1"), "{told:?}");
    assert!(faults("[]", Form::Json)[0].contains("an object"));
    assert!(faults("{", Form::Json)[0].contains("no JSON"));
}

#[test]
fn a_model_that_nobody_serves_is_warned_about_unless_an_account_names_it() {
    let text =
        "version = \"a\"\nrows = [\n  { model = \"house-special\", unit = \"clip\", price_micros = 1 },\n]\n";
    let (view, _) = check(text, &[]);
    assert_eq!((view.warnings.len(), view.warnings[0].line), (1, Some(3)));
    assert!(view.warnings[0].message.contains("`house-special`"));
    let aliases = [("house-special".to_owned(), "kling-v3".to_owned())];
    let account = domain::account::Terms {
        aliases: aliases.into(),
        ..domain::account::Terms::default()
    };
    assert_eq!(check(text, &[account]).0.warnings, Vec::<Remark>::new());
}
