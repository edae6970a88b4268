//! One rate, or the search for the highest one: what all scenarios at a steady rate have in common.

use std::{fmt, time::Duration};

use clap::Args;
use tokio::time::Instant;

use crate::{
    Failure, Gateway, Plan, Progress, Usage,
    board::{Counts, Status},
    driver::Driver,
    fleet::Fleet,
    gateway::ANYWHERE,
    pace::Pace,
    plan::MOST_CLIENTS,
    search::Search,
    trial::{Cost, HEAD, Tally, Trial},
};

/// The part of the command line that these scenarios have.
#[derive(Debug, Clone, Args)]
pub struct Load {
    /// Clients; every other one logs in the UC way, the rest the Link way
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(2..=MOST_CLIENTS))]
    pub clients: u32,
    /// Operations per second, whether or not the gateway keeps up; a search begins with them
    #[arg(long, value_name = "PER-SECOND", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub rate: u32,
    /// For how long
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub seconds: u64,
    /// Find the highest rate at which nothing is lost and 99 of 100 operations keep --bound-ms, each rate for --seconds
    #[arg(long)]
    pub search: bool,
    /// How long 99 of 100 operations may take in a search
    #[arg(long, value_name = "MS", default_value_t = 500)]
    pub bound_ms: u64,
    /// From this follow the passwords and all that the engines draw at random
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,
    /// How long one operation may take, and all logins
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub wait: u64,
    /// Logins per second before the first operation; 0 is all at once
    #[arg(long, value_name = "PER-SECOND", default_value_t = 200)]
    pub login_rate: u32,
    /// The gateway keeps what it stores in a folder, in place of its memory
    #[arg(long)]
    pub keep: bool,
}

/// What came of a scenario.
#[derive(Debug)]
pub struct Report {
    name: String,
    load: Load,
    /// In the order in which they were tried.
    pub trials: Vec<Trial>,
    /// Of a search: the highest rate that worked.
    pub best: Option<u32>,
    /// More operations a second than this need more clients.
    most: u32,
    /// The gateway and the tool: before the first login, and when all were in.
    memory: [[Option<Usage>; 2]; 2],
}

/// The clients of a run, all logged in.
pub(crate) struct Ready {
    pub(crate) fleet: Fleet,
    memory: [[Option<Usage>; 2]; 2],
}

impl Load {
    /// The accounts file that a gateway needs for this, as JSON.
    pub fn accounts(&self) -> String {
        self.plan().accounts()
    }

    /// How long one operation may take.
    pub(crate) fn patience(&self) -> Duration {
        Duration::from_secs(self.wait)
    }

    /// The clients are configured as documented.
    pub(crate) fn plan(&self) -> Plan {
        let &Self { clients, seed, wait, login_rate, .. } = self;
        Plan { clients, rate: login_rate, seed, wait, expires: 3_600, ping_interval: 30_000, reconnect_delay: 5_000 }
    }

    /// A gateway that listens, and clients with this service that are not logged in.
    pub(crate) async fn prepared(
        &self,
        service: &str,
        gateway: &mut impl Gateway,
        equip: impl FnMut(usize, Driver) -> Driver,
        progress: &mut Progress<'_>,
    ) -> Result<Ready, Failure> {
        let address = gateway.start(ANYWHERE).await?;
        progress.say(&format!("the gateway listens on {address}"));
        let before = [gateway.usage(), Usage::of("self")];
        let plan = self.plan();
        let fleet = Fleet::of(plan.people_of(service, address.port()), plan.rate, equip)?;
        Ok(Ready { fleet, memory: [before, before] })
    }

