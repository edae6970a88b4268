//! Handing the other side on: directly, after consultation, and into a call of three, which this gateway cannot mix.

use super::{ALICE, AUDIO, BOB, BOTH, holds, nothing_left, operate, ring};
use crate::{page::Devices, world::World};
use kandy_core::query::CallState;

const CAROL: &str = "carol@example.com";

/// Alice, bob and carol, logged in; two mixtures of flavours.
fn trios() -> impl Iterator<Item = (World, [usize; 3])> {
    [("1", "v2.0", "1"), ("v2.0", "1", "v2.0")].into_iter().map(|versions| {
        let mut world = World::new(1);
        let pages = [(ALICE, versions.0), (BOB, versions.1), (CAROL, versions.2)];
        let pages = pages.map(|(user, version)| world.page(user, version));
        pages.iter().for_each(|page| world.connect(*page));
        world.until("all are connected", |w| w.pages.iter().all(|p| p.is_connected() == (true, false)));
        (world, pages)
    })
}

/// Alice talks to bob and holds him; returns her call's id.
fn hold(world: &mut World, alice: usize, other: usize, media: &str) -> String {
    let to = world.pages[other].user;
    let id = world.make(alice, to, media);
    world.until("it rings", |w| w.pages[other].live_calls().iter().any(|c| c.state == CallState::Ringing));
    let incoming = world.pages[other].call().id;
    world.act(other, &format!(r#"{{"type":"call.answer","callId":"{incoming}","media":{media}}}"#));
    world.run(500);
    world.on_call(alice, "hold", &id);
    world.run(500);
    assert_eq!(state(world, alice, &id), CallState::OnHold, "{}", world.report());
    id
}

fn state(world: &World, page: usize, id: &str) -> CallState {
    world.pages[page].calls().into_iter().find(|call| call.id.0 == id).unwrap().state
}

fn transfer(world: &mut World, page: usize, id: &str, to: &str) -> Vec<String> {
    let before = world.pages[page].names().len();
    world.act(page, &format!(r#"{{"type":"call.directTransfer","callId":"{id}","destination":"{to}"}}"#));
    world.run(1_000);
    told(world, page, before)
}

fn couple(world: &mut World, page: usize, what: &str, ids: [&str; 2]) -> Vec<String> {
    let before = world.pages[page].names().len();
    let [id, other] = ids;
    world.act(page, &format!(r#"{{"type":"call.{what}","callId":"{id}","otherCallId":"{other}"}}"#));
    world.run(2_000);
    told(world, page, before)
}

/// What a page has heard since then; the ends of several tracks count as one.
fn told(world: &World, page: usize, before: usize) -> Vec<String> {
    let mut names = world.pages[page].names().split_off(before);
    names.dedup_by(|a, b| a == b && a.starts_with("call:trackEnded"));
    names
}

/// The other side's tracks were told as ended when the call was held.
const HANDED_ON: [&str; 2] = ["call:trackEnded local", "call:stateChange (9905)"];

/// The call of each page is with the other, up, and media go both ways.
fn together(world: &World, one: usize, other: usize) {
    let (a, b) = (world.pages[one].call(), world.pages[other].call());
    assert!(world.hear_each_other(&a, &b), "{}", world.report());
    assert_eq!((a.state, b.state), (CallState::Connected, CallState::Connected));
    assert_eq!(a.remote_participant.display_number, world.pages[other].user);
    assert_eq!(b.remote_participant.display_number, world.pages[one].user);
    assert_eq!((a.local_tracks.len(), a.remote_tracks.len()), (b.remote_tracks.len(), b.local_tracks.len()));
}

#[test]
fn e7_s1_a_direct_transfer_connects_the_two_others() {
    for (mut world, [alice, bob, carol]) in trios() {
        for media in [AUDIO, BOTH] {
            let id = hold(&mut world, alice, bob, media);
            assert_eq!(transfer(&mut world, alice, &id, "carol"), HANDED_ON);
            let ringing = world.pages[carol].call();
            assert_eq!((ringing.remote_participant.display_number.as_str(), ringing.is_slow_start), (BOB, Some(true)));
            world.on_call(carol, "answer", &ringing.id.0);
            world.run(2_000);
            together(&world, bob, carol);
            // It is a call like any other.
            for (one, other) in [(bob, carol), (carol, bob)] {
                operate(&mut world, one, "hold");
                assert_eq!(world.pages[other].call().state, CallState::OnHold);
                operate(&mut world, one, "unhold");
                together(&world, bob, carol);
            }
            world.run(120_000);
            together(&world, bob, carol);
            operate(&mut world, carol, "end");
            nothing_left(&world);
        }
    }
}

#[test]
fn e7_a_direct_transfer_that_fails_leaves_the_call_on_hold() {
    for (mut world, [alice, bob, carol]) in trios() {
        let id = hold(&mut world, alice, bob, AUDIO);
        assert_eq!(transfer(&mut world, alice, &id, "nobody"), ["call:stateChange call:2"]);
        world.act(carol, r#"{"type":"disconnect"}"#);
        world.run(1_000);
        assert_eq!(transfer(&mut world, alice, &id, "carol"), ["call:stateChange call:2"]);
        assert_eq!(state(&world, alice, &id), CallState::OnHold);
        assert_eq!(world.pages[alice].call().local_op, None);
        operate(&mut world, alice, "unhold");
        together(&world, alice, bob);
        assert_eq!(transfer(&mut world, alice, &id, "carol"), ["call:stateChange call:6"], "it is not on hold");
        operate(&mut world, bob, "end");
        nothing_left(&world);
    }
}

#[test]
fn e7_s1_a_consultative_transfer_connects_the_two_others() {
    for (mut world, [alice, bob, carol]) in trios() {
        for media in [(AUDIO, AUDIO), (BOTH, AUDIO), (AUDIO, BOTH), (BOTH, BOTH)] {
            let first = hold(&mut world, alice, bob, media.0);
            let second = hold(&mut world, alice, carol, media.1);
            let told = couple(&mut world, alice, "consultativeTransfer", [&first, &second]);
            assert_eq!(told, [HANDED_ON, HANDED_ON].concat(), "{}", world.report());
            world.run(3_000);
            together(&world, bob, carol);
            for (one, other) in [(bob, carol), (carol, bob)] {
                operate(&mut world, one, "hold");
                assert_eq!(world.pages[other].call().state, CallState::OnHold);
                operate(&mut world, one, "unhold");
                together(&world, bob, carol);
            }
            operate(&mut world, bob, "end");
            nothing_left(&world);
        }
    }
}

#[test]
fn s1_whoever_holds_goes_on_holding_after_a_transfer_and_sees_no_hold_of_whom_has_left() {
    for (mut world, [alice, bob, carol]) in trios() {
        let first = hold(&mut world, alice, bob, AUDIO);
        let second = hold(&mut world, alice, carol, AUDIO);
        operate(&mut world, bob, "hold");
        assert_eq!(holds(&world, bob), (CallState::OnHold, true, true));
        let told = couple(&mut world, alice, "consultativeTransfer", [&first, &second]);
        assert_eq!(told, [HANDED_ON, HANDED_ON].concat(), "{}", world.report());
        assert_eq!(holds(&world, bob), (CallState::OnHold, true, false));
        assert_eq!(holds(&world, carol), (CallState::OnHold, false, true));
        operate(&mut world, bob, "unhold");
        together(&world, bob, carol);
        operate(&mut world, bob, "end");
        nothing_left(&world);
    }
}

#[test]
fn what_concerns_two_calls_needs_both_on_hold() {
    for (mut world, [alice, bob, carol]) in trios() {
        let first = hold(&mut world, alice, bob, AUDIO);
        let second = hold(&mut world, alice, carol, AUDIO);
        world.on_call(alice, "unhold", &second);
        world.run(500);
        let both = ["call:stateChange call:6", "call:stateChange call:6"];
        assert_eq!(couple(&mut world, alice, "consultativeTransfer", [&first, &second]), both);
        assert_eq!(couple(&mut world, alice, "join", [&first, &second]), ["call:join call:6"]);
        for ids in [[first.as_str(), "nobody"], ["nobody", first.as_str()], [first.as_str(), first.as_str()]] {
            assert_eq!(couple(&mut world, alice, "consultativeTransfer", ids), ["call:error call:7"]);
            assert_eq!(couple(&mut world, alice, "join", ids), ["call:join call:7"]);
        }
        // Asked for while the second call is being held: they wait for each other, and then it works.
        world.on_call(alice, "hold", &second);
        let told = couple(&mut world, alice, "consultativeTransfer", [&first, &second]);
        assert_eq!(
            told,
            [&["call:trackEnded remote", "call:stateChange"][..], &HANDED_ON, &HANDED_ON].concat(),
            "{}",
            world.report()
        );
        together(&world, bob, carol);
        operate(&mut world, bob, "end");
        nothing_left(&world);
    }
}

#[test]
fn one_of_two_calls_that_ends_takes_the_other_out_of_its_wait() {
    for (mut world, [alice, bob, carol]) in trios() {
        let first = hold(&mut world, alice, bob, AUDIO);
        let second = hold(&mut world, alice, carol, AUDIO);
        let json = format!(r#"{{"type":"call.consultativeTransfer","callId":"{first}","otherCallId":"{second}"}}"#);
        world.act(alice, &json);
        world.on_call(alice, "end", &second);
        world.run(5_000);
        assert_eq!(state(&world, alice, &second), CallState::Ended);
        assert_eq!(state(&world, alice, &first), CallState::OnHold, "{}", world.report());
        assert_eq!(world.pages[alice].call().local_op, None, "{}", world.report());
        operate(&mut world, alice, "unhold");
        together(&world, alice, bob);
        operate(&mut world, bob, "end");
        nothing_left(&world);
    }
}

#[test]
fn e7_a_join_that_the_server_cannot_do_leaves_both_calls_on_hold() {
    for (mut world, [alice, bob, carol]) in trios() {
        let first = hold(&mut world, alice, bob, AUDIO);
        let second = hold(&mut world, alice, carol, AUDIO);
        let told = couple(&mut world, alice, "join", [&first, &second]);
        let failed =
            ["call:trackEnded local", "call:join NO_CODE", "call:stateChange call:2", "call:stateChange call:2"];
        assert_eq!(told, failed, "{}", world.report());
        world.pages[alice].devices = Devices::Refused;
        let told = couple(&mut world, alice, "join", [&first, &second]);
        assert_eq!(told, ["call:join call:4", "call:stateChange call:2", "call:stateChange call:2"]);
        for id in [&first, &second] {
            assert_eq!(state(&world, alice, id), CallState::OnHold);
            world.on_call(alice, "unhold", id);
            world.run(500);
            assert_eq!(state(&world, alice, id), CallState::Connected);
            world.on_call(alice, "end", id);
        }
        world.run(1_000);
        nothing_left(&world);
    }
}

#[test]
fn a_transfer_that_nobody_hears_of_again_is_given_up() {
    for (mut world, [alice, bob, _]) in trios() {
        let id = hold(&mut world, alice, bob, AUDIO);
        world.weather.response_loss = 1_000;
        world.weather.request_loss = 1_000;
        let before = world.pages[alice].names().len();
        world.act(alice, &format!(r#"{{"type":"call.directTransfer","callId":"{id}","destination":"carol"}}"#));
        world.run(30_000);
        assert_eq!(world.pages[alice].names()[before..], ["call:stateChange NO_CODE"], "{}", world.report());
        assert_eq!(state(&world, alice, &id), CallState::OnHold);
        world.weather = crate::network::Weather::FINE;
        world.run(30_000);
        operate(&mut world, alice, "end");
        nothing_left(&world);
    }
}

#[test]
fn a_transferred_party_that_is_ringing_elsewhere_is_not_disturbed() {
    for (mut world, [alice, bob, carol]) in trios() {
        // Bob's second call rings while he is transferred: the two have nothing to do with each other.
        let id = hold(&mut world, alice, bob, AUDIO);
        assert_eq!(transfer(&mut world, alice, &id, "carol"), HANDED_ON);
        ring(&mut world, alice, bob, AUDIO);
        let ringing = world.pages[carol].call().id.0;
        world.on_call(carol, "answer", &ringing);
        world.run(2_000);
        let states: Vec<CallState> = world.pages[bob].live_calls().into_iter().map(|call| call.state).collect();
        assert_eq!(states, [CallState::Connected, CallState::Ringing], "{}", world.report());
        for call in world.pages[bob].live_calls() {
            world.on_call(bob, "end", &call.id.0);
        }
        world.run(1_000);
        nothing_left(&world);
    }
}
