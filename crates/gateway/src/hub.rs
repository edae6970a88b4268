//! The switch behind its lock, the way to every socket, and the one timer.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use kandy_switch::{Accounts, Counts, Delivery, Fact, Now, Policy, Request, Response, SocketId, Switch, UserKey};
use tokio::sync::{Notify, mpsc};

use crate::{operation::meters::Traffic, push::Webhook, secrets::SystemSecrets};

/// What a socket's task is told.
#[derive(Debug)]
pub(crate) enum Outgoing {
    /// Write a text frame.
    Text(String),
    /// Say so when everything before this was written.
    Mark,
    /// Close with this code.
    Close(u16),
}

/// Frames that may wait for one socket; more than the switch keeps for a client, so that a new socket gets all of it.
const WAITING: usize = 256;

/// How frames begin that notify of something; all others are about the socket itself.
const NOTIFICATION: &str = r#"{"notificationMessage""#;

/// Facts that may wait to be stored: as many calls as a thousand users can end at once, several times over.
const FACTS: usize = 16_384;

/// Shared by all requests and sockets.
#[derive(Clone)]
pub(crate) struct Hub {
    inside: Arc<Mutex<Inside>>,
    clock: Clock,
    /// The deadline may have changed.
    changed: Arc<Notify>,
    traffic: Traffic,
}

/// How much waits for whom.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Waiting {
    /// For sockets.
    pub(crate) frames: usize,
    /// For the store.
    pub(crate) facts: usize,
    /// The same.
    pub(crate) arrivals: usize,
    /// For the webhook.
    pub(crate) pushes: usize,
}

struct Inside {
    switch: Switch,
    sockets: BTreeMap<SocketId, mpsc::Sender<Outgoing>>,
    last_socket: u64,
    webhook: Option<Webhook>,
    /// Where arrivals of messages are noted.
    arrivals: Option<mpsc::Sender<(UserKey, u64)>>,
    /// Where facts are stored, and how many went there.
    facts: Option<mpsc::Sender<Fact>>,
    handed: u64,
    shut: bool,
    traffic: Traffic,
}

impl Hub {
    /// A hub that goes on from what another one knew when it was frozen, or with nobody on it.
    pub(crate) fn new(
        accounts: Accounts,
        policy: Policy,
        secrets: SystemSecrets,
        webhook: Option<Webhook>,
        before: Option<&str>,
    ) -> Self {
        let clock = Clock::start();
        let mut switch = Switch::new(accounts, policy, Box::new(secrets));
        if let Some(Err(error)) = before.map(|text| switch.restore(clock.now(), text)) {
            tracing::error!(%error, "the gateway begins anew");
        }
        let traffic = Traffic::default();
        let inside = Inside {
            switch,
            sockets: BTreeMap::new(),
            last_socket: 0,
            webhook,
            arrivals: None,
            facts: None,
            handed: 0,
            shut: false,
            traffic: traffic.clone(),
        };
        Self { inside: Arc::new(Mutex::new(inside)), clock, changed: Arc::default(), traffic }
    }

    /// One that nobody can log in to.
    #[cfg(test)]
    pub(crate) fn empty() -> Self {
        let secrets = SystemSecrets::default();
        Self::new(Accounts::default(), Policy::default(), secrets, None, None)
    }

    /// Serves a request.
    pub(crate) fn request(&self, request: &Request<'_>) -> Response {
        let ending = || Response::refusal(request.method, request.path, 403, "The gateway is ending.");
        self.with(|switch, now| switch.request(now, request)).unwrap_or_else(ending)
    }

    /// Opens a socket for a channel; its frames come out of the receiver, which ends when the socket is to be closed.
    ///
    /// # Errors
    /// The switch's refusal; `None` while the gateway is ending.
    pub(crate) fn open(&self, path: &str, query: &str) -> Result<OpenSocket, Option<Response>> {
        let (sender, receiver) = mpsc::channel(WAITING);
        let id = {
            let mut inside = self.lock();
            inside.last_socket += 1;
            let id = SocketId(inside.last_socket);
            inside.sockets.insert(id, sender);
            id
        };
        match self.with(|switch, now| switch.socket_opened(now, id, path, query)) {
            Some(Ok(())) => Ok(OpenSocket { id, receiver, hub: self.clone() }),
            refusal => {
                self.lock().sockets.remove(&id);
                Err(refusal.and_then(Result::err))
            }
        }
    }

