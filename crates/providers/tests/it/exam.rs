//! Every provider sits the exam; those that reach the outside sit the part about upstreams too.

use std::sync::Arc;

use domain::Blobs;
use domain::provider::{Account, UpstreamError};
use providers::kling::calls::{Answers, ROWS, Row};
use testkit::conform::provider::{Candidate, Fault, sit, sit_as_upstream, survive};

use crate::stage::{
    ACCESS_KEY, API_KEY, SECRET_KEY, key_account, kling_ask, pair_account, plain_job, provider,
};

fn candidate(name: &str, account: Account, secrets: &[&str]) -> Candidate {
    let (job, blobs) = plain_job();
    let blobs: Arc<dyn Blobs> = blobs;
    Candidate {
        provider: provider(name).0,
        account,
        secrets: secrets.iter().map(ToString::to_string).collect(),
        blobs,
        job,
    }
}

#[tokio::test]
async fn every_provider_of_the_list_keeps_what_all_promise() {
    for entry in providers::ALL {
        sit(&candidate(entry.name, key_account(entry.name), &[API_KEY])).await;
    }
}

#[tokio::test]
async fn every_upstream_keeps_what_upstreams_promise_with_a_key() {
    for entry in providers::ALL.iter().filter(|entry| entry.name != "animatic") {
        sit_as_upstream(&candidate(entry.name, key_account(entry.name), &[API_KEY])).await;
    }
}

#[tokio::test]
async fn kling_keeps_what_upstreams_promise_with_a_pair() {
    sit_as_upstream(&candidate(
        "kling",
        pair_account("kling"),
        &[ACCESS_KEY, SECRET_KEY],
    ))
    .await;
}

/// Both kinds of login, because they are looked at in other ways.
async fn kling_survives(fault: Fault) {
    survive(&candidate("kling", key_account("kling"), &[]), fault).await;
    survive(&candidate("kling", pair_account("kling"), &[]), fault).await;
}

#[tokio::test]
async fn an_empty_answer_proves_nothing() {
    kling_survives(Fault::Empty).await;
}

#[tokio::test]
async fn an_answer_in_html_proves_nothing() {
    kling_survives(Fault::Html).await;
}

#[tokio::test]
async fn a_truncated_answer_proves_nothing() {
    kling_survives(Fault::Truncated).await;
}

#[tokio::test]
async fn a_deeply_nested_answer_proves_nothing() {
    kling_survives(Fault::Deep).await;
}

#[tokio::test]
async fn an_answer_of_wrong_types_proves_nothing() {
    kling_survives(Fault::WrongTypes).await;
}

#[tokio::test]
async fn a_huge_answer_proves_nothing() {
    kling_survives(Fault::Huge).await;
}

#[tokio::test]
async fn a_slow_answer_proves_nothing() {
    kling_survives(Fault::Slow).await;
}

#[tokio::test]
async fn an_answer_that_is_cut_off_proves_nothing() {
    kling_survives(Fault::CutOff).await;
}

#[tokio::test]
async fn a_lost_answer_proves_nothing() {
    kling_survives(Fault::Lost).await;
}

#[tokio::test]
async fn a_redirect_proves_nothing() {
    kling_survives(Fault::Redirect).await;
}

/// Every call of Kling's that makes a task sits the same part as the plain one.
#[tokio::test]
async fn every_kind_of_work_of_kling_survives_every_fault() {
    for row in kling_rows(|answers| answers == Answers::Later) {
        for account in [key_account("kling"), pair_account("kling")] {
            let mut candidate = candidate("kling", account, &[]);
            candidate.job.ask = Arc::new(kling_ask(row));
            for fault in Fault::ALL {
                survive(&candidate, fault).await;
            }
        }
    }
}

#[tokio::test]
async fn a_call_that_answers_at_once_is_in_doubt_where_it_costs_and_made_again_where_it_does_not() {
    for row in kling_rows(|answers| answers != Answers::Later) {
        let mut candidate = candidate("kling", pair_account("kling"), &[]);
        candidate.job.ask = Arc::new(kling_ask(row));
        for answer in Fault::ALL.iter().flat_map(|fault| fault.answers()) {
            let submitted = candidate.submit(answer).await;
            let is_right = match row.answers {
                Answers::AtOnceForFree => matches!(submitted, Err(UpstreamError::Busy { .. })),
                _ => matches!(submitted, Err(UpstreamError::Unknown(_))),
            };
            assert!(is_right, "{} {}", row.path, row.case);
        }
    }
}

fn kling_rows(wanted: impl Fn(Answers) -> bool) -> impl Iterator<Item = &'static Row> {
    ROWS.iter().filter(move |row| wanted(row.answers))
}
