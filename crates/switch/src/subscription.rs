//! Subscriptions: one client instance ("device") of a user, with its services and its channel (§2, §3).

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use kandy_wire::{
    SessionId, decode,
    notice::{EventType, Notification},
    session::{
        EARLY_NOTIFICATIONS, MESSAGE_IDS, RESUME, SubscribeRequest, SubscribeResponse, Subscribed, SubscriptionParams,
        TurnCredentials,
    },
};
use serde::{Deserialize, Serialize};

use crate::{
    Delivery, GrantId, Policy, Request, Response, SubscriptionId, Switch,
    accounts::UserKey,
    auth::Caller,
    channel::{Channel, Kept},
    fault::{Fault, code},
    timers::Timer,
};

/// One client instance.
#[derive(Serialize, Deserialize)]
pub(crate) struct Subscription {
    pub(crate) user: UserKey,
    pub(crate) channel: Channel,
    /// Live sessions of calls.
    pub(crate) sessions: BTreeSet<SessionId>,
    /// Ended sessions that are remembered, oldest first.
    pub(crate) ended: VecDeque<SessionId>,
    /// When a cancel came that found no call (§4.3.6).
    pub(crate) cancelled_at: Option<u64>,
    /// When the client was last heard, for §4.1 rule 4.
    pub(crate) last_active: u64,
    /// The token login with whose token it was made.
    pub(crate) grant: Option<GrantId>,
    services: Vec<String>,
    secrets: Paths,
    version: String,
    localization: String,
    life: u64,
    origin: Origin,
    /// Whether the client keeps notifications that come before the response they belong to.
    buffers: bool,
    /// Whether the client asked for what is announced by [`MESSAGE_IDS`].
    gives_ids: bool,
}

/// The unguessable parts of a subscription's addresses.
#[derive(Serialize, Deserialize)]
struct Paths {
    id: String,
    channel: String,
    /// The fingerprint of the `x-session` value, which is told once.
    session: String,
}

/// Where a subscription came from (§4.1 rule 3).
#[derive(PartialEq, Eq, Serialize, Deserialize)]
struct Origin {
    peer: String,
    user_agent: String,
}

impl Origin {
    fn of(request: &Request<'_>) -> Self {
        let user_agent = request.header("user-agent").unwrap_or_default().chars().take(MAX_TEXT).collect();
        Self { peer: request.peer.to_owned(), user_agent }
    }
}

/// Which subscription sent a request, and whether that is certain or a guess (§4.1, rules 1 to 3 or rule 4).
pub(crate) struct Owner {
    pub(crate) id: SubscriptionId,
    pub(crate) certain: bool,
}

/// All subscriptions.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Subscriptions {
    all: BTreeMap<SubscriptionId, Subscription>,
    ids: BTreeMap<String, SubscriptionId>,
    channels: BTreeMap<String, SubscriptionId>,
    sessions: BTreeMap<String, SubscriptionId>,
    users: BTreeMap<UserKey, BTreeSet<SubscriptionId>>,
    /// Ids of those that were ended by force and whose time would not be over yet; their clients may not have heard of it.
    forced_out: BTreeMap<SubscriptionId, String>,
}

/// Services that this gateway grants.
const SERVICES: [&str; 3] = ["call", "IM", "Presence"];
/// Subscriptions of which it is remembered that they were ended by force; the oldest give way. Their clients are refused like
/// everybody whose token is unknown.
const FORCED_OUT: usize = 4_096;
/// Longest text of a client that is kept.
const MAX_TEXT: usize = 200;

pub(crate) const NONE: Fault = Fault::new(404, code::NO_SUBSCRIPTION, "There is no such subscription.");
const TOO_MANY: Fault = Fault::new(403, code::TOO_MANY_LOGINS, "This user is logged in too often.");

impl Subscription {
    /// How long what is told about a session waits for the response of a request on it to arrive (§12.3).
    pub(crate) fn grace(&self, policy: &Policy) -> u64 {
        if self.buffers { 0 } else { policy.grace }
    }

