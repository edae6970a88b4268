//! What the operator's addresses for accounts take and answer: every field name.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::provisioning::words::{self, Level};

/// An account as the operator makes or changes it. What is not given stays, or gets its default.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct AccountWish {
    pub(super) account_id: Option<String>,
    pub(super) domain: Option<String>,
    pub(super) level: Option<Level>,
    pub(super) blocked: Option<bool>,
    /// Agreed value of the inventory in EUR; 0 for none.
    pub(super) limit_eur: Option<f64>,
    /// Most pieces; 0 for as many as the value allows.
    pub(super) limit_quantity: Option<i64>,
    /// For a piece and a month, in EUR.
    pub(super) unit_price_eur: Option<f64>,
    pub(super) quota: Option<QuotaWords>,
}

/// How often clients of an account may call.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct QuotaWords {
    #[schemars(range(min = 1, max = 1_000_000_000))]
    pub(super) limit: i64,
    #[schemars(range(min = 1, max = 1_000))]
    pub(super) interval: u32,
    #[schemars(extend("enum" = ["minute", "hour", "day", "week", "month"]))]
    pub(super) time_unit: String,
}

/// An account as the operator sees it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AccountWords {
    pub(super) account_id: String,
    pub(super) domain: String,
    pub(super) level: Level,
    pub(super) blocked: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) limit_eur: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) limit_quantity: Option<i64>,
    pub(super) unit_price_eur: f64,
    pub(super) quota: QuotaWords,
    pub(super) total: i64,
    pub(super) used: i64,
    pub(super) pending: i64,
}

/// A client as the operator makes or changes it.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ClientWish {
    pub(super) client_id: Option<String>,
    pub(super) name: Option<String>,
    pub(super) email: Option<String>,
    pub(super) approved: Option<bool>,
    pub(super) entitled: Option<bool>,
    /// Gives it another secret; its tokens are void.
    #[serde(default)]
    pub(super) new_secret: bool,
}

/// A client as the operator sees it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ClientWords {
    pub(super) client_id: String,
    pub(super) account_id: String,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) approved: bool,
    pub(super) entitled: bool,
    /// Told once: when it is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) client_secret: Option<String>,
}

/// Why an order is approved or rejected.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settlement {
    pub(super) reason: Option<String>,
}

/// All accounts.
#[derive(Serialize, JsonSchema)]
pub(crate) struct AccountList {
    pub(super) accounts: Vec<AccountWords>,
}

/// The clients of an account.
#[derive(Serialize, JsonSchema)]
pub(crate) struct ClientList {
    pub(super) clients: Vec<ClientWords>,
}

/// Orders of an account.
#[derive(Serialize, JsonSchema)]
pub(crate) struct OrderList {
    pub(super) orders: Vec<words::Order>,
}

/// Whether the subscribers of two accounts reach each other.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Pair<'a> {
    pub(super) one: &'a str,
    pub(super) other: &'a str,
    pub(super) open: bool,
}
