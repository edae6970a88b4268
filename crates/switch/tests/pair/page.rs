//! One browser page: a real core client, fake peer connections, a microphone and a camera, and what the application heard.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use kandy_core::{
    Answer, CallId, Client, Command, Config, Effect, Error, Event, Input, Now, OpId, PeerId, Query, SocketId, TrackId,
    config::IceServer,
    effect::{HttpRequest, PeerAction, RenderAction, SocketAction, TimerId},
    ids::{Ids, StreamId},
    input::{Device, Kind, MediaFailure, PeerFact, TrackInfo},
    people::Tell,
    query::{CallObject, CallState},
};

use crate::fake_peer::FakePeer;

/// What a page wants of the world around it.
#[derive(Debug)]
pub(crate) enum Errand {
    Http(OpId, HttpRequest),
    OpenSocket(SocketId, String),
    Send(SocketId, String),
    CloseSocket(SocketId),
    /// Feed this input after so many milliseconds.
    Later(u64, Input),
    Timer(TimerId, Option<u64>),
}

/// How the devices of a page behave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Devices {
    Fine,
    Refused,
}

pub(crate) struct Page {
    pub user: &'static str,
    pub client: Client,
    config: Config,
    pub devices: Devices,
    pub peers: BTreeMap<PeerId, FakePeer>,
    /// Peer connections that are open now.
    pub open_peers: BTreeSet<PeerId>,
    /// The servers that the last peer connection was given.
    pub ice_servers: Vec<IceServer>,
    /// Local tracks that are live now.
    pub live_tracks: BTreeMap<TrackId, TrackInfo>,
    /// Every local track that there ever was.
    own: BTreeSet<TrackId>,
    /// Elements on the page: track and container.
    pub shown: BTreeSet<(TrackId, String)>,
    /// The browser makes no descriptions: it has gathered nothing to be reached by.
    pub makes_nothing: bool,
    pub timers: BTreeMap<TimerId, u64>,
    pub events: Vec<Event>,
    /// What the people engine was told.
    pub tells: Vec<Tell>,
    /// For each start and change of a call: the state before, and the one that a listener sees.
    pub states: Vec<(CallId, CallState, CallState)>,
    pub log: Vec<String>,
    /// Commands whose end the application waits for.
    pub promised: BTreeMap<OpId, String>,
    /// Those that have ended, and how.
    pub settled: Vec<(String, bool, Option<Error>)>,
    commands: u64,
    ids: Ids,
    timer_count: u64,
    /// When the last input came.
    now: u64,
}

