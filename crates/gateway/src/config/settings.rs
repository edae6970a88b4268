//! Flags over environment over file over defaults, and what the gateway needs to know from them.

use std::{
    io::Write,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use figment::{
    Figment,
    providers::{Env, Format, Serialized, Toml},
};
use kandy_switch::{Accounts, Policy};
use serde::Deserialize;

use super::{
    Config, ConfigError, Flags, MAX_FILE,
    demo::{DEMO, DEMO_PASSWORD, demo_accounts},
};
use crate::{
    audit,
    client::Proxies,
    operation::log::LogFormat,
    origins::Origins,
    push::WebhookUrl,
    secrets::Secret,
    serve::{Bounds, tls::Certificate},
    sign_in::{Book, Limits},
    store::DatabaseUrl,
    turn::{MAX_TTL, MIN_TTL, TTL, Turn},
};

/// Flags, environment, file and defaults, merged.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Log filter.
    pub log: String,
    /// Form of its lines.
    #[serde(default)]
    pub log_format: LogFormat,
    /// Where those who run the gateway ask.
    pub metrics: Option<SocketAddr>,
    drain: Option<u64>,
    #[serde(default, deserialize_with = "figment::util::bool_from_str_or_int")]
    dev: bool,
    accounts: Option<PathBuf>,
    www: Option<PathBuf>,
    sdk: Option<PathBuf>,
    /// Where the SQLite database is.
    pub(crate) data: Option<PathBuf>,
    resume: Option<u64>,
    max_file: Option<u64>,
    user_tries: Option<u32>,
    address_tries: Option<u32>,
    audit_days: Option<u32>,
    trusted_proxies: Option<String>,
    push_webhook: Option<Secret>,
    tls_cert: Option<PathBuf>,
    tls_key: Option<PathBuf>,
    #[serde(default, deserialize_with = "figment::util::bool_from_str_or_int")]
    insecure_http: bool,
    allowed_origins: Option<List>,
    connections: Option<u32>,
    connections_per_address: Option<u32>,
    /// No flag: the command line is for everybody to see.
    hmac_key: Option<Secret>,
    /// The same.
    operator_key: Option<Secret>,
    turn_ttl: Option<u64>,
    /// The same.
    turn_secret: Option<Secret>,
    /// The same: it may hold a password.
    database: Option<Secret>,
}

/// Some texts: a list in the file, or one text with commas.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(untagged)]
enum List {
    Text(String),
    Texts(Vec<String>),
}

impl List {
    fn texts(&self) -> Vec<&str> {
        match self {
            Self::Text(text) => text.split(',').collect(),
            Self::Texts(texts) => texts.iter().map(String::as_str).collect(),
        }
    }
}

/// The environment's name for the key of `x-token`s.
const HMAC_KEY: &str = "KANDY_HMAC_KEY";
/// The environment's name for the operator's key.
const OPERATOR_KEY: &str = "KANDY_OPERATOR_KEY";
/// The environment's name for the secret of relays.
const TURN_SECRET: &str = "KANDY_TURN_SECRET";
/// The environment's name for the address of the database.
const DATABASE: &str = "KANDY_DATABASE";

/// Settings that are secrets, by the environment's names; they have no flag.
pub const SECRETS: [&str; 4] = [HMAC_KEY, OPERATOR_KEY, TURN_SECRET, DATABASE];

/// Longest time for which notifications are kept, in seconds: the longest life of a subscription.
pub(super) const MAX_RESUME: u64 = 86_400;

/// Longest time for which the gateway goes on, in seconds: an hour, after which those who wait for it have given up.
pub(super) const MAX_DRAIN: u64 = 3_600;

