//! One caller, one callee.

use serde_json::{Value, json};

use crate::world::{Flavour, World, kinds, reason, session, start};

#[test]
fn a_call_is_offered_answered_and_ended() {
    for (a, b) in [(Flavour::Uc, Flavour::Uc), (Flavour::Link, Flavour::Uc), (Flavour::Link, Flavour::Link)] {
        let mut world = World::new();
        let (alice, bob) = (world.device("alice", a), world.device("bob", b));
        let theirs = world.start(&alice, "bob@example.com");
        let call = world.one(&bob, "call");
        assert_eq!(call["sessionParams"]["sdp"], "offer");
        let remote = json!({"callerName": "Alice Archer", "callerDisplayNumber": "alice@example.com",
            "remoteName": "Alice Archer", "remoteDisplayNumber": "alice@example.com",
            "calleeDisplayNumber": "bob@example.com"});
        assert_eq!(call["callNotificationParams"], remote);
        let ours = session(&call);
        assert_ne!(ours, theirs, "each party has its own id");

        assert_eq!(world.control(&bob, &ours, &json!({"type": "ringing"})), 200);
        world.wait(100);
        let ringing = world.one(&alice, "ringing");
        assert_eq!(session(&ringing), theirs);
        let remote = json!({"callerName": "Bob Baker", "callerDisplayNumber": "bob@example.com",
            "remoteName": "Bob Baker", "remoteDisplayNumber": "bob@example.com"});
        assert_eq!(ringing["callNotificationParams"], remote);

        assert_eq!(world.answer(&bob, &ours), 200);
        let answered = world.one(&alice, "respondCallUpdate");
        assert_eq!((session(&answered), &answered["sessionParams"]["sdp"]), (theirs.clone(), &json!("answer")));
        assert_eq!(answered["callNotificationParams"], remote);

        world.wait(1000);
        assert_eq!(world.end(&alice, &theirs), 200);
        let end = world.one(&bob, "callEnd");
        assert_eq!((session(&end), reason(&end)), (ours.clone(), (None, false)));
        world.silent(&alice);
        assert_eq!(world.end(&bob, &ours), 200, "both may hang up at once");
        world.silent(&alice);
    }
}

#[test]
fn every_way_to_end_tells_the_other_side_why() {
    // what happens, who is told, code, with words
    let rows = [
        ("callee hangs up", "alice", None, false),
        ("callee rejects", "alice", Some(603), true),
        ("callee ends while it rings", "alice", Some(603), true),
        ("caller cancels", "bob", Some(487), false),
        ("caller logs out while it rings", "bob", Some(487), false),
        ("callee logs out while it rings", "alice", Some(480), true),
        ("caller logs out", "bob", None, false),
        ("callee logs out", "alice", None, false),
    ];
    for (story, told, code, words) in rows {
        let mut world = World::new();
        let (alice, bob) = (world.uc("alice"), world.uc("bob"));
        let rings = !matches!(story, "callee hangs up" | "caller logs out" | "callee logs out");
        let (theirs, ours) = if rings { world.ringing(&alice, &bob) } else { world.connected(&alice, &bob) };
        let status = match story {
            "callee hangs up" | "callee ends while it rings" => world.end(&bob, &ours),
            "callee rejects" => world.dispose(&bob, &json!({"action": "reject", "sessionData": ours})),
            "caller cancels" => world.end(&alice, &theirs),
            "caller logs out" | "caller logs out while it rings" => {
                world.send(&alice, "DELETE", &alice.subscription.clone(), &Value::Null).0
            }
            _ => world.send(&bob, "DELETE", &bob.subscription.clone(), &Value::Null).0,
        };
        assert_eq!(status, 200, "{story}");
        world.wait(100);
        let (listener, other) = if told == "alice" { (&alice, &bob) } else { (&bob, &alice) };
        assert_eq!(reason(&world.one(listener, "callEnd")), (code, words), "{story}");
        world.silent(other);
        world.wait(200_000);
        world.silent(listener);
        world.silent(other);
    }
}

