//! One call to the vendor: opened with the login, read out of its envelope. A failure is told apart by
//! what it proves; what a client or operator may read of it is free of secrets.
//!
//! Source: <https://kling.ai/document-api/>, authentication and envelope, checked 2026-11-21.

use bytes::Bytes;
use domain::TaskError;
use domain::credentials::redact;
use domain::error::TaskErrorCode;
use domain::provider::{Jam, UpstreamError, Wire};
use secrecy::ExposeSecret as _;
use serde_json::Value;

use super::Kling;
use super::answer::{clipped, text, whole};
use super::codes::{self, Then};
use crate::json_call::{self, JsonCall, JsonReply, NoReply};

/// Where the vendor is reached.
const BASE_URL: &str = "https://api-singapore.klingai.com";
/// The longest answer, in bytes: twenty tasks with all that the vendor says of them take some 40 KiB.
const REPLY_BYTES_MAX: u64 = 1024 * 1024;
/// The longest text of the vendor that is passed on, in characters.
const MESSAGE_CHARS_MAX: usize = 300;
/// Pause before a login without credentials is tried again, in milliseconds.
const NO_CREDENTIALS_PAUSE_MS: u64 = 60_000;

/// What the vendor says of a voice or an element that is not there.
const NOT_THERE: &str = "not found";

/// Why a call brought no data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    /// The login has nothing to be opened with; nothing was sent.
    NoCredentials,
    /// Nothing was sent.
    NotSent(String),
    /// Something was sent, and what came back, if anything, proves nothing.
    InDoubt(String),
    /// The vendor said no.
    Said {
        status: u16,
        code: i64,
        message: String,
        retry_after_ms: Option<u64>,
    },
}

/// What is called.
pub(super) struct Call {
    pub(super) method: &'static str,
    /// From the slash behind the host, with its query.
    pub(super) path: String,
    pub(super) body: Option<Bytes>,
    pub(super) timeout_ms: u64,
}

impl Call {
    /// A read.
    pub(super) fn get(path: String, timeout_ms: u64) -> Call {
        Call {
            method: "GET",
            path,
            body: None,
            timeout_ms,
        }
    }
}

impl Kling {
    /// Makes one call and returns its `data`.
    pub(super) async fn exchange(&self, wire: &Wire, call: Call) -> Result<Value, Failure> {
        let account = &wire.account;
        let bearer = self.tokens.bearer(account, self.clock.now());
        let bearer = bearer.ok_or(Failure::NoCredentials)?;
        let base = account.base_url.as_deref().unwrap_or(BASE_URL);
        let json_call = JsonCall {
            method: call.method,
            url: format!("{}{}", base.trim_end_matches('/'), call.path),
            bearer: bearer.clone(),
            body: call.body,
            timeout_ms: call.timeout_ms,
            limit_bytes: REPLY_BYTES_MAX,
        };
        let reply = json_call::send(&*wire.transport, json_call).await;
        let reply = reply.map_err(|error| match error {
            NoReply::NotSent(why) => Failure::NotSent(why),
            NoReply::InDoubt(why) => Failure::InDoubt(why),
        })?;
        let data = open(reply);
        data.map_err(|failure| match failure {
            Failure::Said {
                status,
                code,
                message,
                retry_after_ms,
            } => {
                if codes::spoils_token(code) {
                    self.tokens.forget(&account.name);
                }
                let message = account.credentials.redact(&message);
                let message = redact(&message, [bearer.expose_secret()]);
                Failure::Said {
                    status,
                    code,
                    message: clipped(&message, MESSAGE_CHARS_MAX),
                    retry_after_ms,
                }
            }
            other => other,
        })
    }
}

/// Opens the envelope.
fn open(reply: JsonReply) -> Result<Value, Failure> {
    let status = reply.status;
    let mut body = match reply.body {
        Ok(body) => body,
        Err(why) => return Err(Failure::InDoubt(format!("HTTP {status}: {why}"))),
    };
    let Some(code) = whole(&body, "code") else {
        let why = format!("HTTP {status}: the reply has no `code`");
        return Err(Failure::InDoubt(why));
    };
    if code == 0 && (200..300).contains(&status) {
        return Ok(body.get_mut("data").map(Value::take).unwrap_or_default());
    }
    Err(Failure::Said {
        status,
        code,
        message: text(&body, "message").unwrap_or_default(),
        retry_after_ms: reply.retry_after_ms,
    })
}

impl Failure {
    /// Whether the vendor could not read what it was asked.
    pub(super) fn blames_parameters(&self) -> bool {
        matches!(
            self,
            Failure::Said {
                code: 1200 | 1201,
                ..
            }
        )
    }

    /// Whether the vendor said that what was named is not there.
    pub(super) fn says_not_there(&self) -> bool {
        matches!(self, Failure::Said { status, code: 1201 | 1203, message, .. }
            if (400..500).contains(status) && message.to_lowercase().contains(NOT_THERE))
    }

    /// What the failure of a submit proves.
    pub(super) fn of_submit(self) -> UpstreamError {
        match self {
            Failure::NoCredentials => UpstreamError::Busy {
                jam: Jam::Login,
                reason: "the account has no credentials".to_owned(),
                retry_after_ms: Some(NO_CREDENTIALS_PAUSE_MS),
            },
            Failure::NotSent(reason) => UpstreamError::Busy {
                jam: Jam::Upstream,
                reason,
                retry_after_ms: None,
            },
            Failure::InDoubt(why) => UpstreamError::Unknown(why),
            Failure::Said {
                status,
                code,
                message,
                retry_after_ms,
            } => codes::instruction(status, code, &message, retry_after_ms),
        }
    }

    /// What the failure of a read proves: nothing. A read never refuses a task.
    pub(super) fn of_read(self) -> UpstreamError {
        // For the operator alone, so in the vendor's own words.
        let said = match &self {
            Failure::Said {
                status,
                code,
                message,
                ..
            } => Some(format!("HTTP {status}, code {code}: {message}")),
            _ => None,
        };
        match self.of_submit() {
            UpstreamError::Refused(error) => {
                UpstreamError::Unknown(said.unwrap_or_else(|| error.to_string()))
            }
            other => other,
        }
    }

    /// What a failure says of the login, for its owner: the vendor's own words, always.
    pub(super) fn of_check(self) -> UpstreamError {
        let Failure::Said {
            status,
            code,
            ref message,
            ..
        } = self
        else {
            return self.of_submit();
        };
        let row = codes::find(code).filter(|_| (400..500).contains(&status));
        let is_for_now = row.is_some_and(|row| row.blame == codes::Blame::Pace);
        let kind = match row.map(|row| row.then) {
            Some(Then::Refused(kind)) => kind,
            Some(Then::Busy(_)) if !is_for_now => TaskErrorCode::NoProvider,
            _ => return self.of_submit(),
        };
        UpstreamError::Refused(TaskError {
            code: kind,
            message: format!("HTTP {status}, code {code}: {message}"),
            vendor_code: Some(code),
        })
    }
}
