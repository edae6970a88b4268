//! One peer connection.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use gloo_timers::callback::Timeout;
use js_sys::Function;
use kandy_core::{
    Input, OpId, PeerId, TrackId,
    config::IceServer,
    effect::{Direction, Line, SdpKind},
    input::{ConnectionState, Kind, PeerFact, RemoteLine},
    transport,
};
use serde::Serialize;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{MediaStream, MediaStreamTrack};

use super::{
    Report,
    fault::Fault,
    gather::{Gathering, Signal},
    listen::Listener,
    rtc::{Connection, Description, ToneEvent, TrackEvent, Transceiver},
    timers,
    tracks::Tracks,
};
use crate::js;

/// What takes its time; of one connection only one at a time.
#[derive(Debug, Clone)]
pub(crate) enum Operation {
    /// See [`kandy_core::effect::PeerAction::Offer`].
    Offer {
        /// Every line that the offer shall have.
        lines: Vec<Line>,
        /// Whether the transport is set up anew.
        ice_restart: bool,
        /// Milliseconds.
        gather: u64,
    },
    /// See [`kandy_core::effect::PeerAction::Answer`].
    Answer {
        /// What to send on which line.
        lines: Vec<Line>,
        /// Milliseconds.
        gather: u64,
    },
    /// See [`kandy_core::effect::PeerAction::ApplyRemote`].
    Apply {
        /// Offer or answer.
        kind: SdpKind,
        /// The text.
        sdp: String,
    },
    /// See [`kandy_core::effect::PeerAction::Rollback`].
    Rollback,
    /// See [`kandy_core::effect::PeerAction::SwapTrack`].
    Swap {
        /// What is sent now.
        old: TrackId,
        /// What is sent from then on.
        new: TrackId,
    },
}

/// One peer connection with its listeners.
#[derive(Debug)]
pub(crate) struct Peer {
    connection: Connection,
    tracks: Rc<Tracks>,
    /// The stream of every remote track.
    streams: Rc<RefCell<Vec<(MediaStreamTrack, MediaStream)>>>,
    /// Remote tracks that were put into the table.
    adopted: RefCell<Vec<TrackId>>,
    /// The application's SDP handlers.
    edit_sdp: Option<Function>,
    /// An offer that is set together with its answer ([`transport::Offer`]).
    waiting: RefCell<Option<JsValue>>,
    listeners: RefCell<Vec<Listener>>,
}

impl Peer {
    /// Makes the connection. Changes of its state are reported from now on.
    ///
    /// # Errors
    /// What the browser says: it has no WebRTC, or a server's address is none.
    pub(crate) fn open(id: PeerId, servers: &[IceServer], report: Report, tracks: Rc<Tracks>) -> Result<Self, Fault> {
        let connection =
            Connection::new(&configuration(servers)).map_err(|thrown| without_webrtc(Fault::of(&thrown)))?;
        let streams: Rc<RefCell<Vec<_>>> = Rc::default();
        let (heard, of, edit_sdp) = (streams.clone(), connection.clone(), report.edit_sdp.clone());
        let listeners = vec![
            Listener::new(&connection, "track", move |event| {
                let event = event.unchecked_ref::<TrackEvent>();
                if let Ok(stream) = event.streams().get(0).dyn_into() {
                    remember(&heard, event.event_track(), stream);
                }
            }),
            Listener::new(&connection, "connectionstatechange", move |_| {
                if let Some(state) = of.connection_state().as_deref().and_then(connection_state) {
                    report.tell(Input::Peer(id.clone(), PeerFact::Connection(state)));
                }
            }),
        ];
        let listeners = RefCell::new(listeners);
        let (adopted, waiting) = (RefCell::default(), RefCell::default());
        Ok(Self { connection, tracks, streams, adopted, edit_sdp, waiting, listeners })
    }

    /// Closes it; nothing is reported any more.
    pub(crate) fn close(&self) {
        self.listeners.borrow_mut().clear();
        self.connection.close();
        self.tracks.forget(&self.adopted.borrow());
    }

