//! Calls: a call has one caller's session and one for every device that it is offered to (§4.1). What happens to it:
//!
//! ```text
//!          start             answer                  end
//! (start.rs) ──▶ Ringing ──────────▶ Connected ──────────▶ gone      each ended session is remembered for a while
//!                  │  reject, cancel, no answer  (ending.rs)  ▲
//!                  └───────────────────────────────────────────┘
//! ```
//! Where there is no offer yet (click to call, direct transfer), a call begins as `Asking`: its devices are rung without an
//! offer, and the one that answers makes it (slow start, §4.6.8).
//!
//! | file | subject |
//! | --- | --- |
//! | `start.rs`, `click.rs` | calls that begin, and offering them to devices |
//! | `control.rs` | requests on a session: ringing, answer, audit |
//! | `exchange.rs` | changed descriptions in mid-call, one exchange at a time |
//! | `transfer.rs`, `consult.rs` | direct and consultative transfer |
//! | `ending.rs` | ends |
//! | `notify.rs` | the order in which clients hear of it all (§12.3) |

mod click;
mod consult;
mod control;
mod ending;
mod exchange;
mod notify;
mod start;
mod transfer;

use std::collections::{BTreeMap, BTreeSet};

use kandy_wire::SessionId;
use serde::{Deserialize, Deserializer, Serialize};

use crate::{
    CallId, SubscriptionId, Switch,
    accounts::UserKey,
    counts::Step,
    events::{Dialog, DialogState},
    fault::Fault,
};

use exchange::Exchange;
use notify::Gate;
use transfer::Transfer;

/// One call.
#[derive(Serialize, Deserialize)]
struct Call {
    /// The caller's session; `None` while devices are asked for an offer that nobody waits for yet.
    caller: Option<SessionId>,
    /// Live sessions of the callee's devices; exactly one when connected.
    callees: BTreeSet<SessionId>,
    /// What the callee's devices are offered; empty for a slow start, until one of them has made an offer.
    offer: String,
    /// Whom the callee's devices see as the caller.
    from: Party,
    /// Devices that the call is not offered to, because they are in it already.
    aside: BTreeSet<SubscriptionId>,
    /// Who was offered it and has done nothing about it, and since when.
    offered: BTreeMap<UserKey, u64>,
    /// Whether somebody was told that it rings.
    rang: bool,
    forwards: u32,
    phase: Phase,
}

#[derive(Serialize, Deserialize)]
enum Phase {
    /// The callee's devices ring with the caller's offer.
    Ringing,
    /// Devices ring without an offer, and the one that answers makes it.
    Asking(Purpose),
    /// Two parties talk.
    Connected(Connected),
}

/// What an offer is asked for.
#[derive(Clone, Serialize, Deserialize)]
enum Purpose {
    /// To call this user with it (click to call).
    Click(UserKey),
    /// To take over one party of this call as soon as a device rings (direct transfer).
    Transfer(CallId),
    /// To offer it to the party that was taken over, who waits as this call's caller.
    TakenOver,
}

/// What two parties who talk have under way.
#[derive(Default, Serialize, Deserialize)]
struct Connected {
    /// What the callee answered.
    answer: String,
    exchange: Option<Exchange>,
    transfer: Option<Transfer>,
}

/// Somebody, as the other side sees them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Party {
    pub(crate) user: UserKey,
    /// The name that they want to be shown with, instead of that of their account.
    pub(crate) name: Option<String>,
}

impl Party {
    /// A user who did not ask for another name.
    pub(crate) fn of(user: UserKey) -> Self {
        Self { user, name: None }
    }
}

/// One party's session.
#[derive(Serialize, Deserialize)]
pub(crate) struct Leg {
    pub(crate) call: CallId,
    pub(crate) party: Party,
    subscription: SubscriptionId,
    /// The party on the other side.
    remote: Party,
    /// The one that was there first.
    pub(crate) first: Party,
    /// Whether its party called.
    pub(crate) outgoing: bool,
    /// Since when they talk.
    pub(crate) talked_since: Option<u64>,
    stage: Stage,
    gate: Gate,
    pub(crate) started: u64,
    /// Whether the client has shown that it knows the session.
    used: bool,
    /// Whether its user's devices were woken by a push to be offered the call.
    pushed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Stage {
    /// The caller, before the answer; after a click to call, the device that made the offer.
    Calling,
    /// A device that was offered the call and has not reported ringing.
    Offered,
    /// A device that rings.
    Ringing,
    /// Either side of a connected call, and in a direct transfer who waits for the target.
    Connected,
    /// Over.
    Ended(End),
}

/// A sentence of this file. By this name, serde does not take it for one to be borrowed from what is read.
type Words = Option<&'static str>;

/// How a session ended, as its client is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct End {
    code: Option<i64>,
    #[serde(deserialize_with = "End::known_reason")]
    reason: Words,
    /// Whether it ended because it did what it was for (§4.4.5, `sessionComplete`).
    complete: bool,
}

impl End {
    /// The other side hung up.
    const HUNG_UP: Self = Self { code: None, reason: None, complete: false };
    const NOT_FOUND: Self = Self::new(404, "Not Found");
    const UNAVAILABLE: Self = Self::new(480, "Temporarily Unavailable");
    const BUSY: Self = Self::new(486, "Busy Here");
    const NO_ANSWER: Self = Self::new(487, "No Answer");
    const CANCELLED: Self = Self::new(487, "Request Terminated");
    const DECLINED: Self = Self::new(603, "Decline");
    /// For the callee of a call that was not answered. No words: with words, released clients record the call as taken,
    /// without them as missed (§4.6.4).
    const MISSED: Self = Self::wordless(487);
    /// For the other devices of a callee who answered, rejected or forwarded. `callEnd` and not `callCancel`: released
    /// clients act on it at once and show why, while `callCancel` leaves them ringing for 3 s (§4.4.6, §4.6.10).
    const ELSEWHERE: Self = Self::new(9904, "Responded from another device");
    const SILENT: Self = Self::new(408, "The connection was lost");
    /// For who sent the other side on: released clients know these texts (§4.4.5).
    const TRANSFERRED: Self = Self { complete: true, ..Self::new(9905, "Direct Transfer Successful") };
    const CONSULTED: Self = Self { complete: true, ..Self::new(9905, "Transfer Successful") };

