//! Calls: made, answered, refused, given up.

use super::{ALICE, AUDIO, BOB, BOTH, answer, nothing_left, pairs, ring, since_login};
use crate::{page::Devices, world::World};
use kandy_core::{Event, query::CallState};

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
fn r9_an_end_before_the_server_answered_the_start_leaves_nothing() {
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
fn e1_every_device_rings_and_the_others_are_told_who_answered() {
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
        world.run(1_000);
        assert_eq!(world.pages[bob].events.len(), before, "nothing more is said of an ended call");
        world.on_call(bob, "end", "no-such-call");
        assert_eq!(since_login(&world, bob).last().map(String::as_str), Some("call:error call:7"));
        world.on_call(bob, "answer", &id);
        assert_eq!(since_login(&world, bob).last().map(String::as_str), Some("call:stateChange call:6"));
        nothing_left(&world);
    }
}

#[test]
fn r12_a_call_without_a_login_ends_at_once() {
    let mut world = World::new(1);
    let alice = world.page(ALICE, "1");
    world.make(alice, "bob", AUDIO);
    assert_eq!(world.pages[alice].names(), ["call:stateChange call:6"]);
    nothing_left(&world);
}

#[test]
fn whoever_tries_again_after_a_start_that_was_not_heard_is_put_through() {
    for (mut world, alice, bob) in pairs() {
        world.weather.request_loss = 1_000;
        world.make(alice, "bob", AUDIO);
        world.run(1_000);
        world.weather.request_loss = 0;
        world.until("the start is given up", |w| w.pages[alice].live_calls().is_empty());
        // The cancel of the call whose id was never learned is on its way, and the next call directly behind it.
        ring(&mut world, alice, bob, AUDIO);
        answer(&mut world, alice, bob);
        world.run(2_000);
        assert_eq!(world.pages[alice].call().state, CallState::Connected, "{}", world.report());
        let id = world.pages[alice].call().id.0;
        world.on_call(alice, "end", &id);
        world.run(2_000);
        nothing_left(&world);
    }
}
