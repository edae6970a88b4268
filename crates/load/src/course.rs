//! One phase of a run as figures, and how they are printed.

use std::{collections::BTreeMap, fmt, time::Duration};

use crate::{board::Step, spread::Spread};

/// What became of the clients in one phase.
#[derive(Debug, Clone)]
pub struct Course {
    /// Clients.
    pub wanted: usize,
    /// Clients that are where they were wanted.
    pub reached: usize,
    /// Clients that have given up, or were refused.
    pub ended: usize,
    /// Why, with how many of them: `LOST_CONNECTION`, `GONE`, or the code and sentence of an `auth:error`.
    pub endings: BTreeMap<String, usize>,
    /// How long it took each of `reached`, from when it was wanted.
    pub times: Spread,
    /// From the beginning of the phase to the last of `reached`.
    pub took: Duration,
    /// HTTP requests made.
    pub requests: u64,
    /// Attempts to open a socket.
    pub sockets: u64,
    /// What single steps took.
    pub steps: BTreeMap<Step, Spread>,
}

impl Course {
    /// Whether all clients are where they were wanted.
    pub fn is_complete(&self) -> bool {
        self.reached == self.wanted
    }

    /// The clients that are not, in one sentence.
    pub fn shortfall(&self) -> String {
        let Self { wanted, reached, ended, endings, .. } = self;
        let still = wanted - reached - ended;
        let reasons: Vec<String> = endings.iter().map(|(why, clients)| format!("{clients} × {why}")).collect();
        format!("{reached} of {wanted}; {ended} ended ({}), {still} were still at it", reasons.join(", "))
    }

    /// When so many per cent of all clients were there.
    pub(crate) fn milestones(&self) -> String {
        let at = |percent| time(self.times.after(percent, self.wanted));
        let (half, nearly, all) = (at(50), at(99), at(100));
        let Self { wanted, reached, requests, sockets, .. } = self;
        format!(
            "{reached} of {wanted}    50 % {half}    99 % {nearly}    100 % {all}\n              \
             {requests} HTTP requests, {sockets} socket attempts"
        )
    }

    /// A table: the phase as a whole, then its steps.
    pub(crate) fn table(&self, phase: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        row(phase, &self.times, self.took.as_secs_f64(), f)?;
        self.rows_of_steps(f)
    }

    /// The steps alone, of a phase in which nobody was to get anywhere.
    pub(crate) fn table_of_steps(&self, phase: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{phase}")?;
        self.rows_of_steps(f)
    }

    fn rows_of_steps(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (step, spread) in &self.steps {
            row(&format!("  {}", step.name()), spread, self.took.as_secs_f64(), f)?;
        }
        if self.is_complete() { Ok(()) } else { writeln!(f, "  {}", self.shortfall()) }
    }
}

/// The head of [`Course::table`].
pub(crate) const HEAD: &str = "phase            count  failed      per s         p50         p99         max";

fn row(name: &str, spread: &Spread, took: f64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let rate = if took > 0.0 { format!("{:.1}", spread.count() as f64 / took) } else { "-".to_owned() };
    let [p50, p99, max] = [50, 99, 100].map(|percent| time(spread.percentile(percent)));
    let (count, failed) = (spread.count(), spread.failed);
    writeln!(f, "{name:<14} {count:>7} {failed:>7} {rate:>10} {p50:>11} {p99:>11} {max:>11}")
}

/// As it stands in tables.
pub(crate) fn time(time: Option<Duration>) -> String {
    match time {
        None => "never".to_owned(),
        Some(time) if time < Duration::from_secs(1) => format!("{:.1} ms", time.as_secs_f64() * 1_000.0),
        Some(time) => format!("{:.3} s", time.as_secs_f64()),
    }
}

impl Step {
    fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Subscribe => "subscribe",
            Self::Socket => "socket",
            Self::Check => "check",
            Self::Extend => "extend",
            Self::Refresh => "refresh",
            Self::Unsubscribe => "unsubscribe",
            Self::Revoke => "revoke",
            Self::Other => "other",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn course() -> Course {
        let mut times = Spread::default();
        (1..=3).for_each(|seconds| times.add(Duration::from_secs(seconds)));
        times.failed = 1;
        Course {
            wanted: 4,
            reached: 3,
            ended: 1,
            endings: BTreeMap::from([("LOST_CONNECTION".to_owned(), 1)]),
            times,
            took: Duration::from_secs(3),
            requests: 8,
            sockets: 5,
            steps: BTreeMap::from([(Step::Socket, Spread::default())]),
        }
    }

    #[test]
    fn those_who_are_missing_are_not_left_out_of_the_percentages() {
        let text = course().milestones();
        assert!(text.starts_with("3 of 4    50 % 2.000 s    99 % never    100 % never\n"), "{text}");
        assert!(text.ends_with("8 HTTP requests, 5 socket attempts"), "{text}");
        assert_eq!(course().shortfall(), "3 of 4; 1 ended (1 × LOST_CONNECTION), 0 were still at it");
    }

    #[test]
    fn tables_stand_in_columns() {
        struct Table;
        impl fmt::Display for Table {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                writeln!(f, "{HEAD}")?;
                course().table("registration", f)
            }
        }
        let text = Table.to_string();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 4, "{text}");
        assert!(lines[1..3].iter().all(|line| line.len() == HEAD.len()), "{text}");
        assert!(lines[1].contains(" 1.0 ") && lines[2].contains("never"), "{text}");
    }
}
