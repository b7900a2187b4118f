//! A client's receiver of webhooks on a real socket, which answers as the test says and writes down what it
//! got. Holds no tests.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{OriginalUri, State};
use http::{HeaderMap, StatusCode};
use parking_lot::Mutex;
use serde_json::Value;
use standardwebhooks::Webhook;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Looks before a test gives up; at [`LOOK_MS`] each, half a minute.
pub(crate) const LOOKS_MAX: u32 = 600;
pub(crate) const LOOK_MS: u64 = 50;

/// One webhook, as it came.
#[derive(Clone)]
pub(crate) struct Got {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Got {
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().expect("a header in ASCII"))
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("the body is JSON")
    }

    /// Whether this secret signed it, as the standard's own verifier judges.
    pub(crate) fn is_signed_by(&self, secret: &str) -> bool {
        let verifier = Webhook::new(secret).expect("a secret");
        verifier.verify(&self.body, &self.headers).is_ok()
    }
}

/// How a receiver answers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// With 200.
    Sound,
    /// Never.
    Silent,
    /// With 500 to each webhook the first time that it comes, and with 200 from then on.
    Forgetful,
}

struct Desk {
    got: Mutex<Vec<Got>>,
    manner: Manner,
}

/// A receiver; it goes away when it is dropped.
pub(crate) struct Receiver {
    pub(crate) address: String,
    desk: Arc<Desk>,
    serving: JoinHandle<()>,
}

impl Receiver {
    /// One that answers in this manner.
    pub(crate) async fn start(manner: Manner) -> Receiver {
        let desk = Arc::new(Desk {
            got: Mutex::default(),
            manner,
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        let router = Router::new().fallback(receive).with_state(Arc::clone(&desk));
        let serving = tokio::spawn(async move { drop(axum::serve(listener, router).await) });
        Receiver {
            address,
            desk,
            serving,
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn got(&self) -> Vec<Got> {
        self.desk.got.lock().clone()
    }

    /// What it got once `enough` is true of it.
    pub(crate) async fn once(&self, enough: impl Fn(&[Got]) -> bool) -> Vec<Got> {
        for _ in 0..LOOKS_MAX {
            let got = self.got();
            if enough(&got) {
                return got;
            }
            tokio::time::sleep(std::time::Duration::from_millis(LOOK_MS)).await;
        }
        let paths: Vec<_> = self.got().into_iter().map(|got| got.path).collect();
        panic!("the webhooks did not come: {paths:?}");
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn receive(
    State(desk): State<Arc<Desk>>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let got = Got {
        path: uri.path().to_owned(),
        headers,
        body,
    };
    let id = got.header("webhook-id").to_owned();
    let is_known = desk
        .got
        .lock()
        .iter()
        .any(|known| known.header("webhook-id") == id);
    desk.got.lock().push(got);
    match desk.manner {
        Manner::Forgetful if !is_known => StatusCode::INTERNAL_SERVER_ERROR,
        Manner::Sound | Manner::Forgetful => StatusCode::OK,
        Manner::Silent => std::future::pending().await,
    }
}
