//! Messages whose parts have yet to be fetched: JSON parts stand at addresses of their own (protocol §7.3.3, §7.3.5).

use kandy_wire::{Map, Value};

use super::{
    Ask,
    message::Message,
    wire::{self, JSON_PART},
};
use crate::{
    Chat,
    asks::{Purpose, Subject},
    effect::{Request, To},
    limits,
    outcome::Outcome,
    people::Cx,
    plain,
};

/// What is being fetched.
#[derive(Debug, Default)]
pub(crate) struct Gathering {
    jobs: Vec<Job>,
}

/// Some messages that are shown as soon as nothing of them is missing.
#[derive(Debug)]
pub(crate) struct Job {
    number: u64,
    pub(crate) goal: Goal,
    pub(crate) messages: Vec<Message>,
    /// Requests without an answer.
    left: usize,
}

/// What becomes of the messages.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Goal {
    /// They are the history of the conversation with this number.
    History(u64),
    /// It has just come in.
    Live(Chat),
}

impl Gathering {
    /// Begins a job that waits for one answer: the message's own, with its attachments.
    pub(crate) fn begin(&mut self, chat: Chat, user: &str, wire_kind: &str, message: Message, cx: &mut Cx<'_>) {
        let number = cx.ids.number();
        let request = wire::details(user, message.id.as_deref().unwrap_or_default(), wire_kind);
        self.jobs.push(Job { number, goal: Goal::Live(chat), messages: vec![message], left: 1 });
        cx.ask(Subject::Free, Purpose::Messaging(Ask::Details(number)), request);
    }

    /// Begins a job with what is known already; it may be over at once.
    pub(crate) fn gather(&mut self, key: u64, items: Vec<(Message, Vec<Value>)>, cx: &mut Cx<'_>) -> Option<Job> {
        let number = cx.ids.number();
        let mut job = Job { number, goal: Goal::History(key), messages: Vec::with_capacity(items.len()), left: 0 };
        for (message, attachments) in items {
            job.messages.push(message);
            job.attach(&attachments, cx);
        }
        self.jobs.push(job);
        self.finished(number)
    }

    /// The answer to `begin`.
    pub(crate) fn detailed(&mut self, number: u64, attachments: &[Value], cx: &mut Cx<'_>) -> Option<Job> {
        let job = self.jobs.iter_mut().find(|job| job.number == number)?;
        job.attach(attachments, cx);
        job.left = job.left.saturating_sub(1);
        self.finished(number)
    }

    /// A JSON part has come. Without it the file stays, so that nothing is lost.
    pub(crate) fn fetched(&mut self, (number, message, part): (u64, usize, usize), outcome: &Outcome) -> Option<Job> {
        let job = self.jobs.iter_mut().find(|job| job.number == number)?;
        job.left = job.left.saturating_sub(1);
        let place = job.messages.get_mut(message).and_then(|message| message.parts.get_mut(part));
        if let (Some(place), Outcome::Accepted(json)) = (place, outcome) {
            let mut members = Map::new();
            plain::put(&mut members, "type", "json");
            plain::put(&mut members, "json", json.clone());
            *place = Value::Object(members);
        }
        self.finished(number)
    }

    /// Whether the message with this id is being fetched.
    pub(crate) fn has(&self, id: &str) -> bool {
        let live = self.jobs.iter().filter(|job| matches!(job.goal, Goal::Live(_)));
        live.flat_map(|job| &job.messages).any(|message| message.id.as_deref() == Some(id))
    }

    fn finished(&mut self, number: u64) -> Option<Job> {
        let at = self.jobs.iter().position(|job| job.number == number && job.left == 0)?;
        Some(self.jobs.remove(at))
    }
}

impl Job {
    /// Adds attachments to the last message, and asks for those that are JSON parts.
    fn attach(&mut self, attachments: &[Value], cx: &mut Cx<'_>) {
        let at = self.messages.len().saturating_sub(1);
        let Some(message) = self.messages.last_mut() else { return };
        for attachment in attachments {
            if message.parts.len() >= limits::PARTS {
                return;
            }
            let url = plain::text(attachment, "url").filter(|url| url.starts_with("http"));
            if let (Some(JSON_PART), Some(url)) = (attachment.get("mime").and_then(Value::as_str), url) {
                self.left += 1;
                let ask = Ask::Json(self.number, at, message.parts.len());
                cx.ask(Subject::Free, Purpose::Messaging(ask), Request::new("GET", To::Url, url));
            }
            message.parts.push(file(attachment));
        }
    }
}

/// A file as a part: what the server tells of it, both in the part itself and in its member `file`.
pub(crate) fn file(attachment: &Value) -> Value {
    let mut members = attachment.as_object().cloned().unwrap_or_default();
    plain::put(&mut members, "type", "file");
    plain::put(&mut members, "file", attachment.clone());
    Value::Object(members)
}
