//! The way back after the socket was lost: does the server still know this subscription? If not, a new login takes its place, and
//! for the application the connection was only interrupted.

use kandy_wire::session::SubscribeResponse;

use super::{
    super::{
        Context, HttpResult,
        channel::{Channel, Outcome},
        notices::Notices,
        requests::Proof,
    },
    Session, State, Step,
    answer::{Failure, read},
};
use crate::{
    Effect,
    effect::{Level, TimerId},
};

/// What the server says of a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It lives, and was extended.
    Known,
    /// There is none.
    Unknown,
    /// It does not take our proof.
    Unproven,
    /// Nothing that helps.
    Silent,
}

/// Reads the answer to an extension (protocol §2.4, §11.2: 404, or the codes 39 and 47).
fn verdict(answer: &Result<SubscribeResponse, Failure>) -> Verdict {
    match answer {
        Ok(answer) => match answer.subscribe_response.status_code {
            Some(0 | 2) | None => Verdict::Known,
            Some(39 | 47) => Verdict::Unknown,
            Some(_) => Verdict::Silent,
        },
        Err(failure) => match (failure.status, failure.code) {
            (Some(404 | 410), _) | (_, Some(39 | 47)) => Verdict::Unknown,
            (Some(401 | 403), _) => Verdict::Unproven,
            _ => Verdict::Silent,
        },
    }
}

impl Session {
    /// An attempt to open the socket failed, and nobody knows why: the server is asked.
    pub(in crate::link) fn probe(&mut self, cx: &mut Context<'_>) {
        if self.probe.is_some() || !matches!(self.state, State::Opening | State::In | State::Returning(Step::Opening)) {
            return;
        }
        let services = self.granted.as_ref().map(|granted| granted.service.clone()).unwrap_or_default();
        let Some(request) = self.extension(services, cx.config) else { return };
        let op = cx.ids.op();
        self.probe = Some(op);
        cx.out.push(Effect::Http(op, request));
    }

    /// What the answer to an extension says. It may bring new credentials for relays, whose time ends: the next call uses them.
    pub(super) fn verdict(&mut self, answer: &mut Result<SubscribeResponse, Failure>) -> Verdict {
        let params = answer.as_mut().ok().and_then(|answer| answer.subscribe_response.subscription_params.as_mut());
        let relays = params.and_then(|params| params.turn_credentials.take());
        if let Some(granted) = self.granted.as_mut().filter(|_| relays.is_some()) {
            granted.turn_credentials = relays;
        }
        verdict(answer)
    }

    pub(super) fn probed(&mut self, result: &HttpResult, channel: &mut Channel, cx: &mut Context<'_>) {
        self.probe = None;
        match self.verdict(&mut read(result)) {
            Verdict::Known => {
                if matches!(self.state, State::In) {
                    self.extend_attempt = 1;
                    self.plan_extension(cx);
                }
            }
            // A server that forgets every login at once is given the pauses between attempts.
            Verdict::Unknown if self.returns > 0 => self.forgotten = true,
            Verdict::Unknown => self.come_back(channel, cx),
            Verdict::Unproven => self.renew_proof(cx),
            Verdict::Silent => {}
        }
    }

    /// Whether the server has said that it has forgotten this login, and the new one waited for the end of the pause.
    pub(in crate::link) fn take_forgotten(&mut self) -> bool {
        std::mem::take(&mut self.forgotten)
    }

    /// The server has forgotten this login, perhaps before its socket was ever open: there is a new one.
    pub(in crate::link) fn come_back(&mut self, channel: &mut Channel, cx: &mut Context<'_>) {
        let is_first = match self.state {
            State::Opening => true,
            State::In | State::Returning(Step::Opening) => false,
            _ => return,
        };
        cx.out.log(Level::Warn, "the server does not know this login any more: logging in anew");
        self.returns += 1;
        channel.rest(cx);
        cx.out.stop(TimerId::Extend);
        let token = self.credentials.as_ref().and_then(|credentials| credentials.hmac_token.clone());
        if let Some(account) = &mut self.account {
            match &mut account.proof {
                Proof::Basic(_, session) => *session = None,
                proof @ Proof::Session(_) => *proof = token.map_or(Proof::None, Proof::Token),
                Proof::Token(_) | Proof::Query(_) | Proof::Bearer(_) | Proof::None => {}
            }
        }
        let op = self.subscribe(cx);
        self.state = if is_first { State::Subscribing { op } } else { State::Returning(Step::Subscribing(op)) };
    }

    pub(super) fn subscribed_again(
        &mut self,
        result: &HttpResult,
        channel: &mut Channel,
        notices: &mut Notices,
        cx: &mut Context<'_>,
    ) {
        match read::<SubscribeResponse>(result) {
            Ok(answer) => {
                notices.renew();
                self.grant(answer.subscribe_response);
                self.state = State::Returning(Step::Opening);
                let url = self.channel_url(None, cx.config);
                if channel.open(self.platform.unwrap_or("link"), url, cx) == Outcome::GivenUp {
                    self.channel_given_up(channel, cx);
                }
            }
            Err(failure) => {
                cx.out.log(Level::Warn, format!("the new login failed: {}", failure.sentence));
                self.state = State::In;
                if channel.login_failed(cx) == Outcome::GivenUp {
                    self.channel_given_up(channel, cx);
                }
            }
        }
    }
}
