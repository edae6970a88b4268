//! Personal address books.

use kandy_switch::{Fault, UserKey, code};
use sqlx::Connection;

use super::{Db, Refusal, StoreError};

/// Contacts in one book.
pub(crate) const MOST: i64 = 10_000;
/// Bytes of the contacts in one book.
pub(crate) const MOST_BYTES: i64 = 8 << 20;

const FULL: Fault = Fault::new(403, code::VALUE, "The address book is full.");

pub(crate) const ALL: &str = "SELECT entry FROM contacts WHERE \"user\" = $1 ORDER BY place";
pub(crate) const ONE: &str = "SELECT entry FROM contacts WHERE \"user\" = $1 AND id = $2";

/// A contact: its id, and the JSON object with it.
pub(crate) type Contact = (String, String);

/// All contacts of a user, in the order in which they were added.
pub(crate) async fn all(db: &mut Db, user: &UserKey) -> Result<Vec<String>, StoreError> {
    Ok(sqlx::query_scalar(ALL).bind(user.as_str()).fetch_all(db).await?)
}

/// One contact.
pub(crate) async fn one(db: &mut Db, user: &UserKey, id: &str) -> Result<Option<String>, StoreError> {
    Ok(sqlx::query_scalar(ONE).bind(user.as_str()).bind(id).fetch_optional(db).await?)
}

/// Adds all of the contacts, or none if the book would be too large, and commits. A contact that is there is replaced: its
/// client may not have had the answer.
pub(crate) async fn add(db: &mut Db, user: &UserKey, contacts: &[Contact]) -> Result<(), Refusal> {
    let mut db = db.begin().await?;
    for (id, entry) in contacts {
        let add = "INSERT INTO contacts (\"user\", id, entry) VALUES ($1, $2, $3) \
            ON CONFLICT (\"user\", id) DO UPDATE SET entry = excluded.entry";
        sqlx::query(add).bind(user.as_str()).bind(id).bind(entry).execute(&mut *db).await?;
    }
    fits(&mut db, user).await?;
    Ok(db.commit().await?)
}

/// Replaces a contact; returns whether there was one.
pub(crate) async fn change(db: &mut Db, user: &UserKey, (id, entry): &Contact) -> Result<bool, Refusal> {
    let mut db = db.begin().await?;
    let change = sqlx::query("UPDATE contacts SET entry = $1 WHERE \"user\" = $2 AND id = $3");
    let changed = change.bind(entry).bind(user.as_str()).bind(id).execute(&mut *db).await?.rows_affected() > 0;
    fits(&mut db, user).await?;
    db.commit().await?;
    Ok(changed)
}

/// Removes a contact; returns whether there was one.
pub(crate) async fn remove(db: &mut Db, user: &UserKey, id: &str) -> Result<bool, StoreError> {
    let remove = sqlx::query("DELETE FROM contacts WHERE \"user\" = $1 AND id = $2");
    Ok(remove.bind(user.as_str()).bind(id).execute(db).await?.rows_affected() > 0)
}

async fn fits(db: &mut Db, user: &UserKey) -> Result<(), Refusal> {
    let size = sqlx::query_as::<_, (i64, i64)>("SELECT contacts, bytes FROM books WHERE \"user\" = $1");
    let (contacts, bytes) = size.bind(user.as_str()).fetch_optional(db).await?.unwrap_or_default();
    if contacts > MOST || bytes > MOST_BYTES { Err(FULL.into()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing;

    async fn size(db: &mut Db) -> (i64, i64) {
        sqlx::query_as("SELECT contacts, bytes FROM books").fetch_one(db).await.unwrap()
    }

    #[tokio::test]
    async fn a_book_knows_its_size_and_keeps_to_it() {
        let store = testing::store().await;
        let (user, other) = (UserKey::of("a@x"), UserKey::of("b@x"));
        let mut db = store.write().await;
        let contact = |id: &str, entry: &str| (id.to_owned(), entry.to_owned());
        add(&mut db, &user, &[contact("1", "ö"), contact("2", "22")]).await.unwrap();
        assert_eq!(size(&mut db).await, (2, 4));
        add(&mut db, &user, &[contact("1", "1"), contact("1", "111")]).await.unwrap();
        assert!(change(&mut db, &user, &contact("2", "2222")).await.unwrap());
        assert!(!change(&mut db, &user, &contact("3", "3")).await.unwrap());
        assert!(!change(&mut db, &other, &contact("2", "")).await.unwrap());
        assert_eq!(
            (size(&mut db).await, all(&mut db, &user).await.unwrap()),
            ((2, 7), vec!["111".into(), "2222".into()])
        );
        assert_eq!(one(&mut db, &other, "1").await.unwrap(), None);
        assert!(!remove(&mut db, &other, "1").await.unwrap() && remove(&mut db, &user, "1").await.unwrap());
        assert_eq!(size(&mut db).await, (1, 4));

        let many: Vec<Contact> = (0..MOST).map(|n| contact(&n.to_string(), "{}")).collect();
        add(&mut db, &user, &many[..9_999]).await.unwrap();
        assert!(matches!(add(&mut db, &user, &[contact("x", ""), contact("y", "")]).await, Err(Refusal::Fault(FULL))));
        assert_eq!(one(&mut db, &user, "x").await.unwrap(), None, "all or none");
        add(&mut db, &user, &many[9_999..]).await.unwrap();
        assert!(matches!(add(&mut db, &user, &[contact("x", "")]).await, Err(Refusal::Fault(FULL))));
        let large = "x".repeat(8 << 20);
        assert!(matches!(change(&mut db, &user, &contact("2", &large)).await, Err(Refusal::Fault(FULL))));
        assert_eq!(one(&mut db, &user, "2").await.unwrap().as_deref(), Some("{}"));
    }
}