impl Settings {
    /// Merges flags over environment over file over defaults.
    ///
    /// # Errors
    /// [`ConfigError`] when the file is missing or a value is no good.
    pub fn read(flags: &Flags) -> Result<Self, ConfigError> {
        const NAMES: &[&str] = &[
            "listen",
            "dev",
            "accounts",
            "www",
            "sdk",
            "data",
            "resume",
            "max_file",
            "push_webhook",
            "tls_cert",
            "tls_key",
            "insecure_http",
            "allowed_origins",
            "connections",
            "connections_per_address",
            "turn_ttl",
            "log",
            "log_format",
            "metrics",
            "drain",
            "user_tries",
            "address_tries",
            "audit_days",
            "trusted_proxies",
        ];
        let mut figment =
            Figment::from(Serialized::default("listen", "127.0.0.1:8080")).merge(Serialized::default("log", "info"));
        if let Some(file) = &flags.config {
            if !file.is_file() {
                return Err(ConfigError::NoFile(file.clone()));
            }
            figment = figment.merge(Toml::file_exact(file));
        }
        let figment = figment.merge(Env::prefixed("KANDY_").only(NAMES)).merge(Serialized::defaults(flags));
        let mut settings: Self = figment.extract().map_err(Box::new)?;
        // Not through figment, which would take a key of digits for a number.
        if let Ok(key) = std::env::var(HMAC_KEY) {
            settings.hmac_key = Some(Secret::new(key));
        }
        if let Ok(key) = std::env::var(OPERATOR_KEY) {
            settings.operator_key = Some(Secret::new(key));
        }
        if let Ok(secret) = std::env::var(TURN_SECRET) {
            settings.turn_secret = Some(Secret::new(secret));
        }
        if let Ok(url) = std::env::var(DATABASE) {
            settings.database = Some(Secret::new(url));
        }
        let keys =
            [("HMAC", &settings.hmac_key), ("operator's", &settings.operator_key), ("TURN", &settings.turn_secret)];
        for (name, key) in keys {
            if key.as_ref().is_some_and(|key| !key.is_long()) {
                return Err(ConfigError::ShortKey(name));
            }
        }
        Ok(settings)
    }

    /// Loads what the settings name.
    ///
    /// # Errors
    /// [`ConfigError`] when there are no accounts or a file or folder cannot be used.
    pub fn load(&self) -> Result<Config, ConfigError> {
        if let Some(data) = &self.data {
            std::fs::create_dir_all(data).map_err(|error| ConfigError::Folder(data.clone(), error))?;
        }
        let (accounts, book) = match self.accounts_file() {
            Some(file) => read_accounts(&file)?,
            None if !self.dev => Default::default(),
            None if !self.listen.ip().is_loopback() => return Err(ConfigError::PublicDev(self.listen)),
            None => (demo_accounts(), Book::default()),
        };
        // The operator makes some by the API, or has done so.
        if accounts.is_empty() && self.operator_key.is_none() {
            return Err(ConfigError::NoAccounts);
        }
        let certificate = self.certificate()?;
        if certificate.is_none() && !self.insecure_http && !self.listen.ip().is_loopback() {
            return Err(ConfigError::PlainHttp(self.listen));
        }
        let allowed_origins = self.allowed_origins.as_ref().map(|list| Origins::only(list.texts())).transpose()?;
        let mut policy = Policy::default();
        if let Some(seconds) = self.resume {
            policy.resume_for =
                seconds.checked_mul(1_000).filter(|_| seconds <= MAX_RESUME).ok_or(ConfigError::Resume(seconds))?;
        }
        let folder = |given: &Option<PathBuf>, demo: &str| given.clone().or_else(|| self.dev.then(|| demo.into()));
        let webhook = |address: &Secret| WebhookUrl::new(address.text()).ok_or(ConfigError::Webhook);
        let within = |name, most: u32, given: Option<u32>, usual: u32| {
            let given = given.unwrap_or(usual);
            if (1..=most).contains(&given) { Ok(given) } else { Err(ConfigError::Range(name, most)) }
        };
        let limits = Limits::default();
        Ok(Config {
            accounts,
            // Not beside accounts that are meant for others.
            demo: self.dev && self.listen.ip().is_loopback(),
            book,
            sign_in: Limits {
                user_tries: within("user-tries", 1_000, self.user_tries, limits.user_tries)?,
                address_tries: within("address-tries", 100_000, self.address_tries, limits.address_tries)?,
                ..limits
            },
            audit_days: within("audit-days", 3_650, self.audit_days, audit::DAYS)?,
            trusted_proxies: match &self.trusted_proxies {
                Some(text) => text.parse().map_err(|()| ConfigError::Proxies)?,
                None => Proxies::default(),
            },
            policy,
            hmac_key: self.hmac_key.clone(),
            operator_key: self.operator_key.clone(),
            turn: self.relays()?,
            push_webhook: self.push_webhook.as_ref().map(webhook).transpose()?,
            data: self.data.clone(),
            database: self.database()?,
            max_file: self.max_file.unwrap_or(MAX_FILE),
            www: folder(&self.www, "www"),
            sdk: folder(&self.sdk, "pkg"),
            bounds: self.bounds()?,
            certificate,
            allowed_origins: allowed_origins.unwrap_or_default(),
            drain: self.drain()?,
        })
    }

