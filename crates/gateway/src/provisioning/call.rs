//! One request and its answer: what it says of itself, and the headers that every answer has (provisioning §6.2).

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use kandy_switch::parameter;
use kandy_wire::encode;
use serde::{Serialize, de::DeserializeOwned};

use super::{
    BASE,
    calendar::{self, Millis},
    quota::Window,
    refusal::{Name, Refusal},
    words::Connection,
};
use crate::{
    client::Client,
    origins::{Granted, Origins},
    serve::Scheme,
};

/// The one version that there is (provisioning §1).
const VERSION: &str = "v1";
/// What browsers are told in a pre-flight (provisioning §6.2).
const PREFLIGHT_HEADERS: &str =
    "authorization, content-type, api-version, x-request-id, idempotency-key, applicationid";
/// How long a pre-flight holds, in seconds (provisioning §6.2).
const PREFLIGHT_LIFE: &str = "600";
/// What pages may read of an answer.
const EXPOSED: &str = "api-version, sunset, location, retry-after, x-request-id, quota-limit, quota-interval, \
    quota-time-unit, quota-used, quota-reset-utc";

/// A request.
#[derive(Debug, Clone)]
pub(super) struct Call {
    /// The request's id.
    pub(super) id: String,
    pub(super) method: String,
    /// Below the base.
    pub(super) path: String,
    pub(super) query: String,
    /// The client's address.
    pub(super) peer: String,
    /// The token, if there is one.
    pub(super) bearer: Option<String>,
    pub(super) idempotency_key: Option<String>,
    /// Where the client reached this gateway.
    pub(super) connection: Connection,
    pub(super) window: Window,
    wanted_version: Option<String>,
    origin: Option<HeaderValue>,
    /// What a pre-flight asks about.
    asks_method: bool,
}

/// What came of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) location: Option<String>,
    /// JSON.
    pub(crate) body: String,
}

impl Answer {
    /// 200 with this body.
    pub(crate) fn ok(body: &impl Serialize) -> Self {
        Self { status: StatusCode::OK, location: None, body: encode(body) }
    }
}

