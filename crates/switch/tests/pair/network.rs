//! What lies between pages and switch: delay, loss, duplication and reordering, all drawn from a seed.

use kandy_core::ids::Ids;

/// Draws numbers from a seed.
#[derive(Debug)]
pub(crate) struct Dice(Ids);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Ids::new(seed))
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        let text = self.0.uuid();
        // The last group of a name is 48 random bits.
        let digits = text.rsplit('-').next().unwrap();
        u64::from_str_radix(digits, 16).unwrap() % bound.max(1)
    }

    /// True with a probability of `permille` in a thousand.
    pub(crate) fn chance(&mut self, permille: u64) -> bool {
        self.below(1000) < permille
    }

    /// One of several.
    pub(crate) fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len() as u64) as usize]
    }
}

/// How bad the network is. Times in milliseconds, chances in a thousand.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Weather {
    /// Least time for one way.
    pub delay: u64,
    /// What may come on top, drawn anew for each message: messages overtake each other within it.
    pub jitter: u64,
    /// An HTTP request that never reaches the server.
    pub request_loss: u64,
    /// An HTTP response that never reaches the client, although the server did what was asked.
    pub response_loss: u64,
    /// A notification that comes twice.
    pub duplicates: u64,
    /// A socket that breaks while a frame travels.
    pub socket_loss: u64,
    /// A socket that cannot be opened.
    pub socket_refusal: u64,
    /// Whether frames of one socket may overtake each other, which TCP forbids and buggy proxies do.
    pub reordering: bool,
}

impl Weather {
    /// Nothing is lost and everything keeps its order.
    pub(crate) const FINE: Self = Self {
        delay: 5,
        jitter: 0,
        request_loss: 0,
        response_loss: 0,
        duplicates: 0,
        socket_loss: 0,
        socket_refusal: 0,
        reordering: false,
    };
}
