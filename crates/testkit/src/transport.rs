//! A way out that leads nowhere, or to bytes that a test put there.

use std::collections::HashMap;

use async_trait::async_trait;
use bytes::Bytes;
use domain::Transport;
use domain::blobs::stream_of;
use domain::transport::{OutReply, OutRequest, TransportError};
use parking_lot::Mutex;

/// Answers by address: what was put there, else "not reached".
#[derive(Default)]
pub struct ScriptedTransport {
    pages: Mutex<HashMap<String, (u16, Bytes)>>,
}

impl ScriptedTransport {
    /// Puts a status and a body at an address.
    pub fn serve(&self, url: &str, status: u16, body: &[u8]) {
        self.pages
            .lock()
            .insert(url.to_owned(), (status, Bytes::copy_from_slice(body)));
    }
}

#[async_trait]
impl Transport for ScriptedTransport {
    async fn send(&self, request: OutRequest) -> Result<OutReply, TransportError> {
        let page = self.pages.lock().get(&request.url).cloned();
        let (status, body) = page.ok_or_else(|| TransportError::NotSent("connection refused".to_owned()))?;
        Ok(OutReply {
            status,
            headers: Vec::new(),
            body: stream_of(body),
        })
    }
}
