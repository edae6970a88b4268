//! The list of conversations, histories, deleting, read marks: what the server keeps (protocol §7.3.2 to §7.3.4).

use std::collections::VecDeque;

use kandy_wire::{Map, Value};

use super::{Ask, Messaging, fail, message::Message, sending::is_link, tell_face, wire, with_chat};
use crate::{
    Chat, Error,
    asks::{Purpose, Subject},
    effect::Level,
    error::code,
    input::Flavour,
    limits, order,
    outcome::Outcome,
    people::Cx,
    plain,
};

/// Times below this are seconds: in milliseconds it would be the year 1973.
const SECONDS: u64 = 100_000_000_000;

impl Messaging {
    /// `conversation.fetch`; Link has no such list.
    pub(crate) fn fetch_list(&mut self, options: &Value, cx: &mut Cx<'_>) {
        if is_link(cx) {
            return cx.out.log(Level::Debug, "the Link service has no list of conversations");
        }
        cx.ask(Subject::Free, Purpose::Messaging(Ask::Threads), wire::threads(options));
    }

    /// `conversation.fetchMessages`
    pub(crate) fn fetch_messages(&mut self, chat: &Chat, amount: Option<u64>, before: Option<String>, cx: &mut Cx<'_>) {
        let link = is_link(cx);
        let found = self.chats.by_name_mut(chat);
        let thread = found.as_ref().and_then(|conversation| conversation.thread.clone());
        let (Some(conversation), Some(thread), false) = (found, thread, link) else {
            let why = if link {
                "The Link service keeps no messages."
            } else {
                "The server's id of the conversation is not known; call conversation.fetch() first."
            };
            return fail(&Error::new(code::FETCH_MESSAGES, why), Some(chat), cx);
        };
        conversation.fetching += 1;
        let amount = amount.filter(|amount| *amount > 0).unwrap_or(limits::FETCHED).min(limits::MESSAGES as u64);
        let request = wire::history(&thread, chat, amount, before);
        cx.ask(Subject::Free, Purpose::Messaging(Ask::History(conversation.key)), request);
    }

    /// `conversation.clearMessages`: here only.
    pub(crate) fn clear(&mut self, chat: &Chat, cx: &mut Cx<'_>) {
        match self.chats.by_name_mut(chat) {
            Some(conversation) => {
                conversation.clear();
                let key = conversation.key;
                self.changed(key, None, cx);
            }
            None => cx.out.emit("messages:change", Value::Object(with_chat(Map::new(), chat))),
        }
    }

    /// `conversation.deleteMessages`: one request after the other, so that any number of them is bounded.
    pub(crate) fn delete_messages(&mut self, chat: &Chat, ids: Vec<String>, cx: &mut Cx<'_>) {
        let Some(conversation) = self.chats.by_name(chat) else {
            let error = Error::new(code::NONE, "There is no such conversation.");
            return fail(&error, Some(chat), cx);
        };
        let ids = if ids.is_empty() { conversation.names() } else { ids };
        let key = conversation.key;
        if ids.is_empty() {
            return self.changed(key, None, cx);
        }
        self.delete_next(key, ids.into(), cx);
    }

    /// `conversation.delete`
    pub(crate) fn delete(&mut self, chat: &Chat, cx: &mut Cx<'_>) {
        let Some(conversation) = self.chats.by_name(chat) else {
            let error = Error::new(code::NONE, "There is no such conversation.");
            return fail(&error, Some(chat), cx);
        };
        let (key, thread) = (conversation.key, place(conversation.thread.clone(), chat));
        match thread.filter(|_| !is_link(cx)) {
            Some(thread) => {
                let request = wire::delete(&thread, None, chat);
                cx.ask(Subject::Chat(key), Purpose::Messaging(Ask::DeleteAll(key)), request);
            }
            // The server knows nothing of it.
            None => self.forget(key, cx),
        }
    }

    /// `message.markRead`: those before it are read, too. The server is told if it is one that understands it.
    pub(crate) fn mark_read(&mut self, chat: &Chat, message: &str, cx: &mut Cx<'_>) {
        let found = self.chats.by_name_mut(chat);
        let marked = found.and_then(|conversation| {
            Some((conversation.mark_read(message)?, conversation.key, conversation.thread.clone()))
        });
        let Some((changed, key, thread)) = marked else {
            return fail(&Error::new(code::MARK_READ, "There is no such message."), Some(chat), cx);
        };
        self.changed(key, Some(message), cx);
        let knows = cx.session.is_some_and(|session| session.once && session.flavour == Flavour::Uc);
        if let (true, true, Some(thread)) = (changed, knows, place(thread, chat)) {
            cx.ask(Subject::Free, Purpose::Messaging(Ask::MarkRead), wire::mark_read(&thread, message));
        }
    }

