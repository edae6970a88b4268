//! What a connection is doing, from which follows how long it may go on doing it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use super::Bounds;

/// Shared by a connection's stream, its requests and its task. All of them run in that task, so nobody has to be woken.
#[derive(Clone)]
pub(super) struct Activity(Arc<Mutex<Inside>>);

struct Inside {
    phase: Phase,
    /// Since when the other end takes nothing of what is to be written.
    blocked: Option<Instant>,
}

#[derive(Clone, Copy)]
enum Phase {
    /// Headers are arriving, or the first ones are awaited.
    Headers(Instant),
    /// A request is being served.
    Busy,
    /// The next request is awaited.
    Idle(Instant),
}

/// A request that is served as long as this lives.
pub(super) struct Serving(Activity);

impl Activity {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(Inside::new(Instant::now()))))
    }

    /// Something arrived.
    pub(super) fn read(&self) {
        self.lock().read(Instant::now());
    }

    /// The other end took something.
    pub(super) fn wrote(&self) {
        self.lock().blocked = None;
    }

    /// The other end takes nothing.
    pub(super) fn blocked(&self) {
        self.lock().blocked.get_or_insert_with(Instant::now);
    }

    /// A request begins.
    pub(super) fn serving(&self) -> Serving {
        self.lock().phase = Phase::Busy;
        Serving(self.clone())
    }

    /// When the connection ends if nothing happens until then.
    pub(super) fn deadline(&self, bounds: &Bounds) -> Option<Instant> {
        self.lock().deadline(bounds)
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.0.lock().phase = Phase::Idle(Instant::now());
    }
}

impl Inside {
    fn new(now: Instant) -> Self {
        Self { phase: Phase::Headers(now), blocked: None }
    }

    fn read(&mut self, now: Instant) {
        if let Phase::Idle(_) = self.phase {
            self.phase = Phase::Headers(now);
        }
    }

    fn deadline(&self, bounds: &Bounds) -> Option<Instant> {
        let phase = match self.phase {
            Phase::Headers(since) => Some(since + bounds.headers),
            Phase::Idle(since) => Some(since + bounds.idle),
            // The handlers have times of their own.
            Phase::Busy => None,
        };
        [phase, self.blocked.map(|since| since + bounds.stalled)].into_iter().flatten().min()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn every_phase_has_its_time() {
        let (bounds, start) = (Bounds::default(), Instant::now());
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut inside = Inside::new(start);
        inside.read(at(1));
        assert_eq!(
            inside.deadline(&bounds),
            Some(start + bounds.headers),
            "the first headers count from the beginning"
        );
        inside.phase = Phase::Busy;
        inside.read(at(2));
        assert_eq!(inside.deadline(&bounds), None, "a body is not our matter");
        inside.blocked = Some(at(3));
        assert_eq!(inside.deadline(&bounds), Some(at(3) + bounds.stalled));
        inside.blocked = None;
        inside.phase = Phase::Idle(at(4));
        assert_eq!(inside.deadline(&bounds), Some(at(4) + bounds.idle));
        inside.read(at(5));
        inside.read(at(6));
        assert_eq!(inside.deadline(&bounds), Some(at(5) + bounds.headers), "every byte gives no new time");
    }

    #[test]
    fn a_request_is_served_as_long_as_its_guard_lives() {
        let (bounds, activity) = (Bounds::default(), Activity::new());
        let serving = activity.serving();
        assert_eq!(activity.deadline(&bounds), None);
        activity.blocked();
        let first = activity.deadline(&bounds).unwrap();
        activity.blocked();
        assert_eq!(activity.deadline(&bounds), Some(first), "from the first time on");
        activity.wrote();
        drop(serving);
        assert!(activity.deadline(&bounds).unwrap() > first, "it is idle");
    }
}
