//! What became of each change of presence of a trial.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use kandy_people::People;
use serde_json::{Value, json};
use tokio::{sync::watch, time::Instant};

use crate::{
    pace::Pace,
    people::{Application, ask},
    trial::Tally,
};

const TAKEN: &str = "publish to taken";
const TOLD: &str = "publish to told";
/// From when a change was due until the gateway took it, and until each watcher knew of it, or of a newer one of the same user:
/// presence is a state, of which only the newest counts (protocol §6.5).
const MEASURES: [&str; 2] = [TAKEN, TOLD];

/// The changes of the trial that runs; their numbers are their notes, and go on from trial to trial.
pub(super) struct Ledger {
    /// Numbers of users.
    users: BTreeMap<String, usize>,
    watchers: usize,
    inside: Mutex<Inside>,
    /// How many answers and notices are missing.
    missing: watch::Sender<usize>,
}

struct Inside {
    first: usize,
    pace: Pace,
    /// Which ones were taken.
    taken: Vec<bool>,
    /// How many watchers know of each.
    told: Vec<usize>,
    tally: Tally,
}

impl Ledger {
    pub(super) fn new(users: &[String], watchers: usize) -> Self {
        let users = users.iter().enumerate().map(|(number, user)| (user.clone(), number)).collect();
        let (pace, tally) = (Pace::new(0, 0), Tally::of(&MEASURES));
        let inside = Inside { first: 0, pace, taken: Vec::new(), told: Vec::new(), tally };
        Self { users, watchers, inside: Mutex::new(inside), missing: watch::Sender::new(0) }
    }

    /// Begins anew; returns the number of the first change.
    pub(super) fn begin(&self, pace: Pace) -> usize {
        let mut inside = self.lock();
        let first = inside.first + inside.taken.len();
        let (taken, told) = (vec![false; pace.total], vec![0; pace.total]);
        *inside = Inside { first, pace, taken, told, tally: Tally::of(&MEASURES) };
        self.missing.send_replace(pace.total * (1 + self.watchers));
        first
    }

    /// Completes when nothing is missing any more.
    pub(super) async fn done(&self) {
        // The sender is here.
        drop(self.missing.subscribe().wait_for(|missing| *missing == 0).await);
    }

    /// What became of them. What is missing now is lost.
    pub(super) fn tally(&self) -> Tally {
        let inside = self.lock();
        let mut tally = inside.tally.clone();
        for (taken, told) in inside.taken.iter().zip(&inside.told) {
            if !taken {
                tally.fail(TAKEN, "was not taken in time");
            }
            (*told..self.watchers).for_each(|_| tally.fail(TOLD, "was not told in time"));
        }
        tally
    }

    /// This change was taken.
    fn take(&self, number: usize) {
        let mut inside = self.lock();
        let Some(at) = number.checked_sub(inside.first) else { return };
        let took = since(&inside.pace, at);
        if let Some(taken) = inside.taken.get_mut(at)
            && !std::mem::replace(taken, true)
        {
            inside.tally.add(TAKEN, took);
            drop(inside);
            self.done_with(1);
        }
    }

    /// A watcher knows of a change of this user, and before it knew of that one, if of any.
    fn tell(&self, user: usize, before: Option<usize>, number: usize) {
        let mut inside = self.lock();
        let first = inside.first;
        let Some(at) = number.checked_sub(first).filter(|at| *at < inside.told.len()) else { return };
        // The changes of this user are as far apart as there are users.
        let begin =
            before.and_then(|before| before.checked_sub(first)).map_or(user, |before| before + self.users.len());
        let mut known = 0;
        for overtaken in (begin..=at).step_by(self.users.len().max(1)) {
            let took = since(&inside.pace, overtaken);
            inside.tally.add(TOLD, took);
            if let Some(told) = inside.told.get_mut(overtaken) {
                *told += 1;
            }
            known += 1;
        }
        drop(inside);
        self.done_with(known);
    }

    fn fail(&self, why: &str) {
        self.lock().tally.note(why);
    }

    fn done_with(&self, some: usize) {
        self.missing.send_modify(|missing| *missing = missing.saturating_sub(some));
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn since(pace: &Pace, at: usize) -> Duration {
    Instant::now().saturating_duration_since(pace.due(at))
}

/// The application of each client.
pub(super) struct Watcher {
    number: usize,
    ledger: Arc<Ledger>,
    /// By user: the change that is known.
    known: BTreeMap<usize, usize>,
}

impl Watcher {
    pub(super) fn new(number: usize, ledger: Arc<Ledger>) -> Self {
        Self { number, ledger, known: BTreeMap::new() }
    }

    /// Another user is told of. What is known already is told once more to a watcher that has just begun.
    fn change(&mut self, payload: &Value) {
        let user = payload.get("userId").and_then(Value::as_str).and_then(|user| self.ledger.users.get(user));
        let Some((user, number)) = user.copied().zip(note(payload)) else { return };
        let before = self.known.get(&user).copied();
        if user != self.number && before.is_none_or(|before| before < number) {
            self.known.insert(user, number);
            self.ledger.tell(user, before, number);
        }
    }
}

impl Application for Watcher {
    fn told(&mut self, people: &People, event: &'static str, payload: &Value) {
        match event {
            "presence:change" => self.change(payload),
            "presence:selfChange" => {
                if let Some(number) = note(&ask(people, &json!({"type": "presence.getSelf"}))) {
                    self.ledger.take(number);
                }
            }
            "presence:error" => self.ledger.fail(&payload.get("error").map(Value::to_string).unwrap_or_default()),
            _ => {}
        }
    }
}

fn note(values: &Value) -> Option<usize> {
    values.get("note")?.as_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(user: &str, number: usize) -> Value {
        json!({"userId": user, "note": number.to_string()})
    }

    #[tokio::test]
    async fn what_a_newer_change_overtakes_is_known_by_it() {
        let ledger = Arc::new(Ledger::new(&["a".to_owned(), "b".to_owned()], 1));
        let (mut a, mut b) = (Watcher::new(0, Arc::clone(&ledger)), Watcher::new(1, Arc::clone(&ledger)));
        // Four changes: 0 and 2 are those of a.
        assert_eq!(ledger.begin(Pace::new(4, 1)), 0);
        (0..4).for_each(|number| ledger.take(number));
        b.change(&change("a", 2));
        b.change(&change("a", 2));
        b.change(&change("b", 1));
        a.change(&change("b", 1));
        assert_eq!(*ledger.missing.borrow(), 1);
        a.change(&change("b", 3));
        ledger.done().await;
        let tally = ledger.tally();
        assert!(tally.is_clean() && tally.measures.iter().all(|(_, spread)| spread.count() == 4), "{tally:?}");
        assert_eq!(ledger.begin(Pace::new(2, 1)), 4, "numbers go on");
        b.change(&change("a", 4));
        let tally = ledger.tally();
        assert_eq!((tally.measures[0].1.failed, tally.measures[1].1.failed), (2, 1), "{tally:?}");
        assert_eq!(tally.measures[1].1.count(), 1);
    }
}
