//! The dialect exam: what every dialect must do, whatever it speaks. Golden pairs are each dialect's own;
//! who appears in it is in `cast.rs`.

use std::collections::BTreeSet;

use domain::artifact::Artifact;
use domain::dialect::{Answer, Context, Links, Method, Names, Submission};
use domain::fields::Fields;
use domain::http::Reply;
use domain::store::Page;
use domain::{
    Call, Dialect, Id, Intent, Operation, Refusal, RefusalKind, Request, Route, Status, Task, TaskId,
};
use proptest::option;
use proptest::prelude::any;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;

mod bodies;
mod cast;

use bodies::body;

/// Most rows of one list.
const LIST_MAX: usize = 1_000;
/// Random bodies a route, and of all routes together.
const BODIES: usize = 256;
const BODIES_ALL: usize = 2_048;
/// Most tasks of one look-up.
const LOOKUP_MAX: usize = 20;
/// The longest body that any dialect may allow.
const LIMIT_MAX: u64 = 96 * 1024 * 1024;

/// Work whose result has a length.
const CLIPS: &[Operation] = &[
    Operation::TextToVideo,
    Operation::ImageToVideo,
    Operation::MultiImageToVideo,
    Operation::OmniVideo,
    Operation::MotionControl,
    Operation::VideoExtend,
    Operation::LipSync,
    Operation::Avatar,
    Operation::VideoEffects,
    Operation::MultiElements,
    Operation::TextToAudio,
    Operation::VideoToAudio,
    Operation::Speech,
];

pub use cast::{a_refusal_of_every_kind, a_task_in_every_state};

/// Links as an exam writes them.
pub struct PlainLinks;

impl Links for PlainLinks {
    fn content(&self, task: &Task, n: usize, _artifact: &Artifact) -> String {
        format!("https://reelway.example/content/{}/{n}", task.id().prefixed())
    }

    fn page(&self, path: &str) -> String {
        format!("https://reelway.example{path}")
    }

    fn provider(&self, account: &str) -> Option<&str> {
        (account == "main").then_some("animatic")
    }
}

/// Sits the whole exam.
///
/// # Panics
/// When the dialect fails it; the message says where.
pub fn sit(dialect: &dyn Dialect) {
    its_routes_are_in_order(dialect);
    its_parse_survives_any_body(dialect);
    it_renders_every_refusal(dialect);
    it_renders_every_state(dialect);
    it_tells_foreign_from_unknown_nowhere(dialect);
    it_takes_every_spelling_of_an_id(dialect);
}

fn its_routes_are_in_order(dialect: &dyn Dialect) {
    let name = dialect.name();
    assert!(
        !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    );
    let mount = dialect.mount();
    assert!(
        mount.is_empty() || mount.starts_with('/') && !mount.ends_with('/'),
        "mount `{mount}`"
    );
    assert!(dialect.version() > 0, "versions count from 1");
    let mut seen = BTreeSet::new();
    for route in dialect.routes() {
        let path = route.path;
        assert!(path.starts_with('/') && !path.ends_with('/'), "path `{path}`");
        let is_one = matches!(
            route.intent,
            Intent::Status | Intent::Cancel | Intent::Content | Intent::Remake | Intent::Erase
        );
        assert!(
            is_one || !path.contains("{id}"),
            "`{path}` names a task that it is not about"
        );
        let is_submit = matches!(route.intent, Intent::Submit | Intent::Run | Intent::Remake);
        assert!(
            !is_submit || route.method == Method::Post,
            "`{path}` submits without `POST`"
        );
        let has_body = route.method == Method::Post && route.intent != Intent::Cancel;
        assert_eq!(has_body, route.limit_bytes > 0, "`{path}` and its limit");
        assert!(route.limit_bytes <= LIMIT_MAX, "`{path}` allows too long a body");
        assert!(
            seen.insert((format!("{:?}", route.method), path)),
            "`{path}` is there twice"
        );
    }
    assert!(!seen.is_empty(), "a dialect without routes");
}

