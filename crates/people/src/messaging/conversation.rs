//! One conversation: its messages in the order of their times.

use std::collections::VecDeque;

use kandy_wire::{Map, Value};

use super::message::Message;
use crate::{Chat, Error, Flavour, limits, order, plain};

/// What UC and Link can do (api-4.8, `messaging.features`).
const FEATURES_UC: [&str; 5] = ["base", "parts", "rich", "history", "group"];
const FEATURES_LINK: [&str; 1] = ["base"];

/// One conversation, known by who is in it and of which type it is.
#[derive(Debug, Default)]
pub(crate) struct Conversation {
    /// Its number, never used twice.
    pub(crate) key: u64,
    pub(crate) chat: Chat,
    /// What `people:message` calls it.
    pub(crate) name: String,
    /// The server's id of it.
    pub(crate) thread: Option<String>,
    /// Of a group: member ids and the users they stand for.
    pub(crate) members: Vec<(String, String)>,
    pub(crate) last_received: Option<u64>,
    pub(crate) last_pull: Option<u64>,
    /// The last text, as the list of conversations told it.
    pub(crate) last_text: Option<String>,
    /// Requests for messages under way.
    pub(crate) fetching: usize,
    /// Messages of it that wait to be sent.
    pub(crate) sending: usize,
    /// When something last happened in it.
    pub(crate) touched: u64,
    /// Messages of others that have not been read.
    unread: u64,
    messages: VecDeque<Message>,
    /// The ids of its messages.
    ids: Map<String, Value>,
    /// How many messages were given up for want of room.
    dropped: u64,
}

impl Conversation {
    pub(crate) fn new(key: u64, chat: Chat, name: String) -> Self {
        Self { key, chat, name, ..Self::default() }
    }

    /// Whether there is a message with this id of the server's.
    pub(crate) fn has(&self, id: &str) -> bool {
        self.ids.contains_key(id)
    }

    /// A message that comes now is after all that are there, though the server's clock may be ahead of ours.
    pub(crate) fn time(&self, now: u64) -> u64 {
        self.messages.back().map_or(now, |last| last.time.max(now))
    }

    /// Puts a message at its place in time.
    pub(crate) fn add(&mut self, message: Message) {
        if let Some(id) = &message.id {
            plain::put(&mut self.ids, id, Value::Null);
        }
        self.unread += u64::from(message.is_new());
        self.sending += usize::from(message.pending);
        let later = self.messages.iter().rev().take_while(|there| there.time > message.time).count();
        self.messages.insert(self.messages.len().saturating_sub(later), message);
        self.bound();
    }

    /// The server has taken a message of ours. A copy that came with the history meanwhile gives way to it.
    pub(crate) fn accept(&mut self, local: &str, id: &str, sender: &str, parts: Vec<Value>) {
        if self.has(id) {
            self.messages.retain(|message| message.id.as_deref() != Some(id) || message.local.is_some());
        }
        self.sending = self.sending.saturating_sub(1);
        if let Some(message) = self.find_mut(local) {
            message.pending = false;
            message.id = Some(id.to_owned());
            message.sender = Some(sender.to_owned());
            message.parts = parts;
            plain::put(&mut self.ids, id, Value::Null);
        }
        self.bound();
    }

    /// A message stands where the server's clock puts it: our own one may go wrong, and between messages of others only one clock
    /// gives an order.
    pub(crate) fn place(&mut self, id: &str, when: u64) {
        let at = self.messages.iter().rposition(|message| message.is(id));
        let Some(mut message) = at.and_then(|at| self.messages.remove(at)) else { return };
        message.time = when;
        let later = self.messages.iter().rev().take_while(|there| there.time > when).count();
        self.messages.insert(self.messages.len().saturating_sub(later), message);
    }

    /// A message of ours was not sent.
    pub(crate) fn fail(&mut self, local: &str, error: Error) {
        self.sending = self.sending.saturating_sub(1);
        if let Some(message) = self.find_mut(local) {
            message.pending = false;
            message.error = Some(error);
            // Files are not kept any longer.
            message.parts.iter_mut().filter_map(Value::as_object_mut).for_each(|part| drop(part.remove("file")));
        }
        self.bound();
    }

    /// Takes in fetched messages: one with an id that is there already is replaced, and all are in the order of their times.
    pub(crate) fn merge(&mut self, fetched: Vec<Message>) {
        let mut fetched: Vec<Option<Message>> = fetched.into_iter().map(Some).collect();
        let mut places = Map::new();
        for (place, message) in fetched.iter().enumerate() {
            let id = message.as_ref().and_then(|message| message.id.as_deref()).unwrap_or_default();
            plain::put(&mut places, id, place);
        }
        for there in &mut self.messages {
            let place = there.id.as_ref().and_then(|id| places.get(id)?.as_u64());
            let newer = place.and_then(|place| fetched.get_mut(place as usize)?.take());
            if let Some(newer) = newer {
                let read = there.read || newer.read;
                let uncounted = there.uncounted && newer.uncounted;
                *there = Message { local: there.local.take(), read, uncounted, ..newer };
            }
        }
        // Of two with one id in one answer the later one is kept.
        let last_of_its_id = |place: usize, message: &Message| {
            message.id.as_ref().and_then(|id| places.get(id)?.as_u64()) == Some(place as u64)
        };
        let mut fresh = Vec::new();
        for (place, message) in fetched.into_iter().enumerate() {
            let Some(message) = message.filter(|message| last_of_its_id(place, message)) else { continue };
            if message.id.as_deref().is_some_and(|id| self.ids.contains_key(id)) {
                continue;
            }
            if let Some(id) = &message.id {
                plain::put(&mut self.ids, id, Value::Null);
            }
            fresh.push(message);
        }
        let there = in_order(self.messages.drain(..).collect());
        self.messages = woven(there, in_order(fresh));
        self.count();
        self.bound();
    }

