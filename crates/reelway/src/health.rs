//! Whether the process lives and whether it can work: `/healthz` and `/readyz`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::{Value, json};

use crate::wiring::House;

/// The belts turn at least each second; after this long without a turn they hang.
const PULSE_AGE_MAX_MS: i64 = 15_000;
/// Below this, results can soon not be kept any more: a few of the largest clips.
const DISK_FREE_MIN_BYTES: u64 = 256 * 1024 * 1024;

/// 200 as long as the process answers.
pub async fn live() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

/// 200 when database, belts and disk are fit for work, else 503; each with its own word.
pub async fn ready(State(house): State<Arc<House>>) -> Response {
    let database = match house.engine.store().ping().await {
        Ok(()) => json!({ "ok": true }),
        Err(error) => json!({ "ok": false, "message": error.to_string() }),
    };
    let age_ms = house.clock.now().since(house.engine.pulse());
    let belts = json!({ "ok": age_ms <= PULSE_AGE_MAX_MS, "last_turn_ms_ago": age_ms });
    let disk = disk(&house);
    let parts = [&database, &belts, &disk];
    let ok = parts.iter().all(|part| part["ok"] == Value::Bool(true));
    let status = if ok {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let word = if ok { "ready" } else { "not ready" };
    let body = json!({ "status": word, "database": database, "belts": belts, "disk": disk });
    (status, Json(body)).into_response()
}

fn disk(house: &House) -> Value {
    match rustix::fs::statvfs(&house.config.data_dir) {
        Ok(disk) => {
            let free = disk.f_bavail.saturating_mul(disk.f_frsize);
            json!({ "ok": free >= DISK_FREE_MIN_BYTES, "free_bytes": free, "least_bytes": DISK_FREE_MIN_BYTES })
        }
        Err(error) => json!({ "ok": false, "message": error.to_string() }),
    }
}
