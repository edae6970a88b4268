//! The client side of recorded sessions, sent to the gateway as it was recorded; what comes back is compared with what the
//! released clients took (see `differences.rs` for how).

use std::collections::{BTreeMap, BTreeSet};

use kandy_gateway::{Config, Secret};
use serde_json::Value;
use tokio::task::JoinHandle;

use crate::{
    course,
    differences::{Comparison, Difference},
    logins, mailbox,
    partner::Partner,
    recording::{self, Entry, Recording, Side, What},
    server::{Server, Socket},
    tokens,
};

/// What was compared.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) preflights: usize,
    pub(crate) responses: usize,
    pub(crate) frames: usize,
    pub(crate) notifications: usize,
}

pub(crate) async fn replay(file: &str) -> (Count, BTreeSet<Difference>) {
    let (mut recording, bodies) = recording::read(file);
    let server = gateway(file).await;
    let (entries, met) = course::ours(file, std::mem::take(&mut recording.entries));
    recording.entries = entries;
    let mut replay = Replay {
        file,
        recording: &recording,
        bodies,
        server,
        comparison: Comparison { met, ..Comparison::default() },
        requests: BTreeMap::new(),
        sockets: BTreeMap::new(),
        seen: BTreeSet::new(),
        partner: None,
        count: Count::default(),
    };
    for entry in &recording.entries {
        replay.step(entry).await;
    }
    assert!(replay.requests.is_empty(), "{file}: a request without its response");
    for (id, socket) in &mut replay.sockets {
        let mut rest = socket.rest().await;
        // Messages that are not known to have arrived come again after a new login, and clients drop them by their ids.
        rest.retain(|more| !replay.seen.contains(&seen(id, more)));
        assert_eq!(rest, [] as [Value; 0], "{file}: {id} got more than was recorded");
    }
    let recorded = Count {
        preflights: count(&recording, |what| matches!(what, What::HttpRequest { method, .. } if method == "OPTIONS")),
        responses: count(&recording, |what| matches!(what, What::HttpRequest { method, .. } if method != "OPTIONS")),
        frames: count(&recording, |what| matches!(what, What::WsMessage { from: Side::Client, .. })),
        notifications: count(&recording, |what| matches!(what, What::WsMessage { from: Side::Server, .. })),
    };
    assert_eq!(replay.count, recorded, "{file}");
    let Replay { server, comparison, count, sockets, partner, .. } = replay;
    if let Some(mut partner) = partner {
        partner.told("callEnd").await;
        partner.close().await;
    }
    for socket in sockets.into_values() {
        socket.close().await;
    }
    server.stop().await;
    (count, comparison.met)
}

/// A gateway that is set like the recorded server.
async fn gateway(file: &str) -> Server {
    let mut config = Config {
        operator_key: Some(Secret::new(mailbox::KEY)),
        hmac_key: Some(Secret::new(logins::KEY)),
        ..Config::default()
    };
    if file.starts_with("ws-server-ping") {
        // The interval that was recorded.
        config.policy.check_interval = 5_000;
    }
    Server::configured(config).await
}

/// Which client, by the name of its socket, has seen what.
fn seen(socket: &str, notification: &Value) -> (String, String) {
    let client = socket.split('-').next().unwrap();
    (client.to_owned(), notification["notificationMessage"]["eventId"].to_string())
}

fn kind(notification: &Value) -> &str {
    notification["notificationMessage"]["eventType"].as_str().unwrap_or_default()
}

fn count(recording: &Recording, like: impl Fn(&What) -> bool) -> usize {
    recording.entries.iter().filter(|entry| like(&entry.what)).count()
}

struct Replay<'a> {
    file: &'a str,
    recording: &'a Recording,
    bodies: BTreeMap<u32, String>,
    server: Server,
    comparison: Comparison,
    requests: BTreeMap<String, (Asked, JoinHandle<reqwest::Response>)>,
    sockets: BTreeMap<String, Socket>,
    /// Clients and ids of notifications, by which they drop what comes again on a new socket.
    seen: BTreeSet<(String, String)>,
    partner: Option<Partner>,
    count: Count,
}

/// What a pre-flight asks for.
type Asked = Option<(String, String)>;

