//! Direct transfer: alice sends bob on to carol (protocol §4.6.12).

use kandy_switch::Policy;
use serde_json::{Value, json};

use crate::world::{Device, Flavour, World, kinds, reason, remote, session};

fn transfer(world: &mut World, by: &Device, session: &str, to: &str) -> u16 {
    world.control(by, session, &json!({"type": "transfer", "address": to}))
}

fn answer(world: &mut World, device: &Device, session: &str, sdp: &str) -> u16 {
    world.control(device, session, &json!({"type": "callAnswer", "sdp": sdp}))
}

/// Alice talks to bob and has sent him on to carol, whose device rings: the sessions of alice, bob and carol.
fn sent_on(world: &mut World, alice: &Device, bob: &Device, carol: &Device) -> (String, String, String) {
    let (theirs, ours) = world.connected(alice, bob);
    assert_eq!(transfer(world, alice, &theirs, "sip:carol@example.com"), 200);
    let hers = world.ring(carol);
    world.wait(100);
    world.one(alice, "sessionComplete");
    (theirs, ours, hers)
}

/// The same, and carol has answered: bob was offered her description.
fn introduced(world: &mut World, alice: &Device, bob: &Device, carol: &Device) -> (String, String, String) {
    let sessions = sent_on(world, alice, bob, carol);
    assert_eq!(answer(world, carol, &sessions.2, "her offer"), 200);
    world.one(bob, "startCallUpdate");
    sessions
}

/// The same, and bob has answered: the two talk.
fn transferred(world: &mut World, alice: &Device, bob: &Device, carol: &Device) -> (String, String) {
    let (_, ours, hers) = introduced(world, alice, bob, carol);
    assert_eq!(world.respond(bob, &ours, "his answer"), 200);
    world.wait(100);
    world.one(carol, "respondCallUpdate");
    (ours, hers)
}

#[test]
fn a_party_is_sent_on() {
    for flavour in [Flavour::Uc, Flavour::Link] {
        // Whoever of the two sends the other one on.
        for caller_transfers in [true, false] {
            let mut world = World::new();
            let (alice, bob, carol) = (world.device("alice", flavour), world.uc("bob"), world.device("carol", flavour));
            let (theirs, ours) = if caller_transfers {
                world.connected(&alice, &bob)
            } else {
                let (ours, theirs) = world.connected(&bob, &alice);
                (theirs, ours)
            };
            assert_eq!(transfer(&mut world, &alice, &theirs, "sip:carol@example.com"), 200);
            let call = world.one(&carol, "call");
            assert_eq!(call["sessionParams"]["sdp"], Value::Null, "carol is asked for an offer");
            assert_eq!(remote(&call), bob.user, "and sees who is to talk to her");
            assert_eq!(call["callNotificationParams"]["remoteName"], "Bob Baker");
            assert_eq!(call["callNotificationParams"]["calleeDisplayNumber"], carol.user);
            let hers = session(&call);
            world.wait(1_000);
            world.silent(&alice);

            assert_eq!(world.control(&carol, &hers, &json!({"type": "ringing"})), 200);
            let done = world.one(&alice, "sessionComplete");
            assert_eq!((session(&done), reason(&done)), (theirs.clone(), (Some(9905), true)));
            assert_eq!(done["sessionParams"]["reasonText"], "Direct Transfer Successful");
            world.wait(20_000);
            world.silent(&bob);
            world.silent(&carol);

            assert_eq!(answer(&mut world, &carol, &hers, "her offer"), 200);
            let offer = world.one(&bob, "startCallUpdate");
            assert_eq!((session(&offer), &offer["sessionParams"]["sdp"]), (ours.clone(), &json!("her offer")));
            assert_eq!(remote(&offer), carol.user);
            assert_eq!(answer(&mut world, &carol, &hers, "her offer"), 200, "a repetition");
            assert_eq!(answer(&mut world, &carol, &hers, "another"), 409);
            world.wait(100);
            world.silent(&carol);
            assert_eq!(world.respond(&bob, &ours, "his answer"), 200);
            let answer = world.one(&carol, "respondCallUpdate");
            assert_eq!((session(&answer), &answer["sessionParams"]["sdp"]), (hers.clone(), &json!("his answer")));
            assert_eq!(remote(&answer), bob.user);

            world.talk((&bob, &ours), (&carol, &hers));
            assert_eq!(world.end(&alice, &theirs), 200, "newer clients end a completed session (§13)");
            assert_eq!(world.end(&bob, &ours), 200);
            assert_eq!(reason(&world.one(&carol, "callEnd")), (None, false));
            world.wait(300_000);
            for device in [&alice, &bob, &carol] {
                world.silent(device);
            }
        }
    }
}

