//! Which event subscriptions there are, found by their name, their client and the users whom they are about.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{EventId, SubscriptionId, accounts::UserKey};

use super::{Dialog, Package};

/// One event subscription.
#[derive(Serialize, Deserialize)]
pub(crate) struct EventSubscription {
    /// Its name in URLs.
    pub(super) session: String,
    pub(super) owner: SubscriptionId,
    /// The service, as the client spelled it.
    pub(super) event_type: String,
    pub(super) package: Package,
    /// Life in seconds, from its last request on.
    pub(super) life: u64,
    /// Whom it is about, as the client wrote their names.
    users: BTreeMap<UserKey, String>,
    /// Number of its next document (RFC 4235 §4.1.1).
    version: u32,
}

/// All event subscriptions.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Events {
    all: BTreeMap<EventId, EventSubscription>,
    sessions: BTreeMap<String, EventId>,
    owners: BTreeMap<SubscriptionId, BTreeSet<EventId>>,
    users: BTreeMap<UserKey, BTreeSet<EventId>>,
    /// The calls of users, as they were told last.
    dialogs: BTreeMap<UserKey, Vec<Dialog>>,
}

impl EventSubscription {
    pub(super) fn new(
        session: String,
        owner: SubscriptionId,
        (event_type, package): (String, Package),
        life: u64,
    ) -> Self {
        Self { session, owner, event_type, package, life, users: BTreeMap::new(), version: 0 }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.users.is_empty()
    }

    /// How many users it would have with these.
    pub(super) fn count_with(&self, more: &[(UserKey, String)]) -> usize {
        let fresh: BTreeSet<&UserKey> =
            more.iter().map(|(user, _)| user).filter(|user| !self.users.contains_key(user)).collect();
        self.users.len() + fresh.len()
    }

    /// The name by which the client knows a user of it.
    pub(super) fn spelled(&self, user: &UserKey) -> Option<&str> {
        self.users.get(user).map(String::as_str)
    }

    pub(super) fn next_version(&mut self) -> u32 {
        let version = self.version;
        self.version = self.version.wrapping_add(1);
        version
    }
}

impl Events {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    pub(super) fn get(&self, id: EventId) -> Option<&EventSubscription> {
        self.all.get(&id)
    }

    pub(super) fn get_mut(&mut self, id: EventId) -> Option<&mut EventSubscription> {
        self.all.get_mut(&id)
    }

    /// By its name in URLs: which it is, and whose.
    pub(super) fn by_session(&self, session: &str) -> Option<(EventId, SubscriptionId)> {
        let id = *self.sessions.get(session)?;
        self.all.get(&id).map(|event| (id, event.owner))
    }

    pub(super) fn of_owner(&self, owner: SubscriptionId) -> Vec<EventId> {
        self.owners.get(&owner).into_iter().flatten().copied().collect()
    }

    pub(super) fn count(&self, owner: SubscriptionId) -> usize {
        self.owners.get(&owner).map_or(0, BTreeSet::len)
    }

    /// Those of a package that are about a user, with their clients.
    pub(super) fn about(&self, user: &UserKey, package: Package) -> Vec<(EventId, SubscriptionId)> {
        self.ids_about(user, package).filter_map(|id| self.all.get(&id).map(|event| (id, event.owner))).collect()
    }

    /// Each of them with its client and each user whom it is about.
    pub(super) fn each(&self) -> impl Iterator<Item = (EventId, SubscriptionId, &UserKey)> {
        self.all.iter().flat_map(|(id, event)| event.users.keys().map(|user| (*id, event.owner, user)))
    }

    pub(super) fn has_about(&self, user: &UserKey, package: Package) -> bool {
        self.ids_about(user, package).next().is_some()
    }

    /// Remembers the calls of a user; returns whether they are others than were remembered.
    pub(super) fn dialogs_changed(&mut self, user: &UserKey, dialogs: Vec<Dialog>) -> bool {
        if !self.has_about(user, Package::Dialog) {
            return false;
        }
        self.dialogs.insert(user.clone(), dialogs.clone()).is_none_or(|known| known != dialogs)
    }

