//! Call history (§4.14) and voicemail (§9.1): what happened while somebody was there, and while nobody was.

use serde::{Deserialize, Serialize};

/// Answer to `GET logHistory`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct LogHistoryResponse {
    /// The wrapper's only member.
    pub log_history: LogHistory,
}

/// A page of the history, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct LogHistory {
    /// 0, or a code of §11.2.
    pub status_code: i64,
    /// How many there are on all pages, as a text.
    pub total_number_of_records: String,
    /// Those of this page.
    pub log_items: Vec<LogItem>,
}

/// One record in its wrapping.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LogItem {
    /// Released clients stumble over anything but [`CALL_LOG`].
    #[serde(rename = "type")]
    pub kind: String,
    /// The record.
    pub params: LogRecord,
}

/// The one kind of item.
pub const CALL_LOG: &str = "CallLog";

/// One call, as one of its parties sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct LogRecord {
    /// Must not have 36 characters: such ids are those of records that the client made itself.
    pub record_id: String,
    /// When it was started, in ms since the epoch, as a text.
    pub start_time: String,
    /// How long they talked, in ms, as a text.
    pub duration: String,
    /// What it was for this party.
    pub direction: Direction,
    /// Name of who called.
    pub caller_name: String,
    /// `user@domain` of who called.
    pub caller_display_number: String,
    /// Name of who was called.
    pub callee_name: String,
    /// `user@domain` of who was called.
    pub callee_display_number: String,
    /// The record's own path; clients take a record without one for their own.
    pub resource_location: String,
}

/// What a call was for one of its parties.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// They called.
    Outgoing,
    /// They were called, and answered, rejected or forwarded it.
    Incoming,
    /// They were called, and did nothing about it.
    Missed,
}

/// Answer to `GET voicemail`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MwiResponse {
    /// In lower case, as released clients want it.
    #[serde(rename = "mwiresponse")]
    pub mwi_response: Mwi,
}

/// What is known of a user's messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Mwi {
    /// 0, [`NO_VOICE_MESSAGES`], or another code of §11.2.
    pub status_code: i64,
    /// The indicators; absent where there never was a message.
    #[serde(flatten)]
    pub indicators: Option<Indicators>,
}

/// §11.2: there never was a voice message.
pub const NO_VOICE_MESSAGES: i64 = 52;

/// Message waiting indicators, also `mwiNotificationParams`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Indicators {
    /// Whether there are new messages.
    pub mwi: YesNo,
    /// Voice messages, new and old.
    #[serde(with = "count")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub total_voice: u32,
    /// New voice messages.
    #[serde(with = "count")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub unheard_voice: u32,
    /// Voice messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voice: Option<Counts>,
    /// Fax messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fax: Option<Counts>,
    /// Multimedia messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub multimedia: Option<Counts>,
}

/// How many messages there are of one kind, those that are urgent included (RFC 3842 §5.2).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// Not heard.
    #[serde(with = "count")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub new_messages: u32,
    /// Heard.
    #[serde(with = "count")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub old_messages: u32,
    /// Of those not heard, the urgent ones.
    #[serde(with = "count")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub new_urgent_messages: u32,
    /// Of those heard, the urgent ones.
    #[serde(with = "count")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub old_urgent_messages: u32,
}

/// `yes` or `no`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum YesNo {
    /// Yes.
    Yes,
    /// No.
    No,
}

/// Numbers that are texts on the wire.
mod count {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(count: &u32, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(count)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}
