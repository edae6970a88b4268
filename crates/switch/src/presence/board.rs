//! Who says what, and who wants to know: tables without a clock.

use std::collections::{BTreeMap, BTreeSet};

use kandy_wire::presence::Presence;
use serde::{Deserialize, Serialize};

use crate::{SubscriptionId, accounts::UserKey};

/// What one device said, or what was stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Said {
    /// Whose it is; `None` for what was stored.
    pub(crate) owner: Option<SubscriptionId>,
    version: u64,
    pub(crate) presence: Presence,
}

/// All publications and watches.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Board {
    /// Of every user who says something: one entry for each device that does.
    said: BTreeMap<UserKey, Vec<Said>>,
    /// Who watches a user, and by which spellings of the name.
    watchers: BTreeMap<UserKey, BTreeMap<SubscriptionId, BTreeSet<String>>>,
    /// Whom a subscription watches.
    watching: BTreeMap<SubscriptionId, BTreeSet<(UserKey, String)>>,
}

impl Board {
    /// Takes what a device says, in place of what it said before and of what was stored. Returns whether another presence
    /// counts now.
    pub(super) fn publish(
        &mut self,
        user: &UserKey,
        owner: Option<SubscriptionId>,
        version: u64,
        presence: Presence,
    ) -> bool {
        let before = self.current(user).clone();
        let said = self.said.entry(user.clone()).or_default();
        // Two requests of one device may be stored in another order than they came.
        if said.iter().all(|known| known.owner != owner || known.version < version) {
            said.retain(|known| known.owner.is_some() && known.owner != owner);
            said.push(Said { owner, version, presence });
        }
        *self.current(user) != before
    }

    /// Takes back what a device said. Returns whether it counted.
    pub(super) fn withdraw(&mut self, user: &UserKey, owner: Option<SubscriptionId>) -> bool {
        let counted = self.newest(user).is_some_and(|newest| newest.owner == owner);
        if let Some(said) = self.said.get_mut(user) {
            said.retain(|known| known.owner != owner);
            if said.is_empty() {
                self.said.remove(user);
            }
        }
        counted
    }

    /// The users who say anything.
    pub(crate) fn users(&self) -> impl Iterator<Item = &UserKey> {
        self.said.keys()
    }

    /// Whether a user says anything.
    pub(super) fn says(&self, user: &UserKey) -> bool {
        self.said.contains_key(user)
    }

    /// What counts of all that a user says.
    pub(super) fn newest(&self, user: &UserKey) -> Option<&Said> {
        self.said.get(user)?.iter().max_by_key(|said| said.version)
    }

    /// What others are told of a user.
    pub(crate) fn current(&self, user: &UserKey) -> &Presence {
        const UNKNOWN: &Presence = &Presence::UNKNOWN;
        self.newest(user).map_or(UNKNOWN, |newest| &newest.presence)
    }

    /// Watches users by these names; `false` if there would be more than `bound`, and then none of them is watched that was
    /// not before.
    pub(super) fn watch(&mut self, id: SubscriptionId, users: &[(UserKey, String)], bound: usize) -> bool {
        let watching = self.watching.entry(id).or_default();
        let fresh: BTreeSet<&(UserKey, String)> = users.iter().filter(|user| !watching.contains(user)).collect();
        let fits = watching.len() + fresh.len() <= bound;
        if fits {
            for (user, name) in users {
                watching.insert((user.clone(), name.clone()));
                self.watchers.entry(user.clone()).or_default().entry(id).or_default().insert(name.clone());
            }
        }
        if watching.is_empty() {
            self.watching.remove(&id);
        }
        fits
    }

    /// Watches a user by this name no longer; returns whether it did.
    pub(super) fn unwatch(&mut self, id: SubscriptionId, user: &UserKey, name: &str) -> bool {
        let Some(watching) = self.watching.get_mut(&id) else { return false };
        let did = watching.remove(&(user.clone(), name.to_owned()));
        if watching.is_empty() {
            self.watching.remove(&id);
        }
        self.strike(id, user, name);
        did
    }

    /// Forgets all watches of a subscription.
    pub(super) fn forget(&mut self, id: SubscriptionId) {
        for (user, name) in self.watching.remove(&id).unwrap_or_default() {
            self.strike(id, &user, &name);
        }
    }

    /// Who watches a user, and by which names.
    pub(super) fn watchers(&self, user: &UserKey) -> impl Iterator<Item = (SubscriptionId, &BTreeSet<String>)> {
        self.watchers.get(user).into_iter().flatten().map(|(id, names)| (*id, names))
    }

    /// Everybody who is watched, with who watches them and by which names.
    pub(super) fn watches(&self) -> impl Iterator<Item = (&UserKey, SubscriptionId, &BTreeSet<String>)> {
        self.watchers.iter().flat_map(|(user, by)| by.iter().map(move |(id, names)| (user, *id, names)))
    }

    fn strike(&mut self, id: SubscriptionId, user: &UserKey, name: &str) {
        let Some(watchers) = self.watchers.get_mut(user) else { return };
        if let Some(names) = watchers.get_mut(&id) {
            names.remove(name);
            if names.is_empty() {
                watchers.remove(&id);
            }
        }
        if watchers.is_empty() {
            self.watchers.remove(user);
        }
    }
}
