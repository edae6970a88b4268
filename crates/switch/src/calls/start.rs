//! Starting a call and offering it to the callee's devices (§4.3.1), and the cancel that comes without an id (§4.3.6).

use std::collections::{BTreeMap, BTreeSet};

use kandy_wire::{
    SessionId,
    call::{CallControl, CallControlRequest, CallControlResponse, CallControlled},
    decode,
};

use super::{Call, End, Gate, Leg, Party, Phase, Purpose, Stage};
use crate::{
    CallId, Request, Response, SubscriptionId, Switch,
    accounts::UserKey,
    auth::Caller,
    fault::{Fault, code},
    subscription::Subscription,
    timers::Timer,
};

/// Longest display name that is handed on, in characters.
const MAX_NAME: usize = 200;

const NOT_SUBSCRIBED: Fault = Fault::new(403, code::NO_SUBSCRIPTION, "Calls need a subscription to the call service.");
const TOO_MANY: Fault = Fault::new(429, code::BAD_REQUEST, "There are too many calls at once.");
const NO_JOIN: Fault = Fault::new(403, code::NOT_ENABLED, "This gateway does not join calls.");
const NEEDS_SESSION: Fault = Fault::new(400, code::BAD_REQUEST, "That request needs the id of a call session.");
const NOTHING_TO_CANCEL: Fault = Fault::new(404, code::NOTHING_THERE, "There is no call that this could mean.");

impl Switch {
    /// `POST callControl`.
    pub(crate) fn call_start(&mut self, now: u64, request: &Request<'_>, caller: &Caller) -> Result<Response, Fault> {
        let wish = decode::<CallControlRequest>(request.body).map_err(|_| Fault::BODY)?.call_control_request;
        let (to, offer, from) = match wish {
            CallControl::CallStart { to, sdp, from } if !sdp.trim().is_empty() => (to, sdp, from),
            CallControl::CallStart { .. } => return Err(Fault::BODY),
            CallControl::Join { .. } => return Err(NO_JOIN),
            _ => return Err(NEEDS_SESSION),
        };
        let owner = self.subscriptions.owner(caller, request).ok_or(NOT_SUBSCRIBED)?.id;
        let subscription = self.subscriptions.get_mut(owner).filter(|s| s.has("call")).ok_or(NOT_SUBSCRIBED)?;
        if subscription.sessions.len() >= self.policy.sessions_per_subscription {
            return Err(TOO_MANY);
        }
        subscription.last_active = now;
        let grace = subscription.grace(&self.policy);
        let cancelled_at = subscription.cancelled_at.take();
        let cancelled = cancelled_at.is_some_and(|at| now.saturating_sub(at) <= self.policy.cancel_memory);

        let (id, callee) = (CallId(self.fresh_id()), UserKey::called(&to, &caller.user));
        let party = Party { user: caller.user.clone(), name: shown_name(&from) };
        let session = SessionId(self.secrets.token());
        let leg = Leg {
            call: id,
            party: party.clone(),
            subscription: owner,
            remote: Party::of(callee.clone()),
            first: Party::of(callee.clone()),
            outgoing: true,
            talked_since: None,
            stage: Stage::Calling,
            gate: Gate::at(now.saturating_add(grace)),
            started: now,
            used: false,
            pushed: false,
        };
        self.add_leg(session.clone(), leg);
        let call = Call {
            caller: Some(session.clone()),
            callees: BTreeSet::new(),
            offer,
            from: party,
            aside: [owner].into(),
            offered: BTreeMap::new(),
            rang: false,
            forwards: 0,
            phase: Phase::Ringing,
        };
        self.add_call(id, call);
        if cancelled {
            self.finish(now, id, None, End::CANCELLED, End::MISSED);
        } else {
            self.offer(now, id, &callee, &caller.user);
        }
        let accepted = CallControlled { status_code: Some(0), session_data: Some(session), reason: None };
        Ok(Response::ok(&CallControlResponse { call_control_response: accepted }))
    }

