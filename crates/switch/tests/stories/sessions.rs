//! Tokens, subscriptions, sockets.

use kandy_switch::{Now, Policy, SocketId};
use serde_json::{Value, json};

use crate::world::{Flavour, World, basic, kinds, reason, subscribe, text};

const PING: &str = r#"{"message_type":"ping"}"#;

fn token(world: &mut World, what: &str, query: &str, user: Option<&str>) -> (u16, Value) {
    let headers: Vec<_> =
        user.map(|user| ("authorization", basic(user, &crate::world::password(user)))).into_iter().collect();
    world.raw("GET", &format!("/v2.0/auth/{what}"), query, &headers, "", "192.0.2.1")
}

#[test]
fn tokens_live_as_long_as_they_say() {
    for (query, wanted) in [
        ("", 3600),
        ("expires=7200", 7200),
        ("expires=5", 600),
        ("expires=99999999999999999", 86_400),
        ("expires=x", 3600),
    ] {
        let mut world = World::new();
        let (status, body) = token(&mut world, "mk_token", query, Some("alice@example.com"));
        assert_eq!((status, &body["success"]["expires"]), (200, &json!(wanted)), "{query}");
        let mut alice = world.uc("alice");
        alice.token = text(&body["success"]["access_token"]);
        world.wait(wanted * 1000 - 1);
        assert_eq!(world.send(&alice, "POST", "subscription", &subscribe(&["call"])).0, 200, "{query}");
        world.wait(1);
        assert_eq!(world.send(&alice, "POST", "subscription", &subscribe(&["call"])).0, 401, "{query}");
    }
}

#[test]
fn old_tokens_are_good_after_a_refresh_and_none_after_a_revocation() {
    let mut world = World::new();
    let (_, made) = token(&mut world, "mk_token", "", Some("alice@example.com"));
    let (old, refresh) = (text(&made["success"]["access_token"]), text(&made["success"]["refresh_token"]));
    world.wait(3_000_000);
    let (status, renewed) = token(&mut world, "refresh_token", &format!("expires=3600&token={refresh}"), None);
    assert_eq!(status, 200);
    let new = text(&renewed["success"]["access_token"]);
    assert_ne!(old, new);
    world.wait(3_000_000);
    let mut alice = world.uc("alice");
    for good in [&old, &new] {
        alice.token = good.clone();
        assert_eq!(world.send(&alice, "POST", "subscription", &subscribe(&["call"])).0, 200);
    }
    let subscription = world.send(&alice, "POST", "subscription", &subscribe(&["call"])).1["subscribeResponse"].clone();
    let channel = text(&subscription["subscriptionParams"]["notificationChannel"]);
    world.switch.socket_opened(Now(world.now), SocketId(77), &channel, &format!("token={old}")).unwrap();
    assert_eq!(token(&mut world, "revoke_token", &format!("token={new}"), None).0, 200);
    for (bad, what) in [(&old, "revoke_token"), (&new, "revoke_token"), (&refresh, "refresh_token")] {
        let (status, body) = token(&mut world, what, &format!("token={bad}"), None);
        assert_eq!(status, 401);
        assert!(body["error"]["human"].is_string());
    }
    assert!(world.closed.contains(&(77, 1000)), "what hung on the token is over");
}

#[test]
fn a_user_has_a_bound_of_logins_and_the_oldest_gives_way() {
    let mut world = World::with(Policy { grants_per_user: 2, ..Policy::default() });
    let (mut first, second) = (world.uc("alice"), world.uc("alice"));
    let (bob, third) = (world.uc("bob"), world.uc("alice"));
    for (device, wanted) in [(&first, 401), (&second, 200), (&third, 200), (&bob, 200)] {
        let (status, _) = world.send(device, "POST", "subscription", &subscribe(&["call"]));
        assert_eq!(status, wanted);
    }
    world.one(&first, "gone");
    assert_eq!(world.closed, [(first.socket, 1000)]);
    first.token = third.token.clone();
    let path = first.subscription.clone();
    assert_eq!(world.send(&first, "PUT", &path, &subscribe(&["call"])).0, 404, "its subscription went with it");
}

