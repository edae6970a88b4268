//! Finding people among the accounts (§8.2).
//!
//! A text is found wherever it stands in the member that is searched, whatever its case; who has exactly that text comes
//! first, then who has it at the beginning. A search looks once at every account of the domains that the one who asks may
//! know of, and at no other.

use std::{cmp::Ordering, collections::BTreeMap};

use kandy_wire::people::{DirectoryItem, Found, Profile};

use crate::{
    Account,
    accounts::{Accounts, UserKey},
};

/// Longest text that is searched for, in bytes.
pub const MAX_CRITERIA: usize = 320;
/// Entries of a page if the client does not say: released clients cannot ask for a second page.
pub const PAGE: usize = 100;
/// Entries of the longest page.
pub const LONGEST_PAGE: usize = 500;

/// What is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Criterion {
    /// `criteriaType=1`
    FirstName,
    /// 2
    LastName,
    /// 3: first name, last name, or both with a blank between.
    Name,
    /// 4: by its digits alone.
    Phone,
    /// 5
    UserId,
    /// No type: any of them.
    Any,
}

impl Criterion {
    /// By the parameter `criteriaType`; `None` for a type that does not exist.
    pub fn numbered(kind: Option<&str>) -> Option<Self> {
        match kind {
            None => Some(Self::Any),
            Some("1") => Some(Self::FirstName),
            Some("2") => Some(Self::LastName),
            Some("3") => Some(Self::Name),
            Some("4") => Some(Self::Phone),
            Some("5") => Some(Self::UserId),
            Some(_) => None,
        }
    }
}

/// In which order people are listed who match equally well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// `userId`
    UserId,
    /// `firstName`, then last name
    FirstName,
    /// `lastName`, then first name
    LastName,
}

impl Sort {
    /// By the parameter `sort`; `None` for an order that does not exist.
    pub fn named(name: Option<&str>) -> Option<Self> {
        match name {
            None | Some("userId") => Some(Self::UserId),
            Some("firstName") => Some(Self::FirstName),
            Some("lastName") => Some(Self::LastName),
            Some(_) => None,
        }
    }
}

/// Which part of all that was found is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// Entries before it.
    pub start: usize,
    /// Entries of it; at most [`LONGEST_PAGE`] are given.
    pub count: usize,
    /// Their order.
    pub sort: Sort,
    /// The other way round.
    pub descending: bool,
}

/// Everybody, ready to be searched: by domain, and there by identity.
#[derive(Default)]
pub struct Directory(BTreeMap<String, BTreeMap<UserKey, Entry>>);

struct Entry {
    item: DirectoryItem,
    /// In lower case.
    first: String,
    last: String,
    /// First and last name.
    both: String,
    user: String,
    /// Digits alone.
    phone: String,
}

impl Directory {
    /// The directory of these accounts.
    pub fn new(accounts: &Accounts) -> Self {
        let mut directory = Self::default();
        accounts.all().for_each(|(_, account)| directory.put(account));
        directory
    }

    /// Takes an account, in place of the one of the same user if there is one.
    pub fn put(&mut self, account: &Account) {
        let user = UserKey::of(&account.user);
        let domain = self.0.entry(user.domain().to_owned()).or_default();
        domain.insert(user, Entry::new(account));
    }

    /// Forgets a user.
    pub fn remove(&mut self, user: &UserKey) {
        if let Some(domain) = self.0.get_mut(user.domain()) {
            domain.remove(user);
            if domain.is_empty() {
                self.0.remove(user.domain());
            }
        }
    }

    /// Who matches of the domains that are `reached` (asked once for each): everybody without a text.
    pub fn search(
        &self,
        reached: impl Fn(&str) -> bool,
        criterion: Criterion,
        text: Option<&str>,
        page: Page,
    ) -> Found {
        let text = text.map(str::to_lowercase).unwrap_or_default();
        let digits = digits(&text);
        let entries = self.0.iter().filter(|(domain, _)| reached(domain)).flat_map(|(_, domain)| domain.values());
        let ranked = entries.filter_map(|entry| entry.rank(criterion, &text, &digits).map(|rank| (rank, entry)));
        let mut found: Vec<(Rank, &Entry)> = ranked.collect();
        found.sort_by(|(one, a), (two, b)| {
            let order = a.order(b, page.sort);
            one.cmp(two).then(if page.descending { order.reverse() } else { order })
        });
        let items = found.into_iter().skip(page.start).take(page.count.min(LONGEST_PAGE));
        let items: Vec<DirectoryItem> = items.map(|(_, entry)| entry.item.clone()).collect();
        Found { status_code: 0, directory_items: Some(items).filter(|items| !items.is_empty()) }
    }

