//! What the shell answers by itself, because it is kept in a store: messages, presence, contacts, directory, records. The switch
//! says what is wanted and by whom, and tells users of it on their channels.

use std::collections::BTreeSet;

use kandy_wire::{Value, encode};

use crate::{
    Device, Now, Request, Response, SubscriptionId, Switch,
    accounts::{Accounts, UserKey},
    channel::Kept,
    fault::{Family, Fault},
    routes::{self, METHOD, NOTHING, Route, UserRoute},
};

/// Arrivals of messages that may wait for the shell.
const NOTED: usize = 4096;

/// A resource that the shell serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PeopleRoute {
    /// `POST instantmessage`
    SendMessage,
    /// `GET rm/send`
    Send,
    /// `GET rm/threads`
    Threads,
    /// `GET rm/thread?id=`
    Thread,
    /// `GET rm/thread/{thread}`: its messages, or one of them by `?id=`.
    Messages(String),
    /// `GET rm/delete/{thread}` and `GET rm/delete/{thread}/{message}`; no thread at all from clients that know none.
    Delete(Option<String>, Option<String>),
    /// `GET rm/read/{thread}?id=`. Ours.
    MarkRead(String),
    /// `POST rm/upload`
    Upload,
    /// `GET rm/file/{handle}`
    File(String),
    /// `POST presence`
    Presence,
    /// `POST presenceWatcher`
    PresenceWatcher,
    /// `GET addressbook`
    Contacts,
    /// `POST addressbook/contacts/`
    AddContact,
    /// `GET addressbook/contacts/{id}`
    Contact(String),
    /// `PUT addressbook/contacts/{id}`
    ChangeContact(String),
    /// `DELETE addressbook/contacts/{id}`
    RemoveContact(String),
    /// `GET directory`
    Directory,
    /// `GET userProfileData`
    Profile,
    /// `GET localization`, which has no user in its path.
    Localization,
    /// `GET voicemail`
    Voicemail,
    /// `GET logHistory`
    CallLog,
    /// `DELETE logHistory`
    ClearCallLog,
    /// `DELETE logRecord/{id}`
    RemoveCallRecord(String),
    /// `POST eventSubscription`
    SubscribeEvent,
    /// `PUT eventSubscription/{id}`
    UpdateEvent(String),
    /// `DELETE eventSubscription/{id}`
    UnsubscribeEvent(String),
}

/// A request that the shell is to serve: the sender is who they say they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identified {
    /// The user of the path and of the credential.
    pub user: UserKey,
    /// The client instance that asks, as far as that can be told (§4.1).
    pub device: Option<Device>,
    /// What they want.
    pub route: PeopleRoute,
    /// How they read a refusal.
    pub family: Family,
}

/// What a subscription must have been granted to be told something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service<'a> {
    /// `IM`
    Im,
    /// `Presence`
    Presence,
    /// `call`
    Call,
    /// Another one by its name, for example `event:dialog`.
    Named(&'a str),
    /// Whatever it was granted.
    Any,
}

impl Service<'_> {
    fn name(&self) -> Option<&str> {
        match self {
            Self::Im => Some("IM"),
            Self::Presence => Some("Presence"),
            Self::Call => Some("call"),
            Self::Named(name) => Some(name),
            Self::Any => None,
        }
    }
}

/// Something to tell: the members of `notificationMessage` without `eventId`, and without `time` if that is to be the present.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// As Link clients read it.
    pub link: Value,
    /// As UC clients read it, where that is another form.
    pub uc: Option<Value>,
    /// The id of the message that it brings, over 0, which becomes its `eventId` whenever it is told. Anything else gets one of
    /// its own.
    pub message: Option<u64>,
}

impl Notice {
    /// A notice that looks the same to every client and brings no message.
    pub fn new(members: Value) -> Self {
        Self { link: members, uc: None, message: None }
    }
}

/// A subscription that is new, or came over a restart, or for which too much had to be kept: its user may have missed messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Newcomer {
    /// Whose it is.
    pub user: UserKey,
    pub(crate) subscription: SubscriptionId,
}

/// Whether a request begins a subscription, so that its user may have missed messages.
pub fn begins_subscription(method: &str, path: &str) -> bool {
    matches!(routes::read(method, path).1, Ok(Route::User(_, UserRoute::Subscribe(_))))
}

/// What a request wants that the shell serves; `None` for all others.
pub fn people_route(method: &str, path: &str) -> Option<PeopleRoute> {
    match routes::read(method, path).1 {
        Ok(Route::People(_, route)) => Some(route),
        _ => None,
    }
}

