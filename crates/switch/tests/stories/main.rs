//! Stories told through the switch's public face: requests and sockets in, responses and deliveries out, on a clock that
//! the test turns.

#![cfg(test)]

mod access;
mod calls;
mod click;
mod consult;
mod counts;
mod devices;
mod events;
mod leaving;
mod logins;
mod notices;
mod ordering;
mod presence;
mod push;
mod random;
mod realms;
mod records;
mod restart;
mod resume;
mod sessions;
mod transfer;
mod world;
