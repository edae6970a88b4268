//! Tokens that follow from a seed. Nobody is kept out of a test by them.

use kandy_switch::Secrets;

/// Makes them, one after the other.
#[derive(Debug)]
pub(crate) struct Seeded(u64);

impl Seeded {
    /// The first one of this seed comes next.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

impl Secrets for Seeded {
    fn token(&mut self) -> String {
        format!("{:016x}{:016x}", self.next(), self.next())
    }

    /// The other way round: nothing is kept from anybody, but a token must not be taken for its fingerprint.
    fn fingerprint(&self, token: &str) -> String {
        token.chars().rev().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_tokens() {
        let first = |seed| Seeded::new(seed).token();
        assert_eq!(first(1), first(1));
        assert_ne!(first(1), first(2));
        let mut one = Seeded::new(1);
        assert_ne!(one.token(), one.token());
    }
}
