//! The command `kandy-gateway`: settings, log and signals around [`kandy_gateway::run`].

use std::{
    io::{IsTerminal, Read, Write},
    net::SocketAddr,
    path::Path,
    process::ExitCode,
    sync::Arc,
};

use clap::Parser;
use kandy_gateway::{
    Certificate, Listeners, commands,
    config::{Command, Flags, Settings},
    operation::log,
};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> ExitCode {
    let flags = Flags::parse();
    let done = match &flags.command {
        Some(Command::HashPassword) => hash_password().await.map(|()| ExitCode::SUCCESS),
        Some(Command::Backup { file }) => backup(&flags, file).await,
        Some(Command::Check) => check(&flags).await,
        Some(Command::Health) => health(&flags).await,
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

async fn health(flags: &Flags) -> Done {
    commands::health(&Settings::read(flags)?).await?;
    Ok(ExitCode::SUCCESS)
}

async fn start(flags: &Flags) -> Result<(), Box<dyn std::error::Error>> {
    let settings = Settings::read(flags)?;
    log::begin(&settings.log, settings.log_format).map_err(|error| format!("--log {}: {error}", settings.log))?;
    let config = settings.load()?;
    let signals = signals()?;
    if let Some(certificate) = &config.certificate {
        look_on_hangup(certificate.clone())?;
    }
    let public = listen(settings.listen).await?;
    let metrics = match settings.metrics {
        Some(address) => Some(listen(address).await?),
        None => None,
    };
    let database = kandy_gateway::open(&config).await?;
    settings.welcome(public.local_addr()?, config.accounts.len(), &mut std::io::stdout())?;
    kandy_gateway::run_on(database, Listeners { public, metrics }, config, signals).await?;
    Ok(())
}

async fn listen(address: SocketAddr) -> Result<TcpListener, String> {
    TcpListener::bind(address).await.map_err(|error| format!("{address} cannot be listened on: {error}"))
}

/// Longest password that is read, in bytes; more is a file by mistake.
const PASSWORD: u64 = 1024;

/// Reads a password, not shown where somebody types it, and writes its hash.
async fn hash_password() -> Result<(), Box<dyn std::error::Error>> {
    let password = if std::io::stdin().is_terminal() {
        rpassword::prompt_password("Password: ")?
    } else {
        let mut text = String::new();
        std::io::stdin().take(PASSWORD + 2).read_to_string(&mut text)?;
        let line = text.strip_suffix('\n').unwrap_or(&text);
        line.strip_suffix('\r').unwrap_or(line).to_owned()
    };
    if password.is_empty() || password.contains(['\n', '\r']) || u64::try_from(password.len())? > PASSWORD {
        return Err("a password is one line of 1 to 1024 bytes".into());
    }
    let hash = kandy_gateway::hash_password(password).await.ok_or("the system has no memory for it")?;
    writeln!(std::io::stdout(), "{}", hash.text())?;
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

/// SIGHUP says that the certificate's files changed. Without a certificate it ends the process, as the end of its terminal does.
#[cfg(unix)]
fn look_on_hangup(certificate: Arc<Certificate>) -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut hangups = signal(SignalKind::hangup())?;
    tokio::spawn(async move {
        while hangups.recv().await.is_some() {
            certificate.look().await;
        }
    });
    Ok(())
}

/// Where there is no SIGHUP, the files are looked at every so often only.
#[cfg(not(unix))]
fn look_on_hangup(_: Arc<Certificate>) -> std::io::Result<()> {
    Ok(())
}
