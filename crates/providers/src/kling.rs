//! Kling's own API (<https://kling.ai/document-api/>, read 2026-11-21) as a provider, in both of its
//! generations: the legacy calls under `/v1`, and the new standard with the model in the path. The calls are a
//! table in `kling/calls.rs`, what their results look like one in `kling/shapes.rs`; which of the ways a wish
//! goes is in `kling/catalogue.rs`, what is sent in `kling/wish.rs` and the files of the kinds of work, what
//! answers and codes mean in `kling/answer.rs` and `kling/codes.rs`.

use std::sync::Arc;

use async_trait::async_trait;
use domain::credentials::{AccountFacts, Credentials, LoginKind};
use domain::error::TaskErrorCode;
use domain::findings::Findings;
use domain::invoice::{Invoice, InvoiceWish};
use domain::provider::{
    Account, Callback, Jam, Job, Look, Lookup, Manifest, MediaForm, Outputs, Provider, Receipt, Reconciled,
    Stopped, Submitted, UpstreamError, Wire,
};
use domain::{Ask, Clock, TaskError};
use futures_util::{StreamExt as _, stream};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::{Entry, Setup};

mod answer;
mod audio;
mod avatar;
pub mod calls;
mod catalogue;
pub mod codes;
mod effects;
mod elements;
mod exchange;
mod extend;
mod images;
mod invoice;
mod items;
mod legacy;
mod library;
mod lips;
mod look;
mod media;
mod motion;
mod omni;
mod recognition;
mod results;
pub mod shapes;
mod signing;
mod standard;
mod voices;
mod wish;

use answer::{NotDone, Row};
use calls::Answers;
use catalogue::choose;
use exchange::{Call, Failure};
use look::Batch;
use signing::Tokens;
use wish::Request;

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
    operations: &calls::OPERATIONS,
    extras: &[
        "kling.asmr_mode",
        "kling.aspect_ratio",
        "kling.bgm_prompt",
        "kling.camera_control",
        "kling.cfg_scale",
        "kling.character_orientation",
        "kling.down_expansion_ratio",
        "kling.dynamic_masks",
        "kling.edit_mode",
        "kling.effect_scene",
        "kling.element_description",
        "kling.element_ids",
        "kling.element_name",
        "kling.face_choose",
        "kling.frame_index",
        "kling.generation",
        "kling.human_fidelity",
        "kling.image_fidelity",
        "kling.image_reference",
        "kling.image_types",
        "kling.input",
        "kling.keep_original_sound",
        "kling.left_expansion_ratio",
        "kling.model_name",
        "kling.multi_prompt",
        "kling.multi_shot",
        "kling.points",
        "kling.refer_type",
        "kling.reference_type",
        "kling.resolution",
        "kling.result_type",
        "kling.right_expansion_ratio",
        "kling.selection",
        "kling.series_amount",
        "kling.shot_type",
        "kling.sound_effect_prompt",
        "kling.tag_list",
        "kling.up_expansion_ratio",
        "kling.voice_id",
        "kling.voice_ids",
        "kling.voice_language",
        "kling.voice_name",
        "kling.voice_speed",
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
        let Request { call, path, body } = wish::request(job, wire).await?;
        let sent = Call {
            method: "POST",
            path,
            body: Some(body),
            timeout_ms: CREATE_TIMEOUT_MS,
        };
        let answered = self.exchange(wire, sent).await;
        if call.answers != Answers::Later {
            return at_once(job, call, answered);
        }
        let data = answered.map_err(Failure::of_submit)?;
        let receipt = Row::read(&data).and_then(|row| row.id());
        let receipt = receipt.ok_or_else(|| {
            UpstreamError::Unknown("the vendor took the task and did not name it".to_owned())
        })?;
        Ok(Submitted::Accepted(receipt))
    }

    async fn poll(&self, jobs: &[Job], wire: &Wire) -> Result<Vec<Look>, UpstreamError> {
        let listed = jobs.iter().filter(|job| look::is_listed(job));
        let receipts: Vec<&Receipt> = listed.filter_map(|job| job.receipt.as_ref()).collect();
        let batch = match has_key(wire) && !receipts.is_empty() {
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
        self.look_up(job, wire).await
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

    async fn invoice(&self, wish: &InvoiceWish, wire: &Wire) -> Result<Option<Invoice>, UpstreamError> {
        self.part(wish, wire).await.map(Some)
    }
}

/// What came of a call that answers at once. Where it costs nothing it is made again when it is not known
/// whether it was made; a deletion of what is not there has done what it should.
fn at_once(
    job: &Job,
    call: &calls::Row,
    answered: Result<Value, Failure>,
) -> Result<Submitted, UpstreamError> {
    let may_repeat = call.answers == Answers::AtOnceForFree;
    let doubt = |why: String| match may_repeat {
        true => UpstreamError::Busy {
            jam: Jam::Upstream,
            reason: why,
            retry_after_ms: None,
        },
        false => UpstreamError::Unknown(why),
    };
    let own_name = || Receipt(job.client_ref.clone());
    let data = match answered {
        Ok(data) => data,
        Err(failure) if call.shape.is_nothing() && failure.says_not_there() => {
            return Ok(Submitted::Done(own_name(), gone()));
        }
        Err(failure) => {
            return Err(match failure.of_submit() {
                UpstreamError::Unknown(why) => doubt(why),
                other => other,
            });
        }
    };
    match answer::at_once(&data, &job.ask, call) {
        Ok(outputs) => {
            let receipt = Row::read(&data).and_then(|row| row.id());
            Ok(Submitted::Done(receipt.unwrap_or_else(own_name), outputs))
        }
        Err(NotDone::Failed(error)) => Err(UpstreamError::Refused(error)),
        Err(NotDone::Unknown(why)) => Err(doubt(why)),
    }
}

/// What is left of an item that was taken away.
fn gone() -> Outputs {
    Outputs {
        files: Vec::new(),
        findings: Some(Box::new(Findings::default())),
        quantity: None,
        cost: None,
        ended_at: None,
    }
}

/// A refusal before anything was sent.
fn refused(code: TaskErrorCode, message: impl Into<String>) -> UpstreamError {
    UpstreamError::Refused(TaskError::new(code, message))
}

/// Whether the login may use the new standard.
fn has_key(wire: &Wire) -> bool {
    matches!(wire.account.credentials, Credentials::ApiKey(_))
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
