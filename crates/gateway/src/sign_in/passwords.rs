//! Passwords as argon2id (RFC 9106) in the PHC form, and how many are worked on at a time.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use argon2::{
    ARGON2ID_IDENT, Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{self, Output, ParamsString, Salt},
};
use prometheus_client::metrics::histogram::Histogram;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::spawn_blocking,
    time::timeout,
};

use crate::{
    operation::meters::{Running, seconds},
    secrets::random,
};

/// Memory in KiB, passes and lanes of new hashes: 19 MiB, 2 and 1, the least that OWASP recommends for argon2id (Password
/// Storage Cheat Sheet).
const COST: (u32, u32, u32) = (19 << 10, 2, 1);
/// The dearest hash that is taken from elsewhere, in the same units: 2 GiB is RFC 9106's first choice, and too much for a server
/// that has to check several at a time; its second choice is 64 MiB, 3 and 4.
const DEAREST: (u32, u32, u32) = (64 << 10, 10, 4);
/// Bytes of a digest: 256 bits, as RFC 9106 recommends.
const DIGEST: usize = 32;
/// How long a password waits for its turn: long enough for hundreds that come at once, and not so long that people try again.
const WAIT: Duration = Duration::from_secs(5);

/// The hash of a password, in the PHC form: `$argon2id$v=19$m=19456,t=2,p=1$…`. It is not printed by `{:?}`.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// A hash that was made before; `None` if it is no argon2id, or one that would take this gateway too long.
    pub fn new(text: &str) -> Option<Self> {
        let hash = phc::PasswordHash::new(text).ok()?;
        let params = Params::try_from(&hash).ok()?;
        let (memory, passes, lanes) = DEAREST;
        let payable = params.m_cost() <= memory && params.t_cost() <= passes && params.p_cost() <= lanes;
        let whole = hash.algorithm == ARGON2ID_IDENT && hash.salt.is_some() && hash.hash.is_some();
        (whole && payable).then(|| Self(text.to_owned()))
    }

    /// Hashes a password. Takes some tens of milliseconds of a processor.
    fn of(password: &str, memory: &mut Vec<Block>) -> Option<Self> {
        let (params, salt) = (params()?, random::<16>());
        let mut digest = [0; DIGEST];
        fill(&mut digest, password, &salt, Version::V0x13, params.clone(), memory)?;
        Self::made(params, &salt, &digest)
    }

    fn made(params: Params, salt: &[u8], digest: &[u8]) -> Option<Self> {
        let hash = phc::PasswordHash {
            algorithm: ARGON2ID_IDENT,
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(params).ok()?,
            salt: Some(Salt::new(salt).ok()?),
            hash: Some(Output::new(digest).ok()?),
        };
        Some(Self(hash.to_string()))
    }

    /// A hash like any other, which is no password's: to take as long over users who have none.
    fn decoy() -> Option<Self> {
        Self::made(params()?, &random::<16>(), &random::<DIGEST>())
    }

    /// Whether it is this password's. Takes some tens of milliseconds of a processor.
    fn is(&self, password: &str, memory: &mut Vec<Block>) -> bool {
        self.compared(password, memory).unwrap_or(false)
    }

    fn compared(&self, password: &str, memory: &mut Vec<Block>) -> Option<bool> {
        let hash = phc::PasswordHash::new(&self.0).ok()?;
        let (salt, wanted) = (hash.salt.as_ref()?, hash.hash.as_ref()?);
        let version = Version::try_from(hash.version.unwrap_or(Version::V0x13.into())).ok()?;
        let mut digest = vec![0; wanted.len()];
        fill(&mut digest, password, salt.as_ref(), version, Params::try_from(&hash).ok()?, memory)?;
        // Outputs are compared without telling by the time it takes where they differ.
        Some(Output::new(&digest).ok()? == *wanted)
    }

    /// The text, which is for a database or the file of accounts alone.
    pub fn text(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash")
    }
}

fn params() -> Option<Params> {
    let (memory, passes, lanes) = COST;
    Params::new(memory, passes, lanes, None).ok()
}

/// The digest of a password, for which there is `memory`.
fn fill(
    digest: &mut [u8],
    password: &str,
    salt: &[u8],
    version: Version,
    params: Params,
    memory: &mut Vec<Block>,
) -> Option<()> {
    memory.resize(params.block_count(), Block::default());
    let argon2 = Argon2::new(Algorithm::Argon2id, version, params);
    argon2.hash_password_into_with_memory(password.as_bytes(), salt, digest, memory).ok()
}

/// The memory of those who hash, which is used again: the system's allocator does not give back what a thread took, and every
/// thread of those that block may hash.
#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Vec<Vec<Block>>>>);

impl Memory {
    /// Lets somebody use one; there are as many as there are turns.
    fn lend<T>(&self, work: impl FnOnce(&mut Vec<Block>) -> T) -> T {
        let mut blocks = self.lock().pop().unwrap_or_default();
        let done = work(&mut blocks);
        // What a dearer hash of somebody else's took.
        if let Some(usual) = params().filter(|usual| blocks.len() > usual.block_count()) {
            blocks.truncate(usual.block_count());
            blocks.shrink_to_fit();
        }
        self.lock().push(blocks);
        done
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Vec<Block>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The work on passwords: as many at a time as there are processors, each with its own 19 MiB.
#[derive(Clone)]
pub(crate) struct Passwords {
    room: Arc<Semaphore>,
    decoy: Option<PasswordHash>,
    memory: Memory,
    hashing: Histogram,
}

/// The right to work on a password.
pub(crate) struct Turn {
    _permit: OwnedSemaphorePermit,
    decoy: Option<PasswordHash>,
    memory: Memory,
    hashing: Histogram,
}

impl Passwords {
    pub(crate) fn new() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            room: Arc::new(Semaphore::new(processors)),
            decoy: PasswordHash::decoy(),
            memory: Memory::default(),
            hashing: seconds(),
        }
    }

