//! Every reason for which the switch waits, and when it is due.

use std::collections::{BTreeMap, BTreeSet};

use kandy_wire::SessionId;
use serde::{Deserialize, Serialize};

use crate::{CallId, GrantId, SocketId, SubscriptionId};

/// A reason to wait.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Timer {
    /// A token login ends.
    Grant(GrantId),
    /// A subscription ends.
    Subscription(SubscriptionId),
    /// A socket whose client does not check it is to be checked.
    Check(SocketId),
    /// A session may be spoken about again.
    Gate(SessionId),
    /// A device was to report ringing.
    Ringing(SessionId),
    /// A connected party was to audit.
    Audit(SessionId),
    /// An ended session is forgotten.
    Forget(SessionId),
    /// A call rang long enough.
    NoAnswer(CallId),
    /// An update was to be answered.
    Update(CallId),
}

impl Timer {
    /// Whether somebody on the other side is waited for, who cannot do anything while the gateway is down.
    pub(crate) fn waits_for_clients(&self) -> bool {
        match self {
            Self::Grant(_) | Self::Subscription(_) => false,
            Self::Check(_)
            | Self::Gate(_)
            | Self::Ringing(_)
            | Self::Audit(_)
            | Self::Forget(_)
            | Self::NoAnswer(_)
            | Self::Update(_) => true,
        }
    }
}

/// The table of timers: one due time per reason.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    at: BTreeMap<Timer, u64>,
    due: BTreeSet<(u64, Timer)>,
}

impl Timers {
    /// Waits for `timer` until `at`, replacing an earlier time.
    pub(crate) fn set(&mut self, timer: Timer, at: u64) {
        self.clear(&timer);
        self.due.insert((at, timer.clone()));
        self.at.insert(timer, at);
    }

    /// Stops waiting.
    pub(crate) fn clear(&mut self, timer: &Timer) {
        if let Some(at) = self.at.remove(timer) {
            self.due.remove(&(at, timer.clone()));
        }
    }

    /// Takes the next timer that is due, with the time at which it was.
    pub(crate) fn pop(&mut self, now: u64) -> Option<(u64, Timer)> {
        if self.next()? > now {
            return None;
        }
        let (at, timer) = self.due.pop_first()?;
        self.at.remove(&timer);
        Some((at, timer))
    }

    /// All timers with the times at which they are due.
    pub(crate) fn all(&self) -> impl Iterator<Item = &(u64, Timer)> {
        self.due.iter()
    }

    /// When the next timer is due.
    pub(crate) fn next(&self) -> Option<u64> {
        self.due.first().map(|(at, _)| *at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timers_come_in_order_and_only_once() {
        let mut timers = Timers::default();
        timers.set(Timer::NoAnswer(CallId(1)), 30);
        timers.set(Timer::NoAnswer(CallId(2)), 10);
        timers.set(Timer::NoAnswer(CallId(1)), 20);
        timers.set(Timer::Update(CallId(1)), 15);
        timers.clear(&Timer::Update(CallId(1)));
        assert_eq!(timers.next(), Some(10));
        assert_eq!(timers.pop(9), None);
        assert_eq!(timers.pop(40), Some((10, Timer::NoAnswer(CallId(2)))));
        assert_eq!(timers.pop(40), Some((20, Timer::NoAnswer(CallId(1)))));
        assert_eq!(timers.pop(40), None);
        assert_eq!(timers.next(), None);
    }
}
