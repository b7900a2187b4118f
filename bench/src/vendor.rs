//! A scripted Kling over sockets: it takes jobs, makes them wait, and offers files; and it counts every job by the
//! reference and by the words that it was asked with. Its moods are those of a bad day: it is busy, takes a job and
//! drops the line, answers rubbish, forgets for a moment what it took. What it keeps is in `vendor/books.rs`; what
//! calls mean and which moods there are is in `vendor/desk.rs`.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use anyhow::Context as _;
use bytes::Bytes;
use fastrand::Rng;
use http::{Request, Response};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full, Limited, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

mod books;
mod desk;
mod hints;

use books::Books;
pub(crate) use books::Job;
use desk::{Answer, Call, Reaction};

/// The key of the account at this vendor.
const API_KEY: &str = "bench-upstream-key";
/// The longest call that is read, in bytes.
const CALL_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Somebody let the line drop in the middle.
#[derive(Debug, thiserror::Error)]
#[error("the vendor dropped the line")]
struct Dropped;

type Body = BoxBody<Bytes, Dropped>;

/// The vendor. It ends with its handle.
pub(crate) struct Vendor {
    /// Where it listens.
    pub address: SocketAddr,
    shared: Arc<Shared>,
    _serving: JoinSet<()>,
}

/// What all its calls share.
struct Shared {
    address: SocketAddr,
    slots: usize,
    clip: Bytes,
    books: Mutex<Books>,
    chance: Mutex<Rng>,
}

impl Vendor {
    /// Opens a vendor who has so many slots, and offers this clip, with a label of its own, as every result.
    ///
    /// # Errors
    /// When there is no free port.
    pub(crate) async fn open(seed: u64, slots: usize, clip: Bytes) -> anyhow::Result<Vendor> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.context("there is no free port")?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            address,
            slots,
            clip,
            books: Mutex::default(),
            chance: Mutex::new(Rng::with_seed(seed)),
        });
        let mut serving = JoinSet::new();
        serving.spawn(serve(listener, Arc::clone(&shared)));
        Ok(Vendor {
            address,
            shared,
            _serving: serving,
        })
    }

    /// What a gateway's configuration says of this vendor.
    #[must_use]
    pub(crate) fn config(&self) -> String {
        let Vendor { address, .. } = self;
        format!(
            "[network]\nallow_hosts = [\"{address}\"]\n\n[[account]]\nname = \"vendor\"\nprovider = \"kling\"\n\
             base_url = \"http://{address}\"\napi_key = \"{API_KEY}\"\nslots = {}\n",
            self.shared.slots
        )
    }

    /// Every job that was ever taken, and how often it was asked for again.
    #[must_use]
    pub(crate) fn jobs(&self) -> Vec<Job> {
        self.shared.books.lock().jobs().to_vec()
    }

    /// How often more jobs were asked for than there are slots, by a gateway that has no excuse: it knows of them all.
    #[must_use]
    pub(crate) fn over_limit(&self) -> u64 {
        self.shared.books.lock().over_limit
    }
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let mut lines = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((stream, _)) = accepted {
                    lines.spawn(line(stream, Arc::clone(&shared)));
                }
            }
            Some(_) = lines.join_next(), if !lines.is_empty() => {}
        }
    }
}

async fn line(stream: TcpStream, shared: Arc<Shared>) {
    let service = service_fn(move |request| answer(request, Arc::clone(&shared)));
    // A dropped line is what this vendor is for.
    drop(
        http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service)
            .await,
    );
}

async fn answer(request: Request<Incoming>, shared: Arc<Shared>) -> Result<Response<Body>, Dropped> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, CALL_BYTES_MAX).collect().await;
    let body = body.map_err(|_| Dropped)?.to_bytes();
    let call = Call::read(&head.method, &head.uri, &head.headers, &body, API_KEY);
    let Reaction { answer, pause, taken } = {
        let mut chance = shared.chance.lock();
        desk::answer(&call, &shared, &mut chance)
    };
    if let Some(job) = taken {
        hints::send_later(job, &shared);
    }
    tokio::time::sleep(pause).await;
    match answer {
        Answer::Said(status, json) => Ok(said(status, json.to_string())),
        Answer::Rubbish => Ok(said(200, "<html>Bad gateway</html>".to_owned())),
        Answer::Nothing => Err(Dropped),
        Answer::File(bytes) => Ok(response(200, Full::new(bytes).map_err(never).boxed())),
        Answer::HalfFile(bytes) => Ok(half(&bytes)),
    }
}

fn never(never: Infallible) -> Dropped {
    match never {}
}

fn said(status: u16, text: String) -> Response<Body> {
    response(status, Full::new(Bytes::from(text)).map_err(never).boxed())
}

fn response(status: u16, body: Body) -> Response<Body> {
    Response::builder()
        .status(status)
        .body(body)
        .expect("a status of the script is a status")
}

/// A file whose line drops in the middle.
fn half(bytes: &Bytes) -> Response<Body> {
    let first = Ok(Frame::data(bytes.slice(..bytes.len() / 2)));
    let body = StreamBody::new(futures_util::stream::iter([first, Err(Dropped)]));
    let mut response = response(200, body.boxed());
    let length = bytes.len().into();
    response
        .headers_mut()
        .insert(http::header::CONTENT_LENGTH, length);
    response
}
