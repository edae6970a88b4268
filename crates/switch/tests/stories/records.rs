//! What is recorded of calls for their parties (protocol §4.14).

use kandy_switch::{CallRecord, Policy};
use kandy_wire::history::Direction::{Incoming, Missed, Outgoing};
use serde_json::{Value, json};

use crate::world::{Flavour, World, session};

/// User, direction, the other side, and how long they talked.
fn short(records: &[CallRecord]) -> Vec<String> {
    let name = |user: &str| user.split('@').next().unwrap().to_owned();
    let mut short: Vec<String> = records
        .iter()
        .map(|r| format!("{} {:?} {} {}", name(r.user.as_str()), r.direction, name(&r.remote_number), r.duration))
        .collect();
    short.sort();
    short
}

#[test]
fn both_parties_have_a_record_of_their_talk() {
    let mut world = World::new();
    let (alice, bob) = (world.uc("alice"), world.device("bob", Flavour::Link));
    let began = world.now;
    let (theirs, _) = world.connected(&alice, &bob);
    world.wait(5_000);
    assert_eq!(world.records(), [], "not before the end");
    world.end(&alice, &theirs);
    let records = world.records();
    assert_eq!(short(&records), ["alice Outgoing bob 5100", "bob Incoming alice 5100"]);
    let bobs = records.iter().find(|record| record.direction == Incoming).unwrap();
    assert_eq!(
        (&*bobs.name, &*bobs.remote_name, &*bobs.remote_number),
        ("Bob Baker", "Alice Archer", "alice@example.com")
    );
    assert!(records.iter().all(|record| record.started == began), "{records:?}");
    world.wait(200_000);
    assert_eq!(world.records(), []);
}

#[test]
fn the_outcome_is_recorded_once_however_many_devices_rang() {
    type Act = fn(&mut World, &[crate::world::Device; 3], &str, &[String; 2]);
    let rows: [(&str, Act, &[&str]); 7] = [
        (
            "answered on the second device",
            |world, [alice, _, second], theirs, [_, ours]| {
                assert_eq!(world.answer(second, ours), 200);
                world.wait(1_000);
                world.end(alice, theirs);
            },
            &["alice Outgoing bob 1000", "bob Incoming alice 1000"],
        ),
        (
            "rejected",
            |world, [_, first, _], _, [ours, _]| {
                world.dispose(first, &json!({"action": "reject", "sessionData": ours}));
            },
            &["alice Outgoing bob 0", "bob Incoming alice 0"],
        ),
        (
            "declined by an end",
            |world, [_, first, _], _, [ours, _]| assert_eq!(world.end(first, ours), 200),
            &["alice Outgoing bob 0", "bob Incoming alice 0"],
        ),
        (
            "cancelled",
            |world, [alice, ..], theirs, _| assert_eq!(world.end(alice, theirs), 200),
            &["alice Outgoing bob 0", "bob Missed alice 0"],
        ),
        ("not answered", |world, _, _, _| world.wait(100_000), &["alice Outgoing bob 0", "bob Missed alice 0"]),
        (
            "forwarded and missed there",
            |world, [alice, first, _], theirs, [ours, _]| {
                let wish = json!({"action": "forward", "sessionData": ours, "address": "carol@example.com"});
                assert_eq!(world.dispose(first, &wish), 200);
                world.wait(1_000);
                world.end(alice, theirs);
            },
            &["alice Outgoing bob 0", "bob Incoming alice 0", "carol Missed alice 0"],
        ),
        (
            "both devices log out",
            |world, [_, first, second], _, _| {
                for device in [first, second] {
                    world.send(device, "DELETE", &device.subscription.clone(), &Value::Null);
                }
            },
            &["alice Outgoing bob 0", "bob Missed alice 0"],
        ),
    ];
    for (what, act, wanted) in rows {
        let mut world = World::new();
        let devices = [world.uc("alice"), world.uc("bob"), world.uc("bob")];
        let _carol = world.uc("carol");
        let theirs = world.start(&devices[0], "bob");
        let ours = [&devices[1], &devices[2]].map(|device| world.ring(device));
        act(&mut world, &devices, &theirs, &ours);
        assert_eq!(short(&world.records()), wanted, "{what}");
        world.wait(300_000);
        assert_eq!(world.records(), [], "{what}: nothing more");
    }
}

#[test]
fn calls_to_nobody_are_recorded_too() {
    let mut world = World::with(Policy { sessions_per_subscription: 1, ..Policy::default() });
    let alice = world.uc("alice");
    for (to, wanted) in [
        ("bob", vec!["alice Outgoing bob 0", "bob Missed alice 0"]),
        ("stranger@elsewhere.com", vec!["alice Outgoing stranger 0"]),
    ] {
        world.start(&alice, to);
        assert_eq!(short(&world.records()), wanted, "{to}");
    }
    let (bob, carol) = (world.uc("bob"), world.uc("carol"));
    world.connected(&carol, &bob);
    world.start(&alice, "bob");
    assert_eq!(short(&world.records()), ["alice Outgoing bob 0", "bob Missed alice 0"], "busy");
}

#[test]
fn a_click_is_recorded_as_the_call_that_it_led_to() {
    let mut world = World::new();
    let (alice, bob) = (world.uc("alice"), world.uc("bob"));
    let click = json!({"clickToCallRequest": {"callingParty": "alice@example.com", "calledParty": "bob@example.com"}});
    assert_eq!(world.send(&alice, "POST", "clicktocall", &click).0, 200);
    let own = session(&world.one(&alice, "call"));
    world.end(&alice, &own);
    assert_eq!(world.records(), [], "nobody was called");
    assert_eq!(world.send(&alice, "POST", "clicktocall", &click).0, 200);
    world.wait(200);
    let own = session(&world.heard(&alice).into_iter().rfind(|heard| heard["eventType"] == "call").unwrap());
    assert_eq!(world.answer(&alice, &own), 200);
    world.wait(100);
    world.ring(&bob);
    world.end(&alice, &own);
    let records = world.records();
    assert_eq!(short(&records), ["alice Outgoing bob 0", "bob Missed alice 0"]);
    assert_eq!(records.iter().filter(|record| record.direction == Outgoing).count(), 1);
}

#[test]
fn after_a_transfer_each_party_has_the_record_of_its_own_call() {
    let mut world = World::new();
    let (alice, bob, carol) = (world.uc("alice"), world.uc("bob"), world.uc("carol"));
    let (theirs, ours) = world.connected(&alice, &bob);
    world.wait(900);
    let wish = json!({"type": "transfer", "address": "carol@example.com"});
    assert_eq!(world.control(&alice, &theirs, &wish), 200);
    let hers = world.ring(&carol);
    assert_eq!(short(&world.records()), ["alice Outgoing bob 1000"]);
    world.control(&carol, &hers, &json!({"type": "callAnswer", "sdp": "offer"}));
    world.wait(500);
    world.end(&bob, &ours);
    assert_eq!(short(&world.records()), ["bob Incoming alice 1500", "carol Incoming bob 500"]);

    for device in [&alice, &bob, &carol] {
        world.wait(200);
        world.heard(device);
    }
    let (theirs, _) = world.connected(&alice, &bob);
    assert_eq!(world.control(&alice, &theirs, &wish), 200);
    let hers = session(&world.heard(&carol).into_iter().rfind(|heard| heard["eventType"] == "call").unwrap());
    assert_ne!(hers, "");
    world.end(&alice, &theirs);
    let records = world.records();
    assert_eq!(records.iter().filter(|record| record.direction == Missed).count(), 1, "{:?}", short(&records));
    assert_eq!(records.len(), 3);
}
