//! One task per socket: frames in, frames out, and a check that somebody is still there.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use crate::hub::{OpenSocket, Outgoing};

/// Largest frame of a client; the protocol's frames have some tens of bytes.
pub(crate) const MAX_FRAME: usize = 16 << 10;
/// Bytes read at a time. The library takes 128 KiB for every socket, and keeps them.
pub(crate) const READ_BUFFER: usize = 4 << 10;
/// How often the other end is asked for a sign of life, which every browser gives by itself.
const PING: Duration = Duration::from_secs(30);
/// How long there may be none.
const SILENCE: Duration = Duration::from_secs(80);
/// How long one frame may take to be written.
const WRITE: Duration = Duration::from_secs(10);

/// Says that the other end may come back: it was too slow (RFC 6455, registry of close codes).
const TRY_AGAIN: u16 = 1013;

/// Serves a socket until either side ends it.
pub(crate) async fn serve(mut socket: WebSocket, mut open: OpenSocket) {
    let id = open.id.0;
    tracing::debug!(socket = id, "open");
    let mut pings = interval(PING);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    pings.reset();
    let mut heard = Instant::now();
    let code = loop {
        let message = tokio::select! {
            // In this order: a frame of the client proves to the switch that what was handed out before it is on its way, so it
            // must not be read while any of that still waits here for a slow client.
            biased;
            outgoing = open.receiver.recv() => match outgoing {
                Some(Outgoing::Text(text)) => Message::Text(text.into()),
                Some(Outgoing::Mark) => {
                    open.ready();
                    continue;
                }
                Some(Outgoing::Close(code)) => break code,
                None => break TRY_AGAIN,
            },
            _ = pings.tick() => {
                if heard.elapsed() > SILENCE {
                    break TRY_AGAIN;
                }
                Message::Ping(Default::default())
            }
            incoming = socket.recv() => {
                heard = Instant::now();
                match incoming {
                    Some(Ok(Message::Text(text))) => open.text(&text),
                    // Whatever a client closes for, it lived until then.
                    Some(Ok(Message::Close(_))) => {
                        open.heard();
                        tracing::debug!(socket = id, "closed by the client");
                        return;
                    }
                    Some(Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_))) => {}
                    Some(Err(_)) | None => {
                        tracing::debug!(socket = id, "lost");
                        return;
                    }
                }
                continue;
            }
        };
        if !matches!(timeout(WRITE, socket.send(message)).await, Ok(Ok(()))) {
            break TRY_AGAIN;
        }
    };
    tracing::debug!(socket = id, code, "closed by the gateway");
    drop(open);
    let close = Message::Close(Some(CloseFrame { code, reason: Default::default() }));
    // Written, then read until the other end has closed too, for which it has as long as for any frame.
    let goodbye = async {
        if socket.send(close).await.is_ok() {
            while let Some(Ok(_)) = socket.recv().await {}
        }
    };
    drop(timeout(WRITE, goodbye).await);
}
