//! Consultative transfer: alice talks to bob and to carol, and connects the two (protocol §4.6.13).

use serde_json::{Value, json};

use crate::world::{Device, Flavour, World, kinds, reason, remote, session};

/// Two calls of alice: her session with bob and his, her session with carol and hers.
struct Two {
    with_bob: String,
    bobs: String,
    with_carol: String,
    carols: String,
}

fn two_calls(world: &mut World, alice: &Device, bob: &Device, carol: &Device) -> Two {
    let (with_bob, bobs) = world.connected(alice, bob);
    let (with_carol, carols) = world.connected(alice, carol);
    Two { with_bob, bobs, with_carol, carols }
}

fn consult(world: &mut World, by: &Device, session: &str, other: &str) -> u16 {
    world.control(by, session, &json!({"type": "transfer", "sessionData": other, "address": "sip:carol@example.com"}))
}

/// Alice connects the two; bob was asked for an offer.
fn asked(world: &mut World, alice: &Device, bob: &Device, carol: &Device) -> Two {
    let two = two_calls(world, alice, bob, carol);
    assert_eq!(consult(world, alice, &two.with_bob, &two.with_carol), 200);
    let ask = world.one(bob, "startCallUpdate");
    assert_eq!((session(&ask), &ask["sessionParams"]["sdp"]), (two.bobs.clone(), &Value::Null));
    assert_eq!(remote(&ask), carol.user);
    two
}

/// The same, and carol was given bob's offer.
fn passed(world: &mut World, alice: &Device, bob: &Device, carol: &Device) -> Two {
    let two = asked(world, alice, bob, carol);
    assert_eq!(world.respond(bob, &two.bobs, "his offer"), 200);
    let offer = world.one(carol, "startCallUpdate");
    assert_eq!((session(&offer), &offer["sessionParams"]["sdp"]), (two.carols.clone(), &json!("his offer")));
    assert_eq!(remote(&offer), bob.user);
    two
}

/// Her two calls are as they were.
fn as_before(world: &mut World, alice: &Device, bob: &Device, carol: &Device, two: &Two) {
    world.talk((alice, &two.with_bob), (bob, &two.bobs));
    world.talk((alice, &two.with_carol), (carol, &two.carols));
}

#[test]
fn two_parties_are_connected() {
    for flavour in [Flavour::Uc, Flavour::Link] {
        let mut world = World::new();
        let (alice, bob, carol) = (world.device("alice", flavour), world.uc("bob"), world.device("carol", flavour));
        let two = passed(&mut world, &alice, &bob, &carol);
        world.silent(&alice);
        world.silent(&bob);
        assert_eq!(world.respond(&carol, &two.carols, "her answer"), 200);
        world.wait(100);
        let answer = world.one(&bob, "respondCallUpdate");
        assert_eq!((session(&answer), &answer["sessionParams"]["sdp"]), (two.bobs.clone(), &json!("her answer")));
        assert_eq!(remote(&answer), carol.user);
        let done = world.heard(&alice);
        assert_eq!(kinds(&done), ["sessionComplete", "sessionComplete"]);
        assert_eq!(done.iter().map(session).collect::<Vec<_>>(), [two.with_bob.clone(), two.with_carol.clone()]);
        for end in &done {
            assert_eq!(end["sessionParams"]["reasonText"], "Transfer Successful");
            assert_eq!(reason(end), (Some(9905), true));
        }
        world.silent(&carol);
        world.talk((&bob, &two.bobs), (&carol, &two.carols));
        for own in [&two.with_bob, &two.with_carol] {
            assert_eq!(world.end(&alice, own), 200);
        }
        assert_eq!(world.end(&carol, &two.carols), 200);
        assert_eq!(reason(&world.one(&bob, "callEnd")), (None, false));
        world.wait(300_000);
        for device in [&alice, &bob, &carol] {
            world.silent(device);
        }
    }
}

