//! What became of each message of a trial.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kandy_people::People;
use serde_json::{Value, json};
use tokio::{sync::watch, time::Instant};

use crate::{
    pace::Pace,
    people::{Application, ask},
    trial::Tally,
};

const TAKEN: &str = "send to taken";
const TOLD: &str = "send to told";
/// From when a message was due until its sender is shown that the gateway has it, and until the other one is told of it.
const MEASURES: [&str; 2] = [TAKEN, TOLD];

/// The messages of the trial that runs; their numbers are their texts, and go on from trial to trial.
pub(super) struct Ledger {
    inside: Mutex<Inside>,
    /// How many answers and arrivals are missing.
    missing: watch::Sender<usize>,
}

struct Inside {
    first: usize,
    pace: Pace,
    messages: Vec<Fate>,
    errors: Tally,
}

#[derive(Debug, Clone, Default)]
struct Fate {
    taken: Option<Instant>,
    told: Option<Instant>,
    failed: bool,
}

impl Ledger {
    pub(super) fn new() -> Self {
        let inside = Inside { first: 0, pace: Pace::new(0, 0), messages: Vec::new(), errors: Tally::default() };
        Self { inside: Mutex::new(inside), missing: watch::Sender::new(0) }
    }

    /// Begins anew; returns the number of the first message.
    pub(super) fn begin(&self, pace: Pace) -> usize {
        let mut inside = self.lock();
        inside.first += inside.messages.len();
        inside.pace = pace;
        inside.messages = vec![Fate::default(); pace.total];
        inside.errors = Tally::of(&MEASURES);
        self.missing.send_replace(2 * pace.total);
        inside.first
    }

    /// Completes when nothing is missing any more.
    pub(super) async fn done(&self) {
        // The sender is here.
        drop(self.missing.subscribe().wait_for(|missing| *missing == 0).await);
    }

    /// What became of them. What is missing now is lost.
    pub(super) fn tally(&self) -> Tally {
        let inside = self.lock();
        let mut tally = inside.errors.clone();
        for (at, fate) in inside.messages.iter().enumerate() {
            let due = inside.pace.due(at);
            match fate.taken {
                Some(taken) => tally.add(TAKEN, taken.saturating_duration_since(due)),
                // Why is told already.
                None if fate.failed => tally.miss(TAKEN),
                None => tally.fail(TAKEN, "was not taken in time"),
            }
            match fate.told {
                Some(told) => tally.add(TOLD, told.saturating_duration_since(due)),
                None if fate.failed => tally.miss(TOLD),
                None => tally.fail(TOLD, "was not told in time"),
            }
        }
        tally
    }

    fn note(&self, message: &Value) {
        let text = message.pointer("/parts/0/text").and_then(Value::as_str);
        let Some(number) = text.and_then(|text| text.parse::<usize>().ok()) else { return };
        let flag = |key| message.get(key).and_then(Value::as_bool) == Some(true);
        let mut inside = self.lock();
        let at = number.checked_sub(inside.first);
        let Inside { messages, errors, .. } = &mut *inside;
        // Those of an earlier trial were given up.
        let Some(fate) = at.and_then(|at| messages.get_mut(at)) else { return };
        let mut done = 0;
        match (flag("own"), flag("isPending"), message.get("error")) {
            (true, true, _) => {}
            (true, false, Some(error)) => {
                if !fate.failed && fate.taken.is_none() {
                    fate.failed = true;
                    done = 1 + usize::from(fate.told.is_none());
                    let part = |key| error.get(key).map(Value::to_string).unwrap_or_default();
                    errors.note(&format!("{}: {}", part("code"), part("message")));
                }
            }
            (true, false, None) => done = set(&mut fate.taken),
            // Nobody waits any longer for what its sender was told is lost.
            (false, ..) => done = set(&mut fate.told) * usize::from(!fate.failed),
        }
        drop(inside);
        self.missing.send_if_modified(|missing| {
            *missing = missing.saturating_sub(done);
            done > 0
        });
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// 1 if that was the first time.
fn set(time: &mut Option<Instant>) -> usize {
    let first = time.is_none();
    time.get_or_insert_with(Instant::now);
    usize::from(first)
}

/// The application of each client.
pub(super) struct Ears(pub(super) Arc<Ledger>);

impl Application for Ears {
    fn told(&mut self, people: &People, event: &'static str, payload: &Value) {
        let id = payload.get("messageId").filter(|_| event == "people:message");
        let Some(((id, destination), kind)) = id.zip(payload.get("destination")).zip(payload.get("type")) else {
            return;
        };
        let query =
            json!({"type": "conversation.message", "destination": destination, "convoType": kind, "messageId": id});
        self.0.note(&ask(people, &query));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(number: usize, own: bool, pending: bool) -> Value {
        json!({"parts": [{"text": number.to_string()}], "own": own, "isPending": pending})
    }

    #[tokio::test]
    async fn each_message_is_taken_and_told_once() {
        let ledger = Ledger::new();
        assert_eq!(ledger.begin(Pace::new(2, 1)), 0);
        for number in 0..2 {
            for (own, pending) in [(true, true), (true, false), (false, false), (false, false)] {
                ledger.note(&message(number, own, pending));
            }
        }
        ledger.done().await;
        let tally = ledger.tally();
        assert!(tally.is_clean() && tally.measures.iter().all(|(_, spread)| spread.count() == 2), "{tally:?}");
        assert_eq!(ledger.begin(Pace::new(3, 1)), 2, "numbers go on");
        ledger.note(&message(1, false, false));
        ledger.note(&message(2, true, false));
        let mut refused = message(3, true, false);
        refused["error"] = json!({"code": 7, "message": "no"});
        ledger.note(&refused);
        let tally = ledger.tally();
        let counts: Vec<_> = tally.measures.iter().map(|(_, spread)| (spread.count(), spread.failed)).collect();
        assert_eq!(counts, [(1, 2), (0, 3)], "the one of the trial before does not count: {tally:?}");
        assert_eq!(tally.errors["7: \"no\""], 1);
    }
}
