//! Logins, logouts, and what is lost on the way.

use super::{ALICE, AUDIO, BOB, LOGIN, answer, nothing_left, operate, pairs, ring, since_login};
use crate::world::World;
use kandy_core::query::CallState;

#[test]
fn r8_a_logout_ends_the_calls_first() {
    for (mut world, alice, bob) in pairs() {
        ring(&mut world, alice, bob, AUDIO);
        answer(&mut world, alice, bob);
        world.act(alice, r#"{"type":"disconnect"}"#);
        assert_eq!(world.pages[alice].is_connected(), (true, true));
        world.run(1_000);
        assert_eq!(world.pages[alice].is_connected(), (false, false));
        let names = since_login(&world, alice);
        let tail = [
            "auth:change",
            "call:trackEnded local",
            "call:trackEnded remote",
            "call:stateChange",
            "ws:change",
            "auth:change",
        ];
        assert_eq!(names[names.len() - tail.len()..], tail);
        assert_eq!(
            since_login(&world, bob)[3..],
            ["call:trackEnded local", "call:stateChange ()", "call:trackEnded remote"]
        );
        nothing_left(&world);
    }
}

#[test]
fn wrong_passwords_and_odd_logins_are_said() {
    for (version, code) in [("1", "authentication:4"), ("v2.0", "authentication:9")] {
        let mut world = World::new(1);
        let page = world.page(ALICE, version);
        world.act(page, r#"{"type":"connect","credentials":{"username":"alice@example.com","password":"no"}}"#);
        world.run(1_000);
        assert_eq!(world.pages[page].names(), ["auth:change".to_owned(), format!("auth:error {code}")]);
        assert_eq!(world.pages[page].is_connected(), (false, false));
        world.act(page, r#"{"type":"connect","credentials":{}}"#);
        assert_eq!(world.pages[page].names()[2..], ["auth:change", "auth:error authentication:1"]);
        world.connect(page);
        world.run(1_000);
        assert_eq!(world.pages[page].names()[4..], LOGIN);
        world.connect(page);
        assert_eq!(world.pages[page].names().last().map(String::as_str), Some("auth:error NO_CODE"));
        assert_eq!(world.pages[page].is_connected(), (true, false), "a second connect changes nothing");
    }
}

#[test]
fn a_logout_during_a_login_leaves_nothing_behind() {
    for version in ["1", "v2.0"] {
        for wait in [0, 6, 12, 18, 24, 30] {
            let mut world = World::new(1);
            let page = world.page(ALICE, version);
            world.connect(page);
            world.run(wait);
            world.act(page, r#"{"type":"disconnect"}"#);
            world.run(5_000);
            assert_eq!(world.pages[page].is_connected(), (false, false), "{version} {wait}\n{}", world.report());
            let made = world.requests.iter().filter(|r| r.starts_with("POST") && r.ends_with("/subscription")).count();
            let deleted =
                world.requests.iter().filter(|r| r.starts_with("DELETE") && r.contains("/subscription/")).count();
            assert_eq!(made, deleted, "{version} {wait}: {:?}", world.requests);
            let before = world.pages[page].names().len();
            world.connect(page);
            world.run(1_000);
            assert_eq!(world.pages[page].names()[before..], LOGIN, "{version} {wait}");
        }
    }
}

#[test]
fn a_lost_socket_is_said_and_opened_again() {
    for (mut world, alice, bob) in pairs() {
        ring(&mut world, alice, bob, AUDIO);
        answer(&mut world, alice, bob);
        let before = world.pages[alice].names().len();
        world.cut(alice);
        world.run(1);
        assert_eq!(world.pages[alice].is_connected(), (false, true), "not connected while nothing arrives");
        world.run(1_000);
        assert_eq!(world.pages[alice].is_connected(), (true, false));
        assert_eq!(world.pages[alice].names()[before..], ["ws:change", "ws:change", "ws:change"]);
        let id = world.pages[bob].call().id.0;
        world.on_call(bob, "end", &id);
        world.run(1_000);
        nothing_left(&world);
    }
}

#[test]
fn what_was_said_while_the_socket_was_lost_is_heard_later() {
    for (mut world, alice, bob) in pairs() {
        ring(&mut world, alice, bob, AUDIO);
        answer(&mut world, alice, bob);
        world.weather.socket_refusal = 1000;
        world.cut(alice);
        world.run(1_000);
        let id = world.pages[bob].call().id.0;
        world.on_call(bob, "end", &id);
        world.run(7_000);
        assert_eq!(world.pages[alice].call().state, CallState::Connected, "alice cannot know yet");
        world.weather.socket_refusal = 0;
        world.run(6_000);
        nothing_left(&world);
    }
}

#[test]
fn a_dead_gateway_is_reported_and_calls_can_still_be_ended() {
    for (mut world, alice, bob) in pairs() {
        ring(&mut world, alice, bob, AUDIO);
        answer(&mut world, alice, bob);
        world.weather.socket_refusal = 1000;
        world.weather.request_loss = 1000;
        for page in [alice, bob] {
            world.cut(page);
        }
        world.run(60_000);
        for page in [alice, bob] {
            assert_eq!(world.pages[page].is_connected(), (false, false));
            assert_eq!(world.pages[page].names().last().map(String::as_str), Some("auth:change LOST_CONNECTION"));
            let id = world.pages[page].call().id.0;
            world.on_call(page, "end", &id);
        }
        world.run(60_000);
        nothing_left(&world);
    }
}

#[test]
fn e5_long_calls_are_audited_and_the_login_is_extended() {
    for (mut world, alice, bob) in pairs() {
        ring(&mut world, alice, bob, AUDIO);
        answer(&mut world, alice, bob);
        world.run(2 * 3_600_000);
        assert_eq!(world.pages[alice].call().state, CallState::Connected);
        assert!(world.pages[alice].names().iter().any(|n| n == "auth:resub"));
        assert_eq!(world.pages[alice].is_connected(), (true, false), "{}", world.report());
        let id = world.pages[alice].call().id.0;
        world.on_call(alice, "end", &id);
        world.run(1_000);
        nothing_left(&world);
    }
}

#[test]
fn r8_a_page_that_is_left_ends_its_call() {
    for (mut world, alice, bob) in pairs() {
        ring(&mut world, alice, bob, AUDIO);
        answer(&mut world, alice, bob);
        world.leave(alice);
        world.run(1_000);
        assert!(world.pages[bob].live_calls().is_empty(), "{}", world.report());
    }
}

#[test]
fn a_renewal_that_is_not_answered_is_asked_for_again_and_the_login_goes_on() {
    let mut world = World::new(1);
    let (alice, bob) = (world.page(ALICE, "v2.0"), world.page(BOB, "v2.0"));
    for page in [alice, bob] {
        world.connect(page);
    }
    world.until("both are connected", |w| w.pages.iter().all(|p| p.is_connected() == (true, false)));
    ring(&mut world, alice, bob, AUDIO);
    answer(&mut world, alice, bob);
    // Renewed 300 s before the end of its hour, with a time-out of 20 s.
    world.run(3_290_000);
    world.weather.request_loss = 1000;
    world.run(40_000);
    world.weather.request_loss = 0;
    world.run(1_000_000);
    for page in [alice, bob] {
        assert_eq!(world.pages[page].is_connected(), (true, false), "{}", world.report());
        assert_eq!(world.pages[page].call().state, CallState::Connected);
        // The hour of the first token is over: requests carry another.
        operate(&mut world, page, "hold");
        operate(&mut world, page, "unhold");
    }
    operate(&mut world, alice, "end");
    nothing_left(&world);
}
