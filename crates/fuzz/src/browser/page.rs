//! The engines and the loop that drives them.

use std::collections::{BTreeMap, VecDeque};

use kandy_core::{
    Client, Command, Config, Input, Now, OpId, PeerId, Query, SocketId,
    command::CallOptions,
    effect::{HttpRequest, TimerId},
    input::{HttpFailure, HttpResponse, SocketFact},
};
use kandy_people::{AskId, People};
use kandy_wire::{Value, encode, parse};

use super::media::Media;
use crate::heard::Heard;

const START: u64 = 1_700_000_000_000;
const USER: &str = "alice@example.com";
/// What no log line and no event may hold.
pub(crate) const PASSWORD: &str = "alice-s3cret-p4ssword";
/// Milliseconds after which a request of the people engine is given up.
const PEOPLE_TIMEOUT: u64 = 120_000;
/// Longest time in ms that one wait may take.
const LONGEST_WAIT: u64 = 3_600_000;
/// Timers that may fire in it: the socket is checked once a second at most, and a call and a message have some of their own.
const TIMERS: usize = 20_000;
/// Inputs that may follow from one without time going by.
const TURNS: usize = 5_000;

/// Who waits for an answer of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    Client(OpId),
    People(AskId),
}

/// Whose timer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Alarm {
    Client(TimerId),
    People(kandy_people::TimerId),
    /// A request is given up, by its place among all that were made.
    Request(u64),
}

/// What happens, and to which engine.
pub(super) enum Turn {
    Client(Input),
    People(kandy_people::Input),
}

/// One page.
pub(crate) struct Page {
    pub(super) client: Client,
    people: People,
    pub(super) now: u64,
    pub(super) turns: VecDeque<Turn>,
    alarms: BTreeMap<Alarm, u64>,
    /// Requests without an answer, oldest first.
    asked: VecDeque<(u64, Asked)>,
    requests: u64,
    pub(super) socket: Option<SocketId>,
    pub(super) heard: Heard,
    pub(super) media: Media,
    /// The last request of the client.
    pub(crate) last: Option<HttpRequest>,
}

