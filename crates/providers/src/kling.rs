//! Kling's own API (<https://kling.ai/document-api/>, read 2026-11-21) as a provider, in both of its
//! generations: the legacy calls under `/v1`, and the new standard with the model in the path. What each
//! generation takes is in `kling/legacy.rs` and `kling/standard.rs`, which of them a wish goes in
//! `kling/catalogue.rs`, what answers and codes mean in `kling/answer.rs` and `kling/codes.rs`.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use domain::credentials::{AccountFacts, Credentials, LoginKind};
use domain::error::TaskErrorCode;
use domain::provider::{
    Account, Callback, Job, Look, Lookup, Manifest, MediaForm, Provider, Receipt, Reconciled, Stopped,
    Submitted, UpstreamError, Wire,
};
use domain::{Ask, Clock, Operation, Role, TaskError};
use futures_util::{StreamExt as _, stream};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::{Entry, Setup, base64_media};

mod answer;
mod catalogue;
pub mod codes;
mod exchange;
mod legacy;
mod signing;
mod standard;

use answer::Row;
use catalogue::{Way, Ways, choose, ways};
use exchange::{Call, Failure};
use signing::Tokens;

/// The name that accounts call it by.
pub const NAME: &str = "kling";

/// Longest time for one create, in milliseconds; the submit around it also reads the pictures.
const CREATE_TIMEOUT_MS: u64 = 55_000;
/// Longest time for one look, in milliseconds. A batch and all looks that follow it one by one fit into
/// the engine's time for a look.
const LOOK_TIMEOUT_MS: u64 = 5_000;
/// Longest time for one look-up by our reference, in milliseconds; there may be two.
const LOOKUP_TIMEOUT_MS: u64 = 10_000;
/// Longest time for a question about the login, in milliseconds.
const CHECK_TIMEOUT_MS: u64 = 15_000;
/// Most tasks in one `GET /tasks`.
const BATCH_MAX: usize = 20;
/// Looks at single tasks that are on their way at once.
const SINGLES_AT_ONCE: usize = 5;
/// The longest callback that is read, in bytes.
const CALLBACK_BYTES_MAX: usize = 1024 * 1024;
/// How far back a question about the login asks, in milliseconds.
const COSTS_WINDOW_MS: i64 = 30 * 24 * 60 * 60 * 1_000;
/// What may stand in a path or query as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

static MANIFEST: Manifest = Manifest {
    name: NAME,
    about: "Kling's own API, both generations",
    documentation: "https://kling.ai/document-api/, read 2026-11-21",
    // What was sent by the new standard with a key cannot be looked up with a pair.
    logins: &[LoginKind::Pair, LoginKind::ApiKey],
    slots: 5,
    calls_back: true,
    models: catalogue::NAMES,
    operations: &[
        Operation::TextToVideo,
        Operation::ImageToVideo,
        Operation::MultiImageToVideo,
    ],
    extras: &[
        "kling.aspect_ratio",
        "kling.camera_control",
        "kling.cfg_scale",
        "kling.dynamic_masks",
        "kling.multi_prompt",
        "kling.multi_shot",
        "kling.shot_type",
        "kling.watermark_info",
    ],
    media: MediaForm::Base64,
    lookup: Lookup::Authoritative {
        absence_bound_ms: None,
    },
    can_cancel: false,
    poll_batch: BATCH_MAX,
    poll_interval_ms: 5_000,
    submit_timeout_ms: 60_000,
    deadline_ms: None,
};

/// Its line in the list.
pub static ENTRY: Entry = Entry {
    name: NAME,
    manifest: &MANIFEST,
    build,
};

/// Makes the provider ready.
fn build(setup: Setup) -> Arc<dyn Provider> {
    Arc::new(Kling {
        clock: setup.clock,
        tokens: Tokens::default(),
    })
}

/// Kling's own API.
struct Kling {
    clock: Arc<dyn Clock>,
    tokens: Tokens,
}

