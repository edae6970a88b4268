//! Presence (§6) and event subscriptions (§9.2): what people do, and what their telephones do.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Value;

/// Whether somebody wants to be reached (§6.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "PresenceStatus"))]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Yes.
    Open,
    /// No.
    Closed,
}

/// What somebody does (§6.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Activity {
    /// Is there.
    Active,
    /// Did nothing for a while.
    Idle,
    /// Is not there.
    Away,
    /// Eats.
    Lunch,
    /// What the note says.
    Other,
    /// Does not want to be disturbed.
    Busy,
    /// Will not be back soon.
    Vacation,
    /// Talks.
    OnThePhone,
    /// Nobody knows.
    Unknown,
}

/// What somebody says of themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Presence {
    /// Whether they want to be reached.
    pub status: Status,
    /// What they do.
    pub activity: Activity,
    /// Free text, meant for [`Activity::Other`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Presence {
    /// What is said of somebody who says nothing (§6.5, step 3).
    pub const UNKNOWN: Self = Self { status: Status::Closed, activity: Activity::Unknown, note: None };
}

/// Body of `POST presence` (§6.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct PresenceRequest {
    /// The wrapper's only member.
    pub presence_request: Presence,
}

/// Body of `POST presenceWatcher` (§6.3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct PresenceWatcherRequest {
    /// The wrapper's only member.
    pub presence_watcher_request: PresenceWatcher,
}

/// Whose presence is asked for, and for how long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct PresenceWatcher {
    /// Users, as the application wrote them.
    pub user_list: Vec<String>,
    /// Once, from now on, or no longer.
    pub action: WatchAction,
}

/// What is to be done about a list of users.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum WatchAction {
    /// Tell their presence once.
    Get,
    /// Tell it now and whenever it changes.
    Watch,
    /// Tell it no longer.
    Stopwatch,
}

/// `presenceWatcherNotificationParams` (§6.4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PresenceParams {
    /// The user, spelled as in the request.
    pub name: String,
    /// What they say of themselves.
    #[serde(flatten)]
    pub presence: Presence,
}

/// Body of `POST` and `PUT eventSubscription` (§9.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct EventSubscriptionRequest {
    /// The wrapper's only member.
    pub event_subscription_request: EventWish,
}

/// Which events of which users.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct EventWish {
    /// `event:{package}`
    pub event_type: String,
    /// Users to hear of from now on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subscribe_user_list: Option<Vec<String>>,
    /// Users to hear of no longer; in updates only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unsubscribe_user_list: Option<Vec<String>>,
    /// The application's name for the device.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_correlator: Option<String>,
    /// Wanted life in seconds; never in updates of released clients.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<u64>,
    /// Whatever the application wrote.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_parameters: Option<Value>,
}

/// Answer to every request on an event subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct EventSubscriptionResponse {
    /// The wrapper's only member.
    pub event_subscription_response: EventSubscribed,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct EventSubscribed {
    /// 0, or a code of §11.2.
    pub status_code: i64,
    /// Granted life in seconds; without it, released clients flood the server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<u64>,
    /// The subscription's name in URLs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_data: Option<String>,
}

/// `genericNotificationParams` (§9.2): free members, handed on unchanged. Ours has these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct EventParams {
    /// Whose event it is.
    pub sender: String,
    /// The subscription that it belongs to.
    pub session_data: String,
    /// A document of the package.
    pub event_data: String,
    /// Media type of the document.
    pub content_type: String,
}

/// An answer that says how it went and nothing else, in the wrapper of its resource:
/// `{"presenceResponse":{"statusCode":0}}`.
pub fn done(wrapper: &str) -> BTreeMap<&str, Done> {
    BTreeMap::from([(wrapper, Done { status_code: 0 })])
}

/// How it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Done {
    /// 0, or a code of §11.2.
    pub status_code: i64,
}
