//! Messages of others (protocol §7.2, §7.3.5).

use kandy_wire::{Map, Value};

use super::{
    Messaging, fail,
    gather::{Goal, Job},
    managing::sorted,
    message::Message,
    tell_face, wire, with_chat,
};
use crate::{Chat, effect::Level, error::code, outcome::Outcome, people::Cx, plain};

impl Messaging {
    /// `IM`: a text of the Link service.
    pub(crate) fn told_link(&mut self, notice: &Value, cx: &mut Cx<'_>) {
        let params = plain::any(notice, "imnotificationParams");
        let contact = plain::text(&params, "primaryContact").unwrap_or_default();
        let sender = contact.split_once("sip:").map_or(contact.as_str(), |(_, sender)| sender).to_owned();
        let (Some(id), false) = (plain::name(notice, "eventId"), sender.is_empty()) else {
            return cx.out.log(Level::Warn, "a message without an id or a sender was left out");
        };
        let chat = Chat { destination: vec![sender.clone()], kind: "im".to_owned() };
        let text = plain::text(&params, "msgText").unwrap_or_default();
        let message = Message { time: sent_at(notice, cx), ..received(id, sender, Some(text), cx) };
        self.receive(chat, message, cx);
    }

    /// `im`, `sms`: a message of the UC service; one with attachments is completed first.
    pub(crate) fn told_uc(&mut self, notice: &Value, cx: &mut Cx<'_>) {
        if plain::text(notice, "direction").as_deref() != Some("in") {
            return;
        }
        let (Some(id), Some(sender)) = (plain::name(notice, "id"), plain::text(notice, "From")) else {
            return cx.out.log(Level::Warn, "a message without an id or a sender was left out");
        };
        let sms = plain::text(notice, "event").as_deref() == Some("sms");
        let otherwise = if sms { "sms" } else { "internal" };
        let wire_kind = plain::text(notice, "type").unwrap_or_else(|| otherwise.to_owned());
        // A server that names the conversation or everybody in it means that one; others leave us with the sender.
        let thread = plain::name(notice, "group").or_else(|| plain::name(notice, "thread"));
        let known = thread.and_then(|thread| self.chats.by_thread(&thread).cloned());
        let own = cx.session.map(|session| session.username.as_str());
        let mut everybody = sorted(plain::texts(notice, "handles"));
        everybody.retain(|user| Some(user.as_str()) != own);
        let destination = if everybody.is_empty() { vec![sender.clone()] } else { everybody };
        let kind = if destination.len() > 1 { "group" } else { wire::kind_of(&wire_kind) };
        let chat = known.unwrap_or_else(|| Chat { destination, kind: kind.to_owned() });
        let seen = self.chats.by_name(&chat).is_some_and(|conversation| conversation.has(&id));
        if seen || self.gathering.has(&id) {
            return cx.out.log(Level::Debug, "a message came twice");
        }
        let attached = match notice.get("Attach") {
            None | Some(Value::Null | Value::Bool(false)) => false,
            Some(Value::String(text)) => !text.is_empty(),
            Some(Value::Array(list)) => !list.is_empty(),
            Some(_) => true,
        };
        let text = plain::text(notice, "txt");
        let message = Message { time: sent_at(notice, cx), ..received(id, sender.clone(), text, cx) };
        if attached {
            self.gathering.begin(chat, &sender, &wire_kind, message, cx);
        } else {
            self.receive(chat, message, cx);
        }
    }

    /// The attachments of a message that has come in. Without them its text is shown, and that something is missing is told.
    pub(super) fn detailed(&mut self, job: u64, outcome: &Outcome, cx: &mut Cx<'_>) {
        let attachments = match outcome.success() {
            Ok(items) => {
                let item = items.as_array().and_then(|items| items.first()).unwrap_or(items);
                plain::list(item, "attachments").to_vec()
            }
            Err(trouble) => {
                let what = "The attachments of a message could not be fetched.";
                fail(&trouble.error(what, code::FETCH_MESSAGES), None, cx);
                Vec::new()
            }
        };
        let job = self.gathering.detailed(job, &attachments, cx);
        job.into_iter().for_each(|job| self.gathered(job, cx));
    }

    /// Nothing is missing any more.
    pub(super) fn gathered(&mut self, job: Job, cx: &mut Cx<'_>) {
        match job.goal {
            Goal::Live(chat) => {
                for message in job.messages {
                    self.receive(chat.clone(), message, cx);
                }
            }
            Goal::History(key) => self.fetched(key, job.messages, cx),
        }
    }

    /// Puts a message into its conversation, and tells of one of them: of the conversation, if it is new.
    fn receive(&mut self, chat: Chat, mut message: Message, cx: &mut Cx<'_>) {
        let (key, new) = self.chats.ensure(&chat, None, cx);
        let Some(conversation) = self.chats.by_key_mut(key) else { return };
        let id = message.id.clone().unwrap_or_default();
        if conversation.has(&id) {
            return cx.out.log(Level::Debug, "a message came twice");
        }
        // Attachments take their time: such a message stands where it came in.
        if message.time == cx.now {
            message.time = conversation.time(cx.now);
        }
        conversation.last_received = Some(cx.now);
        conversation.last_pull = Some(cx.now);
        conversation.add(message);
        if new {
            let payload = vec![Value::Object(with_chat(Map::new(), &chat))];
            cx.out.emit("conversations:change", Value::Array(payload));
            tell_face(conversation, Some(&id), cx);
        } else {
            self.changed(key, Some(&id), cx);
        }
    }
}

fn received(id: String, sender: String, text: Option<String>, cx: &Cx<'_>) -> Message {
    let mut parts = Vec::new();
    if let Some(text) = text {
        let mut members = Map::new();
        plain::put(&mut members, "type", "text");
        plain::put(&mut members, "text", text);
        parts.push(Value::Object(members));
    }
    Message { id: Some(id), time: cx.now, sender: Some(sender), parts, ..Message::default() }
}

/// When a message was sent, by the clock of a server that puts our own messages into the same order; any other message is as old as
/// its arrival here (api-behaviour 12).
fn sent_at(notice: &Value, cx: &Cx<'_>) -> u64 {
    let ordered = cx.session.is_some_and(|session| session.once);
    plain::whole(notice, "time").filter(|_| ordered).unwrap_or(cx.now)
}
