//! What waits to be sent: in each conversation one message after the other, in the order of `send()`.
//!
//! A message leaves its lane in one of three ways: the server has taken it, the server has refused it, or it is given up with an
//! event that says so. A request whose outcome nobody knows is repeated only with an id by which the server knows the message.

use std::collections::VecDeque;

use kandy_wire::Value;

use super::{
    Ask,
    part::Part,
    wire::{self, Sent},
};
use crate::{
    Chat, Effect, Error, FileId, Flavour, OpId, Session, TimerId,
    asks::{Purpose, Subject},
    effect::Upload,
    error::code,
    limits,
    outcome::Outcome,
    people::Cx,
    plain,
};

/// Every message that waits, by its conversation.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    lanes: VecDeque<Lane>,
    /// When the timer goes off, if it runs.
    timer: Option<u64>,
}

/// What waits in one conversation. There is no empty lane.
#[derive(Debug)]
struct Lane {
    /// Number of the conversation.
    key: u64,
    waiting: VecDeque<Outgoing>,
    /// Whether a request for the first one is under way.
    busy: bool,
    /// Nothing is asked before, in milliseconds since the epoch.
    not_before: u64,
}

/// A message on its way.
#[derive(Debug)]
pub(crate) struct Outgoing {
    /// What the face calls it.
    pub(crate) local: String,
    pub(crate) chat: Chat,
    pub(crate) parts: Vec<Part>,
    /// What the server calls the files that were uploaded so far, in the order of the parts.
    pub(crate) handles: Vec<String>,
    /// By this the server knows it again.
    client: String,
    /// Whether it may have arrived.
    risky: bool,
    /// Attempts that came to nothing while the connection was there.
    tries: u32,
    /// Who waits for its end.
    pub(crate) op: Option<OpId>,
}

/// What has become of a message; its conversation has to be told.
#[derive(Debug)]
pub(crate) enum Fate {
    Taken {
        id: String,
        thread: Option<String>,
        when: Option<u64>,
        attachments: Vec<Value>,
    },
    /// The server said no: as in released clients there is no `messages:error`.
    Refused(Error),
    /// It was given up here.
    GivenUp(Error),
}

/// A message that has left its lane.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) key: u64,
    pub(crate) message: Outgoing,
    pub(crate) fate: Fate,
}

impl Outgoing {
    fn new(local: String, chat: Chat, parts: Vec<Part>, client: String, op: Option<OpId>) -> Self {
        Self { local, chat, parts, handles: Vec::new(), client, risky: false, tries: 0, op }
    }
}

impl Done {
    /// A message that is not even tried.
    pub(crate) fn given_up(key: u64, local: String, chat: Chat, parts: Vec<Part>, error: Error) -> Self {
        Self { key, message: Outgoing::new(local, chat, parts, String::new(), None), fate: Fate::GivenUp(error) }
    }
}

impl Outbox {
    /// Takes a message up. `Some`: there is no room for it.
    pub(crate) fn push(
        &mut self,
        key: u64,
        local: String,
        chat: Chat,
        parts: Vec<Part>,
        cx: &mut Cx<'_>,
    ) -> Option<Done> {
        let message = Outgoing::new(local, chat, parts, cx.ids.name(), cx.keep());
        if self.lanes.iter().map(|lane| lane.waiting.len()).sum::<usize>() >= limits::WAITING {
            let error = Error::new(code::SEND, "Too many messages are waiting to be sent.");
            return Some(Done { key, message, fate: Fate::GivenUp(error) });
        }
        match self.lane(key) {
            Some(lane) => lane.waiting.push_back(message),
            None => {
                let waiting = VecDeque::from([message]);
                self.lanes.push_back(Lane { key, waiting, busy: false, not_before: 0 });
            }
        }
        None
    }

    /// Whether a message that waits has this file.
    pub(crate) fn needs(&self, file: FileId) -> bool {
        let mut parts = self.lanes.iter().flat_map(|lane| &lane.waiting).flat_map(|message| &message.parts);
        parts.any(|part| matches!(part, Part::File(there, _) if *there == file))
    }

    /// The connection is back: nobody waits any longer than needed.
    pub(crate) fn hurry(&mut self) {
        for lane in &mut self.lanes {
            lane.not_before = 0;
        }
    }