    /// The answer to `mark_read`.
    pub(super) fn marked(&mut self, outcome: &Outcome, cx: &mut Cx<'_>) {
        if let Err(trouble) = outcome.success() {
            fail(&trouble.error("The message could not be marked as read at the server.", code::MARK_READ), None, cx);
        }
    }

    /// The list of conversations has come. What is kept of them stays, but for what the list tells.
    pub(super) fn listed(&mut self, outcome: &Outcome, cx: &mut Cx<'_>) {
        let items = match outcome.success() {
            Ok(Value::Array(items)) => items.clone(),
            Ok(one) if one.is_object() => vec![one.clone()],
            Ok(_) => {
                let why = "The conversations could not be fetched. The answer holds none.";
                return fail(&Error::new(code::FETCH_CONVERSATIONS, why), None, cx);
            }
            Err(trouble) => {
                let what = "The conversations could not be fetched.";
                return fail(&trouble.error(what, code::FETCH_CONVERSATIONS), None, cx);
            }
        };
        let mut told = Vec::new();
        for item in items.iter().take(limits::CONVERSATIONS) {
            if let Some(chat) = self.list(item, cx) {
                told.push(Value::Object(with_chat(Map::new(), &chat)));
            }
        }
        cx.out.emit("conversations:change", Value::Array(told));
    }

    /// Takes one item of the list in.
    fn list(&mut self, item: &Value, cx: &mut Cx<'_>) -> Option<Chat> {
        let ids = plain::list(item, "members").iter().map(|id| plain::name(&plain::wrap("id", id.clone()), "id"));
        let handles = plain::texts(item, "handles");
        let members: Vec<_> = ids.zip(&handles).filter_map(|(id, handle)| Some((id?, handle.clone()))).collect();
        let destination = match plain::text(item, "handle") {
            Some(one) => vec![one],
            None => sorted(handles),
        };
        if destination.is_empty() || destination.len() > limits::USERS {
            cx.out.log(Level::Warn, "a conversation without a user was left out");
            return None;
        }
        let kind = wire::kind_of(&plain::text(item, "type").unwrap_or_default()).to_owned();
        let kind = if kind.is_empty() { "im".to_owned() } else { kind };
        let thread = plain::name(item, "thread");
        // A group that was made here may have its users in another order.
        let known =
            thread.as_ref().and_then(|thread| self.chats.by_thread(thread)).filter(|chat| chat.kind == kind).cloned();
        let chat = known.unwrap_or(Chat { destination, kind });
        let (key, _) = self.chats.ensure(&chat, None, cx);
        if let Some(thread) = thread {
            self.chats.set_thread(key, &thread);
        }
        let milliseconds = |key: &str| {
            let time = plain::whole(item, key)?;
            Some(if time < SECONDS { time * 1_000 } else { time })
        };
        let conversation = self.chats.by_key_mut(key)?;
        conversation.members = members;
        conversation.last_received = milliseconds("lastreceived").or(conversation.last_received);
        conversation.last_pull = milliseconds("lastpull").or(conversation.last_pull);
        conversation.last_text = plain::text(item, "lastmsg");
        if let Some(unread) = plain::whole(item, "unread") {
            conversation.set_unread(unread);
        }
        Some(chat)
    }

    /// Messages of a conversation have come.
    pub(super) fn history(&mut self, key: u64, outcome: &Outcome, cx: &mut Cx<'_>) {
        let own = cx.session.map(|session| session.username.clone()).unwrap_or_default();
        let Some(conversation) = self.chats.by_key_mut(key) else { return };
        let trouble = match outcome.success() {
            Ok(Value::Array(items)) => {
                let read = |item: &Value| read_item(item, &conversation.chat, &conversation.members, &own);
                let items = items.iter().take(limits::MESSAGES).filter_map(read).collect();
                let job = self.gathering.gather(key, items, cx);
                return job.into_iter().for_each(|job| self.gathered(job, cx));
            }
            Ok(_) => None,
            Err(trouble) => Some(trouble),
        };
        conversation.fetching = conversation.fetching.saturating_sub(1);
        let what = "The messages could not be fetched.";
        let error =
            trouble.map_or_else(|| Error::new(code::FETCH_MESSAGES, what), |t| t.coded(what, code::FETCH_MESSAGES));
        fail(&error, Some(&conversation.chat), cx);
    }

    /// Nothing of the fetched messages is missing any more.
    pub(super) fn fetched(&mut self, key: u64, messages: Vec<Message>, cx: &mut Cx<'_>) {
        let Some(conversation) = self.chats.by_key_mut(key) else { return };
        conversation.fetching = conversation.fetching.saturating_sub(1);
        conversation.merge(messages);
        self.changed(key, None, cx);
    }

