//! The Link and UC adapter: the only part that knows URLs, JSON and the WebSocket.
//!
//! | file | owns |
//! | --- | --- |
//! | [`flavour`] | which of the two flavours a login is, and what follows from it |
//! | [`session`] | login, extension, token renewal, logout |
//! | [`channel`] | the WebSocket: opening, checking, opening again |
//! | [`requests`] | URLs, queries, headers |
//! | [`calls`] | signals as requests, replies and notifications as signalling terms |
//! | [`filter`] | notifications that come twice |

mod calls;
mod channel;
mod filter;
mod flavour;
mod requests;
mod session;

use std::collections::VecDeque;

use kandy_wire::{
    SessionId,
    frame::ServerFrame,
    notice::{EventType, Notification},
};

use crate::{
    Config, Effect, Effects, Error, Event, Now, OpId, Table,
    command::Credentials,
    config::IceServer,
    effect::Level,
    error::Code,
    event::AuthChange,
    ids::Ids,
    input::{HttpFailure, HttpResponse, SocketFact},
    query::{Connection, Services, SocketState, UserInfo},
    signal::{Parties, Reply, Signal, Signalling, Told},
};

use channel::{Channel, Outcome};
use filter::Filter;
use session::Session;

/// The result of an HTTP request.
pub(crate) type HttpResult = Result<HttpResponse, HttpFailure>;

/// What an input meant for the calls.
#[derive(Debug, PartialEq)]
pub(crate) enum Meaning {
    /// Nothing.
    Nothing,
    /// The server replied to a signal.
    Reply(OpId, Reply),
    /// The other side was heard.
    Told(SessionId, Parties, Told),
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
    filter: Filter,
    /// Signals under way.
    signals: Table<OpId, calls::Kind>,
    /// Signals that could not be sent because nobody is logged in.
    unsent: VecDeque<OpId>,
    ice_servers: Vec<IceServer>,
}

impl Link {
    /// `connect(credentials)`
    pub(crate) fn connect(&mut self, credentials: Credentials, cx: &mut Context<'_>) {
        if !self.session.is_out() {
            let why = "Already connected, or about to be: call disconnect() first.";
            return cx.out.emit(Event::AuthError { error: Error::new(Code::NoCode, why) });
        }
        self.filter = Filter::new(cx.config.notifications.id_cache_length);
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

    /// Whether [`Link::disconnect`] is waited for.
    pub(crate) fn awaits_calls(&self) -> bool {
        self.session.awaits_calls()
    }

    /// The page is being left: no answer will be heard.
    pub(crate) fn leave_page(&mut self, cx: &mut Context<'_>) {
        self.session.leave_page(&mut self.channel, cx);
    }

    /// An HTTP request was answered, or could not be made.
    pub(crate) fn http(&mut self, op: OpId, result: HttpResult, cx: &mut Context<'_>) -> Meaning {
        if let Some(kind) = self.signals.remove(&op) {
            return Meaning::Reply(op, calls::reply(kind, &result));
        }
        self.session.http(op, &result, &mut self.channel, cx);
        self.ice_servers = self.session.ice_servers(cx.config);
        Meaning::Nothing
    }

    /// The socket reports.
    pub(crate) fn socket(&mut self, socket: crate::SocketId, fact: SocketFact, cx: &mut Context<'_>) -> Meaning {
        if !self.channel.is(socket) {
            return Meaning::Nothing;
        }
        if let SocketFact::Frame(text) = fact {
            return self.frame(&text, cx);
        }
        let outcome = self.channel.fact(&fact, self.session.channel_url(cx.config), cx);
        self.settle(outcome, cx);
        Meaning::Nothing
    }

    /// Time for the next check of the socket.
    pub(crate) fn ping_due(&mut self, cx: &mut Context<'_>) {
        let outcome = self.channel.check(self.session.channel_url(cx.config), cx);
        self.settle(outcome, cx);
    }

    /// A socket has not opened in time.
    pub(crate) fn opening_due(&mut self, cx: &mut Context<'_>) {
        let outcome = self.channel.opening_due(cx);
        self.settle(outcome, cx);
    }

    /// The pause between two attempts is over.
    pub(crate) fn reconnect_due(&mut self, cx: &mut Context<'_>) {
        self.channel.retry(self.session.channel_url(cx.config), cx);
    }

    /// Time to extend the subscription.
    pub(crate) fn extend_due(&mut self, cx: &mut Context<'_>) {
        self.session.extend(cx);
    }

    /// Time to renew the token.
    pub(crate) fn refresh_due(&mut self, cx: &mut Context<'_>) {
        self.session.refresh(cx);
    }

    /// Whether somebody is logged in, with or without a socket at the moment.
    pub(crate) fn is_in(&self) -> bool {
        self.session.user().is_some()
    }

    /// A signal that could not be sent and is to be refused.
    pub(crate) fn take_unsent(&mut self) -> Option<OpId> {
        self.unsent.pop_front()
    }

    /// `getConnection()`
    pub(crate) fn connection(&self) -> Connection {
        let up = self.channel.is_open();
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

    /// `connection.getSocketState()`; `None` when there never was a socket of this platform.
    pub(crate) fn socket_state(&self, platform: &str) -> Option<SocketState> {
        (self.session.platform()? == platform).then(|| self.channel.state(self.session.platform()))
    }

    fn frame(&mut self, text: &str, cx: &mut Context<'_>) -> Meaning {
        self.channel.heard(cx.now);
        match ServerFrame::decode(text) {
            Ok(ServerFrame::ConnCheck(interval)) => self.channel.checked_by_server(interval, cx),
            Ok(ServerFrame::ConnAck) => self.channel.acknowledged(),
            Ok(ServerFrame::Notification(frame, raw)) => {
                let notification = frame.notification_message;
                if self.filter.is_new(self.session.duplicate_key(&notification)) {
                    cx.out.emit(Event::NotificationReceived { payload: raw });
                    return self.notification(notification, cx);
                }
                cx.out.log(Level::Debug, "a notification came twice");
            }
            Err(malformed) => cx.out.log(Level::Warn, format!("a frame that cannot be used: {malformed}")),
        }
        Meaning::Nothing
    }

    fn notification(&mut self, notification: Notification, cx: &mut Context<'_>) -> Meaning {
        if notification.event_type == Some(EventType::Gone) {
            self.session.forced_out("GONE", Some(true), &mut self.channel, cx);
            return Meaning::Nothing;
        }
        match calls::told(notification) {
            Ok(Some((session, parties, told))) => Meaning::Told(session, parties, told),
            Ok(None) => Meaning::Nothing,
            Err(why) => {
                cx.out.log(Level::Warn, format!("a call notification that cannot be used: {why}"));
                Meaning::Nothing
            }
        }
    }

    fn settle(&mut self, outcome: Outcome, cx: &mut Context<'_>) {
        match outcome {
            Outcome::Same => {}
            Outcome::Open => self.session.channel_open(cx),
            Outcome::GivenUp => self.session.channel_given_up(&mut self.channel, cx),
        }
    }
}

impl Signalling for Link {
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
