//! The gateway: an HTTP and WebSocket shell around the switch, which makes all decisions.
//!
//! | module | subject |
//! | --- | --- |
//! | [`config`] | flags, environment and file, down to a [`Config`] |
//! | `hub` | the switch behind its lock, the sockets' queues, and the timer |
//! | `http` | requests, and the headers of every response |
//! | `ws` | one task per socket |
//! | `files` | the demo page and the SDK |
//! | `push` | the webhook for devices that nobody listens on |
//! | `secrets` | random texts, and the key of signed tokens |
//! | `limit` | how many connections there may be |

pub mod config;
mod files;
mod http;
mod hub;
mod limit;
mod push;
mod secrets;
mod ws;

use std::{future::Future, time::Duration};

use tokio::net::TcpListener;

pub use config::Config;
pub use push::WebhookUrl;
pub use secrets::Secret;

use hub::Hub;
use limit::{Limited, Peer};
use push::Webhook;

/// How long requests may still run once the end was asked for.
const LAST_REQUESTS: Duration = Duration::from_secs(5);

/// Serves on `listener` until `shutdown` completes: then sockets are closed, running requests get some seconds to end.
///
/// # Errors
/// When the listener cannot be used.
pub async fn run(listener: TcpListener, config: Config, shutdown: impl Future<Output = ()>) -> std::io::Result<()> {
    let webhook = config.push_webhook.as_ref().map(Webhook::start).transpose().map_err(std::io::Error::other)?;
    let (webhook, mut pushes) = webhook.unzip();
    let hub = Hub::new(config.accounts, config.policy, config.hmac_key, webhook);
    let timer = tokio::spawn(hub.clone().keep_time());
    let app = http::router(hub.clone(), config.www.as_deref(), config.sdk.as_deref());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let listener = Limited::new(listener, limit::CONNECTIONS);
    let connections = listener.connections();
    let server = axum::serve(listener, app.into_make_service_with_connect_info::<Peer>())
        .with_graceful_shutdown(async move { drop(stopped.await) });
    let served = tokio::spawn(async move {
        let ended = server.await;
        // The server does not count sockets as connections any more, but they too are to end in order.
        connections.ended().await;
        ended
    });
    let ended = tokio::select! {
        ended = join(served) => ended,
        () = async {
            shutdown.await;
            tracing::info!("ending");
            hub.shut();
            let _ = stop.send(());
            tokio::time::sleep(LAST_REQUESTS).await;
        } => Ok(()),
    };
    timer.abort();
    hub.close_webhook();
    if let Some(pushes) = &mut pushes {
        // What waits still goes out, if the webhook is not slow.
        let all = async { while pushes.join_next().await.is_some() {} };
        drop(tokio::time::timeout(LAST_REQUESTS, all).await);
    }
    ended
}

async fn join(task: tokio::task::JoinHandle<std::io::Result<()>>) -> std::io::Result<()> {
    task.await.unwrap_or_else(|failed| Err(std::io::Error::other(failed)))
}
