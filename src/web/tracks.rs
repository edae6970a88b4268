//! The table of media tracks: the core knows ids, the tracks themselves stay here.

use std::cell::RefCell;

use kandy_core::{
    Input, Table, TrackId,
    ids::StreamId,
    input::{Kind, TrackFact, TrackInfo},
};
use web_sys::{MediaStream, MediaStreamTrack};

use super::{Report, listen::Listener};

/// The tracks of one engine. Local ones are stopped when they leave it.
#[derive(Debug)]
pub struct Tracks {
    report: Report,
    entries: RefCell<Table<TrackId, Entry>>,
}

#[derive(Debug)]
struct Entry {
    track: MediaStreamTrack,
    stream: MediaStream,
    local: bool,
    _listeners: [Listener; 3],
}

/// A device is free as soon as its track has left the table.
impl Drop for Entry {
    fn drop(&mut self) {
        if self.local {
            self.track.stop();
        }
    }
}

impl Tracks {
    /// Reports to there.
    pub fn new(report: Report) -> Self {
        Self { report, entries: RefCell::default() }
    }

    /// Takes in a track of this page's devices.
    pub fn adopt_local(&self, track: MediaStreamTrack, stream: &MediaStream) -> TrackInfo {
        self.adopt(track, stream, true)
    }

    /// Takes in a track of the other side, or what is new about one that is known.
    pub fn adopt_remote(&self, track: MediaStreamTrack, stream: &MediaStream) -> TrackInfo {
        self.adopt(track, stream, false)
    }

    fn adopt(&self, track: MediaStreamTrack, stream: &MediaStream, local: bool) -> TrackInfo {
        let id = self.id_for(&track);
        let info = TrackInfo {
            id: id.clone(),
            stream: StreamId(stream.id()),
            kind: if track.kind() == "video" { Kind::Video } else { Kind::Audio },
            label: track.label(),
            muted: track.muted(),
        };
        let mut entries = self.entries.borrow_mut();
        if let Some(known) = entries.get_mut(&id) {
            // After a hold Chromium makes another object of the same stream, and elements still play the first, which has lost
            // its tracks. Adding one that is there does nothing.
            if known.stream.id() == stream.id() {
                known.stream.add_track(&known.track);
            } else {
                known.stream = Clone::clone(stream);
            }
            return info;
        }
        let listeners = [
            self.listener(&track, "ended", id.clone(), TrackFact::Ended),
            self.listener(&track, "mute", id.clone(), TrackFact::Muted(true)),
            self.listener(&track, "unmute", id.clone(), TrackFact::Muted(false)),
        ];
        entries.insert(id, Entry { track, stream: Clone::clone(stream), local, _listeners: listeners });
        info
    }

    /// The browser's id, unless another track has it: the other side chooses the ids of its tracks, and may be this page.
    fn id_for(&self, track: &MediaStreamTrack) -> TrackId {
        let entries = self.entries.borrow();
        if let Some((id, _)) = entries.iter().find(|(_, entry)| entry.track == *track) {
            return id.clone();
        }
        let mut id = TrackId(track.id());
        while entries.contains_key(&id) {
            id.0.push('+');
        }
        id
    }

    fn listener(&self, track: &MediaStreamTrack, kind: &'static str, id: TrackId, fact: TrackFact) -> Listener {
        let report = self.report.clone();
        Listener::new(track, kind, move |_| report.tell(Input::Track(id.clone(), fact)))
    }

    /// The track and its stream: the objects themselves. `track.clone()` would be the browser's function of that name, which opens the
    /// device a second time, for a track that nobody mutes or stops.
    pub fn get(&self, id: &TrackId) -> Option<(MediaStreamTrack, MediaStream)> {
        self.entries.borrow().get(id).map(|entry| (Clone::clone(&entry.track), Clone::clone(&entry.stream)))
    }

    /// Stops local tracks and forgets them; nothing is reported of them any more.
    pub fn stop(&self, ids: &[TrackId]) {
        self.entries.borrow_mut().retain(|id, entry| !(entry.local && ids.contains(id)));
    }

    /// Forgets tracks of the other side.
    pub fn forget(&self, ids: &[TrackId]) {
        self.entries.borrow_mut().retain(|id, entry| entry.local || !ids.contains(id));
    }

    /// Switches the data of a track on or off.
    pub fn enable(&self, id: &TrackId, enabled: bool) {
        if let Some(entry) = self.entries.borrow().get(id) {
            entry.track.set_enabled(enabled);
        }
    }
}
