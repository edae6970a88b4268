//! Orders of an account, as the operator sees and settles them (provisioning §3.3).

use kandy_switch::parameter;
use sqlx::Connection;

use super::{
    api::{Asked, MAX_TEXT, no_account, note},
    words::{OrderList, Settlement},
};
use crate::{
    provisioning::{
        call::{Answer, decode},
        orders as told_orders,
        refusal::{Name, Refusal},
        words::OrderStatus,
    },
    store::provisioning::{
        accounts,
        orders::{self, Filter},
    },
};

/// Orders of one answer.
const MOST_ORDERS: i64 = 100;

/// The newest orders of an account, all or those of `status`.
pub(super) async fn waiting(shared: &Asked, account: &str, query: &str) -> Result<Answer, Refusal> {
    let status = parameter(query, "status").filter(|word| !word.is_empty()).map(|word| {
        let wanted = || Refusal::field("status", "pendingApproval, fulfilled or rejected");
        OrderStatus::named(&word).ok_or_else(wanted)
    });
    let filter = Filter { status: status.transpose()?, ..Filter::default() };
    let mut reader = shared.people.store.read().await?;
    accounts::find(&mut reader, account).await?.ok_or_else(no_account)?;
    let (found, _) = orders::page(&mut reader, account, &filter, 0, MOST_ORDERS).await?;
    Ok(Answer::ok(&OrderList { orders: found.iter().map(told_orders::told).collect() }))
}

pub(super) async fn settle(
    shared: &Asked,
    account: &str,
    number: &str,
    approved: bool,
    body: &str,
) -> Result<Answer, Refusal> {
    let Settlement { reason } = decode::<Settlement>(body)?;
    if reason.as_ref().is_some_and(|text| text.chars().count() > MAX_TEXT) {
        return Err(Refusal::field("reason", "at most 128 characters long"));
    }
    let reason = reason.or_else(|| (!approved).then(|| "The operator rejected the order.".to_owned()));
    let number = told_orders::number_of(number).ok_or_else(told_orders::no_order)?;
    let mut writer = shared.people.store.write().await;
    let mut db = writer.begin().await?;
    let settled =
        orders::settle(&mut db, account, number, approved, reason.as_deref().filter(|_| !approved), shared.now())
            .await?;
    let Some(order) = settled else {
        let known = orders::find(&mut db, account, number).await?;
        known.ok_or_else(told_orders::no_order)?;
        return Err(Refusal::new(Name::OrderSettled, "This order does not wait for approval."));
    };
    let order = told_orders::told(&order);
    let action = if approved { "order-approve" } else { "order-reject" };
    note(&mut db, shared, account, action, &order.order_number).await?;
    db.commit().await?;
    Ok(Answer::ok(&order))
}
