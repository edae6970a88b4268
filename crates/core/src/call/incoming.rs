//! From the invitation to our answer, or its refusal.
//!
//! | state | waits for | then |
//! | --- | --- | --- |
//! | `Presenting` | the browser to apply the offer | `Reporting` |
//! | `Reporting` | the server's reply to our ringing report | `Ringing`, `call:receive` |
//! | `Ringing` | the user | `Acquiring`, `Rejecting`, or gone |
//! | `Acquiring` | microphone and camera | `Making` |
//! | `Making` | the browser's answer (slow start: offer) | `Answering` |
//! | `Answering` | the server's acceptance | [`super::up`] (slow start: `Awaiting`) |
//! | `Awaiting` | slow start: the other side's answer | `Completing` |
//! | `Completing` | slow start: the browser to apply it | [`super::up`] |
//! | `Restoring` | after a refused answer: the browser to apply the offer afresh | `Ringing` |
//! | `Rejecting` | the server's acceptance of our refusal | gone |
//!
//! Until `call:receive` the application knows nothing of the call, and it may vanish without a word.

use super::{Call, Context, Fact, Phase, Want, hold, media_error, outgoing::what, release, sdp, up};
use crate::{
    CallId, Error, Event, OpId, TrackId,
    command::{Bandwidth, CallOptions, Media as Wish},
    effect::{Direction, Level, Line, PeerAction, SdpKind, TimerId},
    error::Code,
    input::Kind,
    limits,
    query::Operation,
    signal::{Parties, Reply, Signal, Told},
};

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum State {
    Presenting {
        op: OpId,
    },
    Reporting {
        op: OpId,
    },
    Ringing,
    Acquiring {
        op: OpId,
    },
    Making {
        op: OpId,
    },
    Answering {
        op: OpId,
    },
    Awaiting,
    Completing {
        op: OpId,
    },
    Restoring {
        op: OpId,
    },
    /// `forward`: for somebody else to take it.
    Rejecting {
        op: OpId,
        forward: bool,
    },
}

/// Why a wish is refused that only an incoming call in `Ringing` can take.
pub(super) const NOT_RINGING: &str =
    "(state, direction) only an incoming call that rings can be answered, rejected, ignored or forwarded";

/// Somebody calls.
pub(super) fn invited(
    id: CallId,
    session: kandy_wire::SessionId,
    offer: Option<String>,
    parties: &Parties,
    cx: &mut Context<'_>,
) -> Call {
    let mut call = Call::new(id, Phase::Incoming(State::Ringing), false, cx.ids);
    call.to = cx.signalling.user().unwrap_or_default().to_owned();
    call.identify(parties);
    call.from = call.remote.display_number.clone();
    call.session = Some(session);
    call.slow_start = Some(offer.is_none());
    call.open_peer(cx);
    match offer {
        Some(offer) => {
            let op = call.apply_remote(SdpKind::Offer, &offer, cx);
            call.enter(Phase::Incoming(State::Presenting { op }), cx);
        }
        None => report(&mut call, cx),
    }
    call
}

/// The user's decision, once it is its turn.
pub(super) fn want(call: &mut Call, want: Want, cx: &mut Context<'_>) {
    if call.phase != Phase::Incoming(State::Ringing) {
        return call.refuse(&want, NOT_RINGING, cx);
    }
    match want {
        Want::Answer { media, options } => answer(call, media, options, cx),
        Want::Reject => {
            let op = call.signal(Signal::Reject, cx);
            call.enter(Phase::Incoming(State::Rejecting { op, forward: false }), cx);
        }
        Want::Forward { to } => {
            let op = call.signal(Signal::Forward { to }, cx);
            call.enter(Phase::Incoming(State::Rejecting { op, forward: true }), cx);
        }
        Want::Ignore => release::ignore(call, cx),
        Want::Hold
        | Want::Unhold
        | Want::AddMedia { .. }
        | Want::RemoveMedia { .. }
        | Want::ReplaceTrack { .. }
        | Want::Transfer { .. }
        | Want::Meet(_) => {
            call.refuse(&want, "(state) it is not connected", cx);
        }
        Want::End => release::end(call, cx),
    }
}

