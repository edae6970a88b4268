//! Presence: what users say of themselves, who wants to know it, and telling them (§6).
//!
//! A publication belongs to the subscription that made it and ends with it. Of several devices of a user the newest
//! publication counts; when it ends, the one before it counts again. What was stored by a gateway that ended without a
//! word belongs to nobody: it counts until the time that was stored with it, or until one of the user's devices publishes.
//!
//! A watch belongs to the subscription that asked for it, whatever becomes of its sockets, and what it leads to is told to
//! all of the user's devices that have the presence service (§12.4).

mod board;
#[cfg(test)]
mod random;

use std::collections::BTreeSet;

use kandy_wire::{
    decode,
    presence::{Presence, PresenceRequest, PresenceWatcher, PresenceWatcherRequest, WatchAction, done},
};

use crate::{
    Device, Fact, Now, Response, SubscriptionId, Switch, UserKey,
    events::Package,
    fault::{Fault, code},
    owed::State,
    timers::Timer,
};

pub(crate) use board::Board;

/// Longest note, in characters.
const MAX_NOTE: usize = 500;
/// Longest name of a user, in bytes: that of a mail address (RFC 5321 §4.5.3.1).
pub(crate) const MAX_NAME: usize = 320;

/// The service that presence comes with.
const SERVICE: &str = "Presence";

const NOT_SUBSCRIBED: Fault =
    Fault::new(403, code::NO_SUBSCRIPTION, "Presence needs a subscription to the presence service.");
const LONG_NOTE: Fault = Fault::new(400, code::VALUE, "A note has at most 500 characters.");
const BAD_NAME: Fault = Fault::new(400, code::VALUE, "A list of users needs names, and shorter ones.");
const TOO_MANY: Fault = Fault::new(429, code::VALUE, "This client watches too many users.");

/// What a user says of themselves, to be stored and then handed to [`Switch::publish`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// What it says, and until when.
    pub stored: StoredPresence,
    owner: SubscriptionId,
}

/// What is known of a user's presence after an end without a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPresence {
    /// Whose.
    pub user: UserKey,
    /// Grows with everything that is published or ends. What is stored must not be replaced by something older.
    pub version: u64,
    /// What they said, and until when it counts (ms since the epoch); `None` when nothing counts any longer.
    pub said: Option<(Presence, u64)>,
}

impl Switch {
    /// `POST presence` (§6.2), as far as the store.
    ///
    /// # Errors
    /// What is wrong with the request.
    pub fn presence_wish(
        &mut self,
        now: Now,
        user: &UserKey,
        device: Option<Device>,
        body: &str,
    ) -> Result<Publication, Fault> {
        let presence = decode::<PresenceRequest>(body).map_err(|_| Fault::BODY)?.presence_request;
        if presence.note.iter().any(|note| note.chars().count() > MAX_NOTE) {
            return Err(LONG_NOTE);
        }
        let owner = self.presence_owner(now.0, device)?;
        let until = self.timers.due(&Timer::Subscription(owner)).ok_or(NOT_SUBSCRIBED)?;
        let stored =
            StoredPresence { user: user.clone(), version: self.fresh_event(now.0), said: Some((presence, until)) };
        Ok(Publication { stored, owner })
    }

    /// Makes a publication known that is stored by now.
    pub fn publish(&mut self, now: Now, publication: Publication) -> Response {
        self.tick(now);
        let Publication { stored: StoredPresence { user, version, said }, owner } = publication;
        match said {
            Some((presence, _)) if self.subscriptions.get(owner).is_some() => {
                self.timers.clear(&Timer::Presence(user.clone()));
                if self.board.publish(&user, Some(owner), version, presence) {
                    self.presence_changed(now.0, &user);
                }
            }
            // Its device left while it was stored.
            _ => self.store_presence(now.0, &user),
        }
        Response::ok(&done("presenceResponse"))
    }

    /// What was stored by a gateway that ended. Where the switch knows better, or the user has no account any longer, it does
    /// not count.
    pub fn recall_presence(&mut self, now: Now, stored: Vec<StoredPresence>) {
        for StoredPresence { user, version, said } in stored {
            let known = self.accounts.find(&user).is_some() && !self.board.says(&user);
            if let Some((presence, until)) = said.filter(|(_, until)| known && *until > now.0) {
                self.board.publish(&user, None, version, presence);
                self.timers.set(Timer::Presence(user), until);
            }
        }
    }