/// Resources of the UC messaging service, below `rm` (§7.3). Files are no messages: whoever fetches one sees its status.
pub(crate) fn messaging_route(method: &str, what: &[&str]) -> (Family, Result<PeopleRoute, Fault>) {
    let owned = |text: &&str| (*text).to_owned();
    let (family, wanted, route) = match what {
        ["upload"] => (Family::Uc, "POST", PeopleRoute::Upload),
        ["file", handle] => (Family::Uc, "GET", PeopleRoute::File(owned(handle))),
        ["send"] => (Family::Messaging, "GET", PeopleRoute::Send),
        ["threads"] => (Family::Messaging, "GET", PeopleRoute::Threads),
        ["thread"] => (Family::Messaging, "GET", PeopleRoute::Thread),
        ["thread", thread] => (Family::Messaging, "GET", PeopleRoute::Messages(owned(thread))),
        ["delete"] => (Family::Messaging, "GET", PeopleRoute::Delete(None, None)),
        ["delete", thread] => (Family::Messaging, "GET", PeopleRoute::Delete(Some(owned(thread)), None)),
        ["delete", thread, message] => {
            (Family::Messaging, "GET", PeopleRoute::Delete(Some(owned(thread)), Some(owned(message))))
        }
        ["read", thread] => (Family::Messaging, "GET", PeopleRoute::MarkRead(owned(thread))),
        _ => return (Family::Uc, Err(NOTHING)),
    };
    (family, if method == wanted { Ok(route) } else { Err(METHOD) })
}

/// Resources below one user, with their wrappers (§0.8); `None` for those that the switch knows.
pub(crate) fn user_route(method: &str, resource: &[&str]) -> Option<(&'static str, Result<PeopleRoute, Fault>)> {
    use PeopleRoute::*;
    let owned = |text: &&str| (*text).to_owned();
    let (name, rest) = resource.split_first()?;
    let wrapper = match *name {
        "instantmessage" => "imResponse",
        "presence" => "presenceResponse",
        "presenceWatcher" => "presenceWatcherResponse",
        "addressbook" => "addressBookResponse",
        "directory" => "directory",
        "userProfileData" => "userProfileData",
        "voicemail" => "mwiresponse",
        // Who clears the history reads a refusal like who removes one record of it (§4.14).
        "logHistory" if method == "DELETE" => "logRecord",
        "logHistory" => "logHistory",
        "logRecord" => "logRecord",
        "eventSubscription" => "eventSubscriptionResponse",
        _ => return None,
    };
    let route = match (*name, rest, method) {
        ("instantmessage", [], "POST") => SendMessage,
        ("presence", [], "POST") => Presence,
        ("presenceWatcher", [], "POST") => PresenceWatcher,
        ("addressbook", [], "GET") => Contacts,
        ("addressbook", ["contacts"], "POST") => AddContact,
        ("addressbook", ["contacts"], _) => return Some((wrapper, Err(METHOD))),
        // The id is the user's own text, which released clients do not encode everywhere: a slash in it stays one (§8.1).
        ("addressbook", ["contacts", id @ ..], "GET") => Contact(id.join("/")),
        ("addressbook", ["contacts", id @ ..], "PUT") => ChangeContact(id.join("/")),
        ("addressbook", ["contacts", id @ ..], "DELETE") => RemoveContact(id.join("/")),
        ("directory", [], "GET") => Directory,
        ("userProfileData", [], "GET") => Profile,
        ("voicemail", [], "GET") => Voicemail,
        ("logHistory", [], "GET") => CallLog,
        ("logHistory", [], "DELETE") => ClearCallLog,
        ("logRecord", [id], "DELETE") => RemoveCallRecord(owned(id)),
        ("eventSubscription", [], "POST") => SubscribeEvent,
        ("eventSubscription", [id], "PUT") => UpdateEvent(owned(id)),
        ("eventSubscription", [id], "DELETE") => UnsubscribeEvent(owned(id)),
        ("logRecord", [], _) => return Some((wrapper, Err(NOTHING))),
        ("addressbook", ["contacts", _, ..], _) | ("logRecord" | "eventSubscription", [_], _) | (_, [], _) => {
            return Some((wrapper, Err(METHOD)));
        }
        _ => return Some((wrapper, Err(NOTHING))),
    };
    Some((wrapper, Ok(route)))
}

impl Switch {
    /// Who may log in.
    pub fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    /// A fresh text that nobody can guess, of characters that need no encoding in a URL.
    pub fn fresh_token(&mut self) -> String {
        self.secrets.token()
    }

    /// Whom the addresses mean that `by` wrote (§10), if all of them are users that `by` may know of, and that may know of each
    /// other: whoever gets the same message sees who else does.
    pub fn find_receivers(&self, addresses: &[String], by: &UserKey) -> Option<BTreeSet<UserKey>> {
        let find = |address: &String| {
            let user = UserKey::called(address, by);
            self.accounts.visible(&user, by).map(|_| user)
        };
        let users: BTreeSet<UserKey> = addresses.iter().map(find).collect::<Option<_>>()?;
        let apart = |one: &UserKey| users.iter().any(|two| !self.accounts.reaches(one, two));
        if users.iter().any(apart) { None } else { Some(users) }
    }

