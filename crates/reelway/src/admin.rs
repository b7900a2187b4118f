//! The operator's API: over the one port with an admin key, over the socket in the data directory
//! without one, because only the owner of that directory can reach it. Its paths are a table in
//! `admin/paths.rs`.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use axum::routing::get;
use domain::audit::Actor;

use crate::admin::audit::By;
use crate::front::request_id;
use crate::wiring::House;
use crate::{health, metrics, problem, telemetry};

pub mod accounts;
pub mod audit;
pub mod deliveries;
pub mod fields;
pub mod keys;
pub mod ledger;
pub mod paths;
pub mod prices;
pub mod reconcile;
pub mod recount;
pub mod tasks;
pub mod tenants;
pub mod terms;

/// Where the operator's paths begin.
pub const MOUNT: &str = "/api/v1/admin";

/// Every route, behind the audit log.
fn routes(house: Arc<House>) -> Router<Arc<House>> {
    let rows = paths::ALL.iter();
    let router = rows.fold(Router::new(), |router, row| router.route(row.path, (row.mount)()));
    router.layer(axum::middleware::from_fn_with_state(house, audit::record))
}

/// The operator's API behind the gate, to be nested under [`MOUNT`].
pub fn over_tcp(house: Arc<House>) -> Router<Arc<House>> {
    routes(Arc::clone(&house)).layer(axum::middleware::from_fn_with_state(house, admit))
}

/// The operator's API for the socket in the data directory.
pub fn over_socket(house: Arc<House>) -> Router {
    let access = axum::middleware::from_fn_with_state(Arc::clone(&house), telemetry::access);
    Router::new()
        .nest(MOUNT, routes(Arc::clone(&house)))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::scrape_inside))
        .layer(access)
        .with_state(house)
}

async fn admit(State(house): State<Arc<House>>, mut request: Request, next: Next) -> Response {
    let admitted = house
        .gate
        .admit_admin(request.headers(), request.extensions())
        .await;
    match admitted {
        Ok(caller) => {
            request.extensions_mut().insert(By(Actor::Key(caller.key)));
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(refusal) => problem::answer(&refusal, &request_id(request.extensions())),
    }
}
