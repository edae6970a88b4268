//! Every end of a call: by us, by the other side, by failure.
//!
//! | state | the application sees | waits for |
//! | --- | --- | --- |
//! | `Ending` | the state it was in | the server's reply to our end |
//! | `Abandoned` | `Ended` | the acceptance of a start that was given up meanwhile, to end it at the server |
//! | `Unseen` | nothing: the call vanished before `call:receive` | – |
//! | `Over` | `Ended` | – |
//!
//! Devices are free and the peer connection is closed in all of them.

use kandy_wire::Value;

use super::{Call, Context, Fact, Phase, incoming, outgoing, outgoing::what};
use crate::{
    Effect, Error, OpId,
    effect::Level,
    error::Code,
    event::Transition,
    people::{CallRecord, Party, Tell},
    query::{CallState, Operation},
    signal::{Reply, Signal, Told},
};

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum State {
    Ending { op: OpId, was: CallState },
    Abandoned { op: OpId },
    Unseen,
    Over,
}

/// `call.end`: at any time, whatever runs.
pub(super) fn end(call: &mut Call, cx: &mut Context<'_>) {
    match call.phase {
        Phase::Gone(_) => cx.out.log(Level::Debug, format!("call {}: end: it is over already", call.id)),
        // Nothing has reached the server.
        Phase::Outgoing(outgoing::State::Acquiring { .. } | outgoing::State::Offering { .. }) => {
            close(call, State::Over, None, None, cx);
            record(call, false, cx);
        }
        // The session's id is not known yet: the call is ended at the server as soon as it is (api-behaviour 7.6).
        Phase::Outgoing(outgoing::State::Inviting { op, .. }) => {
            close(call, State::Abandoned { op }, None, None, cx);
            record(call, false, cx);
        }
        Phase::Incoming(state) if incoming::is_hidden(&state) => {
            call.signal(Signal::End, cx);
            vanish(call, cx);
        }
        Phase::Outgoing(_) | Phase::Incoming(_) | Phase::Up(_) => {
            let was = call.state();
            let (local, remote) = call.drop_media(cx);
            call.tell_tracks(&local, true, false, cx);
            call.tell_tracks(&remote, false, false, cx);
            let op = call.signal(Signal::End, cx);
            call.enter(Phase::Gone(State::Ending { op, was }), cx);
        }
    }
}

/// `call.ignore`: nobody is told; the caller goes on ringing (api-behaviour 7.8). `call.forward`: somebody else rings.
pub(super) fn ignore(call: &mut Call, cx: &mut Context<'_>) {
    finish_unanswered(call, None, None, cx);
}

/// The server took our refusal, or has lost the call meanwhile.
pub(super) fn rejected(call: &mut Call, error: Option<Error>, cx: &mut Context<'_>) {
    close(call, State::Over, error, None, cx);
    record(call, false, cx);
}

/// `callCancel`: handled elsewhere, or withdrawn.
pub(super) fn cancelled(call: &mut Call, cx: &mut Context<'_>) {
    finish_unanswered(call, None, None, cx);
}

/// The other side, or the server, ended it (api-behaviour 7.7).
pub(super) fn remote_end(call: &mut Call, status: Option<Value>, reason: Option<String>, cx: &mut Context<'_>) {
    let moved = moved(reason.as_deref());
    let transition = Some(transition(call.state(), status.or(moved.map(Value::from)), reason));
    match &call.phase {
        Phase::Incoming(state) if !incoming::is_busy(state) => {
            let missed = transition.as_ref().is_some_and(|transition| transition.reason_text.is_none());
            finish_unanswered(call, None, transition, cx);
            record(call, missed, cx);
        }
        _ => {
            let previous = call.previous();
            let (local, remote) = over(call, State::Over, cx);
            call.tell_tracks(&local, true, false, cx);
            call.changed(previous, None, transition, cx);
            if moved.is_none() {
                record(call, false, cx);
            }
            call.tell_tracks(&remote, false, false, cx);
        }
    }
}

/// It cannot go on. What the server knows of it is ended there, too; nobody waits for the reply.
pub(super) fn fail(call: &mut Call, error: Error, cx: &mut Context<'_>) {
    call.error = Some(error.clone());
    if call.session.is_some() && error.code != Code::Status(42) {
        call.signal(Signal::End, cx);
    }
    let was_up = call.is_up();
    close(call, State::Over, Some(error), None, cx);
    if was_up {
        record(call, false, cx);
    }
}

/// Nobody is logged in any more, and the call was not up yet: it cannot come about. `inviting` is the start request under
/// way, whose session is ended should it be accepted.
pub(super) fn desert(call: &mut Call, inviting: Option<OpId>, cx: &mut Context<'_>) {
    let error = Error::new(Code::NoCode, "The connection to the server ended before the call was answered.");
    call.error = Some(error.clone());
    let next = inviting.map_or(State::Over, |op| State::Abandoned { op });
    close(call, next, Some(error), None, cx);
}

/// A start request got no answer, and may yet have reached the server: it is asked to forget the call whose id we never
/// learned (protocol §4.3.6).
pub(super) fn withdraw(call: &mut Call, error: &Error, cx: &mut Context<'_>) {
    if call.session.is_none() && error.code == Code::NoCode {
        call.signal(Signal::End, cx);
    }
}

