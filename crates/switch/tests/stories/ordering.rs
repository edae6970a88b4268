//! Nothing is told before the client can know it, nothing is lost with a socket (protocol §12.3, §3.5).

use serde_json::json;

use crate::world::{Flavour, World, kinds, reason, session};

const PING: &str = r#"{"message_type":"ping"}"#;

#[test]
fn nothing_about_a_callers_session_overtakes_the_start_response() {
    let mut world = World::new();
    let (alice, bob) = (world.uc("alice"), world.uc("bob"));
    world.start(&alice, &bob.user);
    let ours = world.ring(&bob);
    assert_eq!(world.answer(&bob, &ours), 200);
    world.wait(59);
    world.silent(&alice);
    world.wait(1);
    assert_eq!(kinds(&world.heard(&alice)), ["ringing", "respondCallUpdate"]);
}

#[test]
fn a_client_that_keeps_early_notifications_gets_them_at_once() {
    let mut world = World::new();
    let bob = world.uc("bob");
    world.supported.push(kandy_wire::session::EARLY_NOTIFICATIONS);
    let alice = world.uc("alice");
    world.start(&alice, &bob.user);
    let ours = world.ring(&bob);
    assert_eq!(world.answer(&bob, &ours), 200);
    assert_eq!(kinds(&world.heard(&alice)), ["ringing", "respondCallUpdate"]);
}

#[test]
fn the_end_waits_for_the_ringing_report_and_its_grace() {
    let mut world = World::new();
    let (alice, bob) = (world.uc("alice"), world.uc("bob"));
    let theirs = world.start(&alice, &bob.user);
    let ours = session(&world.one(&bob, "call"));
    assert_eq!(world.end(&alice, &theirs), 200);
    world.wait(2_000);
    world.silent(&bob);
    assert_eq!(world.control(&bob, &ours, &json!({"type": "ringing"})), 200);
    world.wait(59);
    world.silent(&bob);
    world.wait(1);
    assert_eq!(reason(&world.one(&bob, "callEnd")), (Some(487), false));
    world.silent(&alice);
}

#[test]
fn the_end_does_not_wait_for_ever() {
    let mut world = World::new();
    let (alice, bob) = (world.uc("alice"), world.uc("bob"));
    let theirs = world.start(&alice, &bob.user);
    world.one(&bob, "call");
    assert_eq!(world.end(&alice, &theirs), 200);
    world.wait(2_999);
    world.silent(&bob);
    world.wait(1);
    world.one(&bob, "callEnd");
}

#[test]
fn an_update_waits_for_the_answers_response() {
    let mut world = World::new();
    let (alice, bob) = (world.uc("alice"), world.uc("bob"));
    let (theirs, ours) = world.ringing(&alice, &bob);
    assert_eq!(world.answer(&bob, &ours), 200);
    assert_eq!(world.control(&alice, &theirs, &json!({"type": "startCallUpdate", "sdp": "quick"})), 200);
    world.silent(&bob);
    world.wait(60);
    world.one(&bob, "startCallUpdate");
}

#[test]
fn notifications_are_numbered_and_survive_the_socket() {
    let mut world = World::new();
    let (alice, mut bob) = (world.uc("alice"), world.uc("bob"));
    let (theirs, ours) = world.connected(&alice, &bob);
    world.wait(3_000);
    world.says(&bob, PING);
    assert_eq!(world.control(&alice, &theirs, &json!({"type": "startCallUpdate", "sdp": "one"})), 200);
    let first = world.one(&bob, "startCallUpdate");
    world.says(&bob, PING);
    world.disconnect(&bob);
    assert_eq!(world.control(&bob, &ours, &json!({"type": "respondCallUpdate", "sdp": "two"})), 200);
    world.wait(100);
    world.heard(&alice);
    assert_eq!(world.control(&alice, &theirs, &json!({"type": "startCallUpdate", "sdp": "three"})), 200);
    world.wait(30_000);
    world.connect(&mut bob);
    let heard = world.heard(&bob);
    assert_eq!(
        kinds(&heard),
        ["startCallUpdate", "startCallUpdate"],
        "what a ping right behind it cannot prove, and the new one"
    );
    assert_eq!(heard[0]["eventId"], first["eventId"], "under its first id");
    assert_ne!(heard[1]["eventId"], first["eventId"]);
    assert_eq!(heard[1]["sessionParams"]["sdp"], "three");
    world.wait(2_000);
    world.says(&bob, PING);
    world.connect(&mut bob);
    world.silent(&bob);
    assert_eq!(world.control(&bob, &ours, &json!({"type": "audit"})), 200, "the call lives on");
}