/// An input picture as the vendor takes it.
struct Picture {
    role: Role,
    base64: String,
}

/// What came of a look at several tasks at once.
enum Batch {
    /// The vendor's list; nothing where it was not asked.
    Rows(Value),
    /// The vendor did not take the list of names; each is asked for alone.
    Refused,
}

/// What is sent beside the wish.
struct Terms<'a> {
    external_id: &'a str,
    callback_url: Option<&'a str>,
}

#[async_trait]
impl Provider for Kling {
    fn manifest(&self) -> &Manifest {
        &MANIFEST
    }

    fn takes(&self, ask: &Ask, account: &Account) -> Result<(), TaskError> {
        choose(ask, &account.credentials).map(drop)
    }

    async fn submit(&self, job: &Job, wire: &Wire) -> Result<Submitted, UpstreamError> {
        let (path, body) = request(job, wire).await?;
        let call = Call {
            method: "POST",
            path,
            body: Some(body),
            timeout_ms: CREATE_TIMEOUT_MS,
        };
        let data = self.exchange(wire, call).await.map_err(Failure::of_submit)?;
        let receipt = Row::read(&data).and_then(|row| row.id());
        let receipt = receipt.ok_or_else(|| {
            UpstreamError::Unknown("the vendor took the task and did not name it".to_owned())
        })?;
        Ok(Submitted::Accepted(receipt))
    }

    async fn poll(&self, jobs: &[Job], wire: &Wire) -> Result<Vec<Look>, UpstreamError> {
        let receipts: Vec<&Receipt> = jobs.iter().filter_map(|job| job.receipt.as_ref()).collect();
        let has_key = matches!(wire.account.credentials, Credentials::ApiKey(_));
        let batch = match has_key && !receipts.is_empty() {
            true => self.rows(wire, "task_ids", &receipts, LOOK_TIMEOUT_MS).await,
            false => Ok(Value::Null),
        };
        let batch = match batch {
            Ok(rows) => Batch::Rows(rows),
            // One name that the vendor cannot read must not hide the others for ever.
            Err(failure) if failure.blames_parameters() && receipts.len() > 1 => Batch::Refused,
            Err(failure) => return Err(failure.of_read()),
        };
        let looks: Vec<_> = jobs.iter().map(|job| self.look(job, &batch, wire)).collect();
        Ok(stream::iter(looks).buffered(SINGLES_AT_ONCE).collect().await)
    }

    /// The vendor has no such call.
    async fn cancel(&self, _job: &Job, _wire: &Wire) -> Result<Stopped, UpstreamError> {
        Ok(Stopped::GoesOn)
    }

    async fn reconcile(&self, job: &Job, wire: &Wire) -> Result<Reconciled, UpstreamError> {
        let Ways { legacy, standard } = ways(&job.ask);
        let has_key = matches!(wire.account.credentials, Credentials::ApiKey(_));
        let by_standard = has_key && matches!(standard, Some(Ok(_)));
        if legacy.is_none() && !by_standard {
            let why = format!("no look-up of model `{}` is open to this account", job.ask.model);
            return Err(UpstreamError::Unknown(why));
        }
        if by_standard && let Some(receipt) = self.find_by_standard(job, wire).await? {
            return Ok(Reconciled::Found(receipt));
        }
        // The account may have had another kind of credentials when the task was sent.
        if legacy.is_some()
            && let Some(receipt) = self.find_by_legacy(job, wire).await?
        {
            return Ok(Reconciled::Found(receipt));
        }
        Ok(Reconciled::Absent)
    }

    fn hint(&self, callback: &Callback<'_>, account: &Account) -> Option<Receipt> {
        if callback.body.len() > CALLBACK_BYTES_MAX {
            return None;
        }
        if let Some(secret) = &account.callback_secret
            && !signing::is_signed(callback, secret, self.clock.now())
        {
            return None;
        }
        let body: Value = serde_json::from_slice(callback.body).ok()?;
        Row::read(&body)?.id()
    }

