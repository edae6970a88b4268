//! The switch, its clock and its sockets, and what must hold after every step.

use std::collections::{BTreeMap, BTreeSet};

use kandy_switch::{
    Account, Accounts, Delivery, Directory, Now, Policy, Request, Secrets, SocketId, Switch, UserKey, people_route,
};
use kandy_wire::frame::ServerFrame;

use super::{Step, people, wrapper};
use crate::heard::Heard;

const START: u64 = 1_700_000_000_000;
/// Longest time in ms that one step, and that a whole story may take.
const LONGEST_WAIT: u64 = 2 * 3_600_000;
const LONGEST_STORY: u64 = 12 * 3_600_000;
/// Times that the switch may be woken after everybody has been logged out.
const LAST_TIMERS: usize = 2_000;
/// Bytes of what a switch saves: what [`policy`] lets it keep for all users together, and half of it for what is around.
const SAVED: usize = 3 << 20;
/// Bytes that are saved of a switch on which nobody is logged in, has a call or is waited for.
const SAVED_EMPTY: usize = 4_000;

const ACCOUNTS: &str = r#"[
    {"user":"alice@example.com","password":"alice-pw","displayName":"Alice Archer","authname":"alice-login"},
    {"user":"bob@example.com","password":"bob-pw","firstName":"Bob","lastName":"Baker"},
    {"user":"Carol@example.com","password":"carol-pw","phone":"+1 613 555 0100"},
    {"user":"dave@other.test","displayName":"Dave Unseen","authname":"dave-login"}]"#;
const USERS: [&str; 4] = ["alice@example.com", "bob@example.com", "carol@example.com", "dave@other.test"];
/// A realm of its own, and what nobody outside of it may ever see. Nobody can log in there.
const CLOSED: &str = "other.test";
pub(crate) const UNSEEN: &str = "Dave Unseen";
/// Users that a story may add.
const ADDED: usize = 20;

/// Narrow bounds, so that a short story reaches them.
fn policy() -> Policy {
    const SECOND: u64 = 1_000;
    Policy {
        grants_per_user: 3,
        subscriptions_per_user: 3,
        sessions_per_subscription: 4,
        devices_per_user: 2,
        watches_per_subscription: 3,
        events_per_subscription: 2,
        users_per_event: 3,
        states_at_once: 2,
        forwards_per_call: 2,
        queue_length: 6,
        queue_bytes: 64 << 10,
        user_bytes: 128 << 10,
        token_life_range: (60 * SECOND, 7_200 * SECOND),
        refresh_life: 4 * 3_600 * SECOND,
        subscription_life_range: (60 * SECOND, 7_200 * SECOND),
        ..Policy::default()
    }
}

/// Counts, so that a story can be played again.
struct Counter(u64);

impl Secrets for Counter {
    fn token(&mut self) -> String {
        self.0 += 1;
        format!("secret-{}", self.0)
    }

    fn fingerprint(&self, token: &str) -> String {
        format!("print of {token}")
    }

    /// A key that adds up: the tag is the sum of all bytes, modulo 256.
    fn is_signed(&self, text: &[u8], tag: &[u8]) -> Option<bool> {
        Some(*tag == [text.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte))])
    }
}

pub(crate) struct World {
    switch: Switch,
    directory: Directory,
    now: u64,
    heard: Heard,
    /// The sockets that are open, by their numbers in the story.
    open: BTreeMap<u32, SocketId>,
    sockets: u64,
    restarts: u64,
    /// Sockets that are to say when they have written everything.
    marks: Vec<SocketId>,
    /// Everybody who ever had an account.
    users: BTreeSet<UserKey>,
    /// What was written to sockets and is not looked at yet.
    pub(crate) frames: Vec<String>,
}

impl World {
    /// Nobody is logged in.
    pub(crate) fn new() -> Self {
        let switch = fresh(0);
        Self {
            directory: Directory::new(switch.accounts()),
            switch,
            now: START,
            heard: Heard::default(),
            open: BTreeMap::new(),
            sockets: 0,
            restarts: 0,
            marks: Vec::new(),
            users: USERS.map(UserKey::of).into(),
            frames: Vec::new(),
        }
    }

