//! The command line.

use std::{net::SocketAddr, path::PathBuf};

use clap::Parser;
use serde::Serialize;

use crate::operation::log::LogFormat;

/// The command line. Every flag can also be set by `KANDY_` and its name, or in the file. Secrets are set there only.
#[derive(Parser, Serialize)]
#[command(
    name = "kandy-gateway",
    version,
    about = "The gateway of kandy-wasm: calls between browsers, and a demo page.",
    after_help = "Logins with signed tokens need KANDY_HMAC_KEY in the environment, or hmac_key in the file; \
                  the operator's addresses need KANDY_OPERATOR_KEY, or operator_key; \
                  relays that clients get credentials for need KANDY_TURN_SECRET, or turn_secret; \
                  PostgreSQL in place of SQLite needs its URL in KANDY_DATABASE, or database."
)]
pub struct Flags {
    /// What to do; without one, the gateway serves
    #[command(subcommand)]
    #[serde(skip)]
    pub command: Option<Command>,
    /// TOML file with the same names, for example: listen = "127.0.0.1:8080"
    #[arg(long, value_name = "FILE", env = "KANDY_CONFIG", global = true)]
    #[serde(skip)]
    pub(super) config: Option<PathBuf>,
    /// Address and port to listen on [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR:PORT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    listen: Option<SocketAddr>,
    /// Demo accounts, and the folders www/ and pkg/ for the demo page; only on a loopback address
    #[arg(long)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    dev: bool,
    /// JSON list of accounts
    #[arg(long, value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    accounts: Option<PathBuf>,
    /// Folder to serve at /
    #[arg(long, value_name = "DIR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    www: Option<PathBuf>,
    /// Folder to serve at /kandy-wasm/
    #[arg(long, value_name = "DIR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    sdk: Option<PathBuf>,
    /// Folder for what the gateway keeps: the SQLite database kandy.sqlite, unless there is another one; accounts.json, used
    /// when --accounts is not given
    #[arg(long, value_name = "DIR", global = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<PathBuf>,
    /// How long notifications are kept for a client that lost its socket and resumes; 0 to 86400, 0 lets none resume
    /// [default: 300]
    #[arg(long, value_name = "SECONDS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    resume: Option<u64>,
    /// Wrong passwords for one user name before it has to wait for the next try; 1 to 1000 [default: 5]
    #[arg(long, value_name = "COUNT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    user_tries: Option<u32>,
    /// Wrong passwords and keys from one address before it has to wait; 1 to 100000 [default: 20]
    #[arg(long, value_name = "COUNT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    address_tries: Option<u32>,
    /// How long lines of the audit log are kept; 1 to 3650 [default: 180]
    #[arg(long, value_name = "DAYS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    audit_days: Option<u32>,
    /// Addresses and networks of proxies that are believed in x-forwarded-for and x-forwarded-proto, separated by commas; this machine's own by default
    #[arg(long, value_name = "ADDR,ADDR/BITS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    trusted_proxies: Option<String>,
    /// Largest file that a message may have [default: 10485760]
    #[arg(long, value_name = "BYTES")]
    #[serde(skip_serializing_if = "Option::is_none")]
    max_file: Option<u64>,
    /// http:// or https:// address to which pushes are handed for devices that are registered and have no socket
    #[arg(long, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    push_webhook: Option<String>,
    /// How long credentials for relays are good; 3600 to 2592000 [default: 604800]
    #[arg(long, value_name = "SECONDS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    turn_ttl: Option<u64>,
    /// PEM file of the certificate and those that lead to it; then the gateway speaks TLS, and reads it anew when it changes
    #[arg(long, value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    tls_cert: Option<PathBuf>,
    /// PEM file of the certificate's private key
    #[arg(long, value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    tls_key: Option<PathBuf>,
    /// Listen without TLS on an address that is not a loopback one: a proxy in front of it speaks TLS
    #[arg(long)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    insecure_http: bool,
    /// Origins of the pages that may use the gateway, each a scheme, `://` and a host, with commas between them
    /// [default: any]
    #[arg(long, value_name = "ORIGINS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed_origins: Option<String>,
    /// Connections at a time, sockets included; the system must allow some more open files [default: 10000]
    #[arg(long, value_name = "NUMBER")]
    #[serde(skip_serializing_if = "Option::is_none")]
    connections: Option<u32>,
    /// Connections at a time from one address, 0 for any number [default: 500]
    #[arg(long, value_name = "NUMBER")]
    #[serde(skip_serializing_if = "Option::is_none")]
    connections_per_address: Option<u32>,
    /// Log level or filter: error, warn, info, debug, trace [default: info]
    #[arg(long, value_name = "LEVEL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    log: Option<String>,
    /// Form of a line of the log [default: text]
    #[arg(long, value_name = "FORM")]
    #[serde(skip_serializing_if = "Option::is_none")]
    log_format: Option<LogFormat>,
    /// Address and port of a listener of its own for /metrics, /healthz and /readyz, without TLS: for a private network
    #[arg(long, value_name = "ADDR:PORT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    metrics: Option<SocketAddr>,
    /// How long the gateway goes on after SIGTERM, with /readyz saying no, before it ends; 0 to 3600 [default: 0]
    #[arg(long, value_name = "SECONDS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    drain: Option<u64>,
}

/// What else the command does.
#[derive(clap::Subcommand)]
pub enum Command {
    /// Reads a password and writes its hash, for passwordHash in the file of accounts
    HashPassword,
    /// Writes a copy of the SQLite database, whether or not a gateway uses it meanwhile
    Backup {
        /// The copy, which must not be there yet
        file: PathBuf,
    },
    /// Looks for faults in the database, whether or not a gateway uses it meanwhile, and changes nothing; ends with 1 if there
    /// are some
    Check,
    /// Asks the gateway whether it lives, on the address of --metrics; ends with 1 if it does not say so
    Health,
}
