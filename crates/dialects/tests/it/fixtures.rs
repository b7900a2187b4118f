//! Golden pairs as data: every file under `fixtures/<dialect>/` is a list of checks that are read here.
//!
//! A check has a `name`, and either a `submit`/`read` path with `call` or `query` and what comes of it
//! (`ask`, `wish`, `id`, `list` or `refused`), or a `render` with a `task`, `tasks` (and `has_more`), a
//! `refusal` or, for `quoted`, the sample wish and its price, the whole `reply` and, where it is asked for,
//! the `webhook`. A read by `POST` is checked under `submit`, what it looks for is `found`; a rendering that
//! depends on its path says where it is `at`, where two calls share it with `POST` before it.
//! `*` stands for any text that is not empty. In a call `{"$staged": …}` is media that was staged and
//! `{"$repeat": [text, times]}` a long string.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::artifact::MediaFacts;
use domain::dialect::{Answer, Context, Method, Submission};
use domain::fields::{Field, Fields};
use domain::store::{Filter, Listing, Page};
use domain::{BlobKey, Call, Dialect, Refusal, RefusalKind, Request, Route, Staged, Task};
use serde_json::{Map, Value, json};
use testkit::conform::dialect::PlainLinks;

use crate::pages::elsewhere;
use crate::tasks;

#[test]
fn every_golden_pair_holds() {
    let mut names = BTreeSet::new();
    let mut pairs = BTreeSet::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    for (dialect, file) in files(&root) {
        let dialect = dialects::ALL.iter().find(|known| known.name() == dialect);
        let dialect = dialect.unwrap_or_else(|| panic!("{}: nobody reads this fixture", file.display()));
        let text = std::fs::read_to_string(&file).expect("the fixture can be read");
        let checks: Vec<Value> = serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{}: no list of checks: {error}", file.display()));
        assert!(!checks.is_empty(), "{}: no checks", file.display());
        for fixture in &checks {
            let name = fixture["name"].as_str().expect("a check has a name");
            let place = format!("{}: {name}", file.display());
            assert!(names.insert(place.clone()), "{place}: there twice");
            pairs.insert(format!("{}/{name}", dialect.name()));
            check(*dialect, fixture, &place);
        }
    }
    let is_fixture = |pair: &String| !elsewhere::is_proved(pair);
    let unified = (1..=13).map(|pair| format!("elk/U{pair} "));
    let native = (1..=22).map(|pair| format!("L{pair}")).filter(is_fixture);
    let native = native.map(|pair| format!("kling/{pair} "));
    let envelope = (1..=17).map(|pair| format!("ezmodel/E{pair} "));
    let polling = (1..=10).map(|pair| format!("pixazo/P{pair} "));
    let queue = (1..=10).map(|pair| format!("pixazo/Q{pair} "));
    let standard = (1..=17).map(|pair| format!("N{pair}")).filter(is_fixture);
    let standard = standard.map(|pair| format!("kling2/{pair} "));
    let native = native.chain(standard);
    let resold = envelope.into_iter().chain(polling).chain(queue);
    for name in unified.chain(native).chain(resold) {
        assert!(
            pairs.iter().any(|known| known.starts_with(&name)),
            "golden pair {name}is missing"
        );
    }
}

/// Every file under a folder of folders, with its dialect; anything else there is an error.
pub(crate) fn files(root: &Path) -> Vec<(String, PathBuf)> {
    let mut files = Vec::new();
    for folder in entries(root) {
        let dialect = folder
            .file_name()
            .expect("an entry has a name")
            .to_string_lossy()
            .into_owned();
        for file in entries(&folder) {
            let is_json = file.extension().is_some_and(|extension| extension == "json");
            assert!(is_json, "{}: nobody reads this fixture", file.display());
            files.push((dialect.clone(), file));
        }
    }
    files
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder can be listed");
    let mut entries: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    entries.sort();
    entries
}

