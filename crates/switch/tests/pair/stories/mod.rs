//! Told stories: what each application hears, in order.

mod bounds;
mod calls;
mod connection;
mod hazards;
mod hold;
mod login;
mod media;
mod operations;
mod people;
mod transfer;
mod truth;

use crate::world::World;
use kandy_core::query::CallState;

pub(super) const ALICE: &str = "alice@example.com";
pub(super) const BOB: &str = "bob@example.com";
pub(super) const AUDIO: &str = r#"{"audio":true}"#;
pub(super) const BOTH: &str = r#"{"audio":true,"video":true}"#;
pub(super) const LOGIN: [&str; 4] = ["auth:change", "ws:change", "ws:change", "auth:change"];

/// Alice and bob, logged in; every mixture of flavours.
pub(super) fn pairs() -> impl Iterator<Item = (World, usize, usize)> {
    [("1", "1"), ("1", "v2.0"), ("v2.0", "1"), ("v2.0", "v2.0")].into_iter().map(|(a, b)| {
        let mut world = World::new(1);
        let (alice, bob) = (world.page(ALICE, a), world.page(BOB, b));
        for page in [alice, bob] {
            world.connect(page);
        }
        world.until("both are connected", |w| w.pages.iter().all(|p| p.is_connected() == (true, false)));
        for page in &world.pages {
            assert_eq!(page.names(), LOGIN, "{}", page.user);
        }
        (world, alice, bob)
    })
}

/// What a page heard since its login.
pub(super) fn since_login(world: &World, page: usize) -> Vec<String> {
    world.pages[page].names().split_off(LOGIN.len())
}

pub(super) fn ring(world: &mut World, alice: usize, bob: usize, media: &str) {
    world.make(alice, "bob", media);
    world.until("it rings on both sides", |w| {
        let ringing = |p: usize| w.pages[p].live_calls().iter().any(|c| c.state == CallState::Ringing);
        ringing(alice) && ringing(bob)
    });
}

pub(super) fn answer(world: &mut World, alice: usize, bob: usize) {
    let id = world.pages[bob].call().id.0;
    world.on_call(bob, "answer", &id);
    world.until("both are connected", |w| {
        [alice, bob].iter().all(|p| w.pages[*p].live_calls().iter().any(|c| c.state == CallState::Connected))
    });
}

pub(super) fn nothing_left(world: &World) {
    for page in &world.pages {
        assert!(page.live_calls().is_empty(), "{}", world.report());
        assert!(page.live_tracks.is_empty(), "{}: devices are free", page.user);
        assert!(page.open_peers.is_empty(), "{}: connections are closed", page.user);
        assert!(page.shown.is_empty(), "{}: nothing is shown", page.user);
    }
}

pub(super) fn holds(world: &World, page: usize) -> (CallState, bool, bool) {
    let call = world.pages[page].call();
    (call.state, call.local_hold == Some(true), call.remote_hold == Some(true))
}

/// Does something with the one call of a page and waits until nothing runs any more.
pub(super) fn operate(world: &mut World, page: usize, what: &str) {
    let id = world.pages[page].call().id.0;
    world.on_call(page, what, &id);
    world.run(500);
}
