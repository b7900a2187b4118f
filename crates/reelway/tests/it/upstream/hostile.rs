//! A vendor at a free port of this machine that speaks Kling's words, or whatever bytes a test wants instead.
//! Holds no tests.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// The bytes of every clip.
pub(crate) const CLIP: &[u8] = testkit::provider::CLIP;
/// The longest request of a test, in bytes.
const REQUEST_BYTES_MAX: usize = 64 * 1024;
/// The first byte of somebody who expects TLS here.
const TLS_HANDSHAKE: u8 = 0x16;
/// Longer than the longest answer of the vendor that is read, in bytes.
const HUGE_BYTES: usize = 2 * 1024 * 1024;

/// What comes instead of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ill {
    /// The connection closes.
    Silence,
    /// Two hundred, and nothing.
    Empty,
    /// More than anybody reads.
    Huge,
    /// A byte now and then, without end.
    Drip,
    /// A page, with a status.
    Html(u16),
    /// Half of what was announced.
    Truncated,
    /// Lists in lists, ten thousand deep.
    Deep,
    /// The right names with wrong values.
    WrongTypes,
    /// Go elsewhere.
    Redirect,
}

#[derive(Default)]
struct World {
    /// Our references, in the order of the jobs.
    jobs: Vec<String>,
    answers: Option<Ill>,
    files: Option<Ill>,
    link: Option<String>,
    is_holding: bool,
    elsewhere: String,
    address: String,
}

/// The running vendor.
pub(crate) struct Hostile {
    pub(crate) address: SocketAddr,
    world: Arc<Mutex<World>>,
    visits: Arc<Mutex<u32>>,
    pub(crate) elsewhere: SocketAddr,
    running: [JoinHandle<()>; 2],
}

impl Hostile {
    /// A vendor that is well, and keeps its jobs running.
    pub(crate) async fn start() -> Hostile {
        let bound = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let trap = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = bound.local_addr().expect("an address");
        let elsewhere = trap.local_addr().expect("an address");
        let world = Arc::new(Mutex::new(World {
            is_holding: true,
            elsewhere: format!("http://{elsewhere}/inside"),
            address: address.to_string(),
            ..World::default()
        }));
        let visits = Arc::new(Mutex::new(0));
        let (served, counted) = (Arc::clone(&world), Arc::clone(&visits));
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = bound.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&served)));
            }
        });
        let trapping = tokio::spawn(async move {
            while trap.accept().await.is_ok() {
                *counted.lock() += 1;
            }
        });
        Hostile {
            address,
            world,
            visits,
            elsewhere,
            running: [serving, trapping],
        }
    }

    /// What comes instead of answers from now on.
    pub(crate) fn answers(&self, ill: Option<Ill>) {
        self.world.lock().answers = ill;
    }

    /// What comes instead of files from now on.
    pub(crate) fn files(&self, ill: Option<Ill>) {
        self.world.lock().files = ill;
    }

    /// Where results lie from now on, instead of here.
    pub(crate) fn links_to(&self, link: &str) {
        self.world.lock().link = Some(link.to_owned());
    }

    /// Is done with all jobs.
    pub(crate) fn is_done(&self) {
        self.world.lock().is_holding = false;
    }

    /// How many jobs were taken.
    pub(crate) fn jobs(&self) -> usize {
        self.world.lock().jobs.len()
    }

    /// How often somebody came to the address that nobody may go to.
    pub(crate) fn visits_inside(&self) -> u32 {
        *self.visits.lock()
    }
}

impl Drop for Hostile {
    fn drop(&mut self) {
        self.running.iter().for_each(JoinHandle::abort);
    }
}