/// The one place where the port is called.
fn check(dialect: &dyn Dialect, fixture: &Value, place: &str) {
    let known = [
        "name",
        "submit",
        "read",
        "call",
        "query",
        "preview",
        "ask",
        "wish",
        "id",
        "list",
        "refused",
        "presets",
        "render",
        "task",
        "tasks",
        "has_more",
        "refusal",
        "reply",
        "webhook",
        "found",
        "at",
        "webhook_url",
    ];
    let names = fixture.as_object().expect("a check is an object").keys();
    for name in names {
        assert!(known.contains(&name.as_str()), "{place}: nobody reads `{name}`");
    }
    if let Some(what) = fixture["render"].as_str() {
        return render(dialect, what, fixture, place);
    }
    let (method, path) = match (fixture["submit"].as_str(), fixture["read"].as_str()) {
        (Some(path), None) => (Method::Post, path),
        (None, Some(path)) => (Method::Get, path),
        _ => panic!("{place}: neither `submit` nor `read` nor `render`"),
    };
    let route = dialect
        .routes()
        .iter()
        .find(|route| route.method == method && route.path == path);
    let route = route.unwrap_or_else(|| panic!("{place}: no such route"));
    let outcome = dialect.parse(route, &call(fixture));
    match (outcome, fixture.get("refused")) {
        (Ok(request), None) => request_is(&request, fixture, place),
        (Err(refusal), Some(expected)) => refused_is(dialect, route, &refusal, expected, place),
        (Ok(request), Some(_)) => panic!("{place}: taken as {request:?}"),
        (Err(refusal), None) => panic!("{place}: refused: {}", refusal.sentence()),
    }
}

fn request_is(request: &Request, fixture: &Value, place: &str) {
    match request {
        Request::Submit(submission) | Request::Run(submission) => {
            let Submission {
                ask,
                external_id,
                callback_url,
                ignored,
                dry_run,
                deadline_at,
            } = submission.as_ref();
            let unruled = ask.inputs.iter().find(|input| input.rule.is_none());
            assert_eq!(unruled, None, "{place}: would be fetched and not judged");
            let ask = serde_json::to_value(ask).expect("an ask is JSON");
            like(&fixture["ask"], &ask, &format!("{place}: ask"));
            let wish = json!({ "external_id": external_id, "callback_url": callback_url, "ignored": ignored, "dry_run": dry_run, "deadline_at": deadline_at });
            let mut expected = json!({ "external_id": null, "callback_url": null, "ignored": [], "dry_run": false, "deadline_at": null });
            for (name, value) in fixture["wish"].as_object().into_iter().flatten() {
                assert!(
                    expected.get(name).is_some(),
                    "{place}: nobody reads `wish.{name}`"
                );
                expected[name] = value.clone();
            }
            like(&expected, &wish, &format!("{place}: wish"));
        }
        Request::List { filter, page } => {
            // Times are named only where they are asked for.
            let read = format!("{filter:?} {page:?}").replace(", born_from: None, born_until: None", "");
            let read = read
                .replace(", born_within_ms: None", "")
                .replace(", with_erased: false", "");
            like(&fixture["list"], &json!(read), &format!("{place}: list"));
        }
        Request::Balance => assert_eq!(fixture["balance"], true, "{place}: a balance"),
        Request::Bill(period) => {
            let (from, to) = (period.from.0, period.to.0);
            let found = json!({ "from": from, "to": to, "after": period.after, "limit": period.limit });
            assert_eq!(fixture["bill"], found, "{place}: bill");
        }
        Request::Presets { page } => {
            let expected = &fixture["presets"];
            assert_eq!(expected, &json!(format!("{page:?}")), "{place}: presets");
        }
        Request::Lookup(names) => {
            assert_eq!(fixture["list"], json!(format!("{names:?}")), "{place}: names");
        }
        Request::Remake(remake) => {
            let found = json!({ "id": remake.id, "prompt": remake.prompt, "ignored": remake.ignored });
            same(&fixture["wish"], &found, &format!("{place}: wish"));
        }
        Request::Status { id }
        | Request::Cancel { id }
        | Request::Erase { id }
        | Request::Content { id, .. } => {
            let expected = fixture.get("found").unwrap_or(&fixture["id"]);
            assert_eq!(expected.as_str(), Some(id.as_str()), "{place}");
        }
    }
}

