//! Flags, environment and file, in this order of precedence, down to what the gateway needs to know.

use std::{
    io::Write,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use clap::Parser;
use figment::{
    Figment,
    providers::{Env, Format, Serialized, Toml},
};
use kandy_switch::{Account, Accounts, AccountsError, Policy};
use serde::{Deserialize, Serialize};

use crate::{push::WebhookUrl, secrets::Secret, store::DatabaseUrl};

/// What [`crate::run`] needs.
pub struct Config {
    /// Who may log in.
    pub accounts: Accounts,
    /// Times and bounds.
    pub policy: Policy,
    /// The key of those who make `x-token`s (protocol §1.9); without it such tokens are refused.
    pub hmac_key: Option<Secret>,
    /// The key with which the operator's own systems say how many messages wait in a mailbox; without it nobody can.
    pub operator_key: Option<Secret>,
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
}

impl Default for Config {
    /// Nobody may log in, and everything else is as the command line has it by default.
    fn default() -> Self {
        Self {
            accounts: Accounts::default(),
            policy: Policy::default(),
            hmac_key: None,
            operator_key: None,
            push_webhook: None,
            data: None,
            database: None,
            max_file: MAX_FILE,
            www: None,
            sdk: None,
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
    /// Largest file that a message may have [default: 10485760]
    #[arg(long, value_name = "BYTES")]
    #[serde(skip_serializing_if = "Option::is_none")]
    max_file: Option<u64>,
    /// http:// or https:// address to which pushes are handed for devices that are registered and have no socket
    #[arg(long, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    push_webhook: Option<String>,
    /// Log level or filter: error, warn, info, debug, trace [default: info]
    #[arg(long, value_name = "LEVEL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    log: Option<String>,
}

/// What else the command does.
#[derive(clap::Subcommand)]
pub enum Command {
    /// Writes a copy of the SQLite database, whether or not a gateway uses it meanwhile
    Backup {
        /// The copy, which must not be there yet
        file: PathBuf,
    },
    /// Looks for faults in the database, whether or not a gateway uses it meanwhile, and changes nothing; ends with 1 if there
    /// are some
    Check,
}

/// Flags, environment, file and defaults, merged.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Log filter.
    pub log: String,
    #[serde(default, deserialize_with = "figment::util::bool_from_str_or_int")]
    dev: bool,
    accounts: Option<PathBuf>,
    www: Option<PathBuf>,
    sdk: Option<PathBuf>,
    /// Where the SQLite database is.
    pub(crate) data: Option<PathBuf>,
    resume: Option<u64>,
    max_file: Option<u64>,
    push_webhook: Option<Secret>,
    /// No flag: the command line is for everybody to see.
    hmac_key: Option<Secret>,
    /// The same.
    operator_key: Option<Secret>,
    /// The same: it may hold a password.
    database: Option<Secret>,
}

/// The environment's name for the key of `x-token`s.
const HMAC_KEY: &str = "KANDY_HMAC_KEY";
/// The environment's name for the operator's key.
const OPERATOR_KEY: &str = "KANDY_OPERATOR_KEY";
/// The environment's name for the address of the database.
const DATABASE: &str = "KANDY_DATABASE";

/// Longest time for which notifications are kept, in seconds: the longest life of a subscription.
const MAX_RESUME: u64 = 86_400;

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
    #[error("nobody could log in: name a file of accounts with --accounts, or use --dev for demo accounts")]
    NoAccounts,
    /// Demo accounts where others could reach them.
    #[error(
        "--dev has passwords that everybody knows, so it listens on loopback addresses only; give --accounts to listen on {0}"
    )]
    PublicDev(SocketAddr),
    /// A file of accounts that cannot be read.
    #[error("the accounts in {0} cannot be read: {1}")]
    Unreadable(PathBuf, std::io::Error),
    /// A file of accounts that makes no sense.
    #[error("{0}: {1}")]
    Accounts(PathBuf, AccountsError),
    /// A time that is too long.
    #[error("--resume takes 0 to {MAX_RESUME} seconds, not {0}")]
    Resume(u64),
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
        const NAMES: [&str; 10] =
            ["listen", "dev", "accounts", "www", "sdk", "data", "resume", "max_file", "push_webhook", "log"];
        let mut figment =
            Figment::from(Serialized::default("listen", "127.0.0.1:8080")).merge(Serialized::default("log", "info"));
        if let Some(file) = &flags.config {
            if !file.is_file() {
                return Err(ConfigError::NoFile(file.clone()));
            }
            figment = figment.merge(Toml::file_exact(file));
        }
        let figment = figment.merge(Env::prefixed("KANDY_").only(&NAMES)).merge(Serialized::defaults(flags));
        let mut settings: Self = figment.extract().map_err(Box::new)?;
        // Not through figment, which would take a key of digits for a number.
        if let Ok(key) = std::env::var(HMAC_KEY) {
            settings.hmac_key = Some(Secret::new(key));
        }
        if let Ok(key) = std::env::var(OPERATOR_KEY) {
            settings.operator_key = Some(Secret::new(key));
        }
        if let Ok(url) = std::env::var(DATABASE) {
            settings.database = Some(Secret::new(url));
        }
        for (name, key) in [("HMAC", &settings.hmac_key), ("operator's", &settings.operator_key)] {
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
        let accounts = match self.accounts_file() {
            Some(file) => read_accounts(&file)?,
            None if !self.dev => return Err(ConfigError::NoAccounts),
            None if !self.listen.ip().is_loopback() => return Err(ConfigError::PublicDev(self.listen)),
            None => demo_accounts(),
        };
        let mut policy = Policy::default();
        if let Some(seconds) = self.resume {
            policy.resume_for =
                seconds.checked_mul(1_000).filter(|_| seconds <= MAX_RESUME).ok_or(ConfigError::Resume(seconds))?;
        }
        let folder = |given: &Option<PathBuf>, demo: &str| given.clone().or_else(|| self.dev.then(|| demo.into()));
        let webhook = |address: &Secret| WebhookUrl::new(address.text()).ok_or(ConfigError::Webhook);
        Ok(Config {
            accounts,
            policy,
            hmac_key: self.hmac_key.clone(),
            operator_key: self.operator_key.clone(),
            push_webhook: self.push_webhook.as_ref().map(webhook).transpose()?,
            data: self.data.clone(),
            database: self.database()?,
            max_file: self.max_file.unwrap_or(MAX_FILE),
            www: folder(&self.www, "www"),
            sdk: folder(&self.sdk, "pkg"),
        })
    }

    /// Writes what a person needs to know once the gateway listens.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn welcome(&self, address: SocketAddr, accounts: usize, out: &mut impl Write) -> std::io::Result<()> {
        writeln!(out, "kandy-gateway {} listens on {address}", env!("CARGO_PKG_VERSION"))?;
        if self.dev || self.www.is_some() {
            writeln!(out, "\n  Demo page   http://{address}/")?;
        }
        match self.accounts_file() {
            Some(_) => writeln!(out, "  Accounts    {accounts}")?,
            None => {
                writeln!(out, "  Accounts    {}", DEMO.map(|(user, ..)| user).join("  "))?;
                writeln!(out, "  Password    {DEMO_PASSWORD}")?;
            }
        }
        writeln!(out, "\nCtrl-C ends it.")?;
        out.flush()
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

fn read_accounts(file: &Path) -> Result<Accounts, ConfigError> {
    let text = std::fs::read_to_string(file).map_err(|error| ConfigError::Unreadable(file.into(), error))?;
    let accounts = Accounts::from_json(&text).map_err(|error| ConfigError::Accounts(file.into(), error))?;
    if accounts.is_empty() { Err(ConfigError::NoAccounts) } else { Ok(accounts) }
}
