//! The browser's side of the SDK: carries out what `kandy-core` decides, and tells it what happened. It decides nothing.
//!
//! | module | job |
//! | --- | --- |
//! | `engine` | what the face in `js/` calls |
//! | [`driver`] | the only loop: inbox, `handle`, effects |
//! | [`js`] | plain data across the border, the clock, the random seed |
//! | [`web`] | one file for each thing that a browser can do |
//!
//! For any other target than `wasm32` the crate is empty.

#![cfg(target_arch = "wasm32")]

pub mod driver;
#[cfg(feature = "engine")]
mod engine;
pub mod js;
pub mod web;

#[cfg(feature = "engine")]
pub use engine::Engine;
