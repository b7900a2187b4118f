//! The way out of the house: HTTP with the address guard in front of every hop. Which addresses are
//! good is in `transport/guard.rs`, what names lead to in `transport/lookup.rs`, how long and how large
//! a reply may be in `transport/reply.rs`.

use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::Transport;
use domain::transport::{OutReply, OutRequest, TransportError};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use reqwest::{Client, Response};
use tokio::time::Sleep;

pub mod guard;
pub mod lookup;
mod reply;

use guard::{Refused, Rules, Target};
use lookup::{Lookup, Resolve};

/// Longest time for name, connection and handshake.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest time that an unused connection is kept.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);
/// Most redirects that are followed.
const HOPS_MAX: usize = 3;
/// Longest header list of an HTTP/2 reply; replies over HTTP/1 are measured against it as well.
const HEADERS_MAX_BYTES: u32 = 64 * 1024;
/// How the house names itself.
const USER_AGENT: &str = concat!("reelway/", env!("CARGO_PKG_VERSION"));

/// The way out. Two dialling clients, so that a connection to an opened host is never used for others.
pub struct Outside {
    rules: Rules,
    judged: Client,
    open: Client,
}

impl Outside {
    /// A way out under the operator's rules.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(rules: Rules, resolver: Arc<dyn Resolve>) -> Result<Outside, Box<dyn Error + Send + Sync>> {
        let tls = tls()?;
        Ok(Outside {
            rules,
            judged: client(tls.clone(), Lookup::judged(Arc::clone(&resolver)))?,
            open: client(tls, Lookup::open(resolver))?,
        })
    }

    async fn hop(
        &self,
        request: &OutRequest,
        target: &Target,
        method: &Method,
        headers: &HeaderMap,
    ) -> Result<Response, TransportError> {
        let client = if target.open { &self.open } else { &self.judged };
        let sent = client
            .request(method.clone(), target.url.clone())
            .headers(headers.clone())
            .body(request.body.clone())
            .send();
        sent.await.map_err(|error| failure(&error))
    }
}

#[async_trait]
impl Transport for Outside {
    async fn send(&self, request: OutRequest) -> Result<OutReply, TransportError> {
        let mut target = guard::check_url(&request.url, &self.rules).map_err(refusal)?;
        let method = method(&request.method)?;
        let mut headers = headers(&request.headers)?;
        let limit = Duration::from_millis(request.timeout_ms);
        let mut deadline: Pin<Box<Sleep>> = Box::pin(tokio::time::sleep(limit));
        for _ in 0..=HOPS_MAX {
            let response = tokio::select! {
                response = self.hop(&request, &target, &method, &headers) => response?,
                () = &mut deadline => {
                    let reason = format!("no answer within `{}` ms", request.timeout_ms);
                    return Err(TransportError::Ambiguous(reason));
                }
            };
            let Some(location) = location(&method, &response) else {
                return reply::of(response, request.limit_bytes, deadline);
            };
            let next = guard::check_hop(&target, &location, &self.rules).map_err(refusal)?;
            if next.url.origin() != target.url.origin() {
                // What was meant for one host is no other host's business.
                headers.clear();
            }
            target = next;
        }
        let reason = format!("it redirects more than `{HOPS_MAX}` times");
        Err(TransportError::Refused(reason))
    }
}

/// The roots are compiled in, so that an empty container can check certificates.
fn tls() -> Result<rustls::ClientConfig, rustls::Error> {
    let roots: rustls::RootCertStore = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config =
        rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let mut config = config.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

#[expect(clippy::disallowed_methods, reason = "this is the transport")]
fn client(tls: rustls::ClientConfig, lookup: Lookup) -> Result<Client, reqwest::Error> {
    Client::builder()
        .tls_backend_preconfigured(tls)
        .dns_resolver(lookup)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .user_agent(USER_AGENT)
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .http2_max_header_list_size(HEADERS_MAX_BYTES)
        .build()
}

fn method(text: &str) -> Result<Method, TransportError> {
    let method = Method::from_bytes(text.as_bytes());
    method.map_err(|_| TransportError::NotSent(format!("`{text}` is no method")))
}

fn headers(pairs: &[(String, String)]) -> Result<HeaderMap, TransportError> {
    let mut headers = HeaderMap::with_capacity(pairs.len());
    for (name, value) in pairs {
        let header = HeaderName::from_bytes(name.as_bytes())
            .ok()
            .zip(value.parse().ok());
        let Some((name, value)) = header else {
            let reason = format!("the header `{name}` cannot be written");
            return Err(TransportError::NotSent(reason));
        };
        let mut value: HeaderValue = value;
        value.set_sensitive(true);
        headers.append(name, value);
    }
    Ok(headers)
}

/// Where a reply to a `GET` sends us on.
fn location(method: &Method, response: &Response) -> Option<String> {
    let followed = matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308);
    if *method != Method::GET || !followed {
        return None;
    }
    let location = response.headers().get(http::header::LOCATION)?;
    Some(String::from_utf8_lossy(location.as_bytes()).into_owned())
}

fn refusal(refused: Refused) -> TransportError {
    TransportError::Refused(refused.0)
}

/// Told apart by whether the request may have arrived. The words are ours: what a stranger answered,
/// and what an inner resolver knows, stay inside.
fn failure(error: &reqwest::Error) -> TransportError {
    let mut cause: &(dyn Error + 'static) = error;
    while let Some(source) = cause.source() {
        if let Some(refused) = source.downcast_ref::<Refused>() {
            return refusal(refused.clone());
        }
        cause = source;
    }
    tracing::debug!(%cause, "a request to the outside failed");
    if error.is_connect() && error.is_timeout() {
        let reason = format!("no connection within `{}` s", CONNECT_TIMEOUT.as_secs());
        return TransportError::NotSent(reason);
    }
    if error.is_connect() {
        return TransportError::NotSent("the connection could not be made".to_owned());
    }
    if error.is_builder() {
        return TransportError::NotSent("the request cannot be written".to_owned());
    }
    TransportError::Ambiguous("the connection broke before the reply came".to_owned())
}
