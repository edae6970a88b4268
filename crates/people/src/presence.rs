//! Who is there: the own state, and that of others (api-behaviour 13, protocol §6).

use kandy_wire::{Map, Value};

use crate::{
    Error,
    asks::{Purpose, Subject},
    effect::{Level, Request, To},
    error::code,
    limits,
    outcome::Outcome,
    people::Cx,
    plain,
};

const STATUSES: [&str; 2] = ["open", "closed"];

const ACTIVITIES: [&str; 9] =
    ["active", "idle", "away", "lunch", "other", "busy", "vacation", "on-the-phone", "unknown"];

/// The own presence, and what is known of others.
#[derive(Debug, Default)]
pub(crate) struct Presence {
    own: Option<Own>,
    /// By user: `{userId, status, activity, note, loading}`
    seen: Map<String, Value>,
    /// Users that are watched.
    watched: Map<String, Value>,
}

/// What was published last.
#[derive(Debug, Clone, Default)]
struct Own {
    /// Updates under way.
    loading: usize,
    error: Option<Error>,
    values: Map<String, Value>,
}

/// What an answer is needed for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Ask {
    /// The members that are published.
    Update(Map<String, Value>),
    /// Users, and what was known of them before.
    Fetch(Vec<(String, Option<Value>)>),
    Watch(Vec<String>),
    Unwatch(Vec<String>),
}

impl Presence {
    /// `presence.update`
    pub(crate) fn update(&mut self, status: &str, activity: &str, note: Option<String>, cx: &mut Cx<'_>) {
        if !STATUSES.contains(&status) {
            let error = Error::new(code::PRESENCE_STATUS, "The status has to be open or closed.");
            return cx.out.fail("presence:error", &error);
        }
        if !ACTIVITIES.contains(&activity) {
            let error = Error::new(code::PRESENCE_ACTIVITY, "The activity is none of presence.activities.");
            return cx.out.fail("presence:error", &error);
        }
        let mut values = Map::new();
        plain::put(&mut values, "status", status);
        plain::put(&mut values, "activity", activity);
        plain::put_some(&mut values, "note", note);
        self.own.get_or_insert_default().loading += 1;
        let request = Request::new("POST", To::User, "presence").wrapped("presenceRequest", values.clone());
        cx.ask(Subject::OwnPresence, Purpose::Presence(Ask::Update(values)), request);
    }

    /// `presence.fetch`: the values come as notifications.
    pub(crate) fn fetch(&mut self, users: &[String], cx: &mut Cx<'_>) {
        watcher(users, "get", cx, |chunk| {
            let before = chunk.iter().map(|user| {
                let mut entry = Map::new();
                plain::put(&mut entry, "userId", user.as_str());
                plain::put(&mut entry, "loading", true);
                (user.clone(), self.seen.insert(user.clone(), Value::Object(entry)))
            });
            Ask::Fetch(before.collect())
        });
    }

    /// `presence.subscribe`
    pub(crate) fn subscribe(&mut self, users: &[String], cx: &mut Cx<'_>) {
        watcher(users, "watch", cx, |chunk| Ask::Watch(chunk.to_vec()));
    }

    /// `presence.unsubscribe`
    pub(crate) fn unsubscribe(&mut self, users: &[String], cx: &mut Cx<'_>) {
        watcher(users, "stopwatch", cx, |chunk| Ask::Unwatch(chunk.to_vec()));
    }

    /// The same user has logged in anew: the server knows nothing of the watches of the last subscription.
    pub(crate) fn renew(&mut self, cx: &mut Cx<'_>) {
        let users: Vec<String> = self.watched.keys().cloned().collect();
        if !users.is_empty() {
            self.subscribe(&users, cx);
        }
    }

    pub(crate) fn answered(&mut self, ask: Ask, outcome: &Outcome, cx: &mut Cx<'_>) {
        match ask {
            Ask::Update(values) => {
                let own = self.own.get_or_insert_default();
                own.loading = own.loading.saturating_sub(1);
                match outcome.read("presenceResponse") {
                    Ok(_) => {
                        (own.values, own.error) = (values, None);
                        cx.out.tell("presence:selfChange");
                        cx.answer(&|| self.own());
                    }
                    Err(trouble) => {
                        let error = trouble.error("Failed to update presence.", code::NONE);
                        cx.out.fail("presence:error", &error);
                        own.error = Some(error);
                    }
                }
            }
            Ask::Fetch(users) => match outcome.read("presenceWatcherResponse") {
                Ok(_) => {
                    self.listed(outcome, cx);
                    let asked: Vec<String> = users.into_iter().map(|(user, _)| user).collect();
                    cx.answer(&|| self.get(&asked));
                }
                Err(trouble) => {
                    for (user, before) in users {
                        self.restore(&user, before);
                    }
                    cx.out.fail("presence:error", &trouble.error("Failed to fetch presence.", code::NONE));
                }
            },
            Ask::Watch(users) => match outcome.read("presenceWatcherResponse") {
                Ok(_) => {
                    for user in users {
                        if self.watched.len() < limits::PEOPLE {
                            self.watched.insert(user, Value::Null);
                        }
                    }
                }
                Err(trouble) => {
                    cx.out.fail("presence:error", &trouble.error("Failed to subscribe to presence.", code::NONE));
                }
            },
            Ask::Unwatch(users) => {
                // Whatever the server says: they are not watched again after the next login.
                users.iter().for_each(|user| drop(self.watched.remove(user)));
                if let Err(trouble) = outcome.read("presenceWatcherResponse") {
                    cx.out.fail("presence:error", &trouble.error("Failed to unsubscribe from presence.", code::NONE));
                }
            }
        }
    }

