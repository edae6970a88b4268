//! The brain of messages, presence and people, without a browser: one module for each namespace, and the recordings of released
//! clients.
//!
//! Random schedules: the short run plays 2,000, always the same ones. `PEOPLE_SCHEDULES=…` plays that many, `PEOPLE_SEED=…` names
//! the first seed. The seed of a schedule that fails is printed; `PEOPLE_SEED=… PEOPLE_SCHEDULES=1` plays it again.

#![cfg(test)]
#![expect(clippy::disallowed_methods, reason = "the random schedules read the environment; what they play does not")]

mod fuzz;
mod history;
mod interface;
mod managing;
mod messaging;
mod outbox;
mod page;
mod people;
mod player;
mod presence;
mod random;
mod receiving;
mod sip;
mod traces;
