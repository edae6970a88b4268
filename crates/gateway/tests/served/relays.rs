//! Credentials for relays that share a secret with the gateway.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use kandy_gateway::{Config, Secret, Turn};
use serde_json::Value;
use sha1::Sha1;

use crate::server::{Server, subscribe};

const SUBSCRIPTION: &str = "/rest/version/1/user/bob@example.com/subscription";
const SECRET: &str = "shared-with-the-relays";
const LIFE: u64 = 86_400;

fn seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// Until when a relay with the secret would take them.
fn good_until(given: &Value) -> u64 {
    let username = given["username"].as_str().unwrap();
    let password = BASE64_STANDARD.decode(given["password"].as_str().unwrap()).unwrap();
    Hmac::<Sha1>::new_from_slice(SECRET.as_bytes()).unwrap().chain_update(username).verify_slice(&password).unwrap();
    let (until, user) = username.split_once(':').unwrap();
    assert_eq!(user, "bob@example.com");
    until.parse().unwrap()
}

#[tokio::test]
async fn a_login_and_its_extension_bring_what_opens_the_relays() {
    let turn = Some(Turn { secret: Secret::new(SECRET), life: Duration::from_secs(LIFE) });
    let server = Server::configured(Config { turn, ..Config::default() }).await;
    let (mut method, mut path) = ("POST", SUBSCRIPTION.to_owned());
    for _ in 0..2 {
        let before = seconds();
        let (status, body) = server.send("bob", method, &path, Some(subscribe())).await;
        assert_eq!(status, 200, "{body}");
        let until = good_until(&body["subscribeResponse"]["subscriptionParams"]["turnCredentials"]);
        assert!((before + LIFE..=seconds() + LIFE + 1).contains(&until), "{until}");
        (method, path) = ("PUT", body["subscribeResponse"]["subscription"].as_str().unwrap().to_owned());
    }
    server.stop().await;
}

#[tokio::test]
async fn without_a_secret_the_credentials_of_a_login_open_nothing_and_are_not_renewed() {
    let server = Server::start().await;
    let (_, body) = server.send("bob", "POST", SUBSCRIPTION, Some(subscribe())).await;
    let given = &body["subscribeResponse"]["subscriptionParams"]["turnCredentials"];
    assert_eq!(given["username"], "bob@example.com");
    assert!(given["password"].as_str().unwrap().len() >= 22, "random, of 128 bits or more");
    let path = body["subscribeResponse"]["subscription"].as_str().unwrap();
    let (status, body) = server.send("bob", "PUT", path, Some(subscribe())).await;
    assert_eq!(status, 200);
    assert!(body["subscribeResponse"]["subscriptionParams"]["turnCredentials"].is_null(), "{body}");
    server.stop().await;
}