    /// `RTCPeerConnection.signalingState`, as it is with an offer that waits.
    pub(crate) fn signaling_state(&self) -> String {
        match self.waiting.borrow().is_some() {
            true => "have-local-offer".to_owned(),
            false => self.connection.signaling_state(),
        }
    }

    /// Carries out one operation.
    ///
    /// # Errors
    /// What the browser says, or that a line or a track is unknown; then nothing is changed.
    pub(crate) async fn carry_out(&self, op: OpId, operation: &Operation) -> Result<PeerFact, Fault> {
        match operation {
            Operation::Offer { lines, ice_restart, gather } => {
                let sdp = self.offer(lines, *ice_restart, *gather).await?;
                Ok(PeerFact::Made { op, sdp })
            }
            Operation::Answer { lines, gather } => Ok(PeerFact::Made { op, sdp: self.answer(lines, *gather).await? }),
            Operation::Apply { kind, sdp } => Ok(PeerFact::Applied { op, lines: self.apply(*kind, sdp).await? }),
            Operation::Rollback => {
                if self.waiting.take().is_some() {
                    return Ok(PeerFact::Done { op });
                }
                self.expect(&["have-local-offer"])?;
                settled(self.connection.set_local_description(&description("rollback", ""))).await?;
                Ok(PeerFact::Done { op })
            }
            Operation::Swap { old, new } => self.swap(old, new).await.map(|()| PeerFact::Done { op }),
        }
    }

    async fn swap(&self, old: &TrackId, new: &TrackId) -> Result<(), Fault> {
        let (old, _) = self.track(old)?;
        let (new, stream) = self.track(new)?;
        let senders = self.transceivers();
        let sender = senders.iter().map(Transceiver::sender).find(|it| it.track().as_ref() == Some(&old));
        let sender = sender.ok_or_else(|| unknown("track"))?;
        settled(sender.replace_track(Some(&new))).await?;
        // As in `put_on`.
        let _ = sender.set_streams(&stream);
        Ok(())
    }

    /// The browser's report on the connection, or on one of its tracks.
    ///
    /// # Errors
    /// What the browser says, or that the track is unknown.
    pub(crate) async fn stats(&self, track: Option<TrackId>) -> Result<JsValue, Fault> {
        let track = track.map(|id| self.track(&id)).transpose()?;
        let report = self.connection.stats(track.as_ref().map(|(track, _)| track));
        settled(report.map_err(|thrown| Fault::of(&thrown))?).await
    }

    /// Plays tones; returns after the last one.
    ///
    /// # Errors
    /// What the browser says, or that nothing here can carry tones.
    pub(crate) async fn tones(&self, tones: &str, duration: u32, gap: u32) -> Result<(), Fault> {
        let carrier = self.transceivers().iter().filter(|it| it.kind() == "audio").find_map(|it| it.sender().dtmf());
        let carrier = carrier.ok_or_else(|| Fault::new("InvalidStateError", "The call sends no sound."))?;
        let (signal, done) = Signal::new();
        let (last, late, cut_off) = (signal.clone(), signal, Rc::new(Cell::new(false)));
        let _listener = Listener::new(&carrier, "tonechange", move |event| {
            // The last one has no name.
            if event.unchecked_ref::<ToneEvent>().tone().is_empty() {
                last.fire();
            }
        });
        carrier.insert(tones, duration, gap).map_err(|thrown| Fault::of(&thrown))?;
        // A hold may cut them off, and no browser says so.
        let tone = |tone: char| if tone == ',' { TONE_PAUSE } else { u64::from(duration + gap) };
        let (limit, flag) = (tones.chars().map(tone).sum::<u64>() + TONE_SLACK, cut_off.clone());
        let _limit = Timeout::new(timers::limited(limit), move || {
            flag.set(true);
            late.fire();
        });
        // The signal lives as long as the listener.
        let _ = done.await;
        match cut_off.get() {
            false => Ok(()),
            true => Err(Fault::new("OperationError", "They were cut off.")),
        }
    }

