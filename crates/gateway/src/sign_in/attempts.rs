//! How often somebody was wrong, by user name and by address, and how long they have to wait for it.
//!
//! A failure is forgotten after a while, one after the other. Beyond so many that are not, every further one costs a delay, which
//! doubles. During it nothing is looked at, so it tells nothing, and it does not get longer by what is tried in it.

use std::net::IpAddr;

use sha2::{Digest, Sha256};

use super::recent::Recent;
use crate::client::network;

/// How many names and addresses are remembered, each with some hundred bytes.
const MOST: usize = 50_000;
/// Doublings after which a delay is the longest in any case.
const DOUBLINGS: u32 = 20;

/// When wrong passwords and keys cost time. All times are milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Wrong passwords for one user name that cost nothing: people mistype, and a device may still have the old one.
    pub user_tries: u32,
    /// Wrong passwords, signed tokens and operator's keys from one address (IPv6: from one /64, which is one household's or
    /// machine's) that cost nothing: an office has many people behind one.
    pub address_tries: u32,
    /// The first delay.
    pub first_delay: u64,
    /// The longest one: a quarter of an hour, after which a person has tried again anyway.
    pub longest_delay: u64,
    /// After what time one wrong password for a user name is forgotten: 12 minutes leave 120 guesses a day.
    pub user_memory: u64,
    /// The same for addresses: a minute, so that an office that goes on mistyping is never locked out for long.
    pub address_memory: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            user_tries: 5,
            address_tries: 20,
            first_delay: 1_000,
            longest_delay: 900_000,
            user_memory: 720_000,
            address_memory: 60_000,
        }
    }
}

/// A user name as it was given, whoever it belongs to: a name that nobody has is counted like any other, and two names of one user
/// are counted apart, because counting them together would tell that they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Name([u8; 32]);

impl Name {
    /// Its length does not matter.
    pub(super) fn of(given: &str) -> Self {
        Self(Sha256::digest(given.to_ascii_lowercase()).into())
    }
}

/// Somebody who has to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wait {
    /// How long, in ms.
    pub(crate) time: u64,
    /// Whether this is the first one to be told so since the last failure.
    pub(crate) first: bool,
}

impl Wait {
    /// The same in seconds, not less than it is.
    pub(crate) fn seconds(self) -> u64 {
        self.time.div_ceil(1_000)
    }
}

/// Who was wrong how often.
pub(super) struct Attempts {
    limits: Limits,
    users: Recent<Name, Failures>,
    addresses: Recent<IpAddr, Failures>,
}

#[derive(Clone, Copy, Default)]
struct Failures {
    /// The time after which all are forgotten.
    until: u64,
    /// The end of the delay.
    barred: u64,
    /// Whether somebody was told of it.
    told: bool,
}

impl Attempts {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, users: Recent::new(MOST), addresses: Recent::new(MOST) }
    }

    /// How long somebody has to wait at `now`, with this name, from this address; `None` if not at all.
    pub(super) fn wait(&mut self, now: u64, name: Option<&Name>, address: IpAddr) -> Option<Wait> {
        let user = name.and_then(|name| self.users.get_mut(name)).and_then(|failures| failures.wait(now));
        let address = self.addresses.get_mut(&network(address)).and_then(|failures| failures.wait(now));
        user.into_iter().chain(address).max_by_key(|wait| wait.time)
    }

    /// A wrong password for this name, or something else wrong from this address.
    pub(super) fn failed(&mut self, now: u64, name: Option<Name>, address: IpAddr) {
        let Limits { user_tries, address_tries, user_memory, address_memory, .. } = self.limits;
        if let Some(name) = name {
            let before = self.users.get(&name).copied().unwrap_or_default();
            self.users.set(name, before.and_one(now, user_tries, user_memory, &self.limits));
        }
        let network = network(address);
        let before = self.addresses.get(&network).copied().unwrap_or_default();
        self.addresses.set(network, before.and_one(now, address_tries, address_memory, &self.limits));
    }

    /// The right password for this name. What the address did before is forgotten by time alone: whoever guesses at others may
    /// well have a password of their own.
    pub(super) fn succeeded(&mut self, name: &Name) {
        self.users.remove(name);
    }
}

impl Failures {
    fn wait(&mut self, now: u64) -> Option<Wait> {
        let time = self.barred.checked_sub(now).filter(|time| *time > 0)?;
        Some(Wait { time, first: !std::mem::replace(&mut self.told, true) })
    }

