//! A switch with alice, bob and carol, a clock, and devices that log in like released clients do.

use std::collections::BTreeMap;

use kandy_switch::{
    Accounts, CallRecord, Delivery, Fact, Identified, Notice, Now, PeopleRoute, Policy, Request, Secrets, Service,
    SocketId, StoredPresence, Switch, UserKey,
};
use kandy_wire::session::TurnCredentials;
use serde_json::{Value, json};

pub(crate) const START: u64 = 1_700_000_000_000;

pub(crate) const ACCOUNTS: &str = r#"[
    {"user":"alice@example.com","password":"alice-pw","displayName":"Alice Archer","authname":"alice-login"},
    {"user":"bob@example.com","password":"bob-pw","firstName":"Bob","lastName":"Baker"},
    {"user":"carol@example.com","password":"carol-pw"}]"#;

pub(crate) struct World {
    pub(crate) switch: Switch,
    pub(crate) now: u64,
    /// Frames that were delivered and not looked at yet.
    frames: BTreeMap<u64, Vec<Value>>,
    pub(crate) closed: Vec<(u64, u16)>,
    /// What was to be stored and was not looked at yet.
    facts: Vec<Fact>,
    /// Sockets that are to say when they have written everything; they do so at once unless they are slow.
    marks: Vec<SocketId>,
    pub(crate) slow: bool,
    sockets: u64,
    restarts: u64,
    /// What clients that log in from now on say they support.
    pub(crate) supported: Vec<&'static str>,
}

/// How a device logs in.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Flavour {
    Uc,
    Link,
}

#[derive(Clone)]
pub(crate) struct Device {
    pub(crate) user: String,
    pub(crate) flavour: Flavour,
    pub(crate) token: String,
    pub(crate) subscription: String,
    pub(crate) channel: String,
    pub(crate) session: String,
    pub(crate) socket: u64,
    pub(crate) peer: String,
}

struct Counter(u64);

impl Secrets for Counter {
    fn token(&mut self) -> String {
        self.0 += 1;
        // Of one length, so that none is part of another one.
        format!("secret-{:08}", self.0)
    }

    /// The other way round: no token is part of any fingerprint.
    fn fingerprint(&self, token: &str) -> String {
        token.chars().rev().collect()
    }

