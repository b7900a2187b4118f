//! Answers as they are really written: tasks in every state, refusals of every kind, lists, quotes and
//! callbacks.

use std::collections::VecDeque;
use std::sync::Arc;

use dialects::reelway::{ERRORS, Reelway};
use domain::dialect::{Answer, Bill, Context, Links, Period};
use domain::http::Reply;
use domain::limits::{Hit, Holder, Limit};
use domain::money::Balance;
use domain::store::{Filter, Listing, Page as Part};
use domain::{Artifact, Dialect, Intent, Refusal, Route, StateWord, Task};
use serde_json::Value;
use testkit::conform::dialect::{a_refusal_of_every_kind, a_task_in_every_state};
use testkit::sample;

use super::markdown::{Page, code};

/// Links as the gateway writes them.
struct PageLinks;

impl Links for PageLinks {
    fn content(&self, task: &Task, n: usize, _artifact: &Artifact) -> String {
        let id = task.id().prefixed();
        format!("https://gateway.example/api/v1/tasks/{id}/content/{n}?expires=…&signature=…")
    }

    fn page(&self, path: &str) -> String {
        format!("https://gateway.example{path}")
    }

    fn provider(&self, _account: &str) -> Option<&str> {
        Some("animatic")
    }
}

/// What a task looks like on its way.
pub(super) fn write_tasks(page: &mut Page, dialect: &dyn Dialect) {
    page.section("Answers");
    let tasks = tasks(dialect);
    let queued = at(&tasks, StateWord::Queued);
    let taken = render(dialect, &Answer::Submitted(queued), Intent::Submit);
    page.part("A submit that was taken");
    page.text(&format!("Status {}.", taken.status));
    page.json(&json(&taken));
    let mut shown = Vec::new();
    for route in dialect
        .routes()
        .iter()
        .filter(|route| route.intent == Intent::Status)
    {
        let done = render_at(
            dialect,
            &Answer::Status(at(&tasks, StateWord::Succeeded)),
            Some(route),
        );
        if shown.contains(&done) {
            continue;
        }
        let place = if shown.is_empty() {
            String::new()
        } else {
            format!(", at `{}`", route.path)
        };
        write_progress(page, dialect, &tasks, route, &place);
        shown.push(done);
    }
    write_others(page, dialect, &tasks);
}

/// How far tasks are at one route, in every state, and two whole answers.
fn write_progress(page: &mut Page, dialect: &dyn Dialect, tasks: &[Task], route: &Route, place: &str) {
    let reply = |task| render_at(dialect, &Answer::Status(task), Some(route));
    page.part(&format!("How far a task is{place}"));
    let rows = tasks.iter().map(|task| {
        let reply = reply(task);
        let word = found(&json(&reply), &["task_status", "status"]);
        [
            meaning(task.word()).to_owned(),
            reply.status.to_string(),
            word.unwrap_or_default(),
        ]
    });
    page.table(
        ["the task is", "status", "the answer says"],
        &rows.collect::<Vec<_>>(),
    );
    for (word, title) in [
        (StateWord::Succeeded, "A task that is done"),
        (StateWord::Failed, "A task that failed"),
    ] {
        page.part(&format!("{title}{place}"));
        page.json(&json(&reply(at(tasks, word))));
    }
}

/// Lists and quotes where the dialect has them, and callbacks.
fn write_others(page: &mut Page, dialect: &dyn Dialect, tasks: &[Task]) {
    let done = at(tasks, StateWord::Succeeded);
    let listing = Listing {
        tasks: vec![Arc::new(done.clone())],
        has_more: true,
    };
    let has_list = dialect
        .routes()
        .iter()
        .any(|route| matches!(route.intent, Intent::List));
    let listed = render(
        dialect,
        &Answer::Listing(&listing, &Filter::default()),
        Intent::List,
    );
    if has_list && listed.status == 200 {
        page.part("A list");
        page.json(&json(&listed));
    }
    let quoted = render(
        dialect,
        &Answer::Quoted(&sample::ask(), &sample::quote()),
        Intent::Submit,
    );
    if quoted.status == 200 {
        page.part("A quote");
        page.json(&json(&quoted));
    }
    if let Some(body) = dialect.webhook(done, &PageLinks) {
        page.part("The body of a callback");
        page.text(
            "About a task that is done. It is sent to `callback_url` on every change of a task's status: \
             [webhooks](../webhooks.md) says how it is signed, tried again and replayed.",
        );
        page.json(&serde_json::from_slice(&body).expect("a callback's body is JSON"));
    }
}

