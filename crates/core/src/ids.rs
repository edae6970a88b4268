//! Time and names: everything by which inputs and effects refer to something.

use serde::{Deserialize, Serialize};

/// Milliseconds since the Unix epoch, by a clock that never runs backwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize)]
#[serde(transparent)]
pub struct Now(pub u64);

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }
    };
}

text_id! {
    /// A call as the application knows it: 36 characters, minted by the face for outgoing calls, here for incoming ones.
    CallId
}
text_id! {
    /// One peer connection; also the `webrtcSessionId` of its call.
    PeerId
}
text_id! {
    /// The browser's id of a media track.
    TrackId
}
text_id! {
    /// The browser's id of a media stream; also the id of the application's Media object.
    StreamId
}

/// One question to the hands; its answer carries the same number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct OpId(pub u64);

/// One WebSocket; a socket that was given up keeps its number, and what it still reports is ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct SocketId(pub u64);

/// Mints numbers and names. The seed comes from outside, so that a test can replay a story exactly.
#[derive(Debug, Clone)]
pub struct Ids {
    state: u64,
    next: u64,
}

impl Ids {
    /// A source whose names follow from `seed`, which should be random in production.
    pub fn new(seed: u64) -> Self {
        Self { state: seed, next: 0 }
    }

    /// A fresh operation number.
    pub fn op(&mut self) -> OpId {
        self.next += 1;
        OpId(self.next)
    }

    /// A fresh socket number.
    pub fn socket(&mut self) -> SocketId {
        self.next += 1;
        SocketId(self.next)
    }

    /// A fresh name in the form of a version 4 UUID. Unique, not secret.
    pub fn uuid(&mut self) -> String {
        let (a, b) = (self.random(), self.random());
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            a >> 32,
            (a >> 16) & 0xffff,
            a & 0x0fff,
            0x8000 | ((b >> 48) & 0x3fff),
            b & 0xffff_ffff_ffff
        )
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
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
    fn names_have_the_form_of_a_uuid_and_differ() {
        let mut ids = Ids::new(7);
        let (a, b) = (ids.uuid(), ids.uuid());
        assert_ne!(a, b);
        for id in [a, b] {
            assert_eq!(id.len(), 36, "{id}");
            assert_eq!(id.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12], "{id}");
            assert_eq!(id.chars().nth(14), Some('4'), "{id}");
            assert!("89ab".contains(id.chars().nth(19).unwrap()), "{id}");
        }
    }
}