    async fn offer(&self, lines: &[Line], ice_restart: bool, gather: u64) -> Result<String, Fault> {
        self.expect(&["stable", "have-local-offer"])?;
        let wanted = self.resolve(lines)?;
        let named = |t: &Transceiver| lines.iter().any(|line| line.mid == t.mid());
        let (described, mut orphans): (Vec<_>, Vec<_>) =
            self.transceivers().into_iter().partition(|t| t.mid().is_some());
        for transceiver in described.iter().filter(|t| !named(t)) {
            direct(transceiver, Direction::Inactive)?;
        }
        for line in wanted {
            // Transceivers whose offer was taken back come first: the browser would offer them anyway.
            let orphan = || {
                let at = orphans.iter().position(|t| t.kind() == kind_text(line.kind))?;
                Some(orphans.swap_remove(at))
            };
            match line.transceiver.clone().or_else(orphan) {
                Some(transceiver) => line.put_on(&transceiver).await?,
                None => line.add_to(&self.connection)?,
            }
        }
        // Stopping the others is no way out: Chromium puts the next new line on one all the same, and Firefox offers it refused
        // and without a name.
        for orphan in orphans {
            settled(orphan.sender().replace_track(None)).await?;
            direct(&orphan, Direction::Inactive)?;
        }
        let options = js::object(&[("iceRestart", &ice_restart.into())]);
        let made = sdp_of(settled(self.connection.create_offer(&options)).await?);
        let (local, remote) = self.in_force();
        let offer = transport::offer(&local, &remote, made);
        if offer.waits && self.connection.signaling_state() == "stable" {
            let made = self.edited("offer", "local", &offer.sdp).await?;
            let sdp = made.unchecked_ref::<Description>().sdp();
            self.waiting.replace(Some(made));
            return Ok(sdp);
        }
        self.set_and_gather("offer", &offer.sdp, gather).await
    }

    async fn answer(&self, lines: &[Line], gather: u64) -> Result<String, Fault> {
        self.expect(&["have-remote-offer"])?;
        if lines.iter().any(|line| line.mid.is_none()) {
            return Err(Fault::new("NotFoundError", "An answer cannot have lines that the offer has not."));
        }
        let wanted = self.resolve(lines)?;
        for transceiver in self.transceivers().iter().filter(|t| t.mid().is_some()) {
            match wanted.iter().find(|line| line.mid == transceiver.mid()) {
                Some(line) => line.put_on(transceiver).await?,
                None => direct(transceiver, Direction::RecvOnly)?,
            }
        }
        let made = sdp_of(settled(self.connection.create_answer()).await?);
        let (local, remote) = self.in_force();
        self.set_and_gather("answer", &transport::answer(&local, &remote, made), gather).await
    }

    async fn set_and_gather(&self, kind: &str, made: &str, gather: u64) -> Result<String, Fault> {
        let made = self.edited(kind, "local", made).await?;
        let first = self.connection.local_description().is_none();
        let gathering = Gathering::watch(&self.connection);
        settled(self.connection.set_local_description(&made)).await?;
        gathering.finish(gather).await;
        let local = self.connection.local_description().map(|it| it.sdp());
        let local = local.ok_or_else(|| Fault::new("InvalidStateError", "The local description is gone."))?;
        // While it still gathers, candidates may come that the other side learns of by the first packet.
        if first && self.connection.gathering_state() == "complete" && transport::is_unreachable(&local) {
            return Err(Fault::new("OperationError", "No network: there is no address for the other side to reach."));
        }
        Ok(local)
    }