fn refused_is(dialect: &dyn Dialect, route: &Route, refusal: &Refusal, expected: &Value, place: &str) {
    let context = Context {
        request_id: "req-1",
        links: &PlainLinks,
        route: Some(route),
    };
    let reply = dialect.render(&Answer::Refused(refusal), &context);
    let body: Value = serde_json::from_slice(&reply.body).expect("the body is JSON");
    let found = json!({
        "kind": format!("{:?}", refusal.kind),
        "field": refusal.field,
        "allowed": refusal.allowed,
        "status": reply.status,
        "sentence": refusal.sentence(),
        "body": body,
    });
    assert!(
        expected["sentence"].is_string(),
        "{place}: a refusal is checked by its sentence"
    );
    like(expected, &found, place);
}

fn render(dialect: &dyn Dialect, what: &str, fixture: &Value, place: &str) {
    let task: Option<Task> = fixture.get("task").map(|spec| tasks::from_spec(spec, place));
    let listing: Option<Listing> = fixture.get("tasks").map(|specs| listed(specs, fixture, place));
    let refusal: Option<Refusal> = fixture.get("refusal").map(|spec| refused_with(spec, place));
    let (ask, quote) = (testkit::sample::ask(), testkit::sample::quote());
    let all = Filter::default();
    let answer = match (what, &task, &listing, &refusal) {
        ("presets", None, None, None) => Answer::Presets(Page::Offset { skip: 0, limit: 1 }),
        ("quoted", None, None, None) => Answer::Quoted(&ask, &quote),
        ("submitted", Some(task), None, None) => Answer::Submitted(task),
        ("status", Some(task), None, None) => Answer::Status(task),
        ("listing", None, Some(listing), None) => Answer::Listing(listing, &all),
        ("refused", None, None, Some(refusal)) => Answer::Refused(refusal),
        _ => panic!("{place}: `render` does not fit"),
    };
    let at = |path: &str| {
        let (is_post, path) = path
            .strip_prefix("POST ")
            .map_or((false, path), |path| (true, path));
        let is_meant = |route: &&Route| route.path == path && (!is_post || route.method == Method::Post);
        dialect.routes().iter().find(is_meant)
    };
    let route = fixture["at"].as_str().map(|path| at(path).expect("a route"));
    let context = Context {
        request_id: "req-1",
        links: &PlainLinks,
        route,
    };
    let reply = dialect.render(&answer, &context);
    let headers: Map<String, Value> = reply
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), json!(value)))
        .collect();
    let body: Value = serde_json::from_slice(&reply.body).expect("the body is JSON");
    same(&fixture["reply"]["body"], &body, &format!("{place}: body"));
    like(
        &fixture["reply"],
        &json!({ "status": reply.status, "headers": headers, "body": body }),
        place,
    );
    if let Some(expected) = fixture.get("webhook") {
        let task = task.expect("a webhook is about a task");
        let body = dialect
            .webhook(&task, &PlainLinks)
            .expect("the dialect has webhooks");
        let body: Value = serde_json::from_slice(&body).expect("the webhook's body is JSON");
        same(expected, &body, &format!("{place}: webhook"));
    }
}

fn listed(specs: &Value, fixture: &Value, place: &str) -> Listing {
    let specs = specs.as_array().expect("tasks are a list").iter();
    Listing {
        tasks: specs
            .map(|spec| Arc::new(tasks::from_spec(spec, place)))
            .collect(),
        has_more: fixture["has_more"].as_bool().unwrap_or(false),
    }
}

fn refused_with(spec: &Value, place: &str) -> Refusal {
    let kinds = testkit::conform::dialect::a_refusal_of_every_kind();
    let mut kinds = kinds.into_iter().map(|refusal| refusal.kind);
    let wanted = spec["kind"].as_str().expect("a refusal has a kind");
    let kind = kinds.find(|kind: &RefusalKind| format!("{kind:?}").starts_with(wanted));
    let kind = kind.unwrap_or_else(|| panic!("{place}: no such kind"));
    let mut refusal = Refusal::new(kind, spec["message"].as_str().expect("a refusal has a message"));
    refusal.field = spec["field"].as_str().map(str::to_owned);
    refusal.retry_after_seconds = spec["retry_after_seconds"].as_u64();
    let allowed = spec["allowed"].as_array().into_iter().flatten();
    refusal.allowing(allowed.map(|value| value.as_str().expect("allowed values are strings")))
}

