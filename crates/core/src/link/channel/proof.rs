//! Whether the socket lives: the checks, the answers to them, and how old the last proof is (protocol §3.3, §3.4).

use kandy_wire::frame;

use super::{Channel, Open, Outcome, State};
use crate::{
    Effect, Now,
    config::Connectivity,
    effect::{Level, SocketAction, TimerId},
    limits,
    link::Context,
};

impl Channel {
    /// Whether notifications arrive now, as far as can be known: a socket is open, and the last proof of its life is not older
    /// than the interval between two checks and the grace for an answer.
    pub(in crate::link) fn is_open(&self, now: Now, rules: &Connectivity) -> bool {
        let State::Open(open) = &self.state else { return false };
        let fresh = self.silence(now) <= interval(open, rules).saturating_add(grace(interval(open, rules)));
        fresh || !self.expects_answers(rules) || !self.checks(rules)
    }

    /// A frame came: whatever it says, the server lives.
    pub(in crate::link) fn heard(&mut self, cx: &mut Context<'_>) {
        self.last_contact = Some(cx.now);
        if let State::Open(open) = &mut self.state
            && std::mem::take(&mut open.asked) > 0
        {
            cx.out.stop(TimerId::Pong);
        }
    }

    /// `connAck`
    pub(in crate::link) fn acknowledged(&mut self) {
        self.answers = true;
    }

    /// `connCheck` from the server: answered where the server is the one who checks (protocol §3.4).
    pub(in crate::link) fn checked_by_server(&mut self, interval: Option<f64>, cx: &mut Context<'_>) {
        let State::Open(open) = &mut self.state else { return };
        if !by_server(&cx.config.connectivity) {
            return;
        }
        let named = interval.map(|seconds| (seconds * 1000.0) as u64).filter(|ms| *ms > 0);
        open.server_interval = named.unwrap_or(open.server_interval);
        cx.out.push(Effect::Socket(open.socket, SocketAction::Send(frame::CONN_ACK.to_owned())));
        self.plan_check(cx);
    }

    /// Time for the next check.
    pub(in crate::link) fn ping_due(&mut self, url: Option<String>, cx: &mut Context<'_>) -> Outcome {
        if is_late(self.ping_at, cx.now) {
            // Also where a check is out already, and no other is made now.
            self.plan_check(cx);
            return self.wake(url, cx);
        }
        self.ask(limits::PROOF, cx);
        Outcome::Same
    }

    /// Nothing was heard since a check.
    pub(in crate::link) fn pong_due(&mut self, url: Option<String>, cx: &mut Context<'_>) -> Outcome {
        let State::Open(open) = self.state else { return Outcome::Same };
        // The page slept: what came meanwhile may not have been handed over yet. But only once.
        if is_late(self.pong_at, cx.now) && open.asked < 2 {
            self.ask(limits::PROOF_SOON, cx);
            return Outcome::Same;
        }
        let silence = self.silence(cx.now);
        cx.out.log(Level::Warn, format!("nothing was heard on the WebSocket for {silence} ms"));
        cx.out.push(Effect::Socket(open.socket, SocketAction::Close));
        self.lost(None, url, cx)
    }

    /// `enableConnectivityChecking`
    pub(in crate::link) fn enable_checks(&mut self, enable: bool, cx: &mut Context<'_>) {
        let before = self.checks(&cx.config.connectivity);
        self.switched = Some(enable);
        match enable {
            true if !before => self.begin_checks(cx),
            true => {}
            false => self.end_checks(cx),
        }
    }

    /// Whether a living server would be heard: it answered before, or the mode asks for it (protocol §3.4).
    pub(super) fn expects_answers(&self, rules: &Connectivity) -> bool {
        self.answers || by_server(rules) || rules.method.kind.as_deref() == Some("pingPong")
    }

    pub(super) fn checks(&self, rules: &Connectivity) -> bool {
        self.switched.unwrap_or(rules.check_connectivity)
    }

    pub(super) fn silence(&self, now: Now) -> u64 {
        now.0.saturating_sub(self.last_contact.unwrap_or(now).0)
    }

    pub(super) fn begin_checks(&mut self, cx: &mut Context<'_>) {
        if !self.checks(&cx.config.connectivity) {
            return;
        }
        match by_server(&cx.config.connectivity) {
            true => self.plan_check(cx),
            false => self.ask(limits::PROOF, cx),
        }
    }

    pub(super) fn end_checks(&mut self, cx: &mut Context<'_>) {
        cx.out.stop(TimerId::Ping);
        cx.out.stop(TimerId::Pong);
    }

    /// Checks, and waits for an answer where one is expected. In keep-alive mode servers stay silent, so a `connCheck`, which
    /// they answer, goes with every ping.
    pub(super) fn ask(&mut self, patience: u64, cx: &mut Context<'_>) {
        let rules = &cx.config.connectivity;
        let expected = self.expects_answers(rules);
        let State::Open(open) = &mut self.state else { return };
        cx.out.push(Effect::Socket(open.socket, SocketAction::Probe));
        let mut send = |text: String| cx.out.push(Effect::Socket(open.socket, SocketAction::Send(text)));
        if !by_server(rules) && rules.method.kind.as_deref() != Some("pingPong") {
            send(frame::PING.to_owned());
        }
        send(frame::conn_check(rules.ping_interval as f64 / 1000.0));
        if expected {
            open.asked += 1;
            let grace = grace(interval(open, rules));
            let patience = patience.min(if by_server(rules) { grace / 2 } else { grace });
            self.pong_at = cx.now.0.saturating_add(patience);
            cx.out.wait(TimerId::Pong, patience);
        }
        self.plan_check(cx);
    }

    pub(super) fn plan_check(&mut self, cx: &mut Context<'_>) {
        let rules = &cx.config.connectivity;
        let State::Open(open) = &self.state else { return };
        if !self.checks(rules) {
            return;
        }
        let interval = interval(open, rules);
        // The server's own check may be late by half the grace; then it is asked, and has the other half to answer.
        let wait = if by_server(rules) { interval + grace(interval) / 2 } else { interval };
        self.ping_at = cx.now.0.saturating_add(wait);
        cx.out.wait(TimerId::Ping, wait);
    }
}

/// Milliseconds between two checks.
pub(super) fn interval(open: &Open, rules: &Connectivity) -> u64 {
    if by_server(rules) { open.server_interval } else { rules.ping_interval.max(limits::PING_LEAST) }
}

/// Milliseconds that an answer may take.
fn grace(interval: u64) -> u64 {
    limits::PROOF.min(interval)
}

fn by_server(rules: &Connectivity) -> bool {
    rules.method.responsible_party.as_deref() == Some("server")
}

fn is_late(due: u64, now: Now) -> bool {
    now.0 > due.saturating_add(limits::LATE)
}
