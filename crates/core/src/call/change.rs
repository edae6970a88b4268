//! Adding, removing and replacing our media in a connected call (api-behaviour 7.11 to 7.13).
//!
//! New tracks exist as soon as the devices are open, removed ones are over at once; the operation is done when the other side
//! has agreed. One that fails takes its tracks back.

use super::{
    Call, Context, media_error,
    negotiate::{Exchange, Purpose},
    restart, up,
};
use crate::{
    Error, Event, TrackId,
    command::{CallOptions, Media as Wish},
    effect::{Direction, Level, Line, PeerAction},
    error::Code,
    event::{MediaEvent, TrackReplaced},
    input::{Kind, MediaFailure, TrackInfo},
    query::CallState,
};

/// `call.addMedia`, once it is its turn.
pub(super) fn add(call: &mut Call, media: Wish, options: CallOptions, cx: &mut Context<'_>) {
    if let Some(error) = not_connected(call) {
        return call.media_failed(true, error, cx);
    }
    if media.is_empty() {
        let why = "Failed to get media: TypeError. Neither audio nor video was asked for.";
        return call.media_failed(true, Error::new(Code::CallMedia, why), cx);
    }
    call.bandwidth = options.bandwidth.over(call.bandwidth);
    let op = call.acquire(&media, cx);
    up::acquire(call, op);
}

/// The devices for [`add`] are open, or not.
pub(super) fn acquired(call: &mut Call, result: Result<Vec<TrackInfo>, MediaFailure>, cx: &mut Context<'_>) {
    match result {
        Ok(tracks) if call.replacing.is_some() => {
            call.changing = cx.media.add(&call.id, true, tracks);
            up::begin(call, Purpose::Replace, cx);
        }
        Err(failure) if call.replacing.take().is_some() => call.replace_failed(media_error(&failure), cx),
        Ok(tracks) => {
            call.changing = cx.media.add(&call.id, true, tracks);
            call.local_tracks.extend(call.changing.iter().cloned());
            call.tell_tracks(&call.changing, true, true, cx);
            up::begin(call, Purpose::Add, cx);
        }
        Err(failure) => call.media_failed(true, media_error(&failure), cx),
    }
}

/// `call.replaceTrack`, once it is its turn.
pub(super) fn replace(call: &mut Call, old: TrackId, media: Wish, cx: &mut Context<'_>) {
    if let Some(error) = not_connected(call) {
        return call.replace_failed(error, cx);
    }
    let media = match cx.media.kind(&old).filter(|_| call.local_tracks.contains(&old)) {
        Some(Kind::Audio) => Ok(Wish { audio: media.audio, ..Wish::default() }),
        Some(Kind::Video) => Ok(Wish { video: media.video, ..Wish::default() }),
        None => Err(format!("Old track {old} not found.")),
    };
    match media {
        Ok(media) if !media.is_empty() => {
            call.replacing = Some(old);
            let op = call.acquire(&media, cx);
            up::acquire(call, op);
        }
        Ok(_) => {
            let why = "Media constraints missing data for the kind of the old track.";
            call.replace_failed(Error::new(Code::CallArgument, why), cx);
        }
        Err(why) => call.replace_failed(Error::new(Code::CallArgument, why), cx),
    }
}

/// The new track takes the place of the old one, if that is still there.
pub(super) fn swap(call: &mut Call, cx: &mut Context<'_>) {
    match (&call.replacing, call.changing.first()) {
        (Some(old), Some(new)) if call.local_tracks.contains(old) => {
            let op = cx.ids.op();
            cx.out.peer(&call.peer, PeerAction::SwapTrack { op, old: old.clone(), new: new.clone() });
            up::set(call, Exchange::Swapping { op });
        }
        _ => swapped(call, Some("the old track has ended meanwhile".to_owned()), cx),
    }
}

/// The browser sends the new track, or does not.
pub(super) fn swapped(call: &mut Call, failure: Option<String>, cx: &mut Context<'_>) {
    up::set(call, Exchange::Idle);
    up::settled(call);
    let (old, new) = (call.replacing.take(), std::mem::take(&mut call.changing));
    match (failure, old, new.first()) {
        (None, Some(old), Some(track)) => {
            let old_track = cx.media.track(&old);
            // Whether it has ended by itself meanwhile.
            let lost = !call.local_tracks.contains(&old);
            let kind = cx.media.kind(track);
            let carried = |line: &&mut Line| match lost {
                true => line.track.is_none() && Some(line.kind) == kind,
                false => line.track.as_ref() == Some(&old),
            };
            if let Some(line) = call.lines.iter_mut().find(carried) {
                line.track = Some(track.clone());
            }
            match call.local_tracks.iter_mut().find(|id| **id == old) {
                Some(id) => *id = track.clone(),
                None => call.local_tracks.push(track.clone()),
            }
            // Who is muted and takes another microphone stays muted.
            if old_track.as_ref().is_some_and(|track| track.muted) {
                cx.media.mute(new.clone(), true, cx.out);
            }
            if !lost {
                cx.media.remove(std::slice::from_ref(&old), cx.out);
                call.tell_tracks(std::slice::from_ref(&old), true, false, cx);
            }
            let new_track_id = Some(track.clone());
            let event = TrackReplaced { call_id: call.id.clone(), error: None, new_track_id, old_track };
            cx.out.emit(Event::CallTrackReplaced(Box::new(event)));
        }
        (failure, ..) => {
            cx.media.remove(&new, cx.out);
            let why = failure.unwrap_or_default();
            call.replace_failed(Error::new(Code::CallGeneric, format!("The track was not replaced: {why}.")), cx);
        }
    }
    up::go_on(call, cx);
}

