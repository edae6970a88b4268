//! Random schedules of messages against a small server: answers get lost before or after the server has acted, connections and
//! logins come and go, and in the end everything must have come to a known end: never twice, never in silence, in order.

use std::collections::{BTreeMap, BTreeSet};

use kandy_people::{AskId, Failure, Flavour, Input, Request, Response, Session};
use kandy_wire::{Value, parse};

use crate::page::Page;

const USERS: [&str; 3] = ["bob@example.com", "carol@example.com", "dave@example.com"];

#[test]
fn messages_arrive_once_and_in_order_or_are_told_to_have_failed() {
    let from_environment = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let count = from_environment("PEOPLE_SCHEDULES").unwrap_or(2_000);
    let first = from_environment("PEOPLE_SEED").unwrap_or(0);
    let mut tally = Tally::default();
    for seed in first..first + count {
        let schedule = std::panic::catch_unwind(|| Schedule::new(seed).run());
        match schedule {
            Ok(one) => tally.add(one),
            Err(_) => panic!("PEOPLE_SEED={seed} PEOPLE_SCHEDULES=1 plays it again"),
        }
    }
    println!("{count} schedules: {tally:?}");
    // Enough of everything happened for the verdict to mean something.
    if count >= 2_000 {
        assert!(tally.taken > 10_000 && tally.refused > 300 && tally.given_up > 1_000, "{tally:?}");
        assert!(tally.repeated > 1_000 && tally.uploads > 1_000, "{tally:?}");
    }
}

#[derive(Debug, Default)]
struct Tally {
    taken: usize,
    refused: usize,
    given_up: usize,
    repeated: usize,
    uploads: usize,
}

impl Tally {
    fn add(&mut self, one: Self) {
        self.taken += one.taken;
        self.refused += one.refused;
        self.given_up += one.given_up;
        self.repeated += one.repeated;
        self.uploads += one.uploads;
    }
}

/// What the server keeps.
#[derive(Default)]
struct Server {
    /// Texts by recipient, in the order in which they were stored.
    stored: BTreeMap<String, Vec<String>>,
    /// Answers by client message id, if it knows such ids.
    known: BTreeMap<String, String>,
    refused: BTreeSet<String>,
    count: u64,
    repeated: usize,
    uploads: usize,
}

struct Schedule {
    page: Page,
    server: Server,
    random: u64,
    flavour: Flavour,
    once: bool,
    login: u64,
    logged_in: bool,
    connected: bool,
    /// Recipient and text of every message, in the order of `send()`.
    sent: Vec<(String, String)>,
    changes: BTreeMap<String, usize>,
}

impl Schedule {
    fn new(seed: u64) -> Self {
        let mut schedule = Self {
            page: Page::out(),
            server: Server::default(),
            random: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5bf0_3635,
            flavour: if seed.is_multiple_of(2) { Flavour::Uc } else { Flavour::Link },
            once: seed % 4 < 2,
            login: 0,
            logged_in: false,
            connected: false,
            sent: Vec::new(),
            changes: BTreeMap::new(),
        };
        schedule.log_in();
        schedule
    }

    fn run(mut self) -> Tally {
        for _ in 0..80 {
            match self.below(20) {
                0..=5 => self.send(),
                6..=13 => self.serve(true),
                14..=15 => drop(self.page.wait()),
                16 => {
                    self.connected = !self.connected;
                    self.tell_session();
                }
                17 if self.below(4) == 0 => self.log_out(),
                18 if !self.logged_in || self.below(6) == 0 => self.log_in(),
                _ => self.page.now += self.below(3_000),
            }
            self.count_events();
        }
        if !self.logged_in {
            self.log_in();
        }
        self.connected = true;
        self.tell_session();
        while !self.page.asked.is_empty() || self.page.wait() {
            if !self.page.asked.is_empty() {
                self.serve(false);
            }
        }
        self.count_events();
        self.verdict()
    }

