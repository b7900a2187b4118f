//! Every call of Kling's native API over a socket, from the submit to the files that come of it, by the embedded
//! renderer; and the same through a gateway whose only account is another gateway, once by a pair and once by an
//! API key, which speaks the new standard where that has a call. The calls are tables below `every_call/`, what
//! they are given is made in `every_call/given.rs`, and files are judged in `every_call/look.rs`.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use domain::store::{Filter, Page};
use futures_util::{StreamExt as _, stream};
use reelway::config::Environment;
use serde_json::{Value, json};

use crate::house_under_test::Gateway;

mod clips;
mod given;
mod look;
mod makers;
mod others;
mod row;

use clips::CLIPS;
use given::{Given, Props, filled};
use makers::{AT_ONCE, DELETIONS, MAKERS};
use others::OTHERS;
use row::{File, Generation, Row};

/// Looks at a task before it is given up; each waits up to half a minute.
const LOOKS_MAX: u32 = 6;
/// Calls that are on their way at once.
const CALLS_AT_ONCE: usize = 12;
/// Lets a gateway of a test fetch from this machine.
const OPEN: &str = "[network]\nallow_private = true\n";

/// How a gateway that stands before another opens it.
#[derive(Clone, Copy)]
enum Login {
    Pair,
    Key,
}

/// What was played: what rows may name, the tasks by the path of their call, and what was wrong.
#[derive(Default)]
struct Played {
    props: Props,
    tasks: BTreeMap<&'static str, BTreeSet<String>>,
    wrong: Vec<String>,
}

/// What came of one row.
struct Outcome {
    task: Option<String>,
    result: Value,
    wrong: Vec<String>,
}

/// The data of an answer, else what was said instead.
async fn asked(gateway: &Gateway, method: &str, path: &str, body: &Value) -> Result<Value, String> {
    let text = match body {
        Value::Null => String::new(),
        body => body.to_string(),
    };
    let answer = gateway.ask(method, path, text).await;
    let said = answer.json();
    match (answer.status.as_u16(), &said["code"]) {
        (200, code) if *code == json!(0) => Ok(said["data"].clone()),
        (status, _) => Err(format!("{status}: {said}")),
    }
}

/// A task's result when it has ended.
async fn ended(gateway: &Gateway, path: &str, id: &str) -> Result<Value, String> {
    for _ in 0..LOOKS_MAX {
        let data = asked(gateway, "GET", &format!("{path}/{id}?wait=30"), &Value::Null).await?;
        match data["task_status"].as_str() {
            Some("succeed") => return Ok(data["task_result"].clone()),
            Some("failed") => return Err(data.to_string()),
            _ => {}
        }
    }
    Err(format!("`{id}` was not done in time"))
}

/// The bytes of a file of a result: behind a link of ours, or written there.
async fn bytes_of(gateway: &Gateway, result: &Value, file: &File) -> Result<Vec<u8>, String> {
    let text = result.pointer(file.at).and_then(Value::as_str);
    let text = text.ok_or_else(|| format!("nothing at {}: {result}", file.at))?;
    if !text.starts_with("http") {
        return BASE64_STANDARD.decode(text).map_err(|error| error.to_string());
    }
    let path = text.split_once(gateway.address()).map(|(_, path)| path);
    let path = path.ok_or_else(|| format!("no link of ours: {text}"))?;
    let answer = gateway.send("GET", path, &[], "").await;
    match answer.status.as_u16() {
        200 => Ok(answer.bytes.to_vec()),
        status => Err(format!("{status} for {text}")),
    }
}

/// Downloads what a row made and judges each file.
async fn judged(gateway: &Gateway, row: &Row, result: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    for (at, expected) in row.says {
        let said = result.pointer(at).unwrap_or(&Value::Null);
        let is_so = match *expected {
            "*" => !said.is_null(),
            json => serde_json::from_str::<Value>(json).expect("a row says JSON") == *said,
        };
        if !is_so {
            wrong.push(format!("{at} is {said}, not {expected}"));
        }
    }
    for file in row.files {
        let complaints = match bytes_of(gateway, result, file).await {
            Ok(bytes) => tokio::task::spawn_blocking(move || look::wrong_with(&bytes, file))
                .await
                .expect("the look ends"),
            Err(why) => vec![why],
        };
        wrong.extend(complaints.iter().map(|why| format!("{}: {why}", file.at)));
    }
    wrong
}

/// Plays a row to its end.
async fn played(gateway: &Gateway, row: &Row, props: &Props) -> Outcome {
    let body = filled(&(row.body)(), props);
    let (method, path) = row.path.split_once(' ').unwrap_or(("POST", row.path));
    let mut task = None;
    let made = match asked(gateway, method, path, &body).await {
        Ok(data) if row.at_once => Ok(data),
        Ok(data) => {
            let id = data["task_id"].as_str().unwrap_or_default().to_owned();
            let made = ended(gateway, row.path, &id).await;
            task = Some(id);
            made
        }
        Err(why) => Err(why),
    };
    let (result, wrong) = match made {
        Ok(result) => {
            let wrong = judged(gateway, row, &result).await;
            (result, wrong)
        }
        Err(why) => (Value::Null, vec![why]),
    };
    let named = |why: &String| format!("{} {}: {why}", row.path, excerpt(&(row.body)()));
    Outcome {
        task,
        result,
        wrong: wrong.iter().map(named).collect(),
    }
}

/// The beginning of a body, which tells rows of one path apart.
fn excerpt(body: &Value) -> String {
    body.to_string().chars().take(70).collect()
}

