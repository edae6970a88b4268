//! The files: a server that misbehaves is in `tests/quirks`, with what its clients heard; another one is in `tests/recordings`,
//! whole, and what its clients heard in `tests/quirks/heard`.

use std::collections::{BTreeSet, VecDeque};

use kandy_wire::Value;

/// A recording; its clients have what they heard as `heard`.
pub(super) fn read(name: &str) -> Value {
    if name.starts_with("quirk-") {
        return file(&format!("quirks/{name}"));
    }
    let mut recording = file(&format!("recordings/{name}"));
    let heard = file(&format!("quirks/heard/{name}"));
    for (role, client) in recording["clients"].as_object_mut().unwrap() {
        client["heard"] = heard[role].clone();
    }
    recording
}

/// The entries that are played: neither pre-flights, which the browser does by itself, nor what the clients sent over the
/// WebSocket, nor remarks.
pub(super) fn played(recording: &Value) -> VecDeque<Value> {
    let entries = recording["entries"].as_array().unwrap();
    let preflights: BTreeSet<&str> =
        entries.iter().filter(|entry| entry["method"] == "OPTIONS").filter_map(|entry| entry["id"].as_str()).collect();
    let is_played = |entry: &&Value| match entry["type"].as_str().unwrap() {
        "event" | "harness" => false,
        "http-request" | "http-response" => !preflights.contains(entry["id"].as_str().unwrap()),
        "ws-message" => entry["from"] != "client",
        _ => true,
    };
    entries.iter().filter(is_played).cloned().collect()
}

fn file(path: &str) -> Value {
    let path = format!("{}/../../tests/{path}.json", env!("CARGO_MANIFEST_DIR"));
    kandy_wire::parse(&std::fs::read_to_string(path).unwrap()).unwrap()
}
