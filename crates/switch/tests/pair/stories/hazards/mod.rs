//! Situations in which clients of this kind failed (`docs/hazards.md`). The number of the row begins each test's name; tests of
//! other files that cover a row bear its number, too.

mod ends;
mod hold;
mod races;
mod sdp;

use kandy_core::{effect::Direction, input::Kind, query::CallState};

use super::{ALICE, BOTH};
use crate::{phone::Phone, world::World};

/// Sound and picture.
const KINDS: [Kind; 2] = [Kind::Audio, Kind::Video];
const FLOWING: [Direction; 2] = [Direction::SendRecv; 2];
const HELD: [Direction; 2] = [Direction::Inactive; 2];
/// A server that plays music to the held side.
const MUSIC: [Direction; 2] = [Direction::SendOnly, Direction::Inactive];

/// Alice, logged in, in either flavour; the server of her calls is played by hand.
fn desks() -> impl Iterator<Item = (World, usize)> {
    ["1", "v2.0"].into_iter().map(|version| {
        let mut world = World::new(1);
        let alice = world.page(ALICE, version);
        world.connect(alice);
        world.until("she is connected", |w| w.pages[alice].is_connected() == (true, false));
        world.play_server(alice);
        (world, alice)
    })
}

/// A telephone that has not called alice before.
fn telephone(world: &mut World, alice: usize, kinds: &[Kind]) -> Phone {
    let session = format!("desk-{}", world.number());
    Phone::new(alice, &session, kinds)
}

/// A telephone has called alice and she has answered, with sound and picture on both sides.
fn talking(world: &mut World, alice: usize) -> Phone {
    let mut phone = telephone(world, alice, &KINDS);
    phone.call(world, plainly);
    phone.is_answered(world, BOTH);
    world.until("they talk", |w| w.pages[alice].call().state == CallState::Connected);
    phone
}

/// In the words of a browser.
fn plainly(sdp: String) -> String {
    sdp
}

/// Does something with the one call of a page.
fn act(world: &mut World, page: usize, what: &str, more: &str) {
    let id = world.pages[page].call().id;
    world.act(page, &format!(r#"{{"type":"call.{what}","callId":"{id}"{more}}}"#));
}

/// What a page heard since it had heard so much.
fn since(world: &World, page: usize, before: usize) -> Vec<String> {
    world.pages[page].names().split_off(before)
}

/// How many tracks of its own and of the other side a page's call has.
fn tracks(world: &World, page: usize) -> (usize, usize) {
    let call = world.pages[page].call();
    (call.local_tracks.len(), call.remote_tracks.len())
}

/// The direction of each section of a description.
fn directions(sdp: &str) -> Vec<&str> {
    let known = ["sendrecv", "sendonly", "recvonly", "inactive"];
    sdp.lines().filter_map(|line| line.strip_prefix("a=")).filter(|text| known.contains(text)).collect()
}
