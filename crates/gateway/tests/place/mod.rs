//! Where a test stores: a folder, and a PostgreSQL schema on the server that `KANDY_TEST_POSTGRES` names. Where it names none,
//! SQLite is used.

#![allow(dead_code, reason = "whoever includes this uses some of it")]

use std::{
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
};

use sqlx::{AnyConnection, AssertSqlSafe, Connection};

/// Tells those apart that are there at the same time.
static NEXT: AtomicU32 = AtomicU32::new(0);

fn number() -> String {
    format!("{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A data folder, with a schema where tests use PostgreSQL. Both are gone when the test is over.
pub(crate) struct Folder(pub(crate) PathBuf, Option<Schema>);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("kandy-gateway-{name}-{}", number()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path, Schema::new())
    }

    /// The address of the PostgreSQL database.
    pub(crate) fn postgres(&self) -> Option<&str> {
        self.1.as_ref().map(|schema| &*schema.url)
    }

    /// The address of the database that a gateway has, whose data folder this is.
    pub(crate) fn database(&self) -> String {
        self.postgres().map_or_else(|| format!("sqlite://{}/kandy.sqlite", self.0.display()), str::to_owned)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

/// A schema that is gone when its test is over.
pub(crate) struct Schema {
    /// The address of the database, with this schema in the place of the usual one.
    pub(crate) url: String,
    name: String,
    server: String,
}

impl Schema {
    /// A new one; `None` where tests are to use SQLite.
    pub(crate) fn new() -> Option<Self> {
        let server = std::env::var("KANDY_TEST_POSTGRES").ok().filter(|url| !url.is_empty())?;
        let name = format!("test_{}", number());
        // A process of the same number may have been killed before it came to this.
        execute(&server, format!("DROP SCHEMA IF EXISTS {name} CASCADE; CREATE SCHEMA {name}"))
            .expect("a schema for the test");
        let join = if server.contains('?') { '&' } else { '?' };
        Some(Self { url: format!("{server}{join}options[search_path]={name}"), name, server })
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        // A test that failed may have left a gateway in the midst of something; the server goes after the tests anyway.
        drop(execute(&self.server, format!("SET lock_timeout = '5s'; DROP SCHEMA {} CASCADE", self.name)));
    }
}

/// Executes some statements. On a thread of its own: a test that ends cannot wait otherwise.
pub(crate) fn execute(server: &str, sql: String) -> Result<(), sqlx::Error> {
    sqlx::any::install_default_drivers();
    std::thread::scope(|scope| {
        let work = async {
            let mut db = AnyConnection::connect(server).await?;
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut db).await?;
            db.close().await
        };
        let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work);
        scope.spawn(runtime).join().expect("a thread that does not fail")
    })
}
