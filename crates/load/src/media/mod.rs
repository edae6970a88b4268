//! Microphone and peer connections without a browser: descriptions of a sample, and no sound.

mod sdp;

use std::collections::BTreeMap;

use kandy_core::{
    PeerId, TrackId,
    effect::{Line, PeerAction, SdpKind},
    ids::{Ids, StreamId},
    input::{ConnectionState, Kind, MediaFailure, PeerFact, RemoteLine, TrackInfo},
};

use self::sdp::{Section, read, write};

/// What one client has of media.
#[derive(Debug)]
pub(crate) struct Media {
    ids: Ids,
    peers: BTreeMap<PeerId, Peer>,
}

/// One peer connection.
#[derive(Debug)]
struct Peer {
    /// The second field of the `o=` line, by which the other side knows it again (protocol §5.5).
    session: u64,
    /// How often it was described.
    version: u64,
    /// The lines of the last description of either side.
    lines: Vec<Section>,
    /// The remote offer has no answer yet.
    owes_answer: bool,
    /// What the other side's tracks are called here.
    receivers: BTreeMap<String, TrackInfo>,
    local: bool,
    remote: bool,
    connected: bool,
}

impl Media {
    /// No connection yet; all names follow from `seed`.
    pub(crate) fn new(seed: u64) -> Self {
        Self { ids: Ids::new(seed), peers: BTreeMap::new() }
    }

    /// `getUserMedia`: there is a microphone and nothing else.
    ///
    /// # Errors
    /// As a browser without a camera.
    pub(crate) fn acquire(&mut self, video: bool) -> Result<Vec<TrackInfo>, MediaFailure> {
        match video {
            true => Err(no_device()),
            false => Ok(vec![track(&mut self.ids, "Microphone", false)]),
        }
    }

    /// Carries out one action, and returns what the connection reports of it.
    pub(crate) fn act(&mut self, id: &PeerId, action: &PeerAction) -> Vec<PeerFact> {
        if let PeerAction::Open { .. } = action {
            let peer = Peer::new(self.ids.below(u64::from(u32::MAX)));
            self.peers.insert(id.clone(), peer);
            return Vec::new();
        }
        let Self { ids, peers } = self;
        // One that is closed reports nothing any more.
        let Some(peer) = peers.get_mut(id) else { return Vec::new() };
        let (op, outcome) = match action {
            PeerAction::Open { .. } | PeerAction::Close => {
                peers.remove(id);
                return Vec::new();
            }
            PeerAction::Offer { op, lines, .. } => (*op, peer.offer(lines).map(|sdp| PeerFact::Made { op: *op, sdp })),
            PeerAction::Answer { op, .. } => (*op, peer.answer().map(|sdp| PeerFact::Made { op: *op, sdp })),
            PeerAction::ApplyRemote { op, kind, sdp } => {
                (*op, peer.apply(*kind, sdp, ids).map(|lines| PeerFact::Applied { op: *op, lines }))
            }
            // Tones and statistics are of sound that nobody hears.
            PeerAction::Rollback { op }
            | PeerAction::SwapTrack { op, .. }
            | PeerAction::Tones { op, .. }
            | PeerAction::Stats { op, .. } => (*op, Ok(PeerFact::Done { op: *op })),
        };
        let failed =
            |(name, message): (&str, &str)| PeerFact::Failed { op, name: name.into(), message: message.into() };
        let mut facts = vec![outcome.unwrap_or_else(failed)];
        if peer.local && peer.remote && !peer.connected {
            peer.connected = true;
            facts.push(PeerFact::Connection(ConnectionState::Connected));
        }
        facts
    }
}

/// Name and sentence of a browser's error.
type Refused = (&'static str, &'static str);

impl Peer {
    fn new(session: u64) -> Self {
        Self {
            session,
            version: 1,
            lines: Vec::new(),
            owes_answer: false,
            receivers: BTreeMap::new(),
            local: false,
            remote: false,
            connected: false,
        }
    }

    fn offer(&mut self, lines: &[Line]) -> Result<String, Refused> {
        if lines.iter().any(|line| line.kind == Kind::Video) {
            return Err(("NotSupportedError", "The sample has no picture."));
        }
        let named = lines.iter().enumerate();
        let section = |(number, line): (usize, &Line)| Section {
            mid: line.mid.clone().unwrap_or_else(|| number.to_string()),
            track: line.track.clone().map(|track| track.0),
        };
        self.lines = named.map(section).collect();
        self.local = true;
        Ok(self.describe("actpass"))
    }

