//! One WebSocket of one client.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use futures_util::{SinkExt as _, StreamExt as _};
use kandy_core::{Input, SocketId, input::SocketFact};
use tokio::{
    net::{TcpSocket, TcpStream},
    sync::mpsc,
    time::{Instant, timeout},
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, client_async_with_config, connect_async_with_config,
    tungstenite::{self, Message, client::IntoClientRequest as _, protocol::WebSocketConfig},
};

/// Bytes of a frame; the largest documented ones are a few kilobytes.
const LARGEST: usize = 1 << 20;
/// Bytes that are read at a time. The usual 128 KiB of each socket would make up most of what thousands of clients need.
const BUFFER: usize = 4 << 10;
/// Frames that may wait to be written; a client has two at a time.
const WAITING: usize = 32;
/// How long the other end may take to agree to the close.
const GOODBYE: Duration = Duration::from_secs(10);

/// The code of a socket that ended without one (RFC 6455 7.1.5).
pub(crate) const NO_CODE: u16 = 1006;
/// The code of a close without one (RFC 6455 7.1.5).
const NONE_GIVEN: u16 = 1005;

/// The driver's end of a socket; the socket is closed when it is dropped, and reports nothing any more.
#[derive(Debug)]
pub(crate) struct Socket {
    frames: mpsc::Sender<String>,
    /// When the handshake began.
    pub(crate) began: Instant,
    /// Frames before this are not to be sent.
    pub(crate) is_open: bool,
    /// When the check was sent that has no answer yet.
    checked: Option<Instant>,
}

/// The task's end of a socket.
pub(crate) struct Line {
    id: SocketId,
    frames: mpsc::Receiver<String>,
    inbox: mpsc::Sender<Input>,
    source: Option<Ipv4Addr>,
}

/// Both ends of a new socket, which comes from this address, if one is given.
pub(crate) fn socket(id: SocketId, inbox: mpsc::Sender<Input>, source: Option<Ipv4Addr>) -> (Socket, Line) {
    let (sender, frames) = mpsc::channel(WAITING);
    let socket = Socket { frames: sender, began: Instant::now(), is_open: false, checked: None };
    (socket, Line { id, frames, inbox, source })
}

impl Socket {
    /// Sends a text frame; false when the socket does not keep up. One that is not open sends nothing.
    pub(crate) fn send(&mut self, text: String) -> bool {
        if !self.is_open {
            return true;
        }
        if text.contains("\"connCheck\"") {
            self.checked.get_or_insert_with(Instant::now);
        }
        self.frames.try_send(text).is_ok()
    }

    /// Whether something that was sent before still waits to be written.
    pub(crate) fn is_stuck(&self) -> bool {
        self.frames.capacity() < WAITING
    }

    /// How long the check took that this frame answers, if it answers one.
    pub(crate) fn answered(&mut self, text: &str) -> Option<Duration> {
        if text.contains("\"connAck\"") { self.checked.take().map(|at| at.elapsed()) } else { None }
    }
}

impl Line {
    /// Opens the socket and serves it to its end.
    pub(crate) async fn serve(mut self, url: String) {
        let config = WebSocketConfig::default()
            .read_buffer_size(BUFFER)
            .max_message_size(Some(LARGEST))
            .max_frame_size(Some(LARGEST));
        let opened = tokio::select! {
            opened = open(url, config, self.source) => opened,
            None = self.frames.recv() => return,
        };
        let code = match opened {
            Ok(stream) => {
                self.tell(SocketFact::Opened).await;
                match self.converse(stream).await {
                    Some(code) => code,
                    None => return,
                }
            }
            Err(_) => NO_CODE,
        };
        self.tell(SocketFact::Closed { code }).await;
    }

