//! Telling a client about its session, never before the client can know it (§12.3): each session has a gate.
//!
//! * After a request on a session the gate opens when the grace time is over, so that no notification overtakes the
//!   response.
//! * For a device that was offered a call it stays shut until the device reports ringing. Only the end of the call may
//!   come up before; it is held back until then, or for some seconds of an open socket.

use std::collections::VecDeque;

use kandy_wire::{
    SessionId, Value, encode,
    notice::{EventType, Notification, NotificationFrame, Parties, SessionParams},
};
use serde::{Deserialize, Serialize};

use super::{End, Leg, Party, Stage};
use crate::{
    Delivery, SubscriptionId, Switch,
    channel::{Kept, Kind},
    timers::Timer,
};

/// What holds notifications of a session back.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Gate {
    /// From when on the client may be told; `None` until it reports ringing.
    opens: Option<u64>,
    held: VecDeque<(Notification, Kind)>,
}

impl Gate {
    /// Opens at this time.
    pub(super) fn at(time: u64) -> Self {
        Self { opens: Some(time), held: VecDeque::new() }
    }

    /// Shut until the device reports ringing.
    pub(super) fn shut() -> Self {
        Self::default()
    }

    /// Whether the client still waits for the answer to its ringing report, and the end of the call with it.
    pub(super) fn holds_end(&self) -> bool {
        self.opens.is_none() && !self.held.is_empty()
    }
}

impl Switch {
    /// A request on this session was answered just now: what is told about it waits for the grace time.
    pub(super) fn answered(&mut self, now: u64, session: &SessionId) {
        if let Some(leg) = self.calls.legs.get_mut(session) {
            let grace = self.subscriptions.get(leg.subscription).map_or(self.policy.grace, |s| s.grace(&self.policy));
            let opens = now.saturating_add(grace);
            leg.used = true;
            leg.gate.opens = Some(opens);
            if !leg.gate.held.is_empty() {
                self.timers.set(Timer::Gate(session.clone()), opens);
            }
        }
    }

    /// Offers a call, without an offer where the device is to make it: the one notification that needs no gate, because it
    /// makes the session known.
    pub(super) fn tell_call(&mut self, now: u64, session: &SessionId, offer: &str) {
        let offer = Some(offer).filter(|offer| !offer.is_empty());
        let Some(mut notification) = self.notification(session, EventType::Call, offer) else { return };
        let callee = self.calls.legs.get(session).map(|leg| self.accounts.number(&leg.party.user));
        if let Some(parties) = &mut notification.call_notification_params {
            parties.callee_display_number = callee;
        }
        self.hand_over(now, session, notification, Kind::Call);
    }

    /// Tells `ringing`, an update or its answer.
    pub(super) fn tell(&mut self, now: u64, session: &SessionId, event: EventType, sdp: Option<&str>) {
        if let Some(notification) = self.notification(session, event, sdp) {
            self.through_gate(now, session, notification, Kind::Middle);
        }
    }

    /// Tells that a session is over.
    pub(super) fn tell_end(&mut self, now: u64, session: &SessionId, end: End) {
        let event = if end.complete { EventType::SessionComplete } else { EventType::CallEnd };
        self.tell_reason(now, session, event, end, Kind::End);
    }

    /// Tells that a transfer came to nothing, and why; the session lives on (§4.4.7).
    pub(super) fn tell_fail(&mut self, now: u64, session: &SessionId, why: End) {
        self.tell_reason(now, session, EventType::SessionFail, why, Kind::Middle);
    }

    /// Tells devices that were woken for a call that it is over, without waiting for them to report ringing: they may never
    /// open a socket, and would ring on. A client that does hears it once more there.
    pub(super) fn push_end(&mut self, now: u64, session: &SessionId, end: End) {
        let Some(user) = self.calls.legs.get(session).filter(|leg| leg.pushed).map(|leg| leg.party.user.clone()) else {
            return;
        };
        if let Some(notification) = self.reason(session, EventType::CallEnd, end) {
            let text = self.frame(now, notification);
            self.push(&user, "call", &text);
        }
    }

    /// Tells a client that is put out that its calls are over, past everything that waits for it: nothing comes after this but
    /// `gone`. Without it released clients would talk on until their next audit, or for ever.
    pub(crate) fn tell_out(&mut self, now: u64, id: SubscriptionId) {
        let Some(subscription) = self.subscriptions.get(id) else { return };
        let Some(socket) = subscription.channel.socket() else { return };
        let seen = |session: &&SessionId| !subscription.channel.holds_unseen_call(session);
        let live: Vec<SessionId> = subscription.sessions.iter().filter(seen).cloned().collect();
        for session in live {
            if let Some(notification) = self.reason(&session, EventType::CallEnd, End::HUNG_UP) {
                let text = self.frame(now, notification);
                self.out.push(Delivery::Frame { socket, text });
            }
        }
    }

    /// A notification that is kept for nobody, as a frame.
    pub(crate) fn frame(&mut self, now: u64, mut notification: Notification) -> String {
        notification.event_id = Some(Value::from(self.fresh_event(now).to_string()));
        notification.time = Some(Value::from(now));
        encode(&NotificationFrame { notification_message: notification })
    }

    fn tell_reason(&mut self, now: u64, session: &SessionId, event: EventType, end: End, kind: Kind) {
        if let Some(notification) = self.reason(session, event, end) {
            self.through_gate(now, session, notification, kind);
        }
    }

