//! The WebSocket: opening it, knowing that it lives, opening it again (protocol §3).
//!
//! ```text
//! Closed → Opening ⇄ Pausing          attempts, up to the configured limit
//!             ↓
//!            Open ── lost ──→ Opening
//! ```
//!
//! Unlike released clients this one reacts to the `close` of a socket at once, and takes a socket for open only as long as there
//! is proof: where the server answers checks, a check without an answer means loss, and until then [`Channel::is_open`] goes by
//! the age of the last proof. A server that never answers cannot be asked; there an open socket is all that is known.

mod proof;

use super::Context;
use crate::{
    Effect, Event, Now, SocketId,
    config::{Connectivity, Method},
    effect::{Level, SocketAction, TimerId},
    input::SocketFact,
    limits,
    query::SocketState,
};
use proof::interval;

/// What a fact about the socket meant for the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::link) enum Outcome {
    /// Nothing to tell.
    Same,
    /// Notifications arrive from now on. For the session this is news only while it logs in or was without a socket.
    Open,
    /// An attempt failed; another one follows.
    Failed,
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
    Open(Open),
    Pausing {
        attempt: u32,
    },
}

#[derive(Debug, Clone, Copy)]
struct Open {
    socket: SocketId,
    /// Checks since anything was heard.
    asked: u32,
    /// Milliseconds between two checks by the server, where it is the one who checks.
    server_interval: u64,
}

/// Milliseconds that are assumed between two checks by the server until it names them (protocol §3.4).
const SERVER_INTERVAL: u64 = 120_000;

/// The channel of one login.
#[derive(Debug, Default)]
pub(in crate::link) struct Channel {
    state: State,
    platform: &'static str,
    last_contact: Option<Now>,
    method: Option<Method>,
    /// `enableConnectivityChecking`, in place of the configuration.
    switched: Option<bool>,
    /// When the timers are due: one that fires late tells that the page slept.
    ping_at: u64,
    pong_at: u64,
    /// The browser says that there is no network.
    offline: bool,
    /// The server that was opened last, and whether it ever answered a check.
    server: String,
    answers: bool,
}

impl Channel {
    /// Opens the socket of a login. `url` is `None` when no server is configured.
    pub(in crate::link) fn open(
        &mut self,
        platform: &'static str,
        url: Option<String>,
        cx: &mut Context<'_>,
    ) -> Outcome {
        let server = url.as_deref().unwrap_or_default().split('/').take(3).collect::<Vec<_>>().join("/");
        if self.server != server {
            (self.server, self.answers) = (server, false);
        }
        self.platform = platform;
        self.method = Some(cx.config.connectivity.method.clone());
        // A new login in place of one that the server has forgotten is one more attempt.
        let attempt = match self.state {
            State::Pausing { attempt } => attempt + 1,
            State::Closed | State::Opening { .. } | State::Open(_) => 1,
        };
        self.attempt(attempt, url, cx)
    }

    /// Whether this is the socket of the moment.
    pub(in crate::link) fn is(&self, id: SocketId) -> bool {
        match self.state {
            State::Opening { socket, .. } => socket == id,
            State::Open(open) => open.socket == id,
            State::Closed | State::Pausing { .. } => false,
        }
    }

