//! The way to one client: its socket, and the notifications that wait for it or for the proof that they arrived.
//!
//! A notification is written once per socket. It is kept until a frame from the client, some time later on the same
//! socket, shows that the connection lived when it was written; a new socket gets everything that is not proven again,
//! under the same `eventId`, by which clients drop what they know (protocol §3.5 W1 to W3, §3.8).

use std::collections::VecDeque;

use kandy_wire::SessionId;

use crate::SocketId;

/// A notification that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kept {
    /// The frame.
    pub(crate) text: String,
    /// The session that it is about.
    pub(crate) session: SessionId,
    /// What it means for the order of things.
    pub(crate) kind: Kind,
    /// When it was written to the socket that is open now.
    written: Option<u64>,
    /// Whether it was ever written to any socket.
    seen: bool,
}

/// The notifications that must not follow each other too closely, and all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Offers a call.
    Call,
    /// Ends a session.
    End,
    /// Anything between.
    Middle,
}

/// One client's channel.
#[derive(Debug)]
pub(crate) struct Channel {
    socket: Option<SocketId>,
    /// Since when there is no socket.
    away_since: u64,
    queue: VecDeque<Kept>,
    bytes: usize,
    max_length: usize,
    max_bytes: usize,
}

impl Channel {
    /// A channel that has no socket yet.
    pub(crate) fn new(now: u64, max_length: usize, max_bytes: usize) -> Self {
        Self { socket: None, away_since: now, queue: VecDeque::new(), bytes: 0, max_length, max_bytes }
    }

    /// The open socket.
    pub(crate) fn socket(&self) -> Option<SocketId> {
        self.socket
    }

    /// How long there has been no socket, in ms; 0 while there is one.
    pub(crate) fn away(&self, now: u64) -> u64 {
        if self.socket.is_some() { 0 } else { now.saturating_sub(self.away_since) }
    }

    /// A new socket takes over; returns the one that it replaces.
    pub(crate) fn open(&mut self, socket: SocketId) -> Option<SocketId> {
        self.queue.iter_mut().for_each(|kept| kept.written = None);
        self.socket.replace(socket)
    }

    /// The socket is gone, if it is still the one in use.
    pub(crate) fn close(&mut self, socket: SocketId, now: u64) {
        if self.socket == Some(socket) {
            self.socket = None;
            self.away_since = now;
        }
    }

    /// Keeps a notification; the oldest ones make room.
    pub(crate) fn push(&mut self, text: String, session: SessionId, kind: Kind) {
        self.bytes += text.len();
        self.queue.push_back(Kept { text, session, kind, written: None, seen: false });
        while self.queue.len() > 1 && (self.queue.len() > self.max_length || self.bytes > self.max_bytes) {
            let dropped = self.queue.pop_front();
            self.bytes = self.bytes.saturating_sub(dropped.map_or(0, |kept| kept.text.len()));
        }
    }

    /// What is to be written now: empty without a socket.
    pub(crate) fn write(&mut self, now: u64) -> Vec<(SocketId, String)> {
        let Some(socket) = self.socket else { return Vec::new() };
        let due = self.queue.iter_mut().filter(|kept| kept.written.is_none());
        due.map(|kept| {
            kept.written = Some(now);
            kept.seen = true;
            (socket, kept.text.clone())
        })
        .collect()
    }

    /// The client was heard: what was written at `written_until` or before did arrive.
    pub(crate) fn heard(&mut self, socket: SocketId, written_until: u64) {
        if self.socket == Some(socket) {
            self.remove(|kept| kept.written.is_some_and(|at| at <= written_until));
        }
    }

    /// Whether the client has not had a chance to see the call that it is to be offered.
    pub(crate) fn holds_unseen_call(&self, session: &SessionId) -> bool {
        self.queue.iter().any(|kept| kept.session == *session && kept.kind == Kind::Call && !kept.seen)
    }

