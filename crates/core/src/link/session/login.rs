//! From the credentials to the socket.

use kandy_wire::{
    encode,
    session::{
        EARLY_NOTIFICATIONS, MESSAGE_IDS, RESUME, Services, Subscribe, SubscribeRequest, SubscribeResponse, Subscribed,
        Token, TokenResponse,
    },
};

use super::{
    super::{
        Context, HttpResult, auth_change,
        channel::{Channel, Outcome},
        flavour::{Flavour, Form},
        requests::{Account, Proof, at, basic},
    },
    Session, State,
    answer::{Failure, read},
    renewal::{make_token, refresh_token},
};
use crate::{Config, Effect, Error, OpId, command::Credentials, effect::HttpRequest, error::Code};

/// What a login begins with.
struct Plan {
    account: Account,
    services: Vec<String>,
    token: Option<Token>,
    /// Asks for the token, where there is none yet.
    first: Option<HttpRequest>,
}

impl Session {
    pub(in crate::link) fn login(&mut self, credentials: Credentials, cx: &mut Context<'_>) {
        self.error = None;
        match plan(&credentials, cx.config) {
            Ok(Plan { account, services, token, first }) => {
                self.platform = Some(account.flavour.platform());
                self.requested = services;
                self.credentials = Some(credentials);
                self.account = Some(account);
                self.token_asked = cx.now;
                self.keep_token(token);
                self.state = match first {
                    Some(request) => {
                        let op = cx.ids.op();
                        cx.out.push(Effect::Http(op, request));
                        State::Token { op }
                    }
                    None => State::Subscribing { op: self.subscribe(cx) },
                };
                auth_change(cx.out);
            }
            Err(error) => {
                auth_change(cx.out);
                self.fail(error, cx);
            }
        }
    }

    pub(super) fn token_made(&mut self, result: &HttpResult, cx: &mut Context<'_>) {
        match read::<TokenResponse>(result) {
            Ok(made) => {
                self.keep_token(Some(made.success));
                self.state = State::Subscribing { op: self.subscribe(cx) };
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
                Some(["RingingFeedback", EARLY_NOTIFICATIONS, RESUME, MESSAGE_IDS].map(str::to_owned).to_vec()),
            );
            let body = encode(&SubscribeRequest { subscribe_request: wish });
            cx.out.push(Effect::Http(op, account.request("POST", account.resource("subscription"), Some(body))));
        }
        op
    }

    pub(super) fn subscribed(&mut self, result: &HttpResult, channel: &mut Channel, cx: &mut Context<'_>) {
        let answer = match read::<SubscribeResponse>(result) {
            Ok(answer) => answer.subscribe_response,
            Err(Failure { code, sentence, .. }) => {
                let message = match code {
                    Some(code) => format!("Failed to subscribe user. Code: {code}. {sentence}"),
                    None => format!("Failed to subscribe user. {sentence}"),
                };
                channel.close(cx);
                return self.fail(Error::new(Code::Subscribe, message.trim()), cx);
            }
        };
        self.grant(answer);
        if self.granted.as_ref().is_none_or(|g| g.notification_channel.is_none()) {
            self.delete_quietly(cx);
            channel.close(cx);
            let why = "The server's answer to the subscription names no notification channel.";
            return self.fail(Error::new(Code::Subscribe, why), cx);
        }
        self.state = State::Opening;
        let url = self.channel_url(None, cx.config);
        if channel.open(self.platform.unwrap_or("link"), url, cx) == Outcome::GivenUp {
            self.channel_given_up(channel, cx);
        }
    }

    /// What the server granted is in force from now on.
    pub(super) fn grant(&mut self, answer: Subscribed) {
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
    }

    /// A login that was given up got its subscription: it is deleted.
    pub(super) fn abandoned_made(&mut self, op: OpId, result: &HttpResult, cx: &mut Context<'_>) {
        let Some((_, account)) = self.abandoned.take_if(|(wanted, _)| *wanted == op) else { return };
        if let Ok(answer) = read::<SubscribeResponse>(result)
            && let Some(path) = answer.subscribe_response.subscription
        {
            let request = account.request("DELETE", at(&account.base, &path), None);
            cx.out.push(Effect::Http(cx.ids.op(), request));
        }
    }
}

/// Reads the credentials and the configuration.
fn plan(credentials: &Credentials, config: &Config) -> Result<Plan, Error> {
    let (flavour, form) = Flavour::decide(config, credentials).ok_or_else(|| {
        let why = "The credentials have no known combination of members, such as username and password.";
        Error::new(Code::Credentials, why)
    })?;
    let configured = &config.authentication.subscription;
    let base = configured.server.base("https").ok_or_else(|| {
        Error::new(Code::Subscribe, "No server is configured: set authentication.subscription.server.")
    })?;
    let version = configured.version.clone();
    let is_service = version.as_deref().is_none_or(|v| v.starts_with('v'));
    let mut account = Account {
        flavour,
        username: credentials.username.clone().unwrap_or_default(),
        base,
        // A version like v2.0 is that of the UC service; gateway URLs then have 1 (protocol §0.3).
        version: version.clone().filter(|_| flavour == Flavour::Link && !is_service).unwrap_or_else(|| "1".to_owned()),
        service_version: version.filter(|_| is_service).unwrap_or_else(|| "v2.0".to_owned()),
        proof: Proof::None,
    };
    let (mut token, mut first) = (None, None);
    match form {
        Form::Basic { name, password } => account.proof = Proof::Basic(basic(&name, &password), None),
        Form::Hmac { token } => account.proof = Proof::Token(token),
        Form::OAuth { token } => account.proof = Proof::Bearer(token),
        Form::Access { token: access_token, refresh: refresh_token, expires } => {
            token = Some(Token { access_token, refresh_token, expires });
        }
        Form::Password { name, password, expires } => first = Some(make_token(&account, &name, &password, expires)),
        Form::Refresh { token, expires } => first = Some(refresh_token(&account, &token, expires, Vec::new())),
    }
    let services = if configured.service.is_empty() { flavour.services() } else { configured.service.clone() };
    Ok(Plan { account, services, token, first })
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
