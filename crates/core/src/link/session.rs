//! Login, extension of the subscription, renewal of the token, logout (protocol §1, §2).
//!
//! ```text
//! Out → Token → Subscribing → Opening → In → EndingCalls → Unsubscribing → Revoking → Out
//!        (UC)                                                                (UC)
//! ```

use kandy_wire::{
    Read, Value, encode, fault,
    notice::Notification,
    parse,
    session::{
        Services as ServiceList, Subscribe, SubscribeRequest, SubscribeResponse, SubscriptionParams, Token,
        TokenResponse,
    },
};

use super::{
    Context, HttpResult, auth_change,
    channel::Channel,
    flavour::{Flavour, Form},
    requests::{Account, Proof, basic, with_query},
};
use crate::{
    Config, Effect, Error, Event, OpId,
    command::Credentials,
    config::IceServer,
    effect::{HttpRequest, Level, TimerId},
    error::Code,
    event::AuthChange,
    limits,
    query::{Services, UserInfo},
};

#[derive(Debug, Default)]
enum State {
    #[default]
    Out,
    Token {
        op: OpId,
    },
    Subscribing {
        op: OpId,
    },
    Opening,
    In,
    EndingCalls,
    Unsubscribing {
        op: OpId,
    },
    Revoking {
        op: OpId,
        error: Option<Error>,
    },
}

/// One login, or none.
#[derive(Debug, Default)]
pub(super) struct Session {
    state: State,
    /// Who logs in; there from `connect` to the end.
    account: Option<Account>,
    /// What the server granted.
    granted: Option<SubscriptionParams>,
    /// Path of the subscription.
    path: Option<String>,
    requested: Vec<String>,
    /// Access and refresh token and their life in seconds (UC).
    token: Option<Token>,
    /// Flavour of the last login; outlives it for `getSocketState`.
    platform: Option<&'static str>,
    error: Option<Error>,
    /// Number of the next attempt to extend.
    extend_attempt: u32,
    extend_op: Option<OpId>,
    refresh_op: Option<OpId>,
    /// A login that was given up while its subscription was being made: it is deleted as soon as it is known.
    abandoned: Option<(OpId, Account)>,
}