    /// `POST presenceWatcher` (§6.3). What is asked for comes as notifications (§6.5).
    ///
    /// # Errors
    /// What is wrong with the request.
    pub fn watch_presence(
        &mut self,
        now: Now,
        user: &UserKey,
        device: Option<Device>,
        body: &str,
    ) -> Result<Response, Fault> {
        let wish = decode::<PresenceWatcherRequest>(body).map_err(|_| Fault::BODY)?;
        let PresenceWatcher { user_list, action } = wish.presence_watcher_request;
        if user_list.iter().any(|name| name.trim().is_empty() || name.len() > MAX_NAME) {
            return Err(BAD_NAME);
        }
        let owner = self.presence_owner(now.0, device)?;
        let users = user_list.into_iter().map(|name| (UserKey::called(&name, user), name));
        match action {
            WatchAction::Stopwatch => {
                users.for_each(|(watched, name)| self.stop_watching(user, owner, &watched, &name))
            }
            WatchAction::Get | WatchAction::Watch => {
                let users: Vec<(UserKey, String)> = users.collect();
                let bound = self.policy.watches_per_subscription;
                if self.owed.count(owner) + users.len() > 2 * bound {
                    return Err(TOO_MANY);
                }
                if action == WatchAction::Watch && !self.board.watch(owner, &users, bound) {
                    return Err(TOO_MANY);
                }
                let devices = self.presence_devices(user);
                for (watched, name) in users {
                    for device in &devices {
                        self.owed.add(*device, State::Presence(name.clone(), watched.clone()));
                    }
                }
                devices.into_iter().for_each(|device| self.pay(now.0, device));
            }
        }
        Ok(Response::ok(&done("presenceWatcherResponse")))
    }

    /// A publication that belonged to nobody is over.
    pub(crate) fn presence_expired(&mut self, now: u64, user: &UserKey) {
        self.timers.clear(&Timer::Presence(user.clone()));
        if self.board.withdraw(user, None) {
            self.store_presence(now, user);
            self.presence_changed(now, user);
        }
    }

    /// A subscription lives longer than was stored.
    pub(crate) fn presence_extended(&mut self, now: u64, id: SubscriptionId, user: &UserKey) {
        if self.board.newest(user).is_some_and(|newest| newest.owner == Some(id)) {
            self.store_presence(now, user);
        }
    }

    /// A subscription ended: what it published is over, and it watches nobody any longer.
    pub(crate) fn presence_ended(&mut self, now: u64, id: SubscriptionId, user: &UserKey) {
        self.board.forget(id);
        if self.board.withdraw(user, Some(id)) {
            self.store_presence(now, user);
            self.presence_changed(now, user);
        }
    }

    fn presence_owner(&mut self, now: u64, device: Option<Device>) -> Result<SubscriptionId, Fault> {
        let Device(owner) = device.ok_or(NOT_SUBSCRIBED)?;
        let subscription = self.subscriptions.get_mut(owner).filter(|s| s.has(SERVICE)).ok_or(NOT_SUBSCRIBED)?;
        subscription.last_active = now;
        Ok(owner)
    }

    /// Where the request cannot tell which device sent it, the watch may be another one's.
    fn stop_watching(&mut self, by: &UserKey, owner: SubscriptionId, user: &UserKey, name: &str) {
        if !self.board.unwatch(owner, user, name) {
            let others: Vec<SubscriptionId> = self.subscriptions.of_user(by).map(|(id, _)| id).collect();
            let _ = others.into_iter().any(|other| self.board.unwatch(other, user, name));
        }
    }

    fn presence_devices(&self, user: &UserKey) -> Vec<SubscriptionId> {
        self.subscriptions.of_user(user).filter(|(_, s)| s.has(SERVICE)).map(|(id, _)| id).collect()
    }

    fn presence_changed(&mut self, now: u64, user: &UserKey) {
        let mut told = Vec::new();
        for (watcher, names) in self.board.watchers(user) {
            let Some(subscription) = self.subscriptions.get(watcher) else { continue };
            if self.accounts.reaches(&subscription.user, user) {
                told.extend(self.states(&subscription.user, user, names));
            }
        }
        self.tell_presence(now, told);
        self.event_happened(now, user, Package::Presence);
    }

    /// Who may know of whom is another thing now: tells what is known of those whom it concerns, or that nothing is.
    pub(crate) fn tell_presence_again(&mut self, now: u64, changed: impl Fn(&UserKey, &UserKey) -> bool) {
        let mut told = Vec::new();
        for (user, watcher, names) in self.board.watches() {
            let Some(subscription) = self.subscriptions.get(watcher) else { continue };
            if changed(&subscription.user, user) {
                told.extend(self.states(&subscription.user, user, names));
            }
        }
        self.tell_presence(now, told);
    }

    /// What the devices of a watcher are to be told.
    fn states(&self, watcher: &UserKey, user: &UserKey, names: &BTreeSet<String>) -> Vec<(SubscriptionId, State)> {
        let state = |device: SubscriptionId| {
            names.iter().map(move |name| (device, State::Presence(name.clone(), user.clone())))
        };
        self.presence_devices(watcher).into_iter().flat_map(state).collect()
    }

    fn tell_presence(&mut self, now: u64, told: Vec<(SubscriptionId, State)>) {
        for (device, state) in told {
            self.owed.add(device, state);
            self.pay(now, device);
        }
    }

    /// Says what is to be stored about a user from now on.
    fn store_presence(&mut self, now: u64, user: &UserKey) {
        let newest = self.board.newest(user);
        let until = match newest.map(|newest| newest.owner) {
            Some(Some(owner)) => self.timers.due(&Timer::Subscription(owner)),
            Some(None) => self.timers.due(&Timer::Presence(user.clone())),
            None => None,
        };
        let said = newest.map(|newest| newest.presence.clone()).zip(until);
        let stored = StoredPresence { user: user.clone(), version: self.fresh_event(now), said };
        self.note(Fact::Presence(stored));
    }
}
