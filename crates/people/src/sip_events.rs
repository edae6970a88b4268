//! Subscriptions to SIP events of others (api-behaviour 17, protocol §9.2).

use kandy_wire::{Map, Value};

use crate::{
    Effect, Error, TimerId,
    asks::{Purpose, Subject},
    effect::{Level, Request, To},
    error::code,
    limits,
    outcome::Outcome,
    people::Cx,
    plain,
};

/// What is subscribed.
#[derive(Debug, Default)]
pub(crate) struct SipEvents {
    subscribed: Vec<Subscription>,
}

#[derive(Debug)]
struct Subscription {
    event: String,
    /// The server's name of it, part of its URL.
    session: String,
    users: Vec<String>,
    correlator: Option<String>,
    custom: Value,
    notifications: Vec<Value>,
    /// When it is extended, in milliseconds since the epoch.
    due: u64,
}

/// What an answer is needed for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Ask {
    Subscribe(Box<Wish>),
    Update {
        event: String,
        add: Vec<String>,
        remove: Vec<String>,
    },
    Unsubscribe(String),
    /// Subscribed before, and the server may not know it any more.
    Renew(String),
    Extend(String),
    /// A subscription that another one has replaced.
    Forget,
}

/// What is asked of the server.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Wish {
    event: String,
    users: Vec<String>,
    correlator: Option<String>,
    custom: Value,
}

const WRAPPER: &str = "eventSubscriptionResponse";

impl SipEvents {
    /// `sip.subscribe`
    pub(crate) fn subscribe(
        &mut self,
        event: String,
        users: Vec<String>,
        correlator: Option<String>,
        custom: Value,
        cx: &mut Cx<'_>,
    ) {
        if !granted(&event, cx) {
            let why = "Cannot subscribe to the event: the service was not granted at the login.";
            return cx.out.fail("sip:error", &Error::new(code::SIP_SERVICE, why));
        }
        let full = self.subscribed.len() >= limits::SUBSCRIPTIONS && self.find(&event).is_none();
        if users.is_empty() || full {
            let why = if full { "Too many events are subscribed." } else { "At least one user is needed." };
            return cx.out.fail("sip:error", &Error::new(code::SIP, why));
        }
        let wish = Wish { event, users, correlator, custom };
        let request = create(&wish, cx);
        cx.ask(Subject::SipEvents, Purpose::Sip(Ask::Subscribe(Box::new(wish))), request);
    }

    /// `sip.update`
    pub(crate) fn update(
        &mut self,
        event: String,
        add: Vec<String>,
        remove: Vec<String>,
        custom: Value,
        cx: &mut Cx<'_>,
    ) {
        let Some(subscription) = self.find(&event) else { return not_subscribed(cx) };
        let mut members = Map::new();
        if !add.is_empty() {
            plain::put(&mut members, "subscribeUserList", plain::strings(&add));
        }
        if !remove.is_empty() {
            plain::put(&mut members, "unsubscribeUserList", plain::strings(&remove));
        }
        plain::put(&mut members, "eventType", event.as_str());
        plain::put(&mut members, "customParameters", if custom.is_array() { custom } else { Value::Array(Vec::new()) });
        let request = Request::new("PUT", To::Configured, path(&subscription.session))
            .wrapped("eventSubscriptionRequest", members);
        cx.ask(Subject::SipEvents, Purpose::Sip(Ask::Update { event, add, remove }), request);
    }

    /// `sip.unsubscribe`
    pub(crate) fn unsubscribe(&mut self, event: String, cx: &mut Cx<'_>) {
        let Some(subscription) = self.find(&event) else { return not_subscribed(cx) };
        let request = Request::new("DELETE", To::Configured, path(&subscription.session));
        cx.ask(Subject::SipEvents, Purpose::Sip(Ask::Unsubscribe(event)), request);
    }

    /// The same user has logged in anew: the server knows nothing of the subscriptions of the last login.
    pub(crate) fn renew(&mut self, cx: &mut Cx<'_>) {
        let (kept, lost) =
            std::mem::take(&mut self.subscribed).into_iter().partition(|s: &Subscription| granted(&s.event, cx));
        self.subscribed = kept;
        for _ in 0..Vec::len(&lost) {
            let why = "A subscription ended: its service was not granted at the new login.";
            cx.out.fail("sip:error", &Error::new(code::SIP_SERVICE, why));
        }
        for subscription in &mut self.subscribed {
            // Set anew by the answer; without one it is tried again.
            subscription.due = cx.now + limits::EXTEND_LEAST;
            create_again(subscription, cx);
        }
        self.wait(cx);
    }

    /// Nobody is logged in: nothing is extended.
    pub(crate) fn rest(&mut self, cx: &mut Cx<'_>) {
        cx.out.push(Effect::Timer(TimerId::SipEvents, None));
    }

