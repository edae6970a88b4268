//! Which tracks there are, whose they are, whether they are muted and where they are shown; and the list of devices.

use crate::{
    CallId, Effect, Effects, Event, Table, TrackId,
    effect::{Level, RenderAction, TimerId},
    ids::StreamId,
    input::{Device, Kind, TrackFact, TrackInfo},
    limits,
    query::{Devices, MediaObject, TrackObject},
};

/// The media of one client.
#[derive(Debug, Default)]
pub(crate) struct Media {
    tracks: Table<TrackId, Track>,
    devices: Vec<Device>,
    /// Devices were listed since the application was last told.
    untold: bool,
}

#[derive(Debug)]
struct Track {
    info: TrackInfo,
    call: CallId,
    local: bool,
    muted: bool,
    containers: Vec<String>,
}

impl Media {
    /// A call has new tracks.
    pub(crate) fn add(&mut self, call: &CallId, local: bool, infos: Vec<TrackInfo>) -> Vec<TrackId> {
        let ids = infos.iter().map(|info| info.id.clone()).collect();
        for info in infos {
            let track = Track { info, call: call.clone(), local, muted: false, containers: Vec::new() };
            self.tracks.insert(track.info.id.clone(), track);
        }
        ids
    }

    /// Tracks are over: nothing shows them any more, and the devices of local ones are given back.
    pub(crate) fn remove(&mut self, ids: &[TrackId], out: &mut Effects) {
        let mut local = Vec::new();
        for id in ids {
            let Some(track) = self.tracks.remove(id) else { continue };
            for selector in track.containers {
                out.push(Effect::Render(RenderAction::Detach { track: id.clone(), selector }));
            }
            if track.local {
                local.push(id.clone());
            }
        }
        if !local.is_empty() {
            out.push(Effect::StopTracks(local));
        }
    }

    /// Whose track it is, and whether it is local.
    pub(crate) fn owner(&self, id: &TrackId) -> Option<(CallId, bool)> {
        self.tracks.get(id).map(|track| (track.call.clone(), track.local))
    }

    /// Kind of a track.
    pub(crate) fn kind(&self, id: &TrackId) -> Option<Kind> {
        self.tracks.get(id).map(|track| track.info.kind)
    }

    /// The browser's own muted flag of a track changed. Its end is a matter of the call.
    pub(crate) fn fact(&mut self, id: &TrackId, fact: TrackFact) {
        if let (Some(track), TrackFact::Muted(muted)) = (self.tracks.get_mut(id), fact) {
            track.info.muted = muted;
        }
    }

    /// `media.renderTracks`: unknown ids are passed over (api-behaviour 8.4).
    pub(crate) fn render(&self, ids: &[TrackId], selector: &str, speaker: Option<&str>, out: &mut Effects) {
        for (id, track) in ids.iter().filter_map(|id| Some((id, self.tracks.get(id)?))) {
            // One's own microphone played back is an echo; pictures are silent, their sound is a track of its own.
            let muted = track.local || track.info.kind == Kind::Video;
            let speaker = speaker.map(str::to_owned);
            out.push(Effect::Render(RenderAction::Attach {
                track: id.clone(),
                selector: selector.to_owned(),
                muted,
                speaker,
            }));
        }
    }

    /// An element was made, or there is no place for it.
    pub(crate) fn rendered(&mut self, id: &TrackId, selector: String, shown: bool, out: &mut Effects) {
        if !shown {
            out.log(Level::Error, format!("media.renderTracks: no element matches \"{selector}\""));
            return;
        }
        match self.tracks.get_mut(id) {
            Some(track) if track.containers.contains(&selector) => {}
            Some(track) => track.containers.push(selector),
            // It ended in between.
            None => out.push(Effect::Render(RenderAction::Detach { track: id.clone(), selector })),
        }
    }

    /// `media.removeTracks`
    pub(crate) fn unrender(&mut self, ids: &[TrackId], selector: &str, out: &mut Effects) {
        for id in ids {
            let Some(track) = self.tracks.get_mut(id) else { continue };
            let before = track.containers.len();
            track.containers.retain(|c| c != selector);
            if track.containers.len() < before {
                out.push(Effect::Render(RenderAction::Detach { track: id.clone(), selector: selector.to_owned() }));
            }
        }
    }

    /// Nothing shows a track any more, though it may come back.
    pub(crate) fn unrender_all(&mut self, id: &TrackId, out: &mut Effects) {
        let Some(track) = self.tracks.get_mut(id) else { return };
        for selector in std::mem::take(&mut track.containers) {
            out.push(Effect::Render(RenderAction::Detach { track: id.clone(), selector }));
        }
    }

    /// `media.muteTracks`, `media.unmuteTracks`: the event names the ids that are known (api-behaviour 8.6).
    pub(crate) fn mute(&mut self, ids: Vec<TrackId>, muted: bool, out: &mut Effects) {
        let mut tracks = Vec::new();
        for id in ids {
            let Some(track) = self.tracks.get_mut(&id) else { continue };
            track.muted = muted;
            out.push(Effect::EnableTrack { track: id.clone(), enabled: !muted });
            tracks.push(id);
        }
        out.emit(if muted { Event::MediaMuted { tracks } } else { Event::MediaUnmuted { tracks } });
    }

    /// The browser listed its devices. The application is told after a quiet time (api-behaviour 8.1).
    pub(crate) fn list(&mut self, devices: Vec<Device>, out: &mut Effects) {
        self.devices = devices;
        self.untold = true;
        out.wait(TimerId::Devices, limits::DEVICES_QUIET);
    }

    /// The quiet time is over.
    pub(crate) fn tell_devices(&mut self, out: &mut Effects) {
        if std::mem::take(&mut self.untold) {
            out.emit(Event::DevicesChange {});
        }
    }

    /// Whether names of devices are hidden because the page has no permission yet.
    pub(crate) fn unnamed(&self) -> bool {
        self.devices.iter().all(|device| device.label.is_empty())
    }

    /// `media.getDevices()`
    pub(crate) fn devices(&self) -> Devices {
        let of = |kind: &str| self.devices.iter().filter(|d| d.kind == kind).cloned().collect();
        Devices { camera: of("videoinput"), microphone: of("audioinput"), speaker: of("audiooutput") }
    }

    /// `media.getById()`
    pub(crate) fn stream(&self, id: &StreamId) -> Option<MediaObject> {
        let members: Vec<&Track> = self.tracks.values().filter(|t| t.info.stream == *id).collect();
        let local = members.first()?.local;
        Some(MediaObject { id: id.clone(), local, tracks: members.iter().map(|t| t.info.id.clone()).collect() })
    }

    /// `media.getTrackById()`
    pub(crate) fn track(&self, id: &TrackId) -> Option<TrackObject> {
        let track = self.tracks.get(id)?;
        Some(TrackObject {
            track_id: id.clone(),
            id: id.clone(),
            stream_id: track.info.stream.clone(),
            kind: track.info.kind,
            label: track.info.label.clone(),
            muted: track.muted,
            disabled: track.info.muted,
            state: "live",
            containers: track.containers.clone(),
        })
    }
}
