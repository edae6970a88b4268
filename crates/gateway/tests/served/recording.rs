//! Recordings of released clients: `tests/recordings`, as they were made.

use std::{collections::BTreeMap, path::PathBuf};

use serde::Deserialize;
use serde_json::{Value, value::RawValue};

/// One file.
#[derive(Deserialize)]
pub(crate) struct Recording {
    pub(crate) clients: BTreeMap<String, Client>,
    pub(crate) entries: Vec<Entry>,
}

#[derive(Deserialize)]
pub(crate) struct Client {
    pub(crate) user: String,
}

/// What passed between a client and the server.
#[derive(Clone, Deserialize)]
pub(crate) struct Entry {
    pub(crate) n: u32,
    pub(crate) client: Option<String>,
    #[serde(flatten)]
    pub(crate) what: What,
}

#[derive(Clone, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub(crate) enum What {
    #[serde(rename_all = "camelCase")]
    HttpRequest {
        id: String,
        method: String,
        raw_url: String,
        headers: BTreeMap<String, String>,
        body: Option<Value>,
    },
    HttpResponse {
        id: String,
        status: u16,
        headers: BTreeMap<String, String>,
        body: Option<Value>,
    },
    WsConnect {
        id: String,
        path: String,
        query: Option<BTreeMap<String, String>>,
    },
    WsOpen,
    WsMessage {
        id: String,
        from: Side,
        body: Value,
    },
    WsClose {
        id: String,
        by: Side,
        code: Option<u16>,
    },
    /// What was done to the server or the network.
    Harness {
        note: String,
    },
    /// What the application did; the server has no part in it, but for tokens that come with it.
    Api {
        #[serde(default)]
        args: Value,
    },
    /// What the application saw.
    Event,
}

#[derive(Deserialize, Clone, Copy, PartialEq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Side {
    Client,
    Server,
}

/// The bodies as text, by entry number: what a client sends is sent as it was recorded, not as our types would write it.
#[derive(Deserialize)]
struct Bodies<'a> {
    #[serde(borrow)]
    entries: Vec<Body<'a>>,
}

#[derive(Deserialize)]
struct Body<'a> {
    n: u32,
    #[serde(borrow)]
    body: Option<&'a RawValue>,
}

fn folder(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests")).join(name)
}

/// Names of the recordings in a folder of `tests`.
pub(crate) fn files(name: &str) -> Vec<String> {
    let files = std::fs::read_dir(folder(name)).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    files.filter(|file| file.ends_with(".json")).collect()
}

/// A recording, and the text of every body in it.
pub(crate) fn read(file: &str) -> (Recording, BTreeMap<u32, String>) {
    let text = std::fs::read_to_string(folder("recordings").join(file)).unwrap();
    let recording = serde_json::from_str(&text).unwrap();
    let bodies: Bodies<'_> = serde_json::from_str(&text).unwrap();
    let bodies = bodies.entries.into_iter().filter_map(|entry| Some((entry.n, entry.body?.get().to_owned())));
    (recording, bodies.collect())
}
