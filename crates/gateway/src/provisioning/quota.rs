//! How often a client may call: a fixed window per client (provisioning §6.4).

use std::collections::BTreeMap;

use super::calendar::{Millis, Unit};

/// Calls allowed in a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Quota {
    pub(crate) limit: i64,
    /// Length of the window in units.
    pub(crate) interval: u32,
    pub(crate) unit: Unit,
}

/// What an account of level `demo` may where nothing else is said (provisioning §6.4).
pub(crate) const DEMO: Quota = Quota { limit: 1_000, interval: 1, unit: Unit::Day };
/// The same for every other account.
pub(crate) const PRODUCTION: Quota = Quota { limit: 100, interval: 1, unit: Unit::Minute };
/// Tokens that one client may ask for (provisioning §6.4).
pub(crate) const TOKENS: Quota = Quota { limit: 30, interval: 1, unit: Unit::Minute };

/// A window as a response tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) quota: Quota,
    /// Calls counted in it, the present one included.
    pub(crate) used: i64,
    /// When it ends.
    pub(crate) reset: Millis,
}

/// What was counted of each client.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    clients: BTreeMap<String, (Millis, i64)>,
}

/// Clients that are counted at a time; one whose window is over gives way.
const MOST: usize = 10_000;

impl Counters {
    /// Counts a call. Refused ones are not counted.
    ///
    /// # Errors
    /// The same window when it is used up.
    pub(crate) fn count(&mut self, client: &str, quota: Quota, now: Millis) -> Result<Window, Window> {
        let (start, reset) = quota.unit.window(quota.interval, now);
        if self.clients.len() >= MOST && !self.clients.contains_key(client) {
            self.clients.retain(|_, (begun, _)| *begun >= start);
            if self.clients.len() >= MOST {
                // More clients at a time than are ever known: whoever comes now waits for the next window.
                return Err(Window { quota, used: quota.limit, reset });
            }
        }
        let counted = self.clients.entry(client.to_owned()).or_insert((start, 0));
        if counted.0 != start {
            *counted = (start, 0);
        }
        if counted.1 >= quota.limit {
            return Err(Window { quota, used: quota.limit, reset });
        }
        counted.1 += 1;
        Ok(Window { quota, used: counted.1, reset })
    }
}

impl Window {
    /// Of somebody who is not known, and whose calls do not count.
    pub(crate) fn of_nobody(now: Millis) -> Self {
        let (_, reset) = PRODUCTION.unit.window(PRODUCTION.interval, now);
        Self { quota: PRODUCTION, used: 0, reset }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: Quota = Quota { limit: 2, interval: 1, unit: Unit::Minute };

    #[test]
    fn calls_pass_until_the_window_is_used_up() {
        let mut counters = Counters::default();
        let mut used =
            |client: &str, now| counters.count(client, TWO, now).map(|w| w.used).map_err(|w| (w.used, w.reset));
        assert_eq!((used("a", 1), used("a", 2)), (Ok(1), Ok(2)));
        assert_eq!((used("a", 3), used("a", 59_999)), (Err((2, 60_000)), Err((2, 60_000))));
        assert_eq!(used("b", 3), Ok(1), "each client has its own");
        assert_eq!((used("a", 60_000), used("a", 60_001)), (Ok(1), Ok(2)), "after the reset it passes");
    }

    #[test]
    fn counters_are_bounded() {
        let mut counters = Counters::default();
        for n in 0..MOST {
            assert!(counters.count(&n.to_string(), TWO, 1).is_ok());
        }
        assert!(counters.count("one more", TWO, 2).is_err());
        assert!(counters.count("7", TWO, 2).is_ok());
        assert!(counters.count("one more", TWO, 60_000).is_ok(), "those of the last window gave way");
        assert_eq!(counters.clients.len(), 1);
    }
}
