//! The HTTP requests of one client.

use std::{
    net::{IpAddr, Ipv4Addr},
    time::Duration,
};

use kandy_core::{
    effect::HttpRequest,
    input::{HttpFailure, HttpResponse},
};
use reqwest::{Method, header::CONTENT_TYPE};

use crate::{Failure, board::Step};

/// Bytes of a body; the largest documented answers are a few kilobytes.
const LARGEST: usize = 1 << 20;

/// How long a connection is kept for the next request; then it is closed, so that an idle client has its socket alone. Browsers keep it for longer, but every client here has but one or two
/// requests in a row, and connections are what a gateway has a limited number of.
pub(crate) const KEPT: Duration = Duration::from_secs(5);

/// Connections of one client: one at a time is kept.
pub(crate) fn connections() -> Result<reqwest::Client, Failure> {
    connections_from(None)
}

/// The same from this address, if one is given.
pub(crate) fn connections_from(source: Option<Ipv4Addr>) -> Result<reqwest::Client, Failure> {
    // Everything here is plain HTTP; the client wants a provider for TLS all the same.
    drop(rustls::crypto::ring::default_provider().install_default());
    let builder = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(1).pool_idle_timeout(KEPT);
    builder
        .local_address(source.map(IpAddr::V4))
        .build()
        .map_err(|error| Failure::Http(error.without_url().to_string()))
}

/// What a request is for.
pub(crate) fn step(request: &HttpRequest) -> Step {
    let path = request.url.split('?').next().unwrap_or_default();
    match (request.method, path.rsplit('/').next().unwrap_or_default()) {
        (_, "mk_token") => Step::Token,
        (_, "refresh_token") => Step::Refresh,
        (_, "revoke_token") => Step::Revoke,
        ("POST", "subscription") => Step::Subscribe,
        // Behind the resource's name stands the subscription's id.
        ("PUT", _) if path.contains("/subscription/") => Step::Extend,
        ("DELETE", _) if path.contains("/subscription/") => Step::Unsubscribe,
        _ => Step::Other,
    }
}

/// Makes a request.
///
/// # Errors
/// As a browser names them. Addresses hold tokens, so none is told.
pub(crate) async fn ask(client: &reqwest::Client, request: HttpRequest) -> Result<HttpResponse, HttpFailure> {
    let method = Method::from_bytes(request.method.as_bytes()).map_err(|_| failure("TypeError"))?;
    let mut builder = client.request(method, request.url).timeout(Duration::from_millis(request.timeout));
    for (name, value) in request.headers {
        builder = builder.header(name, value);
    }
    if let Some(body) = request.body {
        builder = builder.body(body);
    }
    let mut response = builder.send().await.map_err(|error| named(&error))?;
    let content_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(|error| named(&error))? {
        if body.len() + piece.len() > LARGEST {
            return Err(failure("RangeError"));
        }
        body.extend_from_slice(&piece);
    }
    let status = response.status();
    Ok(HttpResponse {
        status: status.as_u16(),
        status_text: status.canonical_reason().unwrap_or_default().to_owned(),
        content_type,
        body: String::from_utf8_lossy(&body).into_owned(),
    })
}

fn named(error: &reqwest::Error) -> HttpFailure {
    failure(if error.is_timeout() { "TimeoutError" } else { "TypeError" })
}

/// What a browser calls `name`.
pub(crate) fn failure(name: &str) -> HttpFailure {
    HttpFailure { name: name.to_owned(), message: "The request was not answered.".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_told_apart() {
        let user = "http://127.0.0.1:1/rest/version/1/user/a@b/subscription";
        let rows = [
            ("GET", "http://127.0.0.1:1/v2.0/auth/mk_token?expires=1".to_owned(), Step::Token),
            ("GET", "http://127.0.0.1:1/v2.0/auth/refresh_token?token=x".to_owned(), Step::Refresh),
            ("GET", "http://127.0.0.1:1/v2.0/auth/revoke_token?token=x".to_owned(), Step::Revoke),
            ("POST", format!("{user}?token=x/mk_token"), Step::Subscribe),
            ("PUT", format!("{user}/7?token=x"), Step::Extend),
            ("DELETE", format!("{user}/7"), Step::Unsubscribe),
            ("POST", "http://127.0.0.1:1/rest/version/1/user/a@b/callControl".to_owned(), Step::Other),
        ];
        for (method, url, wanted) in rows {
            let request = HttpRequest { method, url, headers: vec![], body: None, timeout: 1, keepalive: false };
            assert_eq!(step(&request), wanted, "{request:?}");
        }
    }
}
