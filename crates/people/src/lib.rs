//! Messages, presence, contacts, directory, call history, voice mail, SIP events and click-to-call: every rule of them, without a
//! browser, a socket, a clock or a random source.
//!
//! # The contract
//!
//! [`People::handle`] takes the time and one [`Input`] and returns the [`Effect`]s to carry out, in their order. Every
//! [`Effect::Ask`] is answered exactly once by [`Input::Answer`] with its number; an answer that nobody waits for any more is
//! dropped. [`People::query`] reads and changes nothing.
//!
//! Login, WebSocket and the duplicate filter are somebody else's: what matters of them comes in as [`Input::Session`] and
//! [`Input::Notice`].
//!
//! # The parts
//!
//! | module | decides |
//! | --- | --- |
//! | `people` | which machine an input belongs to; nothing else |
//! | `messaging` | conversations, what is sent and when, what was received |
//! | `presence`, `contacts`, `directory`, `history`, `voicemail`, `sip_events`, `click_to_call` | one namespace each |
//! | `asks` | which request is made when |
//! | `outcome` | what an answer means |
//! | `operations` | when an operation that the application waits for has ended |
//! | [`input`], [`effect`], [`command`], [`error`] | what goes in and comes out |

mod asks;
mod click_to_call;
pub mod command;
mod contacts;
mod directory;
pub mod effect;
pub mod error;
mod history;
mod ids;
pub mod input;
mod limits;
mod messaging;
mod operations;
mod order;
mod outcome;
mod people;
mod plain;
mod presence;
mod sip_events;
mod voicemail;

pub use command::{Chat, Command};
pub use effect::{Effect, Level, Request, TimerId, To, Upload};
pub use error::Error;
pub use ids::{AskId, FileId, Now, OpId};
pub use input::{Failure, Flavour, Input, Response, Session};
pub use messaging::Part;
pub use people::People;
