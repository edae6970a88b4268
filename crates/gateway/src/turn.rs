//! Credentials for relays that share a secret with this gateway, as coturn has it with `use-auth-secret`: the user name is
//! when they end, in seconds since the epoch, and whose they are; the password is its HMAC-SHA1 under the secret, in base64.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use kandy_switch::UserKey;
use kandy_wire::session::TurnCredentials;
use sha1::Sha1;

use crate::secrets::Secret;

/// Relays that share a secret with this gateway.
#[derive(Clone)]
pub struct Turn {
    /// What they share.
    pub secret: Secret,
    /// How long credentials are good.
    pub life: Duration,
}

/// How long credentials are good where nothing else is said, in seconds: 7 days, as long as a login by token can be renewed.
/// Released clients take them once, when they log in (protocol §2.8), and a page may be left open over a weekend.
pub(crate) const TTL: u64 = 7 * 86_400;
/// Shortest such time, in seconds: a call that changes networks asks for a relay anew with what it began with.
pub(crate) const MIN_TTL: u64 = 3_600;
/// Longest such time, in seconds: what was stolen opens the relays until it ends.
pub(crate) const MAX_TTL: u64 = 30 * 86_400;

/// Longest name of a user in a user name, in bytes: STUN has room for 508 (RFC 8489 §14.3).
const MAX_NAME: usize = 480;

impl Turn {
    /// Those of a user, from `now` (ms since the epoch) for at least `life` ms.
    pub(crate) fn credentials(&self, now: u64, user: &UserKey, life: u64) -> Option<TurnCredentials> {
        let own = u64::try_from(self.life.as_millis()).unwrap_or(u64::MAX);
        let until = now.saturating_add(life.max(own)).div_ceil(1_000);
        let username = format!("{until}:{}", plain(user.as_str()));
        let mac = Hmac::<Sha1>::new_from_slice(self.secret.text().as_bytes()).ok()?;
        let password = BASE64_STANDARD.encode(mac.chain_update(&username).finalize().into_bytes());
        Some(TurnCredentials { username, password })
    }
}

/// A user as relays take them. coturn answers 400 to quotes, and to `union` with `select`, which it takes for SQL; a second colon
/// would be left to each relay to understand. Users have no `%` of their own.
fn plain(user: &str) -> String {
    let mut name = String::new();
    for byte in user.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'_' | b'-' | b'+' | b'@' => name.push(char::from(byte)),
            other => name.push_str(&format!("%{other:02X}")),
        }
    }
    let mut name = name.replace("union", "%75nion");
    name.truncate(MAX_NAME);
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_700_000_000_000;

    fn given(life: u64, user: &str) -> (String, String) {
        let turn = Turn { secret: Secret::new("a secret of the relay"), life: Duration::from_secs(TTL) };
        let TurnCredentials { username, password } = turn.credentials(NOW, &UserKey::of(user), life).unwrap();
        (username, password)
    }

    /// The passwords are those of `openssl dgst -sha1 -hmac 'a secret of the relay' -binary | base64`.
    #[test]
    fn credentials_are_those_that_openssl_computes() {
        for (user, username, password) in [
            ("Alice@example.com", "1700604800:alice@example.com", "/3ozJYfGfu3WcvVVtTejamfosaw="),
            ("o'brien@example.com", "1700604800:o%27brien@example.com", "otM+pNnLPl51Z2xFcQN3eQegomo="),
            (
                ":üunion@selectra.example",
                "1700604800:%3A%C3%BC%75nion@selectra.example",
                "o/irCwYnVVKJi34cgvUlwvvc5u4=",
            ),
        ] {
            assert_eq!(given(0, user), (username.to_owned(), password.to_owned()));
        }
    }

    #[test]
    fn credentials_outlive_the_subscription_and_end_with_a_whole_second() {
        for (life, until) in
            [(3_600_000, 1_700_604_800), (604_800_001, 1_700_604_801), (u64::MAX, u64::MAX.div_ceil(1000))]
        {
            assert_eq!(given(life, "a@b").0, format!("{until}:a@b"));
        }
    }

    #[test]
    fn no_user_is_too_long_for_a_relay() {
        let (username, _) = given(0, &format!("{}@example.com", "ü".repeat(1_000)));
        assert!((400..508).contains(&username.len()), "{username}");
        assert!(given(0, &format!("{}@example.com", "union".repeat(1_000))).0.len() < 508);
    }
}
