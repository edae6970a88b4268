//! What concerns two calls at once: a consultative transfer, a join.
//!
//! Each of the two calls comes to it when its own turn comes, and waits there for the other (`meeting` in [`Call`]). The
//! conditions are looked at when both are there.

use super::{
    Call, Context, Want, outgoing, outward,
    transfer::{self, Kind},
    up,
};
use crate::{
    CallId, Error, Event, OpId,
    effect::Level,
    error::Code,
    event::{CallEvent, JoinEvent},
    signal::Signal,
};

/// Two calls that have to do with each other.
#[derive(Debug)]
pub(super) struct Couple {
    ticket: OpId,
    kind: Kind,
    first: CallId,
    second: CallId,
    /// The call that they become.
    joined: Option<CallId>,
    begun: bool,
}

/// `call.consultativeTransfer`, `call.join`: both calls are told to come.
pub(super) fn arrange(calls: &mut [Call], kind: Kind, ids: (CallId, CallId), cx: &mut Context<'_>) -> Option<Couple> {
    let (first, second) = ids;
    let known = |id: &CallId| calls.iter().any(|call| call.id == *id && call.is_visible());
    let missing = [&first, &second].into_iter().find(|id| !known(id));
    let wrong = match missing {
        Some(id) => Some(outward::unknown(id)),
        None if first == second => {
            Some(Error::new(Code::CallArgument, "Two different calls are needed, and one was named twice."))
        }
        None => None,
    };
    if let Some(error) = wrong {
        cx.out.log(Level::Error, error.message.as_str());
        refuse_join_or(kind, &first, &second, error, cx);
        return None;
    }
    let ticket = cx.ids.op();
    for call in calls.iter_mut().filter(|call| call.id == first || call.id == second) {
        call.want(Want::Meet(ticket), cx);
    }
    Some(Couple { ticket, kind, first, second, joined: None, begun: false })
}

/// Takes the couple a step further. Returns the call that the two become, and whether the couple is still needed.
pub(super) fn serve(couple: &mut Couple, calls: &mut [Call], cx: &mut Context<'_>) -> (Option<Call>, bool) {
    let over = |id: Option<&CallId>| calls.iter().any(|call| Some(&call.id) == id && call.is_over());
    let joined_is_over = over(couple.joined.as_ref());
    let (Some(a), Some(b)) = (place(calls, &couple.first), place(calls, &couple.second)) else { return (None, false) };
    let Ok([first, second]) = calls.get_disjoint_mut([a, b]) else { return (None, false) };
    if couple.begun {
        return (None, go_on(first, second, joined_is_over, cx));
    }
    match (first.meeting == Some(couple.ticket), second.meeting == Some(couple.ticket)) {
        (true, true) => {}
        // One was refused its place in the queue: nobody has to wait for it.
        (_, false) if !second.expects(couple.ticket) => {
            first.leave(couple.ticket, cx);
            return (None, false);
        }
        (false, _) if !first.expects(couple.ticket) => {
            second.leave(couple.ticket, cx);
            return (None, false);
        }
        _ => return (None, true),
    }
    (first.meeting, second.meeting) = (None, None);
    let new = begin(couple, first, second, cx);
    couple.begun = true;
    couple.joined = new.as_ref().map(|call| call.id.clone());
    let needed = up::transferring(first).is_some();
    for call in [first, second] {
        call.serve_queue(cx);
    }
    (new, needed)
}

fn begin(couple: &Couple, first: &mut Call, second: &mut Call, cx: &mut Context<'_>) -> Option<Call> {
    let sessions = (first.session.clone(), second.session.clone());
    let obstacle = transfer::obstacle(first).or_else(|| transfer::obstacle(second));
    let (Some(one), Some(other), None) = (sessions.0, sessions.1, obstacle) else {
        let why = obstacle.unwrap_or("(state) the server does not know it");
        let error = Error::new(Code::CallState, format!("The calls are not in the right state: {why}."));
        match couple.kind {
            Kind::Join => refuse_join_or(couple.kind, &first.id, &second.id, error, cx),
            _ => [&*first, &*second].iter().for_each(|call| {
                call.changed(call.previous(), Some(error.clone()), None, cx);
            }),
        }
        return None;
    };
    if couple.kind == Kind::Join {
        transfer::begin(first, Kind::Join, None, cx);
        transfer::begin(second, Kind::Join, None, cx);
        return Some(outgoing::join((first, one), (second, other), cx));
    }
    // The other side of the second call, by the address under which it was called or calls (protocol 4.3.9).
    let to = if second.is_caller { second.to.clone() } else { second.from.clone() };
    let op = first.signal(Signal::Transfer { to, with: Some(other) }, cx);
    transfer::begin(first, Kind::Consultative, Some(op), cx);
    transfer::begin(second, Kind::Consultative, None, cx);
    None
}

/// One call's failure is the other's. Returns whether there is more to watch.
fn go_on(first: &mut Call, second: &mut Call, joined_is_over: bool, cx: &mut Context<'_>) -> bool {
    for _ in 0..2 {
        match (up::transferring(first), up::transferring(second)) {
            (None, None) => return false,
            (Some(one), Some(_)) if joined_is_over => {
                transfer::failed(first, transfer::failure(one), cx);
                first.serve_queue(cx);
            }
            (Some(_), Some(_)) => return true,
            (None, Some(other)) if first.is_up() => {
                let error = first.error.clone().unwrap_or_else(|| transfer::failure(other));
                transfer::failed(second, error, cx);
                second.serve_queue(cx);
            }
            (Some(one), None) if second.is_up() => {
                let error = second.error.clone().unwrap_or_else(|| transfer::failure(one));
                transfer::failed(first, error, cx);
                first.serve_queue(cx);
            }
            // One has ended; the other hears of its own end, or of the failure.
            _ => return true,
        }
    }
    false
}

fn place(calls: &[Call], id: &CallId) -> Option<usize> {
    calls.iter().position(|call| call.id == *id)
}

/// A join that is refused has an event of its own; of the others there is no call to tell of.
fn refuse_join_or(kind: Kind, first: &CallId, second: &CallId, error: Error, cx: &mut Context<'_>) {
    let (call_id, error) = (first.clone(), Some(error));
    cx.out.emit(match kind {
        Kind::Join => Event::CallJoin(JoinEvent { call_id, error, joined_calls: vec![first.clone(), second.clone()] }),
        _ => Event::CallError(CallEvent { call_id, error }),
    });
}
