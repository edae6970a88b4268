//! The gateway: an HTTP and WebSocket shell around the switch, which makes all decisions.
//!
//! | module | subject |
//! | --- | --- |
//! | [`config`] | flags, environment and file, down to a [`Config`] |
//! | [`commands`] | what the command does beside serving |
//! | `hub` | the switch behind its lock, the sockets' queues, and the timer |
//! | `http` | requests |
//! | `headers`, `origins` | the headers of every response, and whose pages may read it |
//! | `ws` | one task per socket |
//! | `files` | the demo page and the SDK |
//! | `client` | who is at the other end, also behind a proxy |
//! | `sign_in` | passwords, and what wrong ones cost |
//! | `audit` | who signed in, and who tried to |
//! | `operator` | addresses for the operator's own systems |
//! | [`operation`] | health, metrics, ids of requests, the log |
//! | `openapi` | the description of everything that is served over HTTP |
//! | `people` | requests about messages and people, answered from the store |
//! | `provisioning` | the API by which accounts make their users |
//! | `store` | the database |
//! | `push` | the webhook for devices that nobody listens on |
//! | `secrets` | random texts, and the key of signed tokens |
//! | `turn` | credentials for relays |
//! | `serve` | how connections come in, their bounds, and TLS |

mod audit;
mod client;
pub mod commands;
pub mod config;
mod files;
mod headers;
mod http;
mod hub;
mod openapi;
pub mod operation;
mod operator;
mod origins;
mod people;
mod provisioning;
mod push;
mod secrets;
mod serve;
mod sign_in;
mod store;
mod turn;
mod ws;

use std::{
    future::Future,
    sync::{Arc, RwLock},
    time::Duration,
};

use kandy_switch::{Accounts, Directory};
use tokio::{net::TcpListener, sync::watch, time::timeout};

pub use client::Proxies;
pub use config::Config;
pub use origins::{NoOrigin, Origins};
pub use push::WebhookUrl;
pub use secrets::Secret;
pub use serve::{
    Bounds,
    tls::{Certificate, CertificateError},
};
pub use sign_in::{Book, BookError, Limits, PasswordHash, hash_password};
pub use store::DatabaseUrl;
pub use turn::Turn;

use audit::Audit;
use hub::Hub;
use operation::{health::Readiness, meters::Pushes, metrics::Metrics, requests::Requests};
use people::People;
use provisioning::Provisioning;
use push::Webhook;
use secrets::SystemSecrets;
use serve::{Shell, room::Room};
use sign_in::{Proven, SignIn};
use store::{Store, StoreError, state};

/// How long each part of the end may take: running requests, then sockets, then pushes.
const LAST: Duration = Duration::from_secs(5);
/// Close code of the end (RFC 6455 §7.4.1).
const GOING_AWAY: u16 = 1001;
/// Close code of an end after which another gateway goes on (RFC 6455, registry of close codes).
const SERVICE_RESTART: u16 = 1012;

/// Where the gateway listens.
pub struct Listeners {
    /// For everybody.
    pub public: TcpListener,
    /// For those who run it: metrics and health.
    pub metrics: Option<TcpListener>,
}

impl From<TcpListener> for Listeners {
    fn from(public: TcpListener) -> Self {
        Self { public, metrics: None }
    }
}

/// Connections at a time on the listener for metrics: some programs ask, each with one.
const WATCHERS: u32 = 16;

