//! The address guard: which addresses the house goes to. Pure functions over text and addresses; what
//! a name leads to is judged again in `lookup.rs`, with the same ranges, when it is resolved.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};
use url::{Host, Url};

/// Longest address in bytes; signed links of storage services stay far below.
const URL_MAX_BYTES: usize = 16 * 1024;

/// IPv4 that is not globally routable.
const V4_CLOSED: [Ipv4Net; 16] = [
    v4([0, 0, 0, 0], 8),
    v4([10, 0, 0, 0], 8),
    v4([100, 64, 0, 0], 10),
    v4([127, 0, 0, 0], 8),
    v4([169, 254, 0, 0], 16),
    v4([172, 16, 0, 0], 12),
    v4([192, 0, 0, 0], 24),
    v4([192, 0, 2, 0], 24),
    v4([192, 88, 99, 0], 24),
    v4([192, 168, 0, 0], 16),
    v4([198, 18, 0, 0], 15),
    v4([198, 51, 100, 0], 24),
    v4([203, 0, 113, 0], 24),
    v4([224, 0, 0, 0], 4),
    v4([240, 0, 0, 0], 4),
    v4([255, 255, 255, 255], 32),
];
/// The only IPv6 that is handed out for global use: `::`, `::1`, `::/96`, `100::/64`, `5f00::/16`,
/// `64:ff9b:1::/48`, `fc00::/7`, `fe80::/10`, `fec0::/10` and `ff00::/8` lie outside.
const V6_OPEN: Ipv6Net = v6([0x2000, 0, 0], 3);
/// Parts of [`V6_OPEN`] that are not globally routable: protocol assignments with Teredo and ORCHID,
/// and documentation.
const V6_CLOSED: [Ipv6Net; 3] = [
    v6([0x2001, 0, 0], 23),
    v6([0x2001, 0xdb8, 0], 32),
    v6([0x3fff, 0, 0], 20),
];
/// NAT64: the IPv4 address stands in the last 32 bits.
const NAT64: Ipv6Net = v6([0x64, 0xff9b, 0], 96);
/// 6to4: the IPv4 address stands behind the first 16 bits.
const SIX_TO_FOUR: Ipv6Net = v6([0x2002, 0, 0], 16);

/// Ends of names that never lead outside. Names of one label are refused as well.
const INNER_ENDS: [&str; 9] = [
    "localhost",
    "local",
    "internal",
    "localdomain",
    "home.arpa",
    "lan",
    "intranet",
    "corp",
    "home",
];

const fn v4(octets: [u8; 4], prefix: u8) -> Ipv4Net {
    let [a, b, c, d] = octets;
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6(head: [u16; 3], prefix: u8) -> Ipv6Net {
    let [a, b, c] = head;
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0), prefix)
}

/// Why an address is not gone to. Says nothing that the caller did not know before.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refused(pub String);

/// What the operator opened beyond the public network.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    allow_private: bool,
    allow_hosts: Vec<Allowed>,
}

/// One opened host; without a port, at every port.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Allowed {
    host: Host<String>,
    port: Option<u16>,
}

impl Rules {
    /// Rules from what the operator wrote: `host` or `host:port`, IPv6 in brackets.
    ///
    /// # Errors
    /// The first entry that is neither.
    pub fn new(allow_private: bool, allow_hosts: &[String]) -> Result<Rules, String> {
        let allowed = allow_hosts
            .iter()
            .map(|entry| allowed(entry).ok_or_else(|| entry.clone()));
        Ok(Rules {
            allow_private,
            allow_hosts: allowed.collect::<Result<_, _>>()?,
        })
    }

    fn open(&self, host: &Host<&str>, port: u16) -> bool {
        let listed = |allowed: &Allowed| {
            same_host(&allowed.host, host) && allowed.port.is_none_or(|allowed| allowed == port)
        };
        self.allow_private || self.allow_hosts.iter().any(listed)
    }
}

fn same_host(allowed: &Host<String>, host: &Host<&str>) -> bool {
    match (allowed, host) {
        (Host::Domain(allowed), Host::Domain(host)) => allowed == host,
        (Host::Ipv4(allowed), Host::Ipv4(host)) => allowed == host,
        (Host::Ipv6(allowed), Host::Ipv6(host)) => allowed == host,
        _ => false,
    }
}

fn allowed(entry: &str) -> Option<Allowed> {
    let strange = |mark: char| mark.is_whitespace() || mark.is_control() || "/?#@\\%".contains(mark);
    if entry.is_empty() || entry.contains(strange) {
        return None;
    }
    // A scheme hides its own port; the other one shows it.
    let plain = Url::parse(&format!("http://{entry}")).ok()?;
    let tls = Url::parse(&format!("https://{entry}")).ok()?;
    Some(Allowed {
        host: plain.host()?.to_owned(),
        port: plain.port().or(tls.port()),
    })
}

