//! One call: its record, and the machines that move it.
//!
//! ```text
//! outgoing: Acquiring → Offering → Inviting → Invited → Alerting → Completing ─┐
//! incoming: Presenting → Reporting → Ringing → … → Answering ──────────────────┴→ Up ─→ Ending → Over
//! ```
//!
//! | file | walks through |
//! | --- | --- |
//! | [`outgoing`] | from `make` to the remote answer |
//! | [`incoming`] | from the invitation to our answer, or its refusal |
//! | [`up`] | the connected call: what waits for what, audits |
//! | [`negotiate`] | offer and answer in the connected call |
//! | [`change`] | media that are added and removed |
//! | [`hold`] | who holds, and the other side's tracks |
//! | [`release`] | every end: by us, by the other side, by failure |
//! | [`registry`] | all calls of a client; which call a fact belongs to |
//! | [`record`], [`outward`] | how a call is seen, what it does |
//! | [`sdp`] | descriptions as text |
//!
//! The documented state of a call is computed from the machine's state ([`Call::state`]), never stored.

mod change;
mod hold;
mod incoming;
mod negotiate;
mod outgoing;
mod outward;
mod record;
mod registry;
mod release;
mod sdp;
mod up;

#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use kandy_wire::SessionId;

pub(crate) use registry::Calls;

use crate::{
    CallId, Config, Effects, Error, Now, OpId, PeerId, TrackId,
    command::{Bandwidth, CallOptions, Media as Wish},
    effect::{Level, Line},
    error::Code,
    ids::Ids,
    input::{ConnectionState, MediaFailure, RemoteLine, TrackInfo},
    media::Media,
    query::Participant,
    signal::{Reply, Signalling, Told},
};

/// What a machine may use while it handles one fact.
pub(crate) struct Context<'a> {
    pub now: Now,
    pub ids: &'a mut Ids,
    pub config: &'a Config,
    pub signalling: &'a mut dyn Signalling,
    pub media: &'a mut Media,
    pub out: &'a mut Effects,
}

/// What the application wants of a call that exists.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Want {
    Answer { media: Wish, options: CallOptions },
    Reject,
    Ignore,
    Hold,
    Unhold,
    AddMedia { media: Wish, options: CallOptions },
    RemoveMedia { tracks: Vec<TrackId>, options: CallOptions },
    End,
}

/// What happened to a call.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Fact {
    Media(OpId, Result<Vec<TrackInfo>, MediaFailure>),
    Made(OpId, String),
    Applied(OpId, Vec<RemoteLine>),
    RolledBack(OpId),
    PeerFailed(OpId, String),
    Connection(ConnectionState),
    Reply(OpId, Reply),
    Told(Told),
    AuditDue,
    ExchangeDue,
    RetryDue,
    CancelDue,
    TrackLost(TrackId),
    /// Nobody is logged in any more: the other side will not be heard.
    Deserted,
}

/// Where a call stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Phase {
    Outgoing(outgoing::State),
    Incoming(incoming::State),
    Up(up::State),
    Gone(release::State),
}

impl Phase {
    /// For the log; without what the state carries, which may be a description.
    fn name(&self) -> &'static str {
        match self {
            Self::Outgoing(state) => outgoing::name(state),
            Self::Incoming(state) => incoming::name(state),
            Self::Up(state) => negotiate::name(&state.exchange),
            Self::Gone(state) => release::name(state),
        }
    }
}

/// One call.
#[derive(Debug)]
pub(crate) struct Call {
    pub id: CallId,
    pub phase: Phase,
    /// The peer connection; also its name at the application.
    pub peer: PeerId,
    /// Whether the peer connection exists.
    pub peer_open: bool,
    pub session: Option<SessionId>,
    pub is_caller: bool,
    pub to: String,
    pub from: String,
    pub remote: Participant,
    pub display_name: Option<String>,
    pub slow_start: Option<bool>,
    pub media: Option<Wish>,
    pub bandwidth: Bandwidth,
    /// Whether the limits are set for good: with the acceptance of the start, or with the answer.
    pub limited: bool,
    /// The last description of theirs that the browser was given: in force, or about to be.
    pub described: String,
    /// The receivers as they were when their last offer in mid-call was applied.
    pub receivers: Vec<RemoteLine>,
    /// An offer of theirs in mid-call that waits for the end of what is under way; the inner `None` is a slow start.
    pub parked: Option<Option<String>>,
    /// What each line of the connection carries.
    pub lines: Vec<Line>,
    /// The lines as they were before the exchange of ours that is under way.
    pub lines_before: Vec<Line>,
    /// The tracks that are being added or removed.
    pub changing: Vec<TrackId>,
    pub local_hold: bool,
    pub remote_hold: bool,
    pub local_tracks: Vec<TrackId>,
    pub remote_tracks: Vec<TrackId>,
    /// The other side's tracks that rest during a hold and are expected back.
    pub waiting_tracks: Vec<TrackId>,
    pub start_time: Option<Now>,
    pub end_time: Option<Now>,
    pub error: Option<Error>,
    /// What the application asked for while another operation runs.
    pub queue: VecDeque<Want>,
}

