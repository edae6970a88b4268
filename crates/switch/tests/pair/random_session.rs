//! Random schedules of logins and faults: sockets that break or fall silent, pages that sleep, a browser without a network, a
//! server that forgets everything. Then all of it heals, and everybody has to be reachable again, or to know that they are not.

use std::collections::{BTreeMap, BTreeSet};

use kandy_core::{Event, input::PageFact, query::CallState};

use crate::{faults::Swallowed, network::Weather, random::check_nothing_left, world::World};

/// Milliseconds after which a dead socket is known: `pingInterval`, the grace for an answer, and a way.
const KNOWN: u64 = 30_000 + 10_000 + 100;

/// What happened in all schedules.
#[derive(Debug, Default)]
struct Tally(BTreeMap<String, u64>);

impl Tally {
    fn note(&mut self, what: &str) {
        *self.0.entry(what.to_owned()).or_default() += 1;
    }
}

#[test]
fn no_schedule_of_faults_leaves_a_login_stuck() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let clock = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let (schedules, seed) = match number("SESSION_SCHEDULES") {
        Some(wanted) => (wanted, clock.as_nanos() as u64 % 1_000_000_000_000),
        None => (400, 1),
    };
    let first = number("SESSION_SEED").unwrap_or(seed);
    println!("session: {schedules} schedules from seed {first}");
    let start = std::time::Instant::now();
    let mut tally = Tally::default();
    for seed in first..first + schedules {
        match std::panic::catch_unwind(|| schedule(seed)) {
            Ok(one) => one.0.into_iter().for_each(|(what, count)| *tally.0.entry(what).or_default() += count),
            Err(why) => {
                println!("session: failed with SESSION_SEED={seed} SESSION_SCHEDULES=1");
                std::panic::resume_unwind(why);
            }
        }
    }
    let rate = schedules as f64 / start.elapsed().as_secs_f64();
    println!("session: {rate:.0} schedules/s");
    for (what, count) in &tally.0 {
        println!("session: {count:>9} x {what}");
    }
    if schedules >= 400 {
        for wanted in
            ["came back", "was still there", "had to log in again", "auth:change LOST_CONNECTION", "auth:resub"]
        {
            assert!(tally.0.contains_key(wanted), "{wanted} never happened");
        }
    }
}

/// A seed that failed once stays a test.
#[test]
fn what_failed_once_does_not_fail_again() {
    FAILED_ONCE.into_iter().for_each(|seed| drop(schedule(seed)));
}

const FAILED_ONCE: [u64; 5] = [7, 10, 166, 964_411_840_576, 604_248_026_070];

/// One page, as the schedule knows it.
#[derive(Debug, Default, Clone, Copy)]
struct Seen {
    /// Since when its network swallows what it is sent or what it sends.
    silent: Option<u64>,
    offline: bool,
    kept: bool,
}

fn schedule(seed: u64) -> Tally {
    let mut tally = Tally::default();
    let mut world = World::new(seed);
    let pages = [("alice@example.com", "v2.0"), ("bob@example.com", "1"), ("carol@example.com", "v2.0")];
    let pages = pages.map(|(user, version)| world.page(user, version));
    let mut seen = [Seen::default(); 3];
    for page in pages {
        // Some never give up.
        if world.dice.chance(300) {
            world.pages[page].configure(|config| config.connectivity.reconnect_limit = 0);
        }
        if world.dice.chance(300) {
            world.pages[page].configure(|config| config.connectivity.method.kind = Some("pingPong".to_owned()));
        }
        world.connect(page);
    }
    for _ in 0..20 + world.dice.below(20) {
        let page = *world.dice.pick(&pages);
        step(&mut world, page, &mut seen[page]);
        let wait = *world.dice.pick(&[0, 10, 1_000, 7_000, 45_000, 45_000, 200_000, 3_000_000]);
        pass(&mut world, wait, &seen);
    }
    heal(&mut world, &pages, &mut seen, &mut tally);
    everybody_can_be_called(&mut world, &pages);
    for page in pages {
        for name in world.pages[page].names() {
            if name.starts_with("auth:") {
                tally.note(&name);
            }
        }
        nothing_twice(&world, page);
    }
    tally
}

