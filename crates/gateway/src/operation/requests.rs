//! Around every request: it gets an id, which all lines of the log about it carry and its answer tells; and it is counted.

use std::{sync::Arc, time::Instant};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use prometheus_client::metrics::{counter::Counter, family::Family, histogram::Histogram};
use tracing::{Instrument, field::Empty};

use super::meters::{Counters, Labels, seconds};

const HEADER: HeaderName = HeaderName::from_static("x-request-id");
/// Longest id of a client that is taken over, in characters: a UUID has 36, and the ids of traces are shorter than this.
const MAX_ID: usize = 128;

/// The id of a request: the client's `x-request-id` where that is plain, or a fresh one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RequestId(Arc<str>);

impl RequestId {
    /// Letters, digits and a few marks are plain: it goes into logs.
    fn of(headers: &HeaderMap) -> Self {
        let mark = |byte: u8| b"-_.:+/=".contains(&byte);
        let plain = |id: &&str| {
            (1..=MAX_ID).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || mark(byte))
        };
        let given = headers.get(HEADER).and_then(|id| id.to_str().ok()).map(str::trim).filter(plain);
        Self(given.map_or_else(|| uuid::Uuid::new_v4().to_string().into(), Into::into))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a call of the provisioning API wants, in a word; handlers leave it in their answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Operation(pub(crate) &'static str);

/// What is known of requests.
#[derive(Clone)]
pub(crate) struct Requests {
    /// By resource and class of the status.
    pub(crate) answered: Counters<2>,
    /// By resource.
    pub(crate) times: Family<Labels<1>, Histogram, fn() -> Histogram>,
    /// By operation and status.
    pub(crate) provisioning: Family<[(&'static str, String); 2], Counter>,
}

impl Default for Requests {
    fn default() -> Self {
        Self {
            answered: Counters::default(),
            times: Family::new_with_constructor(seconds),
            provisioning: Family::default(),
        }
    }
}

/// Serves a request in a span of its own.
pub(crate) async fn serve(State(requests): State<Requests>, mut request: Request, next: Next) -> Response {
    let id = RequestId::of(request.headers());
    request.extensions_mut().insert(id.clone());
    let (method, resource) = (request.method().clone(), resource(request.uri().path()));
    // Of the highest level, so that every line has it, whichever levels are wanted.
    let span = tracing::error_span!("request", id = id.as_str(), call = Empty);
    let begun = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let time = begun.elapsed();
    let status = response.status().as_u16();
    requests.answered.get_or_create(&[("resource", resource), ("status", class(status))]).inc();
    requests.times.get_or_create(&[("resource", resource)]).observe(time.as_secs_f64());
    let _in = span.enter();
    let (method, ms) = (method.as_str(), u64::try_from(time.as_millis()).unwrap_or(u64::MAX));
    if let Some(Operation(operation)) = response.extensions().get() {
        let labels = [("operation", (*operation).to_owned()), ("status", status.to_string())];
        requests.provisioning.get_or_create(&labels).inc();
        tracing::info!(method, resource, operation, status, ms, "request");
    } else {
        // The resource's name alone: paths hold session ids, queries hold tokens.
        tracing::debug!(method, resource, status, ms, "request");
    }
    if let Ok(id) = HeaderValue::from_str(id.as_str()) {
        response.headers_mut().insert(HEADER, id);
    }
    response
}

fn class(status: u16) -> &'static str {
    match status {
        ..200 => "1xx",
        200..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        500.. => "5xx",
    }
}

/// Names of resources below a user, and of tokens.
const RESOURCES: [&str; 20] = [
    "mk_token",
    "refresh_token",
    "revoke_token",
    "rm",
    "subscription",
    "callControl",
    "calldisposition",
    "clicktocall",
    "push",
    "instantmessage",
    "presence",
    "presenceWatcher",
    "addressbook",
    "directory",
    "userProfileData",
    "localization",
    "voicemail",
    "logHistory",
    "logRecord",
    "eventSubscription",
];

/// What a path is about, in a word that may stand in logs and metrics.
fn resource(path: &str) -> &'static str {
    match path.split('/').nth(1).unwrap_or_default() {
        "notification" => "socket",
        "oauth" => "accesstoken",
        "communication" => "provisioning",
        "operator" => "operator",
        "healthz" | "readyz" | "metrics" => "health",
        "kandy-wasm" => "sdk",
        _ => path.split('/').find_map(|part| RESOURCES.into_iter().find(|name| *name == part)).unwrap_or("other"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_ids_are_taken_over() {
        let (longest, long) = ("x".repeat(MAX_ID), "x".repeat(MAX_ID + 1));
        let rows =
            [("a-7.X_:/+=", true), (&*longest, true), (&*long, false), ("a b", false), ("", false), ("a\"", false)];
        for (id, wanted) in rows.into_iter().chain([("a\u{e9}", false)]) {
            let mut headers = HeaderMap::new();
            headers.insert(HEADER, id.parse().unwrap());
            let kept = RequestId::of(&headers);
            assert_eq!(kept.as_str() == id, wanted, "{id}");
            assert!(!kept.as_str().is_empty());
        }
        assert_ne!(RequestId::of(&HeaderMap::new()), RequestId::of(&HeaderMap::new()));
    }

    #[test]
    fn words_are_of_the_code() {
        let rows = [
            ("/rest/version/1/user/a@b/callControl/callSessions/secret", "callControl"),
            ("/notification/1.0/websocket/secret", "socket"),
            ("/v2.0/auth/mk_token", "mk_token"),
            ("/communication/kandy/provisioning/order", "provisioning"),
            ("/oauth/client_credential/accesstoken", "accesstoken"),
            ("/operator/v1/users/a@b/voicemail", "operator"),
            ("/kandy-wasm/kandy.js", "sdk"),
            ("/readyz", "health"),
            ("/index.html", "other"),
            ("", "other"),
        ];
        for (path, wanted) in rows {
            assert_eq!(resource(path), wanted, "{path}");
        }
        assert_eq!([101, 200, 302, 404, 503].map(class), ["1xx", "2xx", "3xx", "4xx", "5xx"]);
    }
}
