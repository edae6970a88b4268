//! What the application hears: names and payloads of the documented events.
//!
//! Serialized as `{ type: 'call:start', payload: { … } }`. A member that is `None` is present as `undefined` where the
//! documentation promises the key (`error` of every `call:*` event), and absent elsewhere.

use serde::Serialize;

use crate::{CallId, Error, PeerId, TrackId, ids::StreamId, query::Previous};
use kandy_wire::Value;

/// One event for the application.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", content = "payload")]
pub enum Event {
    /// The connection changed: pending, connected, disconnected.
    #[serde(rename = "auth:change")]
    AuthChange(AuthChange),
    /// A login or logout failed.
    #[serde(rename = "auth:error")]
    AuthError {
        /// Why.
        error: Error,
    },
    /// An attempt to extend the subscription ended.
    #[serde(rename = "auth:resub", rename_all = "camelCase")]
    AuthResub {
        /// 1 after a success, one more after each failure.
        attempt_num: u32,
        /// Whether it failed.
        is_failure: bool,
        /// Why it failed.
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<Error>,
    },
    /// The WebSocket: an attempt begins, it is open, it is lost.
    #[serde(rename = "ws:change")]
    WsChange {
        /// `link` or `uc`
        platform: &'static str,
    },
    /// A notification was accepted, before the events that it causes.
    #[serde(rename = "notification:received")]
    NotificationReceived {
        /// As it was received.
        payload: Value,
    },
    /// The list of devices changed.
    #[serde(rename = "devices:change")]
    DevicesChange {},
    /// The server accepted an outgoing call; its local tracks are known.
    #[serde(rename = "call:start")]
    CallStart(CallEvent),
    /// A call came in and rings.
    #[serde(rename = "call:receive")]
    CallReceive(CallEvent),
    /// State or hold flags changed, or an operation on the call failed.
    #[serde(rename = "call:stateChange")]
    CallStateChange(StateChange),
    /// A call has a new track.
    #[serde(rename = "call:newTrack")]
    CallNewTrack(TrackEvent),
    /// A track of a call is over.
    #[serde(rename = "call:trackEnded")]
    CallTrackEnded(TrackEvent),
    /// Media that this side added are agreed on, or could not be added.
    #[serde(rename = "call:newMedia")]
    CallNewMedia(MediaEvent),
    /// Media that this side removed are agreed on, or could not be removed.
    #[serde(rename = "call:removedMedia")]
    CallRemovedMedia(MediaEvent),
    /// Tracks were muted.
    #[serde(rename = "media:muted")]
    MediaMuted {
        /// Those of the given ids that exist.
        tracks: Vec<TrackId>,
    },
    /// Tracks were unmuted.
    #[serde(rename = "media:unmuted")]
    MediaUnmuted {
        /// Those of the given ids that exist.
        tracks: Vec<TrackId>,
    },
}

/// Payload of `auth:change`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct AuthChange {
    /// `LOST_CONNECTION` or `GONE`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    /// True when the server ended the session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forced: Option<bool>,
}

/// What every `call:*` payload has.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CallEvent {
    /// Which call.
    pub call_id: CallId,
    /// What failed.
    pub error: Option<Error>,
}

/// Payload of `call:stateChange`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StateChange {
    /// Which call.
    pub call_id: CallId,
    /// What failed.
    pub error: Option<Error>,
    /// Why the remote side ended it.
    pub transition: Option<Transition>,
    /// What it was before.
    pub previous: Previous,
}

/// Why a call ended (api-behaviour 7.7).
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Transition {
    /// The state before; present when the server gave no text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prev_state: Option<crate::query::CallState>,
    /// Number or text, as the server gave it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_code: Option<Value>,
    /// The server's text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason_text: Option<String>,
}

/// Payload of `call:newMedia` and `call:removedMedia`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MediaEvent {
    /// Which call.
    pub call_id: CallId,
    /// What failed.
    pub error: Option<Error>,
    /// Always true: of the other side's media `call:newTrack` and `call:trackEnded` tell.
    pub local: bool,
    /// Which tracks; undefined on failure.
    pub tracks: Option<Vec<TrackId>>,
    /// The Media object of what was added.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_id: Option<StreamId>,
}

/// Payload of `call:newTrack` and `call:trackEnded`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TrackEvent {
    /// Which call.
    pub call_id: CallId,
    /// Always undefined.
    pub error: Option<Error>,
    /// Whether it is our own.
    pub local: bool,
    /// Which track.
    pub track_id: TrackId,
    /// The call's `webrtcSessionId`.
    pub id: PeerId,
}
