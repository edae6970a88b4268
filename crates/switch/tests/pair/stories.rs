//! Told stories: what each application hears, in order.

use crate::{page::Devices, world::World};
use kandy_core::{Event, query::CallState};

const ALICE: &str = "alice@example.com";
const BOB: &str = "bob@example.com";
const AUDIO: &str = r#"{"audio":true}"#;
const BOTH: &str = r#"{"audio":true,"video":true}"#;
const LOGIN: [&str; 4] = ["auth:change", "ws:change", "ws:change", "auth:change"];

/// Alice and bob, logged in; every mixture of flavours.
fn pairs() -> impl Iterator<Item = (World, usize, usize)> {
    [("1", "1"), ("1", "v2.0"), ("v2.0", "1"), ("v2.0", "v2.0")].into_iter().map(|(a, b)| {
        let mut world = World::new(1);
        let (alice, bob) = (world.page(ALICE, a), world.page(BOB, b));
        for page in [alice, bob] {
            world.connect(page);
        }
        world.until("both are connected", |w| w.pages.iter().all(|p| p.is_connected() == (true, false)));
        for page in &world.pages {
            assert_eq!(page.names(), LOGIN, "{}", page.user);
        }
        (world, alice, bob)
    })
}

/// What a page heard since its login.
fn since_login(world: &World, page: usize) -> Vec<String> {
    world.pages[page].names().split_off(LOGIN.len())
}

fn ring(world: &mut World, alice: usize, bob: usize, media: &str) {
    world.make(alice, "bob", media);
    world.until("it rings on both sides", |w| {
        let ringing = |p: usize| w.pages[p].live_calls().iter().any(|c| c.state == CallState::Ringing);
        ringing(alice) && ringing(bob)
    });
}

fn answer(world: &mut World, alice: usize, bob: usize) {
    let id = world.pages[bob].call().id.0;
    world.on_call(bob, "answer", &id);
    world.until("both are connected", |w| {
        [alice, bob].iter().all(|p| w.pages[*p].live_calls().iter().any(|c| c.state == CallState::Connected))
    });
}

fn nothing_left(world: &World) {
    for page in &world.pages {
        assert!(page.live_calls().is_empty(), "{}", world.report());
        assert!(page.live_tracks.is_empty(), "{}: devices are free", page.user);
        assert!(page.open_peers.is_empty(), "{}: connections are closed", page.user);
    }
}

#[test]
fn an_audio_call_is_answered_and_ended_by_the_caller() {
    for (mut world, alice, bob) in pairs() {
        ring(&mut world, alice, bob, AUDIO);
        answer(&mut world, alice, bob);
        let (a, b) = (world.pages[alice].call(), world.pages[bob].call());
        assert_eq!(
            (a.remote_participant.display_number.as_str(), a.remote_participant.display_name.as_deref()),
            (BOB, Some("Bob B"))
        );
        assert_eq!((b.remote_participant.display_number.as_str(), b.from.as_str(), b.to.as_str()), (ALICE, ALICE, BOB));
        assert_eq!(
            (a.local_tracks.len(), a.remote_tracks.len(), b.local_tracks.len(), b.remote_tracks.len()),
            (1, 1, 1, 1)
        );
        assert!(a.start_time.is_some() && a.end_time.is_none() && a.local_op.is_none());
        world.on_call(alice, "end", &a.id.0);
        world.run(1_000);
        let heard = [
            "call:start",
            "call:stateChange",
            "call:newTrack remote",
            "call:stateChange",
            "call:trackEnded local",
            "call:trackEnded remote",
            "call:stateChange",
        ];
        assert_eq!(since_login(&world, alice), heard);
        let heard = [
            "call:receive",
            "call:newTrack local",
            "call:stateChange",
            "call:trackEnded local",
            "call:stateChange ()",
            "call:trackEnded remote",
        ];
        assert_eq!(since_login(&world, bob), heard);
        nothing_left(&world);
    }
}

#[test]
fn a_video_call_may_be_answered_with_audio_and_video() {
    for (mut world, alice, bob) in pairs() {
        ring(&mut world, alice, bob, BOTH);
        answer(&mut world, alice, bob);
        let (a, b) = (world.pages[alice].call(), world.pages[bob].call());
        assert_eq!(
            (a.local_tracks.len(), a.remote_tracks.len(), b.local_tracks.len(), b.remote_tracks.len()),
            (2, 2, 2, 2)
        );
        world.on_call(bob, "end", &b.id.0);
        world.run(1_000);
        nothing_left(&world);
    }
}