#[test]
fn the_target_may_hang_up_and_send_on_as_well() {
    let mut world = World::new();
    let (alice, bob, carol) = (world.uc("alice"), world.uc("bob"), world.uc("carol"));
    let (ours, hers) = transferred(&mut world, &alice, &bob, &carol);
    assert_eq!(world.end(&carol, &hers), 200);
    assert_eq!(session(&world.one(&bob, "callEnd")), ours);

    // Back to alice, by the one who was sent on and by the target.
    for carol_transfers in [true, false] {
        let (ours, hers) = transferred(&mut world, &alice, &bob, &carol);
        let (by, by_session, stays, stays_session) =
            if carol_transfers { (&carol, &hers, &bob, &ours) } else { (&bob, &ours, &carol, &hers) };
        assert_eq!(transfer(&mut world, by, by_session, "alice"), 200);
        let theirs = world.ring(&alice);
        world.wait(100);
        assert_eq!(session(&world.one(by, "sessionComplete")), *by_session);
        assert_eq!(answer(&mut world, &alice, &theirs, "offer"), 200);
        assert_eq!(session(&world.one(stays, "startCallUpdate")), *stays_session);
        assert_eq!(world.respond(stays, stays_session, "answer"), 200);
        world.wait(100);
        world.one(&alice, "respondCallUpdate");
        world.talk((stays, stays_session), (&alice, &theirs));
        assert_eq!(world.end(&alice, &theirs), 200);
        world.one(stays, "callEnd");
    }
}

#[test]
fn a_target_that_cannot_be_reached_changes_nothing() {
    // who, how long it takes, code
    let rows = [
        ("nobody@example.com", 0, 404),
        ("", 0, 404),
        ("tel:+1 613 555 0100", 0, 404),
        ("offline", 0, 480),
        ("busy", 0, 486),
        ("deaf", 8_000, 480),
        ("declines at once", 0, 603),
        ("logs out at once", 0, 480),
    ];
    for (story, after, code) in rows {
        let mut world = World::with(Policy { sessions_per_subscription: 2, ..Policy::default() });
        let (alice, bob) = (world.uc("alice"), world.uc("bob"));
        let (theirs, ours) = world.connected(&alice, &bob);
        let carol = (story != "offline").then(|| world.uc("carol"));
        if story == "busy" {
            let carol = carol.as_ref().unwrap();
            world.start(carol, "alice");
            world.start(carol, "bob");
            world.wait(100);
            for device in [&alice, &bob] {
                let ringing = session(&world.one(device, "call"));
                world.control(device, &ringing, &json!({"type": "ringing"}));
            }
            world.wait(100);
            world.heard(carol);
        }
        let known = story.contains('@') || story.is_empty() || story.contains(':');
        let status = transfer(&mut world, &alice, &theirs, if known { story } else { "sip:carol@example.com" });
        assert_eq!(status, 200, "{story}");
        if let (Some(carol), true) = (&carol, after > 0 || story.contains("at once")) {
            let hers = session(&world.one(carol, "call"));
            match story {
                "declines at once" => {
                    assert_eq!(world.dispose(carol, &json!({"action": "reject", "sessionData": hers})), 200);
                }
                "logs out at once" => {
                    assert_eq!(world.send(carol, "DELETE", &carol.subscription.clone(), &Value::Null).0, 200);
                }
                _ => {}
            }
        }
        world.silent(&alice);
        world.wait(after + 60);
        let failed = world.one(&alice, "sessionFail");
        assert_eq!((session(&failed), reason(&failed)), (theirs.clone(), (Some(code), true)), "{story}");
        world.silent(&bob);
        world.talk((&alice, &theirs), (&bob, &ours));
        // Another one may be tried.
        assert_eq!(transfer(&mut world, &alice, &theirs, "nobody"), 200, "{story}");
        world.wait(100);
        world.one(&alice, "sessionFail");
        assert_eq!(world.end(&bob, &ours), 200);
        assert_eq!(reason(&world.one(&alice, "callEnd")), (None, false), "{story}");
    }
}

