//! New descriptions in mid-call: one party offers, the other one answers, one exchange at a time (§4.3.4, §4.3.5, §12.3
//! rule 4). Who comes second is told to try again (§4.9).

use kandy_wire::{SessionId, notice::EventType};
use serde::{Deserialize, Serialize};

use super::{End, control::WRONG_STATE};
use crate::{CallId, Switch, fault::Fault, timers::Timer};

/// An exchange that is under way in a connected call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Exchange {
    /// This party offered, the other one is to answer.
    Update(SessionId),
    /// The same between two who never talked to each other: without an answer there is no call.
    First(SessionId),
    /// The party that stays was asked for an offer, for the other call of a consultative transfer.
    Asked,
    /// The party that stays was given the offer from the other call.
    Passed,
    /// It is the other call's turn.
    Reserved,
}

impl Switch {
    /// A party offers a new description.
    pub(super) fn update(&mut self, now: u64, id: CallId, session: &SessionId, sdp: &str) -> Result<(), Fault> {
        if sdp.trim().is_empty() {
            return Err(Fault::BODY);
        }
        let peer = self.peer_of(session);
        match (self.connected(id), peer) {
            (Some(connected), Some(peer)) if connected.exchange.is_none() => {
                connected.exchange = Some(Exchange::Update(session.clone()));
                self.await_exchange(now, id);
                self.tell(now, &peer, EventType::StartCallUpdate, Some(sdp));
            }
            // Also for a party whose new peer has not answered yet: there will be somebody to tell it to.
            _ => {
                self.answered(now, session);
                self.tell_glare(now, session);
            }
        }
        Ok(())
    }

    /// A party answers the other one's description, or makes the offer that it was asked for.
    pub(super) fn respond(&mut self, now: u64, id: CallId, session: &SessionId, sdp: &str) -> Result<(), Fault> {
        if sdp.trim().is_empty() {
            return Err(Fault::BODY);
        }
        let connected = self.connected(id).ok_or(WRONG_STATE)?;
        match connected.exchange.clone() {
            Some(Exchange::Update(by) | Exchange::First(by)) if by != *session => {
                connected.exchange = None;
                self.timers.clear(&Timer::Update(id));
                self.tell(now, &by, EventType::RespondCallUpdate, Some(sdp));
                self.continue_transfer(now, id);
                Ok(())
            }
            Some(Exchange::Asked) => self.consult_offer(now, id, session, sdp),
            Some(Exchange::Passed) => self.consult_answer(now, id, session, sdp),
            Some(Exchange::Update(_) | Exchange::First(_) | Exchange::Reserved) | None => Err(WRONG_STATE),
        }
    }

    /// A description was not answered in time (§12.5). Its sender may try again; who has never talked to the other side
    /// has nothing to go on with.
    pub(crate) fn update_unanswered(&mut self, now: u64, id: CallId) {
        let Some(connected) = self.connected(id) else { return };
        match connected.exchange.clone() {
            Some(Exchange::Update(by)) => {
                connected.exchange = None;
                self.tell_glare(now, &by);
                self.continue_transfer(now, id);
            }
            Some(Exchange::First(_)) => self.finish(now, id, None, End::SILENT, End::SILENT),
            Some(Exchange::Asked | Exchange::Passed | Exchange::Reserved) => {
                self.transfer_failed(now, id, None, End::UNAVAILABLE);
            }
            None => {}
        }
    }

    /// Waits for the answer of an exchange.
    pub(super) fn await_exchange(&mut self, now: u64, id: CallId) {
        self.timers.set(Timer::Update(id), now.saturating_add(self.policy.update_wait));
    }
}
