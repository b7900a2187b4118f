//! From which address a request comes: the other end of its connection, and behind proxies that are
//! trusted the address that they name. What follows from it is in `gate/terms.rs`.

use std::net::IpAddr;

use http::{Extensions, HeaderMap};
use ipnet::IpNet;

use crate::gate::terms::network;

/// Where proxies write down who they speak for, the nearest last.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// The other end of the connection that a request came over.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// The other end, as it stands in a request's extensions.
pub(crate) fn peer(extensions: &Extensions) -> Option<IpAddr> {
    extensions.get().map(|Peer(peer)| *peer)
}

/// The address of the client: the peer, or the last address in the chain that no trusted proxy has. None
/// where that cannot be read: whoever stands before an unreadable entry is not known.
pub(super) fn client(peer: Option<IpAddr>, headers: &HeaderMap, trusted: &[IpNet]) -> Option<IpAddr> {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
    let peer = peer?.to_canonical();
    if !is_trusted(&peer) {
        return Some(peer);
    }
    let chain = headers.get_all(FORWARDED_FOR).iter().collect::<Vec<_>>();
    let mut nearest = peer;
    for value in chain.into_iter().rev() {
        for entry in value.to_str().ok()?.rsplit(',') {
            nearest = read(entry)?;
            if !is_trusted(&nearest) {
                return Some(nearest);
            }
        }
    }
    Some(nearest)
}

/// An entry, with or without a port.
fn read(entry: &str) -> Option<IpAddr> {
    let entry = entry.trim();
    let address = network(entry)
        .filter(|_| !entry.contains('/'))
        .map(|net| net.addr());
    let with_port = || {
        let address: Result<std::net::SocketAddr, _> = entry.parse();
        address.ok().map(|address| address.ip())
    };
    Some(address.or_else(with_port)?.to_canonical())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn client_of(peer: &str, chain: &[&str]) -> Option<String> {
        let trusted: Vec<IpNet> = ["10.0.0.0/8", "::1"]
            .iter()
            .filter_map(|text| network(text))
            .collect();
        let mut headers = HeaderMap::new();
        for value in chain {
            headers.append(FORWARDED_FOR, HeaderValue::from_str(value).unwrap());
        }
        client(Some(peer.parse().unwrap()), &headers, &trusted).map(|address| address.to_string())
    }

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        let table: &[(&str, &[&str], Option<&str>)] = &[
            ("203.0.113.7", &[], Some("203.0.113.7")),
            // Whoever comes by itself may write what it likes.
            ("203.0.113.7", &["198.51.100.1"], Some("203.0.113.7")),
            ("10.0.0.1", &["198.51.100.1"], Some("198.51.100.1")),
            ("::ffff:10.0.0.1", &["198.51.100.1"], Some("198.51.100.1")),
            (
                "10.0.0.1",
                &["192.0.2.66, 198.51.100.1, 10.0.0.2"],
                Some("198.51.100.1"),
            ),
            ("10.0.0.1", &["192.0.2.66", "198.51.100.1"], Some("198.51.100.1")),
            ("::1", &["198.51.100.1:443"], Some("198.51.100.1")),
            ("::1", &["[2001:db8::7]:443"], Some("2001:db8::7")),
            // A proxy that names nobody, and one that names what cannot be read.
            ("10.0.0.1", &[], Some("10.0.0.1")),
            ("10.0.0.1", &["10.0.0.3"], Some("10.0.0.3")),
            ("10.0.0.1", &["198.51.100.1, unknown"], None),
            ("10.0.0.1", &["198.51.100.0/24"], None),
        ];
        for (peer, chain, expected) in table {
            assert_eq!(client_of(peer, chain).as_deref(), *expected, "{peer} {chain:?}");
        }
        assert_eq!(client(None, &HeaderMap::new(), &[]), None);
    }
}
