//! Who may log in, and what others see of them.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::{address, realms::Realms};

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

impl Account {
    /// The names to log in with.
    fn logins(&self) -> impl Iterator<Item = String> {
        [Some(&self.user), self.authname.as_ref()].into_iter().flatten().map(|login| login.to_ascii_lowercase())
    }
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
    /// A change of an account that there is not.
    #[error("there is no account of that user")]
    Nobody,
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
        Self(address::normalized(address, by.domain()).to_ascii_lowercase())
    }

    /// What follows the `@`; empty without one.
    pub fn domain(&self) -> &str {
        self.0.split_once('@').map_or("", |(_, domain)| domain)
    }
}

/// All accounts, and who of them may know of whom.
#[derive(Debug, Default)]
pub struct Accounts {
    users: BTreeMap<UserKey, Account>,
    logins: BTreeMap<String, UserKey>,
    /// Shared with whoever asks without the accounts at hand.
    realms: Arc<Realms>,
}

impl Accounts {
    /// Takes a list of accounts.
    ///
    /// # Errors
    /// [`AccountsError`] for the first account that can't be used; accounts count from 1.
    pub fn new(list: Vec<Account>) -> Result<Self, AccountsError> {
        let mut accounts = Self::default();
        for (at, account) in (1..).zip(list) {
            accounts.insert(at, account)?;
        }
        Ok(accounts)
    }

    /// Takes one more account.
    ///
    /// # Errors
    /// [`AccountsError`] when it can't be used; then nothing has changed.
    pub fn add(&mut self, account: Account) -> Result<(), AccountsError> {
        self.insert(1, account)
    }

    /// Takes an account in place of the one with the same identity.
    ///
    /// # Errors
    /// [`AccountsError`] when there is none or the new one can't be used; then nothing has changed.
    pub fn change(&mut self, account: Account) -> Result<(), AccountsError> {
        let key = self.usable(1, &account)?;
        let old = self.users.get(&key).ok_or(AccountsError::Nobody)?;
        for login in old.logins() {
            self.logins.remove(&login);
        }
        self.put(key, account);
        Ok(())
    }

    /// Forgets an account; returns whether there was one.
    pub fn remove(&mut self, user: &UserKey) -> bool {
        let Some(account) = self.users.remove(user) else { return false };
        for login in account.logins() {
            self.logins.remove(&login);
        }
        true
    }

    /// From now on the users of a domain are a realm of their own, as those of a customer are.
    pub fn close_domain(&mut self, domain: &str) {
        Arc::make_mut(&mut self.realms).close(domain);
    }

    /// Opens the realms of two domains to each other. A domain that is not closed stands for all that are not.
    pub fn open_pair(&mut self, a: &str, b: &str) {
        Arc::make_mut(&mut self.realms).open_pair(a, b);
    }

    /// Takes that back.
    pub fn close_pair(&mut self, a: &str, b: &str) {
        Arc::make_mut(&mut self.realms).close_pair(a, b);
    }

    /// Who reaches whom, as it is now.
    pub fn realms(&self) -> Arc<Realms> {
        Arc::clone(&self.realms)
    }

