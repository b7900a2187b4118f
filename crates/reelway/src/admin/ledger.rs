//! The books, proved.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};

use crate::admin::keys::unavailable;
use crate::front::request_id;
use crate::problem;
use crate::wiring::House;

/// What `ledger verify` finds.
pub async fn verify(State(house): State<Arc<House>>, request: Request) -> Response {
    match house.engine.store().verify_ledger().await {
        Ok(report) => Json(report).into_response(),
        Err(error) => problem::answer(&unavailable(&error), &request_id(request.extensions())),
    }
}
