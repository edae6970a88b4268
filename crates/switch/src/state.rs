//! Going on after a restart: everything that clients have been told, as one text, and a switch made of it again.
//!
//! Sockets are not part of it: clients open their channels again, as after any other loss. Accounts and policy are not
//! either, because they may be others by then.
//!
//! Access and refresh tokens and `x-session` values are in it as fingerprints, which are good for nothing. In clear are:
//!
//! | what | why | what it is good for |
//! | --- | --- | --- |
//! | the paths of channels | clients are told theirs again whenever they extend a subscription (§2.4) | for UC clients nothing without a token; Link clients open their sockets by it alone |
//! | ids of subscriptions, events and devices, sessions of calls | they are told in every notification or response | nothing without a credential of their user |
//! | tokens of devices of push services | they have to be handed to the webhook | waking the device |
//! | notifications that wait, descriptions of calls | they have to be told | reading them |

use std::collections::BTreeSet;

use kandy_wire::{Malformed, decode, encode};
use serde::{Deserialize, Serialize};

use crate::{
    Now, SubscriptionId, Switch,
    accounts::UserKey,
    calls::Calls,
    events::Events,
    owed::{Owed, State},
    presence::Board,
    push::Devices,
    subscription::Subscriptions,
    timers::Timer,
    tokens::Tokens,
};

/// Changes with every change of what is written; a text of another one is not read.
const VERSION: u32 = 3;

/// What is written.
#[derive(Serialize)]
struct Written<'a> {
    version: u32,
    at: u64,
    last_id: u64,
    last_event: u64,
    tokens: &'a Tokens,
    subscriptions: &'a Subscriptions,
    calls: &'a Calls,
    devices: &'a Devices,
    board: &'a Board,
    events: &'a Events,
    owed: Vec<(SubscriptionId, Vec<&'a State>)>,
    timers: Vec<(u64, &'a Timer)>,
}

/// What is read: the same.
#[derive(Deserialize)]
struct Read {
    at: u64,
    last_id: u64,
    last_event: u64,
    tokens: Tokens,
    subscriptions: Subscriptions,
    calls: Calls,
    devices: Devices,
    board: Board,
    events: Events,
    owed: Vec<(SubscriptionId, Vec<State>)>,
    timers: Vec<(u64, Timer)>,
}

#[derive(Deserialize)]
struct Version {
    version: u32,
}

/// Why a switch cannot go on from a text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RestoreError {
    /// Not what a switch writes.
    #[error("the state is {0}")]
    Malformed(#[from] Malformed),
    /// Written by another version.
    #[error("the state was written by another version of the gateway")]
    Version,
}

impl Switch {
    /// Everything that a new switch needs to go on from here, as a text for [`Self::restore`]. It holds paths of channels and
    /// descriptions, so it is as secret as they are. Deliveries and pushes that were not taken are not part of it.
    pub fn save(&mut self, now: Now) -> String {
        self.tick(now);
        encode(&Written {
            version: VERSION,
            at: now.0,
            last_id: self.last_id,
            last_event: self.last_event,
            tokens: &self.tokens,
            subscriptions: &self.subscriptions,
            calls: &self.calls,
            devices: &self.devices,
            board: &self.board,
            events: &self.events,
            owed: self.owed.all(),
            timers: self.timers.all().filter(|(_, timer)| !matches!(timer, Timer::Check(_))).collect(),
        })
    }

    /// Goes on where [`Self::save`] was called on another switch; for one that is new. Clients had nothing to reach
    /// meanwhile, so whatever waits for them is put off by that time; tokens and subscriptions end when they were said to.
    /// Users who have no account any longer are logged out.
    ///
    /// # Errors
    /// [`RestoreError`] when the text is not of this version; then nothing has changed.
    pub fn restore(&mut self, now: Now, text: &str) -> Result<(), RestoreError> {
        if decode::<Version>(text)?.version != VERSION {
            return Err(RestoreError::Version);
        }
        let state = decode::<Read>(text)?;
        let down = now.0.saturating_sub(state.at);
        (self.last_id, self.last_event) = (state.last_id, state.last_event);
        (self.tokens, self.subscriptions) = (state.tokens, state.subscriptions);
        (self.calls, self.devices) = (state.calls, state.devices);
        (self.board, self.events, self.owed) = (state.board, state.events, Owed::restored(state.owed));
        self.subscriptions.restarted(now.0, down);
        for (at, timer) in state.timers {
            let put_off = if timer.waits_for_clients() { down } else { 0 };
            self.timers.set(timer, at.saturating_add(put_off));
        }
        let users =
            self.subscriptions.users().chain(self.tokens.users()).chain(self.devices.users()).chain(self.board.users());
        let strangers: BTreeSet<UserKey> = users.filter(|user| self.accounts.find(user).is_none()).cloned().collect();
        for user in &strangers {
            self.end_user(now.0, user);
        }
        for id in self.subscriptions.ids() {
            self.newcomer(id);
        }
        Ok(())
    }
}
