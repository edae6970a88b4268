//! What is too much, what names nothing, and what is received without being sent.

use super::{AUDIO, BOTH, answer, nothing_left, operate, pairs, ring, since_login};
use crate::world::World;
use kandy_core::query::CallState;

/// Operations that wait for their turn in one call (`limits::QUEUED`).
const QUEUED: usize = 16;

fn last(world: &World, page: usize) -> String {
    since_login(world, page).pop().unwrap()
}

#[test]
fn more_operations_than_can_wait_are_refused_and_the_others_have_their_turn() {
    for (mut world, alice, bob) in pairs() {
        ring(&mut world, alice, bob, AUDIO);
        answer(&mut world, alice, bob);
        let (id, before) = (world.pages[alice].call().id.0, since_login(&world, alice).len());
        for n in 0..QUEUED + 3 {
            world.on_call(alice, if n % 2 == 0 { "hold" } else { "unhold" }, &id);
        }
        let told = since_login(&world, alice).split_off(before);
        assert_eq!(told, ["call:stateChange call:6"; 2], "one runs, sixteen wait");
        // What concerns two calls is refused its place, too, and the other call does not wait for it.
        world.make(alice, "carol", AUDIO);
        let other = world.pages[alice].calls().pop().unwrap().id;
        let json = format!(r#"{{"type":"call.consultativeTransfer","callId":"{id}","otherCallId":"{other}"}}"#);
        world.act(alice, &json);
        world.run(30_000);
        let held = world.pages[alice].calls().into_iter().find(|call| call.id.0 == id).unwrap();
        assert_eq!((held.state, held.local_op), (CallState::OnHold, None), "{}", world.report());
        operate(&mut world, bob, "end");
        nothing_left(&world);
    }
}

#[test]
fn nothing_happens_to_a_call_that_does_not_exist() {
    for (mut world, alice, _) in pairs() {
        for (what, more, told) in [
            ("addMedia", r#","media":{"audio":true}"#, "call:newMedia call:7"),
            ("removeMedia", r#","tracks":["x"]"#, "call:removedMedia call:7"),
            ("replaceTrack", r#","trackId":"x","media":{"audio":true}"#, "call:trackReplaced call:7"),
            ("getStats", "", "call:statsReceived call:7"),
            ("sendDTMF", r#","tone":"1""#, "call:error call:7"),
            ("hold", "", "call:error call:7"),
            ("forward", r#","destination":"bob""#, "call:error call:7"),
            ("directTransfer", r#","destination":"bob""#, "call:error call:7"),
        ] {
            world.act(alice, &format!(r#"{{"type":"call.{what}","callId":"nobody"{more}}}"#));
            assert_eq!(last(&world, alice), told, "{what}");
        }
        nothing_left(&world);
    }
}

#[test]
fn an_id_makes_one_call() {
    for (mut world, alice, bob) in pairs() {
        let id = world.make(alice, "bob", AUDIO);
        let json =
            format!(r#"{{"type":"call.make","callId":"{id}","destination":"bob","media":{AUDIO},"options":{{}}}}"#);
        world.act(alice, &json);
        world.run(1_000);
        assert_eq!(world.pages[alice].calls().len(), 1);
        assert_eq!(world.pages[bob].live_calls().len(), 1);
        operate(&mut world, alice, "end");
        nothing_left(&world);
    }
}

#[test]
fn a_page_may_listen_without_sending() {
    for (mut world, alice, bob) in pairs() {
        world.make(alice, "bob", r#"{"receiveAudio":true,"receiveVideo":true}"#);
        world.until("it rings", |w| w.pages[bob].live_calls().iter().any(|c| c.state == CallState::Ringing));
        answer(&mut world, alice, bob);
        let (here, there) = (world.pages[alice].call(), world.pages[bob].call());
        assert_eq!((here.local_tracks.len(), here.remote_tracks.len()), (0, 2), "{}", world.report());
        assert_eq!((there.local_tracks.len(), there.remote_tracks.len()), (2, 0));
        for page in [alice, bob] {
            operate(&mut world, page, "hold");
            operate(&mut world, page, "unhold");
        }
        let states = [alice, bob].map(|page| world.pages[page].call().state);
        assert_eq!(states, [CallState::Connected; 2], "{}", world.report());
        operate(&mut world, alice, "end");
        nothing_left(&world);
    }
}

#[test]
fn who_is_muted_stays_muted_with_another_microphone() {
    for (mut world, alice, bob) in pairs() {
        ring(&mut world, alice, bob, BOTH);
        answer(&mut world, alice, bob);
        let call = world.pages[alice].call();
        let (id, microphone) = (call.id, call.local_tracks[0].clone());
        world.act(alice, &format!(r#"{{"type":"media.muteTracks","trackIds":["{microphone}"]}}"#));
        let json = format!(
            r#"{{"type":"call.replaceTrack","callId":"{id}","trackId":"{microphone}","media":{{"audio":true}}}}"#
        );
        world.act(alice, &json);
        world.run(500);
        let told = since_login(&world, alice);
        // The second is of the new track.
        let wanted = ["media:muted", "media:muted", "call:trackEnded local", "call:trackReplaced"];
        assert_eq!(told[told.len() - 4..], wanted);
        operate(&mut world, alice, "end");
        nothing_left(&world);
    }
}
