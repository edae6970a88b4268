//! One message as it is kept and shown.

use kandy_wire::{Map, Value};

use crate::{Error, plain};

/// One message of a conversation.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Message {
    /// What the face calls it, if it was sent from here.
    pub(crate) local: Option<String>,
    /// The server's id, once there is one.
    pub(crate) id: Option<String>,
    /// Milliseconds since the epoch.
    pub(crate) time: u64,
    /// Whether the server has yet to take it.
    pub(crate) pending: bool,
    pub(crate) read: bool,
    /// It came with a history that has no read marks: nobody knows whether it is new.
    pub(crate) uncounted: bool,
    /// Whether the own user has sent it.
    pub(crate) own: bool,
    pub(crate) sender: Option<String>,
    pub(crate) parts: Vec<Value>,
    pub(crate) error: Option<Error>,
}

impl Message {
    /// Whether it is the one that the application means: by the server's id, or by what the face calls it.
    pub(crate) fn is(&self, id: &str) -> bool {
        self.id.as_deref() == Some(id) || self.local.as_deref() == Some(id)
    }

    /// Whether it is somebody else's and has not been read.
    pub(crate) fn is_new(&self) -> bool {
        !self.own && !self.read && !self.uncounted
    }

    /// The id by which the application finds it.
    pub(crate) fn name(&self) -> Option<&str> {
        self.id.as_deref().or(self.local.as_deref())
    }

    /// As `getMessages()` shows it; `kind` is the type of its conversation. `localId` is for the face, which made it.
    pub(crate) fn to_value(&self, kind: &str) -> Value {
        let mut members = Map::new();
        plain::put(&mut members, "timestamp", self.time);
        plain::put(&mut members, "isPending", self.pending);
        plain::put(&mut members, "read", self.read);
        plain::put(&mut members, "own", self.own);
        plain::put(&mut members, "parts", self.parts.clone());
        plain::put(&mut members, "type", kind);
        plain::put_some(&mut members, "sender", self.sender.as_deref());
        plain::put_some(&mut members, "localId", self.local.as_deref());
        match &self.id {
            Some(id) => plain::put(&mut members, "messageId", id.as_str()),
            None if !self.pending => plain::put(&mut members, "messageId", Value::Null),
            None => {}
        }
        plain::put_some(&mut members, "error", self.error.as_ref().map(Error::to_value));
        Value::Object(members)
    }
}