    async fn check(&self, wire: &Wire) -> Result<AccountFacts, UpstreamError> {
        let end = self.clock.now();
        let start = end.plus(-COSTS_WINDOW_MS);
        let path = format!("/account/costs?start_time={}&end_time={}", start.0, end.0);
        let call = Call::get(path, CHECK_TIMEOUT_MS);
        let data = self.exchange(wire, call).await.map_err(Failure::of_check)?;
        answer::account_facts(&data).map_err(|why| {
            let why = wire.account.credentials.redact(&why);
            UpstreamError::Refused(TaskError::new(TaskErrorCode::NoProvider, why))
        })
    }
}

impl Kling {
    /// Tasks of both generations by their names, in one call that takes API keys only.
    async fn rows(
        &self,
        wire: &Wire,
        by: &str,
        names: &[&Receipt],
        timeout_ms: u64,
    ) -> Result<Value, Failure> {
        let names: Vec<String> = names.iter().map(|name| plain(&name.0)).collect();
        let path = format!("/tasks?{by}={}", names.join(","));
        let data = self.exchange(wire, Call::get(path, timeout_ms)).await?;
        if data.is_array() {
            return Ok(data);
        }
        Err(Failure::InDoubt(
            "the vendor's answer is no list of tasks".to_owned(),
        ))
    }

    /// One look: in the rows at hand, else alone where the legacy calls may have it. An answer without
    /// the task proves nothing.
    async fn look(&self, job: &Job, batch: &Batch, wire: &Wire) -> Look {
        let Some(receipt) = &job.receipt else {
            return Look::Unseen("the task has no receipt".to_owned());
        };
        let alone;
        let rows = match batch {
            Batch::Rows(rows) => rows,
            Batch::Refused => {
                let rows = self.rows(wire, "task_ids", &[receipt], LOOK_TIMEOUT_MS).await;
                alone = rows.unwrap_or_default();
                &alone
            }
        };
        if let Some(row) = answer::find(rows, receipt) {
            return row.look(&job.ask);
        }
        if ways(&job.ask).legacy.is_none() {
            return Look::Unseen("the vendor's answer has no such task".to_owned());
        }
        match self.legacy_task(job, &receipt.0, LOOK_TIMEOUT_MS, wire).await {
            Ok(data) => match Row::read(&data).filter(|row| row.id().as_ref() == Some(receipt)) {
                Some(row) => row.look(&job.ask),
                None => Look::Unseen("the vendor answered with another task".to_owned()),
            },
            Err(failure) => Look::Unseen(failure.of_read().to_string()),
        }
    }

    async fn legacy_task(
        &self,
        job: &Job,
        name: &str,
        timeout_ms: u64,
        wire: &Wire,
    ) -> Result<Value, Failure> {
        let Some(path) = legacy::path(job.ask.operation) else {
            return Err(Failure::NotSent("there is no such legacy call".to_owned()));
        };
        let path = format!("{path}/{}", plain(name));
        self.exchange(wire, Call::get(path, timeout_ms)).await
    }

    /// The task with our reference; `None` only where the list says that there is none.
    async fn find_by_standard(&self, job: &Job, wire: &Wire) -> Result<Option<Receipt>, UpstreamError> {
        let name = Receipt(job.client_ref.clone());
        let rows = self
            .rows(wire, "external_task_ids", &[&name], LOOKUP_TIMEOUT_MS)
            .await;
        let rows = rows.map_err(Failure::of_read)?;
        match rows.as_array().map_or(&[][..], Vec::as_slice) {
            [] => Ok(None),
            [row] => found(Row::read(row), job).map(Some),
            many => Err(UpstreamError::Unknown(format!(
                "`{}` tasks have our reference",
                many.len()
            ))),
        }
    }

