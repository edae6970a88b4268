//! What the command `kandy-gateway` does beside serving. Each command goes by the settings of the gateway, and
//! beside one that runs.
//!
//! | module | subject |
//! | --- | --- |
//! | `backup` | a copy of the SQLite database |
//! | `check` | faults of the database |
//! | `health` | whether the gateway answers |

mod backup;
mod check;
mod health;

use std::{io, path::PathBuf};

pub use backup::backup;
pub use check::check;
pub use health::health;

use crate::{config::ConfigError, store::StoreError};

/// Why a command came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The settings.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Nothing is kept.
    #[error("there is no database: name the data folder with --data, or set KANDY_DATABASE")]
    Nowhere,
    /// PostgreSQL has its own.
    #[error("the database is PostgreSQL, which has its own command for that: pg_dump")]
    Postgres,
    /// Somebody may need it.
    #[error("{0} is there already")]
    There(PathBuf),
    /// The copy.
    #[error("{0} cannot be written: {1}")]
    Copy(PathBuf, io::Error),
    /// The database.
    #[error("{0}")]
    Store(String),
    /// Nobody to ask.
    #[error("the gateway is asked on the listener for metrics: name its address with --metrics, or KANDY_METRICS")]
    NoListener,
    /// No good answer.
    #[error("the gateway does not say that it lives: {0}")]
    Silent(String),
    /// The output.
    #[error("the findings cannot be told: {0}")]
    Output(#[from] io::Error),
}

impl From<StoreError> for CommandError {
    fn from(error: StoreError) -> Self {
        Self::Store(error.to_string())
    }
}
