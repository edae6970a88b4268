//! Messages, and telling of them (protocol §7.1, §7.2, §7.3.1, §7.3.5), as the real gateway does it, but for files.

use std::collections::{BTreeMap, BTreeSet};

use kandy_switch::{
    Accounts, Fault, Identified, Notice, Now, Request, Response, Service, Switch, UserKey, code, parameter, parameters,
};
use kandy_wire::{Value, decode, session::CLIENT_MESSAGE_ID};
use serde::{Deserialize, Serialize};

use crate::people::object;

/// Messages that are kept, of which the oldest give way, and groups, of which further ones are refused.
const KEPT: usize = 10_000;

const NO_DESTINATION: Fault = Fault::new(404, code::NO_DESTINATION, "There is no user of that name.");
const NOBODY: Fault = Fault::new(400, code::VALUE, "A message needs a destination.");
const NOTHING: Fault = Fault::new(400, code::VALUE, "A message needs a text.");
const TOO_MANY_GROUPS: Fault = Fault::new(413, code::VALUE, "The test gateway keeps 10,000 groups.");
const NO_FILES: Fault = Fault::new(501, code::NOT_ENABLED, "The test gateway does not simulate files of messages.");

/// All messages.
#[derive(Debug, Default)]
pub(crate) struct Messages {
    all: BTreeMap<u64, Message>,
    /// Who was told of what, and which of that has not arrived yet.
    missing: BTreeSet<(UserKey, u64)>,
    groups: Vec<BTreeSet<UserKey>>,
    last: u64,
}

#[derive(Debug, Clone)]
struct Message {
    id: u64,
    sender: UserKey,
    text: String,
    at: u64,
    /// The group that it was written in; a number from 1.
    group: Option<usize>,
    client_id: Option<String>,
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
            ("group", sent.group.map(|group| group_name(group).into())),
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
        let group = (receivers.len() > 1).then(|| self.group(&receivers, sender)).transpose()?;
        self.last += 1;
        let (id, sender) = (self.last, sender.clone());
        let message = Message { id, sender, text, at: now.0, group, client_id: wish.client_id };
        self.all.insert(id, message.clone());
        if self.all.len() > KEPT {
            self.all.pop_first();
            let oldest = self.all.keys().next().copied().unwrap_or_default();
            self.missing.retain(|(_, id)| *id >= oldest);
        }
        for user in receivers {
            let notice = self.notice(&message, switch.accounts(), &user);
            self.missing.insert((user.clone(), id));
            switch.notify(now, &user, Service::Im, &notice);
        }
        Ok(message)
    }

    /// The number of the group with these members.
    fn group(&mut self, receivers: &BTreeSet<UserKey>, sender: &UserKey) -> Result<usize, Fault> {
        let mut members = receivers.clone();
        members.insert(sender.clone());
        if let Some(known) = self.groups.iter().position(|group| *group == members) {
            return Ok(known + 1);
        }
        if self.groups.len() >= KEPT {
            return Err(TOO_MANY_GROUPS);
        }
        self.groups.push(members);
        Ok(self.groups.len())
    }

    /// What the clients of `user` are told of a message.
    fn notice(&self, message: &Message, accounts: &Accounts, user: &UserKey) -> Notice {
        let from = accounts.number_to(&message.sender, user);
        let members = message.group.and_then(|group| self.groups.get(group - 1));
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
            ("group", message.group.map(|group| group_name(group).into())),
            ("handles", others),
        ]);
        Notice { link, uc: Some(uc), message: Some(message.id) }
    }
}

fn group_name(group: usize) -> String {
    format!("grp-{group}")
}
