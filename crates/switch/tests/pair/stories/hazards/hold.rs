//! Hold, unhold, and music on hold.

use kandy_core::{
    Event,
    effect::Direction::{self, Inactive, SendOnly},
    query::CallState::{self, Connected, OnHold},
};

use super::{FLOWING, HELD, KINDS, MUSIC, act, desks, directions, plainly, since, talking, tracks};
use crate::{
    phone::Phone,
    stories::{AUDIO, BOTH, answer, holds, nothing_left, operate, pairs, ring},
    world::World,
};

const UP: (CallState, bool, bool) = (Connected, false, false);

#[test]
fn h3_both_hold_where_the_telephone_holds_by_asking_for_an_offer() {
    for (mut world, alice) in desks() {
        let mut phone = talking(&mut world, alice);
        for phone_first in [true, false] {
            if phone_first {
                assert_eq!(directions(&phone.ask(&mut world, &HELD)), ["sendrecv", "sendrecv"]);
                assert_eq!(holds(&world, alice), (OnHold, false, true));
            }
            act(&mut world, alice, "hold", "");
            phone.agree(&mut world, &HELD, plainly);
            assert_eq!(holds(&world, alice), (OnHold, true, phone_first), "{}", world.report());
            // Whatever the telephone wants, a side that holds offers nothing.
            assert_eq!(directions(&phone.ask(&mut world, &FLOWING)), ["inactive", "inactive"]);
            assert_eq!(holds(&world, alice), (OnHold, true, phone_first));
            act(&mut world, alice, "unhold", "");
            phone.agree(&mut world, &HELD, plainly);
            assert_eq!(holds(&world, alice), (OnHold, false, true), "the telephone has not released it");
            phone.ask(&mut world, &FLOWING);
            assert_eq!((holds(&world, alice), tracks(&world, alice)), (UP, (2, 2)), "{}", world.report());
        }
        operate(&mut world, alice, "end");
        nothing_left(&world);
    }
}

/// How telephones say that they hold: the directions, and what they make of the description.
type Words = fn(String) -> String;

#[test]
fn h4_a_hold_is_known_in_all_the_ways_in_which_telephones_say_it() {
    let ways: [(&str, [Direction; 2], Words); 7] = [
        ("inactive", HELD, plainly),
        ("sendonly", [SendOnly; 2], plainly),
        ("music", MUSIC, plainly),
        ("for the whole session", [SendOnly; 2], |sdp| {
            sdp.replace("a=sendonly\r\n", "").replacen("t=0 0\r\n", "t=0 0\r\na=sendonly\r\n", 1)
        }),
        ("no address", FLOWING, |sdp| sdp.replace("c=IN IP4 127.0.0.1", "c=IN IP4 0.0.0.0")),
        ("no address and no direction", FLOWING, |sdp| {
            sdp.replace("c=IN IP4 127.0.0.1", "c=IN IP4 0.0.0.0").replace("a=sendrecv\r\n", "")
        }),
        ("no address for the whole session", FLOWING, |sdp| {
            sdp.replace("c=IN IP4 127.0.0.1\r\n", "").replacen("t=0 0\r\n", "c=IN IP4 0.0.0.0\r\nt=0 0\r\n", 1)
        }),
    ];
    let releases: [(&str, Words); 2] = [("sendrecv", plainly), ("none", |sdp| sdp.replace("a=sendrecv\r\n", ""))];
    for (mut world, alice) in desks() {
        let mut phone = talking(&mut world, alice);
        for (way, hold, words) in ways {
            for (release, back) in releases {
                let answer = phone.offer(&mut world, &hold, words);
                assert_eq!(holds(&world, alice), (OnHold, false, true), "{way}\n{}", world.report());
                assert!(!answer.contains("a=sendrecv") && !answer.contains("a=sendonly"), "{way}: nothing is sent");
                phone.offer(&mut world, &FLOWING, back);
                assert_eq!((holds(&world, alice), tracks(&world, alice)), (UP, (2, 2)), "{way}, {release}");
            }
        }
        // A picture that is switched off for good leaves the sound to decide.
        phone.offer(&mut world, &[SendOnly, Inactive], |sdp| sdp.replace("m=video 50000", "m=video 0"));
        assert_eq!(holds(&world, alice), (OnHold, false, true), "{}", world.report());
        operate(&mut world, alice, "end");
        nothing_left(&world);
    }
}

