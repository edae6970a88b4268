//! Slow hashes of secrets that people choose.

use argon2::{Argon2, PasswordHash, PasswordHasher, PasswordVerifier, password_hash::SaltString};

/// The PHC form of a secret.
pub(crate) async fn of(secret: String) -> Option<String> {
    tokio::task::spawn_blocking(move || {
        let mut salt = [0_u8; 16];
        getrandom::fill(&mut salt).ok()?;
        let salt = SaltString::encode_b64(&salt).ok()?;
        Some(Argon2::default().hash_password(secret.as_bytes(), &salt).ok()?.to_string())
    })
    .await
    .ok()
    .flatten()
}

/// Whether this is the secret of a PHC form; takes as long without one.
pub(crate) async fn is(secret: &str, hash: Option<String>) -> bool {
    const NOBODY: &str =
        "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let secret = secret.to_owned();
    tokio::task::spawn_blocking(move || {
        let (text, known) = hash.map_or((NOBODY.to_owned(), false), |hash| (hash, true));
        let Ok(hash) = PasswordHash::new(&text) else { return false };
        Argon2::default().verify_password(secret.as_bytes(), &hash).is_ok() && known
    })
    .await
    .unwrap_or(false)
}
