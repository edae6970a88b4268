//! What a call is for those who look at it: its documented state, its record, its flags.

use super::{Call, Phase, incoming, negotiate, outgoing, release, transfer, up};
use crate::query::{CallObject, CallState, Constraints, Operation, Previous};

impl Call {
    /// The documented state.
    pub(crate) fn state(&self) -> CallState {
        match &self.phase {
            Phase::Outgoing(state) => outgoing::public(state),
            Phase::Incoming(_) => CallState::Ringing,
            Phase::Up(_) if self.local_hold || self.remote_hold => CallState::OnHold,
            Phase::Up(_) => CallState::Connected,
            Phase::Gone(state) => release::public(state),
        }
    }

    /// Whether the application has been told of it.
    pub(crate) fn is_visible(&self) -> bool {
        !matches!(&self.phase, Phase::Incoming(state) if incoming::is_hidden(state))
            && !matches!(&self.phase, Phase::Gone(release::State::Unseen))
    }

    /// Whether nothing is awaited any more, neither by the application nor from the server.
    pub(crate) fn is_over(&self) -> bool {
        matches!(&self.phase, Phase::Gone(release::State::Over | release::State::Unseen))
    }

    /// Whether it is connected, held or not.
    pub(super) fn is_up(&self) -> bool {
        matches!(self.phase, Phase::Up(_))
    }

    /// State and hold flags as they are now.
    pub(crate) fn previous(&self) -> Previous {
        Previous {
            state: self.state(),
            local_hold: self.flag(self.local_hold),
            remote_hold: self.flag(self.remote_hold),
        }
    }

    /// The call as the application sees it.
    pub(crate) fn object(&self) -> CallObject {
        CallObject {
            id: self.id.clone(),
            direction: if self.is_caller { "outgoing" } else { "incoming" },
            state: self.state(),
            local_hold: self.flag(self.local_hold),
            remote_hold: self.flag(self.remote_hold),
            local_tracks: self.local_tracks.clone(),
            remote_tracks: self.remote_tracks.clone(),
            remote_participant: self.remote.clone(),
            bandwidth: self.limited.then_some(self.bandwidth),
            start_time: self.start_time,
            end_time: self.end_time,
            to: self.to.clone(),
            from: self.from.clone(),
            is_caller: self.is_caller,
            media_constraints: self.media.clone().map(|wish| Constraints { audio: wish.audio, video: wish.video }),
            display_name: self.display_name.clone(),
            is_slow_start: self.slow_start,
            is_joined_call: self.joins.as_ref().map(|_| true),
            wrtcs_session_id: self.session.clone(),
            webrtc_session_id: Some(self.peer.clone()),
            local_op: self.operation(),
            error: self.error.clone(),
        }
    }

    /// The hold flags of an incoming call are undefined until it is answered (api-behaviour 7.2).
    pub(super) fn flag(&self, held: bool) -> Option<bool> {
        (self.is_caller || self.limited).then_some(held)
    }

    /// Whether the invitation came without an offer.
    pub(super) fn is_slow(&self) -> bool {
        self.slow_start == Some(true)
    }

    /// The own user.
    pub(super) fn own(&self) -> &str {
        if self.is_caller { &self.from } else { &self.to }
    }

    pub(super) fn operation(&self) -> Option<Operation> {
        match &self.phase {
            Phase::Outgoing(_) if self.joins.is_some() => None,
            Phase::Outgoing(state) => Some(outgoing::operation(state)),
            Phase::Incoming(state) => incoming::operation(state),
            Phase::Up(up::State { transfer: Some(transfer), .. }) => Some(transfer::operation(*transfer)),
            Phase::Up(state) => negotiate::operation(&state.exchange),
            Phase::Gone(state) => release::operation(state),
        }
    }
}
