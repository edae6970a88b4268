//! The bounds of connections: what is too large, too many or too slow ends, and keeps nobody else waiting.

use std::time::Duration;

use kandy_gateway::{Bounds, Config, Proxies};
use kandy_switch::Policy;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::timeout,
};

use crate::server::{PATIENCE, Server};

/// Longer than what a test awaits, and short enough to be awaited.
const SHORT: Duration = Duration::from_millis(300);
/// Answered by the switch without a look at anything.
const ASK: &str = "GET /rest/x HTTP/1.1\r\nhost: x\r\n\r\n";

async fn server(bounds: Bounds, trusted_proxies: Proxies) -> Server {
    Server::configured(Config { bounds, trusted_proxies, ..Config::default() }).await
}

/// Nobody is a proxy.
fn nobody() -> Proxies {
    "".parse().unwrap()
}

/// Everybody is.
fn everybody() -> Proxies {
    "0.0.0.0/0".parse().unwrap()
}

async fn connected(server: &Server) -> TcpStream {
    TcpStream::connect(server.address).await.unwrap()
}

/// What comes until the gateway closes the connection.
async fn rest(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    // A reset is an end, too.
    timeout(PATIENCE, stream.read_to_end(&mut text)).await.expect("an end in time").ok();
    String::from_utf8(text).unwrap()
}

/// The status of the answer to a request, on a connection that stays.
async fn status(stream: &mut TcpStream, request: &str) -> Option<u16> {
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut answer = Vec::new();
    let length = |answer: &[u8]| {
        let text = String::from_utf8_lossy(answer).into_owned();
        let (head, body) = text.split_once("\r\n\r\n")?;
        let length = head.split("content-length: ").nth(1)?.split("\r\n").next()?.parse::<usize>().ok()?;
        (body.len() >= length).then_some(())
    };
    while length(&answer).is_none() {
        if timeout(PATIENCE, stream.read_buf(&mut answer)).await.expect("an answer in time").ok()? == 0 {
            return None;
        }
    }
    String::from_utf8(answer).unwrap().split(' ').nth(1)?.parse().ok()
}

#[tokio::test]
async fn headers_are_bounded_in_size_and_number() {
    let server = Server::start().await;
    let lines = |count: usize| (0..count).map(|n| format!("x-{n}: y\r\n")).collect::<String>();
    let ask = |path: &str, lines: &str| format!("GET /rest/{path} HTTP/1.1\r\nhost: x\r\n{lines}\r\n");
    let sized = |size: usize| {
        let empty = ask("x", "x: \r\n").len();
        ask("x", &format!("x: {}\r\n", "y".repeat(size - empty)))
    };
    let rows = [
        ("100 headers", ask("x", &lines(99)), "404"),
        ("101 headers", ask("x", &lines(100)), "431"),
        ("80 KiB of headers", sized(80 << 10), "404"),
        ("a byte more", sized((80 << 10) + 1), "431"),
        ("an address with a long text", ask(&"x".repeat(60_000), ""), "404"),
        ("an address of 64 KiB", ask(&"x".repeat(65_530), ""), "414"),
        ("no end of headers", sized(81 << 10).trim_end().to_owned(), "431"),
    ];
    for (what, request, wanted) in rows {
        let mut stream = connected(&server).await;
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = [0; 12];
        timeout(PATIENCE, stream.read_exact(&mut answer)).await.expect("an answer in time").unwrap();
        assert_eq!(std::str::from_utf8(&answer).unwrap(), format!("HTTP/1.1 {wanted}"), "{what}");
    }
    server.stop().await;
}

#[tokio::test]
async fn headers_that_come_slowly_end_their_connection_only() {
    let server = server(Bounds { headers: SHORT, ..Bounds::default() }, everybody()).await;
    let mut other = connected(&server).await;
    assert_eq!(status(&mut other, ASK).await, Some(404));
    let mut silent = connected(&server).await;
    let mut slow = connected(&server).await;
    let mut letters = "GET /rest/x HTTP/1.1\r\nx: ".bytes().chain(std::iter::repeat(b'y'));
    let mut byte = [0];
    let ended = async {
        while slow.write_all(&[letters.next().unwrap()]).await.is_ok() {
            // Every byte comes early enough, if each of them had the whole time.
            if timeout(SHORT / 10, slow.read(&mut byte)).await.is_ok() {
                break;
            }
        }
    };
    timeout(PATIENCE, ended).await.expect("an end in time");
    assert_eq!(rest(&mut silent).await, "", "nothing at all is too slow as well");
    assert_eq!(status(&mut other, ASK).await, Some(404), "this one waits for its next request");
    // The next headers have their time, too.
    other.write_all(b"GET /").await.unwrap();
    assert_eq!(rest(&mut other).await, "");
    server.stop().await;
}

#[tokio::test]
async fn an_idle_connection_is_closed_and_a_busy_one_is_not() {
    let server = server(Bounds { headers: SHORT, idle: SHORT, ..Bounds::default() }, everybody()).await;
    let mut idle = connected(&server).await;
    for _ in 0..300 {
        assert_eq!(status(&mut idle, ASK).await, Some(404), "there may be any number of requests");
    }
    let (mut socket, _) = server.login("alice").await;
    let mut busy = connected(&server).await;
    busy.write_all(b"POST /rest/x HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n").await.unwrap();
    assert_eq!(rest(&mut idle).await, "");
    assert!(timeout(SHORT * 2, busy.read_u8()).await.is_err(), "its body may take longer");
    assert_eq!(status(&mut busy, "{}").await, Some(404));
    assert!(socket.rest().await.is_empty(), "a socket is no idle connection");
    socket.close().await;
    assert_eq!(rest(&mut busy).await, "");
    server.stop().await;
}