#[test]
fn once_the_target_rings_its_refusal_goes_to_the_party_that_was_sent_on() {
    let rows = [("rejects", Some(603)), ("ends", Some(603)), ("logs out", Some(480)), ("does nothing", Some(487))];
    for (story, code) in rows {
        let mut world = World::new();
        let (alice, bob, carol) = (world.uc("alice"), world.uc("bob"), world.uc("carol"));
        let (_, ours, hers) = sent_on(&mut world, &alice, &bob, &carol);
        match story {
            "rejects" => assert_eq!(world.dispose(&carol, &json!({"action": "reject", "sessionData": hers})), 200),
            "ends" => assert_eq!(world.end(&carol, &hers), 200),
            "logs out" => assert_eq!(world.send(&carol, "DELETE", &carol.subscription.clone(), &Value::Null).0, 200),
            _ => {
                for _ in 0..4 {
                    assert_eq!(world.control(&bob, &ours, &json!({"type": "audit"})), 200);
                    world.wait(25_000);
                }
                assert_eq!(reason(&world.one(&carol, "callEnd")), (Some(487), false), "a missed call");
            }
        }
        world.wait(100);
        let end = world.one(&bob, "callEnd");
        assert_eq!((session(&end), reason(&end), remote(&end)), (ours, (code, true), carol.user.clone()), "{story}");
        world.wait(300_000);
        for device in [&alice, &bob, &carol] {
            world.silent(device);
        }
    }
}

#[test]
fn whoever_leaves_before_the_target_rings_calls_the_transfer_off() {
    for (story, leaves_first) in [("ends", true), ("ends", false), ("logs out", true), ("logs out", false)] {
        let mut world = World::new();
        let (alice, bob, carol) = (world.uc("alice"), world.uc("bob"), world.uc("carol"));
        let (theirs, ours) = world.connected(&alice, &bob);
        assert_eq!(transfer(&mut world, &alice, &theirs, "carol"), 200);
        let hers = session(&world.one(&carol, "call"));
        let (leaves, leaving, stays) = if leaves_first { (&alice, &theirs, &bob) } else { (&bob, &ours, &alice) };
        match story {
            "ends" => assert_eq!(world.end(leaves, leaving), 200),
            _ => assert_eq!(world.send(leaves, "DELETE", &leaves.subscription.clone(), &Value::Null).0, 200),
        }
        world.wait(100);
        let heard = world.heard(stays);
        // Released clients take an end for the success of a transfer that they wait for (§4.4.5), so its failure goes first.
        assert_eq!(kinds(&heard), if leaves_first { vec!["callEnd"] } else { vec!["sessionFail", "callEnd"] });
        assert_eq!(reason(heard.last().unwrap()), (None, false));
        world.silent(leaves);
        world.silent(&carol);
        assert_eq!(world.control(&carol, &hers, &json!({"type": "ringing"})), 200, "it was waited for");
        world.wait(60);
        assert_eq!(reason(&world.one(&carol, "callEnd")), (Some(487), false));
        world.wait(300_000);
        for device in [&alice, &bob, &carol] {
            world.silent(device);
        }
    }
}

