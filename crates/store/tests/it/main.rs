//! The store's tests: SQLite sits the exam, and what only SQLite promises.

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
