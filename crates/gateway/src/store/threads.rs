//! Threads: who talks with whom, and what each of them sees of it.

use std::collections::BTreeSet;

use kandy_switch::{Fault, UserKey, code};

use super::{Db, Refusal, StoreError};

/// Who may have a thread with whom, and how it is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ThreadName {
    /// With one other user, or with oneself.
    Pair(UserKey),
    /// A group, by its number.
    Group(i64),
}

/// A thread as one member sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Thread {
    pub(crate) id: i64,
    pub(crate) is_group: bool,
    /// All members in order, the one who looks included; their numbers are their places, from 1.
    pub(crate) members: Vec<UserKey>,
    /// The newest message that they see; 0 for none.
    pub(crate) last: i64,
    pub(crate) last_at: i64,
    pub(crate) last_text: String,
    /// How many of the others' messages they have not read.
    pub(crate) unread: i64,
    pub(crate) read_until: i64,
    pub(crate) read_at: i64,
    /// They deleted everything up to this message.
    pub(crate) cleared_until: i64,
}

/// A page of threads.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ThreadPage {
    /// Only groups, or none of them.
    pub(crate) groups: Option<bool>,
    /// Only threads whose newest message is older than this one.
    pub(crate) before: i64,
    pub(crate) length: i64,
}

/// A thread that there is not, or that is others': the two must look the same.
pub(crate) const NO_THREAD: Fault = Fault::new(404, code::NOTHING_THERE, "There is no such conversation.");
/// The same for a message.
pub(crate) const NO_MESSAGE: Fault = Fault::new(404, code::NOTHING_THERE, "There is no such message.");

/// A thread's columns as one member sees it: `$1` is that member.
macro_rules! select_thread {
    ($rest:literal) => {
        concat!(
            "SELECT t.id, t.is_group, t.members, m.last, coalesce(x.at, 0), coalesce(substr(x.text, 1, 200), ''), ",
            "m.unread, m.read_until, m.read_at, m.cleared_until ",
            "FROM members m JOIN threads t ON t.id = m.thread LEFT JOIN messages x ON x.id = m.last ",
            "WHERE m.user = $1 AND ",
            $rest
        )
    };
}

pub(crate) const LIST: &str =
    select_thread!("m.last > 0 AND m.last < $2 AND ($3 IS NULL OR t.is_group = $3) ORDER BY m.last DESC LIMIT $4");
pub(crate) const BY_ID: &str = select_thread!("m.thread = $2");

type Row = (i64, i64, String, i64, i64, String, i64, i64, i64, i64);

impl From<Row> for Thread {
    fn from(row: Row) -> Self {
        let (id, is_group, members, last, last_at, last_text, unread, read_until, read_at, cleared_until) = row;
        let members = members.split('\n').map(UserKey::of).collect();
        Self {
            id,
            is_group: is_group != 0,
            members,
            last,
            last_at,
            last_text,
            unread,
            read_until,
            read_at,
            cleared_until,
        }
    }
}

/// The set of members as it stands in the table.
fn key(members: &BTreeSet<UserKey>) -> String {
    members.iter().map(UserKey::as_str).collect::<Vec<_>>().join("\n")
}

/// The thread of a set of users.
pub(crate) struct Place {
    pub(crate) id: i64,
    pub(crate) is_group: bool,
    /// The time of its newest message; `None` if it has none.
    pub(crate) newest_at: Option<i64>,
}

/// The thread of this set of users, made if it is not there.
pub(crate) async fn of_members(db: &mut Db, members: &BTreeSet<UserKey>) -> Result<Place, StoreError> {
    let (key, is_group) = (key(members), members.len() > 2);
    let known = sqlx::query_as(PLACE).bind(&key).fetch_optional(&mut *db).await?;
    if let Some((id, newest_at)) = known {
        return Ok(Place { id, is_group, newest_at });
    }
    let made = sqlx::query_scalar("INSERT INTO threads (members, is_group) VALUES ($1, $2) RETURNING id");
    let id: i64 = made.bind(key).bind(i64::from(is_group)).fetch_one(&mut *db).await?;
    for (number, user) in (1_i64..).zip(members) {
        let member = sqlx::query("INSERT INTO members (thread, \"user\", number) VALUES ($1, $2, $3)");
        member.bind(id).bind(user.as_str()).bind(number).execute(&mut *db).await?;
    }
    Ok(Place { id, is_group, newest_at: None })
}

/// The thread of the members `$1`, and the time of its newest message.
pub(crate) const PLACE: &str = "SELECT t.id, (SELECT x.at FROM messages x WHERE x.thread = t.id ORDER BY x.id DESC LIMIT 1) \
    FROM threads t WHERE t.members = $1";

/// All members of a thread, in order.
pub(crate) async fn members(db: &mut Db, thread: i64) -> Result<Vec<UserKey>, StoreError> {
    let members: String =
        sqlx::query_scalar("SELECT members FROM threads WHERE id = $1").bind(thread).fetch_one(db).await?;
    Ok(members.split('\n').map(UserKey::of).collect())
}

/// A thread as this member sees it; `None` if there is none, or they are no member.
pub(crate) async fn find(db: &mut Db, user: &UserKey, name: &ThreadName) -> Result<Option<Thread>, StoreError> {
    let id = match name {
        ThreadName::Group(id) => Some(*id),
        ThreadName::Pair(peer) => {
            let members = BTreeSet::from([user.clone(), peer.clone()]);
            let found = sqlx::query_scalar("SELECT id FROM threads WHERE members = $1").bind(key(&members));
            found.fetch_optional(&mut *db).await?
        }
    };
    let Some(id) = id else { return Ok(None) };
    let row = sqlx::query_as::<_, Row>(BY_ID).bind(user.as_str()).bind(id).fetch_optional(db).await?;
    // A pair is named by its other member, so that each has one name only.
    Ok(row.map(Thread::from).filter(|thread| thread.is_group == matches!(name, ThreadName::Group(_))))
}

