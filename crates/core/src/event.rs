//! What the application hears: names and payloads of the documented events.
//!
//! Serialized as `{ type: 'call:start', payload: { … } }`. A member that is `None` is present as `undefined` where the
//! documentation promises the key (`error` of every `call:*` event), and absent elsewhere.

use serde::Serialize;

use crate::{
    CallId, Error, OpId, PeerId, TrackId,
    ids::StreamId,
    query::{Previous, TrackObject},
};
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
        /// With `authentication:11` alone: the server's words.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
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
    /// A channel of notifications was switched, or a device was registered or deregistered.
    #[serde(rename = "notifications:change")]
    NotificationsChange {
        /// `WEBSOCKET` or `PUSH`
        channel: &'static str,
    },
    /// A device could not be registered or deregistered.
    #[serde(rename = "notifications:error")]
    NotificationsError {
        /// `PUSH`
        channel: &'static str,
        /// Why.
        error: Error,
    },
    /// A notification was accepted, before the events that it causes.
    #[serde(rename = "notification:received")]
    NotificationReceived {
        /// As it was received.
        payload: Value,
        /// Whether the people engine has to act upon it: it is not about a call.
        #[serde(skip)]
        people: bool,
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
    /// The server accepted the call that joins two others, or it came to nothing.
    #[serde(rename = "call:join")]
    CallJoin(JoinEvent),
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
    /// Another track is sent in place of one, or could not be.
    #[serde(rename = "call:trackReplaced")]
    CallTrackReplaced(Box<TrackReplaced>),
    /// Statistics, or why there are none.
    #[serde(rename = "call:statsReceived")]
    CallStatsReceived(StatsEvent),
    /// An operation on a call failed: after the event that says so, or alone where there is none (legacy-3x 7.5).
    #[serde(rename = "call:error")]
    CallError(CallEvent),
    /// The same, for want of a device.
    #[serde(rename = "media:error")]
    MediaError(CallEvent),
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
    /// For the face alone: an operation that the application waits for has ended. It is done unless there is an error.
    #[serde(rename = "settle")]
    Settle {
        /// The application's own number.
        op: OpId,
        /// The event before it says everything: what failed, or what came of it.
        told: bool,
        /// Why it failed, where no event says so.
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<Error>,
    },
}

impl Event {
    /// Which call's operation failed by this event, and why.
    pub(crate) fn failure(&self) -> Option<CallEvent> {
        let (call_id, error) = self.about()?;
        Some(CallEvent { call_id: call_id.clone(), error: Some(error?.clone()) })
    }

    /// Which call's operation this event is about, and what failed.
    pub(crate) fn about(&self) -> Option<(&CallId, Option<&Error>)> {
        let (call_id, error) = match self {
            Self::CallStart(event) => (&event.call_id, &event.error),
            Self::CallStateChange(event) => (&event.call_id, &event.error),
            Self::CallNewMedia(event) | Self::CallRemovedMedia(event) => (&event.call_id, &event.error),
            Self::CallTrackReplaced(event) => (&event.call_id, &event.error),
            Self::CallStatsReceived(event) => (&event.call_id, &event.error),
            Self::CallJoin(event) => (&event.call_id, &event.error),
            _ => return None,
        };
        Some((call_id, error.as_ref()))
    }
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
    /// The state now, by the names of 3.x: nobody else reads this member (legacy-3x 7.1).
    pub state: &'static str,
}

/// Payload of `call:join`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct JoinEvent {
    /// The new call.
    pub call_id: CallId,
    /// What failed.
    pub error: Option<Error>,
    /// The calls that become one.
    pub joined_calls: Vec<CallId>,
}

/// Payload of `call:trackReplaced`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TrackReplaced {
    /// Which call.
    pub call_id: CallId,
    /// What failed.
    pub error: Option<Error>,
    /// What is sent now; undefined on failure.
    pub new_track_id: Option<TrackId>,
    /// What was sent before, as it was last; undefined on failure.
    pub old_track: Option<TrackObject>,
}

/// Payload of `call:statsReceived`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StatsEvent {
    /// Which call.
    pub call_id: CallId,
    /// What failed.
    pub error: Option<Error>,
    /// The number under which the hands keep the browser's report, which takes its place.
    pub result: Option<OpId>,
    /// As it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub track_id: Option<TrackId>,
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
