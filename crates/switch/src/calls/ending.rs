//! The ends of sessions and calls, by request, by disposition, by time (§4.3.6, §4.3.7, §12.5).

use std::collections::BTreeSet;

use kandy_wire::{
    SessionId,
    call::{CallControlResponse, CallDisposition, CallDispositionRequest, CallDispositionResponse, Status},
    decode,
};

use super::{Call, End, Party, Phase, Stage};
use crate::{
    CallId, Request, Response, SubscriptionId, Switch,
    accounts::UserKey,
    auth::Caller,
    fault::{Fault, code},
    timers::Timer,
};

/// Ended sessions that one subscription's client may still ask about.
const REMEMBERED: usize = 32;

const NOT_RINGING: Fault = Fault::new(409, code::BAD_REQUEST, "Only a ringing call can be rejected or forwarded.");

impl Switch {
    /// `DELETE callControl/callSessions/{id}`. Ending what has ended is no failure: both sides may hang up at once.
    pub(crate) fn call_end(&mut self, now: u64, caller: &Caller, session: &SessionId) -> Result<Response, Fault> {
        let leg = self.leg_of(&caller.user, session)?;
        let (id, stage) = (leg.call, leg.stage);
        match stage {
            Stage::Calling => self.finish(now, id, Some(session), End::CANCELLED, End::MISSED),
            Stage::Offered | Stage::Ringing => {
                self.record_refused(session);
                self.finish(now, id, Some(session), End::DECLINED, End::ELSEWHERE);
            }
            Stage::Connected => self.leave(now, id, Some(session), End::HUNG_UP),
            Stage::Ended(_) => {}
        }
        Ok(Response::ok(&CallControlResponse::ok()))
    }

    /// `POST calldisposition`.
    pub(crate) fn call_disposition(
        &mut self,
        now: u64,
        request: &Request<'_>,
        caller: &Caller,
    ) -> Result<Response, Fault> {
        let wish = decode::<CallDispositionRequest>(request.body).map_err(|_| Fault::BODY)?.call_disposition_request;
        let (CallDisposition::Reject { session_data: session }
        | CallDisposition::Forward { session_data: session, .. }) = &wish;
        let leg = self.leg_of(&caller.user, session)?;
        let (id, stage) = (leg.call, leg.stage);
        match (stage, &wish) {
            (Stage::Offered | Stage::Ringing, CallDisposition::Reject { .. }) => {
                self.record_refused(session);
                self.finish(now, id, Some(session), End::DECLINED, End::ELSEWHERE);
            }
            (Stage::Offered | Stage::Ringing, CallDisposition::Forward { address, .. }) => {
                self.record_refused(session);
                self.forward(now, id, session, address);
            }
            (Stage::Ended(_), CallDisposition::Reject { .. }) => {}
            (Stage::Ended(_), CallDisposition::Forward { .. }) => return Err(Fault::NO_SESSION),
            (Stage::Calling | Stage::Connected, _) => return Err(NOT_RINGING),
        }
        let call_disposition_response = Status { status_code: 0 };
        Ok(Response::ok(&CallDispositionResponse { call_disposition_response }))
    }

    /// A device did not report ringing in time: it is not there, or could not use the offer (§12.5).
    pub(crate) fn ringing_missed(&mut self, now: u64, session: &SessionId) {
        let Some(id) = self.calls.legs.get(session).map(|leg| leg.call) else { return };
        self.end_leg(now, session, Some(End::wordless(480)));
        self.end_if_nobody_is_left(now, id);
    }

    /// Nobody answered in time.
    pub(crate) fn no_answer(&mut self, now: u64, call: CallId) {
        self.finish(now, call, None, End::NO_ANSWER, End::MISSED);
    }

    /// A connected party has not audited for long: it is gone, and the other one must know (§4.10).
    pub(crate) fn audit_missed(&mut self, now: u64, session: &SessionId) {
        if let Some(id) = self.calls.legs.get(session).map(|leg| leg.call) {
            self.leave(now, id, None, End::SILENT);
        }
    }

    /// An ended session is forgotten, unless a client that is away has yet to hear of the end.
    pub(crate) fn forget_due(&mut self, now: u64, session: &SessionId) {
        if self.calls.legs.get(session).is_some_and(|leg| leg.gate.holds_end()) {
            self.timers.set(Timer::Forget(session.clone()), now.saturating_add(self.policy.end_memory));
        } else {
            self.calls.legs.remove(session);
        }
    }

    /// Ends all that a subscription had; its own client is not told, because the way to it ends, too.
    pub(crate) fn end_calls_of(&mut self, now: u64, subscription: SubscriptionId) {
        let Some(found) = self.subscriptions.get(subscription) else { return };
        let (live, ended) = (found.sessions.clone(), found.ended.clone());
        for session in live {
            let Some((id, stage)) = self.calls.legs.get(&session).map(|leg| (leg.call, leg.stage)) else { continue };
            match stage {
                Stage::Calling => self.finish(now, id, Some(&session), End::CANCELLED, End::MISSED),
                Stage::Connected => self.leave(now, id, Some(&session), End::HUNG_UP),
                Stage::Offered | Stage::Ringing => {
                    // Devices that were woken by a push ring on until they are told.
                    self.push_end(now, &session, End::MISSED);
                    self.end_leg(now, &session, None);
                    self.end_if_nobody_is_left(now, id);
                }
                Stage::Ended(_) => {}
            }
            self.forget_leg(&session);
        }
        ended.iter().for_each(|session| self.forget_leg(session));
    }

