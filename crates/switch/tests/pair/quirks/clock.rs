//! The virtual clock of the pages that a recording is played to, and what becomes of their errands.

use kandy_core::{
    Input, PeerId,
    effect::TimerId,
    input::{ConnectionState, PeerFact},
};

use super::{asked::asked, player::Player};
use crate::page::Errand;

/// Milliseconds in which a client must do what it is expected to do: longer than any of its own intervals.
pub(super) const PATIENCE: u64 = 60_000;

/// Something that will happen in a page.
pub(super) enum Due {
    Input(Input),
    Timer(TimerId, u64),
}

impl Player {
    /// Lets time pass.
    pub(super) fn run(&mut self, milliseconds: u64) {
        let end = self.now + milliseconds;
        while self.step(end) {}
        self.now = end;
    }

    /// Lets everything happen that needs no timer of the clients.
    pub(super) fn settle(&mut self) {
        loop {
            let next = self.agenda.iter().find(|(_, (_, due))| matches!(due, Due::Input(_))).map(|(at, _)| *at);
            let Some(key) = next else { break };
            let Some((page, Due::Input(input))) = self.agenda.remove(&key) else { break };
            self.now = self.now.max(key.0);
            self.feed(page, input);
        }
    }

    /// Lets time pass until something holds.
    pub(super) fn until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) {
        let end = self.now + self.patience;
        while !holds(self) {
            let waiting: Vec<&str> = self.waiting.iter().map(|asked| asked.what.as_str()).collect();
            let waiting = format!("waiting: {waiting:?}");
            assert!(self.step(end), "{}: not in time: {what}\n{waiting}\n{}", self.name, self.report());
        }
    }

    /// The next thing that happens, unless it is later than `end`.
    fn step(&mut self, end: u64) -> bool {
        let Some(entry) = self.agenda.first_entry().filter(|entry| entry.key().0 <= end) else { return false };
        self.now = self.now.max(entry.key().0);
        let (page, due) = entry.remove();
        match due {
            Due::Input(input) => self.feed(page, input),
            Due::Timer(id, generation) => {
                if self.pages[page].timers.get(&id) == Some(&generation) {
                    self.pages[page].timers.remove(&id);
                    self.feed(page, Input::Timer(id));
                }
            }
        }
        true
    }

    pub(super) fn feed(&mut self, page: usize, input: Input) {
        let errands = self.pages[page].feed(self.now, input);
        self.run_errands(page, errands);
    }

    pub(super) fn run_errands(&mut self, page: usize, errands: Vec<Errand>) {
        for errand in errands {
            match errand {
                Errand::Http(op, request) => {
                    self.waiting.push(asked(page, op, &request));
                    self.sent.push((page, request));
                }
                Errand::OpenSocket(socket, address) => {
                    self.dialling.push_back((page, socket));
                    self.addresses.push((page, address));
                }
                // What the recorded servers answer stands in the recording.
                Errand::Send(_, frame) => self.frames.push((page, frame)),
                Errand::CloseSocket(socket) => {
                    self.closed.insert((page, socket));
                }
                Errand::Later(after, input) => {
                    // The recorded browsers found each other.
                    if let Input::Peer(peer, PeerFact::Connection(ConnectionState::Connecting)) = &input {
                        self.schedule(page, after + 1, Due::Input(connected(peer.clone())));
                    }
                    self.schedule(page, after, Due::Input(input));
                }
                Errand::Timer(id, Some(after)) => {
                    let generation = self.pages[page].timers.get(&id).copied().unwrap_or_default();
                    self.schedule(page, after, Due::Timer(id, generation));
                }
                Errand::Timer(_, None) => {}
            }
        }
    }

    fn schedule(&mut self, page: usize, after: u64, due: Due) {
        self.count += 1;
        self.agenda.insert((self.now + after, self.count), (page, due));
    }
}

fn connected(peer: PeerId) -> Input {
    Input::Peer(peer, PeerFact::Connection(ConnectionState::Connected))
}
