//! The way out of the house. No outside address is needed yet, so this one refuses every address:
//! nothing that a client names can make the gateway call anywhere.

use async_trait::async_trait;
use domain::Transport;
use domain::transport::{OutReply, OutRequest, TransportError};

/// A transport that goes nowhere.
pub struct Closed;

#[async_trait]
impl Transport for Closed {
    async fn send(&self, _request: OutRequest) -> Result<OutReply, TransportError> {
        let reason = "this version fetches nothing from outside; send media inline as Base64";
        Err(TransportError::Refused(reason.to_owned()))
    }
}