    /// The task with our reference; `None` only where the vendor says that there is none.
    async fn find_by_legacy(&self, job: &Job, wire: &Wire) -> Result<Option<Receipt>, UpstreamError> {
        match self
            .legacy_task(job, &job.client_ref, LOOKUP_TIMEOUT_MS, wire)
            .await
        {
            Ok(data) => found(Row::read(&data), job).map(Some),
            Err(Failure::Said {
                status,
                code,
                ref message,
                ..
            }) if codes::is_absence(status, code, message) => Ok(None),
            Err(failure) => Err(failure.of_read()),
        }
    }
}

/// The receipt of a row that is ours.
fn found(row: Option<Row<'_>>, job: &Job) -> Result<Receipt, UpstreamError> {
    let ours = row.filter(|row| row.external_id().is_none_or(|name| name == job.client_ref));
    let receipt = ours.and_then(|row| row.id());
    receipt.ok_or_else(|| UpstreamError::Unknown("the vendor answered with another task".to_owned()))
}

/// The path and body of a create.
async fn request(job: &Job, wire: &Wire) -> Result<(String, Bytes), UpstreamError> {
    let ask = &*job.ask;
    let refused = |message: String| UpstreamError::Refused(TaskError::new(TaskErrorCode::Refused, message));
    if ask.count != 1 {
        return Err(refused(format!("count cannot be `{}`; allowed: 1", ask.count)));
    }
    let way = choose(ask, &wire.account.credentials).map_err(UpstreamError::Refused)?;
    let (path, bytes_max) = match &way {
        Way::Legacy(_) => (
            legacy::path(ask.operation).map(str::to_owned),
            legacy::PICTURE_BYTES_MAX,
        ),
        Way::Standard(model) => (standard::path(ask.operation, model), standard::PICTURE_BYTES_MAX),
    };
    let path = path.ok_or_else(|| refused(format!("`{}` is not served", ask.operation.word())))?;
    let mut pictures = Vec::with_capacity(job.media.len());
    for media in &job.media {
        pictures.push(Picture {
            role: media.role,
            base64: base64_media::read(&media.staged, bytes_max, wire).await?,
        });
    }
    let terms = Terms {
        external_id: &job.client_ref,
        callback_url: wire.account.callback_url.as_deref(),
    };
    let text: usize = pictures.iter().map(|picture| picture.base64.len()).sum();
    let body = match way {
        Way::Legacy(model) => legacy::body(ask, &model, pictures, &terms),
        Way::Standard(model) => standard::body(ask, &model, pictures, &terms),
    };
    /// Room for everything but pictures, in bytes.
    const WORDS_BYTES: usize = 8 * 1024;
    let mut bytes = Vec::with_capacity(text + WORDS_BYTES);
    let written = serde_json::to_writer(&mut bytes, &body);
    written.map_err(|error| refused(format!("the wish cannot be written: {error}")))?;
    Ok((path, Bytes::from(bytes)))
}

/// Whether several shots are asked for.
fn is_multi_shot(ask: &Ask) -> bool {
    ask.extras.get("kling.multi_shot").and_then(Value::as_bool) == Some(true)
}

/// Whether the shots have prompts of their own, which stand for the prompt.
fn has_own_shots(ask: &Ask) -> bool {
    is_multi_shot(ask) && ask.extras.get("kling.multi_prompt").is_some_and(Value::is_array)
}

/// The vendor's ratio that is nearest to the frame: between 16:9 and 1:1 the border is 4:3.
fn ratio(ask: &Ask) -> &str {
    if let Some(said) = ask.extras.get("kling.aspect_ratio").and_then(Value::as_str) {
        return said;
    }
    let (width, height) = (u64::from(ask.size.width), u64::from(ask.size.height));
    if 3 * width >= 4 * height {
        return "16:9";
    }
    if 4 * width <= 3 * height {
        return "9:16";
    }
    "1:1"
}

/// A name as it may stand in a path or query.
fn plain(name: &str) -> String {
    utf8_percent_encode(name, PLAIN).to_string()
}
