//! What outlives everything: SQLite in the data folder, or in memory without one.
//!
//! One connection writes and a few read beside it. Whoever writes holds [`Store::write`] until it has committed and told those
//! whom it concerns, so that everybody is told in the order of the commits, and nobody of what is not on disk.
//!
//! | module | subject |
//! | --- | --- |
//! | `messages`, `threads` | who wrote what to whom, and what each sees of it |
//! | `erase` | what nobody sees any longer |
//! | `files`, `blobs` | uploads, and their contents |
//! | `provisioning` | accounts, orders, subscribers |
//! | `audit`, `trail` | who signed in, and who provisioned what; reading it |
//! | `passwords` | of provisioned users |
//! | `presence`, `contacts`, `records`, `voicemail` | what is known of people |

pub(crate) mod audit;
pub(crate) mod blobs;
pub(crate) mod contacts;
pub(crate) mod erase;
pub(crate) mod files;
pub(crate) mod messages;
pub(crate) mod passwords;
#[cfg(test)]
mod plans;
pub(crate) mod presence;
pub(crate) mod provisioning;
pub(crate) mod records;
pub(crate) mod threads;
pub(crate) mod trail;
pub(crate) mod voicemail;

use std::{
    io,
    ops::{Deref, DerefMut},
    path::{Path, PathBuf},
    time::Duration,
};

use kandy_switch::{Fault, code};
use sqlx::{
    ConnectOptions, Connection, SqlSafeStr, Sqlite, SqliteConnection, SqlitePool,
    migrate::{MigrateError, Migration, MigrationType, Migrator},
    pool::PoolConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::sync::{Mutex, MutexGuard};

use blobs::Blobs;

/// The tables, one step after the other; a step that was released is never changed.
const MIGRATIONS: [(i64, &str, &str); 3] = [
    (1, "messages", include_str!("../../migrations/0001_messages.sql")),
    (2, "people", include_str!("../../migrations/0002_people.sql")),
    (3, "provisioning", include_str!("../../migrations/0003_provisioning.sql")),
];
/// Connections that read: queries are short, and a machine has few disks.
const READERS: u32 = 4;
/// How long a statement waits for another process that looks into the file.
const BUSY: Duration = Duration::from_secs(5);

/// The database.
pub(crate) struct Store {
    writer: Mutex<SqliteConnection>,
    /// None in memory, where the one connection is the database.
    readers: Option<SqlitePool>,
    /// Contents of files.
    pub(crate) blobs: Blobs,
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
}

/// The way to say it to a client; the reason is for the log alone.
impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
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
    /// Opens the database of this folder, which exists, and brings its tables up to date; without a folder, one that ends with
    /// the process.
    ///
    /// # Errors
    /// When the file cannot be used, or was written by a later version.
    pub(crate) async fn open(dir: Option<&Path>) -> Result<Self, StoreError> {
        let options = match dir {
            Some(dir) => SqliteConnectOptions::new().filename(private_file(dir.join("kandy.sqlite"))?),
            None => SqliteConnectOptions::new().in_memory(true),
        };
        let options = options
            .journal_mode(if dir.is_some() { SqliteJournalMode::Wal } else { SqliteJournalMode::Memory })
            // A commit that was answered survives the loss of power.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY)
            .disable_statement_logging();
        let mut writer = options.connect().await?;
        // Not `run`, whose future the compiler does not believe to be `Send`.
        migrator().run_direct(None, &mut writer, false).await?;
        let readers =
            dir.map(|_| SqlitePoolOptions::new().max_connections(READERS).connect_lazy_with(options.read_only(true)));
        Ok(Self { writer: Mutex::new(writer), readers, blobs: Blobs::open(dir)? })
    }

    /// The connection that writes; others wait for it meanwhile.
    pub(crate) async fn write(&self) -> Writer<'_> {
        self.writer.lock().await
    }

    /// A connection that reads what is committed. Not to be asked for by whoever holds [`Self::write`], which reads as well.
    ///
    /// # Errors
    /// When the file cannot be opened once more.
    pub(crate) async fn read(&self) -> Result<Reader<'_>, StoreError> {
        Ok(match &self.readers {
            Some(readers) => Reader::Beside(readers.acquire().await?),
            None => Reader::Same(self.writer.lock().await),
        })
    }

    /// Ends in order: what was written is moved into the one file.
    pub(crate) async fn close(self) {
        if let Some(readers) = self.readers {
            readers.close().await;
        }
        if let Err(error) = self.writer.into_inner().close().await {
            tracing::warn!(%error, "the database was not closed in order; nothing of it is lost");
        }
    }
}

