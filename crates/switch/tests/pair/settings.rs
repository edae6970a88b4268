//! What the configuration of the connection does: addresses, wishes, checks, pauses.

use kandy_core::{
    Config, Input, OpId, SocketId,
    effect::HttpRequest,
    input::{HttpResponse, SocketFact},
};
use kandy_wire::Value;

use crate::{
    coverage::covers,
    page::{Errand, Page},
};

/// A page that is alone with its errands.
struct Alone {
    page: Page,
    now: u64,
    requests: Vec<(OpId, HttpRequest)>,
    sockets: Vec<(SocketId, String)>,
    frames: Vec<String>,
    /// When the next of the timers is due which are running.
    timers: Vec<(u64, kandy_core::effect::TimerId, u64)>,
}

impl Alone {
    fn new(config: &str) -> Self {
        let config = Config::from_json(config).unwrap();
        let page = Page::configured("alice@example.com", config, 1);
        let (requests, sockets, frames, timers) = Default::default();
        Self { page, now: 1_800_000_000_000, requests, sockets, frames, timers }
    }

    /// Logs in with an access token, up to the open socket.
    fn connected(config: &str) -> Self {
        let mut alone = Self::new(config);
        alone.act(r#"{"type":"connect","credentials":{"username":"alice@example.com","accessToken":"AT-1"}}"#);
        alone.answer(SUBSCRIBED);
        alone.fact(SocketFact::Opened);
        assert_eq!(alone.page.is_connected(), (true, false));
        alone
    }

    fn act(&mut self, json: &str) {
        let errands = self.page.command(self.now, json);
        self.take(errands);
    }

    /// Answers the last request.
    fn answer(&mut self, body: &str) {
        let op = self.requests.last().expect("a request").0;
        let content_type = Some("application/json".to_owned());
        let response = HttpResponse { status: 200, status_text: String::new(), content_type, body: body.to_owned() };
        self.feed(Input::Http(op, Ok(response)));
    }

    /// Something happens to the last socket.
    fn fact(&mut self, fact: SocketFact) {
        let socket = self.sockets.last().expect("a socket").0;
        self.feed(Input::Socket(socket, fact));
    }

    fn feed(&mut self, input: Input) {
        let errands = self.page.feed(self.now, input);
        self.take(errands);
    }

    fn take(&mut self, errands: Vec<Errand>) {
        for errand in errands {
            match errand {
                Errand::Http(op, request) => self.requests.push((op, request)),
                Errand::OpenSocket(socket, address) => self.sockets.push((socket, address)),
                Errand::Send(_, frame) => self.frames.push(frame),
                Errand::Timer(id, Some(after)) => {
                    let generation = self.page.timers[&id];
                    self.timers.push((self.now + after, id, generation));
                }
                Errand::Timer(_, None) | Errand::CloseSocket(_) => {}
                Errand::Later(..) => panic!("nothing of media is done here"),
            }
        }
    }

    /// Lets time pass.
    fn run(&mut self, milliseconds: u64) {
        let end = self.now + milliseconds;
        loop {
            let timers = &self.page.timers;
            self.timers.retain(|(_, id, generation)| timers.get(id) == Some(generation));
            let next = (0..self.timers.len()).min_by_key(|at| self.timers[*at].0);
            let Some(at) = next.filter(|at| self.timers[*at].0 <= end) else { break };
            let (due, id, _) = self.timers.remove(at);
            self.page.timers.remove(&id);
            self.now = due;
            self.feed(Input::Timer(id));
        }
        self.now = end;
    }

    /// Lets time pass until there are so many sockets; returns how much of it passed.
    fn until_socket(&mut self, count: usize) -> u64 {
        let since = self.now;
        while self.sockets.len() < count {
            assert!(self.now - since < 60_000, "socket {count} within a minute");
            self.run(1);
        }
        self.now - since
    }

    fn last(&self) -> &HttpRequest {
        &self.requests.last().expect("a request").1
    }

    fn wish(&self) -> Value {
        kandy_wire::parse(self.last().body.as_deref().unwrap()).unwrap()["subscribeRequest"].clone()
    }
}

const SUBSCRIBED: &str = r#"{"subscribeResponse":{"statusCode":0,"subscription":"/s/1","subscriptionParams":
    {"expires":3600,"service":["call"],"notificationChannel":"/websocket/1"}}}"#;

