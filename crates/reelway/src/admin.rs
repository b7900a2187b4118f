//! The operator's API: over the one port with an admin key, over the socket in the data directory
//! without one, because only the owner of that directory can reach it.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use axum::routing::{delete, get, post};

use crate::front::request_id;
use crate::wiring::House;
use crate::{balance, health, metrics, problem, statement, telemetry};

pub mod accounts;
pub mod deliveries;
pub mod keys;
pub mod ledger;
pub mod reconcile;
pub mod tasks;

fn routes() -> Router<Arc<House>> {
    Router::new()
        .route("/accounts", get(accounts::list).post(accounts::create))
        .route("/accounts/{name}", delete(accounts::remove))
        .route("/accounts/{name}/test", post(accounts::test))
        .route("/accounts/{name}/pause", post(accounts::pause))
        .route("/accounts/{name}/resume", post(accounts::resume))
        .route("/deliveries", get(deliveries::list))
        .route("/deliveries/{id}", get(deliveries::show))
        .route("/deliveries/{id}/replay", post(deliveries::replay))
        .route("/keys", get(keys::list).post(keys::create))
        .route("/keys/{id}", delete(keys::revoke))
        .route("/ledger/corrections", post(ledger::correct))
        .route("/ledger/credits", post(ledger::credit))
        .route("/ledger/house", get(ledger::house))
        .route("/ledger/reconcile", get(reconcile::reconcile))
        .route("/ledger/statement", get(statement::of_tenant))
        .route("/ledger/verify", get(ledger::verify))
        .route("/tasks", get(tasks::list))
        .route("/tasks/{id}", get(tasks::show))
        .route("/tasks/{id}/cancel", post(tasks::cancel))
        .route("/tasks/{id}/explanation", get(tasks::explanation))
        .route("/tasks/{id}/replay-webhook", post(deliveries::replay_last))
        .route("/usage", get(balance::usage_of_all))
        .route("/webhooks/secret", post(deliveries::secret))
        .route("/webhooks/secret/rotate", post(deliveries::rotate))
}

/// The operator's API behind the gate, to be nested under `/api/v1/admin`.
pub fn over_tcp(house: Arc<House>) -> Router<Arc<House>> {
    routes().layer(axum::middleware::from_fn_with_state(house, admit))
}

/// The operator's API for the socket in the data directory.
pub fn over_socket(house: Arc<House>) -> Router {
    let access = axum::middleware::from_fn_with_state(Arc::clone(&house), telemetry::access);
    Router::new()
        .nest("/api/v1/admin", routes())
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::scrape_inside))
        .layer(access)
        .with_state(house)
}

async fn admit(State(house): State<Arc<House>>, mut request: Request, next: Next) -> Response {
    match house.gate.admit_admin(request.headers()).await {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(refusal) => problem::answer(&refusal, &request_id(request.extensions())),
    }
}