    /// What a user is told of themselves.
    pub fn profile(&self, user: &UserKey) -> Profile {
        let entry = self.0.get(user.domain()).and_then(|domain| domain.get(user));
        let DirectoryItem { first_name, last_name, email_address, .. } =
            entry.map(|entry| entry.item.clone()).unwrap_or_default();
        Profile { status_code: 0, first_name, last_name, email_address }
    }
}

/// How well somebody matches: exactly, from the beginning, somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Exact,
    Beginning,
    Somewhere,
}

impl Entry {
    fn new(account: &Account) -> Self {
        let filled = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
        let (mut first_name, last_name) = (filled(&account.first_name), filled(&account.last_name));
        // An account with a display name alone is not to be nameless.
        if first_name.is_none() && last_name.is_none() {
            first_name = filled(&account.display_name);
        }
        let lower = |text: &Option<String>| text.as_deref().unwrap_or_default().to_lowercase();
        let phone = filled(&account.phone);
        let (first, last) = (lower(&first_name), lower(&last_name));
        Self {
            both: format!("{first} {last}"),
            first,
            last,
            user: account.user.to_lowercase(),
            phone: digits(phone.as_deref().unwrap_or_default()),
            item: DirectoryItem {
                user_id: account.user.clone(),
                primary_contact: account.user.clone(),
                first_name,
                last_name,
                email_address: filled(&account.email),
                work_phone: phone,
            },
        }
    }

    fn rank(&self, criterion: Criterion, text: &str, wanted: &str) -> Option<Rank> {
        if text.is_empty() {
            return Some(Rank::Somewhere);
        }
        let phone = || Some(wanted).filter(|digits| !digits.is_empty()).and_then(|digits| rank(&self.phone, digits));
        let name = || [&self.first, &self.last, &self.both].into_iter().filter_map(|name| rank(name, text)).min();
        match criterion {
            Criterion::FirstName => rank(&self.first, text),
            Criterion::LastName => rank(&self.last, text),
            Criterion::Name => name(),
            Criterion::Phone => phone(),
            Criterion::UserId if self.is_called(text) => Some(Rank::Exact),
            Criterion::UserId => rank(&self.user, text),
            Criterion::Any => [name(), phone(), rank(&self.user, text)].into_iter().flatten().min(),
        }
    }

    /// Whether this is the user's id without its domain, which people often leave out (§10).
    fn is_called(&self, text: &str) -> bool {
        self.user.split('@').next() == Some(text)
    }

    fn order(&self, other: &Self, sort: Sort) -> Ordering {
        let by_names = match sort {
            Sort::UserId => Ordering::Equal,
            Sort::FirstName => (&self.first, &self.last).cmp(&(&other.first, &other.last)),
            Sort::LastName => (&self.last, &self.first).cmp(&(&other.last, &other.first)),
        };
        by_names.then_with(|| self.user.cmp(&other.user))
    }
}

