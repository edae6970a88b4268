//! When operations are due: at a steady rate, whatever became of those before.
//!
//! Each is timed from when it was due. An operation that comes late because the one before it took its time is not timed from when
//! it was sent at last: its user has waited since it was due. Measured otherwise, a gateway that stands still for a second would
//! have one slow operation in place of a second's worth of them ("coordinated omission").

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// The operations of one trial.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    began: Instant,
    /// Per second.
    pub(crate) rate: u32,
    /// How many there are.
    pub(crate) total: usize,
}

impl Pace {
    /// The first one is due in a moment, so that everybody is ready for it.
    const READY: Duration = Duration::from_millis(50);

    /// `rate` operations a second, for so many seconds.
    pub(crate) fn new(rate: u32, seconds: u64) -> Self {
        let total = usize::try_from(u64::from(rate) * seconds).unwrap_or(usize::MAX);
        Self { began: Instant::now() + Self::READY, rate, total }
    }

    /// The same rate, for so many operations.
    pub(crate) fn with(self, total: usize) -> Self {
        Self { total, ..self }
    }

    /// When an operation is due.
    pub(crate) fn due(&self, operation: usize) -> Instant {
        self.began + Duration::from_secs_f64(operation as f64 / f64::from(self.rate.max(1)))
    }

    /// When the first one is due.
    pub(crate) fn began(&self) -> Instant {
        self.began
    }

    /// When all have been due.
    pub(crate) fn end(&self) -> Instant {
        self.due(self.total)
    }

    /// The operations of one of `all`, who take turns.
    pub(crate) fn of(&self, one: usize, all: usize) -> impl Iterator<Item = usize> + use<> {
        (one..self.total).step_by(all.max(1))
    }

    /// Waits until an operation is due, if it is not yet; completes with when it was. The timer's resolution is 1 ms.
    pub(crate) async fn wait(&self, operation: usize) -> Instant {
        let due = self.due(operation);
        if due > Instant::now() {
            sleep_until(due).await;
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_due_once_and_in_its_order() {
        let pace = Pace::new(4, 3);
        assert_eq!((pace.total, pace.due(4) - pace.due(0)), (12, Duration::from_secs(1)));
        assert_eq!(pace.end() - pace.began(), Duration::from_secs(3));
        let mut all: Vec<usize> = (0..5).flat_map(|one| pace.of(one, 5)).collect();
        assert_eq!(pace.of(4, 5).collect::<Vec<_>>(), [4, 9]);
        all.sort_unstable();
        assert_eq!(all, (0..12).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn what_is_late_is_timed_from_when_it_was_due() {
        let pace = Pace { began: Instant::now() - Duration::from_secs(60), rate: 1, total: 60 };
        assert_eq!(pace.wait(30).await, pace.due(30));
        assert!(pace.due(30).elapsed() >= Duration::from_secs(30));
    }
}
