//! Presence and event subscriptions: the switch knows them, the store keeps what must outlive it (protocol §6, §9.2).

use kandy_switch::{Fact, Fault, Response};
use sqlx::Connection;
use tokio::sync::{mpsc, watch};

use super::{Ask, People};
use crate::store::{self, StoreError, Writer};

/// Facts that are stored in one go.
const AT_ONCE: usize = 1_000;

/// `POST presence`
pub(super) async fn publish(people: &People, ask: &Ask) -> Result<Response, Fault> {
    let said = people.switch(|switch, now| switch.presence_wish(now, &ask.user, ask.device, &ask.body))??;
    let mut writer = people.store.write().await;
    store::presence::keep(&mut writer, &said.stored).await?;
    people.switch(|switch, now| switch.publish(now, said))
}

/// `POST presenceWatcher`
pub(super) fn watch(people: &People, ask: &Ask) -> Result<Response, Fault> {
    people.switch(|switch, now| switch.watch_presence(now, &ask.user, ask.device, &ask.body))?
}

/// `POST eventSubscription`
pub(super) fn subscribe(people: &People, ask: &Ask) -> Result<Response, Fault> {
    people.switch(|switch, now| switch.subscribe_events(now, &ask.user, ask.device, &ask.body))?
}

/// `PUT eventSubscription/{id}`
pub(super) fn update(people: &People, ask: &Ask, id: &str) -> Result<Response, Fault> {
    people.switch(|switch, now| switch.update_events(now, &ask.user, id, &ask.body))?
}

/// `DELETE eventSubscription/{id}`
pub(super) fn unsubscribe(people: &People, ask: &Ask, id: &str) -> Result<Response, Fault> {
    people.switch(|switch, _| switch.unsubscribe_events(&ask.user, id))?
}

impl People {
    /// Lets the switch know what was stored by a gateway that ended without a word.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn recall(&self) -> Result<(), StoreError> {
        let now = self.hub.now().0;
        let stored = store::presence::all(&mut *self.store.read().await?, now).await?;
        self.hub.with(|switch, now| switch.recall_presence(now, stored));
        Ok(())
    }

    /// Stores what the switch says is to be stored, until the gateway ends. `done` counts what is dealt with.
    pub(crate) async fn store_facts(self, mut facts: mpsc::Receiver<Fact>, done: watch::Sender<u64>) {
        let mut some = Vec::new();
        loop {
            let count = facts.recv_many(&mut some, AT_ONCE).await;
            if count == 0 {
                return;
            }
            if let Err(error) = store_all(self.store.write().await, &some).await {
                self.hub.traffic().facts_lost.inc_by(count as u64);
                tracing::error!(%error, count, "records of calls or presence are lost");
            }
            some.clear();
            done.send_modify(|done| *done += count as u64);
        }
    }

    /// Waits until everything that has happened up to now is stored.
    pub(crate) async fn settled(&self) {
        let handed = self.hub.handed();
        // It ends with the gateway alone.
        drop(self.stored.clone().wait_for(|done| *done >= handed).await);
    }
}

async fn store_all(mut writer: Writer<'_>, facts: &[Fact]) -> Result<(), StoreError> {
    let mut db = writer.begin().await?;
    for fact in facts {
        match fact {
            Fact::Call(record) => store::records::add(&mut db, record).await?,
            Fact::Presence(stored) => store::presence::keep(&mut db, stored).await?,
        }
    }
    Ok(db.commit().await?)
}
