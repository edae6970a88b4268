//! What the application reads: questions that change nothing, and the documented objects that answer them.

use serde::{Serialize, Serializer, ser::SerializeMap as _};

use crate::{
    CallId, Error, Now, PeerId, TrackId,
    command::Bandwidth,
    config::Method,
    ids::StreamId,
    input::Device,
    input::Kind,
    people::{Address, Place},
    plain,
};
use kandy_wire::{SessionId, Value};

/// One question, handed over by the face as `{ type: 'call.getById', … }`.
#[derive(Debug, Clone)]
pub enum Query {
    /// `getConnection()`
    Connection,
    /// `getServices()`
    Services,
    /// `getUserInfo()`
    UserInfo,
    /// `connection.getSocketState(platform)`
    SocketState {
        /// `link` or `uc`
        platform: String,
    },
    /// `call.getById(callId)`
    Call {
        /// Which call.
        call_id: CallId,
    },
    /// `call.getAll()`
    Calls,
    /// `media.getDevices()`
    Devices,
    /// `media.getById(mediaId)`
    Media {
        /// Which stream.
        media_id: StreamId,
    },
    /// `media.getTrackById(trackId)`
    Track {
        /// Which track.
        track_id: TrackId,
    },
    /// Of the people engine: where a request goes to.
    Address {
        /// What it is for.
        place: Place,
        /// The rest of its path, with its query.
        path: String,
    },
}

impl Query {
    /// Reads a question from JSON text.
    ///
    /// # Errors
    /// A sentence that says what is missing.
    pub fn from_json(json: &str) -> Result<Self, String> {
        let value = kandy_wire::parse(json).map_err(|e| e.to_string())?;
        // An id of another type is that of nothing.
        let text = |key| plain::text(&value, key).unwrap_or_default();
        Ok(match plain::needed(&value, "type")?.as_str() {
            "getConnection" => Self::Connection,
            "getServices" => Self::Services,
            "getUserInfo" => Self::UserInfo,
            "connection.getSocketState" => Self::SocketState { platform: text("platform") },
            "call.getById" => Self::Call { call_id: CallId(text("callId")) },
            "call.getAll" => Self::Calls,
            "media.getDevices" => Self::Devices,
            "media.getById" => Self::Media { media_id: StreamId(text("mediaId")) },
            "media.getTrackById" => Self::Track { track_id: TrackId(text("trackId")) },
            "people.address" => {
                Self::Address { place: Place::named(&text("to")).ok_or("no such place")?, path: text("path") }
            }
            _ => return Err("no known type".to_owned()),
        })
    }
}

/// The answer; serialized as the bare object, `Nothing` as `undefined`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// There is no such thing.
    Nothing,
    /// `getConnection()`
    Connection(Box<Connection>),
    /// `getServices()`
    Services(Services),
    /// `getUserInfo()`
    UserInfo(UserInfo),
    /// `connection.getSocketState()`
    SocketState(Box<SocketState>),
    /// `call.getById()`
    Call(Box<CallObject>),
    /// `call.getAll()`
    Calls(Vec<CallObject>),
    /// `media.getDevices()`
    Devices(Devices),
    /// `media.getById()`
    Media(MediaObject),
    /// `media.getTrackById()`
    Track(Box<TrackObject>),
    /// For the people engine.
    Address(Address),
}

/// `getConnection()` (api-behaviour 5.1).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Connection {
    /// Notifications arrive now.
    pub is_connected: bool,
    /// A login, a logout or a reconnection is running.
    pub is_pending: bool,
    /// The services.
    pub subscription: Services,
    /// Why the last login or logout failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
}

/// `getServices()`: what was asked for and what was granted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Services {
    /// Asked for.
    pub requested: Vec<String>,
    /// Granted.
    pub received: Vec<String>,
    /// Asked for and not granted.
    pub missing: Vec<String>,
    /// `FULL`, `PARTIAL`, `NONE` or `UNKNOWN`
    pub status: &'static str,
    /// One member for each service asked for: whether it was granted.
    #[serde(serialize_with = "members")]
    pub services: Vec<(String, bool)>,
}

/// `getUserInfo()`: empty when nobody is logged in.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UserInfo {
    /// As given to `connect`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// UC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_token: Option<String>,
    /// UC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
}

impl std::fmt::Debug for UserInfo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserInfo").field("username", &self.username).finish_non_exhaustive()
    }
}

/// `connection.getSocketState()` (api-behaviour 6).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SocketState {
    /// Whether it is open.
    pub connected: bool,
    /// Whether it is being checked.
    pub pinging: bool,
    /// `link` or `uc`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<&'static str>,
    /// From the configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<Method>,
    /// Milliseconds since the epoch of the last sign of life.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_contact: Option<Now>,
}

