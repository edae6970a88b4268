//! Who sends a request: Basic, tokens in query or header, `x-token`, `x-session` (§1), and the three requests about tokens.

use kandy_wire::{
    Value, decode,
    session::{RevokeResponse, Token, TokenResponse},
};
use serde::Deserialize;

use crate::{
    GrantId, Request, Response, SubscriptionId, Switch,
    accounts::UserKey,
    fault::{Fault, code},
    routes::parameter,
    subscription::Subscription,
    timers::Timer,
    tokens::Pair,
};

/// The sender of a request, and what the credential tells about the device (§4.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    pub(crate) user: UserKey,
    pub(crate) grant: Option<GrantId>,
    pub(crate) subscription: Option<SubscriptionId>,
}

const MISSING: Fault = Fault::new(401, code::UNAUTHORIZED, "This request needs a user name and password or a token.");
const WRONG: Fault = Fault::new(401, code::BAD_PASSWORD, "Wrong user name or password.");
pub(crate) const STALE: Fault = Fault::new(401, code::UNAUTHORIZED, "The token is unknown or no longer valid.");
const SOMEBODY_ELSE: Fault = Fault::new(403, code::UNAUTHORIZED, "The credential belongs to another user.");
const BAD_HMAC: Fault = Fault::new(401, code::UNAUTHORIZED, "The x-token is not one that this gateway takes.");
const HMAC_ONCE: Fault = Fault::new(401, code::UNAUTHORIZED, "An x-token logs in; all other requests need x-session.");
const NO_HMAC: Fault = Fault::new(401, code::UNAUTHORIZED, "This gateway does not take tokens of the x-token form.");

impl Switch {
    /// The sender, if it is the user of the URL; `login` for the one request that takes an `x-token`.
    pub(crate) fn authorize(&self, now: u64, request: &Request<'_>, user: &str, login: bool) -> Result<Caller, Fault> {
        let caller = self.authenticate(now, request, login)?;
        if caller.user == UserKey::of(user) { Ok(caller) } else { Err(SOMEBODY_ELSE) }
    }

    /// Whose access token this is, wherever it stands in the request.
    pub(crate) fn token_user(&self, now: u64, query: &str, authorization: Option<&str>) -> Option<(GrantId, &UserKey)> {
        let token = parameter(query, "token")
            .or_else(|| parameter(query, "access_token"))
            .or_else(|| authorization.and_then(|header| scheme(header, "bearer")).map(str::to_owned))?;
        self.tokens.access(&self.secrets.fingerprint(&token), now)
    }

    /// By the `x-session` value.
    fn by_session(&self, session: &str) -> Option<(SubscriptionId, &Subscription)> {
        self.subscriptions.by_session(&self.secrets.fingerprint(session))
    }

    /// `mk_token` (§1.2).
    pub(crate) fn make_token(&mut self, now: u64, request: &Request<'_>) -> Result<Response, Fault> {
        let user = self.basic_user(request)?.clone();
        let id = GrantId(self.fresh_id());
        let (pair, response) = self.fresh_pair(now, request);
        if let Some(oldest) = self.tokens.open(id, &user, pair, self.policy.grants_per_user) {
            self.end_login(now, oldest);
        }
        self.await_grant_end(id);
        Ok(response)
    }

    /// `refresh_token` (§1.4, §1.6).
    pub(crate) fn refresh_token(&mut self, now: u64, request: &Request<'_>) -> Result<Response, Fault> {
        let token = parameter(request.query, "token").ok_or(MISSING)?;
        let id = self.tokens.refresh(&self.secrets.fingerprint(&token), now).ok_or(STALE)?;
        let (pair, response) = self.fresh_pair(now, request);
        self.tokens.renew(id, pair);
        self.await_grant_end(id);
        Ok(response)
    }

