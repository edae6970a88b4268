//! Deleting a subscriber, step by step (provisioning §5.3), when the account asks for it and when their time is over.

use std::time::Duration;

use kandy_switch::UserKey;
use sqlx::Connection;
use tokio::time::sleep;

use super::{
    Provisioning,
    refusal::{Name, Refusal},
    words::{Deleted, SubscriberState},
};
use crate::store::{
    StoreError, audit,
    provisioning::{accounts, gone, orders, subscribers},
};

/// How long to wait after the store has failed.
const AGAIN: Duration = Duration::from_secs(5);
/// Longest wait for the next end: clocks are set.
const LONGEST: i64 = 3_600 * 1_000;

impl Provisioning {
    /// Ends those whose end an earlier gateway had begun.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn finish_all(&self) -> Result<(), StoreError> {
        let filter = subscribers::Filter { state: Some(SubscriberState::Deleting), ..subscribers::Filter::default() };
        let accounts = accounts::all(&mut *self.people.store.read().await?).await?;
        for account in accounts {
            let (found, _) = {
                let mut reader = self.people.store.read().await?;
                subscribers::page(&mut reader, &account.id, &filter, 0, i64::MAX).await?
            };
            for one in found {
                self.finish(&one, ("", "", "")).await?;
            }
        }
        Ok(())
    }

    /// Deletes a subscriber. `who`: the client that asked for it, its address, and the request's id.
    pub(super) async fn end(&self, one: subscribers::Subscriber, who: (&str, &str, &str)) -> Result<Deleted, Refusal> {
        let unknown = || Refusal::new(Name::SubscriberNotFound, "There is no such subscriber.");
        let user = UserKey::of(&one.identity);
        let removed = {
            let mut writer = self.people.store.write().await;
            if !subscribers::mark_deleting(&mut writer, &one.id).await? {
                return Err(unknown());
            }
            self.people.sign_in.forget(&user);
            // Tokens are void, calls end, sockets are told and closed, watchers see the user leave.
            let removed = self.switch(|switch, now| switch.remove_account(now, &user))?;
            self.directory().remove(&user);
            removed
        };
        // What has ended is written down before it is removed.
        self.people.settled().await;
        self.finish(&one, who).await?;
        Ok(Deleted {
            subscriber_id: one.id,
            identity: one.identity,
            deleted: true,
            product: one.product,
            sessions_ended: removed.sessions,
            calls_ended: removed.calls,
        })
    }

    /// The record goes with what it leaves behind, the piece returns, and a line of the audit log stays.
    async fn finish(&self, one: &subscribers::Subscriber, who: (&str, &str, &str)) -> Result<(), StoreError> {
        let mut writer = self.people.store.write().await;
        let mut db = writer.begin().await?;
        if !subscribers::remove(&mut db, &one.id).await? {
            return Ok(());
        }
        orders::return_piece(&mut db, &one.account, &one.product).await?;
        gone::forget(&mut db, &UserKey::of(&one.identity)).await?;
        let (actor, peer, request_id) = who;
        let entry = audit::Entry {
            at: self.now(),
            account: one.account.clone(),
            actor: actor.to_owned(),
            action: "subscriber-delete",
            subject: one.identity.clone(),
            outcome: "done".into(),
            peer: peer.to_owned(),
            request_id: request_id.to_owned(),
        };
        audit::note(&mut db, &[entry]).await?;
        Ok(db.commit().await?)
    }

    /// Deletes temporary subscribers when their time is over, until the gateway ends.
    pub(crate) async fn keep_time(self) {
        loop {
            let wait = self.end_expired().await.unwrap_or_else(|error| {
                tracing::error!(%error, "subscribers whose time is over cannot be deleted");
                Some(AGAIN)
            });
            let sleeping = async {
                match wait {
                    Some(wait) => sleep(wait).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = self.expiry.notified() => {}
                () = sleeping => {}
            }
        }
    }

    /// Ends everybody whose time is over; returns how long to wait for the next one.
    async fn end_expired(&self) -> Result<Option<Duration>, StoreError> {
        let now = self.now();
        let (over, next) = {
            let mut reader = self.people.store.read().await?;
            subscribers::expired(&mut reader, now).await?
        };
        for one in over {
            let identity = one.identity.clone();
            if let Err(refusal) = self.end(one, ("expiry", "", "")).await {
                tracing::warn!(user = identity, name = refusal.name.word(), "not deleted although their time is over");
            }
        }
        let wait = next.map(|at| at.saturating_sub(now).clamp(1, LONGEST));
        Ok(wait.and_then(|wait| u64::try_from(wait).ok()).map(Duration::from_millis))
    }
}
