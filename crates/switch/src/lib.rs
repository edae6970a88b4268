//! Who is connected, which calls exist, and who hears what of them: the server's decisions, without a socket, clock or
//! random source.
//!
//! The shell around it hands in requests, socket events and the time, and carries out what comes back: the response of
//! [`Switch::request`] at once, the [`Delivery`]s of [`Switch::deliveries`] and the [`Push`]es of [`Switch::pushes`] in
//! their order, and a call of [`Switch::tick`] at [`Switch::deadline`].
//!
//! | module | subject |
//! | --- | --- |
//! | `accounts`, `address`, `auth`, `tokens` | who somebody is |
//! | `comings` | accounts that come and go |
//! | `realms` | who may know of whom |
//! | `routes`, `fault` | what a request wants, and how a refusal looks |
//! | `subscription`, `channel`, `sockets` | a client's login and the way to it |
//! | `push` | devices that are woken by a push service |
//! | `people` | what the shell serves from its store: by whom it is wanted, and who is told |
//! | `presence`, `events` | who wants to know what of whom |
//! | `owed` | telling states of which only the latest counts |
//! | `directory` | finding people |
//! | `facts` | what the shell is to store: calls that ended, presence |
//! | `counts` | what operators are told |
//! | `calls` | calls: start, control, end, and the order of what is told about them |
//! | `state` | going on after a restart |
//! | `shell` | what goes in and comes out |
//! | `timers`, `policy` | every wait and bound |
//!
//! Paragraphs (§) are those of the protocol description.

mod accounts;
mod address;
mod auth;
mod calls;
mod channel;
mod comings;
mod counts;
mod directory;
mod events;
mod facts;
mod fault;
mod owed;
mod people;
mod policy;
mod presence;
mod push;
mod realms;
mod routes;
mod shell;
mod sockets;
mod state;
mod subscription;
mod timers;
mod tokens;

use std::collections::{BTreeMap, BTreeSet};

use kandy_wire::frame::{CONN_ACK, ClientFrame};
use serde::{Deserialize, Serialize};

pub use accounts::{Account, Accounts, AccountsError, UserKey};
pub use auth::password_of;
pub use comings::Removed;
pub use counts::{Counts, Step};
pub use directory::{Criterion, Directory, LONGEST_PAGE, MAX_CRITERIA, PAGE, Page, Sort};
pub use facts::{CallRecord, Fact};
pub use fault::{Family, Fault, code};
pub use people::{Identified, Newcomer, Notice, PeopleRoute, Service, begins_subscription, people_route};
pub use policy::{Policy, Secrets};
pub use presence::{Publication, StoredPresence};
pub use push::{Provider, Push};
pub use realms::Realms;
pub use routes::{ROUTES, parameter, parameters};
pub use shell::{Delivery, Now, Request, Response, SocketId};
pub use state::RestoreError;

use calls::Calls;
use events::Events;
use owed::Owed;
use presence::Board;
use push::Devices;
use routes::{Route, UserRoute};
use subscription::Subscriptions;
use timers::{Timer, Timers};
use tokens::Tokens;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct GrantId(u64);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct SubscriptionId(u64);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct CallId(u64);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct EventId(u64);

/// The client instance that sent a request, as far as that can be told (§4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Device(SubscriptionId);

/// The server's state: accounts, tokens, subscriptions with their channels, calls.
pub struct Switch {
    accounts: Accounts,
    policy: Policy,
    secrets: Box<dyn Secrets + Send>,
    tokens: Tokens,
    subscriptions: Subscriptions,
    sockets: BTreeMap<SocketId, SubscriptionId>,
    calls: Calls,
    timers: Timers,
    devices: Devices,
    board: Board,
    events: Events,
    owed: Owed,
    /// Users whose calls may have changed in what is being done.
    touched: BTreeSet<UserKey>,
    facts: Vec<Fact>,
    steps: Vec<(u64, Step)>,
    out: Vec<Delivery>,
    pushes: Vec<Push>,
    newcomers: Vec<Newcomer>,
    delivered: Vec<(UserKey, u64)>,
    last_id: u64,
    last_event: u64,
}

impl Switch {
    /// A switch on which nobody is logged in.
    pub fn new(accounts: Accounts, policy: Policy, secrets: Box<dyn Secrets + Send>) -> Self {
        Self {
            accounts,
            policy,
            secrets,
            tokens: Tokens::default(),
            subscriptions: Subscriptions::default(),
            sockets: BTreeMap::new(),
            calls: Calls::default(),
            timers: Timers::default(),
            devices: Devices::default(),
            board: Board::default(),
            events: Events::default(),
            owed: Owed::default(),
            touched: BTreeSet::new(),
            facts: Vec::new(),
            steps: Vec::new(),
            out: Vec::new(),
            pushes: Vec::new(),
            newcomers: Vec::new(),
            delivered: Vec::new(),
            last_id: 0,
            last_event: 0,
        }
    }

    /// Serves one request. What it leads to for others comes out of [`Self::deliveries`]; nothing about a session comes
    /// out before the grace time after the response of a request on it (§12.3).
    pub fn request(&mut self, now: Now, request: &Request<'_>) -> Response {
        self.tick(now);
        self.newcomers.clear();
        let (family, route) = routes::read(request.method, request.path);
        let response = route.and_then(|route| self.serve(now.0, request, route));
        self.tell_dialogs(now.0);
        response.unwrap_or_else(|fault| fault.response(family))
    }

    /// A client opened a socket on this path; it may be written to from now on.
    ///
    /// # Errors
    /// The refusal to send instead of the upgrade, when the channel does not exist or the token is not its user's.
    pub fn socket_opened(&mut self, now: Now, socket: SocketId, path: &str, query: &str) -> Result<(), Response> {
        self.tick(now);
        self.open_socket(now.0, socket, path, query).map_err(|fault| fault.response(Family::Bare))
    }