/// A connection, as the functions of this module take it. Their statements number their parameters: $1, $2.
pub(crate) type Db = SqliteConnection;

/// The connection that writes.
pub(crate) type Writer<'a> = MutexGuard<'a, SqliteConnection>;

/// A connection that reads.
pub(crate) enum Reader<'a> {
    /// One of those beside the writer.
    Beside(PoolConnection<Sqlite>),
    /// The only one there is.
    Same(MutexGuard<'a, SqliteConnection>),
}

impl Deref for Reader<'_> {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        match self {
            Self::Beside(connection) => connection,
            Self::Same(connection) => connection,
        }
    }
}

impl DerefMut for Reader<'_> {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        match self {
            Self::Beside(connection) => connection,
            Self::Same(connection) => connection,
        }
    }
}

fn migrator() -> Migrator {
    let step = |(version, name, sql): (i64, &'static str, &'static str)| {
        Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
    };
    Migrator::with_migrations(MIGRATIONS.map(step).into())
}

/// Makes the file, for its owner's eyes alone, if it is not there; SQLite gives its other files the same mode.
fn private_file(path: PathBuf) -> io::Result<PathBuf> {
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&path)?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn names(store: &Store) -> Vec<String> {
        let mut reader = store.read().await.unwrap();
        sqlx::query_scalar("SELECT members FROM threads ORDER BY id").fetch_all(&mut *reader).await.unwrap()
    }

    async fn add(store: &Store, name: &str) {
        let mut writer = store.write().await;
        sqlx::query("INSERT INTO threads (members, is_group) VALUES (?, 0)")
            .bind(name)
            .execute(&mut *writer)
            .await
            .unwrap();
    }

    #[tokio::test]
    async fn what_is_committed_is_there_again() {
        let folder = std::env::temp_dir().join(format!("kandy-gateway-store-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        for round in 1..=2 {
            let store = Store::open(Some(&folder)).await.unwrap();
            add(&store, &round.to_string()).await;
            // The writer does not keep readers waiting.
            let held = store.write().await;
            assert_eq!(names(&store).await.len(), round);
            drop(held);
            let mut writer = store.write().await;
            let pragma = async |writer: &mut SqliteConnection, name: &'static str| {
                sqlx::query_scalar::<_, i64>(name).fetch_one(writer).await.unwrap()
            };
            assert_eq!(pragma(&mut writer, "PRAGMA synchronous").await, 2, "FULL");
            assert_eq!(pragma(&mut writer, "PRAGMA foreign_keys").await, 1);
            let mode: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut *writer).await.unwrap();
            assert_eq!(mode, "wal");
            drop(writer);
            let mut reader = store.read().await.unwrap();
            assert!(sqlx::query("DELETE FROM threads").execute(&mut *reader).await.is_err(), "readers only read");
            drop(reader);
            #[cfg(unix)]
            for file in ["kandy.sqlite", "kandy.sqlite-wal"] {
                let mode = std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(folder.join(file)).unwrap());
                assert_eq!(mode & 0o777, 0o600, "{file}");
            }
            store.close().await;
        }
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(Store::open(Some(&folder)).await.is_err(), "no folder");
    }

    #[tokio::test]
    async fn in_memory_it_is_one_database_of_its_own() {
        let (one, other) = (Store::open(None).await.unwrap(), Store::open(None).await.unwrap());
        add(&one, "a").await;
        assert_eq!((names(&one).await, names(&other).await), (vec!["a".to_owned()], Vec::new()));
        one.close().await;
    }
}