#[test]
fn a_party_that_falls_silent_calls_the_transfer_off() {
    let mut world = World::new();
    let (alice, bob, carol) = (world.uc("alice"), world.uc("bob"), world.uc("carol"));
    let (_, _, hers) = sent_on(&mut world, &alice, &bob, &carol);
    world.wait(86_000);
    assert_eq!(reason(&world.one(&bob, "callEnd")), (Some(408), true));
    let end = world.one(&carol, "callEnd");
    assert_eq!((session(&end), reason(&end)), (hers, (Some(487), false)));
    world.silent(&alice);
}

#[test]
fn whoever_leaves_later_ends_the_call_of_the_two() {
    for answered in [false, true] {
        for bob_leaves in [true, false] {
            let mut world = World::new();
            let (alice, bob, carol) = (world.uc("alice"), world.uc("bob"), world.uc("carol"));
            let sessions = if answered { introduced } else { sent_on };
            let (_, ours, hers) = sessions(&mut world, &alice, &bob, &carol);
            if bob_leaves {
                assert_eq!(world.end(&bob, &ours), 200);
                let wanted = if answered { (None, false) } else { (Some(487), false) };
                world.wait(100);
                assert_eq!(reason(&world.one(&carol, "callEnd")), wanted);
            } else {
                assert_eq!(world.end(&carol, &hers), 200);
                let wanted = if answered { (None, false) } else { (Some(603), true) };
                assert_eq!(reason(&world.one(&bob, "callEnd")), wanted);
            }
            assert_eq!(world.respond(&bob, &ours, "too late"), 404);
            world.wait(100);
            world.heard(&bob);
            world.wait(300_000);
            for device in [&alice, &bob, &carol] {
                world.silent(device);
            }
        }
    }
}

#[test]
fn all_devices_of_the_target_ring_and_the_first_answer_counts() {
    let mut world = World::new();
    let (alice, bob, one) = (world.uc("alice"), world.uc("bob"), world.uc("carol"));
    let two = world.device("carol", Flavour::Link);
    let (theirs, ours) = world.connected(&alice, &bob);
    assert_eq!(transfer(&mut world, &alice, &theirs, "carol"), 200);
    let first = world.ring(&one);
    world.wait(100);
    world.one(&alice, "sessionComplete");
    let second = world.ring(&two);
    world.wait(100);
    world.silent(&alice);
    assert_eq!(answer(&mut world, &two, &second, "two's offer"), 200);
    assert_eq!(answer(&mut world, &one, &first, "one's offer"), 404);
    assert_eq!(world.one(&bob, "startCallUpdate")["sessionParams"]["sdp"], "two's offer");
    world.wait(100);
    assert!(world.heard(&one).iter().all(|n| reason(n) == (Some(9904), true)));
    assert_eq!(world.respond(&bob, &ours, "answer"), 200);
    world.wait(100);
    world.one(&two, "respondCallUpdate");
    world.talk((&bob, &ours), (&two, &second));
}

#[test]
fn the_target_may_forward() {
    let mut world = World::new();
    let (alice, bob, carol) = (world.uc("alice"), world.uc("bob"), world.uc("carol"));
    let other = world.uc("alice");
    let (theirs, ours) = world.connected(&alice, &bob);
    assert_eq!(transfer(&mut world, &alice, &theirs, "carol"), 200);
    let hers = world.ring(&carol);
    world.wait(100);
    world.one(&alice, "sessionComplete");
    let forward = json!({"action": "forward", "sessionData": hers, "address": "alice"});
    assert_eq!(world.dispose(&carol, &forward), 200);
    world.silent(&alice);
    let call = world.one(&other, "call");
    assert_eq!((remote(&call), &call["sessionParams"]["sdp"]), (bob.user.clone(), &Value::Null));
    let last = session(&call);
    assert_eq!(answer(&mut world, &other, &last, "offer"), 200, "even without a report of ringing");
    assert_eq!(remote(&world.one(&bob, "startCallUpdate")), alice.user);
    assert_eq!(world.respond(&bob, &ours, "answer"), 200);
    world.wait(100);
    world.one(&other, "respondCallUpdate");
    world.talk((&bob, &ours), (&other, &last));
}

