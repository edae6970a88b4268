//! What the shell hands in and what it gets: requests and responses, sockets and what is to be done with them.

use serde::{Deserialize, Serialize};

use crate::{
    fault::{Fault, code},
    routes,
};

/// Milliseconds since the epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Now(pub u64);

/// A WebSocket, as numbered by the shell; a number is used for one socket only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SocketId(pub u64);

/// An HTTP request as it was received.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// Upper case.
    pub method: &'a str,
    /// Absolute path, not decoded.
    pub path: &'a str,
    /// Query without its `?`, not decoded.
    pub query: &'a str,
    /// Headers with lower-case names.
    pub headers: &'a [(&'a str, &'a str)],
    /// The client's address, without port (§4.1, rule 3).
    pub peer: &'a str,
    /// Empty when there is none.
    pub body: &'a str,
}

impl<'a> Request<'a> {
    /// The first header of this (lower-case) name.
    pub(crate) fn header(&self, name: &str) -> Option<&'a str> {
        self.headers.iter().find(|(key, _)| *key == name).map(|(_, value)| *value)
    }
}

/// An HTTP response.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Always JSON here (§0.7, G1).
    pub content_type: &'static str,
    /// The JSON text.
    pub body: String,
}

/// Bodies hold tokens, which do not reach a log through `{:?}`.
impl std::fmt::Debug for Response {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Response").field("status", &self.status).finish_non_exhaustive()
    }
}

impl Response {
    /// The refusal of a request that never reaches a switch (too large, unreadable), in the wrapper of its path.
    ///
    /// `status` is the HTTP status, 4xx; `reason` a sentence for people.
    pub fn refusal(method: &str, path: &str, status: u16, reason: &'static str) -> Self {
        let (family, _) = routes::read(method, path);
        Fault::new(status, code::BAD_REQUEST, reason).response(family)
    }

    pub(crate) fn json(status: u16, body: String) -> Self {
        Self { status, content_type: "application/json", body }
    }

    /// A success with this body.
    pub fn ok<T: serde::Serialize>(body: &T) -> Self {
        Self::json(200, kandy_wire::encode(body))
    }
}

/// Something for the shell to do with a socket.
#[derive(Clone, PartialEq, Eq)]
pub enum Delivery {
    /// Write a text frame.
    Frame {
        /// To this socket.
        socket: SocketId,
        /// This text.
        text: String,
    },
    /// Call [`crate::Switch::socket_ready`] once everything before this was written.
    Mark {
        /// To this socket.
        socket: SocketId,
    },
    /// Close a socket; the shell still reports [`crate::Switch::socket_closed`] or not, as it likes.
    Close {
        /// This socket.
        socket: SocketId,
        /// WebSocket close code.
        code: u16,
    },
}

/// Frames hold SDP and session ids, which do not reach a log through `{:?}`.
impl std::fmt::Debug for Delivery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Frame { socket, text } => write!(f, "Frame({}, {} bytes)", socket.0, text.len()),
            Self::Mark { socket } => write!(f, "Mark({})", socket.0),
            Self::Close { socket, code } => write!(f, "Close({}, {code})", socket.0),
        }
    }
}
