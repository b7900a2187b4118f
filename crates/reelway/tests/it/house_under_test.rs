//! The assembled house at a free port of this machine, with its real clock and belts, in this process.
//! Holds no tests.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use domain::store::LedgerReport;
use domain::{StateWord, TenantId};
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::handshake;
use hyper_util::rt::TokioIo;
use reelway::bootstrap::{FirstKeys, Wish, issue};
use reelway::config::{Config, Environment, Flags};
use reelway::server::Server;
use reelway::wiring::{House, HouseError, Nature};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Looks at a task before a test gives it up; at [`LOOK_MS`] each, a minute.
const LOOKS_MAX: u32 = 600;
/// Pause between two looks at a task that the real renderer makes.
const LOOK_MS: u64 = 100;

/// The configuration file beside the data directory.
const FILE: &str = "reelway.toml";
/// Any free port of this machine.
const FREE: &str = "127.0.0.1:0";

/// A running house.
pub(crate) struct Gateway {
    pub(crate) house: Arc<House>,
    pub(crate) client_key: String,
    pub(crate) admin_key: String,
    address: String,
    stop: CancellationToken,
    running: JoinHandle<()>,
    directory: tempfile::TempDir,
}

/// What the house holds: nothing of it may change by a refused request.
#[derive(Debug, PartialEq)]
pub(crate) struct Holdings {
    census: Vec<(StateWord, u64)>,
    ledger: LedgerReport,
    blobs: BTreeSet<String>,
}

impl Holdings {
    /// How many tasks there are, whatever became of them.
    pub(crate) fn tasks(&self) -> u64 {
        self.census.iter().map(|(_, count)| count).sum()
    }
}

/// An answer, read whole.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Bytes,
}

impl Answer {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|_| panic!("no JSON: {:?}", self.bytes))
    }

    /// A header as text; empty when it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().expect("a header in ASCII"))
    }
}

impl Gateway {
    /// A house on an empty directory.
    pub(crate) async fn start() -> Gateway {
        Gateway::in_environment(&Environment::default()).await
    }

    /// A house on an empty directory, in an environment.
    pub(crate) async fn in_environment(environment: &Environment) -> Gateway {
        let directory = tempfile::tempdir().expect("a temporary directory");
        Gateway::over(directory, environment, None).await
    }

    /// A house on an empty directory but for its configuration file.
    pub(crate) async fn with_file(file: &str, environment: &Environment) -> Gateway {
        let directory = tempfile::tempdir().expect("a temporary directory");
        std::fs::write(directory.path().join(FILE), file).expect("a file");
        Gateway::over(directory, environment, None).await
    }

    /// A house at an address that is known before, on an empty directory but for its configuration file.
    pub(crate) async fn with_file_at(listen: &str, file: &str) -> Gateway {
        let directory = tempfile::tempdir().expect("a temporary directory");
        std::fs::write(directory.path().join(FILE), file).expect("a file");
        let opened = Gateway::try_over(directory, &Environment::default(), listen).await;
        Gateway::first(opened, None).await
    }

    /// Ends the house and opens it again with another configuration file; else why not.
    pub(crate) async fn reopen(self, file: &str, environment: &Environment) -> Result<Gateway, String> {
        let Gateway {
            house,
            client_key,
            admin_key,
            stop,
            running,
            directory,
            ..
        } = self;
        stop.cancel();
        running.await.expect("the server ends without a panic");
        drop(house);
        std::fs::write(directory.path().join(FILE), file).expect("a file");
        let (directory, opened) = Gateway::try_over(directory, environment, FREE).await;
        let (house, _) = opened?;
        Ok(Gateway::serve(house, directory, client_key, admin_key).await)
    }

    /// A second house on the database, the files and the keys of this one, with a data directory of its
    /// own.
    pub(crate) async fn twin(&self, environment: &Environment) -> Gateway {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let data = directory.path().join("data");
        std::fs::create_dir(&data).expect("an empty directory takes another");
        std::fs::copy(self.house.config.master_key(), data.join("master.key")).expect("the key is copied");
        let keys = (self.client_key.clone(), self.admin_key.clone());
        Gateway::over(directory, environment, Some(keys)).await
    }