/// Over before the application heard of it.
pub(super) fn vanish(call: &mut Call, cx: &mut Context<'_>) {
    call.drop_media(cx);
    call.enter(Phase::Gone(State::Unseen), cx);
}

pub(super) fn fact(call: &mut Call, fact: Fact, cx: &mut Context<'_>) {
    let Phase::Gone(state) = call.phase else { return };
    match (state, fact) {
        (State::Ending { op, .. }, Fact::Reply(replied, reply)) if op == replied => {
            let error = match reply {
                Reply::Accepted(_) | Reply::Refused { gone: true, .. } => None,
                Reply::Refused { error, gone: false } => Some(error),
            };
            close(call, State::Over, error, None, cx);
            record(call, false, cx);
        }
        // Both sides ended it at once.
        (State::Ending { .. }, Fact::Told(Told::End { .. } | Told::Cancel)) => {
            close(call, State::Over, None, None, cx);
            record(call, false, cx);
        }
        (State::Abandoned { op }, Fact::Reply(replied, reply)) if op == replied => {
            match reply {
                Reply::Accepted(Some(session)) => {
                    call.session = Some(session);
                    call.signal(Signal::End, cx);
                }
                Reply::Accepted(None) => {}
                Reply::Refused { error, .. } => withdraw(call, &error, cx),
            }
            call.enter(Phase::Gone(State::Over), cx);
        }
        (_, fact) => cx.out.log(Level::Debug, format!("call {}: is over and has no use for {}", call.id, what(&fact))),
    }
}

pub(super) fn public(state: &State) -> CallState {
    match state {
        State::Ending { was, .. } => *was,
        State::Abandoned { .. } | State::Unseen | State::Over => CallState::Ended,
    }
}

pub(super) fn name(state: &State) -> &'static str {
    match state {
        State::Ending { .. } => "ending",
        State::Abandoned { .. } => "abandoned",
        State::Unseen => "vanished",
        State::Over => "over",
    }
}

pub(super) fn operation(state: &State) -> Option<Operation> {
    matches!(state, State::Ending { .. }).then_some(Operation { operation: "END", status: "ONGOING" })
}

/// The usual order: tracks first, then the change of state.
fn close(call: &mut Call, next: State, error: Option<Error>, transition: Option<Transition>, cx: &mut Context<'_>) {
    let previous = call.previous();
    let (local, remote) = call.drop_media(cx);
    call.tell_tracks(&local, true, false, cx);
    call.tell_tracks(&remote, false, false, cx);
    let (_, _) = over(call, next, cx);
    call.changed(previous, error, transition, cx);
}

/// The order for a call that was never answered: the change of state first (api-behaviour 7.4).
fn finish_unanswered(call: &mut Call, error: Option<Error>, transition: Option<Transition>, cx: &mut Context<'_>) {
    let previous = call.previous();
    let (local, remote) = over(call, State::Over, cx);
    call.changed(previous, error, transition, cx);
    call.tell_tracks(&local, true, false, cx);
    call.tell_tracks(&remote, false, false, cx);
}

/// Ended for the application: times are set, everything is given back.
fn over(call: &mut Call, next: State, cx: &mut Context<'_>) -> (Vec<crate::TrackId>, Vec<crate::TrackId>) {
    let tracks = call.drop_media(cx);
    call.enter(Phase::Gone(next), cx);
    call.end_time = Some(cx.now);
    call.start_time.get_or_insert(cx.now);
    tracks
}

/// The call belongs into the history (api-behaviour 10): it was ended by us or by the other side, or refused, or it had been
/// up. What was ignored, forwarded or answered elsewhere does not, nor what came to nothing by itself.
fn record(call: &Call, missed: bool, cx: &mut Context<'_>) {
    let direction = match (call.is_caller, missed) {
        (true, _) => "outgoing",
        (false, true) => "missed",
        (false, false) => "incoming",
    };
    let own = Party { number: call.own().to_owned(), name: call.display_name.clone().filter(|_| call.is_caller) };
    let remote = Party { number: call.remote.display_number.clone(), name: call.remote.display_name.clone() };
    let record = CallRecord {
        call_id: call.id.clone(),
        direction,
        start_time: call.start_time,
        end_time: call.end_time,
        // A call that never was connected starts when it ends (`over`).
        connected_time: call.start_time.filter(|start| call.end_time != Some(*start)),
        own,
        remote,
    };
    cx.out.push(Effect::Tell(Tell::Call { record: Box::new(record) }));
}

fn transition(was: CallState, status: Option<Value>, reason: Option<String>) -> Transition {
    let prev_state = reason.is_none().then_some(was);
    Transition { prev_state, status_code: status, reason_text: reason }
}

/// The status of a call that ended because it became part of another one.
fn moved(reason: Option<&str>) -> Option<i64> {
    match reason {
        Some("Transfer Successful" | "Direct Transfer Successful") => Some(9905),
        Some("Join Successful") => Some(9906),
        _ => None,
    }
}
