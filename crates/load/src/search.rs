//! Which rate to try next: doubled until it is too much, then in the middle.

/// Trials at most: a search that begins at 1 per second ends this way, too.
const TRIALS: usize = 24;

/// The search for the highest rate that still works.
#[derive(Debug)]
pub(crate) struct Search {
    first: u32,
    most: u32,
    /// The highest that worked.
    pub(crate) best: Option<u32>,
    /// The lowest that did not.
    worst: Option<u32>,
    trials: usize,
}

impl Search {
    /// Begins with `first`, and never goes beyond `most`.
    pub(crate) fn new(first: u32, most: u32) -> Self {
        Self { first: first.min(most), most, best: None, worst: None, trials: 0 }
    }

    /// A rate was tried.
    pub(crate) fn tried(&mut self, rate: u32, works: bool) {
        self.trials += 1;
        match works {
            true => self.best = self.best.max(Some(rate)),
            false => self.worst = Some(self.worst.map_or(rate, |worst| worst.min(rate))),
        }
    }

    /// The rate to try next; `None` when the best one is known as well as it needs to be: to a twentieth.
    pub(crate) fn next(&self) -> Option<u32> {
        let next = match (self.best, self.worst) {
            (None, None) => self.first,
            (Some(best), None) => best.saturating_mul(2).min(self.most),
            (None, Some(worst)) => worst / 2,
            (Some(best), Some(worst)) if worst.saturating_sub(best) > (best / 20).max(1) => best + (worst - best) / 2,
            (Some(_), Some(_)) => return None,
        };
        let is_new = next > 0 && Some(next) != self.best && Some(next) != self.worst;
        (is_new && self.trials < TRIALS).then_some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tried(first: u32, most: u32, limit: u32) -> (Option<u32>, Vec<u32>) {
        let (mut search, mut all) = (Search::new(first, most), Vec::new());
        while let Some(rate) = search.next() {
            all.push(rate);
            search.tried(rate, rate <= limit);
        }
        (search.best, all)
    }

    #[test]
    fn the_highest_rate_is_found_to_a_twentieth() {
        assert_eq!(tried(100, 10_000, 730), (Some(725), vec![100, 200, 400, 800, 600, 700, 750, 725]));
        for limit in 1..2_000 {
            let (best, all) = tried(100, 100_000, limit);
            let best = best.unwrap();
            assert!(best <= limit && limit - best <= (best / 20).max(1) && all.len() <= 16, "{limit}: {best} {all:?}");
        }
    }

    #[test]
    fn it_ends_where_everything_works_or_nothing() {
        assert_eq!(tried(100, 300, 1_000), (Some(300), vec![100, 200, 300]));
        assert_eq!(tried(4, 100, 0), (None, vec![4, 2, 1]));
        assert_eq!(tried(400, 300, 1_000), (Some(300), vec![300]));
    }
}
