//! Recorded servers that misbehave on purpose, played to our client: it has to do what api-behaviour.md wants (what follows the
//! arrow there), not what the recorded client did. The recordings are in `tests/quirks`.

mod asked;
mod calls;
mod clock;
mod holds;
mod player;
mod session;

use player::Player;
