//! The operator's API: over the one port with an admin key, over the socket in the data directory
//! without one, because only the owner of that directory can reach it. Its paths are a table in
//! `admin/paths.rs`.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use axum::routing::get;

use crate::front::request_id;
use crate::wiring::House;
use crate::{health, metrics, problem, telemetry};

pub mod accounts;
pub mod deliveries;
pub mod keys;
pub mod ledger;
pub mod paths;
pub mod tasks;

/// Where the operator's paths begin.
pub const MOUNT: &str = "/api/v1/admin";

fn routes() -> Router<Arc<House>> {
    let rows = paths::ALL.iter();
    rows.fold(Router::new(), |router, row| router.route(row.path, (row.mount)()))
}

/// The operator's API behind the gate, to be nested under [`MOUNT`].
pub fn over_tcp(house: Arc<House>) -> Router<Arc<House>> {
    routes().layer(axum::middleware::from_fn_with_state(house, admit))
}

/// The operator's API for the socket in the data directory.
pub fn over_socket(house: Arc<House>) -> Router {
    let access = axum::middleware::from_fn_with_state(Arc::clone(&house), telemetry::access);
    Router::new()
        .nest(MOUNT, routes())
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::scrape_inside))
        .layer(access)
        .with_state(house)
}

async fn admit(State(house): State<Arc<House>>, request: Request, next: Next) -> Response {
    match house.gate.admit_admin(request.headers()).await {
        Ok(_) => next.run(request).await,
        Err(refusal) => problem::answer(&refusal, &request_id(request.extensions())),
    }
}
