//! The brain of messages, presence and people, without a browser: one module for each namespace, and the recordings of released
//! clients.

#![cfg(test)]

mod page;
mod presence;
mod traces;
