//! What an erased task leaves behind is forgotten in the transaction that erases it: its wish, the answer to a
//! repeat, its webhooks' addresses and bodies, and its uses of blobs. Erasures are rare: one after the other.

use std::collections::BTreeSet;

use deadpool_postgres::ClientWrapper;

use crate::postgres::fault::Trouble;
use crate::postgres::ground::run;
use crate::rows::{self, ChangeRows};
use crate::sql::erasure;

/// Forgets what changes take away, where they take anything away.
pub(super) async fn erase(client: &ClientWrapper, changes: &[&ChangeRows]) -> Result<(), Trouble> {
    // In order, so that two batches with the same blobs do not wait in a circle.
    let mut freed = BTreeSet::new();
    for change in changes {
        let id = &change.course.id[..];
        if let Some(origin) = &change.erased {
            run(client, erasure::TASK, &[origin, &id]).await?;
            let at = change.change.task.origin.created_at.0;
            let (head, nothing) = (rows::erased_head()?, &[0_u8; 0][..]);
            run(client, erasure::REPEAT, &[&head, &nothing, &at, &id]).await?;
            run(client, erasure::WEBHOOKS, &[&id]).await?;
        }
        for blob in &change.change.frees {
            run(client, erasure::BLOB_USE, &[&blob.as_str(), &id]).await?;
            freed.insert(blob.as_str());
        }
    }
    for blob in freed {
        run(client, erasure::BLOB, &[&blob]).await?;
    }
    Ok(())
}
