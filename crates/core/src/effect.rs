//! What to do: everything that [`crate::Client::handle`] returns, to be carried out in its order.

use kandy_wire::Value;

use crate::{CallId, Event, OpId, PeerId, SocketId, TrackId, error::Code, input::Kind, people::Tell};

/// One thing to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Make an HTTP request; answered by `Input::Http` with the same number.
    Http(OpId, HttpRequest),
    /// Unpack a text: base64 of zlib. Answered by `Command::Unpacked` with the same number.
    Unpack(OpId, String),
    /// Do something with a WebSocket.
    Socket(SocketId, SocketAction),
    /// Get microphone and camera; answered by `Input::Media` with the same number. Each is `None`, `true` or the constraint.
    Acquire {
        /// The number of the answer.
        op: OpId,
        /// For the microphone.
        audio: Option<Value>,
        /// For the camera.
        video: Option<Value>,
    },
    /// Stop local tracks and forget them: the device is free afterwards.
    StopTracks(Vec<TrackId>),
    /// Switch the data of a track on or off (`MediaStreamTrack.enabled`).
    EnableTrack {
        /// Which track, local or remote.
        track: TrackId,
        /// Whether it carries data.
        enabled: bool,
    },
    /// Do something with a peer connection.
    Peer(PeerId, PeerAction),
    /// Do something in the page.
    Render(RenderAction),
    /// List the devices; answered by `Input::Devices`.
    ListDevices,
    /// Report `Input::Timer` with this id after so many milliseconds, in place of what was asked for this id before;
    /// `None` means never.
    Timer(TimerId, Option<u64>),
    /// Tell the application.
    Emit(Event),
    /// Tell the people engine.
    Tell(Tell),
    /// Write a line to the application's log.
    Log(Level, String),
}

/// An HTTP request. There are no cookies.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// `GET`, `POST`, `PUT`, `DELETE`
    pub method: &'static str,
    /// Absolute.
    pub url: String,
    /// Names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// JSON text.
    pub body: Option<String>,
    /// Milliseconds after which it is given up.
    pub timeout: u64,
    /// Whether it should outlive the page.
    pub keepalive: bool,
}

/// URLs and headers carry credentials: only method and path are shown.
impl std::fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.url.split('?').next().unwrap_or_default())
    }
}

/// What to do with a WebSocket.
#[derive(Clone, PartialEq, Eq)]
pub enum SocketAction {
    /// Open it.
    Open {
        /// Absolute; may carry a token.
        url: String,
    },
    /// Send a text frame. On a socket that is not open this does nothing: its `Closed` is on the way.
    Send(String),
    /// Report `Stalled` if something that was sent before has not left the page yet.
    Probe,
    /// Close it without a code, and report nothing of it any more.
    Close,
}

impl std::fmt::Debug for SocketAction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Open { .. } => "Open",
            Self::Send(_) => "Send",
            Self::Probe => "Probe",
            Self::Close => "Close",
        })
    }
}

/// What to do with a peer connection. Operations with a number are answered by a `PeerFact` with the same number, and are
/// carried out one after the other.
#[derive(Debug, Clone, PartialEq)]
pub enum PeerAction {
    /// Create it.
    Open {
        /// STUN and TURN servers.
        ice_servers: Vec<crate::config::IceServer>,
    },
    /// Make an offer, set it, gather; answered by `Made`.
    Offer {
        /// The number of the answer.
        op: OpId,
        /// Every line that the offer shall have; those without `mid` are new.
        lines: Vec<Line>,
        /// Whether the transport is set up anew.
        ice_restart: bool,
        /// Milliseconds after which what was gathered has to do.
        gather: u64,
    },
    /// Make the answer to the remote offer that was applied, set it, gather; answered by `Made`.
    Answer {
        /// The number of the answer.
        op: OpId,
        /// What to send on which line of the offer. Lines not named are received only as the offer allows.
        lines: Vec<Line>,
        /// Milliseconds after which what was gathered has to do.
        gather: u64,
    },
    /// Set the remote description; answered by `Applied`.
    ApplyRemote {
        /// The number of the answer.
        op: OpId,
        /// Offer or answer.
        kind: SdpKind,
        /// The text.
        sdp: String,
    },
    /// Take the local offer back; answered by `Done`.
    Rollback {
        /// The number of the answer.
        op: OpId,
    },
    /// Send another track in place of one that is sent; nothing is negotiated. Answered by `Done`.
    SwapTrack {
        /// The number of the answer.
        op: OpId,
        /// What is sent now.
        old: TrackId,
        /// What is sent from then on.
        new: TrackId,
    },
    /// Play tones to the other side (RFC 4733); answered by `Done` after the last one. Waits for no other operation.
    Tones {
        /// The number of the answer.
        op: OpId,
        /// `0` to `9`, `A` to `D`, `#`, `*`; `,` is a pause.
        tones: String,
        /// Milliseconds of each tone.
        duration: u32,
        /// Milliseconds between two tones.
        gap: u32,
    },
    /// Collect statistics; answered by `Done`, with the report kept under the number. Waits for no other operation.
    Stats {
        /// The number of the answer.
        op: OpId,
        /// Of one track, sent or received, in place of the whole connection.
        track: Option<TrackId>,
    },
    /// Close it, and report nothing of it any more. Local tracks are not stopped by this.
    Close,
}

