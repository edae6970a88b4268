//! All calls of a client: which call a wish, a reply or a notification belongs to.

use std::collections::VecDeque;

use kandy_wire::SessionId;

use super::{
    Call, Context, Fact, Phase, Tones, TransferKind, Want,
    couple::{self, Couple},
    incoming, negotiate, outgoing, outward, release,
    stats::Stats,
    tones,
};
use crate::{
    CallId, OpId, PeerId, TrackId,
    command::{CallOptions, Media as Wish},
    effect::{Effect, Level, TimerId},
    input::{MediaFailure, TrackInfo},
    limits,
    query::{CallObject, CallState},
    signal::{Parties, Reply, Signal, Told},
};

/// All calls, in the order in which they came about.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    calls: Vec<Call>,
    /// Notifications for sessions that a start request under way may yet name (api-behaviour 7.19).
    early: VecDeque<(SessionId, Parties, Told)>,
    /// What two calls are to do together.
    couples: Vec<Couple>,
    stats: Stats,
}

impl Calls {
    /// `call.make`
    pub(crate) fn make(
        &mut self,
        id: CallId,
        destination: &str,
        media: Wish,
        options: CallOptions,
        cx: &mut Context<'_>,
    ) {
        if self.calls.iter().any(|call| call.id == id) {
            cx.out.log(Level::Error, format!("call.make: the id {id} is taken"));
            return;
        }
        let call = outgoing::make(id, destination, media, options, cx);
        self.calls.push(call);
        self.go_on(cx);
    }

    /// The application wants something of a call; an unknown id is a line in the log (api-behaviour 7.3).
    pub(crate) fn want(&mut self, id: &CallId, want: Want, cx: &mut Context<'_>) {
        match self.calls.iter_mut().find(|call| call.id == *id && call.is_visible()) {
            Some(call) => call.want(want, cx),
            None => {
                let error = outward::unknown(id);
                // Of the others there is no previous state to tell (api-behaviour 7.3).
                match want {
                    Want::AddMedia { .. } => outward::media_failed(id.clone(), true, error, cx),
                    Want::RemoveMedia { .. } => outward::media_failed(id.clone(), false, error, cx),
                    Want::ReplaceTrack { .. } => outward::replace_failed(id.clone(), error, cx),
                    _ => outward::silent(id, error, cx),
                }
            }
        }
        self.go_on(cx);
    }

    /// `call.forward`, `call.directTransfer`
    pub(crate) fn hand_on(&mut self, id: &CallId, destination: &str, forward: bool, cx: &mut Context<'_>) {
        let to = outgoing::address(destination, false, cx);
        self.want(id, if forward { Want::Forward { to } } else { Want::Transfer { to } }, cx);
    }

    /// `call.consultativeTransfer`, `call.join`
    pub(crate) fn couple(&mut self, kind: TransferKind, ids: (CallId, CallId), cx: &mut Context<'_>) {
        let couple = couple::arrange(&mut self.calls, kind, ids, cx);
        self.couples.extend(couple);
        self.go_on(cx);
    }

    /// `call.sendDTMF`
    pub(crate) fn tones(&mut self, id: &CallId, tones: Tones, cx: &mut Context<'_>) {
        match self.calls.iter_mut().find(|call| call.id == *id && call.is_visible()) {
            Some(call) => tones::send(call, tones, cx),
            None => outward::silent(id, outward::unknown(id), cx),
        }
    }

    /// `call.getStats`
    pub(crate) fn stats(&mut self, id: CallId, track: Option<TrackId>, cx: &mut Context<'_>) {
        let call = self.calls.iter().find(|call| call.id == id && call.is_visible());
        self.stats.get(call, id, track, cx);
    }

    /// Something happened to one call.
    pub(crate) fn fact(&mut self, id: &CallId, fact: Fact, cx: &mut Context<'_>) {
        if let Some(call) = self.calls.iter_mut().find(|call| call.id == *id) {
            call.fact(fact, cx);
        }
        self.go_on(cx);
    }

