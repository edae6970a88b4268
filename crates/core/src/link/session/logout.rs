//! Every end of a session: asked for, forced, or because the page is left.

use super::{
    super::{Context, HttpResult, auth_change, channel::Channel, flavour::Flavour, requests::at},
    Session, State, Step,
    answer::{Anything, read},
};
use crate::{
    Effect, Error, Event,
    effect::{HttpRequest, Level},
    error::Code,
    event::AuthChange,
};
use kandy_wire::fault;

impl Session {
    /// `disconnect()`: what is under way is aborted; a session that is up goes through its steps.
    pub(in crate::link) fn begin_logout(&mut self, channel: &mut Channel, cx: &mut Context<'_>) {
        match std::mem::take(&mut self.state) {
            State::Out => {}
            State::Token { .. } => self.clear(cx),
            State::Subscribing { op } => {
                self.abandoned = self.account.clone().map(|account| (op, account));
                self.clear(cx);
            }
            State::Returning(Step::Subscribing(op)) => {
                self.abandoned = self.account.clone().map(|account| (op, account));
                channel.close(cx);
                self.clear(cx);
            }
            State::Opening | State::Returning(Step::Opening) => {
                self.delete_quietly(cx);
                channel.close(cx);
                self.clear(cx);
            }
            State::In => self.state = State::EndingCalls,
            leaving => {
                self.state = leaving;
                return cx.out.log(Level::Debug, "disconnect: already under way");
            }
        }
        auth_change(cx.out);
    }

    /// All calls are over: the subscription is deleted. UC closes the socket first, Link afterwards (protocol §2.7).
    pub(in crate::link) fn logout(&mut self, channel: &mut Channel, cx: &mut Context<'_>) {
        let (State::EndingCalls, Some(account)) = (&self.state, &self.account) else { return };
        if account.flavour == Flavour::Uc {
            channel.close(cx);
        }
        match self.deletion() {
            Some(request) => {
                let op = cx.ids.op();
                cx.out.push(Effect::Http(op, request));
                self.state = State::Unsubscribing { op };
            }
            None => self.logged_out(None, channel, cx),
        }
    }

    /// The page is being left: the subscription is deleted by a request that outlives the page.
    pub(in crate::link) fn leave_page(&mut self, channel: &mut Channel, cx: &mut Context<'_>) {
        if self.is_out() {
            return;
        }
        self.delete_quietly(cx);
        channel.close(cx);
        self.clear(cx);
        auth_change(cx.out);
    }

    /// The server, or the loss of it, ended the session.
    pub(in crate::link) fn forced_out(
        &mut self,
        reason: &'static str,
        forced: Option<bool>,
        channel: &mut Channel,
        cx: &mut Context<'_>,
    ) {
        channel.close(cx);
        self.clear(cx);
        cx.out.emit(Event::AuthChange(AuthChange { reason: Some(reason), forced }));
    }

    pub(super) fn unsubscribed(&mut self, result: &HttpResult, channel: &mut Channel, cx: &mut Context<'_>) {
        // An empty answer is as good as a wrapped zero; released clients hang on it (protocol §2.6).
        let error = match read::<Anything>(result) {
            Ok(Anything(body)) => {
                fault::status_code(&body).filter(|code| *code != 0).map(|code| format!("Code: {code}."))
            }
            Err(failure) => Some(failure.sentence),
        };
        let error =
            error.map(|why| Error::new(Code::Unsubscribe, format!("The subscription could not be deleted. {why}")));
        match &self.account {
            Some(account) if account.flavour == Flavour::Uc => {
                let op = cx.ids.op();
                cx.out.push(Effect::Http(op, account.request("GET", account.service("revoke_token"), None)));
                self.state = State::Revoking { op, error };
            }
            _ => self.logged_out(error, channel, cx),
        }
    }

    pub(super) fn logged_out(&mut self, error: Option<Error>, channel: &mut Channel, cx: &mut Context<'_>) {
        channel.close(cx);
        self.clear(cx);
        match error {
            Some(error) => self.fail(error, cx),
            None => auth_change(cx.out),
        }
    }

    pub(super) fn deletion(&self) -> Option<HttpRequest> {
        let account = self.account.as_ref()?;
        let mut request = account.request("DELETE", at(&account.base, self.path.as_deref()?), None);
        accept_json(&mut request);
        request.keepalive = true;
        Some(request)
    }

    /// Deletes the subscription without waiting for the answer.
    pub(super) fn delete_quietly(&self, cx: &mut Context<'_>) {
        if let Some(request) = self.deletion() {
            cx.out.push(Effect::Http(cx.ids.op(), request));
        }
    }
}

pub(super) fn accept_json(request: &mut HttpRequest) {
    if !request.headers.iter().any(|(name, _)| *name == "accept") {
        request.headers.push(("accept", "application/json".to_owned()));
    }
}
