//! What came of one rate, held for some seconds: how long everything took, what was lost, and what it cost.

use std::{collections::BTreeMap, fmt, time::Duration};

use crate::{Usage, course::time, spread::Spread};

/// Kinds of errors that are told apart; there are a handful.
const KINDS: usize = 16;

/// What one client, or one pair of them, saw; and all of them together.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// By what was measured, in the order of an operation's life.
    pub measures: Vec<(&'static str, Spread)>,
    /// What went wrong, and how often.
    pub errors: BTreeMap<String, usize>,
}

/// One rate.
#[derive(Debug, Clone)]
pub struct Trial {
    /// Operations per second that were asked for.
    pub rate: u32,
    /// Operations that were asked for.
    pub asked: usize,
    /// What came of them.
    pub tally: Tally,
    /// From when the first one was due until the last one was done, or given up.
    pub took: Duration,
    /// What it cost the gateway, and the clients.
    pub costs: [Option<Cost>; 2],
}

/// What a process used meanwhile.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    /// Seconds of CPU, user and system.
    pub cpu: f64,
    /// Memory at the end, in MiB.
    pub resident: f64,
}

impl Tally {
    /// Nothing yet, of these measures.
    pub(crate) fn of(names: &[&'static str]) -> Self {
        Self { measures: names.iter().map(|name| (*name, Spread::default())).collect(), errors: BTreeMap::new() }
    }

    /// It took so long.
    pub(crate) fn add(&mut self, name: &str, took: Duration) {
        if let Some((_, spread)) = self.measures.iter_mut().find(|(known, _)| *known == name) {
            spread.add(took);
        }
    }

    /// It came to nothing.
    pub(crate) fn miss(&mut self, name: &str) {
        if let Some((_, spread)) = self.measures.iter_mut().find(|(known, _)| *known == name) {
            spread.failed += 1;
        }
    }

    /// It came to nothing for this reason.
    pub(crate) fn fail(&mut self, name: &str, why: &str) {
        self.miss(name);
        self.note(why);
    }

    /// Something went wrong once, whatever came to nothing by it.
    pub(crate) fn note(&mut self, why: &str) {
        self.count(why, 1);
    }

    fn count(&mut self, why: &str, times: usize) {
        let told_apart = self.errors.contains_key(why) || self.errors.len() < KINDS;
        *self.errors.entry(if told_apart { why } else { "others" }.to_owned()).or_default() += times;
    }

    /// What others saw.
    pub(crate) fn take_in(&mut self, other: &Self) {
        for (name, spread) in &other.measures {
            match self.measures.iter_mut().find(|(known, _)| known == name) {
                Some((_, own)) => own.take_in(spread),
                None => self.measures.push((name, spread.clone())),
            }
        }
        for (why, times) in &other.errors {
            self.count(why, *times);
        }
    }

    /// Whether nothing went wrong.
    pub fn is_clean(&self) -> bool {
        self.errors.is_empty() && self.measures.iter().all(|(_, spread)| spread.failed == 0)
    }
}

impl Trial {
    /// Whether nothing was lost.
    pub fn is_complete(&self) -> bool {
        self.tally.is_clean() && self.tally.measures.iter().all(|(_, spread)| spread.count() >= self.asked)
    }

    /// Whether nothing was lost, and 99 of 100 took no longer than this.
    pub fn keeps(&self, bound: Duration) -> bool {
        let in_time = |spread: &Spread| spread.percentile(99).is_some_and(|p99| p99 <= bound);
        self.is_complete() && self.tally.measures.iter().all(|(_, spread)| in_time(spread))
    }

    /// The rate that was reached: operations by the time that they took altogether.
    pub fn reached(&self) -> f64 {
        let done = self.tally.measures.iter().map(|(_, spread)| spread.count().min(self.asked)).min();
        done.unwrap_or_default() as f64 / self.took.as_secs_f64().max(f64::MIN_POSITIVE)
    }
}

impl Cost {
    /// Between two looks at a process.
    pub(crate) fn between(before: Option<Usage>, after: Option<Usage>) -> Option<Self> {
        let (before, after) = before.zip(after)?;
        Some(Self { cpu: after.cpu - before.cpu, resident: after.resident })
    }

