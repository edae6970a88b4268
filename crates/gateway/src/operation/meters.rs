//! What the parts of the gateway count and measure. Each part has its own; `metrics` gives them names. Labels are words of the
//! code alone, never of a request, so there are only so many.

use std::time::Instant;

use prometheus_client::metrics::{counter::Counter, family::Family, histogram::Histogram};

/// Names and values of labels.
pub(crate) type Labels<const N: usize> = [(&'static str, &'static str); N];
/// Counters that differ by labels.
pub(crate) type Counters<const N: usize> = Family<Labels<N>, Counter>;

/// Bounds of all histograms, in seconds: half a millisecond is less than the fastest disk takes for a commit, 10 s is longer than
/// most clients wait.
const BOUNDS: [f64; 14] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// A histogram of seconds.
pub(crate) fn seconds() -> Histogram {
    Histogram::new(BOUNDS)
}

/// Measures from its making to its end.
pub(crate) struct Running {
    begun: Instant,
    into: Histogram,
}

impl Running {
    pub(crate) fn new(into: &Histogram) -> Self {
        Self { begun: Instant::now(), into: into.clone() }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.into.observe(self.begun.elapsed().as_secs_f64());
    }
}

/// Of the hub: what goes out of the switch.
#[derive(Clone, Default)]
pub(crate) struct Traffic {
    pub(crate) notifications: Counter,
    /// Sockets that did not keep up.
    pub(crate) given_up: Counter,
    /// Facts that were not stored.
    pub(crate) facts_lost: Counter,
    /// Arrivals that were not noted.
    pub(crate) arrivals_lost: Counter,
    /// By step.
    pub(crate) calls: Counters<1>,
}

/// Of the webhook, by outcome.
#[derive(Clone)]
pub(crate) struct Pushes(pub(crate) Counters<1>);

impl Default for Pushes {
    fn default() -> Self {
        let pushes = Self(Counters::default());
        // They are told from the beginning on, also where there is no webhook.
        for outcome in ["delivered", "retried", "given-up", "dropped"] {
            drop(pushes.0.get_or_create(&[("outcome", outcome)]));
        }
        pushes
    }
}

impl Pushes {
    pub(crate) fn count(&self, outcome: &'static str) {
        self.0.get_or_create(&[("outcome", outcome)]).inc();
    }
}

/// Of the store: how long its connections are waited for, and how long they are held, the commit included.
#[derive(Clone)]
pub(crate) struct StoreTimes {
    pub(crate) write_wait: Histogram,
    pub(crate) write: Histogram,
    pub(crate) read_wait: Histogram,
    pub(crate) read: Histogram,
}

impl Default for StoreTimes {
    fn default() -> Self {
        Self { write_wait: seconds(), write: seconds(), read_wait: seconds(), read: seconds() }
    }
}
