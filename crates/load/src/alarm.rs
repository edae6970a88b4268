//! The timers of one client.

use kandy_core::effect::TimerId;
use tokio::time::{Instant, sleep_until};

/// Whose timer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Alarm {
    Client(TimerId),
    People(kandy_people::TimerId),
}

/// Completes with the timer when it is due; never without one.
pub(crate) async fn elapsed(due: Option<(Alarm, Instant)>) -> Alarm {
    match due {
        Some((alarm, at)) => {
            sleep_until(at).await;
            alarm
        }
        None => std::future::pending().await,
    }
}
