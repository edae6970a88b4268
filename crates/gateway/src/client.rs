//! Who is at the other end of a request: its address, also behind a proxy; and the request's id.

use std::{
    net::{IpAddr, Ipv6Addr},
    str::FromStr,
    sync::atomic::{AtomicBool, Ordering},
};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, StatusCode, request::Parts},
};

use crate::{operation::requests::RequestId, people::People, serve::Peer};

/// What proxies write before the address that they heard a request from.
const FORWARDED: &str = "x-forwarded-for";

/// The other end of a request.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    /// Its address; that of the client itself where a proxy is trusted to tell it.
    pub(crate) address: IpAddr,
    /// The request's id.
    pub(crate) request_id: String,
}

impl FromRequestParts<People> for Client {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, people: &People) -> Result<Self, StatusCode> {
        let ConnectInfo(Peer(peer)) =
            parts.extensions.get::<ConnectInfo<Peer>>().ok_or(StatusCode::INTERNAL_SERVER_ERROR)?;
        let address = people.proxies.client(peer.ip(), &parts.headers);
        let id = parts.extensions.get::<RequestId>().ok_or(StatusCode::INTERNAL_SERVER_ERROR)?;
        Ok(Self { address, request_id: id.as_str().to_owned() })
    }
}

/// Who counts as one: an IPv4 address, and the 64 bits of an IPv6 address that name a network, because whoever has one has all
/// of its addresses (RFC 4291 §2.5.4).
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
        address => address,
    }
}

/// The proxies that are believed when they say whom they speak for.
#[derive(Debug)]
pub struct Proxies {
    trusted: Vec<Network>,
    warned: AtomicBool,
}

/// Addresses that begin with the same bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Network {
    start: IpAddr,
    bits: u32,
}

/// Those of this machine: whoever is on it is trusted with more than that.
impl Default for Proxies {
    fn default() -> Self {
        let local = ["127.0.0.0/8", "::1"].into_iter().filter_map(Network::read);
        Self { trusted: local.collect(), warned: AtomicBool::default() }
    }
}

impl Proxies {
    /// The address of the client: the last one that no trusted proxy has. Whatever is written before that one, the client may
    /// have written by itself.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let peer = peer.to_canonical();
        if !self.trusts(peer) {
            if headers.contains_key(FORWARDED) && !self.warned.swap(true, Ordering::Relaxed) {
                tracing::warn!(%peer, "{FORWARDED} is not believed from here; if this is your proxy, name it in trusted_proxies");
            }
            return peer;
        }
        let lines: Vec<&str> = headers.get_all(FORWARDED).iter().filter_map(|line| line.to_str().ok()).collect();
        let hops = lines.iter().rev().flat_map(|line| line.rsplit(',')).map(|hop| hop.trim().parse::<IpAddr>());
        let mut client = peer;
        for hop in hops {
            // A proxy that writes something else says nothing.
            let Ok(hop) = hop else { return client };
            client = hop.to_canonical();
            if !self.trusts(client) {
                break;
            }
        }
        client
    }

    /// Whether this is one of them.
    pub(crate) fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.has(address))
    }
}

/// Addresses and networks (`10.0.0.0/8`), separated by commas.
impl FromStr for Proxies {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        Ok(Self { trusted: parts.map(Network::read).collect::<Option<_>>().ok_or(())?, warned: AtomicBool::default() })
    }
}

impl Network {
    fn read(text: &str) -> Option<Self> {
        let (start, bits) = text.split_once('/').map_or((text, None), |(start, bits)| (start, Some(bits)));
        let start: IpAddr = start.parse().ok()?;
        let width = if start.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(width), str::parse).ok().filter(|bits| *bits <= width)?;
        Some(Self { start, bits })
    }

    fn has(self, address: IpAddr) -> bool {
        match (self.start, address) {
            (IpAddr::V4(start), IpAddr::V4(address)) => {
                same(start.to_bits().into(), address.to_bits().into(), 32 - self.bits)
            }
            (IpAddr::V6(start), IpAddr::V6(address)) => same(start.to_bits(), address.to_bits(), 128 - self.bits),
            _ => false,
        }
    }
}

/// Whether two addresses are the same but for their last bits.
fn same(one: u128, other: u128, last: u32) -> bool {
    one.checked_shr(last) == other.checked_shr(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(trusted: &str, peer: &str, forwarded: &[&str]) -> String {
        let proxies: Proxies = trusted.parse().unwrap();
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append(FORWARDED, line.parse().unwrap());
        }
        proxies.client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn only_a_trusted_proxy_says_who_the_client_is() {
        let rows: [(&str, &str, &[&str], &str); 12] = [
            ("", "192.0.2.1", &["198.51.100.7"], "192.0.2.1"),
            ("10.0.0.1", "192.0.2.1", &["198.51.100.7"], "192.0.2.1"),
            ("10.0.0.1", "10.0.0.1", &["198.51.100.7"], "198.51.100.7"),
            ("10.0.0.1", "::ffff:10.0.0.1", &["198.51.100.7"], "198.51.100.7"),
            ("10.0.0.1", "10.0.0.1", &["203.0.113.9, 198.51.100.7"], "198.51.100.7"),
            ("10.0.0.1", "10.0.0.1", &["203.0.113.9", "198.51.100.7"], "198.51.100.7"),
            ("10.0.0.0/8", "10.0.0.1", &["203.0.113.9,198.51.100.7, 10.9.9.9"], "198.51.100.7"),
            ("10.0.0.0/8", "10.0.0.1", &["10.1.1.1"], "10.1.1.1"),
            ("10.0.0.1", "10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", "10.0.0.1", &["198.51.100.7, unknown"], "10.0.0.1"),
            ("::1, 2001:db8::/32", "2001:db8:1::1", &["2001:db9::1"], "2001:db9::1"),
            ("0.0.0.0/0", "192.0.2.1", &["::1"], "::1"),
        ];
        for (trusted, peer, forwarded, wanted) in rows {
            assert_eq!(client(trusted, peer, forwarded), wanted, "{trusted} {peer} {forwarded:?}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in ["proxy", "10.0.0.1/33", "10.0.0.1/x", "::1/129", "10.0.0.1 10.0.0.2"] {
            assert!(text.parse::<Proxies>().is_err(), "{text}");
        }
        assert!("".parse::<Proxies>().is_ok());
    }
}
