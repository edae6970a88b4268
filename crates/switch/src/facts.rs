//! What the shell is to store: how calls ended for each of their parties, and what counts of users' presence.
//!
//! A record is made for a party when it has nothing more to do with a call: when its session ends after a talk, when it
//! rejects or forwards the call, or when the call is over without any of its devices having done something about it. Other
//! devices of a user who answered have no record of their own, so no call is missed that was answered elsewhere. Click to
//! call leaves no record before the user's own device has answered: until then nobody was called.

use kandy_wire::{SessionId, history::Direction};

use crate::{
    Switch,
    accounts::UserKey,
    calls::{Leg, Party},
    presence::StoredPresence,
};

/// Facts that wait for the shell, which takes them after every call of the switch.
const WAITING: usize = 1 << 16;

/// Something to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// A call is over for one of its parties.
    Call(CallRecord),
    /// What counts of a user's presence from now on.
    Presence(StoredPresence),
}

/// A call as one of its parties sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallRecord {
    /// Whose record it is.
    pub user: UserKey,
    /// What the call was for them.
    pub direction: Direction,
    /// Their own name, as it was shown to the other side.
    pub name: String,
    /// The other side's name.
    pub remote_name: String,
    /// The other side: `user@domain`.
    pub remote_number: String,
    /// When it was started, ms since the epoch.
    pub started: u64,
    /// How long they talked, in ms; 0 if they did not.
    pub duration: u64,
}

impl Fact {
    /// Whether it is a record of this user's calls.
    fn is_record_of(&self, user: &UserKey) -> bool {
        matches!(self, Self::Call(record) if record.user == *user)
    }
}

impl Switch {
    /// Hands a fact to the shell. At most 65536 wait; the oldest give way.
    pub(crate) fn note(&mut self, fact: Fact) {
        self.facts.push(fact);
        self.facts.drain(..self.facts.len().saturating_sub(WAITING));
    }

    /// Whoever leaves keeps no records.
    pub(crate) fn forget_records(&mut self, user: &UserKey) {
        self.facts.retain(|fact| !fact.is_record_of(user));
    }

    /// A session is over: its party's record, if it is the one to have it.
    pub(crate) fn record_session(&mut self, now: u64, session: &SessionId) {
        let Some(leg) = self.calls.leg(session) else { return };
        let Leg { party, first, started, talked_since, outgoing, .. } = leg;
        let direction = match (outgoing, talked_since) {
            (true, _) => Direction::Outgoing,
            (false, Some(_)) => Direction::Incoming,
            (false, None) => return,
        };
        let duration = talked_since.map_or(0, |since| now.saturating_sub(since));
        let (party, first, started) = (party.clone(), first.clone(), *started);
        self.record(direction, &party, &first, started, duration);
    }

    /// A record of a call that its party did not talk in.
    pub(crate) fn record(&mut self, direction: Direction, party: &Party, remote: &Party, started: u64, duration: u64) {
        // Whoever has no account keeps no records.
        if self.accounts.find(&party.user).is_none() {
            return;
        }
        let to = &party.user;
        let shown = |party: &Party| party.name.clone().unwrap_or_else(|| self.accounts.name_to(&party.user, to));
        let record = CallRecord {
            user: party.user.clone(),
            direction,
            name: shown(party),
            remote_name: shown(remote),
            remote_number: self.accounts.number_to(&remote.user, to),
            started,
            duration,
        };
        self.note(Fact::Call(record));
    }

    /// Somebody who was offered a call did something about it themselves: rejected or forwarded it.
    pub(crate) fn record_refused(&mut self, session: &SessionId) {
        let Some(leg) = self.calls.leg(session) else { return };
        let (id, party, remote) = (leg.call, leg.party.clone(), leg.first.clone());
        if let Some(since) = self.calls.settle(id, &party.user) {
            self.record(Direction::Incoming, &party, &remote, since, 0);
        }
    }

    /// A call is over: whoever was offered it and did nothing about it has missed it.
    pub(crate) fn record_missed(&mut self, offered: impl Iterator<Item = (UserKey, u64)>, from: &Party) {
        for (user, since) in offered {
            self.record(Direction::Missed, &Party::of(user), from, since, 0);
        }
    }
}
