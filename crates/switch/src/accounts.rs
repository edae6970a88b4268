//! Who may log in, and what others see of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::address;

/// One user, as written in the accounts file.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Account {
    /// `user@domain`.
    pub user: String,
    /// The password in clear text; without one, [`Secrets::is_password`](crate::Secrets::is_password) is asked.
    pub password: Option<String>,
    /// What others see.
    pub display_name: Option<String>,
    /// Another name to log in with (Link, protocol §1.8).
    pub authname: Option<String>,
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// Mail address.
    pub email: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
}

/// Passwords do not reach a log through `{:?}`.
impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account").field("user", &self.user).finish_non_exhaustive()
    }
}

/// Why a list of accounts is not usable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccountsError {
    /// Not the JSON list that was expected.
    #[error("the accounts are {0}")]
    Malformed(#[from] kandy_wire::Malformed),
    /// A user name that is no `user@domain`.
    #[error("account {0}: the user must have the form user@domain, without blanks or slashes")]
    User(usize),
    /// An empty password.
    #[error("account {0}: the password is empty")]
    Password(usize),
    /// A user or authname that another account has too.
    #[error("account {0}: its user or authname belongs to another account too")]
    Taken(usize),
}

/// The identity by which users are compared: `user@domain` in lower case (protocol §10).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct UserKey(String);

impl UserKey {
    /// The identity as a text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The identity in a text that may carry a scheme: `sip:Bob@example.com` → `bob@example.com`.
    pub fn of(text: &str) -> Self {
        let mut bare = text.trim();
        // As often as it is there: what an identity is read from again must be the same one.
        while let Some(rest) = ["sip:", "sips:"].iter().find_map(|scheme| strip_prefix(bare, scheme)) {
            bare = rest.trim_start();
        }
        Self(bare.to_ascii_lowercase())
    }

    /// Whom an address means that `by` wrote: bare names and numbers are those of its own domain (protocol §10).
    pub fn called(address: &str, by: &Self) -> Self {
        let domain = by.0.split_once('@').map_or("", |(_, domain)| domain);
        Self(address::normalized(address, domain).to_ascii_lowercase())
    }
}

/// All accounts.
#[derive(Debug, Default)]
pub struct Accounts {
    users: BTreeMap<UserKey, Account>,
    logins: BTreeMap<String, UserKey>,
}

impl Accounts {
    /// Takes a list of accounts.
    ///
    /// # Errors
    /// [`AccountsError`] for the first account that can't be used; accounts count from 1.
    pub fn new(list: Vec<Account>) -> Result<Self, AccountsError> {
        let mut accounts = Self::default();
        for (at, account) in (1..).zip(list) {
            accounts.add(at, account)?;
        }
        Ok(accounts)
    }

    /// Reads a JSON list of accounts.
    ///
    /// # Errors
    /// [`AccountsError`] when it is another JSON or no JSON, or an account can't be used.
    pub fn from_json(text: &str) -> Result<Self, AccountsError> {
        Self::new(kandy_wire::decode(text)?)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.users.len()
    }

    /// All of them, in the order of their identities.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&UserKey, &Account)> {
        self.users.iter()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.users.is_empty()
    }

    /// The account with this identity.
    pub fn find(&self, user: &UserKey) -> Option<&Account> {
        self.users.get(user)
    }

    /// Who logs in with this name: user or authname.
    pub fn named(&self, name: &str) -> Option<&UserKey> {
        self.logins.get(&name.to_ascii_lowercase())
    }

    /// Who logs in with this name (user or authname) and password, which `check` is asked about where the account does not say
    /// it. Without that, it takes equally long for a wrong name, for a wrong password, and for a password that is right up to
    /// its last letter.
    pub(crate) fn login(
        &self,
        name: &str,
        password: &str,
        check: impl FnOnce(&UserKey, &str) -> bool,
    ) -> Option<&UserKey> {
        let key = self.named(name);
        let account = key.and_then(|key| self.users.get(key));
        let right = match (key, account.map(|account| account.password.as_deref())) {
            (Some(key), Some(None)) => check(key, password),
            (_, wanted) => same(wanted.flatten().unwrap_or_default(), password),
        };
        key.filter(|_| right)
    }

    /// What others see of a user: display name, else given and family name, else the part before the `@`.
    pub fn display_name(&self, user: &UserKey) -> String {
        let local = || user.0.split('@').next().unwrap_or_default().to_owned();
        let Some(account) = self.users.get(user) else { return local() };
        let filled = |text: &Option<String>| text.clone().filter(|t| !t.trim().is_empty());
        let names: Vec<String> = [&account.first_name, &account.last_name].into_iter().filter_map(filled).collect();
        filled(&account.display_name).or((!names.is_empty()).then(|| names.join(" "))).unwrap_or_else(local)
    }

    /// The user as others address them: `user@domain`, without scheme.
    pub fn number(&self, user: &UserKey) -> String {
        self.users.get(user).map_or_else(|| user.0.clone(), |account| account.user.clone())
    }

    fn add(&mut self, at: usize, account: Account) -> Result<(), AccountsError> {
        let (local, domain) = account.user.split_once('@').unwrap_or_default();
        let stray = |c: char| c.is_whitespace() || c.is_control() || "/?#%".contains(c);
        if local.is_empty() || domain.is_empty() || account.user.contains(stray) {
            return Err(AccountsError::User(at));
        }
        if account.password.as_deref() == Some("") {
            return Err(AccountsError::Password(at));
        }
        let key = UserKey::of(&account.user);
        for login in [Some(&account.user), account.authname.as_ref()].into_iter().flatten() {
            let login = login.to_ascii_lowercase();
            match self.logins.get(&login) {
                Some(other) if *other == key && self.users.contains_key(&key) => return Err(AccountsError::Taken(at)),
                Some(other) if *other != key => return Err(AccountsError::Taken(at)),
                _ => self.logins.insert(login, key.clone()),
            };
        }
        self.users.insert(key, account);
        Ok(())
    }
}

