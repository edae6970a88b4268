//! The directory of users, and the own profile (api-behaviour 15, protocol §8.2, §8.3).

use kandy_wire::{Map, Value};

use crate::{
    Error, OpId,
    asks::{Purpose, Subject},
    effect::{Request, To},
    error::code,
    limits, order,
    outcome::Outcome,
    people::Cx,
    plain,
};

/// The filters of a search by what they leave over, the fewest first: how the application calls one, the protocol's number, and
/// the members of a record in which its text has to stand.
const FILTERS: [(&[&str], &str, &[&str]); 5] = [
    (&["userId", "userName", "user_id", "user_name", "USERID", "USERNAME"], "5", &["userId", "primaryContact"]),
    (
        &["phoneNumber", "phone_number", "PHONENUMBER"],
        "4",
        &["workPhone", "homePhone", "mobilePhone", "phoneNumber", "pager", "fax"],
    ),
    (&["lastName", "last_name", "LASTNAME"], "2", &["lastName"]),
    (&["firstName", "first_name", "FIRSTNAME"], "1", &["firstName"]),
    (&["name", "NAME"], "3", &["firstName", "lastName"]),
];

/// Users that were found.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    known: Map<String, Value>,
    /// The parts of the own profile that have come.
    own: Option<Own>,
}

/// The two answers of which the own profile is made.
#[derive(Debug, Default)]
struct Own {
    waiting: usize,
    data: Option<Value>,
    locale: Option<Value>,
    error: Option<Error>,
    /// Who asked for the same meanwhile.
    also: Vec<Option<OpId>>,
}

/// What an answer is needed for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Ask {
    User(String),
    Search(Box<Search>),
    Profile,
    Locale,
}

/// What is still to be done with the users that the server finds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Search {
    /// Filters beside the one that the server was given.
    also: Vec<(&'static [&'static str], String)>,
    sort_by: Option<String>,
    descending: bool,
    max: Option<usize>,
    from: usize,
}

impl Directory {
    /// `user.fetch(userId)`
    pub(crate) fn fetch(&mut self, id: Option<String>, cx: &mut Cx<'_>) {
        let Some(id) = id else {
            let error = Error::new(code::USERS_ARGUMENT, "Which user? A userId is needed.");
            return cx.out.fail("directory:error", &error);
        };
        let request =
            Request::new("GET", To::User, "directory").with("criteria", id.as_str()).with("criteriaType", "5");
        cx.ask(Subject::Directory, Purpose::Directory(Ask::User(id)), request);
    }

    /// `user.fetchSelfInfo()`: two requests at once.
    pub(crate) fn fetch_own(&mut self, cx: &mut Cx<'_>) {
        if let Some(own) = self.own.as_mut().filter(|own| own.waiting > 0) {
            return own.also.push(cx.keep());
        }
        self.own = Some(Own { waiting: 2, ..Own::default() });
        cx.ask(Subject::Free, Purpose::Directory(Ask::Profile), Request::new("GET", To::User, "userProfileData"));
        cx.ask(Subject::Free, Purpose::Directory(Ask::Locale), Request::new("GET", To::Server, "localization"));
    }

    /// `user.search(filters, options)`. The server takes one filter; the others, the order and the page are made here.
    pub(crate) fn search(&mut self, filters: &Value, options: &Value, cx: &mut Cx<'_>) {
        let mut criteria = None;
        let mut also = Vec::new();
        for (names, kind, members) in FILTERS {
            let Some(text) = names.iter().find_map(|name| plain::name(filters, name)) else { continue };
            match criteria {
                None => criteria = Some((text, Some(kind.to_owned()))),
                Some(_) => also.push((members, text)),
            }
        }
        if criteria.is_none() {
            let any = filters.as_object().into_iter().flatten().find_map(|(key, _)| plain::name(filters, key));
            criteria = any.map(|text| (text, None));
        }
        let (text, kind) = criteria.map_or((None, None), |(text, kind)| (Some(text), kind));
        let request =
            Request::new("GET", To::User, "directory").with_some("criteria", text).with_some("criteriaType", kind);
        let search = Search {
            also,
            sort_by: plain::text(options, "sortBy"),
            descending: plain::text(options, "order").is_some_and(|order| order.eq_ignore_ascii_case("desc")),
            max: plain::whole(options, "max").filter(|max| *max > 0).map(|max| max as usize),
            from: plain::whole(options, "next").unwrap_or_default() as usize,
        };
        cx.ask(Subject::Directory, Purpose::Directory(Ask::Search(Box::new(search))), request);
    }

    pub(crate) fn answered(&mut self, ask: Ask, outcome: &Outcome, cx: &mut Cx<'_>) {
        match ask {
            Ask::Profile => {
                match outcome.read("userProfileData") {
                    Ok(data) => self.own.get_or_insert_default().data = Some(data.clone()).filter(Value::is_object),
                    Err(trouble) => {
                        let error = trouble.error("The profile could not be fetched.", code::DIRECTORY);
                        self.own.get_or_insert_default().error = Some(error);
                    }
                }
                self.own_part(cx);
            }
            Ask::Locale => {
                let locale = outcome.unchecked("acceptLanguage").ok().filter(|locale| !locale.is_null()).cloned();
                self.own.get_or_insert_default().locale = locale;
                self.own_part(cx);
            }
            Ask::User(id) => match outcome.read("directory") {
                Ok(answer) => self.found(&id, plain::list(answer, "directoryItems"), cx),
                Err(trouble) => {
                    cx.out.fail("directory:error", &trouble.error("The user could not be fetched.", code::DIRECTORY));
                }
            },
            Ask::Search(search) => match outcome.read("directory") {
                Ok(answer) => self.searched(&search, plain::list(answer, "directoryItems"), cx),
                Err(trouble) => {
                    cx.out.fail("directory:error", &trouble.error("The search failed.", code::DIRECTORY));
                }
            },
        }
    }