    /// Extends what is due.
    pub(crate) fn due(&mut self, cx: &mut Cx<'_>) {
        let now = cx.now;
        for subscription in self.subscribed.iter_mut().filter(|subscription| subscription.due <= now) {
            // Set anew by the answer; without one it is tried again.
            subscription.due = cx.now + limits::EXTEND_LEAST;
            let mut members = Map::new();
            plain::put(&mut members, "eventType", subscription.event.as_str());
            let request = Request::new("PUT", To::Configured, path(&subscription.session))
                .wrapped("eventSubscriptionRequest", members);
            cx.ask(Subject::SipEvents, Purpose::Sip(Ask::Extend(subscription.event.clone())), request);
        }
        self.wait(cx);
    }

    pub(crate) fn answered(&mut self, ask: Ask, outcome: &Outcome, cx: &mut Cx<'_>) {
        let trouble = match (ask, outcome.unchecked(WRAPPER)) {
            (Ask::Subscribe(wish), Ok(answer)) => return self.made(*wish, answer, cx),
            (Ask::Renew(event), Ok(answer)) => return self.remade(&event, answer, cx),
            (Ask::Extend(event), Ok(answer)) => return self.extended(&event, answer, cx),
            (Ask::Extend(event), Err(_)) => {
                // Refused: the server knows it no more. Without an answer it is extended again when it is due.
                let refused = matches!(outcome, Outcome::Refused { .. });
                if let Some(subscription) = self.find(&event).filter(|_| refused) {
                    create_again(subscription, cx);
                }
                return;
            }
            (Ask::Update { event, add, remove }, Ok(_)) => return self.updated(&event, add, remove, cx),
            (Ask::Unsubscribe(event), Ok(_)) => {
                self.subscribed.retain(|subscription| subscription.event != event);
                changed(&event, "unsubscribe", None, cx);
                return self.wait(cx);
            }
            (Ask::Forget, _) => return,
            (_, Err(trouble)) => trouble,
        };
        cx.out.fail("sip:error", &trouble.coded("The server refused the event subscription.", code::SIP));
    }

    /// A notification of a subscribed event; true if it was one of SIP events at all.
    pub(crate) fn told(&mut self, notice: &Value, cx: &mut Cx<'_>) -> bool {
        if !notice.get("genericNotificationParams").is_some_and(Value::is_object) {
            return false;
        }
        let event = plain::text(notice, "eventType").unwrap_or_default();
        match self.subscribed.iter_mut().find(|subscription| subscription.event == event) {
            Some(subscription) => {
                if subscription.notifications.len() >= limits::NOTIFICATIONS {
                    subscription.notifications.remove(0);
                }
                subscription.notifications.push(notice.clone());
                let mut payload = Map::new();
                plain::put(&mut payload, "eventType", event);
                plain::put_some(&mut payload, "eventId", notice.get("eventId").cloned());
                plain::put(&mut payload, "event", notice.clone());
                cx.out.emit("sip:eventsChange", Value::Object(payload));
            }
            None => cx.out.log(Level::Debug, "a SIP event that is not subscribed was left out"),
        }
        true
    }

    /// `sip.getDetails(eventType)`, `sip.getDetails()`
    pub(crate) fn details(&self, event: Option<&str>) -> Value {
        let show = |subscription: &Subscription| {
            let mut details = Map::new();
            plain::put(&mut details, "sessionData", subscription.session.as_str());
            plain::put(&mut details, "subscribedUsers", plain::strings(&subscription.users));
            if !subscription.notifications.is_empty() {
                plain::put(&mut details, "notifications", subscription.notifications.clone());
            }
            Value::Object(details)
        };
        match event {
            Some(event) => self.find(event).map(show).unwrap_or_default(),
            None => {
                let mut all = Map::new();
                for subscription in &self.subscribed {
                    plain::put(&mut all, &subscription.event, show(subscription));
                }
                Value::Object(all)
            }
        }
    }

    fn made(&mut self, wish: Wish, answer: &Value, cx: &mut Cx<'_>) {
        let Some(session) = plain::name(answer, "sessionData") else {
            let why = "The server's answer has no sessionData.";
            return cx.out.fail("sip:error", &Error::new(code::SIP, why));
        };
        let before = self.subscribed.iter().position(|subscription| subscription.event == wish.event);
        let before = before.map(|at| self.subscribed.remove(at));
        let notifications = match before {
            Some(before) => {
                if before.session != session {
                    let request = Request::new("DELETE", To::Configured, path(&before.session));
                    cx.ask(Subject::SipEvents, Purpose::Sip(Ask::Forget), request);
                }
                before.notifications
            }
            None => Vec::new(),
        };
        let mut payload = Map::new();
        plain::put(&mut payload, "subscribedUsers", plain::strings(&wish.users));
        changed(&wish.event, "newSubscription", Some(payload), cx);
        let Wish { event, users, correlator, custom } = wish;
        let due = due(answer, cx);
        self.subscribed.push(Subscription { event, session, users, correlator, custom, notifications, due });
        self.wait(cx);
    }

