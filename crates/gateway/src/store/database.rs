//! The two kinds of databases: how each is reached, locked and given its tables.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use sqlx::{
    AnyPool, ConnectOptions, SqlSafeStr,
    any::{AnyConnectOptions, AnyPoolOptions, install_default_drivers},
    migrate::{Migration, MigrationType, Migrator},
};
use tokio::time::timeout;

use super::{Db, StoreError};
use crate::secrets::Secret;

/// The tables, one step after the other; a step that was released is never changed.
macro_rules! steps {
    ($folder:literal) => {
        [
            (1, "messages", include_str!(concat!("../../migrations/", $folder, "/0001_messages.sql"))),
            (2, "people", include_str!(concat!("../../migrations/", $folder, "/0002_people.sql"))),
            (3, "provisioning", include_str!(concat!("../../migrations/", $folder, "/0003_provisioning.sql"))),
            (4, "contents", include_str!(concat!("../../migrations/", $folder, "/0004_contents.sql"))),
        ]
    };
}
const SQLITE: [(i64, &str, &str); 4] = steps!("sqlite");
const POSTGRES: [(i64, &str, &str); 4] = steps!("postgres");

/// Connections that read: queries are short, and a machine has few disks.
const READERS: u32 = 4;
/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// The first half of our advisory locks: the letters `kndy`. The second is the schema's.
const LOCK: i32 = 0x6b6e_6479;
/// The code of a lock that somebody else has (SQLSTATE `lock_not_available`).
const LOCKED: &str = "55P03";

/// What a connection speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

impl Kind {
    pub(crate) fn of(db: &Db) -> Self {
        if db.backend_name() == "PostgreSQL" { Self::Postgres } else { Self::Sqlite }
    }
}

/// The address of a PostgreSQL database, which may hold a password.
#[derive(Debug, Clone)]
pub struct DatabaseUrl(Secret);

impl DatabaseUrl {
    /// `None` for what is no such address, or has parameters that nobody knows: they would be told to the log.
    pub fn new(url: &str) -> Option<Self> {
        const PARAMETERS: [&str; 18] = [
            "sslmode",
            "ssl-mode",
            "sslrootcert",
            "ssl-root-cert",
            "ssl-ca",
            "sslcert",
            "ssl-cert",
            "sslkey",
            "ssl-key",
            "statement-cache-capacity",
            "host",
            "hostaddr",
            "port",
            "dbname",
            "user",
            "password",
            "application_name",
            "options",
        ];
        let rest = url.strip_prefix("postgres://").or_else(|| url.strip_prefix("postgresql://"))?;
        let query = rest.split_once('?').map(|(_, query)| query).unwrap_or_default();
        let known = |part: &str| {
            let name = part.split('=').next().unwrap_or_default();
            PARAMETERS.contains(&name) || name.starts_with("options[")
        };
        let good = query.split('&').filter(|part| !part.is_empty()).all(known);
        (good && AnyConnectOptions::from_str(url).is_ok()).then(|| Self(Secret::new(url)))
    }
}

/// Which database, and how it is reached.
pub(crate) enum Database {
    /// SQLite without a file.
    Memory,
    /// The file, and the lock of its folder.
    File(PathBuf, File),
    Server(AnyConnectOptions),
}

impl Database {
    /// SQLite in this folder, which exists.
    pub(super) fn sqlite(dir: Option<&Path>) -> Result<Self, StoreError> {
        let Some(dir) = dir else { return Ok(Self::Memory) };
        let dir = dir.canonicalize()?;
        let lock = private_file(&dir.join("kandy.lock"))?;
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) => return Err(StoreError::Taken("data folder")),
            Err(TryLockError::Error(error)) => return Err(error.into()),
            Ok(()) => {}
        }
        let file = dir.join(FILE);
        // SQLite gives its other files the same mode.
        drop(private_file(&file)?);
        Ok(Self::File(file, lock))
    }

    pub(super) fn postgres(url: &DatabaseUrl) -> Result<Self, StoreError> {
        Ok(Self::Server(options(url.0.text())?))
    }

    pub(super) fn is_server(&self) -> bool {
        matches!(self, Self::Server(_))
    }

    /// The connection that writes. On a server it has the lock for as long as it lasts.
    pub(super) async fn writer(&self) -> Result<Db, StoreError> {
        match self {
            Self::Memory => sqlite_writer("sqlite::memory:?cache=private", "MEMORY").await,
            Self::File(file, _) => sqlite_writer(&sqlite_url(file, "rw"), "WAL").await,
            Self::Server(options) => {
                let mut db = connected(options).await?;
                lock(&mut db).await?;
                Ok(db)
            }
        }
    }

    /// Connections that only read.
    pub(super) fn readers(&self) -> Result<Option<AnyPool>, StoreError> {
        let pool = AnyPoolOptions::new().max_connections(READERS);
        Ok(match self {
            Self::Memory => None,
            Self::File(file, _) => Some(pool.connect_lazy_with(options(&sqlite_url(file, "ro"))?)),
            Self::Server(options) => {
                let pool = pool.after_connect(|db, _| Box::pin(async { only_read(db).await }));
                Some(pool.connect_lazy_with(options.clone()))
            }
        })
    }

    /// Lets another gateway have it.
    pub(super) async fn release(&self, db: &mut Db) {
        let released = match self {
            Self::Memory => Ok(()),
            Self::File(_, lock) => lock.unlock().map_err(StoreError::from),
            Self::Server(_) => {
                let unlock = sqlx::query("SELECT pg_advisory_unlock_all()").execute(db);
                timeout(PATIENCE, unlock).await.map_or(Ok(()), |done| done.map(drop).map_err(StoreError::from))
            }
        };
        if let Err(error) = released {
            tracing::warn!(%error, "the database stays locked for a while");
        }
    }
}