/// An address that may be gone to.
#[derive(Debug, Clone)]
pub struct Target {
    /// The address, parsed for good.
    pub url: Url,
    /// The operator opened this host, so what it leads to is not judged.
    pub open: bool,
}

/// Parses an address once and judges all that can be judged without resolving its name.
///
/// # Errors
/// [`Refused`] when the house does not go there.
pub fn check_url(text: &str, rules: &Rules) -> Result<Target, Refused> {
    check_text(text)?;
    let url = Url::parse(text).map_err(|_| refused("it is no address that can be read"))?;
    let host = url.host().ok_or_else(|| refused("it names no host"))?;
    let port = url.port_or_known_default().unwrap_or(0);
    if port == 0 {
        return Err(refused("its port is not one"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused("it carries a user name or a password"));
    }
    let open = rules.open(&host, port);
    match url.scheme() {
        "https" => {}
        "http" if open => {}
        _ => return Err(refused("it must begin with `https://`")),
    }
    if !open {
        match host {
            Host::Ipv4(address) => judge(IpAddr::V4(address))?,
            Host::Ipv6(address) => judge(IpAddr::V6(address))?,
            Host::Domain(name) => judge_name(name)?,
        }
    }
    Ok(Target { url, open })
}

/// Follows a redirect: the address that it leads to, judged as if a client had named it.
///
/// # Errors
/// [`Refused`] when the house does not go there, or when it leads from `https` down to `http`.
pub fn check_hop(from: &Target, location: &str, rules: &Rules) -> Result<Target, Refused> {
    check_marks(location)?;
    let next = from.url.join(location);
    let next = next.map_err(|_| refused("it redirects to an address that cannot be read"))?;
    if from.url.scheme() == "https" && next.scheme() != "https" {
        return Err(refused("it redirects from `https` down to another scheme"));
    }
    check_url(next.as_str(), rules)
}

/// Refuses addresses that are not globally routable, also those with such an IPv4 address inside.
///
/// # Errors
/// [`Refused`], which does not repeat the address.
pub fn judge(address: IpAddr) -> Result<(), Refused> {
    let public = match address {
        IpAddr::V4(address) => public_v4(address),
        IpAddr::V6(address) => public_v6(address),
    };
    if public {
        return Ok(());
    }
    Err(refused("it does not lead to the public network"))
}

fn public_v4(address: Ipv4Addr) -> bool {
    !V4_CLOSED.iter().any(|range| range.contains(&address))
}

fn public_v6(address: Ipv6Addr) -> bool {
    if let Some(inner) = address.to_ipv4_mapped() {
        return public_v4(inner);
    }
    let [_, a, b, .., c, d] = address.segments();
    if NAT64.contains(&address) {
        return public_v4(joined(c, d));
    }
    if SIX_TO_FOUR.contains(&address) {
        return public_v4(joined(a, b));
    }
    V6_OPEN.contains(&address) && !V6_CLOSED.iter().any(|range| range.contains(&address))
}

fn joined(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low))
}

/// Names that never lead outside, whatever the resolver of this machine makes of them.
fn judge_name(name: &str) -> Result<(), Refused> {
    let name = name.strip_suffix('.').unwrap_or(name);
    let ends_inside = |end: &str| {
        name.strip_suffix(end)
            .is_some_and(|head| head.is_empty() || head.ends_with('.'))
    };
    let broken = name.split('.').any(str::is_empty);
    if broken || !name.contains('.') || INNER_ENDS.iter().any(|end| ends_inside(end)) {
        return Err(refused("its host is a name of an inner network"));
    }
    Ok(())
}

/// What parsers disagree on is refused before any of them sees it.
fn check_text(text: &str) -> Result<(), Refused> {
    if text.len() > URL_MAX_BYTES {
        return Err(refused("it is too long"));
    }
    check_marks(text)?;
    let Some((scheme, rest)) = text.split_once("://") else {
        return Err(refused("it must begin with `https://`"));
    };
    if !scheme.eq_ignore_ascii_case("https") && !scheme.eq_ignore_ascii_case("http") {
        return Err(refused("it must begin with `https://`"));
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.is_empty() {
        return Err(refused("it names no host"));
    }
    if authority.contains('@') {
        return Err(refused("it carries a user name or a password"));
    }
    if authority.contains('%') {
        return Err(refused("its host is percent-encoded"));
    }
    if authority.ends_with(':') {
        return Err(refused("its port is missing"));
    }
    Ok(())
}

fn check_marks(text: &str) -> Result<(), Refused> {
    let strange = |mark: char| mark.is_whitespace() || mark.is_control() || mark == '\\';
    if text.contains(strange) {
        return Err(refused("it contains a space, a control character or a backslash"));
    }
    Ok(())
}

fn refused(reason: &str) -> Refused {
    Refused(reason.to_owned())
}
