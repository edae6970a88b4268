//! Things of which only the latest state counts: presences, and documents about users.
//!
//! A client is owed the state, not each change. What it is owed is handed to its socket in bunches, each when the one before
//! has been written, as it is at that moment; while there is no socket it just goes on being owed. So a burst of changes
//! neither pushes calls and messages out of the client's channel nor chokes its socket, be that ever so slow, and a client
//! that comes back hears what is true then. What was written is owed again to a new socket until a frame of the client shows, as for everything else, that the
//! socket lived when it was written.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use kandy_wire::{
    encode,
    presence::{Presence, PresenceParams},
};
use serde::{Deserialize, Serialize};

use crate::{Delivery, EventId, SubscriptionId, Switch, accounts::UserKey};

/// States that one client can be owed; the oldest give way. More than one client may ask for, but what the other clients of its
/// user ask for is told to it as well, also while it has no socket.
const MOST: usize = 10_000;

/// A state that a client is owed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum State {
    /// The presence of a user, by the name that the client knows them by.
    Presence(String, UserKey),
    /// What an event subscription says of a user.
    Event(EventId, UserKey),
}

/// What clients are owed, and what was written to their sockets without proof that it arrived.
#[derive(Debug, Default)]
pub(crate) struct Owed(BTreeMap<SubscriptionId, Account>);

#[derive(Debug, Default)]
struct Account {
    /// In the order in which they came, so that none waits for ever behind others that change all the time.
    order: VecDeque<State>,
    /// The same.
    open: BTreeSet<State>,
    written: BTreeMap<State, u64>,
    /// Whether a bunch is on its way to the socket.
    busy: bool,
}

impl Account {
    fn add(&mut self, state: State) {
        self.written.remove(&state);
        if self.open.insert(state.clone()) {
            self.order.push_back(state);
        }
    }
}

impl Owed {
    /// What was saved: nothing of it has arrived.
    pub(crate) fn restored(saved: Vec<(SubscriptionId, Vec<State>)>) -> Self {
        let mut owed = Self::default();
        for (id, states) in saved {
            states.into_iter().for_each(|state| owed.add(id, state));
        }
        owed
    }

    /// Everything that may not have arrived.
    pub(crate) fn all(&self) -> Vec<(SubscriptionId, Vec<&State>)> {
        self.0.iter().map(|(id, account)| (*id, account.written.keys().chain(&account.order).collect())).collect()
    }

    /// How many states a client is owed, or may not have.
    pub(crate) fn count(&self, id: SubscriptionId) -> usize {
        self.0.get(&id).map_or(0, |account| account.open.len() + account.written.len())
    }

    pub(crate) fn add(&mut self, id: SubscriptionId, state: State) {
        let account = self.0.entry(id).or_default();
        account.add(state);
        if account.order.len() > MOST
            && let Some(oldest) = account.order.pop_front()
        {
            account.open.remove(&oldest);
        }
    }

    /// Takes up to `most` states to be written now, if none are on their way.
    fn take(&mut self, id: SubscriptionId, now: u64, most: usize) -> Vec<State> {
        let Some(account) = self.0.get_mut(&id).filter(|account| !account.busy) else { return Vec::new() };
        let states: Vec<State> = account.order.drain(..most.min(account.order.len())).collect();
        for state in &states {
            account.open.remove(state);
            account.written.insert(state.clone(), now);
        }
        account.busy = !states.is_empty();
        states
    }

    /// The bunch was written.
    fn ready(&mut self, id: SubscriptionId) {
        if let Some(account) = self.0.get_mut(&id) {
            account.busy = false;
        }
    }

    /// A new socket takes over.
    fn reopen(&mut self, id: SubscriptionId) {
        self.ready(id);
        if let Some(account) = self.0.get_mut(&id) {
            std::mem::take(&mut account.written).into_keys().for_each(|state| account.add(state));
        }
    }

    /// What was written until then did arrive.
    pub(crate) fn proven(&mut self, id: SubscriptionId, until: u64) {
        if let Some(account) = self.0.get_mut(&id) {
            account.written.retain(|_, at| *at > until);
            if account.open.is_empty() && account.written.is_empty() && !account.busy {
                self.0.remove(&id);
            }
        }
    }

