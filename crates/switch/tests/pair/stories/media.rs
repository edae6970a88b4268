//! Adding and removing media, by either side and by both.

use super::{AUDIO, BOTH, answer, nothing_left, operate, pairs, ring};
use crate::{page::Devices, world::World};
use kandy_core::query::CallState;

const PICTURE: &str = r#"{"video":true}"#;

fn add(world: &mut World, page: usize, media: &str) {
    let id = world.pages[page].call().id;
    world.act(page, &format!(r#"{{"type":"call.addMedia","callId":"{id}","media":{media}}}"#));
}

/// Removes the last of a page's own tracks.
fn remove(world: &mut World, page: usize) {
    let call = world.pages[page].call();
    let track = call.local_tracks.last().unwrap();
    world.act(page, &format!(r#"{{"type":"call.removeMedia","callId":"{}","tracks":["{track}"]}}"#, call.id));
}

/// How many tracks each of two pages sends, and what each hears of the other.
fn tracks(world: &World, alice: usize, bob: usize) -> [usize; 4] {
    let (a, b) = (world.pages[alice].call(), world.pages[bob].call());
    [a.local_tracks.len(), b.remote_tracks.len(), b.local_tracks.len(), a.remote_tracks.len()]
}

#[test]
fn s4_s5_pictures_come_and_go_by_either_side() {
    for (mut world, alice, bob) in pairs() {
        ring(&mut world, alice, bob, AUDIO);
        answer(&mut world, alice, bob);
        let story = [
            (alice, true, [2, 2, 1, 1]),
            (bob, true, [2, 2, 2, 2]),
            (alice, false, [1, 1, 2, 2]),
            (alice, true, [2, 2, 2, 2]),
            (bob, false, [2, 2, 1, 1]),
            (alice, false, [1, 1, 1, 1]),
            (bob, true, [1, 1, 2, 2]),
        ];
        for (step, (who, adds, wanted)) in story.into_iter().enumerate() {
            let before = world.pages[who].names().len();
            if adds {
                add(&mut world, who, PICTURE)
            } else {
                remove(&mut world, who)
            }
            world.run(500);
            assert_eq!(tracks(&world, alice, bob), wanted, "step {step}\n{}", world.report());
            let heard = if adds {
                ["call:newTrack local", "call:newMedia"]
            } else {
                ["call:trackEnded local", "call:removedMedia"]
            };
            assert_eq!(world.pages[who].names()[before..], heard, "step {step}");
        }
        operate(&mut world, alice, "end");
        nothing_left(&world);
    }
}

#[test]
fn r1_both_add_a_picture_at_once() {
    for (mut world, alice, bob) in pairs() {
        for wait in [0, 3, 6, 9, 14] {
            ring(&mut world, alice, bob, AUDIO);
            answer(&mut world, alice, bob);
            add(&mut world, alice, PICTURE);
            world.run(wait);
            add(&mut world, bob, PICTURE);
            world.run(15_000);
            assert_eq!(tracks(&world, alice, bob), [2, 2, 2, 2], "{wait} ms apart\n{}", world.report());
            operate(&mut world, alice, "end");
            nothing_left(&world);
        }
    }
}

#[test]
fn h11_what_is_held_after_a_removal_comes_back_without_it() {
    for (mut world, alice, bob) in pairs() {
        ring(&mut world, alice, bob, BOTH);
        answer(&mut world, alice, bob);
        remove(&mut world, alice);
        world.run(500);
        operate(&mut world, bob, "hold");
        operate(&mut world, bob, "unhold");
        assert_eq!(tracks(&world, alice, bob), [1, 1, 2, 2], "{}", world.report());
        operate(&mut world, bob, "end");
        nothing_left(&world);
    }
}

#[test]
fn what_cannot_be_changed_is_said_and_leaves_no_device_open() {
    for (mut world, alice, bob) in pairs() {
        ring(&mut world, alice, bob, AUDIO);
        let told = |world: &World, before: usize| world.pages[alice].names().split_off(before);
        let refuse = |world: &mut World, wanted: &str, act: &dyn Fn(&mut World)| {
            let before = world.pages[alice].names().len();
            act(world);
            world.run(500);
            assert_eq!(told(world, before), [wanted]);
        };
        refuse(&mut world, "call:newMedia call:6", &|w| add(w, alice, PICTURE));
        answer(&mut world, alice, bob);
        refuse(&mut world, "call:newMedia call:4", &|w| add(w, alice, "{}"));
        refuse(&mut world, "call:newMedia call:7", &|w| {
            w.act(alice, r#"{"type":"call.addMedia","callId":"nope","media":{"audio":true}}"#);
        });
        for tracks in ["[]", r#"["nope"]"#] {
            refuse(&mut world, "call:removedMedia call:7", &|w| {
                let id = w.pages[alice].call().id;
                w.act(alice, &format!(r#"{{"type":"call.removeMedia","callId":"{id}","tracks":{tracks}}}"#));
            });
        }
        world.pages[alice].devices = Devices::Refused;
        refuse(&mut world, "call:newMedia call:4", &|w| add(w, alice, PICTURE));
        world.pages[alice].devices = Devices::Fine;

        // The server cannot be reached: the camera is given back, and it may be tried again.
        world.weather.request_loss = 1000;
        let before = world.pages[alice].names().len();
        add(&mut world, alice, PICTURE);
        world.run(21_000);
        assert_eq!(told(&world, before), ["call:newTrack local", "call:trackEnded local", "call:newMedia NO_CODE"]);
        world.weather.request_loss = 0;
        assert_eq!(tracks(&world, alice, bob), [1, 1, 1, 1]);
        add(&mut world, alice, PICTURE);
        world.run(500);
        assert_eq!(tracks(&world, alice, bob), [2, 2, 1, 1], "{}", world.report());
        assert_eq!(world.pages[alice].call().state, CallState::Connected);
        operate(&mut world, bob, "end");
        nothing_left(&world);
    }
}
