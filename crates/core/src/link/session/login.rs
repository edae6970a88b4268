//! From the credentials to the socket.

use kandy_wire::{
    encode,
    session::{EARLY_NOTIFICATIONS, Services, Subscribe, SubscribeRequest, SubscribeResponse, Token, TokenResponse},
};

use super::{
    super::{
        Context, HttpResult, auth_change,
        channel::{Channel, Outcome},
        flavour::{Flavour, Form},
        requests::{Account, Proof, basic, with_query},
    },
    Session, State,
    answer::{Failure, read},
};
use crate::{Config, Effect, Error, OpId, command::Credentials, effect::HttpRequest, error::Code, limits};

impl Session {
    pub(in crate::link) fn login(&mut self, credentials: Credentials, cx: &mut Context<'_>) {
        self.error = None;
        let decided = Flavour::decide(cx.config, &credentials);
        let Some((flavour, form)) = decided else {
            auth_change(cx.out);
            let why = "The credentials have no known combination of members, such as username and password.";
            return self.fail(Error::new(Code::Credentials, why), cx);
        };
        let configured = &cx.config.authentication.subscription;
        let Some(base) = configured.server.base("https") else {
            auth_change(cx.out);
            let why = "No server is configured: set authentication.subscription.server.";
            return self.fail(Error::new(Code::Subscribe, why), cx);
        };
        let version = configured.version.clone();
        let is_service = version.as_deref().is_none_or(|v| v.starts_with('v'));
        self.platform = Some(flavour.platform());
        self.requested = if configured.service.is_empty() { flavour.services() } else { configured.service.clone() };
        let mut account = Account {
            flavour,
            username: credentials.username.unwrap_or_default(),
            base,
            // A version like v2.0 is that of the UC service; gateway URLs then have 1 (protocol §0.3).
            version: version
                .clone()
                .filter(|_| flavour == Flavour::Link && !is_service)
                .unwrap_or_else(|| "1".to_owned()),
            service_version: version.filter(|_| is_service).unwrap_or_else(|| "v2.0".to_owned()),
            proof: Proof::None,
        };
        match form {
            Form::Basic { name, password } => account.proof = Proof::Basic(basic(&name, &password), None),
            Form::Hmac { token } => account.proof = Proof::Token(token),
            Form::OAuth { token } => account.proof = Proof::Bearer(token),
            Form::Access { token, refresh, expires } => {
                account.proof = Proof::Query(token.clone());
                self.token = Some(Token { access_token: token, refresh_token: refresh, expires });
            }
            Form::Password { name, password, expires } => {
                let expires = expires.map(|n| n.to_string());
                let url = with_query(&account.service("mk_token"), &pairs(&[("expires", expires.as_deref())]));
                return self.ask_token(account, url, vec![("authorization", basic(&name, &password))], cx);
            }
            Form::Refresh { token, expires } => {
                let expires = expires.map(|n| n.to_string());
                let query = pairs(&[("expires", expires.as_deref()), ("token", Some(&token))]);
                let url = with_query(&account.service("refresh_token"), &query);
                return self.ask_token(account, url, Vec::new(), cx);
            }
        }
        self.account = Some(account);
        let op = self.subscribe(cx);
        self.state = State::Subscribing { op };
        auth_change(cx.out);
    }

