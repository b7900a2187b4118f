//! One keep-alive HTTP connection to a process on this machine, and the calls that the bench makes over it.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, bail};
use bytes::Bytes;
use http::{HeaderMap, Request, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

/// Where clips are ordered and looked at in the unified dialect.
pub(crate) const TEXT_TO_VIDEO: &str = "/kling/v1/videos/text2video";
/// Longest wait for a connection on this machine.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);
/// Longest wait for one answer outside of load rounds, which have their own end.
const CALL_LIMIT: Duration = Duration::from_secs(30);
/// Largest answer that is read.
const BODY_BYTES_MAX: usize = 256 * 1024 * 1024;

/// A request as it is sent.
pub(crate) type Call = Request<Full<Bytes>>;

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Reply {
    /// The body as JSON; null when it is none.
    #[must_use]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// The status and the start of the body, for people.
    #[must_use]
    pub(crate) fn excerpt(&self) -> String {
        let body = String::from_utf8_lossy(&self.body);
        let start: String = body.chars().take(200).collect();
        format!("{} {start}", self.status)
    }
}

/// One connection.
pub(crate) struct Line {
    sender: http1::SendRequest<Full<Bytes>>,
}

impl Line {
    /// Connects.
    ///
    /// # Errors
    /// When nobody listens there.
    pub(crate) async fn open(address: SocketAddr) -> anyhow::Result<Line> {
        let (sender, connection) = http1::handshake(TokioIo::new(connect(address).await?)).await?;
        tokio::spawn(connection);
        Ok(Line { sender })
    }

    /// Sends one request and reads its answer to the end; there is no limit of time.
    ///
    /// # Errors
    /// When the connection breaks first, or the answer is larger than any that the bench asks for.
    pub(crate) async fn send(&mut self, call: Call) -> anyhow::Result<Reply> {
        self.sender.ready().await?;
        let (head, body) = self.sender.send_request(call).await?.into_parts();
        let body = match Limited::new(body, BODY_BYTES_MAX).collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) => bail!("the answer broke off: {error}"),
        };
        Ok(Reply {
            status: head.status.as_u16(),
            headers: head.headers,
            body,
        })
    }

    /// Sends one request and reads its answer to the end, within a limit of time.
    ///
    /// # Errors
    /// When the connection breaks first or the time is up.
    pub(crate) async fn call(&mut self, call: Call) -> anyhow::Result<Reply> {
        let answer = tokio::time::timeout(CALL_LIMIT, self.send(call));
        answer.await.context("the answer takes too long")?
    }
}

/// A connection whose requests leave at once.
///
/// # Errors
/// When nobody listens there.
pub(crate) async fn connect(address: SocketAddr) -> anyhow::Result<TcpStream> {
    let connect = tokio::time::timeout(CONNECT_LIMIT, TcpStream::connect(address));
    let stream = connect.await.context("the connection takes too long")??;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// A read, with a key or without.
#[must_use]
pub(crate) fn get(address: SocketAddr, path: &str, key: Option<&str>) -> Call {
    finish(start("GET", address, path, key), Bytes::new())
}

/// A submit in the unified dialect.
#[must_use]
pub(crate) fn submit(address: SocketAddr, wish: &Value, key: &str, idempotency_key: Option<&str>) -> Call {
    let mut call = start("POST", address, TEXT_TO_VIDEO, Some(key));
    call = call.header(header::CONTENT_TYPE, "application/json");
    if let Some(name) = idempotency_key {
        call = call.header("idempotency-key", name);
    }
    finish(call, Bytes::from(wish.to_string()))
}

/// A body of JSON.
#[must_use]
pub(crate) fn post(address: SocketAddr, path: &str, body: &Value, key: &str) -> Call {
    with_json("POST", address, path, (body, key))
}

/// A change that is written in JSON.
#[must_use]
pub(crate) fn patch(address: SocketAddr, path: &str, body: &Value, key: &str) -> Call {
    with_json("PATCH", address, path, (body, key))
}

/// The end of something.
#[must_use]
pub(crate) fn delete(address: SocketAddr, path: &str, key: &str) -> Call {
    finish(start("DELETE", address, path, Some(key)), Bytes::new())
}

/// Where the state of a task is read in the unified dialect.
#[must_use]
pub(crate) fn status_path(task_id: &str) -> String {
    format!("{TEXT_TO_VIDEO}/{task_id}")
}

fn with_json(method: &str, address: SocketAddr, path: &str, (body, key): (&Value, &str)) -> Call {
    let call = start(method, address, path, Some(key)).header(header::CONTENT_TYPE, "application/json");
    finish(call, Bytes::from(body.to_string()))
}

fn start(method: &str, address: SocketAddr, path: &str, key: Option<&str>) -> http::request::Builder {
    let call = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, address.to_string());
    match key {
        Some(key) => call.header(header::AUTHORIZATION, format!("Bearer {key}")),
        None => call,
    }
}

fn finish(call: http::request::Builder, body: Bytes) -> Call {
    call.body(Full::new(body))
        .expect("paths, ids and keys of the bench are plain ASCII")
}