    /// Something happens, and everything that it led to is looked at.
    pub(crate) fn step(&mut self, step: &Step<'_>) {
        let filled = |text: &str| self.heard.filled(text);
        let now = Now(self.now);
        match step {
            Step::Request { method, target, headers, body } => {
                let (target, body) = (filled(target), filled(body));
                let headers = headers.iter().map(|(name, value)| (*name, filled(value))).collect();
                self.request(method, &target, headers, &body);
            }
            Step::Open { socket, target } => self.open(*socket, &filled(target)),
            Step::Say { socket, text } => {
                if let Some(id) = self.open.get(socket) {
                    self.switch.socket_text(now, *id, text);
                }
            }
            Step::Hear { socket } => {
                if let Some(id) = self.open.get(socket) {
                    self.switch.socket_heard(now, *id);
                }
            }
            Step::Shut { socket } => {
                if let Some(id) = self.open.remove(socket) {
                    self.switch.socket_closed(now, id);
                }
            }
            Step::Ready => {}
            Step::Wait { ms } => self.wait(*ms),
            Step::Restart { ms } => self.restart(*ms),
            Step::LogOut { user } => drop(self.switch.log_out(now, &filled(user))),
            Step::Account { json } => {
                if let Ok(account) = kandy_wire::decode(json) {
                    self.account(account);
                }
            }
            Step::Remove { user } => {
                let user = UserKey::of(&filled(user));
                self.switch.remove_account(now, &user);
                self.directory.remove(&user);
            }
        }
        self.look();
        if *step == Step::Ready {
            self.ready();
        }
    }

    /// The story is over: everybody is logged out, and the switch waits for nothing for ever.
    pub(crate) fn end(mut self) {
        let bounds = policy();
        let most = bounds.grants_per_user + bounds.subscriptions_per_user + bounds.devices_per_user;
        self.saved();
        for user in std::mem::take(&mut self.users) {
            let ended = self.switch.log_out(Now(self.now), user.as_str());
            assert!(ended <= most, "{user:?} had {ended} logins, subscriptions and devices");
        }
        self.look();
        for _ in 0..LAST_TIMERS {
            match self.switch.deadline() {
                Some(at) => self.tick(at),
                None => {
                    let saved = self.saved();
                    assert!(saved.len() <= SAVED_EMPTY, "{} bytes are left: {saved}", saved.len());
                    return;
                }
            }
        }
        panic!("a switch without users is woken for ever");
    }

    fn request(&mut self, method: &str, target: &str, headers: Vec<(&str, String)>, body: &str) {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut peer = "192.0.2.1".to_owned();
        let mut sent: Vec<(&str, String)> = Vec::new();
        for (name, value) in headers {
            match name {
                "peer" => peer = value,
                "login" => sent.push(("authorization", format!("basic {}", base64(&value)))),
                _ => sent.push((name, value)),
            }
        }
        let headers: Vec<(&str, &str)> = sent.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let request = Request { method, path, query, headers: &headers, peer: &peer, body };
        let response = match people_route(method, path) {
            Some(_) => people::serve(&mut self.switch, &self.directory, Now(self.now), &request),
            None => self.switch.request(Now(self.now), &request),
        };
        unseen(&response.body);
        self.heard.learn(&wrapper::checked(method, path, &response));
        for newcomer in self.switch.newcomers() {
            self.switch.catch_up(Now(self.now), &newcomer, &[]);
        }
    }

    fn account(&mut self, account: Account) {
        let user = UserKey::of(&account.user);
        if self.users.len() >= USERS.len() + ADDED || user.domain() == CLOSED {
            return;
        }
        let now = Now(self.now);
        let taken = match self.switch.accounts().find(&user) {
            Some(_) => self.switch.change_account(now, account.clone()),
            None => self.switch.add_account(now, account.clone()),
        };
        if taken.is_ok() {
            self.directory.put(&account);
            self.users.insert(user);
        }
    }

    fn open(&mut self, number: u32, target: &str) {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        self.sockets += 1;
        let id = SocketId(self.sockets);
        match self.switch.socket_opened(Now(self.now), id, path, query) {
            // A number of the story is used again: its older socket goes, and nobody has said so yet.
            Ok(()) => {
                if let Some(older) = self.open.insert(number, id) {
                    self.look_at(Some(older));
                    self.switch.socket_closed(Now(self.now), older);
                }
            }
            Err(refusal) => drop(wrapper::checked("GET", "/", &refusal)),
        }
    }