    /// Whether a cancel without an id (§4.3.6) can only mean a call that is there. Released clients send it before they have the
    /// response to their start, ours when they wait for it no longer.
    pub(crate) fn cancels_late(&self) -> bool {
        self.buffers
    }
}

impl Subscriptions {
    pub(crate) fn get(&self, id: SubscriptionId) -> Option<&Subscription> {
        self.all.get(&id)
    }

    pub(crate) fn get_mut(&mut self, id: SubscriptionId) -> Option<&mut Subscription> {
        self.all.get_mut(&id)
    }

    /// The switch was down for `down` ms: no client has a socket any longer.
    pub(crate) fn restarted(&mut self, now: u64, down: u64) {
        self.all.values_mut().for_each(|subscription| subscription.channel.restarted(now, down));
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    /// All of them.
    pub(crate) fn ids(&self) -> Vec<SubscriptionId> {
        self.all.keys().copied().collect()
    }

    /// The users who have any.
    pub(crate) fn users(&self) -> impl Iterator<Item = &UserKey> {
        self.users.keys()
    }

    /// By the fingerprint of the `x-session` value.
    pub(crate) fn by_session(&self, session: &str) -> Option<(SubscriptionId, &Subscription)> {
        let id = self.sessions.get(session)?;
        self.all.get(id).map(|subscription| (*id, subscription))
    }

    /// By the last part of its channel's path.
    pub(crate) fn by_channel(&mut self, channel: &str) -> Option<(SubscriptionId, &mut Subscription)> {
        let id = self.channels.get(channel)?;
        self.all.get_mut(id).map(|subscription| (*id, subscription))
    }

    /// Those that were made with a token of this login of a user.
    pub(crate) fn of_grant(&self, user: &UserKey, grant: GrantId) -> Vec<SubscriptionId> {
        self.of_user(user).filter(|(_, s)| s.grant == Some(grant)).map(|(id, _)| id).collect()
    }

    /// Those of one user, oldest first.
    pub(crate) fn of_user(&self, user: &UserKey) -> impl Iterator<Item = (SubscriptionId, &Subscription)> {
        let ids = self.users.get(user).into_iter().flatten();
        ids.filter_map(|id| self.all.get(id).map(|subscription| (*id, subscription)))
    }

    /// Which subscription sent this request (§4.1).
    pub(crate) fn owner(&self, caller: &Caller, request: &Request<'_>) -> Option<Owner> {
        if let Some(id) = caller.subscription {
            return Some(Owner { id, certain: true });
        }
        let of_grant = |s: &Subscription| caller.grant.is_some() && s.grant == caller.grant;
        let same_grant: Vec<_> = self.of_user(&caller.user).filter(|(_, s)| of_grant(s)).collect();
        let theirs = if same_grant.is_empty() { self.of_user(&caller.user).collect() } else { same_grant };
        // Where a request comes from says more than who happens to have a socket: a device may be reconnecting just now.
        let origin = Origin::of(request);
        let alike = narrowed(&theirs, |s| s.origin == origin);
        let connected = narrowed(&alike, |s| s.channel.socket().is_some());
        let certain = connected.len() == 1;
        connected.into_iter().max_by_key(|(id, s)| (s.last_active, *id)).map(|(id, _)| Owner { id, certain })
    }

    /// Keeps a notification for a client. Where its user's clients together have more than so many bytes waiting, the oldest
    /// notification of any of them gives way.
    pub(crate) fn keep(&mut self, id: SubscriptionId, kept: Kept, user_bytes: usize) {
        let Some(subscription) = self.all.get_mut(&id) else { return };
        subscription.channel.push(kept);
        let user = subscription.user.clone();
        while self.of_user(&user).map(|(_, s)| s.channel.bytes()).sum::<usize>() > user_bytes {
            let oldest = self.of_user(&user).filter_map(|(id, s)| s.channel.oldest().map(|event| (event, id))).min();
            let Some(subscription) = oldest.and_then(|(_, id)| self.all.get_mut(&id)) else { break };
            subscription.channel.drop_oldest();
        }
    }

    /// Whether a subscription of this id was ended by force, not too long ago.
    pub(crate) fn was_forced_out(&self, id: &str) -> bool {
        self.forced_out.values().any(|known| known == id)
    }

    /// Remembers that one is about to be ended by force; returns the one that is forgotten for it.
    fn note_forced_out(&mut self, id: SubscriptionId) -> Option<SubscriptionId> {
        if let Some(subscription) = self.all.get(&id) {
            self.forced_out.insert(id, subscription.secrets.id.clone());
        }
        if self.forced_out.len() <= FORCED_OUT {
            return None;
        }
        self.forced_out.pop_first().map(|(oldest, _)| oldest)
    }

    fn find(&self, user: &UserKey, id: &str) -> Result<SubscriptionId, Fault> {
        let id = self.ids.get(id).ok_or(NONE)?;
        self.all.get(id).filter(|s| s.user == *user).map(|_| *id).ok_or(NONE)
    }

    fn insert(&mut self, id: SubscriptionId, subscription: Subscription) {
        self.ids.insert(subscription.secrets.id.clone(), id);
        self.channels.insert(subscription.secrets.channel.clone(), id);
        self.sessions.insert(subscription.secrets.session.clone(), id);
        self.users.entry(subscription.user.clone()).or_default().insert(id);
        self.all.insert(id, subscription);
    }

    pub(crate) fn remove(&mut self, id: SubscriptionId) -> Option<Subscription> {
        let subscription = self.all.remove(&id)?;
        self.ids.remove(&subscription.secrets.id);
        self.channels.remove(&subscription.secrets.channel);
        self.sessions.remove(&subscription.secrets.session);
        if let Some(theirs) = self.users.get_mut(&subscription.user) {
            theirs.remove(&id);
            if theirs.is_empty() {
                self.users.remove(&subscription.user);
            }
        }
        Some(subscription)
    }
}

impl Subscription {
    /// Whether this service was granted.
    pub(crate) fn has(&self, service: &str) -> bool {
        self.services.iter().any(|granted| granted.eq_ignore_ascii_case(service))
    }

