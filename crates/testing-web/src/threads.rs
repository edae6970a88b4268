//! Reading in threads: which there are, what is in them, what is read and what deleted (protocol §7.3.2 to §7.3.4), as the real
//! gateway answers it.

use std::collections::{BTreeMap, BTreeSet};

use kandy_switch::{Accounts, Fault, Response, UserKey, code, parameter};
use kandy_wire::Value;

use crate::{
    messages::{Message, Messages, Thread},
    people::object,
};

/// Messages or threads of a page that the client gives no length for, and of the longest there is.
const PAGE: (usize, usize) = (50, 200);

const NO_THREAD: Fault = Fault::new(404, code::NOTHING_THERE, "There is no such thread.");
const NO_MESSAGE: Fault = Fault::new(404, code::NOTHING_THERE, "There is no such message.");
const BAD_PAGE: Fault = Fault::new(400, code::VALUE, "max and before must be numbers over 0.");

impl Messages {
    /// `GET rm/threads`, and `GET rm/thread?id=` as one of them.
    pub(crate) fn list(&self, accounts: &Accounts, user: &UserKey, query: &str) -> Result<Response, Fault> {
        if let Some(name) = parameter(query, "thread").or_else(|| parameter(query, "id")) {
            let (thread, messages) = self.found(user, &name)?;
            return Ok(success(vec![self.listed(accounts, user, &thread, &messages)]));
        }
        let groups = match parameter(query, "type").as_deref() {
            None => None,
            Some("internal" | "im") => Some(false),
            Some("group") => Some(true),
            Some(_) => return Ok(success(Vec::new())),
        };
        let (before, length) = page(query)?;
        let mut threads: BTreeMap<&Thread, Vec<&Message>> = BTreeMap::new();
        for message in self.of(user) {
            threads.entry(&message.thread).or_default().push(message);
        }
        let last = |messages: &[&Message]| messages.last().map_or(0, |message| message.id);
        let mut threads: Vec<_> = threads.into_iter().filter(|(_, messages)| last(messages) < before).collect();
        threads.retain(|(thread, _)| groups.is_none_or(|groups| matches!(thread, Thread::Group(_)) == groups));
        threads.sort_by_key(|(_, messages)| std::cmp::Reverse(last(messages)));
        let listed = threads.iter().take(length);
        Ok(success(listed.map(|(thread, messages)| self.listed(accounts, user, thread, messages)).collect()))
    }

    /// `GET rm/thread/{thread}`: the newest `max` messages before `before`, the oldest of them first; or the one of `id`.
    pub(crate) fn read(&self, accounts: &Accounts, user: &UserKey, name: &str, query: &str) -> Result<Response, Fault> {
        let (thread, mut messages) = self.found(user, name)?;
        let (before, length) = page(query)?;
        if let Some(id) = parameter(query, "id") {
            let id: u64 = id.parse().map_err(|_| NO_MESSAGE)?;
            messages.retain(|message| message.id == id);
            if messages.is_empty() {
                return Err(NO_MESSAGE);
            }
        }
        messages.retain(|message| message.id < before);
        let told = messages.iter().skip(messages.len().saturating_sub(length));
        Ok(success(told.map(|message| self.told(accounts, user, &thread, message)).collect()))
    }

    /// `GET rm/delete/{thread}` and `GET rm/delete/{thread}/{message}`: for whoever asks, the others keep theirs.
    pub(crate) fn delete(&mut self, user: &UserKey, name: Option<&str>, one: Option<&str>) -> Result<Response, Fault> {
        let (_, messages) = self.found(user, name.ok_or(NO_THREAD)?)?;
        let ids: Vec<u64> = messages.iter().map(|message| message.id).collect();
        let one = one.map(|id| id.parse::<u64>().map_err(|_| NO_MESSAGE)).transpose()?;
        if one.is_some_and(|one| !ids.contains(&one)) {
            return Err(NO_MESSAGE);
        }
        let gone = ids.into_iter().filter(|id| one.is_none_or(|one| one == *id));
        self.deleted.extend(gone.map(|id| (user.clone(), id)));
        Ok(Response::ok(&object([("success", Some(true.into()))])))
    }

