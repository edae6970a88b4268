//! What an account has, and the peaks that its charge follows from (provisioning §4.3, §5.1).

use std::collections::BTreeMap;

use super::{
    Caller, Provisioning, calendar,
    call::{Answer, Call},
    refusal::Refusal,
    words::{Billing, Inventory, PRODUCT, Peak, Stock, Usage},
};
use crate::store::provisioning::{orders, peaks};

/// `GET /inventory`
pub(super) async fn read(shared: &Provisioning, caller: &Caller) -> Result<Answer, Refusal> {
    let account = &caller.account;
    let month = calendar::month(shared.now());
    let mut reader = shared.people.store.read().await?;
    let stock = orders::stock(&mut reader, &account.id, PRODUCT).await?;
    let peak = peaks::of_month(&mut reader, &account.id, PRODUCT, &month).await?;
    let stock = Stock {
        product: PRODUCT.into(),
        total: stock.total,
        used: stock.used,
        available: stock.total - stock.used,
        pending: stock.pending,
        limit_quantity: account.limit_quantity,
    };
    let billing = Billing { month, peak: BTreeMap::from([(PRODUCT.to_owned(), peak.peak)]) };
    Ok(Answer::ok(&Inventory { products: vec![stock], billing }))
}

/// `GET /usage?month=YYYY-MM`; without a month, the present one.
pub(super) async fn usage(shared: &Provisioning, caller: &Caller, call: &Call) -> Result<Answer, Refusal> {
    let now = calendar::month(shared.now());
    let month = call.parameter("month").unwrap_or_else(|| now.clone());
    if calendar::month_start(&month).is_none() || month > now {
        return Err(Refusal::field("month", "a month like 2026-11 that is not to come"));
    }
    let mut reader = shared.people.store.read().await?;
    let peak = peaks::of_month(&mut reader, &caller.account.id, PRODUCT, &month).await?;
    let reached_at = peak.reached_at.map(calendar::text);
    Ok(Answer::ok(&Usage { month, products: vec![Peak { product: PRODUCT.into(), peak: peak.peak, reached_at }] }))
}