    pub(crate) fn set_realms(&mut self, realms: &Arc<Realms>) {
        self.realms = Arc::clone(realms);
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

    /// The account with this identity, whoever asks: for the user's own requests, and for the operator.
    pub fn find(&self, user: &UserKey) -> Option<&Account> {
        self.users.get(user)
    }

    /// The account with this identity, as far as `by` may know of it: others look as if they did not exist.
    pub fn visible(&self, user: &UserKey, by: &UserKey) -> Option<&Account> {
        // Asked in any case, so that it takes equally long.
        let reached = self.reaches(by, user);
        self.users.get(user).filter(|_| reached)
    }

    /// Whether two users, be there accounts or not, are of realms that know of each other.
    pub(crate) fn reaches(&self, a: &UserKey, b: &UserKey) -> bool {
        self.realms.reaches(a.domain(), b.domain())
    }

    /// Takes the passwords out, for a shell that looks at them by itself: from then on
    /// [`Secrets::is_password`](crate::Secrets::is_password) is asked about all of these users.
    pub fn take_passwords(&mut self) -> Vec<(UserKey, String)> {
        let users = self.users.iter_mut();
        users.filter_map(|(user, account)| Some((user.clone(), account.password.take()?))).collect()
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

    /// What `to` sees of a user: display name, else given and family name, else the part before the `@`.
    pub fn name_to(&self, user: &UserKey, to: &UserKey) -> String {
        let local = || user.0.split('@').next().unwrap_or_default().to_owned();
        let Some(account) = self.visible(user, to) else { return local() };
        let filled = |text: &Option<String>| text.clone().filter(|t| !t.trim().is_empty());
        let names: Vec<String> = [&account.first_name, &account.last_name].into_iter().filter_map(filled).collect();
        filled(&account.display_name).or((!names.is_empty()).then(|| names.join(" "))).unwrap_or_else(local)
    }

    /// A user as they see themselves: `user@domain`, without scheme, in the spelling of their account.
    pub fn number(&self, user: &UserKey) -> String {
        self.number_to(user, user)
    }

    /// A user as `to` sees them: the same, if `to` may know of them.
    pub fn number_to(&self, user: &UserKey, to: &UserKey) -> String {
        self.visible(user, to).map_or_else(|| user.0.clone(), |account| account.user.clone())
    }

    fn insert(&mut self, at: usize, account: Account) -> Result<(), AccountsError> {
        let key = self.usable(at, &account)?;
        if self.users.contains_key(&key) {
            return Err(AccountsError::Taken(at));
        }
        self.put(key, account);
        Ok(())
    }

    fn put(&mut self, key: UserKey, account: Account) {
        for login in account.logins() {
            self.logins.insert(login, key.clone());
        }
        self.users.insert(key, account);
    }

    /// The identity of an account that can be used.
    fn usable(&self, at: usize, account: &Account) -> Result<UserKey, AccountsError> {
        let (local, domain) = account.user.split_once('@').unwrap_or_default();
        let stray = |c: char| c.is_whitespace() || c.is_control() || "/?#%".contains(c);
        if local.is_empty() || domain.is_empty() || account.user.contains(stray) {
            return Err(AccountsError::User(at));
        }
        if account.password.as_deref() == Some("") {
            return Err(AccountsError::Password(at));
        }
        let key = UserKey::of(&account.user);
        let taken = account.logins().any(|login| self.logins.get(&login).is_some_and(|other| *other != key));
        if taken { Err(AccountsError::Taken(at)) } else { Ok(key) }
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
    fn passwords_can_be_taken_out() {
        let mut accounts = Accounts::from_json(LIST).unwrap();
        let taken = accounts.take_passwords();
        assert_eq!(taken.len(), 4);
        assert_eq!(taken[0], (UserKey::of("alice@example.com"), "a-secret".to_owned()));
        assert!(accounts.login("alice@example.com", "a-secret", |_, _| false).is_none());
        assert!(accounts.login("alice-login", "x", |_, _| true).is_some(), "somebody else is asked");
        assert!(accounts.take_passwords().is_empty());
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
        let bob = UserKey::of("bob@example.com");
        for (user, name, number) in rows {
            let user = UserKey::of(user);
            assert_eq!(accounts.name_to(&user, &bob), name);
            assert_eq!(
                (accounts.number_to(&user, &bob), accounts.number(&user)),
                (number.to_owned(), number.to_owned())
            );
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
    fn who_is_not_reached_looks_like_nobody() {
        let mut accounts = Accounts::from_json(LIST).unwrap();
        accounts.close_domain("ACME.example");
        let (alice, eve) = (UserKey::of("alice@example.com"), UserKey::of("eve@acme.example"));
        assert!(accounts.visible(&alice, &eve).is_none() && accounts.find(&alice).is_some());
        assert_eq!((accounts.name_to(&alice, &eve), accounts.number_to(&alice, &eve)), {
            ("alice".to_owned(), "alice@example.com".to_owned())
        });
        accounts.open_pair("acme.example", "other.example");
        assert_eq!(accounts.name_to(&alice, &eve), "Alice Archer");
    }

    #[test]
    fn accounts_come_change_and_go() {
        let account = |user: &str, authname: Option<&str>| {
            let mut account: Account = kandy_wire::decode(r#"{"user":"","password":"x"}"#).unwrap();
            (account.user, account.authname) = (user.to_owned(), authname.map(str::to_owned));
            account
        };
        let mut accounts = Accounts::from_json(LIST).unwrap();
        let state = |accounts: &Accounts| format!("{:?} {:?}", accounts.users.keys(), accounts.logins);
        let before = state(&accounts);
        for (wrong, wanted) in [
            (account("ALICE@example.com", None), AccountsError::Taken(1)),
            (account("eve@example.com", Some("bob@example.com")), AccountsError::Taken(1)),
            (account("eve@example.com", Some("Alice-Login")), AccountsError::Taken(1)),
            (account("eve", None), AccountsError::User(1)),
        ] {
            assert_eq!(accounts.add(wrong).unwrap_err(), wanted);
        }
        assert_eq!(accounts.change(account("eve@example.com", None)), Err(AccountsError::Nobody));
        assert_eq!(accounts.change(account("bob@example.com", Some("alice-login"))), Err(AccountsError::Taken(1)));
        assert_eq!(state(&accounts), before, "what was refused has changed nothing");
        accounts.add(account("Eve@example.com", Some("e"))).unwrap();
        accounts.change(account("EVE@example.com", Some("eve-login"))).unwrap();
        let eve = UserKey::of("eve@example.com");
        assert_eq!((accounts.named("e"), accounts.named("Eve-Login")), (None, Some(&eve)));
        assert_eq!(accounts.number(&eve), "EVE@example.com");
        assert!(accounts.remove(&eve) && !accounts.remove(&eve));
        assert_eq!(state(&accounts), before, "and nothing is left");
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
