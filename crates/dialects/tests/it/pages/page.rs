//! One dialect's page.

use domain::dialect::{Method, RequestGuide};
use domain::{Dialect, Intent, Operation, Route};

use super::markdown::{Page, code, size};
use super::{ANSWER, answers, capability, everywhere};

/// The page.
pub(super) fn render(dialect: &dyn Dialect) -> String {
    let guide = dialect.guide();
    let mut page = Page::new(guide.title);
    page.text(guide.introduction);
    page.text(&format!(
        "The dialect's name is `{}`, its mount `{}`. [All dialects](README.md)",
        dialect.name(),
        dialect.mount()
    ));
    page.section("Authentication");
    page.text(guide.authentication);
    write_routes(&mut page, dialect);
    page.section("Fields");
    page.text("What is in no row of a request is ignored and reported. A dot leads into an object, or into the entries of a list.");
    for request in guide.requests {
        page.part(request.title);
        write_fields(&mut page, request);
    }
    if !guide.rules.is_empty() {
        page.section("Rules");
        page.bullets(guide.rules);
    }
    capability::write(&mut page);
    answers::write_tasks(&mut page, dialect);
    answers::write_refusals(&mut page, dialect);
    if !guide.deviations.is_empty() {
        page.section("Where it differs from the vendor");
        let rows = guide.deviations.iter();
        let rows = rows.map(|row| [row.what.to_owned(), row.why.to_owned()]);
        page.table(["what", "why"], &rows.collect::<Vec<_>>());
    }
    everywhere::write(&mut page);
    page.section("Sources");
    page.bullets(guide.sources);
    page.done()
}

fn write_routes(page: &mut Page, dialect: &dyn Dialect) {
    page.section("Routes");
    let rows = dialect.routes().iter().map(|route| {
        let roots: Vec<String> = route.roots.iter().map(|path| code(path)).collect();
        let roots = if roots.is_empty() {
            "–".to_owned()
        } else {
            roots.join("<br>")
        };
        [
            method(route.method).to_owned(),
            code(&format!("{}{}", dialect.mount(), route.path)),
            roots,
            purpose(route),
            size(route.limit_bytes),
        ]
    });
    page.table(
        ["method", "path", "also at the root", "for", "longest body"],
        &rows.collect::<Vec<_>>(),
    );
    page.text("At the root several dialects share paths; who answers there is told under [All dialects](README.md).");
}

/// What is read has defaults; what is answered is there or not.
fn write_fields(page: &mut Page, request: &RequestGuide) {
    let rows = request.fields.iter().map(|row| {
        [
            code(row.name),
            row.kind.to_owned(),
            row.default.to_owned(),
            row.rule.to_owned(),
        ]
    });
    let is_answer = request.title.starts_with(ANSWER);
    let head = if is_answer {
        ["field", "kind", "there", "means"]
    } else {
        ["field", "kind", "default", "rule"]
    };
    page.table(head, &rows.collect::<Vec<_>>());
}

fn method(method: Method) -> &'static str {
    match method {
        Method::Get => "GET",
        Method::Post => "POST",
        Method::Delete => "DELETE",
    }
}

fn purpose(route: &Route) -> String {
    let work = route.operation.map(Operation::word);
    let work = work.map_or_else(String::new, |word| format!(", {}", word.replace('_', "-")));
    let verb = match route.intent {
        Intent::Submit => "submits a task",
        Intent::Run => "makes something and answers with it",
        Intent::Balance => "reads the caller's money",
        Intent::Bill => "reads what finished tasks cost",
        Intent::Presets => "lists presets",
        Intent::Lookup => "reads several tasks",
        Intent::Content => "hands out a file of a task",
        Intent::Erase => "takes a task away",
        Intent::Remake => "submits the wish of a task with another prompt",
        Intent::Status => "reads a task",
        Intent::List => "lists tasks",
        Intent::Cancel => "stops a task",
    };
    format!("{verb}{work}")
}
