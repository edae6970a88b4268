//! The bounds of connections. Those of messages and people stand where they are kept.

use std::time::Duration;

/// How many connections there may be, and how long each may take for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounds {
    /// Connections at a time, sockets included; whoever comes then waits in the system's queue. Half of the 20,000 files that
    /// a process often may have open: the rest is for the database and for files that are up- or downloaded.
    pub connections: u32,
    /// Connections at a time from one address, which is one host (IPv4) or one network of 64 bits (IPv6); 0 for as many as
    /// there may be. More are closed at once. A person has one socket and now and then some requests beside it, so this is
    /// an office of some hundred people behind one address, and no more than a twentieth of all connections.
    pub connections_per_address: u32,
    /// How long a TLS handshake may take: a few packets in each direction, over a slow line.
    pub handshake: Duration,
    /// How long the headers of a request may take, from their first byte on, or from the beginning of the connection on.
    pub headers: Duration,
    /// How long a connection may be without a request. Longer than a minute, so that a client that asks something every
    /// minute keeps its connection.
    pub idle: Duration,
    /// How long the other end may take nothing of a response.
    pub stalled: Duration,
    /// How often the files of the certificate are looked at.
    pub certificate_check: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connections: 10_000,
            connections_per_address: 500,
            handshake: Duration::from_secs(10),
            headers: Duration::from_secs(20),
            idle: Duration::from_secs(75),
            stalled: Duration::from_secs(30),
            certificate_check: Duration::from_secs(60),
        }
    }
}

/// Most bytes of a request line and its headers; then the answer is 431. A message of the UC flavour is in the request line:
/// 16 KiB of text, three times that when it is encoded, its receivers, and the longest address that HTTP libraries take is
/// 64 KiB (414 beyond). The rest is for headers: tokens and what proxies add.
pub(super) const HEADER_BYTES: usize = 80 << 10;
/// Most headers of a request; then the answer is 431. Browsers send about 20, a proxy adds some; up to 100 need no memory.
pub(super) const HEADERS: usize = 100;
/// Most bytes that wait in a connection in either direction, headers included.
pub(super) const BUFFER: usize = 128 << 10;
