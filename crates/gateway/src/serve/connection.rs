//! One connection: its handshake, its requests, and its end.

use std::{
    convert::Infallible,
    future::{Future, poll_fn},
    net::SocketAddr,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    Router,
    body::{Body, Bytes, HttpBody},
    extract::ConnectInfo,
    http::{Request, Response},
};
use hyper::{
    body::{Frame, Incoming, SizeHint},
    server::conn::http1,
    service::Service,
};
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use tokio::{
    net::TcpStream,
    sync::watch,
    time::{Instant, Sleep, sleep_until, timeout},
};

use super::{
    Bounds, Shell,
    activity::{Activity, Serving},
    bounds::{BUFFER, HEADER_BYTES, HEADERS},
    room::Place,
    scheme::{Peer, Scheme},
    stream::{Counted, Stream},
};

/// Serves a connection until either end is through with it. `end` changes when no more requests are to be read, and its
/// sender is gone when there is no more time.
pub(super) async fn serve(
    shell: Arc<Shell>,
    tcp: TcpStream,
    peer: SocketAddr,
    place: Place,
    mut end: watch::Receiver<()>,
) {
    let tls = shell.tls.is_some();
    let stream = tokio::select! {
        stream = handshake(&shell, tcp) => stream,
        _ = end.changed() => None,
    };
    let Some(stream) = stream else { return };
    let activity = Activity::new();
    let io = TokioIo::new(Counted { stream, activity: activity.clone(), _place: place });
    let router = TowerToHyperService::new(shell.router.clone());
    let requests = Requests {
        router,
        peer,
        tls,
        trusted: shell.proxies.trusts(peer.ip().to_canonical()),
        activity: activity.clone(),
    };
    let mut http = http1::Builder::new();
    // The time of headers is ours to keep: the library does not know it from the time without a request.
    http.header_read_timeout(None).max_header_size(HEADER_BYTES).max_headers(HEADERS).max_buf_size(BUFFER);
    let mut connection = pin!(http.serve_connection(io, requests).with_upgrades());
    let mut alarm = pin!(sleep_until(Instant::now()));
    loop {
        let over = in_time(connection.as_mut(), &activity, alarm.as_mut(), &shell.bounds);
        let ending = tokio::select! {
            () = over => return,
            ending = end.changed() => ending,
        };
        match ending {
            Ok(()) => connection.as_mut().graceful_shutdown(),
            Err(_) => return,
        }
    }
}

/// The stream that requests come on; `None` when there is none in time.
async fn handshake(shell: &Shell, tcp: TcpStream) -> Option<Stream> {
    let Some(tls) = &shell.tls else { return Some(Stream::Plain(tcp)) };
    match timeout(shell.bounds.handshake, tls.accept(tcp)).await {
        Ok(Ok(stream)) => Some(Stream::Tls(Box::new(stream))),
        Ok(Err(error)) => {
            tracing::debug!(%error, "no TLS");
            None
        }
        Err(_) => {
            tracing::debug!("a TLS handshake took too long");
            None
        }
    }
}

/// Completes when the connection ended by itself, or may not go on.
async fn in_time<C>(mut connection: Pin<&mut C>, activity: &Activity, mut alarm: Pin<&mut Sleep>, bounds: &Bounds)
where
    C: Future<Output = hyper::Result<()>>,
{
    poll_fn(|cx| {
        if let Poll::Ready(ended) = connection.as_mut().poll(cx) {
            if let Err(error) = ended {
                tracing::trace!(%error, "a connection broke");
            }
            return Poll::Ready(());
        }
        let Some(deadline) = activity.deadline(bounds) else { return Poll::Pending };
        if alarm.deadline() != deadline {
            alarm.as_mut().reset(deadline);
        }
        alarm.as_mut().poll(cx)
    })
    .await;
}

/// Hands the requests of a connection to the router, with what only the connection knows.
struct Requests {
    router: TowerToHyperService<Router>,
    peer: SocketAddr,
    tls: bool,
    trusted: bool,
    activity: Activity,
}

impl Service<Request<Incoming>> for Requests {
    type Response = Response<Served>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        let serving = self.activity.serving();
        let scheme = Scheme::of(self.tls, self.trusted, request.headers());
        request.extensions_mut().insert(scheme);
        request.extensions_mut().insert(ConnectInfo(Peer(self.peer)));
        let response = self.router.call(request);
        Box::pin(async { Ok(response.await?.map(|body| Served { body, _serving: serving })) })
    }
}

/// The body of a response, with whose end the request is served.
struct Served {
    body: Body,
    _serving: Serving,
}

impl HttpBody for Served {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