    pub(super) fn ask_token(
        &mut self,
        account: Account,
        url: String,
        headers: Vec<(&'static str, String)>,
        cx: &mut Context<'_>,
    ) {
        self.account = Some(account);
        let op = cx.ids.op();
        cx.out.push(Effect::Http(op, get(url, headers)));
        self.state = State::Token { op };
        auth_change(cx.out);
    }

    pub(super) fn token_made(&mut self, result: &HttpResult, cx: &mut Context<'_>) {
        match read::<TokenResponse>(result) {
            Ok(made) => {
                if let Some(account) = &mut self.account {
                    account.proof = Proof::Query(made.success.access_token.clone());
                }
                self.token = Some(made.success);
                let op = self.subscribe(cx);
                self.state = State::Subscribing { op };
            }
            Err(failure) => {
                let message = format!("There was an error connecting. Error: {}", failure.sentence);
                self.fail(Error::new(Code::Token, message), cx);
            }
        }
    }

    pub(super) fn subscribe(&self, cx: &mut Context<'_>) -> OpId {
        let op = cx.ids.op();
        if let Some(account) = &self.account {
            let wish = wish(
                cx.config,
                self.requested.clone(),
                Some(["RingingFeedback", EARLY_NOTIFICATIONS].map(str::to_owned).to_vec()),
            );
            let body = encode(&SubscribeRequest { subscribe_request: wish });
            cx.out.push(Effect::Http(op, account.request("POST", account.resource("subscription"), Some(body))));
        }
        op
    }

    pub(super) fn subscribed(&mut self, result: &HttpResult, channel: &mut Channel, cx: &mut Context<'_>) {
        let answer = match read::<SubscribeResponse>(result) {
            Ok(answer) => answer.subscribe_response,
            Err(Failure { code, sentence }) => {
                let message = match code {
                    Some(code) => format!("Failed to subscribe user. Code: {code}. {sentence}"),
                    None => format!("Failed to subscribe user. {sentence}"),
                };
                return self.fail(Error::new(Code::Subscribe, message.trim()), cx);
            }
        };
        self.path = answer.subscription;
        self.granted = answer.subscription_params;
        let session = self.granted.as_ref().and_then(|g| g.session_id.clone());
        if let (Some(account), Some(session)) = (&mut self.account, session) {
            match &mut account.proof {
                Proof::Token(_) => account.proof = Proof::Session(session),
                Proof::Basic(_, named) => *named = Some(session),
                Proof::Session(_) | Proof::Query(_) | Proof::Bearer(_) | Proof::None => {}
            }
        }
        if self.granted.as_ref().is_none_or(|g| g.notification_channel.is_none()) {
            self.delete_quietly(cx);
            let why = "The server's answer to the subscription names no notification channel.";
            return self.fail(Error::new(Code::Subscribe, why), cx);
        }
        self.state = State::Opening;
        let url = self.channel_url(cx.config);
        if channel.open(self.platform.unwrap_or("link"), url, cx) == Outcome::GivenUp {
            self.channel_given_up(channel, cx);
        }
    }

    /// A login that was given up got its subscription: it is deleted.
    pub(super) fn abandoned_made(&mut self, op: OpId, result: &HttpResult, cx: &mut Context<'_>) {
        let Some((_, account)) = self.abandoned.take_if(|(wanted, _)| *wanted == op) else { return };
        if let Ok(answer) = read::<SubscribeResponse>(result)
            && let Some(path) = answer.subscribe_response.subscription
        {
            let request = account.request("DELETE", format!("{}{path}", account.base), None);
            cx.out.push(Effect::Http(cx.ids.op(), request));
        }
    }
}

pub(super) fn wish(config: &Config, services: Vec<String>, supported: Option<Vec<String>>) -> Subscribe {
    let configured = &config.authentication.subscription;
    Subscribe {
        expires: configured.expires,
        service: Services::List(services),
        localization: configured.localization.clone().unwrap_or_else(|| "English_US".to_owned()),
        use_turn: true,
        notification_type: configured.notification_type.clone().unwrap_or_else(|| "WebSocket".to_owned()),
        supported,
    }
}

pub(super) fn get(url: String, headers: Vec<(&'static str, String)>) -> HttpRequest {
    HttpRequest { method: "GET", url, headers, body: None, timeout: limits::HTTP, keepalive: false }
}

pub(super) fn pairs<'a>(all: &[(&'a str, Option<&'a str>)]) -> Vec<(&'a str, &'a str)> {
    all.iter().filter_map(|(key, value)| Some((*key, (*value)?))).collect()
}