    /// Whether the offer of this session's call is still kept.
    pub(crate) fn holds_call(&self, session: &SessionId) -> bool {
        self.queue.iter().any(|kept| kept.session == *session && kept.kind == Kind::Call)
    }

    /// The sessions whose end is kept together with the offer of their call.
    pub(crate) fn offered_and_ended(&self) -> Vec<SessionId> {
        let ends = self.queue.iter().filter(|kept| kept.kind == Kind::End);
        ends.filter(|kept| self.holds_call(&kept.session)).map(|kept| kept.session.clone()).collect()
    }

    /// Takes everything about a session back, or only its end.
    pub(crate) fn withdraw(&mut self, session: &SessionId, only: Option<Kind>) {
        self.remove(|kept| kept.session == *session && only.is_none_or(|kind| kind == kept.kind));
    }

    fn remove(&mut self, gone: impl Fn(&Kept) -> bool) {
        self.queue.retain(|kept| !gone(kept));
        self.bytes = self.queue.iter().map(|kept| kept.text.len()).sum();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> SessionId {
        SessionId(text.into())
    }

    fn texts(written: Vec<(SocketId, String)>) -> Vec<(u64, String)> {
        written.into_iter().map(|(socket, text)| (socket.0, text)).collect()
    }

    #[test]
    fn what_is_not_proven_is_written_again_on_the_next_socket() {
        let mut channel = Channel::new(0, 10, 1000);
        channel.push("1".into(), id("s"), Kind::Middle);
        assert_eq!(texts(channel.write(0)), [], "no socket");
        assert_eq!(channel.open(SocketId(1)), None);
        assert_eq!(texts(channel.write(10)), [(1, "1".into())]);
        assert_eq!(texts(channel.write(11)), [], "once per socket");
        channel.push("2".into(), id("s"), Kind::Middle);
        assert_eq!(texts(channel.write(20)), [(1, "2".into())]);
        channel.heard(SocketId(1), 15);
        channel.heard(SocketId(9), 99);
        assert_eq!(channel.open(SocketId(2)), Some(SocketId(1)));
        assert_eq!(texts(channel.write(30)), [(2, "2".into())], "1 was proven, 2 was not");
        channel.close(SocketId(1), 40);
        assert_eq!((channel.socket(), channel.away(45)), (Some(SocketId(2)), 0), "an older socket's end is no news");
        channel.close(SocketId(2), 50);
        assert_eq!((channel.socket(), channel.away(55)), (None, 5));
    }

    #[test]
    fn the_queue_is_bounded_by_number_and_size() {
        let mut channel = Channel::new(0, 3, 10);
        (0..9).for_each(|n| channel.push(n.to_string(), id("s"), Kind::Middle));
        channel.open(SocketId(1));
        assert_eq!(texts(channel.write(0)), [(1, "6".into()), (1, "7".into()), (1, "8".into())]);
        channel.push("a".repeat(20), id("s"), Kind::Middle);
        assert_eq!(channel.queue.len(), 1, "the newest is kept whatever its size");
        assert_eq!(channel.bytes, 20);
    }

    #[test]
    fn calls_can_be_withdrawn_as_long_as_nobody_saw_them() {
        let mut channel = Channel::new(0, 10, 1000);
        channel.push("call".into(), id("s"), Kind::Call);
        channel.push("call".into(), id("t"), Kind::Call);
        assert!(channel.holds_unseen_call(&id("s")));
        channel.withdraw(&id("t"), None);
        channel.open(SocketId(1));
        assert_eq!(texts(channel.write(0)), [(1, "call".into())]);
        assert!(!channel.holds_unseen_call(&id("s")));
        assert_eq!(channel.offered_and_ended(), []);
        channel.push("end".into(), id("s"), Kind::End);
        assert_eq!(channel.offered_and_ended(), [id("s")]);
        channel.withdraw(&id("s"), Some(Kind::End));
        assert_eq!(channel.offered_and_ended(), []);
        assert_eq!(channel.bytes, 4);
    }
}