    fn remade(&mut self, event: &str, answer: &Value, cx: &mut Cx<'_>) {
        let due = due(answer, cx);
        let found = self.subscribed.iter_mut().find(|subscription| subscription.event == event);
        if let (Some(subscription), Some(session)) = (found, plain::name(answer, "sessionData")) {
            subscription.session = session;
            subscription.due = due;
        }
        self.wait(cx);
    }

    fn extended(&mut self, event: &str, answer: &Value, cx: &mut Cx<'_>) {
        let due = due(answer, cx);
        if let Some(subscription) = self.subscribed.iter_mut().find(|subscription| subscription.event == event) {
            subscription.due = due;
        }
        self.wait(cx);
    }

    /// Nobody left: the subscription is gone, at the server, too (protocol §9.2).
    fn updated(&mut self, event: &str, add: Vec<String>, remove: Vec<String>, cx: &mut Cx<'_>) {
        if let Some(subscription) = self.subscribed.iter_mut().find(|subscription| subscription.event == event) {
            subscription.users.retain(|user| !remove.contains(user));
            for user in &add {
                if !subscription.users.contains(user) && subscription.users.len() < limits::USERS {
                    subscription.users.push(user.clone());
                }
            }
        }
        self.subscribed.retain(|subscription| subscription.event != event || !subscription.users.is_empty());
        let mut payload = Map::new();
        plain::put(&mut payload, "subscribedUsers", plain::strings(&add));
        plain::put(&mut payload, "unsubscribedUsers", plain::strings(&remove));
        changed(event, "updateSubscription", Some(payload), cx);
        self.wait(cx);
    }

    fn find(&self, event: &str) -> Option<&Subscription> {
        self.subscribed.iter().find(|subscription| subscription.event == event)
    }

    /// Waits for the extension that is due first.
    fn wait(&self, cx: &mut Cx<'_>) {
        let first = self.subscribed.iter().map(|subscription| subscription.due).min();
        cx.out.push(Effect::Timer(TimerId::SipEvents, first.map(|due| due.saturating_sub(cx.now).max(1))));
    }
}

fn path(session: &str) -> String {
    ["eventSubscription/", &plain::segment(session)].concat()
}

/// Whether the login granted this service, in this spelling.
fn granted(event: &str, cx: &Cx<'_>) -> bool {
    event.starts_with("event:") && cx.session.is_some_and(|session| session.services.iter().any(|name| name == event))
}

fn create(wish: &Wish, cx: &Cx<'_>) -> Request {
    let mut members = Map::new();
    plain::put(&mut members, "subscribeUserList", plain::strings(&wish.users));
    plain::put_some(&mut members, "clientCorrelator", wish.correlator.clone());
    plain::put(&mut members, "eventType", wish.event.as_str());
    plain::put(&mut members, "expires", cx.session.and_then(|session| session.expires).unwrap_or(limits::EXPIRES));
    if wish.custom.as_array().is_some_and(|custom| !custom.is_empty()) {
        plain::put(&mut members, "customParameters", wish.custom.clone());
    }
    Request::new("POST", To::Configured, "eventSubscription").wrapped("eventSubscriptionRequest", members)
}

fn create_again(subscription: &Subscription, cx: &mut Cx<'_>) {
    let event = subscription.event.clone();
    let (users, correlator, custom) =
        (subscription.users.clone(), subscription.correlator.clone(), subscription.custom.clone());
    let request = create(&Wish { event: event.clone(), users, correlator, custom }, cx);
    cx.ask(Subject::SipEvents, Purpose::Sip(Ask::Renew(event)), request);
}

/// When to extend: after half of the time that the server gives, but never sooner than every half minute.
fn due(answer: &Value, cx: &Cx<'_>) -> u64 {
    let login = cx.session.and_then(|session| session.expires);
    let seconds = plain::whole(answer, "expires").filter(|seconds| *seconds > 0).or(login).unwrap_or(limits::EXPIRES);
    cx.now + seconds.saturating_mul(500).clamp(limits::EXTEND_LEAST, MOST_WAIT)
}

/// The longest wait in milliseconds that a browser's timer takes.
const MOST_WAIT: u64 = i32::MAX as u64;

fn changed(event: &str, change: &str, payload: Option<Map<String, Value>>, cx: &mut Cx<'_>) {
    let mut payload = payload.unwrap_or_default();
    plain::put(&mut payload, "eventType", event);
    plain::put(&mut payload, "change", change);
    cx.out.emit("sip:subscriptionChange", Value::Object(payload));
}

fn not_subscribed(cx: &mut Cx<'_>) {
    cx.out.fail("sip:error", &Error::new(code::SIP_NOT_SUBSCRIBED, "There is no subscription of this event."));
}
