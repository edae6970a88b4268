//! Pages, a switch, a network between them, and one virtual clock.

use std::collections::{BTreeMap, BTreeSet};

use kandy_core::{
    Input, OpId, PeerId, SocketId as PageSocket, TrackId,
    effect::{HttpRequest, TimerId},
    input::{ConnectionState, HttpFailure, HttpResponse, PageFact, PeerFact, SocketFact, TrackFact},
    query::CallObject,
};
use kandy_switch::{Account, Accounts, Delivery, Now, Policy, Request, Secrets, SocketId, Switch, UserKey};
use kandy_wire::session::TurnCredentials;

use crate::{
    faults::Swallowed,
    network::{Dice, Weather},
    page::{Errand, Page},
    phone::Script,
};

/// Something that will happen.
#[derive(Debug)]
pub(crate) enum Event {
    Input(usize, Input),
    Timer(usize, TimerId, u64),
    Request(usize, OpId, HttpRequest),
    Handshake(usize, PageSocket, String),
    Up(SocketId, String),
    Down(SocketId, String),
    /// The server closed it, or the network broke it.
    Broken(SocketId),
    /// The page closed it.
    Hung(SocketId),
}

pub(crate) struct World {
    pub now: u64,
    pub pages: Vec<Page>,
    pub weather: Weather,
    pub dice: Dice,
    /// Request paths in the order in which they reached the server.
    pub requests: Vec<String>,
    /// Addresses of all requests and sockets, queries included.
    pub urls: Vec<String>,
    /// What pages sent on their sockets.
    pub frames: Vec<(usize, String)>,
    /// Which caller's session each callee's session belongs to.
    pub legs: BTreeMap<String, String>,
    /// Pages whose calls are not the switch's business: their server is played by hand.
    pub scripts: BTreeMap<usize, Script>,
    /// The offers that were sent, and the sessions that the server made of them.
    offers: BTreeMap<String, String>,
    /// Pages whose network swallows what they send, or what they are sent, and says nothing of it.
    pub(crate) swallowed: BTreeMap<usize, Swallowed>,
    /// Pages whose checks the server has answered.
    pub(crate) answered: BTreeSet<usize>,
    /// When a page was last handed a frame.
    pub(crate) last_down: BTreeMap<usize, u64>,
    /// Pages that stand still, with what they will hear when they go on.
    pub(crate) asleep: BTreeMap<usize, Vec<Event>>,
    pub(crate) switch: Switch,
    agenda: BTreeMap<(u64, u64), Event>,
    count: u64,
    sockets: BTreeMap<SocketId, (usize, PageSocket)>,
    /// When the last frame of a socket arrives, in either direction: the next one does not overtake it.
    last: BTreeMap<(SocketId, bool), u64>,
    shut: BTreeSet<(usize, PageSocket)>,
}

struct Counter(u64);

impl Secrets for Counter {
    fn token(&mut self) -> String {
        self.0 += 1;
        format!("secret-{}", self.0)
    }

    /// The other way round: no token is part of any fingerprint.
    fn fingerprint(&self, token: &str) -> String {
        token.chars().rev().collect()
    }

    /// Relays that take everybody, and whose user names tell the time.
    fn turn_credentials(&self, now: u64, user: &UserKey, life: u64) -> Option<TurnCredentials> {
        Some(TurnCredentials { username: format!("{}:{}", now + life, user.as_str()), password: "relays".to_owned() })
    }
}

/// Alice, bob and carol.
fn accounts() -> Accounts {
    let account = |name: &str, shown: &str| Account {
        user: format!("{name}@example.com"),
        password: Some("demo".to_owned()),
        display_name: Some(shown.to_owned()),
        authname: None,
        first_name: None,
        last_name: None,
        email: None,
        phone: None,
    };
    let list = vec![account("alice", "Alice A"), account("bob", "Bob B"), account("carol", "Carol C")];
    Accounts::new(list).unwrap()
}