    /// A frame of the client that says nothing arrived, for example a closing one: the socket lives, or did until now.
    pub fn socket_heard(&mut self, now: Now, socket: SocketId) {
        self.tick(now);
        let Some(id) = self.sockets.get(&socket).copied() else { return };
        if let Some(subscription) = self.subscriptions.get_mut(id) {
            subscription.channel.heard(socket, now.0, self.policy.proof_age);
            subscription.last_active = now.0;
        }
        self.note_delivered(id);
        self.owed.proven(id, now.0.saturating_sub(self.policy.proof_age));
    }

    /// A text frame arrived.
    pub fn socket_text(&mut self, now: Now, socket: SocketId, text: &str) {
        self.socket_heard(now, socket);
        if !self.sockets.contains_key(&socket) {
            return;
        }
        match ClientFrame::decode(text) {
            Ok(ClientFrame::ConnCheck) => {
                self.timers.clear(&Timer::Check(socket));
                self.out.push(Delivery::Frame { socket, text: CONN_ACK.to_owned() });
            }
            // Must not be answered: released clients would loop or crash (§3.4).
            Ok(ClientFrame::Ping) => self.timers.clear(&Timer::Check(socket)),
            Ok(ClientFrame::ConnAck | ClientFrame::Other) | Err(_) => {}
        }
    }

    /// Everything before a [`Delivery::Mark`] was written to its socket.
    pub fn socket_ready(&mut self, now: Now, socket: SocketId) {
        self.tick(now);
        if let Some(id) = self.sockets.get(&socket).copied() {
            self.pay_more(now.0, id);
        }
    }

    /// A socket is gone. Subscription and calls live on (§3.5 W3).
    pub fn socket_closed(&mut self, now: Now, socket: SocketId) {
        self.tick(now);
        let id = self.forget_socket(socket);
        if let Some(subscription) = id.and_then(|id| self.subscriptions.get_mut(id)) {
            subscription.channel.close(socket, now.0);
        }
    }

    /// Time has passed.
    pub fn tick(&mut self, now: Now) {
        while let Some((_, timer)) = self.timers.pop(now.0) {
            match timer {
                Timer::Grant(id) => self.tokens.close(id),
                Timer::Subscription(id) => self.expire(now.0, id),
                Timer::Check(socket) => self.check(now.0, socket),
                Timer::Gate(session) => self.gate_due(now.0, &session),
                Timer::Ringing(session) => self.ringing_missed(now.0, &session),
                Timer::Audit(session) => self.audit_missed(now.0, &session),
                Timer::Forget(session) => self.forget_due(now.0, &session),
                Timer::NoAnswer(call) => self.no_answer(now.0, call),
                Timer::Update(call) => self.update_unanswered(now.0, call),
                Timer::Presence(user) => self.presence_expired(now.0, &user),
                Timer::Event(id) => self.drop_event(id),
            }
        }
        self.tell_dialogs(now.0);
    }

    /// When to call [`Self::tick`] next; `None` while nothing is waited for.
    pub fn deadline(&self) -> Option<Now> {
        self.timers.next().map(Now)
    }

    /// Takes what is to be delivered, in order.
    pub fn deliveries(&mut self) -> Vec<Delivery> {
        std::mem::take(&mut self.out)
    }

    /// Takes what is to be handed to push services, in order. At most 1024 wait; the oldest give way.
    pub fn pushes(&mut self) -> Vec<Push> {
        std::mem::take(&mut self.pushes)
    }

    /// Takes what is to be stored, in order.
    pub fn facts(&mut self) -> Vec<Fact> {
        std::mem::take(&mut self.facts)
    }

    fn serve(&mut self, now: u64, request: &Request<'_>, route: Route) -> Result<Response, Fault> {
        match route {
            Route::People(..) => Err(routes::NOT_SERVED),
            Route::MakeToken => self.make_token(now, request),
            Route::RefreshToken => self.refresh_token(now, request),
            Route::RevokeToken => self.revoke_token(now, request),
            Route::User(user, route) => {
                let caller = self.authorize(now, request, &user, matches!(route, UserRoute::Subscribe(_)));
                let caller = caller.map_err(|fault| self.forced_out(&route, fault))?;
                match route {
                    UserRoute::Subscribe(version) => self.subscribe(now, request, &caller, &version),
                    UserRoute::Extend(id) => self.extend(now, request, &caller, &id),
                    UserRoute::Unsubscribe(id) => self.unsubscribe(now, &caller, &id),
                    UserRoute::CallStart => self.call_start(now, request, &caller),
                    UserRoute::CallAbandon => self.call_abandon(now, request, &caller),
                    UserRoute::CallControl(session) => self.call_control(now, request, &caller, &session),
                    UserRoute::CallEnd(session) => self.call_end(now, &caller, &session),
                    UserRoute::CallDisposition => self.call_disposition(now, request, &caller),
                    UserRoute::RegisterDevice(version, provider) => {
                        self.register_device(request, &caller, &version, provider)
                    }
                    UserRoute::DeregisterDevice(provider, id) => self.deregister_device(&caller, provider, &id),
                    UserRoute::ClickToCall => self.click_to_call(now, request, &caller),
                }
            }
        }
    }

    fn fresh_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// An `eventId` that no channel ever had, not even before a restart: it grows with the time (§12.3, rule 5).
    fn fresh_event(&mut self, now: u64) -> u64 {
        self.last_event = now.saturating_mul(1_000).max(self.last_event + 1);
        self.last_event
    }
}
