//! Thousands of clients of the engine (`kandy-core`) against one gateway, over real HTTP and WebSocket connections.
//!
//! | module | subject |
//! | --- | --- |
//! | `plan` | how many clients, who they are, how they are configured |
//! | `scenario` | what they go through, and the report |
//! | `fleet` | all clients, and the rate at which they are told to do something |
//! | `driver`, `alarm` | one client: the engine, its inbox, its timers |
//! | `media` | its microphone and peer connections, which are none |
//! | `note` | what its application is told |
//! | `people` | its second engine, which has the messages |
//! | `http`, `socket`, `source` | the connections of one client, and its address |
//! | `board` | how every client is, and the wait for all of them |
//! | `course`, `spread`, `usage` | figures |
//! | `load`, `pace`, `search`, `trial` | operations at a steady rate, and the highest one that works |
//! | `signins`, `calls`, `messages`, `presence` | those operations |
//! | `idle` | clients that do nothing, in processes of their own |
//! | `write` | writers, and whether what was acknowledged is there after every death of the gateway |
//! | `write::engines` | the same with writers that are both engines of the SDK |
//! | `gateway` | the gateway as a child process |
//! | `progress` | signs of life |

mod alarm;
mod board;
mod calls;
mod clock;
mod course;
mod driver;
mod fleet;
mod gateway;
mod http;
mod idle;
mod load;
mod media;
mod messages;
mod note;
mod pace;
mod people;
mod plan;
mod presence;
mod progress;
mod scenario;
mod search;
mod signins;
mod socket;
mod source;
mod spread;
mod trial;
mod usage;
mod write;

use std::{io, path::PathBuf};

pub use board::Step;
pub use calls::calls;
pub use course::Course;
pub use gateway::{ChildGateway, Gateway};
pub use idle::{Idle, Idling, Part, Round, idle, work};
pub use load::{Load, Report};
pub use messages::messages;
pub use plan::{MOST_CLIENTS, Plan};
pub use presence::presence;
pub use progress::Progress;
pub use scenario::{Reconnection, Registration, reconnect, register};
pub use signins::signins;
pub use spread::Spread;
pub use trial::{Cost, Tally, Trial};
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
    /// More operations than clients.
    #[error(
        "so many clients do at most {1} operations of this length per second, not {0}: give more clients, or a lower rate"
    )]
    TooFew(u32, u32),
    /// Of those that watch.
    #[error("not everybody is told of what they watch: {0}")]
    Watchers(String),
    /// One of the processes that have the clients.
    #[error("a worker process is gone, or does not tell how its clients are")]
    Worker,
    /// Of those that write.
    #[error("the writers came to nothing: {0}")]
    Writer(String),
    /// By a signal.
    #[error("interrupted")]
    Interrupted,
}