#[test]
fn calls_that_reach_nobody_are_accepted_and_then_ended() {
    let mut world = World::new();
    let (alice, carol) = (world.uc("alice"), world.subscribed_for("carol", Flavour::Uc, &["IM"]));
    for (to, code) in [("nobody@example.com", 404), ("bob@example.com", 480), (&*carol.user, 480), ("", 404)] {
        let theirs = world.start(&alice, to);
        world.silent(&alice);
        world.wait(60);
        let end = world.one(&alice, "callEnd");
        assert_eq!((session(&end), reason(&end)), (theirs, (Some(code), true)), "{to}");
    }
}

#[test]
fn an_unanswered_call_ends_on_both_sides() {
    let mut world = World::new();
    let (alice, bob) = (world.uc("alice"), world.uc("bob"));
    world.ringing(&alice, &bob);
    world.wait(89_800);
    world.silent(&alice);
    world.wait(200);
    assert_eq!(reason(&world.one(&alice, "callEnd")), (Some(487), true));
    assert_eq!(reason(&world.one(&bob, "callEnd")), (Some(487), false), "without words it is a missed call");
}

#[test]
fn a_device_that_does_not_ring_counts_as_unreachable() {
    let mut world = World::new();
    let (alice, bob) = (world.uc("alice"), world.uc("bob"));
    world.start(&alice, &bob.user);
    let ours = session(&world.one(&bob, "call"));
    world.wait(8_000);
    assert_eq!(reason(&world.one(&alice, "callEnd")), (Some(480), true));
    world.wait(3_000);
    assert_eq!(reason(&world.one(&bob, "callEnd")), (Some(480), false));
    // Had that end come before the device showed the call, it would ring for ever.
    let (status, body) = world.control_body(&bob, &ours, &json!({"type": "ringing"}));
    assert_eq!((status, &body["callControlResponse"]["statusCode"]), (404, &json!(42)));
    world.silent(&bob);
    world.wait(60);
    world.one(&bob, "callEnd");
}

#[test]
fn updates_pass_between_the_parties_one_at_a_time() {
    let mut world = World::new();
    let (alice, bob) = (world.uc("alice"), world.uc("bob"));
    let (theirs, ours) = world.connected(&alice, &bob);
    let update = |sdp: &str| json!({"type": "startCallUpdate", "sdp": sdp});
    let respond = |sdp: &str| json!({"type": "respondCallUpdate", "sdp": sdp});

    assert_eq!(world.control(&alice, &theirs, &update("hold")), 200);
    assert_eq!(world.one(&bob, "startCallUpdate")["sessionParams"]["sdp"], "hold");
    assert_eq!(world.control(&alice, &theirs, &respond("own")), 409, "nobody answers himself");
    assert_eq!(world.control(&bob, &ours, &update("too")), 200);
    world.silent(&bob);
    world.wait(60);
    let glare = world.one(&bob, "respondCallUpdate");
    assert_eq!((&glare["statusCode"], &glare["sessionParams"]["retryAfter"]), (&json!(49), &json!(2)));
    assert_eq!(glare["sessionParams"]["sdp"], Value::Null);
    assert_eq!(world.control(&bob, &ours, &respond("held")), 200);
    assert_eq!(world.one(&alice, "respondCallUpdate")["sessionParams"]["sdp"], "held");
    assert_eq!(world.control(&bob, &ours, &respond("again")), 409);

    world.wait(100);
    assert_eq!(world.control(&bob, &ours, &update("more")), 200);
    assert_eq!(world.one(&alice, "startCallUpdate")["sessionParams"]["sdp"], "more");
    world.wait(45_000);
    assert_eq!(world.one(&bob, "respondCallUpdate")["statusCode"], 49, "nobody answered");
    assert_eq!(world.control(&alice, &theirs, &respond("late")), 409);
    assert_eq!(world.control(&alice, &theirs, &update("mine")), 200, "and the way is free again");
    world.one(&bob, "startCallUpdate");
}