/// What is not taken: every kind of refusal with its status and code, and one whole body.
pub(super) fn write_refusals(page: &mut Page, dialect: &dyn Dialect) {
    page.section("Refusals");
    page.text(
        "Every body names the field and the values that would be taken, as the one at the end does. The last \
         column is the reason's word in our own API.",
    );
    let rows = a_refusal_of_every_kind().into_iter().map(|refusal| {
        let reply = render(dialect, &Answer::Refused(&refusal), Intent::Submit);
        let own = render(&Reelway, &Answer::Refused(&refusal), Intent::Submit);
        let own = json(&own)["error"]["code"].as_str().expect("a code").to_owned();
        let row = ERRORS.iter().find(|row| row.code == own);
        let meaning = row.expect("every code has its row").meaning;
        [
            reply.status.to_string(),
            found(&json(&reply), &["code", "error"]).unwrap_or_else(|| "–".to_owned()),
            meaning.to_owned(),
            code(&own),
        ]
    });
    page.table(["status", "code", "means", "reason"], &rows.collect::<Vec<_>>());
    let refusal = Refusal::invalid("duration", "`duration` cannot be `99`").allowing(["5", "10"]);
    let reply = render(dialect, &Answer::Refused(&refusal), Intent::Submit);
    page.text("For instance:");
    page.json(&json(&reply));
}

/// Everything that may be answered at a route, with its status.
pub(crate) fn of_route(dialect: &dyn Dialect, route: &Route) -> Vec<(u16, Value)> {
    let tasks = tasks(dialect);
    let plain = a_refusal_of_every_kind().into_iter();
    // The same at a field, and without one.
    let refusals: Vec<Refusal> = plain
        .flat_map(|refusal| {
            let mut bare = refusal.clone();
            (bare.field, bare.allowed) = (None, Vec::new());
            [bare, refusal.at("duration").allowing(["5", "10"])]
        })
        .collect();
    let mut answers: Vec<Answer<'_>> = refusals.iter().map(Answer::Refused).collect();
    let listing = Listing {
        tasks: tasks.iter().cloned().map(Arc::new).collect(),
        has_more: true,
    };
    let end = Listing::default();
    let (balance, last) = (Balance::default(), Bill::default());
    let bill = Bill {
        tasks: vec![Arc::new(at(&tasks, StateWord::Succeeded).clone())],
        next: Some(tasks[0].id()),
    };
    let period = Period {
        from: sample::at(0),
        to: sample::at(1),
        after: None,
        limit: 10,
    };
    let (ask, quote) = (sample::ask(), sample::quote());
    let all = Filter::default();
    match route.intent {
        Intent::Submit | Intent::Remake => {
            answers.extend(tasks.iter().map(Answer::Submitted));
            // With `Prefer: wait` it is the answer of a read.
            answers.extend(tasks.iter().map(Answer::Status));
        }
        // A file is no JSON.
        Intent::Content => {}
        Intent::Run | Intent::Status | Intent::Cancel | Intent::Erase => {
            answers.extend(tasks.iter().map(Answer::Status))
        }
        Intent::List | Intent::Lookup => {
            answers.extend([&listing, &end].map(|part| Answer::Listing(part, &all)))
        }
        Intent::Balance => answers.push(Answer::Balance(&balance)),
        Intent::Bill => answers.extend([&bill, &last].map(|bill| Answer::Bill(bill, &period))),
        Intent::Presets => answers.push(Answer::Presets(Part::Offset { skip: 0, limit: 30 })),
    }
    let mut written: Vec<(u16, Value)> = answers
        .iter()
        .map(|answer| render_at(dialect, answer, Some(route)))
        .map(|reply| (reply.status, json(&reply)))
        .collect();
    if matches!(route.intent, Intent::Submit | Intent::Run | Intent::Remake) {
        let quoted = render_at(&Reelway, &Answer::Quoted(&ask, &quote), None);
        written.push((quoted.status, json(&quoted)));
    }
    written
}