#[test]
fn h5_h6_a_call_with_a_picture_on_one_side_only_is_held_and_released_by_either() {
    let answered = |world: &mut World, alice, bob, offered, media: &str| {
        ring(world, alice, bob, offered);
        act(world, bob, "answer", &format!(r#","media":{media}"#));
        world.until("both are connected", |w| [alice, bob].iter().all(|page| w.pages[*page].call().state == Connected));
    };
    for (mut world, alice, bob) in pairs() {
        for (offered, media, wanted) in [(BOTH, AUDIO, [(2, 1), (1, 2)]), (AUDIO, BOTH, [(1, 1), (1, 1)])] {
            answered(&mut world, alice, bob, offered, media);
            assert_eq!([alice, bob].map(|page| tracks(&world, page)), wanted, "{offered} answered with {media}");
            for (holder, held) in [(alice, bob), (bob, alice)] {
                operate(&mut world, holder, "hold");
                assert_eq!(holds(&world, holder), (OnHold, true, false), "{}", world.report());
                assert_eq!(holds(&world, held), (OnHold, false, true), "{}", world.report());
                operate(&mut world, holder, "unhold");
                assert_eq!([alice, bob].map(|page| holds(&world, page)), [UP; 2]);
                assert_eq!([alice, bob].map(|page| tracks(&world, page)), wanted, "{}", world.report());
            }
            operate(&mut world, alice, "end");
            nothing_left(&world);
        }
    }
}

#[test]
fn h7_h8_after_music_on_hold_the_media_come_back_and_can_be_removed() {
    for (mut world, alice) in desks() {
        let mut phone = talking(&mut world, alice);
        for another_endpoint in [false, true] {
            phone.offer(&mut world, &HELD, plainly);
            // A music server may have a session of its own, which asks for a connection of its own.
            let mut server = Phone::new(alice, &phone.session, &KINDS);
            let player = if another_endpoint { &mut server } else { &mut phone };
            let before = world.pages[alice].names().len();
            let answer = player.offer(&mut world, &MUSIC, |sdp| sdp.replace("o=- ", "o=- 77"));
            assert_eq!(directions(&answer), ["recvonly", "inactive"]);
            assert_eq!(holds(&world, alice), (OnHold, false, true));
            assert_eq!(since(&world, alice, before), ["call:newTrack remote"], "music, and nothing else");
            phone.offer(&mut world, &FLOWING, plainly);
            assert_eq!((holds(&world, alice), tracks(&world, alice)), (UP, (2, 2)), "{}", world.report());
        }
        let (track, before) = (world.pages[alice].call().local_tracks[1].clone(), world.pages[alice].names().len());
        act(&mut world, alice, "removeMedia", &format!(r#","tracks":["{track}"]"#));
        phone.agree(&mut world, &FLOWING, plainly);
        assert_eq!(since(&world, alice, before), ["call:trackEnded local", "call:removedMedia"]);
        assert_eq!(tracks(&world, alice), (1, 2));
        operate(&mut world, alice, "end");
        nothing_left(&world);
    }
}

#[test]
fn h10_over_holds_and_releases_no_track_is_there_twice_or_told_as_ended_twice() {
    for semantics in ["unified-plan", "plan-b"] {
        for (mut world, alice, bob) in pairs() {
            for page in [alice, bob] {
                world.pages[page].configure_semantics(semantics);
            }
            ring(&mut world, alice, bob, BOTH);
            answer(&mut world, alice, bob);
            let lists =
                |world: &World| [alice, bob].map(|page| world.pages[page].call()).map(|call| call.remote_tracks);
            let before = lists(&world);
            for (who, what) in
                [(alice, "hold"), (bob, "hold"), (alice, "unhold"), (bob, "unhold"), (bob, "hold"), (bob, "unhold")]
            {
                operate(&mut world, who, what);
                for page in [alice, bob] {
                    let call = world.pages[page].call();
                    let mut all: Vec<_> = call.local_tracks.iter().chain(&call.remote_tracks).collect();
                    let count = all.len();
                    all.sort();
                    all.dedup();
                    assert_eq!(all.len(), count, "{what}: {all:?}");
                }
            }
            assert_eq!(lists(&world), before, "the same tracks in the same order");
            operate(&mut world, alice, "end");
            for page in &world.pages {
                // Since when it was there last, each track has ended once.
                let mut there = std::collections::BTreeMap::new();
                for event in &page.events {
                    match event {
                        Event::CallNewTrack(e) => *there.entry(e.track_id.clone()).or_insert(0) = 1,
                        Event::CallTrackEnded(e) => *there.entry(e.track_id.clone()).or_insert(1) -= 1,
                        _ => {}
                    }
                }
                assert!(there.len() == 4 && there.values().all(|n| *n == 0), "{semantics} {}: {there:?}", page.user);
            }
            nothing_left(&world);
        }
    }
}

#[test]
fn h12_a_hold_that_the_server_refuses_changes_nothing_and_may_be_tried_again() {
    for (mut world, alice) in desks() {
        let mut phone = talking(&mut world, alice);
        let (before, list) = (world.pages[alice].names().len(), world.pages[alice].call().remote_tracks);
        world.script(alice).refuses.insert("startCallUpdate", (500, 26));
        operate(&mut world, alice, "hold");
        assert_eq!(since(&world, alice, before), ["call:stateChange 26"]);
        assert_eq!((holds(&world, alice), world.pages[alice].call().remote_tracks), (UP, list));
        world.script(alice).refuses.clear();
        world.script(alice).asked.clear();
        operate(&mut world, alice, "hold");
        phone.agree(&mut world, &HELD, plainly);
        assert_eq!(holds(&world, alice), (OnHold, true, false));
        operate(&mut world, alice, "unhold");
        phone.agree(&mut world, &FLOWING, plainly);
        assert_eq!((holds(&world, alice), tracks(&world, alice)), (UP, (2, 2)));
        operate(&mut world, alice, "end");
        nothing_left(&world);
    }
}

#[test]
fn h13_media_that_could_not_be_changed_on_hold_can_be_changed_afterwards() {
    for (mut world, alice, bob) in pairs() {
        ring(&mut world, alice, bob, BOTH);
        answer(&mut world, alice, bob);
        for holder in [alice, bob] {
            let track = world.pages[alice].call().local_tracks.last().unwrap().clone();
            let remove = format!(r#","tracks":["{track}"]"#);
            operate(&mut world, holder, "hold");
            let before = world.pages[alice].names().len();
            act(&mut world, alice, "removeMedia", &remove);
            act(&mut world, alice, "addMedia", r#","media":{"video":true}"#);
            world.run(500);
            assert_eq!(since(&world, alice, before), ["call:removedMedia call:6", "call:newMedia call:6"]);
            operate(&mut world, holder, "unhold");
            let before = world.pages[alice].names().len();
            act(&mut world, alice, "removeMedia", &remove);
            act(&mut world, alice, "addMedia", r#","media":{"video":true}"#);
            world.run(500);
            assert_eq!(
                since(&world, alice, before),
                ["call:trackEnded local", "call:removedMedia", "call:newTrack local", "call:newMedia"]
            );
            assert_eq!([alice, bob].map(|page| tracks(&world, page)), [(2, 2); 2], "{}", world.report());
        }
        operate(&mut world, alice, "end");
        nothing_left(&world);
    }
}
