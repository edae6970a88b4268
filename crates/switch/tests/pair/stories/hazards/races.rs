//! Races and glare.

use kandy_core::{
    Event,
    query::CallState::{Connected, OnHold, Ringing},
};

use super::{FLOWING, HELD, KINDS, act, desks, plainly, since, talking, telephone, tracks};
use crate::{
    phone::Phone,
    stories::{AUDIO, BOTH, answer, holds, nothing_left, operate, pairs, ring, since_login},
    world::World,
};

const PICTURE: &str = r#","media":{"video":true}"#;

fn is_of_track(name: &str) -> bool {
    name.starts_with("call:newTrack") || name.starts_with("call:trackEnded")
}

#[test]
fn r1_one_holds_while_the_other_adds_a_picture() {
    for (mut world, alice, bob) in pairs() {
        // Apart by so many ms, alice first or bob; the exchange itself takes 30.
        for apart in (-24_i32..25).step_by(2) {
            ring(&mut world, alice, bob, AUDIO);
            answer(&mut world, alice, bob);
            let mut turns = [(alice, "hold", ""), (bob, "addMedia", PICTURE)];
            if apart < 0 {
                turns.reverse();
            }
            act(&mut world, turns[0].0, turns[0].1, turns[0].2);
            world.run(apart.unsigned_abs().into());
            act(&mut world, turns[1].0, turns[1].1, turns[1].2);
            world.run(5_000);
            assert_eq!(holds(&world, alice), (OnHold, true, false), "{apart} ms\n{}", world.report());
            assert_eq!(holds(&world, bob), (OnHold, false, true), "{apart} ms\n{}", world.report());
            operate(&mut world, alice, "unhold");
            // Who was held before the picture was there is refused; otherwise it is there, and the other side has it.
            let pictures = tracks(&world, bob).0;
            assert_eq!((tracks(&world, alice), tracks(&world, bob)), ((1, pictures), (pictures, 1)), "{apart} ms");
            let names = since_login(&world, bob);
            let last = names.iter().rfind(|name| name.starts_with("call:newMedia")).unwrap();
            assert_eq!(last, if pictures == 2 { "call:newMedia" } else { "call:newMedia call:6" }, "{apart} ms");
            operate(&mut world, alice, "end");
            nothing_left(&world);
        }
    }
}

#[test]
fn r2_operations_asked_for_at_once_follow_each_other() {
    for (mut world, alice, bob) in pairs() {
        ring(&mut world, alice, bob, AUDIO);
        answer(&mut world, alice, bob);
        let before = world.pages[alice].names().len();
        for (what, more) in
            [("addMedia", PICTURE), ("hold", ""), ("addMedia", PICTURE), ("unhold", ""), ("addMedia", PICTURE)]
        {
            act(&mut world, alice, what, more);
        }
        world.run(2_000);
        let heard = since(&world, alice, before);
        let told: Vec<&str> = heard.iter().map(String::as_str).filter(|name| !is_of_track(name)).collect();
        assert_eq!(
            told,
            ["call:newMedia", "call:stateChange", "call:newMedia call:6", "call:stateChange", "call:newMedia"]
        );
        assert_eq!((tracks(&world, alice), tracks(&world, bob)), ((3, 1), (1, 3)), "{}", world.report());
        operate(&mut world, bob, "end");
        nothing_left(&world);
    }
}