#[test]
fn a_rejected_call_tells_the_caller_why() {
    for (mut world, alice, bob) in pairs() {
        ring(&mut world, alice, bob, AUDIO);
        let id = world.pages[bob].call().id.0;
        world.on_call(bob, "reject", &id);
        world.run(1_000);
        assert_eq!(since_login(&world, alice)[2..], ["call:trackEnded local", "call:stateChange (603)"]);
        assert_eq!(since_login(&world, bob)[1..], ["call:trackEnded remote", "call:stateChange"]);
        nothing_left(&world);
    }
}

#[test]
fn an_ignored_call_rings_on_until_the_caller_gives_up() {
    for (mut world, alice, bob) in pairs() {
        ring(&mut world, alice, bob, AUDIO);
        let id = world.pages[bob].call().id.0;
        world.on_call(bob, "ignore", &id);
        world.run(5_000);
        assert_eq!(since_login(&world, bob)[1..], ["call:stateChange", "call:trackEnded remote"]);
        assert_eq!(world.pages[alice].call().state, CallState::Ringing);
        let id = world.pages[alice].call().id.0;
        world.on_call(alice, "end", &id);
        world.run(1_000);
        nothing_left(&world);
    }
}

#[test]
fn a_cancelled_call_stops_ringing() {
    for (mut world, alice, bob) in pairs() {
        ring(&mut world, alice, bob, AUDIO);
        let id = world.pages[alice].call().id.0;
        world.on_call(alice, "end", &id);
        world.run(1_000);
        assert_eq!(since_login(&world, alice)[2..], ["call:trackEnded local", "call:stateChange"]);
        assert_eq!(since_login(&world, bob)[1..], ["call:stateChange (487)", "call:trackEnded remote"]);
        nothing_left(&world);
    }
}

#[test]
fn an_end_before_the_server_answered_the_start_leaves_nothing() {
    for (mut world, alice, _) in pairs() {
        for wait in [0, 2, 5, 8, 11, 14] {
            let before = world.pages[alice].events.len();
            let id = world.make(alice, "bob", AUDIO);
            world.run(wait);
            world.on_call(alice, "end", &id);
            world.run(15_000);
            let ends =
                world.pages[alice].events[before..].iter().filter(|e| matches!(e, Event::CallStateChange(_))).count();
            assert_eq!(ends, 1, "ended once, {wait} ms after make\n{}", world.report());
            nothing_left(&world);
        }
    }
}

#[test]
fn every_device_rings_and_the_others_are_told_who_answered() {
    for (mut world, alice, bob) in pairs() {
        let other = world.page(BOB, "v2.0");
        world.connect(other);
        world.until("the other device is connected", |w| w.pages[other].is_connected() == (true, false));
        ring(&mut world, alice, bob, AUDIO);
        world.until("the other rings", |w| !w.pages[other].live_calls().is_empty());
        answer(&mut world, alice, bob);
        world.run(4_000);
        assert!(world.pages[other].live_calls().is_empty(), "{}", world.report());
        assert_eq!(world.pages[bob].call().state, CallState::Connected, "{}", world.report());
        let id = world.pages[alice].call().id.0;
        world.on_call(alice, "end", &id);
        world.run(1_000);
        nothing_left(&world);
    }
}

#[test]
fn calls_to_nobody_end_with_a_reason() {
    for (mut world, alice, _) in pairs() {
        for (to, code) in [("nobody", "404"), ("carol", "480")] {
            let before = world.pages[alice].names().len();
            world.make(alice, to, AUDIO);
            world.run(2_000);
            let heard = &world.pages[alice].names()[before..];
            assert_eq!(
                heard.last().map(String::as_str),
                Some(format!("call:stateChange ({code})").as_str()),
                "{to}: {heard:?}"
            );
            nothing_left(&world);
        }
    }
}