    fn wait(&mut self, ms: u64) {
        let end = (self.now + ms.min(LONGEST_WAIT)).min(START + LONGEST_STORY);
        while let Some(at) = self.switch.deadline().filter(|at| at.0 <= end) {
            self.tick(at);
        }
        self.now = end.max(self.now);
    }

    fn tick(&mut self, at: Now) {
        self.now = self.now.max(at.0);
        self.switch.tick(Now(self.now));
        assert!(self.switch.deadline().is_none_or(|next| next.0 > self.now), "what is due is waited for once more");
        self.look();
    }

    fn restart(&mut self, ms: u64) {
        let text = self.saved();
        self.look();
        self.now = (self.now + ms.min(LONGEST_WAIT)).min(START + LONGEST_STORY);
        self.restarts += 1;
        self.open.clear();
        self.marks.clear();
        self.switch = fresh(self.restarts);
        restore(&mut self.switch, self.now, &text);
    }

    /// What the switch saves, which is read as it was written.
    fn saved(&mut self) -> String {
        let now = Now(self.now);
        let text = self.switch.save(now);
        assert!(text.len() <= SAVED, "{} bytes are saved", text.len());
        let again = |text: &str| {
            let mut switch = fresh(self.restarts);
            restore(&mut switch, now.0, text);
            switch.save(now)
        };
        // Sockets are not part of it, so the first one that is read differs from what was written.
        let read = again(&text);
        assert_eq!(again(&read), read, "everything is read that is written");
        text
    }

    /// Everything that was handed to the sockets has been written.
    fn ready(&mut self) {
        for socket in std::mem::take(&mut self.marks) {
            self.switch.socket_ready(Now(self.now), socket);
        }
        self.look();
    }

    fn look(&mut self) {
        self.look_at(None);
    }

    /// Takes everything that the switch has for its shell. `also` is a socket that may be written to although it is none of
    /// those that are open.
    fn look_at(&mut self, also: Option<SocketId>) {
        for delivery in self.switch.deliveries() {
            let (Delivery::Frame { socket, .. } | Delivery::Mark { socket } | Delivery::Close { socket, .. }) =
                &delivery;
            let number = self.open.iter().find(|(_, id)| *id == socket).map(|(number, _)| *number);
            assert!(number.is_some() || also == Some(*socket), "{delivery:?} for a socket that is not open");
            match delivery {
                Delivery::Frame { text, .. } => {
                    assert!(ServerFrame::decode(&text).is_ok(), "a frame that no client can read: {text}");
                    unseen(&text);
                    self.heard.learn(&kandy_wire::parse(&text).unwrap_or_default());
                    self.frames.push(text);
                }
                Delivery::Mark { socket } => self.marks.push(socket),
                Delivery::Close { .. } => drop(number.and_then(|number| self.open.remove(&number))),
            }
        }
        for push in self.switch.pushes() {
            assert!(ServerFrame::decode(&push.notification).is_ok(), "a push that no client can read");
            unseen(&push.notification);
        }
        self.frames.drain(..self.frames.len().saturating_sub(100));
        for fact in self.switch.facts() {
            unseen(&format!("{fact:?}"));
        }
        drop((self.switch.delivered(), self.switch.newcomers()));
    }
}

/// Nothing of another realm is in a text.
fn unseen(text: &str) {
    assert!(!text.contains(UNSEEN), "somebody of another realm is seen: {text}");
}

/// A new switch; its secrets are others after each restart, as those of a random source are.
fn fresh(restarts: u64) -> Switch {
    match Accounts::from_json(ACCOUNTS) {
        Ok(mut accounts) => {
            accounts.close_domain(CLOSED);
            Switch::new(accounts, policy(), Box::new(Counter(restarts * 1_000_000)))
        }
        Err(error) => panic!("{error}"),
    }
}

fn restore(switch: &mut Switch, now: u64, text: &str) {
    if let Err(error) = switch.restore(Now(now), text) {
        panic!("{error}: {text}");
    }
}

fn base64(text: &str) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut encoded = String::new();
    for chunk in text.as_bytes().chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let digit = DIGITS.get((bits >> (18 - 6 * place) & 63) as usize).copied().unwrap_or_default();
            encoded.push(if place <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    encoded
}
