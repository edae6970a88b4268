//! A peer connection without a browser, for tests of everything above it: as strict as a real one about order and fit of
//! descriptions, with the same names of errors, and the same story for the same seed. `tests/peer-scripts.json` runs on it and
//! on real ones, and both have to come to the same outcomes.
//!
//! No media flows. Two connections find each other by what their descriptions say: [`FakePeer::meet`].

use std::collections::BTreeMap;

use kandy_core::{
    TrackId,
    effect::{Direction, Line, PeerAction, SdpKind},
    ids::{Ids, StreamId},
    input::{ConnectionState, Kind, PeerFact, RemoteLine, TrackInfo},
};

#[path = "fake_sdp.rs"]
mod fake_sdp;
use fake_sdp::{Refused, Sdp, Section};

/// One fake peer connection.
#[derive(Debug)]
pub(crate) struct FakePeer {
    seed: u64,
    ids: Ids,
    state: Signaling,
    /// The local tracks that exist on this page, with their streams.
    tracks: BTreeMap<TrackId, StreamId>,
    lines: Vec<Transceiver>,
    /// Plays Firefox.
    pub(crate) is_firefox: bool,
    /// Second field of our `o=` line, and how often a description was made.
    session: u64,
    version: u64,
    pub(crate) ufrag: String,
    local: Option<Sdp>,
    remote: Option<Sdp>,
    /// Both as they were when the connection was last stable: where a rollback returns to.
    stable: (Option<Sdp>, Option<Sdp>),
    /// Our DTLS role, `active` or `passive`, fixed by the first answer.
    role: Option<&'static str>,
    connection: ConnectionState,
    /// Whose candidates failed; with others it may go on.
    failed_with: Option<String>,
}

/// `RTCPeerConnection.signalingState`; `Closed` also before it is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Signaling {
    Closed,
    Stable,
    HaveLocalOffer,
    HaveRemoteOffer,
}

#[derive(Debug)]
struct Transceiver {
    kind: Kind,
    mid: Option<String>,
    /// What `mid` was when the connection was last stable: where a rollback returns to.
    stable_mid: Option<String>,
    /// Made by a remote offer; a rollback of that offer takes it away.
    remote_made: bool,
    direction: Direction,
    /// What was agreed on.
    current: Direction,
    sends: Option<TrackId>,
    receiver: TrackInfo,
}

impl FakePeer {
    /// A connection that is not open yet; everything it makes up follows from `seed`.
    pub(crate) fn new(seed: u64) -> Self {
        let mut ids = Ids::new(seed);
        let ufrag = short(&mut ids);
        Self {
            seed,
            ids,
            state: Signaling::Closed,
            tracks: BTreeMap::new(),
            lines: Vec::new(),
            is_firefox: seed % 2 == 1,
            session: seed % 1_000_000_007 + 1,
            version: 1,
            ufrag,
            local: None,
            remote: None,
            stable: (None, None),
            role: None,
            connection: ConnectionState::New,
            failed_with: None,
        }
    }

    /// Makes a local track known; lines may only name tracks that are.
    pub(crate) fn learn(&mut self, track: &TrackInfo) {
        self.tracks.insert(track.id.clone(), track.stream.clone());
    }

