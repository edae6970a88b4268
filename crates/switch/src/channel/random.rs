//! A client that resumes over a network that breaks at any time, against all that its channel was given: it gets every
//! notification once and in order, or is told that something is missing, and is told so only if it is true.

use std::collections::VecDeque;

use kandy_wire::SessionId;

use super::{Bounds, Channel, Kept, Kind};
use crate::SocketId;

/// Stories, and steps in each of them.
const STORIES: u64 = 3_000;
const STEPS: usize = 250;

#[test]
fn a_client_that_resumes_has_everything_or_knows_that_it_has_not() {
    let mut seen = Seen::default();
    for seed in 1..=STORIES {
        Story::new(seed).play(&mut seen);
    }
    let Seen { got, again, complete, incomplete, taken_over } = seen;
    for (what, count) in [("got", got), ("again", again), ("complete", complete), ("incomplete", incomplete)] {
        assert!(count > 1_000, "too few to mean anything: {what} {count}");
    }
    assert!(taken_over > 1_000, "too few sockets that took over: {taken_over}");
}

/// What the stories have come across.
#[derive(Default)]
struct Seen {
    got: usize,
    again: usize,
    complete: usize,
    incomplete: usize,
    taken_over: usize,
}

struct Story {
    seed: u64,
    random: u64,
    now: u64,
    channel: Channel,
    sockets: u64,
    /// What is on its way on the socket that the client listens to.
    wire: VecDeque<u64>,
    /// Everything that the client was to be told, in order.
    pushed: Vec<u64>,
    /// Everything that the client took, in order.
    got: Vec<u64>,
    /// Up to where the client was told that something may be missing, and has asked in other ways.
    excused: u64,
}

impl Story {
    fn new(seed: u64) -> Self {
        let bounds = Bounds { length: 8, bytes: 60, resume_for: Some(100) };
        let channel = Channel::new(0, bounds);
        let (wire, pushed, got) = (VecDeque::new(), Vec::new(), Vec::new());
        Self { seed, random: seed, now: 0, channel, sockets: 0, wire, pushed, got, excused: 0 }
    }

    fn play(mut self, seen: &mut Seen) {
        for _ in 0..STEPS {
            match self.draw(16) {
                0..6 => self.push(),
                6..9 => self.arrive(seen),
                9..11 => self.now += [1, 5, 20, 70][self.draw(4)],
                11 | 12 => self.channel.heard(SocketId(self.sockets), self.now, 3),
                13 => {
                    // What is on its way is lost with the socket.
                    self.wire.clear();
                    self.channel.close(SocketId(self.sockets), self.now);
                }
                _ => self.resume(seen),
            }
        }
        self.resume(seen);
        while !self.wire.is_empty() {
            self.arrive(seen);
        }
        let (owed, got) = ([&self.pushed, &self.got]).map(|all| all.iter().filter(|e| **e > self.excused)).into();
        assert!(Iterator::eq(owed, got), "seed {}: {:?} of {:?}", self.seed, self.got, self.pushed);
        assert!(self.got.is_sorted_by(|a, b| a < b), "seed {}: {:?}", self.seed, self.got);
        seen.got += self.got.len();
    }

    /// Draws a number below `bound`.
    fn draw(&mut self, bound: usize) -> usize {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 33) as usize % bound
    }

    fn push(&mut self) {
        let event = self.pushed.last().map_or(1, |last| last + 1);
        self.pushed.push(event);
        let session = SessionId(event.to_string());
        self.channel.push(Kept::new(format!("{event:>6}"), event, session, Kind::Middle, self.now));
        self.write();
    }

    fn write(&mut self) {
        for (socket, text) in self.channel.write(self.now) {
            assert_eq!(socket.0, self.sockets, "only the newest socket is written to");
            self.wire.push_back(text.trim().parse().unwrap());
        }
    }

    /// The next one on its way reaches the client, which drops what it has.
    fn arrive(&mut self, seen: &mut Seen) {
        let Some(event) = self.wire.pop_front() else { return };
        if self.got.contains(&event) {
            seen.again += 1;
        } else {
            self.got.push(event);
        }
    }

    /// The client comes back, maybe before the end of its socket was noticed.
    fn resume(&mut self, seen: &mut Seen) {
        self.wire.clear();
        seen.taken_over += usize::from(self.channel.socket().is_some());
        // Sometimes not the last one: a proof only becomes a worse one by that.
        let after = if self.draw(8) == 0 { self.draw(self.got.len() + 1) } else { self.got.len() };
        let after = after.checked_sub(1).map(|at| self.got[at]);
        let complete = self.channel.resume(self.now, after);
        self.sockets += 1;
        self.channel.open(SocketId(self.sockets));
        self.write();
        let owed = self.pushed.iter().filter(|event| Some(**event) > after);
        let missing = owed.filter(|event| !self.wire.contains(event)).count();
        assert_eq!(complete, missing == 0, "seed {}: after {after:?} of {:?}", self.seed, self.pushed);
        if complete {
            seen.complete += 1;
        } else {
            seen.incomplete += 1;
            self.excused = self.pushed.last().copied().unwrap_or_default();
        }
    }
}
