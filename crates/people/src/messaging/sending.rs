//! Messages of ours: how they get into their conversation, and how it is told what became of them.

use kandy_wire::{Map, Value};

use super::{
    Messaging, fail,
    message::Message,
    outbox::{Done, Fate},
    part::Part,
    tell_face,
    wire::JSON_PART,
};
use crate::{Chat, Error, effect::Level, error::code, input::Flavour, limits, people::Cx, plain};

impl Messaging {
    /// `message.send()`, `message.forward()`: it appears at once in its conversation, and waits for its turn.
    pub(crate) fn send(&mut self, chat: Chat, local: Option<String>, parts: Vec<Part>, cx: &mut Cx<'_>) {
        if chat.destination.is_empty() || chat.destination.len() > limits::USERS {
            let error = Error::new(code::DESTINATION, "A message needs a destination: a list of users.");
            self.release(&parts, cx);
            return fail(&error, Some(&chat), cx);
        }
        let local = local.unwrap_or_else(|| cx.ids.name());
        let (key, new) = self.chats.ensure(&chat, None, cx);
        if new {
            cx.out.tell("conversations:new");
        }
        let why = refusal(&parts, cx);
        if is_link(cx) && chat.destination.len() > 1 {
            cx.out.log(Level::Warn, "the Link service takes one recipient: only the first one gets the message");
        }
        if let Some(conversation) = self.chats.by_key_mut(key) {
            conversation.add(Message {
                local: Some(local.clone()),
                time: conversation.time(cx.now),
                pending: true,
                own: true,
                parts: parts.iter().map(Part::to_value).collect(),
                ..Message::default()
            });
            tell_face(conversation, Some(&local), cx);
        }
        let done = match why {
            Some(error) => Some(Done::given_up(key, local, chat, parts, error)),
            None => self.outbox.push(key, local, chat, parts, cx),
        };
        done.into_iter().for_each(|done| self.settle(done, cx));
    }

    /// `message.addPart()`: what is no part is not taken into the message.
    pub(crate) fn refuse_part(&self, chat: &Chat, cx: &mut Cx<'_>) {
        fail(&Error::new(code::PARTS, NO_PART), Some(chat), cx);
    }

    /// Tells what became of a message.
    pub(super) fn settle(&mut self, done: Done, cx: &mut Cx<'_>) {
        let Done { key, message, fate } = done;
        self.release(&message.parts, cx);
        let sender = cx.session.map(|session| session.username.clone());
        let mut payload = Map::new();
        plain::put_some(&mut payload, "sender", sender.clone());
        match fate {
            Fate::Taken { id, thread, when, attachments } => {
                if let Some(thread) = thread {
                    self.chats.set_thread(key, &thread);
                }
                let parts = shown(&message.parts, &message.handles, &attachments);
                if let Some(conversation) = self.chats.by_key_mut(key) {
                    conversation.accept(&message.local, &id, &sender.unwrap_or_default(), parts);
                    when.into_iter().for_each(|when| conversation.place(&id, when));
                }
                plain::put(&mut payload, "messageId", id.as_str());
                self.changed_with(key, payload, Some(&id), cx);
                cx.finish(message.op, Ok(&Value::from(id)));
            }
            Fate::Refused(error) => {
                cx.finish(message.op, Err(&error));
                self.refuse(key, &message.local, error);
                self.changed_with(key, payload, Some(&message.local), cx);
            }
            Fate::GivenUp(error) => {
                self.refuse(key, &message.local, error.clone());
                self.changed_with(key, payload, Some(&message.local), cx);
                fail(&error, Some(&message.chat), cx);
                cx.finish(message.op, Err(&error));
            }
        }
    }

    /// `people:sent`: the face need not keep these files any longer.
    fn release(&self, parts: &[Part], cx: &mut Cx<'_>) {
        for part in parts {
            if let Part::File(file, _) = part
                && !self.outbox.needs(*file)
            {
                cx.out.emit("people:sent", plain::wrap("file", file.0));
            }
        }
    }

    fn refuse(&mut self, key: u64, local: &str, error: Error) {
        if let Some(conversation) = self.chats.by_key_mut(key) {
            conversation.fail(local, error);
        }
    }
}

pub(super) fn is_link(cx: &Cx<'_>) -> bool {
    cx.session.is_some_and(|session| session.flavour == Flavour::Link)
}

const NO_PART: &str = "A part of the message is neither text nor JSON nor a file.";

/// Why a message of these parts cannot be sent.
fn refusal(parts: &[Part], cx: &mut Cx<'_>) -> Option<Error> {
    let link = is_link(cx);
    let unknown = parts.iter().any(|part| matches!(part, Part::Unknown(_)));
    let texts = parts.iter().filter(|part| matches!(part, Part::Text(text) if !text.is_empty())).count();
    let others = parts.iter().filter(|part| !matches!(part, Part::Text(_))).count();
    let long = parts.iter().any(|part| matches!(part, Part::Text(text) if text.len() > limits::TEXT));
    let (code, why) = match () {
        () if unknown => (code::PARTS, NO_PART),
        () if texts + others == 0 => {
            (code::SEND, "There is nothing to send: the message has no text and no other part.")
        }
        () if parts.len() > limits::PARTS || long => (code::PARTS, "The message is too long, or has too many parts."),
        () if link && others > 0 => (code::PARTS, "Only text can be sent: the Link service has no files and no JSON."),
        () => return None,
    };
    cx.out.log(Level::Warn, why);
    Some(Error::new(code, why))
}

/// The parts as they are kept: what the server tells of a file is there instead of the file itself.
fn shown(parts: &[Part], handles: &[String], attachments: &[Value]) -> Vec<Value> {
    let is_file = |attachment: &&Value| attachment.get("mime").and_then(Value::as_str) != Some(JSON_PART);
    let mut files = attachments.iter().filter(is_file);
    let mut handles = handles.iter();
    let mut shown = Vec::with_capacity(parts.len());
    for part in parts {
        let mut value = part.to_value();
        let handle = if matches!(part, Part::Text(_)) { None } else { handles.next() };
        if let (Part::File(..) | Part::Handle(..), Value::Object(members)) = (part, &mut value) {
            // As a received one: what the server tells, both in the part itself and in its member `file`.
            members.remove("file");
            if let Some(attachment) = files.next() {
                plain::put(members, "file", attachment.clone());
                for (key, told) in attachment.as_object().into_iter().flatten() {
                    if key != "file" && key != "type" {
                        plain::put(members, key, told.clone());
                    }
                }
            }
            plain::put_some(members, "handle", handle.map(String::as_str));
        }
        shown.push(value);
    }
    shown
}
