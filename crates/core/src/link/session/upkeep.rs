//! What keeps a session alive: the socket, the extension of the subscription, the renewal of the token.

use kandy_wire::{
    encode,
    session::{SubscribeRequest, SubscribeResponse, TokenResponse},
};

use super::{
    super::{
        Context, HttpResult, auth_change,
        channel::Channel,
        requests::{Proof, with_query},
    },
    Session, State,
    answer::read,
    login::{get, pairs, wish},
    logout::accept_json,
};
use crate::{
    Effect, Error, Event,
    effect::{Level, TimerId},
    error::Code,
    limits,
};

impl Session {
    /// The socket is open.
    pub(in crate::link) fn channel_open(&mut self, cx: &mut Context<'_>) {
        if !matches!(self.state, State::Opening) {
            return;
        }
        self.state = State::In;
        self.extend_attempt = 1;
        self.plan_extension(cx);
        self.plan_refresh(cx);
        auth_change(cx.out);
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
            State::In => self.forced_out("LOST_CONNECTION", None, channel, cx),
            _ => {}
        }
    }

    /// Time to extend the subscription.
    pub(in crate::link) fn extend(&mut self, cx: &mut Context<'_>) {
        let (State::In, Some(account), Some(path)) = (&self.state, &self.account, &self.path) else { return };
        let granted = self.granted.as_ref().map(|g| g.service.clone()).unwrap_or_default();
        let body = encode(&SubscribeRequest { subscribe_request: wish(cx.config, granted, None) });
        let mut request = account.request("PUT", format!("{}{path}", account.base), Some(body));
        accept_json(&mut request);
        let op = cx.ids.op();
        self.extend_op = Some(op);
        cx.out.push(Effect::Http(op, request));
    }

    /// Time to renew the token.
    pub(in crate::link) fn refresh(&mut self, cx: &mut Context<'_>) {
        let (State::In, Some(account), Some(token)) = (&self.state, &self.account, &self.token) else { return };
        let Some(refresh) = token.refresh_token.as_deref() else { return };
        let expires = token.expires.map(|n| n.to_string());
        let query = pairs(&[("expires", expires.as_deref()), ("token", Some(refresh))]);
        let url = with_query(&account.service("refresh_token"), &query);
        let headers = vec![("content-type", "application/json".to_owned())];
        let op = cx.ids.op();
        self.refresh_op = Some(op);
        cx.out.push(Effect::Http(op, get(url, headers)));
    }

    pub(super) fn extended(&mut self, result: &HttpResult, cx: &mut Context<'_>) {
        self.extend_op = None;
        let why = match read::<SubscribeResponse>(result) {
            Ok(answer) => match answer.subscribe_response.status_code {
                Some(0 | 2) | None => None,
                Some(code) => Some(format!("Code: {code}.")),
            },
            Err(failure) => Some(failure.sentence),
        };
        let attempt_num = self.extend_attempt;
        let error = why.map(|why| Error::new(Code::Extend, format!("The subscription could not be extended. {why}")));
        self.extend_attempt = if error.is_some() { attempt_num.saturating_add(1) } else { 1 };
        cx.out.emit(Event::AuthResub { attempt_num, is_failure: error.is_some(), error });
        self.plan_extension(cx);
    }

    pub(super) fn refreshed(&mut self, result: &HttpResult, channel: &mut Channel, cx: &mut Context<'_>) {
        self.refresh_op = None;
        match read::<TokenResponse>(result) {
            Ok(made) => {
                if let Some(account) = &mut self.account {
                    account.proof = Proof::Query(made.success.access_token.clone());
                }
                self.token = Some(made.success);
                self.plan_refresh(cx);
                auth_change(cx.out);
            }
            Err(failure) => {
                cx.out.log(Level::Error, format!("the token could not be renewed: {}", failure.sentence));
                self.begin_logout(channel, cx);
            }
        }
    }

    /// Half of the granted life, then a quarter, an eighth … after failures (protocol §2.4).
    pub(super) fn plan_extension(&self, cx: &mut Context<'_>) {
        let expires = self.granted.as_ref().and_then(|g| g.expires).unwrap_or_default();
        let due = expires.saturating_mul(1000) >> self.extend_attempt.min(32);
        cx.out.wait(TimerId::Extend, due.max(limits::EXTEND_LEAST));
    }

    /// Some time before the end of the token's life (protocol §1.6).
    pub(super) fn plan_refresh(&self, cx: &mut Context<'_>) {
        let Some(token) = self.token.as_ref().filter(|t| t.refresh_token.is_some()) else { return };
        let margin = cx.config.authentication.early_refresh_margin;
        let due = token.expires.unwrap_or_default().saturating_sub(margin).saturating_mul(1000);
        cx.out.wait(TimerId::Refresh, due.max(limits::REFRESH_LEAST));
    }
}
