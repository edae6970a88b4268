//! Offer and answer in a connected call: one exchange at a time, ours or theirs (protocol §4.3.4, §4.3.5, §4.9).
//!
//! ```text
//! ours:   Idle → Offering → Proposing → Awaiting → Completing → Idle
//!                    └────────────┴─────────┴── Withdrawing → Idle, or Idle and Timer(Retry) after glare
//! theirs: Idle → Considering → Responding → Replying → Idle
//!         Idle ───(no offer)─→ Responding → Replying → Concluding → Completing → Idle
//! ```
//!
//! An offer of theirs that comes while ours is under way waits; the server decides who goes first, and tells the other one
//! of the glare, whose offer is then rolled back and made again later. Where the server does not decide, the callee gives way.

use super::{Call, Context, Fact, Phase, change, hold, outgoing::what, release, restart, sdp, up};
use crate::{
    Error, OpId,
    effect::{Direction, Level, Line, PeerAction, SdpKind, TimerId},
    error::Code,
    limits,
    query::Operation,
    signal::{Reply, Signal, Told},
    transport,
};

/// What an exchange of ours is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Hold,
    Unhold,
    Add,
    Remove,
    /// Another track on a line; nothing is offered.
    Replace,
    /// Our lines as they are by now, or a transport that works.
    Refresh,
}

/// Where an exchange stands.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) enum Exchange {
    #[default]
    Idle,
    /// A track takes another's place: no exchange, but none may begin meanwhile.
    Swapping {
        op: OpId,
    },
    Offering {
        op: OpId,
        purpose: Purpose,
    },
    Proposing {
        op: OpId,
        purpose: Purpose,
        offered: usize,
    },
    Awaiting {
        purpose: Purpose,
        offered: usize,
    },
    /// `purpose` is `None` where the exchange was theirs and they had no offer.
    Completing {
        op: OpId,
        purpose: Option<Purpose>,
    },
    Withdrawing {
        op: OpId,
        purpose: Purpose,
        why: Withdrawal,
    },
    Considering {
        op: OpId,
    },
    /// `slow` where they had no offer and ours is made.
    Responding {
        op: OpId,
        slow: bool,
    },
    Replying {
        op: OpId,
        slow: bool,
    },
    Concluding,
}

/// Why an offer of ours is taken back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Withdrawal {
    /// The other side was first: again after so many milliseconds.
    Glare(u64),
    /// The operation failed; the call's error says why.
    Failure,
    /// An offer of theirs came before ours was sent, or is answered by nobody: again when theirs is answered.
    GiveWay,
}

/// Begins an exchange of ours.
pub(super) fn begin(call: &mut Call, purpose: Purpose, cx: &mut Context<'_>) {
    if purpose == Purpose::Replace {
        return change::swap(call, cx);
    }
    let op = cx.ids.op();
    call.refreshing |= std::mem::take(&mut call.refresh);
    call.lines_before.clone_from(&call.lines);
    change::place(call, cx);
    // What is not released by this operation stays held.
    let held = purpose == Purpose::Hold || (call.local_hold && purpose != Purpose::Unhold);
    let lines = wanted(call, held);
    let ice_restart = call.broken.is_some() || call.renew;
    cx.out.peer(&call.peer, PeerAction::Offer { op, lines, ice_restart, gather: limits::GATHERING });
    up::set(call, Exchange::Offering { op, purpose });
}

