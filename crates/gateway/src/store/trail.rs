//! Reading the audit log, and cutting off its end.

use super::{Db, StoreError};

/// A line as it is read.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "AuditLine")]
pub(crate) struct Line {
    /// Grows with every line.
    pub(crate) id: i64,
    /// When, in ms since the epoch.
    pub(crate) at: i64,
    pub(crate) account: String,
    pub(crate) actor: String,
    pub(crate) action: String,
    pub(crate) subject: String,
    pub(crate) outcome: String,
    pub(crate) peer: String,
    pub(crate) request_id: String,
}

/// What is looked for. What is not said does not matter.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) account: Option<String>,
    pub(crate) actor: Option<String>,
    /// Only lines with smaller ids.
    pub(crate) before: Option<i64>,
    /// At most so many.
    pub(crate) most: i64,
}

type Row = (i64, i64, String, String, String, String, String, String, String);

/// Lines, newest first.
pub(crate) async fn read(db: &mut Db, wanted: &Wanted) -> Result<Vec<Line>, StoreError> {
    const OF_ALL: &str = "SELECT id, at, account, actor, action, subject, outcome, peer, request_id FROM audit \
        WHERE id < $1 AND ($2 IS NULL OR actor = $2) ORDER BY id DESC LIMIT $3";
    // By the index of accounts.
    const OF_ACCOUNT: &str = "SELECT id, at, account, actor, action, subject, outcome, peer, request_id FROM audit \
        WHERE id < $1 AND ($2 IS NULL OR actor = $2) AND account = $4 ORDER BY id DESC LIMIT $3";
    let statement = if wanted.account.is_some() { OF_ACCOUNT } else { OF_ALL };
    let query = sqlx::query_as::<_, Row>(statement)
        .bind(wanted.before.unwrap_or(i64::MAX))
        .bind(&wanted.actor)
        .bind(wanted.most);
    let query = match &wanted.account {
        Some(account) => query.bind(account),
        None => query,
    };
    let line = |(id, at, account, actor, action, subject, outcome, peer, request_id): Row| Line {
        id,
        at,
        account,
        actor,
        action,
        subject,
        outcome,
        peer,
        request_id,
    };
    Ok(query.fetch_all(db).await?.into_iter().map(line).collect())
}

/// Removes lines from before `since`, in ms since the epoch, and the oldest ones of more than `most`, as far as they are among
/// the thousand oldest. Returns how many; where that is not 0 there may be more.
pub(crate) async fn cut(db: &mut Db, since: i64, most: i64) -> Result<u64, StoreError> {
    // Ids leave no gaps to speak of, so the last one tells how many there are.
    let cut = "DELETE FROM audit WHERE id < (SELECT MIN(id) FROM audit) + 1000 \
        AND (at < $1 OR id <= (SELECT MAX(id) FROM audit) - $2)";
    Ok(sqlx::query(cut).bind(since).bind(most).execute(db).await?.rows_affected())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{
        Store,
        audit::{Entry, note},
    };

    /// Lines of these accounts and actors, at 1, 2, 3 and so on.
    async fn filled(rows: impl Iterator<Item = (&'static str, &'static str)>) -> Store {
        let store = Store::open(None).await.unwrap();
        let entry = |(at, (account, actor)): (i64, (&str, &str))| Entry {
            at,
            account: account.into(),
            actor: actor.into(),
            action: "sign-in",
            subject: "password".into(),
            outcome: "done".into(),
            peer: "192.0.2.1".into(),
            request_id: String::new(),
        };
        let entries: Vec<Entry> = (1..).zip(rows).map(entry).collect();
        note(&mut *store.write().await, &entries).await.unwrap();
        store
    }

    async fn found(store: &Store, wanted: Wanted) -> Vec<i64> {
        let lines = read(&mut store.read().await.unwrap(), &wanted).await.unwrap();
        lines.into_iter().map(|line| line.at).collect()
    }

    #[tokio::test]
    async fn lines_are_found_newest_first() {
        let store = filled([("", "alice"), ("acme", "anna"), ("acme", "ben"), ("", "alice")].into_iter()).await;
        let all = || Wanted { most: 10, ..Wanted::default() };
        assert_eq!(found(&store, all()).await, [4, 3, 2, 1]);
        assert_eq!(found(&store, Wanted { most: 2, before: Some(4), ..all() }).await, [3, 2]);
        assert_eq!(found(&store, Wanted { actor: Some("alice".into()), ..all() }).await, [4, 1]);
        assert_eq!(found(&store, Wanted { account: Some("acme".into()), ..all() }).await, [3, 2]);
        let ben = Wanted { account: Some("acme".into()), actor: Some("ben".into()), ..all() };
        assert_eq!(found(&store, ben).await, [3]);
        assert_eq!(found(&store, Wanted { account: Some(String::new()), ..all() }).await, [4, 1]);
    }

    #[tokio::test]
    async fn old_lines_go_and_so_do_too_many() {
        let store = filled(std::iter::repeat_n(("", "alice"), 2_500)).await;
        let mut db = store.write().await;
        assert_eq!(cut(&mut db, 0, 2_500).await.unwrap(), 0);
        let mut steps = Vec::new();
        loop {
            let gone = cut(&mut db, 1_501, 2_500).await.unwrap();
            steps.push(gone);
            if gone == 0 {
                break;
            }
        }
        assert_eq!(steps, [1_000, 500, 0]);
        assert_eq!(cut(&mut db, 0, 600).await.unwrap(), 400);
        assert_eq!(cut(&mut db, 0, 600).await.unwrap(), 0);
        drop(db);
        let left = found(&store, Wanted { most: 1_000, ..Wanted::default() }).await;
        assert_eq!((left.len(), left.first(), left.last()), (600, Some(&2_500), Some(&1_901)));
    }
}