    /// The timer went off; a browser's may be early by a moment, and is set again then.
    pub(crate) fn woken(&mut self) {
        self.timer = None;
    }

    /// Does what can be done now, and returns what came to an end by it.
    pub(crate) fn pump(&mut self, cx: &mut Cx<'_>) -> Vec<Done> {
        let Some(session) = cx.session else { return self.give_up_all(cx) };
        let mut done = Vec::new();
        let mut sending = self.lanes.iter().filter(|lane| lane.busy).count();
        for lane in &mut self.lanes {
            if lane.busy {
                continue;
            }
            lane.give_up(session, &mut done);
            if session.connected && sending < limits::SENDING && lane.not_before <= cx.now && lane.go(session, cx) {
                sending += 1;
            }
        }
        self.lanes.retain(|lane| !lane.waiting.is_empty());
        self.wait(session.connected, cx);
        done
    }

    /// A file or a JSON part of the first message of a conversation was uploaded, or was not.
    pub(crate) fn uploaded(&mut self, key: u64, outcome: &Outcome, cx: &mut Cx<'_>) -> Option<Done> {
        let at = self.lanes.iter().position(|lane| lane.key == key)?;
        let lane = self.lanes.get_mut(at)?;
        lane.busy = false;
        let unreadable = matches!(outcome, Outcome::Refused { status, .. } if *status >= 500) && !has_error(outcome);
        let passes = unreadable || wire::unproven(outcome).is_some();
        match (outcome, outcome.success()) {
            (_, Ok(answer)) if plain::name(answer, "handle").is_some() => {
                let message = lane.waiting.front_mut()?;
                message.handles.extend(plain::name(answer, "handle"));
                // A limit for each upload, not for all of them together.
                message.tries = 0;
                None
            }
            (Outcome::Refused { .. } | Outcome::Accepted(_), Err(trouble)) if !passes => {
                let error = trouble.coded("A part of the message could not be uploaded.", code::UPLOAD);
                self.leave(at, Fate::GivenUp(error))
            }
            // Uploaded twice, a file is one too many at the server, and the message has it once.
            (_, answer) => {
                let why = answer.err().map_or_else(|| "The answer has no handle.".to_owned(), |trouble| trouble.why);
                let given_up = lane.again(cx)?;
                let what = ["A part of the message could not be uploaded. ", &why].concat();
                given_up.then(|| self.leave(at, Fate::GivenUp(Error::new(code::UPLOAD, what)))).flatten()
            }
        }
    }

    /// The first message of a conversation was sent, or was not.
    pub(crate) fn sent(&mut self, key: u64, flavour: Flavour, outcome: &Outcome, cx: &mut Cx<'_>) -> Option<Done> {
        let at = self.lanes.iter().position(|lane| lane.key == key)?;
        let lane = self.lanes.get_mut(at)?;
        lane.busy = false;
        match wire::sent(flavour, outcome) {
            Sent::Taken { id, thread, when, attachments } => {
                self.leave(at, Fate::Taken { id, thread, when, attachments })
            }
            // A server may refuse a repetition before it looks whether it knows the message.
            Sent::Refused(error) if lane.waiting.front()?.risky => {
                let message = perhaps(&error.message).message;
                self.leave(at, Fate::GivenUp(Error { message, ..error }))
            }
            Sent::Refused(error) => self.leave(at, Fate::Refused(error)),
            Sent::Unknown(why) => {
                lane.waiting.front_mut()?.risky = true;
                let given_up = lane.again(cx)?;
                given_up.then(|| self.leave(at, Fate::GivenUp(perhaps(&why)))).flatten()
            }
            Sent::Unsent(why) => {
                let given_up = lane.again(cx)?;
                let error = if lane.waiting.front()?.risky { perhaps(&why) } else { Error::new(code::SEND, why) };
                given_up.then(|| self.leave(at, Fate::GivenUp(error))).flatten()
            }
        }
    }

    /// Nobody is logged in: nothing that waits can be sent, and the next login may be another user's.
    fn give_up_all(&mut self, cx: &mut Cx<'_>) -> Vec<Done> {
        let mut done = Vec::new();
        for lane in self.lanes.drain(..) {
            for message in lane.waiting {
                let error = if message.risky {
                    perhaps("The login ended before the server answered.")
                } else {
                    Error::new(code::SEND, "The message was not sent: nobody is logged in.")
                };
                done.push(Done { key: lane.key, message, fate: Fate::GivenUp(error) });
            }
        }
        self.wait(false, cx);
        done
    }

