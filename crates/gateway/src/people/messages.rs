//! Sending messages and telling of them: instant messages of Link clients (protocol §7.1, §7.2), rich messages of UC clients
//! (§7.3.1, §7.3.5). Both write into the same threads, and every receiver is told in the form of their own client.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use kandy_switch::{Accounts, Fault, Notice, Response, UserKey, code, parameter, parameters};
use kandy_wire::session::CLIENT_MESSAGE_ID;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Ask, People, files, object, threads::group_name};
use crate::{
    hub::OpenSocket,
    store::{
        Db, StoreError,
        messages::{self, Message},
        threads,
    },
};

/// Longest text, in bytes: it travels in a URL, where a byte may take three, and servers and proxies take some 64 KiB.
pub(super) const MAX_TEXT: usize = 16 << 10;
/// Most destinations of a group message.
pub(super) const MAX_DESTINATIONS: usize = 50;
/// Most files of a message.
pub(super) const MAX_FILES: usize = 20;
/// Longest id that a client gives its message, in bytes.
pub(super) const MAX_CLIENT_ID: usize = 128;

const NO_DESTINATION: Fault = Fault::new(404, code::NO_DESTINATION, "There is no user of that name.");
const NOBODY: Fault = Fault::new(400, code::VALUE, "A message needs a destination.");
const TOO_MANY: Fault = Fault::new(400, code::VALUE, "A message has at most 50 destinations.");
const NOTHING: Fault = Fault::new(400, code::VALUE, "A message needs a text or a file.");
const TOO_LONG: Fault = Fault::new(400, code::VALUE, "The text is too long.");
const TOO_MANY_FILES: Fault = Fault::new(400, code::VALUE, "A message has at most 20 files.");
const BAD_ID: Fault = Fault::new(400, code::VALUE, "The clientMessageId needs 1 to 128 characters.");
const BAD_QUERY: Fault = Fault::new(400, code::VALUE, "The query cannot be read.");

