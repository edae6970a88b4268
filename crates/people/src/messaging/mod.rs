//! Messages and conversations (api-behaviour 12, protocol §7).
//!
//! | module | decides |
//! | --- | --- |
//! | `chats`, `conversation`, `message` | what there is, and how it looks |
//! | `part` | what messages are made of |
//! | `sending`, `outbox` | what is sent and when, and what is told of it |
//! | `receiving`, `gather` | what comes in, with its attachments |
//! | `managing` | lists and histories, deleting, read marks |
//! | `wire` | requests and answers of both services |

mod chats;
mod conversation;
mod gather;
mod managing;
mod message;
mod outbox;
mod part;
mod receiving;
mod sending;
mod wire;

use kandy_wire::{Map, Value};

use self::{chats::Chats, conversation::Conversation, gather::Gathering, outbox::Outbox};
use crate::{Chat, Error, input::Flavour, outcome::Outcome, people::Cx, plain};

pub use part::Part;

/// Every conversation, and everything on its way out or in.
#[derive(Debug, Default)]
pub(crate) struct Messaging {
    chats: Chats,
    outbox: Outbox,
    gathering: Gathering,
}

/// What an answer is needed for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Ask {
    /// The first message that waits in this conversation.
    Send(u64, Flavour),
    /// A part of it.
    Upload(u64),
    /// The list of conversations.
    Threads,
    /// Messages of this conversation.
    History(u64),
    /// The attachments of a message that has come in, for this job.
    Details(u64),
    /// A JSON part: of which job, which message of it, which part.
    Json(u64, usize, usize),
    /// Messages of this conversation, one request after the other.
    Delete(u64, std::collections::VecDeque<String>),
    DeleteAll(u64),
    MarkRead,
}

impl Messaging {
    /// `conversation.create`
    pub(crate) fn create(&mut self, chat: &Chat, name: Option<String>, cx: &mut Cx<'_>) {
        if self.chats.ensure(chat, name, cx).1 {
            cx.out.tell("conversations:new");
        }
    }

    pub(crate) fn answered(&mut self, ask: Ask, outcome: &Outcome, cx: &mut Cx<'_>) {
        match ask {
            Ask::Send(key, flavour) => {
                let done = self.outbox.sent(key, flavour, outcome, cx);
                done.into_iter().for_each(|done| self.settle(done, cx));
            }
            Ask::Upload(key) => {
                let done = self.outbox.uploaded(key, outcome, cx);
                done.into_iter().for_each(|done| self.settle(done, cx));
            }
            Ask::Threads => self.listed(outcome, cx),
            Ask::History(key) => self.history(key, outcome, cx),
            Ask::Details(job) => self.detailed(job, outcome, cx),
            Ask::Json(job, message, part) => {
                let job = self.gathering.fetched((job, message, part), outcome);
                job.into_iter().for_each(|job| self.gathered(job, cx));
            }
            Ask::Delete(key, ids) => self.deleted(key, ids, outcome, cx),
            Ask::DeleteAll(key) => self.deleted_all(key, outcome, cx),
            Ask::MarkRead => self.marked(outcome, cx),
        }
    }

    /// Does what can be done now; true if something came to an end by it.
    pub(crate) fn pump(&mut self, cx: &mut Cx<'_>) -> bool {
        let done = self.outbox.pump(cx);
        let any = !done.is_empty();
        done.into_iter().for_each(|done| self.settle(done, cx));
        any
    }

    /// The timer of the outbox went off.
    pub(crate) fn woken(&mut self) {
        self.outbox.woken();
    }

    /// The connection is back.
    pub(crate) fn hurry(&mut self) {
        self.outbox.hurry();
    }

    /// `conversation.get`, `getAll` and the functions of a conversation that only read. `None`: no such question.
    pub(crate) fn query(&self, kind: &str, query: &Value, flavour: Option<Flavour>) -> Option<Value> {
        let one = || self.chats.by_name(&Chat::read(query));
        Some(match kind {
            "conversation.get" => one().map(|conversation| conversation.to_value(flavour)).unwrap_or_default(),
            "conversation.getAll" => Value::Array(self.chats.iter().map(|one| one.to_value(flavour)).collect()),
            "conversation.messages" => {
                let from = plain::whole(query, "from").unwrap_or_default() as usize;
                let count = plain::whole(query, "count").map_or(usize::MAX, |count| count as usize);
                one().map_or_else(|| Value::Array(Vec::new()), |conversation| conversation.show_messages(from, count))
            }
            "conversation.message" => {
                let id = plain::name(query, "messageId").unwrap_or_default();
                let found =
                    |conversation: &Conversation| Some(conversation.find(&id)?.to_value(&conversation.chat.kind));
                one().and_then(found).unwrap_or_default()
            }
            _ => return None,
        })
    }

    /// `messages:change` of a conversation, for the application and for those who have subscribed to it.
    fn changed(&self, key: u64, message: Option<&str>, cx: &mut Cx<'_>) {
        let mut payload = Map::new();
        plain::put_some(&mut payload, "messageId", message);
        self.changed_with(key, payload, message, cx);
    }

    /// The same with these members; `message` is what the face calls the message, which it needs also where there is no id.
    fn changed_with(&self, key: u64, payload: Map<String, Value>, message: Option<&str>, cx: &mut Cx<'_>) {
        let Some(conversation) = self.chats.by_key(key) else { return };
        cx.out.emit("messages:change", Value::Object(with_chat(payload, &conversation.chat)));
        tell_face(conversation, message, cx);
    }
}

/// `people:message`: by it the face calls the callbacks of `Conversation.subscribe`. Without `messageId`: many have changed.
fn tell_face(conversation: &Conversation, message: Option<&str>, cx: &mut Cx<'_>) {
    let mut payload = with_chat(Map::new(), &conversation.chat);
    plain::put(&mut payload, "conversation", conversation.name.as_str());
    plain::put_some(&mut payload, "messageId", message);
    cx.out.emit("people:message", Value::Object(payload));
}

/// Adds `destination` and `type`.
fn with_chat(mut payload: Map<String, Value>, chat: &Chat) -> Map<String, Value> {
    plain::put(&mut payload, "destination", plain::strings(&chat.destination));
    plain::put(&mut payload, "type", chat.kind.as_str());
    payload
}

/// `messages:error`, with the conversation if there is one.
fn fail(error: &Error, chat: Option<&Chat>, cx: &mut Cx<'_>) {
    let mut payload = Map::new();
    plain::put(&mut payload, "error", error.to_value());
    if let Some(chat) = chat {
        payload = with_chat(payload, chat);
    }
    cx.out.emit("messages:error", Value::Object(payload));
}