/// A state in the words of a client.
fn meaning(word: StateWord) -> &'static str {
    match word {
        StateWord::Ingesting => "waiting for its pictures to be fetched",
        StateWord::Queued => "waiting for a free slot",
        StateWord::Submitting => "being handed over",
        StateWord::Unknown => "handed over, which is being made sure",
        StateWord::Running => "in work",
        StateWord::Settling => "made; its files are being kept",
        StateWord::Succeeded => "done",
        StateWord::Failed => "failed",
        StateWord::Cancelled => "stopped by its owner",
    }
}

/// Answers of our own API by the title of their table, each with everything that it may have.
pub(super) fn own() -> Vec<(&'static str, Vec<Value>)> {
    let mut tasks = tasks(&Reelway);
    for task in &mut tasks {
        Arc::make_mut(&mut task.origin).external_id = Some("ext-1".to_owned());
        task.course.cancel_requested = task.word() == StateWord::Running;
    }
    let listing = Listing {
        tasks: Vec::new(),
        has_more: false,
    };
    let refusal = Refusal::invalid("count", "`count` cannot be `9`").allowing(["1 to 4"]);
    let limited = Refusal::limited(Hit {
        holder: Holder::Key,
        limit: Limit::Budget,
        most: 5_000_000,
        left: 120_000,
    });
    let answer = |answer: &Answer<'_>| json(&render(&Reelway, answer, Intent::Submit));
    let status = tasks.iter().map(|task| answer(&Answer::Status(task))).collect();
    let event = Reelway.webhook(at(&tasks, StateWord::Queued), &PageLinks);
    let mut event: Value = serde_json::from_slice(&event.expect("a callback has a body")).expect("JSON");
    event["data"] = Value::Null;
    vec![
        ("Answer: the task object", status),
        (
            "Answer: the list of `GET /tasks`",
            vec![answer(&Answer::Listing(&listing, &Filter::default()))],
        ),
        (
            "Answer: the quote of a dry run",
            vec![answer(&Answer::Quoted(&sample::ask(), &sample::quote()))],
        ),
        (
            "Answer: an error",
            vec![
                answer(&Answer::Refused(&refusal)),
                answer(&Answer::Refused(&limited)),
            ],
        ),
        ("Answer: the body of a callback", vec![event]),
    ]
}

/// A task in each state, submitted in this dialect.
fn tasks(dialect: &dyn Dialect) -> Vec<Task> {
    let mut tasks = a_task_in_every_state();
    for task in &mut tasks {
        let face = &mut Arc::make_mut(&mut task.origin).face;
        dialect.name().clone_into(&mut face.dialect);
        dialect.mount().clone_into(&mut face.mount);
        face.version = dialect.version();
    }
    tasks
}

fn at(tasks: &[Task], word: StateWord) -> &Task {
    let task = tasks.iter().find(|task| task.word() == word);
    task.expect("there is a task in every state")
}

fn render(dialect: &dyn Dialect, answer: &Answer<'_>, intent: Intent) -> Reply {
    let route = dialect.routes().iter().find(|route| route.intent == intent);
    render_at(dialect, answer, route)
}

fn render_at(dialect: &dyn Dialect, answer: &Answer<'_>, route: Option<&Route>) -> Reply {
    let context = Context {
        request_id: "5f0c6c1e-9f4b-4c5e-8a5e-2b7d7a3f6d10",
        links: &PageLinks,
        route,
    };
    dialect.render(answer, &context)
}

fn json(reply: &Reply) -> Value {
    serde_json::from_slice(&reply.body).expect("the body is JSON")
}

/// The plain value of the first of the names that is nearest to the top, as code.
fn found(body: &Value, names: &[&str]) -> Option<String> {
    let mut open = VecDeque::from([body]);
    while let Some(value) = open.pop_front() {
        for name in names {
            match value.get(name) {
                Some(Value::String(text)) if !text.is_empty() => return Some(code(text)),
                Some(Value::Number(number)) => return Some(code(&number.to_string())),
                _ => {}
            }
        }
        match value {
            Value::Object(map) => open.extend(map.values()),
            Value::Array(list) => open.extend(list),
            _ => {}
        }
    }
    None
}
