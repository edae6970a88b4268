//! Reading in threads: which there are, what is in them, what is read and what deleted (protocol §7.3.2 to §7.3.4).

use kandy_switch::{Fault, Response, UserKey, code, parameter};
use serde_json::{Value, json};
use sqlx::Connection;

use super::{Ask, People, files, object};
use crate::store::{
    erase,
    messages::{self, Message},
    threads::{self, NO_MESSAGE, NO_THREAD, Thread, ThreadName, ThreadPage},
};

/// Messages or threads of a page that the client gives no length for, and of the longest there is.
const PAGE: (i64, i64) = (50, 200);

const BAD_PAGE: Fault = Fault::new(400, code::VALUE, "max and before must be numbers over 0.");

/// How a group is named; others are named by their other member. No user has such a name, because theirs have an `@`.
pub(super) fn group_name(thread: i64) -> String {
    format!("grp-{thread}")
}

/// `GET rm/threads`, of which `max` and `before` (a message id) are ours.
pub(super) async fn list(people: &People, ask: &Ask) -> Result<Response, Fault> {
    if let Some(handle) = parameter(&ask.query, "thread") {
        return one_thread(people, ask, &handle).await;
    }
    let groups = match parameter(&ask.query, "type").as_deref() {
        None => None,
        Some("internal" | "im") => Some(false),
        Some("group") => Some(true),
        Some(_) => return Ok(success(&json!([]))),
    };
    let (before, length) = page(&ask.query)?;
    let found = {
        let mut reader = people.store.read().await?;
        threads::list(&mut reader, &ask.user, ThreadPage { groups, before, length }).await?
    };
    let found: Vec<Value> = found.iter().map(|thread| listed(people, &ask.user, thread)).collect::<Result<_, _>>()?;
    Ok(success(&Value::from(found)))
}

/// `GET rm/thread?id=`
pub(super) async fn one(people: &People, ask: &Ask) -> Result<Response, Fault> {
    let id = parameter(&ask.query, "id").ok_or(NO_THREAD)?;
    one_thread(people, ask, &id).await
}

async fn one_thread(people: &People, ask: &Ask, name: &str) -> Result<Response, Fault> {
    let thread = found(people, ask, name).await?;
    Ok(success(&json!([listed(people, &ask.user, &thread)?])))
}

/// `GET rm/thread/{thread}`: the newest `max` messages before `before`, the oldest of them first; or the one of `id`.
pub(super) async fn messages(people: &People, ask: &Ask, name: &str) -> Result<Response, Fault> {
    let id = parameter(&ask.query, "id");
    let (before, length) = page(&ask.query)?;
    let name = thread_name(people, &ask.user, name)?;
    let mut reader = people.store.read().await?;
    let thread = threads::find(&mut reader, &ask.user, &name).await?.ok_or(NO_THREAD)?;
    let messages = match id {
        None => messages::page(&mut reader, &ask.user, &thread, before, length).await?,
        Some(id) => {
            let id = id.parse().map_err(|_| NO_MESSAGE)?;
            vec![messages::one(&mut reader, &ask.user, &thread, id).await?.ok_or(NO_MESSAGE)?]
        }
    };
    drop(reader);
    let told: Vec<Value> =
        messages.iter().map(|message| told(people, ask, &thread, message)).collect::<Result<_, _>>()?;
    Ok(success(&Value::from(told)))
}

/// `GET rm/delete/{thread}` and `GET rm/delete/{thread}/{message}`: for whoever asks, the others keep theirs. What the last one
/// deletes is gone.
pub(super) async fn delete(
    people: &People,
    ask: &Ask,
    name: Option<&str>,
    message: Option<&str>,
) -> Result<Response, Fault> {
    let name = thread_name(people, &ask.user, name.ok_or(NO_THREAD)?)?;
    let mut writer = people.store.write().await;
    let mut db = writer.begin().await.map_err(crate::store::StoreError::from)?;
    let thread = threads::find(&mut db, &ask.user, &name).await?.ok_or(NO_THREAD)?;
    match message {
        None => {
            threads::clear(&mut db, &ask.user, thread.id).await?;
            erase::cleared(&mut db, thread.id).await?;
        }
        Some(id) => {
            let id = id.parse().map_err(|_| NO_MESSAGE)?;
            threads::delete(&mut db, &ask.user, &thread, id).await?;
            erase::deleted(&mut db, thread.id, id).await?;
        }
    }
    db.commit().await.map_err(crate::store::StoreError::from)?;
    Ok(success(&Value::Bool(true)))
}