    /// A house in a directory: the first of its database, or one that knows the keys already.
    async fn over(
        directory: tempfile::TempDir,
        environment: &Environment,
        known: Option<(String, String)>,
    ) -> Gateway {
        Gateway::first(Gateway::try_over(directory, environment, FREE).await, known).await
    }

    /// Serves a house that was opened, with the keys that its first start made.
    async fn first(
        (directory, opened): (tempfile::TempDir, Result<(Arc<House>, FirstKeys), String>),
        known: Option<(String, String)>,
    ) -> Gateway {
        let (house, keys) = opened.expect("a house on an empty directory");
        let (client_key, admin_key) = known.unwrap_or_else(|| {
            (
                keys.client.expect("the first start makes a client key"),
                keys.admin.expect("the first start makes an admin key"),
            )
        });
        Gateway::serve(house, directory, client_key, admin_key).await
    }

    async fn try_over(
        directory: tempfile::TempDir,
        environment: &Environment,
        listen: &str,
    ) -> (tempfile::TempDir, Result<(Arc<House>, FirstKeys), String>) {
        let file = directory.path().join(FILE);
        let flags = Flags {
            config: file.exists().then_some(file),
            data_dir: Some(directory.path().join("data")),
            listen: Some(listen.to_owned()),
        };
        // The writer of a house that was just closed lets the lock go a moment after its last handle.
        for _ in 0..LOOKS_MAX {
            let config = match Config::load(&flags, environment) {
                Ok((config, _)) => config,
                Err(fault) => return (directory, Err(fault.to_string())),
            };
            match House::open(config, environment, Nature::of_machine()).await {
                Ok(opened) => return (directory, Ok(opened)),
                Err(HouseError::Database(store::OpenError::Locked { .. })) => {
                    tokio::time::sleep(std::time::Duration::from_millis(LOOK_MS)).await;
                }
                Err(error) => return (directory, Err(error.to_string())),
            }
        }
        panic!("the house before let go of the database");
    }

    async fn serve(
        house: Arc<House>,
        directory: tempfile::TempDir,
        client_key: String,
        admin_key: String,
    ) -> Gateway {
        let (listen, socket) = (house.config.listen, house.config.socket());
        let server = Server::bind(Arc::clone(&house), listen, Some(socket)).await;
        let server = server.expect("a free port");
        let address = server.address().expect("an address").to_string();
        let stop = CancellationToken::new();
        Gateway {
            house,
            client_key,
            admin_key,
            address,
            running: tokio::spawn(server.run(stop.clone())),
            stop,
            directory,
        }
    }

