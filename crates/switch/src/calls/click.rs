//! Click to call: the gateway rings the calling party's own devices, and calls the other party with the offer of the one
//! that answers (§4.13, §4.6.20).

use std::collections::BTreeSet;

use kandy_wire::{
    SessionId,
    call::{ClickToCallRequest, ClickToCallResponse, Status},
    decode,
};

use super::{Call, Party, Phase, Purpose, Stage};
use crate::{
    CallId, Request, Response, Switch,
    accounts::UserKey,
    auth::Caller,
    fault::{Fault, code},
};

const SOMEBODY_ELSE: Fault = Fault::new(
    403,
    code::UNAUTHORIZED,
    "Only the logged-in user can be the calling party: who calls is named and pays.",
);
const NO_DEVICE: Fault = Fault::new(409, code::BAD_REQUEST, "The calling party has no device that could be rung.");

impl Switch {
    /// `POST clicktocall`.
    pub(crate) fn click_to_call(
        &mut self,
        now: u64,
        request: &Request<'_>,
        caller: &Caller,
    ) -> Result<Response, Fault> {
        let wish = decode::<ClickToCallRequest>(request.body).map_err(|_| Fault::BODY)?.click_to_call_request;
        if wish.calling_party.trim().is_empty() || wish.called_party.trim().is_empty() {
            return Err(Fault::BODY);
        }
        if UserKey::called(&wish.calling_party, &caller.user) != caller.user {
            return Err(SOMEBODY_ELSE);
        }
        let called = UserKey::called(&wish.called_party, &caller.user);
        let id = CallId(self.fresh_id());
        let call = Call::asking(Purpose::Click(called.clone()), Party::of(called), BTreeSet::new());
        self.add_call(id, call);
        self.offer(now, id, &caller.user, &caller.user);
        if !self.calls.calls.contains_key(&id) {
            return Err(NO_DEVICE);
        }
        Ok(Response::ok(&ClickToCallResponse { click_to_call_response: Status { status_code: 0 } }))
    }

    /// The calling party has answered with an offer: from here on it is the caller of an ordinary call.
    pub(super) fn click_answers(&mut self, now: u64, id: CallId, session: &SessionId, called: &UserKey, offer: String) {
        let Some(leg) = self.calls.legs.get_mut(session) else { return };
        leg.stage = Stage::Calling;
        leg.outgoing = true;
        let user = leg.party.user.clone();
        let (party, subscription) = (leg.party.clone(), leg.subscription);
        self.touch_dialogs(&user);
        let Some(call) = self.calls.calls.get_mut(&id) else { return };
        call.callees.remove(session);
        call.caller = Some(session.clone());
        (call.offer, call.from, call.aside) = (offer, party, [subscription].into());
        // Its client takes the call for an incoming one, to which nobody reports ringing.
        call.rang = true;
        call.phase = Phase::Ringing;
        self.answered(now, session);
        self.offer(now, id, called, &user);
    }
}
