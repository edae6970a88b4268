//! What a run is made of: how many clients, who they are, how they are configured. All of it follows from the command line.

use std::net::Ipv4Addr;

use clap::Args;
use kandy_core::{Config, command::Credentials, ids::Ids};
use serde_json::{Value, json};

use crate::source;

/// Clients at a time. Each has a WebSocket and at most one HTTP connection: together they stay below the 10,000 connections
/// that a gateway takes, and below the 20,000 files that a process often may have open.
pub const MOST_CLIENTS: i64 = 4_900;

/// The part of the command line that every scenario has.
#[derive(Debug, Clone, Args)]
pub struct Plan {
    /// Clients; every other one logs in the UC way, the rest the Link way
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=MOST_CLIENTS))]
    pub clients: u32,
    /// Logins (and logouts) per second, whether or not the gateway keeps up; 0 is all at once
    #[arg(long, value_name = "PER-SECOND", default_value_t = 0)]
    pub rate: u32,
    /// From this follow the passwords and all that the engines draw at random
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,
    /// How long each step may take
    #[arg(long, value_name = "SECONDS", default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub wait: u64,
    /// authentication.subscription.expires of the clients: they extend after half of it, 30 s at the earliest
    #[arg(long, value_name = "SECONDS", default_value_t = 3_600)]
    pub expires: u64,
    /// connectivity.pingInterval of the clients: how often they check their socket
    #[arg(long, value_name = "MS", default_value_t = 30_000)]
    pub ping_interval: u64,
    /// connectivity.reconnectDelay of the clients: the first pause between two attempts to open a socket
    #[arg(long, value_name = "MS", default_value_t = 5_000)]
    pub reconnect_delay: u64,
}

/// One client, as it is before it is driven.
#[derive(Debug)]
pub(crate) struct Person {
    pub(crate) config: Config,
    pub(crate) credentials: Credentials,
    pub(crate) seed: u64,
    /// Where its connections come from, where that can be chosen.
    pub(crate) source: Option<Ipv4Addr>,
}

impl Person {
    /// What it logs in as.
    pub(crate) fn user(&self) -> String {
        self.credentials.username.clone().unwrap_or_default()
    }
}

impl Plan {
    /// The accounts file that a gateway needs for this plan, as JSON.
    pub fn accounts(&self) -> String {
        let account = |(_, user, password): (u64, String, String)| json!({"user": user, "password": password});
        Value::Array(self.draw().map(account).collect()).to_string()
    }

    /// How many of the clients log in the UC way.
    pub(crate) fn uc(&self) -> u32 {
        self.clients.div_ceil(2)
    }

    /// The clients, for a gateway on this port of the loopback address.
    pub(crate) fn people(&self, port: u16) -> Vec<Person> {
        self.people_of("call", port)
    }

    /// The same with this service.
    pub(crate) fn people_of(&self, service: &str, port: u16) -> Vec<Person> {
        let flavours = [Flavour::Uc, Flavour::Link].map(|flavour| self.config(flavour, port, service));
        let people = self.draw().zip(flavours.iter().cycle()).enumerate();
        let person = |(number, ((seed, user, password), config)): (usize, ((u64, String, String), &Config))| Person {
            config: config.clone(),
            credentials: Credentials::from_value(&json!({"username": user, "password": password})),
            seed,
            source: source::of(number),
        };
        people.map(person).collect()
    }

    /// For each client the seed of its engine, its name and its password.
    fn draw(&self) -> impl Iterator<Item = (u64, String, String)> {
        let mut ids = Ids::new(self.seed);
        (1..=self.clients).map(move |number| (ids.below(u64::MAX), format!("load-{number}@example.com"), ids.uuid()))
    }

    fn config(&self, flavour: Flavour, port: u16, service: &str) -> Config {
        let connectivity = json!({"pingInterval": self.ping_interval, "reconnectDelay": self.reconnect_delay});
        config(flavour, port, service, self.expires, &connectivity)
    }
}

/// The configuration of a client whose gateway listens on this port of the loopback address. `expires` is in seconds.
pub(crate) fn config(flavour: Flavour, port: u16, service: &str, expires: u64, connectivity: &Value) -> Config {
    // The version tells the flavours apart where name and password fit both (protocol §0.1).
    let version = match flavour {
        Flavour::Uc => "v2.0",
        Flavour::Link => "1",
    };
    Config::from_value(&json!({
        "authentication": {
            "subscription": {
                "protocol": "http", "server": "127.0.0.1", "port": port, "version": version,
                "service": [service], "expires": expires,
            },
            "websocket": {"protocol": "ws", "server": "127.0.0.1", "port": port},
        },
        "connectivity": connectivity,
    }))
}

/// By which protocol a client logs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flavour {
    Uc,
    Link,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn plan(seed: u64) -> Plan {
        Plan { clients: 5, rate: 0, seed, wait: 1, expires: 60, ping_interval: 1_000, reconnect_delay: 100 }
    }

    #[test]
    fn accounts_and_people_are_the_same_and_follow_from_the_seed() {
        let accounts: Value = serde_json::from_str(&plan(7).accounts()).unwrap();
        let people = plan(7).people(80);
        assert_eq!(people.len(), 5);
        for (account, person) in accounts.as_array().unwrap().iter().zip(&people) {
            assert_eq!(account["user"].as_str(), person.credentials.username.as_deref());
            assert_eq!(account["password"].as_str(), person.credentials.password.as_deref());
        }
        assert_eq!(people.iter().map(|person| person.seed).collect::<BTreeSet<_>>().len(), 5);
        assert_eq!(plan(7).accounts(), plan(7).accounts());
        assert_ne!(plan(7).accounts(), plan(8).accounts());
    }

    #[test]
    fn flavours_take_turns_and_uc_begins() {
        let version = |person: &Person| person.config.authentication.subscription.version.clone().unwrap();
        let versions: Vec<String> = plan(1).people(80).iter().map(version).collect();
        assert_eq!(versions, ["v2.0", "1", "v2.0", "1", "v2.0"]);
        assert_eq!(plan(1).uc(), 3);
    }
}
