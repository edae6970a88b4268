//! Time and names.

use serde::Serialize;

/// Milliseconds since the Unix epoch, by a clock that never runs backwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize)]
#[serde(transparent)]
pub struct Now(pub u64);

/// One request to the server; its answer carries the same number. Never 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct AskId(pub u64);

/// One operation that the application waits for, by the application's own number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct OpId(pub u64);

/// One file that the face keeps: only its number comes here, never its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct FileId(pub u64);

/// Mints numbers and names. The seed comes from outside, so that a test can replay a story exactly.
#[derive(Debug, Clone)]
pub(crate) struct Ids {
    state: u64,
    next: u64,
}

impl Ids {
    /// A source whose names follow from `seed`, which should be random in production.
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed, next: 0 }
    }

    /// A fresh number, for requests, conversations and jobs alike.
    pub(crate) fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// A fresh name of 32 hexadecimal digits: unique, also among the devices of one user, and not secret.
    pub(crate) fn name(&mut self) -> String {
        let mut name = String::with_capacity(32);
        for random in [self.random(), self.random()] {
            for place in (0..16).rev() {
                let digit = (random >> (place * 4)) & 0xf;
                name.extend(char::from_digit(digit as u32, 16));
            }
        }
        name
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.random() % bound.max(1)
    }

    /// SplitMix64: small, and good enough for names.
    fn random(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_hexadecimal_and_differ() {
        let mut ids = Ids::new(7);
        let (a, b) = (ids.name(), ids.name());
        assert_ne!(a, b);
        assert!([a, b].iter().all(|name| name.len() == 32 && name.chars().all(|c| c.is_ascii_hexdigit())));
        assert_eq!((ids.number(), ids.number()), (1, 2));
        assert!(ids.below(3) < 3 && ids.below(0) == 0);
    }
}