    /// The sender of a request on a resource that the shell serves: the user of the path with a credential of their own, or the
    /// user of the credential where the path names none.
    ///
    /// # Errors
    /// The refusal, in the wrapper of the resource.
    pub fn identify(&mut self, now: Now, request: &Request<'_>) -> Result<Identified, Response> {
        self.tick(now);
        let (family, route) = routes::read(request.method, request.path);
        let identified = match route {
            Ok(Route::People(Some(user), route)) => {
                self.authorize(now.0, request, &user, false).map(|caller| (caller, route))
            }
            Ok(Route::People(None, route)) => self.authenticate(now.0, request, false).map(|caller| (caller, route)),
            Ok(_) => Err(NOTHING),
            Err(fault) => Err(fault),
        };
        let (caller, route) = identified.map_err(|fault| fault.response(family))?;
        let device = self.subscriptions.owner(&caller, request).map(|owner| Device(owner.id));
        Ok(Identified { user: caller.user, device, route, family })
    }

    /// Tells a user: every subscription that was granted the service hears it, each in the form of its flavour, and devices of
    /// push services are woken if nobody listens. It is kept and delivered like all that is told about calls.
    pub fn notify(&mut self, now: Now, user: &UserKey, service: Service<'_>, notice: &Notice) {
        self.tick(now);
        let granted = self.subscriptions.of_user(user).filter(|(_, s)| service.name().is_none_or(|name| s.has(name)));
        let granted: Vec<SubscriptionId> = granted.map(|(id, _)| id).collect();
        for id in granted {
            self.put(now.0, id, notice);
        }
        if let Some(service) = service.name() {
            let id = notice.message.unwrap_or_else(|| self.fresh_event(now.0));
            let text = frame(&notice.link, id, now.0);
            self.push(user, service, &text);
        }
    }

    /// Takes the subscriptions that may have missed messages; for [`Self::catch_up`]. There are some after requests that begin a
    /// subscription, after a restart, and after a socket was opened.
    pub fn newcomers(&mut self) -> Vec<Newcomer> {
        std::mem::take(&mut self.newcomers)
    }

    /// Tells a newcomer what its user missed, oldest first. What it knows already is left out.
    pub fn catch_up(&mut self, now: Now, newcomer: &Newcomer, missed: &[Notice]) {
        self.tick(now);
        for notice in missed {
            self.put(now.0, newcomer.subscription, notice);
        }
    }

    /// Takes the messages that are known to have arrived at a client of their receiver: user and id, as often as there are
    /// clients. At most 4096 wait; the oldest give way, and count as missed.
    ///
    /// Being written to a socket does not make a message arrive: the network may be gone and nobody knows yet. It has arrived
    /// when a later frame of the client shows that the socket lived when it was written, when the client names it or a later one
    /// as it resumes, or when the client logs out on the socket some time after it was written.
    pub fn delivered(&mut self) -> Vec<(UserKey, u64)> {
        std::mem::take(&mut self.delivered)
    }

    /// Whoever leaves has nothing more to be told or noted.
    pub(crate) fn forget_arrivals(&mut self, user: &UserKey) {
        self.delivered.retain(|(receiver, _)| receiver != user);
        self.newcomers.retain(|newcomer| newcomer.user != *user);
    }

    pub(crate) fn newcomer(&mut self, id: SubscriptionId) {
        if let Some(subscription) = self.subscriptions.get(id).filter(|s| s.has("IM")) {
            self.newcomers.push(Newcomer { user: subscription.user.clone(), subscription: id });
        }
    }

    /// Takes note of what arrived at this client.
    pub(crate) fn note_delivered(&mut self, id: SubscriptionId) {
        if let Some(subscription) = self.subscriptions.get_mut(id) {
            let user = &subscription.user;
            self.delivered.extend(subscription.channel.take_delivered().into_iter().map(|id| (user.clone(), id)));
            self.delivered.drain(..self.delivered.len().saturating_sub(NOTED));
        }
    }

    fn put(&mut self, now: u64, id: SubscriptionId, notice: &Notice) {
        let Some(subscription) = self.subscriptions.get(id) else { return };
        if notice.message.is_some_and(|message| subscription.channel.knows(message)) {
            return;
        }
        // Only UC clients log in with tokens (§0.1).
        let form = notice.uc.as_ref().filter(|_| subscription.grant.is_some()).unwrap_or(&notice.link);
        let event = self.fresh_event(now);
        let text = frame(form, notice.message.unwrap_or(event), now);
        let kept = match notice.message {
            Some(message) => Kept::message(text, event, message, now),
            None => Kept::plain(text, event, now),
        };
        self.subscriptions.keep(id, kept, self.policy.user_bytes);
        self.write(now, id);
    }
}

