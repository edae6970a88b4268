//! The system's random source, the key of `x-token`s, and the secret of relays.

use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use kandy_switch::{Secrets, UserKey};
use kandy_wire::session::TurnCredentials;
use serde::{Deserialize, Deserializer, de::Error};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::sign_in::Proven;

use crate::turn::Turn;

/// A text that reaches no log and no error message.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// Shortest key, in bytes: the length of a tag, below which RFC 2104 §3 discourages keys.
const SHORTEST_KEY: usize = 20;

impl Secret {
    /// A text to be kept.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    /// Whether this is the same text, without telling by the time it takes where it differs.
    pub(crate) fn is(&self, given: &str) -> bool {
        let mac = |text: &str| Some(Hmac::<Sha1>::new_from_slice(self.0.as_bytes()).ok()?.chain_update(text));
        let (Some(given), Some(own)) = (mac(given), mac(&self.0)) else { return false };
        given.verify(&own.finalize().into_bytes()).is_ok()
    }

    /// Whether it is long enough for a key.
    pub(crate) fn is_long(&self) -> bool {
        self.0.len() >= SHORTEST_KEY
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

/// Anything but a text is refused in words that do not repeat it.
impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Any {
            Text(String),
            Other(serde::de::IgnoredAny),
        }
        match Any::deserialize(deserializer)? {
            Any::Text(text) => Ok(Self(text)),
            Any::Other(_) => Err(D::Error::custom("a secret must be written as a text, in quotes")),
        }
    }
}

/// Random bytes of the operating system.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0_u8; N];
    if let Err(error) = getrandom::fill(&mut bytes) {
        // Going on with guessable tokens would let anybody in.
        tracing::error!(%error, "the system has no random numbers; the gateway cannot go on");
        std::process::abort();
    }
    bytes
}

/// The operating system's random source, the keys that there are, and the passwords that were proven.
#[derive(Default)]
pub(crate) struct SystemSecrets {
    pub(crate) hmac_key: Option<Secret>,
    pub(crate) turn: Option<Turn>,
    pub(crate) proven: Arc<Proven>,
}

/// One URL-safe character for the last six bits of each byte.
pub(crate) fn digits(bytes: &[u8]) -> impl Iterator<Item = char> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    bytes.iter().filter_map(|byte| DIGITS.get(usize::from(byte & 63))).map(|digit| char::from(*digit))
}

impl SystemSecrets {
    /// 192 bits in 32 characters.
    pub(crate) fn random() -> String {
        digits(&random::<32>()).collect()
    }
}

impl Secrets for SystemSecrets {
    fn token(&mut self) -> String {
        Self::random()
    }

    /// SHA-256, in hexadecimal digits.
    fn fingerprint(&self, token: &str) -> String {
        Sha256::digest(token).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn is_password(&self, user: &UserKey, given: &str) -> bool {
        self.proven.knows(user, given)
    }

    fn is_signed(&self, text: &[u8], tag: &[u8]) -> Option<bool> {
        let key = self.hmac_key.as_ref()?;
        let mac = Hmac::<Sha1>::new_from_slice(key.0.as_bytes()).ok()?;
        Some(mac.chain_update(text).verify_slice(tag).is_ok())
    }

    fn turn_credentials(&self, now: u64, user: &UserKey, life: u64) -> Option<TurnCredentials> {
        self.turn.as_ref()?.credentials(now, user, life)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_long_url_safe_and_never_the_same() {
        let mut secrets = SystemSecrets::default();
        let tokens: std::collections::BTreeSet<String> = (0..1000).map(|_| secrets.token()).collect();
        assert_eq!(tokens.len(), 1000);
        assert!(
            tokens.iter().all(|t| t.len() == 32 && t.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)))
        );
    }

    #[test]
    fn fingerprints_are_those_of_fips_180_4() {
        let secrets = SystemSecrets::default();
        let wanted = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(secrets.fingerprint("abc"), wanted);
    }

    #[test]
    fn signatures_are_those_of_rfc_2202() {
        let tag = [
            0xef, 0xfc, 0xdf, 0x6a, 0xe5, 0xeb, 0x2f, 0xa2, 0xd2, 0x74, 0x16, 0xd5, 0xf1, 0x84, 0xdf, 0x9c, 0x25, 0x9a,
            0x7c, 0x79,
        ];
        let secrets = SystemSecrets { hmac_key: Some(Secret::new("Jefe")), ..SystemSecrets::default() };
        let signed = |text: &str, tag: &[u8]| secrets.is_signed(text.as_bytes(), tag);
        assert_eq!(signed("what do ya want for nothing?", &tag), Some(true));
        assert_eq!(signed("what do ya want for nothing!", &tag), Some(false));
        assert_eq!(signed("what do ya want for nothing?", &tag[..19]), Some(false));
        assert_eq!(signed("what do ya want for nothing?", &[]), Some(false));
        assert_eq!(SystemSecrets::default().is_signed(b"", &tag), None);
        assert_eq!(format!("{:?}", Secret::new("Jefe")), "Secret");
        let rows = [("Jefe", true), ("Jefe ", false), ("jefe", false), ("Jef", false), ("", false)];
        assert!(rows.into_iter().all(|(text, same)| Secret::new("Jefe").is(text) == same));
    }
}
