//! Which passwords were found right of late, so that a client that sends its password with every request has it hashed once.

use std::sync::{Mutex, MutexGuard, PoisonError};

use hmac::{Hmac, KeyInit, Mac};
use kandy_switch::UserKey;
use sha2::Sha256;

use super::recent::Recent;
use crate::secrets::random;

/// Users at a time, each with some hundred bytes; the oldest proof goes.
const MOST: usize = 50_000;
/// How long a proof is as good as a new one, in ms: an hour, the life of an access token. Whoever changes a password here makes
/// its proof forgotten at once; this is for changes that nobody told of.
const FRESH: u64 = 3_600_000;
/// How long it is good where no new one can be had, because others guess at the same user, in ms: a working day and its night.
const GOOD: u64 = 24 * 3_600_000;

/// The proofs: a keyed digest of each user's password, the key of which nobody has but this process.
pub(crate) struct Proven {
    key: [u8; 32],
    proofs: Mutex<Recent<UserKey, Proof>>,
}

struct Proof {
    digest: [u8; 32],
    at: u64,
}

/// How good a proof is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Age {
    /// Not to be asked again.
    Fresh,
    /// To be asked again, if that is possible.
    Old,
}

impl Default for Proven {
    fn default() -> Self {
        Self::holding(MOST)
    }
}

impl Proven {
    fn holding(most: usize) -> Self {
        Self { key: random(), proofs: Mutex::new(Recent::new(most)) }
    }

    /// Whether this is a password that was found right. Answers at once.
    pub(crate) fn knows(&self, user: &UserKey, password: &str) -> bool {
        self.lock().get(user).is_some_and(|proof| self.is(&proof.digest, user, password))
    }

    /// How good the proof of a password is at `now`, in ms; `None` if there is none.
    pub(super) fn age(&self, user: &UserKey, password: &str, now: u64) -> Option<Age> {
        let mut proofs = self.lock();
        let proof = proofs.get(user)?;
        let age = now.saturating_sub(proof.at);
        if age >= GOOD {
            proofs.remove(user);
            return None;
        }
        let same = self.is(&proof.digest, user, password);
        same.then_some(if age < FRESH { Age::Fresh } else { Age::Old })
    }

    /// A password was found right at `now`, in ms. A user has one.
    pub(super) fn add(&self, user: &UserKey, password: &str, now: u64) {
        let Some(mac) = self.mac(user, password) else { return };
        let proof = Proof { digest: mac.finalize().into_bytes().into(), at: now };
        self.lock().set(user.clone(), proof);
    }

    /// A password was found wrong that may have been right before.
    pub(super) fn disprove(&self, user: &UserKey, password: &str) {
        if self.knows(user, password) {
            self.forget(user);
        }
    }

    /// A user has another password from now on, or is no user any longer. To be called when that is committed.
    pub(crate) fn forget(&self, user: &UserKey) {
        self.lock().remove(user);
    }

    /// Compared without telling by the time it takes where they differ.
    fn is(&self, digest: &[u8; 32], user: &UserKey, password: &str) -> bool {
        self.mac(user, password).is_some_and(|mac| mac.verify_slice(digest).is_ok())
    }

    fn mac(&self, user: &UserKey, password: &str) -> Option<Hmac<Sha256>> {
        let mac = Hmac::<Sha256>::new_from_slice(&self.key).ok()?;
        // No user has a zero byte in its name, so no two pairs have the same text.
        Some(mac.chain_update(user.as_str()).chain_update([0]).chain_update(password))
    }

    fn lock(&self) -> MutexGuard<'_, Recent<UserKey, Proof>> {
        self.proofs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_is_of_one_user_and_password() {
        let (proven, alice, bob) = (Proven::default(), UserKey::of("alice@a"), UserKey::of("bob@a"));
        proven.add(&alice, "secret", 0);
        let rows = [(&alice, "secret", true), (&alice, "Secret", false), (&alice, "", false), (&bob, "secret", false)];
        for (user, password, wanted) in rows {
            assert_eq!(proven.knows(user, password), wanted, "{user:?} {password}");
            assert_eq!(proven.age(user, password, 1).is_some(), wanted, "{user:?} {password}");
        }
        proven.disprove(&alice, "Secret");
        assert!(proven.knows(&alice, "secret"), "somebody else's wrong password changes nothing");
        proven.add(&alice, "new", 2);
        assert!(!proven.knows(&alice, "secret") && proven.knows(&alice, "new"));
        proven.disprove(&alice, "new");
        assert!(!proven.knows(&alice, "new"));
        proven.add(&bob, "secret", 3);
        proven.forget(&bob);
        assert!(!proven.knows(&bob, "secret"));
    }

    #[test]
    fn proofs_grow_old() {
        let (proven, alice) = (Proven::default(), UserKey::of("alice@a"));
        proven.add(&alice, "secret", 1_000);
        let rows = [
            (1_000, Some(Age::Fresh)),
            (1_000 + FRESH - 1, Some(Age::Fresh)),
            (1_000 + FRESH, Some(Age::Old)),
            (1_000 + GOOD - 1, Some(Age::Old)),
            (1_000 + GOOD, None),
        ];
        for (now, wanted) in rows {
            assert_eq!(proven.age(&alice, "secret", now), wanted, "{now}");
        }
        assert!(!proven.knows(&alice, "secret"), "what is too old is gone");
    }

    #[test]
    fn there_are_only_so_many() {
        let proven = Proven::holding(2);
        let users = ["a@x", "b@x", "c@x"].map(UserKey::of);
        users.iter().for_each(|user| proven.add(user, "secret", 0));
        assert_eq!(users.map(|user| proven.knows(&user, "secret")), [false, true, true]);
    }
}
