//! From `make` to the remote answer.
//!
//! | state | waits for | then |
//! | --- | --- | --- |
//! | `Acquiring` | microphone and camera | `Offering` |
//! | `Offering` | the browser's offer with its candidates | `Inviting` |
//! | `Inviting` | the server's acceptance | `Invited`, `call:start` |
//! | `Invited` | ringing, or the answer | `Alerting`, `Completing` |
//! | `Alerting` | the answer | `Completing` |
//! | `Completing` | the browser to apply the answer | [`super::up`] |
//!
//! Every failure and every end leads to [`super::release`].

use kandy_wire::{SessionId, Value};

use super::{Call, Context, Fact, Phase, media_error, release, sdp, up};
use crate::{
    CallId, Error, Event, OpId,
    command::{Bandwidth, CallOptions, Media as Wish},
    effect::{Direction, Level, Line, PeerAction, SdpKind},
    error::Code,
    input::{Kind, TrackInfo},
    limits,
    query::{CallState, Operation},
    signal::{Reply, Signal, Told},
};

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum State {
    Acquiring { op: OpId },
    Offering { op: OpId },
    Inviting { op: OpId, offered: usize },
    Invited { offered: usize },
    Alerting { offered: usize },
    Completing { op: OpId, alerted: bool },
}

/// A destination as the server is told of it; `always` stands above the configuration.
pub(super) fn address(destination: &str, always: bool, cx: &Context<'_>) -> String {
    match always || cx.config.call.normalize_destination {
        true => crate::address::normalize(destination, cx.signalling.user().unwrap_or_default()),
        false => destination.to_owned(),
    }
}

/// The call that two calls become: sound only (api-behaviour 7.17).
pub(super) fn join(first: (&Call, SessionId), second: (&Call, SessionId), cx: &mut Context<'_>) -> Call {
    let media = Wish { audio: Some(Value::Bool(true)), ..Wish::default() };
    let op = cx.ids.op();
    let id = CallId(cx.ids.uuid());
    let mut call = Call::new(id, Phase::Outgoing(State::Acquiring { op }), true, cx.ids);
    let address = |call: &Call| if call.is_caller { call.to.clone() } else { call.remote.display_number.clone() };
    let name = |call: &Call| call.remote.display_name.clone().unwrap_or_else(|| call.remote.display_number.clone());
    call.to = [address(first.0), address(second.0)].join(",");
    call.from = cx.signalling.user().unwrap_or_default().to_owned();
    call.remote.display_number = call.to.clone();
    call.remote.display_name = Some([name(first.0), name(second.0)].join(","));
    call.media = Some(media.clone());
    call.joins = Some([(first.0.id.clone(), first.1), (second.0.id.clone(), second.1)]);
    let op = call.acquire(&media, cx);
    call.enter(Phase::Outgoing(State::Acquiring { op }), cx);
    call
}

/// `call.make`: the record exists at once; what is wrong with the wish is reported by an event (api-behaviour 7.6).
pub(super) fn make(id: CallId, destination: &str, media: Wish, options: CallOptions, cx: &mut Context<'_>) -> Call {
    let op = cx.ids.op();
    let mut call = Call::new(id, Phase::Outgoing(State::Acquiring { op }), true, cx.ids);
    let own = cx.signalling.user().map(str::to_owned);
    call.to = address(destination, options.normalize, cx);
    call.from = own.clone().unwrap_or_default();
    call.remote.display_number = call.to.clone();
    call.display_name = options.display_name;
    call.bandwidth = options.bandwidth.over(Bandwidth::default());
    call.media = Some(media.clone());

    let wrong = if own.is_none() {
        Some(Error::new(Code::CallState, "Not connected: call connect() and wait for auth:change before making calls."))
    } else if destination.trim().is_empty() {
        Some(Error::new(Code::CallArgument, "No destination to call."))
    } else if media.is_empty() {
        Some(Error::new(Code::CallMedia, "Failed to get media: TypeError. Neither audio nor video was asked for."))
    } else {
        None
    };
    match wrong {
        Some(error) => release::fail(&mut call, error, cx),
        None if media.is_silent() => offer(&mut call, Vec::new(), cx),
        None => {
            let op = call.acquire(&media, cx);
            call.enter(Phase::Outgoing(State::Acquiring { op }), cx);
        }
    }
    call
}

