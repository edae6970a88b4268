//! Orders (provisioning §3.3, §4.1, §4.2).

use axum::http::StatusCode;
use kandy_wire::encode;
use sqlx::Connection;

use super::{
    BASE, Caller, Provisioning, calendar,
    call::{Answer, Call, decode},
    note,
    refusal::{Name, Refusal},
    repeat::Key,
    words::{self, OrderPage, OrderStatus, OrderType, OrderWish, PRODUCT, Place},
};
use crate::store::provisioning::orders::{self, Filter, Order};

/// Most pieces of one order (provisioning §3.3).
const MOST: i64 = 100_000;
/// Longest reference, in characters (provisioning §3.3).
const MAX_REFERENCE: usize = 64;
/// Entries of a page that the client gives no size for, and of the largest (provisioning §4.2).
const PAGE_SIZE: (i64, i64) = (10, 100);

/// `POST /order`
pub(super) async fn place(shared: &Provisioning, caller: &Caller, call: &Call, body: &str) -> Result<Answer, Refusal> {
    let wish = decode::<OrderWish>(body)?;
    known_product(&wish.product)?;
    if !(1..=MOST).contains(&wish.quantity) {
        return Err(Refusal::field("quantity", "an integer from 1 to 100000"));
    }
    if wish.reference.as_ref().is_some_and(|text| text.chars().count() > MAX_REFERENCE) {
        return Err(Refusal::field("reference", "at most 64 characters long"));
    }
    let key = Key::of(call, body)?;
    let now = shared.now();
    let mut writer = shared.people.store.write().await;
    if let Some(key) = &key
        && let Some(answer) = key.first(&mut writer, caller, now).await?
    {
        return Ok(answer);
    }
    let mut db = writer.begin().await?;
    let order = Order {
        number: 0,
        r#type: wish.r#type,
        product: wish.product,
        quantity: wish.quantity,
        reference: wish.reference,
        status: OrderStatus::PendingApproval,
        reason: None,
        created_at: now,
        fulfilled_at: None,
    };
    let order = orders::place(&mut db, &caller.account, order).await?.map_err(|stock| {
        let message = "Some of these pieces are held by subscribers; delete those first.";
        Refusal::new(Name::ProductsInUse, message).with(format!("total {}, used {}", stock.total, stock.used))
    })?;
    let (order, waits) = (told(&order), order.status == OrderStatus::PendingApproval);
    note(&mut db, caller, call, ("order", &order.order_number), now).await?;
    let answer = Answer {
        status: if waits { StatusCode::ACCEPTED } else { StatusCode::CREATED },
        location: waits.then(|| format!("{BASE}/order/{}", order.order_number)),
        body: encode(&order),
    };
    if let Some(key) = &key {
        key.keep(&mut db, caller, &answer, now).await?;
    }
    db.commit().await?;
    Ok(answer)
}

/// `GET /order`
pub(super) async fn list(shared: &Provisioning, caller: &Caller, call: &Call) -> Result<Answer, Refusal> {
    let place = Paging::of(call)?;
    let mut filter = Filter::default();
    if let Some(number) = call.parameter("orderNumber") {
        filter.number = Some(number_of(&number).ok_or_else(no_order)?);
    }
    if let Some(word) = call.parameter("status") {
        let wanted = || Refusal::field("status", "pendingApproval, fulfilled or rejected");
        filter.status = Some(OrderStatus::named(&word).ok_or_else(wanted)?);
    }
    if let Some(word) = call.parameter("type") {
        filter.r#type = Some(OrderType::named(&word).ok_or_else(|| Refusal::field("type", "increment or decrement"))?);
    }
    let time = |name: &str| match call.parameter(name) {
        None => Ok(None),
        Some(text) => calendar::read(&text).map(Some).ok_or_else(|| Refusal::field(name, "a time of RFC 3339, in UTC")),
    };
    (filter.from, filter.to) = (time("from")?, time("to")?);
    let mut reader = shared.people.store.read().await?;
    let (found, all) = orders::page(&mut reader, &caller.account.id, &filter, place.skip(), place.size).await?;
    if filter.number.is_some() && all == 0 {
        return Err(no_order());
    }
    Ok(Answer::ok(&OrderPage { orders: found.iter().map(told).collect(), place: place.told(all) }))
}

/// `GET /order/{orderNumber}`
pub(super) async fn one(shared: &Provisioning, caller: &Caller, number: &str) -> Result<Answer, Refusal> {
    let number = number_of(number).ok_or_else(no_order)?;
    let mut reader = shared.people.store.read().await?;
    let order = orders::find(&mut reader, &caller.account.id, number).await?.ok_or_else(no_order)?;
    Ok(Answer::ok(&told(&order)))
}

/// An order as it is told.
pub(crate) fn told(order: &Order) -> words::Order {
    words::Order {
        order_number: format!("ORD-{:09}", order.number),
        r#type: order.r#type,
        product: order.product.clone(),
        quantity: order.quantity,
        reference: order.reference.clone(),
        status: order.status,
        status_reason: order.reason.clone(),
        created_at: calendar::text(order.created_at),
        fulfilled_at: order.fulfilled_at.map(calendar::text),
    }
}

/// The number of an order number, which is written in one way only.
pub(crate) fn number_of(text: &str) -> Option<i64> {
    let digits = text.strip_prefix("ORD-")?;
    let number = digits.parse::<i64>().ok().filter(|number| *number > 0)?;
    (format!("{number:09}") == digits).then_some(number)
}

pub(crate) fn no_order() -> Refusal {
    Refusal::new(Name::OrderNotFound, "There is no such order.")
}

/// There is one product only.
pub(super) fn known_product(product: &str) -> Result<(), Refusal> {
    if product == PRODUCT {
        return Ok(());
    }
    Err(Refusal::new(Name::UnknownProduct, format!("The only product is {PRODUCT}.")).with("product"))
}

/// Which part of a list is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Paging {
    page: i64,
    pub(super) size: i64,
}

impl Paging {
    /// From `page` and `page_size`.
    pub(super) fn of(call: &Call) -> Result<Self, Refusal> {
        let number = |name: &str, otherwise: i64, most: i64| match call.parameter(name) {
            None => Ok(otherwise),
            Some(text) => {
                let number = text.parse::<i64>().ok().filter(|number| (1..=most).contains(number));
                number.ok_or_else(|| Refusal::field(name, &format!("a number from 1 to {most}")))
            }
        };
        Ok(Self { page: number("page", 1, 1_000_000)?, size: number("page_size", PAGE_SIZE.0, PAGE_SIZE.1)? })
    }

    /// Entries before it.
    pub(super) fn skip(self) -> i64 {
        (self.page - 1).saturating_mul(self.size)
    }

    /// As it is told, of so many entries.
    pub(super) fn told(self, all: i64) -> Place {
        let pages = (all + self.size - 1).div_euclid(self.size);
        Place { page: self.page, page_size: self.size, total_items: all, total_pages: pages }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_numbers_are_written_in_one_way() {
        let rows = [
            ("ORD-000000127", Some(127)),
            ("ORD-1234567890", Some(1_234_567_890)),
            ("ORD-127", None),
            ("ORD-0000000127", None),
            ("ORD-00000000x", None),
            ("ORD--00000001", None),
            ("127", None),
            ("", None),
        ];
        for (text, wanted) in rows {
            assert_eq!(number_of(text), wanted, "{text}");
        }
    }
}