async fn serve(mut stream: TcpStream, world: Arc<Mutex<World>>) {
    let Some((method, path, body)) = request(&mut stream).await else {
        return;
    };
    let (reply, ill) = {
        let mut world = world.lock();
        let reply = world.reply(&method, &path, &body);
        let ill = match path.starts_with("/clips/") {
            true => world.files,
            false => world.answers,
        };
        (reply, ill)
    };
    let elsewhere = world.lock().elsewhere.clone();
    match ill {
        Some(Ill::Silence) => {}
        Some(Ill::Drip) => {
            drop(
                stream
                    .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
                    .await,
            );
            while stream.write_all(b" ").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        ill => {
            drop(
                stream
                    .write_all(&bytes(ill, &reply, &elsewhere, path.starts_with("/clips/")))
                    .await,
            );
            drop(stream.shutdown().await);
        }
    }
}

async fn request(stream: &mut TcpStream) -> Option<(String, String, Vec<u8>)> {
    let mut read = Vec::new();
    while read.len() < REQUEST_BYTES_MAX {
        let mut chunk = [0; 4096];
        let count = stream.read(&mut chunk).await.ok().filter(|count| *count > 0)?;
        read.extend_from_slice(&chunk[..count]);
        if read.first() == Some(&TLS_HANDSHAKE) {
            return None;
        }
        let Some(end) = read.windows(4).position(|window| window == b"\r\n\r\n") else {
            continue;
        };
        let head = String::from_utf8_lossy(&read[..end]).to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
        let length: usize = length.map_or(0, |length| length.trim().parse().expect("a length"));
        if read.len() < end + 4 + length {
            continue;
        }
        let mut words = head.split(' ').map(str::to_owned);
        return Some((words.next()?, words.next()?, read[end + 4..].to_vec()));
    }
    None
}

fn bytes(ill: Option<Ill>, reply: &[u8], elsewhere: &str, is_file: bool) -> Vec<u8> {
    let html = b"<!doctype html><html><title>Sorry</title><p>Come back later.</html>";
    let (status, body) = match ill {
        None => (200, reply.to_vec()),
        Some(Ill::Html(status)) => (status, html.to_vec()),
        Some(Ill::Deep) => (200, [vec![b'['; 10_000], vec![b']'; 10_000]].concat()),
        Some(Ill::WrongTypes) => {
            let body =
                json!({ "code": "0", "message": {}, "data": { "id": [1], "task_id": {}, "status": 7 } });
            (200, body.to_string().into_bytes())
        }
        Some(Ill::Redirect) => {
            let head = format!(
                "HTTP/1.1 302 Found\r\nlocation: {elsewhere}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            );
            return head.into_bytes();
        }
        Some(Ill::Huge) if is_file => {
            return b"HTTP/1.1 200 OK\r\ncontent-length: 5368709120\r\nconnection: close\r\n\r\n".to_vec();
        }
        Some(Ill::Huge) => {
            let text = json!({ "code": 0, "data": "x".repeat(HUGE_BYTES) });
            (200, text.to_string().into_bytes())
        }
        Some(Ill::Truncated) => (200, reply[..reply.len() / 2].to_vec()),
        Some(Ill::Empty | Ill::Silence | Ill::Drip) => (200, Vec::new()),
    };
    let length = if ill == Some(Ill::Truncated) {
        reply.len()
    } else {
        body.len()
    };
    let head = format!("HTTP/1.1 {status} Whatever\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
    [head.into_bytes(), body].concat()
}

impl World {
    /// What the vendor would say; a job is taken whatever is said of it then.
    fn reply(&mut self, method: &str, path: &str, body: &[u8]) -> Vec<u8> {
        if path.starts_with("/clips/") {
            return CLIP.to_vec();
        }
        if method == "post" {
            let body: Value = serde_json::from_slice(body).expect("a create is JSON");
            let reference = body["options"]["external_task_id"]
                .as_str()
                .expect("our reference");
            self.jobs.push(reference.to_owned());
            return said(&json!({ "id": (self.jobs.len() - 1).to_string(), "status": "submitted" }));
        }
        let names = path.split_once('=').map_or("", |(_, names)| names);
        let rows = self.jobs.iter().enumerate().filter(|(at, reference)| {
            let at = at.to_string();
            names
                .split(',')
                .any(|name| name == at || name == reference.as_str())
        });
        let rows: Vec<Value> = rows.map(|(at, reference)| self.row(at, reference)).collect();
        said(&json!(rows))
    }

    fn row(&self, at: usize, reference: &str) -> Value {
        if self.is_holding {
            return json!({ "id": at.to_string(), "status": "processing", "external_id": reference });
        }
        let link = format!("http://{}/clips/{at}.mp4", self.address);
        let link = self.link.as_deref().unwrap_or(&link);
        json!({
            "id": at.to_string(), "status": "succeeded", "external_id": reference,
            "outputs": [{ "type": "video", "id": "v", "url": link, "duration": "5" }],
        })
    }
}

fn said(data: &Value) -> Vec<u8> {
    json!({ "code": 0, "message": "SUCCEED", "request_id": "r", "data": data })
        .to_string()
        .into_bytes()
}
