//! Passwords of provisioned users, as hashes.

use kandy_switch::UserKey;

use super::{Db, StoreError};

/// The hash of a user's password, in the PHC form; `None` for whoever may not sign in, and for users of the operator's own list.
pub(crate) async fn of(db: &mut Db, user: &UserKey) -> Result<Option<String>, StoreError> {
    let of = sqlx::query_scalar("SELECT password_hash FROM subscribers WHERE identity = $1 AND state = 'active'");
    Ok(of.bind(user.as_str()).fetch_optional(db).await?)
}

/// The account that a user belongs to; empty for users of the operator's own list.
pub(crate) async fn account(db: &mut Db, user: &UserKey) -> Result<String, StoreError> {
    let account = sqlx::query_scalar("SELECT account FROM subscribers WHERE identity = $1");
    Ok(account.bind(user.as_str()).fetch_optional(db).await?.unwrap_or_default())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::store::Store;

    /// Adds `anna@acme.test` of the account `acme` with this hash.
    pub(crate) async fn add(store: &Store, hash: &str) {
        let mut db = store.write().await;
        let account = "INSERT INTO accounts (id, domain, level, quota_limit, quota_interval, quota_unit, seed, created_at) \
            VALUES ('acme', 'acme.test', 'demo', 1, 1, 'day', 'seed', 0)";
        sqlx::query(account).execute(&mut *db).await.unwrap();
        let anna = "INSERT INTO subscribers \
            (id, account, user_id, identity, password_hash, product, type, profile, state, created_at) \
            VALUES ('s', 'acme', 'anna', 'anna@acme.test', $1, 'p', 'persistent', '{}', 'active', 0)";
        sqlx::query(anna).bind(hash).execute(&mut *db).await.unwrap();
    }

    /// Changes what there is of the only subscriber.
    pub(crate) async fn change(store: &Store, change: &'static str, value: &str) {
        sqlx::query(change).bind(value).execute(&mut *store.write().await).await.unwrap();
    }

    #[tokio::test]
    async fn only_who_is_active_signs_in() {
        let store = Store::open(None).await.unwrap();
        add(&store, "hash").await;
        let anna = UserKey::of("Anna@acme.test");
        let found = of(&mut store.read().await.unwrap(), &anna).await.unwrap();
        assert_eq!(found, Some("hash".to_owned()));
        assert_eq!(of(&mut store.read().await.unwrap(), &UserKey::of("anna")).await.unwrap(), None);
        change(&store, "UPDATE subscribers SET state = $1", "deleting").await;
        assert_eq!(of(&mut store.read().await.unwrap(), &anna).await.unwrap(), None);
        let mut db = store.read().await.unwrap();
        assert_eq!(account(&mut db, &anna).await.unwrap(), "acme");
        assert_eq!(account(&mut db, &UserKey::of("alice@example.com")).await.unwrap(), "");
    }
}
