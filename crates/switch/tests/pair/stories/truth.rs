//! A connection that tells the truth: what is said while nothing arrives, and that everything comes back.

use kandy_core::{Input, effect::TimerId, input::PageFact, query::CallState};

use super::{AUDIO, answer, nothing_left, operate, pairs, ring, since_login};
use crate::{faults::Swallowed, world::World};

/// Milliseconds after which a dead socket is known: `pingInterval`, and the grace for an answer.
const KNOWN: u64 = 30_000 + 10_000;

/// The notifications that a page acted upon, by their ids.
fn received(world: &World, page: usize) -> Vec<String> {
    let ids = world.pages[page].events.iter().map(|event| serde_json::to_value(event).unwrap());
    ids.filter(|event| event["type"] == "notification:received")
        .map(|event| event["payload"]["payload"]["notificationMessage"]["eventId"].to_string())
        .collect()
}

#[test]
fn c1_a_silent_socket_is_not_called_connected_and_is_replaced() {
    for swallowed in [Swallowed::Both, Swallowed::Sent, Swallowed::Received] {
        for (mut world, alice, bob) in pairs() {
            ring(&mut world, alice, bob, AUDIO);
            answer(&mut world, alice, bob);
            world.run(10_000);
            let (cut, told) = (world.now, since_login(&world, alice).len());
            world.swallow(alice, Some(swallowed));
            while world.connection(alice).0 {
                world.run(100);
            }
            let noticed = world.now - cut;
            assert!(noticed <= KNOWN, "{swallowed:?}: after {noticed} ms");
            assert_eq!(world.connection(alice), (false, true), "it is coming back");
            world.swallow(alice, None);
            world.until("alice is back", |w| w.connection(alice) == (true, false));
            world.run(100);
            let changes = since_login(&world, alice).split_off(told);
            assert!(changes.iter().all(|name| name == "ws:change"), "{changes:?}");
            assert_eq!(world.pages[alice].call().state, CallState::Connected);
            operate(&mut world, bob, "end");
            nothing_left(&world);
        }
    }
}

#[test]
fn what_happened_in_a_gap_is_heard_once_and_in_order() {
    for (mut world, alice, bob) in pairs() {
        ring(&mut world, alice, bob, AUDIO);
        answer(&mut world, alice, bob);
        world.swallow(alice, Some(Swallowed::Both));
        world.run(1_000);
        operate(&mut world, bob, "end");
        world.run(40_000);
        world.make(bob, "alice", AUDIO);
        world.run(500);
        world.swallow(alice, None);
        world.tell(alice, PageFact::Online);
        rings(&mut world, alice);
        assert_eq!(world.pages[alice].live_calls().len(), 1, "the old one has ended: {}", world.report());
        let told = since_login(&world, alice);
        assert!(told.contains(&"call:stateChange ()".to_owned()), "it ended as the other side ended it: {told:?}");
        let ids = received(&world, alice);
        assert!(ids.iter().enumerate().all(|(n, id)| !ids[..n].contains(id)), "{ids:?}");
        answer_now(&mut world, bob, alice);
        operate(&mut world, alice, "end");
        nothing_left(&world);
    }
}

fn rings(world: &mut World, page: usize) {
    world.until("it rings", |w| w.pages[page].live_calls().iter().any(|c| c.state == CallState::Ringing));
}

fn answer_now(world: &mut World, caller: usize, callee: usize) {
    answer(world, caller, callee);
    let states = [caller, callee].map(|page| world.pages[page].call().state);
    assert_eq!(states, [CallState::Connected; 2], "{}", world.report());
}

#[test]
fn a_server_that_has_forgotten_everything_is_logged_in_to_again() {
    for (mut world, alice, bob) in pairs() {
        ring(&mut world, alice, bob, AUDIO);
        answer(&mut world, alice, bob);
        world.restart();
        assert_eq!([alice, bob].map(|page| world.connection(page)), [(false, true); 2]);
        world.until("both are back", |w| [alice, bob].iter().all(|page| w.connection(*page) == (true, false)));
        // The call that the server knows nothing of ends, with its reason.
        world.run(2_000);
        nothing_left(&world);
        for page in [alice, bob] {
            let told = since_login(&world, page);
            assert!(told.iter().any(|name| name.starts_with("call:stateChange") && name.len() > 17), "{told:?}");
            assert!(!told.iter().any(|name| name.starts_with("auth:error")), "{told:?}");
        }
        ring(&mut world, alice, bob, AUDIO);
        answer_now(&mut world, alice, bob);
        operate(&mut world, alice, "end");
        nothing_left(&world);
    }
}