#[test]
fn an_exchange_that_is_under_way_is_finished_first() {
    for (bob_offers, in_time) in [(true, true), (false, true), (true, false), (false, false)] {
        let mut world = World::new();
        let (alice, bob, carol) = (world.uc("alice"), world.uc("bob"), world.uc("carol"));
        let (theirs, ours) = world.connected(&alice, &bob);
        let (from, from_session, to, to_session) =
            if bob_offers { (&bob, &ours, &alice, &theirs) } else { (&alice, &theirs, &bob, &ours) };
        assert_eq!(world.update(from, from_session, "more"), 200);
        world.one(to, "startCallUpdate");
        assert_eq!(transfer(&mut world, &alice, &theirs, "carol"), 200);
        let hers = world.ring(&carol);
        assert_eq!(answer(&mut world, &carol, &hers, "her offer"), 200);
        assert_eq!(answer(&mut world, &carol, &hers, "her offer"), 200, "a repetition");
        assert_eq!(answer(&mut world, &carol, &hers, "another"), 409);
        assert_eq!(world.update(&carol, &hers, "too early"), 200);
        world.wait(100);
        assert_eq!(world.one(&carol, "respondCallUpdate")["statusCode"], 49);
        world.wait(1_000);
        world.silent(&alice);
        world.silent(&bob);
        if in_time {
            assert_eq!(world.respond(to, to_session, "more, too"), 200);
        } else {
            world.wait(45_000);
        }
        world.wait(100);
        let (heard, told) = (world.heard(&alice), world.heard(&bob));
        let answered =
            |offers: bool, then: &'static str| if offers { vec!["respondCallUpdate", then] } else { vec![then] };
        assert_eq!(kinds(&heard), answered(!bob_offers, "sessionComplete"));
        assert_eq!(kinds(&told), answered(bob_offers, "startCallUpdate"));
        let answer = if bob_offers { &told[0] } else { &heard[0] };
        assert_eq!(answer["statusCode"] == 49, !in_time);
        assert_eq!(told.last().unwrap()["sessionParams"]["sdp"], "her offer");
        assert_eq!(world.respond(&bob, &ours, "his answer"), 200);
        world.wait(100);
        world.one(&carol, "respondCallUpdate");
        world.talk((&bob, &ours), (&carol, &hers));
    }
}

#[test]
fn the_target_that_leaves_before_its_turn_is_no_success() {
    let mut world = World::new();
    let (alice, bob, carol) = (world.uc("alice"), world.uc("bob"), world.uc("carol"));
    let (theirs, ours) = world.connected(&alice, &bob);
    assert_eq!(world.update(&bob, &ours, "more"), 200);
    world.one(&alice, "startCallUpdate");
    assert_eq!(transfer(&mut world, &alice, &theirs, "carol"), 200);
    let hers = world.ring(&carol);
    assert_eq!(answer(&mut world, &carol, &hers, "her offer"), 200);
    assert_eq!(world.end(&carol, &hers), 200);
    world.wait(100);
    assert_eq!(session(&world.one(&alice, "sessionFail")), theirs);
    assert_eq!(world.respond(&alice, &theirs, "answer"), 200);
    world.one(&bob, "respondCallUpdate");
    world.talk((&alice, &theirs), (&bob, &ours));
    world.silent(&carol);
}

