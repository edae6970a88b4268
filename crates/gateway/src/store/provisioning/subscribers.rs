//! Users that an account made.

use crate::{
    provisioning::{
        calendar::Millis,
        words::{SubscriberState, SubscriberType},
    },
    store::{Db, StoreError},
};

/// A subscriber.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Subscriber {
    pub(crate) id: String,
    pub(crate) account: String,
    pub(crate) user_id: String,
    /// `user@domain`, in lower case.
    pub(crate) identity: String,
    pub(crate) product: String,
    pub(crate) r#type: SubscriberType,
    pub(crate) expires_at: Option<Millis>,
    /// JSON of `words::Profile`.
    pub(crate) profile: String,
    pub(crate) state: SubscriberState,
    pub(crate) created_at: Millis,
    pub(crate) last_seen_at: Option<Millis>,
}

/// How one is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key<'a> {
    Id(&'a str),
    UserId(&'a str),
    Identity(&'a str),
}

/// Which ones of an account are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    pub(crate) user_id: Option<String>,
    pub(crate) r#type: Option<SubscriberType>,
    pub(crate) state: Option<SubscriberState>,
}

type Row = (String, String, String, String, String, String, Option<i64>, String, String, i64, Option<i64>);

impl From<Row> for Subscriber {
    fn from(row: Row) -> Self {
        let (id, account, user_id, identity, product, kind, expires_at, profile, state, created_at, last_seen_at) = row;
        let r#type = SubscriberType::named(&kind).unwrap_or_default();
        let state = SubscriberState::named(&state).unwrap_or(SubscriberState::Deleting);
        Self { id, account, user_id, identity, product, r#type, expires_at, profile, state, created_at, last_seen_at }
    }
}

/// The columns of a [`Row`].
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, account, user_id, identity, product, type, expires_at, profile, state, created_at, last_seen_at ",
            "FROM subscribers ",
            $rest
        )
    };
}

/// Adds one; returns whether their identity was free.
pub(crate) async fn add(db: &mut Db, one: &Subscriber, password_hash: &str) -> Result<bool, StoreError> {
    let add = "INSERT INTO subscribers (id, account, user_id, identity, password_hash, product, type, expires_at, profile, \
        state, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING";
    let add = sqlx::query(add).bind(&one.id).bind(&one.account).bind(&one.user_id).bind(&one.identity);
    let add = add.bind(password_hash).bind(&one.product).bind(one.r#type.word()).bind(one.expires_at);
    let add = add.bind(&one.profile).bind(one.state.word()).bind(one.created_at);
    Ok(add.execute(db).await?.rows_affected() > 0)
}

/// One of an account.
pub(crate) async fn find(db: &mut Db, account: &str, key: Key<'_>) -> Result<Option<Subscriber>, StoreError> {
    let (sql, key) = match key {
        Key::Id(id) => (select!("WHERE account = $1 AND id = $2"), id),
        Key::UserId(user_id) => (select!("WHERE account = $1 AND user_id = $2"), user_id),
        Key::Identity(identity) => (select!("WHERE account = $1 AND identity = $2"), identity),
    };
    let row = sqlx::query_as::<_, Row>(sql).bind(account).bind(key).fetch_optional(db).await?;
    Ok(row.map(Subscriber::from))
}

/// Some of an account, oldest first, and how many there are.
pub(crate) async fn page(
    db: &mut Db,
    account: &str,
    filter: &Filter,
    skip: i64,
    count: i64,
) -> Result<(Vec<Subscriber>, i64), StoreError> {
    let user_id = filter.user_id.as_deref().unwrap_or_default();
    let (kind, state) =
        (filter.r#type.map_or("", SubscriberType::word), filter.state.map_or("", SubscriberState::word));
    let some = select!(
        "WHERE account = $1 AND ($2 = '' OR user_id = $2) AND ($3 = '' OR type = $3) AND ($4 = '' OR state = $4) \
         ORDER BY created_at, id LIMIT $5 OFFSET $6"
    );
    let some = sqlx::query_as::<_, Row>(some).bind(account).bind(user_id).bind(kind).bind(state);
    let some = some.bind(count).bind(skip).fetch_all(&mut *db).await?;
    let all = "SELECT count(*) FROM subscribers \
        WHERE account = $1 AND ($2 = '' OR user_id = $2) AND ($3 = '' OR type = $3) AND ($4 = '' OR state = $4)";
    let all = sqlx::query_scalar(all).bind(account).bind(user_id).bind(kind).bind(state).fetch_one(db).await?;
    Ok((some.into_iter().map(Subscriber::from).collect(), all))
}

/// Everybody of every account.
pub(crate) async fn all(db: &mut Db) -> Result<Vec<Subscriber>, StoreError> {
    let all = sqlx::query_as::<_, Row>(select!("ORDER BY created_at, id")).fetch_all(db).await?;
    Ok(all.into_iter().map(Subscriber::from).collect())
}

/// Gives an active one another password; returns whether there was one.
pub(crate) async fn set_password(db: &mut Db, id: &str, password_hash: &str) -> Result<bool, StoreError> {
    let set = sqlx::query("UPDATE subscribers SET password_hash = $2 WHERE id = $1 AND state = 'active'");
    Ok(set.bind(id).bind(password_hash).execute(db).await?.rows_affected() > 0)
}

/// From now on one is being deleted; returns whether they were active until now.
pub(crate) async fn mark_deleting(db: &mut Db, id: &str) -> Result<bool, StoreError> {
    let mark = sqlx::query("UPDATE subscribers SET state = 'deleting' WHERE id = $1 AND state = 'active'");
    Ok(mark.bind(id).execute(db).await?.rows_affected() > 0)
}

/// Removes one; returns whether they were there.
pub(crate) async fn remove(db: &mut Db, id: &str) -> Result<bool, StoreError> {
    Ok(sqlx::query("DELETE FROM subscribers WHERE id = $1").bind(id).execute(db).await?.rows_affected() > 0)
}

/// Notes when one was seen.
pub(crate) async fn seen(db: &mut Db, identity: &str, at: Millis) -> Result<(), StoreError> {
    let seen = sqlx::query("UPDATE subscribers SET last_seen_at = $2 WHERE identity = $1").bind(identity).bind(at);
    seen.execute(db).await?;
    Ok(())
}

/// Active ones whose time is over, and when the next one's is.
pub(crate) async fn expired(db: &mut Db, now: Millis) -> Result<(Vec<Subscriber>, Option<Millis>), StoreError> {
    let over = select!("WHERE expires_at <= $1 AND state = 'active' ORDER BY expires_at");
    let over = sqlx::query_as::<_, Row>(over).bind(now).fetch_all(&mut *db).await?;
    let next = sqlx::query_scalar("SELECT min(expires_at) FROM subscribers WHERE expires_at > $1").bind(now);
    Ok((over.into_iter().map(Subscriber::from).collect(), next.fetch_one(db).await?))
}