impl Replay<'_> {
    async fn step(&mut self, entry: &Entry) {
        let place = format!("{} no. {}", self.file, entry.n);
        match &entry.what {
            What::HttpRequest { id, method, raw_url, headers, .. } => {
                let mut request = self.server.request(method, &self.live(raw_url));
                for (name, value) in headers {
                    request = request.header(name, self.live(value));
                }
                if let Some(body) = self.bodies.get(&entry.n) {
                    let body = self.live(body);
                    // What was no JSON stands as a text.
                    request = request.body(serde_json::from_str::<String>(&body).unwrap_or(body));
                }
                let asked = |name: &str| headers.get(&format!("access-control-request-{name}")).cloned();
                let asked = asked("method").map(|method| (method, asked("headers").unwrap_or_default()));
                let sent = tokio::spawn(async move { request.send().await.expect("no connection is dropped") });
                self.requests.insert(id.clone(), (asked, sent));
            }
            What::HttpResponse { id, status, headers, body } => {
                let (asked, sent) = self.requests.remove(id).unwrap();
                self.response(&place, sent.await.unwrap(), asked, *status, headers, body.as_ref()).await;
            }
            What::WsConnect { id, path, query } => {
                let query = query.iter().flatten().map(|(name, value)| format!("{name}={value}"));
                let query: Vec<String> = query.collect();
                let address = self.live(&format!("{path}?{}", query.join("&")));
                let socket = self.server.socket(address.trim_end_matches('?')).await;
                self.sockets.insert(id.clone(), socket.unwrap_or_else(|e| panic!("{place}: {e}")));
            }
            What::WsMessage { id, from: Side::Client, .. } => {
                let text = self.live(&self.bodies[&entry.n]);
                self.sockets.get_mut(id).unwrap().say(text).await;
                self.count.frames += 1;
            }
            What::WsMessage { id, from: Side::Server, body } => {
                if let (Some(partner), "respondCallUpdate") = (&mut self.partner, kind(body)) {
                    let answer = &body["notificationMessage"]["sessionParams"]["sdp"];
                    let offer = partner.answer(&self.server, answer).await.to_string();
                    assert!(self.bodies.values().any(|sent| sent.contains(&offer)), "{place}: {offer}");
                }
                if body.get("notificationMessage").is_none() {
                    let live = self.sockets.get_mut(id).unwrap().next().await;
                    assert_eq!(live.as_ref(), Ok(body), "{place}");
                    self.count.notifications += 1;
                    return;
                }
                let live = self.notification(id, &place).await;
                let user = &self.recording.clients[entry.client.as_ref().unwrap()].user;
                self.comparison.notification(user, body, &live, &place);
                self.count.notifications += 1;
            }
            What::WsClose { id, by: Side::Client, .. } => self.sockets.remove(id).unwrap().close().await,
            // The network broke it: no closing handshake.
            What::WsClose { id, code: Some(1006), .. } => drop(self.sockets.remove(id).unwrap()),
            What::WsClose { id, by: Side::Server, .. } => {
                assert_eq!(self.sockets.remove(id).unwrap().next().await, Err(1000), "{place}");
                self.comparison.met.insert(Difference::CloseCode);
            }
            What::Harness { note } if mailbox::fill(&self.server, note).await => {}
            What::Harness { note } => self.partner = Partner::called_for(&self.server, note).await,
            What::Api { args } => {
                let made = tokens::brought(&self.server, &args[0]).await;
                self.comparison.ids.extend(made);
            }
            What::WsOpen | What::Event => {}
        }
    }

    async fn response(
        &mut self,
        place: &str,
        live: reqwest::Response,
        asked: Asked,
        status: u16,
        headers: &BTreeMap<String, String>,
        body: Option<&Value>,
    ) {
        assert_eq!(live.status().as_u16(), status, "{place}");
        let header = |name: &str| live.headers().get(name).map(|value| value.to_str().unwrap().to_ascii_lowercase());
        if header("access-control-allow-origin").as_ref() != headers.get("access-control-allow-origin") {
            assert_eq!(header("access-control-allow-origin").as_deref(), Some("*"), "{place}");
            self.comparison.met.insert(Difference::AnyOrigin);
        }
        if let Some((method, names)) = asked {
            let lists = |name: &str, wanted: &str| {
                let list = header(name).unwrap_or_default();
                list.split(',').any(|entry| entry.trim() == wanted.trim().to_ascii_lowercase())
            };
            assert!(lists("access-control-allow-methods", &method), "{place}");
            for name in names.split(',').filter(|name| !name.is_empty()) {
                assert!(lists("access-control-allow-headers", name), "{place}: {name}");
            }
            self.count.preflights += 1;
            return;
        }
        assert_eq!(header("content-type").as_deref(), Some("application/json"), "{place}");
        let live: Value = live.json().await.unwrap();
        self.comparison.response(body.expect("a recorded body"), &live, place);
        self.count.responses += 1;
    }

    /// The next notification on a socket that the client has not seen on an earlier one.
    async fn notification(&mut self, socket: &str, place: &str) -> Value {
        loop {
            let live = self.sockets.get_mut(socket).unwrap().next().await;
            let live = live.unwrap_or_else(|code| panic!("{place}: closed with {code}"));
            if self.seen.insert(seen(socket, &live)) {
                return live;
            }
        }
    }

    /// A recorded text with live ids.
    fn live(&self, text: &str) -> String {
        // A token may be the beginning of nothing else, but paths hold ids: the longest first.
        let mut ids: Vec<_> = self.comparison.ids.iter().collect();
        ids.sort_by_key(|(recorded, _)| std::cmp::Reverse(recorded.len()));
        ids.into_iter().fold(text.to_owned(), |text, (recorded, live)| text.replace(recorded, live))
    }
}
