//! The description of everything that the gateway serves over HTTP: OpenAPI 3.1, made of the types that are served.
//!
//! | module | subject |
//! | --- | --- |
//! | `document` | the whole: its head, its parts, and the text that is served |
//! | `operation` | one method of one address |
//! | `schemas` | the schemas of types, as they are read and as they are written |
//! | `refusals` | what is answered when something is wrong |
//! | `sessions`, `calls`, `messages`, `people` | the Link and UC resources |
//! | `provisioning`, `operator`, `service` | the other addresses |
//! | `shapes` | schemas of bodies that are no types |
//!
//! Every address is a row of one of these tables. A new one needs a line there; `UPDATE=1 cargo test -p kandy-gateway openapi` then
//! writes `docs/openapi.json` anew.

mod calls;
mod document;
mod messages;
mod operation;
mod operator;
mod people;
mod provisioning;
mod refusals;
mod schemas;
mod service;
mod sessions;
mod shapes;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use axum::{
    http::header,
    response::{IntoResponse, Response},
};

/// Where the description is.
pub(crate) const PATH: &str = "/openapi.json";
/// It changes with the program alone; a client that saw the last one should not go by it for long.
const KEPT: &str = "public, max-age=300";

static DOCUMENT: LazyLock<String> = LazyLock::new(document::text);

/// `GET /openapi.json`
pub(crate) async fn serve() -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, KEPT)];
    (headers, DOCUMENT.as_str()).into_response()
}
