//! The token endpoint (OAuth2 client credentials, provisioning §2), and whose token a call carries.

use std::sync::PoisonError;

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use kandy_switch::{parameter, password_of};
use kandy_wire::encode;
use sha2::{Digest, Sha256};

use super::{
    Caller, Provisioning,
    calendar::Millis,
    call::Call,
    quota::TOKENS,
    refusal::{Name, Refusal},
    words::{TokenAnswer, TokenRefusal},
};
use crate::{
    audit::Event,
    client::Client as Requester,
    http,
    operation::requests::Operation,
    secrets::SystemSecrets,
    sign_in::Wait,
    store::provisioning::accounts::{self, Account, Client},
};

/// Where tokens are.
pub(crate) const PATH: &str = "/oauth/client_credential/accesstoken";
/// Life of a token: a fresh one says 3599 (provisioning §2.2).
const LIFE: Millis = 3_600 * 1_000;
/// The API product that a project has.
const API_PRODUCT: &str = "kandy-webrtc";
/// Who runs this gateway, as tokens say (provisioning §2.2).
const ORGANIZATION: &str = "kandy-gateway";

/// Why there is no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Denied {
    Client,
    NoGrant,
    OtherGrant,
    Body,
    /// With the seconds after which it may be tried again.
    Often(u64),
    Failed,
}

impl Denied {
    fn response(self) -> Response {
        let (status, error_code, error) = match self {
            Self::Client => (StatusCode::UNAUTHORIZED, "invalid_client", "ClientId is Invalid"),
            Self::NoGrant => (StatusCode::BAD_REQUEST, "invalid_request", "grant_type is missing"),
            Self::OtherGrant => {
                (StatusCode::BAD_REQUEST, "unsupported_grant_type", "grant_type must be client_credentials")
            }
            Self::Body => (StatusCode::BAD_REQUEST, "invalid_request", "The body is not a form"),
            Self::Often(_) => (StatusCode::TOO_MANY_REQUESTS, "rate_limit_exceeded", "Too many token requests"),
            Self::Failed => (StatusCode::INTERNAL_SERVER_ERROR, "server_error", "The gateway failed"),
        };
        let mut response = (status, encode(&TokenRefusal { error_code, error })).into_response();
        if let Self::Often(seconds) = self {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// `POST /oauth/client_credential/accesstoken`
pub(crate) async fn issue(State(shared): State<Provisioning>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let answered = match (Requester::from_request_parts(&mut parts, &shared.people).await, http::read(body).await) {
        (Ok(client), Ok(form)) => shared.issue(&parts, &form, &client).await,
        (_, Err(_)) => Err(Denied::Body),
        (Err(_), _) => Err(Denied::Failed),
    };
    let mut response = answered.map_or_else(Denied::response, |answer| encode(&answer).into_response());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.extensions_mut().insert(Operation("token"));
    response
}

impl Provisioning {
    async fn issue(&self, parts: &Parts, form: &str, from: &Requester) -> Result<TokenAnswer, Denied> {
        let query = parts.uri.query().unwrap_or_default();
        let given = |name| parameter(form, name).filter(|text| !text.is_empty());
        match parameter(query, "grant_type").or_else(|| given("grant_type")).as_deref() {
            Some("client_credentials") => {}
            None | Some("") => return Err(Denied::NoGrant),
            Some(_) => return Err(Denied::OtherGrant),
        }
        let headers = http::headers_of(parts);
        let basic =
            kandy_switch::Request { method: "POST", path: "", query: "", headers: &headers, peer: "", body: "" };
        let (id, secret) =
            given("client_id").zip(given("client_secret")).or_else(|| password_of(&basic)).ok_or(Denied::Client)?;
        let (client, account) = self.prove(&id, secret, from).await?;
        let now = self.now();
        {
            // Only those with the right secret are counted, or others could use them up.
            let mut counters = self.token_counters.lock().unwrap_or_else(PoisonError::into_inner);
            counters.count(&client.id, TOKENS, now).map_err(|window| Denied::Often(seconds(window.reset - now)))?;
        }
        let access_token = SystemSecrets::random();
        let mut db = self.people.store.write().await;
        let kept = accounts::add_token(&mut db, &hash(&access_token), &client.id, now, now.saturating_add(LIFE)).await;
        kept.map_err(failed)?;
        drop(db);
        self.note_token(from, Some((&account.id, &client.id)), "done");
        Ok(TokenAnswer {
            access_token,
            token_type: "Bearer",
            expires_in: (LIFE / 1_000 - 1).to_string(),
            issued_at: now.to_string(),
            client_id: client.id,
            application_name: client.name,
            developer_email: client.email,
            organization_name: ORGANIZATION.into(),
            api_product_list: format!("[{API_PRODUCT}]"),
            api_product_list_json: vec![API_PRODUCT.into()],
            scope: "",
            status: "approved",
            refresh_token_expires_in: "0",
            refresh_count: "0",
            level: account.level.word().into(),
        })
    }

    /// The client of this id, if the secret is theirs. Takes as long for an id that is not known.
    async fn prove(&self, id: &str, secret: String, from: &Requester) -> Result<(Client, Account), Denied> {
        let client = {
            let mut reader = self.people.store.read().await.map_err(failed)?;
            accounts::find_client(&mut reader, id).await.map_err(failed)?
        };
        let known = client.as_ref().map(|client| (client.account.as_str(), client.id.as_str()));
        let secret_hash = client.as_ref().map(|client| client.secret_hash.clone());
        let right = self.people.sign_in.secret(from, secret_hash, secret).await.map_err(|wait| {
            if wait.is_some_and(|wait| wait.first) {
                self.note_token(from, known, "throttled");
            }
            Denied::Often(wait.map_or(1, Wait::seconds))
        })?;
        if !right {
            self.note_token(from, known, "wrong-secret");
            return Err(Denied::Client);
        }
        let client = client.filter(|client| client.approved).ok_or(Denied::Client)?;
        let mut reader = self.people.store.read().await.map_err(failed)?;
        let account = accounts::find(&mut reader, &client.account).await.map_err(failed)?.ok_or(Denied::Client)?;
        Ok((client, account))
    }

    fn note_token(&self, from: &Requester, project: Option<(&str, &str)>, outcome: &'static str) {
        let event = Event { action: "token", credential: "client-secret", outcome };
        self.people.sign_in.audit.note_project(self.people.hub.now().0, from, project, event);
    }
}

/// Whole seconds, not less than the time is.
fn seconds(time: Millis) -> u64 {
    u64::try_from(time).unwrap_or_default().div_ceil(1_000)
}

fn failed(error: crate::store::StoreError) -> Denied {
    tracing::error!(%error, "the store failed");
    Denied::Failed
}

/// Whose token a call carries.
pub(super) async fn caller(shared: &Provisioning, call: &Call) -> Result<Caller, Refusal> {
    let refused = || Refusal::new(Name::Unauthorized, "The access token is missing, unknown or expired.");
    let token = call.bearer.as_deref().ok_or_else(refused)?;
    let mut reader = shared.people.store.read().await?;
    let (client, account) = accounts::holder(&mut reader, &hash(token), shared.now()).await?.ok_or_else(refused)?;
    Ok(Caller { client, account })
}

/// The form in which a token or key is kept.
pub(super) fn hash(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}