    /// The socket opened, closed, or does not get rid of what it is given.
    pub(in crate::link) fn fact(&mut self, fact: &SocketFact, url: Option<String>, cx: &mut Context<'_>) -> Outcome {
        match (&self.state, fact) {
            (State::Opening { socket, .. }, SocketFact::Opened) => {
                let socket = *socket;
                cx.out.stop(TimerId::SocketOpening);
                self.state = State::Open(Open { socket, asked: 0, server_interval: SERVER_INTERVAL });
                (self.last_contact, self.offline) = (Some(cx.now), false);
                self.change(cx);
                self.begin_checks(cx);
                Outcome::Open
            }
            (State::Opening { attempt, .. }, SocketFact::Closed { code }) => {
                cx.out.log(Level::Warn, format!("the WebSocket could not be opened, attempt {attempt} (code {code})"));
                self.failed(*attempt, cx)
            }
            (State::Open(_), SocketFact::Closed { code }) => {
                cx.out.log(Level::Warn, format!("the WebSocket was closed (code {code})"));
                // A server that is being restarted would have all its clients back at once.
                let pause = [1012, 1013].contains(code).then(|| cx.ids.below(limits::SPREAD));
                self.lost(pause, url, cx)
            }
            (State::Open(open), SocketFact::Stalled) if !self.expects_answers(&cx.config.connectivity) => {
                cx.out.log(Level::Warn, "what was sent on the WebSocket does not leave the page");
                cx.out.push(Effect::Socket(open.socket, SocketAction::Close));
                self.lost(None, url, cx)
            }
            _ => Outcome::Same,
        }
    }

    /// A socket has not opened in time.
    pub(in crate::link) fn opening_due(&mut self, cx: &mut Context<'_>) -> Outcome {
        let State::Opening { socket, attempt } = self.state else { return Outcome::Same };
        cx.out.push(Effect::Socket(socket, SocketAction::Close));
        self.failed(attempt, cx)
    }

    /// The pause is over.
    pub(in crate::link) fn retry(&mut self, url: Option<String>, cx: &mut Context<'_>) -> Outcome {
        match self.state {
            State::Pausing { attempt } => self.attempt(attempt + 1, url, cx),
            _ => Outcome::Same,
        }
    }

    /// The page slept, was hidden, or the network is another one: no pause is waited for, and an open socket has to show at once
    /// that it lives.
    pub(in crate::link) fn wake(&mut self, url: Option<String>, cx: &mut Context<'_>) -> Outcome {
        let rules = &cx.config.connectivity;
        match self.state {
            State::Pausing { .. } => {
                cx.out.stop(TimerId::Reconnect);
                self.attempt(1, url, cx)
            }
            State::Open(open) if self.checks(rules) => {
                // Nobody will answer: after such a silence a new socket is the only proof.
                if !self.expects_answers(rules) && self.silence(cx.now) > interval(&open, rules) {
                    cx.out.push(Effect::Socket(open.socket, SocketAction::Close));
                    return self.lost(None, url, cx);
                }
                if open.asked == 0 {
                    self.ask(limits::PROOF_SOON, cx);
                }
                Outcome::Same
            }
            State::Open(_) | State::Opening { .. } | State::Closed => Outcome::Same,
        }
    }

    /// The browser has no network, so no socket can live. Attempts go on, because browsers may be wrong, but do not count.
    pub(in crate::link) fn offline(&mut self, url: Option<String>, cx: &mut Context<'_>) -> Outcome {
        self.offline = true;
        let State::Open(open) = self.state else { return Outcome::Same };
        cx.out.log(Level::Warn, "the browser has no network");
        cx.out.push(Effect::Socket(open.socket, SocketAction::Close));
        self.lost(Some(cx.config.connectivity.reconnect_delay), url, cx)
    }

    /// The browser has a network again; an attempt over the one before is begun anew.
    pub(in crate::link) fn online(&mut self, url: Option<String>, cx: &mut Context<'_>) -> Outcome {
        self.offline = false;
        match self.state {
            State::Opening { .. } => self.attempt(1, url, cx),
            _ => self.wake(url, cx),
        }
    }

    /// While the session logs in anew, no attempt is made.
    pub(in crate::link) fn rest(&mut self, cx: &mut Context<'_>) {
        cx.out.stop(TimerId::Reconnect);
        match self.state {
            State::Opening { socket, attempt } => {
                cx.out.push(Effect::Socket(socket, SocketAction::Close));
                cx.out.stop(TimerId::SocketOpening);
                self.state = State::Pausing { attempt };
            }
            State::Open(open) => {
                cx.out.push(Effect::Socket(open.socket, SocketAction::Close));
                self.end_checks(cx);
                self.state = State::Pausing { attempt: 0 };
                self.change(cx);
            }
            State::Closed | State::Pausing { .. } => {}
        }
    }

