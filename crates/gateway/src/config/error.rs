//! Why a gateway does not start, as those who start it read it.

use std::{net::SocketAddr, path::PathBuf};

use super::settings::{MAX_DRAIN, MAX_RESUME};
use crate::{
    origins::NoOrigin,
    serve::tls::CertificateError,
    sign_in::BookError,
    turn::{MAX_TTL, MIN_TTL},
};

/// Why the gateway cannot start.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A setting that cannot be read.
    #[error("the settings cannot be used: {0}")]
    Settings(#[from] Box<figment::Error>),
    /// A file that is named and not there.
    #[error("the settings file {0} does not exist")]
    NoFile(PathBuf),
    /// No accounts.
    #[error(
        "nobody could log in: name a file of accounts with --accounts, set KANDY_OPERATOR_KEY to make some later, \
         or use --dev for demo accounts"
    )]
    NoAccounts,
    /// Demo accounts where others could reach them.
    #[error(
        "--dev has passwords that everybody knows, so it listens on loopback addresses only; give --accounts to listen on {0}"
    )]
    PublicDev(SocketAddr),
    /// A certificate without a key, or the other way round.
    #[error("--tls-cert and --tls-key belong together: give both or none")]
    HalfCertificate,
    /// A certificate that cannot be used.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// No TLS where others could listen in.
    #[error(
        "without TLS everybody on the way reads passwords and calls: give --tls-cert and --tls-key to listen on {0}, or --insecure-http if a proxy in front of it speaks TLS"
    )]
    PlainHttp(SocketAddr),
    /// An origin that is none.
    #[error("--allowed-origins: {0}")]
    Origin(#[from] NoOrigin),
    /// No room for anybody.
    #[error("--connections takes 1 or more")]
    NoConnections,
    /// A file of accounts that cannot be read.
    #[error("the accounts in {0} cannot be read: {1}")]
    Unreadable(PathBuf, std::io::Error),
    /// A file of accounts that makes no sense.
    #[error("{0}: {1}")]
    Accounts(PathBuf, BookError),
    /// A time that is too long.
    #[error("--resume takes 0 to {MAX_RESUME} seconds, not {0}")]
    Resume(u64),
    /// The same.
    #[error("--drain takes 0 to {MAX_DRAIN} seconds, not {0}")]
    Drain(u64),
    /// A time that is too short or too long.
    #[error("--turn-ttl takes {MIN_TTL} to {MAX_TTL} seconds, not {0}")]
    TurnTtl(u64),
    /// A number that is too small or too large.
    #[error("--{0} takes 1 to {1}")]
    Range(&'static str, u32),
    /// Proxies that are no addresses.
    #[error("--trusted-proxies takes addresses and networks, separated by commas, like 10.0.0.0/8,192.0.2.1")]
    Proxies,
    /// A key that is too easy to guess.
    #[error("the {0} key is too short: it needs 20 characters")]
    ShortKey(&'static str),
    /// An address that is none.
    #[error("the address of the push webhook must begin with http:// or https://")]
    Webhook,
    /// The same.
    #[error(
        "the database must be a PostgreSQL address, postgres://USER:PASSWORD@HOST/NAME, with known parameters if any"
    )]
    Database,
    /// A folder that cannot be made.
    #[error("the folder {0} cannot be made: {1}")]
    Folder(PathBuf, std::io::Error),
}