pub(super) fn fact(call: &mut Call, fact: Fact, cx: &mut Context<'_>) {
    let Phase::Incoming(state) = call.phase else { return };
    match (state, fact) {
        (State::Presenting { op }, Fact::Applied(applied, lines)) if op == applied => {
            call.take_remote_tracks(lines, cx);
            report(call, cx);
        }
        (State::Presenting { op, .. }, Fact::PeerFailed(failed, why)) if op == failed => {
            cx.out.log(Level::Error, format!("call {}: the offer cannot be used, declining: {why}", call.id));
            call.signal(Signal::Reject, cx);
            release::vanish(call, cx);
        }
        (State::Reporting { op, .. }, Fact::Reply(replied, Reply::Refused { gone: true, .. })) if op == replied => {
            release::vanish(call, cx);
        }
        // Whatever else the server says to the report, the user is told (protocol §4.2).
        (State::Reporting { op }, Fact::Reply(replied, _)) if op == replied => {
            call.enter(Phase::Incoming(State::Ringing), cx);
            cx.out.emit(Event::CallReceive(call.event()));
        }
        (State::Presenting { .. } | State::Reporting { .. }, Fact::Told(Told::End { .. } | Told::Cancel)) => {
            release::vanish(call, cx);
        }
        (State::Acquiring { op }, Fact::Media(reply, result)) if op == reply => match result {
            Ok(tracks) => {
                call.local_tracks = cx.media.add(&call.id, true, tracks);
                call.tell_tracks(&call.local_tracks, true, true, cx);
                describe(call, cx);
            }
            Err(failure) => fall_back(call, media_error(&failure), cx),
        },
        (State::Making { op }, Fact::Made(made, text)) if op == made => {
            let sdp = sdp::outgoing(&text, call.bandwidth, cx.config.call.remove_h264_codecs);
            call.learn_lines(&sdp);
            let op = call.signal(Signal::Answer { sdp }, cx);
            call.enter(Phase::Incoming(State::Answering { op }), cx);
        }
        (State::Making { op }, Fact::PeerFailed(failed, why)) if op == failed => {
            let error = Error::new(Code::CallGeneric, format!("The browser made no answer: {why}"));
            // Nothing was set: the connection still has the offer and nothing else.
            give_back(call, cx);
            fall_back(call, error, cx);
        }
        (State::Answering { op }, Fact::Reply(replied, reply)) if op == replied => match reply {
            Reply::Accepted(_) if call.is_slow() => {
                call.limited = true;
                call.enter(Phase::Incoming(State::Awaiting), cx);
            }
            Reply::Accepted(_) => up::enter(call, cx),
            Reply::Refused { error, gone: false } if matches!(error.code, Code::Status(_)) => {
                restore(call, error, cx);
            }
            // The server lost the call, or gave no answer: it may have connected the caller to what we would now forget.
            Reply::Refused { error, .. } => release::fail(call, error, cx),
        },
        // The other side's answer may overtake the server's reply to ours.
        (State::Awaiting | State::Answering { .. }, Fact::Told(Told::Answer { sdp })) if call.is_slow() => {
            call.limited = true;
            let op = call.apply_remote(SdpKind::Answer, &sdp, cx);
            call.enter(Phase::Incoming(State::Completing { op }), cx);
        }
        (State::Completing { op }, Fact::Applied(applied, lines)) if op == applied => {
            call.take_remote_tracks(lines, cx);
            call.tell_tracks(&call.remote_tracks, false, true, cx);
            // Who was transferred to us may hold, and goes on to.
            call.remote_hold = hold::is_held(&call.described);
            up::enter(call, cx);
        }
        (State::Completing { op, .. }, Fact::PeerFailed(failed, why)) if op == failed => {
            let error = Error::new(Code::CallGeneric, format!("The other side's answer cannot be used: {why}"));
            release::fail(call, error, cx);
        }
        (State::Answering { .. } | State::Completing { .. }, Fact::Told(Told::Update { sdp })) => up::park(call, sdp),
        (State::Restoring { op }, Fact::Applied(applied, lines)) if op == applied => {
            // The application knows the remote tracks since call:receive; a fresh connection has fresh ones.
            let gone = std::mem::take(&mut call.remote_tracks);
            cx.media.remove(&gone, cx.out);
            call.tell_tracks(&gone, false, false, cx);
            call.take_remote_tracks(lines, cx);
            call.tell_tracks(&call.remote_tracks, false, true, cx);
            call.enter(Phase::Incoming(State::Ringing), cx);
        }
        (State::Restoring { op, .. }, Fact::PeerFailed(failed, why)) if op == failed => {
            let error = Error::new(Code::CallGeneric, format!("The offer cannot be used again: {why}"));
            release::fail(call, error, cx);
        }
        (State::Rejecting { op, forward }, Fact::Reply(replied, reply)) if op == replied => match reply {
            Reply::Accepted(_) if forward => release::ignore(call, cx),
            Reply::Accepted(_) => release::rejected(call, None, cx),
            Reply::Refused { error, gone: false } if matches!(error.code, Code::Status(_)) => {
                fall_back(call, error, cx);
            }
            // The server lost the call, or gave no answer: it may have taken the refusal, and would not speak of it again.
            Reply::Refused { error, .. } => release::rejected(call, Some(error), cx),
        },
        (State::Ringing, Fact::Told(Told::Cancel)) => release::cancelled(call, cx),
        // Everybody's devices are told, the answering one included: wait whether our answer was the one.
        (state, Fact::Told(Told::Cancel)) if is_answering(&state) => {
            cx.out.wait(TimerId::Cancel(call.id.clone()), limits::CANCEL);
        }
        (state, Fact::CancelDue) if is_answering(&state) || matches!(state, State::Ringing) => {
            release::cancelled(call, cx)
        }
        (_, Fact::Told(Told::End { status, reason })) => release::remote_end(call, status, reason, cx),
        (state, Fact::Deserted) if is_hidden(&state) => release::vanish(call, cx),
        // Whether these came about is told by a reply or by the browser.
        (State::Answering { .. } | State::Rejecting { .. } | State::Completing { .. }, Fact::Deserted) => {}
        (_, Fact::Deserted) => release::desert(call, None, cx),
        (state, fact) => {
            cx.out.log(Level::Debug, format!("call {}: {} has no use for {}", call.id, name(&state), what(&fact)));
        }
    }
}

