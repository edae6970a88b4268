//! Slow start, descriptions, and devices.

use kandy_core::{
    effect::Direction::{Inactive, SendOnly, SendRecv},
    query::CallState::{Connected, OnHold, Ringing},
};

use super::{FLOWING, HELD, KINDS, MUSIC, act, desks, directions, plainly, since, talking, telephone, tracks};
use crate::{
    phone::Phone,
    stories::{BOTH, answer, holds, nothing_left, operate, pairs, ring},
    world::World,
};

/// Every DTLS role that a description asks for.
fn roles(sdp: &str) -> Vec<&str> {
    sdp.lines().filter_map(|line| line.strip_prefix("a=setup:")).collect()
}

/// A call without an offer, answered.
fn slowly(world: &mut World, alice: usize, words: impl Fn(String) -> String) -> Phone {
    let mut phone = telephone(world, alice, &KINDS);
    phone.call_slowly(world);
    act(world, alice, "answer", &format!(r#","media":{BOTH}"#));
    world.run(50);
    assert_eq!(world.pages[alice].call().state, Ringing, "nobody is there yet");
    phone.pick_up(world, "callAnswer", words);
    assert_eq!(world.pages[alice].call().state, Connected, "{}", world.report());
    phone
}

#[test]
fn s1_after_a_slow_start_both_sides_hold_and_release_in_every_way() {
    for (mut world, alice) in desks() {
        let mut phone = slowly(&mut world, alice, plainly);
        for _ in 0..2 {
            act(&mut world, alice, "hold", "");
            phone.agree(&mut world, &HELD, plainly);
            assert_eq!(holds(&world, alice), (OnHold, true, false));
            act(&mut world, alice, "unhold", "");
            phone.agree(&mut world, &FLOWING, plainly);
            assert_eq!((holds(&world, alice), tracks(&world, alice)), ((Connected, false, false), (2, 2)));
            phone.ask(&mut world, &HELD);
            assert_eq!(holds(&world, alice), (OnHold, false, true));
            phone.offer(&mut world, &FLOWING, plainly);
            assert_eq!((holds(&world, alice), tracks(&world, alice)), ((Connected, false, false), (2, 2)));
        }
        operate(&mut world, alice, "end");
        nothing_left(&world);
    }
}

#[test]
fn s1_a_slow_start_in_mid_call_that_changes_nothing_or_something_odd_leaves_the_call_in_step() {
    for (mut world, alice) in desks() {
        let mut phone = talking(&mut world, alice);
        for odd in [FLOWING, [SendRecv, Inactive], FLOWING, [SendOnly, SendRecv], MUSIC, FLOWING] {
            assert_eq!(
                directions(&phone.ask(&mut world, &odd)),
                ["sendrecv", "sendrecv"],
                "all that we have is offered"
            );
            let held = odd == MUSIC;
            assert_eq!(holds(&world, alice), (if held { OnHold } else { Connected }, false, held), "{odd:?}");
            assert_eq!(world.pages[alice].call().local_op, None);
            // The next operation of ours is ours.
            let before = world.pages[alice].names().len();
            act(&mut world, alice, "hold", "");
            phone.agree(&mut world, &HELD, plainly);
            assert_eq!(holds(&world, alice), (OnHold, true, held), "{odd:?}\n{}", world.report());
            act(&mut world, alice, "unhold", "");
            phone.agree(&mut world, &odd, plainly);
            assert_eq!(holds(&world, alice), (if held { OnHold } else { Connected }, false, held), "{odd:?}");
            let changes = since(&world, alice, before).iter().filter(|name| *name == "call:stateChange").count();
            assert_eq!(changes, 2, "{odd:?}");
        }
        assert_eq!(tracks(&world, alice), (2, 2));
        operate(&mut world, alice, "end");
        nothing_left(&world);
    }
}

#[test]
fn s2_an_answer_with_actpass_is_understood_and_spoils_no_later_call() {
    let actpass = |sdp: String| sdp.replace("a=setup:active", "a=setup:actpass");
    for (mut world, alice) in desks() {
        slowly(&mut world, alice, actpass);
        operate(&mut world, alice, "end");
        // Our offers leave the choice, our answers make it.
        world.make(alice, "desk", BOTH);
        let mut phone = Phone::new(alice, "out-1", &KINDS);
        phone.pick_up(&mut world, "callStart", actpass);
        assert_eq!(roles(&world.last(alice, "callStart")), ["actpass"; 2]);
        assert_eq!(world.pages[alice].call().state, Connected);
        let replied = phone.offer(&mut world, &HELD, plainly);
        assert!(roles(&replied).iter().all(|role| ["active", "passive"].contains(role)), "{replied}");
        operate(&mut world, alice, "end");
        talking(&mut world, alice);
        assert_eq!(roles(&world.last(alice, "callAnswer")), ["active"; 2]);
        operate(&mut world, alice, "end");
        nothing_left(&world);
    }
}

/// A description that says of its sections as little as the standard allows.
fn tersely(sdp: String) -> String {
    let said = |line: &&str| !line.starts_with("a=mid:") && *line != "a=sendrecv" && !line.starts_with("a=group:");
    sdp.lines().filter(said).flat_map(|line| [line, "\r\n"]).collect()
}

#[test]
fn s3_descriptions_without_directions_names_and_in_another_order_are_understood() {
    let kinds = [KINDS, [KINDS[1], KINDS[0]]];
    for (mut world, alice) in desks() {
        for order in kinds {
            let mut phone = telephone(&mut world, alice, &order);
            phone.call(&mut world, tersely);
            assert_eq!(tracks(&world, alice), (0, 2), "both are heard of when it rings");
            phone.is_answered(&mut world, BOTH);
            world.run(100);
            assert_eq!(
                (world.pages[alice].call().state, tracks(&world, alice)),
                (Connected, (2, 2)),
                "{}",
                world.report()
            );
            // The same in mid-call, in offers and in answers.
            phone.offer(&mut world, &HELD, tersely);
            assert_eq!(holds(&world, alice), (OnHold, false, true));
            phone.offer(&mut world, &FLOWING, tersely);
            assert_eq!((holds(&world, alice), tracks(&world, alice)), ((Connected, false, false), (2, 2)));
            act(&mut world, alice, "hold", "");
            phone.agree(&mut world, &HELD, tersely);
            assert_eq!(holds(&world, alice), (OnHold, true, false), "{}", world.report());
            operate(&mut world, alice, "end");
            nothing_left(&world);
        }
    }
}

#[test]
fn s11_the_other_side_is_told_of_a_device_that_is_gone() {
    for (mut world, alice, bob) in pairs() {
        // While nothing else happens, while our own hold is under way, and while theirs is.
        let under_way = [alice, bob].map(|who| (0..30).step_by(3).map(move |wait| (Some(who), wait)));
        for (holder, wait) in under_way.into_iter().flatten().chain([(None, 0)]) {
            ring(&mut world, alice, bob, BOTH);
            answer(&mut world, alice, bob);
            let heard = [alice, bob].map(|page| world.pages[page].names().len());
            if let Some(holder) = holder {
                act(&mut world, holder, "hold", "");
                world.run(wait);
            }
            let camera = world.pages[alice].call().local_tracks[1].0.clone();
            world.lose_track(alice, &camera);
            world.run(5_000);
            if let Some(holder) = holder {
                operate(&mut world, holder, "unhold");
            }
            let case = format!("{holder:?} holds, {wait} ms");
            assert!(since(&world, alice, heard[0]).contains(&"call:trackEnded local".to_owned()), "{case}");
            assert!(since(&world, bob, heard[1]).contains(&"call:trackEnded remote".to_owned()), "{case}");
            assert_eq!([tracks(&world, alice), tracks(&world, bob)], [(1, 2), (2, 1)], "{case}");
            // Another one takes its place.
            act(&mut world, alice, "addMedia", r#","media":{"video":true}"#);
            world.run(5_000);
            assert_eq!([tracks(&world, alice), tracks(&world, bob)], [(2, 2), (2, 2)], "{case}");
            operate(&mut world, alice, "end");
            nothing_left(&world);
        }
    }
}