    /// A key that adds up: the tag is the sum of all bytes, modulo 256.
    fn is_signed(&self, text: &[u8], tag: &[u8]) -> Option<bool> {
        Some(*tag == [text.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte))])
    }

    /// Relays that know carol alone, and take what says who and until when.
    fn turn_credentials(&self, now: u64, user: &UserKey, life: u64) -> Option<TurnCredentials> {
        let username = format!("{} until {}", user.as_str(), now + life);
        user.as_str().starts_with("carol@").then(|| TurnCredentials { username, password: "of the relays".into() })
    }
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(Policy::default())
    }

    pub(crate) fn with(policy: Policy) -> Self {
        let switch = Switch::new(Accounts::from_json(ACCOUNTS).unwrap(), policy, Box::new(Counter(0)));
        Self {
            switch,
            now: START,
            frames: BTreeMap::new(),
            closed: Vec::new(),
            facts: Vec::new(),
            marks: Vec::new(),
            slow: false,
            sockets: 0,
            restarts: 0,
            supported: vec!["RingingFeedback"],
        }
    }

    /// The switch ends, and after `down` ms another one goes on from what it wrote; all sockets are gone.
    pub(crate) fn restart(&mut self, accounts: &str, down: u64) {
        let text = self.switch.save(Now(self.now));
        self.collect();
        self.now += down;
        self.restarts += 1;
        let again = |text: &str| {
            // Its secrets must be others, as those of a random source are.
            let secrets = Box::new(Counter(self.restarts * 1_000_000));
            let mut switch = Switch::new(Accounts::from_json(accounts).unwrap(), Policy::default(), secrets);
            switch.restore(Now(self.now), text).unwrap();
            switch
        };
        self.switch = again(&text);
        let text = self.switch.save(Now(self.now));
        assert!(again(&text).save(Now(self.now)) == text, "everything is read that is written");
    }

    /// Takes one more account; its password is that of [`password`].
    pub(crate) fn add(&mut self, user: &str, name: &str) {
        let account = json!({"user": user, "password": password(user), "displayName": name});
        self.switch.add_account(Now(self.now), serde_json::from_value(account).unwrap()).unwrap();
    }

    /// Forgets an account; returns how many clients and calls were ended.
    pub(crate) fn remove(&mut self, user: &str) -> (usize, usize) {
        let removed = self.switch.remove_account(Now(self.now), &UserKey::of(user));
        self.collect();
        (removed.sessions, removed.calls)
    }

    /// Changes who reaches whom.
    pub(crate) fn realms(&mut self, change: impl FnOnce(&mut Switch, Now)) {
        change(&mut self.switch, Now(self.now));
        self.collect();
    }

    /// What the switch writes for the one after it.
    pub(crate) fn saved(&mut self) -> Value {
        serde_json::from_str(&self.switch.save(Now(self.now))).unwrap()
    }

    /// A device that is logged in and has a socket.
    pub(crate) fn device(&mut self, user: &str, flavour: Flavour) -> Device {
        let mut device = self.subscribed(user, flavour);
        self.connect(&mut device);
        device
    }

    pub(crate) fn uc(&mut self, user: &str) -> Device {
        self.device(user, Flavour::Uc)
    }

    /// A device that is logged in and has no socket yet.
    pub(crate) fn subscribed(&mut self, user: &str, flavour: Flavour) -> Device {
        self.subscribed_for(user, flavour, &["call", "IM", "Presence"])
    }

    pub(crate) fn subscribed_for(&mut self, user: &str, flavour: Flavour, services: &[&str]) -> Device {
        let mut device = Device {
            user: if user.contains('@') { user.to_owned() } else { format!("{user}@example.com") },
            flavour,
            token: String::new(),
            subscription: String::new(),
            channel: String::new(),
            session: String::new(),
            socket: 0,
            peer: format!("192.0.2.{}", user.len()),
        };
        if flavour == Flavour::Uc {
            let headers = [("authorization", basic(&device.user, &password(&device.user)))];
            let (status, body) = self.raw("GET", "/v2.0/auth/mk_token", "", &headers, "", &device.peer);
            assert_eq!(status, 200, "{body}");
            device.token = text(&body["success"]["access_token"]);
        }
        let mut wish = subscribe(services);
        wish["subscribeRequest"]["supported"] = json!(self.supported);
        let (status, body) = self.send(&device, "POST", "subscription", &wish);
        assert_eq!(status, 200, "{body}");
        let subscribed = &body["subscribeResponse"];
        device.subscription = text(&subscribed["subscription"]);
        device.channel = text(&subscribed["subscriptionParams"]["notificationChannel"]);
        device.session = text(&subscribed["subscriptionParams"]["sessionId"]);
        device
    }

    /// Opens a (new) socket.
    pub(crate) fn connect(&mut self, device: &mut Device) {
        self.connect_with(device, "");
    }

    /// Opens a new socket and names the last notification that the device has; returns whether what follows is complete.
    pub(crate) fn resume(&mut self, device: &mut Device, after: &str) -> bool {
        self.connect_with(device, &format!("&after={after}"));
        let frames = self.frames.get_mut(&device.socket).expect("a frame at once");
        let first = frames.remove(0)["notificationMessage"].clone();
        assert_eq!((&first["eventType"], &first["eventId"]), (&json!("channelResumed"), &Value::Null));
        first["channelResumedParams"]["complete"].as_bool().unwrap()
    }

    fn connect_with(&mut self, device: &mut Device, more: &str) {
        self.sockets += 1;
        device.socket = self.sockets;
        let token = if device.flavour == Flavour::Uc { format!("token={}", device.token) } else { String::new() };
        let query = format!("{token}{more}");
        self.switch.socket_opened(Now(self.now), SocketId(device.socket), &device.channel, &query).unwrap();
        self.collect();
    }

    pub(crate) fn disconnect(&mut self, device: &Device) {
        self.switch.socket_closed(Now(self.now), SocketId(device.socket));
        self.collect();
    }

    /// The client says something on its socket.
    pub(crate) fn says(&mut self, device: &Device, frame: &str) {
        self.switch.socket_text(Now(self.now), SocketId(device.socket), frame);
        self.collect();
    }

    /// A request below the device's user, or to an absolute path.
    pub(crate) fn send(&mut self, device: &Device, method: &str, resource: &str, body: &Value) -> (u16, Value) {
        let path = match resource.strip_prefix('/') {
            Some(_) => resource.to_owned(),
            None => format!("/rest/version/1/user/{}/{resource}", device.user),
        };
        let (query, headers) = match device.flavour {
            Flavour::Uc => (format!("token={}", device.token), vec![]),
            Flavour::Link => (String::new(), vec![("authorization", basic(&device.user, &password(&device.user)))]),
        };
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.raw(method, &path, &query, &headers, &body, &device.peer)
    }

    pub(crate) fn raw(
        &mut self,
        method: &str,
        path: &str,
        query: &str,
        headers: &[(&str, String)],
        body: &str,
        peer: &str,
    ) -> (u16, Value) {
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let request = Request { method, path, query, headers: &headers, peer, body };
        let response = self.switch.request(Now(self.now), &request);
        assert_eq!(response.content_type, "application/json");
        self.collect();
        (response.status, serde_json::from_str(&response.body).expect("every response is JSON"))
    }

    /// A request on a resource of people below the device's user, as the shell serves it; the store is always at once.
    pub(crate) fn ask(&mut self, device: &Device, method: &str, resource: &str, body: &Value) -> (u16, Value) {
        let path = format!("/rest/version/1/user/{}/{resource}", device.user);
        let (query, headers) = match device.flavour {
            Flavour::Uc => (format!("token={}", device.token), vec![]),
            Flavour::Link => (String::new(), vec![("authorization", basic(&device.user, &password(&device.user)))]),
        };
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let (now, text) = (Now(self.now), body.to_string());
        let request = Request { method, path: &path, query: &query, headers: &headers, peer: &device.peer, body: "" };
        let response = self.switch.identify(now, &request).unwrap_or_else(|refusal| panic!("{path}: {refusal:?}"));
        let Identified { user, device, route, family } = response;
        let switch = &mut self.switch;
        let answer = match route {
            PeopleRoute::Presence => {
                switch.presence_wish(now, &user, device, &text).map(|said| switch.publish(now, said))
            }
            PeopleRoute::PresenceWatcher => switch.watch_presence(now, &user, device, &text),
            PeopleRoute::SubscribeEvent => switch.subscribe_events(now, &user, device, &text),
            PeopleRoute::UpdateEvent(id) => switch.update_events(now, &user, &id, &text),
            PeopleRoute::UnsubscribeEvent(id) => switch.unsubscribe_events(&user, &id),
            other => panic!("{other:?}"),
        };
        let response = answer.unwrap_or_else(|fault| fault.response(family));
        self.collect();
        (response.status, serde_json::from_str(&response.body).unwrap())
    }

    /// The records of ended calls since the last look.
    pub(crate) fn records(&mut self) -> Vec<CallRecord> {
        let facts = std::mem::take(&mut self.facts).into_iter();
        facts.filter_map(|fact| if let Fact::Call(record) = fact { Some(record) } else { None }).collect()
    }

    /// What was to be stored of presence since the last look.
    pub(crate) fn stored(&mut self) -> Vec<StoredPresence> {
        let facts = std::mem::take(&mut self.facts).into_iter();
        facts.filter_map(|fact| if let Fact::Presence(stored) = fact { Some(stored) } else { None }).collect()
    }

    /// Lets time pass, waking the switch whenever it wants to be.
    pub(crate) fn wait(&mut self, ms: u64) {
        let end = self.now + ms;
        while let Some(at) = self.switch.deadline().filter(|at| at.0 <= end) {
            self.now = self.now.max(at.0);
            self.switch.tick(Now(self.now));
            self.collect();
        }
        self.now = end;
    }

    /// The frames that this device got since the last look.
    pub(crate) fn frames(&mut self, device: &Device) -> Vec<Value> {
        self.frames.remove(&device.socket).unwrap_or_default()
    }

    /// The notifications that this device got since the last look.
    pub(crate) fn heard(&mut self, device: &Device) -> Vec<Value> {
        let frames = self.frames(device).into_iter();
        frames.map(|frame| frame["notificationMessage"].clone()).filter(Value::is_object).collect()
    }

    /// The one notification that this device got since the last look, which is of this kind.
    pub(crate) fn one(&mut self, device: &Device, kind: &str) -> Value {
        let heard = self.heard(device);
        assert_eq!(kinds(&heard), [kind], "{} heard", device.user);
        heard[0].clone()
    }

    pub(crate) fn silent(&mut self, device: &Device) {
        assert_eq!(kinds(&self.heard(device)), [""; 0], "{} heard something", device.user);
    }

    /// Starts a call; returns the caller's session.
    pub(crate) fn start(&mut self, caller: &Device, to: &str) -> String {
        let (status, body) = self.send(caller, "POST", "callControl", &start(caller, to));
        assert_eq!(status, 200, "{body}");
        text(&body["callControlResponse"]["sessionData"])
    }

    /// The callee's device gets the call and rings; returns its session.
    pub(crate) fn ring(&mut self, callee: &Device) -> String {
        let session = session(&self.one(callee, "call"));
        assert_eq!(self.control(callee, &session, &json!({"type": "ringing"})), 200);
        session
    }

    /// A ringing call: the sessions of caller and callee.
    pub(crate) fn ringing(&mut self, caller: &Device, callee: &Device) -> (String, String) {
        let theirs = self.start(caller, &callee.user);
        let ours = self.ring(callee);
        self.wait(100);
        self.one(caller, "ringing");
        (theirs, ours)
    }

    /// A connected call: the sessions of caller and callee.
    pub(crate) fn connected(&mut self, caller: &Device, callee: &Device) -> (String, String) {
        let (theirs, ours) = self.ringing(caller, callee);
        assert_eq!(self.answer(callee, &ours), 200);
        self.wait(100);
        assert_eq!(self.one(caller, "respondCallUpdate")["sessionParams"]["sdp"], "answer");
        (theirs, ours)
    }

    pub(crate) fn answer(&mut self, device: &Device, session: &str) -> u16 {
        self.control(device, session, &json!({"type": "callAnswer", "sdp": "answer"}))
    }

    pub(crate) fn control(&mut self, device: &Device, session: &str, wish: &Value) -> u16 {
        self.control_body(device, session, wish).0
    }

    pub(crate) fn control_body(&mut self, device: &Device, session: &str, wish: &Value) -> (u16, Value) {
        let resource = format!("callControl/callSessions/{session}");
        self.send(device, "PUT", &resource, &json!({ "callControlRequest": wish }))
    }

    /// Offers a new description.
    pub(crate) fn update(&mut self, device: &Device, session: &str, sdp: &str) -> u16 {
        self.control(device, session, &json!({"type": "startCallUpdate", "sdp": sdp}))
    }

    /// Answers the other side's description.
    pub(crate) fn respond(&mut self, device: &Device, session: &str, sdp: &str) -> u16 {
        self.control(device, session, &json!({"type": "respondCallUpdate", "sdp": sdp}))
    }

    /// Two parties talk to each other: either one may offer a new description and gets the other one's answer, either may
    /// audit, and when one hangs up the other one hears it.
    pub(crate) fn talk(&mut self, one: (&Device, &str), two: (&Device, &str)) {
        self.wait(100);
        for ((from, ours), (to, theirs)) in [(one, two), (two, one)] {
            assert_eq!(self.control(from, ours, &json!({"type": "audit"})), 200, "{}", from.user);
            assert_eq!(self.update(from, ours, "hold"), 200);
            let offer = self.one(to, "startCallUpdate");
            assert_eq!((session(&offer), &offer["sessionParams"]["sdp"]), (theirs.to_owned(), &json!("hold")));
            assert_eq!(remote(&offer), from.user);
            assert_eq!(self.respond(to, theirs, "held"), 200);
            self.wait(100);
            let answer = self.one(from, "respondCallUpdate");
            assert_eq!((session(&answer), &answer["sessionParams"]["sdp"]), (ours.to_owned(), &json!("held")));
            assert_eq!(remote(&answer), to.user);
        }
    }

    pub(crate) fn end(&mut self, device: &Device, session: &str) -> u16 {
        self.send(device, "DELETE", &format!("callControl/callSessions/{session}"), &Value::Null).0
    }

    pub(crate) fn dispose(&mut self, device: &Device, wish: &Value) -> u16 {
        self.send(device, "POST", "calldisposition", &json!({ "callDispositionRequest": wish })).0
    }

    /// The shell tells a user something.
    pub(crate) fn notify(&mut self, user: &str, service: Service<'_>, notice: &Notice) {
        self.switch.notify(Now(self.now), &UserKey::of(&format!("{user}@example.com")), service, notice);
        self.collect();
    }

    /// The shell tells the newcomers what they missed; returns whose they are.
    pub(crate) fn catch_up(&mut self, missed: &[Notice]) -> Vec<String> {
        let newcomers = self.switch.newcomers();
        for newcomer in &newcomers {
            self.switch.catch_up(Now(self.now), newcomer, missed);
        }
        self.collect();
        newcomers.iter().map(|newcomer| newcomer.user.as_str().to_owned()).collect()
    }

    /// Everything that was handed to the sockets has been written.
    pub(crate) fn ready(&mut self) {
        for socket in std::mem::take(&mut self.marks) {
            self.switch.socket_ready(Now(self.now), socket);
        }
        self.collect();
    }

    fn collect(&mut self) {
        self.facts.extend(self.switch.facts());
        for delivery in self.switch.deliveries() {
            match delivery {
                Delivery::Mark { socket } => self.marks.push(socket),
                Delivery::Frame { socket, text } => {
                    self.frames.entry(socket.0).or_default().push(serde_json::from_str(&text).unwrap());
                }
                Delivery::Close { socket, code } => self.closed.push((socket.0, code)),
            }
        }
        if !self.slow && !self.marks.is_empty() {
            self.ready();
        }
    }
}

