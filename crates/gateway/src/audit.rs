//! The audit log: lines wait in a bounded channel, and one task writes them, so that nobody who signs in waits for the disk.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use kandy_switch::UserKey;
use prometheus_client::metrics::counter::Counter;
use tokio::{
    sync::mpsc,
    time::{MissedTickBehavior, interval},
};

use crate::{
    client::Client,
    hub::Hub,
    operation::meters::Counters,
    people::People,
    store::{self, Db, Store, StoreError, audit::Entry},
};

/// Lines that may wait: several times as many as processors can check passwords in the time that a slow disk takes for a commit.
const WAITING: usize = 4_096;
/// Lines that are written in one go.
const AT_ONCE: usize = 500;
/// How often old lines are removed; a day more or less does not matter.
const CUT: Duration = Duration::from_secs(3_600);
/// Milliseconds of a day.
const DAY: i64 = 86_400_000;
/// Lines in all, of about 200 bytes each; the oldest give way.
const MOST: i64 = 1_000_000;

/// Days for which lines are kept where nothing else is said: half a year.
pub(crate) const DAYS: u32 = 180;

/// Where lines are handed in.
pub(crate) struct Audit {
    sender: Mutex<Option<mpsc::Sender<Line>>>,
    lost: AtomicU64,
    /// What happened, by action, credential and outcome.
    pub(crate) events: Counters<3>,
    /// Lines that were not written.
    pub(crate) lines_lost: Counter,
}

/// A line about a user, whose account is looked up when it is written.
pub(crate) struct Line {
    entry: Entry,
    user: Option<UserKey>,
}

/// What happened. The words are those of the log.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Event {
    /// `sign-in`, `subscription`
    pub(crate) action: &'static str,
    /// With what: `password`, `token`, `session`, `x-token`, `operator-key`.
    pub(crate) credential: &'static str,
    /// `done` or the word of the refusal.
    pub(crate) outcome: &'static str,
}

impl Audit {
    /// The log, and what its task reads from.
    pub(crate) fn new() -> (Self, mpsc::Receiver<Line>) {
        let (sender, receiver) = mpsc::channel(WAITING);
        let audit = Self {
            sender: Mutex::new(Some(sender)),
            lost: AtomicU64::new(0),
            events: Counters::default(),
            lines_lost: Counter::default(),
        };
        (audit, receiver)
    }

    /// Hands in a line about a user, at `now` in ms since the epoch. Without a user nobody is named: people write passwords where
    /// names belong.
    pub(crate) fn note(&self, now: u64, client: &Client, user: Option<&UserKey>, event: Event) {
        let actor = user.map(|user| user.as_str().to_owned()).unwrap_or_default();
        self.hand(Line { entry: entry(now, client, actor, event), user: user.cloned() }, event);
    }

    /// The same about the operator.
    pub(crate) fn note_operator(&self, now: u64, client: &Client, event: Event) {
        self.hand(Line { entry: entry(now, client, "operator".into(), event), user: None }, event);
    }

    /// The same about a client of the provisioning API; without one nobody is named.
    pub(crate) fn note_project(&self, now: u64, client: &Client, project: Option<(&str, &str)>, event: Event) {
        let (account, id) = project.unwrap_or_default();
        let entry = Entry { account: account.to_owned(), ..entry(now, client, id.to_owned(), event) };
        self.hand(Line { entry, user: None }, event);
    }

    fn hand(&self, line: Line, Event { action, credential, outcome }: Event) {
        self.events.get_or_create(&[("action", action), ("credential", credential), ("outcome", outcome)]).inc();
        // Who it was has the audit log, under the same id.
        tracing::info!(action, credential, outcome, "sign-in");
        let sender = self.sender.lock().unwrap_or_else(PoisonError::into_inner);
        if sender.as_ref().is_none_or(|sender| sender.try_send(line).is_err()) {
            self.lost.fetch_add(1, Ordering::Relaxed);
            self.lines_lost.inc();
        }
    }

    /// How many lines wait.
    pub(crate) fn waiting(&self) -> usize {
        let sender = self.sender.lock().unwrap_or_else(PoisonError::into_inner);
        sender.as_ref().map_or(0, |sender| sender.max_capacity() - sender.capacity())
    }

    /// Takes no more lines: the task ends when it has written those that wait.
    pub(crate) fn close(&self) {
        drop(self.sender.lock().unwrap_or_else(PoisonError::into_inner).take());
    }

