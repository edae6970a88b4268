//! What the face does for the engine: `PeopleHost` of `js/contract.ts`.

use js_sys::{Array, Reflect};
use kandy_core::effect::HttpRequest;
use kandy_people::{FileId, Request};
use wasm_bindgen::prelude::*;
use web_sys::Blob;

#[wasm_bindgen]
extern "C" {
    /// The face.
    #[derive(Debug)]
    pub type Host;

    #[wasm_bindgen(method, structural, catch)]
    fn address(this: &Host, to: &str, path: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, structural, catch)]
    fn file(this: &Host, number: f64) -> Result<Option<Blob>, JsValue>;

    #[wasm_bindgen(method, structural, catch)]
    fn emit(this: &Host, event: &str, payload: &str) -> Result<(), JsValue>;

    #[wasm_bindgen(method, structural, catch)]
    fn log(this: &Host, level: &str, line: &str) -> Result<(), JsValue>;
}

impl Host {
    /// Tells the application.
    pub(crate) fn tell(&self, event: &str, payload: &str) {
        if self.emit(event, payload).is_err() {
            self.write("error", "an event could not be told");
        }
    }

    /// Writes a log line.
    pub(crate) fn write(&self, level: &str, line: &str) {
        // A log that throws has nobody left to tell.
        drop(self.log(level, line));
    }

    /// The file of this number.
    pub(crate) fn held(&self, file: FileId) -> Option<Blob> {
        self.file(file.0 as f64).ok().flatten()
    }

    /// The whole request, by the address that the first engine lends; `None` if nobody is logged in.
    pub(crate) fn whole(&self, request: &Request) -> Option<HttpRequest> {
        let mut path = request.path.clone();
        if !request.query.is_empty() {
            path.push('?');
            path.push_str(&request.query_text());
        }
        let lent = self.address(request.to.name(), &path).ok()?;
        let url = Reflect::get(&lent, &"url".into()).ok()?.as_string()?;
        let headers = Reflect::get(&lent, &"headers".into()).ok().and_then(|headers| headers.dyn_into::<Array>().ok());
        let headers = headers.iter().flat_map(Array::iter).filter_map(|entry| {
            let entry: Array = entry.unchecked_into();
            let name = entry.get(0).as_string()?;
            Some((*HEADERS.iter().find(|known| **known == name)?, entry.get(1).as_string()?))
        });
        // A form names its own type, with the boundary in it.
        let headers = headers.filter(|(name, _)| request.file.is_none() || *name != "content-type").collect();
        let body = request.body.clone();
        Some(HttpRequest { method: request.method, url, headers, body, timeout: TIMEOUT, keepalive: false })
    }
}

/// Those that an address comes with (protocol §0.5).
const HEADERS: [&str; 5] = ["accept", "authorization", "content-type", "x-session", "x-token"];

/// Milliseconds after which a request is given up: a file of 10 MiB takes 80 s at 1 Mbit/s.
const TIMEOUT: u64 = 120_000;
