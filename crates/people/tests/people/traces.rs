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

use kandy_people::{AskId, Input, Request, Response, To, Upload};
use kandy_wire::{Value, parse};

use crate::page::{Page, show};

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

/// Requests of login and calls.
const OTHER_PATHS: [&str; 5] = ["/auth/", "/subscription", "/callControl", "/calldisposition", "/websocket"];

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

/// One client of a recording.
struct Player {
    page: Page,
    role: String,
    place: String,
    flavour: &'static str,
    user: String,
    login: u64,
    /// Requests by their recorded ids.
    asked: BTreeMap<String, AskId>,
    /// Requests that are not ours.
    others: Vec<String>,
    requests: usize,
    calls: usize,
}

impl Player {
    fn new(role: &str, client: &Value, name: &str) -> Self {
        let kind = client["kind"].as_str().unwrap();
        Self {
            page: Page::out(),
            role: role.to_owned(),
            place: name.to_owned(),
            flavour: if kind.contains("link") { "link" } else { "uc" },
            user: client["user"].as_str().unwrap().to_owned(),
            login: 0,
            asked: BTreeMap::new(),
            others: Vec::new(),
            requests: 0,
            calls: 0,
        }
    }

    fn play(&mut self, entry: &Value) {
        if entry["client"] != self.role.as_str() {
            return;
        }
        let place = format!("{} {} no. {}", self.place, self.role, entry["n"]);
        match entry["type"].as_str().unwrap() {
            "api" if entry["call"].is_string() => self.call(entry),
            "api" => self.run(entry),
            "http-request" => self.request(entry, &place),
            "http-response" => self.response(entry, &place),
            "ws-message" if entry["from"] == "server" => self.told(&entry["body"]),
            _ => {}
        }
    }

    fn request(&mut self, entry: &Value, place: &str) {
        let id = entry["id"].as_str().unwrap().to_owned();
        let path = entry["path"].as_str().unwrap();
        if entry["method"] == "OPTIONS" || OTHER_PATHS.iter().any(|other| path.contains(other)) {
            return self.others.push(id);
        }
        let taken: Vec<AskId> = self.asked.values().copied().collect();
        let found = self.page.asked.iter().find(|(ask, request)| {
            !taken.contains(ask) && request.method == entry["method"] && self.path(request) == path
        });
        let Some((ask, request)) = found else {
            let asked: Vec<String> = self.page.asked.iter().map(|(_, request)| show(request)).collect();
            panic!("{place}: {} {path} was not asked, but {asked:?}", entry["method"])
        };
        assert_eq!(query_of(request), recorded_query(entry), "{place}");
        match (&request.body, &request.file) {
            (Some(body), _) => assert_eq!(parse(body).unwrap(), entry["body"], "{place}"),
            (None, Some(Upload::Text { name, mime, text })) => {
                let form = entry["body"].as_str().unwrap();
                assert!(form.contains(name) && form.contains(mime) && form.contains(text), "{place}: {form}");
            }
            (None, Some(Upload::File(_))) => assert!(entry["body"].as_str().unwrap().contains("file contents")),
            (None, None) => assert!(entry["body"].is_null() || entry["body"] == "", "{place}"),
        }
        self.asked.insert(id, *ask);
        self.requests += 1;
    }

    fn response(&mut self, entry: &Value, place: &str) {
        let id = entry["id"].as_str().unwrap();
        if self.others.iter().any(|other| other == id) {
            return;
        }
        let Some(ask) = self.asked.get(id).copied() else {
            // The answer to a pre-flight that was not written down.
            return assert!(entry["status"] == 204 && entry["body"].is_null(), "{place}");
        };
        self.page.asked.retain(|(there, _)| *there != ask);
        let body = match &entry["body"] {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            json => json.to_string(),
        };
        let content_type = entry["headers"]["content-type"].as_str().map(str::to_owned);
        let status = entry["status"].as_u64().unwrap() as u16;
        self.page.now += 1_000;
        self.page.input(Input::Answer(ask, Ok(Response { status, content_type, body })));
    }

