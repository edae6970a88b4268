//! The operator's side of the provisioning API: accounts and their clients, limits, prices and quotas, orders that wait, and
//! which accounts reach each other (provisioning §4.6).

use std::ops::Deref;

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use kandy_switch::parameter;
use kandy_wire::encode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::Connection;
use tracing::Instrument;

use crate::{
    client::Client as Caller,
    http,
    operation::requests::Operation,
    provisioning::{
        Provisioning,
        calendar::Unit,
        call::{Answer, decode},
        orders as told_orders,
        quota::{self, Quota},
        refusal::{Name, Refusal},
        words::{self, Level, OrderStatus, PRODUCT},
    },
    secrets::SystemSecrets,
    store::{
        Db, StoreError, audit,
        provisioning::{
            accounts::{self, Account, Client},
            orders::{self, Filter},
        },
    },
};

/// Pieces that an account of level `demo` may have where nothing else is said.
const DEMO_QUANTITY: i64 = 50;
/// Longest id, domain or name, in characters.
const MAX_TEXT: usize = 128;
/// Orders of one answer.
const MOST_ORDERS: i64 = 100;

/// An account as the operator makes or changes it. What is not given stays, or gets its default.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct AccountWish {
    account_id: Option<String>,
    domain: Option<String>,
    level: Option<Level>,
    blocked: Option<bool>,
    /// Agreed value of the inventory in EUR; 0 for none.
    limit_eur: Option<f64>,
    /// Most pieces; 0 for as many as the value allows.
    limit_quantity: Option<i64>,
    /// For a piece and a month, in EUR.
    unit_price_eur: Option<f64>,
    quota: Option<QuotaWords>,
}

/// How often clients of an account may call.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct QuotaWords {
    #[schemars(range(min = 1, max = 1_000_000_000))]
    limit: i64,
    #[schemars(range(min = 1, max = 1_000))]
    interval: u32,
    #[schemars(extend("enum" = ["minute", "hour", "day", "week", "month"]))]
    time_unit: String,
}

/// An account as the operator sees it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AccountWords {
    account_id: String,
    domain: String,
    level: Level,
    blocked: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit_eur: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit_quantity: Option<i64>,
    unit_price_eur: f64,
    quota: QuotaWords,
    total: i64,
    used: i64,
    pending: i64,
}

/// A client as the operator makes or changes it.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ClientWish {
    client_id: Option<String>,
    name: Option<String>,
    email: Option<String>,
    approved: Option<bool>,
    entitled: Option<bool>,
    /// Gives it another secret; its tokens are void.
    #[serde(default)]
    new_secret: bool,
}

/// A client as the operator sees it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ClientWords {
    client_id: String,
    account_id: String,
    name: String,
    email: String,
    approved: bool,
    entitled: bool,
    /// Told once: when it is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<String>,
}

/// Why an order is approved or rejected.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settlement {
    reason: Option<String>,
}

/// All accounts.
#[derive(Serialize, JsonSchema)]
pub(crate) struct AccountList {
    accounts: Vec<AccountWords>,
}

/// The clients of an account.
#[derive(Serialize, JsonSchema)]
pub(crate) struct ClientList {
    clients: Vec<ClientWords>,
}

/// Orders of an account.
#[derive(Serialize, JsonSchema)]
pub(crate) struct OrderList {
    orders: Vec<words::Order>,
}

/// Whether the subscribers of two accounts reach each other.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Pair<'a> {
    one: &'a str,
    other: &'a str,
    open: bool,
}

/// A request of the operator: what is needed to serve it, and where it came from.
struct Asked {
    shared: Provisioning,
    client: Caller,
}

impl Deref for Asked {
    type Target = Provisioning;

    fn deref(&self) -> &Provisioning {
        &self.shared
    }
}

