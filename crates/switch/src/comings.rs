//! Accounts that come, change and go while the switch runs, and realms that close and open.
//!
//! Whoever goes is forced out in this order: no token of theirs is good any longer; every call ends in which they are; each of
//! their clients is told `gone` (§2.9), and its socket is closed with 1000, after which newer clients do not come back (§3.6);
//! whoever watches them hears that they are not there; their devices are woken no longer. What the other party of a call
//! hears is what it hears of anybody who hangs up or is not there:
//!
//! | the call | the other party is told |
//! | --- | --- |
//! | answered | `callEnd` without code and words (§4.6.2) |
//! | rings at the user who goes, on no other device | `callEnd` 480, "Temporarily Unavailable" (§4.6.5, §11.3) |
//! | rings at somebody else, called by the user who goes | `callEnd` 487 without words: a missed call (§4.6.4) |
//! | the user who goes transfers it to somebody who rings | `callEnd` without code and words; the target a missed call |
//!
//! A client that did not hear `gone` finds out: its token is refused (401), its channel is not there, and when it extends its
//! subscription it is told 404 with code 39, by which released clients since 4.29 know that they are out (§2.4). Code 39
//! needs the id of the subscription, which nobody else can guess, so that it tells nobody else who was here.

use crate::{
    Account, Accounts, AccountsError, Now, SubscriptionId, Switch, accounts::UserKey, auth::STALE, fault::Fault,
    realms::Realms, routes::UserRoute, subscription::NONE,
};

/// What an account had that is gone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Removed {
    /// Clients that were logged in.
    pub sessions: usize,
    /// Calls that they were in, each once.
    pub calls: usize,
}

impl Switch {
    /// Takes one more account. Its user may log in from now on, and may be called, watched and written to.
    ///
    /// # Errors
    /// [`AccountsError`] when it can't be used, or its user or authname is taken; then nothing has changed.
    pub fn add_account(&mut self, now: Now, account: Account) -> Result<(), AccountsError> {
        self.tick(now);
        self.accounts.add(account)
    }

    /// Takes an account in place of the one of the same user: other names are shown from the next notification on. Nobody is
    /// logged out, be the password another one or not; see [`Self::log_out`].
    ///
    /// # Errors
    /// [`AccountsError`] when there is none or the new one can't be used; then nothing has changed.
    pub fn change_account(&mut self, now: Now, account: Account) -> Result<(), AccountsError> {
        self.tick(now);
        self.accounts.change(account)
    }

    /// Forgets an account, after its user was forced out as is said above. Nothing of theirs stays, save what belongs to
    /// others: watches that others asked for, for two minutes the ended calls of others, and what waits for others. Their
    /// records of calls are not stored any longer; that their presence is over still is, as a [`crate::Fact`].
    pub fn remove_account(&mut self, now: Now, user: &UserKey) -> Removed {
        self.tick(now);
        let sessions = self.subscriptions.of_user(user).count();
        let calls = self.calls_of(user).len();
        self.end_user(now.0, user);
        self.tell_dialogs(now.0);
        // Not before: until now, others are told of them by their name.
        self.accounts.remove(user);
        self.forget_records(user);
        self.forget_arrivals(user);
        Removed { sessions, calls }
    }

    /// Logs a user out everywhere, as is said above, for example because their password is another one. They may log in again.
    ///
    /// `user` is `user@domain`. Returns how many token logins, subscriptions
    /// and devices of push services there were.
    pub fn log_out(&mut self, now: Now, user: &str) -> usize {
        self.tick(now);
        let ended = self.end_user(now.0, &UserKey::of(user));
        self.tell_dialogs(now.0);
        ended
    }

    pub(crate) fn end_user(&mut self, now: u64, user: &UserKey) -> usize {
        let grants = self.tokens.of_user(user);
        for grant in &grants {
            self.close_grant(*grant);
        }
        let subscriptions: Vec<SubscriptionId> = self.subscriptions.of_user(user).map(|(id, _)| id).collect();
        for subscription in &subscriptions {
            self.end_calls_of(now, *subscription);
        }
        for subscription in &subscriptions {
            self.force_out(now, *subscription);
        }
        self.presence_expired(now, user);
        grants.len() + subscriptions.len() + self.devices.forget(user)
    }

    /// From now on the users of a domain are a realm of their own.
    pub fn close_domain(&mut self, now: Now, domain: &str) {
        self.change_realms(now, |accounts| accounts.close_domain(domain));
    }

    /// Opens the realms of two domains to each other. A domain that is not closed stands for all that are not.
    pub fn open_pair(&mut self, now: Now, a: &str, b: &str) {
        self.change_realms(now, |accounts| accounts.open_pair(a, b));
    }

    /// Takes that back. Calls between the two end, and who watches somebody of the other one is told that nothing is known.
    pub fn close_pair(&mut self, now: Now, a: &str, b: &str) {
        self.change_realms(now, |accounts| accounts.close_pair(a, b));
    }

    fn change_realms(&mut self, now: Now, change: impl FnOnce(&mut Accounts)) {
        self.tick(now);
        let before = self.accounts.realms();
        change(&mut self.accounts);
        let after = self.accounts.realms();
        let reaches = |realms: &Realms, a: &UserKey, b: &UserKey| realms.reaches(a.domain(), b.domain());
        // The ends are told with the names that were known until now.
        self.accounts.set_realms(&before);
        self.end_calls_between(now.0, |a, b| reaches(&before, a, b) && !reaches(&after, a, b));
        self.tell_dialogs(now.0);
        self.accounts.set_realms(&after);
        let changed = |a: &UserKey, b: &UserKey| reaches(&before, a, b) != reaches(&after, a, b);
        self.tell_presence_again(now.0, changed);
        self.tell_events_again(now.0, changed);
    }

    /// The refusal of an extension whose client was forced out.
    pub(crate) fn forced_out(&self, route: &UserRoute, fault: Fault) -> Fault {
        match route {
            UserRoute::Extend(id) if fault == STALE && self.subscriptions.was_forced_out(id) => NONE,
            _ => fault,
        }
    }
}
