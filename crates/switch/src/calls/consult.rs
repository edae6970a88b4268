//! Consultative transfer: `by` connects the other parties of two calls of its own with each other (§4.3.9, §4.6.13).
//!
//! ```text
//!        both calls idle                       offer                          answer
//! wait ──────────────────▶ Asked / Reserved ──────────▶ Reserved / Passed ──────────▶ one call, `by` is out of both
//! ```
//! The pairs are the exchanges of the first and of the second call: nothing else is negotiated in either meanwhile. When
//! anything fails, both calls go on as they were, and `by` is told for each.

use kandy_wire::{SessionId, notice::EventType};

use super::{End, Exchange, Stage, Transfer, control::WRONG_STATE, transfer::TRANSFER_PENDING};
use crate::{
    CallId, Switch,
    accounts::UserKey,
    fault::{Fault, code},
    timers::Timer,
};

const SAME_CALL: Fault = Fault::new(400, code::BAD_REQUEST, "A call cannot be transferred to itself.");

impl Switch {
    /// `{"type":"transfer"}` with another session, which has to be the same user's, too.
    pub(super) fn consult(
        &mut self,
        now: u64,
        user: &UserKey,
        (first, by): (CallId, &SessionId),
        also: &SessionId,
    ) -> Result<(), Fault> {
        let leg = self.leg_of(user, also)?;
        let second = leg.call;
        match leg.stage {
            Stage::Connected if second == first => return Err(SAME_CALL),
            Stage::Connected => {}
            Stage::Ended(_) => return Err(Fault::NO_SESSION),
            Stage::Calling | Stage::Offered | Stage::Ringing => return Err(WRONG_STATE),
        }
        for id in [first, second] {
            match self.connected(id) {
                Some(connected) if connected.transfer.is_none() => {}
                Some(_) => return Err(TRANSFER_PENDING),
                None => return Err(WRONG_STATE),
            }
        }
        let parties = self.peer_of(by).zip(self.peer_of(also));
        let users = parties.and_then(|(one, two)| self.calls.legs.get(&one).zip(self.calls.legs.get(&two)));
        let (one, two) = users.ok_or(WRONG_STATE)?;
        if !self.accounts.reaches(&one.party.user, &two.party.user) {
            return Err(Fault::NO_SESSION);
        }
        for (id, by, other) in [(first, by, second), (second, also, first)] {
            if let Some(connected) = self.connected(id) {
                connected.transfer = Some(Transfer::Consultative { by: by.clone(), other, first: id == first });
            }
            self.answered(now, by);
        }
        self.consult_begin(now, first);
        Ok(())
    }

    /// Asks the first call's party for an offer as soon as nothing else is under way in either call.
    pub(super) fn consult_begin(&mut self, now: u64, id: CallId) {
        let Some([first, second]) = self.consulted(id) else { return };
        let idle = |switch: &mut Self, id| switch.connected(id).is_some_and(|c| c.exchange.is_none());
        if !idle(self, first) || !idle(self, second) {
            return;
        }
        let Some((one, two)) = self.stay(first).zip(self.stay(second)) else { return };
        self.set_exchange(first, Some(Exchange::Asked));
        self.set_exchange(second, Some(Exchange::Reserved));
        self.set_remote(&one, &two);
        self.await_exchange(now, first);
        self.tell(now, &one, EventType::StartCallUpdate, None);
    }

    /// The first call's party made its offer: the second call's one gets it.
    pub(super) fn consult_offer(&mut self, now: u64, id: CallId, from: &SessionId, sdp: &str) -> Result<(), Fault> {
        let [first, second] = self.consulted(id).ok_or(WRONG_STATE)?;
        self.stay(first).filter(|party| party == from).ok_or(WRONG_STATE)?;
        let two = self.stay(second).ok_or(WRONG_STATE)?;
        self.set_exchange(first, Some(Exchange::Reserved));
        self.set_exchange(second, Some(Exchange::Passed));
        self.timers.clear(&Timer::Update(first));
        // Not before: until it is offered something, it is still with whom it was.
        self.set_remote(&two, from);
        self.await_exchange(now, second);
        self.tell(now, &two, EventType::StartCallUpdate, Some(sdp));
        Ok(())
    }

