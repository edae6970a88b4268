//! Every field name of this API, one model for each message (provisioning §3, §4).
//!
//! Nothing public gives the names of `/order`, `/inventory` and `/subscriber`; they stand here alone, so that they can be renamed.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The only product: one user who takes part in voice and video calls (provisioning §1).
pub(crate) const PRODUCT: &str = "KPN-VoiceVideo-C";

/// What the token endpoint takes, as a form.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "for the description: the form is read by its parameters")]
pub(crate) struct TokenWish {
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    /// May be in the query instead.
    pub(crate) grant_type: Option<String>,
}

/// The answer of the token endpoint: numbers are texts (provisioning §2.2).
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct TokenAnswer {
    pub(crate) access_token: String,
    pub(crate) token_type: &'static str,
    /// Seconds.
    pub(crate) expires_in: String,
    /// Milliseconds since the epoch.
    pub(crate) issued_at: String,
    pub(crate) client_id: String,
    pub(crate) application_name: String,
    pub(crate) developer_email: String,
    pub(crate) organization_name: String,
    /// The same as the list after it, in brackets.
    pub(crate) api_product_list: String,
    pub(crate) api_product_list_json: Vec<String>,
    pub(crate) scope: &'static str,
    pub(crate) status: &'static str,
    pub(crate) refresh_token_expires_in: &'static str,
    pub(crate) refresh_count: &'static str,
    /// `demo` or `production`.
    pub(crate) level: String,
}

/// The token endpoint's refusal (provisioning §2.4).
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct TokenRefusal {
    #[serde(rename = "ErrorCode")]
    pub(crate) error_code: &'static str,
    #[serde(rename = "Error")]
    pub(crate) error: &'static str,
}

/// Every other refusal: texts alone (provisioning §6.3).
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ErrorBody {
    pub(crate) transaction_id: String,
    pub(crate) status: String,
    pub(crate) name: String,
    pub(crate) message: String,
    pub(crate) info: String,
}

/// How much an account is trusted (provisioning §1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    Demo,
    Production,
}

impl Level {
    /// Its word.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Demo => "demo",
            Self::Production => "production",
        }
    }
}

/// Direction of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum OrderType {
    Increment,
    Decrement,
}

impl OrderType {
    const ALL: [Self; 2] = [Self::Increment, Self::Decrement];

    /// Its word.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Increment => "increment",
            Self::Decrement => "decrement",
        }
    }

    /// By its word.
    pub(crate) fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.word() == word)
    }
}

/// How far an order is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum OrderStatus {
    PendingApproval,
    Fulfilled,
    Rejected,
}

impl OrderStatus {
    const ALL: [Self; 3] = [Self::PendingApproval, Self::Fulfilled, Self::Rejected];

    /// Its word.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::PendingApproval => "pendingApproval",
            Self::Fulfilled => "fulfilled",
            Self::Rejected => "rejected",
        }
    }

    /// By its word.
    pub(crate) fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.word() == word)
    }
}

/// An order as it is asked for.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct OrderWish {
    pub(crate) r#type: OrderType,
    #[serde(default = "product")]
    pub(crate) product: String,
    #[schemars(range(min = 1, max = 100_000))]
    pub(crate) quantity: i64,
    #[schemars(length(max = 64))]
    pub(crate) reference: Option<String>,
}

/// An order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Order {
    pub(crate) order_number: String,
    pub(crate) r#type: OrderType,
    pub(crate) product: String,
    pub(crate) quantity: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reference: Option<String>,
    pub(crate) status: OrderStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status_reason: Option<String>,
    pub(crate) created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fulfilled_at: Option<String>,
}

/// Some of the orders.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct OrderPage {
    pub(crate) orders: Vec<Order>,
    #[serde(flatten)]
    pub(crate) place: Place,
}

/// Which part of a list this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Place {
    /// From 1.
    pub(crate) page: i64,
    pub(crate) page_size: i64,
    pub(crate) total_items: i64,
    pub(crate) total_pages: i64,
}

/// What an account has.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Inventory {
    pub(crate) products: Vec<Stock>,
    pub(crate) billing: Billing,
}

