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
//!
//! A message has its own id for its `eventId`, whenever and to whomever it is brought, so that a client which gets it once more
//! after a new login drops it. Its place is another number, as for everything else.

use std::collections::VecDeque;

use kandy_wire::SessionId;
use serde::{Deserialize, Serialize};

use crate::SocketId;

#[cfg(test)]
mod random;
#[cfg(test)]
mod tests;

/// Places that are remembered of notifications that are not kept any longer: a client may still name them.
const REMEMBERED: usize = 256;

/// A notification that is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// The frame.
    text: String,
    /// Its place: notifications of a switch are numbered in their order.
    event: u64,
    /// Its `eventId`, by which a client names it: the place, or the id of the message that it brings.
    name: u64,
    /// The session that it is about, of those that are about one.
    session: Option<SessionId>,
    /// What it means for the order of things.
    kind: Kind,
    /// When it came.
    at: u64,
    /// When it was written to the socket that is open now.
    written: Option<u64>,
    /// Whether it was ever written to any socket.
    seen: bool,
    /// Whether the client is known to have it.
    arrived: bool,
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
    /// Names and places of what left the queue last, for whatever reason, oldest first.
    past: VecDeque<(u64, u64)>,
    /// Messages that arrived and that nobody took note of yet.
    #[serde(skip)]
    delivered: Vec<u64>,
    /// A message left the queue that is not known to have arrived.
    missing: bool,
}

impl Kept {
    /// A notification that came at `at`.
    pub(crate) fn new(text: String, event: u64, session: SessionId, kind: Kind, at: u64) -> Self {
        let session = Some(session);
        Self { text, event, name: event, session, kind, at, written: None, seen: false, arrived: false }
    }

    /// A notification that is about no session.
    pub(crate) fn plain(text: String, event: u64, at: u64) -> Self {
        let kind = Kind::Middle;
        Self { text, event, name: event, session: None, kind, at, written: None, seen: false, arrived: false }
    }

    /// A notification that brings the message of this id, which keeps its name whenever it is brought.
    pub(crate) fn message(text: String, event: u64, id: u64, at: u64) -> Self {
        Self { name: id, ..Self::plain(text, event, at) }
    }

    /// Whether it brings a message that may not have arrived.
    fn is_message_on_its_way(&self) -> bool {
        self.name != self.event && !self.arrived
    }

    fn is_about(&self, session: &SessionId) -> bool {
        self.session.as_ref() == Some(session)
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
            delivered: Vec::new(),
            missing: false,
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
        let place = after.and_then(|name| self.place(name)).unwrap_or(0);
        self.arrived(|kept| kept.event <= place);
        self.drop_all(|kept| kept.event <= place);
        self.gone_until <= place
    }

    /// Whether a notification of this name is or was here.
    pub(crate) fn knows(&self, name: u64) -> bool {
        self.place(name).is_some()
    }

    fn place(&self, name: u64) -> Option<u64> {
        let kept = self.queue.iter().map(|kept| (kept.name, kept.event));
        kept.chain(self.past.iter().copied()).find(|(known, _)| *known == name).map(|(_, place)| place)
    }

    /// Takes the ids of messages that are known to have arrived since this was last asked.
    pub(crate) fn take_delivered(&mut self) -> Vec<u64> {
        std::mem::take(&mut self.delivered)
    }

    /// The client ends its subscription, and its socket is open as far as is known: what was written some time ago did arrive.
    pub(crate) fn parted(&mut self, now: u64, proof_age: u64) {
        if self.socket.is_some() {
            let until = now.saturating_sub(proof_age);
            self.arrived(|kept| kept.written.is_some_and(|at| at <= until));
        }
    }

    /// Whether messages had to give way before they arrived. If so, those that are still on their way are given up, too: all of them
    /// are to be brought again, in their order.
    pub(crate) fn take_missing(&mut self) -> bool {
        let missing = self.missing;
        if missing {
            self.remove(Kept::is_message_on_its_way);
            self.past.retain(|(name, event)| name == event);
            self.missing = false;
        }
        missing
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

    /// The client was heard: what was written `proof_age` ms ago or before did arrive. What a client that resumes would name
    /// is kept nevertheless, because a better proof will come.
    pub(crate) fn heard(&mut self, socket: SocketId, now: u64, proof_age: u64) {
        if self.socket == Some(socket) {
            let until = now.saturating_sub(proof_age);
            self.arrived(|kept| kept.written.is_some_and(|at| at <= until));
            let until = now.saturating_sub(self.bounds.resume_for.map_or(proof_age, |age| age.max(proof_age)));
            self.drop_all(|kept| kept.written.is_some_and(|at| at <= until));
        }
    }

    /// Whether the client has not had a chance to see the call that it is to be offered.
    pub(crate) fn holds_unseen_call(&self, session: &SessionId) -> bool {
        self.queue.iter().any(|kept| kept.is_about(session) && kept.kind == Kind::Call && !kept.seen)
    }

    /// Whether the offer of this session's call is still kept.
    pub(crate) fn holds_call(&self, session: &SessionId) -> bool {
        self.queue.iter().any(|kept| kept.is_about(session) && kept.kind == Kind::Call)
    }

    /// The sessions whose end is kept together with the offer of their call.
    pub(crate) fn offered_and_ended(&self) -> Vec<SessionId> {
        let ends = self.queue.iter().filter(|kept| kept.kind == Kind::End).filter_map(|kept| kept.session.as_ref());
        ends.filter(|session| self.holds_call(session)).cloned().collect()
    }

    /// Takes everything about a session back, or only its end. The client misses nothing by it: it never knew of the
    /// session, or is told of the end anew.
    pub(crate) fn withdraw(&mut self, session: &SessionId, only: Option<Kind>) {
        self.remove(|kept| kept.is_about(session) && only.is_none_or(|kind| kind == kept.kind));
    }

    /// Something was written past the queue: its client may name it as it resumes.
    pub(crate) fn passed(&mut self, event: u64) {
        self.past.push_back((event, event));
        self.past.drain(..self.past.len().saturating_sub(REMEMBERED));
    }

    /// Gives up what is kept about a session.
    pub(crate) fn drop_session(&mut self, session: &SessionId) {
        self.drop_all(|kept| kept.is_about(session));
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

    fn arrived(&mut self, proven: impl Fn(&Kept) -> bool) {
        for kept in self.queue.iter_mut().filter(|kept| !kept.arrived && proven(kept)) {
            kept.arrived = true;
            if kept.name != kept.event {
                self.delivered.push(kept.name);
            }
        }
    }

    fn drop_all(&mut self, gone: impl Fn(&Kept) -> bool) {
        if let Some(place) = self.queue.iter().filter(|kept| gone(kept)).map(|kept| kept.event).max() {
            self.skip(place);
            self.remove(gone);
        }
    }

    fn remove(&mut self, gone: impl Fn(&Kept) -> bool) {
        let missing = &mut self.missing;
        self.queue.retain(|kept| {
            let stays = !gone(kept);
            if !stays {
                *missing |= kept.is_message_on_its_way();
                self.past.push_back((kept.name, kept.event));
                self.bytes = self.bytes.saturating_sub(kept.text.len());
            }
            stays
        });
        self.past.drain(..self.past.len().saturating_sub(REMEMBERED));
    }
}