#[test]
fn a_subscription_says_what_it_grants() {
    let mut world = World::new();
    let alice = world.uc("alice");
    let body = subscribe(&["IM", "CALL", "event:dialog", "nonsense", "im"]);
    let (status, body) = world.send(&alice, "POST", "/rest/version/v2.0/user/alice@example.com/subscription", &body);
    assert_eq!(status, 200);
    let subscribed = &body["subscribeResponse"];
    assert_eq!(subscribed["statusCode"], 0);
    let path = text(&subscribed["subscription"]);
    assert!(path.starts_with("/rest/version/v2.0/user/alice@example.com/subscription/"), "{path}");
    let params = &subscribed["subscriptionParams"];
    assert_eq!(
        params["service"],
        json!(["IM", "CALL", "event:dialog"]),
        "the known ones, as they were spelled, once each"
    );
    assert_eq!(params["expires"], 3600);
    assert!(text(&params["notificationChannel"]).contains("/websocket/"));
    assert!(params["turnCredentials"]["username"].is_string() && params["turnCredentials"]["password"].is_string());

    let extend = |service: Value| {
        json!({"subscribeRequest": {"expires": 30, "service": service, "localization": "x", "useTurn": true,
            "notificationType": "WebSocket"}})
    };
    for service in [json!(["call"]), json!({"services": ["call"]})] {
        let (status, body) = world.send(&alice, "PUT", &path, &extend(service));
        let subscribed = &body["subscribeResponse"];
        assert_eq!((status, &subscribed["statusCode"]), (200, &json!(0)));
        assert_eq!(subscribed["subscriptionParams"]["service"], json!(["call"]));
        assert_eq!(subscribed["subscriptionParams"]["expires"], 60, "the shortest that there is");
    }
    let (status, body) = world.send(&alice, "DELETE", &path, &Value::Null);
    assert_eq!((status, body), (200, json!({"subscribeResponse": {"statusCode": 0}})));
    for method in ["PUT", "DELETE"] {
        let (status, body) = world.send(&alice, method, &path, &extend(json!(["call"])));
        assert_eq!((status, &body["subscribeResponse"]["statusCode"]), (404, &json!(39)));
    }
}

#[test]
fn relays_are_opened_by_a_login_and_again_by_each_extension() {
    let mut world = World::new();
    for user in ["carol", "alice"] {
        let device = world.uc(user);
        let (_, made) = world.send(&device, "POST", "subscription", &subscribe(&["call"]));
        let made = &made["subscribeResponse"];
        let until = |world: &World| json!(format!("carol@example.com until {}", world.now + 3_600_000));
        let given = &made["subscriptionParams"]["turnCredentials"];
        match user {
            "carol" => assert_eq!(*given, json!({"username": until(&world), "password": "of the relays"})),
            // Released clients without any would use no STUN server either.
            _ => assert_eq!(
                (&given["username"], text(&given["password"]).len() > 7),
                (&json!("alice@example.com"), true)
            ),
        }
        world.wait(1_800_000);
        let (status, extended) = world.send(&device, "PUT", &text(&made["subscription"]), &subscribe(&["call"]));
        let given = &extended["subscribeResponse"]["subscriptionParams"]["turnCredentials"];
        assert_eq!(status, 200);
        match user {
            "carol" => assert_eq!(given["username"], until(&world)),
            _ => assert!(given.is_null(), "what opens nothing is not renewed"),
        }
    }
}

#[test]
fn a_subscription_that_is_not_extended_ends_with_its_calls() {
    let mut world = World::new();
    let (alice, bob) = (world.uc("alice"), world.uc("bob"));
    let (theirs, ours) = world.connected(&alice, &bob);
    for _ in 0..71 {
        world.wait(50_000);
        for (device, session) in [(&alice, &theirs), (&bob, &ours)] {
            assert_eq!(world.control(device, session, &json!({"type": "audit"})), 200);
        }
        let path = alice.subscription.clone();
        assert_eq!(world.send(&alice, "PUT", &path, &subscribe(&["call"])).0, 200);
    }
    world.silent(&alice);
    world.wait(50_000);
    assert_eq!(reason(&world.one(&alice, "callEnd")), (None, false));
    assert_eq!(kinds(&world.heard(&bob)).last(), Some(&"gone"), "the client hears of it");
    assert_eq!(world.closed, [(bob.socket, 1000)]);
    assert!(world.switch.socket_opened(Now(world.now), SocketId(99), &bob.channel, "").is_err());
}

