//! The brain of messages, presence and people, without a browser: one module for each namespace.

mod page;
mod presence;
