//! What a gateway that ended in order leaves to the one that comes after it. It is gone as soon as it was read: what is in it is
//! true for the moment of the end alone.

use sqlx::Connection;

use super::{Db, StoreError};

/// Reads and removes it; `None` if there is none.
pub(crate) async fn take(db: &mut Db) -> Result<Option<String>, StoreError> {
    Ok(sqlx::query_scalar("DELETE FROM state RETURNING text").fetch_optional(db).await?)
}

/// Leaves it in place of what was left before, and commits.
pub(crate) async fn leave(db: &mut Db, text: &str) -> Result<(), StoreError> {
    let mut db = db.begin().await?;
    sqlx::query("DELETE FROM state").execute(&mut *db).await?;
    sqlx::query("INSERT INTO state (text) VALUES ($1)").bind(text).execute(&mut *db).await?;
    Ok(db.commit().await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing;

    #[tokio::test]
    async fn a_state_is_read_once() {
        let store = testing::store().await;
        let mut db = store.write().await;
        assert_eq!(take(&mut db).await.unwrap(), None);
        for text in ["one", "another"] {
            leave(&mut db, text).await.unwrap();
        }
        assert_eq!(take(&mut db).await.unwrap().as_deref(), Some("another"));
        assert_eq!(take(&mut db).await.unwrap(), None);
    }
}