#[test]
fn a_user_has_a_bound_of_subscriptions_and_those_without_a_socket_give_way() {
    let mut world = World::with(Policy { subscriptions_per_user: 2, ..Policy::default() });
    let (one, mut two) = (world.uc("alice"), world.subscribed("alice", Flavour::Uc));
    let three = world.uc("alice");
    assert_eq!(world.send(&two, "DELETE", &two.subscription.clone(), &Value::Null).0, 404, "the one without a socket");
    let (status, body) = world.send(&one, "POST", "subscription", &subscribe(&["call"]));
    assert_eq!((status, &body["subscribeResponse"]["statusCode"]), (403, &json!(19)));
    world.disconnect(&three);
    two = world.uc("alice");
    assert_eq!(world.send(&two, "DELETE", &two.subscription.clone(), &Value::Null).0, 200);
}

#[test]
fn checks_are_answered_and_pings_are_not() {
    let mut world = World::new();
    let alice = world.uc("alice");
    for (frame, answer) in [
        (PING, vec![]),
        (r#"{"connCheck":{"interval":30}}"#, vec![json!({"connAck": {}})]),
        (r#"{"connAck":{}}"#, vec![]),
        ("no json", vec![]),
        ("[]", vec![]),
        ("", vec![]),
    ] {
        world.says(&alice, frame);
        assert_eq!(world.frames(&alice), answer, "{frame}");
    }
    world.wait(500_000);
    assert!(world.frames(&alice).is_empty(), "who checks by itself is not checked");
}

#[test]
fn a_ping_alone_shows_that_the_client_checks_by_itself() {
    let mut world = World::new();
    let alice = world.uc("alice");
    world.says(&alice, PING);
    world.wait(500_000);
    assert!(world.frames(&alice).is_empty());
}

#[test]
fn a_socket_that_waits_for_the_servers_checks_gets_them() {
    let mut world = World::new();
    let alice = world.uc("alice");
    world.wait(180_000);
    assert_eq!(world.frames(&alice), vec![json!({"connCheck": {"interval": 60}}); 3]);
    world.disconnect(&alice);
    world.wait(180_000);
    assert!(world.frames(&alice).is_empty());
}

#[test]
fn the_newest_socket_of_a_channel_replaces_the_older_one() {
    let mut world = World::new();
    let (mut alice, bob) = (world.uc("alice"), world.uc("bob"));
    let old = alice.clone();
    world.connect(&mut alice);
    assert_eq!(world.closed, [(old.socket, 1000)]);
    world.disconnect(&old);
    world.start(&bob, &alice.user);
    world.silent(&old);
    assert_eq!(kinds(&world.heard(&alice)), ["call"]);
}

#[test]
fn a_channel_opens_for_its_own_user_only() {
    let mut world = World::new();
    let (alice, bob, link) = (world.uc("alice"), world.uc("bob"), world.device("carol", Flavour::Link));
    let mut open = |channel: &str, query: String| {
        let opened = world.switch.socket_opened(Now(world.now), SocketId(500), channel, &query);
        opened.map_err(|refusal| refusal.status)
    };
    assert_eq!(open(&alice.channel, String::new()), Err(401));
    assert_eq!(open(&alice.channel, format!("token={}", bob.token)), Err(401));
    assert_eq!(open(&alice.channel, "token=secret-0".into()), Err(401));
    assert_eq!(open("/notification/1.0/websocket/nothing", format!("token={}", alice.token)), Err(404));
    assert_eq!(open("/", String::new()), Err(404));
    assert_eq!(open(&alice.channel, format!("access_token={}", alice.token)), Ok(()));
    assert_eq!(open(&link.channel, String::new()), Ok(()), "on Link the path is the secret");
}