    /// `GET rm/read/{thread}?id=`: everything up to this message is read. Answers how much is not.
    pub(crate) fn mark_read(&mut self, user: &UserKey, name: &str, query: &str) -> Result<Response, Fault> {
        let until: u64 = parameter(query, "id").and_then(|id| id.parse().ok()).ok_or(NO_MESSAGE)?;
        let (thread, _) = self.found(user, name)?;
        let mark = self.read.entry((user.clone(), thread.clone())).or_default();
        *mark = until.max(*mark);
        let (_, messages) = self.found(user, name)?;
        let unread = self.unread(user, &thread, &messages);
        Ok(Response::ok(&object([("success", Some(object([("unread", Some(unread.into()))])))])))
    }

    /// The messages of all threads of a user, oldest first.
    fn of(&self, user: &UserKey) -> Vec<&Message> {
        let sees = |message: &&Message| self.members(&message.thread).is_some_and(|members| members.contains(user));
        let kept = |message: &&Message| !self.deleted.contains(&(user.clone(), message.id));
        self.all.values().filter(sees).filter(kept).collect()
    }

    /// Which thread a client means, a group by its name, any other by whoever is on the other side; and its messages.
    fn found(&self, user: &UserKey, name: &str) -> Result<(Thread, Vec<&Message>), Fault> {
        let group = name.strip_prefix("grp-").and_then(|number| number.parse().ok()).map(Thread::Group);
        let thread = group.unwrap_or_else(|| Thread::Pair(BTreeSet::from([user.clone(), UserKey::called(name, user)])));
        let mut messages = self.of(user);
        messages.retain(|message| message.thread == thread);
        if messages.is_empty() { Err(NO_THREAD) } else { Ok((thread, messages)) }
    }

    fn read_until(&self, user: &UserKey, thread: &Thread) -> u64 {
        self.read.get(&(user.clone(), thread.clone())).copied().unwrap_or_default()
    }

    fn unread(&self, user: &UserKey, thread: &Thread, messages: &[&Message]) -> usize {
        let until = self.read_until(user, thread);
        messages.iter().filter(|message| message.id > until && message.sender != *user).count()
    }

    /// A thread as `rm/threads` lists it.
    fn listed(&self, accounts: &Accounts, user: &UserKey, thread: &Thread, messages: &[&Message]) -> Value {
        let number = |member: &UserKey| Value::from(accounts.number_to(member, user));
        let others = self.members(thread).into_iter().flatten().filter(|member| *member != user);
        let others: Vec<Value> = others.map(number).collect();
        let group = thread.group_name();
        // With nobody else it is a thread with oneself.
        let peer = others.first().cloned().unwrap_or_else(|| number(user));
        let last = messages.last();
        object([
            ("type", Some(if group.is_some() { "group" } else { "internal" }.into())),
            ("thread", Some(group.as_deref().map_or_else(|| peer.clone(), Value::from))),
            ("handle", group.is_none().then(|| peer.clone())),
            ("handles", group.is_some().then(|| others.into())),
            ("lastreceived", last.map(|message| (message.at / 1_000).into())),
            ("lastmsg", last.map(|message| message.text.as_str().into())),
            ("unread", Some(self.unread(user, thread, messages).into())),
            ("lastid", last.map(|message| message.id.to_string().into())),
            ("readid", Some(self.read_until(user, thread).to_string().into())),
        ])
    }

    /// A message as `rm/thread/{thread}` tells it.
    fn told(&self, accounts: &Accounts, user: &UserKey, thread: &Thread, message: &Message) -> Value {
        let own = message.sender == *user;
        let from = || Value::from(accounts.number_to(&message.sender, user));
        let in_group = matches!(thread, Thread::Group(_));
        object([
            ("id", Some(message.id.to_string().into())),
            ("when", Some(message.at.into())),
            ("dir", Some(i64::from(own).into())),
            ("sender", (!own && !in_group).then(from)),
            ("from", (!own && in_group).then(from)),
            ("read", (!own).then(|| (message.id <= self.read_until(user, thread)).into())),
            ("txt", Some(message.text.as_str().into())),
        ])
    }
}

fn success(what: Vec<Value>) -> Response {
    Response::ok(&object([("success", Some(what.into()))]))
}

fn page(query: &str) -> Result<(u64, usize), Fault> {
    let number = |name: &str| match parameter(query, name) {
        None => Ok(None),
        Some(text) => text.parse::<u64>().ok().filter(|number| *number > 0).map(Some).ok_or(BAD_PAGE),
    };
    let length = number("max")?.map_or(PAGE.0, |max| usize::try_from(max).unwrap_or(PAGE.1));
    Ok((number("before")?.unwrap_or(u64::MAX), length.min(PAGE.1)))
}
