//! The Link and UC adapter: the only part that knows URLs, JSON and the WebSocket.
//!
//! | file | owns |
//! | --- | --- |
//! | [`flavour`] | which of the two flavours a login is, and what follows from it |
//! | [`session`] | login, extension, token renewal, logout |
//! | [`channel`] | the WebSocket: opening, checking, opening again |
//! | [`requests`] | URLs, queries, headers |
//! | [`calls`] | signals as requests, replies and notifications as signalling terms |
//! | [`notices`] | notifications on their way in; [`filter`]: those that come twice |
//! | [`push`] | the registration of a device for push messages |

mod calls;
mod channel;
mod filter;
mod flavour;
mod notices;
mod push;
mod requests;
mod session;

use std::collections::VecDeque;

use kandy_wire::{
    SessionId, Value,
    frame::ServerFrame,
    notice::{EventType, Notification, Resumed},
};

use crate::{
    Config, Effect, Effects, Error, Event, Now, OpId, Table,
    command::{Credentials, PushDevice},
    config::{Connectivity, IceServer},
    effect::{Level, TimerId},
    error::Code,
    event::AuthChange,
    ids::Ids,
    input::{HttpFailure, HttpResponse, PageFact, SocketFact},
    people::{Address, Place, Standing, Tell},
    promises::State,
    query::{Connection, Services, SocketState, UserInfo},
    signal::{Parties, Reply, Signal, Signalling, Told},
};

use channel::{Channel, Outcome};
use notices::{Arrived, Next, Notices, Way, fetched};
use push::Push;
use session::{Opened, Session};

/// The result of an HTTP request.
pub(crate) type HttpResult = Result<HttpResponse, HttpFailure>;

/// What an input meant for the calls.
#[derive(Debug, PartialEq)]
pub(crate) enum Meaning {
    /// The server replied to a signal.
    Reply(OpId, Reply),
    /// The other side was heard.
    Told(SessionId, Parties, Told),
    /// Something may have been missed: whatever can be asked for has to be asked for.
    Missed,
}

/// What every part of the adapter may use.
pub(crate) struct Context<'a> {
    pub now: Now,
    pub ids: &'a mut Ids,
    pub config: &'a Config,
    pub out: &'a mut Effects,
}

/// The adapter of one client.
#[derive(Debug, Default)]
pub(crate) struct Link {
    session: Session,
    channel: Channel,
    notices: Notices,
    push: Push,
    /// Signals under way.
    signals: Table<OpId, calls::Kind>,
    /// Signals that could not be sent because nobody is logged in.
    unsent: VecDeque<OpId>,
    /// What inputs meant for the calls, until they are told.
    meanings: VecDeque<Meaning>,
    /// Who logs in again when the page comes back.
    resting: Option<Credentials>,
    ice_servers: Vec<IceServer>,
    /// What the people engine was told last.
    standing: Option<Standing>,
}

impl Link {
    /// `connect(credentials)`
    pub(crate) fn connect(&mut self, credentials: Credentials, cx: &mut Context<'_>) {
        if !self.session.is_out() {
            let why = "Already connected, or about to be: call disconnect() first.";
            return cx.out.emit(Event::AuthError { error: Error::new(Code::NoCode, why), reason: None });
        }
        self.notices.login(cx.config.notifications.id_cache_length);
        self.push = Push::default();
        self.session.login(credentials, cx);
        self.ice_servers = self.session.ice_servers(cx.config);
    }

    /// `disconnect()`, once all calls are over.
    pub(crate) fn disconnect(&mut self, cx: &mut Context<'_>) {
        self.session.logout(&mut self.channel, cx);
    }

    /// `disconnect()` was called and calls are being ended: from now on the connection is pending.
    pub(crate) fn begin_disconnect(&mut self, cx: &mut Context<'_>) {
        self.session.begin_logout(&mut self.channel, cx);
    }

    /// `updateToken(credentials)`
    pub(crate) fn update_token(&mut self, credentials: Credentials, cx: &mut Context<'_>) {
        self.session.update_token(credentials, cx);
    }

