//! Sockets: handshakes, checks, order, and their end.

use std::time::{Duration, Instant};

use futures_util::SinkExt;
use kandy_gateway::Config;
use kandy_switch::Policy;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::server::{Server, Socket, answer};

const PING: &str = r#"{"message_type":"ping"}"#;

fn call(user: &str, rest: &str) -> String {
    format!("/rest/version/1/user/{user}@example.com/callControl{rest}")
}

fn start(to: &str, sdp: &str) -> Value {
    json!({"callControlRequest": {"type": "callStart", "to": format!("sip:{to}@example.com"), "from": "", "sdp": sdp}})
}

async fn notification(socket: &mut Socket) -> Value {
    socket.next().await.expect("an open socket")["notificationMessage"].clone()
}

#[tokio::test]
async fn checks_are_answered_and_pings_are_not() {
    let server = Server::start().await;
    let (mut socket, _) = server.login("alice").await;
    for frame in [PING, "nonsense", "[]", r#"{"connAck":{}}"#, PING] {
        socket.say(frame).await;
    }
    assert_eq!(socket.rest().await, [] as [Value; 0]);
    socket.close().await;
    server.stop().await;
}

#[tokio::test]
async fn handshakes_are_refused_with_words() {
    let server = Server::start().await;
    let refusal = |outcome: Result<Socket, Error>| match outcome {
        Err(Error::Http(response)) => response,
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("it was let in"),
    };
    let unknown = refusal(server.socket("/notification/1.0/websocket/unknown").await);
    assert_eq!(unknown.status(), 404);
    assert_eq!(unknown.headers()["access-control-allow-origin"], "*");

    let token = server.request("GET", "/v2.0/auth/mk_token").basic_auth("alice@example.com", Some("alice-password-1"));
    let token = answer(token).await.1["success"]["access_token"].as_str().unwrap().to_owned();
    let path = format!("/rest/version/1/user/alice@example.com/subscription?token={token}");
    let body = answer(server.request("POST", &path).json(&crate::server::subscribe())).await.1;
    let channel = body["subscribeResponse"]["subscriptionParams"]["notificationChannel"].as_str().unwrap().to_owned();
    assert_eq!(refusal(server.socket(&channel).await).status(), 401, "a UC channel needs its token");
    assert_eq!(refusal(server.socket(&format!("{channel}?token=nonsense")).await).status(), 401);
    server.socket(&format!("{channel}?token={token}")).await.unwrap().close().await;

    let (status, body) = answer(server.request("GET", &channel)).await;
    assert_eq!((status, body["statusCode"].is_i64()), (400, true), "no WebSocket at all");
    server.stop().await;
}

#[tokio::test]
async fn nothing_overtakes_the_start_response() {
    let server = Server::start().await;
    let (mut alice, _) = server.login("alice").await;
    let begun = Instant::now();
    let (status, body) = server.send("alice", "POST", &call("alice", ""), Some(start("nobody", "offer"))).await;
    let end = notification(&mut alice).await;
    let grace = Duration::from_millis(Policy::default().grace - 1);
    assert!(begun.elapsed() >= grace, "it came after {:?}", begun.elapsed());
    assert_eq!((status, &end["eventType"]), (200, &json!("callEnd")));
    assert_eq!(end["sessionParams"]["sessionData"], body["callControlResponse"]["sessionData"]);
    alice.close().await;
    server.stop().await;
}

#[tokio::test]
async fn calls_pass_from_start_to_end() {
    let server = Server::start().await;
    let ((mut alice, _), (mut bob, _)) = (server.login("alice").await, server.login("bob").await);
    for _ in 0..5 {
        let (status, body) = server.send("alice", "POST", &call("alice", ""), Some(start("bob", "offer"))).await;
        assert_eq!(status, 200);
        let theirs = body["callControlResponse"]["sessionData"].as_str().unwrap().to_owned();
        let offer = notification(&mut bob).await;
        assert_eq!((&offer["eventType"], &offer["sessionParams"]["sdp"]), (&json!("call"), &json!("offer")));
        let ours = call("bob", &format!("/callSessions/{}", offer["sessionParams"]["sessionData"].as_str().unwrap()));
        for wish in [json!({"type": "ringing"}), json!({"type": "callAnswer", "sdp": "answer"})] {
            assert_eq!(server.send("bob", "PUT", &ours, Some(json!({"callControlRequest": wish}))).await.0, 200);
        }
        assert_eq!(notification(&mut alice).await["eventType"], "ringing");
        assert_eq!(notification(&mut alice).await["sessionParams"]["sdp"], "answer");
        let theirs = call("alice", &format!("/callSessions/{theirs}"));
        assert_eq!(server.send("alice", "DELETE", &theirs, None).await.0, 200);
        assert_eq!(notification(&mut bob).await["eventType"], "callEnd");
    }
    for socket in [alice, bob] {
        socket.close().await;
    }
    server.stop().await;
}

