//! What the application is told when something fails: a code for programs and a sentence for people.

use kandy_wire::{Map, Value};

use crate::plain;

/// The error of an event. In the browser it becomes an `Error` with `name: 'BasicError'`, `code` and `message`.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// One of [`code`], or the server's own, a number or a text as it came.
    pub code: Value,
    /// What happened, and where it helps, what to do.
    pub message: String,
}

/// The codes that are ours (api-4.8, `errorCodes`).
pub mod code {
    /// The server refused, or could not be reached; nothing better is known.
    pub const NONE: &str = "NO_CODE";
    /// Too much is asked for at once.
    pub const BUSY: &str = "engine:3";
    /// Call history: unknown error.
    pub const HISTORY: &str = "callHistory:1";
    /// Call history: an argument or the request is wrong.
    pub const HISTORY_REQUEST: &str = "callHistory:2";
    /// Call history: no such record.
    pub const HISTORY_NOT_FOUND: &str = "callHistory:3";
    /// Click to call: caller or callee is missing.
    pub const CLICK_ARGUMENT: &str = "clickToCall:1";
    /// Click to call: refused.
    pub const CLICK: &str = "clickToCall:2";
    /// A message could not be marked as read at the server.
    pub const MARK_READ: &str = "messaging:2";
    /// A message was not sent, or it is not known whether it was.
    pub const SEND: &str = "messaging:5";
    /// Messages could not be fetched.
    pub const FETCH_MESSAGES: &str = "messaging:6";
    /// A file or a JSON part could not be uploaded.
    pub const UPLOAD: &str = "messaging:7";
    /// The list of conversations could not be fetched.
    pub const FETCH_CONVERSATIONS: &str = "messaging:8";
    /// The destination is empty or no list of names.
    pub const DESTINATION: &str = "messaging:9";
    /// A part of a message cannot be sent.
    pub const PARTS: &str = "messaging:10";
    /// Voice mail: the request failed.
    pub const VOICEMAIL: &str = "mwi:1";
    /// Presence: no known status.
    pub const PRESENCE_STATUS: &str = "presence:1";
    /// Presence: no known activity.
    pub const PRESENCE_ACTIVITY: &str = "presence:2";
    /// SIP events: unknown error.
    pub const SIP: &str = "sipEvents:1";
    /// SIP events: the service is not among those granted.
    pub const SIP_SERVICE: &str = "sipEvents:2";
    /// SIP events: not subscribed.
    pub const SIP_NOT_SUBSCRIBED: &str = "sipEvents:3";
    /// Contacts: a request failed.
    pub const CONTACTS: &str = "users:1";
    /// Contacts: the list could not be fetched.
    pub const CONTACTS_REFRESH: &str = "users:2";
    /// Directory: the request failed.
    pub const DIRECTORY: &str = "users:3";
    /// Contacts, directory: an argument is missing or of the wrong kind.
    pub const USERS_ARGUMENT: &str = "users:4";
}

impl Error {
    /// An error with its sentence.
    pub(crate) fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: Value::from(code), message: message.into() }
    }

    /// As it travels in an event.
    pub fn to_value(&self) -> Value {
        let mut members = Map::new();
        plain::put(&mut members, "name", "BasicError");
        plain::put(&mut members, "code", self.code.clone());
        plain::put(&mut members, "message", self.message.as_str());
        Value::Object(members)
    }
}
