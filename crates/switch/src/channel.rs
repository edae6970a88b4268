//! The way to one client: its socket, and the notifications that wait for it or for the proof that they arrived.
//!
//! A notification is written once per socket. It is kept until a frame from the client, some time later on the same
//! socket, shows that the connection lived when it was written; a new socket gets everything that is not proven again,
//! under the same `eventId`, by which clients drop what they know (protocol §3.5 W1 to W3, §3.8).
//!
//! A client that resumes names the last notification that it has when it opens a socket. That is a better proof: until
//! then everything is kept for as long as the client was promised, and it is told whether what it misses is all there.
//! The reasoning is about places in the order of things. Whatever leaves the queue, named or dropped for whatever reason,
//! moves [`Channel::gone_until`] up to its place. Notifications come to a client in their order, so one that has the
//! notification at some place has all before it; nothing is missing after that place if nothing beyond it is gone.

use std::collections::VecDeque;

use kandy_wire::SessionId;
use serde::{Deserialize, Serialize};

use crate::SocketId;

#[cfg(test)]
mod random;

/// Places that are remembered of notifications that are not kept any longer: a client may still name them.
const REMEMBERED: usize = 256;

/// A notification that is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// The frame.
    text: String,
    /// Its `eventId`, which is also its place: events of a switch are numbered in their order.
    event: u64,
    /// The session that it is about.
    session: SessionId,
    /// What it means for the order of things.
    kind: Kind,
    /// When it came.
    at: u64,
    /// When it was written to the socket that is open now.
    written: Option<u64>,
    /// Whether it was ever written to any socket.
    seen: bool,
}

/// The notifications that must not follow each other too closely, and all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kind {
    /// Offers a call.
    Call,
    /// Ends a session.
    End,
    /// Anything between.
    Middle,
}

/// What a channel keeps, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Bounds {
    /// Notifications.
    pub(crate) length: usize,
    /// Bytes of their texts.
    pub(crate) bytes: usize,
    /// For a client that resumes: how long a notification is kept while there is no socket, in ms. Such a client names what
    /// it has.
    pub(crate) resume_for: Option<u64>,
}

/// One client's channel.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Channel {
    socket: Option<SocketId>,
    /// Since when there is no socket.
    away_since: u64,
    queue: VecDeque<Kept>,
    bytes: usize,
    bounds: Bounds,
    /// The newest place of all that left the queue and will not be written again; 0 for none.
    gone_until: u64,
    /// Places of what left the queue last, for whatever reason, oldest first.
    past: VecDeque<u64>,
}

impl Kept {
    /// A notification that came at `at`.
    pub(crate) fn new(text: String, event: u64, session: SessionId, kind: Kind, at: u64) -> Self {
        Self { text, event, session, kind, at, written: None, seen: false }
    }
}

impl Channel {
    /// A channel that has no socket yet.
    pub(crate) fn new(now: u64, bounds: Bounds) -> Self {
        Self {
            socket: None,
            away_since: now,
            queue: VecDeque::new(),
            bytes: 0,
            bounds,
            gone_until: 0,
            past: VecDeque::new(),
        }
    }

    /// The open socket.
    pub(crate) fn socket(&self) -> Option<SocketId> {
        self.socket
    }

    /// How long there has been no socket, in ms; 0 while there is one.
    pub(crate) fn away(&self, now: u64) -> u64 {
        if self.socket.is_some() { 0 } else { now.saturating_sub(self.away_since) }
    }

    /// How long notifications are kept for a client that resumes, in ms; `None` for any other client.
    pub(crate) fn resume_for(&self) -> Option<u64> {
        self.bounds.resume_for
    }

    /// Bytes of the texts that are kept.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Place of the oldest notification, where there are newer ones that could stay without it.
    pub(crate) fn oldest(&self) -> Option<u64> {
        self.queue.front().filter(|_| self.queue.len() > 1).map(|kept| kept.event)
    }

