//! Whether what is stored makes sense: what the database says of itself, and what must hold among our tables.
//!
//! | module | subject |
//! | --- | --- |
//! | `rules` | what must hold, one statement each |
//! | `bytes` | whether contents of files are what their hashes say |
//! | `sets` | whether the members of threads are those of their names |

mod bytes;
mod rules;
mod sets;

use sqlx::Connection;

use super::{Db, Kind, StoreError, database};

/// Findings of one kind that are told; there may be more.
const MOST: usize = 100;

/// The codes of a file that is damaged, or none of SQLite's: `SQLITE_CORRUPT`, `SQLITE_NOTADB`. Further bytes tell more.
const DAMAGED: [u32; 2] = [11, 26];

/// Everything that is wrong, in sentences.
///
/// # Errors
/// When the database cannot be asked.
pub(crate) async fn findings(db: &mut Db) -> Result<Vec<String>, StoreError> {
    let sqlite = Kind::of(db) == Kind::Sqlite;
    let damaged = |code: &str| sqlite && code.parse::<u32>().is_ok_and(|code| DAMAGED.contains(&(code & 0xff)));
    match look(db).await {
        Err(StoreError::Database(sqlx::Error::Database(error))) if error.code().as_deref().is_some_and(damaged) => {
            Ok(vec![format!("the file is damaged: {}", error.message())])
        }
        found => found,
    }
}

async fn look(db: &mut Db) -> Result<Vec<String>, StoreError> {
    let kind = Kind::of(db);
    if kind == Kind::Sqlite {
        let damage = damage(db).await?;
        if !damage.is_empty() {
            // Whatever else is read may be anything.
            return Ok(damage);
        }
    }
    if !tables_are_ours(db, kind).await? {
        return Ok(vec!["the tables are not those of this version; start a gateway of it once".to_owned()]);
    }
    // As of one moment, whatever a gateway writes meanwhile.
    let mut db = match kind {
        Kind::Sqlite => db.begin().await?,
        Kind::Postgres => db.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?,
    };
    let mut findings = rules::broken(&mut db).await?;
    findings.extend(sets::wrong(&mut db).await?);
    findings.extend(bytes::wrong(&mut db).await?);
    Ok(findings)
}

/// What SQLite says of its file. PostgreSQL checks its own.
async fn damage(db: &mut Db) -> Result<Vec<String>, StoreError> {
    let found: Vec<String> = sqlx::query_scalar("PRAGMA integrity_check(100)").fetch_all(&mut *db).await?;
    if found != ["ok"] {
        return Ok(found.iter().map(|line| format!("the file is damaged: {line}")).collect());
    }
    let found = sqlx::query_as::<_, (String, Option<i64>, String, i64)>("PRAGMA foreign_key_check").fetch_all(db);
    let lost = |(table, _, parent, _)| format!("a row of {table} belongs to none of {parent}");
    Ok(found.await?.into_iter().take(MOST).map(lost).collect())
}

/// Whether the steps that made the tables are those of this version.
async fn tables_are_ours(db: &mut Db, kind: Kind) -> Result<bool, StoreError> {
    let there = match kind {
        Kind::Sqlite => "SELECT count(*) FROM sqlite_schema WHERE name = '_sqlx_migrations'",
        Kind::Postgres => {
            "SELECT count(*) FROM information_schema.tables \
            WHERE table_name = '_sqlx_migrations' AND table_schema = current_schema()"
        }
    };
    if sqlx::query_scalar::<_, i64>(there).fetch_one(&mut *db).await? == 0 {
        return Ok(false);
    }
    let done = sqlx::query_as::<_, (i64, Vec<u8>)>("SELECT version, checksum FROM _sqlx_migrations ORDER BY version");
    let done = done.fetch_all(db).await?;
    let steps = database::migrator(kind);
    Ok(done
        .iter()
        .map(|(version, sum)| (*version, &**sum))
        .eq(steps.iter().map(|step| (step.version, &*step.checksum))))
}