    fn send(&mut self) {
        let to = USERS[self.below(3) as usize].to_owned();
        let text = format!("t{}", self.sent.len());
        let json = self.flavour == Flavour::Uc && self.below(4) == 0;
        let more = if json { r#",{"type":"json","json":{"a":1}}"# } else { "" };
        self.page.json(&format!(
            r#"{{"type":"conversation.send","destination":["{to}"],"convoType":"im","message":"{text}",
                "parts":[{{"type":"text","text":"{text}"}}{more}]}}"#
        ));
        let shown = self.message(&to, &text);
        let waits = shown["isPending"] == true;
        assert_eq!(waits, self.logged_in, "a message waits while somebody is logged in: {shown}");
        self.sent.push((to, text));
    }

    /// Any request that is under way comes to its end; with faults, the server or its answer may be lost.
    fn serve(&mut self, faults: bool) {
        if self.page.asked.is_empty() {
            return;
        }
        let at = self.below(self.page.asked.len() as u64) as usize;
        let (id, request) = self.page.asked.remove(at).unwrap();
        match if faults { self.below(12) } else { 11 } {
            0 => self.lose(id),
            1 => {
                self.act(&request);
                self.lose(id);
            }
            2 => self.answer(id, 503, ""),
            3 => {
                self.act(&request);
                self.answer(id, 500, "<html>");
            }
            4 => {
                self.act(&request);
                self.answer(id, 200, "{");
            }
            5 if self.below(3) == 0 => {
                self.server.refused.extend(text_of(&request));
                let body = match self.flavour {
                    Flavour::Uc => r#"{"error":{"code":"NO","human":"no"}}"#,
                    Flavour::Link => r#"{"imResponse":{"statusCode":404}}"#,
                };
                self.answer(id, 404, body);
            }
            6 if self.below(3) == 0 => {
                let failure = Failure { name: Failure::NOT_CONNECTED.to_owned(), message: "no".to_owned() };
                self.page.input(Input::Answer(id, Err(failure)));
            }
            _ => {
                let body = self.act(&request);
                self.answer(id, 200, &body);
            }
        }
    }

    /// The server does what is asked.
    fn act(&mut self, request: &Request) -> String {
        if request.path == "rm/upload" {
            self.server.uploads += 1;
            return format!(r#"{{"success":{{"handle":"h{}"}}}}"#, self.server.uploads);
        }
        let (to, client) = (value_of(request, "to", "toUrl"), value_of(request, "clientMessageId", "clientMessageId"));
        let text = text_of(request).unwrap();
        if let Some(answer) = client.as_ref().and_then(|client| self.server.known.get(client)) {
            self.server.repeated += 1;
            return answer.clone();
        }
        assert_eq!(client.is_some(), self.once);
        let attached = request.query.iter().filter(|(name, _)| name == "attach").count();
        assert!(attached <= 1, "{attached} attachments");
        self.server.stored.entry(to.unwrap()).or_default().push(text);
        self.server.count += 1;
        let id = format!("s{}", self.server.count);
        let answer = match self.flavour {
            Flavour::Uc => format!(r#"{{"success":{{"id":"{id}"}}}}"#),
            Flavour::Link => format!(r#"{{"imResponse":{{"statusCode":0,"messageId":"{id}"}}}}"#),
        };
        self.server.known.extend(client.map(|client| (client, answer.clone())));
        answer
    }

    fn verdict(self) -> Tally {
        let mut tally = Tally { repeated: self.server.repeated, uploads: self.server.uploads, ..Tally::default() };
        let mut uncertain = BTreeSet::new();
        let empty = Vec::new();
        for (to, text) in &self.sent {
            let shown = self.message(to, text);
            assert_eq!(shown["isPending"], false, "{text} waits for ever");
            assert_eq!(self.changes.get(text), Some(&1), "{text} was not told once");
            let stored = self.server.stored.get(to).unwrap_or(&empty);
            let times = stored.iter().filter(|there| *there == text).count();
            assert!(times <= 1, "{text} is there {times} times");
            let why = shown["error"]["message"].as_str().unwrap_or_default();
            match (shown["messageId"].is_string(), why) {
                (true, _) => {
                    assert_eq!((times, why), (1, ""), "{text}");
                    tally.taken += 1;
                }
                (false, why) if why.contains("may have arrived") => {
                    uncertain.insert(text.clone());
                    tally.given_up += 1;
                }
                (false, why) if self.server.refused.contains(text) => {
                    assert_eq!((times, why.is_empty()), (0, false), "{text} was refused");
                    tally.refused += 1;
                }
                (false, why) => {
                    assert_eq!(times, 0, "{text} has arrived, though: {why}");
                    assert!(!why.is_empty(), "{text} failed in silence");
                    tally.given_up += 1;
                }
            }
        }
        for (to, stored) in &self.server.stored {
            let wanted =
                self.sent.iter().filter(|(there, text)| there == to && stored.contains(text)).map(|(_, text)| text);
            let certain = |text: &&String| !uncertain.contains(*text);
            let wanted: Vec<&String> = wanted.filter(certain).collect();
            let there: Vec<&String> = stored.iter().filter(certain).collect();
            assert_eq!(there, wanted, "the order of {to}");
        }
        tally
    }

    /// Each message ends with one `messages:change`, and one that was given up with one `messages:error` after it.
    fn count_events(&mut self) {
        let heard = std::mem::take(&mut self.page.heard);
        let mut ended: Option<String> = None;
        for (event, payload) in heard {
            match event {
                // It comes with `messages:change`, and names the message.
                "people:message" => {
                    let to = payload["destination"][0].as_str().unwrap();
                    let name = payload["messageId"].as_str();
                    if let (Some(name), Some(_)) = (name, ended.take()) {
                        let local = self.message(to, name)["localId"].as_str().unwrap().to_owned();
                        *self.changes.entry(local).or_default() += 1;
                    }
                }
                "messages:change" => ended = Some(String::new()),
                "messages:error" => {
                    assert!(payload["error"]["message"].as_str().is_some_and(|why| why.len() > 5));
                }
                other => assert_eq!(other, "conversations:new"),
            }
        }
    }

    fn message(&self, to: &str, id: &str) -> Value {
        self.page.query(&format!(
            r#"{{"type":"conversation.message","destination":["{to}"],"convoType":"im","messageId":"{id}"}}"#
        ))
    }

    fn log_in(&mut self) {
        self.login += 1;
        self.logged_in = true;
        self.connected = self.below(4) > 0;
        self.tell_session();
    }

    fn log_out(&mut self) {
        self.logged_in = false;
        self.page.input(Input::Session(None));
    }

    fn tell_session(&mut self) {
        let session = Session {
            login: self.login,
            flavour: self.flavour,
            username: "alice@example.com".to_owned(),
            services: vec!["IM".to_owned()],
            expires: Some(3_600),
            connected: self.connected,
            once: self.once,
        };
        self.page.input(Input::Session(self.logged_in.then_some(session)));
    }

    fn answer(&mut self, id: AskId, status: u16, body: &str) {
        let content_type = Some("application/json".to_owned());
        self.page.input(Input::Answer(id, Ok(Response { status, content_type, body: body.to_owned() })));
    }

    fn lose(&mut self, id: AskId) {
        let failure = Failure { name: "TypeError".to_owned(), message: "Network request failed".to_owned() };
        self.page.input(Input::Answer(id, Err(failure)));
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

/// A member of a message on either service.
fn value_of(request: &Request, uc: &str, link: &str) -> Option<String> {
    match &request.body {
        Some(body) => parse(body).unwrap()["imRequest"][link].as_str().map(str::to_owned),
        None => request.query.iter().find(|(name, _)| name == uc).map(|(_, value)| value.clone()),
    }
}

fn text_of(request: &Request) -> Option<String> {
    value_of(request, "txt", "message")
}
