//! Kling as a small server at a free port of this machine: it takes jobs of both generations, counts them
//! by our reference, and is as unhelpful as a test tells it to be. Holds no tests.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, Method, StatusCode, Uri};
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// The bytes of every clip.
pub(crate) const CLIP: &[u8] = testkit::provider::CLIP;
/// The bytes of every sound.
const SOUND: &[u8] = b"ID3\x04\0\0\0\0\0\0 a sound of the vendor";
/// The first id that is given.
const FIRST_ID: u64 = 900_100_200_300_400_500;

/// A job that was taken.
#[derive(Debug, Clone)]
pub(crate) struct Taken {
    pub(crate) id: String,
    /// The path of the create.
    pub(crate) path: String,
    /// The body of the create.
    pub(crate) body: Value,
}

impl Taken {
    /// Our reference, in either generation's spelling; calls that answer at once have none.
    pub(crate) fn external(&self) -> &str {
        let options = self.body["options"]["external_task_id"].as_str();
        let external = options.or(self.body["external_task_id"].as_str());
        external.unwrap_or_default()
    }
}

#[derive(Default)]
struct World {
    jobs: Vec<Taken>,
    looks: usize,
    checks: usize,
    refused: usize,
    bearers: Vec<String>,
    refusal: Option<(u16, Value)>,
    is_holding: bool,
    is_aloud: bool,
    address: String,
}

/// The running vendor.
pub(crate) struct Vendor {
    pub(crate) address: SocketAddr,
    world: Arc<Mutex<World>>,
    running: JoinHandle<()>,
}

impl Vendor {
    /// A vendor that takes every job, and is done with it at the first look.
    pub(crate) async fn start() -> Vendor {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let world = Arc::new(Mutex::new(World {
            address: address.to_string(),
            ..World::default()
        }));
        let app = Router::new().fallback(answer).with_state(Arc::clone(&world));
        let running = tokio::spawn(async move {
            drop(axum::serve(listener, app).await);
        });
        Vendor {
            address,
            world,
            running,
        }
    }

    /// Where it is, as an account's `base_url`.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The jobs that were taken, in their order.
    pub(crate) fn jobs(&self) -> Vec<Taken> {
        self.world.lock().jobs.clone()
    }

    /// How often somebody looked.
    pub(crate) fn looks(&self) -> usize {
        self.world.lock().looks
    }

    /// How many calls were refused.
    pub(crate) fn refused(&self) -> usize {
        self.world.lock().refused
    }

    /// How often somebody asked about a login and was answered.
    pub(crate) fn checks(&self) -> usize {
        self.world.lock().checks
    }

    /// What calls were opened with, each once, in the order in which they were first seen.
    pub(crate) fn bearers(&self) -> Vec<String> {
        self.world.lock().bearers.clone()
    }

    /// Keeps jobs running until told otherwise.
    pub(crate) fn holds(&self, is_holding: bool) {
        self.world.lock().is_holding = is_holding;
    }

    /// As [`Vendor::refuses`], and repeats in its words what the call was opened with.
    pub(crate) fn refuses_aloud(&self, status: u16, code: i64) {
        self.refuses(Some((status, code)));
        self.world.lock().is_aloud = true;
    }

    /// Refuses every call with a status and a code until told otherwise.
    pub(crate) fn refuses(&self, refusal: Option<(u16, i64)>) {
        self.world.lock().refusal = refusal.map(|(status, code)| {
            let body = json!({ "code": code, "message": "no", "request_id": "r" });
            (status, body)
        });
    }
}

impl Drop for Vendor {
    fn drop(&mut self) {
        self.running.abort();
    }
}

/// The text of a file with accounts at a vendor, which is opened for the house.
pub(crate) fn file_with(vendor: &Vendor, accounts: &[&str]) -> String {
    let tables = accounts.iter().map(|keys| {
        format!(
            "[[account]]\nprovider = \"kling\"\nbase_url = \"{}\"\n{keys}\n",
            vendor.url()
        )
    });
    let tables: String = tables.collect();
    format!("[network]\nallow_hosts = [\"{}\"]\n{tables}", vendor.address)
}

