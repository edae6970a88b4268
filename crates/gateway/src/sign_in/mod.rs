//! Signing in with a password: who is let look, how often, and how long a look is good for.
//!
//! The switch asks [`Proven`] whether a password is right, and gets its answer at once. So every request that carries one comes
//! here first, where the password is hashed and compared unless that was done of late. A name that nobody has is treated like any
//! other, down to the hashing: whoever guesses learns nothing of who there is.
//!
//! | module | subject |
//! | --- | --- |
//! | `door` | what a request carries, and the answers to those that are not let look |
//! | `passwords` | argon2id, and how many are hashed at a time |
//! | `book` | passwords of the accounts file |
//! | `proven` | what was found right of late |
//! | `attempts` | who was wrong how often, and has to wait |
//! | `recent` | a map with a bound |

mod attempts;
mod book;
mod door;
mod passwords;
mod proven;
mod recent;
#[cfg(test)]
mod tests;

use std::{
    hash::{BuildHasher, RandomState},
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use kandy_switch::UserKey;
use prometheus_client::metrics::histogram::Histogram;
use tokio::{
    sync::OwnedMutexGuard,
    time::{Instant, timeout},
};
use tracing::Instrument;

use crate::{
    audit::{Audit, Event},
    client::Client,
    store::{self, Store, StoreError},
};
pub use attempts::Limits;
pub(crate) use attempts::Wait;
use attempts::{Attempts, Name};
use book::Known;
pub use book::{Book, BookError};
pub(crate) use door::later;
pub use passwords::PasswordHash;
use passwords::{Passwords, Turn};
use proven::Age;
pub(crate) use proven::Proven;

/// Names that are worked on at a time; those that meet in a lane wait for each other.
const LANES: usize = 1_024;
/// How long a new password waits for its turn: programs set them, many at a time, and take 30 s for an answer.
const PATIENCE: Duration = Duration::from_secs(25);
/// How long somebody waits in a lane, like for a turn.
const WAIT: Duration = Duration::from_secs(5);

/// Everything about signing in.
pub(crate) struct SignIn {
    book: Book,
    passwords: Passwords,
    proven: Arc<Proven>,
    attempts: Mutex<Attempts>,
    /// One for each name at a time, so that the requests of a client that come together are one look, and that no one name is
    /// guessed at faster than one look after the other.
    lanes: Vec<Arc<tokio::sync::Mutex<()>>>,
    hasher: RandomState,
    started: Instant,
    pub(crate) audit: Audit,
}

/// A password that somebody gave.
#[derive(Clone)]
struct Given {
    /// Whose it is to be, if there is such a user.
    user: Option<UserKey>,
    /// The name as it was given.
    name: Name,
    password: String,
    client: Client,
    /// Milliseconds since the epoch.
    at: u64,
}

/// Why a password is not looked at.
#[derive(Debug)]
enum NotNow {
    /// Too many were wrong.
    Throttled(Wait),
    /// Too many others are being looked at.
    Busy,
    /// The store failed.
    Store(StoreError),
    /// Something else failed.
    Failed,
}

impl SignIn {
    pub(crate) fn new(book: Book, proven: Arc<Proven>, limits: Limits, audit: Audit) -> Self {
        Self {
            book,
            passwords: Passwords::new(),
            proven,
            attempts: Mutex::new(Attempts::new(limits)),
            lanes: (0..LANES).map(|_| Arc::default()).collect(),
            hasher: RandomState::new(),
            started: Instant::now(),
            audit,
        }
    }

    /// How long the work on passwords takes.
    pub(crate) fn hashing(&self) -> Histogram {
        self.passwords.hashing()
    }

    /// Looks at a password, unless that was done of late; the switch then says whether it is right. Whoever is wrong too often
    /// has to wait, but no client whose password was found right before: others must not lock it out by guessing.
    async fn look(self: &Arc<Self>, store: &Arc<Store>, given: &Given) -> Result<(), NotNow> {
        let age = self.age(given);
        if age == Some(Age::Fresh) {
            return Ok(());
        }
        match self.compare(store, given).await {
            Err(NotNow::Throttled(_) | NotNow::Busy | NotNow::Store(_)) if age == Some(Age::Old) => Ok(()),
            compared => compared,
        }
    }

    async fn compare(self: &Arc<Self>, store: &Arc<Store>, given: &Given) -> Result<(), NotNow> {
        self.may(given)?;
        let lane = self.lanes.get(self.lane(&given.name)).cloned().unwrap_or_default();
        let lane = timeout(WAIT, lane.lock_owned()).await.map_err(|_| NotNow::Busy)?;
        // Who was in the lane before may have had the same password, or a wrong one.
        if self.age(given) == Some(Age::Fresh) {
            return Ok(());
        }
        let turn = self.passwords.turn().await.ok_or(NotNow::Busy)?;
        self.may(given)?;
        // To the end, also for a client that hangs up: otherwise what it guessed would not count. There are as many of these at a
        // time as there are turns.
        let work = Self::work(self.clone(), store.clone(), given.clone(), lane, turn);
        tokio::spawn(work.in_current_span()).await.unwrap_or(Err(NotNow::Failed))
    }

    async fn work(
        self: Arc<Self>,
        store: Arc<Store>,
        given: Given,
        _lane: OwnedMutexGuard<()>,
        turn: Turn,
    ) -> Result<(), NotNow> {
        let Given { user, name, password, client, at } = &given;
        let known = user.as_ref().and_then(|user| self.book.find(user));
        // Asked about everybody, for its time.
        let stored = Self::stored(&store, user.as_ref()).await;
        let (clear, stored) = match known {
            Some(Known::Clear(clear)) => (Some(clear), None),
            Some(Known::Hash(hash)) => (None, Some(hash.text().to_owned())),
            None => (None, stored?),
        };
        let hash = stored.as_deref().and_then(PasswordHash::new);
        let same = turn.is(hash, password.clone()).await;
        let right = clear.map_or(same, |clear| clear.is(password));
        let now = self.now();
        let done = |outcome| {
            let event = Event { action: "sign-in", credential: "password", outcome };
            self.audit.note(*at, client, user.as_ref(), event);
        };
        match user {
            Some(user) if right => {
                self.proven.add(user, password, now);
                // Whoever changes a password commits and then makes its proof forgotten. What was compared may be from before
                // the one, and the proof from after the other.
                if known.is_none() && Self::stored(&store, Some(user)).await.ok().flatten() != stored {
                    self.proven.forget(user);
                }
                self.attempts().succeeded(name);
                done("done");
            }
            Some(user) => {
                self.proven.disprove(user, password);
                self.attempts().failed(now, Some(*name), client.address);
                done("wrong-password");
            }
            None => {
                self.attempts().failed(now, Some(*name), client.address);
                done("unknown-user");
            }
        }
        Ok(())
    }

    async fn stored(store: &Store, user: Option<&UserKey>) -> Result<Option<String>, NotNow> {
        let nobody = UserKey::of("");
        let mut reader = store.read().await.map_err(NotNow::Store)?;
        store::passwords::of(&mut reader, user.unwrap_or(&nobody)).await.map_err(NotNow::Store)
    }

    /// Nobody can tell which names meet in a lane, so nobody can stand in the way of one.
    fn lane(&self, name: &Name) -> usize {
        usize::try_from(self.hasher.hash_one(name) % LANES as u64).unwrap_or_default()
    }

    fn age(&self, given: &Given) -> Option<Age> {
        self.proven.age(given.user.as_ref()?, &given.password, self.now())
    }

    fn may(&self, given: &Given) -> Result<(), NotNow> {
        let wait = self.attempts().wait(self.now(), Some(&given.name), given.client.address);
        wait.map_or(Ok(()), |wait| Err(NotNow::Throttled(wait)))
    }

    /// How long this address has to wait before anything is looked at that it says; `None` if not at all.
    pub(crate) fn wait(&self, address: IpAddr) -> Option<Wait> {
        self.attempts().wait(self.now(), None, address)
    }

    /// Something that is no password was wrong: a signed token, or a key.
    pub(crate) fn failed(&self, address: IpAddr) {
        self.attempts().failed(self.now(), None, address);
    }

    /// Whether this is the secret of a hash; without one it takes as long. Wrong ones cost the address time, and nothing else:
    /// nobody shuts out a project by naming it.
    ///
    /// # Errors
    /// How long to wait before it is looked at; `None` while too many others are.
    pub(crate) async fn secret(
        &self,
        client: &Client,
        hash: Option<String>,
        secret: String,
    ) -> Result<bool, Option<Wait>> {
        if let Some(wait) = self.wait(client.address) {
            return Err(Some(wait));
        }
        let turn = self.passwords.turn().await.ok_or(None)?;
        let right = turn.is(hash.as_deref().and_then(PasswordHash::new), secret).await;
        if !right {
            self.failed(client.address);
        }
        Ok(right)
    }

    /// A user has another password, or is gone. To be called when that is committed.
    pub(crate) fn forget(&self, user: &UserKey) {
        self.proven.forget(user);
    }

    /// Hashes a new password; `None` if there was no turn for it in time, or no memory.
    pub(crate) async fn hash(&self, password: String) -> Option<PasswordHash> {
        self.passwords.turn_within(PATIENCE).await?.hash(password).await
    }

    /// Milliseconds since the start.
    fn now(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn attempts(&self) -> MutexGuard<'_, Attempts> {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Hashes a password for the accounts file, as the command `kandy-gateway hash-password` does. `None` if the system has no memory
/// or no random numbers for it.
pub async fn hash_password(password: String) -> Option<PasswordHash> {
    Passwords::new().turn().await?.hash(password).await
}

/// Whether this is the password of a hash, for where nobody waits for it.
pub(crate) async fn is_password(hash: &str, password: String) -> bool {
    match Passwords::new().turn().await {
        Some(turn) => turn.is(PasswordHash::new(hash), password).await,
        None => false,
    }
}
