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
        let stored = match self.now() {
            Ok(at) => store_all(db, &postings, at).await.map_err(Fault::from),
            Err(fault) => Err(fault),
        };
        let stored = stored.unwrap_or_else(|fault| postings.iter().map(|_| Err(fault.clone())).collect());
        for (posting, stored) in postings.into_iter().zip(stored) {
            if let Ok((message, false)) = &stored {
                self.tell(&posting, message);
            }
            // Whoever asked may be gone.
            drop(posting.answer.send(stored.map(|(message, _)| message)));
        }
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

/// All of them, each on its own: what cannot be stored spoils no other.
async fn store_all(
    db: &mut Db,
    postings: &[Posting],
    at: i64,
) -> Result<Vec<Result<(Message, bool), Fault>>, StoreError> {
    // A transaction within a transaction costs two more statements.
    if let [posting] = postings {
        return Ok(vec![store_one(db, posting, at).await]);
    }
    let mut all = db.begin().await?;
    let mut stored = Vec::with_capacity(postings.len());
    for posting in postings {
        stored.push(store_one(&mut all, posting, at).await);
    }
    all.commit().await?;
    Ok(stored)
}

async fn store_one(db: &mut Db, posting: &Posting, at: i64) -> Result<(Message, bool), Fault> {
    let draft = Draft {
        sender: &posting.sender,
        receivers: &posting.receivers,
        text: posting.wish.text.as_deref(),
        files: &posting.wish.files,
        client_id: posting.wish.client_id.as_deref(),
        at,
    };
    Ok(messages::send(db, &draft).await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing;

    fn posting(to: &str, text: &str, files: &[&str]) -> Posting {
        let wish = Wish {
            to: Vec::new(),
            text: Some(text.to_owned()),
            files: files.iter().map(|file| (*file).to_owned()).collect(),
            client_id: Some(text.to_owned()),
        };
        let receivers = BTreeSet::from([UserKey::of(to)]);
        Posting { sender: UserKey::of("alice@x"), receivers, wish, answer: oneshot::channel().0 }
    }

    #[tokio::test]
    async fn what_cannot_be_stored_spoils_no_other() {
        let store = testing::store().await;
        let mut db = store.write().await;
        let postings = [
            posting("bob@x", "one", &[]),
            posting("carol@x", "with a file that nobody has", &["none"]),
            posting("bob@x", "two", &[]),
            posting("bob@x", "one", &[]),
        ];
        let stored = store_all(&mut db, &postings, 7).await.unwrap();
        let told = stored.iter().map(|stored| stored.as_ref().map(|(message, again)| (message.at, *again)));
        let told: Vec<_> = told.map(|told| told.map_err(|fault| fault.status)).collect();
        assert_eq!(told, [Ok((7, false)), Err(404), Ok((8, false)), Ok((7, true))], "in order, and each once");
        let texts: Vec<String> =
            sqlx::query_scalar("SELECT text FROM messages ORDER BY id").fetch_all(&mut *db).await.unwrap();
        assert_eq!(texts, ["one", "two"]);
        let threads: i64 = sqlx::query_scalar("SELECT count(*) FROM threads").fetch_one(&mut *db).await.unwrap();
        assert_eq!(threads, 1, "nothing is left of the one that failed");
    }

    #[test]
    fn the_oldest_are_taken_and_only_so_many() {
        let outbox = Outbox::default();
        for n in 0..AT_ONCE + 2 {
            outbox.put(posting("bob@x", &n.to_string(), &[]));
        }
        let text = |posting: &Posting| posting.wish.text.clone().unwrap();
        let first = outbox.take();
        assert_eq!((first.len(), text(&first[0])), (AT_ONCE, "0".to_owned()));
        assert_eq!(outbox.take().iter().map(text).collect::<Vec<_>>(), ["64", "65"]);
        assert!(outbox.take().is_empty());
    }
}