#[test]
fn calls_of_either_direction_and_of_two_devices_can_be_connected() {
    let mut world = World::new();
    let (one, bob, carol) = (world.uc("alice"), world.uc("bob"), world.uc("carol"));
    // Both called alice, each on another device; the request comes from either.
    let (bobs, with_bob) = world.connected(&bob, &one);
    let two = world.uc("alice");
    world.start(&carol, "alice");
    let (first, with_carol) = (world.ring(&one), world.ring(&two));
    assert_eq!(world.answer(&two, &with_carol), 200);
    world.wait(100);
    let carols = session(world.heard(&carol).last().unwrap());
    assert_eq!(session(&world.one(&one, "callEnd")), first);
    assert_eq!(consult(&mut world, &two, &with_carol, &with_bob), 200);
    world.one(&carol, "startCallUpdate");
    assert_eq!(world.respond(&carol, &carols, "her offer"), 200);
    world.one(&bob, "startCallUpdate");
    assert_eq!(world.respond(&bob, &bobs, "his answer"), 200);
    world.wait(100);
    world.one(&carol, "respondCallUpdate");
    assert_eq!(session(&world.one(&one, "sessionComplete")), with_bob);
    assert_eq!(session(&world.one(&two, "sessionComplete")), with_carol);
    world.talk((&bob, &bobs), (&carol, &carols));
}

#[test]
fn both_calls_have_to_be_connected_ones_of_the_same_user() {
    let mut world = World::new();
    let (alice, bob, carol) = (world.uc("alice"), world.uc("bob"), world.uc("carol"));
    let two = two_calls(&mut world, &alice, &bob, &carol);
    let (foreign, _) = world.connected(&carol, &bob);
    let ringing = world.start(&alice, "bob");
    let rings = world.ring(&bob);
    world.wait(100);
    world.one(&alice, "ringing");
    let (ended, _) = world.connected(&alice, &carol);
    assert_eq!(world.end(&alice, &ended), 200);
    world.one(&carol, "callEnd");
    world.wait(100);
    world.heard(&alice);
    let (mine, theirs) = (&two.with_bob, &two.with_carol);
    let rows = [
        (&alice, mine, &foreign, 404, 42),
        (&alice, mine, &two.carols, 404, 42),
        (&alice, mine, &two.bobs, 404, 42),
        (&alice, mine, &"nonsense".to_owned(), 404, 42),
        (&alice, mine, &ended, 404, 42),
        (&alice, mine, &ringing, 409, 1004),
        (&alice, &ringing, mine, 409, 1004),
        (&alice, mine, mine, 400, 1004),
        (&alice, &foreign, mine, 404, 42),
        (&carol, mine, theirs, 404, 42),
        (&carol, &foreign, theirs, 404, 42),
        (&carol, &foreign, mine, 404, 42),
        (&bob, &rings, &two.bobs, 409, 1004),
    ];
    for (device, session, other, wanted, code) in rows {
        let wish = json!({"type": "transfer", "sessionData": other, "address": "sip:carol@example.com"});
        let (status, body) = world.control_body(device, session, &wish);
        assert_eq!((status, &body["callControlResponse"]["statusCode"]), (wanted, &json!(code)), "{wish}");
    }
    world.wait(100);
    assert_eq!(world.end(&alice, &ringing), 200);
    world.one(&bob, "callEnd");
    as_before(&mut world, &alice, &bob, &carol, &two);
}

