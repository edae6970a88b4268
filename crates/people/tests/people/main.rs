//! The brain of messages, presence and people, without a browser: one module for each namespace, and the recordings of released
//! clients.

#![cfg(test)]

mod history;
mod messaging;
mod page;
mod people;
mod presence;
mod receiving;
mod sip;
mod traces;