#[test]
fn who_waits_for_the_target_is_told_to_try_again() {
    let mut world = World::new();
    let (alice, bob, carol) = (world.uc("alice"), world.uc("bob"), world.uc("carol"));
    let (_, ours, hers) = sent_on(&mut world, &alice, &bob, &carol);
    assert_eq!(world.update(&bob, &ours, "hold"), 200);
    world.silent(&bob);
    world.wait(60);
    assert_eq!(world.one(&bob, "respondCallUpdate")["statusCode"], 49);
    world.silent(&carol);
    assert_eq!(world.respond(&bob, &ours, "nothing was asked"), 409);
    assert_eq!(transfer(&mut world, &bob, &ours, "alice"), 409);
    assert_eq!(answer(&mut world, &carol, &hers, "her offer"), 200);
    // Both may still cross the first exchange with offers of their own.
    for (device, session) in [(&bob, &ours), (&carol, &hers)] {
        world.wait(100);
        world.heard(device);
        assert_eq!(world.update(device, session, "hold"), 200);
        world.wait(60);
        assert_eq!(world.one(device, "respondCallUpdate")["statusCode"], 49, "{}", device.user);
    }
    assert_eq!(world.respond(&carol, &hers, "nobody answers himself"), 409);
    assert_eq!(world.respond(&bob, &ours, "his answer"), 200);
    world.wait(100);
    world.one(&carol, "respondCallUpdate");
    world.talk((&bob, &ours), (&carol, &hers));
}

#[test]
fn an_introduction_that_is_not_answered_ends_the_call() {
    let mut world = World::new();
    let (alice, bob, carol) = (world.uc("alice"), world.uc("bob"), world.uc("carol"));
    let (_, ours, hers) = introduced(&mut world, &alice, &bob, &carol);
    world.wait(45_000);
    for (device, wanted) in [(&bob, ours), (&carol, hers)] {
        let end = world.one(device, "callEnd");
        assert_eq!((session(&end), reason(&end)), (wanted, (Some(408), true)));
    }
    world.silent(&alice);
}

#[test]
fn a_call_is_transferred_once_at_a_time() {
    let mut world = World::new();
    let (alice, bob, carol) = (world.uc("alice"), world.uc("bob"), world.uc("carol"));
    let (theirs, ours) = world.connected(&alice, &bob);
    assert_eq!(transfer(&mut world, &alice, &theirs, "carol"), 200);
    let hers = session(&world.one(&carol, "call"));
    for (device, own) in [(&alice, &theirs), (&bob, &ours)] {
        let (status, body) = world.control_body(device, own, &json!({"type": "transfer", "address": "carol"}));
        assert_eq!((status, &body["callControlResponse"]["statusCode"]), (409, &json!(1004)));
    }
    assert_eq!(world.control(&carol, &hers, &json!({"type": "ringing"})), 200);
    assert_eq!(transfer(&mut world, &carol, &hers, "bob"), 409, "it only rings");
    assert_eq!(transfer(&mut world, &alice, &theirs, "carol"), 404, "over");
    assert_eq!(transfer(&mut world, &carol, &ours, "carol"), 404, "somebody else's");
    world.wait(100);
    assert_eq!(kinds(&world.heard(&alice)), ["sessionComplete"; 1]);
}

#[test]
fn to_ones_own_address_rings_the_other_devices() {
    let mut world = World::new();
    let (alice, bob) = (world.uc("alice"), world.uc("bob"));
    let (theirs, ours) = world.connected(&alice, &bob);
    let (second, third) = (world.uc("alice"), world.uc("bob"));
    for to in ["alice", "bob"] {
        assert_eq!(transfer(&mut world, &alice, &theirs, to), 200);
        let (rings, not) = if to == "alice" { (&second, &third) } else { (&third, &second) };
        let session = session(&world.one(rings, "call"));
        assert_eq!(world.dispose(rings, &json!({"action": "reject", "sessionData": session})), 200);
        world.wait(100);
        world.silent(not);
        world.silent(&bob);
        assert_eq!(reason(&world.one(&alice, "sessionFail")), (Some(603), true));
    }
    world.talk((&alice, &theirs), (&bob, &ours));
}