/// A call from its `call`, `id` and `query`.
pub(crate) fn call(fixture: &Value) -> Call {
    let pairs = match field(&fixture["call"]) {
        Field::Map(pairs) => pairs,
        _ => Vec::new(),
    };
    Call {
        id: fixture["id"].as_str().map(str::to_owned),
        query: fixture["query"]
            .as_array()
            .into_iter()
            .flatten()
            .map(parameter)
            .collect(),
        fields: Fields::new(pairs),
        preview: fixture["preview"].as_bool().unwrap_or(false),
        webhook_url: fixture["webhook_url"].as_str().map(str::to_owned),
    }
}

/// A parameter of the query from `[name, text]`.
fn parameter(pair: &Value) -> (String, String) {
    let text = |n: usize| pair[n].as_str().expect("a parameter is two texts").to_owned();
    (text(0), text(1))
}

fn field(value: &Value) -> Field {
    match value {
        Value::Object(map) => match (map.get("$staged"), map.get("$repeat")) {
            (Some(spec), _) => Field::Staged(staged(spec)),
            (None, Some(spec)) => {
                let times = spec[1].as_u64().and_then(|times| usize::try_from(times).ok());
                let text = spec[0].as_str().expect("a text is repeated");
                Field::Text(text.repeat(times.expect("so many times")))
            }
            (None, None) => Field::Map(
                map.iter()
                    .map(|(name, value)| (name.clone(), field(value)))
                    .collect(),
            ),
        },
        Value::Array(list) => Field::List(list.iter().map(field).collect()),
        plain => serde_json::from_value(plain.clone()).expect("any value is a field"),
    }
}

fn staged(spec: &Value) -> Staged {
    let side = |name: &str| spec[name].as_u64().and_then(|pixels| u32::try_from(pixels).ok());
    Staged {
        blob: BlobKey::from_sha256([9; 32]),
        bytes: spec["bytes"].as_u64().unwrap_or(1_000),
        content_type: spec["content_type"].as_str().map(str::to_owned),
        facts: MediaFacts {
            width: side("width"),
            height: side("height"),
            duration_ms: spec["duration_ms"].as_u64(),
            fps: side("fps"),
        },
    }
}

/// Everything that is expected is there; objects may have more. `null` is expected where nothing is.
fn like(expected: &Value, found: &Value, place: &str) {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            for (name, expected) in expected {
                let found = found.get(name).unwrap_or(&Value::Null);
                like(expected, found, &format!("{place}.{name}"));
            }
        }
        (Value::Array(expected), Value::Array(list)) => {
            assert_eq!(expected.len(), list.len(), "{place}: {found}");
            for (n, (expected, found)) in expected.iter().zip(list).enumerate() {
                like(expected, found, &format!("{place}.{n}"));
            }
        }
        (Value::String(pattern), Value::String(text)) => {
            assert!(
                matches(pattern, text),
                "{place}: expected `{pattern}`, found `{text}`"
            );
        }
        _ => assert_eq!(expected, found, "{place}"),
    }
}

/// As [`like`], and objects have exactly the expected keys.
fn same(expected: &Value, found: &Value, place: &str) {
    if let (Value::Object(expected), Value::Object(found)) = (expected, found) {
        let wanted: BTreeSet<&String> = expected.keys().collect();
        let there: BTreeSet<&String> = found.keys().collect();
        assert_eq!(wanted, there, "{place}: keys");
        for (name, expected) in expected {
            same(expected, &found[name], &format!("{place}.{name}"));
        }
        return;
    }
    like(expected, found, place);
}

/// `*` stands for any text that is not empty.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((before, after)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(rest) = text.strip_prefix(before) else {
        return false;
    };
    let ends = rest.char_indices().skip(1).map(|(at, _)| at).chain([rest.len()]);
    !rest.is_empty() && ends.into_iter().any(|at| matches(after, &rest[at..]))
}