    /// Ends the house as a signal would.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        self.running.await.expect("the server ends without a panic");
    }

    pub(crate) fn data_dir(&self) -> std::path::PathBuf {
        self.directory.path().join("data")
    }

    /// The host and port of the house.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Sends a request as it is.
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Answer {
        send(&self.address, method, path, headers, body.into()).await
    }

    /// Sends a request with the client key.
    pub(crate) async fn ask(&self, method: &str, path: &str, body: impl Into<Bytes>) -> Answer {
        let bearer = format!("Bearer {}", self.client_key);
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
        ];
        self.send(method, path, &headers, body).await
    }

    /// Sends a request with the admin key; null for no body.
    pub(crate) async fn rule(&self, method: &str, path: &str, body: &Value) -> Answer {
        let bearer = format!("Bearer {}", self.admin_key);
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
        ];
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        self.send(method, path, &headers, body).await
    }

    /// Submits a unified wish with the client key.
    pub(crate) async fn submit(&self, body: &Value) -> Answer {
        self.ask("POST", "/kling/v1/videos/text2video", body.to_string())
            .await
    }

    /// Makes the smallest clip there is; its id.
    pub(crate) async fn clip(&self) -> String {
        let wish = json!({
            "model": "animatic", "prompt": "a dot", "duration": 1, "width": 64, "height": 64, "fps": 5, "seed": 1,
        });
        let taken = self.submit(&wish).await;
        assert_eq!(taken.status, 200, "{:?}", taken.bytes);
        let id = taken.json()["task_id"].as_str().expect("an id").to_owned();
        let path = format!("/api/v1/tasks/{id}");
        for _ in 0..LOOKS_MAX {
            let task = self.ask("GET", &path, "").await.json();
            match task["status"].as_str() {
                Some("succeeded") => return id,
                Some("queued" | "running") => {}
                _ => panic!("the clip was not made: {task}"),
            }
            tokio::time::sleep(std::time::Duration::from_millis(LOOK_MS)).await;
        }
        panic!("the clip was not made in time");
    }

    /// A client key of another tenant.
    pub(crate) async fn stranger(&self) -> String {
        let store = self.house.engine.store();
        let tenant = domain::tenant::Tenant {
            id: TenantId(self.house.ids.id()),
            name: "stranger".to_owned(),
            unlimited: true,
            created_at: self.house.clock.now(),
            terms: domain::tenant::TenantTerms::default(),
        };
        store
            .registry()
            .create_tenant(&tenant)
            .await
            .expect("a new tenant");
        let wish = Wish {
            tenant: tenant.id,
            name: "stranger",
            role: domain::tenant::KeyRole::Client,
            dialect: None,
            expires_at: None,
            terms: domain::tenant::KeyTerms::default(),
        };
        let issued = issue(&**store, &*self.house.clock, &*self.house.ids, &wish).await;
        issued.expect("a new key").1
    }

    /// A key of the client's own tenant that always speaks one dialect.
    pub(crate) async fn key_that_speaks(&self, dialect: &str) -> String {
        let store = self.house.engine.store();
        let own = reelway::keys::read(&self.client_key).expect("a key");
        let own = store
            .registry()
            .key_by_hash(&own.hash)
            .await
            .expect("the store answers");
        let wish = Wish {
            tenant: own.expect("the client's key is kept").tenant,
            name: dialect,
            role: domain::tenant::KeyRole::Client,
            dialect: Some(dialect.into()),
            expires_at: None,
            terms: domain::tenant::KeyTerms::default(),
        };
        let issued = issue(&**store, &*self.house.clock, &*self.house.ids, &wish).await;
        issued.expect("a new key").1
    }

    /// A task as its row says, by its id in any spelling.
    pub(crate) async fn row(&self, id: &str) -> Arc<domain::Task> {
        let id = domain::TaskId::parse(id).expect("an id");
        let row = self.house.engine.store().any_task(id).await;
        row.expect("the store answers").expect("the task is known")
    }

    /// What the house holds now.
    pub(crate) async fn holdings(&self) -> Holdings {
        let store = self.house.engine.store();
        let mut blobs = BTreeSet::new();
        files(&self.data_dir().join("blobs"), &mut blobs);
        Holdings {
            census: store.census().await.expect("a census"),
            ledger: store.verify_ledger().await.expect("a report"),
            blobs,
        }
    }
}

/// Sends a request to whoever listens at an address.
pub(crate) async fn send(
    address: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: Bytes,
) -> Answer {
    let stream = TcpStream::connect(address).await.expect("the house listens");
    let (mut sender, connection) = handshake(TokioIo::new(stream)).await.expect("HTTP");
    tokio::spawn(connection);
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", address);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Full::new(body)).expect("a request");
    let response = sender.send_request(request).await.expect("an answer");
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.expect("the whole answer").to_bytes();
    Answer {
        status: parts.status,
        headers: parts.headers,
        bytes,
    }
}

fn files(directory: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.insert(path.display().to_string());
        }
    }
}

/// A PNG of one colour, whole and small.
pub(crate) fn picture(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let picture = image::RgbImage::from_pixel(width, height, image::Rgb([200, 120, 40]));
    picture
        .write_to(&mut bytes, image::ImageFormat::Png)
        .expect("a PNG");
    bytes.into_inner()
}
