//! A real server on a port of its own, with real HTTP and WebSocket clients.

#![cfg(test)]

mod access;
mod arrivals;
mod contacts;
mod course;
mod differences;
mod directory;
mod history;
mod http;
mod logins;
mod mailbox;
mod messages;
mod partner;
mod people;
#[path = "../place/mod.rs"]
mod place;
mod presence;
mod push;
mod recording;
mod replay;
mod replays;
mod restart;
mod resume;
mod server;
mod threads;
mod tokens;
mod uploads;
mod ws;
