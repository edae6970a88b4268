//! Passwords of the users of the accounts file, in clear or as hashes, taken out of what the switch is given.

use std::collections::BTreeMap;

use kandy_switch::{Accounts, AccountsError, UserKey};
use kandy_wire::{Map, Value, decode, encode};

use super::passwords::PasswordHash;
use crate::secrets::Secret;

/// Passwords of users.
#[derive(Debug, Default)]
pub struct Book(BTreeMap<UserKey, Known>);

/// What is known of a user's password.
#[derive(Debug)]
pub(super) enum Known {
    /// The password.
    Clear(Secret),
    /// Its hash.
    Hash(PasswordHash),
}

/// Why a list of accounts is not usable.
#[derive(Debug, thiserror::Error)]
pub enum BookError {
    /// It is no list of accounts.
    #[error("{0}")]
    Accounts(#[from] AccountsError),
    /// Something that is no hash. Accounts count from 1.
    #[error("account {0}: the passwordHash is not one that `kandy-gateway hash-password` makes")]
    Hash(usize),
    /// Both a password and a hash.
    #[error("account {0}: it has both a password and a passwordHash")]
    Both(usize),
}

impl Book {
    /// Reads a JSON list of accounts, of which each may have a `passwordHash` in place of the `password`.
    ///
    /// # Errors
    /// [`BookError`] for the first account that can't be used.
    pub fn read(text: &str) -> Result<(Accounts, Self), BookError> {
        let mut list: Vec<Map<String, Value>> = decode(text).map_err(AccountsError::from)?;
        let mut book = Self::default();
        for (at, account) in (1..).zip(&mut list) {
            let Some(hash) = account.remove("passwordHash") else { continue };
            if account.contains_key("password") {
                return Err(BookError::Both(at));
            }
            let hash = hash.as_str().and_then(PasswordHash::new).ok_or(BookError::Hash(at))?;
            // An account without a user is refused below.
            let user = account.get("user").and_then(Value::as_str).unwrap_or_default();
            book.0.insert(UserKey::of(user), Known::Hash(hash));
        }
        Ok((Accounts::from_json(&encode(&list))?, book))
    }

    /// Takes the passwords out of accounts.
    pub(crate) fn take(&mut self, accounts: &mut Accounts) {
        for (user, password) in accounts.take_passwords() {
            self.0.insert(user, Known::Clear(Secret::new(password)));
        }
    }

    pub(super) fn find(&self, user: &UserKey) -> Option<&Known> {
        self.0.get(user)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";

    #[test]
    fn passwords_are_kept_in_the_book_alone() {
        let text = format!(
            r#"[{{"user":"Alice@a","passwordHash":"{HASH}","displayName":"Alice"}},{{"user":"bob@a","password":"x"}}]"#
        );
        let (mut accounts, mut book) = Book::read(&text).unwrap();
        book.take(&mut accounts);
        let [alice, bob] = ["alice@a", "bob@a"].map(UserKey::of);
        assert!(matches!(book.find(&alice), Some(Known::Hash(hash)) if hash.text() == HASH));
        assert!(matches!(book.find(&bob), Some(Known::Clear(password)) if password.is("x")));
        assert_eq!(accounts.name_to(&alice, &alice), "Alice");
        assert!(accounts.take_passwords().is_empty());
        let shown = format!("{book:?}");
        assert!(!shown.contains("argon2") && !shown.contains("\"x\""), "{shown}");
    }

    #[test]
    fn what_is_no_hash_is_refused() {
        let rows = [
            (r#"[{"user":"a@b","password":"x"},{"user":"c@b","passwordHash":"x"}]"#, "account 2: the passwordHash"),
            (r#"[{"user":"c@b","passwordHash":7}]"#, "account 1: the passwordHash"),
            (r#"[{"user":"c@b","passwordHash":"x","password":"y"}]"#, "account 1: it has both"),
            (r#"[{"user":"c"}]"#, "account 1: the user"),
            ("[7]", "not the expected JSON"),
        ];
        for (text, wanted) in rows {
            let error = Book::read(text).unwrap_err().to_string();
            assert!(error.contains(wanted), "{text}: {error}");
        }
    }
}
