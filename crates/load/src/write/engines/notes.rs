//! What the application of one client was told, event by event.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use kandy_people::People;
use serde_json::{Value, json};
use tokio::{sync::watch, time::timeout};

use super::shown::{Key, Line};
use crate::people::{Application, ask};

/// What was told so far.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// Numbers of own messages that were given to `send()` and of which nothing was told yet.
    pub(super) pending: BTreeSet<u32>,
    /// How often the arrival of a message of somebody else was told.
    pub(super) told: BTreeMap<Key, usize>,
    /// Events of conversations and their messages.
    pub(super) events: u64,
    /// `messages:error` events.
    pub(super) errors: usize,
}

/// The notes of one client: its application writes them down, others wait for what stands there.
#[derive(Clone)]
pub(super) struct Notes {
    heard: Arc<Mutex<Heard>>,
    changed: watch::Sender<()>,
}

impl Notes {
    pub(super) fn new() -> Self {
        Self { heard: Arc::default(), changed: watch::Sender::new(()) }
    }

    pub(super) fn heard(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until this holds; false when it did not within `patience`.
    pub(super) async fn until(&self, enough: impl Fn(&Heard) -> bool, patience: Duration) -> bool {
        let mut changes = self.changed.subscribe();
        let waited = async {
            // The sender is here.
            while !enough(&self.heard()) && changes.changed().await.is_ok() {}
        };
        timeout(patience, waited).await.is_ok()
    }
}

impl Application for Notes {
    fn told(&mut self, people: &People, event: &'static str, payload: &Value) {
        let mut heard = self.heard();
        match event {
            "people:message" => {
                if let Some(line) = line(people, payload) {
                    match (line.own, line.pending) {
                        (true, false) => drop(heard.pending.remove(&line.key.1)),
                        (true, true) => {}
                        (false, _) => *heard.told.entry(line.key).or_default() += 1,
                    }
                }
            }
            "conversations:change" | "messages:change" => heard.events += 1,
            "messages:error" => {
                heard.events += 1;
                heard.errors += 1;
            }
            _ => return,
        }
        drop(heard);
        self.changed.send_replace(());
    }
}

/// The one message that an event is about, if it is about one.
fn line(people: &People, payload: &Value) -> Option<Line> {
    let (id, destination, kind) = (payload.get("messageId")?, payload.get("destination")?, payload.get("type")?);
    let query = json!({"type": "conversation.message", "destination": destination, "convoType": kind, "messageId": id});
    Line::read(&ask(people, &query))
}
