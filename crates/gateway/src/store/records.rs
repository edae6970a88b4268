//! Calls that ended, for each of their parties.

use kandy_switch::{CallRecord, UserKey};
use kandy_wire::history::Direction;

use super::{Db, StoreError};

/// Records of one user; the oldest give way.
pub(crate) const MOST: i64 = 1_000;

pub(crate) const BOUND: &str = "DELETE FROM call_records WHERE \"user\" = $1 AND (started, id) <= \
    (SELECT started, id FROM call_records WHERE \"user\" = $1 ORDER BY started DESC, id DESC LIMIT 1 OFFSET $2)";
pub(crate) const PAGE: &str = "SELECT id, direction, name, remote_name, remote_number, started, duration FROM call_records \
    WHERE \"user\" = $1 ORDER BY started DESC, id DESC LIMIT $2 OFFSET $3";
pub(crate) const COUNT: &str = "SELECT count(*) FROM call_records WHERE \"user\" = $1";

/// A record and its number.
pub(crate) type Numbered = (i64, CallRecord);

/// Writes a record.
pub(crate) async fn add(db: &mut Db, record: &CallRecord) -> Result<(), StoreError> {
    let add = "INSERT INTO call_records (\"user\", direction, name, remote_name, remote_number, started, duration) \
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    sqlx::query(add)
        .bind(record.user.as_str())
        .bind(word(record.direction))
        .bind(&record.name)
        .bind(&record.remote_name)
        .bind(&record.remote_number)
        .bind(i64::try_from(record.started).unwrap_or(i64::MAX))
        .bind(i64::try_from(record.duration).unwrap_or(i64::MAX))
        .execute(&mut *db)
        .await?;
    sqlx::query(BOUND).bind(record.user.as_str()).bind(MOST).execute(db).await?;
    Ok(())
}

/// Some records of a user, newest first, and how many there are.
pub(crate) async fn page(
    db: &mut Db,
    user: &UserKey,
    start: i64,
    count: i64,
) -> Result<(Vec<Numbered>, i64), StoreError> {
    type Row = (i64, String, String, String, String, i64, i64);
    let rows = sqlx::query_as::<_, Row>(PAGE).bind(user.as_str()).bind(count).bind(start).fetch_all(&mut *db).await?;
    let records = rows.into_iter().map(|(id, direction, name, remote_name, remote_number, started, duration)| {
        let record = CallRecord {
            user: user.clone(),
            direction: read(&direction),
            name,
            remote_name,
            remote_number,
            started: u64::try_from(started).unwrap_or_default(),
            duration: u64::try_from(duration).unwrap_or_default(),
        };
        (id, record)
    });
    let all = sqlx::query_scalar(COUNT).bind(user.as_str());
    Ok((records.collect(), all.fetch_one(db).await?))
}

/// Removes one record; returns whether there was one.
pub(crate) async fn remove(db: &mut Db, user: &UserKey, id: i64) -> Result<bool, StoreError> {
    let remove = sqlx::query("DELETE FROM call_records WHERE \"user\" = $1 AND id = $2");
    Ok(remove.bind(user.as_str()).bind(id).execute(db).await?.rows_affected() > 0)
}

/// Removes all records of a user.
pub(crate) async fn clear(db: &mut Db, user: &UserKey) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM call_records WHERE \"user\" = $1").bind(user.as_str()).execute(db).await?;
    Ok(())
}

fn word(direction: Direction) -> &'static str {
    match direction {
        Direction::Incoming => "incoming",
        Direction::Outgoing => "outgoing",
        Direction::Missed => "missed",
    }
}

fn read(word: &str) -> Direction {
    match word {
        "incoming" => Direction::Incoming,
        "outgoing" => Direction::Outgoing,
        _ => Direction::Missed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing;

    #[tokio::test]
    async fn the_newest_thousand_are_kept_and_paged() {
        let store = testing::store().await;
        let mut db = store.write().await;
        let (user, other) = (UserKey::of("a@x"), UserKey::of("b@x"));
        let record = |user: &UserKey, started: u64| CallRecord {
            user: user.clone(),
            direction: [Direction::Incoming, Direction::Outgoing, Direction::Missed][started as usize % 3],
            name: "A".into(),
            remote_name: "B".into(),
            remote_number: "b@x".into(),
            started,
            duration: started / 2,
        };
        // Calls that were started earlier may end later.
        for started in (0..1_010).rev() {
            add(&mut db, &record(&user, started)).await.unwrap();
        }
        add(&mut db, &record(&other, 5)).await.unwrap();
        let (first, all) = page(&mut db, &user, 0, 3).await.unwrap();
        assert_eq!(all, MOST);
        assert_eq!(
            first.iter().map(|(_, r)| r.clone()).collect::<Vec<_>>(),
            [1_009, 1_008, 1_007].map(|n| record(&user, n))
        );
        assert_eq!(page(&mut db, &user, 999, 3).await.unwrap().0[0].1.started, 10, "the oldest gave way");
        assert_eq!(page(&mut db, &user, 1_000, 3).await.unwrap().0, []);
        let id = first[0].0;
        assert!(!remove(&mut db, &other, id).await.unwrap() && remove(&mut db, &user, id).await.unwrap());
        assert!(!remove(&mut db, &user, id).await.unwrap());
        clear(&mut db, &user).await.unwrap();
        assert_eq!(page(&mut db, &user, 0, 3).await.unwrap(), (vec![], 0));
        assert_eq!(page(&mut db, &other, 0, 3).await.unwrap().1, 1);
    }
}
