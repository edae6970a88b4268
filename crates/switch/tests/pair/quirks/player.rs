//! Plays the server's side of a recording to our clients, entry by entry in the recorded order.
//!
//! | entry | what is done |
//! | --- | --- |
//! | `api` | the page does it, once everything that is under way in the pages has come to rest |
//! | `http-request` | waited for: the page has to make this request by itself, with the recorded session ids |
//! | `http-response` | given to the request with that id |
//! | `ws-connect`, `ws-open` | waited for; reported |
//! | `ws-message` | handed to the page |
//! | `ws-close` | reported, or where the client did it, made sure of |
//!
//! So every message of the server comes after exactly those requests that it followed in the recording, whatever the clock
//! says; only where the recording has a pause, the pages get time to come to rest. Where our client rightly does something
//! else, the test skips an entry or answers a request itself, and says why.
//!
//! Descriptions of the other side are given to the page as the real browser wrote them: the mids of the fake browser are those
//! that Chromium gives, so none has to be changed.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use kandy_core::{
    Config, Input, SocketId,
    effect::HttpRequest,
    input::{HttpFailure, HttpResponse, SocketFact},
    query::CallObject,
};
use kandy_wire::Value;

use super::{
    asked::{Asked, media, wish, words},
    clock::{Due, PATIENCE},
    recording,
};
use crate::{
    page::Page,
    traces::{self, LEFT_OUT, by_call},
};

/// Milliseconds between two recorded entries after which everything that was under way had come to rest.
const PAUSE: u64 = 100;

pub(super) struct Player {
    pub(super) name: String,
    clients: Vec<(String, Value)>,
    pub(super) pages: Vec<Page>,
    /// What is left of the recording.
    pub(super) entries: VecDeque<Value>,
    pub(super) now: u64,
    /// Milliseconds in which a client must do what it is expected to do.
    pub(super) patience: u64,
    /// When the last entry was recorded.
    played: u64,
    /// So many things were scheduled, or calls made.
    pub(super) count: u64,
    pub(super) agenda: BTreeMap<(u64, u64), (usize, Due)>,
    /// Requests without an answer.
    pub(super) waiting: Vec<Asked>,
    /// Requests that the recording names, by the recorded id.
    requests: BTreeMap<String, Asked>,
    /// Sockets that were asked for and not connected yet.
    pub(super) dialling: VecDeque<(usize, SocketId)>,
    /// Sockets by their recorded id.
    sockets: BTreeMap<String, (usize, SocketId)>,
    /// Sockets that the pages closed.
    pub(super) closed: BTreeSet<(usize, SocketId)>,
    /// Everything that the pages asked for, by page.
    pub(super) sent: Vec<(usize, HttpRequest)>,
    /// Addresses of the sockets that the pages opened.
    pub(super) addresses: Vec<(usize, String)>,
    /// What the pages said on their sockets.
    pub(super) frames: Vec<(usize, String)>,
    /// Recorded ids of calls by page, and what they are called here.
    calls: BTreeMap<(usize, String), String>,
}

impl Player {
    /// Opens one page per recorded client, with the recorded configuration.
    pub(super) fn new(name: &str) -> Self {
        let recording = recording::read(name);
        let clients: Vec<(String, Value)> = recording["clients"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(role, client)| (role.clone(), client.clone()))
            .collect();
        let page = |(i, (_, client)): (usize, &(String, Value))| {
            let user = match client["user"].as_str().unwrap() {
                "alice@example.com" => "alice@example.com",
                "bob@example.com" => "bob@example.com",
                "carol@example.com" => "carol@example.com",
                other => panic!("who is {other}?"),
            };
            Page::configured(user, Config::from_json(&kandy_wire::encode(&client["config"])).unwrap(), i as u64 + 1)
        };
        let pages = clients.iter().enumerate().map(page).collect();
        Self {
            name: name.to_owned(),
            clients,
            pages,
            entries: recording::played(&recording),
            now: 1_800_000_000_000,
            patience: PATIENCE,
            played: 0,
            count: 0,
            agenda: BTreeMap::new(),
            waiting: Vec::new(),
            requests: BTreeMap::new(),
            dialling: VecDeque::new(),
            sockets: BTreeMap::new(),
            closed: BTreeSet::new(),
            sent: Vec::new(),
            addresses: Vec::new(),
            frames: Vec::new(),
            calls: BTreeMap::new(),
        }
    }

