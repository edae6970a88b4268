//! What happened: everything that reaches [`crate::Client::handle`].

use crate::{Command, OpId, PeerId, SocketId, TrackId, effect::TimerId, ids::StreamId, plain};

/// One thing that happened.
#[derive(Debug, Clone)]
pub enum Input {
    /// The application wants something. With a number it waits for the end: one [`crate::Event::Settle`] with this number, which is
    /// the application's and none of ours.
    Command(Option<OpId>, Command),
    /// A command that could not be read; the sentence says why. It is logged, or told to whoever waits for it, never lost in
    /// silence.
    Garbled(Option<OpId>, String),
    /// An HTTP request was answered, or could not be made.
    Http(OpId, Result<HttpResponse, HttpFailure>),
    /// A socket reports.
    Socket(SocketId, SocketFact),
    /// getUserMedia was answered.
    Media(OpId, Result<Vec<TrackInfo>, MediaFailure>),
    /// A peer connection reports.
    Peer(PeerId, PeerFact),
    /// A media track reports; remote or local.
    Track(TrackId, TrackFact),
    /// The browser's devices were listed: at the start, after a change, and when asked for.
    Devices(Vec<Device>),
    /// [`crate::effect::RenderAction::Attach`] was carried out; `shown` is false when no element matches the selector.
    Rendered {
        /// Which track.
        track: TrackId,
        /// Where.
        selector: String,
        /// Whether an element of the page now plays it there.
        shown: bool,
    },
    /// Time is up.
    Timer(TimerId),
    /// The page or its network changed.
    Page(PageFact),
}

impl Input {
    /// Reads what the face hands over: a command, with a number as `op` if the application waits for its end.
    pub fn from_json(json: &str) -> Self {
        let value = match kandy_wire::parse(json) {
            Ok(value) => value,
            Err(why) => return Self::Garbled(None, why.to_string()),
        };
        let op = plain::whole(&value, "op").map(OpId);
        match Command::from_value(&value) {
            // This number is that of what was asked for.
            Ok(command @ Command::Unpacked { .. }) => Self::Command(None, command),
            Ok(command) => Self::Command(op, command),
            Err(why) => Self::Garbled(op, why),
        }
    }

    /// What kind of input it is, for logs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Command(..) => "command",
            Self::Garbled(..) => "garbled",
            Self::Http(..) => "http",
            Self::Socket(..) => "socket",
            Self::Media(..) => "media",
            Self::Peer(..) => "peer",
            Self::Track(..) => "track",
            Self::Devices(_) => "devices",
            Self::Rendered { .. } => "rendered",
            Self::Timer(_) => "timer",
            Self::Page(_) => "page",
        }
    }
}

/// What a page reports of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageFact {
    /// It is being left: what has to reach the server now is sent with `keepalive`.
    Left,
    /// The same, but the browser may bring it back as it is (back/forward cache).
    Kept,
    /// It was brought back.
    Back,
    /// It is seen or runs again after it was hidden or frozen, or the network is another one: what passed for connected may
    /// not be any more.
    Awake,
    /// The browser has no network.
    Offline,
    /// The browser has a network again.
    Online,
}

/// An answer to an HTTP request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpResponse {
    /// Status code.
    pub status: u16,
    /// Status text.
    pub status_text: String,
    /// `content-type`, if there was one.
    pub content_type: Option<String>,
    /// The body as text.
    pub body: String,
}

/// No answer: the network, the server's address, CORS, or the time-out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpFailure {
    /// Name of the browser's error, `TypeError` or `TimeoutError`.
    pub name: String,
    /// A sentence.
    pub message: String,
}

/// What a socket reports. Nothing follows `Closed`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SocketFact {
    /// The handshake is done.
    Opened,
    /// A text frame arrived.
    Frame(String),
    /// What was sent before has not left the page yet.
    Stalled,
    /// It is closed, or could not be opened.
    Closed {
        /// Close code; 1006 when there was none.
        code: u16,
    },
}

/// A media track.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrackInfo {
    /// The browser's id.
    pub id: TrackId,
    /// The stream it belongs to.
    pub stream: StreamId,
    /// Audio or video.
    pub kind: Kind,
    /// The device's name.
    pub label: String,
    /// The browser's own muted flag: no data flows.
    pub muted: bool,
}

/// Audio or video.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Sound.
    Audio,
    /// Picture.
    Video,
}

/// getUserMedia failed. Nothing that it had opened is left open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaFailure {
    /// Name of the browser's error: `NotAllowedError`, `NotFoundError`, `OverconstrainedError`, …
    pub name: String,
    /// The browser's sentence.
    pub message: String,
    /// The constraint that could not be met, for `OverconstrainedError`.
    pub constraint: Option<String>,
}

/// What a peer connection reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PeerFact {
    /// The local description of `Offer` or `Answer` is set and its candidates are gathered.
    Made {
        /// Which operation.
        op: OpId,
        /// The local description, candidates included.
        sdp: String,
    },
    /// The remote description is set.
    Applied {
        /// Which operation.
        op: OpId,
        /// Every transceiver of the connection, in the order of the connection.
        lines: Vec<RemoteLine>,
    },
    /// `Rollback`, `SwapTrack`, `Tones` or `Stats` is carried out.
    Done {
        /// Which operation.
        op: OpId,
    },
    /// The operation failed.
    Failed {
        /// Which operation.
        op: OpId,
        /// Name of the browser's error: `InvalidStateError`, `OperationError`, …
        name: String,
        /// The browser's sentence.
        message: String,
    },
    /// `connectionState` changed.
    Connection(ConnectionState),
}

/// `RTCPeerConnection.connectionState`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ConnectionState {
    /// Nothing yet.
    New,
    /// Trying.
    Connecting,
    /// Media can flow.
    Connected,
    /// No answer for a while; may come back.
    Disconnected,
    /// Will not come back by itself.
    Failed,
    /// Closed.
    Closed,
}

impl ConnectionState {
    /// As the browser names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Connecting => "connecting",
            Self::Connected => "connected",
            Self::Disconnected => "disconnected",
            Self::Failed => "failed",
            Self::Closed => "closed",
        }
    }
}

/// The receiving side of one transceiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteLine {
    /// `a=mid`, known once a description is set.
    pub mid: Option<String>,
    /// The receiver's track; it exists whether or not the remote side sends.
    pub track: TrackInfo,
}

/// What a track reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrackFact {
    /// The browser ended it: unplugged, permission withdrawn. Not reported for tracks that the core had stopped.
    Ended,
    /// Its own muted flag changed.
    Muted(bool),
}

/// One device, as the browser lists it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Device {
    /// Empty before permission is given.
    pub device_id: String,
    /// Devices of one piece of hardware share it.
    pub group_id: String,
    /// `audioinput`, `videoinput`, `audiooutput`
    pub kind: String,
    /// Empty before permission is given.
    pub label: String,
}
