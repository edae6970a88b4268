//! What the application changes in a login that is up: the token, the services (protocol §1.10, §2.5).

use kandy_wire::session::{SubscribeResponse, Token};

use super::{
    super::{Context, HttpResult, auth_change, flavour::Flavour, requests::Proof},
    Session, State,
    answer::read,
};
use crate::{
    Effect, Error, Event,
    command::Credentials,
    effect::{Level, TimerId},
    error::Code,
};

impl Session {
    /// `updateToken`: of the UC flavour alone. Requests use it from now on, the socket when it is opened again. The subscription
    /// is extended with it, which shows whether the server takes it.
    pub(in crate::link) fn update_token(&mut self, credentials: Credentials, cx: &mut Context<'_>) {
        let is_uc = self.account.as_ref().is_some_and(|account| account.flavour == Flavour::Uc);
        if !is_uc || !matches!(self.state, State::In | State::Returning(_)) {
            return cx.out.log(Level::Debug, "updateToken: there is no login by token");
        }
        // A renewal that is under way is one of the token before.
        self.renewal = None;
        match (credentials.access_token, credentials.oauth_token) {
            (Some(access_token), _) => {
                // Without a new one, the refresh token that there is stays good.
                let known = self.token.as_ref().and_then(|token| token.refresh_token.clone());
                let refresh_token = credentials.refresh_token.or(known);
                self.token_asked = cx.now;
                self.keep_token(Some(Token { access_token, refresh_token, expires: credentials.expires }));
                match self.token_until {
                    Some(_) => self.plan_refresh(cx),
                    None => cx.out.stop(TimerId::Refresh),
                }
            }
            (None, Some(token)) => {
                if let Some(account) = &mut self.account {
                    account.proof = Proof::Bearer(token);
                }
                // The token of before is nobody's any more, and there is none to renew.
                (self.token, self.token_until) = (None, None);
                cx.out.stop(TimerId::Refresh);
            }
            (None, None) => return cx.out.log(Level::Error, "updateToken needs an accessToken or an oauthToken"),
        }
        auth_change(cx.out);
        self.probe(cx);
    }

    /// `updateConnection`: of the Link flavour alone.
    pub(in crate::link) fn update_services(&mut self, services: Vec<String>, cx: &mut Context<'_>) {
        let is_link = self.account.as_ref().is_some_and(|account| account.flavour == Flavour::Link);
        if !is_link || !matches!(self.state, State::In) {
            return cx.out.log(Level::Debug, "updateConnection: there is no login of the Link flavour");
        }
        let Some(request) = self.extension(services.clone(), cx.config) else { return };
        let op = cx.ids.op();
        self.update = Some((op, services));
        cx.out.push(Effect::Http(op, request));
    }

    pub(super) fn updated(&mut self, result: &HttpResult, cx: &mut Context<'_>) {
        let Some((_, services)) = self.update.take() else { return };
        let answer = match read::<SubscribeResponse>(result) {
            Ok(answer) => match answer.subscribe_response.status_code {
                Some(0 | 2) | None => Ok(answer.subscribe_response.subscription_params),
                Some(code) => Err(format!("Code: {code}.")),
            },
            Err(failure) => Err(failure.sentence),
        };
        match answer {
            Ok(params) => {
                if let Some(granted) = &mut self.granted {
                    // What was asked for is not always what was granted.
                    granted.service = params.map_or_else(|| services.clone(), |params| params.service);
                }
                self.requested = services;
                auth_change(cx.out);
            }
            Err(why) => {
                let error = Error::new(Code::Extend, format!("The services could not be changed. {why}"));
                cx.out.emit(Event::AuthError { error, reason: None });
            }
        }
    }
}