/// What somebody wants to send.
pub(super) struct Wish {
    pub(super) to: Vec<String>,
    pub(super) text: Option<String>,
    pub(super) files: Vec<String>,
    pub(super) client_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ImBody {
    im_request: ImRequest,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ImRequest {
    to_url: String,
    message: String,
    client_message_id: Option<String>,
}

/// `POST instantmessage`. `when` is ours, here and below: by it a client orders its own messages like those of others.
pub(super) async fn send_link(people: &People, ask: &Ask) -> Result<Response, Fault> {
    let ImBody { im_request: wish } = kandy_wire::decode(&ask.body).map_err(|_| Fault::BODY)?;
    let text = Some(wish.message).filter(|text| !text.is_empty());
    let wish = Wish { to: vec![wish.to_url], text, files: Vec::new(), client_id: wish.client_message_id };
    let sent = send(people, &ask.user, wish).await?;
    Ok(Response::ok(&json!({"imResponse": {"statusCode": 0, "messageId": sent.id.to_string(),
        "when": sent.at}})))
}

/// `GET rm/send`
pub(super) async fn send_uc(people: &People, ask: &Ask) -> Result<Response, Fault> {
    let all = |name: &str| parameters(&ask.query, name).ok_or(BAD_QUERY);
    let to = [all("to")?, all("tos")?].concat();
    let client_id = all(CLIENT_MESSAGE_ID)?.into_iter().next();
    let wish = Wish { to, text: parameter(&ask.query, "txt"), files: all("attach")?, client_id };
    let sent = send(people, &ask.user, wish).await?;
    // Released clients read the first one alone, for their file part (§7.3.1).
    let (json, plain): (Vec<_>, Vec<_>) = sent.files.iter().partition(|file| files::is_json(file));
    let described: Vec<Value> = plain.into_iter().chain(json).map(|file| files::described(file, &ask.base)).collect();
    let success = object([
        ("id", Some(sent.id.to_string().into())),
        ("when", Some(sent.at.into())),
        ("group", sent.is_group.then(|| group_name(sent.thread).into())),
        ("attachments", Some(described).filter(|all| !all.is_empty()).map(Value::from)),
    ]);
    Ok(Response::ok(&json!({"success": success})))
}

async fn send(people: &People, sender: &UserKey, wish: Wish) -> Result<Message, Fault> {
    let receivers = receivers(people, sender, &wish)?;
    people.post(sender, receivers, wish).await
}

fn receivers(people: &People, sender: &UserKey, wish: &Wish) -> Result<BTreeSet<UserKey>, Fault> {
    match (wish.to.len(), wish.files.len(), &wish.text, &wish.client_id) {
        (0, ..) => return Err(NOBODY),
        (to, ..) if to > MAX_DESTINATIONS => return Err(TOO_MANY),
        (_, 0, None, _) => return Err(NOTHING),
        (_, files, ..) if files > MAX_FILES => return Err(TOO_MANY_FILES),
        (_, _, Some(text), _) if text.len() > MAX_TEXT => return Err(TOO_LONG),
        (.., Some(id)) if id.is_empty() || id.len() > MAX_CLIENT_ID => return Err(BAD_ID),
        _ => {}
    }
    let mut all = people.switch(|switch, _| switch.find_receivers(&wish.to, sender))?.ok_or(NO_DESTINATION)?;
    // Whoever names themselves among others is in the thread anyway; alone, they write to themselves.
    if all.len() > 1 {
        all.remove(sender);
    }
    Ok(all)
}

/// What the clients of `user` are told of a message; `members` are all who are in its group, or nobody.
pub(super) fn notice(message: &Message, accounts: &Accounts, members: &[UserKey], user: &UserKey) -> Notice {
    let from = accounts.number_to(&message.sender, user);
    // A client that does not know the group finds it, or makes it, by who is in it.
    let others = members.iter().filter(|member| *member != user).map(|member| accounts.number_to(member, user));
    let others = message.is_group.then(|| others.collect::<Vec<String>>());
    let names = || message.files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>().join(", ");
    // Link knows text alone.
    let text = message.text.clone().unwrap_or_else(names);
    let contact = format!("sip:{from}");
    let link = json!({"eventType": "IM", "time": message.at,
        "imnotificationParams": {"primaryContact": contact, "msgText": text, "charset": "UTF-8"}});
    // Always `internal`, because released clients can read one message of any other type only; our own learn the group from a
    // member of its own (§7.3.5).
    let handles = message.files.iter().map(|file| file.handle.as_str()).collect::<Vec<_>>().join(",");
    let uc = object([
        ("event", Some("im".into())),
        ("direction", Some("in".into())),
        ("type", Some("internal".into())),
        ("id", Some(message.id.to_string().into())),
        ("From", Some(from.as_str().into())),
        ("time", Some(message.at.into())),
        ("txt", message.text.as_deref().map(Value::from)),
        ("Attach", Some(handles).filter(|handles| !handles.is_empty()).map(Value::from)),
        ("group", message.is_group.then(|| group_name(message.thread).into())),
        ("handles", others.map(Value::from)),
    ]);
    Notice { link, uc: Some(uc), message: u64::try_from(message.id).ok() }
}

impl People {
    /// Serves a request that may begin a subscription: what its user missed is told first of all. The writer is held
    /// meanwhile, so that no message comes in between.
    pub(crate) async fn subscribe(&self, request: &kandy_switch::Request<'_>) -> Response {
        let mut writer = self.store.write().await;
        let answered = self.hub.with(|switch, now| (switch.request(now, request), switch.newcomers()));
        let Some((response, newcomers)) = answered else { return self.hub.request(request) };
        self.catch_up(&mut writer, newcomers).await;
        response
    }

    /// Opens a socket. Messages for which there was no room while there was none are told anew; the writer is held meanwhile, as
    /// above.
    ///
    /// # Errors
    /// As [`crate::hub::Hub::open`].
    pub(crate) async fn open(&self, path: &str, query: &str) -> Result<OpenSocket, Option<Response>> {
        let mut writer = self.store.write().await;
        let open = self.hub.open(path, query)?;
        if let Some(newcomers) = self.hub.with(|switch, _| switch.newcomers()) {
            self.catch_up(&mut writer, newcomers).await;
        }
        Ok(open)
    }

    /// Tells those who came over a restart what they may have missed.
    pub(crate) async fn catch_up_all(&self) {
        let mut writer = self.store.write().await;
        if let Some(newcomers) = self.hub.with(|switch, _| switch.newcomers()) {
            self.catch_up(&mut writer, newcomers).await;
        }
    }

    async fn catch_up(&self, db: &mut Db, newcomers: Vec<kandy_switch::Newcomer>) {
        for newcomer in newcomers {
            match missed(db, &newcomer.user).await {
                Ok((missed, _)) if missed.is_empty() => {}
                Ok((missed, groups)) => {
                    self.hub.with(|switch, now| {
                        let notice = |message: &Message| {
                            let members = groups.get(&message.thread).map(Vec::as_slice).unwrap_or_default();
                            notice(message, switch.accounts(), members, &newcomer.user)
                        };
                        let missed: Vec<Notice> = missed.iter().map(notice).collect();
                        switch.catch_up(now, &newcomer, &missed);
                    });
                }
                Err(error) => tracing::error!(%error, "a user is not told what they missed"),
            }
        }
    }
}

/// What did not arrive at any client of this user, oldest first, and who is in those of their threads that are groups.
async fn missed(db: &mut Db, user: &UserKey) -> Result<(Vec<Message>, BTreeMap<i64, Vec<UserKey>>), StoreError> {
    let missed = messages::undelivered(db, user).await?;
    let mut groups = BTreeMap::new();
    for message in missed.iter().filter(|message| message.is_group) {
        if let Entry::Vacant(group) = groups.entry(message.thread) {
            group.insert(threads::members(db, message.thread).await?);
        }
    }
    Ok((missed, groups))
}
