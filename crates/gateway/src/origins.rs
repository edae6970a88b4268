//! Which pages may use the gateway from a browser.

use axum::http::HeaderValue;

/// The origins of pages that may read the gateway's answers and open sockets (RFC 6454). Programs that are no browsers say no
/// origin, and are not meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origins(
    /// `None` for any: whoever asks needs a token or a password, which no browser adds by itself.
    Option<Vec<HeaderValue>>,
);

/// A text that is no origin.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no origin: write it as https://app.example or http://localhost:3000, without a path")]
pub struct NoOrigin(String);

/// What the page of a request may do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Granted {
    /// As every page.
    Any,
    /// As one of those that are listed.
    Listed(HeaderValue),
    /// It is not listed.
    Nothing,
}

impl Origins {
    /// Only these, each a scheme, a host and, where it is not the scheme's own, a port.
    ///
    /// # Errors
    /// [`NoOrigin`] with the first text that is none.
    pub fn only<'a>(origins: impl IntoIterator<Item = &'a str>) -> Result<Self, NoOrigin> {
        let origins = origins.into_iter().map(|text| origin(text).ok_or_else(|| NoOrigin(text.to_owned())));
        Ok(Self(Some(origins.collect::<Result<_, _>>()?)))
    }

    /// Whether answers depend on the origin.
    pub(crate) fn are_listed(&self) -> bool {
        self.0.is_some()
    }

    /// What a page of this origin may do; a request without one asks for nothing.
    pub(crate) fn grant(&self, origin: Option<&HeaderValue>) -> Granted {
        let Some(list) = &self.0 else { return Granted::Any };
        match origin.filter(|origin| list.contains(origin)) {
            Some(origin) => Granted::Listed(origin.clone()),
            None => Granted::Nothing,
        }
    }
}

/// An origin in the form in which browsers send it: small letters, no port that goes without saying.
fn origin(text: &str) -> Option<HeaderValue> {
    let text = text.trim().to_ascii_lowercase();
    let (scheme, host) = text.split_once("://")?;
    let host = match scheme {
        "https" => host.strip_suffix(":443").unwrap_or(host),
        "http" => host.strip_suffix(":80").unwrap_or(host),
        _ => host,
    };
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    let is_host = !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._:[]".contains(&b));
    HeaderValue::from_str(&format!("{scheme}://{host}")).ok().filter(|_| is_scheme && is_host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_read_as_browsers_write_them() {
        let rows = [
            ("https://app.example", Some("https://app.example")),
            (" HTTPS://App.Example:443 ", Some("https://app.example")),
            ("http://localhost:3000", Some("http://localhost:3000")),
            ("http://app.example:80", Some("http://app.example")),
            ("https://app.example:80", Some("https://app.example:80")),
            ("http://[::1]:8080", Some("http://[::1]:8080")),
            ("capacitor://localhost", Some("capacitor://localhost")),
            ("https://app.example/", None),
            ("https://app.example/path", None),
            ("https://user@app.example", None),
            ("https://*.example", None),
            ("https://", None),
            ("://app.example", None),
            ("app.example", None),
            ("null", None),
            ("*", None),
            ("", None),
        ];
        for (text, wanted) in rows {
            let wanted = wanted.map(HeaderValue::from_static).ok_or_else(|| NoOrigin(text.into()));
            assert_eq!(Origins::only([text]), wanted.map(|origin| Origins(Some(vec![origin]))), "{text:?}");
        }
    }

    #[test]
    fn only_listed_origins_are_granted_anything() {
        let listed = Origins::only(["https://a.example", "https://b.example"]).unwrap();
        let grant = |origins: &Origins, origin: &'static str| origins.grant(Some(&HeaderValue::from_static(origin)));
        assert_eq!(grant(&listed, "https://b.example"), Granted::Listed(HeaderValue::from_static("https://b.example")));
        for other in ["http://b.example", "https://b.example:8443", "https://b.example.evil.example", "null", ""] {
            assert_eq!(grant(&listed, other), Granted::Nothing, "{other}");
            assert_eq!(grant(&Origins::default(), other), Granted::Any, "{other}");
        }
        assert_eq!(listed.grant(None), Granted::Nothing);
        assert_eq!(grant(&Origins::only([]).unwrap(), "https://a.example"), Granted::Nothing);
    }
}