/// Whether `call:receive` is yet to come.
pub(super) fn is_hidden(state: &State) -> bool {
    matches!(state, State::Presenting { .. } | State::Reporting { .. })
}

/// Whether the user's next wish has to wait for its turn.
pub(super) fn is_busy(state: &State) -> bool {
    match state {
        State::Presenting { .. } | State::Reporting { .. } | State::Ringing => false,
        State::Acquiring { .. }
        | State::Making { .. }
        | State::Answering { .. }
        | State::Awaiting
        | State::Completing { .. }
        | State::Restoring { .. }
        | State::Rejecting { .. } => true,
    }
}

pub(super) fn name(state: &State) -> &'static str {
    match state {
        State::Presenting { .. } => "presenting",
        State::Reporting { .. } => "reporting",
        State::Ringing => "ringing",
        State::Acquiring { .. } => "answering: acquiring",
        State::Making { .. } => "answering: making",
        State::Answering { .. } => "answering",
        State::Awaiting => "answered, awaiting",
        State::Completing { .. } => "answered, completing",
        State::Restoring { .. } => "restoring",
        State::Rejecting { forward: false, .. } => "rejecting",
        State::Rejecting { forward: true, .. } => "forwarding",
    }
}

pub(super) fn operation(state: &State) -> Option<Operation> {
    let (operation, status) = match state {
        State::Presenting { .. } | State::Reporting { .. } | State::Ringing | State::Restoring { .. } => {
            return None;
        }
        State::Acquiring { .. } | State::Making { .. } | State::Answering { .. } => ("ANSWER", "ONGOING"),
        State::Awaiting | State::Completing { .. } => ("ANSWER", "PENDING"),
        State::Rejecting { forward: false, .. } => ("REJECT", "ONGOING"),
        State::Rejecting { forward: true, .. } => ("FORWARD_CALL", "ONGOING"),
    };
    Some(Operation { operation, status })
}