impl Call {
    /// Reads what a request says of itself.
    pub(super) fn new(parts: &Parts, client: Client, now: Millis) -> Self {
        let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
        let bearer = header("authorization").and_then(|value| {
            let (scheme, token) = value.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
        });
        Self {
            id: client.request_id,
            method: parts.method.as_str().to_owned(),
            path: parts.uri.path().strip_prefix(BASE).unwrap_or_default().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            peer: client.address.to_string(),
            bearer,
            idempotency_key: header("idempotency-key").map(str::to_owned),
            connection: connection(parts),
            window: Window::of_nobody(now),
            wanted_version: header("api-version").map(str::to_owned),
            origin: parts.headers.get(header::ORIGIN).cloned(),
            asks_method: parts.headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD),
        }
    }

    /// What is answered to anybody: pre-flights, and the way to the description of this API.
    pub(super) fn without_token(&self, origins: &Origins) -> Option<Response> {
        if self.method == "OPTIONS" && self.asks_method {
            let mut response = StatusCode::OK.into_response();
            self.head(response.headers_mut(), origins);
            let lines = [
                (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, PUT, POST, DELETE"),
                (header::ACCESS_CONTROL_ALLOW_HEADERS, PREFLIGHT_HEADERS),
                (header::ACCESS_CONTROL_MAX_AGE, PREFLIGHT_LIFE),
            ];
            for (name, value) in lines {
                response.headers_mut().insert(name, HeaderValue::from_static(value));
            }
            return Some(response);
        }
        if self.method == "GET" && self.path.trim_matches('/').is_empty() {
            let mut response = (StatusCode::FOUND, [(header::LOCATION, "/openapi.json")]).into_response();
            self.head(response.headers_mut(), origins);
            return Some(response);
        }
        None
    }

    /// The version that is asked for is the one that there is.
    pub(super) fn version(&self) -> Result<(), Refusal> {
        match self.wanted_version.as_deref() {
            None | Some("" | VERSION) => Ok(()),
            Some(_) => Err(Refusal::field("api-version", VERSION)),
        }
    }

    /// A parameter of the query; an empty one counts as none.
    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        parameter(&self.query, name).filter(|text| !text.is_empty())
    }

    /// The answer as it is sent.
    pub(super) fn finish(&self, answered: Result<Answer, Refusal>, now: Millis, origins: &Origins) -> Response {
        let mut response = match &answered {
            Ok(answer) => {
                let mut response = (answer.status, answer.body.clone()).into_response();
                insert(response.headers_mut(), "location", answer.location.as_deref());
                response
            }
            Err(refusal) => {
                let mut response = (refusal.name.status(), encode(&refusal.body(&self.id))).into_response();
                let seconds = (self.window.reset - now).div_euclid(1_000).max(0) + 1;
                let headers = response.headers_mut();
                match refusal.name {
                    Name::Unauthorized => {
                        insert(headers, "www-authenticate", Some(r#"Bearer error="invalid_token""#));
                    }
                    Name::MethodNotAllowed(methods) => insert(headers, "allow", Some(methods)),
                    Name::QuotaExceeded => insert(headers, "retry-after", Some(&seconds.to_string())),
                    Name::ServiceUnavailable => insert(headers, "retry-after", Some("5")),
                    _ => {}
                }
                response
            }
        };
        self.head(response.headers_mut(), origins);
        response
    }

    /// The headers of every answer.
    fn head(&self, headers: &mut HeaderMap, origins: &Origins) {
        let Window { quota, used, reset } = self.window;
        let lines: [(&'static str, String); 8] = [
            ("content-type", "application/json; charset=utf-8".into()),
            ("sunset", "n/a".into()),
            ("api-version", VERSION.into()),
            ("quota-limit", quota.limit.to_string()),
            ("quota-interval", quota.interval.to_string()),
            ("quota-time-unit", quota.unit.word().into()),
            ("quota-used", used.to_string()),
            ("quota-reset-utc", calendar::text(reset)),
        ];
        for (name, value) in lines {
            insert(headers, name, Some(&value));
        }
        // The value too is that of the table (provisioning §6.2); browsers pass over it where there is no TLS.
        insert(headers, "strict-transport-security", Some("max-age=31536000; includeSubDomains; preload"));
        insert(headers, "cache-control", Some("no-store"));
        insert(headers, "vary", Some("origin"));
        // Where any page may use the gateway, none may use this: a page is no place for the secret.
        if let Granted::Listed(origin) = origins.grant(self.origin.as_ref()) {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            insert(headers, "access-control-allow-credentials", Some("true"));
            insert(headers, "access-control-expose-headers", Some(EXPOSED));
        }
    }
}

/// What a body says.
pub(crate) fn decode<T: DeserializeOwned>(body: &str) -> Result<T, Refusal> {
    let body = if body.trim().is_empty() { "{}" } else { body };
    let mut reader = serde_json::Deserializer::from_str(body);
    serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let what = error.into_inner();
        if what.is_data() {
            // The words of the error itself could repeat what stands in the body.
            let missing = what.to_string().strip_prefix("missing field `").and_then(|rest| {
                let name = rest.split('`').next()?;
                Some(format!("{name} is missing."))
            });
            let wrong = || match path.as_str() {
                "." => "A member of the body has a wrong type.".to_owned(),
                path => format!("{path} has a wrong type or value."),
            };
            Refusal::new(Name::InvalidField, missing.unwrap_or_else(wrong)).with(path)
        } else {
            Refusal::new(Name::BadRequest, "The body is not JSON.")
        }
    })
}

fn insert(headers: &mut HeaderMap, name: &'static str, value: Option<&str>) {
    if let Some(value) = value.and_then(|value| HeaderValue::from_str(value).ok()) {
        headers.insert(HeaderName::from_static(name), value);
    }
}

/// Where the client reached this gateway, which is where the SDK reaches it too.
fn connection(parts: &Parts) -> Connection {
    let scheme = Scheme::noted(parts);
    let plain = |host: &&str| host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_:[]".contains(&b));
    let host = parts.headers.get(header::HOST).and_then(|value| value.to_str().ok());
    let host = host.filter(plain).unwrap_or("localhost");
    let (name, port) = match host.rsplit_once(':').map(|(name, port)| (name, port.parse::<u16>())) {
        Some((name, Ok(port))) => (name, port),
        _ => (host, if scheme == Scheme::Https { 443 } else { 80 }),
    };
    Connection {
        subscription_server: name.to_owned(),
        websocket_server: name.to_owned(),
        protocol: scheme.name().to_owned(),
        port,
    }
}