/// One line of an offer or answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The line's `a=mid`; `None` makes a new one.
    pub mid: Option<String>,
    /// Audio or video.
    pub kind: Kind,
    /// The local track to send.
    pub track: Option<TrackId>,
    /// Wanted direction.
    pub direction: Direction,
}

/// Direction of a line, seen from this side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Both ways.
    SendRecv,
    /// Out only.
    SendOnly,
    /// In only.
    RecvOnly,
    /// Neither.
    Inactive,
}

/// Offer or answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SdpKind {
    /// Offer.
    Offer,
    /// Answer.
    Answer,
}

/// What to do in the page. `src` plays a track in a media element of its own, `{kind}-{track id reduced to [a-z0-9]}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RenderAction {
    /// Append an element that plays the track to the first element that matches; answered by `Input::Rendered`.
    Attach {
        /// Which track.
        track: TrackId,
        /// CSS selector.
        selector: String,
        /// Whether the element is silent (every picture is; a track's own sound is elsewhere).
        muted: bool,
        /// Output device.
        speaker: Option<String>,
    },
    /// Take that element away.
    Detach {
        /// Which track.
        track: TrackId,
        /// The selector it was attached with.
        selector: String,
    },
}

/// Every reason for which we ever wait.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimerId {
    /// The next connectivity check of the socket.
    Ping,
    /// The answer to such a check.
    Pong,
    /// A socket that does not open.
    SocketOpening,
    /// The pause before the next attempt to open the socket.
    Reconnect,
    /// The next extension of the subscription.
    Extend,
    /// The next renewal of the token.
    Refresh,
    /// The quiet time after a change of devices.
    Devices,
    /// An offer in mid-call without an answer.
    Exchange(CallId),
    /// An offer that gave way is made again.
    Retry(CallId),
    /// The next attempt to repair a media connection.
    Restart(CallId),
    /// The next audit of a connected call.
    Audit(CallId),
    /// A call that was cancelled while its answer was on the way.
    Cancel(CallId),
}

/// Weight of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Steps.
    Debug,
    /// Milestones.
    Info,
    /// Something odd that was dealt with.
    Warn,
    /// Something failed.
    Error,
}

/// The effects of one input, in the order in which they are carried out. Machines append to it.
#[derive(Debug, Default)]
pub struct Effects(Vec<Effect>);

impl Effects {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends any effect.
    pub fn push(&mut self, effect: Effect) {
        self.0.push(effect);
    }

    /// Tells the application. A failed operation on a call is told once more as `call:error`, and if it was for want of a
    /// device as `media:error` (legacy-3x 7.5).
    pub fn emit(&mut self, event: Event) {
        let failure = event.failure();
        self.push(Effect::Emit(event));
        let Some(failure) = failure else { return };
        let for_want_of_media = failure.error.as_ref().is_some_and(|error| error.code == Code::CallMedia);
        self.push(Effect::Emit(Event::CallError(failure.clone())));
        if for_want_of_media {
            self.push(Effect::Emit(Event::MediaError(failure)));
        }
    }

    /// Does something with a peer connection.
    pub fn peer(&mut self, peer: &PeerId, action: PeerAction) {
        self.push(Effect::Peer(peer.clone(), action));
    }

    /// Waits, in place of what this timer waited for before.
    pub fn wait(&mut self, timer: TimerId, milliseconds: u64) {
        self.push(Effect::Timer(timer, Some(milliseconds)));
    }

    /// Waits no more.
    pub fn stop(&mut self, timer: TimerId) {
        self.push(Effect::Timer(timer, None));
    }

    /// Writes a log line. Credentials and descriptions do not belong in it.
    pub fn log(&mut self, level: Level, line: impl Into<String>) {
        self.push(Effect::Log(level, line.into()));
    }

    /// What there is to do.
    pub fn into_vec(self) -> Vec<Effect> {
        self.0
    }
}