/// The database in a data folder.
const FILE: &str = "kandy.sqlite";

/// A connection that reads beside a gateway, or without one: it takes no lock, and changes nothing.
///
/// # Errors
/// When there is no such database, or it cannot be reached.
pub(crate) async fn look(dir: &Path, url: Option<&DatabaseUrl>) -> Result<Db, StoreError> {
    if let Some(url) = url {
        let mut db = connected(&options(url.0.text())?).await?;
        only_read(&mut db).await?;
        return Ok(db);
    }
    let file = dir.join(FILE);
    if !file.is_file() {
        return Err(StoreError::None(dir.to_owned()));
    }
    connected(&options(&sqlite_url(&file.canonicalize()?, "ro"))?).await
}

/// The steps by which a database of this kind gets its tables.
pub(crate) fn migrator(kind: Kind) -> Migrator {
    let step = |(version, name, sql): (i64, &'static str, &'static str)| {
        Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
    };
    let steps = match kind {
        Kind::Sqlite => SQLITE,
        Kind::Postgres => POSTGRES,
    };
    Migrator::with_migrations(steps.map(step).into())
}

fn options(url: &str) -> Result<AnyConnectOptions, StoreError> {
    install_default_drivers();
    Ok(AnyConnectOptions::from_str(url)?.disable_statement_logging())
}

async fn connected(options: &AnyConnectOptions) -> Result<Db, StoreError> {
    timeout(PATIENCE, options.connect()).await.map_or(Err(StoreError::Slow(PATIENCE.as_secs())), |db| Ok(db?))
}

async fn sqlite_writer(url: &str, journal: &'static str) -> Result<Db, StoreError> {
    let mut db = connected(&options(url)?).await?;
    // A commit that was answered survives the loss of power. Foreign keys, and 5 s of patience with other processes that look
    // into the file, are what the driver begins with.
    for pragma in [format!("PRAGMA journal_mode = {journal}"), "PRAGMA synchronous = FULL".to_owned()] {
        sqlx::query(sqlx::AssertSqlSafe(pragma)).execute(&mut db).await?;
    }
    Ok(db)
}

/// A path in the form of a URL, in which a name may have any character.
fn sqlite_url(file: &Path, mode: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
    let bytes = file.as_os_str().as_encoded_bytes().iter();
    let path: String =
        bytes.map(|b| if plain(*b) { char::from(*b).to_string() } else { format!("%{b:02X}") }).collect();
    format!("sqlite://{path}?mode={mode}")
}

async fn only_read(db: &mut Db) -> Result<(), sqlx::Error> {
    sqlx::query("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY").execute(db).await.map(drop)
}

/// Takes the lock of the schema. A gateway that was killed may hold it for some more moments.
async fn lock(db: &mut Db) -> Result<(), StoreError> {
    sqlx::query("SET lock_timeout = '5s'").execute(&mut *db).await?;
    let lock = sqlx::query("SELECT pg_advisory_lock($1, hashtext(current_schema()))").bind(LOCK);
    match lock.execute(&mut *db).await {
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some(LOCKED) => {
            return Err(StoreError::Taken("database"));
        }
        done => done?,
    };
    sqlx::query("RESET lock_timeout").execute(db).await?;
    Ok(())
}

/// Opens a file for its owner's eyes alone, and makes it if it is not there.
pub(crate) fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::contents::hexadecimal;

    #[test]
    fn released_steps_are_what_they_were() {
        // The beginnings of their SHA-384, which SQLite files that are in use remember.
        let released = ["02f8a1b1e71cdbd5d3c1c820", "662011467fb28bd9235dcd44"];
        let steps: Vec<String> = migrator(Kind::Sqlite).iter().map(|step| hexadecimal(&step.checksum)).collect();
        assert!(steps.iter().zip(released).all(|(step, begin)| step.starts_with(begin)), "{steps:?}");
        let numbers = |kind| migrator(kind).iter().map(|step| step.version).collect::<Vec<_>>();
        assert_eq!(numbers(Kind::Sqlite), numbers(Kind::Postgres));
    }
}
