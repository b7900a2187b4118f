//! The store's tests: SQLite sits the exam, and what only SQLite promises.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on says so by a panic, in its helpers too"
)]

mod coherence;
mod locks;
mod place;
mod proofs;

use place::Place;
use testkit::conform::store::exam;

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_sits_the_exam_of_the_store() {
    exam(|| async { Place::boxed() }).await;
}
