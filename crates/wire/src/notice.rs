//! Notifications: the envelope and the call notifications (§3.7, §3.11, §4.4).

use serde::{Deserialize, Serialize};

use crate::{Read, SessionId, Value, any, text};

/// A notification as it stands in a frame.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NotificationFrame {
    /// The wrapper's only member.
    pub notification_message: Notification,
}

/// The envelope. Only what calls and the session need is typed; the members of other subjects come with them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Notification {
    /// What happened. Messages of the UC service have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_type: Option<EventType>,
    /// Unique per channel, any JSON scalar (§3.8).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_id: Option<Value>,
    /// UC messages carry their own id, which is the duplicate key there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Value>,
    /// Milliseconds since the epoch, number or text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<Value>,
    /// 49 means glare (§4.9).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_code: Option<Value>,
    /// Which session, and what of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_params: Option<SessionParams>,
    /// Who is on the other side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call_notification_params: Option<Parties>,
    /// How a channel goes on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_resumed_params: Option<Resumed>,
}

/// `channelResumedParams`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Resumed {
    /// Whether everything after the named notification follows. If not, some were dropped: the client has to ask for what it
    /// needs to know.
    pub complete: bool,
}

/// The kinds of notification that this project handles by now (§3.11); any other keeps its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum EventType {
    /// Incoming call.
    Call,
    /// The callee rings.
    Ringing,
    /// Remote answer, or glare.
    RespondCallUpdate,
    /// Remote offer in mid-call.
    StartCallUpdate,
    /// The session is over.
    CallEnd,
    /// The session is over because it did what it was for.
    SessionComplete,
    /// Handled by another device, or withdrawn.
    CallCancel,
    /// A transfer or join failed.
    SessionFail,
    /// The subscription is gone.
    Gone,
    /// The channel goes on where it was left ([`crate::session::RESUME`]); it has no `eventId`. Ours.
    ChannelResumed,
    /// Everything else.
    #[serde(untagged)]
    Other(String),
}

/// `sessionParams` of call notifications.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionParams {
    /// The receiving party's session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_data: Option<SessionId>,
    /// Offer or answer; absent or empty means slow start where an offer was expected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sdp: Option<String>,
    /// `compressed` or `url`, where `sdp` is not the description itself (§9.4).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sdp_format: Option<String>,
    /// Why it ended: number or text, handed on unchanged (§4.4.5).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_code: Option<Value>,
    /// Why it ended, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason_text: Option<String>,
    /// Seconds, with glare.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<Value>,
}

/// `callNotificationParams`: both pairs hold the remote party's data for the receiver (§4.4).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Parties {
    /// Display name, read by callees.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caller_name: Option<String>,
    /// `user@domain` without scheme, read by callees.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caller_display_number: Option<String>,
    /// Display name, read by callers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote_name: Option<String>,
    /// `user@domain` without scheme, read by callers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote_display_number: Option<String>,
    /// Whom the call was for; read by newer clients only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callee_display_number: Option<String>,
}

impl Read for NotificationFrame {
    fn read(value: &Value) -> Option<Self> {
        let message = value.get("notificationMessage").filter(|m| m.is_object())?;
        let session = message.get("sessionParams").filter(|p| p.is_object());
        let parties = message.get("callNotificationParams").filter(|p| p.is_object());
        let resumed = message.get("channelResumedParams");
        let notification_message = Notification {
            event_type: message.get("eventType").and_then(Value::as_str).map(EventType::named),
            event_id: any(message, "eventId"),
            id: any(message, "id"),
            time: any(message, "time"),
            status_code: any(message, "statusCode"),
            session_params: session.map(|params| SessionParams {
                session_data: text(params, "sessionData").map(SessionId),
                sdp: text(params, "sdp"),
                sdp_format: text(params, "sdpFormat"),
                status_code: any(params, "statusCode"),
                reason_text: text(params, "reasonText"),
                retry_after: any(params, "retryAfter"),
            }),
            call_notification_params: parties.map(|params| Parties {
                caller_name: text(params, "callerName"),
                caller_display_number: text(params, "callerDisplayNumber"),
                remote_name: text(params, "remoteName"),
                remote_display_number: text(params, "remoteDisplayNumber"),
                callee_display_number: text(params, "calleeDisplayNumber"),
            }),
            channel_resumed_params: resumed
                .map(|params| Resumed { complete: params.get("complete").and_then(Value::as_bool) == Some(true) }),
        };
        Some(Self { notification_message })
    }
}

impl EventType {
    fn named(name: &str) -> Self {
        match name {
            "call" => Self::Call,
            "ringing" => Self::Ringing,
            "respondCallUpdate" => Self::RespondCallUpdate,
            "startCallUpdate" => Self::StartCallUpdate,
            "callEnd" => Self::CallEnd,
            "sessionComplete" => Self::SessionComplete,
            "callCancel" => Self::CallCancel,
            "sessionFail" => Self::SessionFail,
            "gone" => Self::Gone,
            "channelResumed" => Self::ChannelResumed,
            other => Self::Other(other.to_owned()),
        }
    }
}
