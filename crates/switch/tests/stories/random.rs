//! Three users who do anything at any time, sensible or not: what must hold in every such story.

use std::collections::{BTreeMap, BTreeSet};

use kandy_wire::history::Direction;
use serde_json::{Value, json};

use crate::world::{ACCOUNTS, Device, Flavour, World, session};

/// Stories, and steps in each of them.
const STORIES: u64 = 400;
const STEPS: usize = 120;

#[test]
fn every_session_ends_and_every_transfer_is_reported() {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for seed in 1..=STORIES {
        let told = Story::new(seed).play();
        for (kind, count) in told {
            *seen.entry(kind).or_default() += count;
        }
    }
    let kinds = ["call", "ringing", "respondCallUpdate", "startCallUpdate", "callEnd", "sessionFail"];
    for kind in kinds.into_iter().chain(["Direct Transfer Successful", "Transfer Successful"]) {
        assert!(seen.get(kind).is_some_and(|count| *count > 50), "too few to mean anything: {kind} of {seen:?}");
    }
}

/// What a client knows of a session.
#[derive(Default)]
struct Known {
    /// It asked for the end, which was granted.
    left: bool,
    /// It was told of the end.
    over: bool,
    /// The transfers of whose outcome it waits to hear.
    transfers: usize,
}

struct Client {
    device: Device,
    online: bool,
    sessions: BTreeMap<String, Known>,
    /// Ids of notifications, by which clients drop what comes again.
    ids: BTreeSet<String>,
    /// The last one of them, as clients that resume name it.
    last: String,
    /// What a sensible client would do next.
    todo: Vec<(String, Value)>,
    /// The last session that got an answer.
    talks: Option<String>,
}

struct Story {
    seed: u64,
    random: u64,
    world: World,
    clients: Vec<Client>,
    told: BTreeMap<String, usize>,
    /// Calls that the switch accepted.
    started: usize,
    clicks: usize,
}

impl Story {
    fn new(seed: u64) -> Self {
        let mut world = World::new();
        if seed.is_multiple_of(2) {
            world.supported.push(kandy_wire::session::EARLY_NOTIFICATIONS);
        }
        if seed.is_multiple_of(3) {
            world.supported.push(kandy_wire::session::RESUME);
        }
        // Of two Link clients of one user at one address nobody could tell which one calls (§4.1).
        let users = [("alice", Flavour::Link), ("bob", Flavour::Uc), ("carol", Flavour::Link), ("bob", Flavour::Uc)];
        let clients = users.map(|(user, flavour)| Client {
            device: world.device(user, flavour),
            online: true,
            sessions: BTreeMap::new(),
            ids: BTreeSet::new(),
            last: String::new(),
            todo: Vec::new(),
            talks: None,
        });
        Self { seed, random: seed, world, clients: clients.into(), told: BTreeMap::new(), started: 0, clicks: 0 }
    }

    fn play(mut self) -> BTreeMap<String, usize> {
        for _ in 0..STEPS {
            self.step();
            self.listen();
        }
        for at in 0..self.clients.len() {
            self.online(at, true);
            self.listen();
        }
        // Nobody audits any more: whatever still lives is given up.
        for _ in 0..8 {
            self.world.wait(50_000);
            self.listen();
        }
        let mut world = self.world;
        for client in &self.clients {
            for (id, known) in &client.sessions {
                let place = format!("seed {}, {} of {}", self.seed, id, client.device.user);
                assert!(known.left || known.over, "{place} was never told of its end");
                assert!(known.left || known.transfers == 0, "{place} was never told what became of its transfer");
                assert_eq!(world.control(&client.device, id, &json!({"type": "audit"})), 404, "{place} lives on");
            }
        }
        // Every call that was accepted has one record of who called, as has every click that led to a call.
        let outgoing = world.records().iter().filter(|record| record.direction == Direction::Outgoing).count();
        let (least, most) = (self.started, self.started + self.clicks);
        assert!((least..=most).contains(&outgoing), "seed {}: {least} <= {outgoing} <= {most}", self.seed);
        // Nothing takes up room: the bound of sessions is free again, on both sides.
        world.wait(1_000);
        for client in &self.clients {
            world.heard(&client.device);
        }
        let (alice, bob) = (&self.clients[0].device, &self.clients[1].device);
        for _ in 0..16 {
            world.start(alice, "bob");
            world.one(bob, "call");
        }
        self.told
    }

