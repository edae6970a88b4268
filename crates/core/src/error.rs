//! What the application is told when something fails: a code for programs and a sentence for people.

use serde::{Serialize, Serializer};

/// The error of an event. In the browser it becomes an `Error` with `name: 'BasicError'`, `code` and `message`.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Error {
    /// Documented in `docs/errors.md`.
    pub code: Code,
    /// What happened, and where it helps, what to do.
    pub message: String,
}

/// The code of an [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// The credentials object has no known combination of members.
    Credentials,
    /// The WebSocket could not be opened.
    Socket,
    /// The subscription could not be deleted.
    Unsubscribe,
    /// The subscription was refused, or the server could not be reached.
    Subscribe,
    /// The subscription could not be extended.
    Extend,
    /// No token: wrong name or password, or the first refresh failed.
    Token,
    /// The token could not be revoked.
    Revoke,
    /// A call operation failed: a description could not be applied, the peer connection broke.
    CallGeneric,
    /// Microphone or camera could not be had.
    CallMedia,
    /// The call is not in a state for this.
    CallState,
    /// An argument is missing or unknown.
    CallArgument,
    /// The browser made no offer.
    CallOffer,
    /// The answer does not fit the offer.
    CallMismatch,
    /// Too much is asked for at once.
    Busy,
    /// The server refused with this status.
    Status(i64),
    /// The server refused, or could not be reached; nothing better is known.
    NoCode,
}

impl Error {
    /// An error with its sentence.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Status(n) => write!(f, "{n}"),
            other => f.write_str(other.text()),
        }
    }
}

impl Code {
    fn text(self) -> &'static str {
        match self {
            Self::Credentials => "authentication:1",
            Self::Socket => "authentication:2",
            Self::Unsubscribe => "authentication:3",
            Self::Subscribe => "authentication:4",
            Self::Extend => "authentication:6",
            Self::Token => "authentication:9",
            Self::Revoke => "authentication:11",
            Self::CallGeneric => "call:2",
            Self::CallMedia => "call:4",
            Self::CallState => "call:6",
            Self::CallArgument => "call:7",
            Self::CallOffer => "call:9",
            Self::CallMismatch => "call:10",
            Self::Busy => "engine:3",
            Self::Status(_) | Self::NoCode => "NO_CODE",
        }
    }
}

/// Codes of the server stay numbers (api-behaviour 21).
impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Status(n) => serializer.serialize_i64(*n),
            other => serializer.serialize_str(other.text()),
        }
    }
}

impl Serialize for Error {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct as _;
        let mut object = serializer.serialize_struct("Error", 3)?;
        object.serialize_field("name", "BasicError")?;
        object.serialize_field("code", &self.code)?;
        object.serialize_field("message", &self.message)?;
        object.end()
    }
}
