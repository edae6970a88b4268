//! How many messages wait for whom, as the operator said.

use kandy_switch::UserKey;
use sqlx::SqliteConnection;

use super::StoreError;

/// What was said last about a user, as JSON; `None` if there never was anything.
pub(crate) async fn of(db: &mut SqliteConnection, user: &UserKey) -> Result<Option<String>, StoreError> {
    let of = sqlx::query_scalar("SELECT counts FROM voicemail WHERE user = ?");
    Ok(of.bind(user.as_str()).fetch_optional(db).await?)
}

/// Writes what is said now.
pub(crate) async fn set(db: &mut SqliteConnection, user: &UserKey, counts: &str) -> Result<(), StoreError> {
    let set = "INSERT INTO voicemail (user, counts) VALUES (?, ?) ON CONFLICT DO UPDATE SET counts = excluded.counts";
    sqlx::query(set).bind(user.as_str()).bind(counts).execute(db).await?;
    Ok(())
}