    /// Whether nobody has a turn.
    #[cfg(test)]
    pub(super) fn is_idle(&self) -> bool {
        self.room.available_permits() == std::thread::available_parallelism().map_or(1, usize::from)
    }

    /// How long it takes.
    pub(super) fn hashing(&self) -> Histogram {
        self.hashing.clone()
    }

    /// Waits for a turn; `None` if there was none for five seconds.
    pub(crate) async fn turn(&self) -> Option<Turn> {
        self.turn_within(WAIT).await
    }

    /// The same for whoever waits as long as this.
    pub(crate) async fn turn_within(&self, wait: Duration) -> Option<Turn> {
        let permit = timeout(wait, self.room.clone().acquire_owned()).await.ok()?.ok()?;
        Some(Turn {
            _permit: permit,
            decoy: self.decoy.clone(),
            memory: self.memory.clone(),
            hashing: self.hashing.clone(),
        })
    }
}

impl Turn {
    /// Whether this is the password of a hash. Without a hash it takes as long, and it is not.
    pub(crate) async fn is(&self, hash: Option<PasswordHash>, password: String) -> bool {
        // The test that counts looks for these words.
        tracing::debug!("a password is hashed");
        let running = Running::new(&self.hashing);
        let (known, hash) = (hash.is_some(), hash.or_else(|| self.decoy.clone()));
        let memory = self.memory.clone();
        let compare = move || {
            let _running = running;
            memory.lend(|blocks| hash.is_some_and(|hash| hash.is(&password, blocks)))
        };
        let same = spawn_blocking(compare).await.unwrap_or(false);
        known && same
    }

    /// Hashes a password; `None` if the system has no memory or no random numbers for it.
    pub(crate) async fn hash(&self, password: String) -> Option<PasswordHash> {
        let running = Running::new(&self.hashing);
        let memory = self.memory.clone();
        let hash = move || {
            let _running = running;
            memory.lend(|blocks| PasswordHash::of(&password, blocks))
        };
        spawn_blocking(hash).await.ok()?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `password`, from the tests of the reference implementation of argon2.
    const FOREIGN: &str = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";

    #[tokio::test]
    async fn hashes_are_argon2id_with_a_salt_of_their_own() {
        let turn = Passwords::new().turn().await.unwrap();
        let (one, other) = (turn.hash("demo".into()).await.unwrap(), turn.hash("demo".into()).await.unwrap());
        assert!(one.text().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", one.text());
        assert_ne!(one, other);
        assert_eq!(format!("{one:?}"), "PasswordHash");
        let foreign = PasswordHash::new(FOREIGN).unwrap();
        let rows = [(&one, "demo", true), (&other, "demo", true), (&one, "Demo", false), (&one, "", false)];
        for (hash, password, wanted) in
            rows.into_iter().chain([(&foreign, "password", true), (&foreign, "passwort", false)])
        {
            assert_eq!(turn.is(Some(hash.clone()), password.into()).await, wanted, "{password}");
        }
        assert!(!turn.is(None, "demo".into()).await);
        let decoy = PasswordHash::decoy().unwrap();
        assert_eq!(PasswordHash::new(decoy.text()), Some(decoy.clone()), "and it costs what others cost");
        let cost = |hash: &PasswordHash| hash.text().split('$').nth(3).unwrap().to_owned();
        assert_eq!(cost(&decoy), cost(&one));
    }

    #[test]
    fn only_hashes_that_can_be_paid_for_are_taken() {
        let rest = "c2FsdHNhbHRzYWx0$UdnFAWFmdmqj0vzmjLVOFnnyyUjXAN3nF1GpTJ6gjZs";
        let rows = [
            ("argon2id$v=19$m=65536,t=3,p=4", true),
            ("argon2id$v=19$m=65537,t=3,p=4", false),
            ("argon2id$v=19$m=65536,t=11,p=4", false),
            ("argon2id$v=19$m=65536,t=3,p=5", false),
            ("argon2i$v=19$m=65536,t=3,p=4", false),
            ("pbkdf2-sha256$i=1000", false),
        ];
        for (start, wanted) in rows {
            assert_eq!(PasswordHash::new(&format!("${start}${rest}")).is_some(), wanted, "{start}");
        }
        for text in ["", "demo", "$argon2id$v=19$m=65536,t=3,p=4", "$2b$10$abcdefghijklmnopqrstuv"] {
            assert!(PasswordHash::new(text).is_none(), "{text}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_password_waits_for_its_turn_for_a_while() {
        let passwords = Passwords::new();
        let mut turns = Vec::new();
        for _ in 0..passwords.room.available_permits() {
            turns.push(passwords.turn().await.unwrap());
        }
        assert!(passwords.turn().await.is_none());
        turns.pop();
        assert!(passwords.turn().await.is_some());
    }
}