    /// Plays what is left, lets `milliseconds` pass, and makes sure that nothing was asked that the recording does not know.
    pub(super) fn play(&mut self, milliseconds: u64) {
        self.play_to(u64::MAX);
        self.run(milliseconds);
        let open: Vec<&str> = self.waiting.iter().map(|asked| asked.what.as_str()).collect();
        assert!(open.is_empty(), "{}: asked beyond the recording: {open:?}\n{}", self.name, self.report());
    }

    /// Plays the entries up to the one with the recorded number `n`, which is played too, and lets the pages come to rest.
    pub(super) fn play_to(&mut self, n: u64) {
        while self.entries.front().is_some_and(|entry| number(entry) <= n) {
            if let Some(entry) = self.entries.pop_front() {
                self.entry(&entry);
            }
        }
        self.settle();
    }

    /// Leaves the entry with the recorded number `n` out, and returns it.
    pub(super) fn skip(&mut self, n: u64) -> Value {
        let at = self.entries.iter().position(|entry| number(entry) == n);
        at.and_then(|at| self.entries.remove(at)).unwrap_or_else(|| panic!("{}: there is no entry {n}", self.name))
    }

    /// The entry with the recorded number `n`, which is not played yet.
    pub(super) fn entry_of(&self, n: u64) -> &Value {
        self.entries.iter().find(|entry| number(entry) == n).expect("an entry that is not played yet")
    }

    /// The application of a page does something.
    pub(super) fn act(&mut self, role: &str, json: &str) {
        let page = self.page(role);
        let errands = self.pages[page].command(self.now, json);
        self.run_errands(page, errands);
    }

    /// Answers a request that the recording does not know, and returns its body. `what` is as [`words`] writes it.
    pub(super) fn answer(&mut self, role: &str, what: &str, status: u16, body: &str) -> Value {
        let asked = self.expect(self.page(role), what);
        let sent = asked.body.clone();
        self.respond(&asked, status, body.to_owned());
        self.settle();
        sent
    }

    /// A request comes to nothing: there is no network.
    pub(super) fn lose(&mut self, role: &str, what: &str) {
        let asked = self.expect(self.page(role), what);
        let failure = HttpFailure { name: "TypeError".to_owned(), message: "Network request failed".to_owned() };
        self.feed(asked.page, Input::Http(asked.op, Err(failure)));
    }

    /// An attempt of a page to open a socket fails.
    pub(super) fn refuse_socket(&mut self, role: &str) {
        let (page, socket) = self.dialled(self.page(role));
        self.feed(page, Input::Socket(socket, SocketFact::Closed { code: 1006 }));
    }

    /// Hands a message of the server to a page.
    pub(super) fn tell(&mut self, role: &str, message: &Value) {
        let page = self.page(role);
        let socket = self.sockets.values().rev().find(|(owner, _)| *owner == page).copied().expect("a socket");
        self.feed(page, Input::Socket(socket.1, SocketFact::Frame(kandy_wire::encode(message))));
        self.settle();
    }

    pub(super) fn page(&self, role: &str) -> usize {
        self.clients.iter().position(|(name, _)| name == role).expect("a recorded client")
    }

    /// The last call of a page.
    pub(super) fn call(&self, role: &str) -> CallObject {
        self.pages[self.page(role)].calls().pop().expect("a call")
    }