    /// Writes lines until the log is closed, and removes those that are older than `days`.
    pub(crate) async fn write(&self, mut lines: mpsc::Receiver<Line>, hub: &Hub, store: &Store, days: u32) {
        let mut some = Vec::new();
        let mut cuts = interval(CUT);
        cuts.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                count = lines.recv_many(&mut some, AT_ONCE) => {
                    if count == 0 {
                        return;
                    }
                    if let Err(error) = write_all(store, &mut some).await {
                        self.lines_lost.inc_by(count as u64);
                        tracing::error!(%error, count, "lines of the audit log are lost");
                    }
                    some.clear();
                }
                _ = cuts.tick() => {
                    let now = i64::try_from(hub.now().0).unwrap_or(i64::MAX);
                    if let Err(error) = cut(store, now.saturating_sub(DAY.saturating_mul(days.into()))).await {
                        tracing::error!(%error, "old lines of the audit log are not removed");
                    }
                }
            }
            let lost = self.lost.swap(0, Ordering::Relaxed);
            if lost > 0 {
                tracing::error!(lost, "the store does not keep up; lines of the audit log are lost");
            }
        }
    }
}

impl People {
    /// Writes the audit log until it is closed, and removes lines that are older than `days`.
    pub(crate) async fn write_audit(self, lines: mpsc::Receiver<Line>, days: u32) {
        self.sign_in.audit.write(lines, &self.hub, &self.store, days).await;
    }
}

fn entry(now: u64, client: &Client, actor: String, event: Event) -> Entry {
    Entry {
        at: i64::try_from(now).unwrap_or(i64::MAX),
        account: String::new(),
        actor,
        action: event.action,
        subject: event.credential.to_owned(),
        outcome: event.outcome.to_owned(),
        peer: client.address.to_string(),
        request_id: client.request_id.clone(),
    }
}

async fn write_all(store: &Store, lines: &mut Vec<Line>) -> Result<(), StoreError> {
    let mut writer = store.write().await;
    let db: &mut Db = &mut writer;
    let mut entries = Vec::with_capacity(lines.len());
    for Line { mut entry, user } in lines.drain(..) {
        if let Some(user) = user {
            entry.account = store::passwords::account(db, &user).await?;
            if !entry.account.is_empty() && entry.action == "subscription" {
                store::provisioning::subscribers::seen(db, user.as_str(), entry.at).await?;
            }
        }
        entries.push(entry);
    }
    store::audit::note(db, &entries).await
}

/// In steps, so that nobody waits long for the writer.
async fn cut(store: &Store, since: i64) -> Result<(), StoreError> {
    while store::trail::cut(&mut *store.write().await, since, MOST).await? > 0 {}
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::trail::{Wanted, read};

    fn client() -> Client {
        Client { address: [192, 0, 2, 1].into(), request_id: "r".into() }
    }

    const DONE: Event = Event { action: "sign-in", credential: "password", outcome: "done" };

    #[tokio::test]
    async fn lines_are_written_and_what_is_too_much_is_counted() {
        let store = Store::open(None).await.unwrap();
        store::passwords::tests::add(&store, "hash").await;
        let (audit, lines) = Audit::new();
        audit.note(2, &client(), Some(&UserKey::of("anna@acme.test")), DONE);
        audit.note(3, &client(), Some(&UserKey::of("alice@example.com")), DONE);
        audit.note(4, &client(), None, DONE);
        audit.note_operator(5, &client(), DONE);
        for _ in 4..WAITING + 7 {
            audit.note(6, &client(), None, DONE);
        }
        assert_eq!(audit.lost.load(Ordering::Relaxed), 7);
        audit.close();
        audit.note(7, &client(), None, DONE);
        assert_eq!(audit.lost.load(Ordering::Relaxed), 8);
        audit.write(lines, &Hub::empty(), &store, 100_000).await;
        let wanted = Wanted { before: Some(5), most: 9, ..Wanted::default() };
        let lines = read(&mut store.read().await.unwrap(), &wanted).await.unwrap();
        let told: Vec<(i64, &str, &str)> = lines.iter().map(|l| (l.at, &*l.account, &*l.actor)).collect();
        assert_eq!(
            told,
            [(5, "", "operator"), (4, "", ""), (3, "", "alice@example.com"), (2, "acme", "anna@acme.test")]
        );
        let line = &lines[0];
        assert_eq!((&*line.action, &*line.subject, &*line.outcome), ("sign-in", "password", "done"));
        assert_eq!((&*line.peer, &*line.request_id), ("192.0.2.1", "r"));
        let all: i64 =
            sqlx::query_scalar("SELECT COUNT(*) FROM audit").fetch_one(&mut *store.write().await).await.unwrap();
        assert_eq!(all, 4_096);
    }

    #[tokio::test]
    async fn lines_do_not_stay_for_ever() {
        let store = Store::open(None).await.unwrap();
        let (audit, lines) = Audit::new();
        let hub = Hub::empty();
        let now = hub.now().0;
        let day = u64::try_from(DAY).unwrap();
        for at in [now - 3 * day, now - day, now] {
            audit.note(at, &client(), None, DONE);
        }
        audit.close();
        audit.write(lines, &hub, &store, 2).await;
        cut(&store, i64::try_from(now).unwrap() - 2 * DAY).await.unwrap();
        let wanted = Wanted { most: 9, ..Wanted::default() };
        let left = read(&mut store.read().await.unwrap(), &wanted).await.unwrap();
        assert_eq!(left.len(), 2);
    }
}
