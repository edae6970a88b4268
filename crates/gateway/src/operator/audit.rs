//! `GET /operator/v1/audit?account=&actor=&before=&max=`: the lines of the audit log, newest first.

use axum::{
    extract::{Request, State},
    http::Method,
    response::Response as HttpResponse,
};
use kandy_switch::{Family, Fault, Response, code, parameter, parameters};
use schemars::JsonSchema;
use serde::Serialize;

use super::refusal;
use crate::{
    client::Client,
    http,
    people::People,
    store::{
        self,
        trail::{Line, Wanted},
    },
};

const METHOD: Fault = Fault::new(405, code::BAD_REQUEST, "This address takes GET alone.");
const NUMBER: Fault = Fault::new(400, code::VALUE, "before and max are whole numbers, and max is 1 to 1000.");

/// Lines of a page where nothing else is said, and the most that there may be.
const PAGE: (i64, i64) = (100, 1_000);

/// Lines of the log.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AuditPage")]
pub(crate) struct Page {
    lines: Vec<Line>,
    /// What to ask for to get the lines before these; missing if there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<i64>,
}

/// Serves the address.
pub(crate) async fn operator(State(people): State<People>, client: Client, request: Request) -> HttpResponse {
    let (parts, mut body) = request.into_parts();
    http::ignore(&mut body).await;
    if let Some(refusal) = refusal(&people, &client, &parts.headers) {
        return refusal;
    }
    let read = match parts.method {
        Method::GET => read(&people, parts.uri.query().unwrap_or_default()).await,
        _ => Err(METHOD),
    };
    http::answer(read.unwrap_or_else(|fault| fault.response(Family::Bare)))
}

async fn read(people: &People, query: &str) -> Result<Response, Fault> {
    let number = |name| parameter(query, name).map(|text| text.parse::<i64>().map_err(|_| NUMBER)).transpose();
    let (usual, most) = PAGE;
    let page = number("max")?.unwrap_or(usual);
    if !(1..=most).contains(&page) {
        return Err(NUMBER);
    }
    let wanted = Wanted {
        // An empty one is wanted, too: it is that of the operator's own users.
        account: parameters(query, "account").and_then(|accounts| accounts.into_iter().next()),
        actor: parameter(query, "actor"),
        before: number("before")?,
        most: page,
    };
    let lines = store::trail::read(&mut *people.store.read().await?, &wanted).await?;
    let full = i64::try_from(lines.len()).is_ok_and(|count| count == page);
    let before = lines.last().map(|line| line.id).filter(|_| full);
    Ok(Response::ok(&Page { lines, before }))
}