fn step(world: &mut World, page: usize, seen: &mut Seen) {
    let is_asleep = world.asleep.contains_key(&page);
    match world.dice.below(20) {
        0 if !is_asleep && !seen.kept => world.connect(page),
        1 if !is_asleep && !seen.kept => world.act(page, r#"{"type":"disconnect"}"#),
        2 | 3 => world.cut(page),
        4 | 5 => {
            let what = *world.dice.pick(&[Swallowed::Both, Swallowed::Sent, Swallowed::Received]);
            world.swallow(page, Some(what));
            seen.silent = Some(world.now);
        }
        6 | 7 => {
            world.swallow(page, None);
            seen.silent = None;
        }
        8 => world.sleep(page),
        9 | 10 if is_asleep => {
            world.wake(page);
            world.tell(page, PageFact::Awake);
        }
        11 if !is_asleep => {
            world.tell(page, PageFact::Offline);
            seen.offline = true;
        }
        12 if !is_asleep => {
            world.tell(page, PageFact::Online);
            seen.offline = false;
        }
        13 if !is_asleep && !seen.kept => {
            world.tell(page, PageFact::Kept);
            seen.kept = true;
        }
        14 if seen.kept && !is_asleep => {
            world.tell(page, PageFact::Back);
            seen.kept = false;
        }
        15 => world.restart(),
        16 => {
            world.weather.request_loss = *world.dice.pick(&[0, 0, 300, 1_000]);
            world.weather.response_loss = *world.dice.pick(&[0, 0, 300]);
            world.weather.socket_refusal = *world.dice.pick(&[0, 0, 300, 1_000]);
            world.weather.duplicates = *world.dice.pick(&[0, 200]);
        }
        _ if !is_asleep && !seen.kept => call(world, page),
        _ => {}
    }
}

/// Makes a call, takes one, or ends one.
fn call(world: &mut World, page: usize) {
    let live = world.pages[page].live_calls();
    match live.last() {
        Some(call) => {
            let what = *world.dice.pick(&["answer", "answer", "end", "hold"]);
            world.on_call(page, what, &call.id.0);
        }
        None => {
            let to = *world.dice.pick(&["alice", "bob", "carol"]);
            world.make(page, to, r#"{"audio":true}"#);
        }
    }
}

/// Lets time pass, and looks every now and then whether anybody says what is not true.
fn pass(world: &mut World, milliseconds: u64, seen: &[Seen]) {
    let end = world.now + milliseconds;
    while world.now < end {
        world.run((end - world.now).min(5_000));
        for (page, seen) in seen.iter().enumerate() {
            // Of a server that never answered, it is not known that it should.
            let awake = !world.asleep.contains_key(&page) && world.answered.contains(&page);
            let since = seen.silent.filter(|_| awake);
            if since.is_some_and(|since| world.now > since + KNOWN) {
                // A logout counts as connected until it is done (api-behaviour 5.3).
                let connected = world.connection(page) == (true, false);
                // Nothing has reached it, or nothing that it asked.
                let (what, heard) = (world.swallowed[&page], world.last_down.get(&page));
                assert!(
                    !connected || what == Swallowed::Sent && heard_of_late(world, page),
                    "{page} is connected although its network swallows {what:?} since {since:?}; last heard {heard:?}, now {}\n{}",
                    world.now,
                    world.report()
                );
            }
        }
    }
}

/// The server spoke of its own accord.
fn heard_of_late(world: &World, page: usize) -> bool {
    world.last_down.get(&page).is_some_and(|at| world.now <= at + KNOWN)
}

/// Everything is well again; whoever was logged in has to come back or to know that it has not.
fn heal(world: &mut World, pages: &[usize], seen: &mut [Seen], tally: &mut Tally) {
    let before: Vec<(bool, bool)> = pages.iter().map(|page| world.connection(*page)).collect();
    world.weather = Weather::FINE;
    for page in pages {
        world.swallow(*page, None);
        if world.asleep.contains_key(page) {
            world.wake(*page);
            world.tell(*page, PageFact::Awake);
        }
        if std::mem::take(&mut seen[*page].offline) {
            world.tell(*page, PageFact::Online);
        }
        if std::mem::take(&mut seen[*page].kept) {
            world.tell(*page, PageFact::Back);
        }
        seen[*page].silent = None;
    }
    // A pause is at most five seconds and a quarter, a login four steps of at most 20 s.
    world.run(180_000);
    for (page, before) in pages.iter().zip(before) {
        match (world.connection(*page), before) {
            ((true, false), (true, false)) => tally.note("was still there"),
            ((true, false), _) => tally.note("came back"),
            ((false, false), _) => {
                tally.note("had to log in again");
                world.connect(*page);
                world.run(60_000);
            }
            _ => {}
        }
        assert_eq!(world.connection(*page), (true, false), "{page} is stuck\n{}", world.report());
    }
}

/// Each calls the next, and they hear each other.
fn everybody_can_be_called(world: &mut World, pages: &[usize]) {
    for page in pages {
        for call in world.pages[*page].live_calls() {
            world.on_call(*page, "end", &call.id.0);
        }
    }
    world.run(130_000);
    for page in pages {
        assert!(world.pages[*page].live_calls().is_empty(), "{page} has a call left\n{}", world.report());
    }
    for (from, to, name) in [(pages[0], pages[1], "bob"), (pages[1], pages[2], "carol"), (pages[2], pages[0], "alice")]
    {
        world.make(from, name, r#"{"audio":true}"#);
        world.until("it rings", |w| w.pages[to].live_calls().iter().any(|call| call.state == CallState::Ringing));
        let id = world.pages[to].call().id.0;
        world.on_call(to, "answer", &id);
        let up =
            |w: &World, page: usize| w.pages[page].live_calls().iter().any(|call| call.state == CallState::Connected);
        world.until("both are connected", |w| up(w, from) && up(w, to));
        world.on_call(from, "end", &world.pages[from].call().id.0.clone());
        world.run(1_000);
    }
    world.run(5_000);
    check_nothing_left(world);
}

/// No notification was acted upon twice.
fn nothing_twice(world: &World, page: usize) {
    let mut ids = BTreeSet::new();
    for event in &world.pages[page].events {
        if let Event::NotificationReceived { payload, .. } = event {
            let id = &payload["notificationMessage"]["eventId"];
            assert!(ids.insert(id.to_string()), "{page} acted upon {id} twice\n{}", world.report());
        }
    }
}