/// Compares without telling by the time it takes where the texts differ. An empty secret is nobody's.
fn same(secret: &str, given: &str) -> bool {
    let length = secret.len() ^ given.len();
    let padded = secret.bytes().chain(std::iter::repeat(0));
    let difference = given.bytes().zip(padded).fold(0, |sum, (a, b)| sum | (a ^ b));
    length == 0 && std::hint::black_box(difference) == 0 && !secret.is_empty()
}

fn strip_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, tail) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = r#"[
        {"user":"Alice@example.com","password":"a-secret","displayName":"Alice Archer","authname":"alice-login"},
        {"user":"bob@example.com","password":"b-secret","firstName":"Bob","lastName":"Baker","displayName":" "},
        {"user":"carol@example.com","password":"c-secret","lastName":"Carter"},
        {"user":"dave@example.com","password":"d-secret"}]"#;

    #[test]
    fn users_log_in_by_name_or_authname_and_password() {
        let accounts = Accounts::from_json(LIST).unwrap();
        let rows = [
            ("alice@example.com", "a-secret", Some("alice@example.com")),
            ("ALICE@example.com", "a-secret", Some("alice@example.com")),
            ("alice-login", "a-secret", Some("alice@example.com")),
            ("alice@example.com", "A-secret", None),
            ("alice@example.com", "a-secre", None),
            ("alice@example.com", "a-secret\0", None),
            ("alice@example.com", "", None),
            ("nobody@example.com", "", None),
            ("", "", None),
            ("bob@example.com", "a-secret", None),
        ];
        for (name, password, wanted) in rows {
            assert_eq!(
                accounts.login(name, password, |_, _| false),
                wanted.map(UserKey::of).as_ref(),
                "{name} {password}"
            );
        }
    }

    #[test]
    fn somebody_else_may_know_the_password() {
        let accounts = Accounts::from_json(r#"[{"user":"Alice@example.com","authname":"a"}]"#).unwrap();
        let login = |name, given| {
            accounts.login(name, given, |user, given| user.as_str() == "alice@example.com" && given == "x")
        };
        assert!(login("alice@example.com", "x").is_some() && login("A", "x").is_some());
        assert!(login("alice@example.com", "y").is_none() && login("bob@example.com", "x").is_none());
    }

    #[test]
    fn names_shown_to_others() {
        let accounts = Accounts::from_json(LIST).unwrap();
        let rows = [
            ("alice@example.com", "Alice Archer", "Alice@example.com"),
            ("bob@example.com", "Bob Baker", "bob@example.com"),
            ("carol@example.com", "Carter", "carol@example.com"),
            ("dave@example.com", "dave", "dave@example.com"),
            ("sip:Eve@other.com", "eve", "eve@other.com"),
        ];
        for (user, name, number) in rows {
            assert_eq!(accounts.display_name(&UserKey::of(user)), name);
            assert_eq!(accounts.number(&UserKey::of(user)), number);
        }
    }

    #[test]
    fn an_identity_that_is_read_again_is_the_same() {
        for text in ["SIP:Bob@example.com", " sips:bob@example.com ", "sip:sip:bob@example.com", "sip: bob@example.com"]
        {
            let key = UserKey::of(text);
            assert_eq!(key.as_str(), "bob@example.com", "{text}");
            assert_eq!(UserKey::of(key.as_str()), key, "{text}");
        }
    }

    #[test]
    fn unusable_accounts_are_told_by_their_place() {
        let rows = [
            (r#"[{"user":"alice","password":"x"}]"#, AccountsError::User(1)),
            (r#"[{"user":"a@b/c","password":"x"}]"#, AccountsError::User(1)),
            (r#"[{"user":"a@b","password":""}]"#, AccountsError::Password(1)),
            (r#"[{"user":"a@b","password":"x"},{"user":"A@B","password":"y"}]"#, AccountsError::Taken(2)),
            (
                r#"[{"user":"a@b","password":"x"},{"user":"c@d","password":"y","authname":"a@b"}]"#,
                AccountsError::Taken(2),
            ),
        ];
        for (text, wanted) in rows {
            assert_eq!(Accounts::from_json(text).unwrap_err(), wanted, "{text}");
        }
        for text in ["{}", "[{}]", "[", r#"[{"user":"a@b","password":"x","displayname":"typo"}]"#] {
            assert!(matches!(Accounts::from_json(text), Err(AccountsError::Malformed(_))), "{text}");
        }
    }

    #[test]
    fn a_password_is_not_printed() {
        assert!(!format!("{:?}", Accounts::from_json(LIST).unwrap()).contains("secret"));
    }
}
