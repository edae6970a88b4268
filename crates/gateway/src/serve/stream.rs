//! The bytes of a connection, plain or encrypted. It holds the connection's place, and notes what happens on it.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::server::TlsStream;

use super::{activity::Activity, room::Place};

pub(super) enum Stream {
    Plain(TcpStream),
    // A box: it is some times as large as the other one.
    Tls(Box<TlsStream<TcpStream>>),
}

/// A stream with what belongs to it. It outlives its HTTP when it becomes a WebSocket.
pub(super) struct Counted {
    pub(super) stream: Stream,
    pub(super) activity: Activity,
    pub(super) _place: Place,
}

impl Counted {
    fn inner(&mut self) -> Pin<&mut dyn Both> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream),
            Stream::Tls(stream) => Pin::new(&mut **stream),
        }
    }

    /// Notes whether a step of writing was possible.
    fn noted<T>(&self, step: Poll<T>) -> Poll<T> {
        match step {
            Poll::Ready(_) => self.activity.wrote(),
            Poll::Pending => self.activity.blocked(),
        }
        step
    }
}

/// Either kind of stream.
trait Both: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Both for T {}

impl AsyncRead for Counted {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let step = self.inner().poll_read(cx, buf);
        if buf.filled().len() > before {
            self.activity.read();
        }
        step
    }
}

impl AsyncWrite for Counted {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let step = self.inner().poll_write(cx, buf);
        self.noted(step)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let step = self.inner().poll_flush(cx);
        self.noted(step)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let step = self.inner().poll_shutdown(cx);
        self.noted(step)
    }

    fn is_write_vectored(&self) -> bool {
        match &self.stream {
            Stream::Plain(stream) => stream.is_write_vectored(),
            Stream::Tls(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let step = self.inner().poll_write_vectored(cx, bufs);
        self.noted(step)
    }
}
