//! How a request came: from whom, and whether nobody between could read it.

use std::net::SocketAddr;

use axum::http::{HeaderMap, request::Parts};

/// The address of the other end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) SocketAddr);

/// The scheme of the address by which the client asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scheme {
    Http,
    Https,
}

impl Scheme {
    /// That of a request of a connection. What a proxy says counts if it is one that the operator trusts.
    pub(super) fn of(tls: bool, trusted: bool, headers: &HeaderMap) -> Self {
        let forwarded = || headers.get("x-forwarded-proto").is_some_and(|scheme| scheme == "https");
        if tls || trusted && forwarded() { Self::Https } else { Self::Http }
    }

    /// That of a request, which the connection noted.
    pub(crate) fn noted(parts: &Parts) -> Self {
        parts.extensions.get().copied().unwrap_or(Self::Http)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_trusted_proxies_are_believed() {
        let rows = [
            (false, false, None, "http"),
            (false, false, Some("https"), "http"),
            (false, true, None, "http"),
            (false, true, Some("http"), "http"),
            (false, true, Some("https"), "https"),
            (false, true, Some("https, http"), "http"),
            (true, false, None, "https"),
            (true, true, Some("http"), "https"),
        ];
        for (tls, trusted, forwarded, wanted) in rows {
            let mut headers = HeaderMap::new();
            if let Some(forwarded) = forwarded {
                headers.insert("x-forwarded-proto", forwarded.parse().unwrap());
            }
            assert_eq!(Scheme::of(tls, trusted, &headers).name(), wanted, "{tls} {trusted} {forwarded:?}");
        }
    }
}
