//! Which of the two flavours a login is: the credentials decide, and where they fit both, the configuration (protocol §0.1, §1.1).

use crate::{Config, command::Credentials};

/// The flavour of a login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flavour {
    /// Credentials in headers; the channel path is the secret.
    Link,
    /// Tokens in the query.
    Uc,
}

/// How a login proves who it is.
#[derive(Clone, PartialEq)]
pub(super) enum Form {
    /// Link: Basic with this name and password on every request.
    Basic { name: String, password: String },
    /// Link: `x-token` on the subscription, then `x-session`.
    Hmac { token: String },
    /// UC: a token is made from name and password.
    Password { name: String, password: String, expires: Option<u64> },
    /// UC: a token that the application has.
    Access { token: String, refresh: Option<String>, expires: Option<u64> },
    /// UC: a token is made from a refresh token.
    Refresh { token: String, expires: Option<u64> },
    /// UC: OAuth.
    OAuth { token: String },
}

impl Flavour {
    /// Name of the flavour in `ws:change` and `getSocketState`.
    pub(super) fn platform(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Uc => "uc",
        }
    }

    /// Reads credentials; `None` when no known combination is there (`authentication:1`).
    ///
    /// A user name with a password fits both flavours. Then the configured version decides: that of the UC service begins with
    /// `v` (its default is `v2.0`), that of a Link gateway is a number.
    pub(super) fn decide(config: &Config, c: &Credentials) -> Option<(Self, Form)> {
        let version = config.authentication.subscription.version.as_deref().unwrap_or("v2.0");
        let c = c.clone();
        if let Some(token) = c.hmac_token {
            return Some((Self::Link, Form::Hmac { token }));
        }
        match (c.authname, c.username, c.password) {
            (Some(name), Some(_), Some(password)) => Some((Self::Link, Form::Basic { name, password })),
            (_, Some(name), Some(password)) if version.starts_with('v') => {
                Some((Self::Uc, Form::Password { name, password, expires: c.expires }))
            }
            (_, Some(name), Some(password)) => Some((Self::Link, Form::Basic { name, password })),
            (_, username, _) => match (c.access_token, c.refresh_token, c.oauth_token, username) {
                (Some(token), refresh, _, _) => Some((Self::Uc, Form::Access { token, refresh, expires: c.expires })),
                (None, Some(token), _, Some(_)) => Some((Self::Uc, Form::Refresh { token, expires: c.expires })),
                (None, _, Some(token), Some(_)) => Some((Self::Uc, Form::OAuth { token })),
                _ => None,
            },
        }
    }

    /// Services that are asked for when none are configured.
    pub(super) fn services(self) -> Vec<String> {
        let names = match self {
            Self::Link => ["IM", "Presence", "call"],
            Self::Uc => ["call", "IM", "Presence"],
        };
        names.map(str::to_owned).to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decide(version: &str, credentials: &str) -> Option<(Flavour, Form)> {
        let config = format!(r#"{{"authentication":{{"subscription":{{"version":"{version}"}}}}}}"#);
        let credentials = Credentials::from_value(&kandy_wire::decode(credentials).unwrap());
        Flavour::decide(&Config::from_json(&config).unwrap(), &credentials)
    }

    #[test]
    fn credentials_decide_and_then_the_version() {
        use Flavour::{Link, Uc};
        let rows = [
            ("v2.0", r#"{"username":"a","password":"p"}"#, Some(Uc)),
            ("", r#"{"username":"a","password":"p"}"#, Some(Uc)),
            ("1", r#"{"username":"a","password":"p"}"#, Some(Link)),
            ("v2.0", r#"{"username":"a","authname":"x","password":"p"}"#, Some(Link)),
            ("v2.0", r#"{"username":"a","hmacToken":"t"}"#, Some(Link)),
            ("1", r#"{"accessToken":"t"}"#, Some(Uc)),
            ("1", r#"{"username":"a","refreshToken":"t"}"#, Some(Uc)),
            ("1", r#"{"username":"a","oauthToken":"t"}"#, Some(Uc)),
            ("1", r#"{"refreshToken":"t"}"#, None),
            ("1", r#"{"username":"a"}"#, None),
            ("1", r#"{"username":7,"password":"p"}"#, None),
            ("1", "{}", None),
        ];
        for (version, credentials, flavour) in rows {
            assert_eq!(decide(version, credentials).map(|(f, _)| f), flavour, "{version} {credentials}");
        }
    }
}
