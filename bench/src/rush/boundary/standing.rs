//! Terms that a wish meets or does not, whatever was used: the models and networks of a key, a tenant that is
//! suspended, a key that is revoked. They change at one process and hold at both, and are taken back.

use serde_json::{Value, json};

use super::cell::Cell;
use crate::rush::dialects::Way;
use crate::stopwatch::Stopwatch;

/// Puts the term in the way, and takes it away again.
pub(super) async fn play(cell: &mut Cell, way: Way) -> anyhow::Result<()> {
    cell.found_without().await?;
    for process in [0, 1] {
        cell.take(process).await?;
    }
    let since = put(cell, way).await?;
    cell.until_refused(1, since, &way).await?;
    cell.refuse(&way).await?;
    let Some(undone) = undone(way) else {
        return Ok(());
    };
    let since = cell.patch(0, &undone).await?;
    cell.until_taken(1, since, &way).await?;
    for process in [0, 1] {
        cell.take(process).await?;
    }
    Ok(())
}

async fn put(cell: &mut Cell, way: Way) -> anyhow::Result<Stopwatch> {
    let patch = match way {
        Way::Revoked => return cell.revoke(0).await,
        Way::Suspended => json!({ "suspended": true }),
        Way::Network => json!({ "scope": { "networks": ["203.0.113.0/24"] } }),
        // A model that no wish of a rush asks for.
        Way::Scope | Way::Balance | Way::Limit(_) => json!({ "scope": { "models": ["kling-v1"] } }),
    };
    cell.patch(0, &patch).await
}

/// What takes a term away; a revoked key is not given back.
fn undone(way: Way) -> Option<Value> {
    match way {
        Way::Revoked => None,
        Way::Suspended => Some(json!({ "suspended": false })),
        Way::Network | Way::Scope | Way::Balance | Way::Limit(_) => Some(json!({ "scope": null })),
    }
}
