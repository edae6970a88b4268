//! HTTP: everything that is no file and no socket goes to the switch.

use std::{future::poll_fn, path::Path, pin::Pin, sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, Bytes, HttpBody},
    extract::{FromRequestParts, Request, State, WebSocketUpgrade},
    http::{StatusCode, header, request::Parts},
    middleware::from_fn_with_state,
    response::{IntoResponse, Response},
    routing::{any, get, post},
};
use kandy_switch::{begins_subscription, people_route};
use tracing::{Instrument, Span};

use crate::{
    client::Client,
    files, headers, openapi,
    operation::{self, health::LATER, requests::Requests},
    operator,
    origins::Origins,
    people::{People, voicemail},
    provisioning::{self, Provisioning, token},
    sign_in::later,
    ws,
};

/// Largest body of a request: an SDP has some tens of kilobytes.
const MAX_BODY: usize = 1 << 20;
/// How much more of a body is read and thrown away, so that its sender gets to read the refusal.
const MAX_IGNORED: usize = 16 << 20;
/// To those who would log in while the gateway is about to end.
const DRAINING: &str = "The gateway is ending; log in again in some seconds.";
/// How long a body may take to arrive.
const BODY_TIME: Duration = Duration::from_secs(30);

/// The whole server: sockets, requests, files, and the headers of all of them.
pub(crate) fn router(
    provisioning: Provisioning,
    www: Option<&Path>,
    sdk: Option<&Path>,
    origins: Arc<Origins>,
    counted: Requests,
) -> Router {
    let people = provisioning.people.clone();
    let provisioned = || any(provisioning::serve).with_state(provisioning.clone());
    let requests = || any(serve).with_state(people.clone());
    Router::new()
        .route("/notification/{*channel}", any(socket).with_state(people.clone()))
        .route("/operator/v1/users/{user}/voicemail", any(voicemail::operator).with_state(people.clone()))
        .route("/operator/v1/{*resource}", any(operator::api::serve).with_state(provisioning.clone()))
        .route("/operator/v1/audit", any(operator::audit::operator).with_state(people.clone()))
        .route(openapi::PATH, get(openapi::serve))
        .route("/rest/{*resource}", requests())
        .route("/{version}/auth/{what}", requests())
        .route("/{version}/rm/{*what}", requests())
        .merge(operation::public(&people))
        .fallback_service(files::router(www, sdk, requests()))
        .layer(from_fn_with_state(origins, headers::add))
        // These have headers of their own.
        .route(token::PATH, post(token::issue).with_state(provisioning.clone()))
        .route(provisioning::BASE, provisioned())
        .route(&format!("{}/", provisioning::BASE), provisioned())
        .route(&format!("{}/{{*resource}}", provisioning::BASE), provisioned())
        .layer(from_fn_with_state(counted, operation::requests::serve))
}

async fn serve(State(people): State<People>, client: Client, request: Request) -> Response {
    let (parts, mut body) = request.into_parts();
    let (method, path) = (parts.method.as_str(), parts.uri.path());
    let peer = client.address.to_string();
    if let Some(call) = people.hub.call_number(path) {
        Span::current().record("call", call);
    }
    let response = if people.readiness.is_draining() && begins_login(method, path) {
        ignore(&mut body).await;
        later(kandy_switch::Response::refusal(method, path, 503, DRAINING), LATER)
    } else if let Some(refusal) = people.refusal(&parts, &client).await {
        // Whoever is still sending would not read it.
        ignore(&mut body).await;
        refusal
    } else if people_route(method, path).is_some() {
        people.serve(&parts, body, &peer).await
    } else {
        answer(match read(body).await {
            Ok(body) => {
                let headers = headers_of(&parts);
                let query = parts.uri.query().unwrap_or_default();
                let request =
                    kandy_switch::Request { method, path, query, headers: &headers, peer: &peer, body: &body };
                if begins_subscription(method, path) {
                    people.subscribe(&request).await
                } else {
                    people.hub.request(&request)
                }
            }
            Err((status, reason)) => kandy_switch::Response::refusal(method, path, status, reason),
        })
    };
    people.note_subscription(&parts, &client, response.status().as_u16());
    response
}

/// Whether a request begins a login, of either kind.
fn begins_login(method: &str, path: &str) -> bool {
    begins_subscription(method, path) || path.ends_with("/auth/mk_token")
}

/// The headers that are texts.
pub(crate) fn headers_of(parts: &Parts) -> Vec<(&str, &str)> {
    parts.headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect()
}

async fn socket(State(people): State<People>, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    let Ok(upgrade) = WebSocketUpgrade::from_request_parts(&mut parts, &()).await else {
        return refusal(&parts, 400, "This address is for WebSockets.");
    };
    // Lines about a socket have the id of the request that opened it.
    let span = Span::current();
    match people.open(parts.uri.path(), parts.uri.query().unwrap_or_default()).await {
        Ok(open) => upgrade
            .max_message_size(ws::MAX_FRAME)
            .max_frame_size(ws::MAX_FRAME)
            .read_buffer_size(ws::READ_BUFFER)
            .on_upgrade(move |socket| ws::serve(socket, open).instrument(span)),
        Err(Some(response)) => answer(response),
        Err(None) => refusal(&parts, 403, "The gateway is ending."),
    }
}

pub(crate) fn refusal(parts: &Parts, status: u16, reason: &'static str) -> Response {
    answer(kandy_switch::Response::refusal(parts.method.as_str(), parts.uri.path(), status, reason))
}

pub(crate) fn answer(response: kandy_switch::Response) -> Response {
    let status = StatusCode::from_u16(response.status).unwrap_or(StatusCode::BAD_REQUEST);
    (status, [(header::CONTENT_TYPE, response.content_type)], response.body).into_response()
}

/// The body as text, or status and sentence of the refusal.
pub(crate) async fn read(body: Body) -> Result<String, (u16, &'static str)> {
    let read = tokio::time::timeout(BODY_TIME, collect(body)).await.map_err(|_| (408, "The body took too long."))?;
    String::from_utf8(read?).map_err(|_| (400, "The body is not UTF-8."))
}

async fn collect(mut body: Body) -> Result<Vec<u8>, (u16, &'static str)> {
    let (mut text, mut length) = (Vec::new(), 0);
    while let Some(chunk) = chunk(&mut body).await? {
        length += chunk.len();
        if length <= MAX_BODY {
            text.extend_from_slice(&chunk);
        } else if length > MAX_IGNORED {
            break;
        }
    }
    if length > MAX_BODY { Err((413, "The body is too large.")) } else { Ok(text) }
}

/// Reads what is left of a body that was refused and throws it away, as far as that is not too much.
pub(crate) async fn ignore(body: &mut Body) {
    let mut length = 0;
    let read = async {
        while let Ok(Some(chunk)) = chunk(body).await {
            length += chunk.len();
            if length > MAX_IGNORED {
                break;
            }
        }
    };
    drop(tokio::time::timeout(BODY_TIME, read).await);
}

/// The next part that is not a trailer.
pub(crate) async fn chunk(body: &mut Body) -> Result<Option<Bytes>, (u16, &'static str)> {
    loop {
        match poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await {
            None => return Ok(None),
            Some(Err(_)) => return Err((400, "The body broke off.")),
            Some(Ok(frame)) => {
                if let Ok(data) = frame.into_data() {
                    return Ok(Some(data));
                }
            }
        }
    }
}
