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
//! | [`hold`] | who holds, and the other side's tracks |
//! | [`release`] | every end: by us, by the other side, by failure |
//! | [`registry`] | all calls of a client; which call a fact belongs to |
//! | [`sdp`] | descriptions as text |
//!
//! The documented state of a call is computed from the machine's state ([`Call::state`]), never stored.

mod hold;
mod incoming;
mod negotiate;
mod outgoing;
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
    CallId, Config, Effects, Error, Event, Now, OpId, PeerId, TrackId,
    command::{Bandwidth, CallOptions, Media as Wish},
    effect::{Direction, Effect, Level, Line, PeerAction, SdpKind, TimerId},
    error::Code,
    event::{CallEvent, StateChange, TrackEvent, Transition},
    ids::Ids,
    input::{ConnectionState, MediaFailure, RemoteLine, TrackInfo},
    media::Media,
    query::{CallObject, CallState, Constraints, Operation, Participant, Previous},
    signal::{Reply, Signal, Signalling, Told},
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
    /// The offer that waits for the end of our exchange; `None` is a slow start.
    pub parked_offer: Option<String>,
    /// What each line of the connection carries.
    pub lines: Vec<Line>,
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
            parked_offer: None,
            lines: Vec::new(),
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
            (_, true) => self.refuse("another operation is running and too many are waiting", cx),
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
            wrtcs_session_id: self.session.clone(),
            webrtc_session_id: Some(self.peer.clone()),
            local_op: self.operation(),
            error: self.error.clone(),
        }
    }

    /// The hold flags of an incoming call are undefined until it is answered (api-behaviour 7.2).
    fn flag(&self, held: bool) -> Option<bool> {
        (self.is_caller || self.start_time.is_some()).then_some(held)
    }

    /// Whether the invitation came without an offer.
    fn is_slow(&self) -> bool {
        self.slow_start == Some(true)
    }

    /// The own user.
    fn own(&self) -> &str {
        if self.is_caller { &self.from } else { &self.to }
    }

    /// What the application wants, now that it is its turn.
    fn perform(&mut self, want: Want, cx: &mut Context<'_>) {
        match &self.phase {
            Phase::Up(_) => hold::want(self, &want, cx),
            _ => incoming::want(self, want, cx),
        }
    }

    fn operation(&self) -> Option<Operation> {
        match &self.phase {
            Phase::Outgoing(state) => Some(outgoing::operation(state)),
            Phase::Incoming(state) => incoming::operation(state),
            Phase::Up(state) => negotiate::operation(&state.exchange),
            Phase::Gone(state) => release::operation(state),
        }
    }

    fn is_busy(&self) -> bool {
        match &self.phase {
            Phase::Incoming(state) => incoming::is_busy(state),
            Phase::Up(state) => up::is_busy(state),
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
    fn refuse(&mut self, why: &str, cx: &mut Context<'_>) {
        let error = Error::new(Code::CallState, format!("The call is not in the right state: {why}."));
        self.changed(self.previous(), Some(error), None, cx);
    }

    fn enter(&mut self, phase: Phase, cx: &mut Context<'_>) {
        cx.out.log(Level::Debug, format!("call {}: {}", self.id, phase.name()));
        self.phase = phase;
    }

    /// Tells the application that state or flags changed, or that an operation failed.
    fn changed(&self, previous: Previous, error: Option<Error>, transition: Option<Transition>, cx: &mut Context<'_>) {
        cx.out.emit(Event::CallStateChange(StateChange { call_id: self.id.clone(), error, transition, previous }));
    }

    fn event(&self) -> CallEvent {
        CallEvent { call_id: self.id.clone(), error: None }
    }

    fn track_event(&self, track: &TrackId, local: bool) -> TrackEvent {
        TrackEvent { call_id: self.id.clone(), error: None, local, track_id: track.clone(), id: self.peer.clone() }
    }

    fn tell_tracks(&self, tracks: &[TrackId], local: bool, new: bool, cx: &mut Context<'_>) {
        for track in tracks {
            let event = self.track_event(track, local);
            cx.out.emit(if new { Event::CallNewTrack(event) } else { Event::CallTrackEnded(event) });
        }
    }

    fn signal(&self, signal: Signal, cx: &mut Context<'_>) -> OpId {
        let op = cx.ids.op();
        cx.signalling.send(op, self.session.as_ref(), signal, cx.out);
        op
    }

    fn acquire(&self, media: &Wish, cx: &mut Context<'_>) -> OpId {
        let op = cx.ids.op();
        cx.out.push(Effect::Acquire { op, audio: media.audio.clone(), video: media.video.clone() });
        op
    }

    fn open_peer(&mut self, cx: &mut Context<'_>) {
        self.peer_open = true;
        let ice_servers = cx.signalling.ice_servers();
        cx.out.peer(&self.peer, PeerAction::Open { ice_servers });
    }

    /// Another endpoint, another connection: what was agreed with the old one is forgotten, our tracks stay.
    fn replace_peer(&mut self, cx: &mut Context<'_>) {
        cx.out.peer(&self.peer, PeerAction::Close);
        self.open_peer(cx);
        self.lines.iter_mut().for_each(|line| line.mid = None);
    }

    /// Brings our lines into the order of a description: by `mid`, new ones by kind.
    fn learn_lines(&mut self, sdp: &str) {
        let mut known = std::mem::take(&mut self.lines);
        for section in sdp::sections(sdp) {
            let Some(kind) = section.kind else { continue };
            let same = known.iter().position(|line| line.mid.is_some() && line.mid == section.mid);
            let free = || known.iter().position(|line| line.mid.is_none() && line.kind == kind);
            let line = match same.or_else(free) {
                Some(at) => Line { mid: section.mid, ..known.remove(at) },
                None => Line { mid: section.mid, kind, track: None, direction: Direction::RecvOnly },
            };
            self.lines.push(line);
        }
    }

    fn apply_remote(&mut self, kind: SdpKind, text: String, cx: &mut Context<'_>) -> OpId {
        let op = cx.ids.op();
        let sdp = sdp::incoming(&text, kind, cx.config.call.remove_h264_codecs);
        self.described = text;
        cx.out.peer(&self.peer, PeerAction::ApplyRemote { op, kind, sdp });
        op
    }

    /// Registers the tracks of those lines on which the other side sends.
    fn take_remote_tracks(&mut self, lines: Vec<RemoteLine>, cx: &mut Context<'_>) {
        let sending: Vec<Option<String>> =
            sdp::sections(&self.described).into_iter().filter(|s| s.sends && s.kind.is_some()).map(|s| s.mid).collect();
        let infos: Vec<TrackInfo> =
            lines.into_iter().filter(|line| sending.contains(&line.mid)).map(|line| line.track).collect();
        self.remote_tracks = cx.media.add(&self.id, false, infos);
    }

    /// Takes the tracks away without a word; the caller of this tells the application. Returns local and remote ids.
    fn drop_media(&mut self, cx: &mut Context<'_>) -> (Vec<TrackId>, Vec<TrackId>) {
        let (local, mut remote) = (std::mem::take(&mut self.local_tracks), std::mem::take(&mut self.remote_tracks));
        let waiting = std::mem::take(&mut self.waiting_tracks);
        cx.media.remove(&waiting, cx.out);
        // Those that rest were told as ended already, or not (api-behaviour 7.9).
        if !hold::announces(cx) {
            remote.extend(waiting);
        }
        cx.media.remove(&local, cx.out);
        cx.media.remove(&remote, cx.out);
        if std::mem::take(&mut self.peer_open) {
            cx.out.peer(&self.peer, PeerAction::Close);
        }
        // Records of ended calls are kept; what only a living call needs is not.
        (self.described, self.parked_offer) = (String::new(), None);
        (self.receivers, self.lines) = (Vec::new(), Vec::new());
        for timer in [TimerId::Audit, TimerId::Exchange, TimerId::Retry] {
            cx.out.stop(timer(self.id.clone()));
        }
        cx.out.stop(TimerId::Cancel(self.id.clone()));
        (local, remote)
    }

    /// The browser ended a track: unplugged, or the permission was withdrawn. The other side is not told (api-behaviour 8.3).
    fn track_lost(&mut self, id: &TrackId, cx: &mut Context<'_>) {
        let local = self.local_tracks.contains(id);
        if !local && !self.remote_tracks.contains(id) {
            return;
        }
        self.local_tracks.retain(|t| t != id);
        self.remote_tracks.retain(|t| t != id);
        self.lines.iter_mut().filter(|line| line.track.as_ref() == Some(id)).for_each(|line| line.track = None);
        cx.media.remove(std::slice::from_ref(id), cx.out);
        self.tell_tracks(std::slice::from_ref(id), local, false, cx);
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
