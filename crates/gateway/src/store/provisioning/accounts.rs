//! Accounts, their clients and tokens, and which accounts reach each other.

use crate::{
    provisioning::{
        calendar::{Millis, Unit},
        quota::Quota,
        words::Level,
    },
    store::{Db, StoreError},
};

/// Whoever orders, and in whose domain their subscribers are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) id: String,
    pub(crate) domain: String,
    pub(crate) level: Level,
    pub(crate) blocked: bool,
    /// Agreed value of the inventory.
    pub(crate) limit_cents: Option<i64>,
    /// Most pieces of a product.
    pub(crate) limit_quantity: Option<i64>,
    pub(crate) quota: Quota,
    /// What passwords are made from that may have to be told once more.
    pub(crate) seed: String,
}

/// A project of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) account: String,
    pub(crate) secret_hash: String,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) approved: bool,
    pub(crate) entitled: bool,
}

type AccountRow = (String, String, String, i64, Option<i64>, Option<i64>, i64, i64, String, String);
type ClientRow = (String, String, String, String, String, i64, i64);

/// The columns of an [`AccountRow`].
macro_rules! select_account {
    ($rest:literal) => {
        concat!(
            "SELECT a.id, a.domain, a.level, a.blocked, a.limit_cents, a.limit_quantity, a.quota_limit, a.quota_interval, ",
            "a.quota_unit, a.seed FROM accounts a ",
            $rest
        )
    };
}

/// The columns of a [`ClientRow`].
macro_rules! select_client {
    ($rest:literal) => {
        concat!("SELECT c.id, c.account, c.secret_hash, c.name, c.email, c.approved, c.entitled FROM clients c ", $rest)
    };
}

impl From<AccountRow> for Account {
    fn from(row: AccountRow) -> Self {
        let (id, domain, level, blocked, limit_cents, limit_quantity, limit, interval, unit, seed) = row;
        let (interval, unit) = (u32::try_from(interval).unwrap_or(1), Unit::named(&unit).unwrap_or(Unit::Minute));
        let level = if level == Level::Demo.word() { Level::Demo } else { Level::Production };
        let quota = Quota { limit, interval, unit };
        Self { id, domain, level, blocked: blocked != 0, limit_cents, limit_quantity, quota, seed }
    }
}

impl From<ClientRow> for Client {
    fn from((id, account, secret_hash, name, email, approved, entitled): ClientRow) -> Self {
        Self { id, account, secret_hash, name, email, approved: approved != 0, entitled: entitled != 0 }
    }
}

/// Adds an account; its id and its domain are nobody else's. Returns whether they were free.
pub(crate) async fn add(db: &mut Db, account: &Account, at: Millis) -> Result<bool, StoreError> {
    let add = "INSERT INTO accounts (id, domain, level, blocked, limit_cents, limit_quantity, quota_limit, quota_interval, \
        quota_unit, seed, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING";
    let add = sqlx::query(add).bind(&account.id).bind(&account.domain).bind(account.level.word());
    let add = add.bind(i64::from(account.blocked)).bind(account.limit_cents).bind(account.limit_quantity);
    let add = add.bind(account.quota.limit).bind(i64::from(account.quota.interval)).bind(account.quota.unit.word());
    Ok(add.bind(&account.seed).bind(at).execute(db).await?.rows_affected() > 0)
}

/// Changes everything of an account but its id and domain.
pub(crate) async fn change(db: &mut Db, account: &Account) -> Result<(), StoreError> {
    let change = "UPDATE accounts SET level = $2, blocked = $3, limit_cents = $4, limit_quantity = $5, quota_limit = $6, \
        quota_interval = $7, quota_unit = $8 WHERE id = $1";
    let change = sqlx::query(change).bind(&account.id).bind(account.level.word()).bind(i64::from(account.blocked));
    let change = change.bind(account.limit_cents).bind(account.limit_quantity).bind(account.quota.limit);
    change.bind(i64::from(account.quota.interval)).bind(account.quota.unit.word()).execute(db).await?;
    Ok(())
}

/// The account of this id.
pub(crate) async fn find(db: &mut Db, id: &str) -> Result<Option<Account>, StoreError> {
    let find = sqlx::query_as::<_, AccountRow>(select_account!("WHERE a.id = $1")).bind(id);
    Ok(find.fetch_optional(db).await?.map(Account::from))
}

/// All accounts, in the order of their ids.
pub(crate) async fn all(db: &mut Db) -> Result<Vec<Account>, StoreError> {
    let all = sqlx::query_as::<_, AccountRow>(select_account!("ORDER BY a.id"));
    Ok(all.fetch_all(db).await?.into_iter().map(Account::from).collect())
}

