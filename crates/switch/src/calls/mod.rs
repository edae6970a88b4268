//! Calls: a call has one caller's session and one for every device that it is offered to (§4.1). What happens to it:
//!
//! ```text
//!          start             answer                  end
//! (start.rs) ──▶ Ringing ──────────▶ Connected ──────────▶ gone      each ended session is remembered for a while
//!                  │  reject, cancel, no answer  (ending.rs)  ▲
//!                  └───────────────────────────────────────────┘
//! ```
//! `start.rs` offers, `control.rs` serves requests on a session, `ending.rs` ends, `notify.rs` keeps the order in which
//! clients hear of it all (§12.3).

mod control;
mod ending;
mod notify;
mod start;

use std::collections::{BTreeMap, BTreeSet};

use kandy_wire::SessionId;

use crate::{CallId, SubscriptionId, Switch, accounts::UserKey, fault::Fault};

use notify::Gate;

/// One call.
struct Call {
    caller: SessionId,
    /// Live sessions of the callee's devices; exactly one when connected.
    callees: BTreeSet<SessionId>,
    /// The caller's offer, for whoever it is offered to.
    offer: String,
    /// Whether the caller was told that it rings.
    rang: bool,
    forwards: u32,
    phase: Phase,
}

enum Phase {
    Ringing,
    Connected {
        /// What the callee answered.
        answer: String,
        /// Who waits for the answer to an update.
        update: Option<SessionId>,
    },
}

/// One party's session.
struct Leg {
    call: CallId,
    user: UserKey,
    subscription: SubscriptionId,
    /// The party on the other side.
    remote: UserKey,
    stage: Stage,
    gate: Gate,
    started: u64,
    /// Whether the client has shown that it knows the session.
    used: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The caller, before the answer.
    Calling,
    /// A device that was offered the call and has not reported ringing.
    Offered,
    /// A device that rings.
    Ringing,
    /// Either side of a connected call.
    Connected,
    /// Over.
    Ended(End),
}

/// How a session ended, as its client is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct End {
    code: Option<i64>,
    reason: Option<&'static str>,
}

impl End {
    /// The other side hung up.
    const HUNG_UP: Self = Self { code: None, reason: None };
    const NOT_FOUND: Self = Self::new(404, "Not Found");
    const UNAVAILABLE: Self = Self::new(480, "Temporarily Unavailable");
    const BUSY: Self = Self::new(486, "Busy Here");
    const NO_ANSWER: Self = Self::new(487, "No Answer");
    const CANCELLED: Self = Self::new(487, "Request Terminated");
    const DECLINED: Self = Self::new(603, "Decline");
    /// For the callee of a call that was not answered. No words: with words, released clients record the call as taken,
    /// without them as missed (§4.6.4).
    const MISSED: Self = Self { code: Some(487), reason: None };
    /// For the other devices of a callee who answered, rejected or forwarded. `callEnd` and not `callCancel`: released
    /// clients act on it at once and show why, while `callCancel` leaves them ringing for 3 s (§4.4.6, §4.6.10).
    const ELSEWHERE: Self = Self::new(9904, "Responded from another device");
    const SILENT: Self = Self::new(408, "The connection was lost");

    const fn new(code: i64, reason: &'static str) -> Self {
        Self { code: Some(code), reason: Some(reason) }
    }
}

/// All calls, and all sessions, live and remembered.
#[derive(Default)]
pub(crate) struct Calls {
    calls: BTreeMap<CallId, Call>,
    legs: BTreeMap<SessionId, Leg>,
}

impl Leg {
    fn ended(&self) -> bool {
        matches!(self.stage, Stage::Ended(_))
    }
}

impl Switch {
    /// A session, live or ended, of this user; anybody else's looks like none.
    fn leg_of(&mut self, user: &UserKey, session: &SessionId) -> Result<&mut Leg, Fault> {
        self.calls.legs.get_mut(session).filter(|leg| leg.user == *user).ok_or(Fault::NO_SESSION)
    }

    /// The other side's session of a connected call.
    fn peer_of(&self, session: &SessionId) -> Option<SessionId> {
        let leg = self.calls.legs.get(session)?;
        let call = self.calls.calls.get(&leg.call)?;
        if call.caller == *session { call.callees.first().cloned() } else { Some(call.caller.clone()) }
    }

    fn add_leg(&mut self, session: SessionId, leg: Leg) {
        if let Some(subscription) = self.subscriptions.get_mut(leg.subscription) {
            subscription.sessions.insert(session.clone());
        }
        self.calls.legs.insert(session, leg);
    }
}
