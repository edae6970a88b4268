//! Requests that may come again: within a day, the same `idempotency-key` with the same body gets the first answer, with
//! another body 412 (provisioning §4.1, rule 5).

use axum::http::StatusCode;

use super::{
    Caller,
    calendar::Millis,
    call::{Answer, Call},
    refusal::{Name, Refusal},
    token::hash,
};
use crate::store::{
    Db, StoreError,
    provisioning::repeats::{self, First},
};

/// Longest key, in bytes.
const MAX_KEY: usize = 64;

/// The key of a request, as it is kept.
pub(super) struct Key {
    key: String,
    request: String,
}

impl Key {
    /// The key that a request carries, if it does.
    pub(super) fn of(call: &Call, body: &str) -> Result<Option<Self>, Refusal> {
        let Some(key) = call.idempotency_key.as_deref() else { return Ok(None) };
        if key.is_empty() || key.len() > MAX_KEY || !key.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') {
            return Err(Refusal::field("idempotency-key", "1 to 64 visible characters"));
        }
        let request = format!("{} {}\n{body}", call.method, call.path);
        Ok(Some(Self { key: hash(key), request: hash(&request) }))
    }

    /// The first answer, if there was one.
    pub(super) async fn first(&self, db: &mut Db, caller: &Caller, now: Millis) -> Result<Option<Answer>, Refusal> {
        let Some(first) = repeats::find(db, &caller.account.id, &self.key, now).await? else { return Ok(None) };
        if first.request != self.request {
            return Err(Refusal::new(Name::IdempotencyConflict, "This idempotency-key came with another body before."));
        }
        let status = StatusCode::from_u16(first.status).unwrap_or(StatusCode::OK);
        Ok(Some(Answer { status, location: first.location, body: first.body }))
    }

    /// Keeps the first answer, whose body holds no secret.
    pub(super) async fn keep(
        &self,
        db: &mut Db,
        caller: &Caller,
        answer: &Answer,
        now: Millis,
    ) -> Result<(), StoreError> {
        let first = First {
            request: self.request.clone(),
            status: answer.status.as_u16(),
            location: answer.location.clone(),
            body: answer.body.clone(),
        };
        repeats::keep(db, &caller.account.id, &self.key, &first, now).await
    }
}