    /// `revoke_token` (§1.7): logs out, so what still hangs on the token ends too.
    pub(crate) fn revoke_token(&mut self, now: u64, request: &Request<'_>) -> Result<Response, Fault> {
        let found = self.token_user(now, request.query, request.header("authorization"));
        let id = found.map(|(id, _)| id).ok_or(STALE)?;
        self.end_login(now, id);
        Ok(Response::ok(&RevokeResponse { success: Value::Bool(true) }))
    }

    /// The sender, whoever it is.
    pub(crate) fn authenticate(&self, now: u64, request: &Request<'_>, login: bool) -> Result<Caller, Fault> {
        let authorization = request.header("authorization");
        if let Some(header) = authorization
            && scheme(header, "basic").is_some()
        {
            let user = self.basic_user(request)?.clone();
            // Released clients send it with HMAC logins only; where it comes with a password it tells the device (§4.1).
            let session = request.header("x-session").and_then(|session| self.by_session(session));
            let subscription = session.filter(|(_, subscription)| subscription.user == user).map(|(id, _)| id);
            return Ok(Caller { user, grant: None, subscription });
        }
        if let Some((id, user)) = self.token_user(now, request.query, authorization) {
            return Ok(Caller { user: user.clone(), grant: Some(id), subscription: None });
        }
        if let Some(session) = request.header("x-session") {
            let (id, subscription) = self.by_session(session).ok_or(STALE)?;
            return Ok(Caller { user: subscription.user.clone(), grant: None, subscription: Some(id) });
        }
        if let Some(token) = request.header("x-token") {
            let user = self.hmac_user(token)?;
            return if login { Ok(Caller { user, grant: None, subscription: None }) } else { Err(HMAC_ONCE) };
        }
        let tried = authorization.is_some() || ["token", "access_token"].iter().any(|n| request.query.contains(n));
        Err(if tried { STALE } else { MISSING })
    }

    /// Whom an `x-token` names (§1.9): `base64url(data).hex(hmac)`, where the data is the JSON text that was signed. The
    /// protocol leaves the serialization open (D37); this one leaves nothing to guess about what was signed.
    fn hmac_user(&self, token: &str) -> Result<UserKey, Fault> {
        let parts = token.trim().split_once('.');
        let parts = parts.and_then(|(data, tag)| Some((base64_text(data, b"-_")?, hex_bytes(tag)?)));
        // Nothing is no tag of anything.
        let (text, tag) = parts.unwrap_or_default();
        if !self.secrets.is_signed(text.as_bytes(), &tag).ok_or(NO_HMAC)? {
            return Err(BAD_HMAC);
        }
        let named = decode::<HmacData>(&text).map_err(|_| BAD_HMAC)?.authentication_token_request;
        let user = UserKey::of(&format!("{}@{}", named.subscriber_id, named.organization_id));
        self.accounts.find(&user).map(|_| user).ok_or(BAD_HMAC)
    }

    fn basic_user(&self, request: &Request<'_>) -> Result<&UserKey, Fault> {
        let (name, password) = password_of(request).ok_or(MISSING)?;
        self.accounts.login(&name, &password, |user, given| self.secrets.is_password(user, given)).ok_or(WRONG)
    }

    /// What is kept of fresh tokens, and the response that tells them: the only place where they stand in clear.
    fn fresh_pair(&mut self, now: u64, request: &Request<'_>) -> (Pair, Response) {
        let (least, most) = self.policy.token_life_range;
        let wanted = parameter(request.query, "expires").and_then(|seconds| seconds.parse::<u64>().ok());
        let life = wanted.map_or(self.policy.token_life, |seconds| seconds.saturating_mul(1_000).clamp(least, most));
        let (access, refresh) = (self.secrets.token(), self.secrets.token());
        let pair = Pair {
            access: self.secrets.fingerprint(&access),
            refresh: self.secrets.fingerprint(&refresh),
            access_until: now.saturating_add(life),
            refresh_until: now.saturating_add(self.policy.refresh_life.max(life)),
        };
        let told = Token { access_token: access, refresh_token: Some(refresh), expires: Some(life / 1_000) };
        (pair, Response::ok(&TokenResponse { success: told }))
    }

