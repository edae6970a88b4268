//! The operator's side of the provisioning API: accounts, their limits, prices and quotas, and which of them reach each other
//! (provisioning §4.6).

use axum::http::StatusCode;
use sqlx::Connection;

use super::{
    api::{Asked, named, no_account, note},
    words::{AccountList, AccountWish, AccountWords, Pair, QuotaWords},
};
use crate::{
    provisioning::{
        calendar::Unit,
        call::{Answer, decode},
        quota::{self, Quota},
        refusal::{Name, Refusal},
        words::{Level, PRODUCT},
    },
    secrets::SystemSecrets,
    store::{
        Db, StoreError,
        provisioning::{
            accounts::{self, Account, Client},
            orders,
        },
    },
};

/// Pieces that an account of level `demo` may have where nothing else is said.
const DEMO_QUANTITY: i64 = 50;

pub(super) async fn list(shared: &Asked) -> Result<Answer, Refusal> {
    let mut reader = shared.people.store.read().await?;
    let mut told = AccountList { accounts: Vec::new() };
    for account in accounts::all(&mut reader).await? {
        told.accounts.push(words(&mut reader, account).await?);
    }
    Ok(Answer::ok(&told))
}

pub(super) async fn one(shared: &Asked, id: &str) -> Result<Answer, Refusal> {
    let mut reader = shared.people.store.read().await?;
    let account = accounts::find(&mut reader, id).await?.ok_or_else(no_account)?;
    Ok(Answer::ok(&words(&mut reader, account).await?))
}

pub(super) async fn create(shared: &Asked, body: &str) -> Result<Answer, Refusal> {
    let wish = decode::<AccountWish>(body)?;
    let id = wish.account_id.clone().unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
    named("accountId", &id)?;
    let domain = wish.domain.as_deref().map(str::to_ascii_lowercase);
    let domain = domain.filter(|domain| is_domain(domain));
    let domain = domain.ok_or_else(|| Refusal::field("domain", "a domain name like acme.example"))?;
    let level = wish.level.unwrap_or(Level::Production);
    let seed = SystemSecrets::random();
    let account = Account { id, domain, level, seed, ..fresh(level) };
    let (account, price) = changed(account, &wish)?;
    let mut writer = shared.people.store.write().await;
    let mut db = writer.begin().await?;
    if !accounts::add(&mut db, &account, shared.now()).await? {
        return Err(Refusal::new(Name::AccountExists, "This accountId or domain is in use."));
    }
    accounts::set_price(&mut db, &account.id, PRODUCT, price.unwrap_or_default()).await?;
    note(&mut db, shared, &account.id, "account-create", &account.domain).await?;
    let told = words(&mut db, account.clone()).await?;
    db.commit().await?;
    shared.people.hub.with(|switch, now| switch.close_domain(now, &account.domain));
    Ok(Answer { status: StatusCode::CREATED, ..Answer::ok(&told) })
}

pub(super) async fn change(shared: &Asked, id: &str, body: &str) -> Result<Answer, Refusal> {
    let wish = decode::<AccountWish>(body)?;
    if wish.account_id.is_some() || wish.domain.is_some() {
        return Err(Refusal::new(Name::InvalidField, "accountId and domain stay what they are."));
    }
    let mut writer = shared.people.store.write().await;
    let mut db = writer.begin().await?;
    let account = accounts::find(&mut db, id).await?.ok_or_else(no_account)?;
    let (account, price) = changed(account, &wish)?;
    accounts::change(&mut db, &account).await?;
    if let Some(cents) = price {
        accounts::set_price(&mut db, id, PRODUCT, cents).await?;
    }
    note(&mut db, shared, id, "account-change", id).await?;
    let told = words(&mut db, account).await?;
    db.commit().await?;
    Ok(Answer::ok(&told))
}

/// An account with nothing but what follows from its level.
fn fresh(level: Level) -> Account {
    let (quota, limit_quantity) = match level {
        Level::Demo => (quota::DEMO, Some(DEMO_QUANTITY)),
        Level::Production => (quota::PRODUCTION, None),
    };
    Account {
        id: String::new(),
        domain: String::new(),
        level,
        blocked: false,
        limit_cents: None,
        limit_quantity,
        quota,
        seed: String::new(),
    }
}

/// An account with what is wished for, and the price if it is to be another one.
fn changed(mut account: Account, wish: &AccountWish) -> Result<(Account, Option<i64>), Refusal> {
    account.level = wish.level.unwrap_or(account.level);
    account.blocked = wish.blocked.unwrap_or(account.blocked);
    if let Some(euros) = wish.limit_eur {
        account.limit_cents = Some(cents("limitEur", euros)?).filter(|cents| *cents > 0);
    }
    if let Some(quantity) = wish.limit_quantity {
        if quantity < 0 {
            return Err(Refusal::field("limitQuantity", "0 or more"));
        }
        account.limit_quantity = Some(quantity).filter(|quantity| *quantity > 0);
    }
    if let Some(quota) = &wish.quota {
        let unit = Unit::named(&quota.time_unit);
        let unit = unit.filter(|_| (1..=1_000_000_000).contains(&quota.limit) && (1..=1_000).contains(&quota.interval));
        let wanted = "{limit, interval, timeUnit}, with numbers over 0 and minute, hour, day, week or month";
        let unit = unit.ok_or_else(|| Refusal::field("quota", wanted))?;
        account.quota = Quota { limit: quota.limit, interval: quota.interval, unit };
    }
    let price = wish.unit_price_eur.map(|euros| cents("unitPriceEur", euros)).transpose()?;
    Ok((account, price))
}