    fn and_one(self, now: u64, tries: u32, memory: u64, limits: &Limits) -> Self {
        let memory = memory.max(1);
        let until = self.until.max(now).saturating_add(memory);
        let count = (until - now).div_ceil(memory);
        // The last of those that cost nothing is followed by the first delay.
        let delay = match count.checked_sub(u64::from(tries)) {
            None => 0,
            Some(beyond) => {
                let doublings = u32::try_from(beyond).unwrap_or(DOUBLINGS).min(DOUBLINGS);
                limits.first_delay.saturating_mul(1 << doublings).min(limits.longest_delay)
            }
        };
        Self { until, barred: now.saturating_add(delay), told: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: &str = "192.0.2.1";

    fn at(address: &str) -> IpAddr {
        address.parse().unwrap()
    }

    /// How long one waits after each of so many failures that come as early as they may.
    fn delays(
        attempts: &mut Attempts,
        count: usize,
        name: Option<Name>,
        address: impl Fn(usize) -> IpAddr,
    ) -> Vec<u64> {
        let mut now = 0;
        let delays = (0..count).map(|n| {
            attempts.failed(now, name, address(n));
            let wait = attempts.wait(now, name.as_ref(), address(n)).map_or(0, |wait| wait.time);
            now += wait;
            wait / 1_000
        });
        delays.collect()
    }

    #[test]
    fn after_five_failures_a_user_waits_longer_and_longer() {
        let mut attempts = Attempts::new(Limits::default());
        let name = Name::of("alice@example.com");
        // From everywhere, so that it is the user's count alone.
        let far = |n: usize| IpAddr::from([10, 0, u8::try_from(n).unwrap(), 1]);
        let wanted = [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 512, 512, 900, 512];
        assert_eq!(delays(&mut attempts, wanted.len(), Some(name), far), wanted, "with some forgotten meanwhile");
        let fast = Limits { user_memory: 100_000_000, ..Limits::default() };
        let mut attempts = Attempts::new(fast);
        assert_eq!(delays(&mut attempts, 16, Some(name), far)[4..], [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
    }

    #[test]
    fn after_twenty_failures_an_address_waits() {
        let mut attempts = Attempts::new(Limits::default());
        let found = delays(&mut attempts, 24, None, |_| at(HERE));
        assert_eq!((&found[..19], &found[19..]), ([0; 19].as_slice(), [1, 2, 4, 8, 16].as_slice()));
        assert!(attempts.wait(0, Some(&Name::of("anybody")), at("::ffff:192.0.2.1")).is_some());
        assert_eq!(attempts.wait(0, None, at("192.0.2.2")), None);
    }

    #[test]
    fn an_office_that_goes_on_mistyping_waits_a_minute_at_most() {
        let mut attempts = Attempts::new(Limits::default());
        assert!(delays(&mut attempts, 200, None, |_| at(HERE)).into_iter().all(|seconds| seconds <= 64));
    }

    #[test]
    fn networks_of_version_six_are_one_address() {
        let mut attempts = Attempts::new(Limits { address_tries: 1, ..Limits::default() });
        attempts.failed(0, None, at("2001:db8:0:1::1"));
        assert!(attempts.wait(0, None, at("2001:db8:0:1:ffff::2")).is_some());
        assert!(attempts.wait(0, None, at("2001:db8:0:2::1")).is_none());
    }

    #[test]
    fn a_success_frees_the_name_and_not_the_address() {
        let limits = Limits { user_tries: 2, address_tries: 3, ..Limits::default() };
        let mut attempts = Attempts::new(limits);
        let name = Name::of("Alice");
        for _ in 0..2 {
            attempts.failed(0, Some(name), at(HERE));
        }
        let (far, same) = (at("192.0.2.2"), Name::of("alice"));
        assert_eq!(attempts.wait(400, Some(&same), far), Some(Wait { time: 600, first: true }));
        assert_eq!(attempts.wait(900, Some(&same), far), Some(Wait { time: 100, first: false }));
        assert_eq!(Wait { time: 100, first: false }.seconds(), 1);
        assert_eq!(attempts.wait(1_000, Some(&same), far), None, "and nothing is longer for having asked");
        attempts.failed(1_000, Some(name), far);
        assert_eq!(attempts.wait(1_000, Some(&same), far), Some(Wait { time: 2_000, first: true }));
        attempts.succeeded(&name);
        assert_eq!(attempts.wait(1_000, Some(&same), far), None);
        attempts.failed(1_000, Some(Name::of("bob")), at(HERE));
        assert!(attempts.wait(1_000, Some(&same), at(HERE)).is_some());
        assert_eq!(attempts.wait(1_000, Some(&Name::of("bob")), far), None);
    }

    #[test]
    fn failures_are_forgotten_one_by_one() {
        let mut attempts = Attempts::new(Limits { user_tries: 2, user_memory: 10_000, ..Limits::default() });
        let name = Name::of("alice");
        let far = |n: u8| IpAddr::from([10, 0, n, 1]);
        attempts.failed(0, Some(name), far(0));
        attempts.failed(10_000, Some(name), far(1));
        assert_eq!(attempts.wait(10_000, Some(&name), far(2)), None, "the first one does not count any longer");
        attempts.failed(19_999, Some(name), far(3));
        assert!(attempts.wait(19_999, Some(&name), far(2)).is_some());
    }
}