    fn certificate(&self) -> Result<Option<Arc<Certificate>>, ConfigError> {
        match (&self.tls_cert, &self.tls_key) {
            (Some(chain), Some(key)) => Ok(Some(Certificate::load(chain.clone(), key.clone())?)),
            (None, None) => Ok(None),
            _ => Err(ConfigError::HalfCertificate),
        }
    }

    fn drain(&self) -> Result<Duration, ConfigError> {
        let seconds = self.drain.unwrap_or_default();
        if seconds <= MAX_DRAIN { Ok(Duration::from_secs(seconds)) } else { Err(ConfigError::Drain(seconds)) }
    }

    fn bounds(&self) -> Result<Bounds, ConfigError> {
        let default = Bounds::default();
        let connections = self.connections.unwrap_or(default.connections);
        let connections_per_address = self.connections_per_address.unwrap_or(default.connections_per_address);
        if connections == 0 {
            return Err(ConfigError::NoConnections);
        }
        Ok(Bounds { connections, connections_per_address, ..default })
    }

    /// Writes what a person needs to know once the gateway listens.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn welcome(&self, address: SocketAddr, accounts: usize, out: &mut impl Write) -> std::io::Result<()> {
        writeln!(out, "kandy-gateway {} listens on {address}", env!("CARGO_PKG_VERSION"))?;
        if self.dev || self.www.is_some() {
            let scheme = if self.tls_cert.is_some() { "https" } else { "http" };
            writeln!(out, "\n  Demo page   {scheme}://{address}/")?;
        }
        match self.accounts_file() {
            None if self.dev => {
                writeln!(out, "  Accounts    {}", DEMO.map(|(user, ..)| user).join("  "))?;
                writeln!(out, "  Password    {DEMO_PASSWORD}")?;
            }
            Some(_) | None => writeln!(out, "  Accounts    {accounts}")?,
        }
        writeln!(out, "\nCtrl-C ends it.")?;
        out.flush()
    }

    fn relays(&self) -> Result<Option<Turn>, ConfigError> {
        let seconds = self.turn_ttl.unwrap_or(TTL);
        if !(MIN_TTL..=MAX_TTL).contains(&seconds) {
            return Err(ConfigError::TurnTtl(seconds));
        }
        let life = Duration::from_secs(seconds);
        Ok(self.turn_secret.clone().map(|secret| Turn { secret, life }))
    }

    /// PostgreSQL, where it is wanted.
    pub(crate) fn database(&self) -> Result<Option<DatabaseUrl>, ConfigError> {
        let url = |url: &Secret| DatabaseUrl::new(url.text()).ok_or(ConfigError::Database);
        self.database.as_ref().map(url).transpose()
    }

    fn accounts_file(&self) -> Option<PathBuf> {
        let kept = || self.data.as_ref().map(|data| data.join("accounts.json")).filter(|file| file.is_file());
        self.accounts.clone().or_else(kept)
    }
}

fn read_accounts(file: &Path) -> Result<(Accounts, Book), ConfigError> {
    let text = std::fs::read_to_string(file).map_err(|error| ConfigError::Unreadable(file.into(), error))?;
    let (accounts, book) = Book::read(&text).map_err(|error| ConfigError::Accounts(file.into(), error))?;
    Ok((accounts, book))
}
