//! Messages, and telling of them (protocol §7.1, §7.2, §7.3.1, §7.3.5), as the real gateway does it, but for files. Reading them
//! again is in `threads`.

use std::collections::{BTreeMap, BTreeSet};

use kandy_switch::{
    Accounts, Fault, Identified, Notice, Now, Request, Response, Service, Switch, UserKey, code, parameter, parameters,
};
use kandy_wire::{Value, decode, session::CLIENT_MESSAGE_ID};
use serde::{Deserialize, Serialize};

use crate::people::{NO_FILES, object};

/// Messages that are kept, of which the oldest give way, and groups, of which further ones are refused.
const KEPT: usize = 10_000;

const NO_DESTINATION: Fault = Fault::new(404, code::NO_DESTINATION, "There is no user of that name.");
const NOBODY: Fault = Fault::new(400, code::VALUE, "A message needs a destination.");
const NOTHING: Fault = Fault::new(400, code::VALUE, "A message needs a text.");
const TOO_MANY_GROUPS: Fault = Fault::new(413, code::VALUE, "The test gateway keeps 10,000 groups.");

/// All messages.
#[derive(Debug, Default)]
pub(crate) struct Messages {
    pub(crate) all: BTreeMap<u64, Message>,
    /// Who was told of what, and which of that has not arrived yet.
    missing: BTreeSet<(UserKey, u64)>,
    groups: Vec<BTreeSet<UserKey>>,
    /// Who has deleted what.
    pub(crate) deleted: BTreeSet<(UserKey, u64)>,
    /// Up to which message somebody has read a thread.
    pub(crate) read: BTreeMap<(UserKey, Thread), u64>,
    last: u64,
}

#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) id: u64,
    pub(crate) sender: UserKey,
    pub(crate) text: String,
    pub(crate) at: u64,
    pub(crate) thread: Thread,
    client_id: Option<String>,
}

/// Where a message was written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Thread {
    /// Between two users, or by one to themselves.
    Pair(BTreeSet<UserKey>),
    /// In a group; a number from 1.
    Group(usize),
}

impl Thread {
    /// How a group is named.
    pub(crate) fn group_name(&self) -> Option<String> {
        match self {
            Self::Pair(_) => None,
            Self::Group(number) => Some(format!("grp-{number}")),
        }
    }
}

/// What somebody wants to send.
struct Wish {
    to: Vec<String>,
    text: Option<String>,
    client_id: Option<String>,
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

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ImResponse {
    status_code: i64,
    message_id: String,
    when: u64,
}

impl Messages {
    /// `POST instantmessage`
    pub(crate) fn send_link(
        &mut self,
        switch: &mut Switch,
        now: Now,
        by: &Identified,
        request: &Request<'_>,
    ) -> Result<Response, Fault> {
        let ImBody { im_request: wish } = decode(request.body).map_err(|_| Fault::BODY)?;
        let wish = Wish { to: vec![wish.to_url], text: Some(wish.message), client_id: wish.client_message_id };
        let sent = self.send(switch, now, &by.user, wish)?;
        let response = ImResponse { status_code: 0, message_id: sent.id.to_string(), when: sent.at };
        Ok(Response::ok(&BTreeMap::from([("imResponse", response)])))
    }

    /// `GET rm/send`
    pub(crate) fn send_uc(
        &mut self,
        switch: &mut Switch,
        now: Now,
        by: &Identified,
        request: &Request<'_>,
    ) -> Result<Response, Fault> {
        let all = |name: &str| parameters(request.query, name).ok_or(Fault::BODY);
        if !all("attach")?.is_empty() {
            return Err(NO_FILES);
        }
        let client_id = all(CLIENT_MESSAGE_ID)?.into_iter().next();
        let wish = Wish { to: [all("to")?, all("tos")?].concat(), text: parameter(request.query, "txt"), client_id };
        let sent = self.send(switch, now, &by.user, wish)?;
        let success = object([
            ("id", Some(sent.id.to_string().into())),
            ("when", Some(sent.at.into())),
            ("group", sent.thread.group_name().map(Value::from)),
        ]);
        Ok(Response::ok(&BTreeMap::from([("success", success)])))
    }

    /// Messages that are known to have arrived.
    pub(crate) fn arrived(&mut self, all: Vec<(UserKey, u64)>) {
        for one in all {
            self.missing.remove(&one);
        }
    }

