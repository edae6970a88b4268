//! Direct transfer: `by` sends the other party on to a target without talking to it (§4.3.8, §4.6.12).
//!
//! ```text
//! transfer ──▶ the target's devices ring      first device rings                 a device answers with an offer
//!              without an offer            ──▶ `by` is done, the call with it ──▶ the other party is offered that,
//!              (a call of their own)           ends; the other party waits        its answer goes to the target
//!                   │ nobody there                  in the target's call
//!                   ▼
//!              `by` is told that it failed, and nothing has changed
//! ```
//! The party that is sent on hears nothing before the target has answered. An exchange of descriptions that is under way
//! between the first two is finished before they part.

use std::collections::{BTreeMap, BTreeSet};

use kandy_wire::{SessionId, notice::EventType};
use serde::{Deserialize, Serialize};

use super::{Call, Connected, End, Exchange, Party, Phase, Purpose, control::WRONG_STATE};
use crate::{
    CallId, SubscriptionId, Switch,
    accounts::UserKey,
    counts::Step,
    fault::{Fault, code},
    timers::Timer,
};

/// A transfer that is under way in a connected call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Transfer {
    /// `by` waits for a device of the call `target` to ring.
    Direct { by: SessionId, target: CallId },
    /// `by` connects the other party with that of the call `other`; of both calls, the party of the `first` is asked for
    /// the offer (consult.rs).
    Consultative { by: SessionId, other: CallId, first: bool },
}

/// Refuses a second transfer of the same call.
pub(super) const TRANSFER_PENDING: Fault = Fault::new(409, code::BAD_REQUEST, "The call is being transferred already.");

impl Switch {
    /// `{"type":"transfer"}` without another session.
    pub(super) fn transfer(&mut self, now: u64, id: CallId, by: &SessionId, address: &str) -> Result<(), Fault> {
        let peer = self.peer_of(by).ok_or(WRONG_STATE)?;
        let leg = self.calls.legs.get(by).ok_or(Fault::NO_SESSION)?;
        let stays = self.calls.legs.get(&peer).ok_or(Fault::NO_SESSION)?;
        let by_user = leg.party.user.clone();
        let user = UserKey::called(address, &by_user);
        let (from, aside) = (stays.party.clone(), [leg.subscription, stays.subscription].into());
        let target = CallId(self.fresh_id());
        let connected = self.connected(id).filter(|connected| connected.transfer.is_none()).ok_or(TRANSFER_PENDING)?;
        connected.transfer = Some(Transfer::Direct { by: by.clone(), target });
        self.answered(now, by);
        self.add_call(target, Call::asking(Purpose::Transfer(id), from, aside));
        self.offer(now, target, &user, &by_user);
        Ok(())
    }

    /// One of the target's devices rings, or the parties have finished an exchange: they part when both is so.
    pub(super) fn take_over(&mut self, now: u64, target: CallId) {
        let Some(call) = self.calls.calls.get(&target).filter(|call| call.rang) else { return };
        let Phase::Asking(Purpose::Transfer(from)) = call.phase else { return };
        let device = call.callees.first().and_then(|device| self.calls.legs.get(device));
        let Some(remote) = device.map(|leg| leg.party.clone()) else { return };
        let Some(Connected { exchange: None, transfer: Some(Transfer::Direct { by, .. }), .. }) = self.connected(from)
        else {
            return;
        };
        let by = by.clone();
        let Some(stays) = self.peer_of(&by) else { return };
        self.drop_call(from);
        if let Some(leg) = self.calls.legs.get_mut(&stays) {
            (leg.call, leg.remote) = (target, remote);
        }
        if let Some(call) = self.calls.calls.get_mut(&target) {
            call.caller = Some(stays);
            call.phase = Phase::Asking(Purpose::TakenOver);
        }
        self.end_leg(now, &by, Some(End::TRANSFERRED));
        self.introduce(now, target);
    }

