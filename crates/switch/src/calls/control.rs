//! Requests on one session: ringing, answer, updates, audit (§4.3.2 to §4.3.5, §4.3.11).

use kandy_wire::{
    SessionId,
    call::{CallControl, CallControlRequest, CallControlResponse},
    decode,
    notice::EventType,
};

use super::{End, Phase, Stage};
use crate::{
    CallId, Request, Response, Switch,
    auth::Caller,
    fault::{Fault, code},
    timers::Timer,
};

const WRONG_STATE: Fault = Fault::new(409, code::BAD_REQUEST, "The call is not in a state for that request.");
const NO_TRANSFER: Fault = Fault::new(403, code::NOT_ENABLED, "This gateway does not transfer calls.");
const NEEDS_NO_SESSION: Fault = Fault::new(400, code::BAD_REQUEST, "That request does not go to a call session.");

impl Switch {
    /// `PUT callControl/callSessions/{id}`.
    pub(crate) fn call_control(
        &mut self,
        now: u64,
        request: &Request<'_>,
        caller: &Caller,
        session: &SessionId,
    ) -> Result<Response, Fault> {
        let wish = decode::<CallControlRequest>(request.body).map_err(|_| Fault::BODY)?.call_control_request;
        let leg = self.leg_of(&caller.user, session)?;
        let (call, stage) = (leg.call, leg.stage);
        if let Stage::Ended(end) = stage {
            return self.after_the_end(now, session, end, wish == CallControl::Ringing);
        }
        if stage == Stage::Connected {
            self.await_audit(now, session);
        }
        match (wish, stage) {
            (CallControl::Audit, _) => {
                self.leg_of(&caller.user, session)?.used = true;
                return Ok(Response::ok(&CallControlResponse::ok()));
            }
            (CallControl::Ringing, Stage::Offered) => self.ringing(now, call, session),
            (CallControl::Ringing, Stage::Ringing | Stage::Connected) => {}
            (CallControl::CallAnswer { sdp }, Stage::Offered | Stage::Ringing) => {
                self.answer(now, call, session, sdp)?
            }
            (CallControl::CallAnswer { sdp }, Stage::Connected) => self.answer_again(call, session, &sdp)?,
            (CallControl::StartCallUpdate { sdp }, Stage::Connected) => self.update(now, call, session, &sdp)?,
            (CallControl::RespondCallUpdate { sdp }, Stage::Connected) => self.respond(now, call, session, &sdp)?,
            (CallControl::Transfer { .. }, _) => return Err(NO_TRANSFER),
            (CallControl::CallStart { .. } | CallControl::Join { .. }, _) => return Err(NEEDS_NO_SESSION),
            (
                CallControl::Ringing
                | CallControl::CallAnswer { .. }
                | CallControl::StartCallUpdate { .. }
                | CallControl::RespondCallUpdate { .. },
                Stage::Calling | Stage::Offered | Stage::Ringing | Stage::Ended(_),
            ) => return Err(WRONG_STATE),
        }
        self.answered(now, session);
        Ok(Response::ok(&CallControlResponse::ok()))
    }

    /// An update was not answered in time: its sender may try again (§12.5).
    pub(crate) fn update_unanswered(&mut self, now: u64, call: CallId) {
        if let Some(session) = self.pending_update(call).and_then(Option::take) {
            self.tell_glare(now, &session);
        }
    }

    /// Waits for the next audit of a connected party (§4.10).
    pub(super) fn await_audit(&mut self, now: u64, session: &SessionId) {
        self.timers.set(Timer::Audit(session.clone()), now.saturating_add(self.policy.audit_silence));
    }

    /// The session is over: a ringing report that was waited for is taken, everything else is refused, and whoever asks
    /// is told of the end once more, because an earlier notice may have come before the client could use it.
    fn after_the_end(&mut self, now: u64, session: &SessionId, end: End, ringing: bool) -> Result<Response, Fault> {
        let waited_for = ringing && self.calls.legs.get(session).is_some_and(|leg| leg.gate.holds_end());
        self.answered(now, session);
        if waited_for {
            return Ok(Response::ok(&CallControlResponse::ok()));
        }
        self.tell_end(now, session, end);
        Err(Fault::NO_SESSION)
    }

