//! Who reaches whom. The users of a customer are a realm of their own, and the operator's users, of whatever domains, are
//! another one. Whoever is in a realm that is not reached is treated as if they did not exist: with the same status, the same
//! body and the same work as for a name that nobody has. The decision is in [`Realms::reaches`] alone; these are the places
//! that ask for it, through [`Accounts::visible`](crate::Accounts::visible) and its neighbours:
//!
//! | what | where | as if there were nobody |
//! | --- | --- | --- |
//! | start of a call | `calls/start.rs`, `offer` | the call ends with 404 |
//! | forward of a ringing call | `calls/ending.rs`, `forward`: the target must be reached by both | the caller's call ends with 404 |
//! | direct transfer | `calls/transfer.rs`, `transfer`: by both | the transfer fails with 404 |
//! | consultative transfer | `calls/consult.rs`, `consult`: one party by the other | the other session does not exist |
//! | click to call | `calls/click.rs`, by `offer` | the call ends with 404 when a device has answered |
//! | join | `calls/start.rs` | is not offered to anybody |
//! | calls whose parties' realms part | `Switch::close_domain`, `Switch::close_pair` | end as if hung up |
//! | names of the other side of a call | `calls/notify.rs`, `facts.rs` | what was dialled |
//! | records of calls | `calls/start.rs`, `offer`: nobody missed a call that they were not offered | no record |
//! | presence that is fetched or watched | `owed.rs`, `presence/mod.rs` | unknown, and never changes |
//! | documents of events | `events/mod.rs` | no calls, closed presence, and never change |
//! | watches and events whose realm closes or opens | `Switch::close_domain` and its neighbours | are told at once |
//! | receivers of messages, members of new groups | `people.rs`, `find_receivers` | no such destination |
//! | names in messages and threads | `gateway/people/messages.rs`, `threads.rs` | the identity, as of somebody who left |
//! | files | only those see them who see a message that has them: as messages | |
//! | directory | `directory.rs`, `search` | is not found |
//! | contacts, profile, voicemail, history, devices | are the user's own: no request names another one | |
//!
//! What was written with somebody who is not reached any longer stays, as with somebody who left.

use std::collections::{BTreeMap, BTreeSet};

/// Which domains are closed, and which realms the operator opened to each other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Realms {
    closed: BTreeSet<String>,
    /// Both ways, by the domains that were named.
    pairs: BTreeMap<String, BTreeSet<String>>,
}

impl Realms {
    /// Whether users of these domains (lower case) may know of each other: of one domain always, of two that are not closed
    /// as well, of all others if their realms were opened to each other.
    pub fn reaches(&self, a: &str, b: &str) -> bool {
        match (self.realm(a), self.realm(b)) {
            (one, two) if one == two => true,
            (Some(closed), other) | (other, Some(closed)) => self.named(closed).any(|named| self.realm(named) == other),
            (None, None) => true,
        }
    }

    /// From now on a domain is a realm of its own.
    pub(crate) fn close(&mut self, domain: &str) {
        self.closed.insert(domain.to_ascii_lowercase());
    }

    /// Opens the realms of two domains to each other; a domain that is not closed stands for all of these.
    pub(crate) fn open_pair(&mut self, a: &str, b: &str) {
        let (a, b) = (a.to_ascii_lowercase(), b.to_ascii_lowercase());
        for (one, two) in [(&a, &b), (&b, &a)] {
            self.pairs.entry(one.clone()).or_default().insert(two.clone());
        }
    }

    /// Takes that back, whichever domains were named for the same realms.
    pub(crate) fn close_pair(&mut self, a: &str, b: &str) {
        let (a, b) = (a.to_ascii_lowercase(), b.to_ascii_lowercase());
        let meant = (self.realm(&a).map(str::to_owned), self.realm(&b).map(str::to_owned));
        let closed = self.closed.clone();
        let realm = |domain: &String| closed.get(domain).cloned();
        for (one, partners) in &mut self.pairs {
            partners.retain(|two| {
                let pair = (realm(one), realm(two));
                pair != meant && (pair.1, pair.0) != meant
            });
        }
        self.pairs.retain(|_, partners| !partners.is_empty());
    }

    /// The closed domain that this is; `None` for the realm of all others.
    fn realm(&self, domain: &str) -> Option<&str> {
        self.closed.get(domain).map(String::as_str)
    }

    fn named(&self, domain: &str) -> impl Iterator<Item = &String> {
        self.pairs.get(domain).into_iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn realms_reach_each_other_where_the_operator_opened_them() {
        let mut realms = Realms::default();
        let check = |realms: &Realms, rows: &[(&str, &str, bool)]| {
            for (a, b, wanted) in rows {
                assert_eq!(realms.reaches(a, b), *wanted, "{a} to {b}");
                assert_eq!(realms.reaches(b, a), *wanted, "{b} to {a}");
            }
        };
        check(&realms, &[("acme.x", "op.x", true), ("op.x", "own.x", true)]);
        realms.close("Acme.x");
        realms.close("blue.x");
        let apart = [
            ("acme.x", "acme.x", true),
            ("op.x", "own.x", true),
            ("acme.x", "blue.x", false),
            ("acme.x", "op.x", false),
            ("acme.x", "", false),
            ("sub.acme.x", "acme.x", false),
        ];
        check(&realms, &apart);
        realms.open_pair("blue.x", "ACME.x");
        check(&realms, &[("acme.x", "blue.x", true), ("acme.x", "op.x", false), ("blue.x", "op.x", false)]);
        realms.open_pair("op.x", "acme.x");
        check(&realms, &[("acme.x", "op.x", true), ("acme.x", "own.x", true), ("blue.x", "own.x", false)]);
        realms.close_pair("acme.x", "own.x");
        check(&realms, &[("acme.x", "op.x", false), ("acme.x", "blue.x", true)]);
        realms.close_pair("acme.x", "blue.x");
        check(&realms, &apart);
        assert!(realms.pairs.is_empty());
    }

    #[test]
    fn a_domain_that_closes_takes_only_its_own_pairs_with_it() {
        let mut realms = Realms::default();
        realms.close("acme.x");
        realms.open_pair("acme.x", "op.x");
        realms.close("op.x");
        assert!(realms.reaches("acme.x", "op.x") && !realms.reaches("acme.x", "own.x"));
    }
}