/// What an account has of a product.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Stock {
    pub(crate) product: String,
    pub(crate) total: i64,
    pub(crate) used: i64,
    pub(crate) available: i64,
    /// In increments that wait for approval.
    pub(crate) pending: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) limit_quantity: Option<i64>,
}

/// What the charge of a month follows from.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Billing {
    pub(crate) month: String,
    /// By product.
    pub(crate) peak: BTreeMap<String, i64>,
}

/// The peaks of a month.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Usage {
    pub(crate) month: String,
    pub(crate) products: Vec<Peak>,
}

/// The peak of a product.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Peak {
    pub(crate) product: String,
    pub(crate) peak: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reached_at: Option<String>,
}

/// How long a subscriber is meant to be there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SubscriberType {
    #[default]
    Persistent,
    Temporary,
}

impl SubscriberType {
    const ALL: [Self; 2] = [Self::Persistent, Self::Temporary];

    /// Its word.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Persistent => "persistent",
            Self::Temporary => "temporary",
        }
    }

    /// By its word.
    pub(crate) fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.word() == word)
    }
}

/// A subscriber as they are asked for.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SubscriberWish {
    /// Made by the gateway if it is missing.
    #[schemars(length(min = 1, max = 64), regex(pattern = "^[A-Za-z0-9._-]+$"))]
    pub(crate) user_id: Option<String>,
    /// Made by the gateway if it is missing.
    #[schemars(length(min = 8, max = 128))]
    pub(crate) password: Option<String>,
    #[serde(default = "product")]
    pub(crate) product: String,
    #[serde(default)]
    pub(crate) r#type: SubscriberType,
    /// For temporary ones alone: RFC 3339, within ten years.
    pub(crate) expires_at: Option<String>,
    #[serde(flatten)]
    pub(crate) profile: Profile,
}

/// What others see of a subscriber, and what the account keeps of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Profile {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) first_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) display_name: Option<String>,
    /// At most 4 KiB of JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) custom_data: Option<Map<String, Value>>,
}

/// What a subscriber is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SubscriberState {
    Active,
    Deleting,
}

impl SubscriberState {
    const ALL: [Self; 2] = [Self::Active, Self::Deleting];

    /// Its word.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Deleting => "deleting",
        }
    }

    /// By its word.
    pub(crate) fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.word() == word)
    }
}

/// A subscriber.
#[derive(Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Subscriber {
    pub(crate) subscriber_id: String,
    pub(crate) user_id: String,
    pub(crate) identity: String,
    /// Only in the answer to POST.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) password: Option<String>,
    pub(crate) product: String,
    pub(crate) r#type: SubscriberType,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expires_at: Option<String>,
    #[serde(flatten)]
    pub(crate) profile: Profile,
    pub(crate) state: SubscriberState,
    pub(crate) created_at: String,
    /// Only in answers to GET.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) online: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_seen_at: Option<String>,
    /// Only in the answers to POST and to GET of one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) connection: Option<Connection>,
}

/// Where the SDK connects, to be handed to it unchanged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Connection {
    pub(crate) subscription_server: String,
    pub(crate) websocket_server: String,
    /// `https` or `http`.
    pub(crate) protocol: String,
    pub(crate) port: u16,
}

/// Some of the subscribers.
#[derive(Serialize, JsonSchema)]
pub(crate) struct SubscriberPage {
    pub(crate) subscribers: Vec<Subscriber>,
    #[serde(flatten)]
    pub(crate) place: Place,
}

/// A subscriber who is gone.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Deleted {
    pub(crate) subscriber_id: String,
    pub(crate) identity: String,
    pub(crate) deleted: bool,
    pub(crate) product: String,
    pub(crate) sessions_ended: usize,
    pub(crate) calls_ended: usize,
}

/// A new password; without one, the gateway makes it.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct PasswordWish {
    #[schemars(length(min = 8, max = 128))]
    pub(crate) password: Option<String>,
}

/// A password that was changed.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PasswordChanged {
    pub(crate) subscriber_id: String,
    pub(crate) identity: String,
    /// Told this once.
    pub(crate) password: String,
    pub(crate) sessions_ended: usize,
}

fn product() -> String {
    PRODUCT.to_owned()
}
