//! What travels between a Kandy client and its gateway: the Link and UC protocol as types, and nothing else.
//!
//! | module | subject |
//! | --- | --- |
//! | [`session`] | tokens, subscriptions |
//! | [`call`] | call requests, dispositions, their answers |
//! | [`notice`] | notifications: what the server tells a client on its own |
//! | [`frame`] | one text frame on the WebSocket, either way |
//! | [`fault`] | the wrappers in which failures travel |
//!
//! Requests are wishes and end in `Request`, answers end in `Response`, notifications are facts. Members that nobody here
//! reads are ignored when decoding; a member that is missing is `None`, never a default that hides it.
//! The facts behind the types are in the protocol description, whose sections the comments name (§).

pub mod call;
pub mod fault;
pub mod frame;
pub mod notice;
pub mod session;

use serde::{Deserialize, Serialize, de::DeserializeOwned};

pub use serde_json::Value;

/// Text that is not the JSON of the wanted type. The sentence says where it went wrong and never repeats the text itself,
/// which may hold a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed(pub String);

impl std::fmt::Display for Malformed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "not the expected JSON: {}", self.0)
    }
}

impl std::error::Error for Malformed {}

/// Reads one value from JSON text.
///
/// # Errors
/// [`Malformed`] when the text is no JSON or another shape of JSON.
pub fn decode<T: DeserializeOwned>(text: &str) -> Result<T, Malformed> {
    serde_json::from_str(text).map_err(|e| {
        // serde_json's own sentence may quote the text; category and place do not.
        Malformed(format!("{:?} at line {} column {}", e.classify(), e.line(), e.column()))
    })
}

/// Writes a value as JSON text. Every type of this crate can be written: none has a map with keys other than texts.
pub fn encode<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// The id of one party's session of one call, `sessionData` in JSON: opaque, used verbatim in URLs (§4.1).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionId(pub String);

impl std::fmt::Display for SessionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