    /// The calls in which this user is now, from whichever device.
    pub(crate) fn calls_of(&self, user: &UserKey) -> BTreeSet<CallId> {
        let sessions = self.subscriptions.of_user(user).flat_map(|(_, subscription)| &subscription.sessions);
        sessions.filter_map(|session| self.calls.legs.get(session)).map(|leg| leg.call).collect()
    }

    /// Ends the calls in which somebody sees somebody else whom they are not to know of any longer, as if one of them had hung
    /// up.
    pub(crate) fn end_calls_between(&mut self, now: u64, parted: impl Fn(&UserKey, &UserKey) -> bool) {
        let legs = self.calls.legs.values().filter(|leg| !leg.ended());
        let calls: BTreeSet<CallId> =
            legs.filter(|leg| parted(&leg.party.user, &leg.remote.user)).map(|leg| leg.call).collect();
        calls.into_iter().for_each(|id| self.leave(now, id, None, End::HUNG_UP));
    }

    /// Ends a call: every session of it, with what its side is told; `quiet` asked for it and is told nothing.
    pub(super) fn finish(&mut self, now: u64, id: CallId, quiet: Option<&SessionId>, caller: End, callees: End) {
        self.break_transfer(now, id, quiet, caller);
        let Some(call) = self.calls.calls.get(&id) else { return };
        let sessions = call.caller.iter().map(|session| (session.clone(), caller));
        let sessions: Vec<_> = sessions.chain(call.callees.iter().map(|s| (s.clone(), callees))).collect();
        for (session, end) in sessions {
            let told = quiet != Some(&session);
            self.end_leg(now, &session, told.then_some(end));
        }
        self.drop_call(id);
    }

    /// A party who talks, or waits for the target of a transfer, is gone. Devices that still ring miss the call.
    fn leave(&mut self, now: u64, id: CallId, quiet: Option<&SessionId>, end: End) {
        let talk = self.connected(id).is_some();
        self.finish(now, id, quiet, end, if talk { end } else { End::MISSED });
    }

    /// Ends one session; its client is told, unless it asked for it. A device that has not even been written to about
    /// the call never hears of it.
    pub(super) fn end_leg(&mut self, now: u64, session: &SessionId, told: Option<End>) {
        let Some(leg) = self.calls.legs.get_mut(session).filter(|leg| !leg.ended()) else { return };
        leg.stage = Stage::Ended(told.unwrap_or(End::HUNG_UP));
        let (id, subscription, user) = (leg.call, leg.subscription, leg.party.user.clone());
        self.record_session(now, session);
        self.touch_dialogs(&user);
        if let Some(call) = self.calls.calls.get_mut(&id) {
            call.callees.remove(session);
        }
        self.timers.clear(&Timer::Ringing(session.clone()));
        self.timers.clear(&Timer::Audit(session.clone()));
        self.timers.set(Timer::Forget(session.clone()), now.saturating_add(self.policy.end_memory));
        self.remember(now, session, subscription);
        if let Some(end) = told {
            self.push_end(now, session, end);
        }
        let Some(subscription) = self.subscriptions.get_mut(subscription) else { return };
        if subscription.channel.holds_unseen_call(session) {
            subscription.channel.withdraw(session, None);
        } else if let Some(end) = told {
            self.tell_end(now, session, end);
        }
    }

    fn remember(&mut self, now: u64, session: &SessionId, subscription: SubscriptionId) {
        let event = self.fresh_event(now);
        let Some(subscription) = self.subscriptions.get_mut(subscription) else { return };
        subscription.sessions.remove(session);
        subscription.ended.push_back(session.clone());
        if subscription.ended.len() > REMEMBERED
            && let Some(oldest) = subscription.ended.pop_front()
        {
            subscription.channel.drop_session(&oldest);
            if self.calls.legs.get(&oldest).is_some_and(|leg| leg.gate.holds_end()) {
                subscription.channel.skip(event);
            }
            self.forget_leg(&oldest);
        }
    }

    fn forget_leg(&mut self, session: &SessionId) {
        self.timers.clear(&Timer::Forget(session.clone()));
        self.timers.clear(&Timer::Gate(session.clone()));
        self.calls.legs.remove(session);
    }

    fn end_if_nobody_is_left(&mut self, now: u64, id: CallId) {
        let ringing = |call: &&Call| !matches!(call.phase, Phase::Connected(_)) && call.callees.is_empty();
        if self.calls.calls.get(&id).filter(ringing).is_some() {
            self.finish(now, id, None, End::UNAVAILABLE, End::MISSED);
        }
    }

    /// The callee's devices fall silent, and the call is offered to somebody else (§4.6.11).
    fn forward(&mut self, now: u64, id: CallId, session: &SessionId, address: &str) {
        let Some(leg) = self.calls.legs.get(session) else { return };
        let by = leg.party.user.clone();
        let target = UserKey::called(address, &by);
        let Some(call) = self.calls.calls.get_mut(&id) else { return };
        call.forwards += 1;
        if call.forwards > self.policy.forwards_per_call {
            return self.finish(now, id, Some(session), End::UNAVAILABLE, End::ELSEWHERE);
        }
        let caller = call.caller.clone();
        for callee in call.callees.clone() {
            self.end_leg(now, &callee, (callee != *session).then_some(End::ELSEWHERE));
        }
        if let Some(leg) = caller.and_then(|caller| self.calls.legs.get_mut(&caller)) {
            leg.remote = Party::of(target.clone());
        }
        self.offer(now, id, &target, &by);
    }
}