    /// Carries out one action and returns what is reported of it. Nothing is, unless the connection is open.
    pub(crate) fn act(&mut self, action: &PeerAction) -> Vec<PeerFact> {
        let (op, outcome) = match action {
            PeerAction::Open { .. } => {
                let tracks = std::mem::take(&mut self.tracks);
                let fresh = Self::new(self.seed.wrapping_add(0x5eed_0000));
                *self = Self { tracks, state: Signaling::Stable, ..fresh };
                return Vec::new();
            }
            PeerAction::Close => {
                self.state = Signaling::Closed;
                return Vec::new();
            }
            _ if self.state == Signaling::Closed => return Vec::new(),
            PeerAction::Offer { op, lines, ice_restart, .. } => {
                (*op, self.offer(lines, *ice_restart).map(|sdp| PeerFact::Made { op: *op, sdp }))
            }
            PeerAction::Answer { op, lines, .. } => {
                (*op, self.answer(lines).map(|sdp| PeerFact::Made { op: *op, sdp }))
            }
            PeerAction::ApplyRemote { op, kind, sdp } => {
                (*op, self.apply(*kind, sdp).map(|lines| PeerFact::Applied { op: *op, lines }))
            }
            PeerAction::Rollback { op } => (*op, self.rollback().map(|()| PeerFact::Done { op: *op })),
            PeerAction::SwapTrack { op, old, new } => (*op, self.swap(old, new).map(|()| PeerFact::Done { op: *op })),
            PeerAction::Tones { op, .. } => (*op, self.carrier().map(|()| PeerFact::Done { op: *op })),
            PeerAction::Stats { op, .. } => (*op, Ok(PeerFact::Done { op: *op })),
        };
        let failed = |why: Refused| PeerFact::Failed { op, name: why.name.to_owned(), message: why.message };
        let mut facts = vec![outcome.unwrap_or_else(failed)];
        let repaired = self.connection == ConnectionState::Failed
            && self.state == Signaling::Stable
            && self.remote_ufrag() != self.failed_with;
        let described = self.connection == ConnectionState::New && self.local.is_some() && self.remote.is_some();
        if described || repaired {
            self.connection = ConnectionState::Connecting;
            facts.push(PeerFact::Connection(self.connection));
        }
        facts
    }

