//! Thousands of clients of the engine (`kandy-core`) against one gateway, over real HTTP and WebSocket connections.
//!
//! | module | subject |
//! | --- | --- |
//! | `plan` | how many clients, who they are, how they are configured |
//! | `scenario` | what they go through, and the report |
//! | `fleet` | all clients, and the rate at which they are told to do something |
//! | `driver` | one client: the engine, its inbox, its timers |
//! | `people` | its second engine, which has the messages |
//! | `http`, `socket` | the connections of one client |
//! | `board` | how every client is, and the wait for all of them |
//! | `course`, `spread`, `usage` | figures |
//! | `write` | writers, and whether what was acknowledged is there after every death of the gateway |
//! | `write::engines` | the same with writers that are both engines of the SDK |
//! | `gateway` | the gateway as a child process |
//! | `progress` | signs of life |

mod board;
mod clock;
mod course;
mod driver;
mod fleet;
mod gateway;
mod http;
mod people;
mod plan;
mod progress;
mod scenario;
mod socket;
mod spread;
mod usage;
mod write;

use std::{io, path::PathBuf};

pub use board::Step;
pub use course::Course;
pub use gateway::{ChildGateway, Gateway};
pub use plan::{MOST_CLIENTS, Plan};
pub use progress::Progress;
pub use scenario::{Reconnection, Registration, reconnect, register};
pub use spread::Spread;
pub use usage::Usage;
pub use write::{Checks, Conversed, Writing, Written, write, write_by_engines};

/// Why a run came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The accounts file.
    #[error("the accounts file cannot be written: {0}")]
    Accounts(io::Error),
    /// The data folder.
    #[error("the data folder cannot be made: {0}")]
    Data(io::Error),
    /// The gateway's binary.
    #[error("{0} cannot be started: {1}")]
    Binary(PathBuf, io::Error),
    /// It was started.
    #[error("{0} ended, or did not say within 30 s that it listens; its own words stand above")]
    Silent(PathBuf),
    /// It does not end.
    #[error("the gateway cannot be killed: {0}")]
    Kill(io::Error),
    /// Its command that looks for faults.
    #[error("the gateway's check cannot be run: {0}")]
    Check(io::Error),
    /// The clients' side of HTTP.
    #[error("the HTTP side of a client cannot be set up: {0}")]
    Http(String),
    /// Before there was anything to come back to.
    #[error("not all clients could log in: {0}")]
    Login(String),
    /// The gateway is gone.
    #[error("{0} clients did not notice that the gateway is gone")]
    Unnoticed(usize),
    /// Of those that write.
    #[error("the writers came to nothing: {0}")]
    Writer(String),
    /// By a signal.
    #[error("interrupted")]
    Interrupted,
}