#[test]
fn c7_a_page_that_slept_longer_than_its_subscription_comes_back() {
    for (mut world, alice, bob) in pairs() {
        world.sleep(alice);
        world.run(2 * 3_600_000);
        world.wake(alice);
        world.tell(alice, PageFact::Awake);
        assert!(!world.connection(alice).0, "nothing is proven");
        world.until("alice is back", |w| w.connection(alice) == (true, false));
        world.make(bob, "alice", AUDIO);
        rings(&mut world, alice);
        answer_now(&mut world, bob, alice);
        operate(&mut world, alice, "end");
        nothing_left(&world);
    }
}

#[test]
fn offline_is_said_at_once_and_online_is_not_waited_for() {
    for (mut world, alice, bob) in pairs() {
        world.tell(alice, PageFact::Offline);
        assert_eq!(world.connection(alice), (false, true));
        world.weather.socket_refusal = 1_000;
        world.weather.request_loss = 1_000;
        // Attempts without a network do not count.
        world.run(600_000);
        assert_eq!(world.connection(alice), (false, true), "{}", world.report());
        (world.weather.socket_refusal, world.weather.request_loss) = (0, 0);
        world.tell(alice, PageFact::Online);
        world.run(100);
        assert_eq!(world.connection(alice), (true, false), "{}", world.report());
        assert!(since_login(&world, alice).iter().all(|name| name == "ws:change" || name == "auth:resub"));
        world.until("bob is connected", |w| w.connection(bob) == (true, false));
    }
}

#[test]
fn a_page_that_wakes_asks_at_once_whether_its_socket_lives() {
    for (mut world, alice, _) in pairs() {
        world.run(5_000);
        world.swallow(alice, Some(Swallowed::Both));
        world.tell(alice, PageFact::Awake);
        world.run(3_100);
        assert_eq!(world.connection(alice), (false, true), "{}", world.report());
        world.swallow(alice, None);
        world.until("alice is back", |w| w.connection(alice) == (true, false));
    }
}

#[test]
fn a_page_in_the_back_forward_cache_logs_out_and_in_again() {
    for (mut world, alice, bob) in pairs() {
        ring(&mut world, alice, bob, AUDIO);
        answer(&mut world, alice, bob);
        world.tell(alice, PageFact::Kept);
        world.run(1_000);
        nothing_left(&world);
        assert_eq!(world.connection(alice), (false, false));
        world.tell(alice, PageFact::Back);
        world.until("alice is back", |w| w.connection(alice) == (true, false));
        world.make(bob, "alice", AUDIO);
        rings(&mut world, alice);
        operate(&mut world, bob, "end");
        nothing_left(&world);
        // One that logs out is not logged in again, also while that is under way.
        world.act(alice, r#"{"type":"disconnect"}"#);
        world.tell(alice, PageFact::Kept);
        world.tell(alice, PageFact::Back);
        world.run(60_000);
        assert_eq!(world.connection(alice), (false, false));
    }
}

#[test]
fn c2_without_auto_reconnect_a_lost_socket_is_a_lost_connection() {
    let mut world = World::new(1);
    let alice = world.page(super::ALICE, "1");
    world.pages[alice].configure(|config| config.connectivity.auto_reconnect = false);
    world.connect(alice);
    world.until("alice is connected", |w| w.connection(alice) == (true, false));
    world.cut(alice);
    world.run(100);
    assert_eq!(since_login(&world, alice), ["ws:change", "auth:change LOST_CONNECTION"]);
    assert_eq!(world.connection(alice), (false, false));
}

#[test]
fn a_server_that_forgets_every_login_is_given_the_pauses_between_attempts() {
    for (mut world, alice, _) in pairs() {
        world.pages[alice].configure(|config| config.connectivity.reconnect_limit = 0);
        world.weather.socket_refusal = 1_000;
        world.requests.clear();
        world.cut(alice);
        for _ in 0..600 {
            world.run(100);
            world.forget();
        }
        let logins =
            world.requests.iter().filter(|r| r.starts_with("POST") && r.contains("/alice@example.com/subscription"));
        // In a minute, with pauses of five seconds and a quarter less.
        assert!((2..=18).contains(&logins.count()), "{:?}", world.requests);
        world.weather.socket_refusal = 0;
        world.until("alice is back", |w| w.connection(alice) == (true, false));
    }
}

#[test]
fn a_late_check_while_an_answer_is_awaited_is_not_the_last_one() {
    for (mut world, alice, _) in pairs() {
        world.run(1_000);
        world.swallow(alice, Some(Swallowed::Both));
        world.until("a check is out", |w| w.pages[alice].timers.contains_key(&TimerId::Pong));
        // The timers of a page that slept need not fire in their order.
        world.now += 60_000;
        world.pages[alice].timers.remove(&TimerId::Ping);
        world.feed(alice, Input::Timer(TimerId::Ping));
        assert!(world.pages[alice].timers.contains_key(&TimerId::Ping));
    }
}
