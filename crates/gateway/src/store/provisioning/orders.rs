//! Orders, and the inventory that they change.

use super::{accounts::Account, peaks};
use crate::{
    provisioning::{
        calendar::Millis,
        words::{OrderStatus, OrderType},
    },
    store::{Db, StoreError},
};

/// An order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Order {
    pub(crate) number: i64,
    pub(crate) r#type: OrderType,
    pub(crate) product: String,
    pub(crate) quantity: i64,
    pub(crate) reference: Option<String>,
    pub(crate) status: OrderStatus,
    pub(crate) reason: Option<String>,
    pub(crate) created_at: Millis,
    pub(crate) fulfilled_at: Option<Millis>,
}

/// What an account has of a product.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Stock {
    pub(crate) total: i64,
    pub(crate) used: i64,
    /// In increments that wait for approval.
    pub(crate) pending: i64,
    pub(crate) price_cents: i64,
}

/// Which orders of an account are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    pub(crate) number: Option<i64>,
    pub(crate) status: Option<OrderStatus>,
    pub(crate) r#type: Option<OrderType>,
    /// Created then or later.
    pub(crate) from: Option<Millis>,
    /// Created before.
    pub(crate) to: Option<Millis>,
}

type Row = (i64, String, String, i64, Option<String>, String, Option<String>, i64, Option<i64>);

