//! What the application of a client is told, and when.

use kandy_core::{CallId, Event};
use tokio::time::Instant;

use crate::board::Status;

/// Something that a client told.
#[derive(Debug)]
pub(crate) struct Noted {
    /// Which client, by number.
    pub(crate) client: usize,
    pub(crate) at: Instant,
    pub(crate) note: Note,
}

/// What was told.
#[derive(Debug)]
pub(crate) enum Note {
    /// The connection is another one, and why.
    Status(Status, Option<String>),
    /// `call:receive`
    Rings(CallId),
    /// `call:stateChange` to `Connected`.
    Connected(CallId),
    /// `call:stateChange` to `Ended`, and the server's words.
    Ended(CallId, Option<String>),
    /// `call:error`
    Failed(CallId, String),
}

impl Note {
    /// What this event means for a call, if it is one that somebody waits for.
    pub(crate) fn of(event: Event) -> Option<Self> {
        match event {
            Event::CallReceive(event) => Some(Self::Rings(event.call_id)),
            Event::CallError(event) => Some(Self::Failed(event.call_id, event.error.map(|e| e.to_string())?)),
            // By the names of 3.x, the only ones that the event has.
            Event::CallStateChange(event) => match event.state {
                "IN_CALL" => Some(Self::Connected(event.call_id)),
                "ENDED" => {
                    Some(Self::Ended(event.call_id, event.transition.and_then(|transition| transition.reason_text)))
                }
                _ => None,
            },
            _ => None,
        }
    }
}