impl World {
    /// A world at a fixed time, with accounts for alice, bob and carol @example.com (password `demo`) and no page yet.
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            now: 1_800_000_000_000,
            pages: Vec::new(),
            weather: Weather::FINE,
            dice: Dice::new(seed),
            requests: Vec::new(),
            urls: Vec::new(),
            frames: Vec::new(),
            legs: BTreeMap::new(),
            scripts: BTreeMap::new(),
            offers: BTreeMap::new(),
            swallowed: BTreeMap::new(),
            answered: BTreeSet::new(),
            last_down: BTreeMap::new(),
            asleep: BTreeMap::new(),
            switch: Switch::new(accounts(), Policy::default(), Box::new(Counter(0))),
            agenda: BTreeMap::new(),
            count: 0,
            sockets: BTreeMap::new(),
            last: BTreeMap::new(),
            shut: BTreeSet::new(),
        }
    }

    /// Opens a page; version `1` makes a Link client, `v2.0` a UC one. Returns its number.
    pub(crate) fn page(&mut self, user: &'static str, version: &str) -> usize {
        let seed = self.dice.below(u64::MAX);
        self.pages.push(Page::new(user, version, seed));
        self.pages.len() - 1
    }

    /// The application of a page does something.
    pub(crate) fn act(&mut self, page: usize, json: &str) {
        let errands = self.pages[page].command(self.now, json);
        self.run_errands(page, errands);
    }

    pub(crate) fn connect(&mut self, page: usize) {
        let user = self.pages[page].user;
        self.act(page, &format!(r#"{{"type":"connect","credentials":{{"username":"{user}","password":"demo"}}}}"#));
    }

    /// Makes a call and returns its id.
    pub(crate) fn make(&mut self, page: usize, to: &str, media: &str) -> String {
        self.make_with(page, to, media, "{}")
    }

    /// The same with options.
    pub(crate) fn make_with(&mut self, page: usize, to: &str, media: &str, options: &str) -> String {
        self.count += 1;
        let id = format!("{:08}-0000-4000-8000-000000000000", self.count);
        let json = format!(
            r#"{{"type":"call.make","callId":"{id}","destination":"{to}","media":{media},"options":{options}}}"#
        );
        self.act(page, &json);
        id
    }

    /// `answer`, `reject`, `ignore` or `end` of a call.
    pub(crate) fn on_call(&mut self, page: usize, what: &str, id: &str) {
        let media = if what == "answer" { r#","media":{"audio":true,"video":true}"# } else { "" };
        self.act(page, &format!(r#"{{"type":"call.{what}","callId":"{id}"{media}}}"#));
    }

    /// Adds a picture to a call, or removes one of its tracks.
    pub(crate) fn change_media(&mut self, page: usize, id: &str) {
        let call = self.pages[page].calls().into_iter().find(|call| call.id.0 == id).unwrap();
        match call.local_tracks.last().filter(|_| self.dice.chance(500)) {
            Some(track) => {
                self.act(page, &format!(r#"{{"type":"call.removeMedia","callId":"{id}","tracks":["{track}"]}}"#));
            }
            None => self.act(page, &format!(r#"{{"type":"call.addMedia","callId":"{id}","media":{{"video":true}}}}"#)),
        }
    }

    /// The page of a user is closed.
    pub(crate) fn leave(&mut self, page: usize) {
        self.feed(page, Input::Page(PageFact::Left));
    }

    /// Breaks every socket of a page, without either end being asked.
    pub(crate) fn cut(&mut self, page: usize) {
        let broken: Vec<SocketId> = self.sockets.iter().filter(|(_, (p, _))| *p == page).map(|(id, _)| *id).collect();
        for socket in broken {
            self.schedule(0, Event::Broken(socket));
        }
    }

    /// Breaks the media connections of a page: the network between it and the others changes. Both ends notice.
    pub(crate) fn break_media(&mut self, page: usize) {
        let here: Vec<String> = self.pages[page].open_fakes().map(|(_, peer)| peer.ufrag.clone()).collect();
        let mut broken = Vec::new();
        for (number, at) in self.pages.iter_mut().enumerate() {
            for (id, peer) in at.open_fakes() {
                let concerned = number == page || peer.remote_ufrag().is_some_and(|ufrag| here.contains(&ufrag));
                if concerned && peer.fail() {
                    broken.push((number, id.clone()));
                }
            }
        }
        for (number, peer) in broken {
            self.tell_connection(number, peer, ConnectionState::Failed);
        }
    }

    /// The browser ends one of a page's own tracks: the device is gone.
    pub(crate) fn lose_track(&mut self, page: usize, track: &str) {
        let track = TrackId(track.to_owned());
        if self.pages[page].live_tracks.contains_key(&track) {
            self.feed(page, Input::Track(track, TrackFact::Ended));
        }
    }

    /// Whether two calls have each other's descriptions.
    pub(crate) fn hear_each_other(&self, one: &CallObject, other: &CallObject) -> bool {
        let peer = |call: &CallObject| {
            let id = call.webrtc_session_id.as_ref()?;
            self.pages.iter().find_map(|page| page.peers.get(id))
        };
        let (Some(one), Some(other)) = (peer(one), peer(other)) else { return false };
        one.hears(other) && other.hears(one)
    }

    /// Lets time pass.
    pub(crate) fn run(&mut self, milliseconds: u64) {
        let end = self.now + milliseconds;
        while self.step(end) {}
        self.now = end;
    }

    /// Lets time pass until something holds; panics when it does not within a minute.
    pub(crate) fn until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) {
        let end = self.now + 60_000;
        while !holds(self) {
            assert!(self.step(end), "not within a minute: {what}\n{}", self.report());
        }
    }

    /// What every page heard and logged, for the report of a failure.
    pub(crate) fn report(&self) -> String {
        let page = |p: &Page| {
            let calls: Vec<String> = p.calls().iter().map(|c| format!("{:?} {}", c.state, c.id)).collect();
            format!("{}: {:?}\n  calls {calls:?}\n  {}", p.user, p.names(), p.log.join("\n  "))
        };
        self.pages.iter().map(page).collect::<Vec<_>>().join("\n")
    }

    /// The next thing that happens, unless it is later than `end`.
    fn step(&mut self, end: u64) -> bool {
        let due = self.switch.deadline().map(|at| at.0.max(self.now));
        let next = self.agenda.first_key_value().map(|((at, _), _)| *at);
        match (due, next) {
            (Some(tick), next) if tick <= end && next.is_none_or(|at| tick <= at) => {
                self.now = tick;
                self.switch.tick(Now(tick));
                self.deliver();
            }
            (_, Some(at)) if at <= end => {
                let Some((_, event)) = self.agenda.pop_first() else { return false };
                self.now = at;
                self.happen(event);
            }
            _ => return false,
        }
        true
    }

    fn happen(&mut self, event: Event) {
        if let Some(page) = self.concerned(&event)
            && let Some(kept) = self.asleep.get_mut(&page)
        {
            return kept.push(event);
        }
        match event {
            Event::Input(page, input) => self.feed(page, input),
            Event::Timer(page, id, generation) => {
                if self.pages[page].timers.get(&id) == Some(&generation) {
                    self.pages[page].timers.remove(&id);
                    self.feed(page, Input::Timer(id));
                }
            }
            Event::Request(page, op, request) => self.request(page, op, &request),
            Event::Handshake(page, socket, url) => self.handshake(page, socket, &url),
            Event::Up(socket, text) => {
                if self.sockets.get(&socket).is_some_and(|(page, _)| !self.swallows(*page, true)) {
                    self.switch.socket_text(Now(self.now), socket, &text);
                    self.deliver();
                }
            }
            Event::Down(socket, text) => {
                if self.sockets.get(&socket).is_some_and(|(page, _)| !self.swallows(*page, false)) {
                    if let Some((page, _)) = self.sockets.get(&socket) {
                        self.last_down.insert(*page, self.now);
                        if text.contains("connAck") {
                            self.answered.insert(*page);
                        }
                    }
                    self.hand_up(socket, SocketFact::Frame(text));
                }
            }
            Event::Broken(socket) => {
                self.hand_up(socket, SocketFact::Closed { code: 1006 });
                self.close_at_switch(socket);
            }
            Event::Hung(socket) => self.close_at_switch(socket),
        }
    }

    pub(crate) fn feed(&mut self, page: usize, input: Input) {
        let errands = self.pages[page].feed(self.now, input);
        self.run_errands(page, errands);
        self.meet();
    }

    fn hand_up(&mut self, socket: SocketId, fact: SocketFact) {
        if let Some((page, id)) = self.sockets.get(&socket).copied()
            && !self.shut.contains(&(page, id))
        {
            self.feed(page, Input::Socket(id, fact));
        }
    }

    fn run_errands(&mut self, page: usize, errands: Vec<Errand>) {
        for errand in errands {
            match errand {
                Errand::Http(op, request) => {
                    let (way, timeout) = (self.way(), request.timeout);
                    if self.dice.chance(self.weather.request_loss) || self.swallows(page, true) {
                        self.schedule(timeout, Event::Input(page, Input::Http(op, Err(timed_out()))));
                    } else {
                        self.schedule(way, Event::Request(page, op, request));
                    }
                }
                Errand::OpenSocket(id, url) => {
                    let way = self.way();
                    self.schedule(way, Event::Handshake(page, id, url));
                }
                Errand::Send(id, text) => {
                    self.frames.push((page, text.clone()));
                    let found = self.sockets.iter().find(|(_, owner)| **owner == (page, id)).map(|(s, _)| *s);
                    if let Some(socket) = found {
                        let at = self.in_order(socket, true);
                        self.schedule(at, Event::Up(socket, text));
                    }
                }
                Errand::CloseSocket(id) => {
                    self.shut.insert((page, id));
                    let found = self.sockets.iter().find(|(_, owner)| **owner == (page, id)).map(|(s, _)| *s);
                    if let Some(socket) = found {
                        let at = self.in_order(socket, true);
                        self.schedule(at, Event::Hung(socket));
                    }
                }
                Errand::Later(after, input) => self.schedule(after, Event::Input(page, input)),
                Errand::Timer(id, Some(after)) => {
                    let generation = self.pages[page].timers.get(&id).copied().unwrap_or_default();
                    self.schedule(after, Event::Timer(page, id, generation));
                }
                Errand::Timer(_, None) => {}
            }
        }
    }

    fn request(&mut self, page: usize, op: OpId, request: &HttpRequest) {
        self.urls.push(request.url.clone());
        let rest = request.url.strip_prefix("http://gw:80").expect("the configured server");
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        self.requests.push(format!("{} {path}", request.method));
        if path.contains("/call")
            && let Some(script) = self.scripts.get_mut(&page)
        {
            if let Some(response) = script.answer(self.now, op, request) {
                self.later(page, Input::Http(op, Ok(response)));
            }
            return;
        }
        let mut headers: Vec<(&str, &str)> = request.headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
        headers.push(("user-agent", "pair"));
        let peer = format!("10.0.0.{page}");
        let asked = Request {
            method: request.method,
            path,
            query,
            headers: &headers,
            peer: &peer,
            body: request.body.as_deref().unwrap_or_default(),
        };
        let answer = self.switch.request(Now(self.now), &asked);
        assert!(answer.status < 500, "{} {path}: {} {}", request.method, answer.status, answer.body);
        self.note_offer(asked.body, &answer.body);
        let response = HttpResponse {
            status: answer.status,
            status_text: String::new(),
            content_type: Some(answer.content_type.to_owned()),
            body: answer.body,
        };
        let way = self.way();
        if self.dice.chance(self.weather.response_loss) || self.swallows(page, false) {
            self.schedule(request.timeout, Event::Input(page, Input::Http(op, Err(timed_out()))));
        } else {
            self.schedule(way, Event::Input(page, Input::Http(op, Ok(response))));
        }
        self.deliver();
    }

    fn handshake(&mut self, page: usize, id: PageSocket, url: &str) {
        self.urls.push(url.to_owned());
        let rest = url.strip_prefix("ws://gw:80").expect("the configured server");
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        if self.swallows(page, true) || self.swallows(page, false) {
            return;
        }
        self.count += 1;
        let socket = SocketId(self.count);
        let way = self.way();
        let refused = self.dice.chance(self.weather.socket_refusal)
            || self.switch.socket_opened(Now(self.now), socket, path, query).is_err();
        if refused {
            self.schedule(way, Event::Input(page, Input::Socket(id, SocketFact::Closed { code: 1006 })));
            return;
        }
        self.sockets.insert(socket, (page, id));
        // What the server says first does not overtake the handshake.
        self.last.insert((socket, false), self.now + way);
        self.schedule(way, Event::Input(page, Input::Socket(id, SocketFact::Opened)));
        if self.shut.contains(&(page, id)) {
            self.schedule(way, Event::Hung(socket));
        }
        self.deliver();
    }

    /// Forgets everything that the server knew: another process takes its place.
    pub(crate) fn restart(&mut self) {
        self.forget();
        let open: Vec<SocketId> = self.sockets.keys().copied().collect();
        for socket in open {
            self.hand_up(socket, SocketFact::Closed { code: 1006 });
            self.sockets.remove(&socket);
        }
    }

    /// The same, and nobody notices: sockets stay open.
    pub(crate) fn forget(&mut self) {
        let tokens = Counter(self.count * 1_000);
        self.switch = Switch::new(accounts(), Policy::default(), Box::new(tokens));
    }

    /// Whose event it is.
    fn concerned(&self, event: &Event) -> Option<usize> {
        match event {
            Event::Input(page, _) | Event::Timer(page, ..) => Some(*page),
            Event::Down(socket, _) | Event::Broken(socket) => self.sockets.get(socket).map(|(page, _)| *page),
            Event::Request(..) | Event::Handshake(..) | Event::Up(..) | Event::Hung(_) => None,
        }
    }

    fn close_at_switch(&mut self, socket: SocketId) {
        if self.sockets.remove(&socket).is_some() {
            self.switch.socket_closed(Now(self.now), socket);
            self.deliver();
        }
    }

    /// Remembers which session the server made of an offer.
    fn note_offer(&mut self, asked: &str, answered: &str) {
        let (asked, answered) =
            (kandy_wire::parse(asked).unwrap_or_default(), kandy_wire::parse(answered).unwrap_or_default());
        let offer = &asked["callControlRequest"];
        if let (Some("callStart"), Some(session)) =
            (offer["type"].as_str(), answered["callControlResponse"]["sessionData"].as_str())
        {
            self.offers.insert(offer["sdp"].as_str().unwrap().to_owned(), session.to_owned());
        }
    }

    /// Remembers whose call a callee's session is.
    fn note_leg(&mut self, text: &str) {
        let frame = kandy_wire::parse(text).unwrap_or_default();
        let message = &frame["notificationMessage"];
        if message["eventType"] == "call" {
            let params = &message["sessionParams"];
            // A transfer offers nothing to the one who is called.
            let Some(sdp) = params["sdp"].as_str() else { return };
            let caller = self.offers.get(sdp).expect("an offer that somebody sent");
            self.legs.insert(params["sessionData"].as_str().unwrap().to_owned(), caller.clone());
        }
    }

    fn deliver(&mut self) {
        for delivery in self.switch.deliveries() {
            match delivery {
                Delivery::Frame { socket, text } => {
                    self.note_leg(&text);
                    if self.dice.chance(self.weather.socket_loss) {
                        self.schedule(0, Event::Broken(socket));
                        continue;
                    }
                    let at = self.in_order(socket, false);
                    if self.dice.chance(self.weather.duplicates) {
                        self.schedule(at + self.weather.jitter, Event::Down(socket, text.clone()));
                    }
                    self.schedule(at, Event::Down(socket, text));
                }
                Delivery::Mark { socket } => self.switch.socket_ready(Now(self.now), socket),
                Delivery::Close { socket, .. } => {
                    let at = self.in_order(socket, false);
                    self.schedule(at, Event::Broken(socket));
                }
            }
        }
    }

    /// Connects peer connections that hold each other's descriptions.
    fn meet(&mut self) {
        let mut met = Vec::new();
        for a in 0..self.pages.len() {
            for b in a + 1..self.pages.len() {
                let (left, right) = self.pages.split_at_mut(b);
                let (left, right) = (&mut left[a], &mut right[0]);
                for (x, one) in left.peers.iter_mut().filter(|(id, _)| left.open_peers.contains(*id)) {
                    for (y, other) in right.peers.iter_mut().filter(|(id, _)| right.open_peers.contains(*id)) {
                        if one.meet(other) {
                            met.extend([(a, x.clone()), (b, y.clone())]);
                        }
                    }
                }
            }
        }
        for (page, peer) in met {
            self.tell_connection(page, peer, ConnectionState::Connected);
        }
    }

    fn tell_connection(&mut self, page: usize, peer: PeerId, state: ConnectionState) {
        self.schedule(1, Event::Input(page, Input::Peer(peer, PeerFact::Connection(state))));
    }

    /// A page is told something after the time that a message takes.
    pub(crate) fn later(&mut self, page: usize, input: Input) {
        let way = self.way();
        self.schedule(way, Event::Input(page, input));
    }

    /// A frame for a page, from whom that is connected with it.
    pub(crate) fn down(&mut self, page: usize, text: String) {
        let open = |(socket, (owner, id)): (&SocketId, &(usize, PageSocket))| {
            (*owner == page && !self.shut.contains(&(page, *id))).then_some(*socket)
        };
        let socket = self.sockets.iter().find_map(open).expect("a socket of this page");
        let at = self.in_order(socket, false);
        self.schedule(at, Event::Down(socket, text));
    }

    /// A number that was not used before.
    pub(crate) fn number(&mut self) -> u64 {
        self.count += 1;
        self.count
    }

    pub(crate) fn schedule(&mut self, after: u64, event: Event) {
        self.count += 1;
        self.agenda.insert((self.now + after, self.count), event);
    }

    fn way(&mut self) -> u64 {
        self.weather.delay + self.dice.below(self.weather.jitter + 1)
    }

    /// How long a frame takes that does not overtake the one before.
    fn in_order(&mut self, socket: SocketId, up: bool) -> u64 {
        let at = self.now + self.way();
        if self.weather.reordering {
            return at - self.now;
        }
        let last = self.last.entry((socket, up)).or_default();
        *last = at.max(*last);
        *last - self.now
    }
}

fn timed_out() -> HttpFailure {
    HttpFailure { name: "TimeoutError".to_owned(), message: "The server did not answer in time.".to_owned() }
}