    fn told(self, trial: &Trial, clients: u32) -> String {
        let Self { cpu, resident } = self;
        let per = |count: f64| cpu * 1_000.0 / count.max(1.0);
        format!(
            "{:>6.1} % of a core  {:>8.3} ms per operation  {:>8.3} ms per user  {resident:>8.1} MiB",
            cpu * 100.0 / trial.took.as_secs_f64().max(f64::MIN_POSITIVE),
            per(trial.asked as f64),
            per(f64::from(clients)),
        )
    }
}

/// The head of what [`Trial::table`] writes.
pub(crate) const HEAD: &str =
    "rate/s   reached  measure              count  failed         p50         p99         max";

impl Trial {
    /// One line for each measure, then costs and errors.
    pub(crate) fn table(&self, clients: u32, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (name, spread)) in self.tally.measures.iter().enumerate() {
            let (rate, reached) = match at {
                0 => (self.rate.to_string(), format!("{:.1}", self.reached())),
                _ => Default::default(),
            };
            let [p50, p99, max] = [50, 99, 100].map(|percent| time(spread.percentile(percent)));
            let (count, failed) = (spread.count(), spread.failed);
            let counts = format!("{count:>9} {failed:>7}");
            writeln!(f, "{rate:>6} {reached:>9}  {name:<16} {counts} {p50:>11} {p99:>11} {max:>11}")?;
        }
        for (who, cost) in ["gateway", "tool"].into_iter().zip(self.costs) {
            if let Some(cost) = cost {
                writeln!(f, "{:>16}  {who:<8} {}", "", cost.told(self, clients))?;
            }
        }
        for (why, times) in &self.tally.errors {
            writeln!(f, "{:>16}  {times} × {why}", "ERROR")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trial(times: &[u64]) -> Trial {
        let mut tally = Tally::of(&["told"]);
        times.iter().for_each(|ms| tally.add("told", Duration::from_millis(*ms)));
        let cost = Some(Cost { cpu: 1.0, resident: 20.0 });
        Trial { rate: 1, asked: 3, tally, took: Duration::from_secs(4), costs: [cost, None] }
    }

    #[test]
    fn nothing_may_be_lost_and_nothing_late() {
        let bound = Duration::from_millis(10);
        assert!(trial(&[1, 2, 10]).keeps(bound));
        assert!(trial(&[1, 2, 11]).is_complete() && !trial(&[1, 2, 11]).keeps(bound));
        assert!(!trial(&[1, 2]).is_complete(), "one is missing");
        let mut failed = trial(&[1, 2, 3]);
        failed.tally.fail("told", "7: no");
        assert!(!failed.is_complete() && !failed.keeps(bound));
        assert_eq!(trial(&[1, 2]).reached(), 0.5);
    }

    #[test]
    fn tallies_add_up_and_kinds_of_errors_are_bounded() {
        let (mut all, mut one) = (Tally::of(&["told"]), Tally::of(&["told"]));
        one.add("told", Duration::from_millis(1));
        (0..100).for_each(|n| one.fail("told", &n.to_string()));
        all.take_in(&one);
        all.take_in(&one);
        assert_eq!((all.measures[0].1.count(), all.measures[0].1.failed), (2, 200));
        assert_eq!((all.errors.len(), all.errors.values().sum::<usize>()), (KINDS + 1, 200));
    }

    #[test]
    fn lines_stand_in_columns() {
        struct Table(Trial);
        impl fmt::Display for Table {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.table(2, f)
            }
        }
        let mut failed = trial(&[1, 2, 3]);
        failed.tally.errors.insert("7: no".to_owned(), 2);
        let text = Table(failed).to_string();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!((lines.len(), lines[0].len()), (3, HEAD.len()), "{HEAD}\n{text}");
        assert!(lines[1].contains(" 25.0 % of a core") && lines[1].contains(" 500.000 ms per user"), "{text}");
        assert!(lines[2].ends_with("2 × 7: no"), "{text}");
    }
}
