//! The door: what a request carries to sign in with, the answers to those that are not let look, and lines for the audit log.

use axum::{
    http::{HeaderValue, header, request::Parts},
    response::Response as HttpResponse,
};
use kandy_switch::{Fault, Request, Response, UserKey, begins_subscription, parameter, password_of};

use super::{Given, Name, NotNow, Wait};
use crate::{audit::Event, client::Client, http, people::People};

const THROTTLED: &str = "There were too many wrong passwords; try again later.";
const BUSY: &str = "Too many users are signing in; try again later.";
const FAILED: &str = "The gateway failed.";
/// Seconds after which a gateway that had no time may have some.
const SOON: u64 = 1;

impl People {
    /// Looks at the password that a request carries, if it does. Returns the answer if the request is not to be served.
    pub(crate) async fn refusal(&self, parts: &Parts, client: &Client) -> Option<HttpResponse> {
        let headers = http::headers_of(parts);
        let request = bare(parts, &headers);
        let refuse = |status, reason| Response::refusal(request.method, request.path, status, reason);
        let Some((name, password)) = password_of(&request) else {
            // Tokens of the gateway itself are too long to be guessed, and old ones are usual after a restart: they cost nothing.
            let wait = self.sign_in.wait(client.address).filter(|_| signed(&request))?;
            self.throttled(client, None, wait, "x-token");
            return Some(later(refuse(429, THROTTLED), wait.seconds()));
        };
        let at = self.hub.now().0;
        // While the gateway is ending the switch refuses everything.
        let user = self.hub.with(|switch, _| switch.accounts().named(&name).cloned())?;
        let given = Given { user, name: Name::of(&name), password, client: client.clone(), at };
        Some(match self.sign_in.look(&self.store, &given).await.err()? {
            NotNow::Throttled(wait) => {
                self.throttled(client, given.user.as_ref(), wait, "password");
                later(refuse(429, THROTTLED), wait.seconds())
            }
            NotNow::Busy => later(refuse(503, BUSY), SOON),
            NotNow::Store(error) => {
                let fault = Fault::from(error);
                http::answer(refuse(fault.status, fault.reason))
            }
            NotNow::Failed => http::answer(refuse(500, FAILED)),
        })
    }

    /// Notes that a client subscribed, or that its signed token was none.
    pub(crate) fn note_subscription(&self, parts: &Parts, client: &Client, status: u16) {
        let headers = http::headers_of(parts);
        let request = bare(parts, &headers);
        if !begins_subscription(request.method, request.path) {
            return;
        }
        let credential = credential(&request);
        let event = match status {
            200..300 => Event { action: "subscription", credential, outcome: "done" },
            401 if credential == "x-token" => {
                self.sign_in.failed(client.address);
                Event { action: "sign-in", credential, outcome: "bad-token" }
            }
            _ => return,
        };
        // `/rest/version/{v}/user/{user}/subscription`, decoded like a parameter.
        let user = request.path.split('/').nth(5).and_then(|user| parameter(&format!("user={user}"), "user"));
        let user = user.map(|user| UserKey::of(&user));
        let known = user.filter(|user| self.hub.with(|switch, _| switch.accounts().find(user).is_some()) == Some(true));
        self.sign_in.audit.note(self.hub.now().0, client, known.as_ref(), event);
    }

    fn throttled(&self, client: &Client, user: Option<&UserKey>, wait: Wait, credential: &'static str) {
        // Once for each delay: whoever goes on must not push everything else out of the log.
        if wait.first {
            let event = Event { action: "sign-in", credential, outcome: "throttled" };
            self.sign_in.audit.note(self.hub.now().0, client, user, event);
        }
    }
}

/// An answer with the time, in seconds, after which the request may be sent again.
pub(crate) fn later(response: Response, seconds: u64) -> HttpResponse {
    let mut response = http::answer(response);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// A request of which the headers matter.
fn bare<'a>(parts: &'a Parts, headers: &'a [(&'a str, &'a str)]) -> Request<'a> {
    let (method, path) = (parts.method.as_str(), parts.uri.path());
    Request { method, path, query: parts.uri.query().unwrap_or_default(), headers, peer: "", body: "" }
}

/// Whether it signs in with a signed token.
fn signed(request: &Request<'_>) -> bool {
    begins_subscription(request.method, request.path) && credential(request) == "x-token"
}

/// What a request signs in with, in the order in which the switch looks for it.
fn credential(request: &Request<'_>) -> &'static str {
    let header = |name: &str| request.headers.iter().any(|(key, _)| *key == name);
    let in_query = ["token", "access_token"].iter().any(|name| parameter(request.query, name).is_some());
    match () {
        () if password_of(request).is_some() => "password",
        () if header("authorization") || in_query => "token",
        () if header("x-session") => "session",
        () => "x-token",
    }
}
