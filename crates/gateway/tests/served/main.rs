//! A real server on a port of its own, with real HTTP and WebSocket clients.

#![cfg(test)]

mod differences;
mod http;
mod recording;
mod replay;
mod server;
mod ws;