    /// Draws a number below `bound`.
    fn draw(&mut self, bound: usize) -> usize {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 33) as usize % bound
    }

    fn step(&mut self) {
        let at = self.draw(self.clients.len());
        match self.draw(20) {
            0..3 => {
                let ms = [1, 30, 60, 200, 2_000, 9_000, 30_000][self.draw(7)];
                self.world.wait(ms);
            }
            3 if self.seed.is_multiple_of(5) && self.draw(3) == 0 => {
                let down = [0, 1_000, 70_000][self.draw(3)];
                self.world.restart(ACCOUNTS, down);
                self.clients.iter_mut().for_each(|client| client.online = false);
            }
            3 => {
                let online = !self.clients[at].online;
                self.online(at, online);
            }
            4..7 => self.begin(at),
            7..15 if !self.clients[at].todo.is_empty() => {
                let todo = self.draw(self.clients[at].todo.len());
                let (session, wish) = self.clients[at].todo.remove(todo);
                self.ask(at, &session, &wish);
            }
            _ => {
                let sessions: Vec<String> = self.clients[at].sessions.keys().cloned().collect();
                if !sessions.is_empty() {
                    let (one, other) = (self.draw(sessions.len()), self.draw(sessions.len()));
                    let wish = self.wish(&sessions[other]);
                    self.ask(at, &sessions[one], &wish);
                }
            }
        }
    }

    fn online(&mut self, at: usize, online: bool) {
        let client = &mut self.clients[at];
        match (client.online, online) {
            (false, true) if self.seed.is_multiple_of(3) => {
                let complete = self.world.resume(&mut client.device, &client.last);
                assert!(complete, "seed {}: nobody was away for long", self.seed);
            }
            (false, true) => self.world.connect(&mut client.device),
            (true, false) => self.world.disconnect(&client.device),
            _ => return,
        }
        client.online = online;
    }

    fn user(&mut self) -> &'static str {
        ["alice", "bob", "carol", "nobody"][self.draw(4)]
    }

    /// Starts a call, one way or the other.
    fn begin(&mut self, at: usize) {
        let to = self.user();
        if self.draw(4) == 0 {
            let device = self.clients[at].device.clone();
            let wish = json!({"clickToCallRequest": {"callingParty": device.user, "calledParty": to}});
            let (status, _) = self.world.send(&device, "POST", "clicktocall", &wish);
            self.clicks += usize::from(status == 200);
        } else if self.clients[at].sessions.values().filter(|known| !known.left && !known.over).count() < 10 {
            let id = self.world.start(&self.clients[at].device, to);
            self.clients[at].sessions.insert(id, Known::default());
            self.started += 1;
        }
    }

    /// Anything that may be asked of a session.
    fn wish(&mut self, other: &str) -> Value {
        let (sdp, to) = (format!("sdp {}", self.draw(1_000)), self.user());
        match self.draw(12) {
            0 => json!({"type": "ringing"}),
            1 => json!({"type": "callAnswer", "sdp": sdp}),
            2..4 => json!({"type": "startCallUpdate", "sdp": sdp}),
            4 => json!({"type": "respondCallUpdate", "sdp": sdp}),
            5 => json!({"type": "audit"}),
            6..8 => json!({"type": "transfer", "address": to}),
            8..10 => json!({"type": "transfer", "address": to, "sessionData": other}),
            10 => json!({"action": "forward", "address": to}),
            _ => [json!({"action": "reject"}), json!({"type": "end"})][self.draw(2)].clone(),
        }
    }

    fn ask(&mut self, at: usize, id: &str, wish: &Value) {
        let device = self.clients[at].device.clone();
        let status = if wish["type"] == "end" {
            self.world.end(&device, id)
        } else if wish["action"].is_string() {
            let mut wish = wish.clone();
            wish["sessionData"] = json!(id);
            self.world.dispose(&device, &wish)
        } else {
            self.world.control(&device, id, wish)
        };
        assert!(status == 200 || (400..500).contains(&status), "seed {}: {wish} gets {status}", self.seed);
        if status != 200 {
            return;
        }
        let sessions = &mut self.clients[at].sessions;
        if wish["type"] == "end" || wish["action"].is_string() {
            sessions.get_mut(id).unwrap().left = true;
        }
        if wish["type"] == "transfer" {
            sessions.get_mut(id).unwrap().transfers += 1;
            // Of several devices of a user, the other call may be another one's.
            if let Some(other) = wish["sessionData"].as_str() {
                let owner = self.clients.iter_mut().find_map(|client| client.sessions.get_mut(other));
                owner.unwrap().transfers += 1;
            }
        }
    }

    /// Everybody takes what was told.
    fn listen(&mut self) {
        for client in &mut self.clients {
            for notice in self.world.heard(&client.device) {
                client.last = crate::world::text(&notice["eventId"]);
                if client.ids.insert(client.last.clone()) {
                    let kind = notice["eventType"].as_str().unwrap().to_owned();
                    client.take(&kind, &notice, self.seed);
                    let words = notice["sessionParams"]["reasonText"].as_str().filter(|_| kind == "sessionComplete");
                    *self.told.entry(words.unwrap_or(&kind).to_owned()).or_default() += 1;
                }
            }
        }
    }
}

impl Client {
    fn take(&mut self, kind: &str, notice: &Value, seed: u64) {
        let id = session(notice);
        let place = format!("seed {seed}, {kind} for {id} of {}", self.device.user);
        let slow = notice["sessionParams"]["sdp"].is_null();
        if kind == "call" {
            assert!(self.sessions.insert(id.clone(), Known::default()).is_none(), "{place}: offered twice");
            self.todo.push((id.clone(), json!({"type": "ringing"})));
            self.todo.push((id, json!({"type": "callAnswer", "sdp": if slow { "an offer" } else { "an answer" }})));
            return;
        }
        let known = self.sessions.get_mut(&id).unwrap_or_else(|| panic!("{place}: never heard of it"));
        match kind {
            "startCallUpdate" => {
                let sdp = if slow { "an offer" } else { "an answer" };
                self.todo.push((id, json!({"type": "respondCallUpdate", "sdp": sdp})));
                assert!(!known.over, "{place} after the end");
            }
            "ringing" => assert!(!known.over, "{place} after the end"),
            "respondCallUpdate" => {
                assert!(!known.over, "{place} after the end");
                let transfer = json!({"type": "transfer", "address": "carol", "sessionData": self.talks});
                self.todo.push((id.clone(), transfer));
                self.talks = Some(id);
            }
            "sessionFail" => {
                assert!(known.transfers > 0, "{place}: no transfer");
                assert!(!known.over, "{place} after the end");
                known.transfers -= 1;
            }
            "sessionComplete" => {
                // Whoever asks for a session that is over is told again.
                assert!(known.transfers == 1 || known.over, "{place}: no transfer");
                (known.transfers, known.over) = (0, true);
            }
            "callEnd" => {
                assert!(known.transfers == 0 || known.left, "{place}: taken for the success of its transfer");
                known.over = true;
            }
            _ => panic!("{place}"),
        }
    }
}
