//! The WebSocket: opening it, checking that it lives, opening it again (protocol §3).
//!
//! ```text
//! Closed → Opening ⇄ Pausing          attempts, up to the configured limit
//!             ↓
//!            Open ── lost ──→ Opening
//! ```
//!
//! Unlike released clients this one reacts to the `close` of a socket at once, and does not take a socket for alive that the
//! server has stopped answering: once a `connAck` was seen on it, its age decides.

use super::Context;
use crate::{
    Effect, Event, Now, SocketId,
    config::Connectivity,
    effect::{Level, SocketAction, TimerId},
    input::SocketFact,
    limits,
    query::SocketState,
};
use kandy_wire::frame;

/// What a fact about the socket meant for the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Nothing to tell.
    Same,
    /// Notifications arrive from now on. For the session this is news only while it logs in or was without a socket.
    Open,
    /// All attempts failed, or none is to be made.
    GivenUp,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Closed,
    Opening {
        socket: SocketId,
        attempt: u32,
    },
    Open {
        socket: SocketId,
        /// Whether the server ever answered a check on this socket.
        answers: bool,
        /// Seconds between two checks by the server, where it is the one who checks.
        server_interval: f64,
    },
    Pausing {
        attempt: u32,
    },
}

/// Seconds that are assumed between two checks by the server until it names them (protocol §3.4).
const SERVER_INTERVAL: f64 = 120.0;

/// The channel of one login.
#[derive(Debug, Default)]
pub(super) struct Channel {
    state: State,
    platform: &'static str,
    last_contact: Option<Now>,
    method: Option<crate::config::Method>,
    pinging: bool,
}

impl Channel {
    /// Opens the socket of a login. `url` is `None` when no server is configured.
    pub(super) fn open(&mut self, platform: &'static str, url: Option<String>, cx: &mut Context<'_>) -> Outcome {
        self.platform = platform;
        self.method = Some(cx.config.connectivity.method.clone());
        self.attempt(1, url, cx)
    }

    /// Whether this is the socket of the moment.
    pub(super) fn is(&self, id: SocketId) -> bool {
        matches!(self.state, State::Opening { socket, .. } | State::Open { socket, .. } if socket == id)
    }

