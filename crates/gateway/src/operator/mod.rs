//! The operator's own addresses, below `/operator/v1`: for its systems, which show its key.
//!
//! | module | subject |
//! | --- | --- |
//! | `api` | one request about accounts |
//! | `accounts`, `clients`, `orders` | accounts of the provisioning API, their clients and orders |
//! | `words` | field names of these |
//! | `audit` | reading the audit log |

pub(crate) mod accounts;
pub(crate) mod api;
pub(crate) mod audit;
mod clients;
mod orders;
pub(crate) mod words;

use axum::{
    http::{HeaderMap, header},
    response::Response as HttpResponse,
};
use kandy_switch::{Family, Fault, code};

use crate::{audit::Event, client::Client, http, people::People, sign_in};

const NO_KEY: Fault = Fault::new(401, code::UNAUTHORIZED, "This address needs the operator's key.");
const NOTHING: Fault = Fault::new(404, code::NOTHING_THERE, "There is nothing at this address.");
const THROTTLED: Fault = Fault::new(429, code::UNAUTHORIZED, "There were too many wrong keys; try again later.");

/// The answer to whoever does not show the operator's key. Wrong keys cost the address time.
pub(crate) fn refusal(people: &People, client: &Client, headers: &HeaderMap) -> Option<HttpResponse> {
    let refuse = |fault: Fault| Some(http::answer(fault.response(Family::Bare)));
    let Some(key) = &people.operator_key else { return refuse(NOTHING) };
    let note = |outcome| {
        let event = Event { action: "sign-in", credential: "operator-key", outcome };
        people.sign_in.audit.note_operator(people.hub.now().0, client, event);
    };
    if let Some(wait) = people.sign_in.wait(client.address) {
        if wait.first {
            note("throttled");
        }
        return Some(sign_in::later(THROTTLED.response(Family::Bare), wait.seconds()));
    }
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    // Whoever shows nothing guesses nothing.
    let Some(given) = given else { return refuse(NO_KEY) };
    let bearer = given.trim().split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    if bearer.is_some_and(|(_, given)| key.is(given.trim())) {
        return None;
    }
    people.sign_in.failed(client.address);
    note("wrong-key");
    refuse(NO_KEY)
}