impl Call {
    fn new(id: CallId, phase: Phase, is_caller: bool, ids: &mut Ids) -> Self {
        Self {
            id,
            phase,
            peer: PeerId(ids.uuid()),
            peer_open: false,
            session: None,
            is_caller,
            to: String::new(),
            from: String::new(),
            remote: Participant::default(),
            display_name: None,
            slow_start: None,
            media: None,
            bandwidth: Bandwidth::default(),
            limited: false,
            described: String::new(),
            receivers: Vec::new(),
            parked: None,
            lines: Vec::new(),
            lines_before: Vec::new(),
            changing: Vec::new(),
            local_hold: false,
            remote_hold: false,
            local_tracks: Vec::new(),
            remote_tracks: Vec::new(),
            waiting_tracks: Vec::new(),
            start_time: None,
            end_time: None,
            error: None,
            queue: VecDeque::new(),
        }
    }

    /// The application wants something of this call.
    pub(crate) fn want(&mut self, want: Want, cx: &mut Context<'_>) {
        match (&want, self.is_busy()) {
            (Want::End, _) => release::end(self, cx),
            (_, true) if self.queue.len() < crate::limits::QUEUED => self.queue.push_back(want),
            (_, true) => self.refuse(&want, "another operation is running and too many are waiting", cx),
            (_, false) => self.perform(want, cx),
        }
        self.serve_queue(cx);
    }

    /// Something happened to this call.
    pub(crate) fn fact(&mut self, fact: Fact, cx: &mut Context<'_>) {
        match (&self.phase, fact) {
            (_, Fact::TrackLost(id)) => self.track_lost(&id, cx),
            // It will not come back by itself, and a picture that stands still is no call.
            (Phase::Up(_), Fact::Connection(ConnectionState::Failed)) => {
                let why = "The media connection to the other side failed.";
                release::fail(self, Error::new(Code::CallGeneric, why), cx);
            }
            (_, Fact::Connection(state)) => {
                cx.out.log(Level::Info, format!("call {}: media connection {}", self.id, state.name()));
            }
            (Phase::Outgoing(_), fact) => outgoing::fact(self, fact, cx),
            (Phase::Incoming(_), fact) => incoming::fact(self, fact, cx),
            (Phase::Up(_), fact) => up::fact(self, fact, cx),
            (Phase::Gone(_), fact) => release::fact(self, fact, cx),
        }
        self.serve_queue(cx);
    }

    /// What the application wants, now that it is its turn.
    fn perform(&mut self, want: Want, cx: &mut Context<'_>) {
        match &self.phase {
            Phase::Up(_) => up::want(self, want, cx),
            _ => incoming::want(self, want, cx),
        }
    }

    fn is_busy(&self) -> bool {
        match &self.phase {
            Phase::Incoming(state) => incoming::is_busy(state),
            Phase::Up(state) => self.parked.is_some() || up::is_busy(state),
            Phase::Outgoing(_) | Phase::Gone(_) => false,
        }
    }

    fn serve_queue(&mut self, cx: &mut Context<'_>) {
        while !self.is_busy()
            && let Some(want) = self.queue.pop_front()
        {
            self.perform(want, cx);
        }
    }

    /// An operation that this call is not in the state for.
    fn refuse(&mut self, want: &Want, why: &str, cx: &mut Context<'_>) {
        let error = Error::new(Code::CallState, format!("The call is not in the right state: {why}."));
        match want {
            Want::AddMedia { .. } => self.media_failed(true, error, cx),
            Want::RemoveMedia { .. } => self.media_failed(false, error, cx),
            _ => self.changed(self.previous(), Some(error), None, cx),
        }
    }

    fn enter(&mut self, phase: Phase, cx: &mut Context<'_>) {
        cx.out.log(Level::Debug, format!("call {}: {}", self.id, phase.name()));
        self.phase = phase;
    }
}

/// Why the microphone or camera could not be had (api-behaviour 7.6).
fn media_error(failure: &MediaFailure) -> Error {
    let message = match &failure.constraint {
        Some(constraint) => format!("Failed to get media due to constraint: {constraint}."),
        None => format!("Failed to get media: {}. {}", failure.name, failure.message),
    };
    Error::new(Code::CallMedia, message.trim())
}
