//! From names to addresses: resolved once a connection, judged, and only then handed to the dialler,
//! which connects to these addresses and asks nobody again.

use std::error::Error;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolving};

use crate::transport::guard::{Refused, judge};

/// Most answers that are looked at; a name with more is a trick or a mistake.
const ANSWERS_MAX: usize = 64;

/// Where names are looked up.
#[async_trait]
pub trait Resolve: Send + Sync {
    /// Every address of a name.
    ///
    /// # Errors
    /// Any, when the name has no address.
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>>;
}

/// The machine's own resolver.
pub struct SystemResolver;

#[async_trait]
impl Resolve for SystemResolver {
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let found = tokio::net::lookup_host((name, 0)).await?;
        Ok(found.map(|address| address.ip()).collect())
    }
}

/// Looks names up and refuses those that lead anywhere but outside.
#[derive(Clone)]
pub struct Lookup {
    resolver: Arc<dyn Resolve>,
    judged: bool,
}

impl Lookup {
    /// A look-up whose answers are judged.
    #[must_use]
    pub fn judged(resolver: Arc<dyn Resolve>) -> Lookup {
        Lookup {
            resolver,
            judged: true,
        }
    }

    /// A look-up for hosts that the operator opened.
    #[must_use]
    pub fn open(resolver: Arc<dyn Resolve>) -> Lookup {
        Lookup {
            resolver,
            judged: false,
        }
    }

    /// The addresses of a name: all of them good, or none.
    ///
    /// # Errors
    /// [`Refused`] inside, when one of them is not globally routable; else the resolver's.
    pub async fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, Box<dyn Error + Send + Sync>> {
        let addresses = self.resolver.resolve(name).await?;
        if addresses.is_empty() {
            return Err(Box::new(io::Error::from(io::ErrorKind::NotFound)));
        }
        if addresses.len() > ANSWERS_MAX {
            return Err(Box::new(Refused("its host has too many addresses".to_owned())));
        }
        if self.judged {
            for address in &addresses {
                judge(*address)?;
            }
        }
        Ok(addresses)
    }
}

impl reqwest::dns::Resolve for Lookup {
    fn resolve(&self, name: Name) -> Resolving {
        let lookup = self.clone();
        Box::pin(async move {
            let addresses = lookup.addresses(name.as_str()).await?;
            // Port 0: the dialler puts the address's own port there.
            let sockets = addresses.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(sockets) as Addrs)
        })
    }
}