    /// The target has answered with an offer.
    pub(super) fn target_answers(&mut self, now: u64, id: CallId, session: &SessionId, offer: String) {
        self.connect_leg(now, session);
        if let Some(call) = self.calls.calls.get_mut(&id) {
            call.offer = offer;
            call.rang = true;
        }
        self.take_over(now, id);
        self.introduce(now, id);
    }

    /// Hands the target's offer to the party that was sent on, when both are there.
    fn introduce(&mut self, now: u64, id: CallId) {
        let Some(call) = self.calls.calls.get_mut(&id).filter(|call| !call.offer.is_empty()) else { return };
        let (Phase::Asking(Purpose::TakenOver), Some(stays), Some(target)) =
            (&call.phase, call.caller.clone(), call.callees.first().cloned())
        else {
            return;
        };
        let answer = call.offer.clone();
        let exchange = Some(Exchange::First(target));
        call.phase = Phase::Connected(Connected { answer: answer.clone(), exchange, transfer: None });
        self.step(id, Step::Connected);
        self.await_exchange(now, id);
        self.tell(now, &stays, EventType::StartCallUpdate, Some(&answer));
    }

    /// An exchange is over, for whose end a transfer may have waited.
    pub(super) fn continue_transfer(&mut self, now: u64, id: CallId) {
        match self.connected(id).and_then(|connected| connected.transfer.clone()) {
            Some(Transfer::Direct { target, .. }) => self.take_over(now, target),
            Some(Transfer::Consultative { .. }) => self.consult_begin(now, id),
            None => {}
        }
    }

    /// A call is about to end, and what hangs on it with it: the target's devices fall silent, or who waits for the target
    /// is told why it failed. `quiet` asked for the end and is told nothing.
    pub(super) fn break_transfer(&mut self, now: u64, id: CallId, quiet: Option<&SessionId>, end: End) {
        let Some(call) = self.calls.calls.get(&id) else { return };
        match &call.phase {
            Phase::Asking(Purpose::Transfer(from)) => {
                let from = *from;
                self.transfer_failed(now, from, quiet, end);
            }
            Phase::Connected(Connected { transfer: Some(Transfer::Direct { target, .. }), .. }) => {
                let target = *target;
                self.transfer_failed(now, id, quiet, End::CANCELLED);
                self.finish(now, target, None, End::CANCELLED, End::MISSED);
            }
            Phase::Connected(_) => self.transfer_failed(now, id, quiet, End::CANCELLED),
            Phase::Ringing | Phase::Asking(Purpose::Click(_) | Purpose::TakenOver) => {}
        }
    }

    /// A transfer came to nothing: its calls are what they were before.
    pub(super) fn transfer_failed(&mut self, now: u64, id: CallId, quiet: Option<&SessionId>, why: End) {
        match self.connected(id).and_then(|connected| connected.transfer.clone()) {
            Some(Transfer::Direct { by, .. }) => {
                if let Some(connected) = self.connected(id) {
                    connected.transfer = None;
                }
                if quiet != Some(&by) {
                    self.tell_fail(now, &by, why);
                }
            }
            Some(Transfer::Consultative { .. }) => self.consult_failed(now, id, quiet, why),
            None => {}
        }
    }

    /// Forgets a call: its sessions are over, or have gone on to another one.
    pub(super) fn drop_call(&mut self, id: CallId) {
        self.timers.clear(&Timer::NoAnswer(id));
        self.timers.clear(&Timer::Update(id));
        if let Some(call) = self.calls.calls.remove(&id) {
            self.step(id, Step::Ended);
            self.record_missed(call.offered.into_iter(), &call.from);
        }
    }
}

impl Call {
    /// A call whose devices are asked for an offer.
    pub(super) fn asking(purpose: Purpose, from: Party, aside: BTreeSet<SubscriptionId>) -> Self {
        Self {
            caller: None,
            callees: BTreeSet::new(),
            offer: String::new(),
            from,
            aside,
            offered: BTreeMap::new(),
            rang: false,
            forwards: 0,
            phase: Phase::Asking(purpose),
        }
    }
}
