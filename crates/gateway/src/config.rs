//! Flags, environment and file, in this order of precedence, down to what the gateway needs to know.

use std::{
    io::Write,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use clap::Parser;
use figment::{
    Figment,
    providers::{Env, Format, Serialized, Toml},
};
use kandy_switch::{Account, Accounts, Policy};
use serde::{Deserialize, Serialize};

use crate::{
    audit,
    client::Proxies,
    operation::log::LogFormat,
    origins::{NoOrigin, Origins},
    push::WebhookUrl,
    secrets::Secret,
    serve::{
        Bounds,
        tls::{Certificate, CertificateError},
    },
    sign_in::{Book, BookError, Limits},
    store::DatabaseUrl,
    turn::{MAX_TTL, MIN_TTL, TTL, Turn},
};

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
    config: Option<PathBuf>,
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
const MAX_RESUME: u64 = 86_400;

/// Longest time for which the gateway goes on, in seconds: an hour, after which those who wait for it have given up.
const MAX_DRAIN: u64 = 3_600;

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

/// User, given name, family name and telephone number, which is one of those for fiction.
const DEMO: [(&str, &str, &str, &str); 4] = [
    ("alice@example.com", "Alice", "Archer", "+12025550101"),
    ("bob@example.com", "Bob", "Baker", "+12025550102"),
    ("carol@example.com", "Carol", "Carter", "+12025550103"),
    ("dave@example.com", "Dave", "Dean", "+12025550104"),
];
const DEMO_PASSWORD: &str = "demo";

fn demo_accounts() -> Accounts {
    let account = |(user, first, last, phone): (&str, &str, &str, &str)| Account {
        user: user.into(),
        password: Some(DEMO_PASSWORD.into()),
        display_name: Some(format!("{first} {last}")),
        authname: None,
        first_name: Some(first.into()),
        last_name: Some(last.into()),
        email: Some(user.into()),
        phone: Some(phone.into()),
    };
    // The list is right, as a test shows; were it not, nobody could log in.
    Accounts::new(DEMO.map(account).into()).unwrap_or_default()
}

fn read_accounts(file: &Path) -> Result<(Accounts, Book), ConfigError> {
    let text = std::fs::read_to_string(file).map_err(|error| ConfigError::Unreadable(file.into(), error))?;
    let (accounts, book) = Book::read(&text).map_err(|error| ConfigError::Accounts(file.into(), error))?;
    Ok((accounts, book))
}
