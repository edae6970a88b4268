//! Lines that say that the run is alive.

use std::{io::Write, time::Duration};

use tokio::time::Instant;

use crate::board::Counts;

/// Where progress is told.
pub struct Progress<'a> {
    out: &'a mut (dyn Write + Send),
    began: Instant,
}

impl<'a> Progress<'a> {
    /// How often.
    pub(crate) const EVERY: Duration = Duration::from_secs(1);

    /// Progress on this writer, counted from now.
    pub fn new(out: &'a mut (dyn Write + Send)) -> Self {
        Self { out, began: Instant::now() }
    }

    /// A milestone.
    pub(crate) fn say(&mut self, sentence: &str) {
        let seconds = self.began.elapsed().as_secs_f64();
        // A terminal that is gone does not end the measurement.
        drop(writeln!(self.out, "{seconds:7.1} s  {sentence}"));
    }

    /// How far it is.
    pub(crate) fn tell(&mut self, what: &str, counts: Counts) {
        let Counts { out, pending, connected, ended } = counts;
        self.say(&format!("{what}: {connected} connected, {pending} pending, {out} out, {ended} ended"));
    }
}