    /// What the recorded client heard, in the form in which it is compared.
    pub(super) fn recorded(&self, role: &str) -> Vec<String> {
        let mut ended: Vec<&Value> = Vec::new();
        let mut all = Vec::new();
        for event in self.clients[self.page(role)].1["heard"].as_array().unwrap() {
            let (kind, payload) = (event["event"].as_str().unwrap(), &event["payload"]);
            let track = &payload["trackId"];
            // After a hold, released clients tell each end of a remote track twice (api-behaviour 7.10).
            let again = kind == "call:trackEnded" && ended.contains(&track);
            if again || LEFT_OUT.contains(&kind) {
                continue;
            }
            match kind {
                "call:trackEnded" => ended.push(track),
                "call:newTrack" => ended.retain(|id| *id != track),
                _ => {}
            }
            all.push((payload["callId"].as_str().unwrap_or_default().to_owned(), traces::words(kind, payload)));
        }
        by_call(all)
    }

    /// Each page that is named heard what the recorded client heard.
    pub(super) fn same(&self, roles: &[&str]) {
        for role in roles {
            self.heard(role, &self.recorded(role));
        }
    }

    /// The page heard this.
    pub(super) fn heard(&self, role: &str, wanted: &[String]) {
        let heard = by_call(traces::heard(&self.pages[self.page(role)]));
        assert_eq!(heard, wanted, "{}, {role}\n{}", self.name, self.report());
    }

    /// Names of the events of a page since its login.
    pub(super) fn names(&self, role: &str) -> Vec<String> {
        let names = self.pages[self.page(role)].names();
        let login = ["auth:change", "ws:change", "ws:change", "auth:change"];
        assert_eq!(names[..login.len()], login, "{}: the login", self.name);
        names[login.len()..].to_vec()
    }

    /// Every call is over; no track, no peer connection and no timer of a call is left.
    pub(super) fn nothing_left(&self) {
        for page in &self.pages {
            assert!(page.live_calls().is_empty(), "{}\n{}", self.name, self.report());
            assert!(page.live_tracks.is_empty() && page.open_peers.is_empty(), "{}\n{}", self.name, self.report());
        }
    }

    pub(super) fn report(&self) -> String {
        let page = |p: &Page| format!("{}: {:?}\n  {}", p.user, p.names(), p.log.join("\n  "));
        self.pages.iter().map(page).collect::<Vec<_>>().join("\n")
    }

    fn entry(&mut self, entry: &Value) {
        let text = |key: &str| entry[key].as_str().unwrap_or_default().to_owned();
        let time = entry["t"].as_u64().unwrap();
        if time.saturating_sub(std::mem::replace(&mut self.played, time)) >= PAUSE {
            self.settle();
        }
        match entry["type"].as_str().unwrap() {
            "api" => {
                self.settle();
                self.api(self.page(&text("client")), entry);
            }
            "http-request" => {
                let what = words(&text("method"), &text("path"), &entry["body"]);
                let asked = self.expect(self.page(&text("client")), &what);
                let (ours, theirs) = (media(&asked.body), media(&entry["body"]));
                assert_eq!(ours, theirs, "{}: media of entry {}", self.name, entry["n"]);
                assert_eq!(wish(&asked.body), wish(&entry["body"]), "{}: body of entry {}", self.name, entry["n"]);
                self.requests.insert(text("id"), asked);
            }
            "http-response" => {
                // Its request may have been skipped.
                if let Some(asked) = self.requests.remove(&text("id")) {
                    let body = entry.get("body").filter(|body| !body.is_null()).map(kandy_wire::encode);
                    self.respond(&asked, entry["status"].as_u64().unwrap() as u16, body.unwrap_or_default());
                }
            }
            "ws-connect" => {
                let socket = self.dialled(self.page(&text("client")));
                self.sockets.insert(text("id"), socket);
            }
            "ws-open" => {
                let (page, socket) = self.sockets[&text("id")];
                self.feed(page, Input::Socket(socket, SocketFact::Opened));
            }
            "ws-message" => {
                let (page, socket) = self.sockets[&text("id")];
                self.feed(page, Input::Socket(socket, SocketFact::Frame(kandy_wire::encode(&entry["body"]))));
            }
            "ws-close" if text("by") == "client" => {
                self.settle();
                let socket = self.sockets[&text("id")];
                assert!(self.closed.contains(&socket), "{}: entry {}, a closed socket", self.name, entry["n"]);
            }
            "ws-close" => {
                let (page, socket) = self.sockets[&text("id")];
                let code = entry["code"].as_u64().unwrap() as u16;
                self.feed(page, Input::Socket(socket, SocketFact::Closed { code }));
            }
            other => panic!("{other} is not known here"),
        }
    }

