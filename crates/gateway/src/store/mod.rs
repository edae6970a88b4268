//! What outlives everything: SQLite in one file of the data folder, or in memory without one; or PostgreSQL.
//!
//! One connection writes and a few read beside it. Whoever writes holds [`Store::write`] until it has committed and told those
//! whom it concerns, so that everybody is told in the order of the commits, and nobody of what is not on disk. There is one
//! gateway for each database, which holds a lock on it.
//!
//! Statements are written so that both databases take them. Where they cannot be, a `match` on [`Kind`] stands beside them.
//!
//! | module | subject |
//! | --- | --- |
//! | `database` | which database, its connections, its lock, its tables |
//! | `messages`, `threads` | who wrote what to whom, and what each sees of it |
//! | `erase` | what nobody sees any longer |
//! | `files`, `contents` | uploads, and their contents |
//! | `state` | what a gateway leaves to the next one |
//! | `takeover` | what earlier gateways kept beside the database |
//! | `check` | whether what is stored makes sense |
//! | `provisioning` | accounts, orders, subscribers |
//! | `audit`, `trail` | who signed in, and who provisioned what; reading it |
//! | `passwords` | of provisioned users |
//! | `presence`, `contacts`, `records`, `voicemail` | what is known of people |

pub(crate) mod audit;
pub(crate) mod check;
pub(crate) mod contacts;
pub(crate) mod contents;
pub(crate) mod database;
pub(crate) mod erase;
pub(crate) mod files;
pub(crate) mod messages;
pub(crate) mod passwords;
#[cfg(test)]
mod plans;
pub(crate) mod presence;
pub(crate) mod provisioning;
pub(crate) mod records;
pub(crate) mod state;
mod takeover;
#[cfg(test)]
pub(crate) mod testing;
pub(crate) mod threads;
pub(crate) mod trail;
pub(crate) mod voicemail;

use std::{
    io,
    ops::{Deref, DerefMut},
    path::Path,
    sync::Arc,
};

use kandy_switch::{Fault, code};
use sqlx::{Any, AnyConnection, AnyPool, Connection, migrate::MigrateError, pool::PoolConnection};
use tokio::sync::{Mutex, MutexGuard};

use database::Database;
pub use database::DatabaseUrl;
pub(crate) use database::Kind;

use crate::operation::meters::{Running, StoreTimes};

/// The database.
pub(crate) struct Store {
    writer: Mutex<Db>,
    /// None in memory, where the one connection is the database.
    readers: Option<AnyPool>,
    /// After the connections: it has the lock.
    database: Database,
    pub(crate) times: StoreTimes,
}

/// Why something could not be stored or read. Never holds what it was.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    /// The database refused.
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
    /// Its tables are those of another version.
    #[error("the tables of the database: {0}")]
    Tables(#[from] MigrateError),
    /// A file or folder could not be used.
    #[error("a file of the store: {0}")]
    File(#[from] io::Error),
    /// Two gateways would tell everybody half of it.
    #[error("another gateway uses this {0}; each gateway needs its own")]
    Taken(&'static str),
    /// It does not answer.
    #[error("the database cannot be reached within {0} s")]
    Slow(u64),
    /// There is nothing to look at.
    #[error("there is no database in {0}")]
    None(std::path::PathBuf),
}

/// The code of a text that PostgreSQL cannot hold: one with U+0000 (SQLSTATE `character_not_in_repertoire`).
const NO_TEXT: &str = "22021";
const BAD_TEXT: Fault = Fault::new(400, code::VALUE, "The character U+0000 cannot be stored.");

/// The way to say it to a client; the reason is for the log alone.
impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        if let StoreError::Database(sqlx::Error::Database(error)) = &error
            && error.code().as_deref() == Some(NO_TEXT)
        {
            return BAD_TEXT;
        }
        tracing::error!(%error, "the store failed");
        Self::new(500, code::INTERNAL, "The gateway could not store or read this.")
    }
}

impl From<sqlx::Error> for Refusal {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

/// Why something was not done: it was not possible, or the store failed.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The client is told why.
    Fault(Fault),
    /// The client is told that.
    Store(StoreError),
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Fault(fault) => fault,
            Refusal::Store(error) => error.into(),
        }
    }
}

impl Store {
    /// Opens the SQLite database of this folder, which exists, and brings its tables up to date; without a folder, one that ends
    /// with the process.
    ///
    /// # Errors
    /// When the file cannot be used, was written by a later version, or belongs to another gateway.
    pub(crate) async fn open(dir: Option<&Path>) -> Result<Self, StoreError> {
        let store = Self::on(Database::sqlite(dir)?).await?;
        if let Some(dir) = dir {
            takeover::take_over(&store, dir).await?;
        }
        Ok(store)
    }

