//! Devices, tracks and peer connections of a browser that does everything right.

use kandy_core::{
    PeerId, TrackId,
    effect::{Line, PeerAction},
    ids::StreamId,
    input::{Device, Kind, PeerFact, RemoteLine, TrackInfo},
};

/// What there is.
#[derive(Default)]
pub(crate) struct Media {
    tracks: u64,
    /// The remote description that was set last.
    pub(crate) applied: Option<String>,
    /// What the browser makes in place of a description of its own.
    pub(crate) made: Option<String>,
    /// The connection that was opened last.
    pub(crate) peer: Option<PeerId>,
}

impl Media {
    pub(super) fn acquire(&mut self, audio: bool, video: bool) -> Vec<TrackInfo> {
        let kinds = [(audio, Kind::Audio), (video, Kind::Video)].into_iter().filter(|(wanted, _)| *wanted);
        kinds.map(|(_, kind)| self.track(kind)).collect()
    }

    pub(super) fn devices(&self) -> Vec<Device> {
        let text = str::to_owned;
        vec![Device { device_id: text("m"), group_id: text("g"), kind: text("audioinput"), label: text("Microphone") }]
    }

    /// Carries an action out; what is to be reported of it.
    pub(super) fn peer(&mut self, peer: &PeerId, action: PeerAction) -> Option<PeerFact> {
        Some(match action {
            PeerAction::Open { .. } => {
                self.peer = Some(peer.clone());
                return None;
            }
            PeerAction::Close => return None,
            PeerAction::Offer { op, lines, .. } => {
                PeerFact::Made { op, sdp: self.made.clone().unwrap_or_else(|| description(&lines)) }
            }
            PeerAction::Answer { op, .. } => {
                PeerFact::Made { op, sdp: self.made.clone().or(self.applied.clone()).unwrap_or_default() }
            }
            PeerAction::ApplyRemote { op, sdp, .. } => {
                let lines = self.lines(&sdp);
                self.applied = Some(sdp);
                PeerFact::Applied { op, lines }
            }
            PeerAction::Rollback { op }
            | PeerAction::SwapTrack { op, .. }
            | PeerAction::Tones { op, .. }
            | PeerAction::Stats { op, .. } => PeerFact::Done { op },
        })
    }

    /// The transceivers that a description makes.
    fn lines(&mut self, sdp: &str) -> Vec<RemoteLine> {
        let sections: Vec<&str> = sdp.split("\r\nm=").skip(1).collect();
        let kinds = [("audio ", Kind::Audio), ("video ", Kind::Video)];
        let mut lines = Vec::new();
        for section in sections {
            if let Some((_, kind)) = kinds.iter().find(|(name, _)| section.starts_with(name)) {
                let mid = section.lines().find_map(|line| line.strip_prefix("a=mid:")).map(str::to_owned);
                lines.push(RemoteLine { mid, track: self.track(*kind) });
            }
        }
        lines
    }

    fn track(&mut self, kind: Kind) -> TrackInfo {
        self.tracks += 1;
        TrackInfo {
            id: TrackId(format!("track-{}", self.tracks)),
            stream: StreamId("stream".to_owned()),
            kind,
            label: "Device".to_owned(),
            muted: false,
        }
    }
}

/// What a browser makes of these lines.
fn description(lines: &[Line]) -> String {
    let mut sdp = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n".to_owned();
    for (place, line) in lines.iter().enumerate() {
        let kind = if line.kind == Kind::Audio { "audio" } else { "video" };
        let mid = line.mid.clone().unwrap_or_else(|| place.to_string());
        sdp.push_str(&format!(
            "m={kind} 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=candidate:1\r\na=ice-ufrag:u\r\na=mid:{mid}\r\n"
        ));
        sdp.push_str("a=setup:actpass\r\na=sendrecv\r\na=rtpmap:96 opus/48000/2\r\n");
    }
    sdp
}
