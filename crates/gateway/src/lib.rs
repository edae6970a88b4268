//! The gateway: an HTTP and WebSocket shell around the switch, which makes all decisions.
//!
//! | module | subject |
//! | --- | --- |
//! | [`config`] | flags, environment and file, down to a [`Config`] |
//! | [`commands`] | what the command does beside serving |
//! | `hub` | the switch behind its lock, the sockets' queues, and the timer |
//! | `http` | requests, and the headers of every response |
//! | `ws` | one task per socket |
//! | `files` | the demo page and the SDK |
//! | `people` | requests about messages and people, answered from the store |
//! | `store` | the database |
//! | `push` | the webhook for devices that nobody listens on |
//! | `secrets` | random texts, and the key of signed tokens |
//! | `limit` | how many connections there may be |

pub mod commands;
pub mod config;
mod files;
mod http;
mod hub;
mod limit;
mod people;
mod push;
mod secrets;
mod store;
mod ws;

use std::{
    future::{Future, IntoFuture},
    sync::Arc,
    time::Duration,
};

use kandy_switch::Directory;
use tokio::{net::TcpListener, sync::watch, time::timeout};

pub use config::Config;
pub use push::WebhookUrl;
pub use secrets::Secret;
pub use store::DatabaseUrl;

use hub::Hub;
use limit::{Limited, Peer};
use people::People;
use push::Webhook;
use secrets::SystemSecrets;
use store::{Store, state};

/// How long each part of the end may take: running requests, then sockets, then pushes.
const LAST: Duration = Duration::from_secs(5);
/// Close code of the end (RFC 6455 §7.4.1).
const GOING_AWAY: u16 = 1001;
/// Close code of an end after which another gateway goes on (RFC 6455, registry of close codes).
const SERVICE_RESTART: u16 = 1012;

/// Serves on `listener` until `shutdown` completes. Then no more connections are accepted, running requests get some seconds
/// to end, what the switch knows is left in the database if that lasts, and the sockets are closed: with 1012, after
/// which clients go on with the gateway that is started next on the same database, or with 1001.
///
/// # Errors
/// When the listener, the webhook or the database cannot be used.
pub async fn run(listener: TcpListener, config: Config, shutdown: impl Future<Output = ()>) -> std::io::Result<()> {
    let database = open(&config).await?;
    run_on(database, listener, config, shutdown).await
}

/// The database, which is this gateway's alone.
pub struct OpenDatabase(Arc<Store>);

/// Opens the database, and brings its tables up to date.
///
/// # Errors
/// When it cannot be used, is of a later version, or is another gateway's.
pub async fn open(config: &Config) -> std::io::Result<OpenDatabase> {
    let store = match &config.database {
        Some(url) => Store::connect(url).await,
        None => Store::open(config.data.as_deref()).await,
    };
    Ok(OpenDatabase(Arc::new(store.map_err(std::io::Error::other)?)))
}

/// As [`run`], with a database that is open.
///
/// # Errors
/// When the listener or the webhook cannot be used.
pub async fn run_on(
    OpenDatabase(store): OpenDatabase,
    listener: TcpListener,
    config: Config,
    shutdown: impl Future<Output = ()>,
) -> std::io::Result<()> {
    let webhook = config.push_webhook.as_ref().map(Webhook::start).transpose().map_err(std::io::Error::other)?;
    let (webhook, pushes) = webhook.unzip();
    let before = state::take(&mut *store.write().await).await.unwrap_or_else(|error| {
        tracing::error!(%error, "the state of the gateway before this one cannot be read");
        None
    });
    let directory = Arc::new(Directory::new(&config.accounts));
    let secrets = SystemSecrets { hmac_key: config.hmac_key };
    let hub = Hub::new(config.accounts, config.policy, secrets, webhook, before.as_deref());
    let facts = hub.facts();
    let (done, stored) = watch::channel(0);
    let operator_key = config.operator_key;
    let max_file = config.max_file;
    let people = People { hub: hub.clone(), store: store.clone(), max_file, directory, stored, operator_key };
    people.recall().await.map_err(std::io::Error::other)?;
    let mut storing = tokio::spawn(people.clone().store_facts(facts, done));
    let timer = tokio::spawn(hub.clone().keep_time());
    people.catch_up_all().await;
    let mut noted = tokio::spawn(people.clone().note_arrivals());
    let app = http::router(people.clone(), config.www.as_deref(), config.sdk.as_deref());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let listener = Limited::new(listener, limit::CONNECTIONS);
    let connections = listener.connections();
    let server = axum::serve(listener, app.into_make_service_with_connect_info::<Peer>())
        .with_graceful_shutdown(async move { drop(stopped.await) });
    let mut served = tokio::spawn(server.into_future());
    let ended = tokio::select! {
        ended = &mut served => ended.unwrap_or_else(|failed| Err(std::io::Error::other(failed))),
        () = shutdown => {
            tracing::info!("ending");
            let _ = stop.send(());
            drop(timeout(LAST, &mut served).await);
            Ok(())
        }
    };
    timer.abort();
    let left = leave(&hub.freeze(), &store).await;
    drop(store);
    hub.close_sockets(if left { SERVICE_RESTART } else { GOING_AWAY });
    // The server does not count sockets as connections any more, but they too are to end in order.
    drop(timeout(LAST, connections.ended()).await);
    drop(timeout(LAST, &mut noted).await);
    drop(timeout(LAST, &mut storing).await);
    people.close().await;
    if let Some(mut pushes) = pushes {
        // What waits still goes out, if the webhook is not slow.
        drop(timeout(LAST, async { while pushes.join_next().await.is_some() {} }).await);
    }
    ended
}

/// Leaves the state for the next gateway. Returns whether there will be something to go on from.
async fn leave(text: &str, store: &Store) -> bool {
    if !store.lasts() {
        return false;
    }
    let written = timeout(LAST, async { state::leave(&mut *store.write().await, text).await }).await;
    match written {
        Ok(Ok(())) => true,
        Ok(Err(error)) => {
            tracing::error!(%error, "the state cannot be left for the next gateway");
            false
        }
        Err(_) => {
            tracing::error!("the state cannot be left for the next gateway in time");
            false
        }
    }
}