impl Page {
    /// A page on which nobody is logged in. `version` decides about the flavour: `1` for Link, `v2.0` for UC.
    pub(crate) fn new(version: &str) -> Self {
        let config = format!(
            r#"{{"authentication":{{"subscription":{{"server":"server.test","version":"{version}"}},"websocket":{{"server":"server.test"}}}},
                "call":{{"iceServers":[{{"urls":"turn:server.test"}}]}}}}"#
        );
        let mut page = Self {
            client: Client::new(Config::from_json(&config).unwrap_or_default(), 7),
            people: People::new(7),
            now: START,
            turns: VecDeque::new(),
            alarms: BTreeMap::new(),
            asked: VecDeque::new(),
            requests: 0,
            socket: None,
            heard: Heard::default(),
            media: Media::default(),
            last: None,
        };
        for effect in page.client.start() {
            page.carry_out(effect);
        }
        page.run();
        page
    }

    /// A page on which somebody is logged in and has a socket.
    pub(crate) fn logged_in(version: &str) -> Self {
        Self::logged_in_as(version, USER)
    }

    /// The same with another name.
    pub(crate) fn logged_in_as(version: &str, user: &str) -> Self {
        let mut page = Self::new(version);
        page.connect(user);
        if version.starts_with('v') {
            page.answers(200, r#"{"success":{"access_token":"AT-1","refresh_token":"RT-1","expires":3600}}"#);
        }
        page.answers(200, SUBSCRIBED);
        page.socket(SocketFact::Opened);
        page
    }

    /// `connect()`
    pub(crate) fn connect(&mut self, user: &str) {
        let user = encode(&user);
        let command = format!(
            r#"{{"type":"connect","credentials":{{"username":{user},"authname":null,"password":"{PASSWORD}"}}}}"#
        );
        self.wish(&command);
    }

    /// A wish of the application, of either engine. A text that is none is left at that.
    pub(crate) fn wish(&mut self, json: &str) {
        let json = self.heard.filled(json);
        match Command::from_json(&json) {
            Ok(_) => self.feed(Input::from_json(&json)),
            Err(_) => {
                if let Ok(input @ kandy_people::Input::Command(..)) = kandy_people::Input::from_json(&json) {
                    self.turns.push_back(Turn::People(input));
                    self.run();
                }
            }
        }
    }

    /// The server answers the oldest request.
    pub(crate) fn answers(&mut self, status: u16, body: &str) {
        if let Some((number, asked)) = self.asked.pop_front() {
            self.answer(number, asked, Ok((status, body.to_owned())));
        }
    }

    /// The server answers the newest request.
    pub(crate) fn answers_last(&mut self, status: u16, body: &str) {
        if let Some((number, asked)) = self.asked.pop_back() {
            self.answer(number, asked, Ok((status, body.to_owned())));
        }
    }

    /// The oldest request fails.
    pub(crate) fn fails(&mut self) {
        if let Some((number, asked)) = self.asked.pop_front() {
            self.answer(number, asked, Err("TypeError"));
        }
    }

    /// The socket reports.
    pub(crate) fn socket(&mut self, fact: SocketFact) {
        if let Some(id) = self.socket {
            if matches!(fact, SocketFact::Closed { .. }) {
                self.socket = None;
            }
            self.feed(Input::Socket(id, fact));
        }
    }

    /// The server sends a frame.
    pub(crate) fn frame(&mut self, text: &str) {
        if let Ok(value) = parse(text) {
            self.heard.learn(&value);
        }
        self.socket(SocketFact::Frame(text.to_owned()));
    }

    /// `call.make()`, with a description in place of what the browser would make.
    pub(crate) fn make(&mut self, sdp: &str) {
        self.media.made = Some(sdp.to_owned());
        self.call("bob@example.com");
    }

    /// `call.make()`
    pub(crate) fn call(&mut self, destination: &str) {
        let destination = destination.to_owned();
        let media = kandy_core::command::Media { audio: Some(Value::Bool(true)), ..Default::default() };
        let (call_id, options) = ("call-1".into(), CallOptions::default());
        self.feed(Input::Command(None, Command::Make { call_id, destination, media, options }));
    }

    /// The remote description that the browser was given last.
    pub(crate) fn applied(&self) -> Option<String> {
        self.media.applied.clone()
    }

    /// The peer connection that was opened last.
    pub(crate) fn peer(&self) -> Option<PeerId> {
        self.media.peer.clone()
    }

    /// Something else happens.
    pub(crate) fn feed(&mut self, input: Input) {
        self.turns.push_back(Turn::Client(input));
        self.run();
    }

    /// Time goes by.
    pub(crate) fn wait(&mut self, ms: u64) {
        let end = self.now + ms.min(LONGEST_WAIT);
        for _ in 0..TIMERS {
            let due = self.alarms.iter().min_by_key(|(_, at)| **at).map(|(alarm, at)| (alarm.clone(), *at));
            let Some((alarm, at)) = due.filter(|(_, at)| *at <= end) else {
                self.now = end;
                return;
            };
            self.now = self.now.max(at);
            self.alarms.remove(&alarm);
            match alarm {
                Alarm::Client(timer) => self.feed(Input::Timer(timer)),
                Alarm::People(timer) => {
                    self.turns.push_back(Turn::People(kandy_people::Input::Timer(timer)));
                    self.run();
                }
                Alarm::Request(number) => {
                    if let Some(place) = self.asked.iter().position(|(known, _)| *known == number)
                        && let Some((_, asked)) = self.asked.remove(place)
                    {
                        self.answer(number, asked, Err("TimeoutError"));
                    }
                }
            }
        }
        panic!("timers fire for ever: {:?}", self.alarms);
    }

    /// What the application may read, of both engines.
    pub(crate) fn read_all(&self) {
        const OWN: [&str; 6] =
            ["getConnection", "getServices", "getUserInfo", "call.getAll", "media.getDevices", "nonsense"];
        const PEOPLE: [&str; 9] = [
            "presence.getAll",
            "presence.getSelf",
            "contacts.getAll",
            "user.getAll",
            "voicemail.get",
            "callHistory.get",
            "callHistory.getCache",
            "clickToCall.get",
            "conversation.getAll",
        ];
        for query in OWN {
            if let Ok(query) = Query::from_json(&format!(r#"{{"type":"{query}"}}"#)) {
                let text = encode(&self.client.query(Now(self.now), &query));
                assert!(!text.is_empty() && !text.contains(PASSWORD), "{query:?}");
            }
        }
        for query in PEOPLE {
            let query = parse(&format!(r#"{{"type":"{query}"}}"#)).unwrap_or_default();
            let text = encode(&self.people.query(kandy_people::Now(self.now), &query));
            assert!(!text.is_empty() && !text.contains(PASSWORD), "{query}");
        }
    }

    /// What the application reads of its calls.
    #[cfg(test)]
    pub(crate) fn calls(&self) -> Value {
        parse(&encode(&self.client.query(Now(self.now), &Query::Calls))).unwrap()
    }

    pub(super) fn asks(&mut self, asked: Asked, timeout: u64) {
        self.requests += 1;
        self.asked.push_back((self.requests, asked));
        self.alarms.insert(Alarm::Request(self.requests), self.now + timeout);
    }

    pub(super) fn asks_for_people(&mut self, ask: AskId) {
        self.asks(Asked::People(ask), PEOPLE_TIMEOUT);
    }

    pub(super) fn alarm(&mut self, alarm: Alarm, after: Option<u64>) {
        match after {
            Some(ms) => drop(self.alarms.insert(alarm, self.now.saturating_add(ms))),
            None => drop(self.alarms.remove(&alarm)),
        }
    }

    /// Everything that follows, until there is nothing left to do but to wait.
    fn run(&mut self) {
        for _ in 0..TURNS {
            match self.turns.pop_front() {
                None => return,
                Some(Turn::Client(input)) => {
                    let most = most_effects(input_size(&input));
                    let effects = self.client.handle(Now(self.now), input);
                    assert!(effects.len() <= most, "{} effects of one input, more than {most}", effects.len());
                    effects.into_iter().for_each(|effect| self.carry_out(effect));
                }
                Some(Turn::People(input)) => {
                    let most = most_effects(people_size(&input));
                    let effects = self.people.handle(kandy_people::Now(self.now), input);
                    assert!(effects.len() <= most, "{} effects of one input, more than {most}", effects.len());
                    effects.into_iter().for_each(|effect| self.carry_out_people(effect));
                }
            }
        }
        panic!("the engines talk to each other for ever");
    }

    fn answer(&mut self, number: u64, asked: Asked, result: Result<(u16, String), &str>) {
        self.alarms.remove(&Alarm::Request(number));
        let content_type = || Some("application/json".to_owned());
        let message = || "Nothing came.".to_owned();
        if let Ok(value) = result.as_ref().map_or(Ok(Value::Null), |(_, body)| parse(body)) {
            self.heard.learn(&value);
        }
        self.turns.push_back(match asked {
            Asked::Client(op) => Turn::Client(Input::Http(
                op,
                match result {
                    Ok((status, body)) => Ok(HttpResponse {
                        status,
                        status_text: "Status".to_owned(),
                        content_type: content_type(),
                        body,
                    }),
                    Err(name) => Err(HttpFailure { name: name.to_owned(), message: message() }),
                },
            )),
            Asked::People(ask) => Turn::People(kandy_people::Input::Answer(
                ask,
                match result {
                    Ok((status, body)) => Ok(kandy_people::Response { status, content_type: content_type(), body }),
                    Err(name) => Err(kandy_people::Failure { name: name.to_owned(), message: message() }),
                },
            )),
        });
        self.run();
    }
}

/// Effects of one input: what may wait for it in every call and every request, and what its own length lets it name.
fn most_effects(bytes: usize) -> usize {
    2_000 + bytes
}

fn input_size(input: &Input) -> usize {
    match input {
        Input::Http(_, Ok(response)) => response.body.len(),
        Input::Socket(_, SocketFact::Frame(text)) => text.len(),
        Input::Command(..) => crate::LONGEST,
        _ => 0,
    }
}

fn people_size(input: &kandy_people::Input) -> usize {
    match input {
        kandy_people::Input::Answer(_, Ok(response)) => response.body.len(),
        kandy_people::Input::Notice(value) => encode(value).len(),
        kandy_people::Input::Command(..) => crate::LONGEST,
        _ => 0,
    }
}

/// What a server grants.
const SUBSCRIBED: &str = r#"{"subscribeResponse":{"statusCode":0,"subscription":"/rest/version/1/user/alice@example.com/subscription/s-1",
    "subscriptionParams":{"expires":3600,"service":["call","IM","Presence","event:dialog"],"notificationType":"WebSocket",
    "notificationChannel":"/rest/version/1/user/alice@example.com/websocket/w-1","sessionId":"x-1","resumeFor":300,
    "turnCredentials":{"username":"t","password":"p"}}}}"#;
