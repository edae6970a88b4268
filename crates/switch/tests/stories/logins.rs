//! Logins that end against their will, tokens that expire under a socket, and logins with a signed token.

use kandy_switch::{Now, Policy, SocketId};
use serde_json::{Value, json};

use crate::world::{Flavour, World, base64, kinds, reason, subscribe, text};

const ALICE: &str = "/rest/version/1/user/alice@example.com";

#[test]
fn a_forced_logout_ends_everything_of_one_user() {
    let mut world = World::new();
    let (uc, link) = (world.uc("alice"), world.device("alice", Flavour::Link));
    let away = world.subscribed("alice", Flavour::Uc);
    let (bob, carol) = (world.uc("bob"), world.uc("carol"));
    world.connected(&uc, &bob);
    world.start(&carol, "alice");
    world.one(&link, "call");
    assert_eq!(world.switch.log_out(Now(world.now), "sip:Alice@example.com"), 5, "two tokens, three subscriptions");
    world.wait(0);
    world.start(&bob, "nobody");
    for device in [&uc, &link] {
        let heard = world.heard(device);
        assert_eq!(kinds(&heard).last(), Some(&"gone"));
        assert!(heard.last().unwrap()["eventId"].is_string() && heard.last().unwrap()["time"].is_u64());
    }
    assert_eq!(world.closed, [(uc.socket, 1000), (link.socket, 1000)]);
    world.wait(100);
    let heard = world.heard(&bob);
    assert_eq!((kinds(&heard), reason(&heard[0])), (vec!["callEnd", "callEnd"], (None, false)));
    assert_eq!(reason(&world.one(&carol, "callEnd")), (Some(480), true), "nobody is left who could answer");
    for device in [&uc, &away] {
        let (status, _) = world.send(device, "POST", "subscription", &subscribe(&["call"]));
        assert_eq!(status, 401, "the token is no longer good");
    }
    for device in [&uc, &link, &away] {
        let query = format!("token={}", device.token);
        let opened = world.switch.socket_opened(Now(world.now), SocketId(99), &device.channel, &query);
        assert_eq!(opened.map_err(|refusal| refusal.status), Err(404));
    }
    assert_eq!(world.switch.log_out(Now(world.now), "alice@example.com"), 0);
    assert_eq!(world.switch.log_out(Now(world.now), "nobody"), 0);
    world.uc("alice");
}

#[test]
fn a_client_that_logs_out_by_itself_is_not_told() {
    let mut world = World::new();
    let alice = world.uc("alice");
    assert_eq!(world.send(&alice, "DELETE", &alice.subscription.clone(), &Value::Null).0, 200);
    world.silent(&alice);
    assert_eq!(world.closed, [(alice.socket, 1000)]);
}

#[test]
fn what_hangs_on_a_revoked_token_is_told() {
    let mut world = World::new();
    let alice = world.uc("alice");
    let query = format!("token={}", alice.token);
    assert_eq!(world.raw("GET", "/1/auth/revoke_token", &query, &[], "", "").0, 200);
    world.one(&alice, "gone");
    assert_eq!(world.closed, [(alice.socket, 1000)]);
}

#[test]
fn a_socket_outlives_its_token_and_the_next_one_needs_a_good_one() {
    let mut world = World::new();
    let (mut alice, bob) = (world.uc("alice"), world.device("bob", Flavour::Link));
    // Extended so that the subscription outlives the token.
    world.wait(3_000_000);
    let path = alice.subscription.clone();
    assert_eq!(world.send(&alice, "PUT", &path, &subscribe(&["call"])).0, 200);
    world.send(&bob, "PUT", &bob.subscription.clone(), &subscribe(&["call"]));
    world.wait(601_000);
    assert_eq!(world.send(&alice, "PUT", &path, &subscribe(&["call"])).0, 401);
    world.frames(&alice);
    world.start(&bob, "alice");
    world.one(&alice, "call");
    let mut open = |token: &str| {
        let opened =
            world.switch.socket_opened(Now(world.now), SocketId(99), &alice.channel, &format!("token={token}"));
        opened.map_err(|refusal| (refusal.status, refusal.body.contains("reason")))
    };
    assert_eq!(open(&alice.token), Err((401, true)));
    world.start(&bob, "alice");
    world.one(&alice, "call");
    alice.token = world.subscribed("alice", Flavour::Uc).token;
    world.connect(&mut alice);
    assert_eq!(world.send(&alice, "PUT", &path, &subscribe(&["call"])).0, 200, "with a new login it goes on");
}

/// A token of this data under the key of these stories.
fn signed(data: &str) -> String {
    let sum = data.bytes().fold(0_u8, u8::wrapping_add);
    format!("{}.{sum:02x}", base64(data).replace('+', "-").replace('/', "_").trim_end_matches('='))
}

fn data(user: &str, organization: &str) -> String {
    json!({"authenticationTokenRequest": {"subscriberId": user, "organizationId": organization}}).to_string()
}

#[test]
fn a_signed_token_logs_in_and_the_session_id_does_the_rest() {
    let mut world = World::new();
    let body = subscribe(&["call"]).to_string();
    let token = vec![("x-token", signed(&data("Alice", "example.com")))];
    let (status, answer) = world.raw("POST", &format!("{ALICE}/subscription"), "", &token, &body, "");
    assert_eq!(status, 200, "{answer}");
    let subscribed = &answer["subscribeResponse"];
    let path = text(&subscribed["subscription"]);
    let session = vec![("x-session", text(&subscribed["subscriptionParams"]["sessionId"]))];
    let channel = text(&subscribed["subscriptionParams"]["notificationChannel"]);
    world.switch.socket_opened(Now(world.now), SocketId(99), &channel, "").unwrap();
    assert_eq!(world.raw("PUT", &path, "", &token, &body, "").0, 401, "it logs in, and no more");
    assert_eq!(world.raw("PUT", &path, "", &session, &body, "").0, 200);
    assert_eq!(world.raw("DELETE", &path, "", &session, "", "").0, 200);
    assert_eq!(world.raw("PUT", &path, "", &session, &body, "").0, 401, "and is over with its subscription");
}

#[test]
fn a_token_that_was_not_signed_like_this_is_refused() {
    let mut world = World::with(Policy::default());
    let good = signed(&data("alice", "example.com"));
    let rows = [
        (signed(&data("bob", "example.com")), 403),
        (signed(&data("nobody", "example.com")), 401),
        (signed(&data("alice", "other.com")), 401),
        (signed(r#"{"authenticationTokenRequest":{}}"#), 401),
        (signed("[]"), 401),
        (signed(""), 401),
        (format!("{good}0"), 401),
        (format!("{good}00"), 401),
        (good.replace('.', ""), 401),
        (good.split('.').next().unwrap().to_owned(), 401),
        (format!("{}.", good.split('.').next().unwrap()), 401),
        (format!("A{good}"), 401),
        (String::new(), 401),
        (".".into(), 401),
    ];
    for (token, wanted) in rows {
        let headers = [("x-token", token.clone())];
        let body = subscribe(&["call"]).to_string();
        let (status, answer) = world.raw("POST", &format!("{ALICE}/subscription"), "", &headers, &body, "");
        assert_eq!((status, &answer["subscribeResponse"]["statusCode"]), (wanted, &json!(27)), "{token}");
    }
}
