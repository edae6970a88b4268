//! How connections come in, and their bounds.
//!
//! | module | subject |
//! | --- | --- |
//! | `bounds` | how many, how long, how much |
//! | `room` | how many there are, altogether and from one address |
//! | `connection` | one of them: its handshake, its requests, its end |
//! | `activity` | what one is doing, and how long it may |
//! | `stream` | the bytes of one |
//! | `scheme` | from whom a request came, and by which scheme |
//! | `tls` | the certificate |

mod activity;
mod bounds;
mod connection;
pub(crate) mod room;
mod scheme;
mod stream;
pub(crate) mod tls;

use std::{io, sync::Arc, time::Duration};

use axum::Router;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
};
use tokio_rustls::TlsAcceptor;

pub use bounds::Bounds;
pub(crate) use scheme::{Peer, Scheme};

use crate::client::Proxies;
use room::Room;

/// How long nothing is accepted after the system refused to: it has no more files or memory, and only time helps.
const PAUSE: Duration = Duration::from_secs(1);

/// What all connections share.
pub(crate) struct Shell {
    pub(crate) router: Router,
    pub(crate) bounds: Bounds,
    /// With a certificate, all connections are encrypted.
    pub(crate) tls: Option<TlsAcceptor>,
    /// Whose `x-forwarded-*` headers are believed: proxies that speak TLS in front of the gateway.
    pub(crate) proxies: Arc<Proxies>,
}

/// Accepts connections until it is dropped; each has a task of its own, so that a slow one keeps nobody waiting.
pub(crate) async fn accept(listener: TcpListener, shell: Arc<Shell>, room: Room, end: watch::Receiver<()>) {
    loop {
        let place = room.place().await;
        let (tcp, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) if is_of_one(&error) => continue,
            Err(error) => {
                tracing::error!(%error, "no connection can be accepted");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        // Behind a proxy there are many clients at one address.
        let counted = !shell.proxies.trusts(peer.ip().to_canonical());
        let Some(place) = (if counted { room.seat(place, peer.ip()) } else { Some(place) }) else {
            refuse(&tcp);
            continue;
        };
        // Notifications are single small frames, which must not wait for more.
        drop(tcp.set_nodelay(true));
        let peer = (peer.ip().to_canonical(), peer.port()).into();
        tokio::spawn(connection::serve(shell.clone(), tcp, peer, room.taken(place), end.clone()));
    }
}

/// Closes a connection without a word: an answer would cost a handshake under TLS. Reset, so that nothing of it is left here.
fn refuse(tcp: &TcpStream) {
    drop(tcp.set_zero_linger());
}

/// Whether only the connection failed that was to be accepted.
fn is_of_one(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
