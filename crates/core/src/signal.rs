//! The terms that calls and a signalling adapter speak with each other. No URL, no JSON: a second adapter is written without
//! touching a call.

use kandy_wire::{SessionId, Value};

use crate::{Config, Effects, Error, Now, OpId, config::IceServer, query::Participant};

/// What a call wants the other side to hear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Signal {
    /// Call somebody.
    Invite { to: String, display_name: Option<String>, sdp: String },
    /// The callee's device rings.
    Ringing,
    /// The callee answers.
    Answer { sdp: String },
    /// A new offer in mid-call.
    Update { sdp: String },
    /// The answer to an offer in mid-call, or to a slow start our offer.
    UpdateAnswer { sdp: String },
    /// The callee declines.
    Reject,
    /// The callee lets somebody else ring.
    Forward { to: String },
    /// The other side is to talk to somebody else; `with` is the session of ours that it is to be connected with.
    Transfer { to: String, with: Option<SessionId> },
    /// Two calls become one with three parties; the answer names its session.
    Join { first: SessionId, second: SessionId, sdp: String },
    /// The call is over, or shall not come about.
    End,
    /// This side is still there.
    Audit,
}

/// What became of a signal.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Reply {
    /// Accepted; to an invitation with the id of the new session.
    Accepted(Option<SessionId>),
    /// Refused, or the server could not be reached.
    Refused { error: Error, gone: bool },
}

/// What a call hears from the other side.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Told {
    /// Somebody calls; without a description for a slow start.
    Invite { sdp: Option<String> },
    /// The other side rings.
    Ringing,
    /// The answer to our offer.
    Answer { sdp: String },
    /// An offer in mid-call; without a description for a slow start.
    Update { sdp: Option<String> },
    /// Our offer in mid-call met one of theirs; again after so many milliseconds.
    Glare { retry: u64 },
    /// Over.
    End { status: Option<Value>, reason: Option<String> },
    /// Handled by another device, or withdrawn.
    Cancel,
    /// A transfer or join that was accepted came to nothing; the call is as it was.
    Failed,
}

/// Who the server says takes part, whatever else it says. A call looks at the one that is not its own side.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Parties {
    pub caller: Remote,
    pub callee: Remote,
}

/// A party by number and name; the server may leave either out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Remote {
    pub number: Option<String>,
    pub name: Option<String>,
}

impl Remote {
    /// Takes over what was said, completing a number without domain by that of `own`.
    pub(crate) fn update(&self, participant: &mut Participant, own: &str) {
        if let Some(number) = self.number.as_deref().filter(|n| !n.is_empty()) {
            participant.display_number = crate::address::complete(number, own);
        }
        if let Some(name) = &self.name {
            participant.display_name = Some(name.clone());
        }
    }
}

/// The adapter, as calls see it.
pub(crate) trait Signalling {
    /// Whether notifications arrive now.
    fn hears(&self, now: Now, config: &Config) -> bool;

    /// The logged-in user, `user@domain`; `None` when nothing can be sent.
    fn user(&self) -> Option<&str>;
    /// The servers for a new peer connection.
    fn ice_servers(&self) -> Vec<IceServer>;
    /// Sends; the reply comes back under `op`.
    fn send(&mut self, op: OpId, session: Option<&SessionId>, signal: Signal, out: &mut Effects);
}