fn is_answering(state: &State) -> bool {
    is_busy(state) && !matches!(state, State::Rejecting { .. } | State::Restoring { .. })
}

fn report(call: &mut Call, cx: &mut Context<'_>) {
    let op = call.signal(Signal::Ringing, cx);
    call.enter(Phase::Incoming(State::Reporting { op }), cx);
}

fn answer(call: &mut Call, media: Wish, options: CallOptions, cx: &mut Context<'_>) {
    if media.is_empty() {
        let error =
            Error::new(Code::CallMedia, "Failed to get media: TypeError. Neither audio nor video was asked for.");
        return fall_back(call, error, cx);
    }
    call.bandwidth = options.bandwidth.over(Bandwidth::default());
    call.media = Some(media.clone());
    // A camera that has no line in the offer would run for nothing.
    let sections = sdp::sections(&call.described);
    let offered = |kind| call.is_slow() || sections.iter().any(|s| s.kind == Some(kind));
    let usable = Wish {
        audio: media.audio.filter(|_| offered(Kind::Audio)),
        video: media.video.filter(|_| offered(Kind::Video)),
        ..Wish::default()
    };
    if usable.is_silent() {
        return describe(call, cx);
    }
    let op = call.acquire(&usable, cx);
    call.enter(Phase::Incoming(State::Acquiring { op }), cx);
}

/// Asks the browser for the answer, or in a slow start for the offer.
fn describe(call: &mut Call, cx: &mut Context<'_>) {
    let op = cx.ids.op();
    let mut tracks: Vec<(Kind, TrackId)> =
        call.local_tracks.iter().filter_map(|id| Some((cx.media.kind(id)?, id.clone()))).collect();
    let gather = limits::GATHERING;
    let action = match call.is_slow() {
        false => {
            let mut lines = Vec::new();
            for section in sdp::sections(&call.described) {
                let Some(kind) = section.kind else { continue };
                let track = tracks.iter().position(|(k, _)| *k == kind).map(|i| tracks.remove(i).1);
                let direction = call.direction(kind, track.is_some());
                lines.push(Line { mid: section.mid, kind, track, direction });
            }
            call.lines.clone_from(&lines);
            PeerAction::Answer { op, lines, gather }
        }
        true => {
            let line = |(kind, track)| Line { mid: None, kind, track: Some(track), direction: Direction::SendRecv };
            call.lines = tracks.into_iter().map(line).collect();
            PeerAction::Offer { op, lines: call.lines.clone(), ice_restart: false, gather }
        }
    };
    cx.out.peer(&call.peer, action);
    call.enter(Phase::Incoming(State::Making { op }), cx);
}

/// The operation failed before anything was changed: the call goes on ringing and it may be tried again.
fn fall_back(call: &mut Call, error: Error, cx: &mut Context<'_>) {
    if cx.signalling.user().is_none() {
        return release::fail(call, error, cx);
    }
    call.enter(Phase::Incoming(State::Ringing), cx);
    call.error = Some(error.clone());
    call.changed(call.previous(), Some(error), None, cx);
}

/// The devices that were opened for an answer that came to nothing.
fn give_back(call: &mut Call, cx: &mut Context<'_>) {
    let local = std::mem::take(&mut call.local_tracks);
    cx.media.remove(&local, cx.out);
    call.tell_tracks(&local, true, false, cx);
}

/// The answer failed after the browser had made it: devices are given back, and a fresh peer connection takes the offer, so
/// that the user may answer again (api-behaviour 7.8).
fn restore(call: &mut Call, error: Error, cx: &mut Context<'_>) {
    if cx.signalling.user().is_none() {
        return release::fail(call, error, cx);
    }
    call.parked = None;
    give_back(call, cx);
    cx.out.peer(&call.peer, PeerAction::Close);
    call.open_peer(cx);
    let next = if call.is_slow() {
        State::Ringing
    } else {
        let offer = std::mem::take(&mut call.described);
        State::Restoring { op: call.apply_remote(SdpKind::Offer, &offer, cx) }
    };
    call.enter(Phase::Incoming(next), cx);
    call.error = Some(error.clone());
    call.changed(call.previous(), Some(error), None, cx);
}