/// `GET rm/read/{thread}?id=`: everything up to this message is read, on whichever device. Answers how much is not.
pub(super) async fn mark_read(people: &People, ask: &Ask, name: &str) -> Result<Response, Fault> {
    let message = parameter(&ask.query, "id").and_then(|id| id.parse().ok()).ok_or(NO_MESSAGE)?;
    let name = thread_name(people, &ask.user, name)?;
    let now = people.now()?;
    let mut writer = people.store.write().await;
    let mut db = writer.begin().await.map_err(crate::store::StoreError::from)?;
    let thread = threads::find(&mut db, &ask.user, &name).await?.ok_or(NO_THREAD)?;
    let unread = threads::mark_read(&mut db, &ask.user, &thread, message, now).await?;
    db.commit().await.map_err(crate::store::StoreError::from)?;
    Ok(success(&json!({"unread": unread})))
}

fn success(what: &Value) -> Response {
    Response::ok(&json!({"success": what}))
}

async fn found(people: &People, ask: &Ask, name: &str) -> Result<Thread, Fault> {
    let name = thread_name(people, &ask.user, name)?;
    let mut reader = people.store.read().await?;
    threads::find(&mut reader, &ask.user, &name).await?.ok_or(NO_THREAD)
}

/// Which thread a client means: a group by its name, any other by whoever is on the other side.
fn thread_name(people: &People, user: &UserKey, name: &str) -> Result<ThreadName, Fault> {
    if let Some(number) = name.strip_prefix("grp-").and_then(|number| number.parse().ok()) {
        return Ok(ThreadName::Group(number));
    }
    // Without an account, too: what was written with somebody who left is still there.
    people.switch(|_, _| ThreadName::Pair(UserKey::called(name, user)))
}

fn page(query: &str) -> Result<(i64, i64), Fault> {
    let number = |name: &str| match parameter(query, name) {
        None => Ok(None),
        Some(text) => text.parse::<i64>().ok().filter(|number| *number > 0).map(Some).ok_or(BAD_PAGE),
    };
    Ok((number("before")?.unwrap_or(i64::MAX), number("max")?.unwrap_or(PAGE.0).min(PAGE.1)))
}

/// A thread as `rm/threads` lists it. `unread`, `lastid` and `readid` are ours.
fn listed(people: &People, user: &UserKey, thread: &Thread) -> Result<Value, Fault> {
    let number = |member: &UserKey| people.switch(|switch, _| switch.accounts().number_to(member, user));
    let seconds = |ms: i64| Some(Value::from(ms / 1_000));
    let others = || (1_i64..).zip(&thread.members).filter(|(_, member)| *member != user);
    let handles: Vec<String> = others().map(|(_, member)| number(member)).collect::<Result<_, _>>()?;
    let numbers: Vec<i64> = others().map(|(number, _)| number).collect();
    // With nobody else it is a thread with oneself.
    let peer =
        if thread.is_group { None } else { Some(handles.first().map_or_else(|| number(user), |n| Ok(n.clone()))?) };
    Ok(object([
        ("type", Some(if thread.is_group { "group" } else { "internal" }.into())),
        ("thread", Some(peer.clone().unwrap_or_else(|| group_name(thread.id)).into())),
        ("handle", peer.map(Value::from)),
        ("handles", thread.is_group.then(|| handles.into())),
        ("members", thread.is_group.then(|| numbers.into())),
        ("lastreceived", seconds(thread.last_at)),
        ("lastpull", seconds(thread.read_at)),
        ("lastmsg", Some(thread.last_text.as_str().into())),
        ("unread", Some(thread.unread.into())),
        ("lastid", Some(thread.last.to_string().into())),
        ("readid", Some(thread.read_until.to_string().into())),
    ]))
}

/// A message as `rm/thread/{thread}` tells it. `from` and `read` are ours: in groups, the number of a member says little.
fn told(people: &People, ask: &Ask, thread: &Thread, message: &Message) -> Result<Value, Fault> {
    let own = message.sender == ask.user;
    let from = people.switch(|switch, _| switch.accounts().number_to(&message.sender, &ask.user))?;
    let number =
        (1_i64..).zip(&thread.members).find(|(_, member)| **member == message.sender).map(|(number, _)| number);
    let sender = if thread.is_group { number.map(Value::from) } else { Some(Value::from(from.as_str())) };
    let described: Vec<Value> = message.files.iter().map(|file| files::described(file, &ask.base)).collect();
    Ok(object([
        ("id", Some(message.id.to_string().into())),
        ("when", Some(message.at.into())),
        ("dir", Some(i64::from(own).into())),
        ("sender", sender.filter(|_| !own)),
        ("from", Some(from.into()).filter(|_| !own && thread.is_group)),
        ("read", Some(Value::from(message.id <= thread.read_until)).filter(|_| !own)),
        ("txt", message.text.as_deref().map(Value::from)),
        ("attachments", Some(described).filter(|all| !all.is_empty()).map(Value::from)),
    ]))
}