pub(super) fn fact(call: &mut Call, fact: Fact, cx: &mut Context<'_>) {
    let Phase::Outgoing(state) = call.phase else { return };
    match (state, fact) {
        (State::Acquiring { op }, Fact::Media(reply, result)) if op == reply => match result {
            Ok(tracks) => offer(call, tracks, cx),
            Err(failure) => release::fail(call, media_error(&failure), cx),
        },
        (State::Offering { op }, Fact::Made(made, text)) if op == made => {
            let sdp = sdp::outgoing(&text, call.bandwidth, cx.config.call.remove_h264_codecs);
            let offered = sdp::sections(&sdp).len();
            call.learn_lines(&sdp);
            let signal = match &call.joins {
                Some([(_, first), (_, second)]) => Signal::Join { first: first.clone(), second: second.clone(), sdp },
                None => Signal::Invite { to: call.to.clone(), display_name: call.display_name.clone(), sdp },
            };
            let op = call.signal(signal, cx);
            call.enter(Phase::Outgoing(State::Inviting { op, offered }), cx);
        }
        (State::Offering { op }, Fact::PeerFailed(failed, why)) if op == failed => {
            release::fail(call, Error::new(Code::CallOffer, format!("The browser made no offer: {why}")), cx);
        }
        (State::Inviting { op, offered }, Fact::Reply(replied, reply)) if op == replied => match reply {
            Reply::Accepted(Some(session)) => {
                call.session = Some(session);
                call.enter(Phase::Outgoing(State::Invited { offered }), cx);
                if call.joins.is_some() {
                    call.changed(call.previous(), None, None, cx);
                }
                call.limited = true;
                if call.joins.is_none() {
                    cx.out.emit(Event::CallStart(call.event()));
                }
            }
            Reply::Accepted(None) => {
                let why = "The server accepted the call without naming a session.";
                release::fail(call, Error::new(Code::NoCode, why), cx);
            }
            // The code of a refused start is lost at released clients, and applications are used to it (protocol §4.2).
            Reply::Refused { error, .. } => {
                release::withdraw(call, &error, cx);
                release::fail(call, Error::new(Code::NoCode, error.message), cx);
            }
        },
        (State::Invited { offered }, Fact::Told(Told::Ringing)) => {
            let previous = call.previous();
            call.enter(Phase::Outgoing(State::Alerting { offered }), cx);
            call.changed(previous, None, None, cx);
        }
        (State::Invited { offered }, Fact::Told(Told::Answer { sdp })) => {
            complete(call, false, offered, sdp, cx);
        }
        (State::Alerting { offered }, Fact::Told(Told::Answer { sdp })) => {
            complete(call, true, offered, sdp, cx);
        }
        (State::Completing { op, .. }, Fact::Applied(applied, lines)) if op == applied => {
            call.take_remote_tracks(lines, cx);
            call.tell_tracks(&call.remote_tracks, false, true, cx);
            up::enter(call, cx);
        }
        (State::Completing { op, .. }, Fact::PeerFailed(failed, why)) if op == failed => {
            let error = Error::new(Code::CallGeneric, format!("The other side's answer cannot be used: {why}"));
            release::fail(call, error, cx);
        }
        (_, Fact::Told(Told::End { status, reason })) => release::remote_end(call, status, reason, cx),
        (State::Completing { .. }, Fact::Told(Told::Update { sdp })) => up::park(call, sdp),
        // The answer is there already; it only has to be applied.
        (State::Completing { .. }, Fact::Deserted) => {}
        (State::Inviting { op, .. }, Fact::Deserted) => release::desert(call, Some(op), cx),
        (_, Fact::Deserted) => release::desert(call, None, cx),
        (State::Invited { .. } | State::Alerting { .. }, Fact::Told(Told::Cancel)) => release::cancelled(call, cx),
        (state, fact) => {
            cx.out.log(Level::Debug, format!("call {}: {} has no use for {}", call.id, name(&state), what(&fact)));
        }
    }
}