    /// From now on nothing happens any more: requests and sockets are refused, no push goes out. Returns what the switch
    /// knows, from which another hub can go on.
    pub(crate) fn freeze(&self) -> String {
        let mut inside = self.lock();
        let now = self.clock.now();
        let text = inside.switch.save(now);
        inside.deliver();
        inside.shut = true;
        inside.webhook = None;
        inside.arrivals = None;
        inside.facts = None;
        text
    }

    /// From now on the receiver hears which messages arrived at a client of their receiver; up to `waiting` of them wait.
    pub(crate) fn arrivals(&self, waiting: usize) -> mpsc::Receiver<(UserKey, u64)> {
        let (sender, receiver) = mpsc::channel(waiting);
        self.lock().arrivals = Some(sender);
        receiver
    }

    /// From now on the receiver gets what is to be stored; it ends when the hub is frozen.
    pub(crate) fn facts(&self) -> mpsc::Receiver<Fact> {
        let (sender, receiver) = mpsc::channel(FACTS);
        self.lock().facts = Some(sender);
        receiver
    }

    /// How many facts went to be stored up to now.
    pub(crate) fn handed(&self) -> u64 {
        self.lock().handed
    }

    /// What goes out is counted here.
    pub(crate) fn traffic(&self) -> Traffic {
        self.traffic.clone()
    }

    /// How much there is, and how much waits.
    pub(crate) fn counts(&self) -> (Counts, Waiting) {
        let inside = self.lock();
        let waiting = Waiting {
            frames: inside.sockets.values().map(filled).sum(),
            facts: inside.facts.as_ref().map_or(0, filled),
            arrivals: inside.arrivals.as_ref().map_or(0, filled),
            pushes: inside.webhook.as_ref().map_or(0, Webhook::waiting),
        };
        (inside.switch.counts(), waiting)
    }

    /// The number of the call that a path is about, by which logs know it.
    pub(crate) fn call_number(&self, path: &str) -> Option<u64> {
        self.lock().switch.call_number(path)
    }

    /// The time by which the switch goes.
    pub(crate) fn now(&self) -> Now {
        self.clock.now()
    }

    /// Closes all sockets.
    pub(crate) fn close_sockets(&self, code: u16) {
        for sender in std::mem::take(&mut self.lock().sockets).values() {
            // A full queue ends the same way: its sender is dropped.
            drop(sender.try_send(Outgoing::Close(code)));
        }
    }

    /// Calls the switch whenever it waits for the time.
    pub(crate) async fn keep_time(self) {
        loop {
            let deadline = self.lock().switch.deadline();
            let wait = deadline.map(|at| Duration::from_millis(at.0.saturating_sub(self.clock.now().0)));
            tokio::select! {
                () = self.changed.notified() => {}
                () = sleep(wait) => drop(self.with(|switch, now| switch.tick(now))),
            }
        }
    }

