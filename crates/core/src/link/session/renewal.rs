//! The token of the UC flavour: asked for, kept, renewed (protocol §1.2 to §1.6).
//!
//! Released clients log out when a renewal fails. Here only a refusal does that, and only where there is no password to make a new
//! token of; a server that does not answer is asked again, and the login goes on.

use kandy_wire::session::{Token, TokenResponse};

use super::{
    super::{
        Context, HttpResult, auth_change,
        channel::Channel,
        flavour::Flavour,
        requests::{Account, Proof, basic, with_query},
    },
    Session, State,
    answer::read,
};
use crate::{
    Effect, Error, Now,
    effect::{HttpRequest, Level, TimerId},
    error::Code,
    limits,
};

impl Session {
    /// Every request carries this token from now on.
    pub(super) fn keep_token(&mut self, token: Option<Token>) {
        let Some(token) = token else { return };
        if let Some(account) = &mut self.account {
            account.proof = Proof::Query(token.access_token.clone());
        }
        let until = |seconds: u64| Now(self.token_asked.0.saturating_add(seconds.saturating_mul(1000)));
        self.token_until = token.expires.map(until);
        self.token = Some(token);
    }

    /// It is time to renew the token, or the server does not take it any more.
    pub(in crate::link) fn renew_proof(&mut self, cx: &mut Context<'_>) {
        if self.renewal.is_some() || !matches!(self.state, State::Opening | State::In | State::Returning(_)) {
            return;
        }
        let Some(account) = self.account.as_ref().filter(|account| account.flavour == Flavour::Uc) else { return };
        let held = self.token.as_ref();
        let refresh = held.and_then(|token| Some((token.refresh_token.as_deref()?, token.expires)));
        let password =
            self.credentials.as_ref().and_then(|c| Some((c.username.as_deref()?, c.password.as_deref()?, c.expires)));
        let request = match (refresh, password) {
            (Some((token, expires)), _) => {
                refresh_token(account, token, expires, vec![("content-type", "application/json".to_owned())])
            }
            (None, Some((name, password, expires))) => make_token(account, name, password, expires),
            (None, None) => return,
        };
        let op = cx.ids.op();
        (self.renewal, self.token_asked) = (Some(op), cx.now);
        cx.out.push(Effect::Http(op, request));
    }

    pub(super) fn renewed(&mut self, result: &HttpResult, channel: &mut Channel, cx: &mut Context<'_>) {
        self.renewal = None;
        match read::<TokenResponse>(result) {
            Ok(made) => {
                self.keep_token(Some(made.success));
                if !matches!(self.state, State::Opening) {
                    self.plan_refresh(cx);
                    auth_change(cx.out);
                }
                // Whatever was refused for want of it can be asked now.
                self.probe(cx);
            }
            Err(failure) if !failure.refused => {
                cx.out.log(Level::Warn, format!("the token could not be renewed: {}", failure.sentence));
                cx.out.wait(TimerId::Refresh, limits::REFRESH_LEAST);
            }
            Err(failure) => {
                cx.out.log(Level::Warn, format!("the token was not renewed: {}", failure.sentence));
                // The refresh token is worth nothing. A password may be; where that was refused, too, nothing is left.
                let had_refresh = self.token.as_mut().is_some_and(|token| token.refresh_token.take().is_some());
                match had_refresh && self.credentials.as_ref().is_some_and(|c| c.password.is_some()) {
                    true => self.renew_proof(cx),
                    false if matches!(self.state, State::Opening) => {
                        channel.close(cx);
                        self.fail(Error::new(Code::Token, "The server takes the token no longer."), cx);
                    }
                    false => self.begin_logout(channel, cx),
                }
            }
        }
    }

    /// Some time before the end of the token's life (protocol §1.6).
    pub(super) fn plan_refresh(&self, cx: &mut Context<'_>) {
        if self.token.as_ref().is_none_or(|token| token.refresh_token.is_none()) {
            return;
        }
        // Without a life, it is renewed at once; planned from when it was made, not from when the login was done.
        let left = self.token_until.map_or(0, |until| until.0.saturating_sub(cx.now.0));
        let margin = cx.config.authentication.early_refresh_margin.saturating_mul(1000);
        cx.out.wait(TimerId::Refresh, left.saturating_sub(margin).max(limits::REFRESH_LEAST));
    }
}

/// Asks for a token for a name and a password.
pub(super) fn make_token(account: &Account, name: &str, password: &str, expires: Option<u64>) -> HttpRequest {
    let expires = expires.map(|n| n.to_string());
    let url = with_query(&account.service("mk_token"), &pairs(&[("expires", expires.as_deref())]));
    get(url, vec![("authorization", basic(name, password))])
}

/// Asks for a token for a refresh token.
pub(super) fn refresh_token(
    account: &Account,
    token: &str,
    expires: Option<u64>,
    headers: Vec<(&'static str, String)>,
) -> HttpRequest {
    let expires = expires.map(|n| n.to_string());
    let query = pairs(&[("expires", expires.as_deref()), ("token", Some(token))]);
    get(with_query(&account.service("refresh_token"), &query), headers)
}

fn get(url: String, headers: Vec<(&'static str, String)>) -> HttpRequest {
    HttpRequest { method: "GET", url, headers, body: None, timeout: limits::HTTP, keepalive: false }
}

fn pairs<'a>(all: &[(&'a str, Option<&'a str>)]) -> Vec<(&'a str, &'a str)> {
    all.iter().filter_map(|(key, value)| Some((*key, (*value)?))).collect()
}
