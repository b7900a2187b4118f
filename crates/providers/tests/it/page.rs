//! The pages of the documentation: what is in the code as a table is on the page as the same table.
//! `BLESS=1 cargo test -p providers page` writes it there.

use std::fs;
use std::path::Path;

use domain::error::TaskErrorCode;
use providers::kling::calls::{Answers, ROWS, Reference};
use providers::kling::codes::{Blame, CODES, Then};

fn codes() -> String {
    let mut table = "| HTTP | code | means | blames | a submit is |\n|---|---|---|---|---|\n".to_owned();
    for row in &CODES {
        let blame = match row.blame {
            Blame::Account => "the account",
            Blame::Wish => "the wish",
            Blame::Pace => "the pace",
            Blame::Vendor => "the vendor",
        };
        let then = match row.then {
            Then::Busy(pause_ms) => format!("busy: queued again, not before {} s", pause_ms / 1_000),
            Then::Refused(TaskErrorCode::Policy) => "refused by content rules".to_owned(),
            Then::Refused(_) => "refused".to_owned(),
            Then::Unknown => "in doubt: looked up by our reference".to_owned(),
        };
        let (http, code, meaning) = (row.http, row.code, row.meaning);
        table += &format!("| {http} | {code} | {meaning} | {blame} | {then} |\n");
    }
    table
}

fn calls() -> String {
    let mut table = "| operation | call | answers | found by our reference | model | result |\n\
                     |---|---|---|---|---|---|\n"
        .to_owned();
    for row in &ROWS {
        let answers = match row.answers {
            Answers::Later => "later, with a task",
            Answers::AtOnce => "at once",
            Answers::AtOnceForFree => "at once, and costs nothing",
        };
        let found = match row.reference {
            Reference::Path => "by its path",
            Reference::Newest => "by its path, else among the newest tasks",
            Reference::None => "not at all",
        };
        let model = if row.names_model { "by name" } else { "none" };
        let case = match row.case {
            "" => String::new(),
            case => format!(" ({case})"),
        };
        let (operation, path, result) = (row.operation.word(), row.path, row.shape.about);
        table += &format!("| `{operation}`{case} | `{path}` | {answers} | {found} | {model} | {result} |\n");
    }
    table
}

/// Compares a table with its place on the page, or writes it there.
fn is_shown(name: &str, table: &str) {
    let (start, end) = (
        format!("<!-- {name}: written by the tests -->\n"),
        format!("<!-- end of {name} -->"),
    );
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/providers/kling.md");
    let page = fs::read_to_string(&path).expect("there is a page");
    let (before, rest) = page
        .split_once(&start)
        .expect("the page has a place for the table");
    let (shown, after) = rest.split_once(&end).expect("the place has an end");
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, format!("{before}{start}{table}{end}{after}")).expect("the page is written");
        return;
    }
    assert_eq!(shown, table, "run the test once with BLESS=1");
}

#[test]
fn the_page_on_kling_shows_the_tables_of_calls_and_codes() {
    is_shown("calls", &calls());
    is_shown("codes", &codes());
}

#[test]
fn the_codes_are_in_order_and_stand_there_once() {
    assert!(CODES.windows(2).all(|pair| pair[0].code < pair[1].code));
}
