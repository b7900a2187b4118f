//! The store's tests: every database sits the exam, and what only one of them promises.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on says so by a panic, in its helpers too"
)]

mod coherence;
mod locks;
mod logs;
mod place;
mod proofs;
mod recounts;
mod servers;
mod steps;

use place::{Place, Server};
use testkit::conform::store::{Database, exam};

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_sits_the_exam_of_the_store() {
    exam(|| async { Box::new(Place::new()) as Box<dyn Database> }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgresql_sits_the_exam_of_the_store() {
    exam(|| async { Box::new(Server::new()) as Box<dyn Database> }).await;
}