    /// A peer connection reports; one that was closed has nobody to hear it.
    pub(crate) fn peer(&mut self, peer: &PeerId, fact: Fact, cx: &mut Context<'_>) {
        let statistics = match &fact {
            Fact::Done(op) => self.stats.answered(*op, None, cx),
            Fact::PeerFailed(op, why) => self.stats.answered(*op, Some(why), cx),
            _ => false,
        };
        if statistics {
            return;
        }
        if let Some(call) = self.calls.iter_mut().find(|call| call.peer == *peer && call.peer_open) {
            call.fact(fact, cx);
        }
        self.go_on(cx);
    }

    /// getUserMedia was answered. Tracks that nobody waits for any more are stopped: no camera stays on by itself.
    pub(crate) fn media(&mut self, op: OpId, result: Result<Vec<TrackInfo>, MediaFailure>, cx: &mut Context<'_>) {
        match self.calls.iter_mut().find(|call| call.awaits_media(op)) {
            Some(call) => call.fact(Fact::Media(op, result), cx),
            None => {
                let tracks = result.unwrap_or_default();
                cx.out.push(Effect::StopTracks(tracks.into_iter().map(|track| track.id).collect()));
            }
        }
        self.go_on(cx);
    }

    /// The server replied to a signal.
    pub(crate) fn reply(&mut self, op: OpId, reply: &Reply, cx: &mut Context<'_>) {
        for call in &mut self.calls {
            call.fact_of_reply(op, reply, cx);
        }
        self.deliver_early(cx);
        self.go_on(cx);
    }

    /// The other side was heard.
    pub(crate) fn told(&mut self, session: SessionId, parties: Parties, told: Told, cx: &mut Context<'_>) {
        let awaited = self.calls.iter().any(Call::awaits_session) && self.early.len() < limits::EARLY;
        let known = self.calls.iter_mut().find(|call| call.session.as_ref() == Some(&session));
        match (known, told) {
            (Some(call), Told::Invite { .. }) => {
                cx.out.log(Level::Debug, format!("call {}: invited again", call.id));
            }
            (Some(call), told) => call.hear(&parties, told, cx),
            // A logout is under way; the server learns of it by the end of the subscription.
            (None, Told::Invite { .. }) if cx.signalling.user().is_none() => {
                cx.out.log(Level::Info, "a call came in during the logout and is not taken");
            }
            (None, Told::Invite { sdp }) => {
                let oversized = sdp.as_ref().is_some_and(|sdp| sdp.len() > limits::SDP);
                if oversized || self.live() >= limits::LIVE_CALLS {
                    cx.out.log(Level::Warn, "declined a call: too many at once, or an oversized description");
                    let op = cx.ids.op();
                    cx.signalling.send(op, Some(&session), Signal::Reject, cx.out);
                    return;
                }
                let id = CallId(cx.ids.uuid());
                let call = incoming::invited(id, session, sdp, &parties, cx);
                self.calls.push(call);
            }
            (None, told) if awaited => self.early.push_back((session, parties, told)),
            (None, _) => cx.out.log(Level::Debug, "a notification for a session that is not known here"),
        }
        self.go_on(cx);
    }

    /// Nobody is logged in any more.
    pub(crate) fn desert(&mut self, cx: &mut Context<'_>) {
        for call in &mut self.calls {
            call.fact(Fact::Deserted, cx);
        }
        self.go_on(cx);
    }

    /// Something may have been missed: the server is asked about every call that is up, a little later, because it may still tell
    /// what happened, and that says more.
    pub(crate) fn audit(&mut self, cx: &mut Context<'_>) {
        for call in self.calls.iter().filter(|call| call.is_up()) {
            cx.out.wait(TimerId::Audit(call.id.clone()), limits::AUDIT_SOON);
        }
    }

    /// Ends every call, before a logout.
    pub(crate) fn end_all(&mut self, cx: &mut Context<'_>) {
        for call in &mut self.calls {
            call.want(Want::End, cx);
        }
        self.go_on(cx);
    }

    /// Whether no call waits for anything any more.
    pub(crate) fn all_over(&self) -> bool {
        self.calls.iter().all(Call::is_over)
    }

    /// Whether there is no such call, or not any more.
    pub(crate) fn is_past(&self, id: &CallId) -> bool {
        !self.calls.iter().any(|call| call.id == *id && call.state() != CallState::Ended)
    }

