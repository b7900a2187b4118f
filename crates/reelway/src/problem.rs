//! Errors of paths that belong to no dialect: they speak our own API's shape. The page that explains its
//! codes is here too.

use axum::response::{Html, Response};
use dialects::reelway::{ERRORS, Reelway};
use domain::Dialect as _;
use domain::Refusal;
use domain::dialect::{Answer, Context, Links};
use domain::{Artifact, Task};

use crate::front::respond;

/// The voice of our own API.
pub(crate) static VOICE: Reelway = Reelway;

/// A refusal shows no task, and so no link.
struct NoLinks;

impl Links for NoLinks {
    fn content(&self, _task: &Task, _n: usize, _artifact: &Artifact) -> String {
        String::new()
    }

    fn page(&self, path: &str) -> String {
        path.to_owned()
    }

    fn provider(&self, _account: &str) -> Option<&str> {
        None
    }
}

/// The body and status of a refusal in our own API.
#[must_use]
pub fn answer(refusal: &Refusal, request_id: &str) -> Response {
    let context = Context {
        request_id,
        links: &NoLinks,
        route: None,
    };
    respond(VOICE.render(&Answer::Refused(refusal), &context))
}

/// The page that `docs` in every error points to.
pub async fn page() -> Html<String> {
    let rows = ERRORS.iter().map(|row| {
        let again = if row.retryable { "yes" } else { "no" };
        format!(
            "<tr id=\"{0}\"><td><code>{0}</code></td><td>{1}</td><td>{again}</td><td>{2}</td></tr>",
            row.code, row.status, row.meaning
        )
    });
    let rows: String = rows.collect();
    Html(format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Reelway: errors</title>\
         <h1>Errors of /api/v1</h1><table><tr><th>code</th><th>status</th><th>again?</th><th>meaning</th></tr>{rows}</table></html>",
    ))
}
