//! Tones for the other side: `call.sendDTMF` (api-behaviour 7.14).
//!
//! They travel with the sound and need no signalling, so they wait for each other only.

use super::{Call, Context, outward};
use crate::{Error, OpId, effect::PeerAction, error::Code, limits, query::CallState};

/// One `call.sendDTMF`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tones {
    pub tones: String,
    /// Milliseconds.
    pub duration: u64,
    /// Milliseconds.
    pub gap: u64,
}

/// Plays them now, or after those that play.
pub(super) fn send(call: &mut Call, tones: Tones, cx: &mut Context<'_>) {
    let known = |tone: char| tone.is_ascii_digit() || "#*,ABCDabcd".contains(tone);
    let carries = call.peer_open && matches!(call.state(), CallState::Connected | CallState::Ringing);
    let wrong = if !carries {
        Some((Code::CallState, "The call is not in the right state: (state) tones need a call that is up or rings."))
    } else if tones.tones.is_empty() || !tones.tones.chars().all(known) {
        Some((Code::CallArgument, "Tones are one or more of 0-9, A-D, # and *, with commas as pauses."))
    } else if call.tones.len() + tones.tones.len() > limits::TONES {
        Some((Code::CallArgument, "Too many tones at once."))
    } else {
        None
    };
    if let Some((code, why)) = wrong {
        return outward::silent(&call.id, Error::new(code, why), cx);
    }
    call.tones.push_back(tones);
    go_on(call, cx);
}

/// The browser has played them, or cannot.
pub(super) fn played(call: &mut Call, failure: Option<String>, cx: &mut Context<'_>) {
    call.sounding = None;
    if let Some(why) = failure {
        outward::silent(&call.id, Error::new(Code::CallGeneric, format!("The tones were not sent: {why}")), cx);
    }
    go_on(call, cx);
}

fn go_on(call: &mut Call, cx: &mut Context<'_>) {
    if call.sounding.is_some() {
        return;
    }
    let Some(Tones { tones, duration, gap }) = call.tones.pop_front() else { return };
    let op: OpId = cx.ids.op();
    call.sounding = Some(op);
    let duration = duration.clamp(*limits::TONE.start(), *limits::TONE.end()) as u32;
    let gap = gap.clamp(*limits::TONE_GAP.start(), *limits::TONE_GAP.end()) as u32;
    cx.out.peer(&call.peer, PeerAction::Tones { op, tones, duration, gap });
}
