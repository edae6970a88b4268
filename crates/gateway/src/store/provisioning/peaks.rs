//! The highest total of each month, from which its charge follows (provisioning §5.1).

use crate::{
    provisioning::calendar::{self, Millis},
    store::{Db, StoreError},
};

/// The peak of a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Peak {
    pub(crate) peak: i64,
    /// When it was reached: at the beginning of the month if it was carried over. `None` for a product that was never ordered.
    pub(crate) reached_at: Option<Millis>,
}

/// The total has become another one. A month begins with what the one before it ended with.
pub(crate) async fn changed(
    db: &mut Db,
    account: &str,
    product: &str,
    total: i64,
    at: Millis,
) -> Result<(), StoreError> {
    let month = calendar::month(at);
    let before = of_month(db, account, product, &month).await?;
    let grown = before.reached_at.is_none() || total > before.peak;
    let (peak, reached_at) = if grown { (total, at) } else { (before.peak, before.reached_at.unwrap_or(at)) };
    let keep = "INSERT INTO peaks (account, product, month, peak, reached_at, last) VALUES ($1, $2, $3, $4, $5, $6) \
        ON CONFLICT (account, product, month) DO UPDATE \
        SET peak = excluded.peak, reached_at = excluded.reached_at, last = excluded.last";
    let keep = sqlx::query(keep).bind(account).bind(product).bind(month).bind(peak).bind(reached_at).bind(total);
    keep.execute(db).await?;
    Ok(())
}

/// The peak of a month, whether or not anything happened in it.
pub(crate) async fn of_month(db: &mut Db, account: &str, product: &str, month: &str) -> Result<Peak, StoreError> {
    let newest = "SELECT month, peak, reached_at, last FROM peaks WHERE account = $1 AND product = $2 AND month <= $3 \
        ORDER BY month DESC LIMIT 1";
    let newest = sqlx::query_as::<_, (String, i64, i64, i64)>(newest).bind(account).bind(product).bind(month);
    Ok(match newest.fetch_optional(db).await? {
        None => Peak { peak: 0, reached_at: None },
        Some((same, peak, reached_at, _)) if same == month => Peak { peak, reached_at: Some(reached_at) },
        Some((_, _, _, last)) => Peak { peak: last, reached_at: calendar::month_start(month) },
    })
}