impl Played {
    fn note(&mut self, row: &Row, outcome: Outcome) {
        for (name, at) in row.keeps {
            let kept = outcome.result.pointer(at).cloned();
            self.props.insert(name, kept.unwrap_or(Value::Null));
        }
        if let Some(task) = outcome.task {
            self.tasks.entry(row.path).or_default().insert(task);
        }
        self.wrong.extend(outcome.wrong);
    }

    /// Plays rows side by side.
    async fn play(&mut self, gateway: &Gateway, rows: impl Iterator<Item = &'static Row>) {
        let props = self.props.clone();
        let playing = rows.map(|row| {
            let props = &props;
            async move { (row, played(gateway, row, props).await) }
        });
        let playing: Vec<_> = playing.collect();
        let outcomes: Vec<_> = stream::iter(playing)
            .buffer_unordered(CALLS_AT_ONCE)
            .collect()
            .await;
        for (row, outcome) in outcomes {
            self.note(row, outcome);
        }
    }

    /// Looks for every task in the list of its call.
    async fn look_at_lists(&mut self, gateway: &Gateway) {
        for (path, tasks) in &self.tasks {
            let list = format!("{path}?pageNum=1&pageSize=500");
            let shown = match asked(gateway, "GET", &list, &Value::Null).await {
                Ok(shown) => shown,
                Err(why) => {
                    self.wrong.push(format!("{list}: {why}"));
                    continue;
                }
            };
            let shown: BTreeSet<String> = shown
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|task| task["task_id"].as_str().map(str::to_owned))
                .collect();
            if !tasks.is_subset(&shown) {
                self.wrong.push(format!("{list} shows {shown:?}, not {tasks:?}"));
            }
        }
    }

    /// Takes the items away, and names each once more.
    async fn put_away(&mut self, gateway: &Gateway) {
        for (deletion, wish) in DELETIONS {
            let outcome = played(gateway, deletion, &self.props).await;
            self.wrong.extend(outcome.wrong);
            let body = filled(&(wish.body)(), &self.props);
            let said = asked(gateway, "POST", wish.path, &body).await;
            if !said
                .as_ref()
                .is_err_and(|why| why.starts_with("400") && why.contains("names no"))
            {
                self.wrong.push(format!("after {}: {said:?}", deletion.path));
            }
        }
    }
}

/// Plays every row; answers the number of rows that an account by key puts by the new standard.
async fn play_all(gateway: &Gateway) -> usize {
    let given = Given::start().await;
    let mut all = Played {
        props: given.props.clone(),
        ..Played::default()
    };
    all.play(gateway, MAKERS.iter()).await;
    for row in AT_ONCE {
        let outcome = played(gateway, row, &all.props).await;
        all.note(row, outcome);
    }
    all.play(gateway, CLIPS.iter().chain(OTHERS)).await;
    all.look_at_lists(gateway).await;
    all.put_away(gateway).await;
    assert!(all.wrong.is_empty(), "{}", all.wrong.join("\n"));
    let rows = MAKERS.iter().chain(CLIPS).chain(OTHERS);
    rows.filter(|row| row.by_key == Generation::Standard).count()
}

/// A port of this machine that was free a moment ago.
fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}

/// A gateway whose only account is another gateway.
async fn in_front_of(upstream: &Gateway, login: Login) -> Gateway {
    let login = match login {
        Login::Key => format!("api_key = \"{}\"", upstream.client_key),
        Login::Pair => {
            let wish = json!({ "name": "front", "kind": "pair" });
            let pair = upstream.rule("POST", "/api/v1/admin/keys", &wish).await.json();
            let text = |name: &str| pair[name].as_str().expect("a text");
            let (access, secret) = (text("access_key"), text("secret_key"));
            format!("access_key = \"{access}\"\nsecret_key = \"{secret}\"")
        }
    };
    let listen = format!("127.0.0.1:{}", free_port());
    let file = format!(
        "[server]\npublic_url = \"http://{listen}\"\n{OPEN}[[account]]\nname = \"behind\"\nprovider = \"kling\"\n\
         slots = {CALLS_AT_ONCE}\nbase_url = \"http://{}/kling-native\"\n{login}\n",
        upstream.address(),
    );
    Gateway::with_file_at(&listen, &file).await
}

/// How many tasks came to a gateway by the new standard.
async fn by_new_standard(gateway: &Gateway) -> usize {
    let own = reelway::keys::read(&gateway.client_key).expect("a key");
    let store = gateway.house.engine.store();
    let key = store
        .registry()
        .key_by_hash(&own.hash)
        .await
        .expect("the store answers");
    let tenant = key.expect("the client's key is kept").tenant;
    let page = Page::Offset { skip: 0, limit: 500 };
    let listed = store
        .list(tenant, &Filter::default(), page)
        .await
        .expect("a list");
    let is_new = |task: &&std::sync::Arc<domain::Task>| task.origin.face.dialect == "kling2";
    listed.tasks.iter().filter(is_new).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_ends_in_files_that_show_what_was_given() {
    let gateway = Gateway::with_file(OPEN, &Environment::default()).await;
    play_all(&gateway).await;
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_goes_through_a_gateway_to_another_by_a_pair() {
    let upstream = Gateway::with_file(OPEN, &Environment::default()).await;
    let gateway = in_front_of(&upstream, Login::Pair).await;
    play_all(&gateway).await;
    assert_eq!(by_new_standard(&upstream).await, 0);
    gateway.stop().await;
    upstream.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_goes_through_a_gateway_to_another_by_a_key_and_by_the_new_standard_where_it_has_one() {
    let upstream = Gateway::with_file(OPEN, &Environment::default()).await;
    let gateway = in_front_of(&upstream, Login::Key).await;
    let rows = play_all(&gateway).await;
    assert_eq!(by_new_standard(&upstream).await, rows);
    gateway.stop().await;
    upstream.stop().await;
}