    const fn new(code: i64, reason: &'static str) -> Self {
        Self { code: Some(code), reason: Some(reason), complete: false }
    }

    /// Every end that has words.
    const WORDED: [Self; 10] = [
        Self::NOT_FOUND,
        Self::UNAVAILABLE,
        Self::BUSY,
        Self::NO_ANSWER,
        Self::CANCELLED,
        Self::DECLINED,
        Self::ELSEWHERE,
        Self::SILENT,
        Self::TRANSFERRED,
        Self::CONSULTED,
    ];

    /// Reads words that a switch has written, which are among these.
    fn known_reason<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Words, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        Ok(Self::WORDED.iter().find_map(|end| end.reason.filter(|r| Some(*r) == text.as_deref())))
    }

    const fn wordless(code: i64) -> Self {
        Self { code: Some(code), reason: None, complete: false }
    }
}

/// All calls, and all sessions, live and remembered.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Calls {
    calls: BTreeMap<CallId, Call>,
    legs: BTreeMap<SessionId, Leg>,
}

impl Calls {
    pub(crate) fn leg(&self, session: &SessionId) -> Option<&Leg> {
        self.legs.get(session)
    }

    /// How many are asked for an offer, ring, and talk.
    pub(crate) fn in_phases(&self) -> [usize; 3] {
        let count = |phase: fn(&Phase) -> bool| self.calls.values().filter(|call| phase(&call.phase)).count();
        [
            count(|phase| matches!(phase, Phase::Asking(_))),
            count(|phase| matches!(phase, Phase::Ringing)),
            count(|phase| matches!(phase, Phase::Connected(_))),
        ]
    }

    /// Somebody who was offered a call has done something about it; returns since when they were offered it, the first time.
    pub(crate) fn settle(&mut self, id: CallId, user: &UserKey) -> Option<u64> {
        self.calls.get_mut(&id)?.offered.remove(user)
    }
}

impl Leg {
    fn ended(&self) -> bool {
        matches!(self.stage, Stage::Ended(_))
    }
}

impl Switch {
    /// A session, live or ended, of this user; anybody else's looks like none.
    fn leg_of(&mut self, user: &UserKey, session: &SessionId) -> Result<&mut Leg, Fault> {
        self.calls.legs.get_mut(session).filter(|leg| leg.party.user == *user).ok_or(Fault::NO_SESSION)
    }

    /// What two parties who talk have under way; `None` in all other calls.
    fn connected(&mut self, id: CallId) -> Option<&mut Connected> {
        match &mut self.calls.calls.get_mut(&id)?.phase {
            Phase::Connected(connected) => Some(connected),
            Phase::Ringing | Phase::Asking(_) => None,
        }
    }

    /// The other side's session of a connected call.
    fn peer_of(&self, session: &SessionId) -> Option<SessionId> {
        let leg = self.calls.legs.get(session)?;
        let call = self.calls.calls.get(&leg.call).filter(|call| matches!(call.phase, Phase::Connected(_)))?;
        if call.caller.as_ref() == Some(session) { call.callees.first().cloned() } else { call.caller.clone() }
    }

    fn add_call(&mut self, id: CallId, call: Call) {
        self.calls.calls.insert(id, call);
        self.step(id, Step::Started);
    }

    fn add_leg(&mut self, session: SessionId, leg: Leg) {
        self.touch_dialogs(&leg.party.user);
        if let Some(subscription) = self.subscriptions.get_mut(leg.subscription) {
            subscription.sessions.insert(session.clone());
        }
        self.calls.legs.insert(session, leg);
    }

    /// Two parties begin to talk, or one of them waits for the other to be asked.
    fn connect_leg(&mut self, now: u64, session: &SessionId) {
        let Some(leg) = self.calls.legs.get_mut(session) else { return };
        leg.stage = Stage::Connected;
        leg.talked_since.get_or_insert(now);
        let (id, user) = (leg.call, leg.party.user.clone());
        self.calls.settle(id, &user);
        self.touch_dialogs(&user);
        self.await_audit(now, session);
    }

    /// The calls of a user, as far as others may know of them: one entry for each, however many devices ring.
    pub(crate) fn dialogs(&self, user: &UserKey) -> Vec<Dialog> {
        let sessions = self.subscriptions.of_user(user).flat_map(|(_, subscription)| &subscription.sessions);
        let mut dialogs: BTreeMap<(CallId, bool), DialogState> = BTreeMap::new();
        for leg in sessions.filter_map(|session| self.calls.legs.get(session)) {
            let state = match leg.stage {
                Stage::Calling if self.calls.calls.get(&leg.call).is_some_and(|call| call.rang) => DialogState::Early,
                Stage::Calling => DialogState::Trying,
                Stage::Offered | Stage::Ringing => DialogState::Early,
                Stage::Connected => DialogState::Confirmed,
                Stage::Ended(_) => continue,
            };
            let known = dialogs.entry((leg.call, leg.outgoing)).or_insert(state);
            *known = state.max(*known);
        }
        dialogs.into_iter().map(|((call, outgoing), state)| Dialog { call, outgoing, state }).collect()
    }
}
