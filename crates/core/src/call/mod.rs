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
//! | [`change`] | media that are added, removed and replaced |
//! | [`hold`] | who holds, and the other side's tracks |
//! | [`restart`] | a media connection that failed, a change that the other side has not heard of |
//! | [`tones`] | DTMF |
//! | [`transfer`], [`couple`] | handing the other side on; what two calls do together |
//! | [`release`] | every end: by us, by the other side, by failure |
//! | [`registry`] | all calls of a client; which call a fact belongs to |
//! | [`stats`] | statistics |
//! | [`record`], [`outward`] | how a call is seen, what it does |
//! | [`sdp`] | descriptions as text |
//!
//! The documented state of a call is computed from the machine's state ([`Call::state`]), never stored.

mod change;
mod couple;
mod hold;
mod incoming;
mod negotiate;
mod outgoing;
mod outward;
mod record;
mod registry;
mod release;
mod restart;
mod sdp;
mod stats;
mod tones;
mod transfer;
mod up;

#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use kandy_wire::SessionId;

pub(crate) use registry::Calls;
pub(crate) use tones::Tones;
pub(crate) use transfer::Kind as TransferKind;

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
    Answer {
        media: Wish,
        options: CallOptions,
    },
    Reject,
    Ignore,
    Hold,
    Unhold,
    AddMedia {
        media: Wish,
        options: CallOptions,
    },
    RemoveMedia {
        tracks: Vec<TrackId>,
        options: CallOptions,
    },
    ReplaceTrack {
        track: TrackId,
        media: Wish,
    },
    Forward {
        to: String,
    },
    Transfer {
        to: String,
    },
    /// It comes together with another call.
    Meet(OpId),
    End,
}

/// What happened to a call.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Fact {
    Media(OpId, Result<Vec<TrackInfo>, MediaFailure>),
    Made(OpId, String),
    Applied(OpId, Vec<RemoteLine>),
    Done(OpId),
    PeerFailed(OpId, String),
    Connection(ConnectionState),
    Reply(OpId, Reply),
    Told(Told),
    AuditDue,
    ExchangeDue,
    RetryDue,
    RestartDue,
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
    /// The tracks that are being added, removed, or sent in place of another.
    pub changing: Vec<TrackId>,
    /// The track that is being replaced.
    pub replacing: Option<TrackId>,
    /// Our lines are not what was agreed on, or the connection has failed: an exchange is needed when nothing else runs.
    pub refresh: bool,
    /// The exchange that is under way does that, too.
    pub refreshing: bool,
    /// How often such an exchange has failed in a row.
    pub refreshes: u32,
    /// Since when the media connection has failed.
    pub broken: Option<Now>,
    /// The offer of theirs that is being answered sets the transport up anew.
    pub restarted: bool,
    /// The transport is to be set up anew once more, by our next offer ([`restart::answered`]).
    pub renew: bool,
    /// Tones that wait, and those that play.
    pub tones: VecDeque<Tones>,
    pub sounding: Option<OpId>,
    /// It waits for another call, to do something together.
    pub meeting: Option<OpId>,
    /// The calls that this one joins.
    pub joins: Option<[(CallId, SessionId); 2]>,
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
            replacing: None,
            refresh: false,
            refreshing: false,
            refreshes: 0,
            broken: None,
            restarted: false,
            renew: false,
            tones: VecDeque::new(),
            sounding: None,
            meeting: None,
            joins: None,
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
            (Phase::Up(_), Fact::Connection(state)) => restart::connection(self, state, cx),
            (_, Fact::Connection(state)) => {
                cx.out.log(Level::Info, format!("call {}: media connection {}", self.id, state.name()));
            }
            (_, Fact::Done(op)) if self.sounding == Some(op) => tones::played(self, None, cx),
            (_, Fact::PeerFailed(op, why)) if self.sounding == Some(op) => tones::played(self, Some(why), cx),
            (Phase::Outgoing(_), fact) => outgoing::fact(self, fact, cx),
            (Phase::Incoming(_), fact) => incoming::fact(self, fact, cx),
            (Phase::Up(_), fact) => up::fact(self, fact, cx),
            (Phase::Gone(_), fact) => release::fact(self, fact, cx),
        }
        self.serve_queue(cx);
    }

    /// What the application wants, now that it is its turn.
    fn perform(&mut self, want: Want, cx: &mut Context<'_>) {
        match (&self.phase, want) {
            (_, Want::Meet(ticket)) => self.meeting = Some(ticket),
            (Phase::Up(_), want) => up::want(self, want, cx),
            (_, want) => incoming::want(self, want, cx),
        }
    }

    /// Whether a couple's turn has come, or will.
    fn expects(&self, ticket: OpId) -> bool {
        self.meeting == Some(ticket) || self.queue.contains(&Want::Meet(ticket))
    }

    /// Nothing comes of what it was to do together with another call.
    fn leave(&mut self, ticket: OpId, cx: &mut Context<'_>) {
        self.queue.retain(|want| *want != Want::Meet(ticket));
        self.meeting = self.meeting.filter(|meeting| *meeting != ticket);
        self.serve_queue(cx);
    }

    fn is_busy(&self) -> bool {
        if self.meeting.is_some() {
            return true;
        }
        match &self.phase {
            Phase::Incoming(state) => incoming::is_busy(state),
            Phase::Up(state) => self.parked.is_some() || up::is_busy(state),
            Phase::Outgoing(_) | Phase::Gone(_) => false,
        }
    }

    fn serve_queue(&mut self, cx: &mut Context<'_>) {
        while !self.is_busy() {
            if self.is_up() && std::mem::take(&mut self.refresh) {
                up::begin(self, negotiate::Purpose::Refresh, cx);
                continue;
            }
            let Some(want) = self.queue.pop_front() else { break };
            self.perform(want, cx);
        }
    }

    /// An operation that this call is not in the state for.
    fn refuse(&mut self, want: &Want, why: &str, cx: &mut Context<'_>) {
        let error = Error::new(Code::CallState, format!("The call is not in the right state: {why}."));
        match want {
            Want::AddMedia { .. } => self.media_failed(true, error, cx),
            Want::RemoveMedia { .. } => self.media_failed(false, error, cx),
            Want::ReplaceTrack { .. } => self.replace_failed(error, cx),
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