/// Something happened that may concern the exchange.
pub(super) fn fact(call: &mut Call, fact: Fact, cx: &mut Context<'_>) {
    let Phase::Up(state) = &call.phase else { return };
    match (state.exchange, fact) {
        (Exchange::Swapping { op }, Fact::Done(done)) if op == done => change::swapped(call, None, cx),
        (Exchange::Swapping { op }, Fact::PeerFailed(failed, why)) if op == failed => {
            change::swapped(call, Some(why), cx);
        }
        (Exchange::Offering { op, purpose }, Fact::Made(made, text)) if op == made => {
            let sdp = sdp::outgoing(&text, call.bandwidth, cx.config.call.remove_h264_codecs);
            let offered = sdp::sections(&sdp).len();
            call.learn_lines(&sdp);
            let op = call.signal(Signal::Update { sdp }, cx);
            cx.out.wait(TimerId::Exchange(call.id.clone()), limits::EXCHANGE);
            up::set(call, Exchange::Proposing { op, purpose, offered });
        }
        (Exchange::Offering { op, purpose }, Fact::PeerFailed(failed, why)) if op == failed => {
            call.lines = std::mem::take(&mut call.lines_before);
            let error = Error::new(Code::CallGeneric, format!("The browser made no offer: {why}"));
            finish_failed(call, purpose, error, cx);
        }
        (Exchange::Offering { purpose, .. }, Fact::Told(Told::Update { sdp })) => {
            up::park(call, sdp);
            withdraw(call, purpose, Withdrawal::GiveWay, cx);
        }
        (Exchange::Proposing { op, purpose, offered }, Fact::Reply(replied, reply)) if op == replied => match reply {
            Reply::Accepted(_) => up::set(call, Exchange::Awaiting { purpose, offered }),
            Reply::Refused { gone: true, error } => release::fail(call, error, cx),
            Reply::Refused { gone: false, error } => {
                // Without a word of the server, the other side may have been told all the same: it is told how things are.
                call.refreshing |= error.code == Code::NoCode;
                call.error = Some(error);
                withdraw(call, purpose, Withdrawal::Failure, cx);
            }
        },
        (
            Exchange::Proposing { purpose, offered, .. } | Exchange::Awaiting { purpose, offered },
            Fact::Told(Told::Answer { sdp }),
        ) => complete(call, purpose, offered, sdp, cx),
        (
            Exchange::Proposing { purpose, .. } | Exchange::Awaiting { purpose, .. },
            Fact::Told(Told::Glare { retry }),
        ) => {
            withdraw(call, purpose, Withdrawal::Glare(retry), cx);
        }
        // Two offers at once, and the server decides for neither: the callee gives way. The caller has only to wait, and takes up
        // what the callee offered when its own offer is answered.
        (Exchange::Proposing { .. } | Exchange::Awaiting { .. }, Fact::Told(Told::Update { sdp }))
            if !call.is_caller =>
        {
            up::park(call, sdp);
            cx.out.wait(TimerId::Exchange(call.id.clone()), limits::GLARE_VERDICT);
        }
        (Exchange::Proposing { purpose, .. } | Exchange::Awaiting { purpose, .. }, Fact::ExchangeDue)
            if !call.is_caller && call.parked.is_some() =>
        {
            withdraw(call, purpose, Withdrawal::GiveWay, cx);
        }
        (Exchange::Proposing { purpose, .. } | Exchange::Awaiting { purpose, .. }, Fact::ExchangeDue) => {
            call.refreshing = true;
            call.error = Some(Error::new(Code::CallGeneric, "The other side did not answer the change."));
            withdraw(call, purpose, Withdrawal::Failure, cx);
        }
        (Exchange::Completing { op, purpose }, Fact::Applied(applied, lines)) if op == applied => {
            up::set(call, Exchange::Idle);
            if purpose.is_some() {
                up::settled(call);
                (call.refreshing, call.refreshes, call.renew) = (false, 0, false);
            }
            hold::applied(call, purpose, SdpKind::Answer, lines, cx);
            up::go_on(call, cx);
        }
        (Exchange::Completing { op, .. }, Fact::PeerFailed(failed, why)) if op == failed => {
            let error = Error::new(Code::CallGeneric, format!("The other side's answer cannot be used: {why}"));
            release::fail(call, error, cx);
        }
        // An offer that the browser could not even make cannot be taken back, and need not be.
        (Exchange::Withdrawing { op, purpose, why }, Fact::Done(done) | Fact::PeerFailed(done, _)) if op == done => {
            withdrawn(call, purpose, why, cx);
        }
        (Exchange::Idle, Fact::Told(Told::Update { sdp })) => consider(call, sdp, cx),
        (_, Fact::Told(Told::Update { sdp })) => up::park(call, sdp),
        (Exchange::Considering { op }, Fact::Applied(applied, lines)) if op == applied => {
            let offer = std::mem::take(&mut call.described);
            call.learn_lines(&offer);
            call.described = offer;
            call.receivers = lines;
            let op = cx.ids.op();
            let mut lines = wanted(call, call.local_hold);
            lines.retain(|line| line.mid.is_some());
            cx.out.peer(&call.peer, PeerAction::Answer { op, lines, gather: limits::GATHERING });
            up::set(call, Exchange::Responding { op, slow: false });
        }
        (Exchange::Considering { op }, Fact::PeerFailed(failed, why)) if op == failed => {
            // The browser keeps what it had; the other side hears nothing and gives its change up.
            cx.out.log(Level::Error, format!("call {}: the other side's offer cannot be used: {why}", call.id));
            up::set(call, Exchange::Idle);
            up::go_on(call, cx);
        }
        (Exchange::Responding { op, slow }, Fact::Made(made, text)) if op == made => {
            let sdp = sdp::outgoing(&text, call.bandwidth, cx.config.call.remove_h264_codecs);
            match slow {
                true => call.learn_lines(&sdp),
                false => restart::answered(call, &sdp),
            }
            let op = call.signal(Signal::UpdateAnswer { sdp }, cx);
            if slow {
                cx.out.wait(TimerId::Exchange(call.id.clone()), limits::EXCHANGE);
            }
            up::set(call, Exchange::Replying { op, slow });
        }
        (Exchange::Responding { op, .. }, Fact::PeerFailed(failed, why)) if op == failed => {
            let error = Error::new(Code::CallGeneric, format!("The browser made no answer: {why}"));
            release::fail(call, error, cx);
        }
        (Exchange::Replying { op, slow }, Fact::Reply(replied, reply)) if op == replied => match (reply, slow) {
            (Reply::Refused { gone: true, error }, _) => release::fail(call, error, cx),
            (Reply::Refused { gone: false, .. }, true) => abandon(call, cx),
            (Reply::Accepted(_), true) => up::set(call, Exchange::Concluding),
            // Refused or not, the media follow the new descriptions by now, and what is told follows the media. Whoever offered
            // may not know of it: an offer of ours brings both together again.
            (reply, false) => {
                call.refresh |= matches!(reply, Reply::Refused { .. });
                up::set(call, Exchange::Idle);
                let lines = std::mem::take(&mut call.receivers);
                hold::applied(call, None, SdpKind::Offer, lines, cx);
                up::go_on(call, cx);
            }
        },
        (Exchange::Replying { slow: true, .. } | Exchange::Concluding, Fact::Told(Told::Answer { sdp })) => {
            cx.out.stop(TimerId::Exchange(call.id.clone()));
            // Of somebody else no hold is known, and while we hold the answer does not show one.
            if call.local_hold && call.remote_hold && sdp::endpoint(&sdp) != sdp::endpoint(&call.described) {
                let previous = call.previous();
                call.remote_hold = false;
                call.changed(previous, None, None, cx);
            }
            let op = call.apply_remote(SdpKind::Answer, &sdp, cx);
            up::set(call, Exchange::Completing { op, purpose: None });
        }
        (
            Exchange::Replying { slow: true, .. } | Exchange::Concluding,
            Fact::Told(Told::Glare { .. }) | Fact::ExchangeDue,
        ) => {
            abandon(call, cx);
        }
        (_, Fact::RetryDue) => up::retry(call, cx),
        (_, fact) => {
            cx.out.log(Level::Debug, format!("call {}: a connected call has no use for {}", call.id, what(&fact)));
        }
    }
}