    /// Uses this PostgreSQL database, and brings its tables up to date.
    ///
    /// # Errors
    /// When it cannot be reached, its tables are those of a later version, or it belongs to another gateway.
    pub(crate) async fn connect(url: &DatabaseUrl) -> Result<Self, StoreError> {
        Self::on(Database::postgres(url)?).await
    }

    async fn on(database: Database) -> Result<Self, StoreError> {
        let mut writer = database.writer().await?;
        // Not `run`, whose future the compiler does not believe to be `Send`.
        database::migrator(Kind::of(&writer)).run_direct(None, &mut writer, false).await?;
        contents::forget_unfinished(&mut writer).await?;
        Ok(Self { writer: Mutex::new(writer), readers: database.readers()?, database, times: StoreTimes::default() })
    }

    /// Whether what is stored outlives the process.
    pub(crate) fn lasts(&self) -> bool {
        self.readers.is_some()
    }

    /// The connection that writes; others wait for it meanwhile. If a server went away, it is asked anew.
    pub(crate) async fn write(&self) -> Writer<'_> {
        let waiting = Running::new(&self.times.write_wait);
        let mut writer = self.writer.lock().await;
        drop(waiting);
        let held = Running::new(&self.times.write);
        if self.database.is_server() && writer.ping().await.is_err() {
            match self.database.writer().await {
                Ok(again) => *writer = again,
                // Whatever is asked of the lost connection is refused.
                Err(error) => tracing::error!(%error, "the connection to the database is lost"),
            }
        }
        Writer { db: writer, _held: held }
    }

    /// A connection that reads what is committed. Not to be asked for by whoever holds [`Self::write`], which reads as well.
    ///
    /// # Errors
    /// When there cannot be another connection.
    pub(crate) async fn read(&self) -> Result<Reader<'_>, StoreError> {
        let waiting = Running::new(&self.times.read_wait);
        let db = match &self.readers {
            Some(readers) => Connected::Beside(readers.acquire().await?),
            None => Connected::Same(self.writer.lock().await),
        };
        drop(waiting);
        Ok(Reader { db, _held: Running::new(&self.times.read) })
    }

    /// Ends in order: what was written is moved into the one file, and another gateway may come. Whoever still uses the store
    /// was cut off; the database takes no harm from that.
    pub(crate) async fn end(self: Arc<Self>) {
        match Arc::try_unwrap(self) {
            Ok(store) => store.close().await,
            Err(store) => store.database.release(&mut *store.writer.lock().await).await,
        }
    }

    pub(crate) async fn close(self) {
        if let Some(readers) = self.readers {
            readers.close().await;
        }
        if let Err(error) = self.writer.into_inner().close().await {
            tracing::warn!(%error, "the database was not closed in order; nothing of it is lost");
        }
    }
}

/// A connection to either database, as the functions of this module take it. Their statements number their parameters: $1, $2.
pub(crate) type Db = AnyConnection;

/// The connection that writes.
pub(crate) struct Writer<'a> {
    db: MutexGuard<'a, Db>,
    _held: Running,
}

/// A connection that reads.
pub(crate) struct Reader<'a> {
    db: Connected<'a>,
    _held: Running,
}

enum Connected<'a> {
    /// One of those beside the writer.
    Beside(PoolConnection<Any>),
    /// The only one there is.
    Same(MutexGuard<'a, Db>),
}

impl Deref for Writer<'_> {
    type Target = Db;

    fn deref(&self) -> &Db {
        &self.db
    }
}

impl DerefMut for Writer<'_> {
    fn deref_mut(&mut self) -> &mut Db {
        &mut self.db
    }
}

impl Deref for Reader<'_> {
    type Target = Db;

    fn deref(&self) -> &Db {
        match &self.db {
            Connected::Beside(connection) => connection,
            Connected::Same(connection) => connection,
        }
    }
}

