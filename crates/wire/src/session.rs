//! Tokens (UC, §1) and subscriptions (both flavours, §2).

use serde::{Deserialize, Serialize};

use crate::{Read, Value, text, whole};

/// Answer to `mk_token` and `refresh_token` (§1.2, §1.4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TokenResponse {
    /// The token and what belongs to it.
    pub success: Token,
}

/// A UC token.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Token {
    /// Query value `token` of every later request.
    pub access_token: String,
    /// Its presence makes clients refresh by themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// Life of the access token in seconds; must be over 300 when a refresh token is given (§1.6).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<u64>,
}

/// Secrets do not reach a log through `{:?}`.
impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Token").field("expires", &self.expires).finish_non_exhaustive()
    }
}

/// Answer to `revoke_token` (§1.7): success has nothing to say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RevokeResponse {
    /// `true`, or an object; nobody reads it.
    pub success: Value,
}

/// Body of subscription create, extend and change (§2.1, §2.4, §2.5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct SubscribeRequest {
    /// The wrapper's only member.
    pub subscribe_request: Subscribe,
}

/// What a client asks of its subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Subscribe {
    /// Wanted life in seconds.
    pub expires: u64,
    /// Wanted services.
    pub service: Services,
    /// `English_US` and the like.
    pub localization: String,
    /// Always true from 4.8 clients.
    pub use_turn: bool,
    /// `WebSocket`.
    pub notification_type: String,
    /// `["RingingFeedback"]` on create, absent on extend: the client reports ringing by itself. Ours adds
    /// [`EARLY_NOTIFICATIONS`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supported: Option<Vec<String>>,
}

/// A name in `supported`: this client keeps notifications that come before the response they belong to, so a server need not
/// hold them back (§12.3). Ours; servers that do not know it pass over it.
pub const EARLY_NOTIFICATIONS: &str = "EarlyNotifications";

/// A name in `supported`: this client resumes. The server answers with [`SubscriptionParams::resume_for`], and when the client opens
/// its channel again it names the last notification that it has by the query parameter [`RESUME_AFTER`]. The server then
/// sends [`crate::notice::EventType::ChannelResumed`] first, and all that came after. Ours; servers that do not know it pass over it.
pub const RESUME: &str = "ResumeNotifications";

/// Query parameter of the channel: the `eventId` of the last notification that the client has.
pub const RESUME_AFTER: &str = "after";

/// A name in `supported`: this client gives every message an id of its own, the parameter or member [`CLIENT_MESSAGE_ID`], and
/// may send it again under that id when it does not know what became of it. A server that keeps messages with the same id from
/// the same sender once only says so by the same name in [`SubscriptionParams::supported`]. Ours; servers that do not know it
/// pass over it.
pub const MESSAGE_IDS: &str = "MessageIds";

/// Query parameter of `rm/send` and member of `imRequest`: the id that the client gave the message.
pub const CLIENT_MESSAGE_ID: &str = "clientMessageId";

/// The list of services, in the plain form or in the wrapped one that 4.8's documented `updateConnection` sends (§2.5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Services {
    /// `["call", "IM"]`
    List(Vec<String>),
    /// `{ "services": ["call", "IM"] }`
    Wrapped {
        /// The list.
        services: Vec<String>,
    },
}

impl Services {
    /// The names, whichever form they came in.
    pub fn names(&self) -> &[String] {
        match self {
            Self::List(names) | Self::Wrapped { services: names } => names,
        }
    }
}

/// Answer to every request on a subscription (§2.2, §2.4, §2.6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct SubscribeResponse {
    /// The wrapper's only member.
    pub subscribe_response: Subscribed,
}

/// What became of the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Subscribed {
    /// 0, or 2 as the other success of an extension (§2.4).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_code: Option<i64>,
    /// A sentence, on failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Absolute path for extend and delete.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subscription: Option<String>,
    /// What was granted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subscription_params: Option<SubscriptionParams>,
}

/// What a subscription grants (§2.2).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct SubscriptionParams {
    /// Granted life in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<u64>,
    /// Granted services.
    pub service: Vec<String>,
    /// Echo of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub localization: Option<String>,
    /// Echo of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notification_type: Option<String>,
    /// Absolute path of the WebSocket; on the Link flavour the path itself is the secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notification_channel: Option<String>,
    /// `x-session` value of HMAC logins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// Seconds for which notifications are kept while there is no socket; only for clients that resume ([`RESUME`]).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resume_for: Option<u64>,
    /// What the server supports of the names that the client asked for and that no other member answers ([`MESSAGE_IDS`]).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supported: Option<Vec<String>>,
    /// User name and password for the configured relays (§2.8).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub turn_credentials: Option<TurnCredentials>,
}

impl std::fmt::Debug for SubscriptionParams {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SubscriptionParams")
            .field("expires", &self.expires)
            .field("service", &self.service)
            .finish_non_exhaustive()
    }
}

/// Credentials for STUN and TURN servers.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TurnCredentials {
    /// `username` of the ICE servers.
    pub username: String,
    /// `credential` of the ICE servers.
    pub password: String,
}

impl std::fmt::Debug for TurnCredentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TurnCredentials").finish_non_exhaustive()
    }
}

impl Read for TokenResponse {
    fn read(value: &Value) -> Option<Self> {
        let made = value.get("success")?;
        let access_token = text(made, "access_token")?;
        let success =
            Token { access_token, refresh_token: text(made, "refresh_token"), expires: whole(made, "expires") };
        Some(Self { success })
    }
}

impl Read for SubscribeResponse {
    fn read(value: &Value) -> Option<Self> {
        let answer = value.get("subscribeResponse")?;
        let subscribe_response = Subscribed {
            status_code: answer.get("statusCode").and_then(Value::as_i64),
            reason: text(answer, "reason"),
            subscription: text(answer, "subscription"),
            subscription_params: answer.get("subscriptionParams").and_then(SubscriptionParams::read),
        };
        Some(Self { subscribe_response })
    }
}

fn texts(values: &[Value]) -> Vec<String> {
    values.iter().filter_map(|value| value.as_str().map(str::to_owned)).collect()
}

impl Read for SubscriptionParams {
    fn read(value: &Value) -> Option<Self> {
        let services = value.get("service")?.as_array()?;
        let turn = value.get("turnCredentials");
        Some(Self {
            expires: whole(value, "expires"),
            // A null among the names fails the login of released clients (§2.2); here it is passed over.
            service: texts(services),
            localization: text(value, "localization"),
            notification_type: text(value, "notificationType"),
            notification_channel: text(value, "notificationChannel"),
            session_id: text(value, "sessionId"),
            resume_for: whole(value, "resumeFor"),
            supported: value.get("supported").and_then(Value::as_array).map(|names| texts(names)),
            turn_credentials: turn.and_then(|turn| {
                Some(TurnCredentials { username: text(turn, "username")?, password: text(turn, "password")? })
            }),
        })
    }
}
