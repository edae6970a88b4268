//! The connected call: its exchanges of descriptions, and every 25 s the question whether the server still knows it
//! (protocol §4.10).

use super::{
    Call, Context, Fact, Phase, Want, change, hold, incoming,
    negotiate::{self, Exchange, Purpose},
    release, restart,
    transfer::{self, Transfer},
};
use crate::{
    Error, Now, OpId,
    effect::TimerId,
    error::Code,
    limits,
    signal::{Reply, Signal, Told},
};

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct State {
    /// The audit that is under way.
    pub audit: Option<OpId>,
    /// When the server last said that it knows the call.
    pub known: Now,
    /// The devices that are being opened for media to add.
    pub acquiring: Option<OpId>,
    /// The exchange that is under way.
    pub exchange: Exchange,
    /// An exchange of ours that gave way.
    retry: Option<Retry>,
    /// The other side is being handed on.
    pub transfer: Option<Transfer>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Retry {
    purpose: Purpose,
    attempts: u32,
    /// Whether its time has come.
    due: bool,
}

/// The call is up on this side.
pub(super) fn enter(call: &mut Call, cx: &mut Context<'_>) {
    let previous = call.previous();
    let state =
        State { audit: None, known: cx.now, acquiring: None, exchange: Exchange::Idle, retry: None, transfer: None };
    call.enter(Phase::Up(state), cx);
    call.start_time = Some(cx.now);
    call.limited = true;
    call.error = None;
    cx.out.stop(TimerId::Cancel(call.id.clone()));
    cx.out.wait(TimerId::Audit(call.id.clone()), limits::AUDIT);
    call.changed(previous, None, None, cx);
    // The other side may have been quicker with its next offer than our browser with its first answer.
    go_on(call, cx);
}

pub(super) fn fact(call: &mut Call, fact: Fact, cx: &mut Context<'_>) {
    let Phase::Up(State { audit, known, transfer, .. }) = call.phase else { return };
    match fact {
        Fact::AuditDue => {
            let op = call.signal(Signal::Audit, cx);
            with(call, |state| state.audit = Some(op));
        }
        Fact::Reply(op, reply) if audit == Some(op) => {
            let known = if matches!(reply, Reply::Accepted(_)) { cx.now } else { known };
            with(call, |state| (state.audit, state.known) = (None, known));
            match reply {
                Reply::Accepted(_) => cx.out.wait(TimerId::Audit(call.id.clone()), limits::AUDIT),
                Reply::Refused { error, .. } if cx.now.0.saturating_sub(known.0) >= limits::AUDIT_SILENCE => {
                    let why = "The server could not be reached for so long that it has given this call up.";
                    release::fail(call, Error::new(error.code, why), cx);
                }
                // The end of the call is on its way, and says more.
                Reply::Refused { gone: true, .. } if !cx.signalling.hears(cx.now, cx.config) => {
                    cx.out.wait(TimerId::Audit(call.id.clone()), limits::AUDIT_RETRY);
                }
                Reply::Refused { gone: true, error } => {
                    let error = Error::new(error.code, "The server no longer knows this call.");
                    release::fail(call, error, cx);
                }
                Reply::Refused { gone: false, .. } => cx.out.wait(TimerId::Audit(call.id.clone()), limits::AUDIT_RETRY),
            }
        }
        Fact::Told(Told::End { status, reason }) => release::remote_end(call, status, reason, cx),
        Fact::RestartDue => restart::due(call, cx),
        Fact::Reply(op, reply) if transfer.is_some_and(|transfer| transfer.op == Some(op)) => {
            if let Some(transfer) = transfer {
                transfer::replied(call, transfer, reply, cx);
            }
        }
        Fact::Told(Told::Failed) | Fact::ExchangeDue if transfer.is_some() => {
            if let Some(transfer) = transfer {
                transfer::failed(call, transfer::failure(transfer), cx);
            }
        }
        Fact::Media(op, result) if matches!(call.phase, Phase::Up(State { acquiring, .. }) if acquiring == Some(op)) => {
            with(call, |state| state.acquiring = None);
            change::acquired(call, result, cx);
        }
        fact => negotiate::fact(call, fact, cx),
    }
}

/// What the application wants of a connected call, now that it is its turn.
pub(super) fn want(call: &mut Call, want: Want, cx: &mut Context<'_>) {
    match want {
        Want::Hold | Want::Unhold => hold::want(call, &want, cx),
        Want::AddMedia { media, options } => change::add(call, media, options, cx),
        Want::RemoveMedia { tracks, options } => change::remove(call, tracks, options, cx),
        Want::ReplaceTrack { track, media } => change::replace(call, track, media, cx),
        Want::Transfer { to } => transfer::direct(call, to, cx),
        Want::Answer { .. } | Want::Reject | Want::Ignore | Want::Forward { .. } | Want::Meet(_) | Want::End => {
            call.refuse(&want, incoming::NOT_RINGING, cx);
        }
    }
}

/// Whether an operation of ours would have to wait.
pub(super) fn is_busy(state: &State) -> bool {
    state.acquiring.is_some() || state.exchange != Exchange::Idle || state.retry.is_some() || state.transfer.is_some()
}

/// The exchange moves on.
pub(super) fn set(call: &mut Call, exchange: Exchange) {
    with(call, |state| state.exchange = exchange);
}

/// Remembers an offer of theirs for the end of what is under way.
pub(super) fn park(call: &mut Call, offer: Option<String>) {
    call.parked = Some(offer);
}

/// An exchange is over: what waits is taken up, theirs first.
pub(super) fn go_on(call: &mut Call, cx: &mut Context<'_>) {
    let Phase::Up(state) = &call.phase else { return };
    if let Some(offer) = call.parked.take() {
        return negotiate::consider(call, offer, cx);
    }
    let Some(Retry { purpose, due: true, .. }) = state.retry else { return };
    negotiate::begin(call, purpose, cx);
}

/// An exchange of ours gave way and is to be made again, at most so often (protocol §4.9).
pub(super) fn retry_later(call: &mut Call, purpose: Purpose, after: u64, cx: &mut Context<'_>) {
    let Phase::Up(state) = &mut call.phase else { return };
    let attempts = state.retry.as_ref().map_or(0, |retry| retry.attempts) + 1;
    if attempts > limits::GLARE_RETRIES {
        state.retry = None;
        let error = Error::new(Code::CallGeneric, "The other side kept changing the call at the same time.");
        return change::failed(call, purpose, error, cx);
    }
    state.retry = Some(Retry { purpose, attempts, due: false });
    // Both sides may have been told to wait for the same time.
    let spread = cx.ids.below(limits::GLARE_SPREAD);
    cx.out.wait(TimerId::Retry(call.id.clone()), after + spread);
}

/// Begins an exchange of ours now, or when the one that is under way is over.
pub(super) fn begin(call: &mut Call, purpose: Purpose, cx: &mut Context<'_>) {
    with(call, |state| state.retry = Some(Retry { purpose, attempts: 0, due: true }));
    if matches!(call.phase, Phase::Up(State { exchange: Exchange::Idle, .. })) {
        go_on(call, cx);
    }
}

/// A transfer begins, goes on, or is over.
pub(super) fn transfer(call: &mut Call, transfer: Option<Transfer>) {
    with(call, |state| state.transfer = transfer);
}

/// The transfer that is under way.
pub(super) fn transferring(call: &Call) -> Option<Transfer> {
    match &call.phase {
        Phase::Up(state) => state.transfer,
        _ => None,
    }
}

/// The devices are being opened.
pub(super) fn acquire(call: &mut Call, op: OpId) {
    with(call, |state| state.acquiring = Some(op));
}

/// The time for it has come.
pub(super) fn retry(call: &mut Call, cx: &mut Context<'_>) {
    let Phase::Up(state) = &mut call.phase else { return };
    if let Some(retry) = &mut state.retry {
        retry.due = true;
    }
    if state.exchange == Exchange::Idle {
        go_on(call, cx);
    }
}

/// An exchange of ours is over: nothing is to be made again.
pub(super) fn settled(call: &mut Call) {
    with(call, |state| state.retry = None);
}

fn with(call: &mut Call, change: impl FnOnce(&mut State)) {
    if let Phase::Up(state) = &mut call.phase {
        change(state);
    }
}
