//! Counting anew what keys and tenants used, for the operator. The same verb serves commands that open the database
//! themselves; what is counted and how it is mended is the store's business.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::response::Response;
use domain::store::{Counted, Recount, RecountReport, Recounted};
use domain::{KeyId, Refusal, Store, TenantId};
use serde::{Deserialize, Serialize};

use crate::admin::audit::about;
use crate::admin::fields::Fields;
use crate::admin::keys::{key_spelled, unavailable};
use crate::admin::tenants::spelled;
use crate::front::request_id;
use crate::period::day;
use crate::problem;
use crate::wiring::House;

/// What the audit log says of a recount that only looks.
const DRY_RUN: &str = "dry_run";

/// What a recount found.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RecountView {
    /// Always `recount`.
    pub object: String,
    /// Whether nothing was changed.
    pub dry_run: bool,
    /// Tenants that were looked at.
    pub tenants: u64,
    /// Counts that were wrong; they are right now, unless it was a dry run.
    pub wrong: u64,
    /// The first of them.
    pub data: Vec<WrongView>,
    /// Whether there are more than these.
    pub has_more: bool,
}

/// A count that was wrong.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WrongView {
    /// The tenant, or the first key of a line, by its id; of nobody's: 32 digits.
    pub holder: String,
    /// The tenant by name.
    pub tenant: Option<String>,
    /// The day (UTC); none: over all time.
    pub day: Option<String>,
    /// What was kept.
    pub kept: Counted,
    /// What tasks and ledger lines say.
    pub found: Counted,
}

/// Counts anew, and mends unless it is told to look only.
///
/// # Errors
/// A refusal when the store does not answer; what was mended until then stays.
pub async fn recounted(store: &dyn Store, recount: Recount) -> Result<RecountView, Refusal> {
    let report = store.statements().recount(recount).await;
    let RecountReport {
        tenants,
        wrong,
        first,
    } = report.map_err(|error| unavailable(&error))?;
    let names = store
        .registry()
        .tenants()
        .await
        .map_err(|error| unavailable(&error))?;
    let names: HashMap<TenantId, String> = names.into_iter().map(|tenant| (tenant.id, tenant.name)).collect();
    let dry_run = recount == Recount::Dry;
    tracing::info!(tenants, wrong, dry_run, "ledger.recounted");
    let view = |recounted: &Recounted| WrongView {
        holder: holder(recounted),
        tenant: recounted.tenant.and_then(|tenant| names.get(&tenant).cloned()),
        day: recounted.day.map(day),
        kept: recounted.kept,
        found: recounted.found,
    };
    Ok(RecountView {
        object: "recount".to_owned(),
        dry_run,
        tenants,
        wrong,
        has_more: wrong > first.len() as u64,
        data: first.iter().map(view).collect(),
    })
}

fn holder(recounted: &Recounted) -> String {
    match recounted.tenant {
        None => recounted.holder.hex(),
        Some(tenant) if tenant.0 == recounted.holder => spelled(tenant),
        Some(_) => key_spelled(KeyId(recounted.holder)),
    }
}

/// `POST /ledger/recount`
pub async fn recount(State(house): State<Arc<House>>, request: Request) -> Response {
    let id = request_id(request.extensions());
    let counted = async {
        let mut fields = Fields::of_body(request.into_body()).await?;
        let dry_run = fields.flag(DRY_RUN)?.unwrap_or(false);
        fields.done()?;
        let recount = if dry_run { Recount::Dry } else { Recount::Mending };
        recounted(&**house.engine.store(), recount).await
    };
    match counted.await {
        Ok(view) => about(if view.dry_run { DRY_RUN } else { "" }, Json(view)),
        Err(refusal) => problem::answer(&refusal, &id),
    }
}
