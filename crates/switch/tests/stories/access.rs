//! Everything from others is hostile: foreign credentials, foreign sessions, nonsense.

use serde_json::{Value, json};

use crate::world::{Device, Flavour, World, basic, subscribe};

/// Every request below a user, with the wrapper of its refusals. `{s}` is a session, `{p}` a subscription's id.
const REQUESTS: [(&str, &str, &str); 11] = [
    ("POST", "subscription", "subscribeResponse"),
    ("PUT", "subscription/{p}", "subscribeResponse"),
    ("DELETE", "subscription/{p}", "subscribeResponse"),
    ("POST", "callControl", "callControlResponse"),
    ("DELETE", "callControl", "callControlResponse"),
    ("PUT", "callControl/callSessions/{s}", "callControlResponse"),
    ("DELETE", "callControl/callSessions/{s}", "callControlResponse"),
    ("POST", "calldisposition", "callControlResponse"),
    ("POST", "clicktocall", "clickToCallResponse"),
    ("POST", "push/apple/devices/", "appleDeviceRegistrationResponse"),
    ("POST", "push/google/devices/", "googleDeviceRegistrationResponse"),
];

fn path(template: &str, owner: &Device, session: &str) -> String {
    let id = owner.subscription.rsplit('/').next().unwrap();
    let resource = template.replace("{s}", session).replace("{p}", id);
    format!("/rest/version/1/user/{}/{resource}", owner.user)
}

fn body(template: &str, session: &str) -> Value {
    match template {
        "subscription" | "subscription/{p}" => subscribe(&["call"]),
        "callControl/callSessions/{s}" => json!({"callControlRequest": {"type": "ringing"}}),
        "calldisposition" => json!({"callDispositionRequest": {"action": "reject", "sessionData": session}}),
        "push/apple/devices/" | "push/google/devices/" => json!({"deviceToken": "token", "service": ["call"]}),
        "clicktocall" => json!({"clickToCallRequest": {"callingParty": "alice", "calledParty": "bob"}}),
        _ => json!({"callControlRequest": {"type": "callStart", "to": "sip:bob@example.com", "from": "", "sdp": "x"}}),
    }
}

#[test]
fn every_request_wants_the_credential_of_the_user_in_its_url() {
    let mut world = World::new();
    let (alice, mallory) = (world.uc("alice"), world.uc("bob"));
    let (_, session) = world.connected(&mallory, &alice);
    let header = |text: String| vec![("authorization", text)];
    let rows = [
        ("nothing", String::new(), vec![], 401),
        ("somebody else's token", format!("token={}", mallory.token), vec![], 403),
        ("somebody else's bearer", String::new(), header(format!("Bearer {}", mallory.token)), 403),
        ("somebody else's password", String::new(), header(basic("bob@example.com", "bob-pw")), 403),
        ("somebody else's session", String::new(), vec![("x-session", mallory.session.clone())], 403),
        ("an unknown session", String::new(), vec![("x-session", "nonsense".into())], 401),
        ("a wrong password", String::new(), header(basic("alice@example.com", "bob-pw")), 401),
        ("an unknown user", String::new(), header(basic("eve@example.com", "")), 401),
        ("no base64", String::new(), header("basic !!".into()), 401),
        ("no colon", String::new(), header("basic YWJj".into()), 401),
        ("a made-up token", "token=nonsense".into(), vec![], 401),
        ("an hmac token", String::new(), vec![("x-token", "abc".into())], 401),
        ("an unknown scheme", String::new(), header("digest x".into()), 401),
    ];
    for (method, template, wrapper) in REQUESTS {
        for (what, query, headers, wanted) in &rows {
            let path = path(template, &alice, &session);
            let (status, answer) =
                world.raw(method, &path, query, headers, &body(template, &session).to_string(), "192.0.2.9");
            assert_eq!(status, *wanted, "{method} {template} with {what}");
            assert!(answer[wrapper]["statusCode"].is_i64(), "{method} {template} with {what}: {answer}");
        }
    }
    assert_eq!(world.control(&alice, &session, &json!({"type": "audit"})), 200, "and nothing has happened");
    world.silent(&mallory);
}

#[test]
fn an_expired_token_is_refused_everywhere_in_the_right_wrapper() {
    let mut world = World::new();
    let alice = world.uc("alice");
    world.wait(3_600_000);
    for (method, template, wrapper) in REQUESTS {
        let (path, body) = (path(template, &alice, "x"), body(template, "x"));
        let bearer = vec![("authorization", format!("Bearer {}", alice.token))];
        let in_query = ["token", "access_token"].map(|name| (format!("{name}={}", alice.token), vec![]));
        for (query, headers) in in_query.into_iter().chain([(String::new(), bearer)]) {
            let (status, answer) = world.raw(method, &path, &query, &headers, &body.to_string(), "");
            assert_eq!((status, &answer[wrapper]["statusCode"]), (401, &json!(27)), "{method} {template}");
            assert!(answer[wrapper]["reason"].is_string(), "{method} {template}: {answer}");
        }
    }
    let (status, answer) = world.raw("GET", "/1/auth/revoke_token", &format!("token={}", alice.token), &[], "", "");
    assert_eq!((status, answer["error"]["human"].is_string()), (401, true));
}