    fn await_grant_end(&mut self, id: GrantId) {
        if let Some(at) = self.tokens.ends(id) {
            self.timers.set(Timer::Grant(id), at);
        }
    }

    /// Ends a token login and what was subscribed with it.
    fn end_login(&mut self, now: u64, id: GrantId) {
        let Some(user) = self.tokens.user(id).cloned() else { return };
        self.close_grant(id);
        for subscription in self.subscriptions.of_grant(&user, id) {
            self.dismiss(now, subscription);
        }
    }

    pub(crate) fn close_grant(&mut self, id: GrantId) {
        self.timers.clear(&Timer::Grant(id));
        self.tokens.close(id);
    }
}

/// Name and password that a request carries, if it does.
pub fn password_of(request: &Request<'_>) -> Option<(String, String)> {
    let credential = base64_text(scheme(request.header("authorization")?, "basic")?, b"+/")?;
    credential.split_once(':').map(|(name, password)| (name.to_owned(), password.to_owned()))
}

/// What follows the scheme word, which is compared without regard to case (§0.5).
fn scheme<'a>(header: &'a str, wanted: &str) -> Option<&'a str> {
    let (word, rest) = header.trim().split_once(' ')?;
    word.eq_ignore_ascii_case(wanted).then(|| rest.trim())
}

/// What an `x-token` says and signs.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HmacData {
    authentication_token_request: HmacUser,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HmacUser {
    subscriber_id: String,
    organization_id: String,
}

/// The bytes of pairs of hexadecimal digits.
fn hex_bytes(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text.chars().map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok())).collect();
    let digits = digits.filter(|digits| digits.len().is_multiple_of(2))?;
    Some(digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect())
}

/// Decodes base64, of which `last` are the last two digits; padding may be missing.
fn base64_text(text: &str, last: &[u8; 2]) -> Option<String> {
    let digits = text.trim_end_matches('=').bytes().map(|byte| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        byte => last.iter().zip([62, 63]).find(|(digit, _)| **digit == byte).map(|(_, value)| value),
    });
    let (mut bytes, mut bits, mut filled) = (Vec::with_capacity(text.len()), 0_u32, 0);
    for digit in digits {
        bits = bits << 6 | u32::from(digit?);
        filled += 6;
        if filled >= 8 {
            filled -= 8;
            bytes.push((bits >> filled & 0xff) as u8);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemes_are_read_without_regard_to_case() {
        assert_eq!(scheme("basic YWI=", "basic"), Some("YWI="));
        assert_eq!(scheme("BaSiC  YWI= ", "basic"), Some("YWI="));
        assert_eq!(scheme("Bearer x", "basic"), None);
        assert_eq!(scheme("basic", "basic"), None);
    }

    #[test]
    fn base64_in_all_its_lengths() {
        let rows = [
            ("", Some("")),
            ("YQ==", Some("a")),
            ("YWI=", Some("ab")),
            ("YWJj", Some("abc")),
            ("YWI", Some("ab")),
            ("w6TDtsO8", Some("äöü")),
            ("YW-j", None),
            ("/w==", None),
            ("Y W", None),
        ];
        for (text, wanted) in rows {
            assert_eq!(base64_text(text, b"+/").as_deref(), wanted, "{text}");
        }
        assert_eq!(base64_text("Pz8_Pj4-", b"-_").as_deref(), Some("???>>>"));
        assert_eq!(base64_text("Pz8/Pj4+", b"-_"), None);
    }

    #[test]
    fn hexadecimal_digits_come_in_pairs() {
        let rows = [("", Some(vec![])), ("00fF7a", Some(vec![0, 0xff, 0x7a])), ("0", None), ("0g", None), ("é0", None)];
        for (text, wanted) in rows {
            assert_eq!(hex_bytes(text), wanted, "{text}");
        }
    }
}