    /// `user.get(userId)`
    pub(crate) fn get(&self, id: &str) -> Value {
        self.known.get(id).cloned().unwrap_or_default()
    }

    /// `user.getAll()`
    pub(crate) fn all(&self) -> Value {
        Value::Array(self.known.values().cloned().collect())
    }

    /// One half of the own profile is there. Either may be missing (protocol §8.3), but not both.
    fn own_part(&mut self, cx: &mut Cx<'_>) {
        let Some(own) = &mut self.own else { return };
        own.waiting = own.waiting.saturating_sub(1);
        if own.waiting > 0 {
            return;
        }
        let Some(own) = self.own.take() else { return };
        if own.data.is_none() && own.locale.is_none() {
            let error = own.error.unwrap_or_else(|| Error::new(code::DIRECTORY, "The profile could not be fetched."));
            for op in own.also {
                cx.finish(op, Err(&error));
            }
            return cx.out.fail("directory:error", &error);
        }
        let name = cx.session.map(|session| session.username.clone()).unwrap_or_default();
        let mut profile = Map::new();
        plain::put_some(&mut profile, "data", own.data);
        plain::put_some(&mut profile, "currentLocale", own.locale);
        plain::put(&mut profile, "primaryContact", name.as_str());
        self.keep(&name, Value::Object(profile.clone()));
        let found = results(vec![Value::Object(profile)], None, cx);
        for op in own.also {
            cx.finish(op, Ok(&found));
        }
    }

    /// The one that was asked for, else the first. No event if there is none (api-behaviour 15).
    fn found(&mut self, id: &str, items: &[Value], cx: &mut Cx<'_>) {
        let is_it = |item: &&Value| user_id(item).as_deref() == Some(id);
        let Some(item) = items.iter().find(is_it).or_else(|| items.first()) else { return };
        let user = user(item);
        self.keep(&user_id(&user).unwrap_or_else(|| id.to_owned()), user.clone());
        results(vec![user], None, cx);
    }

    fn searched(&mut self, search: &Search, items: &[Value], cx: &mut Cx<'_>) {
        let fits = |item: &&Value| {
            search.also.iter().all(|(members, text)| {
                members
                    .iter()
                    .any(|member| item.get(*member).and_then(Value::as_str).is_some_and(|has| contains(has, text)))
            })
        };
        let mut found: Vec<Value> = items.iter().filter(fits).take(limits::PEOPLE).map(user).collect();
        if let Some(key) = &search.sort_by {
            let text = |user: &Value| folded(user.get(key).and_then(Value::as_str).unwrap_or_default());
            let keys: Vec<String> = found.iter().map(text).collect();
            found = order::put(found.into_iter(), &order::by_text(keys.iter().map(String::as_str)));
            if search.descending {
                found.reverse();
            }
        }
        let all = found.len();
        let end = search.max.map_or(all, |max| search.from.saturating_add(max).min(all));
        let page: Vec<Value> = found.into_iter().take(end).skip(search.from).collect();
        for user in &page {
            if let Some(id) = user_id(user) {
                self.keep(&id, user.clone());
            }
        }
        results(page, Some(end).filter(|end| *end < all), cx);
    }

    fn keep(&mut self, id: &str, user: Value) {
        if self.known.len() < limits::PEOPLE || self.known.contains_key(id) {
            self.known.insert(id.to_owned(), user);
        }
    }
}

/// `next` is where the next page of a search begins, if there is one.
fn results(results: Vec<Value>, next: Option<usize>, cx: &mut Cx<'_>) -> Value {
    let mut payload = Map::new();
    plain::put(&mut payload, "results", results);
    plain::put_some(&mut payload, "next", next.map(|next| next.to_string()));
    let payload = Value::Object(payload);
    cx.answer(&|| payload.clone());
    cx.out.emit("directory:change", payload.clone());
    payload
}

/// A record as the application gets it: its `userId` is the server's `primaryContact`, if it has one (protocol §8.2).
fn user(item: &Value) -> Value {
    let mut members = item.as_object().cloned().unwrap_or_default();
    if let Some(id) = user_id(item) {
        plain::put(&mut members, "userId", id);
    }
    Value::Object(members)
}

fn user_id(item: &Value) -> Option<String> {
    plain::text(item, "primaryContact").or_else(|| plain::text(item, "userId"))
}

/// Letters of ASCII in one case: what sorting and searching need without tables of all the world's letters.
fn folded(text: &str) -> String {
    text.to_ascii_lowercase()
}

fn contains(text: &str, part: &str) -> bool {
    folded(text).contains(&folded(part))
}