    /// `call.getById`
    pub(crate) fn object(&self, id: &CallId) -> Option<CallObject> {
        self.calls.iter().find(|call| call.id == *id && call.is_visible()).map(Call::object)
    }

    /// `call.getAll`
    pub(crate) fn objects(&self) -> Vec<CallObject> {
        self.calls.iter().filter(|call| call.is_visible()).map(Call::object).collect()
    }

    fn live(&self) -> usize {
        self.calls.iter().filter(|call| !call.is_over()).count()
    }

    /// A start was accepted: what was heard of its session before is handled now.
    fn deliver_early(&mut self, cx: &mut Context<'_>) {
        let early = std::mem::take(&mut self.early);
        for (session, parties, told) in early {
            match self.calls.iter_mut().find(|call| call.session.as_ref() == Some(&session)) {
                Some(call) => call.hear(&parties, told, cx),
                None => self.early.push_back((session, parties, told)),
            }
        }
        if !self.calls.iter().any(Call::awaits_session) {
            self.early.clear();
        }
    }

    /// What two calls wait for may have come; calls that are not needed any more are forgotten.
    fn go_on(&mut self, cx: &mut Context<'_>) {
        let mut couples = std::mem::take(&mut self.couples);
        couples.retain_mut(|couple| {
            let (new, needed) = couple::serve(couple, &mut self.calls, cx);
            self.calls.extend(new);
            needed
        });
        self.couples.extend(couples);
        self.tidy();
    }

    /// Forgets calls that nobody was told of, and the oldest ended ones beyond the bound.
    fn tidy(&mut self) {
        self.calls.retain(|call| !matches!(call.phase, Phase::Gone(release::State::Unseen)));
        let ended = self.calls.iter().filter(|call| call.is_over()).count();
        let mut surplus = ended.saturating_sub(limits::ENDED_CALLS);
        self.calls.retain(|call| {
            let forget = surplus > 0 && call.is_over();
            surplus -= usize::from(forget);
            !forget
        });
    }
}

impl Call {
    fn hear(&mut self, parties: &Parties, told: Told, cx: &mut Context<'_>) {
        self.identify(parties);
        self.fact(Fact::Told(told), cx);
    }

    fn awaits_media(&self, op: OpId) -> bool {
        match &self.phase {
            Phase::Outgoing(outgoing::State::Acquiring { op: wanted }) => *wanted == op,
            Phase::Incoming(incoming::State::Acquiring { op: wanted, .. }) => *wanted == op,
            Phase::Up(state) => state.acquiring == Some(op),
            _ => false,
        }
    }

    /// Whether a start request of this call is under way.
    fn awaits_session(&self) -> bool {
        matches!(
            &self.phase,
            Phase::Outgoing(outgoing::State::Inviting { .. }) | Phase::Gone(release::State::Abandoned { .. })
        )
    }

    fn awaits_reply(&self, op: OpId) -> bool {
        match &self.phase {
            Phase::Outgoing(outgoing::State::Inviting { op: wanted, .. }) => *wanted == op,
            Phase::Outgoing(_) => false,
            Phase::Incoming(state) => match state {
                incoming::State::Reporting { op: wanted, .. }
                | incoming::State::Answering { op: wanted, .. }
                | incoming::State::Rejecting { op: wanted, .. } => *wanted == op,
                _ => false,
            },
            Phase::Up(state) => {
                let exchange = match &state.exchange {
                    negotiate::Exchange::Proposing { op, .. } | negotiate::Exchange::Replying { op, .. } => Some(*op),
                    _ => None,
                };
                let transfer = state.transfer.is_some_and(|transfer| transfer.op == Some(op));
                state.audit == Some(op) || exchange == Some(op) || transfer
            }
            Phase::Gone(release::State::Ending { op: wanted, .. } | release::State::Abandoned { op: wanted }) => {
                *wanted == op
            }
            Phase::Gone(_) => false,
        }
    }

    fn fact_of_reply(&mut self, op: OpId, reply: &Reply, cx: &mut Context<'_>) {
        if self.awaits_reply(op) {
            self.fact(Fact::Reply(op, reply.clone()), cx);
        }
    }
}
