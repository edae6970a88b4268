//! Files of messages: their names and types; their contents are found by their hash.

use std::collections::BTreeMap;

use kandy_switch::{Fault, UserKey, code};
use sqlx::Connection;

use super::{
    Db, Kind, Refusal, StoreError,
    contents::{self, Incoming},
};

/// Uploads of one user that no message has; the oldest give way.
const MOST_NOT_SENT: i64 = 64;

const NO_FILE: Fault = Fault::new(404, code::NOTHING_THERE, "There is no such file.");

/// A file as it was uploaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct File {
    /// The unguessable name by which clients know it.
    pub(crate) handle: String,
    pub(crate) name: String,
    pub(crate) mime: String,
    /// Bytes.
    pub(crate) size: i64,
    /// SHA-256 of the contents, in hexadecimal digits.
    pub(crate) hash: String,
}

type Row = (String, String, String, i64, String);

impl From<Row> for File {
    fn from((handle, name, mime, size, hash): Row) -> Self {
        Self { handle, name, mime, size, hash }
    }
}

/// An upload whose contents have arrived.
pub(crate) struct Upload<'a> {
    pub(crate) handle: &'a str,
    pub(crate) owner: &'a UserKey,
    pub(crate) name: &'a str,
    pub(crate) mime: &'a str,
    /// Time in ms since the epoch.
    pub(crate) at: i64,
}

/// Takes an upload, and commits.
pub(crate) async fn add(db: &mut Db, upload: &Upload<'_>, contents: &mut Incoming) -> Result<(), StoreError> {
    let mut db = db.begin().await?;
    let hash = contents.keep(&mut db).await?;
    let add = "INSERT INTO files (handle, owner, name, mime, size, hash, at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let add = sqlx::query(add).bind(upload.handle).bind(upload.owner.as_str()).bind(upload.name).bind(upload.mime);
    add.bind(contents.size()).bind(&hash).bind(upload.at).execute(&mut *db).await?;
    let dropped = sqlx::query_scalar::<_, String>(DROP).bind(upload.owner.as_str()).bind(MOST_NOT_SENT);
    let dropped = dropped.fetch_all(&mut *db).await?;
    remove_unused(&mut db, &dropped).await?;
    Ok(db.commit().await?)
}

/// Drops those of these files that no message has any longer, and the contents that nobody has any longer.
pub(super) async fn drop_detached(db: &mut Db, handles: &[String]) -> Result<(), StoreError> {
    let mut dropped = Vec::new();
    for handle in handles {
        let drop = "DELETE FROM files WHERE handle = $1 AND NOT EXISTS (SELECT 1 FROM attachments WHERE file = $1) \
            RETURNING hash";
        dropped.extend(sqlx::query_scalar::<_, String>(drop).bind(handle).fetch_optional(&mut *db).await?);
    }
    remove_unused(db, &dropped).await
}

/// Drops the uploads of a user that no message has, with contents that nobody has any longer.
pub(crate) async fn drop_unsent(db: &mut Db, owner: &UserKey) -> Result<(), StoreError> {
    let drop = "DELETE FROM files WHERE owner = $1 AND sent = 0 RETURNING hash";
    let dropped: Vec<String> = sqlx::query_scalar(drop).bind(owner.as_str()).fetch_all(&mut *db).await?;
    remove_unused(db, &dropped).await
}

/// Removes the contents of those hashes that no file has.
async fn remove_unused(db: &mut Db, hashes: &[String]) -> Result<(), StoreError> {
    for hash in hashes {
        let used = sqlx::query_scalar::<_, i64>("SELECT 1 FROM files WHERE hash = $1 LIMIT 1").bind(hash);
        if used.fetch_optional(&mut *db).await?.is_none() {
            contents::remove(db, hash).await?;
        }
    }
    Ok(())
}

/// Of the uploads of `$1` that no message has, all but the newest `$2` go.
pub(crate) const DROP: &str = "DELETE FROM files WHERE owner = $1 AND sent = 0 AND (at, handle) <= \
    (SELECT at, handle FROM files WHERE owner = $1 AND sent = 0 ORDER BY at DESC, handle DESC LIMIT 1 OFFSET $2) \
    RETURNING hash";

/// The file of this handle, if the user uploaded it or sees a message that has it.
pub(crate) async fn find(db: &mut Db, user: &UserKey, handle: &str) -> Result<File, Refusal> {
    let row = sqlx::query_as::<_, Row>(VISIBLE).bind(handle).bind(user.as_str()).fetch_optional(db).await?;
    Ok(row.ok_or(NO_FILE)?.into())
}

pub(crate) const VISIBLE: &str = "SELECT f.handle, f.name, f.mime, f.size, f.hash FROM files f \
    WHERE f.handle = $1 AND (f.owner = $2 OR EXISTS (SELECT 1 FROM attachments a JOIN messages x ON x.id = a.message \
    JOIN members m ON m.thread = x.thread AND m.user = $2 WHERE a.file = f.handle AND x.id > m.cleared_until \
    AND NOT EXISTS (SELECT 1 FROM deleted d WHERE d.user = $2 AND d.message = x.id)))";

/// These files, if the user may send them: all of them are files that they could fetch.
pub(super) async fn usable(db: &mut Db, user: &UserKey, handles: &[String]) -> Result<Vec<File>, Refusal> {
    let mut files = Vec::with_capacity(handles.len());
    for handle in handles {
        files.push(find(&mut *db, user, handle).await?);
    }
    Ok(files)
}

/// Makes them part of a message.
pub(super) async fn attach(db: &mut Db, message: i64, handles: &[String]) -> Result<(), StoreError> {
    for (place, handle) in (0_i64..).zip(handles) {
        let attach = sqlx::query("INSERT INTO attachments (message, place, file) VALUES ($1, $2, $3)");
        attach.bind(message).bind(place).bind(handle).execute(&mut *db).await?;
        sqlx::query("UPDATE files SET sent = 1 WHERE handle = $1").bind(handle).execute(&mut *db).await?;
    }
    Ok(())
}

/// The files of these messages, each in its order.
pub(super) async fn of_messages(db: &mut Db, messages: &[i64]) -> Result<BTreeMap<i64, Vec<File>>, StoreError> {
    type Attached = (i64, String, String, String, i64, String);
    let attached = match Kind::of(db) {
        Kind::Sqlite => ATTACHED,
        Kind::Postgres => ATTACHED_POSTGRES,
    };
    let rows = sqlx::query_as::<_, Attached>(attached).bind(kandy_wire::encode(&messages)).fetch_all(db).await?;
    let mut files = BTreeMap::<i64, Vec<File>>::new();
    for (message, handle, name, mime, size, hash) in rows {
        files.entry(message).or_default().push(File { handle, name, mime, size, hash });
    }
    Ok(files)
}

/// The files of the messages in the JSON list `$1`.
macro_rules! attached {
    ($listed:literal) => {
        concat!(
            "SELECT a.message, f.handle, f.name, f.mime, f.size, f.hash FROM attachments a ",
            "JOIN files f ON f.handle = a.file WHERE a.message IN (SELECT ",
            $listed,
            ") ORDER BY a.message, a.place"
        )
    };
}

pub(crate) const ATTACHED: &str = attached!("value FROM json_each($1)");
const ATTACHED_POSTGRES: &str = attached!("CAST(value AS BIGINT) FROM json_array_elements_text(CAST($1 AS JSON))");
