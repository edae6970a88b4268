//! The table of idle clients.

use std::{fmt, time::Duration};

use super::workers::Told;
use crate::Usage;

/// What [`super::idle`] measured.
#[derive(Debug)]
pub struct Idle {
    /// One for each number of clients.
    pub rounds: Vec<Round>,
    pub(super) seconds: u64,
    pub(super) seed: u64,
}

/// One number of clients.
#[derive(Debug)]
pub struct Round {
    /// Clients.
    pub clients: u32,
    /// Processes that had them.
    pub workers: usize,
    /// From the first login to the last.
    pub login: Duration,
    /// How the clients were at the end.
    pub told: Told,
    pub(super) took: Duration,
    /// The gateway before anybody came, when all were in, and at the end.
    pub(super) gateway: [Option<Usage>; 3],
    /// CPU and memory of the workers when all were in.
    pub(super) tools: (f64, f64),
}

impl Round {
    /// Whether all logged in, and were still there at the end, each with the socket that it had first.
    pub fn is_complete(&self) -> bool {
        let clients = usize::try_from(self.clients).unwrap_or(usize::MAX);
        self.told.connected == clients && self.told.sockets == u64::from(self.clients) && self.told.endings.is_empty()
    }
}

impl Idle {
    /// Whether all stayed.
    pub fn is_complete(&self) -> bool {
        self.rounds.iter().all(Round::is_complete)
    }
}

const HEAD: &str = "clients  stayed  sockets  files     login  gateway MiB  KiB per client  core %  ms CPU per client and minute  \
                    tool KiB per client";

impl fmt::Display for Idle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "idle clients, each with a subscription and a socket, {} s, seed {}\n{HEAD}",
            self.seconds, self.seed
        )?;
        for round in &self.rounds {
            let Round { clients, login, told, took, gateway: [empty, before, after], tools, .. } = round;
            let count = f64::from(*clients);
            write!(f, "{clients:>7} {:>7} {:>8} ", told.connected, told.sockets)?;
            match empty.zip(*before).zip(*after) {
                None => write!(f, "the gateway's figures are not to be had ")?,
                Some(((empty, before), after)) => {
                    let seconds = took.as_secs_f64().max(f64::MIN_POSITIVE);
                    let cpu = (after.cpu - before.cpu) / seconds;
                    write!(
                        f,
                        "{:>6} {:>7.1} s {:>12.1} {:>15.1} {:>7.2} {:>29.3} ",
                        after.files,
                        login.as_secs_f64(),
                        after.resident,
                        (after.resident - empty.resident) * 1_024.0 / count,
                        cpu * 100.0,
                        cpu * 60_000.0 / count,
                    )?;
                }
            }
            writeln!(f, "{:>20.1}", tools.1 * 1_024.0 / count)?;
            for (why, clients) in &told.endings {
                writeln!(f, "  ERROR  {clients} × {why}")?;
            }
        }
        Ok(())
    }
}
