//! What operators are told of a switch: how much of what there is, and what calls go through. Nothing of it names anybody.

use kandy_wire::SessionId;

use crate::{CallId, Switch, routes};

/// How much there is at a moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Logins with tokens.
    pub logins: usize,
    /// Clients that are subscribed, with or without a socket.
    pub subscriptions: usize,
    /// Sockets that are open.
    pub sockets: usize,
    /// Subscriptions to the presence or the calls of others.
    pub events: usize,
    /// Calls that nobody has made an offer for yet: click to call, transfers.
    pub asking: usize,
    /// Calls that ring.
    pub ringing: usize,
    /// Calls in which two parties talk.
    pub connected: usize,
}

/// What happened to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// It began.
    Started,
    /// Two parties begin to talk.
    Connected,
    /// It is over, or has become part of another one.
    Ended,
}

impl Step {
    /// The word of logs and metrics.
    pub fn word(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Connected => "connected",
            Self::Ended => "ended",
        }
    }
}

/// Steps that wait for the shell, which takes them after every call of the switch.
const WAITING: usize = 1 << 16;

impl Switch {
    /// How much there is. Goes through all calls, and through nothing else.
    pub fn counts(&self) -> Counts {
        let [asking, ringing, connected] = self.calls.in_phases();
        Counts {
            logins: self.tokens.len(),
            subscriptions: self.subscriptions.len(),
            sockets: self.sockets.len(),
            events: self.events.len(),
            asking,
            ringing,
            connected,
        }
    }

    /// Takes what happened to calls, by their numbers, in order. A number is no secret: no request can be made with it. At most
    /// 65536 wait; the oldest give way.
    pub fn steps(&mut self) -> Vec<(u64, Step)> {
        std::mem::take(&mut self.steps)
    }

    /// The number of the call that the session in this path belongs to.
    pub fn call_number(&self, path: &str) -> Option<u64> {
        let session = routes::segments(path)?.pop()?;
        self.calls.leg(&SessionId(session)).map(|leg| leg.call.0)
    }

    pub(crate) fn step(&mut self, call: CallId, step: Step) {
        self.steps.push((call.0, step));
        self.steps.drain(..self.steps.len().saturating_sub(WAITING));
    }
}
