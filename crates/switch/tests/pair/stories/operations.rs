//! What a call can do besides holding and changing its media: other tracks, tones, statistics, forwarding, and its repair.

use super::{AUDIO, BOTH, answer, nothing_left, operate, pairs, ring, since_login};
use crate::{coverage::covers, page::Devices, world::World};
use kandy_core::query::CallState;

/// Does something with the one call of a page and returns what the page heard of it.
fn heard(world: &mut World, page: usize, what: &str, more: &str) -> Vec<String> {
    let (id, before) = (world.pages[page].call().id, world.pages[page].names().len());
    world.act(page, &format!(r#"{{"type":"call.{what}","callId":"{id}"{more}}}"#));
    world.run(500);
    world.pages[page].names().split_off(before)
}

#[test]
fn a_track_takes_the_place_of_another_and_the_other_side_hears_nothing_of_it() {
    for (mut world, alice, bob) in pairs() {
        ring(&mut world, alice, bob, BOTH);
        answer(&mut world, alice, bob);
        let before = since_login(&world, bob).len();
        let tracks = world.pages[alice].call().local_tracks;
        let replace = |world: &mut World, track: &str, media: &str| {
            heard(world, alice, "replaceTrack", &format!(r#","trackId":"{track}","media":{media}"#))
        };
        let camera = tracks[1].to_string();
        assert_eq!(replace(&mut world, &camera, r#"{"video":true}"#), ["call:trackEnded local", "call:trackReplaced"]);
        let now = world.pages[alice].call().local_tracks;
        assert_eq!((now.len(), &now[0]), (2, &tracks[0]), "in the same place");
        assert_ne!(now[1], tracks[1]);
        for (track, media, code) in [
            ("nobody", r#"{"video":true}"#, "call:7"),
            (camera.as_str(), r#"{"video":true}"#, "call:7"),
            (now[1].0.as_str(), AUDIO, "call:7"),
        ] {
            assert_eq!(replace(&mut world, track, media), [format!("call:trackReplaced {code}")], "{track} {media}");
        }
        world.pages[alice].devices = Devices::Refused;
        assert_eq!(replace(&mut world, &now[1].0, r#"{"video":true}"#), ["call:trackReplaced call:4"]);
        world.pages[alice].devices = Devices::Fine;
        operate(&mut world, alice, "hold");
        assert_eq!(replace(&mut world, &now[1].0, r#"{"video":true}"#), ["call:trackReplaced call:6"]);
        operate(&mut world, alice, "unhold");
        assert_eq!(world.pages[alice].live_tracks.len(), 2, "the old device is free");
        let told = since_login(&world, bob).split_off(before);
        assert!(!told.iter().any(|name| name.contains("call:newMedia") || name.contains("Replaced")), "{told:?}");
        operate(&mut world, alice, "end");
        nothing_left(&world);
        covers!("call.replaceTrack", "call:trackReplaced", "error call:4", "error call:6", "error call:7");
    }
}

#[test]
fn r13_a_call_that_ends_while_a_track_is_replaced_leaves_no_device_open() {
    for (mut world, alice, bob) in pairs() {
        for pause in [0, 3, 5, 8] {
            ring(&mut world, alice, bob, BOTH);
            answer(&mut world, alice, bob);
            let call = world.pages[alice].call();
            let (id, track) = (call.id, call.local_tracks[1].clone());
            let json = format!(
                r#"{{"type":"call.replaceTrack","callId":"{id}","trackId":"{track}","media":{{"video":true}}}}"#
            );
            world.act(alice, &json);
            world.run(pause);
            world.on_call(bob, "end", &world.pages[bob].call().id.0.clone());
            world.run(1_000);
            nothing_left(&world);
        }
    }
}

#[test]
fn s13_tones_need_a_call_that_can_carry_them() {
    for (mut world, alice, bob) in pairs() {
        ring(&mut world, alice, bob, AUDIO);
        let tones = |world: &mut World, tone: &str| heard(world, alice, "sendDTMF", &format!(r#","tone":{tone}"#));
        assert_eq!(tones(&mut world, r#""5""#), ["call:error call:2"], "nothing is agreed on yet");
        answer(&mut world, alice, bob);
        for fine in [r#""0123456789*#,""#, "5", r#""ABCD""#] {
            assert_eq!(tones(&mut world, fine), [""; 0], "{fine}");
        }
        for wrong in [r#""12x""#, r#""""#, "null", r#"["1"]"#] {
            assert_eq!(tones(&mut world, wrong), ["call:error call:7"], "{wrong}");
        }
        operate(&mut world, bob, "hold");
        assert_eq!(tones(&mut world, r#""5""#), ["call:error call:6"]);
        operate(&mut world, alice, "end");
        nothing_left(&world);
    }
}

#[test]
fn statistics_of_a_call_and_of_its_tracks() {
    for (mut world, alice, bob) in pairs() {
        ring(&mut world, alice, bob, AUDIO);
        answer(&mut world, alice, bob);
        let call = world.pages[alice].call();
        for track in [&call.local_tracks[0], &call.remote_tracks[0]] {
            let told = heard(&mut world, alice, "getStats", &format!(r#","trackId":"{track}""#));
            assert_eq!(told, ["call:statsReceived"]);
        }
        assert_eq!(heard(&mut world, alice, "getStats", ""), ["call:statsReceived"]);
        assert_eq!(heard(&mut world, alice, "getStats", r#","trackId":"x""#), ["call:statsReceived call:2"]);
        operate(&mut world, alice, "end");
        world.act(alice, &format!(r#"{{"type":"call.getStats","callId":"{}"}}"#, call.id));
        world.act(alice, r#"{"type":"call.getStats","callId":"nobody"}"#);
        let told = since_login(&world, alice);
        assert_eq!(told[told.len() - 2..], ["call:statsReceived call:2", "call:statsReceived call:7"]);
        nothing_left(&world);
        covers!("call.getStats", "call:statsReceived", "error call:2", "error call:7");
    }
}

#[test]
fn a_ringing_call_is_forwarded_to_somebody_else() {
    for (mut world, alice, bob) in pairs() {
        let carol = world.page("carol@example.com", "1");
        world.connect(carol);
        world.until("carol is connected", |w| w.pages[carol].is_connected() == (true, false));
        ring(&mut world, alice, bob, AUDIO);
        let told = heard(&mut world, bob, "forward", r#","destination":"carol""#);
        assert_eq!(told, ["call:stateChange", "call:trackEnded remote"]);
        assert!(world.pages[bob].live_calls().is_empty());
        world.until("it rings at carol's", |w| w.pages[carol].live_calls().len() == 1);
        answer(&mut world, alice, carol);
        assert_eq!(world.pages[alice].call().remote_participant.display_number, "carol@example.com");
        // Only a call that rings can be forwarded.
        let told = heard(&mut world, carol, "forward", r#","destination":"bob""#);
        assert_eq!(told, ["call:stateChange call:6"]);
        operate(&mut world, carol, "end");
        nothing_left(&world);
        covers!("call.forward", "error call:6");
    }
}

#[test]
fn a_media_connection_that_fails_is_repaired_and_nobody_hears_of_it() {
    for (mut world, alice, bob) in pairs() {
        for held in [false, true] {
            ring(&mut world, alice, bob, BOTH);
            answer(&mut world, alice, bob);
            if held {
                operate(&mut world, bob, "hold");
            }
            let before = [alice, bob].map(|page| since_login(&world, page).len());
            world.break_media(alice);
            world.run(5_000);
            let after = [alice, bob].map(|page| since_login(&world, page).len());
            assert_eq!(before, after, "{}", world.report());
            world.run(120_000);
            let states = [alice, bob].map(|page| world.pages[page].call().state);
            assert_eq!(states, [if held { CallState::OnHold } else { CallState::Connected }; 2], "{}", world.report());
            operate(&mut world, alice, "end");
            nothing_left(&world);
        }
    }
}

#[test]
fn firefox_restarts_once_more_where_somebody_else_did() {
    for firefox in [[false, false], [false, true], [true, false], [true, true]] {
        for (mut world, alice, bob) in pairs() {
            ring(&mut world, alice, bob, AUDIO);
            answer(&mut world, alice, bob);
            for (page, is_firefox) in [alice, bob].into_iter().zip(firefox) {
                world.pages[page].open_fakes().for_each(|(_, peer)| peer.is_firefox = is_firefox);
            }
            // A change before, by which each side has shown what it is.
            for what in ["hold", "unhold"] {
                operate(&mut world, bob, what);
                operate(&mut world, alice, what);
            }
            let mut transports = Vec::new();
            world.break_media(alice);
            for _ in 0..10_000 {
                transports.extend(world.pages[bob].open_fakes().map(|(_, peer)| peer.ufrag.clone()));
                transports.dedup();
                world.run(1);
            }
            // Alice, who called, restarts; bob in Firefox does so again.
            let expected = if firefox == [false, true] { 3 } else { 2 };
            assert_eq!(transports.len(), expected, "{firefox:?} {}", world.report());
            operate(&mut world, alice, "end");
            nothing_left(&world);
        }
    }
}

#[test]
fn a_media_connection_that_stays_broken_ends_the_call_after_half_a_minute() {
    for (mut world, alice, bob) in pairs() {
        ring(&mut world, alice, bob, AUDIO);
        answer(&mut world, alice, bob);
        world.weather.request_loss = 1_000;
        world.break_media(bob);
        world.run(29_000);
        assert_eq!([alice, bob].map(|page| world.pages[page].call().state), [CallState::Connected; 2]);
        world.run(3_000);
        for page in [alice, bob] {
            let told = since_login(&world, page);
            assert_eq!(told.last().map(String::as_str), Some("call:stateChange call:2"), "{}", world.report());
        }
        nothing_left(&world);
    }
}
