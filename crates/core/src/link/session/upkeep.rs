//! What keeps a session alive: the socket, the extension of the subscription.

use kandy_wire::{
    encode,
    session::{SubscribeRequest, SubscribeResponse},
};

use super::{
    super::{Context, HttpResult, auth_change, channel::Channel, requests::at},
    Session, State, Step,
    answer::read,
    comeback::Verdict,
    login::wish,
    logout::accept_json,
};
use crate::{
    Config, Effect, Error, Event,
    effect::{HttpRequest, TimerId},
    error::Code,
    limits,
};

/// Which opening of the socket it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::link) enum Opened {
    /// That of the login.
    First,
    /// The subscription went on meanwhile.
    Again,
    /// The subscription is another one.
    Anew,
}

impl Session {
    /// The socket is open.
    pub(in crate::link) fn channel_open(&mut self, cx: &mut Context<'_>) -> Opened {
        (self.returns, self.forgotten) = (0, false);
        let opened = match self.state {
            State::Opening => Opened::First,
            State::Returning(Step::Opening) => Opened::Anew,
            _ => return Opened::Again,
        };
        self.state = State::In;
        self.extend_attempt = 1;
        self.plan_extension(cx);
        self.plan_refresh(cx);
        auth_change(cx.out);
        opened
    }

    /// The socket cannot be opened (again).
    pub(in crate::link) fn channel_given_up(&mut self, channel: &mut Channel, cx: &mut Context<'_>) {
        match self.state {
            State::Opening => {
                // What nobody listens to any more is not left behind at the server.
                self.delete_quietly(cx);
                let why = "The WebSocket for notifications could not be opened. Check authentication.websocket and the network.";
                self.fail(Error::new(Code::Socket, why), cx);
            }
            State::In | State::Returning(_) => self.forced_out("LOST_CONNECTION", None, channel, cx),
            _ => {}
        }
    }

    /// Time to extend the subscription.
    pub(in crate::link) fn extend(&mut self, cx: &mut Context<'_>) {
        if !matches!(self.state, State::In) {
            return;
        }
        let services = self.granted.as_ref().map(|g| g.service.clone()).unwrap_or_default();
        let Some(request) = self.extension(services, cx.config) else { return };
        let op = cx.ids.op();
        self.extend_op = Some(op);
        cx.out.push(Effect::Http(op, request));
    }

    /// The request that extends the subscription, with these services.
    pub(super) fn extension(&self, services: Vec<String>, config: &Config) -> Option<HttpRequest> {
        let (account, path) = self.account.as_ref().zip(self.path.as_ref())?;
        let body = encode(&SubscribeRequest { subscribe_request: wish(config, services, None) });
        let mut request = account.request("PUT", at(&account.base, path), Some(body));
        accept_json(&mut request);
        Some(request)
    }

    pub(super) fn extended(&mut self, result: &HttpResult, channel: &mut Channel, cx: &mut Context<'_>) {
        self.extend_op = None;
        let mut answer = read::<SubscribeResponse>(result);
        let verdict = self.verdict(&mut answer);
        let why = match answer {
            _ if verdict == Verdict::Known => None,
            Ok(answer) => Some(format!("Code: {}.", answer.subscribe_response.status_code.unwrap_or_default())),
            Err(failure) => Some(failure.sentence),
        };
        let attempt_num = self.extend_attempt;
        let error = why.map(|why| Error::new(Code::Extend, format!("The subscription could not be extended. {why}")));
        self.extend_attempt = if error.is_some() { attempt_num.saturating_add(1) } else { 1 };
        cx.out.emit(Event::AuthResub { attempt_num, is_failure: error.is_some(), error });
        self.plan_extension(cx);
        match verdict {
            Verdict::Unknown => self.come_back(channel, cx),
            Verdict::Unproven => self.renew_proof(cx),
            Verdict::Known | Verdict::Silent => {}
        }
    }

    /// Half of the granted life, then a quarter, an eighth … after failures (protocol §2.4).
    pub(super) fn plan_extension(&self, cx: &mut Context<'_>) {
        let expires = self.granted.as_ref().and_then(|g| g.expires).unwrap_or_default();
        let due = expires.saturating_mul(1000) >> self.extend_attempt.min(32);
        cx.out.wait(TimerId::Extend, due.max(limits::EXTEND_LEAST));
    }
}
