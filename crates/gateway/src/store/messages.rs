//! Messages: written once, read in pages, and remembered for those who were not there.

use std::collections::{BTreeMap, BTreeSet};

use kandy_switch::UserKey;
use sqlx::Connection;

use super::{
    Db, Refusal, StoreError,
    files::{self, File},
    threads::{self, Place, Thread},
};

/// Messages that wait for one user; the oldest give way.
pub(crate) const MOST_UNDELIVERED: i64 = 200;

/// What somebody wants to send.
#[derive(Debug)]
pub(crate) struct Draft<'a> {
    pub(crate) sender: &'a UserKey,
    /// Everybody it is for.
    pub(crate) receivers: &'a BTreeSet<UserKey>,
    pub(crate) text: Option<&'a str>,
    /// Handles of files, in order.
    pub(crate) files: &'a [String],
    /// The id that the sender gave it.
    pub(crate) client_id: Option<&'a str>,
    /// Time in ms since the epoch.
    pub(crate) at: i64,
}

/// A message that is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) id: i64,
    pub(crate) thread: i64,
    pub(crate) is_group: bool,
    pub(crate) sender: UserKey,
    pub(crate) at: i64,
    pub(crate) text: Option<String>,
    pub(crate) files: Vec<File>,
}

type Row = (i64, i64, i64, String, i64, Option<String>);

/// Stores a message, and commits. Returns it, and whether the sender had sent it before: then nothing has changed, and the
/// message is the one of that time.
pub(crate) async fn send(db: &mut Db, draft: &Draft<'_>) -> Result<(Message, bool), Refusal> {
    let mut db = db.begin().await?;
    if let Some(client_id) = draft.client_id {
        let known = sqlx::query_scalar(KNOWN);
        if let Some(id) = known.bind(draft.sender.as_str()).bind(client_id).fetch_optional(&mut *db).await? {
            return Ok((by_id(&mut db, id).await?, true));
        }
    }
    let mut members = draft.receivers.clone();
    members.insert(draft.sender.clone());
    let Place { id: thread, is_group, newest_at } = threads::of_members(&mut db, &members).await?;
    let files = files::usable(&mut db, draft.sender, draft.files).await?;
    // Times grow within a thread, because clients sort by them.
    let at = newest_at.map_or(draft.at, |newest| draft.at.max(newest + 1));
    let write = "INSERT INTO messages (thread, sender, at, text, client_id) VALUES ($1, $2, $3, $4, $5) RETURNING id";
    let write = sqlx::query_scalar(write).bind(thread).bind(draft.sender.as_str()).bind(at);
    let id: i64 = write.bind(draft.text).bind(draft.client_id).fetch_one(&mut *db).await?;
    files::attach(&mut db, id, draft.files).await?;
    let count = "UPDATE members SET last = $1, unread = unread + CASE WHEN \"user\" = $2 THEN 0 ELSE 1 END \
        WHERE thread = $3";
    sqlx::query(count).bind(id).bind(draft.sender.as_str()).bind(thread).execute(&mut *db).await?;
    for receiver in draft.receivers {
        let await_them = sqlx::query("INSERT INTO undelivered (\"user\", message) VALUES ($1, $2)");
        await_them.bind(receiver.as_str()).bind(id).execute(&mut *db).await?;
        sqlx::query(PRUNE).bind(receiver.as_str()).bind(MOST_UNDELIVERED).execute(&mut *db).await?;
    }
    db.commit().await?;
    let text = draft.text.map(str::to_owned);
    Ok((Message { id, thread, is_group, sender: draft.sender.clone(), at, text, files }, false))
}

pub(crate) const KNOWN: &str = "SELECT id FROM messages WHERE sender = $1 AND client_id = $2";

/// Only the newest `$2` messages wait for the user `$1`.
pub(crate) const PRUNE: &str = "DELETE FROM undelivered WHERE \"user\" = $1 AND message <= \
    (SELECT message FROM undelivered WHERE \"user\" = $1 ORDER BY message DESC LIMIT 1 OFFSET $2)";