pub(super) fn name(exchange: &Exchange) -> &'static str {
    match exchange {
        Exchange::Idle => "up",
        Exchange::Swapping { .. } => "up, swapping",
        Exchange::Offering { .. } => "up, offering",
        Exchange::Proposing { .. } => "up, proposing",
        Exchange::Awaiting { .. } => "up, awaiting",
        Exchange::Completing { .. } => "up, completing",
        Exchange::Withdrawing { .. } => "up, withdrawing",
        Exchange::Considering { .. } => "up, considering",
        Exchange::Responding { .. } => "up, responding",
        Exchange::Replying { .. } => "up, replying",
        Exchange::Concluding => "up, concluding",
    }
}

pub(super) fn operation(exchange: &Exchange) -> Option<Operation> {
    let (purpose, status) = match exchange {
        Exchange::Offering { purpose, .. } | Exchange::Proposing { purpose, .. } => (purpose, "ONGOING"),
        Exchange::Awaiting { purpose, .. }
        | Exchange::Completing { purpose: Some(purpose), .. }
        | Exchange::Withdrawing { purpose, .. } => (purpose, "PENDING"),
        Exchange::Idle
        | Exchange::Swapping { .. }
        | Exchange::Completing { purpose: None, .. }
        | Exchange::Considering { .. }
        | Exchange::Responding { .. }
        | Exchange::Replying { .. }
        | Exchange::Concluding => return None,
    };
    let operation = match purpose {
        Purpose::Hold => "HOLD",
        Purpose::Unhold => "UNHOLD",
        Purpose::Add => "ADD_MEDIA",
        Purpose::Remove => "REMOVE_MEDIA",
        Purpose::Replace | Purpose::Refresh => return None,
    };
    Some(Operation { operation, status })
}

