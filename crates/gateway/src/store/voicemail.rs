//! How many messages wait for whom, as the operator said.

use kandy_switch::UserKey;

use super::{Db, StoreError};

/// What was said last about a user, as JSON; `None` if there never was anything.
pub(crate) async fn of(db: &mut Db, user: &UserKey) -> Result<Option<String>, StoreError> {
    let of = sqlx::query_scalar("SELECT counts FROM voicemail WHERE \"user\" = $1");
    Ok(of.bind(user.as_str()).fetch_optional(db).await?)
}

/// Writes what is said now.
pub(crate) async fn set(db: &mut Db, user: &UserKey, counts: &str) -> Result<(), StoreError> {
    let set = "INSERT INTO voicemail (\"user\", counts) VALUES ($1, $2) \
        ON CONFLICT (\"user\") DO UPDATE SET counts = excluded.counts";
    sqlx::query(set).bind(user.as_str()).bind(counts).execute(db).await?;
    Ok(())
}
