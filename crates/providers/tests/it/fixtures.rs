//! Fixtures as data: every file under `fixtures/<provider>/` is a list of checks: a login, a job, what must
//! be sent, what the upstream answers, and what comes of it.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use domain::ask::{Mentioned, Parent};
use domain::ids::{ArtifactId, ItemId};
use domain::provider::{
    Account, Callback, Job, Look, OutputSource, Reconciled, Submitted, UpstreamError, Wire,
};
use domain::{Ask, Id, MediaKind, Mention, Provider, Role, TaskError, TaskId};
use serde_json::{Map, Value, json};
use testkit::sample;
use testkit::transport::{OnSend, ScriptedTransport};

use crate::stage::{self, BASE_URL};

#[tokio::test]
async fn every_fixture_is_sent_and_read_as_it_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let (mut checks, mut wrong) = (0, Vec::new());
    for folder in fs::read_dir(&root).expect("there are fixtures") {
        let folder = folder.expect("a folder").path();
        let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
        for check in checks_of(&name) {
            let (title, name) = (check["name"].to_string(), name.clone());
            let ended = tokio::spawn(async move { run(&name, &check).await }).await;
            wrong.extend(ended.err().map(|_| title));
            checks += 1;
        }
    }
    assert!(wrong.is_empty(), "{} wrong: {wrong:#?}", wrong.len());
    assert!(checks >= 150, "only {checks} checks were found");
}

/// The vendor's golden pairs, by the names that their checks begin with.
#[test]
fn every_golden_pair_in_which_the_vendor_answers_has_a_fixture() {
    let pairs = (1..=22).map(|n| format!("L{n}"));
    let pairs = pairs.chain((1..=17).map(|n| format!("N{n}")));
    let checks = checks_of("kling");
    let names: Vec<&str> = checks
        .iter()
        .filter_map(|check| check["name"].as_str()?.split_once(':'))
        .map(|(pair, _)| pair)
        .collect();
    let missing: Vec<String> = pairs.filter(|pair| !names.contains(&pair.as_str())).collect();
    assert!(missing.is_empty(), "no fixture is named by {missing:?}");
}

/// Every check of a provider.
fn checks_of(provider: &str) -> Vec<Value> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut checks = Vec::new();
    for file in fs::read_dir(root.join(provider)).expect("a folder") {
        let file = file.expect("a file").path();
        let text = fs::read_to_string(&file).expect("a text");
        let list: Vec<Value> =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        checks.extend(list);
    }
    checks
}

async fn run(name: &str, check: &Value) {
    let title = check["name"].as_str().expect("a check has a name");
    let known = [
        "name",
        "account",
        "ask",
        "media",
        "mentions",
        "links",
        "receipts",
        "do",
        "callback",
        "callback_body",
        "exchanges",
        "outcome",
    ];
    for field in check.as_object().expect("a check is an object").keys() {
        assert!(known.contains(&field.as_str()), "{title}: `{field}` is not read");
    }
    let mut account = account(name, check["account"].as_str().unwrap_or("key"));
    account.callback_url = check["callback"].as_str().map(str::to_owned);
    let exchanges = check["exchanges"].as_array().cloned().unwrap_or_default();
    let transport = Arc::new(ScriptedTransport::default());
    transport.on_send(exchanges.iter().map(|exchange| on_send(&exchange["reply"])));
    let pieces = media(&check["media"]);
    let media: Vec<(Role, &str)> = pieces
        .iter()
        .map(|piece| (piece.role, piece.text.as_str()))
        .collect();
    let receipts = check["receipts"].as_array().cloned().unwrap_or(vec![Value::Null]);
    let mut ask = ask(&check["ask"]);
    ask.mentions = mentions(&check["mentions"]);
    let jobs = receipts
        .iter()
        .map(|receipt| stage::job(ask.clone(), &media, receipt.as_str()));
    let (mut jobs, mut blobs): (Vec<Job>, Vec<_>) = jobs.unzip();
    for job in &mut jobs {
        for (media, piece) in job.media.iter_mut().zip(&pieces) {
            media.parent = piece.parent();
        }
    }
    let wire = Wire {
        account: Arc::new(account),
        transport: Arc::<ScriptedTransport>::clone(&transport),
        blobs: blobs.remove(0),
        publish: check["links"].as_bool().map(|_| Arc::new(stage::Shelf) as _),
    };
    let (provider, _) = stage::provider(name);
    let outcome = act(&*provider, check, &jobs, &wire).await;
    assert_eq!(outcome, check["outcome"], "{title}: what came of it\n{outcome:#}");
    let sent = transport.sent();
    assert_eq!(
        sent.len(),
        exchanges.len(),
        "{title}: how often something was sent"
    );
    for (request, exchange) in sent.iter().zip(&exchanges) {
        let expected = exchange["request"].as_str().expect("an exchange has a request");
        let path = request
            .url
            .strip_prefix(BASE_URL)
            .expect("it went to the account's base");
        assert_eq!(format!("{} {path}", request.method), expected, "{title}");
        let body: Value = serde_json::from_slice(&request.body).unwrap_or(Value::Null);
        assert_eq!(body, exchange["body"], "{title}: what was sent\n{body:#}");
    }
}

