//! The audit log: acts of operators. Rows are added and ended, never changed otherwise and never taken away.

use async_trait::async_trait;

use crate::audit::{Act, ActFilter, Ending};
use crate::ids::Id;
use crate::store::StoreError;

/// Acts of operators.
#[async_trait]
pub trait Audit: Send + Sync {
    /// Writes an act down before it is done. Writing the same one again changes nothing.
    ///
    /// # Errors
    /// [`StoreError`] when it was not written: then it must not be done.
    async fn begin_act(&self, act: &Act) -> Result<(), StoreError>;

    /// Writes down what came of an act. The first ending stays.
    ///
    /// # Errors
    /// [`StoreError`] when it was not written.
    async fn end_act(&self, id: Id, ending: &Ending) -> Result<(), StoreError>;

    /// Acts, newest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    async fn acts(&self, filter: &ActFilter) -> Result<Vec<Act>, StoreError>;
}
