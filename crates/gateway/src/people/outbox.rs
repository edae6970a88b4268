//! Messages that come at the same time are stored in one commit, because a commit waits for the disk.
//!
//! Whoever has the writer stores everything that waits, also for those who come after; whoever comes to the writer when
//! their message is stored already has nothing more to do there. Everybody who puts a message in comes to the writer once,
//! so there are never more messages than people who are still to come, and none is left.

use std::{
    collections::{BTreeSet, VecDeque},
    sync::{Mutex, PoisonError},
};

use kandy_switch::{Fault, Service, UserKey};
use sqlx::Connection;
use tokio::sync::oneshot;

use super::{
    FAILED, People,
    messages::{Wish, notice},
};
use crate::store::{
    Db, StoreError,
    messages::{self, Draft, Message},
};

/// Messages of one commit: others wait for the writer meanwhile.
const AT_ONCE: usize = 64;

/// Messages that wait to be stored. There are no more of them than there are requests.
#[derive(Default)]
pub(crate) struct Outbox(Mutex<VecDeque<Posting>>);

struct Posting {
    sender: UserKey,
    receivers: BTreeSet<UserKey>,
    wish: Wish,
    answer: oneshot::Sender<Result<Message, Fault>>,
}

impl Outbox {
    fn put(&self, posting: Posting) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_back(posting);
    }

    /// The oldest ones.
    fn take(&self) -> Vec<Posting> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = waiting.len().min(AT_ONCE);
        waiting.drain(..count).collect()
    }
}

impl People {
    /// Stores a message once, and tells its receivers, in this order. A repetition of what is stored tells nobody.
    pub(super) async fn post(
        &self,
        sender: &UserKey,
        receivers: BTreeSet<UserKey>,
        wish: Wish,
    ) -> Result<Message, Fault> {
        let (answer, answered) = oneshot::channel();
        self.outbox.put(Posting { sender: sender.clone(), receivers, wish, answer });
        {
            let mut writer = self.store.write().await;
            let postings = self.outbox.take();
            self.post_all(&mut writer, postings).await;
        }
        answered.await.unwrap_or(Err(FAILED))
    }

    async fn post_all(&self, db: &mut Db, postings: Vec<Posting>) {
        let stored = match self.store_all(db, &postings).await {
            Ok(stored) => stored,
            Err(error) => {
                let fault = Fault::from(error);
                postings.iter().map(|_| Err(fault.clone())).collect()
            }
        };
        for (posting, stored) in postings.into_iter().zip(stored) {
            if let Ok((message, false)) = &stored {
                self.tell(&posting, message);
            }
            // Whoever asked may be gone.
            drop(posting.answer.send(stored.map(|(message, _)| message)));
        }
    }

    /// All of them, each on its own: what cannot be stored spoils no other.
    async fn store_all(
        &self,
        db: &mut Db,
        postings: &[Posting],
    ) -> Result<Vec<Result<(Message, bool), Fault>>, StoreError> {
        let mut stored = Vec::with_capacity(postings.len());
        // A transaction within a transaction costs two more statements.
        if let [posting] = postings {
            stored.push(self.store_one(db, posting).await);
            return Ok(stored);
        }
        let mut all = db.begin().await?;
        for posting in postings {
            stored.push(self.store_one(&mut all, posting).await);
        }
        all.commit().await?;
        Ok(stored)
    }

    async fn store_one(&self, db: &mut Db, posting: &Posting) -> Result<(Message, bool), Fault> {
        let draft = Draft {
            sender: &posting.sender,
            receivers: &posting.receivers,
            text: posting.wish.text.as_deref(),
            files: &posting.wish.files,
            client_id: posting.wish.client_id.as_deref(),
            at: self.now()?,
        };
        Ok(messages::send(db, &draft).await?)
    }

    fn tell(&self, posting: &Posting, message: &Message) {
        let members: Vec<UserKey> = posting.receivers.iter().chain([&posting.sender]).cloned().collect();
        // If the gateway is ending, the receivers are told by the next one.
        let _ = self.switch(|switch, now| {
            for user in &posting.receivers {
                let notice = notice(message, switch.accounts(), &members, user);
                switch.notify(now, user, Service::Im, &notice);
            }
        });
    }
}