    /// Calls the switch and carries out what comes of it; `None` once it is frozen.
    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut Switch, Now) -> T) -> Option<T> {
        let mut inside = self.lock();
        if inside.shut {
            return None;
        }
        // Read under the lock, so that the switch never sees time run backwards.
        let now = self.clock.now();
        let before = inside.switch.deadline();
        let result = act(&mut inside.switch, now);
        inside.deliver();
        if inside.switch.deadline() != before {
            self.changed.notify_one();
        }
        Some(result)
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inside {
    /// Hands out what the switch wants delivered, in its order. A socket that does not keep up is given up: what it
    /// missed is still kept by the switch, for the next one.
    fn deliver(&mut self) {
        for delivery in self.switch.deliveries() {
            let (socket, outgoing) = match delivery {
                Delivery::Frame { socket, text } => (socket, Outgoing::Text(text)),
                Delivery::Mark { socket } => (socket, Outgoing::Mark),
                Delivery::Close { socket, code } => (socket, Outgoing::Close(code)),
            };
            let notifies = matches!(&outgoing, Outgoing::Text(text) if text.starts_with(NOTIFICATION));
            let handed = self.sockets.get(&socket).map(|sender| sender.try_send(outgoing).is_ok());
            if notifies && handed == Some(true) {
                self.traffic.notifications.inc();
            }
            if handed == Some(false) {
                self.traffic.given_up.inc();
                tracing::warn!(socket = socket.0, "a socket does not keep up and is closed");
                self.sockets.remove(&socket);
            }
        }
        for arrival in self.switch.delivered() {
            // One that is not noted is told once more after the next login, and dropped there by its id.
            if self.arrivals.as_ref().is_some_and(|sender| sender.try_send(arrival).is_err()) {
                self.traffic.arrivals_lost.inc();
            }
        }
        for fact in self.switch.facts() {
            match self.facts.as_ref().map(|sender| sender.try_send(fact).is_ok()) {
                Some(true) => self.handed += 1,
                Some(false) => {
                    self.traffic.facts_lost.inc();
                    tracing::error!("the store does not keep up; a record of a call or presence is lost");
                }
                None => {}
            }
        }
        for (call, step) in self.switch.steps() {
            self.traffic.calls.get_or_create(&[("step", step.word())]).inc();
            tracing::info!(call, step = step.word(), "call");
        }
        for push in self.switch.pushes() {
            if let Some(webhook) = &self.webhook {
                webhook.send(push);
            }
        }
    }
}

/// How much waits in a queue.
fn filled<T>(sender: &mpsc::Sender<T>) -> usize {
    sender.max_capacity() - sender.capacity()
}

/// A socket as long as it lives; its end is reported when it is dropped, whatever the way.
pub(crate) struct OpenSocket {
    pub(crate) id: SocketId,
    pub(crate) receiver: mpsc::Receiver<Outgoing>,
    hub: Hub,
}

impl OpenSocket {
    /// Everything before a mark was written.
    pub(crate) fn ready(&self) {
        self.hub.with(|switch, now| switch.socket_ready(now, self.id));
    }

    /// Another frame of the client arrived.
    pub(crate) fn heard(&self) {
        self.hub.with(|switch, now| switch.socket_heard(now, self.id));
    }

    /// A text frame arrived.
    pub(crate) fn text(&self, text: &str) {
        self.hub.with(|switch, now| switch.socket_text(now, self.id, text));
    }
}

impl Drop for OpenSocket {
    fn drop(&mut self) {
        self.hub.with(|switch, now| switch.socket_closed(now, self.id));
        self.hub.lock().sockets.remove(&self.id);
    }
}

/// Time since the epoch that never runs backwards: the machine's clock is read once.
#[derive(Clone, Copy)]
struct Clock {
    started: Instant,
    epoch: Duration,
}

impl Clock {
    fn start() -> Self {
        Self { started: Instant::now(), epoch: SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() }
    }

    fn now(&self) -> Now {
        Now(u64::try_from((self.epoch + self.started.elapsed()).as_millis()).unwrap_or(u64::MAX))
    }
}

async fn sleep(wait: Option<Duration>) {
    match wait {
        // The timer ticks in milliseconds, and may be early by a part of one.
        Some(wait) => tokio::time::sleep(wait + Duration::from_millis(1)).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_socket_that_does_not_keep_up_is_given_up() {
        let accounts = r#"[{"user":"alice@example.com","password":"demo"}]"#;
        let hub =
            Hub::new(Accounts::from_json(accounts).unwrap(), Policy::default(), SystemSecrets::default(), None, None);
        let body = r#"{"subscribeRequest":{"expires":60,"service":["call"],"localization":"","useTurn":true,"notificationType":""}}"#;
        let response = hub.request(&Request {
            method: "POST",
            path: "/rest/version/1/user/alice@example.com/subscription",
            query: "",
            headers: &[("authorization", "basic YWxpY2VAZXhhbXBsZS5jb206ZGVtbw==")],
            peer: "",
            body,
        });
        assert_eq!(response.status, 200);
        let channel = response.body.split('"').find(|part| part.contains("/websocket/")).unwrap();
        let mut socket = hub.open(channel, "").ok().unwrap();
        (0..WAITING + 1).for_each(|_| socket.text(r#"{"connCheck":{"interval":30}}"#));
        let (counts, waiting) = hub.counts();
        assert_eq!((counts.subscriptions, waiting.frames), (1, 0), "who is given up has no queue");
        for _ in 0..WAITING {
            assert!(matches!(socket.receiver.recv().await, Some(Outgoing::Text(_))));
        }
        assert!(socket.receiver.recv().await.is_none(), "and is closed after what it still got");
        assert!(hub.lock().sockets.is_empty());
        assert_eq!((hub.traffic().given_up.get(), hub.counts().1), (1, Waiting::default()));
        hub.freeze();
        assert!(matches!(hub.open(channel, ""), Err(None)));
    }
}