fn rank(member: &str, text: &str) -> Option<Rank> {
    match member.find(text)? {
        0 if member.len() == text.len() => Some(Rank::Exact),
        0 => Some(Rank::Beginning),
        _ => Some(Rank::Somewhere),
    }
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNTS: &str = r#"[
        {"user":"ann@example.com","password":"x","firstName":"Ann","lastName":"Carter","phone":"+1 (613) 555-0100"},
        {"user":"Bob@example.com","password":"x","firstName":"Bob","lastName":"Ann"},
        {"user":"dana@example.com","password":"x","firstName":"Dana","lastName":"Ödman","email":"d@mail.example"},
        {"user":"joann@example.com","password":"x","displayName":"Joann Smith"},
        {"user":"ann@example.com.au","password":"x"},
        {"user":"dana.a@example.com","password":"x"}]"#;

    fn directory() -> Directory {
        Directory::new(&Accounts::from_json(ACCOUNTS).unwrap())
    }

    fn all(_: &str) -> bool {
        true
    }

    fn page(start: usize, count: usize) -> Page {
        Page { start, count, sort: Sort::UserId, descending: false }
    }

    fn users(found: Found) -> Vec<String> {
        found.directory_items.into_iter().flatten().map(|item| item.user_id.replace("@example.com", "")).collect()
    }

    #[test]
    fn the_best_match_comes_first() {
        let rows: [(Criterion, &str, &[&str]); 15] = [
            (Criterion::FirstName, "ann", &["ann", "joann"]),
            (Criterion::LastName, "ANN", &["Bob"]),
            (Criterion::Name, "ann", &["ann", "Bob", "joann"]),
            (Criterion::Name, "ann c", &["ann"]),
            (Criterion::Name, "öd", &["dana"]),
            (Criterion::Phone, "613-555", &["ann"]),
            (Criterion::Phone, "16135550100", &["ann"]),
            (Criterion::Phone, "no digits", &[]),
            (Criterion::UserId, "ANN@example.com", &["ann", "ann.au", "joann"]),
            (Criterion::UserId, "bob", &["Bob"]),
            (Criterion::UserId, "dana", &["dana", "dana.a"]),
            (Criterion::UserId, "zebra", &[]),
            (Criterion::Any, "smith", &["joann"]),
            (Criterion::Any, "0100", &["ann"]),
            (Criterion::Any, "", &["ann", "ann.au", "Bob", "dana.a", "dana", "joann"]),
        ];
        for (criterion, text, wanted) in rows {
            let found = directory().search(all, criterion, Some(text), page(0, 10));
            assert_eq!(found.directory_items.is_none(), wanted.is_empty(), "{criterion:?} {text}");
            assert_eq!(users(found), wanted, "{criterion:?} {text}");
        }
    }

    #[test]
    fn pages_follow_each_other_in_any_order() {
        let directory = directory();
        let sorted = |sort, descending| {
            users(directory.search(all, Criterion::Any, None, Page { sort, descending, ..page(0, 10) }))
        };
        assert_eq!(sorted(Sort::FirstName, false), ["ann.au", "dana.a", "ann", "Bob", "dana", "joann"]);
        assert_eq!(sorted(Sort::LastName, false), ["ann.au", "dana.a", "joann", "Bob", "ann", "dana"]);
        assert_eq!(sorted(Sort::LastName, true), ["dana", "ann", "Bob", "joann", "dana.a", "ann.au"]);
        let parts: Vec<String> = [page(0, 2), page(2, 2), page(4, 2), page(6, 2)]
            .into_iter()
            .flat_map(|page| users(directory.search(all, Criterion::Any, None, page)))
            .collect();
        assert_eq!(parts, sorted(Sort::UserId, false));
    }

    #[test]
    fn a_page_is_bounded_and_many_people_are_searched_at_once() {
        let accounts: Vec<String> = (0..5_000)
            .map(|n| format!(r#"{{"user":"user{n}@example.com","password":"x","firstName":"First{n}"}}"#))
            .collect();
        let accounts = Accounts::from_json(&format!("[{}]", accounts.join(","))).unwrap();
        let directory = Directory::new(&accounts);
        assert_eq!(users(directory.search(all, Criterion::Any, None, page(0, usize::MAX))).len(), LONGEST_PAGE);
        assert_eq!(users(directory.search(all, Criterion::Any, None, page(4_990, 100))).len(), 10);
        assert_eq!(
            users(directory.search(all, Criterion::UserId, Some("user499@example.com"), page(0, 5))),
            ["user499"]
        );
        assert_eq!(users(directory.search(all, Criterion::FirstName, Some("first4999"), page(0, 5))), ["user4999"]);
    }

    #[test]
    fn people_come_change_and_go_and_only_reached_domains_are_searched() {
        let accounts = |list: &str| Accounts::from_json(list).unwrap();
        let mut directory = directory();
        let eve =
            |first: &str| accounts(&format!(r#"[{{"user":"Eve@acme.example","password":"x","firstName":"{first}"}}]"#));
        let found = |directory: &Directory, text: &str, domain: &str| {
            users(directory.search(|known| known == domain, Criterion::FirstName, Some(text), page(0, 10)))
        };
        let account = eve("Eve");
        directory.put(account.all().next().unwrap().1);
        assert_eq!(found(&directory, "eve", "acme.example"), ["Eve@acme.example"]);
        assert_eq!(found(&directory, "ann", "acme.example"), [""; 0]);
        assert_eq!(found(&directory, "", "example.com.au"), ["ann.au"]);
        let account = eve("Evelyn");
        directory.put(account.all().next().unwrap().1);
        assert_eq!(found(&directory, "", "acme.example"), ["Eve@acme.example"], "once");
        let eve = UserKey::of("eve@acme.example");
        assert_eq!(directory.profile(&eve).first_name.as_deref(), Some("Evelyn"));
        directory.remove(&eve);
        directory.remove(&eve);
        assert_eq!((directory.0.len(), directory.profile(&eve).first_name), (2, None));
    }

    #[test]
    fn a_profile_is_ones_own() {
        let profile = directory().profile(&UserKey::of("dana@example.com"));
        assert_eq!(
            (profile.first_name.as_deref(), profile.email_address.as_deref()),
            (Some("Dana"), Some("d@mail.example"))
        );
        assert_eq!(directory().profile(&UserKey::of("joann@example.com")).first_name.as_deref(), Some("Joann Smith"));
    }

    #[test]
    fn parameters_name_criteria_and_orders() {
        assert_eq!(Criterion::numbered(None), Some(Criterion::Any));
        assert_eq!(Criterion::numbered(Some("3")), Some(Criterion::Name));
        assert_eq!((Criterion::numbered(Some("6")), Criterion::numbered(Some(""))), (None, None));
        assert_eq!((Sort::named(None), Sort::named(Some("x"))), (Some(Sort::UserId), None));
    }
}