/// At most `length` messages that the member sees, before `before`, the oldest of them first.
pub(crate) async fn page(
    db: &mut Db,
    user: &UserKey,
    thread: &Thread,
    before: i64,
    length: i64,
) -> Result<Vec<Message>, StoreError> {
    let page = sqlx::query_as::<_, Row>(PAGE).bind(user.as_str()).bind(thread.id).bind(thread.cleared_until);
    let mut rows = page.bind(before).bind(length).fetch_all(&mut *db).await?;
    rows.reverse();
    with_files(db, rows).await
}

/// The newest `$5` messages before `$4` that the member `$1` sees in thread `$2`, of which they deleted all up to `$3`.
pub(crate) const PAGE: &str = "SELECT x.id, x.thread, t.is_group, x.sender, x.at, x.text \
    FROM messages x JOIN threads t ON t.id = x.thread WHERE x.thread = $2 AND x.id > $3 AND x.id < $4 \
    AND NOT EXISTS (SELECT 1 FROM deleted d WHERE d.user = $1 AND d.message = x.id) ORDER BY x.id DESC LIMIT $5";

/// One message, if the member sees it in this thread.
pub(crate) async fn one(db: &mut Db, user: &UserKey, thread: &Thread, id: i64) -> Result<Option<Message>, StoreError> {
    let newest = page(db, user, thread, id.saturating_add(1), 1).await?;
    Ok(newest.into_iter().next().filter(|message| message.id == id))
}

/// What did not arrive at any client of this user, oldest first.
pub(crate) async fn undelivered(db: &mut Db, user: &UserKey) -> Result<Vec<Message>, StoreError> {
    let rows = sqlx::query_as::<_, Row>(WAITING).bind(user.as_str()).bind(MOST_UNDELIVERED).fetch_all(&mut *db).await?;
    with_files(db, rows).await
}

pub(crate) const WAITING: &str = "SELECT x.id, x.thread, t.is_group, x.sender, x.at, x.text FROM undelivered u \
    JOIN messages x ON x.id = u.message JOIN threads t ON t.id = x.thread WHERE u.user = $1 ORDER BY u.message LIMIT $2";

/// These messages arrived at a client of these users; commits.
pub(crate) async fn arrived(db: &mut Db, arrivals: &[(UserKey, u64)]) -> Result<(), StoreError> {
    let mut db = db.begin().await?;
    for (user, message) in arrivals {
        let message = i64::try_from(*message).unwrap_or_default();
        let arrived = sqlx::query("DELETE FROM undelivered WHERE \"user\" = $1 AND message = $2");
        arrived.bind(user.as_str()).bind(message).execute(&mut *db).await?;
    }
    Ok(db.commit().await?)
}

async fn by_id(db: &mut Db, id: i64) -> Result<Message, StoreError> {
    let row = "SELECT x.id, x.thread, t.is_group, x.sender, x.at, x.text \
        FROM messages x JOIN threads t ON t.id = x.thread WHERE x.id = $1";
    let row = sqlx::query_as::<_, Row>(row).bind(id).fetch_one(&mut *db).await?;
    let found = with_files(db, vec![row]).await?;
    Ok(found.into_iter().next().ok_or(sqlx::Error::RowNotFound)?)
}

async fn with_files(db: &mut Db, rows: Vec<Row>) -> Result<Vec<Message>, StoreError> {
    let ids: Vec<i64> = rows.iter().map(|row| row.0).collect();
    let mut files: BTreeMap<i64, Vec<File>> = files::of_messages(db, &ids).await?;
    let message = |(id, thread, is_group, sender, at, text): Row| {
        let files = files.remove(&id).unwrap_or_default();
        Message { id, thread, is_group: is_group != 0, sender: UserKey::of(&sender), at, text, files }
    };
    Ok(rows.into_iter().map(message).collect())
}