#[test]
fn an_answer_that_does_not_come_leaves_both_calls_as_they_were() {
    for with_offer in [false, true] {
        let mut world = World::new();
        let (alice, bob, carol) = (world.uc("alice"), world.uc("bob"), world.uc("carol"));
        let two =
            if with_offer { passed(&mut world, &alice, &bob, &carol) } else { asked(&mut world, &alice, &bob, &carol) };
        world.wait(45_000);
        let failed = world.heard(&alice);
        assert_eq!(kinds(&failed), ["sessionFail", "sessionFail"]);
        assert_eq!(failed.iter().map(session).collect::<Vec<_>>(), [two.with_bob.clone(), two.with_carol.clone()]);
        assert!(failed.iter().all(|fail| reason(fail) == (Some(480), true)));
        if with_offer {
            let back = world.one(&bob, "respondCallUpdate");
            assert_eq!((&back["statusCode"], remote(&back)), (&json!(49), alice.user.clone()), "the offer is void");
        }
        assert_eq!(world.respond(&bob, &two.bobs, "too late"), 409);
        assert_eq!(world.respond(&carol, &two.carols, "too late"), 409);
        world.silent(&bob);
        as_before(&mut world, &alice, &bob, &carol, &two);
        // And once more, the other way round.
        assert_eq!(consult(&mut world, &alice, &two.with_carol, &two.with_bob), 200);
        world.one(&carol, "startCallUpdate");
    }
}

#[test]
fn each_party_has_its_own_time_to_answer() {
    let mut world = World::new();
    let (alice, bob, carol) = (world.uc("alice"), world.uc("bob"), world.uc("carol"));
    let two = asked(&mut world, &alice, &bob, &carol);
    world.wait(44_000);
    assert_eq!(world.respond(&bob, &two.bobs, "his offer"), 200);
    world.one(&carol, "startCallUpdate");
    for (device, session) in [(&alice, &two.with_bob), (&alice, &two.with_carol), (&carol, &two.carols)] {
        assert_eq!(world.control(device, session, &json!({"type": "audit"})), 200);
    }
    world.wait(44_000);
    world.silent(&alice);
    assert_eq!(world.respond(&carol, &two.carols, "her answer"), 200);
    world.one(&bob, "respondCallUpdate");
    world.talk((&bob, &two.bobs), (&carol, &two.carols));
}

#[test]
fn whoever_leaves_meanwhile_ends_the_own_call_only() {
    // who leaves, which of alice's calls ends with it
    let rows = [("bob", true), ("carol", false), ("alice's call with bob", true), ("alice's call with carol", false)];
    for (story, ends_first) in rows {
        for with_offer in [false, true] {
            let mut world = World::new();
            let (alice, bob, carol) = (world.uc("alice"), world.uc("bob"), world.uc("carol"));
            let stage = if with_offer { passed } else { asked };
            let two = stage(&mut world, &alice, &bob, &carol);
            let status = match story {
                "bob" => world.end(&bob, &two.bobs),
                "carol" => world.end(&carol, &two.carols),
                "alice's call with bob" => world.end(&alice, &two.with_bob),
                _ => world.end(&alice, &two.with_carol),
            };
            assert_eq!(status, 200);
            world.wait(100);
            let (over, lives) =
                if ends_first { (&two.with_bob, &two.with_carol) } else { (&two.with_carol, &two.with_bob) };
            let heard = world.heard(&alice);
            let of = |id: &String| -> Vec<&str> {
                heard.iter().filter(|n| session(n) == *id).map(|n| n["eventType"].as_str().unwrap()).collect()
            };
            let asked_for_it = story.starts_with("alice");
            assert_eq!(of(over), if asked_for_it { vec![] } else { vec!["sessionFail", "callEnd"] }, "{story}");
            assert_eq!(of(lives), ["sessionFail"], "{story}");

            let (left, left_session, gone) =
                if ends_first { (&carol, &two.carols, &bob) } else { (&bob, &two.bobs, &carol) };
            let told = world.heard(left);
            if !ends_first && with_offer {
                assert_eq!((kinds(&told), &told[0]["statusCode"]), (vec!["respondCallUpdate"], &json!(49)));
            } else {
                assert_eq!(kinds(&told), [""; 0], "{story}");
            }
            let told = world.heard(gone);
            let end: Vec<&str> = kinds(&told).into_iter().filter(|kind| *kind != "respondCallUpdate").collect();
            assert_eq!(end, if asked_for_it { vec!["callEnd"] } else { vec![] }, "{story}");
            assert_eq!(world.respond(left, left_session, "too late"), 409);
            world.talk((&alice, lives), (left, left_session));
            assert_eq!(world.end(left, left_session), 200);
            world.one(&alice, "callEnd");
            world.wait(300_000);
            for device in [&alice, &bob, &carol] {
                world.silent(device);
            }
        }
    }
}

