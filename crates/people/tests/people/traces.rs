//! Recorded servers, played to our brain: it makes the requests of the released clients, and tells the application what they
//! told, in the same order and with the same documented members, but for what [`MEANT`] lists.
//!
//! | entry | what is done |
//! | --- | --- |
//! | `api` | the page does it |
//! | `http-request` | the page must have asked it, with the same path, query and body |
//! | `http-response` | given to the request with that id |
//! | `ws-message` | handed to the page, but for those of calls |
//!
//! Login and calls are the first engine's: its facts are given instead.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use kandy_wire::{Value, parse};

use crate::{page::Page, player::Player};

/// Where our brain deliberately tells something else: file and role, the place among the recorded events of this type (0 is the
/// first), and what is told instead.
const MEANT: [(&str, &str, &str, usize, &[&str]); 12] = [
    // A value that does not exist was told as a success (api-behaviour 13).
    ("presence", "b", "presence:selfChange", 4, &["presence:error presence:2"]),
    ("presence.link-link", "b", "presence:selfChange", 4, &["presence:error presence:2"]),
    ("presence.link-uc", "b", "presence:selfChange", 4, &["presence:error presence:2"]),
    ("presence.uc-link", "b", "presence:selfChange", 4, &["presence:error presence:2"]),
    // A failed call was told as a success (api-behaviour 11).
    ("quirk-click-to-call-error", "a", "clickToCall:start", 0, &["clickToCall:error clickToCall:1"]),
    ("quirk-click-to-call-error", "a", "clickToCall:start", 1, &["clickToCall:error clickToCall:2"]),
    // 204 is a success; and an answer without the wrapper was not told at all (protocol §0.7).
    ("quirk-empty-bodies", "a", "contacts:error", 0, &["contacts:change", "voicemail:error mwi:1"]),
    // `contacts:new` is documented and was never told (api-behaviour 14).
    ("contacts", "a", "contacts:change", 1, &["contacts:new", "contacts:change"]),
    ("contacts", "a", "contacts:change", 3, &["contacts:new", "contacts:change"]),
    ("contacts.link-uc", "a", "contacts:change", 1, &["contacts:new", "contacts:change"]),
    ("contacts.link-uc", "a", "contacts:change", 3, &["contacts:new", "contacts:change"]),
    ("quirk-empty-bodies", "a", "contacts:change", 0, &["contacts:new", "contacts:change"]),
];

/// Events of login, calls and devices, and the raw notification: the first engine tells them.
const OTHERS: [&str; 6] = ["auth:", "ws:", "devices:", "call:", "notification:", "notifications:"];

#[test]
fn our_brain_tells_what_released_clients_told() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/traces"));
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let (mut events, mut requests, mut meant) = (0, 0, 0);
    for path in &files {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let trace = read(path);
        let own = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/recordings")).join(format!("{name}.json"));
        let shared =
            PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/recordings")).join(format!("{name}.json"));
        let recording = read(if own.exists() { &own } else { &shared });
        for (role, client) in recording["clients"].as_object().unwrap() {
            let mut player = Player::new(role, client, &name);
            for entry in recording["entries"].as_array().unwrap() {
                player.play(entry);
            }
            player.answer_rest();
            assert!(player.page.asked.is_empty(), "{name} {}: {:?}", player.role, player.page.asked);
            let (expected, changed) = expected(&name, &player.role, &trace);
            compare(&name, &player.role, &expected, &mut player.page);
            events += expected.len();
            requests += player.requests;
            meant += changed;
        }
    }
    println!("traces: {} files, {events} events and {requests} requests compared", files.len());
    assert_eq!(meant, MEANT.len(), "a difference that is not met need not be meant");
    assert!(
        files.len() >= 27 && events >= 160 && requests >= 100,
        "{} files, {events} events, {requests} requests",
        files.len()
    );
}

fn read(path: &Path) -> Value {
    parse(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// What has to be told: the recorded events with the meant differences, and how many of those there are.
fn expected(name: &str, role: &str, trace: &Value) -> (Vec<(String, Value)>, usize) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut expected = Vec::new();
    let mut changed = 0;
    for entry in trace["clients"][role]["trace"].as_array().unwrap() {
        let Some(kind) = entry["type"].as_str() else { continue };
        if OTHERS.iter().any(|other| kind.starts_with(other)) {
            continue;
        }
        let place = seen.entry(kind.to_owned()).or_default();
        let meant =
            MEANT.iter().find(|(file, who, event, at, _)| (*file, *who, *event, *at) == (name, role, kind, *place));
        *place += 1;
        match meant {
            None => expected.push((kind.to_owned(), entry["args"][0].clone())),
            Some((.., told)) => {
                changed += 1;
                for one in *told {
                    let (event, code) = one.split_once(' ').unwrap_or((one, ""));
                    let payload = match code {
                        "" if event == "contacts:change" && kind == "contacts:error" => parse("{}").unwrap(),
                        "" => entry["args"][0].clone(),
                        code => parse(&format!(r#"{{"error":{{"code":"{code}"}}}}"#)).unwrap(),
                    };
                    expected.push((event.to_owned(), payload));
                }
            }
        }
    }
    (expected, changed)
}

fn compare(name: &str, role: &str, expected: &[(String, Value)], page: &mut Page) {
    let heard: Vec<_> = page.heard.drain(..).filter(|(event, _)| *event != "people:message").collect();
    let kinds = |events: &[(String, Value)]| events.iter().map(|(event, _)| event.clone()).collect::<Vec<_>>();
    let told: Vec<String> = heard.iter().map(|(event, _)| (*event).to_owned()).collect();
    assert_eq!(told, kinds(expected), "{name} {role}");
    for ((event, theirs), (_, ours)) in expected.iter().zip(&heard) {
        if let Some(missing) = differs(theirs, ours) {
            panic!("{name} {role} {event}: {missing}\n theirs {theirs}\n ours {ours}");
        }
    }
}

/// Every recorded member has to be in ours with the same value. Errors are of one class now, with a sentence of ours.
fn differs(theirs: &Value, ours: &Value) -> Option<String> {
    match (theirs, ours) {
        (Value::Object(theirs), Value::Object(mine)) => {
            if theirs.contains_key("$error") {
                return (ours["name"] != "BasicError").then(|| "an error".to_owned());
            }
            theirs.iter().find_map(|(key, value)| match key.as_str() {
                "message" if mine.contains_key("code") => None,
                "lastUpdated" => mine.get(key).is_none_or(|time| !time.is_u64()).then(|| key.clone()),
                _ => differs(value, mine.get(key).unwrap_or(&Value::Null)).map(|why| format!("{key}: {why}")),
            })
        }
        (Value::Array(theirs), Value::Array(mine)) if theirs.len() == mine.len() => {
            theirs.iter().zip(mine).find_map(|(theirs, ours)| differs(theirs, ours))
        }
        _ => (theirs != ours).then(|| format!("{theirs} is not {ours}")),
    }
}
