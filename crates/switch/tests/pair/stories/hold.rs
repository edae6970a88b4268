//! Holding calls, by either side and by both.

use super::{AUDIO, BOTH, answer, holds, nothing_left, operate, pairs, ring};
use crate::coverage::covers;
use kandy_core::query::CallState;

#[test]
fn h1_h2_hold_and_unhold_in_every_order() {
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
        covers!("call.hold", "call.unhold", &format!("config call.sdpSemantics = {semantics}"));
    }
}

#[test]
fn r1_both_hold_at_once_and_both_holds_count() {
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
fn r2_operations_wait_for_their_turn_and_are_then_checked() {
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
fn h12_s7_a_hold_that_cannot_reach_the_server_leaves_the_call_as_it_was() {
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