    /// Marks a message and those before it as read; `None` if it is not there, `Some(false)` if it was read already.
    pub(crate) fn mark_read(&mut self, id: &str) -> Option<bool> {
        let at = self.messages.iter().rposition(|message| message.is(id))?;
        let mut changed = false;
        for message in self.messages.iter_mut().take(at + 1).filter(|message| !message.own && !message.read) {
            message.read = true;
            changed = true;
        }
        self.count();
        Some(changed)
    }

    /// Takes one message away; one that is being sent stays.
    pub(crate) fn remove(&mut self, id: &str) {
        let at = self.messages.iter().position(|message| message.is(id) && !message.pending);
        if let Some(at) = at {
            self.take(at);
        }
    }

    /// Forgets every message, but those that are being sent: they must not vanish before the server has them.
    pub(crate) fn clear(&mut self) {
        self.messages.retain(|message| message.pending);
        self.ids = Map::new();
        self.last_text = None;
        self.dropped = 0;
        self.count();
    }

    /// The server's count of unread messages.
    pub(crate) fn set_unread(&mut self, unread: u64) {
        self.unread = unread;
    }

    /// Messages that have come to rest, as the application names them.
    pub(crate) fn names(&self) -> Vec<String> {
        let settled = self.messages.iter().filter(|message| !message.pending);
        settled.filter_map(|message| message.name().map(str::to_owned)).collect()
    }

    /// One message.
    pub(crate) fn find(&self, id: &str) -> Option<&Message> {
        self.messages.iter().rev().find(|message| message.is(id))
    }

    /// So many messages from a place on, as the application sees them.
    pub(crate) fn show_messages(&self, from: usize, count: usize) -> Value {
        let some = self.messages.iter().skip(from).take(count);
        Value::Array(some.map(|message| message.to_value(&self.chat.kind)).collect())
    }

    /// The conversation without its messages, as the application sees it. `conversation`, `messageCount`, `droppedMessages` and
    /// `unread` are additions to the documented members.
    pub(crate) fn to_value(&self, flavour: Option<Flavour>) -> Value {
        let features: &[&str] = if flavour == Some(Flavour::Link) { &FEATURES_LINK } else { &FEATURES_UC };
        let mut members = Map::new();
        plain::put(&mut members, "destination", plain::strings(&self.chat.destination));
        plain::put(&mut members, "type", self.chat.kind.as_str());
        plain::put(&mut members, "conversation", self.name.as_str());
        plain::put_some(&mut members, "id", self.thread.as_deref());
        plain::put_some(&mut members, "lastMessage", self.last_message());
        plain::put_some(&mut members, "lastReceived", self.last_received);
        plain::put_some(&mut members, "lastPull", self.last_pull);
        plain::put(&mut members, "isTypingList", Value::Array(Vec::new()));
        plain::put(&mut members, "features", features.iter().map(|name| Value::from(*name)).collect::<Vec<_>>());
        plain::put(&mut members, "isPending", self.fetching > 0);
        plain::put(&mut members, "messageCount", self.messages.len());
        plain::put(&mut members, "droppedMessages", self.dropped);
        plain::put(&mut members, "unread", self.unread);
        Value::Object(members)
    }

    fn last_message(&self) -> Option<Value> {
        if let Some(last) = self.messages.back() {
            return Some(last.to_value(&self.chat.kind));
        }
        let mut part = Map::new();
        plain::put(&mut part, "type", "text");
        plain::put(&mut part, "text", self.last_text.as_deref()?);
        Some(plain::wrap("parts", vec![Value::Object(part)]))
    }

    fn find_mut(&mut self, local: &str) -> Option<&mut Message> {
        self.messages.iter_mut().rev().find(|message| message.local.as_deref() == Some(local))
    }

    fn count(&mut self) {
        self.unread = self.messages.iter().filter(|message| message.is_new()).count() as u64;
    }

    /// Gives the oldest messages up, but none that is being sent.
    fn bound(&mut self) {
        while self.messages.len() > limits::MESSAGES {
            let Some(at) = self.messages.iter().position(|message| !message.pending) else { return };
            self.take(at);
            self.dropped += 1;
        }
    }

    fn take(&mut self, at: usize) {
        let Some(gone) = self.messages.remove(at) else { return };
        if let Some(id) = &gone.id {
            self.ids.remove(id);
        }
        if gone.is_new() {
            self.unread = self.unread.saturating_sub(1);
        }
    }
}

/// Messages in the order of their times.
fn in_order(messages: Vec<Message>) -> Vec<Message> {
    let times = || messages.iter().map(|message| message.time);
    if times().is_sorted() {
        return messages;
    }
    let places = order::by_number(times());
    order::put(messages.into_iter(), &places)
}

/// Two lists that are in order, as one.
fn woven(one: Vec<Message>, other: Vec<Message>) -> VecDeque<Message> {
    let mut all = VecDeque::with_capacity(one.len() + other.len());
    let mut other = other.into_iter().peekable();
    for message in one {
        while let Some(before) = other.next_if(|before| before.time < message.time) {
            all.push_back(before);
        }
        all.push_back(message);
    }
    all.extend(other);
    all
}