async fn answer(
    State(world): State<Arc<Mutex<World>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let path = uri.path().to_owned();
    if path.starts_with("/clips/") {
        return ([("content-type", "video/mp4")], CLIP).into_response();
    }
    if path.starts_with("/sounds/") {
        return ([("content-type", "audio/mpeg")], SOUND).into_response();
    }
    let bearer = headers.get("authorization").and_then(|value| value.to_str().ok());
    let bearer = bearer.unwrap_or_default().to_owned();
    let mut world = world.lock();
    if !world.bearers.contains(&bearer) {
        world.bearers.push(bearer.clone());
    }
    if let Some((status, mut body)) = world.refusal.clone() {
        world.refused += 1;
        if world.is_aloud {
            body["message"] = json!(format!("`{bearer}` is not let in"));
        }
        let status = StatusCode::from_u16(status).expect("a status");
        return (status, axum::Json(body)).into_response();
    }
    let query = uri.query().unwrap_or_default();
    let data = match (method.as_str(), path.as_str()) {
        ("GET", "/account/costs") => {
            world.checks += 1;
            json!({ "code": 0, "msg": "SUCC", "resource_pack_subscribe_infos": [] })
        }
        ("GET", "/tasks") => {
            world.looks += 1;
            let (by, names) = query.split_once('=').unwrap_or_default();
            let names: Vec<&str> = names.split(',').collect();
            let named = |job: &&Taken| match by {
                "task_ids" => names.contains(&job.id.as_str()),
                _ => names.contains(&job.external()),
            };
            let rows: Vec<Value> = world
                .jobs
                .iter()
                .filter(named)
                .map(|job| standard(&world, job))
                .collect();
            json!(rows)
        }
        ("GET", path) => {
            world.looks += 1;
            let name = path.rsplit('/').next().unwrap_or_default();
            let job = world
                .jobs
                .iter()
                .find(|job| job.id == name || job.external() == name);
            let Some(job) = job else {
                let body = json!({ "code": 1203, "message": "Task not found", "request_id": "r" });
                return (StatusCode::NOT_FOUND, axum::Json(body)).into_response();
            };
            legacy(&world, job)
        }
        _ => created(&mut world, path, &body),
    };
    axum::Json(json!({ "code": 0, "message": "SUCCEED", "request_id": "r", "data": data })).into_response()
}

/// Takes a job and answers its create.
fn created(world: &mut World, path: String, body: &Bytes) -> Value {
    let job = Taken {
        id: (FIRST_ID + world.jobs.len() as u64).to_string(),
        path,
        body: serde_json::from_slice(body).expect("a create is JSON"),
    };
    world.jobs.push(job.clone());
    match job.path.as_str() {
        "/v1/audio/tts" => spoken(world, &job),
        "/v1/videos/identify-face" => json!({
            "session_id": "s-9", "final_unit_deduction": "0.05",
            "face_data": [{ "face_id": "0", "start_time": 0, "end_time": 5_000 }],
        }),
        path if path.starts_with("/v1/") => json!({ "task_id": job.id, "task_status": "submitted" }),
        _ => json!({ "id": job.id, "status": "submitted" }),
    }
}

fn link(world: &World, job: &Taken) -> String {
    format!("http://{}/clips/{}.mp4", world.address, job.id)
}

fn spoken(world: &World, job: &Taken) -> Value {
    let url = format!("http://{}/sounds/{}.mp3", world.address, job.id);
    json!({
        "task_id": job.id, "task_status": "succeed", "final_unit_deduction": "0.05",
        "task_result": { "audios": [{ "id": "a-1", "url": url, "duration": "2.5" }] },
    })
}

fn standard(world: &World, job: &Taken) -> Value {
    if world.is_holding {
        return json!({ "id": job.id, "status": "processing", "external_id": job.external() });
    }
    json!({
        "id": job.id, "status": "succeeded", "external_id": job.external(),
        "outputs": [{ "type": "video", "id": "v-1", "url": link(world, job), "duration": "5.041" }],
        "billing": [{ "charge_type": "unit", "amount": "4", "package_type": "video" }],
    })
}

fn legacy(world: &World, job: &Taken) -> Value {
    let info = json!({ "external_task_id": job.external() });
    if world.is_holding {
        return json!({ "task_id": job.id, "task_status": "processing", "task_info": info });
    }
    json!({
        "task_id": job.id, "task_status": "succeed", "task_info": info, "final_unit_deduction": "5",
        "task_result": { "videos": [{ "id": "v-1", "url": link(world, job), "duration": "5.041" }] },
    })
}
