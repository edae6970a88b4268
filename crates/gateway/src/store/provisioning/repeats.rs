//! First answers to requests that may come again (provisioning §4.1, rule 5).

use crate::{
    provisioning::calendar::Millis,
    store::{Db, StoreError},
};

/// How long a repeat is known.
const KEPT: Millis = 24 * 3_600 * 1_000;

/// The first answer to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct First {
    /// SHA-256 of what was asked.
    pub(crate) request: String,
    pub(crate) status: u16,
    pub(crate) location: Option<String>,
    /// Without a password.
    pub(crate) body: String,
}

/// The first answer under this key.
pub(crate) async fn find(db: &mut Db, account: &str, key: &str, now: Millis) -> Result<Option<First>, StoreError> {
    type Row = (String, i64, Option<String>, String);
    let find = "SELECT request, status, location, body FROM idempotency WHERE account = $1 AND key = $2 AND at > $3";
    let find = sqlx::query_as::<_, Row>(find).bind(account).bind(key).bind(now - KEPT).fetch_optional(db).await?;
    Ok(find.map(|(request, status, location, body)| First {
        request,
        status: u16::try_from(status).unwrap_or(200),
        location,
        body,
    }))
}

/// Keeps a first answer, and drops those that are too old.
pub(crate) async fn keep(db: &mut Db, account: &str, key: &str, first: &First, at: Millis) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM idempotency WHERE at <= $1").bind(at - KEPT).execute(&mut *db).await?;
    let keep = "INSERT INTO idempotency (account, key, request, status, location, body, at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let keep = sqlx::query(keep).bind(account).bind(key).bind(&first.request).bind(i64::from(first.status));
    keep.bind(&first.location).bind(&first.body).bind(at).execute(db).await?;
    Ok(())
}