#[test]
fn requests_in_the_wrong_state_are_refused_and_change_nothing() {
    let mut world = World::new();
    let (alice, bob) = (world.uc("alice"), world.uc("bob"));
    let (theirs, ours) = world.ringing(&alice, &bob);
    let update = json!({"type": "startCallUpdate", "sdp": "x"});
    let respond = json!({"type": "respondCallUpdate", "sdp": "x"});
    let transfer = json!({"type": "transfer", "address": "sip:carol@example.com"});
    let rows = [
        (&alice, &theirs, json!({"type": "ringing"}), 409),
        (&alice, &theirs, json!({"type": "callAnswer", "sdp": "x"}), 409),
        (&alice, &theirs, update.clone(), 409),
        (&bob, &ours, update.clone(), 409),
        (&bob, &ours, respond.clone(), 409),
        (&bob, &ours, json!({"type": "callAnswer", "sdp": " "}), 400),
        (&bob, &ours, json!({"type": "callAnswer"}), 400),
        (&bob, &ours, json!({"type": "nonsense"}), 400),
        (&bob, &ours, start(&bob, "alice@example.com")["callControlRequest"].clone(), 400),
        (&bob, &ours, transfer.clone(), 409),
        (&alice, &theirs, transfer, 409),
        (&bob, &ours, json!({"type": "ringing"}), 200),
        (&bob, &ours, json!({"type": "audit"}), 200),
        (&bob, &ours, json!({"type": "callAnswer", "sdp": "answer"}), 200),
        (&bob, &ours, json!({"type": "callAnswer", "sdp": "answer"}), 200),
        (&bob, &ours, json!({"type": "callAnswer", "sdp": "another"}), 409),
        (&alice, &theirs, json!({"type": "callAnswer", "sdp": "answer"}), 409),
        (&alice, &theirs, respond, 409),
        (&alice, &theirs, json!({"type": "transfer"}), 400),
        (&alice, &theirs, json!({"type": "transfer", "address": "x", "sessionData": "nonsense"}), 404),
        (&alice, &theirs, json!({"type": "audit"}), 200),
    ];
    for (device, session, wish, wanted) in rows {
        let (status, body) = world.control_body(device, session, &wish);
        assert_eq!(status, wanted, "{} {wish}", device.user);
        assert_eq!(body["callControlResponse"]["statusCode"] == 0, wanted == 200, "{body}");
    }
    let join = json!({"callControlRequest": {"type": "join", "firstSessionData": theirs, "secondSessionData": "x", "sdp": "x"}});
    assert_eq!(world.send(&alice, "POST", "callControl", &join).0, 403);
    assert_eq!(world.send(&alice, "POST", "callControl", &json!({"callControlRequest": {"type": "audit"}})).0, 400);
    assert_eq!(world.dispose(&bob, &json!({"action": "reject", "sessionData": ours})), 409, "too late for that");
    world.wait(100);
    assert_eq!(kinds(&world.heard(&alice)), ["respondCallUpdate"]);
    assert_eq!(world.end(&bob, &ours), 200);
    world.one(&alice, "callEnd");
}

#[test]
fn a_party_that_falls_silent_is_given_up() {
    let mut world = World::new();
    let (alice, bob) = (world.uc("alice"), world.uc("bob"));
    let (theirs, ours) = world.connected(&alice, &bob);
    for _ in 0..8 {
        world.wait(25_000);
        assert_eq!(world.control(&alice, &theirs, &json!({"type": "audit"})), 200);
        if world.heard(&alice).iter().any(|n| n["eventType"] == "callEnd") {
            panic!("bob audits, too");
        }
        assert_eq!(world.control(&bob, &ours, &json!({"type": "audit"})), 200);
    }
    world.wait(80_000);
    assert_eq!(world.control(&alice, &theirs, &json!({"type": "audit"})), 200);
    world.silent(&alice);
    world.wait(10_000);
    assert_eq!(reason(&world.one(&alice, "callEnd")), (Some(408), true));
    world.one(&bob, "callEnd");
}