    /// `updateConnection(services)`
    pub(crate) fn update_services(&mut self, services: Vec<String>, cx: &mut Context<'_>) {
        self.session.update_services(services, cx);
    }

    /// `connection.enableConnectivityChecking(enable)`
    pub(crate) fn enable_checks(&mut self, enable: bool, cx: &mut Context<'_>) {
        self.channel.enable_checks(enable, cx);
    }

    /// `notification.enableWebsocket(enable)`
    pub(crate) fn enable_websocket(&mut self, enable: bool, cx: &mut Context<'_>) {
        self.notices.enable_websocket(enable);
        cx.out.emit(Event::NotificationsChange { channel: "WEBSOCKET" });
    }

    /// `notification.registerPush(device)`
    pub(crate) fn register_push(&mut self, device: PushDevice, cx: &mut Context<'_>) {
        self.push.register(self.session.account(), device, cx);
    }

    /// `notification.deregisterPush()`
    pub(crate) fn deregister_push(&mut self, cx: &mut Context<'_>) {
        self.push.deregister(self.session.account(), cx);
    }

    /// `notification.process(notification, channel, platform)`
    pub(crate) fn process(&mut self, notification: Value, channel: &str, cx: &mut Context<'_>) {
        if !self.is_in() {
            return cx.out.log(Level::Warn, "notification.process: nobody is connected, so nothing can come of it");
        }
        let Some(way) = Way::named(channel) else {
            return cx
                .out
                .log(Level::Error, "notification.process: there is no such channel; use EXTERNAL, PUSH or WEBSOCKET");
        };
        match ServerFrame::from_value(notification) {
            Ok(ServerFrame::Notification(frame, raw)) => {
                self.arrive(Arrived { way, notification: frame.notification_message, raw }, cx);
            }
            Ok(_) => {}
            Err(malformed) => cx.out.log(Level::Error, format!("notification.process: {malformed}")),
        }
    }

    /// What operations that concern the login wait for.
    pub(crate) fn state(&self, now: Now, rules: &Connectivity) -> State {
        let up = self.channel.is_open(now, rules);
        let (connected, pending) = (self.session.is_connected(up), self.session.is_pending(up));
        State { connected, pending, updating: self.session.is_updating() }
    }

    /// Whether [`Link::disconnect`] is waited for.
    pub(crate) fn awaits_calls(&self) -> bool {
        self.session.awaits_calls()
    }

    /// The page or its network changed.
    pub(crate) fn page(&mut self, fact: PageFact, cx: &mut Context<'_>) {
        let url = || self.session.channel_url(self.notices.last(), cx.config);
        let outcome = match fact {
            // No answer will be heard.
            PageFact::Left => return self.session.leave_page(&mut self.channel, cx),
            PageFact::Kept => {
                self.resting = self.session.credentials();
                return self.session.leave_page(&mut self.channel, cx);
            }
            PageFact::Back => match self.resting.take() {
                Some(credentials) => return self.connect(credentials, cx),
                None => return,
            },
            PageFact::Awake => self.channel.wake(url(), cx),
            PageFact::Offline => self.channel.offline(url(), cx),
            PageFact::Online => self.channel.online(url(), cx),
        };
        self.settle(outcome, cx);
    }

    /// An HTTP request was answered, or could not be made.
    pub(crate) fn http(&mut self, op: OpId, result: HttpResult, cx: &mut Context<'_>) {
        if let Some(kind) = self.signals.remove(&op) {
            self.meanings.push_back(Meaning::Reply(op, calls::reply(kind, &result)));
            if result.is_ok_and(|response| response.status == 401) {
                self.session.renew_proof(cx);
            }
            return;
        }
        if self.notices.fetch_op() == Some(op) {
            return self.described(op, fetched(&result), cx);
        }
        if self.push.answered(op, &result, cx) {
            self.notices.push_on = self.push.is_registered();
            return;
        }
        self.session.http(op, &result, &mut self.channel, &mut self.notices, cx);
        self.ice_servers = self.session.ice_servers(cx.config);
    }