/// Cents of an amount in EUR.
fn cents(name: &str, euros: f64) -> Result<i64, Refusal> {
    let cents = (euros * 100.0).round();
    if !(0.0..=1e12).contains(&cents) {
        return Err(Refusal::field(name, "an amount of 0 EUR or more"));
    }
    // In the range that was just checked, so nothing is cut off.
    Ok(cents as i64)
}

async fn words(db: &mut Db, account: Account) -> Result<AccountWords, StoreError> {
    let stock = orders::stock(db, &account.id, PRODUCT).await?;
    let euros = |cents: i64| cents as f64 / 100.0;
    Ok(AccountWords {
        account_id: account.id,
        domain: account.domain,
        level: account.level,
        blocked: account.blocked,
        limit_eur: account.limit_cents.map(euros),
        limit_quantity: account.limit_quantity,
        unit_price_eur: euros(stock.price_cents),
        quota: QuotaWords {
            limit: account.quota.limit,
            interval: account.quota.interval,
            time_unit: account.quota.unit.word().into(),
        },
        total: stock.total,
        used: stock.used,
        pending: stock.pending,
    })
}

pub(super) async fn pair(shared: &Asked, one: &str, other: &str, open: bool) -> Result<Answer, Refusal> {
    let mut writer = shared.people.store.write().await;
    let mut db = writer.begin().await?;
    let a = accounts::find(&mut db, one).await?.ok_or_else(no_account)?;
    let b = accounts::find(&mut db, other).await?.ok_or_else(no_account)?;
    if a.id == b.id {
        return Err(Refusal::new(Name::BadRequest, "The subscribers of one account reach each other anyway."));
    }
    if open {
        accounts::open_pair(&mut db, &a.id, &b.id).await?;
    } else {
        accounts::close_pair(&mut db, &a.id, &b.id).await?;
    }
    let action = if open { "pair-open" } else { "pair-close" };
    note(&mut db, shared, &a.id, action, &b.id).await?;
    db.commit().await?;
    shared.people.hub.with(|switch, now| match open {
        true => switch.open_pair(now, &a.domain, &b.domain),
        false => switch.close_pair(now, &a.domain, &b.domain),
    });
    Ok(Answer::ok(&Pair { one: &a.id, other: &b.id, open }))
}

fn is_domain(domain: &str) -> bool {
    let label = |label: &str| {
        let inside = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        (1..=63).contains(&label.len()) && inside && !label.starts_with('-') && !label.ends_with('-')
    };
    domain.len() <= 253 && domain.split('.').all(label)
}

/// The client of `--dev`, and its secret, which everybody knows.
const DEMO: (&str, &str) = ("demo-client", "demo-secret");

/// Makes the account of `--dev`; it stays in the data folder.
///
/// # Errors
/// When the store fails.
pub(crate) async fn demo(db: &mut Db) -> Result<(), StoreError> {
    let (id, domain, seed) = ("demo".to_owned(), "example.com".to_owned(), SystemSecrets::random());
    let account = Account { id, domain, seed, ..fresh(Level::Demo) };
    let (id, secret) = DEMO;
    let Some(secret_hash) = crate::sign_in::hash_password(secret.into()).await else { return Ok(()) };
    let client = Client {
        id: id.to_owned(),
        account: account.id.clone(),
        secret_hash: secret_hash.text().to_owned(),
        name: "demo".into(),
        email: "demo@example.com".into(),
        approved: true,
        entitled: true,
    };
    accounts::add(db, &account, 0).await?;
    if !accounts::add_client(db, &client).await? {
        accounts::change_client(db, &client).await?;
    }
    Ok(())
}

/// Shuts out the client of an earlier `--dev` on the same data, if it still has the secret that everybody knows.
///
/// # Errors
/// When the store fails.
pub(crate) async fn no_demo(db: &mut Db) -> Result<(), StoreError> {
    let (id, secret) = DEMO;
    let Some(client) = accounts::find_client(db, id).await?.filter(|client| client.approved) else { return Ok(()) };
    if crate::sign_in::is_password(&client.secret_hash, secret.to_owned()).await {
        accounts::change_client(db, &Client { approved: false, ..client }).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_cents() {
        for (euros, wanted) in
            [(0.0, Some(0)), (4.95, Some(495)), (0.1 + 0.2, Some(30)), (-1.0, None), (f64::NAN, None)]
        {
            assert_eq!(cents("x", euros).ok(), wanted, "{euros}");
        }
    }

    #[test]
    fn domains_are_names() {
        for (domain, wanted) in [
            ("acme.gw.example", true),
            ("localhost", true),
            ("", false),
            ("a..b", false),
            ("-a.b", false),
            ("a/b", false),
        ] {
            assert_eq!(is_domain(domain), wanted, "{domain}");
        }
    }
}
