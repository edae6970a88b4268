//! Presence: said by one device, watched by another (protocol §6).

use std::collections::{BTreeMap, BTreeSet};

use kandy_switch::{Now, Policy, StoredPresence, UserKey};
use kandy_wire::presence::{Activity, Presence, Status};
use serde_json::{Value, json};

use crate::world::{ACCOUNTS, Device, Flavour, World, kinds};

/// Stories, and steps in each of them.
const STORIES: u64 = 200;
const STEPS: usize = 100;

fn says(world: &mut World, device: &Device, status: &str, activity: &str) {
    let body = json!({"presenceRequest": {"status": status, "activity": activity}});
    assert_eq!(world.ask(device, "POST", "presence", &body), (200, json!({"presenceResponse": {"statusCode": 0}})));
}

fn watcher(world: &mut World, device: &Device, action: &str, users: &[&str]) -> (u16, Value) {
    let body = json!({"presenceWatcherRequest": {"userList": users, "action": action}});
    world.ask(device, "POST", "presenceWatcher", &body)
}

fn watches(world: &mut World, device: &Device, users: &[&str]) {
    let done = json!({"presenceWatcherResponse": {"statusCode": 0}});
    assert_eq!(watcher(world, device, "watch", users), (200, done));
}

/// What a device was told since the last look: name, status and activity.
fn told(world: &mut World, device: &Device) -> Vec<String> {
    let heard = world.heard(device);
    assert!(kinds(&heard).iter().all(|kind| *kind == "presenceWatcher"));
    let params = heard.iter().map(|told| &told["presenceWatcherNotificationParams"]);
    params.map(|p| format!("{} {} {}", p["name"], p["status"], p["activity"]).replace('"', "")).collect()
}

#[test]
fn a_watcher_is_told_at_once_and_of_every_change() {
    for flavour in [Flavour::Uc, Flavour::Link] {
        let mut world = World::new();
        let (alice, bob) = (world.device("alice", flavour), world.uc("bob"));
        says(&mut world, &bob, "open", "active");
        watches(&mut world, &alice, &["Bob@example.com", "nobody@example.com"]);
        assert_eq!(
            told(&mut world, &alice),
            ["Bob@example.com open active", "nobody@example.com closed unknown"],
            "by the names of the request"
        );
        says(&mut world, &bob, "open", "on-the-phone");
        assert_eq!(told(&mut world, &alice), ["Bob@example.com open on-the-phone"]);
        says(&mut world, &bob, "open", "on-the-phone");
        assert_eq!(told(&mut world, &alice), [""; 0], "nothing changed");
        watches(&mut world, &alice, &["bob"]);
        told(&mut world, &alice);
        says(&mut world, &bob, "closed", "away");
        assert_eq!(told(&mut world, &alice), ["Bob@example.com closed away", "bob closed away"]);
        assert_eq!(watcher(&mut world, &alice, "stopwatch", &["Bob@example.com", "nobody@example.com"]).0, 200);
        says(&mut world, &bob, "open", "busy");
        assert_eq!(told(&mut world, &alice), ["bob open busy"]);
        assert_eq!(watcher(&mut world, &alice, "get", &["bob@example.com", "carol@example.com"]).0, 200);
        assert_eq!(told(&mut world, &alice), ["bob@example.com open busy", "carol@example.com closed unknown"]);
    }
}

#[test]
fn all_devices_with_the_service_are_told() {
    let mut world = World::new();
    let (alice, other) = (world.uc("alice"), world.uc("alice"));
    let mut calls = world.subscribed_for("alice", Flavour::Uc, &["call"]);
    world.connect(&mut calls);
    let bob = world.uc("bob");
    watches(&mut world, &alice, &["bob@example.com"]);
    for device in [&alice, &other] {
        assert_eq!(told(&mut world, device), ["bob@example.com closed unknown"]);
    }
    assert_eq!(watcher(&mut world, &calls, "watch", &["bob@example.com"]).0, 403);
    let body = json!({"presenceRequest": {"status": "open", "activity": "busy"}});
    assert_eq!(world.ask(&calls, "POST", "presence", &body).1["presenceResponse"]["statusCode"], 39);
    says(&mut world, &bob, "open", "busy");
    for device in [&alice, &other] {
        assert_eq!(told(&mut world, device), ["bob@example.com open busy"]);
    }
    world.silent(&calls);
    assert_eq!(world.send(&alice, "DELETE", &alice.subscription.clone(), &Value::Null).0, 200);
    says(&mut world, &bob, "open", "away");
    world.silent(&other);
}