    /// A description was unpacked, or could not be.
    pub(crate) fn unpacked(&mut self, op: OpId, text: Option<String>, cx: &mut Context<'_>) {
        if self.notices.fetch_op() == Some(op) {
            self.described(op, text, cx);
        }
    }

    fn described(&mut self, op: OpId, sdp: Option<String>, cx: &mut Context<'_>) {
        if let Some(notification) = self.notices.fetched(op, sdp, cx) {
            self.act(notification, cx);
        }
        self.take_up(cx);
    }

    /// The socket reports.
    pub(crate) fn socket(&mut self, socket: crate::SocketId, fact: SocketFact, cx: &mut Context<'_>) {
        if !self.channel.is(socket) {
            return;
        }
        if let SocketFact::Frame(text) = fact {
            return self.frame(&text, cx);
        }
        // The server may close it before it answers to the end of the subscription.
        if matches!(fact, SocketFact::Closed { .. }) && self.session.is_leaving() {
            return self.channel.close(cx);
        }
        let url = self.session.channel_url(self.notices.last(), cx.config);
        let outcome = self.channel.fact(&fact, url, cx);
        self.settle(outcome, cx);
    }

    /// A timer of the socket or the session.
    pub(crate) fn due(&mut self, timer: &TimerId, cx: &mut Context<'_>) {
        let url = self.session.channel_url(self.notices.last(), cx.config);
        let outcome = match timer {
            TimerId::Ping => self.channel.ping_due(url, cx),
            TimerId::Pong => self.channel.pong_due(url, cx),
            TimerId::SocketOpening => self.channel.opening_due(cx),
            TimerId::Reconnect => match self.session.take_forgotten() {
                true => return self.session.come_back(&mut self.channel, cx),
                false => self.channel.retry(url, cx),
            },
            TimerId::Extend => return self.session.extend(cx),
            TimerId::Refresh => return self.session.renew_proof(cx),
            _ => return,
        };
        self.settle(outcome, cx);
    }

    /// Whether somebody is logged in, with or without a socket at the moment.
    pub(crate) fn is_in(&self) -> bool {
        self.session.user().is_some()
    }

    /// A signal that could not be sent and is to be refused.
    pub(crate) fn take_unsent(&mut self) -> Option<OpId> {
        self.unsent.pop_front()
    }

    /// What an input meant for the calls.
    pub(crate) fn take_meaning(&mut self) -> Option<Meaning> {
        self.meanings.pop_front()
    }

    /// `getConnection()`
    pub(crate) fn connection(&self, now: Now, rules: &Connectivity) -> Connection {
        let up = self.channel.is_open(now, rules);
        Connection {
            is_connected: self.session.is_connected(up),
            is_pending: self.session.is_pending(up),
            subscription: self.session.services(),
            error: self.session.error().cloned(),
        }
    }

    /// `getServices()`
    pub(crate) fn services(&self) -> Services {
        self.session.services()
    }

    /// `getUserInfo()`
    pub(crate) fn user_info(&self) -> UserInfo {
        self.session.user_info()
    }

    /// Tells the people engine who is logged in, if that is something else than before.
    pub(crate) fn tell_standing(&mut self, now: Now, rules: &Connectivity, out: &mut Effects) {
        let session = self.session.standing(self.notices.logins(), self.channel.is_open(now, rules));
        if session != self.standing {
            self.standing = session.clone();
            out.push(Effect::Tell(Tell::Session { session }));
        }
    }

    /// Where a request of the people engine goes to; `None` if nobody is logged in.
    pub(crate) fn address(&self, place: Place, path: &str) -> Option<Address> {
        self.session.account().map(|account| account.lend(place, path))
    }

    /// `connection.getSocketState()`; `None` when there never was a socket of this platform.
    pub(crate) fn socket_state(&self, platform: &str, now: Now, rules: &Connectivity) -> Option<SocketState> {
        (self.session.platform()? == platform).then(|| self.channel.state(self.session.platform(), now, rules))
    }

