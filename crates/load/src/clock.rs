//! The time of all clients.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use kandy_core::Now;
use tokio::time::Instant;

/// Time since the epoch that never runs backwards: the machine's clock is read once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    started: Instant,
    epoch: Duration,
}

impl Clock {
    /// The time of the machine, now.
    pub(crate) fn start() -> Self {
        Self { started: Instant::now(), epoch: SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() }
    }

    pub(crate) fn now(self) -> Now {
        Now(u64::try_from((self.epoch + self.started.elapsed()).as_millis()).unwrap_or(u64::MAX))
    }
}