    /// Whether this service was granted in this spelling.
    pub(crate) fn has_exactly(&self, service: &str) -> bool {
        self.services.iter().any(|granted| granted == service)
    }

    fn change(&mut self, request: &SubscribeRequest, policy: &Policy) {
        let wish = &request.subscribe_request;
        self.services =
            granted(wish.service.names(), SERVICES.into_iter().chain(policy.events.iter().map(String::as_str)));
        let life_range = policy.subscription_life_range;
        self.life = wish.expires.saturating_mul(1_000).clamp(life_range.0, life_range.1);
        self.localization = wish.localization.chars().take(MAX_TEXT).collect();
    }

    fn params(&self) -> SubscriptionParams {
        SubscriptionParams {
            expires: Some(self.life / 1_000),
            service: self.services.clone(),
            localization: Some(self.localization.clone()),
            notification_type: Some("WebSocket".into()),
            notification_channel: Some(format!("/notification/1.0/websocket/{}", self.secrets.channel)),
            session_id: None,
            resume_for: self.channel.resume_for().map(|ms| ms / 1_000),
            supported: self.gives_ids.then(|| vec![MESSAGE_IDS.to_owned()]),
            turn_credentials: None,
        }
    }
}

impl Switch {
    /// `POST subscription` (§2.1).
    pub(crate) fn subscribe(
        &mut self,
        now: u64,
        request: &Request<'_>,
        caller: &Caller,
        version: &str,
    ) -> Result<Response, Fault> {
        let wish = decode::<SubscribeRequest>(request.body).map_err(|_| Fault::BODY)?;
        self.make_room(now, &caller.user)?;
        let id = SubscriptionId(self.fresh_id());
        let session = self.secrets.token();
        let kept = self.secrets.fingerprint(&session);
        let secrets = Paths { id: self.secrets.token(), channel: self.secrets.token(), session: kept };
        let supported = |name: &str| wish.subscribe_request.supported.iter().flatten().any(|tag| tag == name);
        let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        let mut subscription = Subscription {
            user: caller.user.clone(),
            channel: Channel::new(now, self.policy.channel(supported(RESUME))),
            sessions: BTreeSet::new(),
            ended: VecDeque::new(),
            cancelled_at: None,
            last_active: now,
            grant: caller.grant,
            services: Vec::new(),
            secrets,
            version: version.chars().filter(|c| plain(*c)).take(MAX_TEXT).collect(),
            localization: String::new(),
            life: 0,
            origin: Origin::of(request),
            buffers: supported(EARLY_NOTIFICATIONS),
            gives_ids: supported(MESSAGE_IDS),
        };
        subscription.change(&wish, &self.policy);
        let mut params = subscription.params();
        params.session_id = Some(session);
        // Without any, released clients use no ICE server at all, not even a STUN server that asks nobody (§2.8). Where no
        // relay is known, they open nothing.
        let relays = self.secrets.turn_credentials(now, &caller.user, subscription.life);
        params.turn_credentials = Some(relays.unwrap_or_else(|| TurnCredentials {
            username: self.accounts.number(&caller.user),
            password: self.secrets.token(),
        }));
        self.timers.set(Timer::Subscription(id), now.saturating_add(subscription.life));
        let response = self.subscribed(&subscription, params);
        self.subscriptions.insert(id, subscription);
        self.newcomer(id);
        Ok(response)
    }

