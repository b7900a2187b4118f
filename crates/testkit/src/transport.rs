//! A way out that leads nowhere, or to what a test put there: pages by address, or a script of answers.
//! It writes down what was sent.

use std::collections::{HashMap, VecDeque};
use std::io;

use async_trait::async_trait;
use bytes::Bytes;
use domain::Transport;
use domain::blobs::{ByteStream, stream_of};
use domain::transport::{OutReply, OutRequest, TransportError};
use parking_lot::Mutex;

/// What the outside does with one request.
#[derive(Debug, Clone)]
pub enum OnSend {
    /// It answers.
    Answer {
        /// HTTP status.
        status: u16,
        /// Headers; names in lower case.
        headers: Vec<(String, String)>,
        /// The body.
        body: Bytes,
    },
    /// It begins to answer and breaks off.
    BreakOff {
        /// HTTP status.
        status: u16,
        /// What came before.
        body: Bytes,
        /// How it broke off.
        kind: io::ErrorKind,
    },
    /// There is no answer.
    Fail(TransportError),
}

impl OnSend {
    /// An answer without headers.
    #[must_use]
    pub fn answer(status: u16, body: impl Into<Bytes>) -> OnSend {
        OnSend::Answer {
            status,
            headers: Vec::new(),
            body: body.into(),
        }
    }
}

/// Answers by the script, while there is one; then by address: what was put there, else "not reached".
#[derive(Default)]
pub struct ScriptedTransport {
    pages: Mutex<HashMap<String, (u16, Bytes)>>,
    script: Mutex<VecDeque<OnSend>>,
    sent: Mutex<Vec<OutRequest>>,
}

impl ScriptedTransport {
    /// Puts a status and a body at an address.
    pub fn serve(&self, url: &str, status: u16, body: &[u8]) {
        self.pages
            .lock()
            .insert(url.to_owned(), (status, Bytes::copy_from_slice(body)));
    }

    /// Appends to the script.
    pub fn on_send(&self, script: impl IntoIterator<Item = OnSend>) {
        self.script.lock().extend(script);
    }

    /// How much of the script nobody asked for.
    #[must_use]
    pub fn left(&self) -> usize {
        self.script.lock().len()
    }

    /// What was sent so far, in order.
    #[must_use]
    pub fn sent(&self) -> Vec<OutRequest> {
        self.sent.lock().clone()
    }
}

#[async_trait]
impl Transport for ScriptedTransport {
    async fn send(&self, request: OutRequest) -> Result<OutReply, TransportError> {
        let page = self.pages.lock().get(&request.url).cloned();
        self.sent.lock().push(request);
        let next = self.script.lock().pop_front();
        let (status, headers, body): (u16, _, ByteStream) = match (next, page) {
            (
                Some(OnSend::Answer {
                    status,
                    headers,
                    body,
                }),
                _,
            ) => (status, headers, stream_of(body)),
            (Some(OnSend::BreakOff { status, body, kind }), _) => {
                let pieces = [Ok(body), Err(io::Error::from(kind))];
                (status, Vec::new(), Box::pin(futures_util::stream::iter(pieces)))
            }
            (Some(OnSend::Fail(error)), _) => return Err(error),
            (None, Some((status, body))) => (status, Vec::new(), stream_of(body)),
            (None, None) => return Err(TransportError::NotSent("connection refused".to_owned())),
        };
        Ok(OutReply {
            status,
            headers,
            body,
        })
    }
}
