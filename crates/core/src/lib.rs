//! What happens: every rule of the session, of calls and of media, without a browser, a socket, a clock or a random source.
//!
//! # The contract
//!
//! [`Client::handle`] takes the time and one [`Input`] and returns the [`Effect`]s to carry out, in their order. Inputs are
//! commands of the application, and facts: what the network, the browser's peer connection, the devices and the timers
//! reported. Effects that will be answered carry an [`OpId`], and the answer comes back with it; an answer that nobody waits
//! for any more is dropped, but for what has to be given back: a track that was granted too late is stopped.
//!
//! Whoever carries out effects (the hands, `src/` of the workspace; a test) may not feed an input while it carries out the
//! effects of another one: it queues.
//!
//! # The parts
//!
//! | module | decides |
//! | --- | --- |
//! | `client` | which machine an input belongs to; nothing else |
//! | `call` | the machines of one call, in signalling terms: invite, ringing, answer, end |
//! | `media` | which tracks there are, whose they are, where they are shown |
//! | `link` | the Link and UC adapter: it alone knows URLs, JSON and the WebSocket |
//! | [`people`] | what the engine of messaging and presence is told and lent |
//! | `promises` | when an operation that the application waits for has ended |
//! | `signal` | the terms that calls and an adapter speak with each other |
//! | [`command`], [`query`], [`event`], [`error`], [`config`] | what the application says and hears |
//! | [`input`], [`effect`], [`ids`] | what the hands say and hear |
//! | [`transport`] | what becomes of descriptions before the browser sets them |

mod address;
mod call;
mod client;
pub mod command;
pub mod config;
pub mod effect;
pub mod error;
pub mod event;
pub mod ids;
pub mod input;
mod limits;
mod link;
mod media;
pub mod people;
mod plain;
mod promises;
pub mod query;
mod signal;
mod table;
pub mod transport;

pub use client::Client;
pub use command::Command;
pub use config::Config;
pub use effect::{Effect, Effects};
pub use error::Error;
pub use event::Event;
pub use ids::{CallId, Now, OpId, PeerId, SocketId, TrackId};
pub use input::Input;
pub use query::{Answer, Query};
pub use table::Table;