    async fn apply(&self, kind: SdpKind, sdp: &str) -> Result<Vec<RemoteLine>, Fault> {
        let kind = match kind {
            SdpKind::Offer => "offer",
            SdpKind::Answer => "answer",
        };
        // Theirs takes the place of ours.
        if let Some(offer) = self.waiting.take().filter(|_| kind == "answer") {
            settled(self.connection.set_local_description(&offer)).await?;
        }
        settled(self.connection.set_remote_description(&self.edited(kind, "remote", sdp).await?)).await?;
        self.transceivers().iter().map(|transceiver| self.remote_line(transceiver)).collect()
    }

    /// A description as the application's handlers want it set.
    async fn edited(&self, kind: &str, endpoint: &str, sdp: &str) -> Result<JsValue, Fault> {
        let Some(edit) = &self.edit_sdp else { return Ok(description(kind, sdp)) };
        let edited = edit.call3(&JsValue::UNDEFINED, &sdp.into(), &kind.into(), &endpoint.into());
        let edited = settled(edited.map_err(|thrown| Fault::of(&thrown))?.unchecked_into()).await?;
        Ok(description(kind, &edited.as_string().unwrap_or_default()))
    }

    fn remote_line(&self, transceiver: &Transceiver) -> Result<RemoteLine, Fault> {
        let track = transceiver.receiver().receiver_track();
        let known = self.streams.borrow().iter().find(|(of, _)| *of == track).map(|(_, stream)| Clone::clone(stream));
        let stream = match known {
            Some(stream) => stream,
            // The other side names no stream: the track gets one of its own, so that it can be shown.
            None => {
                let stream = MediaStream::new().map_err(|thrown| Fault::of(&thrown))?;
                stream.add_track(&track);
                remember(&self.streams, Clone::clone(&track), Clone::clone(&stream));
                stream
            }
        };
        let track = self.tracks.adopt_remote(track, &stream);
        let mut adopted = self.adopted.borrow_mut();
        if !adopted.contains(&track.id) {
            adopted.push(track.id.clone());
        }
        Ok(RemoteLine { mid: transceiver.mid(), track })
    }

    /// The two descriptions that were agreed on; empty before the first exchange.
    fn in_force(&self) -> (String, String) {
        let text = |it: Option<Description>| it.map(|it| it.sdp()).unwrap_or_default();
        (text(self.connection.local_description()), text(self.connection.current_remote_description()))
    }

    fn expect(&self, states: &[&str]) -> Result<(), Fault> {
        let state = self.signaling_state();
        let fits = states.contains(&state.as_str());
        fits.then_some(()).ok_or_else(|| Fault::new("InvalidStateError", format!("Not possible in the state {state}.")))
    }

    fn track(&self, id: &TrackId) -> Result<(MediaStreamTrack, MediaStream), Fault> {
        self.tracks.get(id).ok_or_else(|| unknown("track"))
    }

    fn transceivers(&self) -> Vec<Transceiver> {
        let all = self.connection.transceivers();
        all.iter().map(|t| t.unchecked_into::<Transceiver>()).filter(|t| !t.is_stopped()).collect()
    }

    /// Finds what the lines name, before anything is changed.
    fn resolve(&self, lines: &[Line]) -> Result<Vec<Wanted>, Fault> {
        let all = self.transceivers();
        let resolve = |line: &Line| {
            let found = all.iter().find(|t| line.mid.is_some() && t.mid() == line.mid).cloned();
            if line.mid.is_some() && found.is_none() {
                return Err(unknown("line"));
            }
            let source = line.track.as_ref().map(|id| self.track(id));
            Ok(Wanted {
                mid: line.mid.clone(),
                kind: line.kind,
                direction: line.direction,
                source: source.transpose()?,
                transceiver: found,
            })
        };
        lines.iter().map(resolve).collect()
    }
}

/// A line with what it names.
#[derive(Debug)]
struct Wanted {
    mid: Option<String>,
    kind: Kind,
    direction: Direction,
    source: Option<(MediaStreamTrack, MediaStream)>,
    transceiver: Option<Transceiver>,
}

