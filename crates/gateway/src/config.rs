//! Flags, environment and file, in this order of precedence, down to what the gateway needs to know.

use std::{path::PathBuf, sync::Arc, time::Duration};

use kandy_switch::{Accounts, Policy};

use crate::{
    audit,
    client::Proxies,
    origins::Origins,
    push::WebhookUrl,
    secrets::Secret,
    serve::{Bounds, tls::Certificate},
    sign_in::{Book, Limits},
    store::DatabaseUrl,
    turn::Turn,
};

mod demo;
mod error;
mod flags;
mod settings;

pub use error::ConfigError;
pub use flags::{Command, Flags};
pub use settings::{SECRETS, Settings};

/// What [`crate::run`] needs.
pub struct Config {
    /// Who may log in.
    pub accounts: Accounts,
    /// Whether there is the demo account of the provisioning API, whose secret everybody knows.
    pub demo: bool,
    /// Hashes of passwords, of those accounts that do not say theirs.
    pub book: Book,
    /// When wrong passwords cost time.
    pub sign_in: Limits,
    /// Days for which lines of the audit log are kept.
    pub audit_days: u32,
    /// The proxies that are believed when they say whom they speak for (`x-forwarded-for`).
    pub trusted_proxies: Proxies,
    /// Times and bounds.
    pub policy: Policy,
    /// The key of those who make `x-token`s (protocol §1.9); without it such tokens are refused.
    pub hmac_key: Option<Secret>,
    /// The key with which the operator's own systems say how many messages wait in a mailbox; without it nobody can.
    pub operator_key: Option<Secret>,
    /// The relays that share a secret with this gateway (protocol §2.8); without it no credentials open one.
    pub turn: Option<Turn>,
    /// Where pushes are handed to (protocol §9.3); without it registered devices are not woken.
    pub push_webhook: Option<WebhookUrl>,
    /// Folder of the SQLite database, which has all that is kept; it exists. Without it, and without a database, nothing is left.
    pub data: Option<PathBuf>,
    /// PostgreSQL, in place of SQLite.
    pub database: Option<DatabaseUrl>,
    /// Largest file of a message, in bytes.
    pub max_file: u64,
    /// Folder that is served at `/`.
    pub www: Option<PathBuf>,
    /// Folder that is served at `/kandy-wasm/`.
    pub sdk: Option<PathBuf>,
    /// The bounds of connections.
    pub bounds: Bounds,
    /// With one, all connections are encrypted.
    pub certificate: Option<Arc<Certificate>>,
    /// Which pages may use it.
    pub allowed_origins: Origins,
    /// How long the gateway goes on after it was told to end.
    pub drain: Duration,
}

impl Default for Config {
    /// Nobody may log in, and everything else is as the command line has it by default.
    fn default() -> Self {
        Self {
            accounts: Accounts::default(),
            demo: false,
            book: Book::default(),
            sign_in: Limits::default(),
            audit_days: audit::DAYS,
            trusted_proxies: Proxies::default(),
            policy: Policy::default(),
            hmac_key: None,
            operator_key: None,
            turn: None,
            push_webhook: None,
            data: None,
            database: None,
            max_file: MAX_FILE,
            www: None,
            sdk: None,
            bounds: Bounds::default(),
            certificate: None,
            allowed_origins: Origins::default(),
            drain: Duration::ZERO,
        }
    }
}

/// Largest file of a message where nothing else is said, in bytes: some photographs, or a minute of video.
const MAX_FILE: u64 = 10 << 20;
