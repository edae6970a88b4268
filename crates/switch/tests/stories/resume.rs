//! Clients that say which notification they have when they come back, and what is kept for them.

use kandy_switch::Policy;
use kandy_wire::session::RESUME;
use serde_json::{Value, json};

use crate::world::{Device, Flavour, World, kinds, subscribe, text};

fn resuming(policy: Policy) -> World {
    let mut world = World::with(policy);
    world.supported.push(RESUME);
    world
}

fn ids(heard: &[Value]) -> Vec<String> {
    heard.iter().map(|notification| text(&notification["eventId"])).collect()
}

/// So many calls to this user's devices, each of which is one notification.
fn calls(world: &mut World, caller: &Device, count: usize) {
    for _ in 0..count {
        world.start(caller, "bob");
    }
}

#[test]
fn who_resumes_is_told_how_long_notifications_are_kept() {
    for (tags, resume_for, wanted) in [
        (vec!["RingingFeedback", RESUME], 300_000, json!(300)),
        (vec!["RingingFeedback", RESUME], 0, Value::Null),
        (vec!["RingingFeedback"], 300_000, Value::Null),
    ] {
        let mut world = World::with(Policy { resume_for, ..Policy::default() });
        let alice = world.subscribed("alice", Flavour::Link);
        let mut wish = subscribe(&["call"]);
        wish["subscribeRequest"]["supported"] = json!(tags);
        let (status, body) = world.send(&alice, "POST", "subscription", &wish);
        assert_eq!((status, &body["subscribeResponse"]["subscriptionParams"]["resumeFor"]), (200, &wanted), "{tags:?}");
    }
}

#[test]
fn a_channel_goes_on_after_the_notification_that_the_client_names() {
    let mut world = resuming(Policy::default());
    let (alice, mut bob) = (world.uc("alice"), world.uc("bob"));
    calls(&mut world, &alice, 3);
    let first = ids(&world.heard(&bob));
    world.disconnect(&bob);
    calls(&mut world, &alice, 2);
    assert!(world.resume(&mut bob, &first[1]));
    let second = ids(&world.heard(&bob));
    assert_eq!((second.len(), &second[0]), (3, &first[2]), "the rest, under the same ids");

    assert!(world.resume(&mut bob, &second[2]), "over a socket whose end was not noticed");
    world.silent(&bob);
    assert!(world.resume(&mut bob, &second[2]), "again, with nothing new");
    world.silent(&bob);
    assert!(!world.resume(&mut bob, &second[0]), "who has less than before has lost something");
    assert!(!world.resume(&mut bob, "nonsense"));
    calls(&mut world, &alice, 1);
    world.one(&bob, "call");
}

#[test]
fn a_client_that_has_nothing_yet_says_so() {
    let mut world = resuming(Policy::default());
    let (alice, mut bob) = (world.uc("alice"), world.subscribed("bob", Flavour::Uc));
    calls(&mut world, &alice, 2);
    assert!(world.resume(&mut bob, ""));
    assert_eq!(kinds(&world.heard(&bob)), ["call", "call"]);
}

#[test]
fn a_guess_that_something_arrived_does_not_count_for_who_resumes() {
    let mut world = resuming(Policy::default());
    let (alice, mut bob) = (world.uc("alice"), world.uc("bob"));
    calls(&mut world, &alice, 1);
    let first = ids(&world.heard(&bob));
    calls(&mut world, &alice, 1);
    world.wait(5_000);
    world.says(&bob, r#"{"message_type":"ping"}"#);
    assert!(world.resume(&mut bob, &first[0]), "the second one was on a socket that lived, and never came");
    assert_eq!(kinds(&world.heard(&bob)), ["call"]);
}

#[test]
fn what_was_dropped_is_told() {
    for (policy, away) in [
        (Policy { queue_length: 3, ..Policy::default() }, 0),
        (Policy { queue_bytes: 1_000, ..Policy::default() }, 0),
        (Policy { user_bytes: 1_000, ..Policy::default() }, 0),
        (Policy { resume_for: 2_000, ..Policy::default() }, 2_001),
    ] {
        let mut world = resuming(policy.clone());
        let (alice, mut bob) = (world.uc("alice"), world.uc("bob"));
        calls(&mut world, &alice, 1);
        let first = ids(&world.heard(&bob));
        world.disconnect(&bob);
        calls(&mut world, &alice, 5);
        world.wait(away);
        assert!(!world.resume(&mut bob, &first[0]), "{policy:?}");
        calls(&mut world, &alice, 1);
        let last = ids(&world.heard(&bob)).pop().unwrap();
        assert!(world.resume(&mut bob, &last), "{policy:?}: what is gone was asked for in other ways");
    }
}

#[test]
fn a_client_that_does_not_resume_is_served_as_before() {
    let mut world = World::new();
    let (alice, mut bob) = (world.uc("alice"), world.uc("bob"));
    calls(&mut world, &alice, 2);
    let first = ids(&world.heard(&bob));
    world.disconnect(&bob);
    let query = format!("token={}&after={}", bob.token, first[1]);
    let (now, socket) = (kandy_switch::Now(world.now), kandy_switch::SocketId(99));
    world.switch.socket_opened(now, socket, &bob.channel, &query).unwrap();
    bob.socket = 99;
    world.wait(0);
    world.start(&alice, "nobody");
    assert_eq!(ids(&world.heard(&bob)), first, "all again, and nothing else");
}

#[test]
fn a_users_queues_have_a_bound_together_and_the_oldest_notification_gives_way() {
    let mut world = resuming(Policy { user_bytes: 5_000, ..Policy::default() });
    let alice = world.uc("alice");
    let (mut one, mut two) = (world.subscribed("bob", Flavour::Uc), world.subscribed("bob", Flavour::Link));
    calls(&mut world, &alice, 16);
    let lengths = [&mut one, &mut two].map(|device| {
        assert!(!world.resume(device, ""));
        world.frames(device).iter().map(|frame| frame.to_string().len()).collect::<Vec<_>>()
    });
    let (calls, bytes) = (lengths.concat().len(), lengths.concat().iter().sum::<usize>());
    assert!(bytes <= 5_000 && bytes > 4_000, "{bytes} bytes of {calls} calls");
    assert!(lengths[0].len().abs_diff(lengths[1].len()) <= 1, "both give alike: {lengths:?}");
}
