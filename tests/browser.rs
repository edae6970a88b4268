//! What only a browser can tell about the hands. One binary, because each starts a browser; its modules mirror `src/`.

#![cfg(target_arch = "wasm32")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests stop at the first surprise; clippy.toml's exception for tests does not know wasm_bindgen_test"
)]

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

#[path = "browser/devices.rs"]
mod devices;
#[path = "browser/driver.rs"]
mod driver;
#[path = "browser/engine.rs"]
mod engine;
#[path = "browser/http.rs"]
mod http;
#[path = "browser/peer.rs"]
mod peer;
#[path = "browser/render.rs"]
mod render;
#[path = "browser/script.rs"]
mod script;
#[path = "browser/socket.rs"]
mod socket;
#[path = "browser/timers.rs"]
mod timers;
#[path = "browser/tracks.rs"]
mod tracks;
#[path = "browser/world.rs"]
mod world;