pub(crate) fn start(caller: &Device, to: &str) -> Value {
    let (to, from) = (format!("sip:{to}"), format!("sip:{}", caller.user));
    json!({"callControlRequest": {"type": "callStart", "to": to, "from": from, "sdp": "offer"}})
}

pub(crate) fn subscribe(services: &[&str]) -> Value {
    json!({"subscribeRequest": {"expires": 3600, "service": services, "localization": "English_US", "useTurn": true,
        "notificationType": "WebSocket", "supported": ["RingingFeedback"]}})
}

pub(crate) fn kinds(heard: &[Value]) -> Vec<&str> {
    heard.iter().map(|n| n["eventType"].as_str().unwrap()).collect()
}

pub(crate) fn session(notification: &Value) -> String {
    text(&notification["sessionParams"]["sessionData"])
}

/// Whom a notification names as the other side, in both pairs.
pub(crate) fn remote(notification: &Value) -> String {
    let parties = &notification["callNotificationParams"];
    assert_eq!(parties["callerDisplayNumber"], parties["remoteDisplayNumber"]);
    assert_eq!(parties["callerName"], parties["remoteName"]);
    text(&parties["remoteDisplayNumber"])
}

/// What a `callEnd` says: its code and whether it has words.
pub(crate) fn reason(end: &Value) -> (Option<i64>, bool) {
    (end["sessionParams"]["statusCode"].as_i64(), end["sessionParams"]["reasonText"].is_string())
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("a text, not {value}")).to_owned()
}

pub(crate) fn password(user: &str) -> String {
    format!("{}-pw", user.split('@').next().unwrap())
}

pub(crate) fn basic(user: &str, password: &str) -> String {
    format!("basic {}", base64(&format!("{user}:{password}")))
}

pub(crate) fn base64(text: &str) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut encoded = String::new();
    for chunk in text.as_bytes().chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for digit in 0..4 {
            let index = (bits >> (18 - 6 * digit) & 63) as usize;
            encoded.push(if digit <= chunk.len() { char::from(DIGITS[index]) } else { '=' });
        }
    }
    encoded
}