/// Everything below `/operator/v1` that is about accounts.
pub(crate) async fn serve(State(shared): State<Provisioning>, request: Request) -> Response {
    let (mut parts, mut body) = request.into_parts();
    let client = match Caller::from_request_parts(&mut parts, &shared.people).await {
        Ok(client) => client,
        Err(status) => return status.into_response(),
    };
    if let Some(refusal) = super::refusal(&shared.people, &client, &parts.headers) {
        // Whoever is still sending would not read it.
        http::ignore(&mut body).await;
        return refusal;
    }
    let id = client.request_id.clone();
    let asked = Asked { shared, client };
    let answered = match http::read(body).await {
        Ok(body) => {
            let path = parts.uri.path().strip_prefix("/operator/v1").unwrap_or_default().to_owned();
            let (method, query) = (parts.method.to_string(), parts.uri.query().unwrap_or_default().to_owned());
            let work = async move { answer(&asked, &method, &path, &query, &body).await };
            tokio::spawn(work.in_current_span()).await.unwrap_or_else(|_| Err(Refusal::failed()))
        }
        Err((_, reason)) => Err(Refusal::new(Name::BadRequest, reason)),
    };
    let json = [(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"))];
    let mut response = match answered {
        Ok(answer) => (answer.status, json, answer.body).into_response(),
        Err(refusal) => {
            let mut response = (refusal.name.status(), json, encode(&refusal.body(&id))).into_response();
            if let Name::MethodNotAllowed(methods) = refusal.name {
                response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(methods));
            }
            response
        }
    };
    response.extensions_mut().insert(Operation("operator"));
    response
}

/// What is at a path below `/operator/v1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resource<'a> {
    Accounts,
    Account(&'a str),
    Clients(&'a str),
    Orders(&'a str),
    Approve(&'a str, &'a str),
    Reject(&'a str, &'a str),
    Client(&'a str),
    Pair(&'a str, &'a str),
}

impl<'a> Resource<'a> {
    fn at(path: &'a str) -> Option<Self> {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        Some(match parts.as_slice() {
            ["accounts"] => Self::Accounts,
            ["accounts", id] => Self::Account(id),
            ["accounts", id, "clients"] => Self::Clients(id),
            ["accounts", id, "orders"] => Self::Orders(id),
            ["accounts", id, "orders", number, "approve"] => Self::Approve(id, number),
            ["accounts", id, "orders", number, "reject"] => Self::Reject(id, number),
            ["clients", id] => Self::Client(id),
            ["pairs", one, other] => Self::Pair(one, other),
            _ => return None,
        })
    }

    /// The methods that it takes.
    pub(crate) fn methods(self) -> &'static str {
        match self {
            Self::Accounts | Self::Clients(_) => "GET, POST",
            Self::Account(_) => "GET, PUT",
            Self::Orders(_) => "GET",
            Self::Approve(..) | Self::Reject(..) => "POST",
            Self::Client(_) => "PUT",
            Self::Pair(..) => "PUT, DELETE",
        }
    }
}

async fn answer(shared: &Asked, method: &str, path: &str, query: &str, body: &str) -> Result<Answer, Refusal> {
    let unknown = || Refusal::new(Name::NotFound, "There is nothing at this address.");
    let resource = Resource::at(path).ok_or_else(unknown)?;
    let methods = resource.methods();
    if !methods.split(", ").any(|known| known == method) {
        return Err(Refusal::new(Name::MethodNotAllowed(methods), format!("This address takes {methods}.")));
    }
    match (resource, method) {
        (Resource::Accounts, "POST") => create(shared, body).await,
        (Resource::Accounts, _) => list(shared).await,
        (Resource::Account(id), "PUT") => change(shared, id, body).await,
        (Resource::Account(id), _) => one(shared, id).await,
        (Resource::Clients(id), "POST") => add_client(shared, id, body).await,
        (Resource::Clients(id), _) => clients(shared, id).await,
        (Resource::Orders(id), _) => waiting(shared, id, query).await,
        (Resource::Approve(id, number), _) => settle(shared, id, number, true, body).await,
        (Resource::Reject(id, number), _) => settle(shared, id, number, false, body).await,
        (Resource::Client(id), _) => change_client(shared, id, body).await,
        (Resource::Pair(one, other), method) => pair(shared, one, other, method == "PUT").await,
    }
}

async fn list(shared: &Asked) -> Result<Answer, Refusal> {
    let mut reader = shared.people.store.read().await?;
    let mut told = AccountList { accounts: Vec::new() };
    for account in accounts::all(&mut reader).await? {
        told.accounts.push(words(&mut reader, account).await?);
    }
    Ok(Answer::ok(&told))
}

async fn one(shared: &Asked, id: &str) -> Result<Answer, Refusal> {
    let mut reader = shared.people.store.read().await?;
    let account = accounts::find(&mut reader, id).await?.ok_or_else(no_account)?;
    Ok(Answer::ok(&words(&mut reader, account).await?))
}

async fn create(shared: &Asked, body: &str) -> Result<Answer, Refusal> {
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

async fn change(shared: &Asked, id: &str, body: &str) -> Result<Answer, Refusal> {
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

async fn clients(shared: &Asked, account: &str) -> Result<Answer, Refusal> {
    let mut reader = shared.people.store.read().await?;
    accounts::find(&mut reader, account).await?.ok_or_else(no_account)?;
    let clients = accounts::clients(&mut reader, account).await?;
    let clients = clients.into_iter().map(|client| client_words(client, None)).collect();
    Ok(Answer::ok(&ClientList { clients }))
}

async fn add_client(shared: &Asked, account: &str, body: &str) -> Result<Answer, Refusal> {
    let wish = decode::<ClientWish>(body)?;
    let id = wish.client_id.clone().unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
    named("clientId", &id)?;
    let secret = SystemSecrets::random();
    let secret_hash = shared.hash(secret.clone()).await?;
    let client = Client {
        account: account.to_owned(),
        secret_hash,
        name: id.clone(),
        email: String::new(),
        approved: true,
        entitled: true,
        id,
    };
    let client = changed_client(client, &wish)?;
    let mut writer = shared.people.store.write().await;
    let mut db = writer.begin().await?;
    accounts::find(&mut db, account).await?.ok_or_else(no_account)?;
    if !accounts::add_client(&mut db, &client).await? {
        return Err(Refusal::new(Name::AccountExists, "This clientId is in use."));
    }
    note(&mut db, shared, account, "client-create", &client.id).await?;
    db.commit().await?;
    Ok(Answer { status: StatusCode::CREATED, ..Answer::ok(&client_words(client, Some(secret))) })
}

async fn change_client(shared: &Asked, id: &str, body: &str) -> Result<Answer, Refusal> {
    let wish = decode::<ClientWish>(body)?;
    if wish.client_id.is_some() {
        return Err(Refusal::new(Name::InvalidField, "clientId stays what it is."));
    }
    let secret = wish.new_secret.then(SystemSecrets::random);
    let secret_hash = match &secret {
        Some(secret) => Some(shared.hash(secret.clone()).await?),
        None => None,
    };
    let mut writer = shared.people.store.write().await;
    let mut db = writer.begin().await?;
    let unknown = || Refusal::new(Name::ClientNotFound, "There is no such client.");
    let client = accounts::find_client(&mut db, id).await?.ok_or_else(unknown)?;
    let mut client = changed_client(client, &wish)?;
    if let Some(hash) = secret_hash {
        client.secret_hash = hash;
        accounts::drop_tokens_of(&mut db, &client.id).await?;
    }
    accounts::change_client(&mut db, &client).await?;
    note(&mut db, shared, &client.account, "client-change", &client.id).await?;
    db.commit().await?;
    Ok(Answer::ok(&client_words(client, secret)))
}

fn changed_client(client: Client, wish: &ClientWish) -> Result<Client, Refusal> {
    for (name, text) in [("name", &wish.name), ("email", &wish.email)] {
        if text.as_ref().is_some_and(|text| text.chars().count() > MAX_TEXT || text.chars().any(char::is_control)) {
            return Err(Refusal::field(name, "at most 128 characters long, without control characters"));
        }
    }
    Ok(Client {
        name: wish.name.clone().unwrap_or(client.name),
        email: wish.email.clone().unwrap_or(client.email),
        approved: wish.approved.unwrap_or(client.approved),
        entitled: wish.entitled.unwrap_or(client.entitled),
        ..client
    })
}

fn client_words(client: Client, client_secret: Option<String>) -> ClientWords {
    ClientWords {
        client_id: client.id,
        account_id: client.account,
        name: client.name,
        email: client.email,
        approved: client.approved,
        entitled: client.entitled,
        client_secret,
    }
}

/// The newest orders of an account, all or those of `status`.
async fn waiting(shared: &Asked, account: &str, query: &str) -> Result<Answer, Refusal> {
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

async fn settle(shared: &Asked, account: &str, number: &str, approved: bool, body: &str) -> Result<Answer, Refusal> {
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

async fn pair(shared: &Asked, one: &str, other: &str, open: bool) -> Result<Answer, Refusal> {
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

async fn note(
    db: &mut Db,
    shared: &Asked,
    account: &str,
    action: &'static str,
    subject: &str,
) -> Result<(), StoreError> {
    let entry = audit::Entry {
        at: shared.now(),
        account: account.to_owned(),
        actor: "operator".into(),
        action,
        subject: subject.to_owned(),
        outcome: "done".into(),
        peer: shared.client.address.to_string(),
        request_id: shared.client.request_id.clone(),
    };
    audit::note(db, &[entry]).await
}

fn no_account() -> Refusal {
    Refusal::new(Name::AccountNotFound, "There is no such account.")
}

/// Ids stand in paths and logs.
fn named(name: &str, id: &str) -> Result<(), Refusal> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if !id.is_empty() && id.len() <= MAX_TEXT && id.chars().all(plain) {
        return Ok(());
    }
    Err(Refusal::field(name, "1 to 128 letters, digits, dots, underscores and hyphens"))
}

fn is_domain(domain: &str) -> bool {
    let label = |label: &str| {
        let inside = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        (1..=63).contains(&label.len()) && inside && !label.starts_with('-') && !label.ends_with('-')
    };
    domain.len() <= 253 && domain.split('.').all(label)
}

/// The account of `--dev`, with a secret that everybody knows.
pub(crate) async fn demo(db: &mut Db) -> Result<(), StoreError> {
    let account = Account {
        id: "demo".into(),
        domain: "example.com".into(),
        seed: SystemSecrets::random(),
        ..fresh(Level::Demo)
    };
    let Some(secret_hash) = crate::sign_in::hash_password("demo-secret".into()).await else { return Ok(()) };
    let client = Client {
        id: "demo-client".into(),
        account: account.id.clone(),
        secret_hash: secret_hash.text().to_owned(),
        name: "demo".into(),
        email: "demo@example.com".into(),
        approved: true,
        entitled: true,
    };
    // On a data folder of an earlier run they are there already.
    accounts::add(db, &account, 0).await?;
    accounts::add_client(db, &client).await?;
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
