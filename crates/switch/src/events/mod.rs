//! Event subscriptions (§9.2): a client asks for the documents of a package about some users, and gets each document when
//! it asks and whenever it changes.
//!
//! Two packages are served, because this gateway knows the truth of them: `event:dialog`, the calls of a user (RFC 4235,
//! without the other party), and `event:presence`, their presence (RFC 3863). An event subscription ends with the client
//! that made it, with its own time, or with the last of its users.

mod document;
mod table;

use kandy_wire::{
    decode,
    presence::{EventParams, EventSubscribed, EventSubscriptionRequest, EventSubscriptionResponse, Presence},
};
use serde::{Deserialize, Serialize};

use crate::{
    Device, EventId, Now, Response, SubscriptionId, Switch, UserKey,
    fault::{Fault, code},
    owed::State,
    presence::MAX_NAME,
    timers::Timer,
};

pub(crate) use document::{Dialog, DialogState};
pub(crate) use table::{EventSubscription, Events};

/// A kind of document about a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Package {
    /// Their calls.
    Dialog,
    /// Their presence.
    Presence,
}

impl Package {
    /// By the name of its service.
    pub(crate) fn named(event_type: &str) -> Option<Self> {
        match event_type.to_ascii_lowercase().as_str() {
            "event:dialog" => Some(Self::Dialog),
            "event:presence" => Some(Self::Presence),
            _ => None,
        }
    }
}

/// Shortest and longest life of an event subscription, in seconds (§12.2: at least 60).
const LIFE: (u64, u64) = (60, 86_400);

const NOT_SUBSCRIBED: Fault =
    Fault::new(403, code::NO_SUBSCRIPTION, "Events need a subscription to the service of that name.");
const NONE: Fault = Fault::new(404, code::NOTHING_THERE, "There is no such event subscription.");
const BAD_NAME: Fault = Fault::new(400, code::VALUE, "An event subscription needs users, and shorter names.");
const TOO_MANY: Fault = Fault::new(429, code::VALUE, "There are too many event subscriptions, or users in one.");

impl Switch {
    /// `POST eventSubscription`.
    ///
    /// # Errors
    /// What is wrong with the request.
    pub fn subscribe_events(
        &mut self,
        now: Now,
        user: &UserKey,
        device: Option<Device>,
        body: &str,
    ) -> Result<Response, Fault> {
        let wish = decode::<EventSubscriptionRequest>(body).map_err(|_| Fault::BODY)?;
        let wish = wish.event_subscription_request;
        let Device(owner) = device.ok_or(NOT_SUBSCRIBED)?;
        let subscription = self.subscriptions.get_mut(owner).filter(|s| s.has_exactly(&wish.event_type));
        subscription.ok_or(NOT_SUBSCRIBED)?.last_active = now.0;
        let package = Package::named(&wish.event_type).ok_or(NOT_SUBSCRIBED)?;
        let users = named(wish.subscribe_user_list.unwrap_or_default(), user)?;
        if users.is_empty() {
            return Err(BAD_NAME);
        }
        if users.len() > self.policy.users_per_event || self.events.count(owner) >= self.policy.events_per_subscription
        {
            return Err(TOO_MANY);
        }
        let id = EventId(self.fresh_id());
        let session = self.secrets.token();
        let life = wish.expires.unwrap_or(LIFE.1).clamp(LIFE.0, LIFE.1);
        let keys: Vec<UserKey> = users.iter().map(|(user, _)| user.clone()).collect();
        let event = EventSubscription::new(session.clone(), owner, (wish.event_type, package), life);
        self.events.insert(id, event);
        self.events.add_users(id, users);
        self.timers.set(Timer::Event(id), now.0.saturating_add(life * 1_000));
        self.owe_documents(now.0, id, keys);
        Ok(subscribed(life, session))
    }

    /// `PUT eventSubscription/{sessionData}`: other users, or just a longer life.
    ///
    /// # Errors
    /// What is wrong with the request.
    pub fn update_events(&mut self, now: Now, user: &UserKey, session: &str, body: &str) -> Result<Response, Fault> {
        let wish = decode::<EventSubscriptionRequest>(body).map_err(|_| Fault::BODY)?;
        let wish = wish.event_subscription_request;
        let id = self.event_of(user, session)?;
        let more = named(wish.subscribe_user_list.unwrap_or_default(), user)?;
        let fewer = named(wish.unsubscribe_user_list.unwrap_or_default(), user)?;
        let event = self.events.get(id).ok_or(NONE)?;
        let life = wish.expires.map_or(event.life, |seconds| seconds.clamp(LIFE.0, LIFE.1));
        if event.count_with(&more) > self.policy.users_per_event {
            return Err(TOO_MANY);
        }
        let keys: Vec<UserKey> = more.iter().map(|(user, _)| user.clone()).collect();
        self.events.remove_users(id, fewer.iter().map(|(user, _)| user));
        self.events.add_users(id, more);
        let empty = self.events.get_mut(id).is_none_or(|event| {
            event.life = life;
            event.is_empty()
        });
        if empty {
            self.drop_event(id);
        } else {
            self.timers.set(Timer::Event(id), now.0.saturating_add(life * 1_000));
            self.owe_documents(now.0, id, keys);
        }
        Ok(subscribed(life, session.to_owned()))
    }

