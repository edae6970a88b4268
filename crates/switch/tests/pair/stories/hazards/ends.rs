//! Several devices, rejecting, ending.

use kandy_core::{
    Event,
    query::CallState::{Connected, Ended, Ringing},
};

use super::{KINDS, act, desks, plainly, since, talking, telephone};
use crate::{
    phone::Phone,
    stories::{AUDIO, BOB, BOTH, answer, nothing_left, operate, pairs, ring, since_login},
    world::World,
};

#[test]
fn e1_of_two_devices_that_answer_at_once_one_gets_the_call_and_the_other_lets_go() {
    for (mut world, alice, bob) in pairs() {
        let other = world.page(BOB, "v2.0");
        world.connect(other);
        world.until("the other device is connected", |w| w.pages[other].is_connected() == (true, false));
        for apart in (-20_i32..20).step_by(3) {
            ring(&mut world, alice, bob, AUDIO);
            world.until("the other rings", |w| w.pages[other].live_calls().iter().any(|call| call.state == Ringing));
            let mut devices = [bob, other];
            if apart < 0 {
                devices.reverse();
            }
            act(&mut world, devices[0], "answer", r#","media":{"audio":true}"#);
            world.run(apart.unsigned_abs().into());
            // The second may have been told by now.
            if let Some(call) = world.pages[devices[1]].live_calls().first() {
                let id = call.id.0.clone();
                world.on_call(devices[1], "answer", &id);
            }
            world.run(5_000);
            let up: Vec<_> = devices.map(|page| world.pages[page].live_calls()).into_iter().flatten().collect();
            assert!(up.len() == 1 && up[0].state == Connected, "{apart} ms\n{}", world.report());
            assert_eq!(world.pages[alice].call().state, Connected, "{apart} ms\n{}", world.report());
            operate(&mut world, alice, "end");
            nothing_left(&world);
        }
    }
}

#[test]
fn e1_other_devices_stop_to_ring_at_once() {
    for (mut world, alice, bob) in pairs() {
        let other = world.page(BOB, "1");
        world.connect(other);
        world.until("the other device is connected", |w| w.pages[other].is_connected() == (true, false));
        ring(&mut world, alice, bob, AUDIO);
        world.until("the other rings", |w| w.pages[other].live_calls().iter().any(|call| call.state == Ringing));
        answer(&mut world, alice, bob);
        world.run(100);
        assert!(world.pages[other].live_calls().is_empty(), "{}", world.report());
        operate(&mut world, bob, "end");
        nothing_left(&world);
    }
}

#[test]
fn e2_a_call_that_is_up_can_neither_be_rejected_nor_ignored() {
    for (mut world, alice, bob) in pairs() {
        ring(&mut world, alice, bob, AUDIO);
        answer(&mut world, alice, bob);
        for state in ["up", "held"] {
            for page in [alice, bob] {
                for what in ["reject", "ignore"] {
                    let (before, was) = (world.pages[page].names().len(), world.pages[page].call().state);
                    operate(&mut world, page, what);
                    assert_eq!(since(&world, page, before), ["call:stateChange call:6"], "{what} while {state}");
                    assert_eq!([alice, bob].map(|page| world.pages[page].call().state), [was; 2]);
                }
            }
            operate(&mut world, alice, if state == "up" { "hold" } else { "unhold" });
        }
        assert_eq!([alice, bob].map(|page| world.pages[page].call().state), [Connected; 2]);
        operate(&mut world, alice, "end");
        nothing_left(&world);
    }
}

#[test]
fn e3_a_reject_that_the_server_refuses_leaves_the_call_ringing() {
    for (mut world, alice) in desks() {
        let mut phone = telephone(&mut world, alice, &KINDS);
        phone.call(&mut world, plainly);
        let before = world.pages[alice].names().len();
        for what in ["reject", "forward"] {
            world.script(alice).refuses.insert(what, (403, 35));
        }
        act(&mut world, alice, "reject", "");
        act(&mut world, alice, "forward", r#","destination":"bob""#);
        world.run(100);
        assert_eq!(since(&world, alice, before), ["call:stateChange 35", "call:stateChange 35"]);
        assert_eq!(world.pages[alice].call().state, Ringing);
        // The server has it, too: it can be answered.
        phone.is_answered(&mut world, BOTH);
        world.run(100);
        assert_eq!(world.pages[alice].call().state, Connected, "{}", world.report());
        operate(&mut world, alice, "end");
        nothing_left(&world);
    }
}

#[test]
fn e4_a_browser_that_cannot_describe_itself_is_told_in_an_event() {
    for (mut world, alice, bob) in pairs() {
        world.pages[alice].makes_nothing = true;
        world.make(alice, "bob", BOTH);
        world.run(100);
        assert_eq!(
            since_login(&world, alice),
            ["call:trackEnded local", "call:trackEnded local", "call:stateChange call:9"]
        );
        assert!(
            !world.requests.iter().any(|request| request.contains("callControl")),
            "the server hears nothing of it"
        );
        nothing_left(&world);

        world.pages[alice].makes_nothing = false;
        world.pages[bob].makes_nothing = true;
        ring(&mut world, alice, bob, AUDIO);
        let before = world.pages[bob].names().len();
        act(&mut world, bob, "answer", r#","media":{"audio":true}"#);
        world.run(100);
        let told = since(&world, bob, before);
        assert!(told.contains(&"call:stateChange call:2".to_owned()), "{told:?}");
        assert_eq!(world.pages[bob].call().state, Ringing, "it may be tried again");
        world.pages[bob].makes_nothing = false;
        answer(&mut world, alice, bob);

        // In mid-call only the operation fails.
        world.pages[alice].makes_nothing = true;
        let before = world.pages[alice].names().len();
        operate(&mut world, alice, "hold");
        assert_eq!(since(&world, alice, before), ["call:stateChange call:2"]);
        world.pages[alice].makes_nothing = false;
        operate(&mut world, alice, "hold");
        operate(&mut world, alice, "end");
        nothing_left(&world);
    }
}

/// When a page asked whether its call is still known, in ms since the first of these times.
fn audits(world: &mut World, page: usize) -> Vec<u64> {
    let asked = world.script(page).asked.iter();
    asked.filter(|asked| asked.what == "audit").map(|asked| asked.at).collect()
}

#[test]
fn e5_audits_come_every_25_s_in_one_row_and_stop_with_the_call() {
    for (mut world, alice) in desks() {
        for slow in [false, true] {
            let mut phone = telephone(&mut world, alice, &KINDS);
            if slow {
                phone.call_slowly(&mut world);
                act(&mut world, alice, "answer", r#","media":{"audio":true,"video":true}"#);
                phone.pick_up(&mut world, "callAnswer", plainly);
            } else {
                phone.call(&mut world, plainly);
                phone.is_answered(&mut world, BOTH);
            }
            world.script(alice).asked.clear();
            world.run(300_000);
            let times = audits(&mut world, alice);
            // 25 s after the answer, which takes a round trip of 10 ms.
            assert!(
                times.len() == 11 && times.windows(2).all(|two| two[1] - two[0] == 25_010),
                "slow {slow}: {times:?}"
            );
            // One that fails is repeated after 5 s, and the row goes on as before.
            world.script(alice).refuses.insert("audit", (500, 26));
            world.run(40_000);
            world.script(alice).refuses.clear();
            world.run(60_000);
            let steps: Vec<u64> = audits(&mut world, alice).windows(2).skip(11).map(|two| two[1] - two[0]).collect();
            assert!(steps.contains(&5_010) && steps.last() == Some(&25_010), "{steps:?}");
            assert_eq!(world.pages[alice].call().state, Connected);
            operate(&mut world, alice, "end");
            world.script(alice).asked.clear();
            world.run(100_000);
            assert!(audits(&mut world, alice).is_empty());
            nothing_left(&world);
        }
    }
}

#[test]
fn e5_a_call_that_the_server_does_not_know_any_more_ends() {
    for (mut world, alice) in desks() {
        talking(&mut world, alice);
        world.script(alice).refuses.insert("audit", (404, 42));
        world.run(26_000);
        assert_eq!(since_login(&world, alice).last().map(String::as_str), Some("call:stateChange 42"));
        nothing_left(&world);

        // A call that is cancelled has no audits, however long it rang.
        world.script(alice).asked.clear();
        let mut phone = telephone(&mut world, alice, &KINDS);
        phone.call(&mut world, plainly);
        world.run(60_000);
        world.notify(alice, "callCancel", &phone.session, None, "");
        world.run(60_000);
        assert!(audits(&mut world, alice).is_empty());
        nothing_left(&world);
    }
}

#[test]
fn e6_a_call_that_fails_ends_in_one_event_on_each_side() {
    for (mut world, alice) in desks() {
        // An answer with a section too few, one that is none at all, and one that comes twice.
        for (round, words) in [
            (|sdp: String| sdp.split("m=video").next().unwrap().to_owned()) as fn(String) -> String,
            |sdp: String| sdp.replace("a=fingerprint", "a=x"),
            |sdp: String| sdp.replace("a=ice-ufrag", "a=x"),
        ]
        .into_iter()
        .enumerate()
        {
            let before = world.pages[alice].events.len();
            world.make(alice, "desk", BOTH);
            let session = format!("out-{}", round + 1);
            let mut phone = Phone::new(alice, &session, &KINDS);
            world.until("it is made", |w| w.times_asked(alice, "callStart") == round + 1);
            world.run(20);
            phone.pick_up(&mut world, "callStart", words);
            world.notify(alice, "callEnd", &session, None, "");
            world.run(1_000);
            let ends = world.pages[alice].events[before..].iter();
            let ends = ends.filter(|event| matches!(event, Event::CallStateChange(_))).count();
            assert_eq!(ends, 1, "{}", world.report());
            assert_eq!(world.pages[alice].calls()[round].state, Ended);
            assert_eq!(world.times_asked(alice, "end"), round + 1, "the server is told once");
            nothing_left(&world);
        }
    }
}

#[test]
fn e9_what_was_shown_of_a_call_goes_with_it() {
    for (mut world, alice, bob) in pairs() {
        for ended_by in [alice, bob] {
            ring(&mut world, alice, bob, BOTH);
            answer(&mut world, alice, bob);
            for page in [alice, bob] {
                let call = world.pages[page].call();
                let ids: Vec<_> =
                    call.local_tracks.iter().chain(&call.remote_tracks).map(|id| format!("\"{id}\"")).collect();
                let ids = ids.join(",");
                for place in ["#one", "#two"] {
                    world.act(
                        page,
                        &format!(r#"{{"type":"media.renderTracks","trackIds":[{ids}],"cssSelector":"{place}"}}"#),
                    );
                }
                assert_eq!(world.pages[page].shown.len(), 8);
            }
            operate(&mut world, alice, "hold");
            operate(&mut world, ended_by, "end");
            nothing_left(&world);
        }
    }
}