impl DerefMut for Reader<'_> {
    fn deref_mut(&mut self) -> &mut Db {
        match &mut self.db {
            Connected::Beside(connection) => connection,
            Connected::Same(connection) => connection,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use testing::Folder;

    async fn names(store: &Store) -> Vec<String> {
        let mut reader = store.read().await.unwrap();
        sqlx::query_scalar("SELECT members FROM threads ORDER BY id").fetch_all(&mut *reader).await.unwrap()
    }

    async fn add(store: &Store, name: &str) {
        let mut writer = store.write().await;
        let add = sqlx::query("INSERT INTO threads (members, is_group) VALUES ($1, 0)").bind(name);
        add.execute(&mut *writer).await.unwrap();
    }

    async fn pragma<T>(db: &mut Db, name: &'static str) -> T
    where
        T: Send + Unpin + for<'r> sqlx::Decode<'r, Any> + sqlx::Type<Any>,
    {
        sqlx::query_scalar(name).fetch_one(db).await.unwrap()
    }

    #[tokio::test]
    async fn what_is_committed_is_there_again() {
        let folder = Folder::new("store 100%25 ö");
        for round in 1..=2 {
            let store = Store::open(Some(&folder.0)).await.unwrap();
            add(&store, &round.to_string()).await;
            // The writer does not keep readers waiting.
            let held = store.write().await;
            assert_eq!(names(&store).await.len(), round);
            drop(held);
            let mut writer = store.write().await;
            assert_eq!(pragma::<i64>(&mut writer, "PRAGMA synchronous").await, 2, "FULL");
            assert_eq!(pragma::<i64>(&mut writer, "PRAGMA foreign_keys").await, 1);
            assert_eq!(pragma::<String>(&mut writer, "PRAGMA journal_mode").await, "wal");
            drop(writer);
            #[cfg(unix)]
            for file in ["kandy.sqlite", "kandy.sqlite-wal", "kandy.lock"] {
                let mode = std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(folder.0.join(file)).unwrap());
                assert_eq!(mode & 0o777, 0o600, "{file}");
            }
            store.close().await;
            assert!(!folder.0.join("kandy.sqlite-wal").exists(), "all is in the one file");
        }
        std::fs::remove_dir_all(&folder.0).unwrap();
        assert!(Store::open(Some(&folder.0)).await.is_err(), "no folder");
    }

    #[tokio::test]
    async fn in_memory_it_is_one_database_of_its_own() {
        let (one, other) = (Store::open(None).await.unwrap(), Store::open(None).await.unwrap());
        add(&one, "a").await;
        assert_eq!((names(&one).await, names(&other).await), (vec!["a".to_owned()], Vec::new()));
        one.close().await;
    }

    #[tokio::test]
    async fn readers_only_read() {
        let store = testing::lasting().await;
        add(&store, "a").await;
        let held = store.write().await;
        let mut reader = store.read().await.unwrap();
        assert!(sqlx::query("DELETE FROM threads").execute(&mut *reader).await.is_err());
        drop((reader, held));
        assert_eq!(names(&store).await, ["a"]);
    }

    #[tokio::test]
    async fn a_database_has_one_gateway() {
        let store = testing::lasting().await;
        let second = store.again().await.err().unwrap().to_string();
        assert!(second.starts_with("another gateway uses this"), "{second}");
        // Somebody still holds the first one.
        let held = (*store).clone();
        (*store).clone().end().await;
        let second = store.again().await.unwrap();
        add(&second, "b").await;
        assert_eq!(names(&held).await, ["b"]);
    }

    #[tokio::test]
    async fn a_server_that_went_away_is_asked_anew() {
        let store = testing::store().await;
        if Kind::of(&*store.write().await) == Kind::Sqlite {
            // Nobody can take it away.
            return add(&store, "a").await;
        }
        let ours: i64 = pragma(&mut *store.write().await, "SELECT pg_backend_pid()").await;
        let end = sqlx::query("SELECT pg_terminate_backend(CAST($1 AS INTEGER))").bind(ours);
        end.execute(&mut *store.read().await.unwrap()).await.unwrap();
        add(&store, "a").await;
        assert_eq!(names(&store).await, ["a"]);
    }

    #[tokio::test]
    async fn what_a_database_cannot_hold_is_said_to_whoever_sent_it() {
        let store = testing::store().await;
        let mut writer = store.write().await;
        let stored = sqlx::query("INSERT INTO state (text) VALUES ($1)").bind("a\0b").execute(&mut *writer).await;
        let status = stored.map_or_else(|error| Fault::from(StoreError::from(error)).status, |_| 200);
        let wanted = if Kind::of(&writer) == Kind::Sqlite { 200 } else { 400 };
        assert_eq!(status, wanted);
        let broken = sqlx::query("INSERT INTO state (text) VALUES (NULL)").execute(&mut *writer).await.unwrap_err();
        assert_eq!(Fault::from(StoreError::from(broken)).status, 500);
    }

    #[test]
    fn addresses_of_databases_are_known_by_their_form() {
        for good in ["postgres://a:secret@h/n", "postgresql:///n?host=%2Frun&user=a", "postgres://h/n?options[x]=y&"] {
            assert_eq!(format!("{:?}", DatabaseUrl::new(good).unwrap()), "DatabaseUrl(Secret)");
        }
        for bad in ["", "mysql://h/n", "sqlite://x", "postgres://h:port/n", "postgres://h/n?pasword=secret"] {
            assert!(DatabaseUrl::new(bad).is_none(), "{bad}");
        }
    }
}