/// The threads in which this member sees something, newest first.
pub(crate) async fn list(db: &mut Db, user: &UserKey, page: ThreadPage) -> Result<Vec<Thread>, StoreError> {
    let list = sqlx::query_as::<_, Row>(LIST).bind(user.as_str()).bind(page.before);
    let list = list.bind(page.groups.map(i64::from)).bind(page.length);
    Ok(list.fetch_all(db).await?.into_iter().map(Thread::from).collect())
}

/// The member has read everything up to this message. Returns how much they have not.
pub(crate) async fn mark_read(
    db: &mut Db,
    user: &UserKey,
    thread: &Thread,
    message: i64,
    at: i64,
) -> Result<i64, Refusal> {
    if !has(db, thread.id, message).await? {
        return Err(NO_MESSAGE.into());
    }
    if message <= thread.read_until {
        return Ok(thread.unread);
    }
    let unread: i64 = sqlx::query_scalar(UNREAD)
        .bind(user.as_str())
        .bind(thread.id)
        .bind(message.max(thread.cleared_until))
        .fetch_one(&mut *db)
        .await?;
    let mark = "UPDATE members SET read_until = $1, read_at = $2, unread = $3 WHERE \"user\" = $4 AND thread = $5";
    let mark = sqlx::query(mark).bind(message).bind(at).bind(unread).bind(user.as_str()).bind(thread.id);
    mark.execute(db).await?;
    Ok(unread)
}

/// Of the others' messages after `$3` in thread `$2`, those that the member `$1` sees.
pub(crate) const UNREAD: &str = "SELECT count(*) FROM messages x WHERE x.thread = $2 AND x.id > $3 AND x.sender <> $1 \
    AND NOT EXISTS (SELECT 1 FROM deleted d WHERE d.user = $1 AND d.message = x.id)";

/// The member sees nothing of this thread any longer, until somebody writes in it again.
pub(crate) async fn clear(db: &mut Db, user: &UserKey, thread: i64) -> Result<(), StoreError> {
    let newest = sqlx::query_scalar("SELECT coalesce(max(id), 0) FROM messages WHERE thread = $1").bind(thread);
    let newest: i64 = newest.fetch_one(&mut *db).await?;
    let forget = "DELETE FROM undelivered WHERE \"user\" = $1 AND message IN \
        (SELECT u.message FROM undelivered u JOIN messages x ON x.id = u.message WHERE u.user = $1 AND x.thread = $2)";
    sqlx::query(forget).bind(user.as_str()).bind(thread).execute(&mut *db).await?;
    let clear = "UPDATE members SET cleared_until = $1, read_until = $1, last = 0, unread = 0 \
        WHERE \"user\" = $2 AND thread = $3";
    sqlx::query(clear).bind(newest).bind(user.as_str()).bind(thread).execute(db).await?;
    Ok(())
}

/// The member does not see this message any longer.
pub(crate) async fn delete(db: &mut Db, user: &UserKey, thread: &Thread, message: i64) -> Result<(), Refusal> {
    let sender =
        sqlx::query_scalar::<_, String>("SELECT sender FROM messages WHERE id = $1 AND thread = $2 AND id > $3");
    let sender = sender.bind(message).bind(thread.id).bind(thread.cleared_until).fetch_optional(&mut *db).await?;
    let sender = sender.ok_or(NO_MESSAGE)?;
    let deleted = sqlx::query("INSERT INTO deleted (\"user\", message) VALUES ($1, $2) ON CONFLICT DO NOTHING");
    if deleted.bind(user.as_str()).bind(message).execute(&mut *db).await?.rows_affected() == 0 {
        return Ok(());
    }
    let forget = sqlx::query("DELETE FROM undelivered WHERE \"user\" = $1 AND message = $2");
    forget.bind(user.as_str()).bind(message).execute(&mut *db).await?;
    let counted = message > thread.read_until && sender != user.as_str();
    let last = if message == thread.last {
        let newest = sqlx::query_scalar(NEWEST).bind(user.as_str()).bind(thread.id).bind(thread.cleared_until);
        newest.bind(message).fetch_optional(&mut *db).await?.unwrap_or(0)
    } else {
        thread.last
    };
    let update = sqlx::query("UPDATE members SET last = $1, unread = unread - $2 WHERE \"user\" = $3 AND thread = $4");
    update.bind(last).bind(i64::from(counted)).bind(user.as_str()).bind(thread.id).execute(db).await?;
    Ok(())
}

/// The newest message before `$4` that the member `$1` sees in thread `$2`, of which they deleted all up to `$3`.
pub(crate) const NEWEST: &str = "SELECT x.id FROM messages x WHERE x.thread = $2 AND x.id > $3 AND x.id < $4 \
    AND NOT EXISTS (SELECT 1 FROM deleted d WHERE d.user = $1 AND d.message = x.id) ORDER BY x.id DESC LIMIT 1";

async fn has(db: &mut Db, thread: i64, message: i64) -> Result<bool, StoreError> {
    let found = sqlx::query_scalar::<_, i64>("SELECT 1 FROM messages WHERE id = $1 AND thread = $2");
    Ok(found.bind(message).bind(thread).fetch_optional(db).await?.is_some())
}
