//! The command `kandy-load`: many clients of the engine against one gateway, on this machine.
//!
//! ```text
//! cargo build --release -p kandy-load -p kandy-gateway
//! target/release/kandy-load register  --clients 1000 --rate 200 --seconds 60
//! target/release/kandy-load reconnect --clients 1000
//! target/release/kandy-load idle      --clients 1000,5000,15000 --seconds 60
//! target/release/kandy-load signins   --clients 1000 --rate 50 --search --bound-ms 500
//! target/release/kandy-load calls     --clients 1000 --rate 50 --search
//! target/release/kandy-load messages  --clients 1000 --rate 200 --search
//! target/release/kandy-load presence  --clients 1000 --rate 20 --watchers 20
//! target/release/kandy-load write     --clients 20 --kills 200
//! target/release/kandy-load write     --clients 20 --kills 200 --engines
//! ```
//!
//! `register` logs all clients in, keeps them for a while and logs them out; it prints how many of what there were, how many
//! per second, and how long they took. With `--rate` the logins come at a steady rate whether or not the gateway keeps up,
//! and each is timed from when it was due. `--expires 60` makes every client extend its subscription after 30 s.
//!
//! `reconnect` logs all clients in, kills the gateway (SIGKILL), starts it again on the same port, and prints after how long
//! the clients are back, counted from the moment at which it listens again. The new gateway knows none of them.
//!
//! `idle` tells what a client costs that is logged in and does nothing: memory and CPU of the gateway, for one number of clients after
//! the other. The clients are in processes of their own, which the tool starts and ends.
//!
//! `signins`, `calls`, `messages` and `presence` do so many of these per second, whether or not the gateway keeps up, and time each from
//! when it was due, not from when it was sent at last. With `--search` they find the highest rate at which nothing is lost and 99 of 100
//! keep `--bound-ms`: they double the rate until it is too much, then try the middle. They print what was lost, and what CPU and memory the
//! gateway and the tool itself needed, so that one sees which of the two is at its end: both are on this machine. Calls have the signalling
//! of a page, with descriptions of a sample, and no sound.
//!
//! `write` lets clients write messages as fast as they are answered, alone and in groups, while the gateway is killed (SIGKILL)
//! at random moments and started again on the same data folder. Then it reads all histories: every message that was
//! acknowledged must be there exactly once and in order, and nothing that nobody wrote. These clients are plain HTTP clients
//! that repeat what they have no answer for, or give it up. After every death `kandy-gateway check` looks at what is stored.
//! With the address of an empty PostgreSQL database in `KANDY_LOAD_DATABASE` the gateway stores there; what it stored stays.
//!
//! With `--engines` those who write are what a page has: both engines of the SDK, half UC, half Link. They come back by
//! themselves while the gateway is killed. At the end, what they show as sent must be stored exactly once, in order and under its
//! id, nothing may be pending for ever, and everybody must have heard once of what was sent to them.
//!
//! The gateway is a child of the tool, listens on a port of 127.0.0.1 that the system chooses, and knows accounts that are
//! made up for the run. It ends with the tool, unless that is killed itself. Every client is what a page has: the engine
//! with its documented defaults, one WebSocket, one HTTP connection that is kept for some seconds (but for `write`). On Linux each comes from an address of
//! its own in 127.0.0.0/8.
//!
//! Figures go to the standard output, signs of life to the standard error. The exit code is 0 when every client got where it
//! should, 1 when not, 2 when the command line cannot be read.