#[test]
fn nothing_about_a_transfer_overtakes_a_response() {
    let mut world = World::new();
    let (alice, bob, carol) = (world.uc("alice"), world.uc("bob"), world.uc("carol"));
    let (theirs, ours) = world.connected(&alice, &bob);
    assert_eq!(transfer(&mut world, &alice, &theirs, "carol"), 200);
    let hers = world.ring(&carol);
    assert_eq!(world.control(&bob, &ours, &json!({"type": "ringing"})), 200);
    assert_eq!(answer(&mut world, &carol, &hers, "her offer"), 200);
    world.wait(59);
    world.silent(&alice);
    world.silent(&bob);
    world.wait(1);
    world.one(&alice, "sessionComplete");
    world.one(&bob, "startCallUpdate");
    assert_eq!(answer(&mut world, &carol, &hers, "her offer"), 200);
    assert_eq!(world.respond(&bob, &ours, "his answer"), 200);
    world.wait(59);
    world.silent(&carol);
    world.wait(1);
    world.one(&carol, "respondCallUpdate");
}

#[test]
fn a_completed_session_is_told_so_again() {
    let mut world = World::new();
    let (mut alice, bob, carol) = (world.uc("alice"), world.uc("bob"), world.uc("carol"));
    let (theirs, ours) = world.connected(&alice, &bob);
    world.wait(3_000);
    world.says(&alice, r#"{"message_type":"ping"}"#);
    world.disconnect(&alice);
    assert_eq!(transfer(&mut world, &alice, &theirs, "carol"), 200);
    let hers = world.ring(&carol);
    assert_eq!(answer(&mut world, &carol, &hers, "her offer"), 200);
    assert_eq!(world.respond(&bob, &ours, "his answer"), 200);
    world.wait(1_000);
    world.connect(&mut alice);
    world.one(&alice, "sessionComplete");
    let (status, body) = world.control_body(&alice, &theirs, &json!({"type": "audit"}));
    assert_eq!((status, &body["callControlResponse"]["statusCode"]), (404, &json!(42)));
    world.wait(60);
    assert_eq!(reason(&world.one(&alice, "sessionComplete")), (Some(9905), true));
}

#[test]
fn a_target_that_answers_has_rung() {
    let mut world = World::new();
    let (alice, bob, carol) = (world.uc("alice"), world.uc("bob"), world.uc("carol"));
    let (theirs, ours) = world.connected(&alice, &bob);
    assert_eq!(transfer(&mut world, &alice, &theirs, "carol"), 200);
    let hers = session(&world.one(&carol, "call"));
    assert_eq!(answer(&mut world, &carol, &hers, "her offer"), 200);
    world.wait(100);
    world.one(&alice, "sessionComplete");
    world.one(&bob, "startCallUpdate");
    assert_eq!(world.respond(&bob, &ours, "his answer"), 200);
    world.wait(100);
    world.one(&carol, "respondCallUpdate");
    world.talk((&bob, &ours), (&carol, &hers));
}

#[test]
fn a_target_that_vanishes_after_its_answer_is_given_up() {
    let mut world = World::new();
    let (alice, bob, carol) = (world.uc("alice"), world.uc("bob"), world.uc("carol"));
    let (ours, hers) = transferred(&mut world, &alice, &bob, &carol);
    for _ in 0..4 {
        assert_eq!(world.control(&bob, &ours, &json!({"type": "audit"})), 200);
        world.wait(20_000);
    }
    world.silent(&bob);
    world.wait(5_000);
    assert_eq!(reason(&world.one(&bob, "callEnd")), (Some(408), true));
    assert_eq!(session(&world.one(&carol, "callEnd")), hers);
}
