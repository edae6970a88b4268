//! What a call does: it tells the application, signals to the other side, uses the peer connection, and gives media back.

use super::{Call, Context, hold, sdp};
use crate::{
    CallId, Error, Event, OpId, TrackId,
    command::Media as Wish,
    effect::{Direction, Effect, Level, Line, PeerAction, SdpKind, TimerId},
    error::Code,
    event::{CallEvent, JoinEvent, MediaEvent, StateChange, TrackEvent, TrackReplaced, Transition},
    input::{Kind, RemoteLine, TrackInfo},
    query::{CallState, Previous},
    signal::{Parties, Signal},
};

impl Call {
    /// Tells the application that state or flags changed, or that an operation failed.
    pub(super) fn changed(
        &self,
        previous: Previous,
        error: Option<Error>,
        transition: Option<Transition>,
        cx: &mut Context<'_>,
    ) {
        let call_id = self.id.clone();
        // A join that the server has not accepted yet was never announced as a call: this is its announcement, or its end.
        let over = self.state() == CallState::Ended;
        if let (Some(joins), false) = (&self.joins, self.limited || (error.is_some() && !over)) {
            let why = || Error::new(Code::CallGeneric, "The calls were not joined: it was ended before.");
            let error = error.or_else(|| over.then(why));
            let joined_calls = joins.iter().map(|(id, _)| id.clone()).collect();
            return cx.out.emit(Event::CallJoin(JoinEvent { call_id, error, joined_calls }));
        }
        let state = self.state().legacy(self.local_hold);
        cx.out.emit(Event::CallStateChange(StateChange { call_id, error, transition, previous, state }));
    }

    /// Tells that a track could not be replaced.
    pub(super) fn replace_failed(&self, error: Error, cx: &mut Context<'_>) {
        replace_failed(self.id.clone(), error, cx);
    }

    /// Takes over who the server says is on the other side: in a transfer it is somebody else.
    pub(super) fn identify(&mut self, parties: &Parties) {
        let own = self.own().to_owned();
        let other = if self.is_caller { &parties.callee } else { &parties.caller };
        other.update(&mut self.remote, &own);
    }

    /// Whether the track is or was heard or sent in this call.
    pub(super) fn has_track(&self, id: &TrackId) -> bool {
        [&self.local_tracks, &self.remote_tracks, &self.waiting_tracks].iter().any(|tracks| tracks.contains(id))
    }

    /// Tells that media could not be added or removed.
    pub(super) fn media_failed(&self, added: bool, error: Error, cx: &mut Context<'_>) {
        media_failed(self.id.clone(), added, error, cx);
    }

    pub(super) fn event(&self) -> CallEvent {
        CallEvent { call_id: self.id.clone(), error: None }
    }

    pub(super) fn track_event(&self, track: &TrackId, local: bool) -> TrackEvent {
        TrackEvent { call_id: self.id.clone(), error: None, local, track_id: track.clone(), id: self.peer.clone() }
    }

    pub(super) fn tell_tracks(&self, tracks: &[TrackId], local: bool, new: bool, cx: &mut Context<'_>) {
        for track in tracks {
            let event = self.track_event(track, local);
            cx.out.emit(if new { Event::CallNewTrack(event) } else { Event::CallTrackEnded(event) });
        }
    }

    pub(super) fn signal(&self, signal: Signal, cx: &mut Context<'_>) -> OpId {
        let op = cx.ids.op();
        cx.signalling.send(op, self.session.as_ref(), signal, cx.out);
        op
    }

    pub(super) fn acquire(&self, media: &Wish, cx: &mut Context<'_>) -> OpId {
        let op = cx.ids.op();
        cx.out.push(Effect::Acquire { op, audio: media.audio.clone(), video: media.video.clone() });
        op
    }

    pub(super) fn open_peer(&mut self, cx: &mut Context<'_>) {
        self.peer_open = true;
        let ice_servers = cx.signalling.ice_servers();
        cx.out.peer(&self.peer, PeerAction::Open { ice_servers });
    }

    /// Another endpoint, another connection: what was agreed with the old one is forgotten, our tracks stay.
    pub(super) fn replace_peer(&mut self, cx: &mut Context<'_>) {
        cx.out.peer(&self.peer, PeerAction::Close);
        self.open_peer(cx);
        self.lines.iter_mut().for_each(|line| line.mid = None);
        (self.broken, self.sounding) = (None, None);
        (self.restarted, self.renew) = (false, false);
        cx.out.stop(TimerId::Restart(self.id.clone()));
    }

    /// The direction of a line that is not held.
    pub(super) fn direction(&self, kind: Kind, sends: bool) -> Direction {
        let refused = self.media.as_ref().and_then(|media| media.receives(kind)) == Some(false);
        match (sends, refused) {
            (true, _) => Direction::SendRecv,
            (false, false) => Direction::RecvOnly,
            (false, true) => Direction::Inactive,
        }
    }