    /// `presenceWatcher`: somebody's presence is another one.
    pub(crate) fn told(&mut self, notice: &Value, cx: &mut Cx<'_>) {
        let params = plain::any(notice, "presenceWatcherNotificationParams");
        let Some(user) = plain::text(&params, "name") else {
            return cx.out.log(Level::Warn, "a presence notification without a name was left out");
        };
        let payload = self.keep(&user, [params.get("status"), params.get("activity"), params.get("note")], cx);
        cx.out.emit("presence:change", payload);
    }

    /// `presence.get(users)`: the known ones of them.
    pub(crate) fn get(&self, users: &[String]) -> Value {
        Value::Array(users.iter().filter_map(|user| self.seen.get(user)).cloned().collect())
    }

    /// `presence.getAll()`
    pub(crate) fn all(&self) -> Value {
        Value::Array(self.seen.values().cloned().collect())
    }

    /// `presence.getSelf()`
    pub(crate) fn own(&self) -> Value {
        let Some(own) = &self.own else { return plain::empty() };
        let mut members = own.values.clone();
        plain::put(&mut members, "loading", own.loading > 0);
        let error = own.error.as_ref().map_or(Value::Bool(false), Error::to_value);
        plain::put(&mut members, "error", error);
        Value::Object(members)
    }

    /// Some servers put the values into the answer, too. Of those no event tells (protocol §6.3): the notification does.
    fn listed(&mut self, outcome: &Outcome, cx: &mut Cx<'_>) {
        let Outcome::Accepted(body) = outcome else { return };
        for contact in plain::list(body, "presenceContact") {
            let Some(user) = plain::text(contact, "presentityUserId") else { continue };
            let person = contact.pointer("/presence/person").unwrap_or(&Value::Null);
            let activities = plain::any(person, "activities");
            let status = person.pointer("/overriding-willingness/overridingWillingnessValue");
            self.keep(&user, [status, activities.get("activityValue"), activities.get("other")], cx);
        }
    }

    fn keep(&mut self, user: &str, values: [Option<&Value>; 3], cx: &mut Cx<'_>) -> Value {
        let mut entry = Map::new();
        plain::put(&mut entry, "userId", user);
        for (key, value) in ["status", "activity", "note"].into_iter().zip(values) {
            plain::put_some(&mut entry, key, value.filter(|value| !value.is_null()).cloned());
        }
        let payload = Value::Object(entry.clone());
        plain::put(&mut entry, "loading", false);
        if self.seen.len() < limits::PEOPLE || self.seen.contains_key(user) {
            self.seen.insert(user.to_owned(), Value::Object(entry));
        } else {
            cx.out.log(Level::Warn, "too many users to keep the presence of one more");
        }
        payload
    }

    /// Puts back what was known before a fetch that failed, unless something newer came.
    fn restore(&mut self, user: &str, before: Option<Value>) {
        let loading = self.seen.get(user).and_then(|entry| plain::flag(entry, "loading"));
        if loading == Some(true) {
            match before.filter(|entry| plain::flag(entry, "loading") != Some(true)) {
                Some(entry) => drop(self.seen.insert(user.to_owned(), entry)),
                None => drop(self.seen.remove(user)),
            }
        }
    }
}

/// One request of so many users for each of them.
fn watcher(users: &[String], action: &str, cx: &mut Cx<'_>, mut ask: impl FnMut(&[String]) -> Ask) {
    if users.is_empty() {
        let error = Error::new(code::NONE, "At least one user is needed.");
        return cx.out.fail("presence:error", &error);
    }
    for chunk in users.chunks(limits::USERS) {
        let mut members = Map::new();
        plain::put(&mut members, "userList", plain::strings(chunk));
        plain::put(&mut members, "action", action);
        let request = Request::new("POST", To::User, "presenceWatcher").wrapped("presenceWatcherRequest", members);
        cx.ask(Subject::Watches, Purpose::Presence(ask(chunk)), request);
    }
}