#[test]
fn what_a_device_said_ends_with_it() {
    let mut world = World::new();
    let (alice, first, second) = (world.uc("alice"), world.uc("bob"), world.uc("bob"));
    watches(&mut world, &alice, &["bob@example.com"]);
    says(&mut world, &first, "open", "active");
    world.wait(1_800_000);
    says(&mut world, &second, "open", "lunch");
    told(&mut world, &alice);
    assert_eq!(world.send(&second, "DELETE", &second.subscription.clone(), &Value::Null).0, 200);
    assert_eq!(told(&mut world, &alice), ["bob@example.com open active"], "the other device's counts again");
    let subscribe = crate::world::subscribe(&["call", "Presence"]);
    assert_eq!(world.send(&alice, "PUT", &alice.subscription.clone(), &subscribe).0, 200);
    world.wait(1_800_000);
    let heard = world.heard(&alice);
    assert_eq!(heard.last().unwrap()["presenceWatcherNotificationParams"]["status"], "closed", "not extended in time");
    let stored = world.stored();
    assert!(stored.windows(2).all(|pair| pair[0].version < pair[1].version));
    assert_eq!(stored.last().unwrap().said, None);
    let (said, until) = stored[0].said.clone().unwrap();
    assert_eq!((said.activity, until), (Activity::Active, crate::world::START + 3_600_000));
}

