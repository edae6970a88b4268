//! The headers of every response, errors included: what pages of other origins may do with it, and what browsers must not.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::{
    http,
    origins::{Granted, Origins},
    serve::Scheme,
};

/// Where a handler says nothing else. Answers are data: nothing of them is to run, to be shown in a frame, to be kept, or to
/// tell others where it was read. Pages of other origins may load files, as far as these ask for no token.
const ALWAYS: [(HeaderName, &str); 6] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
];
/// Over TLS, browsers are to come by TLS only from now on: a year (RFC 6797; the value is that of the provisioning API).
const STRICT: &str = "max-age=31536000; includeSubDomains; preload";

/// Answers to pre-flights: methods of both APIs; headers that the clients (protocol §0.6, §13) and the provisioning API send;
/// how many seconds a browser may go by it.
const PREFLIGHT: [(HeaderName, &str); 3] = [
    (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, PUT, DELETE, OPTIONS"),
    (
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        "accept, authorization, content-type, range, x-token, x-session, x-cpaas-agent, api-version, x-request-id, \
         idempotency-key, applicationid",
    ),
    (header::ACCESS_CONTROL_MAX_AGE, "600"),
];
/// What pages may read beside the headers that they always may: names and parts of files, when to come back, and what the
/// provisioning API says of itself.
const EXPOSED: &str = "accept-ranges, content-disposition, content-range, location, retry-after, x-request-id, api-version, \
                       sunset, quota-limit, quota-interval, quota-time-unit, quota-used, quota-reset-utc";

/// Adds the headers; answers pre-flights; refuses sockets of pages that may not open any.
pub(crate) async fn add(State(origins): State<Arc<Origins>>, request: Request, next: Next) -> Response {
    let granted = origins.grant(request.headers().get(header::ORIGIN));
    let secure = request.extensions().get::<Scheme>() == Some(&Scheme::Https);
    let preflight = request.method() == Method::OPTIONS;
    // Browsers ask for no leave before they open a socket, and let the page read it. Others than browsers say no origin.
    let refused = granted == Granted::Nothing && request.headers().contains_key(header::ORIGIN);
    let mut response = if preflight {
        StatusCode::NO_CONTENT.into_response()
    } else if refused && asks_for_socket(request.headers()) {
        http::refusal(&request.into_parts().0, 403, "Pages of this origin may not open sockets here.")
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if secure {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(STRICT));
    }
    if origins.are_listed() {
        headers.append(header::VARY, HeaderValue::from_static("origin"));
    }
    allow(headers, granted, preflight);
    response
}

fn asks_for_socket(headers: &HeaderMap) -> bool {
    headers.get(header::UPGRADE).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

/// What a page may do with the response (Fetch, "CORS protocol").
fn allow(headers: &mut HeaderMap, granted: Granted, preflight: bool) {
    match granted {
        // Without credentials of the browser's own: they and any origin exclude each other.
        Granted::Any => {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        }
        Granted::Listed(origin) => {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        }
        Granted::Nothing => return,
    }
    if !preflight {
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
        return;
    }
    for (name, value) in PREFLIGHT {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

#[cfg(test)]
mod tests {
    use axum::{Router, body::Body, http::Request, middleware::from_fn_with_state, routing::any};
    use hyper::service::Service;
    use hyper_util::service::TowerToHyperService;

    use super::*;

    const APP: &str = "https://app.example";

    /// What a server with these origins answers; the path says with which status its handler does.
    async fn answer(origins: &Origins, request: axum::http::request::Builder) -> Response {
        let handler = async |axum::extract::Path(status): axum::extract::Path<u16>| {
            (StatusCode::from_u16(status).unwrap(), [(header::VARY, "accept-encoding")], "{}")
        };
        let router =
            Router::new().route("/{status}", any(handler)).layer(from_fn_with_state(Arc::new(origins.clone()), add));
        TowerToHyperService::new(router).call(request.body(Body::empty()).unwrap()).await.unwrap()
    }

    fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
        response.headers().get(name).map(|value| value.to_str().unwrap())
    }

    #[tokio::test]
    async fn every_status_has_the_same_headers() {
        let listed = Origins::only([APP]).unwrap();
        for status in [200, 206, 304, 401, 403, 404, 405, 408, 413, 429, 500, 503] {
            for (scheme, strict) in [(Scheme::Http, None), (Scheme::Https, Some(STRICT))] {
                let request = || Request::get(format!("/{status}")).header("origin", APP).extension(scheme);
                let any = answer(&Origins::default(), request()).await;
                let one = answer(&listed, request()).await;
                for response in [&any, &one] {
                    assert_eq!(response.status(), status);
                    for (name, value) in [
                        ("x-content-type-options", "nosniff"),
                        ("referrer-policy", "no-referrer"),
                        ("x-frame-options", "DENY"),
                        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
                        ("cross-origin-resource-policy", "cross-origin"),
                        ("cache-control", "no-store"),
                        ("access-control-expose-headers", EXPOSED),
                    ] {
                        assert_eq!(header(response, name), Some(value), "{status} {scheme:?} {name}");
                    }
                    assert_eq!(header(response, "strict-transport-security"), strict, "{status} {scheme:?}");
                }
                let vary = |response: &Response| -> Vec<HeaderValue> {
                    response.headers().get_all("vary").iter().cloned().collect()
                };
                assert_eq!(vary(&any), ["accept-encoding"], "{status}");
                assert_eq!(vary(&one), ["accept-encoding", "origin"], "{status}");
            }
        }
    }

    #[tokio::test]
    async fn origins_are_allowed_as_they_are_listed() {
        let (any, listed) = (Origins::default(), Origins::only([APP]).unwrap());
        let other = Some("https://evil.example");
        // Origins, origin, allowed origin, credentials, status of a socket.
        let rows = [
            (&any, None, Some("*"), None, 200),
            (&any, Some(APP), Some("*"), None, 200),
            (&any, other, Some("*"), None, 200),
            (&any, Some("null"), Some("*"), None, 200),
            (&listed, None, None, None, 200),
            (&listed, Some(APP), Some(APP), Some("true"), 200),
            (&listed, other, None, None, 403),
            (&listed, Some("null"), None, None, 403),
        ];
        for (origins, origin, allowed, credentials, socket) in rows {
            let from = |request: axum::http::request::Builder| match origin {
                Some(origin) => request.header("origin", origin),
                None => request,
            };
            for method in ["GET", "OPTIONS"] {
                let response = answer(origins, from(Request::builder().method(method).uri("/200"))).await;
                assert_eq!(response.status(), if method == "GET" { 200 } else { 204 }, "{origin:?}");
                assert_eq!(header(&response, "access-control-allow-origin"), allowed, "{method} {origin:?}");
                assert_eq!(header(&response, "access-control-allow-credentials"), credentials, "{method} {origin:?}");
                let preflight = allowed.filter(|_| method == "OPTIONS");
                for (name, value) in PREFLIGHT {
                    assert_eq!(header(&response, name.as_str()), preflight.map(|_| value), "{method} {origin:?}");
                }
            }
            for word in ["websocket", "WebSocket"] {
                let upgrade = Request::get("/200").header("connection", "upgrade").header("upgrade", word);
                assert_eq!(answer(origins, from(upgrade)).await.status(), socket, "{origin:?}");
            }
        }
    }
}
