//! What the people engine is told, and what it is lent.
//!
//! Messaging, presence, contacts and the like are an engine of their own (`crates/people`), which a page loads when it needs
//! it. This one has the login, the socket and the calls: it tells the other one who is logged in, which calls have ended and
//! which notifications are not about calls, and it lends addresses together with what shows whose a request is.

use serde::Serialize;

use crate::{CallId, Now};

/// What it is told. Notifications come to it as the application gets them ([`crate::Event::NotificationReceived`]).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type")]
pub enum Tell {
    /// Somebody else is logged in, or the connection was lost or is back; `None`: nobody is.
    #[serde(rename = "people:session")]
    Session {
        /// Who is logged in.
        session: Option<Standing>,
    },
    /// A call ended that belongs into the history.
    #[serde(rename = "people:call")]
    Call {
        /// Which.
        record: Box<CallRecord>,
    },
}

/// Who is logged in.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Standing {
    /// Grows with every subscription: the server knows nothing of what an earlier one asked for.
    pub login: u32,
    /// `link` or `uc`
    pub flavour: &'static str,
    /// As given to `connect`.
    pub username: String,
    /// What the server granted.
    pub services: Vec<String>,
    /// Life of the subscription in seconds.
    pub expires: Option<u64>,
    /// Notifications arrive now.
    pub connected: bool,
    /// The server knows messages by the ids that we give them ([`kandy_wire::session::MESSAGE_IDS`]).
    pub once: bool,
}

/// A call that has ended, for the call history (api-behaviour 10).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CallRecord {
    /// Which call.
    pub call_id: CallId,
    /// `outgoing`, `incoming` or `missed`
    pub direction: &'static str,
    /// When it was connected, or else when it ended.
    pub start_time: Option<Now>,
    /// When it ended.
    pub end_time: Option<Now>,
    /// When it was connected, if it was.
    pub connected_time: Option<Now>,
    /// The own user.
    pub own: Party,
    /// The other side.
    pub remote: Party,
}

/// One side of a [`CallRecord`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Party {
    /// `user@domain`
    pub number: String,
    /// Display name, where one is known.
    pub name: Option<String>,
}

/// What a request of the people engine is for; decides what stands before its path (protocol §0.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Below `…/rest/version/{v}/user/{username}/`
    User,
    /// The same with the version as it is configured, also that of the UC service.
    Configured,
    /// Below `…/{version of the service}/`
    Service,
    /// Below `…/rest/version/{v}/`
    Server,
    /// The path is an absolute URL that the server gave.
    Url,
}

impl Place {
    /// By its name in the people engine's requests.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "user" => Self::User,
            "configured" => Self::Configured,
            "service" => Self::Service,
            "server" => Self::Server,
            "url" => Self::Url,
            _ => return None,
        })
    }
}

/// Where a request goes to, and what shows whose it is.
#[derive(Clone, PartialEq, Serialize)]
pub struct Address {
    /// Absolute, with its query.
    pub url: String,
    /// Names in lower case, and values.
    pub headers: Vec<(&'static str, String)>,
}

/// Holds credentials.
impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Address").finish_non_exhaustive()
    }
}
