//! Recorded servers, played to our client. The recordings are in `tests/quirks` and `tests/recordings`.
//!
//! To those that misbehave on purpose (`quirk-…`) it has to do what api-behaviour.md wants (what follows the arrow there), not
//! what the recorded client did. In logins, with tokens, on the socket, with notifications and push it has to tell what the
//! recorded client told; `meant` lists where ours deliberately does something else.

mod asked;
mod calls;
mod channel;
mod clock;
mod holds;
mod logins;
mod meant;
mod notices;
mod player;
mod recording;
mod refusals;
mod seen;
mod session;
mod tokens;

use player::Player;
