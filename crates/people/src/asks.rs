//! Requests: at most so many under way, the others in a queue, and those of one subject one after the other.

use std::collections::VecDeque;

use crate::{
    AskId, Effect, OpId, contacts, directory,
    effect::{Effects, Request},
    history,
    ids::Ids,
    input::Failure,
    limits, messaging,
    outcome::Outcome,
    presence, sip_events,
};

/// Requests of one subject never overtake each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    /// In no order with anything.
    Free,
    OwnPresence,
    Watches,
    Contacts,
    Directory,
    History,
    Voicemail,
    SipEvents,
    /// One conversation, by its number.
    Chat(u64),
}

/// Whose request it is, and what its answer is needed for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Purpose {
    Presence(presence::Ask),
    Contacts(contacts::Ask),
    Directory(directory::Ask),
    History(history::Ask),
    Voicemail,
    Sip(sip_events::Ask),
    Click { call: String, caller: String, callee: String },
    Messaging(messaging::Ask),
}

/// What an answer is needed for, and the operation that waits for it.
pub(crate) type Task = (Purpose, Option<OpId>);

/// Every request that is not answered yet.
#[derive(Debug, Default)]
pub(crate) struct Asks {
    under_way: Vec<(AskId, Subject, Task)>,
    queue: VecDeque<(Subject, Task, Request)>,
    /// Those that came to nothing without an answer.
    over: VecDeque<(Task, Outcome)>,
}

impl Asks {
    /// Takes up a request. `logged_in` false, or too many before it: it is over at once.
    pub(crate) fn ask(&mut self, subject: Subject, task: Task, request: Request, logged_in: bool) {
        if !logged_in {
            self.over.push_back((task, unsent("Not connected: call connect() first.")));
        } else if self.queue.len() >= limits::QUEUED {
            self.over.push_back((task, unsent("Too many requests are waiting.")));
        } else {
            self.queue.push_back((subject, task, request));
        }
    }

    /// Makes those requests whose turn it is.
    pub(crate) fn pump(&mut self, ids: &mut Ids, out: &mut Effects) {
        while self.under_way.len() < limits::UNDER_WAY {
            let may_go = |subject: &Subject| {
                *subject == Subject::Free || !self.under_way.iter().any(|(_, busy, _)| busy == subject)
            };
            let Some(at) = self.queue.iter().position(|(subject, ..)| may_go(subject)) else { return };
            let Some((subject, task, request)) = self.queue.remove(at) else { return };
            let id = AskId(ids.number());
            self.under_way.push((id, subject, task));
            out.push(Effect::Ask(id, request));
        }
    }

    /// The request that was answered; `None` if nobody waits for it any more.
    pub(crate) fn answered(&mut self, id: AskId) -> Option<Task> {
        let at = self.under_way.iter().position(|(there, ..)| *there == id)?;
        Some(self.under_way.remove(at).2)
    }

    /// The login they were made in is over: those under way may have reached the server, the others have not.
    pub(crate) fn abandon(&mut self) {
        for (_, _, task) in self.under_way.drain(..) {
            let message = "The login ended before the server answered.".to_owned();
            self.over.push_back((task, Outcome::Lost(Failure { name: "LoggedOut".to_owned(), message })));
        }
        for (_, task, _) in self.queue.drain(..) {
            self.over.push_back((task, unsent("The login ended.")));
        }
    }

    /// One that came to nothing without an answer.
    pub(crate) fn take_over(&mut self) -> Option<(Task, Outcome)> {
        self.over.pop_front()
    }

    /// Whether there is none such.
    pub(crate) fn none_over(&self) -> bool {
        self.over.is_empty()
    }
}

fn unsent(message: &str) -> Outcome {
    Outcome::Unsent(Failure { name: Failure::NOT_CONNECTED.to_owned(), message: message.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::effect::To;

    fn fill(asks: &mut Asks, subject: Subject, count: usize) {
        for _ in 0..count {
            asks.ask(subject, (Purpose::Voicemail, None), Request::new("GET", To::User, "voicemail"), true);
        }
    }

    fn pumped(asks: &mut Asks, ids: &mut Ids) -> Vec<AskId> {
        let mut out = Effects::default();
        asks.pump(ids, &mut out);
        out.into_vec()
            .iter()
            .filter_map(|effect| if let Effect::Ask(id, _) = effect { Some(*id) } else { None })
            .collect()
    }

    #[test]
    fn six_at_a_time_and_one_of_a_subject() {
        let (mut asks, mut ids) = (Asks::default(), Ids::new(1));
        fill(&mut asks, Subject::Voicemail, 3);
        fill(&mut asks, Subject::Free, 7);
        assert_eq!(pumped(&mut asks, &mut ids).len(), limits::UNDER_WAY);
        assert_eq!(asks.answered(AskId(1)), Some((Purpose::Voicemail, None)), "the first of its subject went");
        assert_eq!(asks.answered(AskId(1)), None, "an answer counts once");
        assert_eq!(pumped(&mut asks, &mut ids).len(), 1);
        assert_eq!(asks.under_way.iter().filter(|(_, subject, _)| *subject == Subject::Voicemail).count(), 1);
        asks.abandon();
        assert_eq!(std::iter::from_fn(|| asks.take_over()).count(), 9, "everything that was left ends");
    }

    #[test]
    fn what_cannot_wait_any_more_ends_at_once() {
        let mut asks = Asks::default();
        fill(&mut asks, Subject::Voicemail, limits::QUEUED + 1);
        assert!(matches!(asks.take_over(), Some(((Purpose::Voicemail, None), Outcome::Unsent(_)))));
        assert!(asks.take_over().is_none());
        asks.ask(Subject::Free, (Purpose::Voicemail, None), Request::new("GET", To::User, "voicemail"), false);
        assert!(asks.take_over().is_some(), "nobody is logged in");
    }
}