    pub(crate) fn forget(&mut self, id: SubscriptionId) {
        self.0.remove(&id);
    }
}

impl Switch {
    /// Hands a bunch of what a client is owed to its socket, unless one is on its way.
    pub(crate) fn pay(&mut self, now: u64, id: SubscriptionId) {
        let socket = self.subscriptions.get(id).and_then(|subscription| subscription.channel.socket());
        let Some(socket) = socket else { return };
        let states = self.owed.take(id, now, self.policy.states_at_once);
        if states.is_empty() {
            return;
        }
        for state in states {
            let event = self.fresh_event(now);
            let Some(text) = self.state_text(now, event, id, &state) else { continue };
            if let Some(subscription) = self.subscriptions.get_mut(id) {
                subscription.channel.passed(event);
            }
            self.out.push(Delivery::Frame { socket, text });
        }
        self.out.push(Delivery::Mark { socket });
    }

    /// A bunch was written.
    pub(crate) fn pay_more(&mut self, now: u64, id: SubscriptionId) {
        self.owed.ready(id);
        self.pay(now, id);
    }

    /// A client has a new socket.
    pub(crate) fn pay_again(&mut self, now: u64, id: SubscriptionId) {
        self.owed.reopen(id);
        self.pay(now, id);
    }

    /// A client is gone.
    pub(crate) fn forget_owed(&mut self, id: SubscriptionId) {
        self.owed.forget(id);
    }

    /// The notification of a state as it is now; `None` when there is nothing to tell any longer.
    fn state_text(&mut self, now: u64, event: u64, id: SubscriptionId, state: &State) -> Option<String> {
        match state {
            State::Presence(name, user) => {
                let reached = self.accounts.reaches(&self.subscriptions.get(id)?.user, user);
                let presence = if reached { self.board.current(user) } else { &Presence::UNKNOWN };
                let params = PresenceParams { name: name.clone(), presence: presence.clone() };
                Some(notice(now, event, "presenceWatcher", "presenceWatcherNotificationParams", &params))
            }
            State::Event(id, user) => {
                let (event_type, params) = self.event_document(*id, user)?;
                Some(notice(now, event, &event_type, "genericNotificationParams", &params))
            }
        }
    }
}

/// A notification whose subject has a member of its own for what there is to tell.
fn notice<P: Serialize>(now: u64, event: u64, event_type: &str, member: &str, params: &P) -> String {
    let notification_message =
        Notice { event_type, event_id: event.to_string(), time: now, params: [(member, params)].into() };
    encode(&NoticeFrame { notification_message })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NoticeFrame<'a, P> {
    notification_message: Notice<'a, P>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Notice<'a, P> {
    event_type: &'a str,
    event_id: String,
    time: u64,
    #[serde(flatten)]
    params: BTreeMap<&'a str, &'a P>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_taken_in_their_order_and_the_oldest_give_way() {
        let state = |n: usize| State::Presence(n.to_string(), UserKey::of("a@x"));
        let (mut owed, id) = (Owed::default(), SubscriptionId(1));
        for n in [3, 1, 2, 3, 1] {
            owed.add(id, state(n));
        }
        assert_eq!(owed.take(id, 10, 2), [state(3), state(1)], "each once");
        assert_eq!(owed.take(id, 10, 2), [], "one bunch at a time");
        owed.ready(id);
        owed.add(id, state(3));
        assert_eq!(owed.take(id, 20, 9), [state(2), state(3)]);
        owed.proven(id, 15);
        owed.reopen(id);
        assert_eq!(owed.take(id, 30, 9), [state(2), state(3)], "what was not proven comes again");
        owed.ready(id);
        owed.proven(id, 30);
        assert_eq!(owed.count(id), 0);
        assert!(owed.0.is_empty());
        (0..MOST + 2).for_each(|n| owed.add(id, state(n)));
        assert_eq!((owed.count(id), owed.take(id, 40, 1)), (MOST, vec![state(2)]));
    }
}
