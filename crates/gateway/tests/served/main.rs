//! A real server on a port of its own, with real HTTP and WebSocket clients.

#![cfg(test)]

mod access;
mod arrivals;
mod bounds;
mod contacts;
mod course;
mod customers;
mod differences;
mod directory;
mod history;
mod http;
mod logins;
mod mailbox;
mod messages;
mod openapi;
mod operation;
mod partner;
mod people;
#[path = "../place/mod.rs"]
mod place;
mod presence;
mod provisioning;
mod push;
mod realms;
mod recording;
mod relays;
mod replay;
mod replays;
mod restart;
mod resume;
mod server;
mod sign_in;
mod threads;
mod tls;
mod tokens;
mod uploads;
mod ws;