    fn told(&mut self, body: &Value) {
        let notice = &body["notificationMessage"];
        match notice["eventType"].as_str() {
            Some("callEnd") => {
                self.page.json(
                    r#"{"type":"people:call","record":{"callId":"0e78647a-139c-4584-83d7-04da4aabf345","direction":"incoming",
                        "startTime":1,"endTime":9000,"connectedTime":5,"own":{"number":"bob@example.com"},
                        "remote":{"name":"Alice Archer","number":"alice@example.com"}}}"#,
                );
            }
            Some("call" | "ringing" | "respondCallUpdate" | "callCancel") => {}
            _ => self.page.input(Input::Notice(body.clone())),
        }
    }

    fn call(&mut self, entry: &Value) {
        let arguments = entry["args"].as_array().unwrap();
        let given = |at: usize| arguments.get(at).cloned().unwrap_or_default();
        let name = entry["call"].as_str().unwrap();
        let members: &[&str] = match name {
            "connect" => {
                self.login += 1;
                let services = r#"["call","IM","Presence","event:dialog"]"#;
                return self.page.json(&format!(
                    r#"{{"type":"people:session","session":{{"login":{},"flavour":"{}","username":"{}","services":{services},
                        "expires":3600,"connected":true,"once":false}}}}"#,
                    self.login, self.flavour, self.user
                ));
            }
            "disconnect" => return self.page.log_out(),
            "call.end" => {
                self.calls += 1;
                let id = given(0);
                let connected = if self.calls == 1 { "5" } else { "null" };
                return self.page.json(&format!(
                    r#"{{"type":"people:call","record":{{"callId":{id},"direction":"outgoing","startTime":1,"endTime":9000,
                        "connectedTime":{connected},"own":{{"number":"alice@example.com"}},"remote":{{"number":"bob@example.com"}}}}}}"#
                ));
            }
            "call.make" | "call.answer" => return,
            "presence.update" => &["status", "activity", "note"],
            "presence.fetch" | "presence.subscribe" | "presence.unsubscribe" => &["users"],
            "contacts.add" | "contacts.update" => &["contact"],
            "contacts.fetch" | "contacts.remove" => &["contactId"],
            "user.fetch" => &["userId"],
            "user.search" => &["filters", "options"],
            "call.history.fetch" => &["amount", "offset"],
            "call.history.remove" => &["recordId"],
            "clickToCall.make" => &["caller", "callee"],
            "sip.subscribe" => &["eventType", "users", "clientCorrelator", "customParameters"],
            "sip.update" => &["eventType", "userLists", "customParameters"],
            "sip.unsubscribe" => &["eventType"],
            "conversation.fetch" => &["options"],
            "contacts.refresh" | "user.fetchSelfInfo" | "voicemail.fetch" | "call.history.clear" => &[],
            other => panic!("what is {other}?"),
        };
        let mut command = kandy_wire::Map::new();
        command.insert("type".to_owned(), name.replace("call.history", "callHistory").into());
        if name == "clickToCall.make" {
            command.insert("callId".to_owned(), entry["result"].clone());
        }
        for (at, member) in members.iter().enumerate() {
            command.insert((*member).to_owned(), given(at));
        }
        self.page.json(&Value::Object(command).to_string());
    }

    /// Code of the application, for objects with functions.
    fn run(&mut self, entry: &Value) {
        let code = entry["run"].as_str().unwrap();
        let arguments = entry["args"].as_array().unwrap();
        let given = |at: usize| arguments.get(at).cloned().unwrap_or_default();
        let to = if given(0).is_array() { given(0) } else { Value::Array(vec![given(0)]) };
        let kind = if code.contains("type: 'group'") { "group" } else { "im" };
        let chat = format!(r#""destination":{to},"convoType":"{kind}""#);
        let parts = match code {
            _ if code.contains("clearMessages") => {
                for conversation in self.page.query(r#"{"type":"conversation.getAll"}"#).as_array().unwrap() {
                    let (to, kind) = (&conversation["destination"], &conversation["type"]);
                    self.page.json(&format!(
                        r#"{{"type":"conversation.clearMessages","destination":{to},"convoType":{kind}}}"#
                    ));
                }
                return;
            }
            _ if code.contains("fetchMessages(10)") => {
                return self.page.json(&format!(r#"{{"type":"conversation.fetchMessages",{chat},"amount":10}}"#));
            }
            _ if code.contains("deleteMessages") => {
                let ids = given(1);
                return self
                    .page
                    .json(&format!(r#"{{"type":"conversation.deleteMessages",{chat},"messageIds":[{ids}]}}"#));
            }
            _ if code.contains("hello both") => r#"[{"type":"text","text":"hello both"}]"#.to_owned(),
            _ if code.contains("see the attachments") => r#"[{"type":"text","text":"see the attachments"},
                {"type":"json","json":{"answer":42,"list":[1,2]}},
                {"type":"file","file":1,"name":"note.txt","size":13,"mime":"text/plain"}]"#
                .to_owned(),
            _ if code.contains("{ type: 'text', text }") => format!(r#"[{{"type":"text","text":{}}}]"#, given(1)),
            other => panic!("what is {other}?"),
        };
        self.page.json(&format!(r#"{{"type":"conversation.create",{chat}}}"#));
        self.page.json(&format!(r#"{{"type":"conversation.send",{chat},"parts":{parts}}}"#));
    }

    /// Answers that did not pass the recorder: those of the host of files, and empty ones that were made in the page.
    fn answer_rest(&mut self) {
        while let Some((_, request)) = self.page.asked.front() {
            match show(request).as_str() {
                "GET url http://gateway.example/v2.0/rm/file/file-70ed15c92d1f620c" => {
                    self.page.answer(200, r#"{"answer":42,"list":[1,2]}"#);
                }
                "DELETE user addressbook/contacts/bobby" => self.page.answer_as(204, None, ""),
                "GET user voicemail" => self.page.answer_as(500, None, ""),
                _ => return,
            }
        }
    }

    /// The path of a request as it is on the wire.
    fn path(&self, request: &Request) -> String {
        let (of_user, configured) = if self.flavour == "uc" { ("1", "v2.0") } else { ("1", "1") };
        let path = &request.path;
        let user = &self.user;
        match request.to {
            To::User => format!("/rest/version/{of_user}/user/{user}/{path}"),
            To::Configured => format!("/rest/version/{configured}/user/{user}/{path}"),
            To::Service => format!("/{configured}/{path}"),
            To::Server => format!("/rest/version/{of_user}/{path}"),
            To::Url => path.clone(),
        }
    }
}

/// Names and values of a query, sorted.
fn query_of(request: &Request) -> Vec<(String, String)> {
    let names: Vec<&String> = request.query.iter().map(|(name, _)| name).collect();
    assert!(names.is_sorted(), "{names:?}");
    request.query.clone()
}

/// The same of a recorded request, without its token.
fn recorded_query(entry: &Value) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    for (name, value) in entry["query"].as_object().into_iter().flatten().filter(|(name, _)| *name != "token") {
        match value {
            Value::Array(all) => pairs.extend(all.iter().map(|one| (name.clone(), one.as_str().unwrap().to_owned()))),
            one => pairs.push((name.clone(), one.as_str().unwrap().to_owned())),
        }
    }
    pairs
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