async fn act(provider: &dyn Provider, check: &Value, jobs: &[Job], wire: &Wire) -> Value {
    match check["do"].as_str().expect("a check does something") {
        "submit" => match provider.submit(&jobs[0], wire).await {
            Ok(Submitted::Accepted(receipt)) => json!({ "accepted": receipt }),
            Ok(Submitted::Done(receipt, outputs)) => {
                json!({ "done as": receipt, "with": seen(Look::Done(outputs)) })
            }
            Err(error) => told(error),
        },
        "poll" => match provider.poll(jobs, wire).await {
            Ok(looks) => looks.into_iter().map(seen).collect(),
            Err(error) => told(error),
        },
        "reconcile" => match provider.reconcile(&jobs[0], wire).await {
            Ok(Reconciled::Found(receipt)) => json!({ "found": receipt }),
            Ok(Reconciled::Absent) => json!("absent"),
            Ok(Reconciled::NoLookup) => json!("no look-up"),
            Err(error) => told(error),
        },
        "check" => match provider.check(wire).await {
            Ok(facts) => {
                let packs = facts
                    .packs
                    .into_iter()
                    .map(|pack| json!([pack.name, pack.status, pack.total, pack.remaining, pack.ends_at]));
                json!({ "note": facts.note, "packs": packs.collect::<Vec<_>>() })
            }
            Err(error) => told(error),
        },
        "hint" => {
            let body = check["callback_body"].to_string();
            let callback = Callback {
                headers: &[],
                body: body.as_bytes(),
            };
            json!(provider.hint(&callback, &wire.account))
        }
        other => panic!("`{other}` is no verb of a provider"),
    }
}

fn account(provider: &str, kind: &str) -> Account {
    match kind {
        "key" => stage::key_account(provider),
        "pair" => stage::pair_account(provider),
        "signed" => stage::signed_account(provider),
        "none" => Account {
            credentials: domain::credentials::Credentials::None,
            ..stage::key_account(provider)
        },
        other => panic!("there is no account `{other}`"),
    }
}

/// The plain wish with the given fields.
fn ask(changes: &Value) -> Ask {
    let mut ask = serde_json::to_value(sample::ask()).expect("an ask is JSON");
    let fields = ask.as_object_mut().expect("an ask is an object");
    for (name, value) in changes.as_object().unwrap_or(&Map::new()) {
        fields.insert(name.clone(), value.clone());
    }
    serde_json::from_value(ask).expect("the wish can be read")
}

/// A piece of media: its role, its bytes, and the account and name where the vendor made it.
struct Piece {
    role: Role,
    text: String,
    made: Option<(String, String)>,
}

impl Piece {
    fn parent(&self) -> Option<Parent> {
        let (account, name) = self.made.clone()?;
        Some(Parent {
            task: TaskId(Id(2)),
            artifact: ArtifactId::of(TaskId(Id(2)), 0),
            account: Some(account),
            vendor_ref: Some(name),
        })
    }
}

/// Lists of a role and a text, and of account and name where there is a parent.
fn media(list: &Value) -> Vec<Piece> {
    let pieces = list.as_array().into_iter().flatten().map(|piece| Piece {
        role: serde_json::from_value(piece[0].clone()).expect("a role"),
        text: piece[1].as_str().expect("a text").to_owned(),
        made: piece[2].as_str().map(|account| {
            let name = piece[3].as_str().expect("a name");
            (account.to_owned(), name.to_owned())
        }),
    });
    pieces.collect()
}

/// Lists of a kind, the client's name, and the vendor's.
fn mentions(list: &Value) -> Vec<Mention> {
    let mentions = list.as_array().into_iter().flatten().map(|mention| Mention {
        kind: serde_json::from_value(mention[0].clone()).expect("a kind"),
        name: mention[1].as_str().expect("a name").to_owned(),
        field: mention[0].as_str().expect("a kind").to_owned(),
        item: Some(Mentioned {
            id: ItemId(Id(3)),
            account: Some("kling-main".to_owned()),
            vendor_ref: mention[2].as_str().map(str::to_owned),
            memory: Value::Null,
        }),
    });
    mentions.collect()
}

fn on_send(reply: &Value) -> OnSend {
    let headers = reply["headers"].as_object().into_iter().flatten();
    let headers = headers.map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()));
    OnSend::Answer {
        status: u16::try_from(reply["status"].as_u64().unwrap_or(200)).expect("a status"),
        headers: headers.collect(),
        body: reply["body"].to_string().into(),
    }
}

fn told(error: UpstreamError) -> Value {
    match error {
        UpstreamError::Busy {
            jam: _,
            reason,
            retry_after_ms,
        } => json!({ "busy": reason, "retry_after_ms": retry_after_ms }),
        UpstreamError::Refused(error) => json!({ "refused": failure(&error) }),
        UpstreamError::Unknown(why) => json!({ "unknown": why }),
    }
}

fn failure(error: &TaskError) -> Value {
    json!([error.code, error.message, error.vendor_code])
}

fn seen(look: Look) -> Value {
    match look {
        Look::Running(percent) => json!({ "running": percent }),
        Look::Failed(error) => json!({ "failed": failure(&error) }),
        Look::Lost => json!("lost"),
        Look::UnknownWord(word) => json!({ "word": word }),
        Look::Unseen(why) => json!({ "unseen": why }),
        Look::Done(outputs) => {
            let files = outputs.files.iter().map(|file| {
                let link = match &file.source {
                    OutputSource::Link(url) => url.as_str(),
                    OutputSource::Stream(_) => "a stream",
                };
                match file.marked_copy_of {
                    None if file.kind == MediaKind::Video => {
                        json!([link, file.facts.duration_ms, file.vendor_ref])
                    }
                    None => json!([link, file.facts.duration_ms, file.vendor_ref, file.kind]),
                    Some(place) => json!({ "copy of": place, "link": link }),
                }
            });
            let files: Vec<Value> = files.collect();
            let mut done = json!({ "done": files, "quantity": outputs.quantity, "cost": outputs.cost });
            if let Some(findings) = outputs.findings {
                done["told"] = findings.told;
                done["item"] = json!(findings.vendor_ref);
            }
            done
        }
    }
}
