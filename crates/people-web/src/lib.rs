//! The people engine in the browser: carries out what `kandy-people` decides, and tells it what happened. It decides nothing.
//!
//! | module | job |
//! | --- | --- |
//! | this file | [`PeopleEngine`]: what the face in `js/` calls |
//! | `host` | what the face does for it |
//! | `driver` | the only loop: inbox, `handle`, effects |
//! | `requests` | HTTP requests, and the forms of uploads |
//!
//! Timers and HTTP are those of the first engine's hands, `kandy-wasm`. For any other target than `wasm32` the crate is empty.

#![cfg(target_arch = "wasm32")]

mod driver;
mod host;
mod requests;

use std::rc::Rc;

use kandy_people::People;
use wasm_bindgen::prelude::*;

use driver::Driver;
pub use host::Host;

/// The people engine of one client.
#[wasm_bindgen]
#[derive(Debug)]
pub struct PeopleEngine {
    driver: Rc<Driver>,
}

#[wasm_bindgen]
impl PeopleEngine {
    /// Starts one that knows nobody yet. `host` is what the face does for it.
    #[wasm_bindgen(constructor)]
    pub fn new(host: Host) -> Self {
        Self { driver: Driver::start(People::new(kandy_wasm::js::seed()), host) }
    }

    /// Takes one input `{ type, … }` as JSON, and carries out everything that follows from it at once, before it returns.
    /// Called from inside `emit`, the input is handled after the event.
    pub fn tell(&self, input: &str) {
        self.driver.tell(input);
    }

    /// Answers one question `{ type, … }`, both as JSON; `null` when there is no such thing.
    pub fn query(&self, query: &str) -> String {
        self.driver.query(query)
    }
}

/// `free()` gives everything back: requests are cut off, timers stopped. Nothing is reported afterwards.
impl Drop for PeopleEngine {
    fn drop(&mut self) {
        self.driver.stop();
    }
}