    /// Tells those who have just come what they missed.
    pub(crate) fn catch_up(&self, switch: &mut Switch, now: Now) {
        for newcomer in switch.newcomers() {
            let missed = self.missing.iter().filter(|(user, _)| *user == newcomer.user);
            let missed = missed.filter_map(|(user, id)| Some(self.notice(self.all.get(id)?, switch.accounts(), user)));
            let missed: Vec<Notice> = missed.collect();
            switch.catch_up(now, &newcomer, &missed);
        }
    }

    fn send(&mut self, switch: &mut Switch, now: Now, sender: &UserKey, wish: Wish) -> Result<Message, Fault> {
        if wish.to.is_empty() {
            return Err(NOBODY);
        }
        let text = wish.text.filter(|text| !text.is_empty()).ok_or(NOTHING)?;
        let mut receivers = switch.find_receivers(&wish.to, sender).ok_or(NO_DESTINATION)?;
        // Whoever names themselves among others is in the group anyway.
        if receivers.len() > 1 {
            receivers.remove(sender);
        }
        let again = |known: &&Message| {
            known.sender == *sender && known.client_id.is_some() && known.client_id == wish.client_id
        };
        if let Some(known) = self.all.values().find(again) {
            return Ok(known.clone());
        }
        let mut members = receivers.clone();
        members.insert(sender.clone());
        let thread = if receivers.len() > 1 { self.group(members)? } else { Thread::Pair(members) };
        self.last += 1;
        let (id, sender) = (self.last, sender.clone());
        let message = Message { id, sender, text, at: now.0, thread, client_id: wish.client_id };
        self.all.insert(id, message.clone());
        if self.all.len() > KEPT {
            self.all.pop_first();
            let oldest = self.all.keys().next().copied().unwrap_or_default();
            self.missing.retain(|(_, id)| *id >= oldest);
            self.deleted.retain(|(_, id)| *id >= oldest);
        }
        for user in receivers {
            let notice = self.notice(&message, switch.accounts(), &user);
            self.missing.insert((user.clone(), id));
            switch.notify(now, &user, Service::Im, &notice);
        }
        Ok(message)
    }

    /// The group with these members.
    fn group(&mut self, members: BTreeSet<UserKey>) -> Result<Thread, Fault> {
        if let Some(known) = self.groups.iter().position(|group| *group == members) {
            return Ok(Thread::Group(known + 1));
        }
        if self.groups.len() >= KEPT {
            return Err(TOO_MANY_GROUPS);
        }
        self.groups.push(members);
        Ok(Thread::Group(self.groups.len()))
    }

    /// Who is in a thread.
    pub(crate) fn members<'a>(&'a self, thread: &'a Thread) -> Option<&'a BTreeSet<UserKey>> {
        match thread {
            Thread::Pair(members) => Some(members),
            Thread::Group(number) => self.groups.get(number.checked_sub(1)?),
        }
    }

    /// What the clients of `user` are told of a message.
    fn notice(&self, message: &Message, accounts: &Accounts, user: &UserKey) -> Notice {
        let from = accounts.number_to(&message.sender, user);
        let members = self.members(&message.thread).filter(|_| matches!(message.thread, Thread::Group(_)));
        let others = members.map(|members| {
            let others = members.iter().filter(|member| *member != user);
            others.map(|member| Value::from(accounts.number_to(member, user))).collect::<Value>()
        });
        let params = object([
            ("primaryContact", Some(format!("sip:{from}").into())),
            ("msgText", Some(message.text.as_str().into())),
            ("charset", Some("UTF-8".into())),
        ]);
        let link = object([
            ("eventType", Some("IM".into())),
            ("time", Some(message.at.into())),
            ("imnotificationParams", Some(params)),
        ]);
        let uc = object([
            ("event", Some("im".into())),
            ("direction", Some("in".into())),
            ("type", Some("internal".into())),
            ("id", Some(message.id.to_string().into())),
            ("From", Some(from.into())),
            ("time", Some(message.at.into())),
            ("txt", Some(message.text.as_str().into())),
            ("group", message.thread.group_name().map(Value::from)),
            ("handles", others),
        ]);
        Notice { link, uc: Some(uc), message: Some(message.id) }
    }
}