#[test]
fn who_logs_out_or_falls_silent_leaves() {
    let mut world = World::new();
    let (alice, bob, carol) = (world.uc("alice"), world.uc("bob"), world.uc("carol"));
    passed(&mut world, &alice, &bob, &carol);
    assert_eq!(world.send(&alice, "DELETE", &alice.subscription.clone(), &Value::Null).0, 200);
    world.wait(100);
    assert_eq!(kinds(&world.heard(&bob)).last(), Some(&"callEnd"));
    world.one(&carol, "callEnd");

    let alice = world.uc("alice");
    let two = two_calls(&mut world, &alice, &bob, &carol);
    world.wait(60_000);
    for (device, session) in [(&alice, &two.with_bob), (&alice, &two.with_carol), (&bob, &two.bobs)] {
        assert_eq!(world.control(device, session, &json!({"type": "audit"})), 200);
    }
    assert_eq!(consult(&mut world, &alice, &two.with_bob, &two.with_carol), 200);
    world.one(&bob, "startCallUpdate");
    world.wait(26_000);
    let heard = world.heard(&alice);
    assert_eq!(kinds(&heard).iter().filter(|kind| **kind == "sessionFail").count(), 2);
    assert_eq!((session(heard.last().unwrap()), reason(heard.last().unwrap()).0), (two.with_carol, Some(408)));
    world.one(&carol, "callEnd");
    world.talk((&alice, &two.with_bob), (&bob, &two.bobs));
}

#[test]
fn exchanges_that_are_under_way_are_finished_first() {
    for in_time in [true, false] {
        let mut world = World::new();
        let (alice, bob, carol) = (world.uc("alice"), world.uc("bob"), world.uc("carol"));
        let two = two_calls(&mut world, &alice, &bob, &carol);
        assert_eq!(world.update(&bob, &two.bobs, "more"), 200);
        world.one(&alice, "startCallUpdate");
        assert_eq!(world.update(&alice, &two.with_carol, "hold"), 200);
        world.one(&carol, "startCallUpdate");
        assert_eq!(consult(&mut world, &alice, &two.with_bob, &two.with_carol), 200);
        world.wait(100);
        world.silent(&bob);
        assert_eq!(world.respond(&alice, &two.with_bob, "more, too"), 200);
        world.wait(100);
        assert_eq!(kinds(&world.heard(&bob)), ["respondCallUpdate"], "the other call is not ready");
        if in_time {
            assert_eq!(world.respond(&carol, &two.carols, "held"), 200);
        } else {
            world.wait(45_000);
        }
        world.wait(100);
        assert_eq!(world.one(&alice, "respondCallUpdate")["statusCode"] == 49, !in_time);
        world.one(&bob, "startCallUpdate");
        assert_eq!(world.respond(&bob, &two.bobs, "his offer"), 200);
        world.one(&carol, "startCallUpdate");
        assert_eq!(world.respond(&carol, &two.carols, "her answer"), 200);
        world.wait(100);
        world.one(&bob, "respondCallUpdate");
        assert_eq!(kinds(&world.heard(&alice)), ["sessionComplete", "sessionComplete"]);
        world.talk((&bob, &two.bobs), (&carol, &two.carols));
    }
}

