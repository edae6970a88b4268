//! What the face calls.

use std::rc::Rc;

use js_sys::Function;
use kandy_core::{Client, Config};
use wasm_bindgen::prelude::*;

use crate::{
    driver::{Driver, Sink},
    js,
};

/// One client: the engine behind one `create()` of the application.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Engine {
    driver: Rc<Driver>,
}

#[wasm_bindgen]
impl Engine {
    /// Starts a client that is not connected.
    ///
    /// * `config` – the merged configuration, plain data
    /// * `on_event` – called with `{ type, payload }` for every event, from inside the engine
    /// * `on_log` – called with a level (`debug`, `info`, `warn`, `error`) and a line
    /// * `edit_sdp` – called with a description, its type and its endpoint (`local`, `remote`) before it is set; returns a promise
    ///   of the description to set. Only where the application has SDP handlers.
    /// * `on_action` – called with the name of every input, what it carries (of commands alone) and how long it took in
    ///   milliseconds, once everything that followed from it is done. Only where the application wants action logs.
    ///
    /// # Errors
    /// An `Error` with a sentence if the configuration is no plain data of the expected shape.
    #[wasm_bindgen(constructor)]
    pub fn new(
        config: &JsValue,
        on_event: Function,
        on_log: Function,
        edit_sdp: Option<Function>,
        on_action: Option<Function>,
    ) -> Result<Engine, JsError> {
        let config: Config = js::text(config)
            .and_then(|text| Config::from_json(&text))
            .map_err(|why| JsError::new(&format!("The configuration cannot be used: {why}")))?;
        let client = Client::new(config, js::seed());
        Ok(Self { driver: Driver::start(Box::new(client), Sink { on_event, on_log, edit_sdp, on_action }) })
    }

    /// Carries out one command `{ type, … }`, and everything that follows from it at once, before it returns. Called from
    /// inside `on_event`, the command is carried out after the event.
    pub fn dispatch(&self, command: &JsValue) {
        self.driver.dispatch(command);
    }

    /// Answers one question `{ type, … }`; `undefined` when there is no such thing.
    pub fn query(&self, query: &JsValue) -> JsValue {
        self.driver.query(query)
    }
}

/// `free()` gives everything back: connections and sockets are closed, microphone and camera released, timers stopped, elements
/// removed. Nothing is reported afterwards.
impl Drop for Engine {
    fn drop(&mut self) {
        self.driver.stop();
    }
}
