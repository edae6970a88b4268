//! What came of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    time::Duration,
};

use tokio::time::Instant;

use super::{
    super::{Checks, TOLD, Writing},
    shown::{Key, Line},
};
use crate::{
    board::{Board, Status},
    spread::Spread,
};

/// Sentences about failures that are told apart; there are a handful.
const FAILURES: usize = 16;

/// What [`super::write_by_engines`] found.
#[derive(Debug, Default)]
pub struct Conversed {
    clients: u32,
    kills: u32,
    seed: u64,
    pub(super) took: Duration,
    /// Messages that were given to `send()`.
    pub sent: usize,
    /// Messages that are shown as sent.
    pub taken: usize,
    /// Messages that are shown as failed.
    pub failed: usize,
    /// How many of those are stored all the same.
    pub failed_there: usize,
    /// Why, with how many of them.
    pub failures: BTreeMap<String, usize>,
    /// Messages that are stored.
    pub stored: usize,
    /// Arrivals that were told by an event, at all clients together.
    pub told: usize,
    /// Arrivals that no event told, of messages that are shown as sent.
    pub untold: usize,
    /// `messages:error` events.
    pub errors: usize,
    /// Logins that ended without being asked to.
    pub ended: usize,
    /// How long it took clients to come back, of those who did before the next death.
    pub back: Spread,
    /// How many did not.
    pub away: usize,
    /// What the database itself was found to be like.
    pub checks: Checks,
    /// What is not as it must be.
    pub problems: Vec<String>,
}

impl Conversed {
    pub(super) fn new(plan: &Writing) -> Self {
        Self { clients: plan.clients, kills: plan.kills, seed: plan.seed, ..Self::default() }
    }

    /// The gateway is about to die: who is connected has come back to it, unless it is the first one.
    pub(super) fn died(&mut self, board: &Board, began: Instant, is_return: bool) {
        let course = board.course(Status::Connected, began);
        if is_return {
            self.away += course.wanted - course.reached;
            self.back.take_in(&course.times);
        }
    }

    /// Counts what a writer shows of its own.
    pub(super) fn count(&mut self, lines: &[Line], stored: &BTreeSet<Key>) {
        for line in lines.iter().filter(|line| line.own) {
            self.sent += 1;
            self.taken += usize::from(line.is_sent());
            if let Some(error) = &line.error {
                self.failed += 1;
                self.failed_there += usize::from(stored.contains(&line.key));
                let told_apart = self.failures.contains_key(error) || self.failures.len() < FAILURES;
                *self.failures.entry(if told_apart { error } else { "others" }.to_owned()).or_default() += 1;
            }
        }
    }

    /// Whether all is as it must be, and there was something to look at.
    pub fn is_complete(&self) -> bool {
        self.problems.is_empty() && self.checks.findings == 0 && self.taken > 0 && self.told > 0
    }
}

impl fmt::Display for Conversed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.took.as_secs_f64();
        writeln!(
            f,
            "{} clients with both engines, {} kills, seed {}, {seconds:.1} s",
            self.clients, self.kills, self.seed
        )?;
        let all = if self.problems.is_empty() { ", all stored exactly once, in order, under their ids" } else { "" };
        writeln!(f, "sent          {}", self.sent)?;
        writeln!(f, "shown as sent {}{all}", self.taken)?;
        writeln!(f, "shown failed  {}, of which {} are stored", self.failed, self.failed_there)?;
        for (why, messages) in &self.failures {
            writeln!(f, "  {messages} × {why}")?;
        }
        writeln!(f, "stored        {}", self.stored)?;
        writeln!(f, "arrivals      {} told once, {} only found by fetching", self.told, self.untold)?;
        writeln!(f, "error events  {}", self.errors)?;
        writeln!(f, "logins lost   {}", self.ended)?;
        let [half, most, last] =
            [50, 90, 100].map(|percent| self.back.percentile(percent).unwrap_or_default().as_secs_f64() * 1_000.0);
        let (back, away) = (self.back.count(), self.away);
        writeln!(f, "back          {back} times, 50 % {half:.0} ms, 90 % {most:.0} ms, 100 % {last:.0} ms")?;
        writeln!(f, "not back      {away} times before the next death")?;
        write!(f, "{}", self.checks)?;
        for problem in self.problems.iter().take(TOLD) {
            writeln!(f, "PROBLEM       {problem}")?;
        }
        if self.problems.len() > TOLD {
            writeln!(f, "PROBLEMS      {} in all", self.problems.len())?;
        }
        Ok(())
    }
}
