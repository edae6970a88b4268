//! Pushes to a webhook that answers as it is told to.

use std::time::Duration;

use kandy_gateway::{Config, WebhookUrl};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::mpsc,
    time::timeout,
};

use crate::server::{PATIENCE, Server};

const DEVICES: &str = "/rest/version/v2.0/user/bob@example.com/push/google/devices/";
const CALLS: &str = "/rest/version/1/user/alice@example.com/callControl";

/// A webhook that gives these answers one after the other, and 200 afterwards; 0 closes the connection without one.
async fn webhook(mut answers: Vec<u16>) -> (String, mpsc::Receiver<(String, Value)>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/push?key=secret", listener.local_addr().unwrap());
    let (sender, receiver) = mpsc::channel(16);
    tokio::spawn(async move {
        // Ends with the test, whose receiver is dropped.
        while let Ok(Ok((mut stream, _))) = timeout(PATIENCE, listener.accept()).await {
            let mut text = String::new();
            let body = loop {
                let mut part = [0_u8; 4096];
                let length = stream.read(&mut part).await.unwrap();
                assert_ne!(length, 0, "a whole request");
                text.push_str(std::str::from_utf8(&part[..length]).unwrap());
                let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
                let head = head.to_lowercase();
                let wanted: usize =
                    head.split("content-length: ").nth(1).unwrap().lines().next().unwrap().parse().unwrap();
                if body.len() >= wanted {
                    break (head.lines().next().unwrap().to_owned(), serde_json::from_str(body).unwrap());
                }
            };
            let status = if answers.is_empty() { 200 } else { answers.remove(0) };
            if status > 0 {
                let answer = format!("HTTP/1.1 {status} x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
            if sender.send(body).await.is_err() {
                return;
            }
        }
    });
    (address, receiver)
}

async fn server(address: &str) -> Server {
    Server::configured(Config { push_webhook: WebhookUrl::new(address), ..Config::default() }).await
}

async fn registered(server: &Server) -> String {
    let wish = json!({"deviceToken": "device-token-0001", "bundleID": "com.example.app", "service": ["call", "IM"],
        "clientCorrelator": "device-1", "realm": "example-realm"});
    let (status, body) = server.send("bob", "POST", DEVICES, Some(wish)).await;
    assert_eq!(status, 200, "{body}");
    let registration = body["googleDeviceRegistrationResponse"]["registration"].as_str().unwrap().to_owned();
    assert!(registration.starts_with(DEVICES));
    registration
}

async fn call(server: &Server) -> String {
    let start =
        json!({"callControlRequest": {"type": "callStart", "to": "sip:bob@example.com", "from": "", "sdp": "v=0"}});
    let (status, body) = server.send("alice", "POST", CALLS, Some(start)).await;
    assert_eq!(status, 200);
    body["callControlResponse"]["sessionData"].as_str().unwrap().to_owned()
}

async fn next(pushes: &mut mpsc::Receiver<(String, Value)>) -> (String, Value) {
    timeout(PATIENCE, pushes.recv()).await.expect("a push in time").unwrap()
}

#[tokio::test]
async fn a_device_without_a_socket_is_woken_through_the_webhook() {
    let (address, mut pushes) = webhook(vec![]).await;
    let server = server(&address).await;
    let (alice, _) = server.login("alice").await;
    let channel = server.subscribed("bob", &["RingingFeedback"]).await;
    registered(&server).await;
    let session = call(&server).await;
    let (line, push) = next(&mut pushes).await;
    assert_eq!(line, "post /push?key=secret http/1.1");
    assert_eq!(server.send("alice", "DELETE", &format!("{CALLS}/callSessions/{session}"), None).await.0, 200);
    let (_, end) = next(&mut pushes).await;
    assert_eq!(end["notification"]["notificationMessage"]["eventType"], "callEnd");
    call(&server).await;
    let (_, again) = next(&mut pushes).await;
    let mut bob = server.socket(&channel).await.unwrap();
    assert_eq!(again["notification"], bob.next().await.unwrap(), "what the socket gets");
    let notification = &push["notification"];
    assert_eq!(notification["notificationMessage"]["eventType"], "call");
    let wanted = json!({"provider": "google", "deviceToken": "device-token-0001", "bundleID": "com.example.app",
        "realm": "example-realm", "user": "bob@example.com", "notification": notification});
    assert_eq!(push, wanted);
    for socket in [alice, bob] {
        socket.close().await;
    }
    server.stop().await;
}

#[tokio::test]
async fn a_device_that_was_deregistered_is_not_woken() {
    let (address, mut pushes) = webhook(vec![]).await;
    let server = server(&address).await;
    server.subscribed("alice", &["RingingFeedback"]).await;
    server.subscribed("bob", &["RingingFeedback"]).await;
    let registration = registered(&server).await;
    let session = call(&server).await;
    next(&mut pushes).await;
    assert_eq!(server.send("alice", "DELETE", &format!("{CALLS}/callSessions/{session}"), None).await.0, 200);
    next(&mut pushes).await;
    let (status, body) = server.send("bob", "DELETE", &registration, None).await;
    assert_eq!((status, body), (200, json!({"googleDeviceRegistrationResponse": {"statusCode": 0}})));
    call(&server).await;
    // What waits goes out before the end.
    server.stop().await;
    assert!(pushes.try_recv().is_err());
}

#[tokio::test]
async fn what_fails_is_tried_again_as_long_as_that_makes_sense() {
    // What the webhook answers; how often it is asked before the next push.
    for (answers, wanted) in [(vec![500, 0, 429], 4), (vec![400], 1), (vec![302], 1)] {
        let (address, mut pushes) = webhook(answers.clone()).await;
        let server = server(&address).await;
        let (alice, _) = server.login("alice").await;
        server.subscribed("bob", &["RingingFeedback"]).await;
        registered(&server).await;
        let session = call(&server).await;
        assert_eq!(server.send("alice", "DELETE", &format!("{CALLS}/callSessions/{session}"), None).await.0, 200);
        let mut calls = 0;
        let patience = PATIENCE + Duration::from_secs(10);
        let end = loop {
            let (_, push) = timeout(patience, pushes.recv()).await.expect("a push in time").unwrap();
            if push["notification"]["notificationMessage"]["eventType"] != "call" {
                break push;
            }
            calls += 1;
        };
        assert_eq!(end["notification"]["notificationMessage"]["eventType"], "callEnd", "after the call");
        assert_eq!(calls, wanted, "{answers:?}");
        alice.close().await;
        server.stop().await;
    }
}

#[tokio::test]
async fn what_waits_still_goes_out_when_the_gateway_ends() {
    let (address, mut pushes) = webhook(vec![500]).await;
    let server = server(&address).await;
    server.subscribed("bob", &["RingingFeedback"]).await;
    server.subscribed("alice", &["RingingFeedback"]).await;
    registered(&server).await;
    call(&server).await;
    next(&mut pushes).await;
    server.stop().await;
    assert_eq!(next(&mut pushes).await.1["notification"]["notificationMessage"]["eventType"], "call", "once more");
}

#[test]
fn a_webhook_has_an_address_of_the_web() {
    for good in ["http://127.0.0.1:8080", "https://user:password@example.com/push?key=x"] {
        assert_eq!(format!("{:?}", WebhookUrl::new(good).unwrap()), "WebhookUrl", "{good}");
    }
    for bad in ["", "example.com", "ftp://example.com/", "http://", "file:///etc/passwd", "/push"] {
        assert!(WebhookUrl::new(bad).is_none(), "{bad}");
    }
}
