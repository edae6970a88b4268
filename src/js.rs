//! What crosses the border to JavaScript: plain data both ways, the clock, and chance.

use std::cell::Cell;

use js_sys::{JSON, Math, Object, Reflect};
use kandy_core::{Event, Now, OpId, event::StatsEvent};
use kandy_wire::Value;
use serde::Serialize;
use wasm_bindgen::prelude::*;

/// Plain data as text: what `JSON.stringify` keeps of it.
///
/// # Errors
/// A sentence, if it keeps nothing.
pub fn text(data: &JsValue) -> Result<String, String> {
    let text = JSON::stringify(data).map_err(|_| "it is not plain data")?;
    Ok(text.as_string().ok_or("it is undefined")?)
}

/// Writes plain data; a member that is `None` is there and `undefined`. By way of JSON, which the engine writes anyway: a second
/// way from Rust's types to JavaScript's was 5 % of its size.
pub fn write<T: Serialize>(data: &T) -> JsValue {
    let value = JSON::parse(&kandy_wire::encode(data)).unwrap_or(JsValue::NULL);
    without_null(&value)
}

/// Our own data have no `null`: what JSON had to write as such is `undefined`.
fn without_null(value: &JsValue) -> JsValue {
    if value.is_null() {
        return JsValue::UNDEFINED;
    }
    if let Some(object) = value.dyn_ref::<Object>() {
        for name in Object::keys(object) {
            let member = Reflect::get(object, &name).unwrap_or_default();
            if member.is_null() || member.is_object() {
                // Setting a member of a fresh object cannot fail.
                let _ = Reflect::set(object, &name, &without_null(&member));
            }
        }
    }
    value.clone()
}

/// An event as `{ type, payload }`; `report` gives the statistics that it is about.
pub fn event(event: &Event, report: impl FnOnce(OpId) -> Option<JsValue>) -> JsValue {
    match event {
        // The server's own JSON: its `null` stays `null`.
        Event::NotificationReceived { payload, people } => {
            let payload = object(&[("payload", &json(payload))]);
            object(&[("type", &"notification:received".into()), ("payload", &payload), ("people", &(*people).into())])
        }
        Event::CallStatsReceived(StatsEvent { result: Some(op), .. }) => {
            let written = write(event);
            let payload = Reflect::get(&written, &"payload".into()).unwrap_or_default();
            // Setting a member of a fresh object cannot fail.
            let _ = Reflect::set(&payload, &"result".into(), &report(*op).unwrap_or_default());
            written
        }
        other => write(other),
    }
}

/// A text that the face unpacks, with what only few pages need and load: `{ type: 'unpack', payload: { op, packed } }`.
pub fn packed(op: OpId, packed: &str) -> JsValue {
    object(&[("type", &"unpack".into()), ("payload", &object(&[("op", &write(&op)), ("packed", &packed.into())]))])
}

/// Milliseconds since the epoch. Never runs backwards, whatever the computer's clock is set to. The steady clock of the page may
/// stand still while the computer sleeps; that time passed is then seen by the other one.
pub fn now() -> Now {
    let performance = web_sys::window().and_then(|window| window.performance());
    let wall = js_sys::Date::now();
    let steady = performance.map_or(wall, |p| p.time_origin() + p.now());
    SLEPT.with(|slept| {
        if wall - (steady + slept.get()) > SLEEP {
            slept.set(wall - steady);
        }
        Now((steady + slept.get()) as u64)
    })
}

/// Milliseconds of the steady clock, for how long something took.
pub fn steady() -> f64 {
    web_sys::window().and_then(|window| window.performance()).map_or_else(js_sys::Date::now, |p| p.now())
}

/// A member of an object that is a text.
pub fn member(object: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(object, &name.into()).ok().filter(JsValue::is_string)
}

thread_local! {
    /// Milliseconds by which the wall clock has got ahead of the steady one.
    static SLEPT: Cell<f64> = const { Cell::new(0.0) };
}

/// Milliseconds; the two clocks of a browser differ by less while it is awake.
const SLEEP: f64 = 2_000.0;

/// Unpredictable where the browser has a source for that, as all of today have.
pub fn seed() -> u64 {
    let mut bytes = [0; 8];
    let crypto = web_sys::window().and_then(|window| window.crypto().ok());
    match crypto.and_then(|crypto| crypto.get_random_values_with_u8_array(&mut bytes).ok()) {
        Some(_) => u64::from_ne_bytes(bytes),
        None => (Math::random() * u64::MAX as f64) as u64,
    }
}

/// An object with these members.
pub fn object(members: &[(&str, &JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in members {
        // Setting a member of a fresh object cannot fail.
        let _ = Reflect::set(&object, &(*name).into(), value);
    }
    object.into()
}

/// JSON as it is, `null` included.
pub fn json(value: &Value) -> JsValue {
    JSON::parse(&kandy_wire::encode(value)).unwrap_or(JsValue::NULL)
}