    fn answer(&mut self) -> Result<String, Refused> {
        if !std::mem::take(&mut self.owes_answer) {
            return Err(("InvalidStateError", "There is no offer to answer."));
        }
        self.local = true;
        Ok(self.describe("active"))
    }

    fn apply(&mut self, kind: SdpKind, sdp: &str, ids: &mut Ids) -> Result<Vec<RemoteLine>, Refused> {
        let lines = read(sdp).ok_or(("OperationError", "This is no description."))?;
        let is_same = || lines.iter().map(|line| &line.mid).eq(self.lines.iter().map(|line| &line.mid));
        match kind {
            SdpKind::Offer => self.owes_answer = true,
            SdpKind::Answer if !self.local => return Err(("InvalidStateError", "There was no offer.")),
            SdpKind::Answer if !is_same() => return Err(("InvalidAccessError", "The answer has other lines.")),
            SdpKind::Answer => {}
        }
        self.remote = true;
        self.lines = lines;
        let receivers = &mut self.receivers;
        let remote = |line: &Section| RemoteLine {
            mid: Some(line.mid.clone()),
            track: receivers.entry(line.mid.clone()).or_insert_with(|| track(ids, "", true)).clone(),
        };
        Ok(self.lines.iter().map(remote).collect())
    }

    fn describe(&mut self, setup: &str) -> String {
        self.version += 1;
        write(self.session, self.version, setup, &self.lines)
    }
}

fn track(ids: &mut Ids, label: &str, muted: bool) -> TrackInfo {
    let (id, stream) = (TrackId(ids.uuid()), StreamId(ids.uuid()));
    TrackInfo { id, stream, kind: Kind::Audio, label: label.to_owned(), muted }
}

/// What a browser says where there is no such device.
pub(crate) fn no_device() -> MediaFailure {
    let message = "Requested device not found".to_owned();
    MediaFailure { name: "NotFoundError".to_owned(), message, constraint: None }
}

#[cfg(test)]
mod tests {
    use kandy_core::{OpId, effect::Direction};

    use super::*;

    fn made(facts: &[PeerFact]) -> &str {
        match facts {
            [PeerFact::Made { sdp, .. }, ..] => sdp,
            other => panic!("no description: {other:?}"),
        }
    }

    fn apply(kind: SdpKind, sdp: &str) -> PeerAction {
        PeerAction::ApplyRemote { op: OpId(1), kind, sdp: sdp.to_owned() }
    }

    #[test]
    fn two_connections_agree() {
        let (mut one, mut other, id) = (Media::new(1), Media::new(2), PeerId("p".into()));
        let track = one.acquire(false).unwrap().remove(0).id;
        assert!(one.acquire(true).is_err());
        for media in [&mut one, &mut other] {
            assert!(media.act(&id, &PeerAction::Open { ice_servers: Vec::new() }).is_empty());
        }
        let line = Line { mid: None, kind: Kind::Audio, track: Some(track), direction: Direction::SendRecv };
        let offer = PeerAction::Offer { op: OpId(1), lines: vec![line], ice_restart: false, gather: 0 };
        let answer = PeerAction::Answer { op: OpId(1), lines: Vec::new(), gather: 0 };
        assert!(matches!(*other.act(&id, &answer), [PeerFact::Failed { .. }]), "nothing to answer yet");
        let offer = made(&one.act(&id, &offer)).to_owned();
        let facts = other.act(&id, &apply(SdpKind::Offer, &offer));
        assert!(matches!(&facts[..], [PeerFact::Applied { lines, .. }] if lines.len() == 1), "{facts:?}");
        let facts = other.act(&id, &answer);
        let answer = made(&facts);
        assert_eq!(facts[1], PeerFact::Connection(ConnectionState::Connected));
        let wrong = answer.replace("a=mid:0", "a=mid:1");
        assert!(matches!(*one.act(&id, &apply(SdpKind::Answer, &wrong)), [PeerFact::Failed { .. }]));
        let facts = one.act(&id, &apply(SdpKind::Answer, answer));
        assert!(matches!(facts[..], [PeerFact::Applied { .. }, PeerFact::Connection(_)]), "{facts:?}");
        assert!(one.act(&id, &PeerAction::Close).is_empty() && one.peers.is_empty());
        assert!(one.act(&id, &PeerAction::Rollback { op: OpId(2) }).is_empty(), "it is closed");
    }
}