    fn reason(&self, session: &SessionId, event: EventType, end: End) -> Option<Notification> {
        let mut notification = self.notification(session, event, None)?;
        if let Some(params) = &mut notification.session_params {
            params.status_code = end.code.map(Value::from);
            params.reason_text = end.reason.map(str::to_owned);
        }
        Some(notification)
    }

    /// Tells that an update was refused because another one is under way, in the only form that released clients
    /// survive (§4.9).
    pub(super) fn tell_glare(&mut self, now: u64, session: &SessionId) {
        let Some(mut notification) = self.notification(session, EventType::RespondCallUpdate, None) else { return };
        notification.status_code = Some(Value::from(49));
        if let Some(params) = &mut notification.session_params {
            params.retry_after = Some(Value::from(2));
            params.reason_text = Some("Request Pending".into());
        }
        self.through_gate(now, session, notification, Kind::Middle);
    }

    /// A gate's time has come. One that waits for a device without a socket goes on waiting: the device could not have
    /// reported anything, and gets offer and end anew when it is back.
    pub(crate) fn gate_due(&mut self, now: u64, session: &SessionId) {
        let Some(leg) = self.calls.legs.get_mut(session) else { return };
        let connected = self.subscriptions.get(leg.subscription).is_some_and(|s| s.channel.socket().is_some());
        if leg.gate.opens.is_none() {
            if !connected {
                return;
            }
            leg.gate.opens = Some(now);
        }
        self.flush(now, session);
    }

    /// A client is back on a new socket. Where it gets the offer of a call again that has ended meanwhile, and never
    /// reported ringing, the end must not follow on the heels of the offer.
    pub(crate) fn hold_ends_back(&mut self, now: u64, id: SubscriptionId) {
        let Some(subscription) = self.subscriptions.get_mut(id) else { return };
        let patience = now.saturating_add(self.policy.end_patience);
        let mut waiting: Vec<SessionId> = Vec::new();
        for session in subscription.channel.offered_and_ended() {
            if self.calls.legs.get(&session).is_some_and(|leg| !leg.used) {
                subscription.channel.withdraw(&session, Some(Kind::End));
                waiting.push(session);
            }
        }
        for session in &waiting {
            let Some(leg) = self.calls.legs.get_mut(session) else { continue };
            leg.gate.opens = None;
            if let Stage::Ended(end) = leg.stage {
                self.tell_end(now, session, end);
            }
        }
        let Some(subscription) = self.subscriptions.get(id) else { return };
        let shut = |session: &&SessionId| self.calls.legs.get(session).is_some_and(|leg| leg.gate.holds_end());
        for session in subscription.ended.iter().filter(shut) {
            self.timers.set(Timer::Gate(session.clone()), patience);
        }
    }

    fn through_gate(&mut self, now: u64, session: &SessionId, notification: Notification, kind: Kind) {
        let Some(leg) = self.calls.legs.get_mut(session) else { return };
        if kind == Kind::End {
            // One end is enough; the newest is the one whose id no client has dropped yet.
            leg.gate.held.retain(|(_, held)| *held != Kind::End);
            if let Some(subscription) = self.subscriptions.get_mut(leg.subscription) {
                subscription.channel.withdraw(session, Some(Kind::End));
            }
        }
        leg.gate.held.push_back((notification, kind));
        self.flush(now, session);
    }

    fn flush(&mut self, now: u64, session: &SessionId) {
        let Some(Leg { gate, .. }) = self.calls.legs.get_mut(session) else { return };
        match gate.opens {
            Some(opens) if opens <= now => {
                for (notification, kind) in std::mem::take(&mut gate.held) {
                    self.hand_over(now, session, notification, kind);
                }
            }
            Some(opens) => self.timers.set(Timer::Gate(session.clone()), opens),
            None => {
                let patience = now.saturating_add(self.policy.end_patience);
                self.timers.set(Timer::Gate(session.clone()), patience);
            }
        }
    }

    fn hand_over(&mut self, now: u64, session: &SessionId, mut notification: Notification, kind: Kind) {
        let event = self.fresh_event(now);
        notification.event_id = Some(Value::from(event.to_string()));
        notification.time = Some(Value::from(now));
        let text = encode(&NotificationFrame { notification_message: notification });
        let Some(leg) = self.calls.legs.get(session) else { return };
        let (id, user, pushed) = (leg.subscription, leg.party.user.clone(), leg.pushed);
        // The end of a call that was pushed has been pushed already.
        if !(pushed && kind == Kind::End)
            && self.push(&user, "call", &text)
            && kind == Kind::Call
            && let Some(leg) = self.calls.legs.get_mut(session)
        {
            leg.pushed = true;
        }
        self.subscriptions.keep(id, Kept::new(text, event, session.clone(), kind, now), self.policy.user_bytes);
        self.write(now, id);
    }

    /// The common part: both pairs of names hold the remote party (§4.4).
    fn notification(&self, session: &SessionId, event: EventType, sdp: Option<&str>) -> Option<Notification> {
        let leg = self.calls.legs.get(session)?;
        let Party { user, name } = &leg.remote;
        let to = &leg.party.user;
        let name = name.clone().unwrap_or_else(|| self.accounts.name_to(user, to));
        let number = self.accounts.number_to(user, to);
        Some(Notification {
            event_type: Some(event),
            session_params: Some(SessionParams {
                session_data: Some(session.clone()),
                sdp: sdp.map(str::to_owned),
                ..SessionParams::default()
            }),
            call_notification_params: Some(Parties {
                caller_name: Some(name.clone()),
                caller_display_number: Some(number.clone()),
                remote_name: Some(name),
                remote_display_number: Some(number),
                callee_display_number: None,
            }),
            ..Notification::default()
        })
    }
}