    fn frame(&mut self, text: &str, cx: &mut Context<'_>) {
        self.channel.heard(cx);
        match ServerFrame::decode(text) {
            Ok(ServerFrame::ConnCheck(interval)) => self.channel.checked_by_server(interval, cx),
            Ok(ServerFrame::ConnAck) => self.channel.acknowledged(),
            Ok(ServerFrame::Notification(frame, raw)) => match frame.notification_message {
                Notification { event_type: Some(EventType::ChannelResumed), channel_resumed_params, .. } => {
                    if channel_resumed_params != Some(Resumed { complete: true }) {
                        self.meanings.push_back(Meaning::Missed);
                    }
                }
                notification => self.arrive(Arrived { way: Way::WebSocket, notification, raw }, cx),
            },
            Err(malformed) => cx.out.log(Level::Warn, format!("a frame that cannot be used: {malformed}")),
        }
    }

    fn arrive(&mut self, arrived: Arrived, cx: &mut Context<'_>) {
        let key = self.session.duplicate_key(&arrived.notification).cloned();
        self.notices.arrive(arrived, key.as_ref(), cx);
        self.take_up(cx);
    }

    /// Acts upon everything that waits and can be acted upon.
    fn take_up(&mut self, cx: &mut Context<'_>) {
        while let Some(next) = self.notices.next(cx) {
            match next {
                Next::Act(notification) => self.act(*notification, cx),
                Next::Fetch(op, path) => self.fetch(op, &path, cx),
                Next::Unpack(op, packed) => cx.out.push(Effect::Unpack(op, packed)),
            }
        }
    }

    fn fetch(&mut self, op: OpId, path: &str, cx: &mut Context<'_>) {
        if let Some(account) = self.session.account() {
            let url = requests::at(&push::base(account, cx.config), path);
            cx.out.push(Effect::Http(op, account.request("GET", url, None)));
        }
    }

    fn act(&mut self, notification: Notification, cx: &mut Context<'_>) {
        if notification.event_type == Some(EventType::Gone) {
            return self.session.forced_out("GONE", Some(true), &mut self.channel, cx);
        }
        match calls::told(notification) {
            Ok(Some((session, parties, told))) => self.meanings.push_back(Meaning::Told(session, parties, told)),
            Ok(None) => {}
            Err(why) => cx.out.log(Level::Warn, format!("a call notification that cannot be used: {why}")),
        }
    }

    fn settle(&mut self, outcome: Outcome, cx: &mut Context<'_>) {
        match outcome {
            Outcome::Same => {}
            Outcome::Open => {
                // Whoever resumes is told what was missed.
                let missed = match self.session.channel_open(cx) {
                    Opened::First => false,
                    Opened::Again => !self.session.resumes(),
                    Opened::Anew => true,
                };
                self.meanings.extend(missed.then_some(Meaning::Missed));
            }
            Outcome::Failed => self.session.probe(cx),
            Outcome::GivenUp => self.session.channel_given_up(&mut self.channel, cx),
        }
    }
}

impl Signalling for Link {
    fn hears(&self, now: Now, config: &Config) -> bool {
        self.session.is_connected(self.channel.is_open(now, &config.connectivity))
    }

    fn user(&self) -> Option<&str> {
        self.session.user()
    }

    fn ice_servers(&self) -> Vec<IceServer> {
        self.ice_servers.clone()
    }

    fn send(&mut self, op: OpId, session: Option<&SessionId>, signal: Signal, out: &mut Effects) {
        let Some(account) = self.session.account() else {
            self.unsent.push_back(op);
            return;
        };
        let (request, kind) = calls::request(account, session, signal);
        self.signals.insert(op, kind);
        out.push(Effect::Http(op, request));
    }
}

/// `auth:change`, plain.
fn auth_change(out: &mut Effects) {
    out.emit(Event::AuthChange(AuthChange::default()));
}