    /// `PUT subscription/{id}`: extend, or change the services (§2.4, §2.5).
    pub(crate) fn extend(
        &mut self,
        now: u64,
        request: &Request<'_>,
        caller: &Caller,
        path_id: &str,
    ) -> Result<Response, Fault> {
        let id = self.subscriptions.find(&caller.user, path_id)?;
        let wish = decode::<SubscribeRequest>(request.body).map_err(|_| Fault::BODY)?;
        let subscription = self.subscriptions.get_mut(id).ok_or(NONE)?;
        subscription.change(&wish, &self.policy);
        subscription.last_active = now;
        self.timers.set(Timer::Subscription(id), now.saturating_add(subscription.life));
        self.presence_extended(now, id, &caller.user);
        self.drop_events_not_granted(id);
        let subscription = self.subscriptions.get(id).ok_or(NONE)?;
        let mut params = subscription.params();
        // Released clients pass over these (§2.4); ours take them for their next call.
        params.turn_credentials = self.secrets.turn_credentials(now, &caller.user, subscription.life);
        Ok(self.subscribed(subscription, params))
    }

    /// `DELETE subscription/{id}` (§2.6).
    pub(crate) fn unsubscribe(&mut self, now: u64, caller: &Caller, path_id: &str) -> Result<Response, Fault> {
        let id = self.subscriptions.find(&caller.user, path_id)?;
        if let Some(subscription) = self.subscriptions.get_mut(id) {
            subscription.channel.parted(now, self.policy.proof_age);
        }
        self.note_delivered(id);
        self.end_subscription(now, id);
        let done = Subscribed { status_code: Some(0), reason: None, subscription: None, subscription_params: None };
        Ok(Response::ok(&SubscribeResponse { subscribe_response: done }))
    }

    /// Ends a subscription whose client did not ask for it: it is told before its socket closes (§2.9). Released UC clients
    /// pass over it, and find no channel when they come back.
    pub(crate) fn dismiss(&mut self, now: u64, id: SubscriptionId) {
        let open = self.subscriptions.get(id).and_then(|subscription| subscription.channel.socket());
        if let Some(socket) = open {
            self.tell_out(now, id);
            let gone = Notification { event_type: Some(EventType::Gone), ..Notification::default() };
            let text = self.frame(now, gone);
            self.out.push(Delivery::Frame { socket, text });
        }
        self.end_subscription(now, id);
    }

