//! HTTP for our own commands: to the running server's socket, or to the API of a gateway. Everything
//! else that leaves the process goes through `domain::Transport`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail};
use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1::handshake;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::{TcpStream, UnixStream};

/// Longest JSON answer that is read.
const ANSWER_MAX_BYTES: usize = 16 * 1024 * 1024;
/// Longest wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest wait for the head of an answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(150);

/// Where requests go.
#[derive(Debug, Clone)]
enum Peer {
    Socket(PathBuf),
    Host { authority: String },
}

/// A client of one gateway.
#[derive(Debug, Clone)]
pub struct Client {
    peer: Peer,
    /// What stands before every path.
    base: String,
    key: Option<String>,
}

/// An answer whose body was JSON.
#[derive(Debug)]
pub struct Answered {
    /// The HTTP status.
    pub status: StatusCode,
    /// The body; null when it was no JSON.
    pub body: Value,
}

impl Client {
    /// A client of the server that runs on a data directory; none when none runs.
    pub async fn of_running(socket: &Path) -> Option<Client> {
        UnixStream::connect(socket).await.ok()?;
        Some(Client {
            peer: Peer::Socket(socket.to_owned()),
            base: String::new(),
            key: None,
        })
    }

    /// A client of a gateway's API.
    ///
    /// # Errors
    /// When the address is none that this client can reach.
    pub fn of_api(server: &str, key: &str) -> anyhow::Result<Client> {
        let cure = "give the gateway's address as `http://HOST:PORT`";
        let uri: http::Uri = server
            .trim_end_matches('/')
            .parse()
            .with_context(|| format!("`{server}` is no address; {cure}"))?;
        if uri.scheme_str() == Some("https") {
            bail!("`{server}` speaks https, which this command cannot yet; {cure}");
        }
        let (Some("http"), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            bail!("`{server}` is no address of a gateway; {cure}");
        };
        Ok(Client {
            peer: Peer::Host {
                authority: authority.to_string(),
            },
            base: uri.path().trim_end_matches('/').to_owned(),
            key: Some(key.to_owned()),
        })
    }

    /// Sends a request with an optional JSON body and reads a JSON answer.
    ///
    /// # Errors
    /// When no answer came.
    pub async fn json(&self, method: &str, path: &str, body: Option<&Value>) -> anyhow::Result<Answered> {
        let response = self.send(method, path, body).await?;
        let status = response.status();
        let bytes = Limited::new(response.into_body(), ANSWER_MAX_BYTES)
            .collect()
            .await;
        let bytes = bytes
            .map_err(|error| anyhow::anyhow!("the answer broke off: {error}"))?
            .to_bytes();
        Ok(Answered {
            status,
            body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
        })
    }

    /// Sends a request and hands the answer's body out as it comes.
    ///
    /// # Errors
    /// When no answer came.
    pub async fn send(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> anyhow::Result<Response<Incoming>> {
        let bytes = body.map(|body| Bytes::from(body.to_string())).unwrap_or_default();
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header(header::HOST, self.host())
            .header(header::CONTENT_TYPE, "application/json");
        if let Some(key) = &self.key {
            request = request.header(header::AUTHORIZATION, format!("Bearer {key}"));
        }
        let request = request
            .body(Full::new(bytes))
            .context("the request cannot be written")?;
        let sending = self.exchange(request);
        let answer = tokio::time::timeout(ANSWER_TIMEOUT, sending).await;
        answer.with_context(|| format!("the gateway at {} did not answer in time", self.host()))?
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> anyhow::Result<Response<Incoming>> {
        let unreachable = || format!("the gateway at {} cannot be reached", self.host());
        match &self.peer {
            Peer::Socket(path) => {
                let stream = UnixStream::connect(path).await.with_context(unreachable)?;
                over(TokioIo::new(stream), request).await
            }
            Peer::Host { authority } => {
                let address = if authority
                    .rsplit(']')
                    .next()
                    .is_some_and(|rest| rest.contains(':'))
                {
                    authority.clone()
                } else {
                    format!("{authority}:80")
                };
                let connecting = tokio::time::timeout(CONNECT_TIMEOUT, TcpStream::connect(address));
                let stream = connecting
                    .await
                    .with_context(unreachable)?
                    .with_context(unreachable)?;
                over(TokioIo::new(stream), request).await
            }
        }
    }

    fn host(&self) -> &str {
        match &self.peer {
            Peer::Socket(_) => "localhost",
            Peer::Host { authority } => authority,
        }
    }
}

async fn over<S>(stream: S, request: Request<Full<Bytes>>) -> anyhow::Result<Response<Incoming>>
where
    S: hyper::rt::Read + hyper::rt::Write + Send + Unpin + 'static,
{
    let (mut sender, connection) = handshake(stream).await.context("no HTTP connection came about")?;
    tokio::spawn(connection);
    sender
        .send_request(request)
        .await
        .context("the connection broke off")
}

impl Answered {
    /// The message of an error in any dialect's shape, with what would be allowed, or the status.
    #[must_use]
    pub fn message(&self) -> String {
        let body = &self.body;
        let found = [&body["error"]["message"], &body["message"], &body["error"]];
        let text = found.into_iter().find_map(Value::as_str);
        let Some(text) = text else {
            return format!("the gateway answered {}", self.status);
        };
        let allowed = body["error"]["allowed"].as_array().into_iter().flatten();
        let allowed: Vec<_> = allowed.filter_map(Value::as_str).collect();
        if allowed.is_empty() {
            return text.to_owned();
        }
        format!("{text}; allowed: {}", allowed.join(", "))
    }
}
