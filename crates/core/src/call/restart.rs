//! A media connection that failed: the user has walked out of one network and into another, or a router has forgotten the
//! call. The call is kept for 30 s, in which ICE is restarted by offers of ours; the other side needs to know nothing of it.
//!
//! And a change of ours that the other side has not heard of, because the server could not be reached: it is told later.

use super::{Call, Context, release, sdp};
use crate::{
    Error,
    effect::{Level, TimerId},
    error::Code,
    input::ConnectionState,
    limits,
};

/// `connectionState` changed.
pub(super) fn connection(call: &mut Call, state: ConnectionState, cx: &mut Context<'_>) {
    cx.out.log(Level::Info, format!("call {}: media connection {}", call.id, state.name()));
    match state {
        ConnectionState::Failed if call.broken.is_none() => {
            call.broken = Some(cx.now);
            // Both sides see it at about the same time.
            let pause = if call.is_caller { 0 } else { limits::RESTART_SECOND };
            cx.out.wait(TimerId::Restart(call.id.clone()), pause);
        }
        ConnectionState::Connected if call.broken.take().is_some() => {
            call.refreshes = 0;
            cx.out.stop(TimerId::Restart(call.id.clone()));
        }
        _ => {}
    }
}

/// Their offer is answered. One of Chromium that restarts ICE may leave Firefox 153 without media: while Firefox's old address
/// can still be reached, Chromium settles on it before the answer is there, drops the pairs with the new address, which look
/// worse as long as they are peer-reflexive, and sends to where Firefox no longer listens. So Firefox restarts once more: if
/// it offers, Chromium learns of both addresses at the same time.
pub(super) fn answered(call: &mut Call, answer: &str) {
    let theirs = std::mem::take(&mut call.restarted);
    if theirs && sdp::is_of_firefox(answer) && !sdp::is_of_firefox(&call.described) {
        (call.renew, call.refresh) = (true, true);
    }
}

/// The other side does not know our lines as they are by now: it is told a little later, at most so often.
pub(super) fn again(call: &mut Call, cx: &mut Context<'_>) {
    call.refreshes += 1;
    if call.broken.is_none() && call.refreshes <= limits::REFRESHES {
        cx.out.wait(TimerId::Restart(call.id.clone()), limits::RESTART);
    }
}

/// It is time for an attempt, or to give up.
pub(super) fn due(call: &mut Call, cx: &mut Context<'_>) {
    let Some(since) = call.broken else {
        call.refresh = true;
        return;
    };
    let lasts = cx.now.0.saturating_sub(since.0);
    if lasts >= limits::BROKEN {
        let why = "The media connection to the other side failed and did not come back.";
        return release::fail(call, Error::new(Code::CallGeneric, why), cx);
    }
    call.refresh = true;
    cx.out.wait(TimerId::Restart(call.id.clone()), limits::RESTART.min(limits::BROKEN - lasts));
}