    /// Ends a subscription by force: until its time is over, its client is told so when it comes to extend it.
    pub(crate) fn force_out(&mut self, now: u64, id: SubscriptionId) {
        let due = self.timers.due(&Timer::Subscription(id));
        let forgotten = self.subscriptions.note_forced_out(id);
        self.dismiss(now, id);
        if let Some(due) = due {
            self.timers.set(Timer::Subscription(id), due);
        }
        if let Some(forgotten) = forgotten {
            self.timers.clear(&Timer::Subscription(forgotten));
        }
    }

    /// Ends a subscription that was not extended in time. `gone` would log its client out; one that resumes logs in anew by itself
    /// when its socket is closed: the page may only have slept.
    pub(crate) fn expire(&mut self, now: u64, id: SubscriptionId) {
        if self.subscriptions.forced_out.remove(&id).is_some() {
            return;
        }
        match self.subscriptions.get(id).and_then(|subscription| subscription.channel.resume_for()) {
            Some(_) => self.end_subscription(now, id),
            None => self.dismiss(now, id),
        }
    }

    /// Ends a subscription, whatever the reason: its calls end, its socket closes.
    pub(crate) fn end_subscription(&mut self, now: u64, id: SubscriptionId) {
        self.timers.clear(&Timer::Subscription(id));
        self.end_calls_of(now, id);
        self.drop_events_of(id);
        self.forget_owed(id);
        let Some(subscription) = self.subscriptions.remove(id) else { return };
        if let Some(socket) = subscription.channel.socket() {
            self.close_socket(socket);
        }
        self.presence_ended(now, id, &subscription.user);
    }

    /// Clients never delete what they could not open a socket for (§2.7), so those without one give way.
    fn make_room(&mut self, now: u64, user: &UserKey) -> Result<(), Fault> {
        if self.subscriptions.of_user(user).count() < self.policy.subscriptions_per_user {
            return Ok(());
        }
        let away = self.subscriptions.of_user(user).filter(|(_, s)| s.channel.socket().is_none());
        let (id, _) = away.max_by_key(|(_, s)| s.channel.away(now)).ok_or(TOO_MANY)?;
        self.dismiss(now, id);
        Ok(())
    }

    fn subscribed(&self, subscription: &Subscription, params: SubscriptionParams) -> Response {
        let (version, user) = (&subscription.version, self.accounts.number(&subscription.user));
        let path = format!("/rest/version/{version}/user/{user}/subscription/{}", subscription.secrets.id);
        let subscribe_response = Subscribed {
            status_code: Some(0),
            reason: None,
            subscription: Some(path),
            subscription_params: Some(params),
        };
        Response::ok(&SubscribeResponse { subscribe_response })
    }
}

/// Those of the services for which devices of push services are woken, as they were spelled, once each.
pub(crate) fn known_services(names: &[String]) -> Vec<String> {
    granted(names, SERVICES.into_iter())
}

/// Those of the names that are among the services, as they were spelled, once each.
fn granted<'a>(names: &[String], services: impl Iterator<Item = &'a str> + Clone) -> Vec<String> {
    let known = |name: &&String| services.clone().any(|service| name.eq_ignore_ascii_case(service));
    names.iter().filter(known).fold(Vec::new(), |mut services: Vec<String>, name| {
        if !services.iter().any(|service| service.eq_ignore_ascii_case(name)) {
            services.push(name.clone());
        }
        services
    })
}

/// Those that meet a condition, or all if none does.
fn narrowed<'a>(
    all: &[(SubscriptionId, &'a Subscription)],
    meets: impl Fn(&Subscription) -> bool,
) -> Vec<(SubscriptionId, &'a Subscription)> {
    let some: Vec<_> = all.iter().filter(|(_, s)| meets(s)).copied().collect();
    if some.is_empty() { all.to_vec() } else { some }
}
