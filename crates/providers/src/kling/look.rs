//! Looks at tasks and looks them up by our reference: which call knows a task, and what its answer proves.
//!
//! Source: <https://kling.ai/document-api/>, queries and lists of both generations, checked 2026-11-21.

use bytes::Bytes;
use domain::provider::{Job, Look, Receipt, Reconciled, UpstreamError, Wire};
use serde_json::{Value, json};

use super::answer::{self, Row};
use super::calls::{self, Reference};
use super::catalogue::{Ways, ways};
use super::exchange::{Call, Failure};
use super::{Kling, LOOK_TIMEOUT_MS, LOOKUP_TIMEOUT_MS, codes, has_key, plain};

/// Tasks on one page of a list that is searched.
const PAGE_TASKS: u32 = 100;
/// The most pages that are searched.
const PAGES_MAX: u32 = 2;

/// What came of a look at several tasks at once.
pub(super) enum Batch {
    /// The vendor's list; nothing where it was not asked.
    Rows(Value),
    /// The vendor did not take the list of names; each is asked for alone.
    Refused,
}

/// Whether the list of both generations tells all of a task's result. What is more than clips is asked for by
/// its own path, which has the words for it.
pub(super) fn is_listed(job: &Job) -> bool {
    calls::find(&job.ask).is_some_and(|call| call.shape.is_clips())
}

impl Kling {
    /// Tasks of both generations by their names, in one call that takes API keys only.
    pub(super) async fn rows(
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
    pub(super) async fn look(&self, job: &Job, batch: &Batch, wire: &Wire) -> Look {
        let Some(receipt) = &job.receipt else {
            return Look::Unseen("the task has no receipt".to_owned());
        };
        let Some(call) = calls::find(&job.ask) else {
            return Look::Unseen(format!("`{}` is not served", job.ask.operation.word()));
        };
        let alone;
        let rows = match batch {
            Batch::Rows(rows) => rows,
            Batch::Refused if !is_listed(job) => &Value::Null,
            Batch::Refused => {
                let rows = self.rows(wire, "task_ids", &[receipt], LOOK_TIMEOUT_MS).await;
                alone = rows.unwrap_or_default();
                &alone
            }
        };
        if is_listed(job)
            && let Some(row) = answer::find(rows, receipt)
        {
            return row.look(&job.ask, call);
        }
        if call.reference == Reference::None {
            return Look::Unseen("the call answers at once and has nothing to look at".to_owned());
        }
        if ways(&job.ask).legacy.is_none() {
            return Look::Unseen("the vendor's answer has no such task".to_owned());
        }
        match self.legacy_task(job, &receipt.0, LOOK_TIMEOUT_MS, wire).await {
            Ok(data) => match Row::read(&data).filter(|row| row.id().as_ref() == Some(receipt)) {
                Some(row) => row.look(&job.ask, call),
                None => Look::Unseen("the vendor answered with another task".to_owned()),
            },
            Err(failure) => Look::Unseen(failure.of_read().to_string()),
        }
    }

    /// Looks a doubtful submit up on every way that it may have gone.
    pub(super) async fn look_up(&self, job: &Job, wire: &Wire) -> Result<Reconciled, UpstreamError> {
        let Ways { legacy, standard } = ways(&job.ask);
        let reference = calls::find(&job.ask).map_or(Reference::None, |call| call.reference);
        if reference == Reference::None && legacy.is_some() {
            return Ok(Reconciled::NoLookup);
        }
        let by_standard = has_key(wire) && matches!(standard, Some(Ok(_)));
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
        if reference == Reference::Newest {
            return self.find_among_newest(job, wire).await;
        }
        Ok(Reconciled::Absent)
    }

    async fn legacy_task(
        &self,
        job: &Job,
        name: &str,
        timeout_ms: u64,
        wire: &Wire,
    ) -> Result<Value, Failure> {
        let Some(call) = calls::find(&job.ask) else {
            return Err(Failure::NotSent("there is no such legacy call".to_owned()));
        };
        let path = format!("{}/{}", call.path, plain(name));
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

    /// The task with our reference among the newest ones, where no call documents that it finds it. That it is
    /// not among them proves nothing.
    async fn find_among_newest(&self, job: &Job, wire: &Wire) -> Result<Reconciled, UpstreamError> {
        let mut cursor = None;
        for page in 1..=PAGES_MAX {
            let call = match (has_key(wire), calls::find(&job.ask)) {
                (true, _) => page_by_cursor(cursor.as_deref()),
                (false, Some(call)) => {
                    let path = format!("{}?pageNum={page}&pageSize={PAGE_TASKS}", call.path);
                    Call::get(path, LOOK_TIMEOUT_MS)
                }
                (false, None) => break,
            };
            let list = self.exchange(wire, call).await.map_err(Failure::of_read)?;
            let mut rows = answer::rows_of(&list);
            let own = rows.find(|row| row.external_id().as_ref() == Some(&job.client_ref));
            if let Some(receipt) = own.and_then(|row| row.id()) {
                return Ok(Reconciled::Found(receipt));
            }
            cursor = answer::next_page(&list);
            let is_last = match has_key(wire) {
                true => cursor.is_none(),
                false => answer::rows_of(&list).count() < PAGE_TASKS as usize,
            };
            if is_last {
                break;
            }
        }
        Err(UpstreamError::Unknown(
            "our reference is not among the newest tasks, which proves nothing here".to_owned(),
        ))
    }
}

/// A page of all tasks, newest first.
fn page_by_cursor(cursor: Option<&str>) -> Call {
    let body = match cursor {
        Some(cursor) => json!({ "cursor": cursor }),
        None => json!({ "limit": PAGE_TASKS }),
    };
    Call {
        method: "POST",
        path: "/tasks".to_owned(),
        body: Some(Bytes::from(body.to_string())),
        timeout_ms: LOOK_TIMEOUT_MS,
    }
}

/// The receipt of a row that is ours.
fn found(row: Option<Row<'_>>, job: &Job) -> Result<Receipt, UpstreamError> {
    let ours = row.filter(|row| row.external_id().is_none_or(|name| name == job.client_ref));
    let receipt = ours.and_then(|row| row.id());
    receipt.ok_or_else(|| UpstreamError::Unknown("the vendor answered with another task".to_owned()))
}
