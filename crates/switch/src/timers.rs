//! Every reason for which the switch waits, and when it is due.

use std::collections::BTreeMap;

use kandy_wire::SessionId;
use serde::{Deserialize, Serialize};

use crate::{CallId, EventId, GrantId, SocketId, SubscriptionId, accounts::UserKey};

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
    /// A stored presence is too old.
    Presence(UserKey),
    /// An event subscription ends.
    Event(EventId),
}

impl Timer {
    /// Whether somebody on the other side is waited for, who cannot do anything while the gateway is down.
    pub(crate) fn waits_for_clients(&self) -> bool {
        match self {
            Self::Grant(_) | Self::Subscription(_) | Self::Presence(_) | Self::Event(_) => false,
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

/// The table of timers: one due time per reason. Those that are due at the same time come in the order in which they were
/// set, so that what is told about two sessions at once is told in the order in which it happened.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    at: BTreeMap<Timer, (u64, u64)>,
    due: BTreeMap<(u64, u64), Timer>,
    last: u64,
}

impl Timers {
    /// Waits for `timer` until `at`, replacing an earlier time; the same time once more changes nothing.
    pub(crate) fn set(&mut self, timer: Timer, at: u64) {
        if self.at.get(&timer).is_some_and(|(set, _)| *set == at) {
            return;
        }
        self.clear(&timer);
        self.last += 1;
        self.due.insert((at, self.last), timer.clone());
        self.at.insert(timer, (at, self.last));
    }

    /// Stops waiting.
    pub(crate) fn clear(&mut self, timer: &Timer) {
        if let Some(place) = self.at.remove(timer) {
            self.due.remove(&place);
        }
    }

    /// When this timer is due.
    pub(crate) fn due(&self, timer: &Timer) -> Option<u64> {
        self.at.get(timer).map(|(at, _)| *at)
    }

    /// Takes the next timer that is due, with the time at which it was.
    pub(crate) fn pop(&mut self, now: u64) -> Option<(u64, Timer)> {
        if self.next()? > now {
            return None;
        }
        let ((at, _), timer) = self.due.pop_first()?;
        self.at.remove(&timer);
        Some((at, timer))
    }

    /// All timers with the times at which they are due, in their order.
    pub(crate) fn all(&self) -> impl Iterator<Item = (u64, &Timer)> {
        self.due.iter().map(|((at, _), timer)| (*at, timer))
    }

    /// When the next timer is due.
    pub(crate) fn next(&self) -> Option<u64> {
        self.due.first_key_value().map(|((at, _), _)| *at)
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
        for call in [2, 3, 1, 2] {
            timers.set(Timer::Update(CallId(call)), 50);
        }
        let order: Vec<_> = std::iter::from_fn(|| timers.pop(50)).map(|(_, timer)| timer).collect();
        assert_eq!(order, [2, 3, 1].map(|call| Timer::Update(CallId(call))));
    }
}