    /// Takes the first message out of a lane, which goes to the end of the queue.
    fn leave(&mut self, at: usize, fate: Fate) -> Option<Done> {
        let mut lane = self.lanes.remove(at)?;
        let message = lane.waiting.pop_front();
        let key = lane.key;
        lane.not_before = 0;
        if !lane.waiting.is_empty() {
            self.lanes.push_back(lane);
        }
        message.map(|message| Done { key, message, fate })
    }

    /// Waits for the next attempt that is due; nobody waits without a connection.
    fn wait(&mut self, connected: bool, cx: &mut Cx<'_>) {
        let later = self.lanes.iter().filter(|lane| connected && !lane.busy && lane.not_before > cx.now);
        let next = later.map(|lane| lane.not_before).min();
        if next != self.timer {
            self.timer = next;
            cx.out.push(Effect::Timer(TimerId::Outbox, next.map(|at| at.saturating_sub(cx.now))));
        }
    }

    fn lane(&mut self, key: u64) -> Option<&mut Lane> {
        self.lanes.iter_mut().find(|lane| lane.key == key)
    }
}

impl Lane {
    /// What may have arrived is not sent again to a server that would take it for another message.
    fn give_up(&mut self, session: &Session, done: &mut Vec<Done>) {
        if !session.once && self.waiting.front().is_some_and(|message| message.risky) {
            let fate = Fate::GivenUp(perhaps("The server did not answer."));
            done.extend(self.waiting.pop_front().map(|message| Done { key: self.key, message, fate }));
        }
    }

    /// Asks the server for the next step of the first message.
    fn go(&mut self, session: &Session, cx: &mut Cx<'_>) -> bool {
        let Some(message) = self.waiting.front() else { return false };
        let mut uploads = message.parts.iter().filter(|part| !matches!(part, Part::Text(_)));
        let (ask, request) = match uploads.nth(message.handles.len()) {
            Some(Part::File(id, _)) => (Ask::Upload(self.key), wire::upload(Upload::File(*id))),
            Some(Part::Json(json)) => (Ask::Upload(self.key), wire::upload(wire::json_file(json))),
            Some(Part::Handle(handle, _)) => {
                // The server has this one already.
                let handle = handle.clone();
                if let Some(message) = self.waiting.front_mut() {
                    message.handles.push(handle);
                }
                return self.go(session, cx);
            }
            _ => {
                let text = text_of(&message.parts);
                let request = wire::send(session, &message.chat, text, &message.handles, &message.client);
                (Ask::Send(self.key, session.flavour), request)
            }
        };
        self.busy = true;
        cx.ask(Subject::Chat(self.key), Purpose::Messaging(ask), request);
        true
    }

    /// Waits before the next attempt; true if there have been enough of them.
    fn again(&mut self, cx: &mut Cx<'_>) -> Option<bool> {
        let message = self.waiting.front_mut()?;
        if cx.session.is_some_and(|session| session.connected) {
            message.tries += 1;
        }
        let doubled = limits::PAUSE << message.tries.saturating_sub(1).min(10);
        let pause = doubled.min(limits::PAUSE_MOST);
        // A little apart, so that not all clients of a server that was away come back at once.
        self.not_before = cx.now + pause + cx.ids.below(pause / 4);
        Some(message.tries >= limits::ATTEMPTS)
    }
}

/// Every text of a message as one, a line for each: there is room for one only.
fn text_of(parts: &[Part]) -> Option<String> {
    let mut whole: Option<String> = None;
    for part in parts {
        match (part, &mut whole) {
            (Part::Text(text), Some(before)) if !text.is_empty() => {
                before.push('\n');
                before.push_str(text);
            }
            (Part::Text(text), None) if !text.is_empty() => whole = Some(text.clone()),
            _ => {}
        }
    }
    whole
}

fn has_error(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Refused { body, .. } if body.get("error").is_some_and(|error| !error.is_null()))
}

/// Nobody knows whether it was sent.
fn perhaps(why: &str) -> Error {
    Error::new(code::SEND, ["It is not known whether the message was sent; it may have arrived. ", why].concat())
}
