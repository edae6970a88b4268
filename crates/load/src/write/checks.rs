//! What the gateway's own command finds in its database, every time when it was killed.

use std::fmt;

use super::TOLD;
use crate::{Failure, Gateway};

/// How often it was looked for faults, and what was found.
#[derive(Debug, Default)]
pub struct Checks {
    /// How often.
    pub runs: usize,
    /// Faults, of all runs.
    pub findings: usize,
    /// The first of them.
    told: Vec<String>,
}

impl Checks {
    /// Looks once more, at what a gateway left that is dead.
    pub(super) async fn run(&mut self, gateway: &impl Gateway) -> Result<(), Failure> {
        let Some(findings) = gateway.check().await? else { return Ok(()) };
        self.runs += 1;
        self.findings += findings.len();
        self.told.extend(findings);
        self.told.truncate(TOLD);
        Ok(())
    }
}

impl fmt::Display for Checks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "check         {} runs, {} findings", self.runs, self.findings)?;
        for finding in &self.told {
            writeln!(f, "FINDING       {finding}")?;
        }
        Ok(())
    }
}