impl Wanted {
    async fn put_on(&self, transceiver: &Transceiver) -> Result<(), Fault> {
        let sender = transceiver.sender();
        let track = self.source.as_ref().map(|(track, _)| track);
        if sender.track().as_ref() != track {
            settled(sender.replace_track(track)).await?;
        }
        if let Some((_, stream)) = &self.source {
            // Names the stream in the description; a browser without it names the track alone.
            let _ = sender.set_streams(stream);
        }
        direct(transceiver, self.direction)
    }

    fn add_to(&self, connection: &Connection) -> Result<(), Fault> {
        let streams: js_sys::Array = self.source.iter().map(|(_, stream)| stream).collect();
        let direction = direction_text(self.direction).into();
        let init = js::object(&[("direction", &direction), ("streams", &streams)]);
        let what = self.source.as_ref().map_or_else(|| kind_text(self.kind).into(), |(track, _)| track.into());
        connection.add_transceiver(&what, &init).map(drop).map_err(|thrown| Fault::of(&thrown))
    }
}

fn unknown(what: &str) -> Fault {
    Fault::new("NotFoundError", format!("There is no such {what}."))
}

/// Says what it means that there is no such class.
fn without_webrtc(fault: Fault) -> Fault {
    match fault.name.as_str() {
        "ReferenceError" => Fault::new("NotSupportedError", "This browser has no WebRTC, or it is switched off."),
        _ => fault,
    }
}

fn remember(streams: &RefCell<Vec<(MediaStreamTrack, MediaStream)>>, track: MediaStreamTrack, stream: MediaStream) {
    let mut streams = streams.borrow_mut();
    streams.retain(|(of, _)| *of != track);
    streams.push((track, stream));
}

fn direct(transceiver: &Transceiver, direction: Direction) -> Result<(), Fault> {
    transceiver.set_direction(direction_text(direction)).map_err(|thrown| Fault::of(&thrown))
}

async fn settled(promise: js_sys::Promise) -> Result<JsValue, Fault> {
    JsFuture::from(promise).await.map_err(|thrown| Fault::of(&thrown))
}

/// The text of what the browser made.
fn sdp_of(made: JsValue) -> String {
    made.unchecked_into::<Description>().sdp()
}

fn description(kind: &str, sdp: &str) -> JsValue {
    js::object(&[("type", &kind.into()), ("sdp", &sdp.into())])
}

fn configuration(servers: &[IceServer]) -> JsValue {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Configuration<'a> {
        ice_servers: Vec<Server<'a>>,
        bundle_policy: &'static str,
    }
    #[derive(Serialize)]
    struct Server<'a> {
        urls: &'a [String],
        #[serde(skip_serializing_if = "Option::is_none")]
        username: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        credential: Option<&'a str>,
    }
    let servers = servers.iter().map(|s| Server {
        urls: &s.urls,
        username: s.username.as_deref(),
        credential: s.credential.as_deref(),
    });
    js::write(&Configuration { ice_servers: servers.collect(), bundle_policy: "balanced" })
}

fn direction_text(direction: Direction) -> &'static str {
    match direction {
        Direction::SendRecv => "sendrecv",
        Direction::SendOnly => "sendonly",
        Direction::RecvOnly => "recvonly",
        Direction::Inactive => "inactive",
    }
}

fn kind_text(kind: Kind) -> &'static str {
    match kind {
        Kind::Audio => "audio",
        Kind::Video => "video",
    }
}

fn connection_state(state: &str) -> Option<ConnectionState> {
    Some(match state {
        "new" => ConnectionState::New,
        "connecting" => ConnectionState::Connecting,
        "connected" => ConnectionState::Connected,
        "disconnected" => ConnectionState::Disconnected,
        "failed" => ConnectionState::Failed,
        "closed" => ConnectionState::Closed,
        _ => return None,
    })
}

/// Milliseconds of a comma among tones (W3C webrtc-pc 7.2).
const TONE_PAUSE: u64 = 2_000;

/// Milliseconds by which tones may end late.
const TONE_SLACK: u64 = 3_000;