/// Serves on `listeners` until `shutdown` completes, and [`Config::drain`] after that, in which nobody logs in. Then no more
/// connections are accepted, running requests get some seconds to end, what the switch knows is left in the database if that
/// lasts, and the sockets are closed: with 1012, after which clients go on with the gateway that is started next on the same
/// database, or with 1001.
///
/// # Errors
/// When the listener, the webhook or the database cannot be used.
pub async fn run(
    listeners: impl Into<Listeners>,
    config: Config,
    shutdown: impl Future<Output = ()>,
) -> std::io::Result<()> {
    let database = open(&config).await?;
    run_on(database, listeners, config, shutdown).await
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
    listeners: impl Into<Listeners>,
    mut config: Config,
    shutdown: impl Future<Output = ()>,
) -> std::io::Result<()> {
    let mut accounts = config.accounts;
    known(&store, config.demo, &mut accounts).await.map_err(std::io::Error::other)?;
    let listeners = listeners.into();
    let pushed = Pushes::default();
    let webhook = config
        .push_webhook
        .as_ref()
        .map(|url| Webhook::start(url, &pushed))
        .transpose()
        .map_err(std::io::Error::other)?;
    let (webhook, pushes) = webhook.unzip();
    let before = state::take(&mut *store.write().await).await.unwrap_or_else(|error| {
        tracing::error!(%error, "the state of the gateway before this one cannot be read");
        None
    });
    let directory = Arc::new(RwLock::new(Directory::new(&accounts)));
    let proven = Arc::<Proven>::default();
    config.book.take(&mut accounts);
    let (audit, lines) = Audit::new();
    let sign_in = Arc::new(SignIn::new(config.book, proven.clone(), config.sign_in, audit));
    let secrets = SystemSecrets { hmac_key: config.hmac_key, turn: config.turn, proven };
    let hub = Hub::new(accounts, config.policy, secrets, webhook, before.as_deref());
    let facts = hub.facts();
    let (done, stored) = watch::channel(0);
    let operator_key = config.operator_key;
    let max_file = config.max_file;
    let proxies = Arc::new(config.trusted_proxies);
    let readiness = Arc::<Readiness>::default();
    let people = People {
        hub: hub.clone(),
        store: store.clone(),
        max_file,
        directory,
        stored,
        operator_key,
        sign_in,
        proxies,
        readiness: readiness.clone(),
        outbox: Arc::default(),
    };
    people.recall().await.map_err(std::io::Error::other)?;
    let mut storing = tokio::spawn(people.clone().store_facts(facts, done));
    let timer = tokio::spawn(hub.clone().keep_time());
    people.catch_up_all().await;
    let mut audited = tokio::spawn(people.clone().write_audit(lines, config.audit_days));
    let mut noted = tokio::spawn(people.clone().note_arrivals());
    let origins = Arc::new(config.allowed_origins);
    let provisioning = Provisioning::new(people.clone(), origins.clone());
    provisioning.finish_all().await.map_err(std::io::Error::other)?;
    let ends = tokio::spawn(provisioning.clone().keep_time());
    let (end, ending) = watch::channel(());
    let room = Room::new(config.bounds.connections, config.bounds.connections_per_address);
    let counted = Requests::default();
    let metrics = Metrics::new(&provisioning, &room, &counted, &pushed);
    let watchers = Shell {
        router: operation::private(&people, metrics),
        bounds: Bounds::default(),
        tls: None,
        proxies: people.proxies.clone(),
    };
    let watching = watch_over(listeners.metrics, watchers, ending.clone());
    let router = http::router(provisioning, config.www.as_deref(), config.sdk.as_deref(), origins, counted);
    let renewal = config.certificate.clone().map(|it| tokio::spawn(it.keep(config.bounds.certificate_check)));
    let tls = config.certificate.map(Certificate::acceptor).transpose()?;
    let shell = Shell { router, bounds: config.bounds, tls, proxies: people.proxies.clone() };
    tokio::select! {
        () = serve::accept(listeners.public, Arc::new(shell), room.clone(), ending) => {}
        () = watching => {}
        () = drained(shutdown, &readiness, config.drain) => tracing::info!("ending"),
    }
    end.send_replace(());
    drop(timeout(LAST, end.closed()).await);
    // Whoever still asks is cut off.
    drop(end);
    if let Some(renewal) = renewal {
        renewal.abort();
    }
    timer.abort();
    ends.abort();
    let left = leave(&hub.freeze(), &store).await;
    drop(store);
    hub.close_sockets(if left { SERVICE_RESTART } else { GOING_AWAY });
    // They end in order, too.
    drop(timeout(LAST, room.empty()).await);
    drop(timeout(LAST, &mut noted).await);
    drop(timeout(LAST, &mut storing).await);
    people.sign_in.audit.close();
    drop(timeout(LAST, &mut audited).await);
    people.close().await;
    if let Some(mut pushes) = pushes {
        // What waits still goes out, if the webhook is not slow.
        drop(timeout(LAST, async { while pushes.join_next().await.is_some() {} }).await);
    }
    Ok(())
}

/// Completes when the gateway is to end: after `shutdown`, and then the time in which calls go on and nobody logs in.
async fn drained(shutdown: impl Future<Output = ()>, readiness: &Readiness, time: Duration) {
    shutdown.await;
    readiness.drain();
    if !time.is_zero() {
        tracing::info!(seconds = time.as_secs(), "draining");
        tokio::time::sleep(time).await;
    }
}

/// Serves those who run the gateway, if there is a listener for them.
async fn watch_over(listener: Option<TcpListener>, shell: Shell, ending: watch::Receiver<()>) {
    match listener {
        Some(listener) => serve::accept(listener, Arc::new(shell), Room::new(WATCHERS, 0), ending).await,
        None => {
            // Only one of those who say that they are still there when the gateway ends.
            drop((shell, ending));
            std::future::pending().await
        }
    }
}

/// Adds everybody whom the store knows; only with `demo` is there a client of the provisioning API whose secret everybody knows.
async fn known(store: &Store, demo: bool, accounts: &mut Accounts) -> Result<(), StoreError> {
    let mut writer = store.write().await;
    if demo {
        operator::accounts::demo(&mut writer).await?;
    } else {
        operator::accounts::no_demo(&mut writer).await?;
    }
    provisioning::subscribers::enter_all(&mut writer, accounts).await
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
