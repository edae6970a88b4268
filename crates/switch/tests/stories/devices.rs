//! Several devices of one user: who rings, who is told, who is meant.

use kandy_switch::Policy;
use serde_json::{Value, json};

use crate::world::{Device, Flavour, World, kinds, reason, session, start};

/// Alice calls bob, who has two devices; both ring. The sessions of caller and of both devices.
fn two_ring(world: &mut World, alice: &Device, one: &Device, two: &Device) -> (String, String, String) {
    let theirs = world.start(alice, &one.user);
    let (first, second) = (world.ring(one), world.ring(two));
    assert_ne!(first, second, "each device has its own id");
    world.wait(100);
    world.one(alice, "ringing");
    (theirs, first, second)
}

#[test]
fn all_devices_ring_and_the_others_hear_who_was_first() {
    // what the first device does, what the caller then hears first
    let rows = [("answer", "respondCallUpdate"), ("reject", "callEnd"), ("end", "callEnd"), ("forward", "callEnd")];
    for (act, told) in rows {
        let mut world = World::new();
        let (alice, one, two) = (world.uc("alice"), world.uc("bob"), world.device("bob", Flavour::Link));
        let (_, first, second) = two_ring(&mut world, &alice, &one, &two);
        let status = match act {
            "answer" => world.answer(&one, &first),
            "end" => world.end(&one, &first),
            "reject" => world.dispose(&one, &json!({"action": "reject", "sessionData": first})),
            _ => world.dispose(&one, &json!({"action": "forward", "sessionData": first, "address": "sip:x@y.com"})),
        };
        assert_eq!(status, 200, "{act}");
        world.wait(100);
        let end = world.one(&two, "callEnd");
        assert_eq!((session(&end), reason(&end)), (second, (Some(9904), true)), "{act}");
        world.one(&alice, told);
        world.silent(&one);
    }
}

#[test]
fn of_two_answers_the_second_is_refused() {
    let mut world = World::new();
    let (alice, one, two) = (world.uc("alice"), world.uc("bob"), world.uc("bob"));
    let (theirs, first, second) = two_ring(&mut world, &alice, &one, &two);
    assert_eq!(world.answer(&two, &second), 200);
    let (status, body) = world.control_body(&one, &first, &json!({"type": "callAnswer", "sdp": "too late"}));
    assert_eq!((status, &body["callControlResponse"]["statusCode"]), (404, &json!(42)));
    world.wait(100);
    let heard = world.heard(&one);
    assert_eq!(kinds(&heard).last(), Some(&"callEnd"));
    assert!(heard.iter().all(|n| reason(n) == (Some(9904), true)), "{heard:?}");
    assert_eq!(world.one(&alice, "respondCallUpdate")["sessionParams"]["sdp"], "answer");
    assert_eq!(world.dispose(&one, &json!({"action": "reject", "sessionData": first})), 200, "and has its wish");
    assert_eq!(world.end(&alice, &theirs), 200);
    world.one(&two, "callEnd");
}

#[test]
fn a_forwarded_call_keeps_its_caller_and_gets_a_new_callee() {
    let mut world = World::new();
    let (alice, bob, carol) = (world.uc("alice"), world.uc("bob"), world.uc("carol"));
    let (theirs, ours) = world.ringing(&alice, &bob);
    let forward = json!({"action": "forward", "sessionData": ours, "address": "sip:carol@example.com"});
    assert_eq!(world.dispose(&bob, &forward), 200);
    let hers = world.ring(&carol);
    assert_eq!(world.answer(&carol, &hers), 200);
    let answer = world.one(&alice, "respondCallUpdate");
    assert_eq!(session(&answer), theirs);
    assert_eq!(answer["callNotificationParams"]["remoteDisplayNumber"], "carol@example.com");
    assert_eq!(answer["callNotificationParams"]["remoteName"], "carol");
    world.silent(&bob);
    assert_eq!(world.dispose(&bob, &forward), 404);
    assert_eq!(world.end(&carol, &hers), 200);
    world.one(&alice, "callEnd");
}

#[test]
fn forwarding_in_a_circle_ends() {
    let mut world = World::new();
    let (alice, bob) = (world.uc("alice"), world.uc("bob"));
    world.start(&alice, &bob.user);
    let mut rounds = 0;
    loop {
        world.wait(100);
        let heard = world.heard(&bob);
        let Some(call) = heard.iter().find(|n| n["eventType"] == "call") else { break };
        rounds += 1;
        let ours = session(call);
        let forward = json!({"action": "forward", "sessionData": ours, "address": "sip:bob@example.com"});
        assert_eq!(world.dispose(&bob, &forward), 200);
    }
    assert_eq!(rounds, 6, "the first offer and five forwards");
    assert_eq!(reason(&world.one(&alice, "callEnd")), (Some(480), true));
}