#[tokio::test]
async fn one_address_has_so_many_connections() {
    let server = server(Bounds { connections_per_address: 3, ..Bounds::default() }, nobody()).await;
    let mut streams = Vec::new();
    for _ in 0..3 {
        let mut stream = connected(&server).await;
        assert_eq!(status(&mut stream, ASK).await, Some(404));
        streams.push(stream);
    }
    for _ in 0..2 {
        assert_eq!(rest(&mut connected(&server).await).await, "", "closed without a word");
    }
    assert_eq!(status(&mut streams[0], ASK).await, Some(404), "the others go on");
    drop(streams);
    let again = async { while status(&mut connected(&server).await, ASK).await != Some(404) {} };
    timeout(PATIENCE, again).await.expect("room in time");
    server.stop().await;
}

#[tokio::test]
async fn sockets_count_as_connections_of_their_address() {
    let server = server(Bounds { connections_per_address: 2, ..Bounds::default() }, nobody()).await;
    // One for requests, which the client keeps.
    let (mut socket, channel) = server.login("alice").await;
    assert!(server.socket(&channel).await.is_err());
    assert!(socket.rest().await.is_empty());
    socket.close().await;
    server.stop().await;
}

#[tokio::test]
async fn a_proxy_has_any_number_of_connections() {
    let server = server(Bounds { connections_per_address: 1, ..Bounds::default() }, everybody()).await;
    let mut streams = Vec::new();
    for _ in 0..5 {
        let mut stream = connected(&server).await;
        assert_eq!(status(&mut stream, ASK).await, Some(404));
        streams.push(stream);
    }
    drop(streams);
    server.stop().await;
}

#[tokio::test]
async fn whoever_comes_when_there_is_no_room_waits_for_it() {
    let server = server(Bounds { connections: 1, ..Bounds::default() }, nobody()).await;
    let mut first = connected(&server).await;
    assert_eq!(status(&mut first, ASK).await, Some(404));
    let mut second = connected(&server).await;
    second.write_all(ASK.as_bytes()).await.unwrap();
    assert!(timeout(SHORT, second.read_u8()).await.is_err());
    drop(first);
    assert_eq!(status(&mut second, "").await, Some(404));
    drop(second);
    server.stop().await;
}

#[tokio::test]
async fn a_response_that_nobody_takes_ends_its_connection() {
    let folder = std::env::temp_dir().join(format!("kandy-gateway-stalled-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    // More than the buffers of a connection hold.
    std::fs::write(folder.join("large.bin"), vec![b'x'; 32 << 20]).unwrap();
    let bounds = Bounds { connections: 1, stalled: SHORT, ..Bounds::default() };
    let server = Server::configured(Config { bounds, www: Some(folder.clone()), ..Config::default() }).await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4 << 10).unwrap();
    let mut stalled = socket.connect(server.address).await.unwrap();
    stalled.write_all(b"GET /large.bin HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    // There is room for one, so an answer means that the first one is gone.
    let mut next = connected(&server).await;
    assert_eq!(status(&mut next, ASK).await, Some(404));
    drop((stalled, next));
    server.stop().await;
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn a_user_has_as_many_sockets_as_subscriptions() {
    let policy = Policy { subscriptions_per_user: 3, ..Policy::default() };
    let server = Server::with(policy, None, None).await;
    let mut sockets = Vec::new();
    for _ in 0..3 {
        sockets.push(server.login("alice").await);
    }
    let path = "/rest/version/1/user/alice@example.com/subscription";
    let (refused, _) = server.send("alice", "POST", path, Some(crate::server::subscribe())).await;
    assert_eq!(refused, 403, "all of them have sockets");
    for (socket, channel) in &mut sockets {
        let second = server.socket(channel).await.unwrap();
        assert_eq!(socket.next().await, Err(1000), "a subscription has one socket");
        *socket = second;
    }
    for (socket, _) in &mut sockets {
        assert!(socket.rest().await.is_empty());
    }
    for (socket, _) in sockets {
        socket.close().await;
    }
    server.stop().await;
}

/// Begins the end of the gateway, and waits until it accepts nobody any more.
async fn ending(server: Server) -> tokio::task::JoinHandle<()> {
    let address = server.address;
    let ended = tokio::spawn(server.stop());
    let closed = async { while TcpStream::connect(address).await.is_ok() {} };
    timeout(PATIENCE, closed).await.expect("a closed listener in time");
    ended
}

#[tokio::test]
async fn running_requests_are_answered_in_the_end() {
    let server = Server::start().await;
    let (mut idle, mut busy) = (connected(&server).await, connected(&server).await);
    assert_eq!(status(&mut idle, ASK).await, Some(404));
    busy.write_all(b"POST /rest/x HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\nexpect: 100-continue\r\n\r\n")
        .await
        .unwrap();
    let mut begun = [0; 25];
    timeout(PATIENCE, busy.read_exact(&mut begun)).await.expect("a begin in time").unwrap();
    assert_eq!(&begun, b"HTTP/1.1 100 Continue\r\n\r\n");
    let ended = ending(server).await;
    assert_eq!(rest(&mut idle).await, "", "nobody waits for its next request");
    assert_eq!(status(&mut busy, "{}").await, Some(404));
    assert_eq!(rest(&mut busy).await, "");
    ended.await.unwrap();
}

#[tokio::test]
async fn requests_that_do_not_end_are_cut_off_in_the_end() {
    let server = Server::start().await;
    let mut busy = connected(&server).await;
    busy.write_all(b"POST /rest/x HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n").await.unwrap();
    let ended = ending(server).await;
    assert_eq!(rest(&mut busy).await, "");
    ended.await.unwrap();
}