    /// `RTCPeerConnection.signalingState`
    pub(crate) fn signaling_state(&self) -> &'static str {
        match self.state {
            Signaling::Closed => "closed",
            Signaling::Stable => "stable",
            Signaling::HaveLocalOffer => "have-local-offer",
            Signaling::HaveRemoteOffer => "have-remote-offer",
        }
    }

    /// Connects two connections whose applied descriptions are each other's. True when they were not connected before: both
    /// then report `Connection(Connected)`.
    pub(crate) fn meet(&mut self, other: &mut Self) -> bool {
        let waits = |peer: &Self| peer.state == Signaling::Stable && peer.connection == ConnectionState::Connecting;
        if !(waits(self) && waits(other) && self.hears(other) && other.hears(self)) {
            return false;
        }
        self.connection = ConnectionState::Connected;
        other.connection = ConnectionState::Connected;
        true
    }

    /// The network between two connections breaks. True if this one was connected: it then reports `Connection(Failed)`.
    pub(crate) fn fail(&mut self) -> bool {
        let connected = self.connection == ConnectionState::Connected;
        if connected {
            self.connection = ConnectionState::Failed;
            self.failed_with = self.remote_ufrag();
        }
        connected
    }

    /// The other side's credentials as they were applied last.
    pub(crate) fn remote_ufrag(&self) -> Option<String> {
        ufrag(&self.remote)
    }

    /// Whether the other's description is applied here.
    pub(crate) fn hears(&self, other: &Self) -> bool {
        self.remote.iter().flat_map(|sdp| &sdp.sections).any(|s| s.port != 0 && s.ufrag == other.ufrag)
    }

    fn swap(&mut self, old: &TrackId, new: &TrackId) -> Result<(), Refused> {
        let unknown = || Refused { name: "NotFoundError", message: "There is no such track".to_owned() };
        if !self.tracks.contains_key(new) {
            return Err(unknown());
        }
        let line = self.lines.iter_mut().find(|line| line.sends.as_ref() == Some(old)).ok_or_else(unknown)?;
        line.sends = Some(new.clone());
        Ok(())
    }

    /// Tones need a line of sound that was agreed on and sends.
    fn carrier(&self) -> Result<(), Refused> {
        let sends = |line: &Transceiver| {
            line.kind == Kind::Audio && matches!(line.current, Direction::SendRecv | Direction::SendOnly)
        };
        let found = self.lines.iter().any(sends);
        let why = || Refused { name: "InvalidStateError", message: "No line of sound sends".to_owned() };
        found.then_some(()).ok_or_else(why)
    }

    fn offer(&mut self, lines: &[Line], ice_restart: bool) -> Result<String, Refused> {
        if self.state == Signaling::HaveRemoteOffer {
            return Err(wrong_state("make an offer", self.signaling_state()));
        }
        self.check(lines)?;
        for line in self.lines.iter_mut().filter(|t| t.mid.is_some()) {
            line.direction = Direction::Inactive;
        }
        // Lines whose offer was taken back are used again before new ones are made; what is left of them is offered
        // without a use.
        let mut orphans: Vec<usize> =
            self.lines.iter().enumerate().filter(|(_, t)| t.mid.is_none()).map(|(i, _)| i).collect();
        for line in lines {
            let known = match &line.mid {
                Some(mid) => self.lines.iter().position(|t| t.mid.as_ref() == Some(mid)),
                None => {
                    let fits = |i: &usize| self.lines.get(*i).is_some_and(|t| t.kind == line.kind);
                    orphans.iter().position(fits).map(|at| orphans.remove(at))
                }
            };
            let index = known.unwrap_or(self.lines.len());
            if known.is_none() {
                let made = self.transceiver(line.kind, None);
                self.lines.push(made);
            }
            if let Some(transceiver) = self.lines.get_mut(index) {
                transceiver.direction = line.direction;
                transceiver.sends = line.track.clone();
            }
        }
        for orphan in orphans {
            if let Some(transceiver) = self.lines.get_mut(orphan) {
                (transceiver.direction, transceiver.sends) = (Direction::Inactive, None);
            }
        }
        if ice_restart {
            self.ufrag = short(&mut self.ids);
        }
        for i in 0..self.lines.len() {
            let mid = self.free_mid();
            if let Some(line) = self.lines.get_mut(i).filter(|t| t.mid.is_none()) {
                line.mid = Some(mid);
            }
        }
        self.state = Signaling::HaveLocalOffer;
        let mut sections = Vec::new();
        for old in self.described() {
            let section = self.section(&old.mid, Direction::SendRecv, "actpass");
            sections.push(section.unwrap_or_else(|| old.rejected()));
        }
        let mids = self.lines.iter().filter_map(|t| t.mid.clone());
        for mid in mids.filter(|mid| !self.described().iter().any(|s| s.mid == *mid)) {
            sections.extend(self.section(&mid, Direction::SendRecv, "actpass"));
        }
        Ok(self.describe(sections))
    }

    fn answer(&mut self, lines: &[Line]) -> Result<String, Refused> {
        let Some(offer) = self.remote.clone().filter(|_| self.state == Signaling::HaveRemoteOffer) else {
            return Err(wrong_state("make an answer", self.signaling_state()));
        };
        if lines.iter().any(|line| line.mid.is_none()) {
            return Err(Refused { name: "NotFoundError", message: "An answer has the lines of the offer".to_owned() });
        }
        self.check(lines)?;
        for transceiver in &mut self.lines {
            let wanted = lines.iter().find(|line| line.mid.is_some() && line.mid == transceiver.mid);
            transceiver.direction = wanted.map_or(Direction::RecvOnly, |line| line.direction);
            transceiver.sends = wanted.and_then(|line| line.track.clone());
        }
        let role = *self.role.get_or_insert("active");
        // Other credentials there make new ones here.
        if self.stable.1.is_some() && ufrag(&self.stable.1) != self.remote_ufrag() {
            self.ufrag = short(&mut self.ids);
        }
        let mut sections = Vec::new();
        for offered in &offer.sections {
            let section = self.section(&offered.mid, offered.direction, role).filter(|_| offered.port != 0);
            sections.push(section.unwrap_or_else(|| offered.rejected()));
        }
        let text = self.describe(sections);
        self.settle();
        Ok(text)
    }

    fn apply(&mut self, kind: SdpKind, text: &str) -> Result<Vec<RemoteLine>, Refused> {
        let sdp = Sdp::read(text)?;
        match (kind, self.state) {
            (SdpKind::Offer, _) => self.apply_offer(sdp)?,
            (SdpKind::Answer, Signaling::HaveLocalOffer) => self.apply_answer(sdp)?,
            (SdpKind::Answer, _) => return Err(wrong_state("apply an answer", self.signaling_state())),
        }
        Ok(self.lines.iter().map(|t| RemoteLine { mid: t.mid.clone(), track: t.receiver.clone() }).collect())
    }

    fn apply_offer(&mut self, sdp: Sdp) -> Result<(), Refused> {
        // Both sides offered at once: the remote offer wins over ours, as in browsers.
        if self.state == Signaling::HaveLocalOffer {
            self.rollback()?;
        }
        let stable = |t: &Transceiver| t.stable_mid.clone().map(|mid| (mid, t.kind));
        for (mid, kind) in self.lines.iter().filter_map(stable) {
            if !sdp.sections.iter().any(|s| s.mid == mid && s.kind == kind) {
                return Err(Refused::content("The m-lines of the offer do not match those before"));
            }
        }
        for section in sdp.sections.iter().filter(|s| s.port != 0) {
            if !self.lines.iter().any(|t| t.mid.as_ref() == Some(&section.mid)) {
                let made = self.transceiver(section.kind, Some(section));
                self.lines.push(Transceiver { mid: Some(section.mid.clone()), ..made });
            }
        }
        self.hear(&sdp);
        self.remote = Some(sdp);
        self.state = Signaling::HaveRemoteOffer;
        Ok(())
    }

    fn apply_answer(&mut self, sdp: Sdp) -> Result<(), Refused> {
        let offered = self.local.iter().flat_map(|offer| &offer.sections);
        let same = offered.clone().count() == sdp.sections.len();
        if !same || !offered.zip(&sdp.sections).all(|(o, a)| o.mid == a.mid && o.kind == a.kind) {
            return Err(Refused::content("The m-lines of the answer do not match those of the offer"));
        }
        let setup = sdp.sections.iter().find(|s| s.port != 0).map(|s| s.setup.as_str());
        let role = match setup {
            Some("active") => "passive",
            Some("passive") => "active",
            Some(_) => return Err(Refused::content("An answer must have a=setup active or passive")),
            None => self.role.unwrap_or("active"),
        };
        if *self.role.get_or_insert(role) != role {
            return Err(Refused::content("The DTLS role cannot change"));
        }
        self.hear(&sdp);
        self.lines.retain(|t| sdp.sections.iter().any(|s| s.port != 0 && t.mid.as_ref() == Some(&s.mid)));
        self.remote = Some(sdp);
        self.settle();
        Ok(())
    }

    fn rollback(&mut self) -> Result<(), Refused> {
        if self.state != Signaling::HaveLocalOffer {
            return Err(wrong_state("roll back", self.signaling_state()));
        }
        self.lines.retain(|t| t.stable_mid.is_some() || !t.remote_made);
        for line in &mut self.lines {
            line.mid = line.stable_mid.clone();
        }
        (self.local, self.remote) = self.stable.clone();
        self.state = Signaling::Stable;
        Ok(())
    }

    /// Every track and every mid that the lines name must exist; otherwise nothing is changed.
    fn check(&self, lines: &[Line]) -> Result<(), Refused> {
        let unknown = |what: &str| Refused { name: "NotFoundError", message: format!("There is no {what}") };
        for line in lines {
            if line.track.as_ref().is_some_and(|track| !self.tracks.contains_key(track)) {
                return Err(unknown("such track"));
            }
            if line.mid.is_some() && !self.lines.iter().any(|t| t.mid == line.mid) {
                return Err(unknown("line with this mid"));
            }
        }
        Ok(())
    }

    fn transceiver(&mut self, kind: Kind, made_by: Option<&Section>) -> Transceiver {
        // As in Chromium: the receiver takes over the sender's track id when the line comes from the remote side.
        let sent = made_by.and_then(|section| section.msid.clone());
        let (stream, track) = sent.unwrap_or_else(|| (self.ids.uuid(), self.ids.uuid()));
        let receiver =
            TrackInfo { id: TrackId(track), stream: StreamId(stream), kind, label: String::new(), muted: true };
        Transceiver {
            kind,
            mid: None,
            stable_mid: None,
            remote_made: made_by.is_some(),
            direction: Direction::RecvOnly,
            current: Direction::Inactive,
            sends: None,
            receiver,
        }
    }

    /// Takes over the streams that the remote side names.
    fn hear(&mut self, sdp: &Sdp) {
        for section in &sdp.sections {
            let line = self.lines.iter_mut().find(|t| t.mid.as_ref() == Some(&section.mid));
            if let (Some(line), Some((stream, _))) = (line, &section.msid) {
                line.receiver.stream = StreamId(stream.clone());
            }
        }
    }

    /// The m-sections that every later description has to repeat.
    fn described(&self) -> Vec<Section> {
        let described = [&self.stable.0, &self.stable.1].into_iter().flatten().max_by_key(|sdp| sdp.sections.len());
        described.map(|sdp| sdp.sections.clone()).unwrap_or_default()
    }

    fn section(&self, mid: &str, offered: Direction, setup: &str) -> Option<Section> {
        let line = self.lines.iter().find(|t| t.mid.as_deref() == Some(mid))?;
        let direction = narrowed(line.direction, offered);
        let sends = matches!(direction, Direction::SendRecv | Direction::SendOnly);
        let stream = line.sends.as_ref().and_then(|track| Some((self.tracks.get(track)?, track)));
        Some(Section {
            kind: line.kind,
            port: 50_000,
            mid: mid.to_owned(),
            direction,
            msid: stream.filter(|_| sends).map(|(stream, track)| (stream.0.clone(), track.0.clone())),
            ufrag: self.ufrag.clone(),
            setup: setup.to_owned(),
        })
    }

    fn describe(&mut self, sections: Vec<Section>) -> String {
        self.version += 1;
        let sdp = Sdp { of_firefox: self.is_firefox, session: self.session, version: self.version, sections };
        let text = sdp.write();
        self.local = Some(sdp);
        text
    }

    /// An answer was made or applied.
    fn settle(&mut self) {
        self.state = Signaling::Stable;
        self.stable = (self.local.clone(), self.remote.clone());
        for line in &mut self.lines {
            line.stable_mid = line.mid.clone();
            let theirs = self.remote.iter().flat_map(|sdp| &sdp.sections).find(|s| Some(&s.mid) == line.mid.as_ref());
            line.current = theirs.map_or(Direction::Inactive, |theirs| narrowed(line.direction, theirs.direction));
        }
    }

    fn free_mid(&self) -> String {
        let described = self.described();
        let taken = |mid: &String| {
            self.lines.iter().any(|t| t.mid.as_ref() == Some(mid)) || described.iter().any(|s| s.mid == *mid)
        };
        (0..).map(|n: u32| n.to_string()).find(|mid| !taken(mid)).unwrap_or_default()
    }
}

/// The credentials of a description.
fn ufrag(sdp: &Option<Sdp>) -> Option<String> {
    sdp.iter().flat_map(|sdp| &sdp.sections).find(|s| s.port != 0).map(|s| s.ufrag.clone())
}

fn wrong_state(what: &str, state: &str) -> Refused {
    Refused { name: "InvalidStateError", message: format!("Cannot {what} in the state {state}") }
}

/// What is left of a wish when the other side offered this.
fn narrowed(wanted: Direction, offered: Direction) -> Direction {
    let sends = |d| matches!(d, Direction::SendRecv | Direction::SendOnly);
    let receives = |d| matches!(d, Direction::SendRecv | Direction::RecvOnly);
    match (sends(wanted) && receives(offered), receives(wanted) && sends(offered)) {
        (true, true) => Direction::SendRecv,
        (true, false) => Direction::SendOnly,
        (false, true) => Direction::RecvOnly,
        (false, false) => Direction::Inactive,
    }
}

fn short(ids: &mut Ids) -> String {
    ids.uuid().chars().take(4).collect()
}
