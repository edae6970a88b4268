//! Hands pushes to a webhook, which knows the push services: one POST with a JSON body for each.
//!
//! Pushes for one device go out one after the other, so that the end of a call never overtakes its offer; devices share
//! some lanes. A lane that is full drops what is new. What fails for a reason that may pass is tried again three times.

use std::{
    collections::hash_map::DefaultHasher,
    hash::{Hash, Hasher},
    time::Duration,
};

use kandy_switch::{Provider, Push};
use reqwest::{Client, StatusCode, Url, redirect};
use serde::Serialize;
use serde_json::value::RawValue;
use tokio::{sync::mpsc, task::JoinSet, time::sleep};

use crate::operation::meters::Pushes;

/// Pushes that go out at the same time.
const LANES: usize = 8;
/// Pushes that may wait in a lane.
const WAITING: usize = 256;
/// How long the webhook may take for its answer.
const ANSWER: Duration = Duration::from_secs(5);
/// How long to wait before each further try.
const DELAYS: [Duration; 3] = [Duration::from_millis(500), Duration::from_secs(2), Duration::from_secs(8)];

/// The address of a webhook; it may hold secrets, so it reaches no log.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookUrl(Url);

impl WebhookUrl {
    /// Takes an `http://` or `https://` address; `None` for anything else.
    pub fn new(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        (["http", "https"].contains(&url.scheme()) && url.has_host()).then_some(Self(url))
    }
}

impl std::fmt::Debug for WebhookUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WebhookUrl")
    }
}

/// The way to the webhook.
pub(crate) struct Webhook {
    lanes: Vec<mpsc::Sender<Push>>,
    pushes: Pushes,
}

/// What the webhook gets.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    provider: Provider,
    device_token: &'a str,
    #[serde(rename = "bundleID")]
    bundle_id: Option<&'a str>,
    realm: Option<&'a str>,
    user: &'a str,
    notification: &'a RawValue,
}

impl Webhook {
    /// Starts the lanes. Their tasks end when the webhook is dropped and nothing waits any longer.
    ///
    /// # Errors
    /// When TLS cannot be used, for example because the system has no root certificates.
    pub(crate) fn start(url: &WebhookUrl, pushes: &Pushes) -> Result<(Self, JoinSet<()>), reqwest::Error> {
        // Fails where a provider is there already, which is as good.
        drop(rustls::crypto::ring::default_provider().install_default());
        let client = Client::builder().timeout(ANSWER).redirect(redirect::Policy::none()).build()?;
        let mut tasks = JoinSet::new();
        let lanes = (0..LANES).map(|_| {
            let (sender, receiver) = mpsc::channel(WAITING);
            tasks.spawn(lane(client.clone(), url.0.clone(), receiver, pushes.clone()));
            sender
        });
        Ok((Self { lanes: lanes.collect(), pushes: pushes.clone() }, tasks))
    }

    /// How many wait.
    pub(crate) fn waiting(&self) -> usize {
        self.lanes.iter().map(|lane| lane.max_capacity() - lane.capacity()).sum()
    }

    /// Hands a push over.
    pub(crate) fn send(&self, push: Push) {
        let mut hasher = DefaultHasher::new();
        push.device_token.hash(&mut hasher);
        let at = usize::try_from(hasher.finish() % LANES as u64).unwrap_or_default();
        if self.lanes.get(at).is_none_or(|lane| lane.try_send(push).is_err()) {
            self.pushes.count("dropped");
            tracing::warn!("too many pushes wait for the webhook; one was dropped");
        }
    }
}

async fn lane(client: Client, url: Url, mut receiver: mpsc::Receiver<Push>, pushes: Pushes) {
    while let Some(push) = receiver.recv().await {
        let Ok(notification) = serde_json::from_str(&push.notification) else { continue };
        let body = Body {
            provider: push.provider,
            device_token: &push.device_token,
            bundle_id: push.bundle_id.as_deref(),
            realm: push.realm.as_deref(),
            user: &push.user,
            notification,
        };
        deliver(&client, &url, &body, &pushes).await;
    }
}

/// Tries until it is done, or it makes no sense to try again.
async fn deliver(client: &Client, url: &Url, body: &Body<'_>, pushes: &Pushes) {
    let mut delays = DELAYS.into_iter();
    loop {
        // The address is taken out of errors, and bodies never get into them.
        let failure = match client.post(url.clone()).json(body).send().await.map_err(reqwest::Error::without_url) {
            Ok(response) if response.status().is_success() => return pushes.count("delivered"),
            Ok(response) => (response.status().to_string(), may_pass(response.status())),
            Err(error) => (error.to_string(), true),
        };
        let (why, again) = failure;
        match delays.next().filter(|_| again) {
            Some(delay) => {
                pushes.count("retried");
                tracing::warn!(why, "a push failed and is tried again");
                sleep(delay).await;
            }
            None => {
                pushes.count("given-up");
                tracing::error!(why, "a push failed and is given up");
                return;
            }
        }
    }
}

/// Whether the same request may be answered otherwise later (RFC 9110 §15).
fn may_pass(status: StatusCode) -> bool {
    status.is_server_error() || [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS].contains(&status)
}