    /// Whether notifications arrive now.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.state, State::Open { .. })
    }

    /// The socket opened or closed.
    pub(super) fn fact(&mut self, fact: &SocketFact, url: Option<String>, cx: &mut Context<'_>) -> Outcome {
        match (&self.state, fact) {
            (State::Opening { socket, .. }, SocketFact::Opened) => {
                let socket = *socket;
                cx.out.stop(TimerId::SocketOpening);
                self.state = State::Open { socket, answers: false, server_interval: SERVER_INTERVAL };
                self.last_contact = Some(cx.now);
                self.pinging = cx.config.connectivity.check_connectivity;
                self.change(cx);
                self.send_check(socket, cx);
                Outcome::Open
            }
            (State::Opening { attempt, .. }, SocketFact::Closed { code }) => {
                cx.out.log(Level::Warn, format!("the WebSocket could not be opened, attempt {attempt} (code {code})"));
                self.failed(*attempt, cx)
            }
            (State::Open { .. }, SocketFact::Closed { code }) => {
                cx.out.log(Level::Warn, format!("the WebSocket was closed (code {code})"));
                self.lost(url, cx)
            }
            _ => Outcome::Same,
        }
    }

    /// A frame came: whatever it says, the server lives.
    pub(super) fn heard(&mut self, now: Now) {
        self.last_contact = Some(now);
    }

    /// `connAck`
    pub(super) fn acknowledged(&mut self) {
        if let State::Open { answers, .. } = &mut self.state {
            *answers = true;
        }
    }

    /// `connCheck` from the server: answered where the server is the one who checks (protocol §3.4).
    pub(super) fn checked_by_server(&mut self, interval: Option<f64>, cx: &mut Context<'_>) {
        if let State::Open { socket, server_interval, .. } = &mut self.state
            && by_server(&cx.config.connectivity)
        {
            *server_interval = interval.filter(|s| *s > 0.0).unwrap_or(*server_interval);
            cx.out.push(Effect::Socket(*socket, SocketAction::Send(frame::CONN_ACK.to_owned())));
        }
    }

    /// Time for the next check: is the server still there? Then the next one is sent.
    pub(super) fn check(&mut self, url: Option<String>, cx: &mut Context<'_>) -> Outcome {
        let State::Open { socket, answers, server_interval } = self.state else { return Outcome::Same };
        let rules = &cx.config.connectivity;
        let silence = cx.now.0.saturating_sub(self.last_contact.unwrap_or(cx.now).0);
        let (watched, interval) = if by_server(rules) {
            (true, (server_interval * 1000.0) as u64)
        } else {
            (answers || rules.method.kind.as_deref() == Some("pingPong"), rules.ping_interval)
        };
        if watched && silence >= interval.saturating_mul(u64::from(rules.max_missed_pings.max(1))) {
            cx.out.log(Level::Warn, format!("nothing was heard on the WebSocket for {silence} ms"));
            cx.out.push(Effect::Socket(socket, SocketAction::Close));
            return self.lost(url, cx);
        }
        self.send_check(socket, cx);
        Outcome::Same
    }

    /// A socket has not opened in time.
    pub(super) fn opening_due(&mut self, cx: &mut Context<'_>) -> Outcome {
        let State::Opening { socket, attempt } = self.state else { return Outcome::Same };
        cx.out.push(Effect::Socket(socket, SocketAction::Close));
        self.failed(attempt, cx)
    }

    /// The pause is over.
    pub(super) fn retry(&mut self, url: Option<String>, cx: &mut Context<'_>) {
        if let State::Pausing { attempt } = self.state {
            self.attempt(attempt + 1, url, cx);
        }
    }

    /// Closes whatever there is.
    pub(super) fn close(&mut self, cx: &mut Context<'_>) {
        let open = match self.state {
            State::Closed => return,
            State::Opening { socket, .. } | State::Open { socket, .. } => Some(socket),
            State::Pausing { .. } => None,
        };
        if let Some(socket) = open {
            cx.out.push(Effect::Socket(socket, SocketAction::Close));
        }
        self.state = State::Closed;
        self.pinging = false;
        for timer in [TimerId::Ping, TimerId::SocketOpening, TimerId::Reconnect] {
            cx.out.stop(timer);
        }
        self.change(cx);
    }

    /// `connection.getSocketState()`
    pub(super) fn state(&self, platform: Option<&'static str>) -> SocketState {
        let there = !matches!(self.state, State::Closed);
        SocketState {
            connected: self.is_open(),
            pinging: self.pinging && self.is_open(),
            platform: platform.filter(|_| there),
            method: self.method.clone().filter(|_| there),
            last_contact: self.last_contact.filter(|_| there),
        }
    }

    fn attempt(&mut self, attempt: u32, url: Option<String>, cx: &mut Context<'_>) -> Outcome {
        let Some(url) = url else {
            cx.out.log(Level::Error, "no WebSocket server is configured");
            self.state = State::Closed;
            return Outcome::GivenUp;
        };
        let socket = cx.ids.socket();
        self.state = State::Opening { socket, attempt };
        self.change(cx);
        cx.out.push(Effect::Socket(socket, SocketAction::Open { url }));
        cx.out.wait(TimerId::SocketOpening, limits::SOCKET_OPENING);
        Outcome::Same
    }

    /// An attempt failed: pause, or give up (protocol §3.2).
    fn failed(&mut self, attempt: u32, cx: &mut Context<'_>) -> Outcome {
        cx.out.stop(TimerId::SocketOpening);
        let rules = &cx.config.connectivity;
        if rules.reconnect_limit != 0 && attempt >= rules.reconnect_limit {
            self.state = State::Closed;
            self.pinging = false;
            return Outcome::GivenUp;
        }
        let growth = rules.reconnect_time_multiplier.max(1.0).powi(attempt.min(64) as i32 - 1);
        let pause = (rules.reconnect_delay as f64 * growth).min(rules.reconnect_time_limit as f64);
        self.state = State::Pausing { attempt };
        cx.out.wait(TimerId::Reconnect, pause as u64);
        Outcome::Same
    }

    fn lost(&mut self, url: Option<String>, cx: &mut Context<'_>) -> Outcome {
        cx.out.stop(TimerId::Ping);
        self.pinging = false;
        self.state = State::Closed;
        self.change(cx);
        if !cx.config.connectivity.auto_reconnect {
            return Outcome::GivenUp;
        }
        self.attempt(1, url, cx)
    }

    /// In keep-alive mode servers stay silent, so a `connCheck`, which they answer, goes with every ping.
    fn send_check(&mut self, socket: SocketId, cx: &mut Context<'_>) {
        let rules = &cx.config.connectivity;
        if !rules.check_connectivity {
            return;
        }
        let mut send = |text: String| cx.out.push(Effect::Socket(socket, SocketAction::Send(text)));
        if !by_server(rules) {
            if rules.method.kind.as_deref() != Some("pingPong") {
                send(frame::PING.to_owned());
            }
            send(frame::conn_check(rules.ping_interval as f64 / 1000.0));
        }
        cx.out.wait(TimerId::Ping, rules.ping_interval.max(1_000));
    }

    fn change(&self, cx: &mut Context<'_>) {
        cx.out.emit(Event::WsChange { platform: self.platform });
    }
}

fn by_server(rules: &Connectivity) -> bool {
    rules.method.responsible_party.as_deref() == Some("server")
}