    /// Brings our lines into the order of a description: by `mid`, new ones by kind. What of ours it has no line for is offered
    /// afterwards: a transfer may bring somebody who sends less than the one before.
    pub(super) fn learn_lines(&mut self, sdp: &str) {
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
        let left = known.into_iter().filter(|line| line.track.is_some()).map(|line| Line { mid: None, ..line });
        let agreed = self.lines.len();
        self.lines.extend(left);
        self.refresh |= self.lines.len() > agreed;
    }

    pub(super) fn apply_remote(&mut self, kind: SdpKind, text: &str, cx: &mut Context<'_>) -> OpId {
        let op = cx.ids.op();
        let mids: Vec<Option<String>> = self.lines.iter().map(|line| line.mid.clone()).collect();
        let sdp = sdp::incoming(text, kind, cx.config.call.remove_h264_codecs, &mids);
        self.described.clone_from(&sdp);
        cx.out.peer(&self.peer, PeerAction::ApplyRemote { op, kind, sdp });
        op
    }

    /// Registers the tracks of those lines on which the other side sends.
    pub(super) fn take_remote_tracks(&mut self, lines: Vec<RemoteLine>, cx: &mut Context<'_>) {
        let sending: Vec<Option<String>> =
            sdp::sections(&self.described).into_iter().filter(|s| s.sends && s.kind.is_some()).map(|s| s.mid).collect();
        let infos: Vec<TrackInfo> =
            lines.into_iter().filter(|line| sending.contains(&line.mid)).map(|line| line.track).collect();
        self.remote_tracks = cx.media.add(&self.id, false, infos);
    }

    /// Takes the tracks away without a word; the caller of this tells the application. Returns local and remote ids.
    pub(super) fn drop_media(&mut self, cx: &mut Context<'_>) -> (Vec<TrackId>, Vec<TrackId>) {
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
        (self.described, self.parked) = (String::new(), None);
        (self.receivers, self.lines, self.lines_before) = (Vec::new(), Vec::new(), Vec::new());
        // A track that was to take another's place belongs to the call already.
        if self.replacing.take().is_some() {
            cx.media.remove(&self.changing, cx.out);
        }
        self.changing.clear();
        self.tones.clear();
        (self.sounding, self.broken) = (None, None);
        (self.refresh, self.refreshing, self.renew) = (false, false, false);
        for timer in [TimerId::Audit, TimerId::Exchange, TimerId::Retry, TimerId::Restart] {
            cx.out.stop(timer(self.id.clone()));
        }
        cx.out.stop(TimerId::Cancel(self.id.clone()));
        (local, remote)
    }

    /// The browser ended a track: unplugged, or the permission was withdrawn. The other side is told by an exchange, or it would
    /// look at a still picture (hazards S11).
    pub(super) fn track_lost(&mut self, id: &TrackId, cx: &mut Context<'_>) {
        let local = self.local_tracks.contains(id);
        if !local && !self.remote_tracks.contains(id) {
            return;
        }
        self.local_tracks.retain(|t| t != id);
        self.remote_tracks.retain(|t| t != id);
        self.lines.iter_mut().filter(|line| line.track.as_ref() == Some(id)).for_each(|line| line.track = None);
        self.refresh |= local && !self.local_hold;
        cx.media.remove(std::slice::from_ref(id), cx.out);
        self.tell_tracks(std::slice::from_ref(id), local, false, cx);
    }
}

/// Tells that a track could not be replaced; also of a call that does not exist.
pub(super) fn replace_failed(call_id: CallId, error: Error, cx: &mut Context<'_>) {
    let event = TrackReplaced { call_id, error: Some(error), new_track_id: None, old_track: None };
    cx.out.emit(Event::CallTrackReplaced(Box::new(event)));
}

/// Of a call that does not exist, or not any more.
pub(super) fn unknown(id: &CallId) -> Error {
    Error::new(Code::CallArgument, format!("There is no call {id}."))
}

/// A refusal that has no event of its own in 4.8 (legacy-3x 7.5).
pub(super) fn silent(call_id: &CallId, error: Error, cx: &mut Context<'_>) {
    cx.out.log(Level::Error, error.message.as_str());
    cx.out.emit(Event::CallError(CallEvent { call_id: call_id.clone(), error: Some(error) }));
}

/// Tells that media could not be added or removed; also of a call that does not exist.
pub(super) fn media_failed(call_id: CallId, added: bool, error: Error, cx: &mut Context<'_>) {
    let event = MediaEvent { call_id, error: Some(error), local: true, tracks: None, media_id: None };
    cx.out.emit(if added { Event::CallNewMedia(event) } else { Event::CallRemovedMedia(event) });
}
