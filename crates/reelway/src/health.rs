//! Whether the process lives and whether it can work: `/healthz` and `/readyz`.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::{Value, json};

use crate::wiring::House;

/// The belts turn at least each second; after this long without a turn they hang.
const PULSE_AGE_MAX_MS: i64 = 15_000;
/// Below this, results can soon not be kept any more: a few of the largest clips.
pub const DISK_FREE_MIN_BYTES: u64 = 256 * 1024 * 1024;
/// Longest wait for the database: whoever asks for readiness wants an answer, also a bad one.
const DATABASE_TIMEOUT: Duration = Duration::from_secs(2);

/// 200 as long as the process answers.
pub async fn live() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

/// 200 when database, belts and disk are fit for work, else 503; each with its own word.
pub async fn ready(State(house): State<Arc<House>>) -> Response {
    let asked = tokio::time::timeout(DATABASE_TIMEOUT, house.engine.store().ping()).await;
    let database = match asked {
        Ok(Ok(())) => json!({ "ok": true }),
        Ok(Err(error)) => json!({ "ok": false, "message": error.to_string() }),
        Err(_) => json!({ "ok": false, "message": "the database does not answer in time" }),
    };
    let belts = belts(house.clock.now().since(house.engine.pulse()));
    let disk = worse(
        disk(&house.config.data_dir, DISK_FREE_MIN_BYTES),
        folder(&house.config.blobs_url).map(|folder| disk(folder, DISK_FREE_MIN_BYTES)),
    );
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

fn belts(age_ms: i64) -> Value {
    json!({ "ok": age_ms <= PULSE_AGE_MAX_MS, "last_turn_ms_ago": age_ms })
}

/// The folder of kept files, where they lie in one.
pub(crate) fn folder(blobs_url: &str) -> Option<&Path> {
    blobs_url.strip_prefix("file:").map(Path::new)
}

/// Free bytes on the disk of a folder, as far as this process may use them.
pub(crate) fn free_bytes(folder: &Path) -> std::io::Result<u64> {
    let disk = rustix::fs::statvfs(folder)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

fn disk(folder: &Path, least_bytes: u64) -> Value {
    match free_bytes(folder) {
        Ok(free) => json!({ "ok": free >= least_bytes, "free_bytes": free, "least_bytes": least_bytes }),
        Err(error) => json!({ "ok": false, "message": error.to_string() }),
    }
}

/// Of two disks the one that is not fit, else the one with less room.
fn worse(one: Value, other: Option<Value>) -> Value {
    let rank = |disk: &Value| (disk["ok"] == Value::Bool(true), disk["free_bytes"].as_u64());
    match other {
        Some(other) if rank(&other) < rank(&one) => other,
        _ => one,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;

    use super::{PULSE_AGE_MAX_MS, belts, disk, worse};

    #[test]
    fn belts_that_hang_are_not_ready() {
        assert_eq!(belts(PULSE_AGE_MAX_MS)["ok"], true);
        assert_eq!(belts(PULSE_AGE_MAX_MS + 1)["ok"], false);
    }

    #[test]
    fn a_full_disk_and_one_that_is_gone_are_not_ready() {
        let here = Path::new("/");
        assert_eq!(disk(here, 0)["ok"], true);
        assert_eq!(disk(here, u64::MAX)["ok"], false);
        let gone = disk(Path::new("/nowhere/at/all"), 0);
        assert_eq!(gone["ok"], false);
        assert!(
            gone["message"]
                .as_str()
                .is_some_and(|message| !message.is_empty())
        );
    }

    #[test]
    fn the_worse_of_two_disks_counts() {
        let good = json!({ "ok": true, "free_bytes": 10 });
        let tight = json!({ "ok": true, "free_bytes": 5 });
        let full = json!({ "ok": false, "free_bytes": 1 });
        let gone = json!({ "ok": false, "message": "gone" });
        assert_eq!(worse(good.clone(), None), good);
        assert_eq!(worse(good.clone(), Some(tight.clone())), tight);
        assert_eq!(worse(full.clone(), Some(good.clone())), full);
        assert_eq!(worse(good, Some(gone.clone())), gone);
    }
}
