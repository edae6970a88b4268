//! A page without a browser: it plays the hands of the brain, and every test says what the server does.

use std::collections::VecDeque;

use kandy_people::{AskId, Effect, Failure, Input, Now, People, Request, Response, TimerId};
use kandy_wire::{Value, parse};

/// One page with its brain.
pub(crate) struct Page {
    pub(crate) people: People,
    pub(crate) now: u64,
    /// Requests without an answer, the oldest first.
    pub(crate) asked: VecDeque<(AskId, Request)>,
    /// Events that no test has looked at yet.
    pub(crate) heard: VecDeque<(&'static str, Value)>,
    pub(crate) timers: Vec<(TimerId, u64)>,
    pub(crate) log: Vec<String>,
}

impl Page {
    /// Nobody is logged in.
    pub(crate) fn out() -> Self {
        Self {
            people: People::new(7),
            now: 1_700_000_000_000,
            asked: VecDeque::new(),
            heard: VecDeque::new(),
            timers: Vec::new(),
            log: Vec::new(),
        }
    }

    /// Alice is logged in at a server that knows message ids.
    pub(crate) fn uc() -> Self {
        let mut page = Self::out();
        page.session(1, "uc", "alice@example.com", true, true);
        page
    }

    /// The same on Link.
    pub(crate) fn link() -> Self {
        let mut page = Self::out();
        page.session(1, "link", "alice@example.com", true, true);
        page
    }

    pub(crate) fn session(&mut self, login: u64, flavour: &str, user: &str, connected: bool, once: bool) {
        self.json(&format!(
            r#"{{"type":"people:session","session":{{"login":{login},"flavour":"{flavour}","username":"{user}",
                "services":["call","IM","Presence","event:dialog"],"expires":3600,"connected":{connected},"once":{once}}}}}"#
        ));
    }

    pub(crate) fn log_out(&mut self) {
        self.json(r#"{"type":"people:session","session":null}"#);
    }

    /// Takes an input as the face hands it over.
    pub(crate) fn json(&mut self, json: &str) {
        let input = Input::from_json(json).unwrap_or_else(|why| panic!("{why}: {json}"));
        self.input(input);
    }

    pub(crate) fn input(&mut self, input: Input) {
        let effects = self.people.handle(Now(self.now), input);
        for effect in effects {
            match effect {
                Effect::Ask(id, request) => self.asked.push_back((id, request)),
                Effect::Emit { event, payload } => self.heard.push_back((event, payload)),
                Effect::Timer(timer, wait) => {
                    self.timers.retain(|(there, _)| *there != timer);
                    self.timers.extend(wait.map(|wait| (timer, self.now + wait)));
                }
                Effect::Log(_, line) => self.log.push(line),
            }
        }
    }

    pub(crate) fn notice(&mut self, message: &str) {
        self.json(&format!(r#"{{"type":"people:notice","payload":{{"notificationMessage":{message}}}}}"#));
    }

    /// The oldest request without an answer, as `METHOD to path?query body`.
    pub(crate) fn next(&self) -> String {
        self.asked.front().map(|(_, request)| show(request)).unwrap_or_default()
    }

    /// Answers the oldest request with JSON.
    pub(crate) fn answer(&mut self, status: u16, body: &str) {
        self.answer_as(status, Some("application/json"), body);
    }

    pub(crate) fn answer_as(&mut self, status: u16, kind: Option<&str>, body: &str) {
        let (id, _) = self.asked.pop_front().expect("a request");
        let response = Response { status, content_type: kind.map(str::to_owned), body: body.to_owned() };
        self.input(Input::Answer(id, Ok(response)));
    }

    /// The oldest request gets no answer.
    pub(crate) fn lose(&mut self) {
        let (id, _) = self.asked.pop_front().expect("a request");
        let failure = Failure { name: "TypeError".to_owned(), message: "Network request failed".to_owned() };
        self.input(Input::Answer(id, Err(failure)));
    }

    /// The next timer goes off; false if none runs.
    pub(crate) fn wait(&mut self) -> bool {
        let next = self.timers.iter().copied().min_by_key(|(_, due)| *due);
        let Some((timer, due)) = next else { return false };
        self.timers.retain(|(there, _)| *there != timer);
        self.now = self.now.max(due);
        self.input(Input::Timer(timer));
        true
    }

    /// All events that were not looked at, without those for the face alone.
    pub(crate) fn events(&mut self) -> Vec<String> {
        let all = std::mem::take(&mut self.heard);
        all.into_iter()
            .filter(|(event, _)| !event.starts_with("people:"))
            .map(|(event, p)| format!("{event} {p}"))
            .collect()
    }

    /// The code of the one event of this type that was heard.
    pub(crate) fn error(&mut self, event: &str) -> Value {
        let (heard, payload) = self.heard.pop_front().unwrap_or_else(|| panic!("no {event}"));
        assert_eq!(heard, event, "{payload}");
        assert_eq!(payload["error"]["name"], "BasicError");
        assert!(payload["error"]["message"].as_str().is_some_and(|sentence| sentence.len() > 5), "{payload}");
        payload["error"]["code"].clone()
    }

    pub(crate) fn query(&self, query: &str) -> Value {
        self.people.query(Now(self.now), &parse(query).unwrap())
    }
}

/// A request as one line.
pub(crate) fn show(request: &Request) -> String {
    let query = request.query_text();
    let mark = if query.is_empty() { "" } else { "?" };
    let body = request.body.as_deref().map(|body| format!(" {body}")).unwrap_or_default();
    format!("{} {} {}{mark}{query}{body}", request.method, request.to.name(), request.path)
}
