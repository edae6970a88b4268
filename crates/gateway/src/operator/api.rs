//! One request of the operator about accounts: who may ask, what is there, and what is answered.

use std::ops::Deref;

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use kandy_wire::encode;
use tracing::Instrument;

use super::{accounts, clients, orders};
use crate::{
    client::Client as Requester,
    http,
    operation::requests::Operation,
    provisioning::{
        Provisioning,
        call::Answer,
        refusal::{Name, Refusal},
    },
    store::{Db, StoreError, audit},
};

/// Longest id, domain or name, in characters.
pub(super) const MAX_TEXT: usize = 128;

/// A request of the operator: what is needed to serve it, and where it came from.
pub(super) struct Asked {
    shared: Provisioning,
    client: Requester,
}

impl Deref for Asked {
    type Target = Provisioning;

    fn deref(&self) -> &Provisioning {
        &self.shared
    }
}

/// Everything below `/operator/v1` that is about accounts.
pub(crate) async fn serve(State(shared): State<Provisioning>, request: Request) -> Response {
    let (mut parts, mut body) = request.into_parts();
    let client = match Requester::from_request_parts(&mut parts, &shared.people).await {
        Ok(client) => client,
        Err(status) => return status.into_response(),
    };
    if let Some(refusal) = super::refusal(&shared.people, &client, &parts.headers) {
        // Whoever is still sending would not read it.
        http::ignore(&mut body).await;
        return refusal;
    }
    let id = client.request_id.clone();
    let asked = Asked { shared, client };
    let answered = match http::read(body).await {
        Ok(body) => {
            let path = parts.uri.path().strip_prefix("/operator/v1").unwrap_or_default().to_owned();
            let (method, query) = (parts.method.to_string(), parts.uri.query().unwrap_or_default().to_owned());
            let work = async move { answer(&asked, &method, &path, &query, &body).await };
            tokio::spawn(work.in_current_span()).await.unwrap_or_else(|_| Err(Refusal::failed()))
        }
        Err((_, reason)) => Err(Refusal::new(Name::BadRequest, reason)),
    };
    let json = [(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"))];
    let mut response = match answered {
        Ok(answer) => (answer.status, json, answer.body).into_response(),
        Err(refusal) => {
            let mut response = (refusal.name.status(), json, encode(&refusal.body(&id))).into_response();
            if let Name::MethodNotAllowed(methods) = refusal.name {
                response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(methods));
            }
            response
        }
    };
    response.extensions_mut().insert(Operation("operator"));
    response
}

/// What is at a path below `/operator/v1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resource<'a> {
    Accounts,
    Account(&'a str),
    Clients(&'a str),
    Orders(&'a str),
    Approve(&'a str, &'a str),
    Reject(&'a str, &'a str),
    Client(&'a str),
    Pair(&'a str, &'a str),
}

impl<'a> Resource<'a> {
    fn at(path: &'a str) -> Option<Self> {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        Some(match parts.as_slice() {
            ["accounts"] => Self::Accounts,
            ["accounts", id] => Self::Account(id),
            ["accounts", id, "clients"] => Self::Clients(id),
            ["accounts", id, "orders"] => Self::Orders(id),
            ["accounts", id, "orders", number, "approve"] => Self::Approve(id, number),
            ["accounts", id, "orders", number, "reject"] => Self::Reject(id, number),
            ["clients", id] => Self::Client(id),
            ["pairs", one, other] => Self::Pair(one, other),
            _ => return None,
        })
    }

    /// The methods that it takes.
    pub(crate) fn methods(self) -> &'static str {
        match self {
            Self::Accounts | Self::Clients(_) => "GET, POST",
            Self::Account(_) => "GET, PUT",
            Self::Orders(_) => "GET",
            Self::Approve(..) | Self::Reject(..) => "POST",
            Self::Client(_) => "PUT",
            Self::Pair(..) => "PUT, DELETE",
        }
    }
}

async fn answer(shared: &Asked, method: &str, path: &str, query: &str, body: &str) -> Result<Answer, Refusal> {
    let unknown = || Refusal::new(Name::NotFound, "There is nothing at this address.");
    let resource = Resource::at(path).ok_or_else(unknown)?;
    let methods = resource.methods();
    if !methods.split(", ").any(|known| known == method) {
        return Err(Refusal::new(Name::MethodNotAllowed(methods), format!("This address takes {methods}.")));
    }
    match (resource, method) {
        (Resource::Accounts, "POST") => accounts::create(shared, body).await,
        (Resource::Accounts, _) => accounts::list(shared).await,
        (Resource::Account(id), "PUT") => accounts::change(shared, id, body).await,
        (Resource::Account(id), _) => accounts::one(shared, id).await,
        (Resource::Clients(id), "POST") => clients::add_client(shared, id, body).await,
        (Resource::Clients(id), _) => clients::clients(shared, id).await,
        (Resource::Orders(id), _) => orders::waiting(shared, id, query).await,
        (Resource::Approve(id, number), _) => orders::settle(shared, id, number, true, body).await,
        (Resource::Reject(id, number), _) => orders::settle(shared, id, number, false, body).await,
        (Resource::Client(id), _) => clients::change_client(shared, id, body).await,
        (Resource::Pair(one, other), method) => accounts::pair(shared, one, other, method == "PUT").await,
    }
}

pub(super) async fn note(
    db: &mut Db,
    shared: &Asked,
    account: &str,
    action: &'static str,
    subject: &str,
) -> Result<(), StoreError> {
    let entry = audit::Entry {
        at: shared.now(),
        account: account.to_owned(),
        actor: "operator".into(),
        action,
        subject: subject.to_owned(),
        outcome: "done".into(),
        peer: shared.client.address.to_string(),
        request_id: shared.client.request_id.clone(),
    };
    audit::note(db, &[entry]).await
}

pub(super) fn no_account() -> Refusal {
    Refusal::new(Name::AccountNotFound, "There is no such account.")
}

/// Ids stand in paths and logs.
pub(super) fn named(name: &str, id: &str) -> Result<(), Refusal> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if !id.is_empty() && id.len() <= MAX_TEXT && id.chars().all(plain) {
        return Ok(());
    }
    Err(Refusal::field(name, "1 to 128 letters, digits, dots, underscores and hyphens"))
}