use std::{
    env,
    io::{Write, stderr, stdout},
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

use clap::{Args, Parser, Subcommand};
use kandy_load::{
    ChildGateway, Failure, Idling, Load, Part, Plan, Progress, Writing, calls, idle, messages, presence, reconnect,
    register, signins, work, write, write_by_engines,
};

/// Many clients of kandy-wasm's engine against one gateway, which is started for them on this machine.
#[derive(Parser)]
#[command(name = "kandy-load", version)]
struct Flags {
    #[command(subcommand)]
    scenario: Scenario,
}

#[derive(Subcommand)]
enum Scenario {
    /// Log in, stay for a while, log out: rates and latencies
    Register {
        #[command(flatten)]
        common: Common,
        /// How long all stay connected
        #[arg(long, value_name = "SECONDS", default_value_t = 10)]
        seconds: u64,
    },
    /// Log in, kill the gateway, start it again: how long until all are back
    Reconnect {
        #[command(flatten)]
        common: Common,
        /// How long there is no gateway
        #[arg(long, value_name = "SECONDS", default_value_t = 0)]
        outage: u64,
    },
    /// Log in and do nothing: what each client costs the gateway
    Idle {
        #[command(flatten)]
        plan: Idling,
        #[command(flatten)]
        with: With,
    },
    /// Log in and out again, at a steady rate
    Signins {
        #[command(flatten)]
        load: Load,
        #[command(flatten)]
        with: With,
    },
    /// Call each other, talk, and hang up, at a steady rate
    Calls {
        #[command(flatten)]
        load: Load,
        /// How long each call lasts once it is up on both sides
        #[arg(long, value_name = "MS", default_value_t = 2_000, value_parser = clap::value_parser!(u64).range(0..=3_600_000))]
        talk_ms: u64,
        #[command(flatten)]
        with: With,
    },
    /// Write to each other, at a steady rate
    Messages {
        #[command(flatten)]
        load: Load,
        #[command(flatten)]
        with: With,
    },
    /// Change their presence, at a steady rate
    Presence {
        #[command(flatten)]
        load: Load,
        /// How many others watch each client
        #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1_000))]
        watchers: u32,
        #[command(flatten)]
        with: With,
    },
    /// Some of the clients of `idle`, in a process of their own
    #[command(hide = true)]
    Worker(Part),
    /// Write, kill the gateway again and again, and look for everything that was acknowledged
    Write {
        #[command(flatten)]
        plan: Writing,
        /// Those who write are clients of the SDK
        #[arg(long)]
        engines: bool,
        #[command(flatten)]
        with: With,
    },
}

#[derive(Args)]
struct Common {
    #[command(flatten)]
    plan: Plan,
    #[command(flatten)]
    with: With,
}

#[derive(Args)]
struct With {
    /// The gateway
    #[arg(long, value_name = "FILE", default_value = "target/release/kandy-gateway")]
    gateway_binary: PathBuf,
}

#[tokio::main]
async fn main() -> ExitCode {
    let flags = Flags::parse();
    let ended = tokio::select! {
        ended = run(&flags.scenario) => ended,
        // What was started ends with what is dropped here.
        () = interrupted() => Err(Failure::Interrupted),
    };
    match ended {
        Ok((report, complete)) => {
            // A reader that is gone needs no figures.
            drop(stdout().write_all(report.as_bytes()));
            if complete { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(failure) => {
            drop(writeln!(stderr(), "kandy-load: {failure}"));
            ExitCode::FAILURE
        }
    }
}

/// The report, and whether every client got where it should.
async fn run(scenario: &Scenario) -> Result<(String, bool), Failure> {
    let mut out = stderr();
    let mut progress = Progress::new(&mut out);
    match scenario {
        Scenario::Register { common, seconds } => {
            let report =
                register(&mut common.gateway()?, &common.plan, Duration::from_secs(*seconds), &mut progress).await?;
            Ok((report.to_string(), report.is_complete()))
        }
        Scenario::Reconnect { common, outage } => {
            let report =
                reconnect(&mut common.gateway()?, &common.plan, Duration::from_secs(*outage), &mut progress).await?;
            Ok((report.to_string(), report.is_complete()))
        }
        Scenario::Idle { plan, with } => {
            let tool = env::current_exe().map_err(|error| Failure::Binary("kandy-load".into(), error))?;
            let report = idle(&mut with.gateway(&plan.accounts())?, plan, &tool, &mut progress).await?;
            Ok((report.to_string(), report.is_complete()))
        }
        Scenario::Signins { load, with } => {
            let report = signins(&mut with.gateway_for(load)?, load, &mut progress).await?;
            Ok((report.to_string(), report.is_complete()))
        }
        Scenario::Calls { load, talk_ms, with } => {
            let talk = Duration::from_millis(*talk_ms);
            let report = calls(&mut with.gateway_for(load)?, load, talk, &mut progress).await?;
            Ok((report.to_string(), report.is_complete()))
        }
        Scenario::Messages { load, with } => {
            let report = messages(&mut with.gateway_for(load)?, load, &mut progress).await?;
            Ok((report.to_string(), report.is_complete()))
        }
        Scenario::Presence { load, watchers, with } => {
            let report = presence(&mut with.gateway_for(load)?, load, *watchers, &mut progress).await?;
            Ok((report.to_string(), report.is_complete()))
        }
        Scenario::Worker(part) => work(part).await.map(|()| (String::new(), true)),
        Scenario::Write { plan, engines, with } => {
            let database = std::env::var("KANDY_LOAD_DATABASE").ok();
            let mut gateway = with.gateway(&plan.accounts())?.keeping()?.storing_in(database);
            if *engines {
                let report = write_by_engines(&mut gateway, plan, &mut progress).await?;
                return Ok((report.to_string(), report.is_complete()));
            }
            let report = write(&mut gateway, plan, &mut progress).await?;
            Ok((report.to_string(), report.is_complete()))
        }
    }
}

impl Common {
    fn gateway(&self) -> Result<ChildGateway, Failure> {
        self.with.gateway(&self.plan.accounts())
    }
}

impl With {
    fn gateway(&self, accounts: &str) -> Result<ChildGateway, Failure> {
        ChildGateway::new(&self.gateway_binary, accounts)
    }

    fn gateway_for(&self, load: &Load) -> Result<ChildGateway, Failure> {
        let gateway = self.gateway(&load.accounts())?;
        if load.keep { gateway.keeping() } else { Ok(gateway) }
    }
}

/// Completes on Ctrl-C and, where there is one, SIGTERM.
async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    drop(tokio::signal::ctrl_c().await);
}
