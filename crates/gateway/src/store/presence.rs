//! What counts of users' presence, for the gateway that comes after an end without a word.

use kandy_switch::{StoredPresence, UserKey};
use kandy_wire::{decode, encode, presence::Presence};
use serde_json::{Value, json};

use super::{Db, StoreError};

/// Writes what counts from now on, unless something newer is written already.
pub(crate) async fn keep(db: &mut Db, stored: &StoredPresence) -> Result<(), StoreError> {
    let (said, until) = stored.said.as_ref().map_or((None, None), |(said, until)| (Some(said), Some(*until)));
    let keep = "INSERT INTO presence (\"user\", version, status, activity, note, until) \
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (\"user\") DO UPDATE SET version = excluded.version, status = excluded.status, \
        activity = excluded.activity, note = excluded.note, until = excluded.until \
        WHERE excluded.version > presence.version";
    sqlx::query(keep)
        .bind(stored.user.as_str())
        .bind(number(stored.version))
        .bind(said.map(|said| word(&said.status)))
        .bind(said.map(|said| word(&said.activity)))
        .bind(said.and_then(|said| said.note.as_deref()))
        .bind(until.map(number))
        .execute(db)
        .await?;
    Ok(())
}

/// Everything that still counts at this time.
pub(crate) async fn all(db: &mut Db, now: u64) -> Result<Vec<StoredPresence>, StoreError> {
    type Row = (String, i64, String, String, Option<String>, i64);
    let all = "SELECT \"user\", version, status, activity, note, until FROM presence \
        WHERE status IS NOT NULL AND until > $1";
    let rows = sqlx::query_as::<_, Row>(all).bind(number(now)).fetch_all(db).await?;
    let stored = rows.into_iter().filter_map(|(user, version, status, activity, note, until)| {
        let said: Presence = decode(&json!({"status": status, "activity": activity, "note": note}).to_string()).ok()?;
        let said = Some((said, u64::try_from(until).ok()?));
        Some(StoredPresence { user: UserKey::of(&user), version: u64::try_from(version).ok()?, said })
    });
    Ok(stored.collect())
}

/// A value of the protocol as its word.
fn word<T: serde::Serialize>(value: &T) -> String {
    decode::<Value>(&encode(value)).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

fn number(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use kandy_wire::presence::{Activity, Status};

    use super::*;
    use crate::store::testing;

    #[tokio::test]
    async fn the_newest_counts_whatever_the_order() {
        let store = testing::store().await;
        let said = |activity| Presence { status: Status::Open, activity, note: Some("ö".into()) };
        let stored =
            |version, said: Option<(Presence, u64)>| StoredPresence { user: UserKey::of("a@x"), version, said };
        let rows = [
            (2, Some((said(Activity::Busy), 100)), 99, Some(Activity::Busy)),
            (1, Some((said(Activity::Away), 100)), 99, Some(Activity::Busy)),
            (3, Some((said(Activity::OnThePhone), 50)), 49, Some(Activity::OnThePhone)),
            (4, Some((said(Activity::OnThePhone), 50)), 50, None),
            (5, None, 0, None),
            (3, Some((said(Activity::Away), 100)), 0, None),
        ];
        for (version, said, now, wanted) in rows {
            keep(&mut *store.write().await, &stored(version, said.clone())).await.unwrap();
            let all = all(&mut store.read().await.unwrap(), now).await.unwrap();
            let found: Vec<Activity> = all.iter().filter_map(|stored| Some(stored.said.as_ref()?.0.activity)).collect();
            assert_eq!(found, Vec::from_iter(wanted), "{version}");
            if wanted.is_some_and(|_| version == 3) {
                assert_eq!(all, [stored(version, said)]);
            }
        }
    }
}