    /// The client names the last notification that it has, `None` if it has none: that and all before it did arrive.
    /// Returns whether all that came after it is kept.
    ///
    /// A name that is not known is that of a notification too long ago, or none at all, so nothing is known to have
    /// arrived: all is there only if nothing is gone. The same goes for a client that names less than it did before.
    pub(crate) fn resume(&mut self, now: u64, after: Option<u64>) -> bool {
        self.expire(now);
        let known = |event: &u64| self.past.contains(event) || self.queue.iter().any(|kept| kept.event == *event);
        let place = after.filter(known).unwrap_or(0);
        self.drop_all(|kept| kept.event <= place);
        self.gone_until <= place
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

    /// The switch was down for `down` ms, and all sockets are gone. That time counts for nothing.
    pub(crate) fn restarted(&mut self, now: u64, down: u64) {
        self.away_since = if self.socket.take().is_some() { now } else { self.away_since.saturating_add(down) };
        self.queue.iter_mut().for_each(|kept| kept.at = kept.at.saturating_add(down));
    }

    /// Keeps a notification; the oldest ones make room, but never the newest, whatever its size.
    pub(crate) fn push(&mut self, kept: Kept) {
        self.expire(kept.at);
        self.bytes += kept.text.len();
        self.queue.push_back(kept);
        while self.queue.len() > self.bounds.length || self.bytes > self.bounds.bytes {
            if !self.drop_oldest() {
                break;
            }
        }
    }

    /// The oldest notification gives way, if it is not the only one.
    pub(crate) fn drop_oldest(&mut self) -> bool {
        let oldest = self.oldest();
        if let Some(place) = oldest {
            self.drop_all(|kept| kept.event == place);
        }
        oldest.is_some()
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

    /// The client was heard: what was written `proof_age` ms ago or before did arrive. From a client that resumes this is
    /// no proof yet, because a better one will come.
    pub(crate) fn heard(&mut self, socket: SocketId, now: u64, proof_age: u64) {
        if self.socket == Some(socket) {
            let until = now.saturating_sub(self.bounds.resume_for.map_or(proof_age, |age| age.max(proof_age)));
            self.drop_all(|kept| kept.written.is_some_and(|at| at <= until));
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

    /// Takes everything about a session back, or only its end. The client misses nothing by it: it never knew of the
    /// session, or is told of the end anew.
    pub(crate) fn withdraw(&mut self, session: &SessionId, only: Option<Kind>) {
        self.remove(|kept| kept.session == *session && only.is_none_or(|kind| kind == kept.kind));
    }

    /// Gives up what is kept about a session.
    pub(crate) fn drop_session(&mut self, session: &SessionId) {
        self.drop_all(|kept| kept.session == *session);
    }

    /// Something that the client was to be told at this place will never be.
    pub(crate) fn skip(&mut self, place: u64) {
        self.gone_until = self.gone_until.max(place);
    }

    /// Without a socket, nothing is kept longer than the client was promised. The time counts from the loss of the socket,
    /// because only from then on the client could know of it.
    fn expire(&mut self, now: u64) {
        let Some(age) = self.bounds.resume_for.filter(|_| self.socket.is_none()) else { return };
        let oldest = now.saturating_sub(age);
        if self.away_since < oldest {
            self.drop_all(|kept| kept.at < oldest);
        }
    }

    fn drop_all(&mut self, gone: impl Fn(&Kept) -> bool) {
        if let Some(place) = self.queue.iter().filter(|kept| gone(kept)).map(|kept| kept.event).max() {
            self.skip(place);
            self.remove(gone);
        }
    }

    fn remove(&mut self, gone: impl Fn(&Kept) -> bool) {
        self.queue.retain(|kept| {
            let stays = !gone(kept);
            if !stays {
                self.past.push_back(kept.event);
                self.bytes = self.bytes.saturating_sub(kept.text.len());
            }
            stays
        });
        self.past.drain(..self.past.len().saturating_sub(REMEMBERED));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> SessionId {
        SessionId(text.into())
    }

    fn kept(event: u64, text: &str, session: &str, kind: Kind) -> Kept {
        Kept::new(text.into(), event, id(session), kind, 0)
    }

    fn bounds(length: usize, bytes: usize, resume_for: Option<u64>) -> Bounds {
        Bounds { length, bytes, resume_for }
    }

    fn texts(written: Vec<(SocketId, String)>) -> Vec<(u64, String)> {
        written.into_iter().map(|(socket, text)| (socket.0, text)).collect()
    }

    #[test]
    fn what_is_not_proven_is_written_again_on_the_next_socket() {
        let mut channel = Channel::new(0, bounds(10, 1000, None));
        channel.push(kept(1, "1", "s", Kind::Middle));
        assert_eq!(texts(channel.write(0)), [], "no socket");
        assert_eq!(channel.open(SocketId(1)), None);
        assert_eq!(texts(channel.write(10)), [(1, "1".into())]);
        assert_eq!(texts(channel.write(11)), [], "once per socket");
        channel.push(kept(2, "2", "s", Kind::Middle));
        assert_eq!(texts(channel.write(20)), [(1, "2".into())]);
        channel.heard(SocketId(1), 20, 5);
        channel.heard(SocketId(9), 99, 5);
        assert_eq!(channel.open(SocketId(2)), Some(SocketId(1)));
        assert_eq!(texts(channel.write(30)), [(2, "2".into())], "1 was proven, 2 was not");
        channel.close(SocketId(1), 40);
        assert_eq!((channel.socket(), channel.away(45)), (Some(SocketId(2)), 0), "an older socket's end is no news");
        channel.close(SocketId(2), 50);
        assert_eq!((channel.socket(), channel.away(55)), (None, 5));
    }

    #[test]
    fn the_queue_is_bounded_by_number_and_size() {
        let mut channel = Channel::new(0, bounds(3, 10, None));
        (0..9).for_each(|n| channel.push(kept(n, &n.to_string(), "s", Kind::Middle)));
        channel.open(SocketId(1));
        assert_eq!(texts(channel.write(0)), [(1, "6".into()), (1, "7".into()), (1, "8".into())]);
        channel.push(kept(10, &"a".repeat(20), "s", Kind::Middle));
        assert_eq!(channel.queue.len(), 1, "the newest is kept whatever its size");
        assert_eq!(channel.bytes, 20);
    }

    #[test]
    fn calls_can_be_withdrawn_as_long_as_nobody_saw_them() {
        let mut channel = Channel::new(0, bounds(10, 1000, None));
        channel.push(kept(1, "call", "s", Kind::Call));
        channel.push(kept(2, "call", "t", Kind::Call));
        assert!(channel.holds_unseen_call(&id("s")));
        channel.withdraw(&id("t"), None);
        channel.open(SocketId(1));
        assert_eq!(texts(channel.write(0)), [(1, "call".into())]);
        assert!(!channel.holds_unseen_call(&id("s")));
        assert_eq!(channel.offered_and_ended(), []);
        channel.push(kept(3, "end", "s", Kind::End));
        assert_eq!(channel.offered_and_ended(), [id("s")]);
        channel.withdraw(&id("s"), Some(Kind::End));
        assert_eq!(channel.offered_and_ended(), []);
        assert_eq!(channel.bytes, 4);
    }

    /// A channel of a client that resumes and has a socket, with these events written at their numbers' times.
    fn resuming(events: &[u64]) -> Channel {
        let mut channel = Channel::new(0, bounds(10, 1000, Some(100)));
        channel.open(SocketId(1));
        for event in events {
            channel.push(Kept { at: *event, ..kept(*event, &event.to_string(), "s", Kind::Middle) });
            channel.write(*event);
        }
        channel
    }

    fn resumed(mut channel: Channel, now: u64, after: Option<u64>) -> (bool, Vec<String>) {
        let complete = channel.resume(now, after);
        channel.open(SocketId(9));
        (complete, channel.write(now).into_iter().map(|(_, text)| text).collect())
    }

    #[test]
    fn a_client_names_what_it_has_and_gets_the_rest() {
        let rows: [(Option<u64>, &[&str]); 5] = [
            (Some(1), &["2", "3"]),
            (Some(3), &[]),
            (Some(2), &["3"]),
            (None, &["1", "2", "3"]),
            (Some(7), &["1", "2", "3"]),
        ];
        for (after, wanted) in rows {
            assert_eq!(
                resumed(resuming(&[1, 2, 3]), 4, after),
                (true, wanted.iter().map(|t| (*t).to_owned()).collect())
            );
        }
    }

    #[test]
    fn what_is_lost_beyond_the_named_one_is_told() {
        // What happens to the three events, then whether each may be the last one that the client has.
        type Happens = fn(&mut Channel);
        let rows: [(&str, Happens, [bool; 4]); 8] = [
            ("nothing", |_| {}, [true; 4]),
            ("the oldest gave way", |c| assert!(c.drop_oldest()), [false, true, true, true]),
            ("two are believed to have arrived", |c| c.heard(SocketId(1), 102, 0), [false, false, true, true]),
            ("all are", |c| c.heard(SocketId(1), 200, 0), [false, false, false, true]),
            ("a guess is not enough", |c| c.heard(SocketId(1), 50, 2), [true; 4]),
            ("all were withdrawn", |c| c.withdraw(&id("s"), None), [true; 4]),
            ("all were given up", |c| c.drop_session(&id("s")), [false, false, false, true]),
            ("the first two were named before", |c| assert!(c.resume(4, Some(2))), [false, false, true, true]),
        ];
        for (what, happens, wanted) in rows {
            for (after, complete) in [None, Some(1), Some(2), Some(3)].into_iter().zip(wanted) {
                let mut channel = resuming(&[1, 2, 3]);
                happens(&mut channel);
                assert_eq!(resumed(channel, 60, after).0, complete, "{what}, after {after:?}");
            }
        }
    }

    #[test]
    fn without_a_socket_nothing_is_kept_longer_than_promised() {
        for (back, now, complete) in [(150, 150, true), (151, 151, false)] {
            let mut channel = resuming(&[1, 2, 3]);
            channel.close(SocketId(1), 50);
            channel.push(Kept { at: 120, ..kept(120, "120", "s", Kind::Middle) });
            assert_eq!(channel.queue.len(), 4, "the time counts from the loss of the socket");
            let (told, texts) = resumed(channel, now, Some(2));
            assert_eq!((told, texts.len()), (complete, if complete { 2 } else { 1 }), "back at {back}");
        }
        let mut channel = resuming(&[1]);
        channel.close(SocketId(1), 50);
        (0..5).for_each(|n| channel.push(Kept { at: 1000 + n * 60, ..kept(10 + n, "x", "s", Kind::Middle) }));
        assert_eq!(channel.queue.len(), 2, "nor does it pile up");
    }

    #[test]
    fn only_so_many_places_are_remembered() {
        let mut channel = resuming(&[]);
        for event in 1..=1_000 {
            channel.push(kept(event, "x", "s", Kind::Middle));
            channel.write(0);
            assert!(channel.resume(1, Some(event)));
        }
        assert_eq!((channel.past.len(), channel.queue.len(), channel.bytes), (REMEMBERED, 0, 0));
        assert!(channel.resume(1, Some(1_000)));
        assert!(!channel.resume(1, Some(1)), "too long ago");
        channel.skip(1_001);
        assert!(!channel.resume(1, Some(1_000)), "there was something that never came into the queue");
    }
}