    /// The close code; `None` when this side closed.
    async fn converse(&mut self, mut stream: WebSocketStream<MaybeTlsStream<TcpStream>>) -> Option<u16> {
        let mut code = NO_CODE;
        loop {
            tokio::select! {
                frame = self.frames.recv() => match frame {
                    Some(text) => {
                        if stream.send(Message::text(text)).await.is_err() {
                            return Some(code);
                        }
                    }
                    None => {
                        drop(timeout(GOODBYE, goodbye(stream)).await);
                        return None;
                    }
                },
                message = stream.next() => match message {
                    Some(Ok(Message::Text(text))) => self.tell(SocketFact::Frame(text.as_str().to_owned())).await,
                    Some(Ok(Message::Close(close))) => code = close.map_or(NONE_GIVEN, |close| close.code.into()),
                    // Pings are answered below this.
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return Some(code),
                },
            }
        }
    }

    async fn tell(&self, fact: SocketFact) {
        // A driver that is gone needs no report.
        drop(self.inbox.send(Input::Socket(self.id, fact)).await);
    }
}

/// Opens a socket.
async fn open(
    url: String,
    config: WebSocketConfig,
    source: Option<Ipv4Addr>,
) -> Result<WebSocketStream<MaybeTlsStream<TcpStream>>, tungstenite::Error> {
    let request = url.into_client_request()?;
    let uri = request.uri();
    // Addresses in numbers are all there are here; a name would have to be looked up first.
    let address = uri.host().and_then(|host| host.parse::<Ipv4Addr>().ok()).zip(uri.port_u16());
    let Some((source, (ip, port))) = source.zip(address) else {
        return Ok(connect_async_with_config(request, Some(config), true).await?.0);
    };
    let socket = TcpSocket::new_v4()?;
    socket.bind((source, 0).into())?;
    let stream = socket.connect(SocketAddr::from((ip, port))).await?;
    stream.set_nodelay(true)?;
    Ok(client_async_with_config(request, MaybeTlsStream::Plain(stream), Some(config)).await?.0)
}

async fn goodbye(mut stream: WebSocketStream<MaybeTlsStream<TcpStream>>) {
    if stream.close(None).await.is_ok() {
        while let Some(Ok(_)) = stream.next().await {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHECK: &str = r#"{"connCheck":{"interval":30}}"#;

    fn pair() -> (Socket, Line, mpsc::Receiver<Input>) {
        let (inbox, inputs) = mpsc::channel(1);
        let (socket, line) = socket(SocketId(1), inbox, Some(Ipv4Addr::LOCALHOST));
        (socket, line, inputs)
    }

    #[test]
    fn nothing_is_sent_before_it_is_open_nor_kept_without_bound() {
        let (mut socket, mut line, _inputs) = pair();
        assert!(socket.send(CHECK.to_owned()));
        assert!(line.frames.try_recv().is_err() && socket.answered(r#"{"connAck":{}}"#).is_none());
        socket.is_open = true;
        assert!(!socket.is_stuck());
        assert!((0..WAITING).all(|_| socket.send(CHECK.to_owned())));
        assert!(socket.is_stuck() && !socket.send(CHECK.to_owned()));
        assert!(socket.answered("{}").is_none());
        assert!(socket.answered(r#"{"connAck":{}}"#).is_some());
    }

    #[tokio::test]
    async fn an_address_where_nobody_is_closes_without_a_code() {
        let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}/", taken.local_addr().unwrap());
        drop(taken);
        let (_socket, line, mut inputs) = pair();
        line.serve(url).await;
        let told = inputs.recv().await;
        assert!(matches!(told, Some(Input::Socket(SocketId(1), SocketFact::Closed { code: NO_CODE }))), "{told:?}");
    }

    #[tokio::test]
    async fn closing_ends_an_attempt_that_hangs() {
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (socket, line, mut inputs) = pair();
        let attempt = tokio::spawn(line.serve(format!("ws://{}/", silent.local_addr().unwrap())));
        let connection = silent.accept().await.unwrap();
        drop(socket);
        timeout(GOODBYE, attempt).await.unwrap().unwrap();
        assert!(inputs.recv().await.is_none(), "and nothing is told of it");
        drop(connection);
    }
}