    /// The same, and all are logged in.
    pub(crate) async fn ready(
        &self,
        service: &str,
        gateway: &mut impl Gateway,
        equip: impl FnMut(usize, Driver) -> Driver,
        progress: &mut Progress<'_>,
    ) -> Result<Ready, Failure> {
        let Ready { fleet, memory: [before, _] } = self.prepared(service, gateway, equip, progress).await?;
        let began = Instant::now();
        let settled = |counts: Counts| counts.connected + counts.ended == fleet.len();
        let logins = self.clients.checked_div(self.login_rate).unwrap_or_default();
        let patience = self.patience() + Duration::from_secs(u64::from(logins));
        tokio::join!(fleet.connect(began), fleet.board.until(settled, patience, progress, "registering"));
        if fleet.board.counts().connected < fleet.len() {
            return Err(Failure::Login(fleet.board.course(Status::Connected, began).shortfall()));
        }
        let after = [gateway.usage(), Usage::of("self")];
        Ok(Ready { fleet, memory: [before, after] })
    }

    /// Tries the rate, or searches for the highest one up to `most`, which is as much as so many clients can do.
    pub(crate) async fn drive(
        &self,
        name: String,
        most: u32,
        gateway: &impl Gateway,
        ready: &Ready,
        progress: &mut Progress<'_>,
        mut run: impl AsyncFnMut(Pace) -> Tally,
    ) -> Result<Report, Failure> {
        if most < self.rate {
            return Err(Failure::TooFew(self.rate, most));
        }
        let mut search = Search::new(self.rate, most);
        let mut trials: Vec<Trial> = Vec::new();
        while let Some(rate) = search.next().filter(|_| self.search || trials.is_empty()) {
            progress.say(&format!("{rate} operations per second"));
            let before = [gateway.usage(), Usage::of("self")];
            let pace = Pace::new(rate, self.seconds);
            let tally = run(pace).await;
            let took = pace.began().elapsed();
            let [gateways, tools] = [(before[0], gateway.usage()), (before[1], Usage::of("self"))];
            let costs = [gateways, tools].map(|(before, after)| Cost::between(before, after));
            let trial = Trial { rate, asked: pace.total, tally, took, costs };
            search.tried(rate, trial.keeps(Duration::from_millis(self.bound_ms)));
            trials.push(trial);
        }
        let (best, load) = (search.best.filter(|_| self.search), self.clone());
        Ok(Report { name, load, trials, best, most, memory: ready.memory })
    }
}

impl Report {
    /// Whether nothing was lost; of a search, whether there is a rate that works.
    pub fn is_complete(&self) -> bool {
        match self.load.search {
            true => self.best.is_some(),
            false => self.trials.iter().all(Trial::is_complete),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Load { clients, seconds, seed, bound_ms, keep, .. } = self.load;
        let (uc, stored) = (self.load.plan().uc(), if keep { "a folder" } else { "memory" });
        writeln!(f, "{}: {clients} clients ({uc} UC, {} Link), seed {seed}", self.name, clients - uc)?;
        writeln!(f, "each rate {seconds} s; the gateway keeps what it stores in {stored}")?;
        let [before, after] = self.memory;
        for (at, who) in ["gateway", "tool"].into_iter().enumerate() {
            if let (Some(Some(before)), Some(Some(after))) = (before.get(at), after.get(at))
                && after.resident > before.resident
            {
                let each = (after.resident - before.resident) * 1_024.0 / f64::from(clients);
                writeln!(f, "{who:<8} {:.1} MiB with all logged in, {each:.1} KiB per user", after.resident)?;
            }
        }
        writeln!(f, "\n{HEAD}")?;
        self.trials.iter().try_for_each(|trial| trial.table(clients, f))?;
        if !self.load.search {
            return Ok(());
        }
        match self.best {
            None => writeln!(f, "\nno rate keeps a p99 of {bound_ms} ms"),
            Some(best) if best == self.most => {
                writeln!(f, "\n{best}/s keep a p99 of {bound_ms} ms; more need more clients than {clients}")
            }
            Some(best) => writeln!(f, "\n{best}/s is the highest rate that keeps a p99 of {bound_ms} ms"),
        }
    }
}