impl Session {
    pub(super) fn login(&mut self, credentials: Credentials, cx: &mut Context<'_>) {
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

    /// `disconnect()`: what is under way is aborted; a session that is up goes through its steps.
    pub(super) fn begin_logout(&mut self, channel: &mut Channel, cx: &mut Context<'_>) {
        match std::mem::take(&mut self.state) {
            State::Out => {}
            State::Token { .. } => self.clear(cx),
            State::Subscribing { op } => {
                self.abandoned = self.account.clone().map(|account| (op, account));
                self.clear(cx);
            }
            State::Opening => {
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
    pub(super) fn logout(&mut self, channel: &mut Channel, cx: &mut Context<'_>) {
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
    pub(super) fn leave_page(&mut self, channel: &mut Channel, cx: &mut Context<'_>) {
        if self.is_out() {
            return;
        }
        self.delete_quietly(cx);
        channel.close(cx);
        self.clear(cx);
        auth_change(cx.out);
    }

    /// The server, or the loss of it, ended the session.
    pub(super) fn forced_out(
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

    pub(super) fn http(&mut self, op: OpId, result: &HttpResult, channel: &mut Channel, cx: &mut Context<'_>) {
        match &self.state {
            State::Token { op: wanted } if *wanted == op => self.token_made(result, cx),
            State::Subscribing { op: wanted } if *wanted == op => self.subscribed(result, channel, cx),
            State::Unsubscribing { op: wanted } if *wanted == op => self.unsubscribed(result, channel, cx),
            State::Revoking { op: wanted, error } if *wanted == op => {
                let refused = result.as_ref().is_ok_and(|r| !(200..300).contains(&r.status));
                let revoke = refused.then(|| Error::new(Code::Revoke, "The server did not revoke the token."));
                let error = error.clone().or(revoke);
                self.logged_out(error, channel, cx);
            }
            _ if self.extend_op == Some(op) => self.extended(result, cx),
            _ if self.refresh_op == Some(op) => self.refreshed(result, channel, cx),
            _ => self.abandoned_made(op, result, cx),
        }
    }

    /// The socket is open.
    pub(super) fn channel_open(&mut self, cx: &mut Context<'_>) {
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
    pub(super) fn channel_given_up(&mut self, channel: &mut Channel, cx: &mut Context<'_>) {
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
    pub(super) fn extend(&mut self, cx: &mut Context<'_>) {
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
    pub(super) fn refresh(&mut self, cx: &mut Context<'_>) {
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

    pub(super) fn is_out(&self) -> bool {
        matches!(self.state, State::Out)
    }

    pub(super) fn awaits_calls(&self) -> bool {
        matches!(self.state, State::EndingCalls)
    }

    /// `channel_up`: whether the socket is open. A logout counts as connected until it is done (api-behaviour 5.3).
    pub(super) fn is_connected(&self, channel_up: bool) -> bool {
        match self.state {
            State::In => channel_up,
            State::EndingCalls | State::Unsubscribing { .. } | State::Revoking { .. } => true,
            State::Out | State::Token { .. } | State::Subscribing { .. } | State::Opening => false,
        }
    }

    pub(super) fn is_pending(&self, channel_up: bool) -> bool {
        match self.state {
            State::Out => false,
            State::In => !channel_up,
            _ => true,
        }
    }

    /// The user, while calls can be made.
    pub(super) fn user(&self) -> Option<&str> {
        matches!(self.state, State::In).then_some(self.account.as_ref()?.username.as_str())
    }

    /// The account, while requests can be made.
    pub(super) fn account(&self) -> Option<&Account> {
        matches!(self.state, State::In | State::EndingCalls).then_some(self.account.as_ref()).flatten()
    }

    pub(super) fn platform(&self) -> Option<&'static str> {
        self.platform
    }

    pub(super) fn error(&self) -> Option<&Error> {
        self.error.as_ref()
    }

    /// The address of the socket, with the proof of the moment.
    pub(super) fn channel_url(&self, config: &Config) -> Option<String> {
        let mut server = config.authentication.websocket.clone();
        server.server = server.server.or_else(|| config.authentication.subscription.server.server.clone());
        let path = self.granted.as_ref()?.notification_channel.as_deref()?;
        Some(format!("{}{path}{}", server.base("wss")?, self.account.as_ref()?.channel_query()))
    }

    /// Configured servers; those without credentials of their own get the server's (protocol §2.8, api-behaviour 7.20).
    pub(super) fn ice_servers(&self, config: &Config) -> Vec<IceServer> {
        let given = self.granted.as_ref().and_then(|g| g.turn_credentials.as_ref());
        let mut servers = config.call.ice_servers.clone();
        if let Some(given) = given.filter(|_| config.call.server_turn_credentials) {
            for server in servers.iter_mut().filter(|server| server.username.is_none() && server.credential.is_none()) {
                server.username = Some(given.username.clone());
                server.credential = Some(given.password.clone());
            }
        }
        servers
    }

    /// The id by which a notification that comes twice is known (protocol §3.8).
    pub(super) fn duplicate_key<'a>(&self, notification: &'a Notification) -> Option<&'a Value> {
        let own = notification.id.as_ref().filter(|id| !id.is_null() && id.as_str() != Some(""));
        match self.account.as_ref().map(|a| a.flavour) {
            Some(Flavour::Uc) => own.or(notification.event_id.as_ref()),
            _ => notification.event_id.as_ref(),
        }
    }

    pub(super) fn user_info(&self) -> UserInfo {
        if !self.is_connected(true) {
            return UserInfo::default();
        }
        let Some(account) = &self.account else { return UserInfo::default() };
        let token = self.token.clone().filter(|_| account.flavour == Flavour::Uc);
        UserInfo {
            username: Some(account.username.clone()),
            access_token: token.as_ref().map(|t| t.access_token.clone()),
            refresh_token: token.and_then(|t| t.refresh_token),
        }
    }

    /// Compared without regard to case (protocol §2.3).
    pub(super) fn services(&self) -> Services {
        let granted = self.granted.as_ref().filter(|_| self.is_connected(true));
        let Some(granted) = granted else {
            let none = Vec::new;
            return Services {
                requested: none(),
                received: none(),
                missing: none(),
                status: "NONE",
                services: Default::default(),
            };
        };
        let has = |name: &String| granted.service.iter().any(|s| s.eq_ignore_ascii_case(name));
        let missing: Vec<String> = self.requested.iter().filter(|name| !has(name)).cloned().collect();
        let status = match (granted.service.is_empty(), missing.is_empty()) {
            (true, _) => "NONE",
            (_, false) => "PARTIAL",
            (_, true) if granted.service.len() == self.requested.len() => "FULL",
            (_, true) => "UNKNOWN",
        };
        let services = self.requested.iter().map(|name| (name.clone(), has(name))).collect();
        Services { requested: self.requested.clone(), received: granted.service.clone(), missing, status, services }
    }

    fn ask_token(&mut self, account: Account, url: String, headers: Vec<(&'static str, String)>, cx: &mut Context<'_>) {
        self.account = Some(account);
        let op = cx.ids.op();
        cx.out.push(Effect::Http(op, get(url, headers)));
        self.state = State::Token { op };
        auth_change(cx.out);
    }

    fn token_made(&mut self, result: &HttpResult, cx: &mut Context<'_>) {
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

    fn subscribe(&self, cx: &mut Context<'_>) -> OpId {
        let op = cx.ids.op();
        if let Some(account) = &self.account {
            let wish = wish(cx.config, self.requested.clone(), Some(vec!["RingingFeedback".to_owned()]));
            let body = encode(&SubscribeRequest { subscribe_request: wish });
            cx.out.push(Effect::Http(op, account.request("POST", account.resource("subscription"), Some(body))));
        }
        op
    }

    fn subscribed(&mut self, result: &HttpResult, channel: &mut Channel, cx: &mut Context<'_>) {
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
        if channel.open(self.platform.unwrap_or("link"), url, cx) == super::channel::Outcome::GivenUp {
            self.channel_given_up(channel, cx);
        }
    }

    fn unsubscribed(&mut self, result: &HttpResult, channel: &mut Channel, cx: &mut Context<'_>) {
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

    fn logged_out(&mut self, error: Option<Error>, channel: &mut Channel, cx: &mut Context<'_>) {
        channel.close(cx);
        self.clear(cx);
        match error {
            Some(error) => self.fail(error, cx),
            None => auth_change(cx.out),
        }
    }

    fn extended(&mut self, result: &HttpResult, cx: &mut Context<'_>) {
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

    fn refreshed(&mut self, result: &HttpResult, channel: &mut Channel, cx: &mut Context<'_>) {
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

    /// A login that was given up got its subscription: it is deleted.
    fn abandoned_made(&mut self, op: OpId, result: &HttpResult, cx: &mut Context<'_>) {
        let Some((_, account)) = self.abandoned.take_if(|(wanted, _)| *wanted == op) else { return };
        if let Ok(answer) = read::<SubscribeResponse>(result)
            && let Some(path) = answer.subscribe_response.subscription
        {
            let request = account.request("DELETE", format!("{}{path}", account.base), None);
            cx.out.push(Effect::Http(cx.ids.op(), request));
        }
    }

    /// Half of the granted life, then a quarter, an eighth … after failures (protocol §2.4).
    fn plan_extension(&self, cx: &mut Context<'_>) {
        let expires = self.granted.as_ref().and_then(|g| g.expires).unwrap_or_default();
        let due = expires.saturating_mul(1000) >> self.extend_attempt.min(32);
        cx.out.wait(TimerId::Extend, due.max(limits::EXTEND_LEAST));
    }

    /// Some time before the end of the token's life (protocol §1.6).
    fn plan_refresh(&self, cx: &mut Context<'_>) {
        let Some(token) = self.token.as_ref().filter(|t| t.refresh_token.is_some()) else { return };
        let margin = cx.config.authentication.early_refresh_margin;
        let due = token.expires.unwrap_or_default().saturating_sub(margin).saturating_mul(1000);
        cx.out.wait(TimerId::Refresh, due.max(limits::REFRESH_LEAST));
    }

    fn deletion(&self) -> Option<HttpRequest> {
        let account = self.account.as_ref()?;
        let mut request = account.request("DELETE", format!("{}{}", account.base, self.path.as_deref()?), None);
        accept_json(&mut request);
        request.keepalive = true;
        Some(request)
    }

    /// Deletes the subscription without waiting for the answer.
    fn delete_quietly(&self, cx: &mut Context<'_>) {
        if let Some(request) = self.deletion() {
            cx.out.push(Effect::Http(cx.ids.op(), request));
        }
    }

    fn fail(&mut self, error: Error, cx: &mut Context<'_>) {
        self.clear(cx);
        self.error = Some(error.clone());
        cx.out.emit(Event::AuthError { error });
    }

    /// Nobody is logged in any more.
    fn clear(&mut self, cx: &mut Context<'_>) {
        let (platform, abandoned) = (self.platform, self.abandoned.take());
        *self = Self { platform, abandoned, ..Self::default() };
        cx.out.stop(TimerId::Extend);
        cx.out.stop(TimerId::Refresh);
    }
}

/// Any JSON.
struct Anything(Value);

impl Read for Anything {
    fn read(value: &Value) -> Option<Self> {
        Some(Self(value.clone()))
    }
}

/// Why a request failed, as far as the server said.
struct Failure {
    code: Option<i64>,
    sentence: String,
}

/// Reads the body of a successful answer; everything else is a failure with the server's words (protocol §0.7).
fn read<T: Read>(result: &HttpResult) -> Result<T, Failure> {
    let response = match result {
        Ok(response) => response,
        Err(failure) => return Err(Failure { code: None, sentence: format!("{}: {}", failure.name, failure.message) }),
    };
    if (200..300).contains(&response.status) {
        let text = if response.body.trim().is_empty() { "{}" } else { &response.body };
        let answer = parse(text).ok().and_then(|value| T::read(&value));
        let sentence = "The server's answer is not what the protocol asks for.";
        return answer.ok_or_else(|| Failure { code: None, sentence: sentence.to_owned() });
    }
    let body = parse(&response.body).unwrap_or_default();
    let code = fault::status_code(&body);
    let sentence = fault::sentence(&body).map_or_else(|| format!("HTTP {}", response.status), str::to_owned);
    Err(Failure { code, sentence })
}

fn wish(config: &Config, services: Vec<String>, supported: Option<Vec<String>>) -> Subscribe {
    let configured = &config.authentication.subscription;
    Subscribe {
        expires: configured.expires,
        service: ServiceList::List(services),
        localization: configured.localization.clone().unwrap_or_else(|| "English_US".to_owned()),
        use_turn: true,
        notification_type: configured.notification_type.clone().unwrap_or_else(|| "WebSocket".to_owned()),
        supported,
    }
}

fn get(url: String, headers: Vec<(&'static str, String)>) -> HttpRequest {
    HttpRequest { method: "GET", url, headers, body: None, timeout: limits::HTTP, keepalive: false }
}

fn pairs<'a>(all: &[(&'a str, Option<&'a str>)]) -> Vec<(&'a str, &'a str)> {
    all.iter().filter_map(|(key, value)| Some((*key, (*value)?))).collect()
}

fn accept_json(request: &mut HttpRequest) {
    if !request.headers.iter().any(|(name, _)| *name == "accept") {
        request.headers.push(("accept", "application/json".to_owned()));
    }
}