/// Takes up an offer of theirs, or in a slow start makes the offer for them. Another session in the `o=` line is another
/// endpoint, which needs a peer connection of its own (protocol §5.5).
pub(super) fn consider(call: &mut Call, offer: Option<String>, cx: &mut Context<'_>) {
    match offer {
        Some(offer) => {
            call.restarted = transport::restarts(&call.described, &offer);
            if sdp::endpoint(&offer) != sdp::endpoint(&call.described) {
                call.replace_peer(cx);
            }
            let op = call.apply_remote(SdpKind::Offer, &offer, cx);
            up::set(call, Exchange::Considering { op });
        }
        None => {
            call.replace_peer(cx);
            let op = cx.ids.op();
            let lines = wanted(call, call.local_hold);
            cx.out.peer(&call.peer, PeerAction::Offer { op, lines, ice_restart: false, gather: limits::GATHERING });
            up::set(call, Exchange::Responding { op, slow: true });
        }
    }
}

fn complete(call: &mut Call, purpose: Purpose, offered: usize, answer: String, cx: &mut Context<'_>) {
    cx.out.stop(TimerId::Exchange(call.id.clone()));
    let answered = sdp::sections(&answer).len();
    if answered != offered {
        let why = format!("The answer has {answered} media sections, the offer had {offered}.");
        return release::fail(call, Error::new(Code::CallMismatch, why), cx);
    }
    let op = call.apply_remote(SdpKind::Answer, &answer, cx);
    up::set(call, Exchange::Completing { op, purpose: Some(purpose) });
}

/// They wanted an offer and did nothing with it. The connection before it is gone: an offer of our own brings media back.
fn abandon(call: &mut Call, cx: &mut Context<'_>) {
    // No line of the connection was ever agreed on.
    call.lines.iter_mut().for_each(|line| line.mid = None);
    call.lines_before.clone_from(&call.lines);
    withdraw(call, Purpose::Refresh, Withdrawal::GiveWay, cx);
}

fn withdraw(call: &mut Call, purpose: Purpose, why: Withdrawal, cx: &mut Context<'_>) {
    cx.out.stop(TimerId::Exchange(call.id.clone()));
    // Their offer takes ours back when it is applied. After a rollback by itself, Firefox may receive nothing of what they add.
    if call.parked.is_some() && why != Withdrawal::Failure {
        return withdrawn(call, purpose, why, cx);
    }
    let op = cx.ids.op();
    cx.out.peer(&call.peer, PeerAction::Rollback { op });
    up::set(call, Exchange::Withdrawing { op, purpose, why });
}

/// The offer is taken back, or about to be.
fn withdrawn(call: &mut Call, purpose: Purpose, why: Withdrawal, cx: &mut Context<'_>) {
    up::set(call, Exchange::Idle);
    // Lines that were new are gone with the offer; so are the tracks that ended meanwhile.
    call.lines = std::mem::take(&mut call.lines_before);
    let ended = |line: &&mut Line| line.track.as_ref().is_some_and(|id| cx.media.kind(id).is_none());
    call.lines.iter_mut().filter(ended).for_each(|line| line.track = None);
    match why {
        Withdrawal::Failure => {
            let error = call.error.clone().unwrap_or_else(|| Error::new(Code::CallGeneric, "The change failed."));
            finish_failed(call, purpose, error, cx);
        }
        Withdrawal::Glare(after) => {
            up::retry_later(call, purpose, after, cx);
            up::go_on(call, cx);
        }
        Withdrawal::GiveWay => {
            up::retry_later(call, purpose, 0, cx);
            up::go_on(call, cx);
        }
    }
}

/// The operation failed.
fn finish_failed(call: &mut Call, purpose: Purpose, error: Error, cx: &mut Context<'_>) {
    up::set(call, Exchange::Idle);
    up::settled(call);
    change::failed(call, purpose, error, cx);
    up::go_on(call, cx);
}

/// Every line with what this side wants of it.
fn wanted(call: &Call, held: bool) -> Vec<Line> {
    let direction = |line: &Line| match held {
        true => Direction::Inactive,
        false => call.direction(line.kind, line.track.is_some()),
    };
    call.lines.iter().map(|line| Line { direction: direction(line), ..line.clone() }).collect()
}
