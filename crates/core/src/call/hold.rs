//! Who holds, and which of the other side's tracks are there (api-behaviour 7.9).
//!
//! Each side changes its own flag only. The other side's flag is read from what it describes: it holds while no section of its
//! description receives. A call is `Connected` again when neither flag is set.

use super::{Call, Context, Want, change, negotiate::Purpose, sdp, up};
use crate::{
    TrackId,
    effect::SdpKind,
    input::{RemoteLine, TrackInfo},
};

/// `call.hold`, `call.unhold`, once it is its turn.
pub(super) fn want(call: &mut Call, want: &Want, cx: &mut Context<'_>) {
    match (want, call.local_hold) {
        (Want::Hold, false) => up::begin(call, Purpose::Hold, cx),
        (Want::Unhold, true) => up::begin(call, Purpose::Unhold, cx),
        (Want::Hold, true) => call.refuse(want, "(localHold) it is held already", cx),
        _ => call.refuse(want, "(localHold) it is not held by this side", cx),
    }
}

/// A description of theirs is in force. `purpose` is what an exchange of ours was for; `lines` are the connection's receivers.
pub(super) fn applied(
    call: &mut Call,
    purpose: Option<Purpose>,
    kind: SdpKind,
    lines: Vec<RemoteLine>,
    cx: &mut Context<'_>,
) {
    let previous = call.previous();
    match purpose {
        Some(Purpose::Hold) => call.local_hold = true,
        Some(Purpose::Unhold) => call.local_hold = false,
        Some(Purpose::Add | Purpose::Remove | Purpose::Replace | Purpose::Refresh) | None => {}
    }
    let sections = sdp::sections(&call.described);
    // While we hold or send nothing, their answer receives nothing whatever they want.
    let sent = !call.local_hold && call.lines.iter().any(|line| line.track.is_some());
    if kind == SdpKind::Offer || sent {
        call.remote_hold = is_held(&call.described);
    } else if sections.iter().any(|s| s.kind.is_some() && s.sends) {
        // Who sends does not hold.
        call.remote_hold = false;
    }
    let sending: Vec<Option<String>> =
        sections.into_iter().filter(|s| s.sends && s.kind.is_some()).map(|s| s.mid).collect();
    let heard = lines.into_iter().filter(|line| !call.local_hold && sending.contains(&line.mid)).map(|line| line.track);
    tracks(call, heard.collect(), cx);
    let flags = (Some(call.local_hold), Some(call.remote_hold));
    if (previous.local_hold, previous.remote_hold) != flags {
        call.changed(previous, None, None, cx);
    }
    if let Some(purpose) = purpose {
        call.error = None;
        change::done(call, purpose, cx);
    }
}

/// Whether the author of a description holds: nothing is received.
pub(super) fn is_held(described: &str) -> bool {
    !sdp::sections(described).iter().any(|section| section.kind.is_some() && section.receives)
}

/// These are the tracks that the other side sends by now. While the call is held, the others wait for their return.
fn tracks(call: &mut Call, heard: Vec<TrackInfo>, cx: &mut Context<'_>) {
    let ids: Vec<TrackId> = heard.iter().map(|info| info.id.clone()).collect();
    let gone: Vec<TrackId> = call.remote_tracks.iter().filter(|id| !ids.contains(id)).cloned().collect();
    if call.local_hold || call.remote_hold {
        if announces(cx) {
            gone.iter().for_each(|id| cx.media.unrender_all(id, cx.out));
            call.tell_tracks(&gone, false, false, cx);
        }
        call.waiting_tracks.extend(gone);
    } else {
        let waiting = std::mem::take(&mut call.waiting_tracks);
        let lost: Vec<TrackId> = waiting.into_iter().filter(|id| !ids.contains(id)).collect();
        cx.media.remove(&gone, cx.out);
        cx.media.remove(&lost, cx.out);
        call.tell_tracks(&gone, false, false, cx);
        if !announces(cx) {
            call.tell_tracks(&lost, false, false, cx);
        }
    }
    let new: Vec<TrackId> = ids.iter().filter(|id| !call.remote_tracks.contains(id)).cloned().collect();
    let fresh = heard.into_iter().filter(|info| cx.media.owner(&info.id).is_none()).collect();
    cx.media.add(&call.id, false, fresh);
    call.waiting_tracks.retain(|id| !ids.contains(id));
    call.remote_tracks = ids;
    call.tell_tracks(&new, false, true, cx);
}

/// Whether tracks that rest during a hold are told as ended: what `plan-b`, the documented default, does.
pub(super) fn announces(cx: &Context<'_>) -> bool {
    cx.config.call.sdp_semantics.as_deref() != Some("unified-plan")
}
