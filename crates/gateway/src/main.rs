//! The command `kandy-gateway`: settings, log and signals around [`kandy_gateway::run`].

use std::{io::IsTerminal, path::Path, process::ExitCode};

use clap::Parser;
use kandy_gateway::{
    commands,
    config::{Command, Flags, Settings},
};
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> ExitCode {
    let flags = Flags::parse();
    let done = match &flags.command {
        Some(Command::Backup { file }) => backup(&flags, file).await,
        Some(Command::Check) => check(&flags).await,
        None => start(&flags).await.map(|()| ExitCode::SUCCESS),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            // Not through the log, whose level may be off, and without its decoration.
            drop(std::io::Write::write_all(&mut std::io::stderr(), format!("kandy-gateway: {error}\n").as_bytes()));
            ExitCode::FAILURE
        }
    }
}

type Done = Result<ExitCode, Box<dyn std::error::Error>>;

async fn backup(flags: &Flags, file: &Path) -> Done {
    commands::backup(&Settings::read(flags)?, file).await?;
    Ok(ExitCode::SUCCESS)
}

async fn check(flags: &Flags) -> Done {
    let faults = commands::check(&Settings::read(flags)?, &mut std::io::stdout()).await?;
    Ok(if faults == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn start(flags: &Flags) -> Result<(), Box<dyn std::error::Error>> {
    let settings = Settings::read(flags)?;
    let filter = EnvFilter::try_new(&settings.log).map_err(|error| format!("--log {}: {error}", settings.log))?;
    let colours = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colours).init();
    let config = settings.load()?;
    let signals = signals()?;
    let listener = TcpListener::bind(settings.listen)
        .await
        .map_err(|error| format!("{} cannot be listened on: {error}", settings.listen))?;
    let database = kandy_gateway::open(&config).await?;
    settings.welcome(listener.local_addr()?, config.accounts.len(), &mut std::io::stdout())?;
    kandy_gateway::run_on(database, listener, config, signals).await?;
    Ok(())
}

/// Completes on Ctrl-C and, where there is one, SIGTERM.
#[cfg(unix)]
fn signals() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Completes on Ctrl-C.
#[cfg(not(unix))]
fn signals() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async { drop(tokio::signal::ctrl_c().await) })
}