    /// Deletes the first of these messages: at the server, or here if it is only here.
    fn delete_next(&mut self, key: u64, mut ids: VecDeque<String>, cx: &mut Cx<'_>) {
        while let (Some(id), Some(conversation)) = (ids.front(), self.chats.by_key(key)) {
            // The server knows nothing of a message that it never took.
            let at_server = !is_link(cx) && conversation.find(id).is_none_or(|message| message.id.is_some());
            if let Some(thread) = place(conversation.thread.clone(), &conversation.chat).filter(|_| at_server) {
                let request = wire::delete(&thread, Some(id), &conversation.chat);
                return cx.ask(Subject::Chat(key), Purpose::Messaging(Ask::Delete(key, ids)), request);
            }
            let id = ids.pop_front().unwrap_or_default();
            self.removed(key, &id, cx);
        }
    }

    /// The answer to the deletion of the first of these messages.
    pub(super) fn deleted(&mut self, key: u64, mut ids: VecDeque<String>, outcome: &Outcome, cx: &mut Cx<'_>) {
        let id = ids.pop_front().unwrap_or_default();
        match outcome.success() {
            Ok(_) => self.removed(key, &id, cx),
            Err(trouble) => {
                let chat = self.chats.by_key(key).map(|conversation| &conversation.chat);
                fail(&trouble.error("The message could not be deleted.", code::NONE), chat, cx);
            }
        }
        // The rest would end in the same way.
        if !matches!(outcome, Outcome::Unsent(_)) && cx.session.is_some() {
            self.delete_next(key, ids, cx);
        }
    }

    fn removed(&mut self, key: u64, id: &str, cx: &mut Cx<'_>) {
        let Some(conversation) = self.chats.by_key_mut(key) else { return };
        conversation.remove(id);
        self.changed(key, None, cx);
    }

    /// The answer to the deletion of a conversation.
    pub(super) fn deleted_all(&mut self, key: u64, outcome: &Outcome, cx: &mut Cx<'_>) {
        match outcome.success() {
            Ok(_) => self.forget(key, cx),
            Err(trouble) => {
                let chat = self.chats.by_key(key).map(|conversation| &conversation.chat);
                fail(&trouble.error("The conversation could not be deleted.", code::NONE), chat, cx);
            }
        }
    }

    /// Forgets a conversation, and tells which ones are left. With a message that is being sent it stays, emptied.
    fn forget(&mut self, key: u64, cx: &mut Cx<'_>) {
        if let Some(conversation) = self.chats.by_key_mut(key) {
            conversation.clear();
            tell_face(conversation, None, cx);
            if conversation.sending == 0 {
                self.chats.remove(key);
            }
        }
        let left = self.chats.iter().map(|left| Value::Object(with_chat(Map::new(), &left.chat)));
        cx.out.emit("conversations:change", Value::Array(left.collect()));
    }
}

/// Users in the order in which a group has them.
pub(super) fn sorted(users: Vec<String>) -> Vec<String> {
    let places = order::by_text(users.iter().map(String::as_str));
    order::put(users.into_iter(), &places)
}

/// What stands for a conversation in an address: the server's id of it, or the one user in it (protocol §7.3.5).
fn place(thread: Option<String>, chat: &Chat) -> Option<String> {
    thread.or_else(|| if chat.destination.len() == 1 { chat.destination.first().cloned() } else { None })
}

/// A message of a history, and its attachments.
fn read_item(item: &Value, chat: &Chat, members: &[(String, String)], own: &str) -> Option<(Message, Vec<Value>)> {
    let id = plain::name(item, "id")?;
    let mine = plain::whole(item, "dir").unwrap_or_default() != 0;
    let sender = match plain::name(item, "sender") {
        _ if mine => Some(own.to_owned()),
        Some(sender) if sender.contains('@') => Some(sender),
        Some(member) => members.iter().find(|(id, _)| *id == member).map(|(_, user)| user.clone()),
        None => None,
    };
    let mut parts = Vec::new();
    if let Some(text) = item.get("txt").and_then(Value::as_str).filter(|text| !text.is_empty()) {
        let mut part = Map::new();
        plain::put(&mut part, "type", "text");
        plain::put(&mut part, "text", text);
        parts.push(Value::Object(part));
    }
    let message = Message {
        id: Some(id),
        time: plain::whole(item, "when").unwrap_or_default(),
        read: plain::flag(item, "read") == Some(true),
        uncounted: item.get("read").is_none(),
        own: mine,
        sender: sender.or_else(|| chat.destination.first().cloned()),
        parts,
        ..Message::default()
    };
    Some((message, plain::list(item, "attachments").to_vec()))
}
