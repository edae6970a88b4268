//! How long something took, many times over.

use std::time::Duration;

/// Durations of which each is kept: four bytes, at most 4 MB. Beyond that they are counted only.
const KEPT: usize = 1 << 20;

/// Durations of one kind of thing, and how often it failed.
#[derive(Debug, Clone, Default)]
pub struct Spread {
    micros: Vec<u32>,
    count: usize,
    /// How often it came to nothing.
    pub failed: usize,
}

impl Spread {
    /// It took so long.
    pub(crate) fn add(&mut self, took: Duration) {
        self.count += 1;
        if self.micros.len() < KEPT {
            // Over an hour counts as one: nothing here is waited for that long.
            self.micros.push(u32::try_from(took.as_micros()).unwrap_or(u32::MAX));
        }
    }

    /// The same thing, at another time.
    pub(crate) fn take_in(&mut self, other: &Self) {
        let room = KEPT.saturating_sub(self.micros.len());
        self.micros.extend(other.micros.iter().take(room));
        self.count += other.count;
        self.failed += other.failed;
    }

    /// How often it succeeded.
    pub fn count(&self) -> usize {
        self.count
    }

    /// After how long `percent` of `all` were done, whether or not the rest ever was: the shortest time that so many did
    /// not exceed. `None` when there were not that many.
    pub fn after(&self, percent: usize, all: usize) -> Option<Duration> {
        let mut sorted = self.micros.clone();
        sorted.sort_unstable();
        let wanted = (percent * all).div_ceil(100).max(1);
        sorted.get(wanted - 1).map(|micros| Duration::from_micros(u64::from(*micros)))
    }

    /// The percentile of those that are kept; `None` when there are none.
    pub fn percentile(&self, percent: usize) -> Option<Duration> {
        self.after(percent, self.micros.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_the_nearest_rank() {
        let mut spread = Spread::default();
        assert_eq!(spread.percentile(50), None);
        (1..=100).rev().for_each(|ms| spread.add(Duration::from_millis(ms)));
        let rows = [(1, 1), (50, 50), (99, 99), (100, 100)];
        for (percent, ms) in rows {
            assert_eq!(spread.percentile(percent), Some(Duration::from_millis(ms)), "{percent} %");
        }
    }

    #[test]
    fn two_are_one() {
        let (mut one, mut other) = (Spread::default(), Spread { failed: 2, ..Spread::default() });
        one.add(Duration::from_millis(1));
        other.add(Duration::from_millis(3));
        one.take_in(&other);
        assert_eq!((one.count(), one.failed), (2, 2));
        assert_eq!(one.percentile(100), Some(Duration::from_millis(3)));
    }

    #[test]
    fn those_who_never_came_count_too() {
        let mut spread = Spread::default();
        (1..=50).for_each(|ms| spread.add(Duration::from_millis(ms)));
        assert_eq!(spread.after(50, 100), Some(Duration::from_millis(50)));
        assert_eq!(spread.after(51, 100), None);
        assert_eq!(spread.after(100, 50), Some(Duration::from_millis(50)));
    }
}