#[test]
fn somebody_elses_session_or_subscription_looks_like_none() {
    let mut world = World::new();
    let (alice, bob, mallory) = (world.uc("alice"), world.uc("bob"), world.uc("carol"));
    let (theirs, ours) = world.ringing(&alice, &bob);
    let foreign = alice.subscription.rsplit('/').next().unwrap().to_owned();
    for session in [&theirs, &ours, &"nonsense".to_owned()] {
        let transfer = json!({"type": "transfer", "address": "carol"});
        for wish in [json!({"type": "ringing"}), json!({"type": "audit"}), transfer] {
            let (status, body) = world.control_body(&mallory, session, &wish);
            assert_eq!((status, &body["callControlResponse"]["statusCode"]), (404, &json!(42)));
        }
        assert_eq!(world.answer(&mallory, session), 404);
        assert_eq!(world.end(&mallory, session), 404);
        assert_eq!(world.dispose(&mallory, &json!({"action": "reject", "sessionData": session})), 404);
    }
    assert_eq!(world.answer(&alice, &ours), 404, "not even the other party's own");
    for method in ["PUT", "DELETE"] {
        let (status, body) = world.send(&mallory, method, &format!("subscription/{foreign}"), &subscribe(&["call"]));
        assert_eq!((status, &body["subscribeResponse"]["statusCode"]), (404, &json!(39)));
    }
    world.wait(1_000);
    for device in [&alice, &bob, &mallory] {
        world.silent(device);
    }
    assert_eq!(world.answer(&bob, &ours), 200);
}

#[test]
fn nonsense_gets_a_refusal_in_the_right_wrapper() {
    let mut world = World::new();
    let alice = world.uc("alice");
    let bodies =
        ["", "{", "[]", "null", "7", r#"{"callControlRequest":null}"#, r#"{"subscribeRequest":{"expires":-1}}"#];
    for (method, template, wrapper) in REQUESTS.into_iter().filter(|(method, ..)| *method != "DELETE") {
        for text in bodies {
            let path = path(template, &alice, "nonsense");
            let query = format!("token={}", alice.token);
            let (status, answer) = world.raw(method, &path, &query, &[], text, "");
            assert_eq!((status, &answer[wrapper]["statusCode"]), (400, &json!(5)), "{method} {template} {text}");
        }
        let (status, answer) = world.send(&alice, "PATCH", &path(template, &alice, "x"), &Value::Null);
        assert_eq!(status, 405);
        assert!(answer[wrapper]["statusCode"].is_i64(), "{method} {template}: {answer}");
    }
    for what in ["mk_token", "refresh_token", "revoke_token", "nonsense"] {
        for method in ["GET", "POST"] {
            let (status, body) = world.raw(method, &format!("/v2.0/auth/{what}"), "", &[], "", "");
            assert!((400..500).contains(&status), "{method} {what}");
            assert!(body["error"]["human"].is_string(), "{method} {what}: {body}");
        }
    }
}

#[test]
fn no_request_is_ever_a_server_error() {
    // Every combination of pieces that a path, a query, a header and a body could be made of.
    let mut world = World::new();
    let alice = world.device("alice", Flavour::Link);
    let segments = [
        "rest",
        "version",
        "1",
        "user",
        "alice@example.com",
        "%40",
        "%",
        "callControl",
        "subscription",
        "auth",
        "",
        "..",
    ];
    let headers = [("authorization", basic("alice@example.com", "alice-pw"))];
    let mut seed = 7_u64;
    let mut next = |bound: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % bound
    };
    for _ in 0..5_000 {
        let path: String = (0..next(9)).map(|_| format!("/{}", segments[next(segments.len())])).collect();
        let method = ["GET", "POST", "PUT", "DELETE", "HEAD", "nonsense"][next(6)];
        let body = ["", "{}", "{\"callControlRequest\":{}}", "\u{0}", "[[[["][next(5)];
        let query = ["", "token=%", "token=a&token=b", "&&=", "%zz"][next(5)];
        let (status, _) = world.raw(method, &path, query, &headers, body, "");
        assert!(status == 200 || (400..500).contains(&status), "{method} {path} gets {status}");
    }
    world.silent(&alice);
}
