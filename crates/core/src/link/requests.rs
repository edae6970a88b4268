//! URLs, queries and headers (protocol §0.2 to §0.5).

use kandy_wire::session::RESUME_AFTER;

use super::flavour::Flavour;
use crate::{
    effect::HttpRequest,
    limits,
    people::{Address, Place},
};

/// Where a user is logged in, and how requests show it.
#[derive(Clone)]
pub(super) struct Account {
    pub flavour: Flavour,
    /// As given to `connect`; stands in URLs verbatim.
    pub username: String,
    /// `https://host:443`
    pub base: String,
    /// Version segment of gateway URLs.
    pub version: String,
    /// Version segment of the UC service.
    pub service_version: String,
    pub proof: Proof,
}

/// How a request shows whose it is.
#[derive(Clone, PartialEq)]
pub(super) enum Proof {
    /// `authorization: basic …`, and where the server named a session, `x-session`: a name and a password alone do not tell a
    /// user's devices apart (protocol §4.1)
    Basic(String, Option<String>),
    /// `x-token`, until the session id is known
    Token(String),
    /// `x-session`
    Session(String),
    /// `?token=…`
    Query(String),
    /// `authorization: Bearer …`
    Bearer(String),
    /// Not yet.
    None,
}

/// Only what does no harm in a log.
impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account")
            .field("flavour", &self.flavour)
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

impl Account {
    /// `…/rest/version/{v}/user/{username}/{resource}`
    pub(super) fn resource(&self, resource: &str) -> String {
        format!("{}/rest/version/{}/user/{}/{resource}", self.base, self.version, self.username)
    }

    /// `…/{version}/auth/{what}` of the UC service.
    pub(super) fn service(&self, what: &str) -> String {
        format!("{}/{}/auth/{what}", self.base, self.service_version)
    }

    /// Where a request of the people engine goes to. What shows whose it is goes to our own server alone.
    pub(super) fn lend(&self, place: Place, path: &str) -> Address {
        let version = match (place, self.flavour) {
            (Place::Configured, Flavour::Uc) => &self.service_version,
            _ => &self.version,
        };
        let url = match place {
            Place::User | Place::Configured => {
                format!("{}/rest/version/{version}/user/{}/{path}", self.base, self.username)
            }
            Place::Service => format!("{}/{}/{path}", self.base, self.service_version),
            Place::Server => format!("{}/rest/version/{version}/{path}", self.base),
            Place::Url if self.is_ours(path) => path.to_owned(),
            Place::Url => return Address { url: path.to_owned(), headers: Vec::new() },
        };
        let HttpRequest { url, headers, .. } = self.request("GET", url, None);
        Address { url, headers }
    }

    /// Whether a URL is one of the REST server's. Addresses of others may leave the usual port out.
    fn is_ours(&self, url: &str) -> bool {
        let short = self.base.strip_suffix(if self.base.starts_with("https:") { ":443" } else { ":80" });
        let bases = [Some(self.base.as_str()), short];
        bases.iter().flatten().any(|base| url.strip_prefix(base).is_some_and(|rest| rest.starts_with('/')))
    }

    /// A request to the gateway, with its proof.
    pub(super) fn request(&self, method: &'static str, url: String, body: Option<String>) -> HttpRequest {
        let mut headers = vec![("content-type", "application/json".to_owned())];
        if self.flavour == Flavour::Link {
            headers.push(("accept", "application/json".to_owned()));
        }
        let mut url = url;
        match &self.proof {
            Proof::Basic(value, session) => {
                headers.push(("authorization", value.clone()));
                headers.extend(session.iter().map(|id| ("x-session", id.clone())));
            }
            Proof::Bearer(token) => headers.push(("authorization", format!("Bearer {token}"))),
            Proof::Token(token) => headers.push(("x-token", token.clone())),
            Proof::Session(id) => headers.push(("x-session", id.clone())),
            Proof::Query(token) => url = with_query(&url, &[("token", token)]),
            Proof::None => {}
        }
        HttpRequest { method, url, headers, body, timeout: limits::HTTP, keepalive: false }
    }

    /// The query behind the channel path (protocol §3.1).
    pub(super) fn channel_query(&self, after: Option<&str>) -> String {
        let proof = match &self.proof {
            Proof::Query(token) => Some(("token", token.as_str())),
            Proof::Bearer(token) => Some(("access_token", token.as_str())),
            Proof::Basic(..) | Proof::Token(_) | Proof::Session(_) | Proof::None => None,
        };
        let pairs: Vec<(&str, &str)> = after.map(|id| (RESUME_AFTER, id)).into_iter().chain(proof).collect();
        with_query("", &pairs)
    }
}

/// The URL of a path that the server gave. Whatever the text is, it does not become a part of the host: the proof goes along.
pub(super) fn at(base: &str, path: &str) -> String {
    let slash = if path.starts_with('/') { "" } else { "/" };
    format!("{base}{slash}{path}")
}

/// Appends a query; pairs come sorted by key, values are encoded by the strict set of RFC 3986 (protocol §0.4).
pub(super) fn with_query(url: &str, pairs: &[(&str, &str)]) -> String {
    let mut text = url.to_owned();
    for (key, value) in pairs {
        text.push(if text.contains('?') { '&' } else { '?' });
        text.push_str(key);
        text.push('=');
        for byte in value.bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => text.push(char::from(byte)),
                _ => text.push_str(&format!("%{byte:02X}")),
            }
        }
    }
    text
}

/// `basic …`; the scheme in lower case, as released clients write it (protocol §0.5).
pub(super) fn basic(name: &str, password: &str) -> String {
    format!("basic {}", base64(format!("{name}:{password}").as_bytes()))
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let at = |i: usize| u32::from(chunk.get(i).copied().unwrap_or_default());
        let group = at(0) << 16 | at(1) << 8 | at(2);
        for i in 0..4 {
            let index = (group >> (18 - 6 * i)) & 63;
            let letter = ALPHABET.get(index as usize).copied().unwrap_or_default();
            text.push(if i <= chunk.len() as u32 { char::from(letter) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_encoded_as_the_standard_says() {
        assert_eq!(basic("alice@example.com", "secret"), "basic YWxpY2VAZXhhbXBsZS5jb206c2VjcmV0");
        for (plain, wanted) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("ü~", "w7x+")]
        {
            assert_eq!(base64(plain.as_bytes()), wanted, "{plain}");
        }
    }

    #[test]
    fn queries_use_the_strict_set() {
        assert_eq!(
            with_query("/x", &[("expires", "60"), ("token", "a b!'()*@ü")]),
            "/x?expires=60&token=a%20b%21%27%28%29%2A%40%C3%BC"
        );
        assert_eq!(with_query("/x", &[]), "/x");
    }

    #[test]
    fn a_path_stays_on_its_server() {
        for (path, wanted) in
            [("/a", "https://h:443/a"), ("@else.test/a", "https://h:443/@else.test/a"), ("", "https://h:443/")]
        {
            assert_eq!(at("https://h:443", path), wanted);
        }
    }

    #[test]
    fn nothing_secret_is_shown() {
        let account = Account {
            flavour: Flavour::Uc,
            username: "alice".into(),
            base: "http://h:1".into(),
            version: "1".into(),
            service_version: "v2.0".into(),
            proof: Proof::Query("s3cret".into()),
        };
        let request = account.request("GET", account.resource("callControl"), None);
        assert_eq!(request.url, "http://h:1/rest/version/1/user/alice/callControl?token=s3cret");
        assert!(!format!("{request:?} {account:?}").contains("s3cret"));
    }
}
