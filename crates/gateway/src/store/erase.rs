//! What all members of a thread have deleted is gone: texts, names and contents of files. Ids and times stay, because senders may
//! repeat a message that they know nothing of, and ids are never used again.

use super::{Db, StoreError, files};

/// Erases what nobody sees any longer of a thread that a member cleared.
pub(crate) async fn cleared(db: &mut Db, thread: i64) -> Result<(), StoreError> {
    let until = "SELECT t.erased_until, (SELECT min(m.cleared_until) FROM members m WHERE m.thread = t.id) \
        FROM threads t WHERE t.id = $1";
    let (from, until): (i64, i64) = sqlx::query_as(until).bind(thread).fetch_one(&mut *db).await?;
    if until <= from {
        return Ok(());
    }
    erase(db, thread, from, until).await?;
    let mark = sqlx::query("UPDATE threads SET erased_until = $1 WHERE id = $2");
    mark.bind(until).bind(thread).execute(db).await?;
    Ok(())
}

/// Erases a message that a member deleted, if it was the last one to see it.
pub(crate) async fn deleted(db: &mut Db, thread: i64, message: i64) -> Result<(), StoreError> {
    let seen = sqlx::query_scalar::<_, i64>(SEEN).bind(thread).bind(message).fetch_optional(&mut *db).await?;
    if seen.is_some() { Ok(()) } else { erase(db, thread, message - 1, message).await }
}

/// Whether anybody sees message `$2` of thread `$1`.
pub(crate) const SEEN: &str = "SELECT 1 FROM members m WHERE m.thread = $1 AND m.cleared_until < $2 \
    AND NOT EXISTS (SELECT 1 FROM deleted d WHERE d.user = m.user AND d.message = $2) LIMIT 1";

/// Erases all after `from` up to `until`.
async fn erase(db: &mut Db, thread: i64, from: i64, until: i64) -> Result<(), StoreError> {
    let detach = sqlx::query_scalar::<_, String>(DETACH).bind(thread).bind(from).bind(until);
    let handles = detach.fetch_all(&mut *db).await?;
    let silence = "UPDATE messages SET text = NULL WHERE thread = $1 AND id > $2 AND id <= $3";
    sqlx::query(silence).bind(thread).bind(from).bind(until).execute(&mut *db).await?;
    files::drop_detached(db, &handles).await
}

pub(crate) const DETACH: &str = "DELETE FROM attachments WHERE message IN \
    (SELECT id FROM messages WHERE thread = $1 AND id > $2 AND id <= $3) RETURNING file";

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use kandy_switch::UserKey;

    use super::*;
    use crate::store::{
        messages::{self, Draft},
        testing,
        threads::{self, ThreadName},
    };

    #[tokio::test]
    async fn only_what_the_last_member_deletes_is_gone() {
        let store = testing::store().await;
        let [alice, bob] = ["alice@example.com", "bob@example.com"].map(UserKey::of);
        let mut db = store.write().await;
        for text in ["1", "2", "3", "4"] {
            let receivers = BTreeSet::from([bob.clone()]);
            let draft = Draft {
                sender: &alice,
                receivers: &receivers,
                text: Some(text),
                files: &[],
                client_id: Some(text),
                at: 1,
            };
            messages::send(&mut db, &draft).await.unwrap();
        }
        let left = async |db: &mut Db| -> Vec<String> {
            let left = sqlx::query_scalar("SELECT text FROM messages WHERE text IS NOT NULL ORDER BY id");
            left.fetch_all(db).await.unwrap()
        };
        for (user, other, wanted) in [(&alice, &bob, &["1", "2", "3", "4"][..]), (&bob, &alice, &["1", "3", "4"])] {
            let thread = threads::find(&mut db, user, &ThreadName::Pair(other.clone())).await.unwrap().unwrap();
            threads::delete(&mut db, user, &thread, 2).await.unwrap();
            deleted(&mut db, thread.id, 2).await.unwrap();
            assert_eq!(left(&mut db).await, wanted);
        }
        for (user, other, wanted) in [(&alice, &bob, &["1", "3", "4"][..]), (&bob, &alice, &[])] {
            let thread = threads::find(&mut db, user, &ThreadName::Pair(other.clone())).await.unwrap().unwrap();
            threads::clear(&mut db, user, thread.id).await.unwrap();
            cleared(&mut db, thread.id).await.unwrap();
            assert_eq!(left(&mut db).await, wanted);
        }
        let receivers = BTreeSet::from([bob]);
        let draft =
            Draft { sender: &alice, receivers: &receivers, text: Some("4"), files: &[], client_id: Some("4"), at: 1 };
        let (again, known) = messages::send(&mut db, &draft).await.unwrap();
        assert_eq!((again.id, again.text, known), (4, None, true), "its sender may still repeat it");
    }
}
