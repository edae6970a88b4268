//! Every resource of people refuses whoever has no credential, and whoever has somebody else's, in the wrapper that its client
//! reads (protocol §0.7, §0.8).

use kandy_gateway::{Config, Limits};
use serde_json::{Value, json};

use crate::{
    mailbox,
    people::{Client, Flavour},
    server::{Server, answer},
};

/// Method, resource, and the wrapper of its refusals.
const RESOURCES: [(&str, &str, &str); 18] = [
    ("POST", "presence", "presenceResponse"),
    ("POST", "presenceWatcher", "presenceWatcherResponse"),
    ("POST", "eventSubscription", "eventSubscriptionResponse"),
    ("PUT", "eventSubscription/x", "eventSubscriptionResponse"),
    ("DELETE", "eventSubscription/x", "eventSubscriptionResponse"),
    ("GET", "addressbook", "addressBookResponse"),
    ("POST", "addressbook/contacts/", "addressBookResponse"),
    ("GET", "addressbook/contacts/x", "addressBookResponse"),
    ("PUT", "addressbook/contacts/x", "addressBookResponse"),
    ("DELETE", "addressbook/contacts/x", "addressBookResponse"),
    ("GET", "directory", "directory"),
    ("GET", "userProfileData", "userProfileData"),
    ("GET", "voicemail", "mwiresponse"),
    ("GET", "logHistory", "logHistory"),
    ("DELETE", "logHistory", "logRecord"),
    ("DELETE", "logRecord/7", "logRecord"),
    ("PATCH", "directory", "directory"),
    ("GET", "addressbook/contacts", "addressBookResponse"),
];

#[tokio::test]
async fn nobody_reads_or_writes_what_is_anothers() {
    // So many wrong passwords would be too many.
    let limits = Limits { user_tries: 1_000, address_tries: 1_000, ..Limits::default() };
    let server = Server::configured(Config { sign_in: limits, ..Config::default() }).await;
    let bob = Client::subscribed(&server, "bob", Flavour::Uc).await;
    for (method, resource, wrapper) in RESOURCES {
        let path = format!("/rest/version/1/user/alice@example.com/{resource}");
        let body = json!({}).to_string();
        let requests = [
            ("no credential", server.request(method, &path), 401),
            ("a wrong password", server.request(method, &path).basic_auth("alice@example.com", Some("x")), 401),
            ("an unknown token", server.request(method, &format!("{path}?token=x")), 401),
            ("an x-token", server.request(method, &path).header("x-token", "x"), 401),
            (
                "another's password",
                server.request(method, &path).basic_auth("bob@example.com", Some("bob-password-2")),
                403,
            ),
            ("another's token", bob.request(&server, method, &path), 403),
        ];
        let known = method != "PATCH" && resource != "addressbook/contacts";
        for (what, request, wanted) in requests {
            let (status, answered) = answer(request.body(body.clone())).await;
            let wanted = if known { wanted } else { 405 };
            assert_eq!(status, wanted, "{what}: {method} {resource}");
            let refusal = answered.as_object().unwrap();
            assert_eq!(refusal.len(), 1, "{what}: {method} {resource}: {answered}");
            assert!(refusal[wrapper]["statusCode"].is_i64() && refusal[wrapper]["reason"].is_string(), "{answered}");
        }
    }
    for request in [
        server.request("GET", "/rest/version/1/localization"),
        server.request("GET", "/rest/version/1/localization?token=x"),
    ] {
        let (status, body) = answer(request).await;
        assert_eq!((status, body["acceptLanguage"]["statusCode"].as_i64()), (401, Some(27)));
    }
    server.stop().await;
}

#[tokio::test]
async fn bodies_that_make_no_sense_are_refused_in_the_right_wrapper() {
    let server = Server::start().await;
    let alice = Client::subscribed(&server, "alice", Flavour::Link).await;
    let bodies = ["", "{", "[]", "null", r#""x""#, r#"{"presenceRequest":7}"#, "\u{1}"];
    for (method, resource, wrapper) in RESOURCES.into_iter().filter(|row| ["POST", "PUT"].contains(&row.0)) {
        let path = format!("/rest/version/1/user/alice@example.com/{resource}");
        for body in bodies {
            let (status, answered) = answer(alice.request(&server, method, &path).body(body)).await;
            assert_eq!(status, 400, "{method} {resource} {body}");
            assert_eq!(answered[wrapper]["statusCode"], 5, "{method} {resource} {body}: {answered}");
        }
        let large = alice.request(&server, method, &path).body("x".repeat((1 << 20) + 1));
        let (status, answered) = answer(large).await;
        assert_eq!(status, 413, "{method} {resource}");
        assert!(answered[wrapper]["statusCode"].is_i64(), "{answered}");
    }
    server.stop().await;
}

#[tokio::test]
async fn only_the_operator_says_how_many_messages_wait() {
    let path = "/operator/v1/users/alice@example.com/voicemail";
    let body = json!({"voice": {"newMessages": 1}});
    let without = Server::start().await;
    let (status, answered) = answer(without.request("PUT", path).bearer_auth("").json(&body)).await;
    assert_eq!((status, answered["statusCode"].as_i64()), (404, Some(42)), "off by default");
    without.stop().await;

    let server = mailbox::server().await;
    let put = |path: &str| server.request("PUT", path);
    let asks = |body: Value| put(path).bearer_auth(mailbox::KEY).json(&body);
    let rows = [
        ("no key", put(path).json(&body), 401),
        ("another scheme", put(path).basic_auth("operator", Some(mailbox::KEY)).json(&body), 401),
        ("a user's token", put(path).bearer_auth(crate::people::token(&server, "alice").await).json(&body), 401),
        ("half of the key", put(path).bearer_auth(mailbox::KEY.split_at(20).0).json(&body), 401),
        ("more than the key", put(path).bearer_auth(format!("{}x", mailbox::KEY)).json(&body), 401),
        ("another method", server.request("GET", path).bearer_auth(mailbox::KEY), 405),
        ("nobody", put("/operator/v1/users/nobody@example.com/voicemail").bearer_auth(mailbox::KEY).json(&body), 404),
        ("no counts", asks(json!([])), 400),
        ("a misspelled count", asks(json!({"voice": {"newMessage": 1}})), 400),
        ("a count that is none", asks(json!({"voice": {"newMessages": -1}})), 400),
        ("more urgent ones than all", asks(json!({"fax": {"newMessages": 1, "newUrgentMessages": 2}})), 400),
        ("too much", asks(json!({"voice": "x".repeat(2 << 20)})), 413),
        ("what is right", asks(body.clone()), 200),
    ];
    for (what, request, wanted) in rows {
        let (status, answered) = answer(request).await;
        assert_eq!(status, wanted, "{what}");
        assert!(
            wanted == 200 || answered["statusCode"].is_i64() && answered["message"].is_string(),
            "{what}: {answered}"
        );
    }
    server.stop().await;
}
