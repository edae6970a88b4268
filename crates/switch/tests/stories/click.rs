//! Click to call: alice has the gateway connect her with bob (protocol §4.6.20).

use kandy_switch::Policy;
use serde_json::{Value, json};

use crate::world::{Device, Flavour, World, kinds, reason, remote, session};

fn click(world: &mut World, device: &Device, calling: &str, called: &str) -> (u16, Value) {
    let wish = json!({"clickToCallRequest": {"callingParty": calling, "calledParty": called}});
    world.send(device, "POST", "clicktocall", &wish)
}

/// Alice's device rings; its session.
fn clicked(world: &mut World, alice: &Device, called: &str) -> String {
    assert_eq!(click(world, alice, &alice.user, called), (200, json!({"clickToCallResponse": {"statusCode": 0}})));
    let call = world.one(alice, "call");
    assert_eq!(call["sessionParams"]["sdp"], Value::Null);
    assert_eq!(call["callNotificationParams"]["calleeDisplayNumber"], alice.user);
    let ours = session(&call);
    assert_eq!(world.control(alice, &ours, &json!({"type": "ringing"})), 200);
    ours
}

fn answer(world: &mut World, device: &Device, session: &str, sdp: &str) -> u16 {
    world.control(device, session, &json!({"type": "callAnswer", "sdp": sdp}))
}

#[test]
fn the_calling_party_answers_first_and_is_the_caller_then() {
    for (flavour, calling) in
        [(Flavour::Uc, "alice@example.com"), (Flavour::Link, "sip:Alice@example.com"), (Flavour::Uc, "alice")]
    {
        let mut world = World::new();
        let (alice, bob) = (world.device("alice", flavour), world.uc("bob"));
        let (status, body) = click(&mut world, &alice, calling, "bob@example.com");
        assert_eq!((status, body), (200, json!({"clickToCallResponse": {"statusCode": 0}})), "{calling}");
        let call = world.one(&alice, "call");
        assert_eq!((remote(&call), &call["sessionParams"]["sdp"]), (bob.user.clone(), &Value::Null));
        let theirs = session(&call);
        assert_eq!(world.control(&alice, &theirs, &json!({"type": "ringing"})), 200);
        world.wait(20_000);
        world.silent(&bob);
        assert_eq!(answer(&mut world, &alice, &theirs, "offer"), 200);
        let call = world.one(&bob, "call");
        assert_eq!((remote(&call), &call["sessionParams"]["sdp"]), (alice.user.clone(), &json!("offer")));
        let ours = session(&call);
        assert_eq!(world.control(&bob, &ours, &json!({"type": "ringing"})), 200);
        assert_eq!(answer(&mut world, &alice, &theirs, "offer"), 200, "a repetition");
        assert_eq!(answer(&mut world, &alice, &theirs, "another"), 409);
        assert_eq!(world.control(&alice, &theirs, &json!({"type": "audit"})), 200, "clients audit from here on");
        world.wait(1_000);
        world.silent(&alice);
        assert_eq!(answer(&mut world, &bob, &ours, "answer"), 200);
        let answer = world.one(&alice, "respondCallUpdate");
        assert_eq!((session(&answer), &answer["sessionParams"]["sdp"]), (theirs.clone(), &json!("answer")));
        world.talk((&alice, &theirs), (&bob, &ours));
        assert_eq!(world.end(&bob, &ours), 200);
        assert_eq!(reason(&world.one(&alice, "callEnd")), (None, false));
    }
}

#[test]
fn only_the_logged_in_user_can_be_the_calling_party() {
    let mut world = World::new();
    let (alice, bob, carol) = (world.uc("alice"), world.uc("bob"), world.uc("carol"));
    for (calling, called) in
        [("bob@example.com", "carol@example.com"), ("bob", "alice"), ("alice@other.com", "bob"), ("nobody", "bob")]
    {
        let (status, body) = click(&mut world, &alice, calling, called);
        assert_eq!((status, &body["clickToCallResponse"]["statusCode"]), (403, &json!(27)), "{calling}");
        assert!(body["clickToCallResponse"]["reason"].is_string());
    }
    world.wait(1_000);
    for device in [&alice, &bob, &carol] {
        world.silent(device);
    }
}

#[test]
fn a_called_party_that_cannot_be_had_is_told_to_the_calling_one() {
    let rows = [("nobody", Some(404)), ("carol", Some(480)), ("rejects", Some(603)), ("does not answer", Some(487))];
    for (story, code) in rows {
        let mut world = World::new();
        let (alice, bob) = (world.uc("alice"), world.uc("bob"));
        let theirs = clicked(&mut world, &alice, if story.contains(' ') || story == "rejects" { "bob" } else { story });
        world.wait(5_000);
        assert_eq!(answer(&mut world, &alice, &theirs, "offer"), 200);
        match story {
            "rejects" => {
                let ours = world.ring(&bob);
                assert_eq!(world.dispose(&bob, &json!({"action": "reject", "sessionData": ours})), 200);
            }
            "does not answer" => {
                world.ring(&bob);
                world.wait(90_000);
                assert_eq!(reason(&world.one(&bob, "callEnd")), (Some(487), false));
            }
            _ => {
                world.wait(59);
                world.silent(&alice);
                world.wait(1);
            }
        }
        world.wait(100);
        let end = world.one(&alice, "callEnd");
        assert_eq!((session(&end), reason(&end)), (theirs, (code, true)), "{story}");
        world.silent(&bob);
    }
}