#[test]
fn the_last_device_that_is_left_decides() {
    let mut world = World::new();
    let (alice, one, two) = (world.uc("alice"), world.uc("bob"), world.uc("bob"));
    world.start(&alice, &one.user);
    world.ring(&one);
    world.one(&two, "call");
    world.wait(20_000);
    assert_eq!(kinds(&world.heard(&alice)), ["ringing"], "one device is unreachable, the other rings on");
    assert_eq!(world.send(&one, "DELETE", &one.subscription.clone(), &Value::Null).0, 200);
    assert_eq!(reason(&world.one(&alice, "callEnd")), (Some(480), true));
}

#[test]
fn users_may_call_their_own_other_devices() {
    let mut world = World::new();
    let (one, two) = (world.uc("alice"), world.uc("alice"));
    let theirs = world.start(&one, "alice@example.com");
    world.silent(&one);
    let ours = world.ring(&two);
    assert_eq!(world.answer(&two, &ours), 200);
    world.wait(100);
    assert_eq!(kinds(&world.heard(&one)), ["ringing", "respondCallUpdate"]);
    assert_eq!(world.end(&one, &theirs), 200);
    world.one(&two, "callEnd");
    assert_eq!(world.send(&two, "DELETE", &two.subscription.clone(), &Value::Null).0, 200);
    world.start(&one, "alice@example.com");
    world.wait(100);
    assert_eq!(reason(&world.one(&one, "callEnd")), (Some(480), true), "nobody else there");
}

#[test]
fn a_device_has_a_bound_of_calls() {
    let mut world = World::with(Policy { sessions_per_subscription: 2, ..Policy::default() });
    let (alice, bob, carol) = (world.uc("alice"), world.uc("bob"), world.uc("carol"));
    let first = world.start(&alice, &bob.user);
    world.start(&alice, &bob.user);
    let (status, body) = world.send(&alice, "POST", "callControl", &start(&alice, &carol.user));
    assert_eq!((status, &body["callControlResponse"]["statusCode"]), (429, &json!(1004)));
    world.start(&carol, &bob.user);
    world.wait(100);
    assert_eq!(reason(&world.one(&carol, "callEnd")), (Some(486), true), "bob is busy");
    assert_eq!(world.end(&alice, &first), 200);
    world.heard(&bob);
    world.start(&carol, &bob.user);
    assert!(kinds(&world.heard(&bob)).contains(&"call"), "and has room again");
}

#[test]
fn the_device_that_calls_is_found_by_its_credential_or_its_address() {
    // UC: by the token, even at the same address.
    let mut world = World::new();
    let (one, two) = (world.uc("alice"), world.uc("alice"));
    for device in [&one, &two, &one] {
        world.start(device, "nobody@example.com");
        world.wait(100);
        world.one(device, "callEnd");
    }
    world.silent(&two);

    // Link: the only one with a socket, then the one at the same address, then the one that was active last.
    let mut world = World::new();
    let (mut one, mut two) = (world.subscribed("bob", Flavour::Link), world.device("bob", Flavour::Link));
    let call = |world: &mut World, from: &Device, wanted: &Device| {
        world.start(from, "nobody@example.com");
        world.wait(100);
        world.one(wanted, "callEnd");
    };
    call(&mut world, &one, &two);
    one.peer = "198.51.100.7".into();
    let old = one.subscription.clone();
    assert_eq!(world.send(&one, "DELETE", &old, &Value::Null).0, 200);
    let body = crate::world::subscribe(&["call"]);
    let (_, response) = world.send(&one, "POST", "subscription", &body);
    one.channel = crate::world::text(&response["subscribeResponse"]["subscriptionParams"]["notificationChannel"]);
    world.connect(&mut one);
    call(&mut world, &one.clone(), &one);
    call(&mut world, &two.clone(), &two);
    two.peer = one.peer.clone();
    let mut third = one.clone();
    third.peer = "203.0.113.1".into();
    world.says(&one, r#"{"message_type":"ping"}"#);
    call(&mut world, &third, &one);
    assert_eq!(world.send(&third, "DELETE", "callControl", &Value::Null).0, 404, "a guess cancels nothing");
    let alice = world.uc("alice");
    world.start(&third, &alice.user);
    assert_eq!(world.send(&third, "DELETE", "callControl", &Value::Null).0, 404);
    world.ring(&alice);
    world.wait(5_000);
    world.silent(&alice);
}

#[test]
fn of_devices_at_one_address_the_one_with_a_socket_calls() {
    let mut world = World::new();
    let there = world.device("alice", Flavour::Link);
    // Left over from a page that was reloaded, and younger.
    world.wait(10);
    let left = world.subscribed("alice", Flavour::Link);
    world.start(&left, "nobody@example.com");
    world.wait(100);
    world.one(&there, "callEnd");
}

#[test]
fn x_session_names_its_subscription() {
    let mut world = World::new();
    let (one, two) = (world.device("alice", Flavour::Link), world.device("alice", Flavour::Link));
    for device in [&one, &two, &one] {
        let (headers, body) =
            ([("x-session", device.session.clone())], start(device, "nobody@example.com").to_string());
        let path = "/rest/version/1/user/alice@example.com/callControl";
        assert_eq!(world.raw("POST", path, "", &headers, &body, "192.0.2.99").0, 200);
        world.wait(100);
        world.one(device, "callEnd");
    }
    world.silent(&two);
}