/// Sets what a piece of a product costs this account in a month.
pub(crate) async fn set_price(db: &mut Db, account: &str, product: &str, cents: i64) -> Result<(), StoreError> {
    let set = "INSERT INTO inventory (account, product, price_cents) VALUES ($1, $2, $3) \
        ON CONFLICT (account, product) DO UPDATE SET price_cents = excluded.price_cents";
    sqlx::query(set).bind(account).bind(product).bind(cents).execute(db).await?;
    Ok(())
}

/// Adds a client; returns whether its id was free.
pub(crate) async fn add_client(db: &mut Db, client: &Client) -> Result<bool, StoreError> {
    let add = "INSERT INTO clients (id, account, secret_hash, name, email, approved, entitled) \
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
    let add = sqlx::query(add).bind(&client.id).bind(&client.account).bind(&client.secret_hash).bind(&client.name);
    let add = add.bind(&client.email).bind(i64::from(client.approved)).bind(i64::from(client.entitled));
    Ok(add.execute(db).await?.rows_affected() > 0)
}

/// Changes what a client may; whoever is not approved loses their tokens.
pub(crate) async fn change_client(db: &mut Db, client: &Client) -> Result<(), StoreError> {
    let change =
        "UPDATE clients SET approved = $2, entitled = $3, name = $4, email = $5, secret_hash = $6 WHERE id = $1";
    let change = sqlx::query(change).bind(&client.id).bind(i64::from(client.approved)).bind(i64::from(client.entitled));
    change.bind(&client.name).bind(&client.email).bind(&client.secret_hash).execute(&mut *db).await?;
    if !client.approved {
        drop_tokens_of(db, &client.id).await?;
    }
    Ok(())
}

/// Voids all tokens of a client.
pub(crate) async fn drop_tokens_of(db: &mut Db, client: &str) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM api_tokens WHERE client = $1").bind(client).execute(db).await?;
    Ok(())
}

/// The client of this id.
pub(crate) async fn find_client(db: &mut Db, id: &str) -> Result<Option<Client>, StoreError> {
    let find = sqlx::query_as::<_, ClientRow>(select_client!("WHERE c.id = $1")).bind(id);
    Ok(find.fetch_optional(db).await?.map(Client::from))
}

/// The clients of an account.
pub(crate) async fn clients(db: &mut Db, account: &str) -> Result<Vec<Client>, StoreError> {
    let all = sqlx::query_as::<_, ClientRow>(select_client!("WHERE c.account = $1 ORDER BY c.id")).bind(account);
    Ok(all.fetch_all(db).await?.into_iter().map(Client::from).collect())
}

/// Keeps a token by its hash, and drops those whose time is over.
pub(crate) async fn add_token(
    db: &mut Db,
    hash: &str,
    client: &str,
    issued_at: Millis,
    expires_at: Millis,
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM api_tokens WHERE expires_at <= $1").bind(issued_at).execute(&mut *db).await?;
    let add = sqlx::query("INSERT INTO api_tokens (hash, client, issued_at, expires_at) VALUES ($1, $2, $3, $4)");
    add.bind(hash).bind(client).bind(issued_at).bind(expires_at).execute(db).await?;
    Ok(())
}

/// Whose token this is, if it is one and its time is not over.
pub(crate) async fn holder(db: &mut Db, hash: &str, now: Millis) -> Result<Option<(Client, Account)>, StoreError> {
    let find = select_client!(
        "JOIN api_tokens t ON t.client = c.id WHERE t.hash = $1 AND t.expires_at > $2 AND c.approved = 1"
    );
    let find = sqlx::query_as::<_, ClientRow>(find).bind(hash).bind(now);
    let Some(client) = find.fetch_optional(&mut *db).await?.map(Client::from) else { return Ok(None) };
    Ok(self::find(db, &client.account).await?.map(|account| (client, account)))
}

/// Lets the subscribers of two accounts reach each other.
pub(crate) async fn open_pair(db: &mut Db, a: &str, b: &str) -> Result<(), StoreError> {
    let open = "INSERT INTO account_pairs (one, other) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    sqlx::query(open).bind(a.min(b)).bind(a.max(b)).execute(db).await?;
    Ok(())
}

/// Ends that; returns whether there was something to end.
pub(crate) async fn close_pair(db: &mut Db, a: &str, b: &str) -> Result<bool, StoreError> {
    let close = sqlx::query("DELETE FROM account_pairs WHERE one = $1 AND other = $2").bind(a.min(b)).bind(a.max(b));
    Ok(close.execute(db).await?.rows_affected() > 0)
}

/// The domains of all pairs.
pub(crate) async fn pairs(db: &mut Db) -> Result<Vec<(String, String)>, StoreError> {
    let pairs = "SELECT a.domain, b.domain FROM account_pairs p JOIN accounts a ON a.id = p.one \
        JOIN accounts b ON b.id = p.other ORDER BY a.domain, b.domain";
    Ok(sqlx::query_as(pairs).fetch_all(db).await?)
}