#[test]
fn an_audit_of_an_ended_call_is_refused_and_the_end_told_again() {
    let mut world = World::new();
    let (alice, mut bob) = (world.uc("alice"), world.uc("bob"));
    let (theirs, ours) = world.connected(&alice, &bob);
    assert_eq!(world.end(&alice, &theirs), 200);
    let first = world.one(&bob, "callEnd");
    let (status, body) = world.control_body(&bob, &ours, &json!({"type": "audit"}));
    assert_eq!((status, &body["callControlResponse"]["statusCode"]), (404, &json!(42)));
    world.wait(100);
    let again = world.one(&bob, "callEnd");
    assert_ne!(again["eventId"], first["eventId"], "the same id would be dropped");
    for _ in 0..3 {
        assert_eq!(world.control(&bob, &ours, &json!({"type": "audit"})), 404);
    }
    world.wait(100);
    world.one(&bob, "callEnd");
    world.wait(2_000);
    world.says(&bob, r#"{"message_type":"ping"}"#);
    world.disconnect(&bob);
    for _ in 0..3 {
        assert_eq!(world.control(&bob, &ours, &json!({"type": "audit"})), 404);
        world.wait(100);
    }
    world.connect(&mut bob);
    world.one(&bob, "callEnd");
    world.wait(300_000);
    assert_eq!(world.control(&bob, &ours, &json!({"type": "audit"})), 404, "forgotten by now");
    world.wait(100);
    world.silent(&bob);
}

#[test]
fn a_cancel_without_an_id_means_the_call_that_was_just_started() {
    let mut world = World::new();
    let (alice, bob) = (world.uc("alice"), world.uc("bob"));
    world.start(&alice, &bob.user);
    world.ring(&bob);
    assert_eq!(world.send(&alice, "DELETE", "callControl", &Value::Null).0, 200);
    world.wait(100);
    assert_eq!(kinds(&world.heard(&alice)), ["ringing", "callEnd"], "the client thinks that the call was started");
    assert_eq!(reason(&world.one(&bob, "callEnd")), (Some(487), false));

    // A call that the client has already dealt with by its id is not meant.
    let (theirs, _) = world.connected(&alice, &bob);
    assert_eq!(world.send(&alice, "DELETE", "callControl", &Value::Null).0, 404);
    assert_eq!(world.control(&alice, &theirs, &json!({"type": "audit"})), 200);
}

#[test]
fn a_cancel_without_an_id_means_no_older_call() {
    // a call that has been ringing for a while, and one whose id the client has used
    for (wait, uses) in [(5_001, false), (0, true), (5_000, false)] {
        let mut world = World::new();
        let (alice, bob) = (world.uc("alice"), world.uc("bob"));
        let theirs = world.start(&alice, &bob.user);
        world.ring(&bob);
        world.wait(wait);
        if uses {
            assert_eq!(world.control(&alice, &theirs, &json!({"type": "audit"})), 200);
        }
        let meant = wait == 5_000;
        let status = world.send(&alice, "DELETE", "callControl", &Value::Null).0;
        assert_eq!(status, if meant { 200 } else { 404 }, "{wait} {uses}");
        world.wait(100);
        assert_eq!(!world.heard(&bob).is_empty(), meant);
    }
}

#[test]
fn only_so_many_ended_calls_are_remembered() {
    let mut world = World::new();
    let (alice, bob) = (world.uc("alice"), world.uc("bob"));
    let sessions: Vec<String> = (0..40)
        .map(|_| {
            let (theirs, ours) = world.ringing(&alice, &bob);
            assert_eq!(world.end(&alice, &theirs), 200);
            world.heard(&bob);
            ours
        })
        .collect();
    world.wait(100);
    for (at, session) in sessions.iter().enumerate() {
        world.heard(&bob);
        assert_eq!(world.control(&bob, session, &json!({"type": "audit"})), 404);
        world.wait(100);
        assert_eq!(world.heard(&bob).len(), usize::from(at >= 8), "call {at}");
    }
}

#[test]
fn a_cancel_may_overtake_the_start() {
    for (pause, rings) in [(200, false), (5_000, false), (5_001, true)] {
        let mut world = World::new();
        let (alice, bob) = (world.uc("alice"), world.uc("bob"));
        let (status, body) = world.send(&alice, "DELETE", "callControl", &Value::Null);
        assert_eq!((status, &body["callControlResponse"]["statusCode"]), (404, &json!(42)));
        world.wait(pause);
        world.start(&alice, &bob.user);
        world.wait(100);
        assert_eq!(!world.heard(&bob).is_empty(), rings, "after {pause} ms");
        let told = world.heard(&alice);
        assert_eq!(kinds(&told), if rings { vec![] } else { vec!["callEnd"] });
        world.start(&alice, &bob.user);
        world.one(&bob, "call");
    }
}

#[test]
fn a_start_without_subscription_or_offer_is_refused() {
    let mut world = World::new();
    let mut alice = world.uc("alice");
    let body = json!({"callControlRequest": {"type": "callStart", "to": "sip:bob@example.com", "from": "", "sdp": ""}});
    assert_eq!(world.send(&alice, "POST", "callControl", &body).0, 400);
    assert_eq!(world.send(&alice, "DELETE", &alice.subscription.clone(), &Value::Null).0, 200);
    assert_eq!(world.send(&alice, "POST", "callControl", &start(&alice, "bob@example.com")).0, 403);
    alice = world.subscribed_for("alice", Flavour::Uc, &["IM"]);
    assert_eq!(world.send(&alice, "POST", "callControl", &start(&alice, "bob@example.com")).0, 403, "no call service");
}

#[test]
fn destinations_are_found_in_every_form() {
    let forms = ["bob", "sip:bob", "sips:bob@example.com", "sip:BOB@Example.com", " bob@example.com ", "tel:bob"];
    for to in forms {
        let mut world = World::new();
        let (alice, bob, carol) = (world.uc("alice"), world.uc("bob"), world.uc("carol"));
        let call =
            |to: &str| json!({"callControlRequest": {"type": "callStart", "to": to, "from": "", "sdp": "offer"}});
        assert_eq!(world.send(&alice, "POST", "callControl", &call(to)).0, 200);
        world.ring(&bob);
        assert_eq!(world.send(&alice, "POST", "callControl", &call("carol")).0, 200);
        let hers = world.ring(&carol);
        let forward = json!({"action": "forward", "sessionData": hers, "address": to});
        assert_eq!(world.dispose(&carol, &forward), 200);
        world.one(&bob, "call");
    }
    // The domain is that of whoever wrote the address; others than ours are served by nobody here.
    for to in ["bob@other.com", "sip:bob@example.com:5060", "+1 (613) 555-0100", "bob@", "@bob"] {
        let mut world = World::new();
        let (alice, bob) = (world.uc("alice"), world.uc("bob"));
        world.start(&alice, to);
        world.wait(100);
        assert_eq!(reason(&world.one(&alice, "callEnd")), (Some(404), true), "{to}");
        world.silent(&bob);
    }
}

#[test]
fn a_caller_chooses_the_name_but_not_the_number() {
    let long = "x".repeat(200);
    let rows = [
        ("Alice at work<sip:alice@example.com>", "Alice at work"),
        ("Bank<sip:bob@example.com>", "Bank"),
        (" \u{7}Ali\nce <sip:alice@example.com>", "Alice"),
        ("<sip:alice@example.com>", "Alice Archer"),
        ("sip:alice@example.com", "Alice Archer"),
        ("", "Alice Archer"),
        (&format!("{long}xyz<sip:alice@example.com>"), &long),
    ];
    for (from, name) in rows {
        let mut world = World::new();
        let (alice, bob) = (world.uc("alice"), world.uc("bob"));
        let mut wish = start(&alice, "bob");
        wish["callControlRequest"]["from"] = json!(from);
        assert_eq!(world.send(&alice, "POST", "callControl", &wish).0, 200);
        let call = world.one(&bob, "call");
        assert_eq!(call["callNotificationParams"]["callerName"], name, "{from}");
        assert_eq!(call["callNotificationParams"]["callerDisplayNumber"], "alice@example.com");
    }
}