#[test]
fn a_calling_party_that_does_not_answer_calls_nobody() {
    for story in ["rejects", "ends", "does nothing", "logs out"] {
        let mut world = World::new();
        let (alice, bob) = (world.uc("alice"), world.uc("bob"));
        let theirs = clicked(&mut world, &alice, "bob");
        match story {
            "rejects" => assert_eq!(world.dispose(&alice, &json!({"action": "reject", "sessionData": theirs})), 200),
            "ends" => assert_eq!(world.end(&alice, &theirs), 200),
            "logs out" => assert_eq!(world.send(&alice, "DELETE", &alice.subscription.clone(), &Value::Null).0, 200),
            _ => {
                world.wait(90_000);
                assert_eq!(reason(&world.one(&alice, "callEnd")), (Some(487), false));
            }
        }
        world.wait(300_000);
        world.silent(&alice);
        world.silent(&bob);
    }
}

#[test]
fn a_calling_party_that_leaves_after_the_answer_cancels_the_call() {
    let mut world = World::new();
    let (alice, bob) = (world.uc("alice"), world.uc("bob"));
    let theirs = clicked(&mut world, &alice, "bob");
    assert_eq!(answer(&mut world, &alice, &theirs, "offer"), 200);
    world.ring(&bob);
    assert_eq!(world.send(&alice, "DELETE", "callControl", &Value::Null).0, 404, "it has an id, and needs one");
    assert_eq!(world.end(&alice, &theirs), 200);
    world.wait(100);
    assert_eq!(reason(&world.one(&bob, "callEnd")), (Some(487), false));
    world.silent(&alice);
}

#[test]
fn all_devices_of_the_calling_party_ring() {
    let mut world = World::new();
    let (one, two, bob) = (world.uc("alice"), world.device("alice", Flavour::Link), world.uc("bob"));
    assert_eq!(click(&mut world, &one, "alice", "alice").0, 200, "a call to one's own other devices");
    let (first, second) = (world.ring(&one), world.ring(&two));
    assert_eq!(answer(&mut world, &two, &second, "offer"), 200);
    world.wait(100);
    // The end of the first one waits for the response to its report of ringing, the offer of another call does not.
    let heard = world.heard(&one);
    assert_eq!(kinds(&heard), ["call", "callEnd"]);
    assert_eq!((session(&heard[1]), reason(&heard[1])), (first, (Some(9904), true)));
    assert_eq!((remote(&heard[0]), &heard[0]["sessionParams"]["sdp"]), (one.user.clone(), &json!("offer")));
    let rings = session(&heard[0]);
    assert_eq!(answer(&mut world, &one, &rings, "answer"), 200);
    world.wait(100);
    assert_eq!(world.one(&two, "respondCallUpdate")["sessionParams"]["sdp"], "answer");
    world.talk((&two, &second), (&one, &rings));
    world.silent(&bob);
}

#[test]
fn nobody_reports_ringing_to_the_calling_party() {
    let mut world = World::new();
    let (alice, bob) = (world.uc("alice"), world.uc("bob"));
    assert_eq!(click(&mut world, &alice, "alice", "bob").0, 200);
    let theirs = session(&world.one(&alice, "call"));
    assert_eq!(answer(&mut world, &alice, &theirs, "offer"), 200, "even without a report of its own");
    let ours = world.ring(&bob);
    world.wait(1_000);
    world.silent(&alice);
    assert_eq!(answer(&mut world, &bob, &ours, "answer"), 200);
    world.one(&alice, "respondCallUpdate");
    world.talk((&alice, &theirs), (&bob, &ours));
}

#[test]
fn nonsense_and_calling_parties_without_a_device_are_refused() {
    let mut world = World::with(Policy { sessions_per_subscription: 1, ..Policy::default() });
    let alice = world.uc("alice");
    for (calling, called) in [("", "bob"), ("alice", ""), (" ", "bob"), ("alice", "\t")] {
        let (status, body) = click(&mut world, &alice, calling, called);
        assert_eq!((status, &body["clickToCallResponse"]["statusCode"]), (400, &json!(5)));
    }
    let bob = world.uc("bob");
    let theirs = world.start(&alice, "bob");
    assert_eq!(click(&mut world, &alice, "alice", "bob").0, 409, "busy");
    assert_eq!(world.end(&alice, &theirs), 200);
    world.wait(5_000);
    world.heard(&bob);
    clicked(&mut world, &alice, "bob");
    let only = world.subscribed_for("carol", Flavour::Uc, &["IM"]);
    let (status, body) = click(&mut world, &only, "carol", "alice");
    assert_eq!((status, &body["clickToCallResponse"]["statusCode"]), (409, &json!(1004)));
    world.wait(1_000);
    world.silent(&alice);
}