    pub(super) fn insert(&mut self, id: EventId, event: EventSubscription) {
        self.sessions.insert(event.session.clone(), id);
        self.owners.entry(event.owner).or_default().insert(id);
        self.all.insert(id, event);
    }

    pub(super) fn add_users(&mut self, id: EventId, users: Vec<(UserKey, String)>) {
        let Some(event) = self.all.get_mut(&id) else { return };
        for (user, name) in users {
            self.users.entry(user.clone()).or_default().insert(id);
            event.users.insert(user, name);
        }
    }

    pub(super) fn remove_users<'a>(&mut self, id: EventId, users: impl Iterator<Item = &'a UserKey>) {
        for user in users {
            if self.all.get_mut(&id).is_some_and(|event| event.users.remove(user).is_some()) {
                self.strike(id, user);
            }
        }
    }

    pub(super) fn remove(&mut self, id: EventId) {
        let Some(event) = self.all.remove(&id) else { return };
        self.sessions.remove(&event.session);
        if let Some(ids) = self.owners.get_mut(&event.owner) {
            ids.remove(&id);
            if ids.is_empty() {
                self.owners.remove(&event.owner);
            }
        }
        event.users.keys().for_each(|user| self.strike(id, user));
    }

    fn ids_about(&self, user: &UserKey, package: Package) -> impl Iterator<Item = EventId> {
        let ids = self.users.get(user).into_iter().flatten().copied();
        ids.filter(move |id| self.all.get(id).is_some_and(|event| event.package == package))
    }

    fn strike(&mut self, id: EventId, user: &UserKey) {
        let Some(ids) = self.users.get_mut(user) else { return };
        ids.remove(&id);
        if ids.is_empty() {
            self.users.remove(user);
        }
        if !self.has_about(user, Package::Dialog) {
            self.dialogs.remove(user);
        }
    }

    /// Whether nothing is left behind.
    #[cfg(test)]
    pub(super) fn is_clean(&self) -> bool {
        self.all.is_empty()
            && self.sessions.is_empty()
            && self.owners.is_empty()
            && self.users.is_empty()
            && self.dialogs.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn event_subscriptions_that_come_and_go_leave_nothing_behind() {
        for seed in 1_u64..=200 {
            let mut random = seed;
            let mut draw = |bound: u64| {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (random >> 33) % bound
            };
            let user = |number: u64| UserKey::of(&format!("user{number}@example.com"));
            let mut events = Events::default();
            let mut model: BTreeMap<EventId, (SubscriptionId, Package, BTreeSet<UserKey>)> = BTreeMap::new();
            for step in 0..80 {
                let (id, owner, whom) = (EventId(draw(6)), SubscriptionId(draw(3)), user(draw(4)));
                match draw(4) {
                    0 if !model.contains_key(&id) => {
                        let package = if draw(2) == 0 { Package::Dialog } else { Package::Presence };
                        let kind = ("event:x".to_owned(), package);
                        events.insert(id, EventSubscription::new(id.0.to_string(), owner, kind, 60));
                        model.insert(id, (owner, package, BTreeSet::new()));
                    }
                    1 => events.remove(id),
                    2 => events.add_users(id, vec![(whom.clone(), "x".into())]),
                    _ => events.remove_users(id, [&whom].into_iter()),
                }
                match events.get(id) {
                    Some(event) => model.get_mut(&id).unwrap().2 = event.users.keys().cloned().collect(),
                    None => drop(model.remove(&id)),
                }
                events.dialogs_changed(&whom, Vec::new());
                for whom in (0..4).map(user) {
                    for package in [Package::Dialog, Package::Presence] {
                        let about = |(_, kind, users): &(SubscriptionId, Package, BTreeSet<UserKey>)| {
                            *kind == package && users.contains(&whom)
                        };
                        let wanted: Vec<_> =
                            model.iter().filter(|(_, event)| about(event)).map(|(id, event)| (*id, event.0)).collect();
                        assert_eq!(events.about(&whom, package), wanted, "seed {seed}, step {step}");
                    }
                }
            }
            for owner in 0..3 {
                events.of_owner(SubscriptionId(owner)).into_iter().for_each(|id| events.remove(id));
            }
            assert!(events.is_clean(), "seed {seed}");
        }
    }
}