fn its_parse_survives_any_body(dialect: &dyn Dialect) {
    let routes = dialect.routes();
    let bodies = (BODIES_ALL / routes.len()).clamp(1, BODIES);
    for route in routes {
        let config = Config {
            cases: u32::try_from(bodies).expect("few bodies"),
            failure_persistence: None,
            ..Config::default()
        };
        let calls = (option::of(".{0,40}"), body(), any::<bool>());
        let outcome = TestRunner::new(config).run(&calls, |(id, pairs, preview)| {
            let call = Call {
                id,
                query: Vec::new(),
                fields: Fields::new(pairs),
                preview,
                webhook_url: None,
            };
            match dialect.parse(route, &call) {
                Ok(Request::Submit(submission) | Request::Run(submission)) => {
                    sound(route, &call, &submission);
                }
                Ok(Request::Balance) => assert_eq!(route.intent, Intent::Balance),
                Ok(Request::Bill(period)) => assert!(period.from <= period.to && period.limit > 0),
                Ok(Request::Presets { .. }) => assert_eq!(route.intent, Intent::Presets),
                Ok(Request::Status { id } | Request::Cancel { id } | Request::Erase { id } | Request::Content { id, .. }) => {
                    assert!(!id.is_empty());
                }
                Ok(Request::Remake(remake)) => assert!(!remake.id.is_empty() && !remake.prompt.is_empty()),
                Ok(Request::Lookup(Names::Ids(names) | Names::External(names))) => {
                    assert!((1..=LOOKUP_MAX).contains(&names.len()), "a look-up of {names:?}");
                }
                Ok(Request::List {
                    page: Page::Cursor { limit, .. } | Page::Rising { limit, .. } | Page::Offset { limit, .. },
                    ..
                }) => {
                    assert!((1..=LIST_MAX).contains(&limit), "a list of {limit} rows");
                }
                Err(refusal) => refused_well(dialect, route, &refusal),
            }
            Ok(())
        });
        if let Err(failure) = outcome {
            panic!("`{}` of `{}`: {failure}", route.path, dialect.name());
        }
    }
}

/// What holds for any wish, whoever spoke it.
fn sound(route: &Route, call: &Call, submission: &Submission) {
    let Submission {
        ask,
        external_id,
        callback_url,
        ignored,
        ..
    } = submission;
    assert!(
        matches!(route.intent, Intent::Submit | Intent::Run),
        "a wish on a path that takes none"
    );
    assert!(!ask.model.is_empty() && ask.count > 0);
    assert!(
        ask.duration_ms > 0 || !CLIPS.contains(&ask.operation),
        "a clip without length"
    );
    assert!(ask.size.width > 0 && ask.size.height > 0);
    assert_eq!(ask.preview, call.preview);
    assert!(
        ask.extras.keys().all(|name| name.contains('.')),
        "an extra without a namespace"
    );
    assert_ne!(external_id.as_deref(), Some(""));
    assert_ne!(callback_url.as_deref(), Some(""));
    let once: BTreeSet<&String> = ignored.iter().collect();
    assert_eq!(once.len(), ignored.len(), "a field is reported twice");
}

fn refused_well(dialect: &dyn Dialect, route: &Route, refusal: &Refusal) {
    assert!(!refusal.message.is_empty());
    if matches!(refusal.kind, RefusalKind::Invalid | RefusalKind::Media) {
        assert!(refusal.field.is_some(), "`{}` names no field", refusal.message);
    }
    let reply = render(dialect, &Answer::Refused(refusal), Some(route));
    let header = ("x-should-retry".into(), "false".to_owned());
    // A vendor may document a 500 for a client's fault; then nobody may take it for ours and re-send.
    let as_documented = refusal
        .documented
        .is_some_and(|vendor| vendor.status == reply.status && reply.headers.contains(&header));
    assert!(
        (400..500).contains(&reply.status) || as_documented,
        "a client's fault is {}",
        reply.status
    );
}