    /// `DELETE callControl`: means the call whose start response this device cannot have seen yet. It may even overtake
    /// the start, and is then remembered.
    pub(crate) fn call_abandon(&mut self, now: u64, request: &Request<'_>, caller: &Caller) -> Result<Response, Fault> {
        let owner = self.subscriptions.owner(caller, request).filter(|owner| owner.certain).ok_or(NOTHING_TO_CANCEL)?;
        let oldest = now.saturating_sub(self.policy.cancel_memory);
        let subscription = self.subscriptions.get_mut(owner.id).ok_or(NOTHING_TO_CANCEL)?;
        let legs = subscription.sessions.iter().filter_map(|session| self.calls.legs.get(session));
        let fresh = |leg: &&Leg| leg.stage == Stage::Calling && !leg.used && leg.started >= oldest;
        let candidates: Vec<CallId> = legs.filter(fresh).map(|leg| leg.call).collect();
        match candidates.as_slice() {
            [call] => {
                // The client shows the call as started again when the start response reaches it, so it is told, too.
                self.finish(now, *call, None, End::CANCELLED, End::MISSED);
                Ok(Response::ok(&CallControlResponse::ok()))
            }
            [] => {
                // What comes after it from a client of ours is another call.
                subscription.cancelled_at = Some(now).filter(|_| !subscription.cancels_late());
                Err(NOTHING_TO_CANCEL)
            }
            _ => Err(NOTHING_TO_CANCEL),
        }
    }

    /// Offers a call to every device of `callee` that takes calls; ends it where there is none. `by` named the callee.
    pub(super) fn offer(&mut self, now: u64, id: CallId, callee: &UserKey, by: &UserKey) {
        let Some(call) = self.calls.calls.get_mut(&id) else { return };
        let (offer, remote, aside) = (call.offer.clone(), call.from.clone(), call.aside.clone());
        // Who asked for a call by a click is not called, and talks to nobody yet.
        let clicked = matches!(call.phase, Phase::Asking(Purpose::Click(_)));
        let caller = if clicked { by } else { &remote.user };
        // Whoever names somebody must know of them, and so must whoever will talk to them.
        let known = [by, caller].map(|user| self.accounts.visible(callee, user).is_some());
        if known != [true, true] {
            return self.finish(now, id, None, End::NOT_FOUND, End::MISSED);
        }
        if let Some(call) = self.calls.calls.get_mut(&id).filter(|_| !clicked) {
            call.offered.insert(callee.clone(), now);
        }
        let devices = self.devices(now, callee, &aside);
        let free: Vec<SubscriptionId> = devices.iter().filter(|(_, free)| *free).map(|(id, _)| *id).collect();
        if free.is_empty() {
            let end = if devices.is_empty() { End::UNAVAILABLE } else { End::BUSY };
            return self.finish(now, id, None, end, End::MISSED);
        }
        self.timers.set(Timer::NoAnswer(id), now.saturating_add(self.policy.no_answer));
        for subscription in free {
            let session = SessionId(self.secrets.token());
            let leg = Leg {
                call: id,
                party: Party::of(callee.clone()),
                subscription,
                remote: remote.clone(),
                first: remote.clone(),
                outgoing: false,
                talked_since: None,
                stage: Stage::Offered,
                gate: Gate::shut(),
                started: now,
                used: false,
                pushed: false,
            };
            self.add_leg(session.clone(), leg);
            if let Some(call) = self.calls.calls.get_mut(&id) {
                call.callees.insert(session.clone());
            }
            self.timers.set(Timer::Ringing(session.clone()), now.saturating_add(self.policy.ringing_wait));
            self.tell_call(now, &session, &offer);
        }
    }

    /// The devices of a user, other than those `aside`, and whether each has room for a call. Calling one's own other devices
    /// is allowed.
    fn devices(&self, now: u64, user: &UserKey, aside: &BTreeSet<SubscriptionId>) -> Vec<(SubscriptionId, bool)> {
        let called = |(id, s): &(SubscriptionId, &Subscription)| {
            !aside.contains(id) && s.has("call") && s.channel.away(now) <= self.policy.socket_grace
        };
        let free = |s: &Subscription| s.sessions.len() < self.policy.sessions_per_subscription;
        self.subscriptions.of_user(user).filter(called).map(|(id, s)| (id, free(s))).collect()
    }
}

/// The display name in `Name<sip:user@domain>` (§4.3.1). The address beside it counts for nothing: who calls is who logged
/// in.
fn shown_name(from: &str) -> Option<String> {
    let (name, _) = from.split_once('<')?;
    let name: String = name.chars().filter(|c| !c.is_control()).take(MAX_NAME).collect();
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}
