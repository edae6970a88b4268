//! Requests on one session; ringing, answer and audit are served here (§4.3.2, §4.3.3, §4.3.11).

use kandy_wire::{
    SessionId,
    call::{CallControl, CallControlRequest, CallControlResponse},
    decode,
    notice::EventType,
};

use super::{Connected, End, Phase, Purpose, Stage};
use crate::{
    CallId, Request, Response, Switch,
    auth::Caller,
    counts::Step,
    fault::{Fault, code},
    timers::Timer,
};

pub(super) const WRONG_STATE: Fault =
    Fault::new(409, code::BAD_REQUEST, "The call is not in a state for that request.");
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
            (CallControl::CallAnswer { sdp }, Stage::Connected | Stage::Calling) => {
                self.answer_again(call, session, &sdp)?
            }
            (CallControl::StartCallUpdate { sdp }, Stage::Connected) => self.update(now, call, session, &sdp)?,
            (CallControl::RespondCallUpdate { sdp }, Stage::Connected) => self.respond(now, call, session, &sdp)?,
            (CallControl::Transfer { address, session_data: None }, Stage::Connected) => {
                self.transfer(now, call, session, &address)?;
            }
            (CallControl::Transfer { session_data: Some(other), .. }, Stage::Connected) => {
                self.consult(now, &caller.user, (call, session), &other)?;
            }
            (CallControl::CallStart { .. } | CallControl::Join { .. }, _) => return Err(NEEDS_NO_SESSION),
            (
                CallControl::Ringing
                | CallControl::CallAnswer { .. }
                | CallControl::StartCallUpdate { .. }
                | CallControl::RespondCallUpdate { .. }
                | CallControl::Transfer { .. },
                Stage::Calling | Stage::Offered | Stage::Ringing | Stage::Ended(_),
            ) => return Err(WRONG_STATE),
        }
        self.answered(now, session);
        Ok(Response::ok(&CallControlResponse::ok()))
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

    /// The caller is told once, by whichever device is first (§4.6.10); so is who sends somebody on to this user (§4.6.12).
    fn ringing(&mut self, now: u64, id: CallId, session: &SessionId) {
        self.timers.clear(&Timer::Ringing(session.clone()));
        if let Some(leg) = self.calls.legs.get_mut(session) {
            leg.stage = Stage::Ringing;
        }
        let caller = self.calls.calls.get(&id).and_then(|call| call.caller.clone());
        if let Some(user) = caller.and_then(|caller| self.calls.legs.get(&caller)).map(|leg| leg.party.user.clone()) {
            self.touch_dialogs(&user);
        }
        let Some(call) = self.calls.calls.get_mut(&id) else { return };
        if !std::mem::replace(&mut call.rang, true) {
            match call.caller.clone() {
                Some(caller) => self.tell(now, &caller, EventType::Ringing, None),
                None => self.take_over(now, id),
            }
        }
    }

    /// The first answer counts: the user's other devices fall silent.
    fn answer(&mut self, now: u64, id: CallId, session: &SessionId, sdp: String) -> Result<(), Fault> {
        if sdp.trim().is_empty() {
            return Err(Fault::BODY);
        }
        let call = self.calls.calls.get_mut(&id).ok_or(Fault::NO_SESSION)?;
        let others: Vec<SessionId> = call.callees.iter().filter(|other| *other != session).cloned().collect();
        for other in &others {
            self.end_leg(now, other, Some(End::ELSEWHERE));
        }
        self.timers.clear(&Timer::NoAnswer(id));
        self.timers.clear(&Timer::Ringing(session.clone()));
        let call = self.calls.calls.get_mut(&id).ok_or(Fault::NO_SESSION)?;
        match (&call.phase, call.caller.clone()) {
            (Phase::Asking(Purpose::Click(called)), _) => {
                let called = called.clone();
                self.click_answers(now, id, session, &called, sdp);
            }
            (Phase::Asking(Purpose::Transfer(_) | Purpose::TakenOver), _) => {
                self.target_answers(now, id, session, sdp);
            }
            (Phase::Ringing, Some(caller)) => {
                call.phase = Phase::Connected(Connected { answer: sdp.clone(), ..Connected::default() });
                self.step(id, Step::Connected);
                for party in [&caller, session] {
                    self.connect_leg(now, party);
                }
                self.tell(now, &caller, EventType::RespondCallUpdate, Some(&sdp));
            }
            (Phase::Ringing, None) | (Phase::Connected(_), _) => return Err(WRONG_STATE),
        }
        Ok(())
    }

    /// The same answer again is a repetition on the way here; another one comes too late.
    fn answer_again(&mut self, id: CallId, session: &SessionId, sdp: &str) -> Result<(), Fault> {
        let call = self.calls.calls.get(&id).ok_or(WRONG_STATE)?;
        let given = match &call.phase {
            Phase::Connected(connected) if call.callees.contains(session) => &connected.answer,
            // Devices that were asked for an offer gave it as their answer.
            Phase::Asking(_) if call.callees.contains(session) => &call.offer,
            Phase::Ringing if call.caller.as_ref() == Some(session) => &call.offer,
            Phase::Connected(_) | Phase::Asking(_) | Phase::Ringing => return Err(WRONG_STATE),
        };
        if given == sdp { Ok(()) } else { Err(WRONG_STATE) }
    }
}