#[test]
fn what_is_wrong_with_a_call_is_said_in_one_event() {
    for (mut world, alice, bob) in pairs() {
        let rows = [("bob", "{}", "call:4"), ("bob", r#""x""#, "call:4"), ("  ", AUDIO, "call:7")];
        for (to, media, code) in rows {
            let before = world.pages[alice].names().len();
            world.make(alice, to, media);
            world.run(100);
            assert_eq!(world.pages[alice].names()[before..], [format!("call:stateChange {code}")], "{to} {media}");
        }
        world.pages[alice].devices = Devices::Refused;
        let before = world.pages[alice].names().len();
        world.make(alice, "bob", BOTH);
        world.run(100);
        assert_eq!(world.pages[alice].names()[before..], ["call:stateChange call:4"]);
        world.pages[alice].devices = Devices::Fine;

        // A refused microphone leaves the call ringing, and it can be answered again.
        world.pages[bob].devices = Devices::Refused;
        ring(&mut world, alice, bob, AUDIO);
        let id = world.pages[bob].call().id.0;
        world.on_call(bob, "answer", &id);
        world.run(100);
        assert_eq!(since_login(&world, bob), ["call:receive", "call:stateChange call:4"]);
        world.pages[bob].devices = Devices::Fine;
        answer(&mut world, alice, bob);
        // Answered twice: the second is refused and the call unharmed.
        world.on_call(bob, "answer", &id);
        world.run(100);
        assert_eq!(since_login(&world, bob).last().map(String::as_str), Some("call:stateChange call:6"));
        assert_eq!(world.pages[bob].call().state, CallState::Connected);
        world.on_call(bob, "end", &id);
        world.run(1_000);
        let before = world.pages[bob].events.len();
        world.on_call(bob, "end", &id);
        world.on_call(bob, "end", "no-such-call");
        world.run(1_000);
        assert_eq!(world.pages[bob].events.len(), before, "nothing more is said of an ended or unknown call");
        world.on_call(bob, "answer", &id);
        assert_eq!(since_login(&world, bob).last().map(String::as_str), Some("call:stateChange call:6"));
        nothing_left(&world);
    }
}

#[test]
fn a_call_without_a_login_ends_at_once() {
    let mut world = World::new(1);
    let alice = world.page(ALICE, "1");
    world.make(alice, "bob", AUDIO);
    assert_eq!(world.pages[alice].names(), ["call:stateChange call:6"]);
    nothing_left(&world);
}

#[test]
fn a_logout_ends_the_calls_first() {
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
fn long_calls_are_audited_and_the_login_is_extended() {
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
fn a_page_that_is_left_ends_its_call() {
    for (mut world, alice, bob) in pairs() {
        ring(&mut world, alice, bob, AUDIO);
        answer(&mut world, alice, bob);
        world.leave(alice);
        world.run(1_000);
        assert!(world.pages[bob].live_calls().is_empty(), "{}", world.report());
    }
}

#[test]
fn a_token_that_cannot_be_renewed_ends_calls_and_login() {
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
    world.run(60_000);
    for page in [alice, bob] {
        assert_eq!(world.pages[page].is_connected(), (false, false), "{}", world.report());
    }
    nothing_left(&world);
}

fn holds(world: &World, page: usize) -> (CallState, bool, bool) {
    let call = world.pages[page].call();
    (call.state, call.local_hold == Some(true), call.remote_hold == Some(true))
}

/// Does something with the one call of a page and waits until nothing runs any more.
fn operate(world: &mut World, page: usize, what: &str) {
    let id = world.pages[page].call().id.0;
    world.on_call(page, what, &id);
    world.run(500);
}

#[test]
fn hold_and_unhold_in_every_order() {
    use CallState::{Connected, OnHold};
    for (mut world, alice, bob) in pairs() {
        ring(&mut world, alice, bob, BOTH);
        answer(&mut world, alice, bob);
        let up = (Connected, false, false);
        // Who does what; what each then sees.
        let story = [
            (alice, "hold", (OnHold, true, false), (OnHold, false, true)),
            (alice, "unhold", up, up),
            (bob, "hold", (OnHold, false, true), (OnHold, true, false)),
            (bob, "unhold", up, up),
            (alice, "hold", (OnHold, true, false), (OnHold, false, true)),
            (bob, "hold", (OnHold, true, true), (OnHold, true, true)),
            (alice, "unhold", (OnHold, false, true), (OnHold, true, false)),
            (bob, "unhold", up, up),
            (bob, "hold", (OnHold, false, true), (OnHold, true, false)),
            (alice, "hold", (OnHold, true, true), (OnHold, true, true)),
            (alice, "unhold", (OnHold, false, true), (OnHold, true, false)),
            (alice, "hold", (OnHold, true, true), (OnHold, true, true)),
            (bob, "unhold", (OnHold, true, false), (OnHold, false, true)),
            (alice, "unhold", up, up),
        ];
        for (step, (who, what, a, b)) in story.into_iter().enumerate() {
            operate(&mut world, who, what);
            assert_eq!((holds(&world, alice), holds(&world, bob)), (a, b), "step {step}: {what}\n{}", world.report());
            for page in [alice, bob] {
                let call = world.pages[page].call();
                let flowing = if call.state == Connected { 2 } else { 0 };
                assert_eq!((call.local_tracks.len(), call.remote_tracks.len()), (2, flowing), "step {step}: {what}");
                assert!(call.local_op.is_none());
            }
        }
        operate(&mut world, alice, "end");
        nothing_left(&world);
    }
}

#[test]
fn a_hold_tells_its_events_in_order() {
    for (semantics, while_held) in [("unified-plan", vec![]), ("plan-b", vec!["call:trackEnded remote"])] {
        for (mut world, alice, bob) in pairs() {
            for page in [alice, bob] {
                world.pages[page].configure_semantics(semantics);
            }
            ring(&mut world, alice, bob, AUDIO);
            answer(&mut world, alice, bob);
            let before = [world.pages[alice].names().len(), world.pages[bob].names().len()];
            operate(&mut world, alice, "hold");
            operate(&mut world, alice, "unhold");
            let back = ["call:stateChange", "call:newTrack remote", "call:stateChange"];
            let expected: Vec<&str> = while_held.iter().copied().chain(back).collect();
            assert_eq!(world.pages[alice].names()[before[0]..], expected[..], "{semantics}");
            assert_eq!(world.pages[bob].names()[before[1]..], expected[..], "{semantics}");
            operate(&mut world, bob, "end");
            nothing_left(&world);
        }
    }
}

#[test]
fn both_hold_at_once_and_both_holds_count() {
    for (mut world, alice, bob) in pairs() {
        ring(&mut world, alice, bob, AUDIO);
        answer(&mut world, alice, bob);
        for wait in [0, 1, 3, 5, 7, 9, 12, 20] {
            let ids = [alice, bob].map(|page| world.pages[page].call().id.0);
            world.on_call(alice, "hold", &ids[0]);
            world.run(wait);
            world.on_call(bob, "hold", &ids[1]);
            world.run(15_000);
            for page in [alice, bob] {
                assert_eq!(holds(&world, page), (CallState::OnHold, true, true), "{wait} ms apart\n{}", world.report());
            }
            world.on_call(bob, "unhold", &ids[1]);
            world.run(wait);
            world.on_call(alice, "unhold", &ids[0]);
            world.run(15_000);
            for page in [alice, bob] {
                assert_eq!(
                    holds(&world, page),
                    (CallState::Connected, false, false),
                    "{wait} ms apart\n{}",
                    world.report()
                );
            }
        }
        operate(&mut world, alice, "end");
        nothing_left(&world);
    }
}

#[test]
fn operations_wait_for_their_turn_and_are_then_checked() {
    for (mut world, alice, bob) in pairs() {
        ring(&mut world, alice, bob, AUDIO);
        let id = world.pages[alice].call().id.0;
        let before = world.pages[alice].names().len();
        world.on_call(alice, "hold", &id);
        assert_eq!(
            world.pages[alice].names()[before..],
            ["call:stateChange call:6"],
            "a call that rings cannot be held"
        );
        answer(&mut world, alice, bob);
        let before = world.pages[alice].names().len();
        for what in ["hold", "hold", "unhold", "unhold"] {
            world.on_call(alice, what, &id);
        }
        world.run(2_000);
        let heard = [
            "call:trackEnded remote",
            "call:stateChange",
            "call:stateChange call:6",
            "call:newTrack remote",
            "call:stateChange",
            "call:stateChange call:6",
        ];
        assert_eq!(world.pages[alice].names()[before..], heard);
        assert_eq!(holds(&world, alice), (CallState::Connected, false, false));
        // An end during a hold does not wait.
        world.on_call(alice, "hold", &id);
        world.on_call(alice, "end", &id);
        world.run(2_000);
        nothing_left(&world);
    }
}

#[test]
fn a_hold_that_cannot_reach_the_server_leaves_the_call_as_it_was() {
    for (mut world, alice, bob) in pairs() {
        ring(&mut world, alice, bob, AUDIO);
        answer(&mut world, alice, bob);
        world.weather.request_loss = 1000;
        operate(&mut world, alice, "hold");
        world.run(21_000);
        world.weather.request_loss = 0;
        assert_eq!(world.pages[alice].names().last().map(String::as_str), Some("call:stateChange NO_CODE"));
        assert_eq!(holds(&world, alice), (CallState::Connected, false, false));
        operate(&mut world, alice, "hold");
        assert_eq!(holds(&world, alice), (CallState::OnHold, true, false), "it may be tried again");
        operate(&mut world, bob, "end");
        nothing_left(&world);
    }
}