/// `call.removeMedia`, once it is its turn.
pub(super) fn remove(call: &mut Call, tracks: Vec<TrackId>, options: CallOptions, cx: &mut Context<'_>) {
    if let Some(error) = not_connected(call) {
        return call.media_failed(false, error, cx);
    }
    let wrong = if tracks.is_empty() {
        Some("No track ids specified to remove.")
    } else if tracks.iter().any(|id| !call.local_tracks.contains(id)) {
        Some("Invalid track id(s) provided: only tracks that this side sends can be removed.")
    } else {
        None
    };
    if let Some(why) = wrong {
        return call.media_failed(false, Error::new(Code::CallArgument, why), cx);
    }
    call.bandwidth = options.bandwidth.over(call.bandwidth);
    call.changing = tracks;
    drop_changing(call, cx);
    up::begin(call, Purpose::Remove, cx);
}

/// The lines of the offer, for what is added: a line of its kind that carries nothing, or a new one.
pub(super) fn place(call: &mut Call, cx: &Context<'_>) {
    for id in call.changing.clone() {
        let Some(kind) = cx.media.kind(&id).filter(|_| !call.lines.iter().any(|l| l.track.as_ref() == Some(&id)))
        else {
            continue;
        };
        match call.lines.iter_mut().find(|line| line.kind == kind && line.track.is_none()) {
            Some(line) => line.track = Some(id),
            None => call.lines.push(Line { mid: None, kind, track: Some(id), direction: Direction::SendRecv }),
        }
    }
}

/// The other side has agreed.
pub(super) fn done(call: &mut Call, purpose: Purpose, cx: &mut Context<'_>) {
    let tracks = std::mem::take(&mut call.changing);
    let media_id = tracks.first().and_then(|id| cx.media.track(id)).map(|track| track.stream_id);
    let event = MediaEvent { call_id: call.id.clone(), error: None, local: true, tracks: Some(tracks), media_id };
    match purpose {
        Purpose::Add => cx.out.emit(Event::CallNewMedia(event)),
        Purpose::Remove => cx.out.emit(Event::CallRemovedMedia(event)),
        Purpose::Hold | Purpose::Unhold | Purpose::Replace | Purpose::Refresh => {}
    }
}

/// An operation of ours failed: the call is as it was, but for tracks that are over.
pub(super) fn failed(call: &mut Call, purpose: Purpose, error: Error, cx: &mut Context<'_>) {
    call.error = Some(error.clone());
    if std::mem::take(&mut call.refreshing) {
        restart::again(call, cx);
    }
    match purpose {
        Purpose::Add => {
            drop_changing(call, cx);
            call.changing.clear();
            call.media_failed(true, error, cx);
        }
        Purpose::Remove => {
            call.changing.clear();
            call.media_failed(false, error, cx);
            // The tracks are over all the same, and the other side looks at a still picture.
            restart::again(call, cx);
        }
        Purpose::Hold | Purpose::Unhold => call.changed(call.previous(), Some(error), None, cx),
        // Nobody asked for it.
        Purpose::Replace | Purpose::Refresh => {
            cx.out.log(Level::Warn, format!("call {}: {}", call.id, error.message));
            restart::again(call, cx);
        }
    }
}

/// The tracks that are being added or removed are over: their devices are free, their lines carry nothing.
fn drop_changing(call: &mut Call, cx: &mut Context<'_>) {
    let gone = call.changing.clone();
    call.local_tracks.retain(|id| !gone.contains(id));
    let idle = |line: &&mut Line| line.track.as_ref().is_some_and(|id| gone.contains(id));
    call.lines.iter_mut().filter(idle).for_each(|line| line.track = None);
    cx.media.remove(&gone, cx.out);
    call.tell_tracks(&gone, true, false, cx);
}

fn not_connected(call: &Call) -> Option<Error> {
    let why =
        "The call is not in the right state: (state) media can be changed while it is connected and held by nobody.";
    (call.state() != CallState::Connected).then(|| Error::new(Code::CallState, why))
}