fn it_renders_every_refusal(dialect: &dyn Dialect) {
    let routes = dialect.routes().iter().map(Some).chain([None]);
    for route in routes {
        for refusal in a_refusal_of_every_kind() {
            let refusal = refusal.at("metadata.lamp");
            let reply = render(dialect, &Answer::Refused(&refusal), route);
            let kind = &refusal.kind;
            assert!((400..600).contains(&reply.status), "{kind:?} is {}", reply.status);
            let texts = texts(&json(&reply));
            let says = |part: &str| texts.iter().any(|text| text.contains(part));
            for part in ["the \"lamp\" is out", "metadata.lamp", "lit-low", "lit-high"] {
                assert!(says(part), "{kind:?} does not say `{part}`");
            }
            if refusal.kind == RefusalKind::Ambiguous {
                let header = ("x-should-retry".into(), "false".to_owned());
                assert!(
                    reply.headers.contains(&header),
                    "an ambiguous failure may be re-sent"
                );
            }
            let mut later = refusal.clone();
            later.retry_after_seconds = Some(17);
            let reply = render(dialect, &Answer::Refused(&later), route);
            let header = ("retry-after".into(), "17".to_owned());
            assert!(
                reply.headers.contains(&header),
                "{kind:?} does not say when to come back"
            );
        }
    }
}

fn it_renders_every_state(dialect: &dyn Dialect) {
    for task in a_task_in_every_state() {
        for route in dialect.routes() {
            for answer in [Answer::Submitted(&task), Answer::Status(&task)] {
                let reply = render(dialect, &answer, Some(route));
                if is_failed_run(route, &task, &answer) {
                    assert!(reply.status >= 400, "a call that failed is {}", reply.status);
                    continue;
                }
                assert!(
                    (200..300).contains(&reply.status),
                    "{} is {}",
                    task.word(),
                    reply.status
                );
                let texts = texts(&json(&reply));
                let names = texts.iter().any(|text| TaskId::parse(text) == Some(task.id()));
                assert!(
                    names,
                    "the answer about a `{}` task does not name it",
                    task.word()
                );
                let leaks = texts.iter().any(|text| text.contains("upstream-1"));
                assert!(!leaks, "the upstream's name for a task leaks");
            }
        }
        if let Some(body) = dialect.webhook(&task, &PlainLinks) {
            let body: Value = serde_json::from_slice(&body).expect("a webhook's body is JSON");
            assert!(body.is_object());
        }
    }
}

/// A call that answers with its result and has none answers as it answers a refusal.
fn is_failed_run(route: &Route, task: &Task, answer: &Answer<'_>) -> bool {
    let is_failed = matches!(task.status(), Status::Failed | Status::Cancelled);
    route.intent == Intent::Run && is_failed && matches!(answer, Answer::Status(_))
}

fn it_tells_foreign_from_unknown_nowhere(dialect: &dyn Dialect) {
    for route in dialect.routes() {
        let first = render(dialect, &Answer::Refused(&Refusal::not_found()), Some(route));
        let second = render(dialect, &Answer::Refused(&Refusal::not_found()), Some(route));
        assert_eq!(first, second);
        let no_key = Refusal::new(RefusalKind::NoKey, "no key came with the request");
        assert_ne!(
            render(dialect, &Answer::Refused(&no_key), Some(route)).status,
            first.status
        );
    }
}

fn it_takes_every_spelling_of_an_id(dialect: &dyn Dialect) {
    let id = Id(0x0192_0000_0000_7000_8000_0000_0000_00ff);
    let spellings = [
        TaskId(id).prefixed(),
        id.decimal(),
        id.hyphenated(),
        format!("video_{}", id.hex()),
        "my own name".to_owned(),
    ];
    // Making a task again is about its body too.
    let one = |route: &&Route| route.path.contains("{id}") && route.intent != Intent::Remake;
    for route in dialect.routes().iter().filter(one) {
        for spelling in &spellings {
            let call = Call {
                id: Some(spelling.clone()),
                ..Call::default()
            };
            match dialect.parse(route, &call) {
                Ok(
                    Request::Status { id }
                    | Request::Cancel { id }
                    | Request::Erase { id }
                    | Request::Content { id, .. },
                ) => {
                    assert_eq!(&id, spelling);
                }
                other => panic!("`{spelling}` at `{}` is {other:?}", route.path),
            }
        }
    }
}

fn render(dialect: &dyn Dialect, answer: &Answer<'_>, route: Option<&Route>) -> Reply {
    let context = Context {
        request_id: "req-exam",
        links: &PlainLinks,
        route,
    };
    dialect.render(answer, &context)
}

fn json(reply: &Reply) -> Value {
    assert_eq!(reply.content_type, "application/json");
    serde_json::from_slice(&reply.body).expect("the body is JSON")
}

/// Every string of a tree.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(list) => list.iter().flat_map(texts).collect(),
        Value::Object(map) => map.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}
