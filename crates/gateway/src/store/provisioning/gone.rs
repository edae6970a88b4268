//! What a user leaves behind when their account ends. Whoever is given the same identity later must find nothing of it.

use kandy_switch::UserKey;

use crate::store::{Db, StoreError, erase, files, threads};

/// Removes what only this user sees: their side of every thread, uploads that no message has, address book, call records,
/// presence, mailbox. What they wrote to others stays with those.
pub(crate) async fn forget(db: &mut Db, user: &UserKey) -> Result<(), StoreError> {
    let all = sqlx::query_scalar::<_, i64>("SELECT thread FROM members WHERE \"user\" = $1").bind(user.as_str());
    for thread in all.fetch_all(&mut *db).await? {
        threads::clear(db, user, thread).await?;
        erase::cleared(db, thread).await?;
    }
    files::drop_unsent(db, user).await?;
    for table in [
        "DELETE FROM undelivered WHERE \"user\" = $1",
        "DELETE FROM contacts WHERE \"user\" = $1",
        "DELETE FROM books WHERE \"user\" = $1",
        "DELETE FROM call_records WHERE \"user\" = $1",
        "DELETE FROM presence WHERE \"user\" = $1",
        "DELETE FROM voicemail WHERE \"user\" = $1",
    ] {
        sqlx::query(table).bind(user.as_str()).execute(&mut *db).await?;
    }
    Ok(())
}