/// The frame of a notice.
fn frame(members: &Value, event: u64, now: u64) -> String {
    let mut message = members.as_object().cloned().unwrap_or_default();
    message.insert("eventId".into(), Value::from(event.to_string()));
    message.entry("time").or_insert_with(|| Value::from(now));
    encode(&Value::from_iter([("notificationMessage", Value::Object(message))]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_resource_takes_its_methods_alone() {
        use PeopleRoute::*;
        let id = || "7".to_owned();
        let rows: [(&str, &str, Result<PeopleRoute, u16>); 33] = [
            ("POST", "instantmessage", Ok(SendMessage)),
            ("GET", "instantmessage", Err(405)),
            ("POST", "instantmessage/x", Err(404)),
            ("POST", "presence/", Ok(Presence)),
            ("POST", "presenceWatcher", Ok(PresenceWatcher)),
            ("GET", "addressbook", Ok(Contacts)),
            ("POST", "addressbook", Err(405)),
            ("POST", "addressbook/contacts/", Ok(AddContact)),
            ("GET", "addressbook/contacts", Err(405)),
            ("GET", "addressbook/contacts/7", Ok(Contact(id()))),
            ("PUT", "addressbook/contacts/7", Ok(ChangeContact(id()))),
            ("DELETE", "addressbook/contacts/7", Ok(RemoveContact(id()))),
            ("POST", "addressbook/contacts/7", Err(405)),
            ("GET", "addressbook/x", Err(404)),
            ("GET", "directory", Ok(Directory)),
            ("GET", "userProfileData", Ok(Profile)),
            ("GET", "voicemail", Ok(Voicemail)),
            ("GET", "logHistory", Ok(CallLog)),
            ("DELETE", "logHistory", Ok(ClearCallLog)),
            ("PUT", "logHistory", Err(405)),
            ("DELETE", "logRecord/7", Ok(RemoveCallRecord(id()))),
            ("GET", "logRecord/7", Err(405)),
            ("DELETE", "logRecord", Err(404)),
            ("POST", "eventSubscription", Ok(SubscribeEvent)),
            ("PUT", "eventSubscription/7", Ok(UpdateEvent(id()))),
            ("DELETE", "eventSubscription/7", Ok(UnsubscribeEvent(id()))),
            ("GET", "eventSubscription/7", Err(405)),
            ("GET", "eventSubscription", Err(405)),
            ("GET", "eventSubscription/7/8", Err(404)),
            ("GET", "addressbook/contacts/7/8%20%2F9%25", Ok(Contact("7/8 /9%".into()))),
            ("PUT", "addressbook/contacts/100%", Ok(ChangeContact("100%".into()))),
            ("DELETE", "addressbook/contacts/100%25", Ok(RemoveContact("100%".into()))),
            ("PATCH", "addressbook/contacts/7/8", Err(405)),
        ];
        for (method, resource, wanted) in rows {
            let (_, route) = routes::read(method, &format!("/rest/version/1/user/a@b/{resource}"));
            let wanted = wanted.map(|route| Route::People(Some("a@b".into()), route));
            assert_eq!(route.map_err(|fault| fault.status), wanted, "{method} {resource}");
        }
    }

    #[test]
    fn messaging_takes_its_forms() {
        use PeopleRoute::*;
        let text = |text: &str| text.to_owned();
        let rows = [
            ("GET", "send", Ok(Send)),
            ("POST", "send", Err(405)),
            ("GET", "thread/", Ok(Thread)),
            ("GET", "thread/bob%40example.com", Ok(Messages(text("bob@example.com")))),
            ("GET", "delete/", Ok(Delete(None, None))),
            ("GET", "delete/grp-1", Ok(Delete(Some(text("grp-1")), None))),
            ("GET", "delete/grp-1/7", Ok(Delete(Some(text("grp-1")), Some(text("7"))))),
            ("GET", "read/grp-1", Ok(MarkRead(text("grp-1")))),
            ("POST", "upload", Ok(Upload)),
            ("GET", "upload", Err(405)),
            ("GET", "file/h", Ok(File(text("h")))),
            ("GET", "file", Err(404)),
            ("GET", "nonsense", Err(404)),
        ];
        for (method, path, wanted) in rows {
            let path = format!("/v2.0/rm/{path}");
            let (_, route) = routes::read(method, &path);
            let wanted = wanted.map(|route| Route::People(None, route));
            assert_eq!(route.clone().map_err(|fault| fault.status), wanted, "{method} {path}");
            assert_eq!(people_route(method, &path).is_some(), route.is_ok());
        }
    }
}
