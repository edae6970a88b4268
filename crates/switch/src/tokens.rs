//! Token logins of UC clients (protocol §1.2 to §1.7): a grant is one login with its access tokens and refresh tokens.
//!
//! After a refresh the old access token stays good, because released clients keep sending it (protocol §1.6), and so does
//! the refresh token before the last, whose answer may have been lost.
//!
//! Tokens are known here by their fingerprints alone ([`crate::Secrets::fingerprint`]), so that whoever reads the state of a
//! gateway finds none that could be used.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{GrantId, accounts::UserKey};

/// Tokens that one grant honours at a time, of either kind, besides the first access token.
const KEPT: usize = 4;

/// One login.
#[derive(Serialize, Deserialize)]
struct Grant {
    user: UserKey,
    /// The first one, which released clients use to the end, then the newest ones.
    access: Vec<String>,
    refresh: Vec<String>,
    access_until: u64,
    refresh_until: u64,
}

/// All token logins.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Tokens {
    grants: BTreeMap<GrantId, Grant>,
    access: BTreeMap<String, GrantId>,
    refresh: BTreeMap<String, GrantId>,
    users: BTreeMap<UserKey, BTreeSet<GrantId>>,
}

/// The fingerprints of a fresh pair of tokens, and how long each lives, as times since the epoch.
pub(crate) struct Pair {
    pub(crate) access: String,
    pub(crate) refresh: String,
    pub(crate) access_until: u64,
    pub(crate) refresh_until: u64,
}

impl Tokens {
    /// Starts a login; returns the oldest one of this user when there would be more than `bound`, for its end.
    pub(crate) fn open(&mut self, id: GrantId, user: &UserKey, pair: Pair, bound: usize) -> Option<GrantId> {
        let theirs = self.of_user(user);
        let oldest = theirs.first().copied().filter(|_| theirs.len() >= bound);
        let grant =
            Grant { user: user.clone(), access: Vec::new(), refresh: Vec::new(), access_until: 0, refresh_until: 0 };
        self.grants.insert(id, grant);
        self.users.entry(user.clone()).or_default().insert(id);
        self.renew(id, pair);
        oldest
    }

    /// How many logins there are.
    pub(crate) fn len(&self) -> usize {
        self.grants.len()
    }

    /// The logins of a user, oldest first.
    pub(crate) fn of_user(&self, user: &UserKey) -> Vec<GrantId> {
        self.users.get(user).into_iter().flatten().copied().collect()
    }

    /// Whose login this is.
    pub(crate) fn user(&self, id: GrantId) -> Option<&UserKey> {
        self.grants.get(&id).map(|grant| &grant.user)
    }

    /// The users who have any.
    pub(crate) fn users(&self) -> impl Iterator<Item = &UserKey> {
        self.users.keys()
    }

    /// Adds a pair to a login, and lengthens its life.
    pub(crate) fn renew(&mut self, id: GrantId, pair: Pair) {
        let Some(grant) = self.grants.get_mut(&id) else { return };
        grant.access_until = grant.access_until.max(pair.access_until);
        grant.refresh_until = pair.refresh_until;
        grant.access.push(pair.access.clone());
        grant.refresh.push(pair.refresh.clone());
        if grant.access.len() > KEPT + 1 {
            self.access.remove(&grant.access.remove(1));
        }
        if grant.refresh.len() > KEPT {
            self.refresh.remove(&grant.refresh.remove(0));
        }
        self.access.insert(pair.access, id);
        self.refresh.insert(pair.refresh, id);
    }

    /// Whose access token this is, by its fingerprint.
    pub(crate) fn access(&self, token: &str, now: u64) -> Option<(GrantId, &UserKey)> {
        let id = self.access.get(token)?;
        let grant = self.grants.get(id).filter(|grant| grant.access_until > now)?;
        Some((*id, &grant.user))
    }

    /// Whose refresh token this is, by its fingerprint.
    pub(crate) fn refresh(&self, token: &str, now: u64) -> Option<GrantId> {
        let id = self.refresh.get(token)?;
        self.grants.get(id).filter(|grant| grant.refresh_until > now).map(|_| *id)
    }

    /// When nothing of this login is good any longer.
    pub(crate) fn ends(&self, id: GrantId) -> Option<u64> {
        self.grants.get(&id).map(|grant| grant.access_until.max(grant.refresh_until))
    }

    /// Ends a login.
    pub(crate) fn close(&mut self, id: GrantId) {
        let Some(grant) = self.grants.remove(&id) else { return };
        if let Some(theirs) = self.users.get_mut(&grant.user) {
            theirs.remove(&id);
            if theirs.is_empty() {
                self.users.remove(&grant.user);
            }
        }
        for token in &grant.access {
            self.access.remove(token);
        }
        for token in &grant.refresh {
            self.refresh.remove(token);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(n: u64, access_until: u64) -> Pair {
        Pair { access: format!("A{n}"), refresh: format!("R{n}"), access_until, refresh_until: access_until * 10 }
    }

    #[test]
    fn old_tokens_stay_good_after_a_refresh() {
        let alice = UserKey::of("alice@example.com");
        let mut tokens = Tokens::default();
        assert_eq!(tokens.open(GrantId(1), &alice, pair(0, 100), 5), None);
        for n in 1..=20 {
            tokens.renew(GrantId(1), pair(n, 100 + n));
        }
        let good = |token: &str, now| tokens.access(token, now).is_some();
        assert!(good("A0", 119), "the first one to the end");
        assert!(good("A20", 119) && good("A19", 119), "the newest ones");
        assert!(!good("A1", 119), "but only as many as are kept");
        assert!(!good("A0", 120) && !good("R20", 0), "not after its time, and not the other kind");
        assert!(tokens.refresh("R20", 500).is_some() && tokens.refresh("R19", 500).is_some());
        assert!(tokens.refresh("R0", 500).is_none() && tokens.refresh("R20", 1200).is_none());
        assert_eq!(tokens.ends(GrantId(1)), Some(1200));
        assert_eq!((tokens.access.len(), tokens.refresh.len()), (KEPT + 1, KEPT));
        tokens.close(GrantId(1));
        assert!(tokens.access.is_empty() && tokens.refresh.is_empty());
        assert!(tokens.grants.is_empty() && tokens.users.is_empty());
    }

    #[test]
    fn one_user_has_a_bound_of_logins() {
        let (alice, bob) = (UserKey::of("alice@example.com"), UserKey::of("bob@example.com"));
        let mut tokens = Tokens::default();
        assert_eq!(tokens.open(GrantId(1), &alice, pair(1, 100), 2), None);
        assert_eq!(tokens.open(GrantId(2), &bob, pair(2, 100), 2), None);
        assert_eq!(tokens.open(GrantId(3), &alice, pair(3, 100), 2), None);
        assert_eq!(tokens.open(GrantId(4), &alice, pair(4, 100), 2), Some(GrantId(1)));
    }
}
