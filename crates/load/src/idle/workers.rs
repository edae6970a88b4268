//! The clients in processes of their own, because one process may not have as many files open as there are clients. A worker
//! is this same command; it reads a line for each time that it is to tell how its clients are, and ends with the one who
//! asks.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Write as _, sink, stdin, stdout},
    path::Path,
    process::{Child, ChildStdin, Command, Stdio},
    thread,
    time::Duration,
};

use clap::Args;
use serde::{Deserialize, Serialize};
use tokio::{
    sync::mpsc,
    time::{Instant, timeout_at},
};

use crate::{
    Failure, Plan, Progress, Usage,
    board::{Counts, Status},
    fleet::Fleet,
};

/// Lines of a worker that may wait; it tells when it is asked alone.
const LINES: usize = 4;

/// Which clients of the plan a worker has.
#[derive(Debug, Clone, Args)]
pub struct Part {
    /// The first one, from 0
    #[arg(long)]
    first: usize,
    /// How many
    #[arg(long)]
    count: usize,
    /// All clients of all workers
    #[arg(long)]
    all: u32,
    /// Where the gateway listens
    #[arg(long)]
    port: u16,
    /// Logins per second
    #[arg(long)]
    login_rate: u32,
    #[arg(long)]
    seed: u64,
    /// Seconds
    #[arg(long)]
    patience: u64,
}

/// How the clients of a worker are, or those of all.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Told {
    /// Clients that are connected.
    pub connected: usize,
    /// Clients that were refused or have given up, and why.
    pub endings: BTreeMap<String, usize>,
    /// Attempts to open a socket, since the worker began.
    pub sockets: u64,
    /// CPU in seconds and memory in MiB of the worker.
    pub usage: (f64, f64),
}

/// Worker processes; they end when this is dropped.
pub(super) struct Workers {
    workers: Vec<Worker>,
}

struct Worker {
    child: Child,
    asks: Option<ChildStdin>,
    lines: mpsc::Receiver<String>,
}

impl Workers {
    /// Starts as many as it takes, with `most` clients each; each begins at once to log its clients in.
    ///
    /// # Errors
    /// When one cannot be started.
    pub(super) fn start(tool: &Path, plan: &Plan, port: u16, most: u32) -> Result<Self, Failure> {
        let mut workers = Vec::new();
        let count = plan.clients.div_ceil(most).max(1);
        // All alike: each has the same part of the rate, and with fewer clients would be ready before the others.
        let each = plan.clients.div_ceil(count).max(1);
        for first in (0..plan.clients).step_by(each as usize) {
            let mut command = Command::new(tool);
            command.arg("worker");
            let patience = plan.wait + u64::from(plan.clients.checked_div(plan.rate).unwrap_or_default());
            // Together they keep the rate.
            let rate = if plan.rate == 0 { 0 } else { (plan.rate / count).max(1) };
            for (name, value) in [
                ("--first", u64::from(first)),
                ("--count", u64::from(each.min(plan.clients - first))),
                ("--all", u64::from(plan.clients)),
                ("--port", u64::from(port)),
                ("--login-rate", u64::from(rate)),
                ("--seed", plan.seed),
                ("--patience", patience),
            ] {
                command.arg(name).arg(value.to_string());
            }
            command.stdin(Stdio::piped()).stdout(Stdio::piped());
            let mut child = command.spawn().map_err(|error| Failure::Binary(tool.to_owned(), error))?;
            let (asks, told) = (child.stdin.take(), child.stdout.take());
            let (sender, lines) = mpsc::channel(LINES);
            // Ends with the worker.
            thread::spawn(move || {
                for line in told.into_iter().flat_map(|told| BufReader::new(told).lines()).map_while(Result::ok) {
                    if sender.blocking_send(line).is_err() {
                        return;
                    }
                }
            });
            workers.push(Worker { child, asks, lines });
        }
        Ok(Self { workers })
    }

    pub(super) fn count(&self) -> usize {
        self.workers.len()
    }

    /// All are to tell how their clients are.
    pub(super) fn ask(&mut self) {
        for asks in self.workers.iter_mut().filter_map(|worker| worker.asks.as_mut()) {
            // Of one that is gone nothing is told.
            drop(asks.write_all(b"\n").and_then(|()| asks.flush()));
        }
    }

    /// What all have told.
    ///
    /// # Errors
    /// When one does not within this time.
    pub(super) async fn told(&mut self, patience: Duration) -> Result<Told, Failure> {
        // A worker itself gives up in time, and has to say so.
        let deadline = Instant::now() + patience + Duration::from_secs(10);
        let mut all = Told::default();
        for worker in &mut self.workers {
            let line = timeout_at(deadline, worker.lines.recv()).await.ok().flatten().ok_or(Failure::Worker)?;
            let told: Told = serde_json::from_str(&line).map_err(|_| Failure::Worker)?;
            all.connected += told.connected;
            all.sockets += told.sockets;
            all.usage = (all.usage.0 + told.usage.0, all.usage.1 + told.usage.1);
            for (why, clients) in told.endings {
                *all.endings.entry(why).or_default() += clients;
            }
        }
        Ok(all)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.asks = None;
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// What a worker does: its clients log in, and it tells how they are when they are in, and then whenever it reads a line,
/// until there are no more.
///
/// # Errors
/// When the clients' side of HTTP cannot be set up.
pub async fn work(part: &Part) -> Result<(), Failure> {
    let (sender, mut asked) = mpsc::channel(LINES);
    // A thread of its own: the runtime would wait for it at the end.
    thread::spawn(move || stdin().lines().map_while(Result::ok).try_for_each(|_| sender.blocking_send(())));
    let &Part { first, count, all, port, login_rate: rate, seed, patience } = part;
    let plan = Plan {
        clients: all,
        rate,
        seed,
        wait: patience,
        expires: 3_600,
        ping_interval: 30_000,
        reconnect_delay: 5_000,
    };
    let people = plan.people(port).into_iter().skip(first).take(count).collect();
    let fleet = Fleet::of(people, rate, |_, driver| driver)?;
    let (began, mut nowhere) = (Instant::now(), sink());
    let mut progress = Progress::new(&mut nowhere);
    let settled = |counts: Counts| counts.connected + counts.ended == fleet.len();
    let login = async {
        tokio::join!(
            fleet.connect(began),
            fleet.board.until(settled, Duration::from_secs(patience), &mut progress, "registering")
        );
    };
    let mut told = Told::default();
    let tell = |told: &mut Told| {
        let course = fleet.board.course(Status::Connected, began);
        told.connected = course.reached;
        for (why, clients) in course.endings {
            *told.endings.entry(why).or_default() += clients;
        }
        told.sockets += course.sockets;
        told.usage = Usage::of("self").map_or((0.0, 0.0), |usage| (usage.cpu, usage.resident));
        let line = serde_json::to_string(told).unwrap_or_default();
        // A reader that is gone ends this soon.
        drop(writeln!(stdout(), "{line}"));
    };
    tokio::select! {
        () = login => {}
        // Nobody asks before: whoever started this is gone.
        None = asked.recv() => return Ok(()),
    }
    tell(&mut told);
    while asked.recv().await.is_some() {
        tell(&mut told);
    }
    Ok(())
}