#[test]
fn a_watch_survives_the_socket_and_only_the_latest_state_comes_then() {
    let mut world = World::new();
    world.supported.push(kandy_wire::session::RESUME);
    let (mut alice, bob) = (world.uc("alice"), world.uc("bob"));
    watches(&mut world, &alice, &["bob@example.com"]);
    world.wait(3_000);
    let last = world.heard(&alice).pop().unwrap()["eventId"].as_str().unwrap().to_owned();
    world.says(&alice, r#"{"message_type":"ping"}"#);
    world.disconnect(&alice);
    for activity in ["active", "busy", "away"] {
        says(&mut world, &bob, "open", activity);
    }
    assert!(world.resume(&mut alice, &last), "nothing is missing after what was told past the queue");
    assert_eq!(told(&mut world, &alice), ["bob@example.com open away"]);
    // Nothing proves that this arrived.
    world.disconnect(&alice);
    world.connect(&mut alice);
    assert_eq!(told(&mut world, &alice), ["bob@example.com open away"]);
    world.wait(3_000);
    world.says(&alice, r#"{"message_type":"ping"}"#);
    world.disconnect(&alice);
    world.connect(&mut alice);
    world.silent(&alice);
}

#[test]
fn a_burst_is_handed_out_as_fast_as_it_is_written() {
    let mut world = World::with(Policy { states_at_once: 10, ..Policy::default() });
    world.slow = true;
    let (alice, bob) = (world.uc("alice"), world.uc("bob"));
    let users: Vec<String> = (0..35).map(|n| format!("user{n}@example.com")).collect();
    let mut users: Vec<&str> = users.iter().map(String::as_str).collect();
    users.push("bob@example.com");
    watches(&mut world, &alice, &users);
    says(&mut world, &bob, "open", "busy");
    let mut bunches = Vec::new();
    for _ in 0..5 {
        bunches.push(world.heard(&alice).len());
        world.wait(1_000);
        world.silent(&alice);
        world.ready();
    }
    assert_eq!(bunches, [10, 10, 10, 6, 0], "and each user once");
    says(&mut world, &bob, "open", "away");
    assert_eq!(world.heard(&alice).len(), 1, "at once again");
    says(&mut world, &bob, "open", "busy");
    let (old, mut alice) = (alice.clone(), alice);
    world.connect(&mut alice);
    assert_eq!(world.heard(&alice).len(), 10, "a new socket does not wait for what the old one had to write");
    world.switch.socket_ready(Now(world.now), kandy_switch::SocketId(old.socket));
    world.wait(1);
    world.silent(&alice);
}

#[test]
fn lists_and_texts_are_bounded() {
    let mut world = World::with(Policy { watches_per_subscription: 3, ..Policy::default() });
    let alice = world.uc("alice");
    watches(&mut world, &alice, &["a", "b", "c", "a"]);
    watches(&mut world, &alice, &["c"]);
    assert_eq!(watcher(&mut world, &alice, "watch", &["c", "d"]).0, 429);
    assert_eq!(watcher(&mut world, &alice, "get", &["d"; 4]).0, 429);
    assert_eq!(watcher(&mut world, &alice, "stopwatch", &["a"]).0, 200);
    world.wait(3_000);
    world.says(&alice, r#"{"message_type":"ping"}"#);
    watches(&mut world, &alice, &["d"]);
    for name in ["", " ", &"x".repeat(321)] {
        let (status, body) = watcher(&mut world, &alice, "get", &[name]);
        assert_eq!((status, &body["presenceWatcherResponse"]["statusCode"]), (400, &json!(37)), "{name}");
    }
    let note =
        |length: usize| json!({"presenceRequest": {"status": "open", "activity": "other", "note": "ö".repeat(length)}});
    assert_eq!(world.ask(&alice, "POST", "presence", &note(500)).0, 200);
    let bodies = [
        note(501),
        json!({"presenceRequest": {"status": "ajar", "activity": "other"}}),
        json!({"presenceRequest": {"status": "open", "activity": "dancing"}}),
        json!({"presenceRequest": {"status": "open"}}),
        json!([]),
        Value::Null,
    ];
    for body in bodies {
        let (status, answer) = world.ask(&alice, "POST", "presence", &body);
        assert_eq!(status, 400, "{body}");
        assert!(answer["presenceResponse"]["statusCode"].is_i64(), "{answer}");
        let (status, answer) = world.ask(&alice, "POST", "presenceWatcher", &body);
        assert_eq!(status, 400, "{body}");
        assert!(answer["presenceWatcherResponse"]["statusCode"].is_i64(), "{answer}");
    }
}

#[test]
fn presence_and_watches_go_on_over_a_restart() {
    let mut world = World::new();
    let (mut alice, bob) = (world.uc("alice"), world.uc("bob"));
    watches(&mut world, &alice, &["bob@example.com"]);
    says(&mut world, &bob, "open", "busy");
    world.restart(ACCOUNTS, 10_000);
    // What was stored is known better.
    let said = Some((Presence::UNKNOWN, world.now + 1_000_000));
    let stored = StoredPresence { user: UserKey::of("bob@example.com"), version: u64::MAX, said };
    world.switch.recall_presence(Now(world.now), vec![stored]);
    world.connect(&mut alice);
    assert_eq!(told(&mut world, &alice), ["bob@example.com open busy"], "there was no proof that it arrived");
    assert_eq!(world.send(&bob, "DELETE", &bob.subscription.clone(), &Value::Null).0, 200);
    assert_eq!(told(&mut world, &alice), ["bob@example.com closed unknown"]);
}

#[test]
fn what_was_stored_counts_until_its_time_or_until_the_user_is_back() {
    let stored = |user: &str, until: u64| StoredPresence {
        user: UserKey::of(user),
        version: 1,
        said: Some((Presence { status: Status::Open, activity: Activity::Busy, note: None }, until)),
    };
    let mut world = World::new();
    let now = world.now;
    let rows = [("bob", now + 10_000), ("carol", now + 20_000), ("alice", now), ("stranger", now + 10_000)];
    let rows = rows.map(|(user, until)| stored(&format!("{user}@example.com"), until));
    world.switch.recall_presence(Now(now), rows.into());
    let alice = world.uc("alice");
    let users = ["bob", "carol", "alice", "stranger"];
    watches(&mut world, &alice, &users);
    let closed = ["alice closed unknown", "stranger closed unknown"];
    assert_eq!(told(&mut world, &alice), [["bob open busy", "carol open busy"], closed].concat());
    let carol = world.uc("carol");
    says(&mut world, &carol, "open", "active");
    world.wait(20_000);
    assert_eq!(told(&mut world, &alice), ["carol open active", "bob closed unknown"]);
    let stored = world.stored();
    assert_eq!(stored.len(), 1);
    assert_eq!((stored[0].user.as_str(), &stored[0].said), ("bob@example.com", &None));
}

#[test]
fn what_was_stored_of_a_user_ends_with_their_account_or_when_they_are_logged_out() {
    let mut world = World::new();
    let bob = UserKey::of("bob@example.com");
    let said = Some((Presence { status: Status::Open, ..Presence::UNKNOWN }, world.now + 1_000_000));
    let stored = StoredPresence { user: bob.clone(), version: 1, said };
    world.switch.recall_presence(Now(world.now), vec![stored.clone()]);
    world.switch.log_out(Now(world.now), "bob@example.com");
    let alice = world.uc("alice");
    watches(&mut world, &alice, &["bob"]);
    assert_eq!(told(&mut world, &alice), ["bob closed unknown"]);
    assert_eq!(world.stored().pop().unwrap().said, None);
    world.switch.recall_presence(Now(world.now), vec![stored]);
    let accounts = ACCOUNTS.replace("bob@example.com", "robert@example.com");
    world.restart(&accounts, 0);
    world.ready();
    assert_eq!(world.stored().pop().unwrap().said, None);
}

/// Three users, two of them with two devices, who say things, watch each other, lose their sockets and are slow.
#[test]
fn whatever_happens_who_watches_knows_the_truth_in_the_end() {
    const ACTIVITIES: [&str; 4] = ["active", "busy", "away", "on-the-phone"];
    for seed in 1..=STORIES {
        let mut random = seed;
        let mut draw = |bound: usize| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) as usize % bound
        };
        let mut world = World::with(Policy { states_at_once: 2, ..Policy::default() });
        world.slow = seed.is_multiple_of(2);
        let users = ["alice", "bob", "carol", "bob", "carol"];
        let mut devices = users.map(|user| world.device(user, Flavour::Uc));
        let mut online = [true; 5];
        // The newest of what each user's devices said, and what each device was told last of each user.
        let mut truth: BTreeMap<&str, &str> = BTreeMap::new();
        let mut known: [BTreeMap<String, String>; 5] = Default::default();
        let mut watched: [BTreeSet<&str>; 5] = Default::default();
        for _ in 0..STEPS {
            let at = draw(5);
            let (user, whom) = (users[at], users[draw(3)]);
            match draw(12) {
                0..4 => {
                    let activity = ACTIVITIES[draw(4)];
                    says(&mut world, &devices[at], "open", activity);
                    truth.insert(user, activity);
                }
                4..6 => {
                    watches(&mut world, &devices[at], &[whom]);
                    watched[at].insert(whom);
                }
                6 => {
                    assert_eq!(watcher(&mut world, &devices[at], "stopwatch", &[whom]).0, 200);
                    // If this device did not watch, another one of the user may have.
                    let mine = (0..5).filter(|other| users[*other] == user && watched[*other].contains(whom));
                    if let Some(stopped) = mine.min_by_key(|other| *other != at) {
                        watched[stopped].remove(whom);
                    }
                }
                7 if online[at] => {
                    world.disconnect(&devices[at]);
                    // What was on its way is lost.
                    world.frames(&devices[at]);
                    online[at] = false;
                }
                7..9 => {
                    world.connect(&mut devices[at]);
                    online[at] = true;
                }
                9 => world.says(&devices[at], r#"{"message_type":"ping"}"#),
                10 => world.ready(),
                _ => world.wait([10, 500, 3_000][draw(3)]),
            }
            for (device, known) in devices.iter().zip(&mut known) {
                learn(&mut world, device, known);
            }
        }
        for (device, known) in devices.iter_mut().zip(&mut known) {
            world.connect(device);
            for _ in 0..4 {
                world.ready();
                learn(&mut world, device, known);
            }
        }
        for (at, known) in known.iter().enumerate() {
            let mine = (0..5).filter(|other| users[*other] == users[at]);
            for whom in mine.flat_map(|other| &watched[other]) {
                let wanted = truth.get(whom).copied().unwrap_or("unknown");
                assert_eq!(known.get(*whom).map(String::as_str), Some(wanted), "seed {seed}, device {at} of {whom}");
            }
        }
    }
}

/// What a device was told, the latest last.
fn learn(world: &mut World, device: &Device, known: &mut BTreeMap<String, String>) {
    for told in world.heard(device).iter().map(|told| &told["presenceWatcherNotificationParams"]) {
        known.insert(crate::world::text(&told["name"]), crate::world::text(&told["activity"]));
    }
}
