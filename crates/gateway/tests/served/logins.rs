//! Logins with a signed token, and how many logins and sockets one user may have.

use kandy_gateway::{Config, Secret};
use kandy_switch::Policy;
use serde_json::json;

use crate::server::{Server, answer, subscribe};

const SUBSCRIPTION: &str = "/rest/version/1/user/alice@example.com/subscription";
/// The key that is shared with those who sign tokens.
pub(crate) const KEY: &str = "a key of twenty letters";
/// `{"authenticationTokenRequest":{"subscriberId":"alice","organizationId":"example.com"}}` and its HMAC-SHA1 under [`KEY`],
/// as computed by OpenSSL.
pub(crate) const TOKEN: &str = "eyJhdXRoZW50aWNhdGlvblRva2VuUmVxdWVzdCI6eyJzdWJzY3JpYmVySWQiOiJhbGljZSIsIm9yZ2FuaXphdGlvbklkIjoiZXhhbXBsZS5jb20ifX0.838309ac04fc691999e810160e35d895e0606b28";

#[tokio::test]
async fn a_signed_token_logs_in_like_in_the_recording() {
    let server = Server::configured(Config { hmac_key: Some(Secret::new(KEY)), ..Config::default() }).await;
    let (status, body) = answer(server.request("POST", SUBSCRIPTION).header("x-token", TOKEN).json(&subscribe())).await;
    assert_eq!(status, 200, "{body}");
    let subscribed = &body["subscribeResponse"];
    let part = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let session = part(&subscribed["subscriptionParams"]["sessionId"]);
    let mut socket = server.socket(&part(&subscribed["subscriptionParams"]["notificationChannel"])).await.unwrap();
    let voicemail = server.request("GET", "/rest/version/1/user/alice@example.com/voicemail");
    let (status, body) = answer(voicemail.header("x-session", &session)).await;
    assert_eq!((status, &body["mwiresponse"]["statusCode"]), (200, &json!(52)), "let in, to no messages");
    let delete = server.request("DELETE", &part(&subscribed["subscription"])).header("x-session", &session);
    assert_eq!(answer(delete).await, (200, json!({"subscribeResponse": {"statusCode": 0}})));
    assert_eq!(socket.next().await, Err(1000));
    let changed = TOKEN.replacen("eyJ", "eyK", 1);
    let (status, _) = answer(server.request("POST", SUBSCRIPTION).header("x-token", changed).json(&subscribe())).await;
    assert_eq!(status, 401);
    server.stop().await;
}

#[tokio::test]
async fn without_a_key_no_signed_token_logs_in() {
    let server = Server::start().await;
    for token in [TOKEN, "nonsense"] {
        let request = server.request("POST", SUBSCRIPTION).header("x-token", token).json(&subscribe());
        let (status, body) = answer(request).await;
        assert_eq!((status, &body["subscribeResponse"]["statusCode"]), (401, &json!(27)));
        assert!(body["subscribeResponse"]["reason"].as_str().unwrap().contains("does not take"), "{body}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_client_whose_subscription_ends_is_told_before_its_socket_closes() {
    let policy = Policy { subscription_life_range: (200, 200), ..Policy::default() };
    let server = Server::with(policy, None, None).await;
    let (mut alice, channel) = server.login("alice").await;
    assert_eq!(alice.next().await.unwrap()["notificationMessage"]["eventType"], "gone");
    assert_eq!(alice.next().await, Err(1000));
    assert!(server.socket(&channel).await.is_err());
    server.stop().await;
}

#[tokio::test]
async fn a_user_has_so_many_subscriptions_and_each_has_one_socket() {
    let policy = Policy { subscriptions_per_user: 3, ..Policy::default() };
    let server = Server::with(policy, None, None).await;
    let mut sockets = Vec::new();
    for _ in 0..3 {
        sockets.push(server.login("alice").await);
    }
    let (status, body) = server.send("alice", "POST", SUBSCRIPTION, Some(subscribe())).await;
    assert_eq!((status, &body["subscribeResponse"]["statusCode"]), (403, &json!(19)));
    server.login("bob").await.0.close().await;
    for (socket, channel) in &mut sockets {
        let newer = server.socket(channel).await.unwrap();
        assert_eq!(std::mem::replace(socket, newer).next().await, Err(1000), "the older one of two");
    }
    let (last, channel) = sockets.pop().unwrap();
    last.close().await;
    // The gateway knows of the end as soon as the other side has seen it.
    let (next, _) = server.login("alice").await;
    assert!(server.socket(&channel).await.is_err(), "the one without a socket gave way");
    next.close().await;
    for (socket, _) in sockets {
        socket.close().await;
    }
    server.stop().await;
}