#[tokio::test]
async fn the_server_acts_when_time_passes() {
    // Nobody sends anything: the timer alone brings the end.
    let policy = Policy { no_answer: 300, ..Policy::default() };
    let server = Server::with(policy, None, None).await;
    let ((mut alice, _), (mut bob, _)) = (server.login("alice").await, server.login("bob").await);
    server.send("alice", "POST", &call("alice", ""), Some(start("bob", "offer"))).await;
    let session = notification(&mut bob).await["sessionParams"]["sessionData"].as_str().unwrap().to_owned();
    let ringing = Some(json!({"callControlRequest": {"type": "ringing"}}));
    assert_eq!(server.send("bob", "PUT", &call("bob", &format!("/callSessions/{session}")), ringing).await.0, 200);
    assert_eq!(notification(&mut alice).await["eventType"], "ringing");
    for socket in [&mut alice, &mut bob] {
        let end = notification(socket).await;
        assert_eq!((&end["eventType"], &end["sessionParams"]["statusCode"]), (&json!("callEnd"), &json!(487)));
    }
    for socket in [alice, bob] {
        socket.close().await;
    }
    server.stop().await;
}

#[tokio::test]
async fn a_new_socket_replaces_the_old_one_and_gets_what_is_not_proven() {
    let server = Server::start().await;
    let ((mut first, channel), (alice, _)) = (server.login("bob").await, server.login("alice").await);
    server.send("alice", "POST", &call("alice", ""), Some(start("bob", "offer"))).await;
    let offer = notification(&mut first).await;
    let mut second = server.socket(&channel).await.unwrap();
    assert_eq!(notification(&mut second).await, offer, "the same once more, under the same id");
    assert_eq!(first.next().await, Err(1000));
    assert_eq!(second.rest().await, [] as [Value; 0]);
    for socket in [second, alice] {
        socket.close().await;
    }
    server.stop().await;
}

#[tokio::test]
async fn notifications_wait_for_a_client_that_is_away() {
    let server = Server::start().await;
    let ((first, channel), (alice, _)) = (server.login("bob").await, server.login("alice").await);
    first.close().await;
    assert_eq!(server.send("alice", "POST", &call("alice", ""), Some(start("bob", "offer"))).await.0, 200);
    let mut second = server.socket(&channel).await.unwrap();
    assert_eq!(notification(&mut second).await["eventType"], "call");
    for socket in [second, alice] {
        socket.close().await;
    }
    server.stop().await;
}

#[tokio::test]
async fn a_frame_that_is_too_large_ends_its_socket_only() {
    let server = Server::start().await;
    let ((mut alice, _), (bob, _)) = (server.login("alice").await, server.login("bob").await);
    alice.stream().send(Message::text("x".repeat(1 << 20))).await.ok();
    assert!(alice.next().await.is_err());
    let (status, _) = server.send("alice", "POST", &call("alice", ""), Some(start("bob", "offer"))).await;
    assert_eq!(status, 200, "the subscription lives on");
    bob.close().await;
    server.stop().await;
}

#[tokio::test]
async fn a_socket_that_is_not_read_keeps_nobody_waiting() {
    let server = Server::start().await;
    let ((slow, channel), (alice, _)) = (server.login("bob").await, server.login("alice").await);
    // Far more than the buffers of a connection hold; the last ones are still there for the next socket.
    let sdp = "x".repeat(900 << 10);
    for _ in 0..12 {
        let (status, body) = server.send("alice", "POST", &call("alice", ""), Some(start("bob", &sdp))).await;
        assert_eq!(status, 200);
        let session = body["callControlResponse"]["sessionData"].as_str().unwrap().to_owned();
        let path = call("alice", &format!("/callSessions/{session}"));
        assert_eq!(server.send("alice", "DELETE", &path, None).await.0, 200);
    }
    let mut next = server.socket(&channel).await.unwrap();
    assert_eq!(notification(&mut next).await["eventType"], "call");
    drop(slow);
    for socket in [next, alice] {
        socket.close().await;
    }
    server.stop().await;
}

#[tokio::test]
async fn the_end_of_the_gateway_closes_every_socket_in_order() {
    // In memory, so that nobody goes on.
    let server = Server::storing(Config::default()).await;
    let ((mut alice, _), (mut bob, _)) = (server.login("alice").await, server.login("bob").await);
    let begun = Instant::now();
    let ended = tokio::spawn(server.stop());
    assert_eq!((alice.next().await, bob.next().await), (Err(1001), Err(1001)));
    // Reading on completes the closing handshake, as browsers do by themselves.
    assert_eq!((alice.next().await, bob.next().await), (Err(1006), Err(1006)));
    ended.await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(5), "nobody had to be given up");
}