/// The documented states of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum CallState {
    /// `make` was called.
    Initiating,
    /// The server accepted it.
    Initiated,
    /// It rings.
    Ringing,
    /// It is up.
    Connected,
    /// It is up and held.
    #[serde(rename = "On Hold")]
    OnHold,
    /// It is over.
    Ended,
}

impl CallState {
    /// By the names of 3.x (legacy-3x 5).
    pub(crate) fn legacy(self, local_hold: bool) -> &'static str {
        match self {
            Self::Initiating => "INITIATING",
            Self::Initiated => "INITIATED",
            Self::Ringing => "RINGING",
            Self::Connected => "IN_CALL",
            Self::OnHold if local_hold => "ON_HOLD",
            Self::OnHold => "ON_REMOTE_HOLD",
            Self::Ended => "ENDED",
        }
    }
}

/// State and hold flags before a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Previous {
    /// The state.
    pub state: CallState,
    /// Undefined until an incoming call is answered.
    pub local_hold: Option<bool>,
    /// Undefined until an incoming call is answered.
    pub remote_hold: Option<bool>,
}

/// `call.getById()` (api-behaviour 7.2).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CallObject {
    /// Never changes.
    pub id: CallId,
    /// `outgoing` or `incoming`
    pub direction: &'static str,
    /// A function of the machines.
    pub state: CallState,
    /// Undefined until an incoming call is answered.
    pub local_hold: Option<bool>,
    /// Undefined until an incoming call is answered.
    pub remote_hold: Option<bool>,
    /// Ids of our tracks.
    pub local_tracks: Vec<TrackId>,
    /// Ids of the other side's tracks.
    pub remote_tracks: Vec<TrackId>,
    /// Who is on the other side.
    pub remote_participant: Participant,
    /// Limits on what is received, in kbit/s.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bandwidth: Option<Bandwidth>,
    /// When it was connected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_time: Option<Now>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_time: Option<Now>,
    /// Outgoing: the normalized destination; incoming: own identity.
    pub to: String,
    /// Outgoing: own identity; incoming: the caller.
    pub from: String,
    /// Whether we made it.
    pub is_caller: bool,
    /// What was asked of the devices.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_constraints: Option<Constraints>,
    /// As given to `make`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// True if the invitation had no offer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_slow_start: Option<bool>,
    /// True for a call that was made by `join`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_joined_call: Option<bool>,
    /// Id of the call at the server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wrtcs_session_id: Option<SessionId>,
    /// Id of the local media session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webrtc_session_id: Option<PeerId>,
    /// The operation that runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local_op: Option<Operation>,
    /// Left behind by a failed operation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
}

/// What was asked of the devices: `true`, or the application's options.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Constraints {
    /// For the microphone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audio: Option<Value>,
    /// For the camera.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub video: Option<Value>,
}

/// Who is on the other side.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Participant {
    /// `user@domain`, or the normalized destination until the server reported it.
    pub display_number: String,
    /// Undefined until reported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
}

/// An operation that runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Operation {
    /// `MAKE`, `ANSWER`, `REJECT`, `END`
    pub operation: &'static str,
    /// `ONGOING` until the request is accepted, `PENDING` until the other side answered.
    pub status: &'static str,
}

/// `media.getDevices()`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Devices {
    /// Cameras.
    pub camera: Vec<Device>,
    /// Microphones.
    pub microphone: Vec<Device>,
    /// Outputs, where the browser lists them.
    pub speaker: Vec<Device>,
}

/// `media.getById()`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MediaObject {
    /// Id of the stream.
    pub id: StreamId,
    /// Whether it is our own.
    pub local: bool,
    /// Its live tracks.
    pub tracks: Vec<TrackId>,
}

/// `media.getTrackById()` (api-behaviour 8.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TrackObject {
    /// The track's id.
    pub track_id: TrackId,
    /// The same, under the documented name.
    pub id: TrackId,
    /// Id of its stream, and of its Media object.
    pub stream_id: StreamId,
    /// Audio or video.
    pub kind: Kind,
    /// Name of the device.
    pub label: String,
    /// By `muteTracks`.
    pub muted: bool,
    /// No data flows.
    pub disabled: bool,
    /// `live`; a track that ended is not to be had any more.
    pub state: &'static str,
    /// The selectors where it is shown, in order.
    pub containers: Vec<String>,
}

/// Pairs as the members of an object.
fn members<S: Serializer>(pairs: &[(String, bool)], serializer: S) -> Result<S::Ok, S::Error> {
    let mut object = serializer.serialize_map(Some(pairs.len()))?;
    for (name, value) in pairs {
        object.serialize_entry(name, value)?;
    }
    object.end()
}