#[test]
fn r3_tones_and_statistics_during_a_hold_and_two_calls_do_not_disturb_each_other() {
    for (mut world, alice, bob) in pairs() {
        let carol = world.page("carol@example.com", "1");
        world.connect(carol);
        world.until("carol is connected", |w| w.pages[carol].is_connected() == (true, false));
        ring(&mut world, alice, bob, AUDIO);
        answer(&mut world, alice, bob);
        let first = world.pages[alice].call().id;
        let second = world.make(alice, "carol", AUDIO);
        world.until("carol's rings", |w| w.pages[carol].live_calls().iter().any(|call| call.state == Ringing));
        act(&mut world, carol, "answer", r#","media":{"audio":true}"#);
        world.until("both calls are up", |w| w.pages[alice].live_calls().iter().all(|call| call.state == Connected));
        let before = world.pages[alice].names().len();
        let on = |world: &mut World, id: &str, what: &str, more: &str| {
            world.act(alice, &format!(r#"{{"type":"call.{what}","callId":"{id}"{more}}}"#));
        };
        on(&mut world, &first.0, "hold", "");
        on(&mut world, &second, "addMedia", PICTURE);
        on(&mut world, &first.0, "sendDTMF", r#","tone":"1""#);
        on(&mut world, &first.0, "getStats", "");
        on(&mut world, &second, "sendDTMF", r#","tone":"0*""#);
        world.run(500);
        let mut heard = since(&world, alice, before);
        heard.retain(|name| !is_of_track(name));
        heard.sort();
        assert_eq!(heard, ["call:newMedia", "call:stateChange", "call:statsReceived"], "{}", world.report());
        assert_eq!(holds(&world, bob), (OnHold, false, true));
        assert_eq!(tracks(&world, carol), (1, 2));
        for id in [&first.0, &second] {
            world.on_call(alice, "end", id);
        }
        world.run(1_000);
        nothing_left(&world);
    }
}

#[test]
fn r4_r5_a_change_directly_after_the_answer_waits_until_the_call_is_up() {
    for (mut world, alice, bob) in pairs() {
        for wait in (0..20).step_by(2) {
            for what in ["hold", "addMedia"] {
                ring(&mut world, alice, bob, AUDIO);
                act(&mut world, bob, "answer", r#","media":{"audio":true}"#);
                world.run(wait);
                act(&mut world, bob, what, PICTURE);
                world.run(5_000);
                let wanted = if what == "hold" { (OnHold, false, true) } else { (Connected, false, false) };
                assert_eq!(holds(&world, alice), wanted, "{what} after {wait} ms\n{}", world.report());
                let wanted = if what == "hold" { (1, 0) } else { (1, 2) };
                assert_eq!(tracks(&world, alice), wanted, "{what} after {wait} ms\n{}", world.report());
                operate(&mut world, alice, "end");
                nothing_left(&world);
            }
        }
    }
}

#[test]
fn r6_notifications_that_overtake_the_answers_to_requests_lose_nothing() {
    for (mut world, alice) in desks() {
        // Ringing and the answer are there before the server has said that it took the call.
        world.script(alice).keeps_back = true;
        world.make(alice, "desk", BOTH);
        let mut phone = Phone::new(alice, "out-1", &KINDS);
        world.until("it is made", |w| w.times_asked(alice, "callStart") == 1);
        world.notify(alice, "ringing", "out-1", None, "");
        phone.pick_up(&mut world, "callStart", plainly);
        world.answer_late(alice);
        world.run(50);
        assert_eq!(holds(&world, alice), (Connected, false, false), "{}", world.report());
        // So is the answer to a hold, and the one after that.
        for (what, wanted) in [("hold", OnHold), ("unhold", Connected)] {
            world.script(alice).keeps_back = true;
            act(&mut world, alice, what, "");
            world.run(50);
            phone.agree(&mut world, if what == "hold" { &HELD } else { &FLOWING }, plainly);
            assert_eq!(world.pages[alice].call().state, wanted, "{what}\n{}", world.report());
            world.answer_late(alice);
            world.run(50);
            assert_eq!(world.pages[alice].call().local_op, None);
        }
        // The other side's end overtakes the answer to an audit.
        world.script(alice).keeps_back = true;
        world.run(26_000);
        world.notify(alice, "callEnd", "out-1", None, "");
        world.run(50);
        world.answer_late(alice);
        world.run(50);
        nothing_left(&world);
    }
}

#[test]
fn r7_a_reply_that_never_comes_ends_the_operation_and_not_the_call() {
    for (mut world, alice) in desks() {
        let mut phone = talking(&mut world, alice);
        let before = world.pages[alice].names().len();
        // Taken by the server, and never answered by the telephone.
        act(&mut world, alice, "hold", "");
        world.run(59_000);
        assert!(world.pages[alice].call().local_op.is_some());
        world.run(2_000);
        assert_eq!(since(&world, alice, before), ["call:stateChange call:2"]);
        assert_eq!((holds(&world, alice), tracks(&world, alice)), ((Connected, false, false), (2, 2)));
        world.script(alice).asked.clear();
        operate(&mut world, alice, "hold");
        phone.agree(&mut world, &HELD, plainly);
        assert_eq!(holds(&world, alice), (OnHold, true, false), "{}", world.report());
        operate(&mut world, alice, "end");
        nothing_left(&world);
    }
}

#[test]
fn r8_whatever_is_asked_of_a_call_that_is_ending_is_refused_in_one_event() {
    let wishes = [
        ("hold", "", "call:stateChange call:6"),
        ("unhold", "", "call:stateChange call:6"),
        ("answer", r#","media":{"audio":true}"#, "call:stateChange call:6"),
        ("reject", "", "call:stateChange call:6"),
        ("ignore", "", "call:stateChange call:6"),
        ("forward", r#","destination":"carol""#, "call:stateChange call:6"),
        ("directTransfer", r#","destination":"carol""#, "call:stateChange call:6"),
        ("addMedia", PICTURE, "call:newMedia call:6"),
        ("removeMedia", r#","tracks":["x"]"#, "call:removedMedia call:6"),
        ("replaceTrack", r#","trackId":"x","media":{"audio":true}"#, "call:trackReplaced call:6"),
        ("sendDTMF", r#","tone":"1""#, "call:error call:6"),
        ("getStats", "", "call:statsReceived call:2"),
    ];
    for (mut world, alice, bob) in pairs() {
        for running in ["", "hold"] {
            for (what, more, wanted) in wishes {
                ring(&mut world, alice, bob, AUDIO);
                answer(&mut world, alice, bob);
                if !running.is_empty() {
                    act(&mut world, alice, running, "");
                    world.run(3);
                }
                act(&mut world, alice, "end", "");
                let before = world.pages[alice].names().len();
                act(&mut world, alice, what, more);
                assert_eq!(since(&world, alice, before), [wanted], "{what}");
                world.run(1_000);
                nothing_left(&world);
            }
        }
    }
}

#[test]
fn r11_a_notification_for_an_unknown_call_stops_nothing() {
    for (mut world, alice) in desks() {
        let mut phone = talking(&mut world, alice);
        let before = world.pages[alice].names().len();
        let offer = phone.describe(&FLOWING);
        for event in
            ["ringing", "startCallUpdate", "respondCallUpdate", "callEnd", "callCancel", "sessionFail", "later"]
        {
            for sdp in [None, Some("nonsense"), Some(offer.as_str())] {
                world.notify(alice, event, "unknown", sdp, "");
            }
        }
        world.run(100);
        assert_eq!(since(&world, alice, before), [""; 0]);
        world.notify(alice, "callEnd", &phone.session, None, "");
        world.run(100);
        nothing_left(&world);
    }
}

#[test]
fn r13_a_track_that_took_anothers_place_is_told_as_ended_with_the_call() {
    for (mut world, alice, bob) in pairs() {
        ring(&mut world, alice, bob, BOTH);
        answer(&mut world, alice, bob);
        let old = world.pages[alice].call().local_tracks[1].clone();
        act(&mut world, alice, "replaceTrack", &format!(r#","trackId":"{old}","media":{{"video":true}}"#));
        world.run(500);
        let local = world.pages[alice].call().local_tracks;
        operate(&mut world, alice, "end");
        let ended = |world: &World, id| {
            let of = |event: &&Event| matches!(event, Event::CallTrackEnded(e) if e.track_id == id && e.local);
            world.pages[alice].events.iter().filter(of).count()
        };
        for id in [old, local[0].clone(), local[1].clone()] {
            assert_eq!(ended(&world, id), 1);
        }
        nothing_left(&world);
    }
}

#[test]
fn r14_a_kind_that_is_added_twice_makes_two_tracks_on_both_sides() {
    for (mut world, alice, bob) in pairs() {
        ring(&mut world, alice, bob, AUDIO);
        answer(&mut world, alice, bob);
        for media in [PICTURE, PICTURE, r#","media":{"audio":true}"#] {
            act(&mut world, alice, "addMedia", media);
        }
        world.run(1_000);
        let mut all = world.pages[alice].call().local_tracks;
        all.dedup();
        assert_eq!((all.len(), tracks(&world, bob)), (4, (1, 4)), "{}", world.report());
        operate(&mut world, alice, "hold");
        operate(&mut world, alice, "unhold");
        assert_eq!((tracks(&world, alice), tracks(&world, bob)), ((4, 1), (1, 4)), "{}", world.report());
        operate(&mut world, bob, "end");
        nothing_left(&world);
    }
}

#[test]
fn r15_a_call_that_nobody_has_answered_cannot_be_held_by_either_side() {
    for (mut world, alice, bob) in pairs() {
        ring(&mut world, alice, bob, AUDIO);
        for page in [alice, bob] {
            let before = world.pages[page].names().len();
            operate(&mut world, page, "hold");
            assert_eq!(since(&world, page, before), ["call:stateChange call:6"]);
        }
        assert_eq!([alice, bob].map(|page| world.pages[page].call().state), [Ringing; 2]);
        answer(&mut world, alice, bob);
        operate(&mut world, alice, "end");
        nothing_left(&world);
    }
    // Nor does a client answer the change of a call that its user has not answered.
    for (mut world, alice) in desks() {
        let mut phone = telephone(&mut world, alice, &KINDS);
        phone.call(&mut world, plainly);
        let hold = phone.describe(&HELD);
        for sdp in [Some(hold.as_str()), None] {
            world.notify(alice, "startCallUpdate", &phone.session, sdp, "");
            world.run(1_000);
            assert_eq!(world.times_asked(alice, "respondCallUpdate"), 0);
            assert_eq!(world.pages[alice].call().state, Ringing);
        }
        operate(&mut world, alice, "end");
        nothing_left(&world);
    }
}
