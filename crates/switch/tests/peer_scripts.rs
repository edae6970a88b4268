//! The fake peer connection of the pair tests has to behave as real ones do: it runs the operation scripts that the browser
//! tests run on real connections, with equal outcomes.

use std::collections::BTreeMap;

use kandy_core::{
    TrackId,
    ids::StreamId,
    input::{Kind, TrackInfo},
};

#[path = "pair/fake_peer.rs"]
mod fake_peer;
#[path = "../../../tests/browser/script.rs"]
mod script;
use fake_peer::FakePeer;
use script::{Run, Script};

#[test]
fn the_fake_follows_the_scripts() {
    let scripts = script::read(include_str!("../../../tests/peer-scripts.json"));
    assert!(scripts.len() >= 14, "{} scripts were read", scripts.len());
    for script in &scripts {
        play(script, 1);
    }
}

#[test]
fn the_same_seed_makes_the_same_descriptions() {
    let scripts = script::read(include_str!("../../../tests/peer-scripts.json"));
    let of = |seed| format!("{:?}", play(&scripts[0], seed));
    assert_eq!(of(5), of(5));
    assert_ne!(of(5), of(6));
}

#[test]
fn only_connections_that_applied_each_other_meet() {
    let scripts = script::read(include_str!("../../../tests/peer-scripts.json"));
    let mut call = play(&scripts[0], 1);
    let mut other = play(&scripts[0], 2);
    let (mut a, mut b) = (call.remove("a").unwrap(), call.remove("b").unwrap());
    let mut stranger = other.remove("b").unwrap();
    assert!(!a.meet(&mut stranger));
    assert!(a.meet(&mut b));
    assert!(!a.meet(&mut b), "they are connected already");
    assert!(a.fail() && b.fail());
    assert!(!a.meet(&mut b), "with the candidates that failed they do not find each other again");
}

/// Runs one script and returns its connections as they are then.
fn play(script: &Script, seed: u64) -> BTreeMap<String, FakePeer> {
    let mut peers: BTreeMap<String, FakePeer> = BTreeMap::new();
    for (n, name) in ["a", "b"].into_iter().enumerate() {
        let mut peer = FakePeer::new(seed * 10 + n as u64);
        for kind in [Kind::Audio, Kind::Video] {
            let (stream, label) = (StreamId(format!("stream-{name}")), String::new());
            peer.learn(&TrackInfo { id: track(name, kind), stream, kind, label, muted: false });
        }
        peers.insert(name.to_owned(), peer);
    }
    let mut run = Run::default();
    for (n, step) in script.steps.iter().enumerate() {
        assert!(peers.contains_key(&step.peer), "{}: step {n} names no connection", script.name);
        let Some(peer) = peers.get_mut(&step.peer) else { continue };
        let action = run.action(step, |kind| track(&step.peer, kind));
        let facts = peer.act(&action);
        let outcome = run.outcome(step, &action, &facts);
        assert_eq!(outcome, step.gives, "{}, step {n}: {facts:?}", script.name);
        assert_eq!(peer.signaling_state(), step.state, "{}, step {n}", script.name);
    }
    peers
}

fn track(peer: &str, kind: Kind) -> TrackId {
    TrackId(format!("{peer}-{kind:?}"))
}