impl Page {
    pub(crate) fn new(user: &'static str, version: &str, seed: u64) -> Self {
        let config = format!(
            r#"{{"authentication":{{"subscription":{{"protocol":"http","server":"gw","port":80,"version":"{version}",
                "service":["call"],"expires":3600}},"websocket":{{"protocol":"ws","server":"gw","port":80}}}}}}"#
        );
        Self::configured(user, Config::from_json(&config).unwrap(), seed)
    }

    pub(crate) fn configured(user: &'static str, config: Config, seed: u64) -> Self {
        Self {
            user,
            client: Client::new(config.clone(), seed),
            config,
            devices: Devices::Fine,
            peers: BTreeMap::new(),
            open_peers: BTreeSet::new(),
            ice_servers: Vec::new(),
            live_tracks: BTreeMap::new(),
            own: BTreeSet::new(),
            shown: BTreeSet::new(),
            makes_nothing: false,
            timers: BTreeMap::new(),
            events: Vec::new(),
            tells: Vec::new(),
            states: Vec::new(),
            log: Vec::new(),
            promised: BTreeMap::new(),
            settled: Vec::new(),
            commands: 0,
            ids: Ids::new(seed ^ 0xd0_0d),
            timer_count: 0,
            now: 0,
        }
    }

    /// Feeds one input and what follows from it at once; returns what the world has to do.
    pub(crate) fn feed(&mut self, now: u64, input: Input) -> Vec<Errand> {
        let mut errands = Vec::new();
        let mut inbox = VecDeque::from([input]);
        while let Some(input) = inbox.pop_front() {
            let heard = self.events.len();
            self.now = now;
            let effects = self.client.handle(Now(now), input);
            for pair in effects.windows(2) {
                if let [before, Effect::Emit(Event::Settle { told: true, .. })] = pair {
                    assert!(matches!(before, Effect::Emit(_)), "{}: told by {before:?}", self.user);
                }
            }
            for effect in effects {
                self.carry_out(effect, &mut inbox, &mut errands);
            }
            self.note_states(heard);
        }
        errands
    }

    pub(crate) fn calls(&self) -> Vec<CallObject> {
        match self.client.query(Now(self.now), &Query::Calls) {
            Answer::Calls(calls) => calls,
            other => panic!("calls, not {other:?}"),
        }
    }

    pub(crate) fn live_calls(&self) -> Vec<CallObject> {
        self.calls().into_iter().filter(|call| call.state != CallState::Ended).collect()
    }

    /// The one call that is not over.
    pub(crate) fn call(&self) -> CallObject {
        let live = self.live_calls();
        assert_eq!(live.len(), 1, "{}: one live call", self.user);
        live.into_iter().next().unwrap()
    }

    pub(crate) fn is_connected(&self) -> (bool, bool) {
        match self.client.query(Now(self.now), &Query::Connection) {
            Answer::Connection(c) => (c.is_connected, c.is_pending),
            other => panic!("a connection, not {other:?}"),
        }
    }

    /// Names of the events so far, each with the state that the application saw where it is a change of state.
    pub(crate) fn names(&self) -> Vec<String> {
        let name = |event: &Event| match event {
            Event::AuthChange(change) => match change.reason {
                Some(reason) => format!("auth:change {reason}"),
                None => "auth:change".to_owned(),
            },
            Event::AuthError { error, .. } => format!("auth:error {}", error.code),
            Event::AuthResub { .. } => "auth:resub".to_owned(),
            Event::WsChange { .. } => "ws:change".to_owned(),
            Event::NotificationsChange { channel } => format!("notifications:change {channel}"),
            Event::NotificationsError { channel, .. } => format!("notifications:error {channel}"),
            Event::NotificationReceived { .. } => "notification:received".to_owned(),
            Event::DevicesChange {} => "devices:change".to_owned(),
            Event::CallStart(_) => "call:start".to_owned(),
            Event::CallReceive(_) => "call:receive".to_owned(),
            Event::CallStateChange(c) => match (&c.error, &c.transition) {
                (Some(error), _) => format!("call:stateChange {}", error.code),
                (None, Some(t)) => match &t.status_code {
                    Some(code) => format!("call:stateChange ({code})"),
                    None => "call:stateChange ()".to_owned(),
                },
                (None, None) => "call:stateChange".to_owned(),
            },
            Event::CallNewTrack(t) => format!("call:newTrack {}", if t.local { "local" } else { "remote" }),
            Event::CallTrackEnded(t) => format!("call:trackEnded {}", if t.local { "local" } else { "remote" }),
            Event::CallNewMedia(m) => with_error("call:newMedia", m.error.as_ref()),
            Event::CallRemovedMedia(m) => with_error("call:removedMedia", m.error.as_ref()),
            Event::CallTrackReplaced(t) => with_error("call:trackReplaced", t.error.as_ref()),
            Event::CallStatsReceived(s) => with_error("call:statsReceived", s.error.as_ref()),
            Event::CallJoin(j) => with_error("call:join", j.error.as_ref()),
            Event::CallError(e) => with_error("call:error", e.error.as_ref()),
            Event::MediaError(e) => with_error("media:error", e.error.as_ref()),
            Event::MediaMuted { .. } => "media:muted".to_owned(),
            Event::MediaUnmuted { .. } => "media:unmuted".to_owned(),
            Event::Settle { .. } => "settle".to_owned(),
        };
        // `call:error` and `media:error` repeat what the event before them said.
        let mut failed = false;
        let heard = |event: &&Event| {
            let repeats = matches!(event, Event::MediaError(_)) || (failed && matches!(event, Event::CallError(_)));
            let has_error = !serde_json::to_value(event).unwrap()["payload"]["error"].is_null();
            failed = has_error && !matches!(event, Event::CallError(_) | Event::MediaError(_));
            !repeats && !matches!(event, Event::NotificationReceived { .. } | Event::DevicesChange {})
        };
        self.events.iter().filter(heard).map(name).collect()
    }

    /// Notes to which state each of the new events led: to that from which the next one starts, or to the present one.
    fn note_states(&mut self, heard: usize) {
        let calls = self.calls();
        let joined = |id: &CallId| {
            let announced = self.states.iter().any(|(known, _, after)| known == id && *after != CallState::Initiating);
            !announced && calls.iter().any(|call| call.id == *id && call.is_joined_call == Some(true))
        };
        let before = |event: &Event| match event {
            Event::CallStart(e) => Some((e.call_id.clone(), CallState::Initiating)),
            Event::CallStateChange(e) => Some((e.call_id.clone(), e.previous.state)),
            // The announcement of a call that joins two, or its end before that; a refusal names one of the two.
            Event::CallJoin(e) if joined(&e.call_id) => Some((e.call_id.clone(), CallState::Initiating)),
            _ => None,
        };
        let changes: Vec<(CallId, CallState)> = self.events[heard..].iter().filter_map(before).collect();
        for (i, (id, from)) in changes.iter().enumerate() {
            let next = changes[i + 1..].iter().find(|(other, _)| other == id).map(|(_, state)| *state);
            let now =
                || self.calls().into_iter().find(|call| call.id == *id).expect("a call that events speak of").state;
            let to = next.unwrap_or_else(now);
            self.states.push((id.clone(), *from, to));
        }
    }

    fn carry_out(&mut self, effect: Effect, inbox: &mut VecDeque<Input>, errands: &mut Vec<Errand>) {
        match effect {
            Effect::Http(op, request) => errands.push(Errand::Http(op, request)),
            Effect::Unpack(op, text) => {
                errands.push(Errand::Later(1, Input::Command(None, Command::Unpacked { op, text: unpacked(&text) })));
            }
            Effect::Socket(id, SocketAction::Open { url }) => errands.push(Errand::OpenSocket(id, url)),
            Effect::Socket(id, SocketAction::Send(text)) => errands.push(Errand::Send(id, text)),
            Effect::Socket(_, SocketAction::Probe) => {}
            Effect::Socket(id, SocketAction::Close) => errands.push(Errand::CloseSocket(id)),
            Effect::Acquire { op, audio, video } => {
                let result = self.acquire(audio.is_some(), video.is_some());
                errands.push(Errand::Later(3, Input::Media(op, result)));
            }
            Effect::StopTracks(tracks) => {
                for track in tracks {
                    assert!(self.live_tracks.remove(&track).is_some(), "{}: {track} is stopped once", self.user);
                }
            }
            Effect::EnableTrack { .. } => {}
            Effect::Peer(id, action) => self.peer(&id, &action, errands),
            Effect::Render(RenderAction::Attach { track, selector, .. }) => {
                self.shown.insert((track.clone(), selector.clone()));
                inbox.push_back(Input::Rendered { track, selector, shown: true });
            }
            Effect::Render(RenderAction::Detach { track, selector }) => {
                assert!(self.shown.remove(&(track, selector)), "{}: an element is taken away once", self.user);
            }
            Effect::ListDevices => {
                let device = |kind: &str| Device {
                    device_id: kind.to_owned(),
                    group_id: String::new(),
                    kind: kind.to_owned(),
                    label: "Fake".to_owned(),
                };
                errands.push(Errand::Later(1, Input::Devices(vec![device("audioinput"), device("videoinput")])));
            }
            Effect::Timer(id, after) => {
                self.timer_count += 1;
                match after {
                    Some(_) => self.timers.insert(id.clone(), self.timer_count),
                    None => self.timers.remove(&id),
                };
                errands.push(Errand::Timer(id, after));
            }
            Effect::Emit(Event::Settle { op, told, error }) => {
                let command = self.promised.remove(&op);
                let command = command.unwrap_or_else(|| panic!("{}: {op:?} ends once, not again", self.user));
                self.settled.push((command, told, error));
            }
            Effect::Emit(event) => self.events.push(event),
            Effect::Tell(tell) => self.tells.push(tell),
            Effect::Log(level, line) => self.log.push(format!("{level:?} {line}")),
        }
    }

    fn acquire(&mut self, audio: bool, video: bool) -> Result<Vec<TrackInfo>, MediaFailure> {
        if self.devices == Devices::Refused {
            let message = "Permission denied".to_owned();
            return Err(MediaFailure { name: "NotAllowedError".to_owned(), message, constraint: None });
        }
        let stream = StreamId(self.ids.uuid());
        let kinds = [(audio, Kind::Audio), (video, Kind::Video)];
        let tracks: Vec<TrackInfo> = kinds
            .into_iter()
            .filter(|(wanted, _)| *wanted)
            .map(|(_, kind)| TrackInfo {
                id: TrackId(self.ids.uuid()),
                stream: stream.clone(),
                kind,
                label: "Fake".to_owned(),
                muted: false,
            })
            .collect();
        self.own.extend(tracks.iter().map(|track| track.id.clone()));
        self.live_tracks.extend(tracks.iter().map(|t| (t.id.clone(), t.clone())));
        Ok(tracks)
    }

    fn peer(&mut self, id: &PeerId, action: &PeerAction, errands: &mut Vec<Errand>) {
        let seed = self.ids.uuid().bytes().fold(0u64, |sum, b| sum.wrapping_mul(31).wrapping_add(u64::from(b)));
        let peer = self.peers.entry(id.clone()).or_insert_with(|| FakePeer::new(seed));
        match action {
            PeerAction::Open { ice_servers } => {
                assert!(self.open_peers.insert(id.clone()), "{id} is opened once");
                self.ice_servers.clone_from(ice_servers);
            }
            PeerAction::Close => assert!(self.open_peers.remove(id), "{id} is closed once"),
            _ => assert!(self.open_peers.contains(id), "{id} is open when it is used: {action:?} {:?}", self.log),
        }
        for track in self.live_tracks.values() {
            peer.learn(track);
        }
        let facts = match action {
            PeerAction::Offer { op, .. } | PeerAction::Answer { op, .. } if self.makes_nothing => {
                vec![PeerFact::Failed {
                    op: *op,
                    name: "OperationError".to_owned(),
                    message: "No candidates".to_owned(),
                }]
            }
            _ => peer.act(action),
        };
        for mut fact in facts {
            if let PeerFact::Applied { lines, .. } = &mut fact {
                // A transfer may connect a page with itself: as the hands do, no two tracks get one id.
                lines
                    .iter_mut()
                    .map(|line| &mut line.track.id)
                    .filter(|id| self.own.contains(id))
                    .for_each(|id| id.0.push('+'));
            }
            if let PeerFact::Failed { name, message, .. } = &fact {
                self.log.push(format!("peer {id}: {name}: {message}"));
            }
            errands.push(Errand::Later(4, Input::Peer(id.clone(), fact)));
        }
    }

    /// The peer connections that are open.
    pub(crate) fn open_fakes(&mut self) -> impl Iterator<Item = (&PeerId, &mut FakePeer)> {
        let Self { peers, open_peers, .. } = self;
        peers.iter_mut().filter(|(id, _)| open_peers.contains(*id))
    }

    /// Changes `call.sdpSemantics`.
    pub(crate) fn configure_semantics(&mut self, semantics: &str) {
        self.configure(|config| config.call.sdp_semantics = Some(semantics.to_owned()));
    }

    /// `updateConfig`
    pub(crate) fn configure(&mut self, change: impl FnOnce(&mut Config)) {
        change(&mut self.config);
        let config = Box::new(self.config.clone());
        self.feed(0, Input::Command(None, Command::Configure { config }));
    }

    pub(crate) fn command(&mut self, now: u64, json: &str) -> Vec<Errand> {
        let command = Command::from_json(json).unwrap();
        self.commands += 1;
        // The application waits for every other one.
        if self.commands.is_multiple_of(2) {
            return self.feed(now, Input::Command(None, command));
        }
        let op = OpId(self.commands);
        self.promised.insert(op, json.to_owned());
        self.feed(now, Input::Command(Some(op), command))
    }
}

/// As the browser unpacks it: base64 of zlib.
fn unpacked(text: &str) -> Option<String> {
    let digit = |letter: u8| match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let bits: Vec<u8> = text.trim_end_matches('=').bytes().map(digit).collect();
    let group = |digits: &[u8]| {
        digits.iter().fold(0_u32, |sum, digit| sum << 6 | u32::from(*digit)) << (6 * (4 - digits.len()))
    };
    let bytes: Vec<u8> =
        bits.chunks(4).flat_map(|digits| group(digits).to_be_bytes()[1..digits.len()].to_vec()).collect();
    let plain = miniz_oxide::inflate::decompress_to_vec_zlib(&bytes).ok()?;
    String::from_utf8(plain).ok()
}

fn with_error(name: &str, error: Option<&Error>) -> String {
    error.map_or_else(|| name.to_owned(), |error| format!("{name} {}", error.code))
}
