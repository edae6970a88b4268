//! A gateway that ends, and another one that goes on in its place.

use kandy_gateway::{Config, DatabaseUrl};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    place::Folder,
    resume::{Talk, resumed},
    server::{Server, answer, subscribe},
};

/// A gateway that keeps what it stores in this folder.
pub(crate) fn keeping(folder: &Folder) -> Config {
    let database = folder.postgres().map(|url| DatabaseUrl::new(url).unwrap());
    Config { data: Some(folder.0.clone()), database, ..Config::default() }
}

async fn server(folder: &Folder) -> Server {
    Server::configured(keeping(folder)).await
}

#[tokio::test]
async fn a_call_goes_on_over_a_restart() {
    let folder = Folder::new("call");
    let first = server(&folder).await;
    let mut talk = Talk::begin(&first).await;
    let (mut bob, complete) = resumed(&first, &talk.channel, "").await;
    assert_eq!(complete, true);
    let call = bob.next().await.unwrap()["notificationMessage"].clone();
    for sdp in ["1", "2"] {
        talk.exchange(&first, sdp).await;
    }
    let token = first.request("GET", "/v2.0/auth/mk_token").basic_auth("carol@example.com", Some("carol-password-3"));
    let token = answer(token).await.1["success"]["access_token"].as_str().unwrap().to_owned();
    let ended = tokio::spawn(first.stop());
    let mut told = Vec::new();
    let code = loop {
        match bob.next().await {
            Ok(frame) => told.push(frame),
            Err(code) => break code,
        }
    };
    assert_eq!((code, talk.alice.next().await), (1012, Err(1012)), "come back to the next one");
    // Reading on completes the closing handshake, as browsers do by themselves.
    assert_eq!((bob.next().await, talk.alice.next().await), (Err(1006), Err(1006)));
    let Talk { alices_channel, channel, sessions, .. } = talk;
    ended.await.unwrap();

    let second = server(&folder).await;
    let alice = second.socket(&alices_channel).await.unwrap();
    let mut talk = Talk { alice, alices_channel, channel, sessions };
    for side in 0..2 {
        talk.ask(&second, side, &json!({"type": "audit"})).await;
    }
    let (mut bob, complete) = resumed(&second, &talk.channel, call["eventId"].as_str().unwrap()).await;
    assert_eq!((complete, bob.rest().await), (json!(true), told), "the same once more, under the same ids");
    // What alice was told by the first one is not proven.
    talk.alice.rest().await;
    talk.exchange(&second, "3").await;
    assert_eq!(bob.next().await.unwrap()["notificationMessage"]["sessionParams"]["sdp"], "3");
    let path = format!("/rest/version/1/user/carol@example.com/subscription?token={token}");
    assert_eq!(answer(second.request("POST", &path).json(&subscribe())).await.0, 200, "tokens are good");
    for socket in [bob, talk.alice] {
        socket.close().await;
    }
    second.stop().await;
}

#[tokio::test]
async fn a_running_request_ends_and_counts() {
    let folder = Folder::new("request");
    let first = server(&folder).await;
    let mut running = TcpStream::connect(first.address).await.unwrap();
    let body = subscribe().to_string();
    let (begin, rest) = body.split_at(10);
    let head = format!(
        "POST /rest/version/1/user/alice@example.com/subscription HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\n\
         authorization: basic YWxpY2VAZXhhbXBsZS5jb206YWxpY2UtcGFzc3dvcmQtMQ==\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    running.write_all(head.as_bytes()).await.unwrap();
    // Once the gateway asks for the body, the request is running.
    let mut part = [0_u8; 64];
    let length = running.read(&mut part).await.unwrap();
    assert!(part[..length].starts_with(b"HTTP/1.1 100"));
    running.write_all(begin.as_bytes()).await.unwrap();
    let address = first.address;
    let ended = tokio::spawn(first.stop());
    while TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    running.write_all(rest.as_bytes()).await.unwrap();
    let mut answered = String::new();
    running.read_to_string(&mut answered).await.unwrap();
    assert!(answered.contains("200 OK"), "{answered}");
    ended.await.unwrap();

    let second = server(&folder).await;
    let path = answered.split('"').find(|part| part.contains("/subscription/")).unwrap();
    assert_eq!(second.send("alice", "PUT", path, Some(subscribe())).await.0, 200);
    second.stop().await;
}

#[tokio::test]
async fn without_a_folder_the_next_one_begins_anew() {
    let first = Server::storing(Config::default()).await;
    let (mut alice, channel) = first.login("alice").await;
    let ended = tokio::spawn(first.stop());
    assert_eq!((alice.next().await, alice.next().await), (Err(1001), Err(1006)));
    ended.await.unwrap();
    let second = Server::storing(Config::default()).await;
    assert!(second.socket(&channel).await.is_err());
    second.stop().await;
}