    /// The caller is told once, by whichever device is first (§4.6.10).
    fn ringing(&mut self, now: u64, id: CallId, session: &SessionId) {
        self.timers.clear(&Timer::Ringing(session.clone()));
        if let Some(leg) = self.calls.legs.get_mut(session) {
            leg.stage = Stage::Ringing;
        }
        let Some(call) = self.calls.calls.get_mut(&id) else { return };
        if !std::mem::replace(&mut call.rang, true) {
            let caller = call.caller.clone();
            self.tell(now, &caller, EventType::Ringing, None);
        }
    }

    fn answer(&mut self, now: u64, id: CallId, session: &SessionId, sdp: String) -> Result<(), Fault> {
        if sdp.trim().is_empty() {
            return Err(Fault::BODY);
        }
        let call = self.calls.calls.get_mut(&id).ok_or(Fault::NO_SESSION)?;
        call.phase = Phase::Connected { answer: sdp.clone(), update: None };
        let caller = call.caller.clone();
        let others: Vec<SessionId> = call.callees.iter().filter(|other| *other != session).cloned().collect();
        for other in &others {
            self.end_leg(now, other, Some(End::ELSEWHERE));
        }
        self.timers.clear(&Timer::NoAnswer(id));
        self.timers.clear(&Timer::Ringing(session.clone()));
        for party in [&caller, session] {
            if let Some(leg) = self.calls.legs.get_mut(party) {
                leg.stage = Stage::Connected;
            }
            self.await_audit(now, party);
        }
        self.tell(now, &caller, EventType::RespondCallUpdate, Some(&sdp));
        Ok(())
    }

    /// The same answer again is a repetition on the way here; another one comes too late.
    fn answer_again(&mut self, id: CallId, session: &SessionId, sdp: &str) -> Result<(), Fault> {
        let call = self.calls.calls.get(&id).filter(|call| call.callees.contains(session)).ok_or(WRONG_STATE)?;
        match &call.phase {
            Phase::Connected { answer, .. } if answer == sdp => Ok(()),
            Phase::Connected { .. } | Phase::Ringing => Err(WRONG_STATE),
        }
    }

    /// One exchange at a time (§12.3, rule 4): who comes second is told to try again.
    fn update(&mut self, now: u64, id: CallId, session: &SessionId, sdp: &str) -> Result<(), Fault> {
        let peer = self.peer_of(session).ok_or(WRONG_STATE)?;
        if sdp.trim().is_empty() {
            return Err(Fault::BODY);
        }
        let pending = self.pending_update(id).ok_or(WRONG_STATE)?;
        if pending.is_some() {
            self.answered(now, session);
            self.tell_glare(now, session);
            return Ok(());
        }
        *pending = Some(session.clone());
        self.timers.set(Timer::Update(id), now.saturating_add(self.policy.update_wait));
        self.tell(now, &peer, EventType::StartCallUpdate, Some(sdp));
        Ok(())
    }

    fn respond(&mut self, now: u64, id: CallId, session: &SessionId, sdp: &str) -> Result<(), Fault> {
        if sdp.trim().is_empty() {
            return Err(Fault::BODY);
        }
        let pending = self.pending_update(id).ok_or(WRONG_STATE)?;
        let initiator = pending.take_if(|initiator| initiator != session).ok_or(WRONG_STATE)?;
        self.timers.clear(&Timer::Update(id));
        self.tell(now, &initiator, EventType::RespondCallUpdate, Some(sdp));
        Ok(())
    }

    fn pending_update(&mut self, id: CallId) -> Option<&mut Option<SessionId>> {
        match &mut self.calls.calls.get_mut(&id)?.phase {
            Phase::Connected { update, .. } => Some(update),
            Phase::Ringing => None,
        }
    }
}
