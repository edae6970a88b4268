//! Handing the other side on: to somebody by address, to the other side of a second call, or into a call of three.
//!
//! The server does the work. Here the call waits on hold until it hears how it went: the end of the session, with the reason
//! that [`super::release`] turns into a transition, or that it came to nothing, which leaves the call as it was.

use kandy_wire::Value;

use super::{Call, Context, Want, up};
use crate::{
    Error, OpId,
    effect::TimerId,
    error::Code,
    event::Transition,
    limits,
    query::{CallState, Operation},
    signal::{Reply, Signal},
};

/// A transfer that is under way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Transfer {
    pub kind: Kind,
    /// The request whose reply is awaited; the second call of two has none of its own.
    pub op: Option<OpId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Direct,
    Consultative,
    Join,
}

/// `call.directTransfer`, once it is its turn.
pub(super) fn direct(call: &mut Call, to: String, cx: &mut Context<'_>) {
    if let Some(why) = obstacle(call) {
        return call.refuse(&Want::Transfer { to }, why, cx);
    }
    let op = call.signal(Signal::Transfer { to, with: None }, cx);
    begin(call, Kind::Direct, Some(op), cx);
}

/// Why a call cannot be handed on.
pub(super) fn obstacle(call: &Call) -> Option<&'static str> {
    // A call that is being ended still shows the state that it was in.
    (!call.is_up() || call.state() != CallState::OnHold)
        .then_some("(state) only a call on hold can be transferred or joined")
}

/// The server was asked, or is being asked.
pub(super) fn begin(call: &mut Call, kind: Kind, op: Option<OpId>, cx: &mut Context<'_>) {
    up::transfer(call, Some(Transfer { kind, op }));
    cx.out.wait(TimerId::Exchange(call.id.clone()), limits::TRANSFER);
}

/// The server replied to the request.
pub(super) fn replied(call: &mut Call, transfer: Transfer, reply: Reply, cx: &mut Context<'_>) {
    match reply {
        Reply::Accepted(_) => up::transfer(call, Some(Transfer { op: None, ..transfer })),
        Reply::Refused { error, .. } => failed(call, error, cx),
    }
}

/// It came to nothing: the call is as it was.
pub(super) fn failed(call: &mut Call, error: Error, cx: &mut Context<'_>) {
    let Some(Transfer { kind, .. }) = up::transferring(call) else { return };
    up::transfer(call, None);
    cx.out.stop(TimerId::Exchange(call.id.clone()));
    call.error = Some(error.clone());
    let (reason, status) = match kind {
        Kind::Direct => ("Direct Transfer Failed", -1),
        Kind::Consultative => ("Transfer Failed", -1),
        Kind::Join => ("Join Failed", -2),
    };
    let transition =
        Transition { prev_state: None, status_code: Some(Value::from(status)), reason_text: Some(reason.to_owned()) };
    call.changed(call.previous(), Some(error), Some(transition), cx);
}

/// What the server, or its silence, says of a failure.
pub(super) fn failure(transfer: Transfer) -> Error {
    Error::new(Code::CallGeneric, format!("Operation {} failed.", operation(transfer).operation))
}

pub(super) fn operation(transfer: Transfer) -> Operation {
    let operation = match transfer.kind {
        Kind::Direct => "DIRECT_TRANSFER",
        Kind::Consultative => "CONSULTATIVE_TRANSFER",
        Kind::Join => "JOIN",
    };
    Operation { operation, status: if transfer.op.is_some() { "ONGOING" } else { "PENDING" } }
}