    /// The second call's party answered: the two have a call of their own, in place of the first one.
    pub(super) fn consult_answer(&mut self, now: u64, id: CallId, from: &SessionId, sdp: &str) -> Result<(), Fault> {
        let [first, second] = self.consulted(id).ok_or(WRONG_STATE)?;
        let two = self.stay(second).filter(|party| party == from).ok_or(WRONG_STATE)?;
        let one = self.stay(first).ok_or(WRONG_STATE)?;
        let done = [first, second].map(|id| self.transferor(id));
        self.drop_call(second);
        if let Some(leg) = self.calls.legs.get_mut(&two) {
            leg.call = first;
        }
        if let Some(call) = self.calls.calls.get_mut(&first) {
            (call.caller, call.callees) = (Some(one.clone()), [two].into());
        }
        if let Some(connected) = self.connected(first) {
            (connected.exchange, connected.transfer) = (None, None);
        }
        self.tell(now, &one, EventType::RespondCallUpdate, Some(sdp));
        for by in done.iter().flatten() {
            self.end_leg(now, by, Some(End::CONSULTED));
        }
        Ok(())
    }

    /// Both calls go on as before. Who has made an offer in vain takes it back, as after a collision (§4.9).
    pub(super) fn consult_failed(&mut self, now: u64, id: CallId, quiet: Option<&SessionId>, why: End) {
        let Some(calls) = self.consulted(id) else { return };
        for id in calls {
            let (by, party) = (self.transferor(id), self.stay(id));
            let Some(connected) = self.connected(id) else { continue };
            connected.transfer = None;
            let begun = [Exchange::Asked, Exchange::Passed, Exchange::Reserved];
            let was = connected.exchange.take_if(|exchange| begun.contains(exchange));
            let Some((by, party)) = by.zip(party) else { continue };
            if let Some(was) = was {
                self.timers.clear(&Timer::Update(id));
                self.set_remote(&party, &by);
                if Some(&id) == calls.first() && was == Exchange::Reserved && quiet != Some(&party) {
                    self.tell_glare(now, &party);
                }
            }
            if quiet != Some(&by) {
                self.tell_fail(now, &by, why);
            }
        }
    }

    /// The two calls of a consultative transfer, in the order of the request.
    fn consulted(&mut self, id: CallId) -> Option<[CallId; 2]> {
        match self.connected(id)?.transfer.as_ref()? {
            Transfer::Consultative { other, first: true, .. } => Some([id, *other]),
            Transfer::Consultative { other, first: false, .. } => Some([*other, id]),
            Transfer::Direct { .. } => None,
        }
    }

    fn transferor(&mut self, id: CallId) -> Option<SessionId> {
        match self.connected(id)?.transfer.as_ref()? {
            Transfer::Consultative { by, .. } => Some(by.clone()),
            Transfer::Direct { .. } => None,
        }
    }

    /// The party of a call that stays when `by` is gone.
    fn stay(&mut self, id: CallId) -> Option<SessionId> {
        let by = self.transferor(id)?;
        self.peer_of(&by)
    }

    /// From now on `party` sees `other` on the other side.
    fn set_remote(&mut self, party: &SessionId, other: &SessionId) {
        let remote = self.calls.legs.get(other).map(|leg| leg.party.clone());
        if let Some((leg, remote)) = self.calls.legs.get_mut(party).zip(remote) {
            leg.remote = remote;
        }
    }

    fn set_exchange(&mut self, id: CallId, exchange: Option<Exchange>) {
        if let Some(connected) = self.connected(id) {
            connected.exchange = exchange;
        }
    }
}
