//! Clients that are logged in and do nothing: what each costs the gateway.

mod report;
mod workers;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use clap::Args;
use tokio::time::{Instant, sleep};

use self::workers::Workers;
use crate::{Failure, Gateway, Progress, gateway::ANYWHERE, http, plan::Plan};

pub use self::{
    report::{Idle, Round},
    workers::{Part, work},
};

/// Clients of one worker process: each has a socket and, while it signs in, one more connection, and together they stay far below the
/// 20,000 files that a process often may have open.
const EACH: u32 = 4_000;
/// The longest list of the command line.
const MOST: i64 = 60_000;

/// How many clients, and for how long.
#[derive(Debug, Clone, Args)]
pub struct Idling {
    /// Clients; several numbers are several rounds, each with a gateway of its own
    #[arg(long, value_name = "N,…", value_delimiter = ',', default_value = "1000", value_parser = clap::value_parser!(u32).range(1..=MOST))]
    pub clients: Vec<u32>,
    /// How long they are measured
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub seconds: u64,
    /// Logins per second; 0 is all at once
    #[arg(long, value_name = "PER-SECOND", default_value_t = 300)]
    pub login_rate: u32,
    /// From this follow the passwords and all that the engines draw at random
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,
    /// How long all logins may take beyond those of the steady rate
    #[arg(long, value_name = "SECONDS", default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub wait: u64,
}

impl Idling {
    /// The accounts file that a gateway needs for the largest round, as JSON.
    pub fn accounts(&self) -> String {
        self.plan(self.clients.iter().copied().max().unwrap_or_default()).accounts()
    }

    /// The clients are configured as documented.
    fn plan(&self, clients: u32) -> Plan {
        let &Self { login_rate, seed, wait, .. } = self;
        Plan { clients, rate: login_rate, seed, wait, expires: 3_600, ping_interval: 30_000, reconnect_delay: 5_000 }
    }
}

/// For each number of clients: a gateway is started, they log in, and then nothing happens but the checks of their sockets. `tool` is
/// the command `kandy-load`, which is started once for every some thousand clients.
///
/// # Errors
/// [`Failure`] when the gateway or a worker does not start. Clients that did not log in or did not stay are in the figures.
pub async fn idle(
    gateway: &mut impl Gateway,
    plan: &Idling,
    tool: &Path,
    progress: &mut Progress<'_>,
) -> Result<Idle, Failure> {
    let mut rounds = Vec::new();
    for clients in &plan.clients {
        rounds.push(round(gateway, plan, *clients, tool.to_owned(), progress).await?);
        gateway.kill().await?;
    }
    Ok(Idle { rounds, seconds: plan.seconds, seed: plan.seed })
}

async fn round(
    gateway: &mut impl Gateway,
    plan: &Idling,
    clients: u32,
    tool: PathBuf,
    progress: &mut Progress<'_>,
) -> Result<Round, Failure> {
    let address = gateway.start(ANYWHERE).await?;
    progress.say(&format!("the gateway listens on {address}; {clients} clients"));
    let empty = gateway.usage();
    let mut workers = Workers::start(&tool, &plan.plan(clients), address.port(), EACH)?;
    let began = Instant::now();
    let logins = clients.checked_div(plan.login_rate).unwrap_or_default();
    let told = workers.told(Duration::from_secs(plan.wait + u64::from(logins))).await?;
    let login = began.elapsed();
    progress.say(&format!("{} of {clients} are in", told.connected));
    // The connections for requests are closed by then.
    sleep(http::KEPT + Duration::from_secs(2)).await;
    let (before, tools, began) = (gateway.usage(), told.usage, Instant::now());
    progress.say("measuring");
    sleep(Duration::from_secs(plan.seconds)).await;
    let (after, took) = (gateway.usage(), began.elapsed());
    workers.ask();
    let told = workers.told(Duration::from_secs(plan.wait)).await?;
    Ok(Round { clients, workers: workers.count(), login, told, took, gateway: [empty, before, after], tools })
}