    /// The new login failed, which counts like an attempt that failed.
    pub(in crate::link) fn login_failed(&mut self, cx: &mut Context<'_>) -> Outcome {
        match self.state {
            State::Pausing { attempt } => self.failed(attempt + 1, cx),
            _ => Outcome::Same,
        }
    }

    /// Closes whatever there is.
    pub(in crate::link) fn close(&mut self, cx: &mut Context<'_>) {
        let open = match self.state {
            State::Closed => return,
            State::Opening { socket, .. } | State::Open(Open { socket, .. }) => Some(socket),
            State::Pausing { .. } => None,
        };
        if let Some(socket) = open {
            cx.out.push(Effect::Socket(socket, SocketAction::Close));
        }
        self.state = State::Closed;
        self.end_checks(cx);
        for timer in [TimerId::SocketOpening, TimerId::Reconnect] {
            cx.out.stop(timer);
        }
        self.change(cx);
    }

    /// `connection.getSocketState()`
    pub(in crate::link) fn state(&self, platform: Option<&'static str>, now: Now, rules: &Connectivity) -> SocketState {
        let there = !matches!(self.state, State::Closed);
        let connected = self.is_open(now, rules);
        SocketState {
            connected,
            pinging: connected && self.checks(rules),
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
        if let State::Opening { socket, .. } = self.state {
            cx.out.push(Effect::Socket(socket, SocketAction::Close));
        }
        let socket = cx.ids.socket();
        self.state = State::Opening { socket, attempt };
        // For the application further attempts are one and the same (api-behaviour 5.4).
        if attempt == 1 {
            self.change(cx);
        }
        cx.out.push(Effect::Socket(socket, SocketAction::Open { url }));
        cx.out.wait(TimerId::SocketOpening, limits::SOCKET_OPENING);
        Outcome::Same
    }

    /// An attempt failed: pause, or give up (protocol §3.2).
    fn failed(&mut self, attempt: u32, cx: &mut Context<'_>) -> Outcome {
        cx.out.stop(TimerId::SocketOpening);
        let rules = &cx.config.connectivity;
        if rules.reconnect_limit != 0 && attempt >= rules.reconnect_limit && !self.offline {
            self.state = State::Closed;
            return Outcome::GivenUp;
        }
        let growth = rules.reconnect_time_multiplier.max(1.0).powi(attempt.clamp(1, 64) as i32 - 1);
        let pause = (rules.reconnect_delay as f64 * growth).min(rules.reconnect_time_limit as f64) as u64;
        self.state = State::Pausing { attempt: if self.offline { attempt.saturating_sub(1) } else { attempt } };
        // By up to a quarter shorter or longer, so that clients which lost the server together do not come back together.
        cx.out.wait(TimerId::Reconnect, pause - pause / 4 + cx.ids.below(pause / 2));
        Outcome::Failed
    }

    /// The socket is gone: the first attempt comes at once, or after so many milliseconds.
    fn lost(&mut self, pause: Option<u64>, url: Option<String>, cx: &mut Context<'_>) -> Outcome {
        self.end_checks(cx);
        self.state = State::Closed;
        if !cx.config.connectivity.auto_reconnect {
            self.change(cx);
            return Outcome::GivenUp;
        }
        self.change(cx);
        match pause {
            None => self.attempt(1, url, cx),
            Some(pause) => {
                self.state = State::Pausing { attempt: 0 };
                cx.out.wait(TimerId::Reconnect, pause);
                Outcome::Same
            }
        }
    }

    fn change(&self, cx: &mut Context<'_>) {
        cx.out.emit(Event::WsChange { platform: self.platform });
    }
}