    /// What the application did. A member that names a call names it as it is called here.
    fn api(&mut self, page: usize, entry: &Value) {
        let args = &entry["args"];
        let what = entry["call"].as_str().expect("a call of the API");
        let json = match what {
            "connect" | "updateToken" => {
                format!(r#"{{"type":"{what}","credentials":{}}}"#, kandy_wire::encode(&args[0]))
            }
            "disconnect" | "notification.deregisterPush" => format!(r#"{{"type":"{what}"}}"#),
            "updateConnection" => format!(r#"{{"type":"{what}","services":{}}}"#, kandy_wire::encode(&args[0])),
            // The members of the device stand beside the name of the command.
            "notification.registerPush" => {
                let mut device = args[0].clone();
                device["type"] = Value::from(what);
                kandy_wire::encode(&device)
            }
            "call.make" => {
                self.count += 1;
                let id = format!("{:08}-0000-4000-8000-000000000000", self.count);
                self.calls.insert((page, entry["result"].as_str().unwrap().to_owned()), id.clone());
                let (to, media) = (kandy_wire::encode(&args[0]), kandy_wire::encode(&args[1]));
                format!(r#"{{"type":"call.make","callId":"{id}","destination":{to},"media":{media}}}"#)
            }
            "call.join" => {
                let (one, other) = (self.id(page, &args[0]), self.id(page, &args[1]));
                format!(r#"{{"type":"call.join","callId":"{one}","otherCallId":"{other}"}}"#)
            }
            "call.answer" | "call.addMedia" | "call.end" | "call.hold" | "call.unhold" => {
                let id = self.id(page, &args[0]);
                format!(r#"{{"type":"{what}","callId":"{id}","media":{}}}"#, kandy_wire::encode(&args[1]))
            }
            // One's own sound: there is one in each of these recordings.
            "media.muteTracks" => {
                let tracks: Vec<String> = self.pages[page].live_tracks.keys().map(|id| format!("\"{id}\"")).collect();
                format!(r#"{{"type":"media.muteTracks","trackIds":[{}]}}"#, tracks.join(","))
            }
            // Where tracks are shown is nothing to the server.
            "media.renderTracks" => return,
            other => panic!("{other} is not known here"),
        };
        let errands = self.pages[page].command(self.now, &json);
        self.run_errands(page, errands);
    }

    /// What a recorded call is called here: one that the page did not make is its last one.
    fn id(&mut self, page: usize, recorded: &Value) -> String {
        let key = (page, recorded.as_str().unwrap().to_owned());
        let last = || self.pages[page].calls().pop().expect("a call that came in, or came of two").id.0;
        self.calls.entry(key).or_insert_with(last).clone()
    }

    /// Waits for a page to open a socket.
    fn dialled(&mut self, page: usize) -> (usize, SocketId) {
        self.until("a socket", |player| player.dialling.iter().any(|(owner, _)| *owner == page));
        let at = self.dialling.iter().position(|(owner, _)| *owner == page).unwrap();
        self.dialling.remove(at).unwrap()
    }

    /// Waits for a request of a page.
    fn expect(&mut self, page: usize, what: &str) -> Asked {
        let fits = move |asked: &Asked| asked.page == page && asked.what == what;
        self.until(what, |player| player.waiting.iter().any(fits));
        let at = self.waiting.iter().position(fits).unwrap();
        self.waiting.remove(at)
    }

    fn respond(&mut self, asked: &Asked, status: u16, body: String) {
        let content_type = Some("application/json".to_owned());
        let response = HttpResponse { status, status_text: String::new(), content_type, body };
        self.feed(asked.page, Input::Http(asked.op, Ok(response)));
    }
}

fn number(entry: &Value) -> u64 {
    entry["n"].as_u64().unwrap()
}
