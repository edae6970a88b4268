//! The connected call: every 25 s the server is asked whether it still knows it (protocol §4.10).

use super::{Call, Context, Fact, Phase, outgoing::what, release};
use crate::{
    Error, Now, OpId,
    effect::{Level, TimerId},
    limits,
    signal::{Reply, Signal, Told},
};

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct State {
    /// The audit that is under way.
    pub audit: Option<OpId>,
    /// When the server last said that it knows the call.
    pub known: Now,
}

/// The call is up on this side.
pub(super) fn enter(call: &mut Call, cx: &mut Context<'_>) {
    let previous = call.previous();
    call.enter(Phase::Up(State { audit: None, known: cx.now }), cx);
    call.start_time = Some(cx.now);
    call.limited = true;
    call.error = None;
    cx.out.stop(TimerId::Cancel(call.id.clone()));
    cx.out.wait(TimerId::Audit(call.id.clone()), limits::AUDIT);
    call.changed(previous, None, None, cx);
}

pub(super) fn fact(call: &mut Call, fact: Fact, cx: &mut Context<'_>) {
    let Phase::Up(State { audit, known }) = call.phase else { return };
    match fact {
        Fact::AuditDue => {
            let op = call.signal(Signal::Audit, cx);
            call.phase = Phase::Up(State { audit: Some(op), known });
        }
        Fact::Reply(op, reply) if audit == Some(op) => {
            let accepted = matches!(reply, Reply::Accepted(_));
            let known = if accepted { cx.now } else { known };
            call.phase = Phase::Up(State { audit: None, known });
            match reply {
                Reply::Accepted(_) => cx.out.wait(TimerId::Audit(call.id.clone()), limits::AUDIT),
                Reply::Refused { error, .. } if cx.now.0.saturating_sub(known.0) >= limits::AUDIT_SILENCE => {
                    let why = "The server could not be reached for so long that it has given this call up.";
                    release::fail(call, Error::new(error.code, why), cx);
                }
                Reply::Refused { gone: true, error } => {
                    let error = Error::new(error.code, "The server no longer knows this call.");
                    release::fail(call, error, cx);
                }
                Reply::Refused { gone: false, .. } => cx.out.wait(TimerId::Audit(call.id.clone()), limits::AUDIT_RETRY),
            }
        }
        Fact::Told(Told::End { status, reason }) => release::remote_end(call, status, reason, cx),
        Fact::Told(Told::Update { .. }) => {
            // Mid-call negotiation is not part of this version: the other side gets no answer and keeps what it has.
            cx.out.log(
                Level::Warn,
                format!("call {}: the other side asked for a change of media, which is not supported yet", call.id),
            );
        }
        fact => cx.out.log(Level::Debug, format!("call {}: a connected call has no use for {}", call.id, what(&fact))),
    }
}