impl From<Row> for Order {
    fn from(row: Row) -> Self {
        let (number, kind, product, quantity, reference, status, reason, created_at, fulfilled_at) = row;
        let r#type = OrderType::named(&kind).unwrap_or(OrderType::Increment);
        let status = OrderStatus::named(&status).unwrap_or(OrderStatus::Rejected);
        Self { number, r#type, product, quantity, reference, status, reason, created_at, fulfilled_at }
    }
}

/// What an account has of a product: nothing of one that it never ordered.
pub(crate) async fn stock(db: &mut Db, account: &str, product: &str) -> Result<Stock, StoreError> {
    let stock = "SELECT total, used, price_cents FROM inventory WHERE account = $1 AND product = $2";
    let stock =
        sqlx::query_as::<_, (i64, i64, i64)>(stock).bind(account).bind(product).fetch_optional(&mut *db).await?;
    let pending = "SELECT CAST(coalesce(sum(quantity), 0) AS BIGINT) FROM orders \
        WHERE account = $1 AND product = $2 AND status = 'pendingApproval'";
    let pending = sqlx::query_scalar(pending).bind(account).bind(product).fetch_one(db).await?;
    let (total, used, price_cents) = stock.unwrap_or_default();
    Ok(Stock { total, used, pending, price_cents })
}

/// Places an order, and carries it out at once if the account's limits allow it (provisioning §4.1).
///
/// `Err` holds the stock when a decrement would take a piece that a subscriber holds; then nothing has changed.
pub(crate) async fn place(
    db: &mut Db,
    account: &Account,
    mut order: Order,
) -> Result<Result<Order, Stock>, StoreError> {
    let stock = stock(db, &account.id, &order.product).await?;
    let total = match order.r#type {
        OrderType::Increment => stock.total.saturating_add(order.quantity),
        OrderType::Decrement => stock.total.saturating_sub(order.quantity),
    };
    if total < stock.used {
        return Ok(Err(stock));
    }
    let beyond = [
        account.limit_quantity.is_some_and(|most| total > most).then_some("The order goes beyond the agreed quantity."),
        account
            .limit_cents
            .is_some_and(|most| total.saturating_mul(stock.price_cents) > most)
            .then_some("The order goes beyond the agreed value."),
    ];
    let reason = beyond.into_iter().flatten().next().filter(|_| order.r#type == OrderType::Increment);
    let number = "UPDATE accounts SET last_order = last_order + 1 WHERE id = $1 RETURNING last_order";
    order.number = sqlx::query_scalar(number).bind(&account.id).fetch_one(&mut *db).await?;
    order.reason = reason.map(str::to_owned);
    order.status = if reason.is_some() { OrderStatus::PendingApproval } else { OrderStatus::Fulfilled };
    order.fulfilled_at = reason.is_none().then_some(order.created_at);
    let add = "INSERT INTO orders (account, number, type, product, quantity, reference, status, reason, created_at, \
        fulfilled_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let add = sqlx::query(add).bind(&account.id).bind(order.number).bind(order.r#type.word()).bind(&order.product);
    let add = add.bind(order.quantity).bind(&order.reference).bind(order.status.word()).bind(&order.reason);
    add.bind(order.created_at).bind(order.fulfilled_at).execute(&mut *db).await?;
    if reason.is_none() {
        set_total(db, &account.id, &order.product, total, order.created_at).await?;
    }
    Ok(Ok(order))
}

/// Ends the wait of an order. `None` if there is none that waits under this number.
pub(crate) async fn settle(
    db: &mut Db,
    account: &str,
    number: i64,
    approved: bool,
    reason: Option<&str>,
    at: Millis,
) -> Result<Option<Order>, StoreError> {
    let status = if approved { OrderStatus::Fulfilled } else { OrderStatus::Rejected };
    let settle = "UPDATE orders SET status = $3, reason = $4, fulfilled_at = $5 \
        WHERE account = $1 AND number = $2 AND status = 'pendingApproval'";
    let settle = sqlx::query(settle).bind(account).bind(number).bind(status.word()).bind(reason);
    if settle.bind(approved.then_some(at)).execute(&mut *db).await?.rows_affected() == 0 {
        return Ok(None);
    }
    let order = find(db, account, number).await?;
    if let Some(order) = order.as_ref().filter(|_| approved) {
        let stock = stock(db, account, &order.product).await?;
        set_total(db, account, &order.product, stock.total.saturating_add(order.quantity), at).await?;
    }
    Ok(order)
}

async fn set_total(db: &mut Db, account: &str, product: &str, total: i64, at: Millis) -> Result<(), StoreError> {
    let set = "INSERT INTO inventory (account, product, total) VALUES ($1, $2, $3) \
        ON CONFLICT (account, product) DO UPDATE SET total = excluded.total";
    sqlx::query(set).bind(account).bind(product).bind(total).execute(&mut *db).await?;
    peaks::changed(db, account, product, total, at).await
}

/// Gives one piece to a subscriber; returns whether there was one.
pub(crate) async fn take_piece(db: &mut Db, account: &str, product: &str) -> Result<bool, StoreError> {
    let take = "UPDATE inventory SET used = used + 1 WHERE account = $1 AND product = $2 AND used < total";
    Ok(sqlx::query(take).bind(account).bind(product).execute(db).await?.rows_affected() > 0)
}

/// Takes one piece back from a subscriber.
pub(crate) async fn return_piece(db: &mut Db, account: &str, product: &str) -> Result<(), StoreError> {
    let back = "UPDATE inventory SET used = used - 1 WHERE account = $1 AND product = $2 AND used > 0";
    sqlx::query(back).bind(account).bind(product).execute(db).await?;
    Ok(())
}

/// One order of an account.
pub(crate) async fn find(db: &mut Db, account: &str, number: i64) -> Result<Option<Order>, StoreError> {
    let find = "SELECT number, type, product, quantity, reference, status, reason, created_at, fulfilled_at FROM orders \
        WHERE account = $1 AND number = $2";
    let find = sqlx::query_as::<_, Row>(find).bind(account).bind(number).fetch_optional(db).await?;
    Ok(find.map(Order::from))
}

/// Some orders of an account, newest first, and how many there are.
pub(crate) async fn page(
    db: &mut Db,
    account: &str,
    filter: &Filter,
    skip: i64,
    count: i64,
) -> Result<(Vec<Order>, i64), StoreError> {
    const WHICH: &str = "FROM orders WHERE account = $1 AND ($2 = 0 OR number = $2) AND ($3 = '' OR status = $3) \
        AND ($4 = '' OR type = $4) AND created_at >= $5 AND created_at < $6";
    let number = filter.number.unwrap_or_default();
    let (status, kind) = (filter.status.map_or("", OrderStatus::word), filter.r#type.map_or("", OrderType::word));
    let (from, to) = (filter.from.unwrap_or(Millis::MIN), filter.to.unwrap_or(Millis::MAX));
    let some = "SELECT number, type, product, quantity, reference, status, reason, created_at, fulfilled_at ";
    let some = sqlx::AssertSqlSafe(format!("{some}{WHICH} ORDER BY number DESC LIMIT $7 OFFSET $8"));
    let some = sqlx::query_as::<_, Row>(some).bind(account).bind(number).bind(status).bind(kind).bind(from).bind(to);
    let some = some.bind(count).bind(skip).fetch_all(&mut *db).await?;
    let all = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("SELECT count(*) {WHICH}")));
    let all = all.bind(account).bind(number).bind(status).bind(kind).bind(from).bind(to).fetch_one(db).await?;
    Ok((some.into_iter().map(Order::from).collect(), all))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        provisioning::{
            calendar,
            quota::PRODUCTION,
            words::{Level, PRODUCT},
        },
        store::{Store, provisioning::accounts},
    };

    fn account(limit_quantity: Option<i64>, limit_cents: Option<i64>) -> Account {
        Account {
            id: "acme".into(),
            domain: "acme.example".into(),
            level: Level::Production,
            blocked: false,
            limit_cents,
            limit_quantity,
            quota: PRODUCTION,
            seed: "seed".into(),
        }
    }

    fn order(r#type: OrderType, quantity: i64, at: &str) -> Order {
        Order {
            number: 0,
            r#type,
            product: PRODUCT.into(),
            quantity,
            reference: None,
            status: OrderStatus::PendingApproval,
            reason: None,
            created_at: calendar::read(at).unwrap(),
            fulfilled_at: None,
        }
    }

    async fn plus(db: &mut Db, account: &Account, quantity: i64, at: &str) -> Order {
        place(db, account, order(OrderType::Increment, quantity, at)).await.unwrap().unwrap()
    }

    async fn minus(db: &mut Db, account: &Account, quantity: i64, at: &str) -> Result<Order, Stock> {
        place(db, account, order(OrderType::Decrement, quantity, at)).await.unwrap()
    }

    async fn peak(db: &mut Db, month: &str) -> (i64, Option<String>) {
        let peak = peaks::of_month(db, "acme", PRODUCT, month).await.unwrap();
        (peak.peak, peak.reached_at.map(calendar::text))
    }

    #[tokio::test]
    async fn the_peak_of_a_month_is_its_highest_total() {
        let store = Store::open(None).await.unwrap();
        let mut db = store.write().await;
        let acme = account(None, None);
        assert!(accounts::add(&mut db, &acme, 0).await.unwrap());
        assert_eq!(peak(&mut db, "2026-10").await, (0, None), "never ordered");
        plus(&mut db, &acme, 5, "2026-10-02T00:00:00Z").await;
        plus(&mut db, &acme, 3, "2026-10-31T23:59:59Z").await;
        minus(&mut db, &acme, 6, "2026-10-31T23:59:59Z").await.unwrap();
        assert_eq!(peak(&mut db, "2026-10").await, (8, Some("2026-10-31T23:59:59Z".into())));
        let carried = |month: &str| (2, Some(format!("{month}-01T00:00:00Z")));
        assert_eq!(peak(&mut db, "2026-11").await, carried("2026-11"), "also when nothing happens");
        assert_eq!(peak(&mut db, "2027-02").await, carried("2027-02"));
        minus(&mut db, &acme, 1, "2026-12-01T00:00:00Z").await.unwrap();
        assert_eq!(peak(&mut db, "2026-12").await, carried("2026-12"), "a decrement lowers later months only");
        assert_eq!(peak(&mut db, "2027-01").await, (1, Some("2027-01-01T00:00:00Z".into())));
        assert_eq!(peak(&mut db, "2026-09").await, (0, None), "not before there was anything");
    }

    #[tokio::test]
    async fn what_goes_beyond_a_limit_waits_for_the_operator() {
        let store = Store::open(None).await.unwrap();
        let mut db = store.write().await;
        // Ten pieces of 4.95 EUR are agreed.
        let acme = account(Some(100), Some(4_950));
        assert!(accounts::add(&mut db, &acme, 0).await.unwrap());
        accounts::set_price(&mut db, "acme", PRODUCT, 495).await.unwrap();
        let at = "2026-11-21T09:00:00Z";
        assert_eq!(plus(&mut db, &acme, 10, at).await.status, OrderStatus::Fulfilled);
        let waits = plus(&mut db, &acme, 1, at).await;
        assert_eq!((waits.status, waits.fulfilled_at), (OrderStatus::PendingApproval, None));
        assert_eq!(waits.reason.as_deref(), Some("The order goes beyond the agreed value."));
        let beyond = plus(&mut db, &account(Some(12), None), 3, at).await;
        assert_eq!(beyond.reason.as_deref(), Some("The order goes beyond the agreed quantity."));
        let all = Stock { total: 10, used: 0, pending: 4, price_cents: 495 };
        assert_eq!(stock(&mut db, "acme", PRODUCT).await.unwrap(), all);
        assert_eq!(peak(&mut db, "2026-11").await.0, 10, "nothing of it is there yet");

        let later = calendar::read("2026-12-05T00:00:00Z").unwrap();
        let settled = settle(&mut db, "acme", waits.number, true, None, later).await.unwrap().unwrap();
        assert_eq!((settled.status, settled.fulfilled_at, settled.reason), (OrderStatus::Fulfilled, Some(later), None));
        let rejected = settle(&mut db, "acme", beyond.number, false, Some("No."), later).await.unwrap().unwrap();
        assert_eq!((rejected.status, rejected.reason.as_deref()), (OrderStatus::Rejected, Some("No.")));
        assert_eq!(stock(&mut db, "acme", PRODUCT).await.unwrap(), Stock { total: 11, pending: 0, ..all });
        assert_eq!((peak(&mut db, "2026-11").await.0, peak(&mut db, "2026-12").await.0), (10, 11));
        for number in [waits.number, beyond.number, 99] {
            assert_eq!(settle(&mut db, "acme", number, true, None, later).await.unwrap(), None, "once only");
        }
    }

    #[tokio::test]
    async fn pieces_that_subscribers_hold_stay() {
        let store = Store::open(None).await.unwrap();
        let mut db = store.write().await;
        let acme = account(None, None);
        assert!(accounts::add(&mut db, &acme, 0).await.unwrap());
        assert!(!take_piece(&mut db, "acme", PRODUCT).await.unwrap(), "there is none");
        let at = "2026-11-21T09:00:00Z";
        plus(&mut db, &acme, 2, at).await;
        assert!(take_piece(&mut db, "acme", PRODUCT).await.unwrap());
        let held = minus(&mut db, &acme, 2, at).await.unwrap_err();
        assert_eq!((held.total, held.used), (2, 1));
        assert_eq!(minus(&mut db, &acme, 1, at).await.unwrap().number, 2, "a refused order has no number");
        assert!(!take_piece(&mut db, "acme", PRODUCT).await.unwrap());
        return_piece(&mut db, "acme", PRODUCT).await.unwrap();
        return_piece(&mut db, "acme", PRODUCT).await.unwrap();
        assert_eq!(stock(&mut db, "acme", PRODUCT).await.unwrap().used, 0, "never below none");
    }
}