/// A configuration with these members of `connectivity`.
fn connectivity(members: &str) -> String {
    format!(r#"{{"authentication":{{"subscription":{{"server":"gw"}}}},"connectivity":{{{members}}}}}"#)
}

/// Protocol §0.2, §0.3, §2.1: what stands in addresses and in the subscription.
#[test]
fn servers_and_wishes() {
    let mut alone = Alone::connected(
        r#"{"authentication":{"subscription":{"protocol":"http","server":"rest.example","port":8080,"version":"7","expires":600,
            "service":["call","event:dialog"],"localization":"German_DE","useTurn":false,"notificationType":"Other"},
            "websocket":{"protocol":"ws","server":"ws.example","port":"8081"}}}"#,
    );
    let url = "http://rest.example:8080/rest/version/1/user/alice@example.com/subscription?token=AT-1";
    assert_eq!(alone.last().url, url, "a login by token is of the UC flavour, whose gateway has version 1");
    assert_eq!(alone.sockets[0].1, "ws://ws.example:8081/websocket/1?token=AT-1");
    let wish = alone.wish();
    assert_eq!(wish["expires"], 600);
    assert_eq!(wish["service"], kandy_wire::parse(r#"["call","event:dialog"]"#).unwrap());
    assert_eq!(wish["localization"], "German_DE");
    assert_eq!(wish["useTurn"], true, "a configured false has no effect");
    assert_eq!(wish["notificationType"], "Other");
    // An extension says the same of itself, and names what was granted.
    alone.run(1_800_000);
    let wish = alone.wish();
    assert_eq!((&wish["expires"], &wish["localization"]), (&Value::from(600), &Value::from("German_DE")));
    assert_eq!(wish["service"], kandy_wire::parse(r#"["call"]"#).unwrap());

    let mut link = Alone::new(r#"{"authentication":{"subscription":{"server":"gw","version":"7"}}}"#);
    link.act(r#"{"type":"connect","credentials":{"username":"alice@example.com","password":"p"}}"#);
    assert_eq!(link.last().url, "https://gw:443/rest/version/7/user/alice@example.com/subscription");
    link.answer(SUBSCRIBED);
    assert_eq!(link.sockets[0].1, "wss://gw:443/websocket/1", "without one of its own, the server of the subscription");
    covers!(
        "config authentication.subscription.server",
        "config authentication.subscription.protocol",
        "config authentication.subscription.port",
        "config authentication.subscription.version",
        "config authentication.subscription.expires",
        "config authentication.subscription.service",
        "config authentication.subscription.localization",
        "config authentication.subscription.useTurn",
        "config authentication.subscription.notificationType",
        "config authentication.websocket.server",
        "config authentication.websocket.protocol",
        "config authentication.websocket.port",
    );
}

/// Protocol §2.1: without a configuration.
#[test]
fn wishes_by_default() {
    let flavours = [
        (r#"{"username":"alice@example.com","accessToken":"t"}"#, r#"["call","IM","Presence"]"#),
        (r#"{"username":"alice@example.com","hmacToken":"t"}"#, r#"["IM","Presence","call"]"#),
    ];
    for (credentials, services) in flavours {
        let mut alone = Alone::new(r#"{"authentication":{"subscription":{"server":"gw"}}}"#);
        alone.act(&format!(r#"{{"type":"connect","credentials":{credentials}}}"#));
        let url = "https://gw:443/rest/version/1/user/alice@example.com/subscription";
        assert_eq!(alone.last().url.split('?').next(), Some(url));
        let mut wish = alone.wish();
        assert!(wish["supported"].as_array().unwrap().contains(&"RingingFeedback".into()));
        wish.as_object_mut().unwrap().remove("supported");
        let wanted = format!(
            r#"{{"expires":3600,"service":{services},"localization":"English_US","useTurn":true,"notificationType":"WebSocket"}}"#
        );
        assert_eq!(wish, kandy_wire::parse(&wanted).unwrap());
    }
    let mut uc = Alone::new(r#"{"authentication":{"subscription":{"server":"gw"}}}"#);
    uc.act(r#"{"type":"connect","credentials":{"username":"alice@example.com","password":"p"}}"#);
    assert_eq!(uc.last().url, "https://gw:443/v2.0/auth/mk_token");
}

/// 5.5: so many seconds before the end of its life the token is renewed.
#[test]
fn margin_of_tokens() {
    let mut alone = Alone::new(r#"{"authentication":{"subscription":{"server":"gw"},"earlyRefreshMargin":100}}"#);
    alone.act(
        r#"{"type":"connect","credentials":{"username":"a@x","accessToken":"t","refreshToken":"r","expires":1000}}"#,
    );
    alone.answer(SUBSCRIBED);
    alone.fact(SocketFact::Opened);
    alone.run(899_999);
    assert_eq!(alone.requests.len(), 1);
    alone.run(1);
    assert_eq!(alone.last().url, "https://gw:443/v2.0/auth/refresh_token?expires=1000&token=r");
    covers!(
        "config authentication.earlyRefreshMargin",
        "connect(credentials.expires)",
        "connect(credentials.refreshToken)",
    );
}

/// Protocol §3.2: pauses grow up to the limit, each a quarter longer or shorter; without a limit attempts never end.
#[test]
fn pauses_between_attempts() {
    let rules = r#""reconnectLimit":0,"reconnectDelay":1000,"reconnectTimeMultiplier":2,"reconnectTimeLimit":3000"#;
    let mut alone = Alone::connected(&connectivity(rules));
    alone.fact(SocketFact::Closed { code: 1006 });
    for (attempt, pause) in [(2, 1_000), (3, 2_000), (4, 3_000), (5, 3_000), (6, 3_000), (7, 3_000)] {
        alone.fact(SocketFact::Closed { code: 1006 });
        let waited = alone.until_socket(attempt + 1);
        assert!((pause * 3 / 4..=pause * 5 / 4).contains(&waited), "before attempt {attempt}: {waited} ms");
    }
    alone.fact(SocketFact::Opened);
    assert_eq!(alone.page.is_connected(), (true, false));
    covers!(
        "config connectivity.reconnectLimit",
        "config connectivity.reconnectDelay",
        "config connectivity.reconnectTimeMultiplier",
        "config connectivity.reconnectTimeLimit",
    );
}

/// 6: without `autoReconnect` the loss is the end, and is said.
#[test]
fn no_way_back() {
    let mut alone = Alone::connected(&connectivity(r#""autoReconnect":false"#));
    alone.fact(SocketFact::Closed { code: 1006 });
    assert_eq!(alone.page.names()[4..], ["ws:change", "auth:change LOST_CONNECTION"]);
    alone.run(60_000);
    assert_eq!((alone.sockets.len(), alone.page.is_connected()), (1, (false, false)));
    covers!("config connectivity.autoReconnect", "auth:change.reason");
}

/// 6, protocol §3.3: whether and how often the socket is checked; switched off it rests, and on again it goes on.
#[test]
fn checks() {
    let checks = |rules: &str, milliseconds: u64| {
        let mut alone = Alone::connected(&connectivity(rules));
        alone.run(milliseconds);
        alone.frames.iter().filter(|frame| frame.contains("ping")).count()
    };
    assert_eq!(checks("", 60_000), 3);
    assert_eq!(checks(r#""pingInterval":10000"#, 60_000), 7);
    assert_eq!(checks(r#""checkConnectivity":false"#, 60_000), 0);
    let mut alone = Alone::connected(&connectivity(r#""checkConnectivity":false"#));
    for (enable, more) in [(true, 6), (false, 0), (true, 6)] {
        let before = alone.frames.len();
        alone.act(&format!(r#"{{"type":"connection.enableConnectivityChecking","enable":{enable}}}"#));
        alone.run(60_000);
        assert_eq!(alone.frames.len() - before, more, "{enable}");
    }
    // Nothing is said of it.
    assert_eq!(alone.page.names().len(), 4);
    covers!(
        "config connectivity.pingInterval",
        "config connectivity.checkConnectivity",
        "config connectivity.method.type = keepAlive",
        "connection.enableConnectivityChecking",
        "connection.enableConnectivityChecking(enable)",
    );
}

/// Protocol §9.3: registrations may have a server of their own.
#[test]
fn server_of_registrations() {
    let mut alone = Alone::connected(
        r#"{"authentication":{"subscription":{"server":"gw"}},"notifications":{"realm":"r","bundleId":"b",
            "pushRegistration":{"server":"push.example","port":8443,"protocol":"http","version":"9"}}}"#,
    );
    let device = r#""deviceToken":"d","services":["call"],"pushProvider":"apple","clientCorrelator":"c""#;
    alone.act(&format!(r#"{{"type":"notification.registerPush",{device}}}"#));
    let url = "http://push.example:8443/rest/version/9/user/alice@example.com/push/apple/devices/?token=AT-1";
    assert_eq!(alone.last().url, url);
    let body = r#"{"deviceToken":"d","bundleID":"b","service":["call"],"clientCorrelator":"c","realm":"r"}"#;
    assert_eq!(alone.last().body.as_deref(), Some(body));
    alone.answer(r#"{"appleDeviceRegistrationResponse":{"statusCode":0,"registration":"/devices/1"}}"#);
    alone.act(r#"{"type":"notification.deregisterPush"}"#);
    assert_eq!(alone.last().url, "http://push.example:8443/devices/1?token=AT-1");
    covers!(
        "config notifications.pushRegistration",
        "config notifications.pushRegistration.server",
        "config notifications.pushRegistration.port",
        "config notifications.pushRegistration.protocol",
        "config notifications.pushRegistration.version",
        "config notifications.realm",
        "config notifications.bundleId",
    );
}