#[test]
fn a_call_that_nobody_saw_is_taken_back() {
    let mut world = World::new();
    let (alice, mut bob) = (world.uc("alice"), world.uc("bob"));
    world.disconnect(&bob);
    let theirs = world.start(&alice, &bob.user);
    assert_eq!(world.end(&alice, &theirs), 200);
    world.wait(1_000);
    world.connect(&mut bob);
    world.wait(10_000);
    world.silent(&bob);
}

#[test]
fn a_call_waits_a_little_for_the_socket() {
    let mut world = World::new();
    let (alice, mut bob) = (world.uc("alice"), world.uc("bob"));
    world.disconnect(&bob);
    let theirs = world.start(&alice, &bob.user);
    world.wait(5_000);
    world.connect(&mut bob);
    world.ring(&bob);
    world.wait(100);
    world.one(&alice, "ringing");
    assert_eq!(world.end(&alice, &theirs), 200);
    // Long without a socket, a device is not called any more.
    world.wait(100);
    world.disconnect(&bob);
    world.wait(120_001);
    world.start(&alice, &bob.user);
    world.wait(100);
    assert_eq!(reason(&world.one(&alice, "callEnd")), (Some(480), true));
}

#[test]
fn offer_and_end_do_not_arrive_together_after_a_break() {
    let mut world = World::new();
    let (alice, mut bob) = (world.uc("alice"), world.uc("bob"));
    // The offer is written to a socket that is dead already, the end follows there after its time.
    let theirs = world.start(&alice, &bob.user);
    world.one(&bob, "call");
    assert_eq!(world.end(&alice, &theirs), 200);
    world.wait(4_000);
    world.one(&bob, "callEnd");
    world.connect(&mut bob);
    assert_eq!(kinds(&world.heard(&bob)), ["call"]);
    world.wait(2_999);
    world.silent(&bob);
    world.wait(1);
    world.one(&bob, "callEnd");

    // The same when the break was noticed: the end waits for the socket.
    let theirs = world.start(&alice, &bob.user);
    world.one(&bob, "call");
    world.disconnect(&bob);
    assert_eq!(world.end(&alice, &theirs), 200);
    world.wait(200_000);
    world.connect(&mut bob);
    let heard = world.heard(&bob);
    assert!(!kinds(&heard[..]).is_empty() && kinds(&heard).last() == Some(&"call"), "{:?}", kinds(&heard));
    let ours = session(heard.last().unwrap());
    assert_eq!(world.control(&bob, &ours, &json!({"type": "ringing"})), 200);
    world.wait(60);
    assert_eq!(session(&world.one(&bob, "callEnd")), ours);
}

#[test]
fn event_ids_are_unique_and_grow_over_everything() {
    let mut world = World::new();
    let (alice, bob) = (world.uc("alice"), world.device("bob", Flavour::Link));
    // Two in one millisecond, and then many more.
    let at_once = [world.start(&alice, &bob.user), world.start(&alice, &bob.user)];
    let mut ids: Vec<_> = world.heard(&bob).iter().map(|n| n["eventId"].clone()).collect();
    for theirs in at_once {
        assert_eq!(world.end(&alice, &theirs), 200);
    }
    world.wait(5_000);
    ids.extend(world.heard(&bob).iter().map(|n| n["eventId"].clone()));
    for _ in 0..20 {
        let (theirs, _) = world.start_and_ring(&alice, &bob, &mut ids);
        assert_eq!(world.end(&alice, &theirs), 200);
        world.wait(100);
        ids.extend(world.heard(&bob).iter().chain(&world.heard(&alice)).map(|n| n["eventId"].clone()));
    }
    let unique: std::collections::BTreeSet<String> = ids.iter().map(ToString::to_string).collect();
    assert_eq!((unique.len(), ids.len()), (64, 64));
}

impl World {
    fn start_and_ring(
        &mut self,
        alice: &crate::world::Device,
        bob: &crate::world::Device,
        ids: &mut Vec<serde_json::Value>,
    ) -> (String, String) {
        let theirs = self.start(alice, &bob.user);
        let call = self.one(bob, "call");
        ids.push(call["eventId"].clone());
        let ours = session(&call);
        assert_eq!(self.control(bob, &ours, &json!({"type": "ringing"})), 200);
        self.wait(100);
        (theirs, ours)
    }
}
