//! Requests and sockets, as a gateway hands them to its switch: several in a row, while time goes on.

use crate::{
    router::{World, steps},
    text,
};

/// Plays a story against a real switch with some users; the form of a story stands in `router/steps.rs`.
///
/// What must hold: no panic; every response is JSON in the wrapper that the client of its path reads; every frame is one that our
/// client can read, for a socket that is open; nobody of a realm of their own is seen from outside; what waits is bounded and has an end; and what a switch saves can be restored.
pub fn http_router(data: &[u8]) {
    let (text, mut world) = (text(data), World::new());
    for step in steps(&text) {
        world.step(&step);
    }
    world.end();
}