#[test]
fn nobody_changes_anything_meanwhile() {
    for with_offer in [false, true] {
        let mut world = World::new();
        let (alice, bob, carol) = (world.uc("alice"), world.uc("bob"), world.uc("carol"));
        let stage = if with_offer { passed } else { asked };
        let two = stage(&mut world, &alice, &bob, &carol);
        let everybody = [(&alice, &two.with_bob), (&alice, &two.with_carol), (&bob, &two.bobs), (&carol, &two.carols)];
        for (device, own) in everybody {
            assert_eq!(world.update(device, own, "hold"), 200);
            world.wait(100);
            let glare = world.one(device, "respondCallUpdate");
            assert_eq!((session(&glare), &glare["statusCode"]), (own.clone(), &json!(49)));
            assert_eq!(world.control(device, own, &json!({"type": "transfer", "address": "nobody"})), 409);
            let turn = if with_offer { &carol } else { &bob };
            if device.user != turn.user {
                assert_eq!(world.respond(device, own, "out of turn"), 409, "{}", device.user);
            }
        }
        assert_eq!(consult(&mut world, &alice, &two.with_carol, &two.with_bob), 409);
        for blank in ["", " "] {
            assert_eq!(world.respond(&bob, &two.bobs, blank), 400);
        }
        world.wait(100);
        for device in [&alice, &bob, &carol] {
            world.silent(device);
        }
        if !with_offer {
            assert_eq!(world.respond(&bob, &two.bobs, "his offer"), 200);
            world.one(&carol, "startCallUpdate");
        }
        assert_eq!(world.respond(&carol, &two.carols, "her answer"), 200);
        world.wait(100);
        world.one(&bob, "respondCallUpdate");
        world.talk((&bob, &two.bobs), (&carol, &two.carols));
    }
}

#[test]
fn nothing_overtakes_a_response() {
    let mut world = World::new();
    let (alice, bob, carol) = (world.uc("alice"), world.uc("bob"), world.uc("carol"));
    let two = two_calls(&mut world, &alice, &bob, &carol);
    assert_eq!(world.control(&bob, &two.bobs, &json!({"type": "ringing"})), 200);
    assert_eq!(world.control(&carol, &two.carols, &json!({"type": "ringing"})), 200);
    assert_eq!(consult(&mut world, &alice, &two.with_bob, &two.with_carol), 200);
    world.wait(59);
    world.silent(&bob);
    world.wait(1);
    world.one(&bob, "startCallUpdate");
    assert_eq!(world.respond(&bob, &two.bobs, "his offer"), 200);
    world.one(&carol, "startCallUpdate");
    assert_eq!(world.respond(&carol, &two.carols, "her answer"), 200);
    world.wait(59);
    world.silent(&bob);
    world.wait(1);
    world.one(&bob, "respondCallUpdate");

    // Not even in the shortest of all transfers.
    assert_eq!(kinds(&world.heard(&alice)), ["sessionComplete", "sessionComplete"]);
    let two = two_calls(&mut world, &alice, &bob, &carol);
    assert_eq!(consult(&mut world, &alice, &two.with_bob, &two.with_carol), 200);
    assert_eq!(world.end(&bob, &two.bobs), 200);
    world.wait(59);
    world.silent(&alice);
    world.wait(1);
    let heard = world.heard(&alice);
    assert_eq!(kinds(&heard), ["sessionFail", "callEnd", "sessionFail"], "in the order of each session");
}

#[test]
fn a_join_is_refused_and_both_calls_live_on() {
    let mut world = World::new();
    let (alice, bob, carol) = (world.uc("alice"), world.uc("bob"), world.uc("carol"));
    let two = two_calls(&mut world, &alice, &bob, &carol);
    let join = json!({"callControlRequest": {"type": "join", "firstSessionData": two.with_bob,
        "secondSessionData": two.with_carol, "sdp": "offer"}});
    let (status, body) = world.send(&alice, "POST", "callControl", &join);
    assert_eq!((status, &body["callControlResponse"]["statusCode"]), (403, &json!(35)));
    assert!(body["callControlResponse"]["reason"].is_string());
    world.wait(1_000);
    for device in [&alice, &bob, &carol] {
        world.silent(device);
    }
    as_before(&mut world, &alice, &bob, &carol, &two);
}