    /// `DELETE eventSubscription/{sessionData}`.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn unsubscribe_events(&mut self, user: &UserKey, session: &str) -> Result<Response, Fault> {
        let id = self.event_of(user, session)?;
        self.drop_event(id);
        let done = EventSubscribed { status_code: 0, expires: None, session_data: None };
        Ok(Response::ok(&EventSubscriptionResponse { event_subscription_response: done }))
    }

    /// Ends an event subscription, whatever the reason.
    pub(crate) fn drop_event(&mut self, id: EventId) {
        self.timers.clear(&Timer::Event(id));
        self.events.remove(id);
    }

    /// A client is gone, and its event subscriptions with it.
    pub(crate) fn drop_events_of(&mut self, owner: SubscriptionId) {
        self.events.of_owner(owner).into_iter().for_each(|id| self.drop_event(id));
    }

    /// A client's services may be others now.
    pub(crate) fn drop_events_not_granted(&mut self, owner: SubscriptionId) {
        let Some(subscription) = self.subscriptions.get(owner) else { return };
        let granted =
            |id: &EventId| self.events.get(*id).is_some_and(|event| subscription.has_exactly(&event.event_type));
        let gone: Vec<EventId> = self.events.of_owner(owner).into_iter().filter(|id| !granted(id)).collect();
        gone.into_iter().for_each(|id| self.drop_event(id));
    }

    /// A document of this package about this user is another one now.
    pub(crate) fn event_happened(&mut self, now: u64, user: &UserKey, package: Package) {
        for (id, owner) in self.events.about(user, package) {
            if !self.subscriptions.get(owner).is_some_and(|s| self.accounts.reaches(&s.user, user)) {
                continue;
            }
            self.owed.add(owner, State::Event(id, user.clone()));
            self.pay(now, owner);
        }
    }

    /// Who may know of whom is another thing now: tells the documents about those whom it concerns once more.
    pub(crate) fn tell_events_again(&mut self, now: u64, changed: impl Fn(&UserKey, &UserKey) -> bool) {
        let mut told = Vec::new();
        for (id, owner, user) in self.events.each() {
            if self.subscriptions.get(owner).is_some_and(|subscription| changed(&subscription.user, user)) {
                told.push((owner, State::Event(id, user.clone())));
            }
        }
        for (owner, state) in told {
            self.owed.add(owner, state);
            self.pay(now, owner);
        }
    }

    /// The calls of this user may be others now; see [`Self::tell_dialogs`].
    pub(crate) fn touch_dialogs(&mut self, user: &UserKey) {
        if self.events.has_about(user, Package::Dialog) {
            self.touched.insert(user.clone());
        }
    }

    /// Tells what became of the calls of all users whose calls were touched, once everything about them has been done.
    pub(crate) fn tell_dialogs(&mut self, now: u64) {
        for user in std::mem::take(&mut self.touched) {
            let dialogs = self.dialogs(&user);
            if self.events.dialogs_changed(&user, dialogs) {
                self.event_happened(now, &user, Package::Dialog);
            }
        }
    }

    /// Event type and content of the notification about one user; `None` when nobody wants it any longer.
    pub(crate) fn event_document(&mut self, id: EventId, user: &UserKey) -> Option<(String, EventParams)> {
        let by = self.subscriptions.get(self.events.get(id)?.owner)?.user.clone();
        let number = self.accounts.number_to(user, &by);
        let reached = self.accounts.reaches(&by, user);
        let dialogs = if reached { self.dialogs(user) } else { Vec::new() };
        let event = self.events.get_mut(id)?;
        let sender = event.spelled(user)?.to_owned();
        let presence = Some(user).filter(|_| reached).map_or(&Presence::UNKNOWN, |user| self.board.current(user));
        let (content_type, event_data) = match event.package {
            Package::Dialog => {
                ("application/dialog-info+xml", document::dialog_info(&number, event.next_version(), &dialogs))
            }
            Package::Presence => ("application/pidf+xml", document::pidf(&number, presence)),
        };
        let params =
            EventParams { sender, session_data: event.session.clone(), event_data, content_type: content_type.into() };
        Some((event.event_type.clone(), params))
    }

    fn owe_documents(&mut self, now: u64, id: EventId, users: Vec<UserKey>) {
        let Some(owner) = self.events.get(id).map(|event| event.owner) else { return };
        for user in users {
            let dialogs = self.dialogs(&user);
            self.events.dialogs_changed(&user, dialogs);
            self.owed.add(owner, State::Event(id, user));
        }
        self.pay(now, owner);
    }

    fn event_of(&self, user: &UserKey, session: &str) -> Result<EventId, Fault> {
        let (id, owner) = self.events.by_session(session).ok_or(NONE)?;
        let theirs = self.subscriptions.get(owner).is_some_and(|subscription| subscription.user == *user);
        if theirs { Ok(id) } else { Err(NONE) }
    }
}

/// Users by their keys, with the names that the client wrote.
fn named(names: Vec<String>, by: &UserKey) -> Result<Vec<(UserKey, String)>, Fault> {
    let usable = |name: &String| !name.trim().is_empty() && name.len() <= MAX_NAME;
    if !names.iter().all(usable) {
        return Err(BAD_NAME);
    }
    Ok(names.into_iter().map(|name| (UserKey::called(&name, by), name)).collect())
}

fn subscribed(life: u64, session: String) -> Response {
    let event_subscription_response =
        EventSubscribed { status_code: 0, expires: Some(life), session_data: Some(session) };
    Response::ok(&EventSubscriptionResponse { event_subscription_response })
}