pub(super) fn public(state: &State) -> CallState {
    match state {
        State::Acquiring { .. } | State::Offering { .. } | State::Inviting { .. } => CallState::Initiating,
        State::Invited { .. } | State::Completing { alerted: false, .. } => CallState::Initiated,
        State::Alerting { .. } | State::Completing { alerted: true, .. } => CallState::Ringing,
    }
}

pub(super) fn name(state: &State) -> &'static str {
    match state {
        State::Acquiring { .. } => "acquiring",
        State::Offering { .. } => "offering",
        State::Inviting { .. } => "inviting",
        State::Invited { .. } => "invited",
        State::Alerting { .. } => "alerting",
        State::Completing { .. } => "completing",
    }
}

pub(super) fn operation(state: &State) -> Operation {
    let status = match state {
        State::Acquiring { .. } | State::Offering { .. } | State::Inviting { .. } => "ONGOING",
        State::Invited { .. } | State::Alerting { .. } | State::Completing { .. } => "PENDING",
    };
    Operation { operation: "MAKE", status }
}

fn offer(call: &mut Call, tracks: Vec<TrackInfo>, cx: &mut Context<'_>) {
    let sent = |track: &TrackInfo| Line {
        mid: None,
        kind: track.kind,
        track: Some(track.id.clone()),
        direction: Direction::SendRecv,
    };
    let mut lines: Vec<Line> = tracks.iter().map(sent).collect();
    for kind in [Kind::Audio, Kind::Video] {
        let wanted = call.media.as_ref().and_then(|media| media.receives(kind)) == Some(true);
        if wanted && !lines.iter().any(|line| line.kind == kind) {
            lines.push(Line { mid: None, kind, track: None, direction: Direction::RecvOnly });
        }
    }
    call.local_tracks = cx.media.add(&call.id, true, tracks);
    call.lines.clone_from(&lines);
    call.open_peer(cx);
    let op = cx.ids.op();
    cx.out.peer(&call.peer, PeerAction::Offer { op, lines, ice_restart: false, gather: limits::GATHERING });
    call.enter(Phase::Outgoing(State::Offering { op }), cx);
}

fn complete(call: &mut Call, alerted: bool, offered: usize, answer: String, cx: &mut Context<'_>) {
    let answered = sdp::sections(&answer).len();
    if answered != offered {
        let why = format!("The answer has {answered} media sections, the offer had {offered}.");
        return release::fail(call, Error::new(Code::CallMismatch, why), cx);
    }
    let op = call.apply_remote(SdpKind::Answer, &answer, cx);
    call.enter(Phase::Outgoing(State::Completing { op, alerted }), cx);
}

/// Name of a fact, without what it carries.
pub(super) fn what(fact: &Fact) -> &'static str {
    match fact {
        Fact::Media(..) => "media",
        Fact::Made(..) => "a description",
        Fact::Applied(..) => "an applied description",
        Fact::Done(..) => "the end of an operation",
        Fact::PeerFailed(..) => "a failure of the peer connection",
        Fact::Connection(..) => "a connection state",
        Fact::Reply(..) => "a reply",
        Fact::Told(Told::Invite { .. }) => "an invitation",
        Fact::Told(Told::Ringing) => "ringing",
        Fact::Told(Told::Answer { .. }) => "an answer",
        Fact::Told(Told::Update { .. }) => "an update",
        Fact::Told(Told::End { .. }) => "an end",
        Fact::Told(Told::Cancel) => "a cancellation",
        Fact::Told(Told::Glare { .. }) => "glare",
        Fact::Told(Told::Failed) => "a failed transfer",
        Fact::AuditDue => "an audit",
        Fact::ExchangeDue => "the end of an exchange's time",
        Fact::RetryDue | Fact::RestartDue => "another attempt",
        Fact::CancelDue => "the end of a grace period",
        Fact::TrackLost(..) => "the loss of a track",
        Fact::Deserted => "the end of the login",
    }
}
