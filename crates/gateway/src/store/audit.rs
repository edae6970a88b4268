//! The audit log: sign-ins and provisioning.

use super::{Db, StoreError};

/// One line. None of it is secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// When, in ms since the epoch.
    pub(crate) at: i64,
    /// The account of the provisioning API; empty for users of the operator's own list.
    pub(crate) account: String,
    /// Who: a user, a client of the provisioning API, `operator`.
    pub(crate) actor: String,
    /// What: `sign-in`, `order`, `subscriber-create` and the like.
    pub(crate) action: &'static str,
    /// Upon whom or what.
    pub(crate) subject: String,
    /// `done`, or the word of the refusal.
    pub(crate) outcome: String,
    /// The address that it came from.
    pub(crate) peer: String,
    /// The request's id.
    pub(crate) request_id: String,
}

/// Writes some lines, in their order.
pub(crate) async fn note(db: &mut Db, entries: &[Entry]) -> Result<(), StoreError> {
    for entry in entries {
        let note = "INSERT INTO audit (at, account, actor, action, subject, outcome, peer, request_id) \
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        let note = sqlx::query(note).bind(entry.at).bind(&entry.account).bind(&entry.actor).bind(entry.action);
        let note = note.bind(&entry.subject).bind(&entry.outcome).bind(&entry.peer).bind(&entry.request_id);
        note.execute(&mut *db).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing;

    #[tokio::test]
    async fn lines_are_kept_in_their_order() {
        let store = testing::store().await;
        let entry = |n: i64| Entry {
            at: n,
            account: "acme".into(),
            actor: "acme-portal".into(),
            action: "order",
            subject: format!("ORD-{n}"),
            outcome: "done".into(),
            peer: "192.0.2.1".into(),
            request_id: "r".into(),
        };
        let mut db = store.write().await;
        note(&mut db, &[entry(2), entry(1)]).await.unwrap();
        let subjects: Vec<String> = sqlx::query_scalar("SELECT subject FROM audit WHERE account = 'acme' ORDER BY id")
            .fetch_all(&mut *db)
            .await
            .unwrap();
        assert_eq!(subjects, ["ORD-2", "ORD-1"]);
    }
}
