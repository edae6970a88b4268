//! What travels between a Kandy client and its gateway: the Link and UC protocol as types, and nothing else.
//!
//! | module | subject |
//! | --- | --- |
//! | [`session`] | tokens, subscriptions |
//! | [`call`] | call requests, dispositions, their answers |
//! | [`notice`] | notifications: what the server tells a client on its own |
//! | [`frame`] | one text frame on the WebSocket, either way |
//! | [`fault`] | the wrappers in which failures travel |
//! | [`presence`] | presence, event subscriptions |
//! | [`people`] | address book, directory, own profile |
//! | [`history`] | call history, voicemail |
//!
//! Requests are wishes and end in `Request`, answers end in `Response`, notifications are facts. Members that nobody here
//! reads are ignored when decoding; a member that is missing is `None`, never a default that hides it.
//! The facts behind the types are in the protocol description, whose sections the comments name (§).

pub mod call;
pub mod fault;
pub mod frame;
pub mod history;
pub mod notice;
pub mod people;
pub mod presence;
pub mod session;

use serde::{Deserialize, Serialize, de::DeserializeOwned};

pub use serde_json::{Map, Value};

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
    let value = parse(text)?;
    T::deserialize(&value).map_err(|_| Malformed("another shape of JSON than expected".to_owned()))
}

/// Reads any JSON.
///
/// # Errors
/// [`Malformed`] when the text is no JSON.
pub fn parse(text: &str) -> Result<Value, Malformed> {
    serde_json::from_str(text).map_err(|e| {
        // serde_json's own sentence may quote the text; the place does not.
        Malformed(format!("no JSON from line {} column {} on", e.line(), e.column()))
    })
}

/// Types that clients read. They are read by hand from parsed JSON, because the decoders that serde derives for them would be
/// a third of the engine; a test holds both against each other.
pub trait Read: Sized {
    /// Reads the value; `None` when something needed is missing or of another type.
    fn read(value: &Value) -> Option<Self>;
}

/// The text of a member.
fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key)?.as_str().map(str::to_owned)
}

/// A whole number of a member.
fn whole(value: &Value, key: &str) -> Option<u64> {
    let value = value.get(key)?;
    value.as_u64().or_else(|| value.as_f64().filter(|n| *n >= 0.0).map(|n| n as u64))
}

/// A member that is there and not null.
fn any(value: &Value, key: &str) -> Option<Value> {
    value.get(key).filter(|v| !v.is_null()).cloned()
}

/// Writes a value as JSON text. Every type of this crate can be written: none has a map with keys other than texts.
pub fn encode<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// The id of one party's session of one call, `sessionData` in JSON: opaque, used verbatim in URLs (§4.1).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct SessionId(pub String);

impl std::fmt::Display for SessionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
