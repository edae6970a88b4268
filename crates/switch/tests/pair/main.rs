//! Real core clients against the real switch, in memory, on a virtual clock: first told stories, then random ones.
//!
//! Random schedules: the short run plays 10,000, always the same ones, so that the same code gets the same verdict. With
//! `PAIR_SCHEDULES=…` that many are played from a new seed each time; `PAIR_SEED=…` names the first seed. The seed of a
//! schedule that fails is printed; `PAIR_SEED=… PAIR_SCHEDULES=1` plays it again.
//! Those of logins and faults are `SESSION_SCHEDULES` and `SESSION_SEED`.

#![cfg(test)]
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the runner of the random schedules reads the environment and the clock; what it runs does not"
)]

mod coverage;
mod fake_peer;
mod faults;
mod network;
mod page;
mod phone;
mod quirks;
mod random;
mod random_session;
mod settings;
mod stories;
mod traces;
mod world;
