//! `kandy-gateway health`

use std::{io, net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::CommandError;
use crate::config::Settings;

/// How long the answer may take: less than those wait who ask whether a container lives.
const PATIENCE: Duration = Duration::from_secs(3);
/// Most of an answer that is read; it has some hundred bytes.
const MOST: u64 = 4 << 10;

/// Asks the gateway that runs with these settings whether it lives, by the listener for metrics, which has no TLS.
///
/// # Errors
/// [`CommandError`] when it does not say so within three seconds, or has no such listener.
pub async fn health(settings: &Settings) -> Result<(), CommandError> {
    let address = settings.metrics.ok_or(CommandError::NoListener)?;
    match timeout(PATIENCE, ask(address)).await {
        Ok(Ok(answer)) if answer.starts_with(b"HTTP/1.1 200 ") => Ok(()),
        Ok(Err(error)) => Err(CommandError::Silent(error.to_string())),
        Ok(Ok(_)) => Err(CommandError::Silent("it says something else".into())),
        Err(_) => Err(CommandError::Silent("it takes too long".into())),
    }
}

async fn ask(address: SocketAddr) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: gateway\r\nconnection: close\r\n\r\n").await?;
    let mut answer = Vec::new();
    stream.take(MOST).read_to_end(&mut answer).await?;
    Ok(answer)
}
