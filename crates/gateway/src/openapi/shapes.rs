//! Schemas of bodies that are put together as they are answered, and have no type of their own.

#![expect(dead_code, reason = "these are read by whoever makes schemas of them, and never filled")]

use schemars::JsonSchema;

/// Why not, inside the wrapper of the resource.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub(super) struct Refusal {
    /// A code of the protocol.
    status_code: i64,
    /// A sentence for people.
    reason: String,
}

/// Why not, where no wrapper is known.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub(super) struct BareRefusal {
    /// A code of the protocol.
    status_code: i64,
    /// A sentence for people.
    reason: String,
    /// The same.
    message: String,
}

/// Why not, as UC messaging says it: with status 200.
#[derive(JsonSchema)]
pub(super) struct MessagingRefusal {
    error: MessagingError,
}

/// What was wrong.
#[derive(JsonSchema)]
pub(super) struct MessagingError {
    /// A code of the protocol, or `ERR_DEST` for a receiver who is not known.
    code: MessagingCode,
    /// A sentence for people.
    human: String,
}

/// A number, or a word.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub(super) enum MessagingCode {
    Number(i64),
    Word(String),
}

/// UC messaging: how it went.
#[derive(JsonSchema)]
#[schemars(rename = "Success_{T}")]
pub(super) struct Success<T> {
    pub(super) success: T,
}

/// Body of `POST instantmessage`.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub(super) struct ImRequest {
    im_request: Im,
}

/// An instant message.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub(super) struct Im {
    /// The receiver, `user@domain`.
    to_url: String,
    /// At most 16 KiB.
    message: String,
    /// The client's own id, 1 to 128 bytes. A message with the same id is kept once, so it may be sent again.
    client_message_id: Option<String>,
}

/// Answer to `POST instantmessage`.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub(super) struct ImResponse {
    im_response: ImSent,
}

/// A message that was kept.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub(super) struct ImSent {
    /// 0
    status_code: i64,
    /// Its id.
    message_id: String,
    /// When, in ms since the epoch.
    when: i64,
}

/// A message that was sent.
#[derive(JsonSchema)]
pub(super) struct Sent {
    /// Its id.
    id: String,
    /// When, in ms since the epoch.
    when: i64,
    /// The group, where there are several receivers.
    #[schemars(skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    #[schemars(skip_serializing_if = "Option::is_none")]
    attachments: Option<Vec<Attachment>>,
}

/// A file of a message.
#[derive(JsonSchema)]
pub(super) struct Attachment {
    name: String,
    /// Its media type, as its sender said it.
    mime: String,
    /// Where it is.
    url: String,
    /// In bytes.
    size: i64,
    /// By this it can be sent on.
    handle: String,
}

/// A conversation.
#[derive(JsonSchema)]
pub(super) struct Thread {
    r#type: ThreadType,
    /// Its name: the other user, or `grp-` and a number.
    thread: String,
    /// The other user, where there is one.
    #[schemars(skip_serializing_if = "Option::is_none")]
    handle: Option<String>,
    /// The other members of a group.
    #[schemars(skip_serializing_if = "Option::is_none")]
    handles: Option<Vec<String>>,
    /// Their numbers, by which messages name their senders.
    #[schemars(skip_serializing_if = "Option::is_none")]
    members: Option<Vec<i64>>,
    /// When the last message came, in seconds since the epoch.
    lastreceived: i64,
    /// When it was last read, in seconds since the epoch.
    lastpull: i64,
    /// Text of the last message.
    lastmsg: String,
    /// Messages that are not read.
    unread: i64,
    /// Id of the last message.
    lastid: String,
    /// Id of the last message that is read.
    readid: String,
}

/// With one, or with several.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
pub(super) enum ThreadType {
    Internal,
    Group,
}

/// A message of a conversation.
#[derive(JsonSchema)]
pub(super) struct Message {
    id: String,
    /// In ms since the epoch.
    when: i64,
    /// 1 for those of the user who asks.
    dir: i64,
    /// Who sent it: the user, or the number of a member.
    #[schemars(skip_serializing_if = "Option::is_none")]
    sender: Option<Sender>,
    /// Who sent it, in groups.
    #[schemars(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[schemars(skip_serializing_if = "Option::is_none")]
    read: Option<bool>,
    #[schemars(skip_serializing_if = "Option::is_none")]
    txt: Option<String>,
    #[schemars(skip_serializing_if = "Option::is_none")]
    attachments: Option<Vec<Attachment>>,
}

/// A user, or the number of a member.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub(super) enum Sender {
    User(String),
    Member(i64),
}

/// How much is not read.
#[derive(JsonSchema)]
pub(super) struct Unread {
    unread: i64,
}

/// A file that was uploaded.
#[derive(JsonSchema)]
pub(super) struct Uploaded {
    /// Goes into `attach` of a message.
    handle: String,
}

/// Body of `POST push/{provider}/devices`.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub(super) struct DeviceRequest {
    /// The push service's name for the device.
    device_token: String,
    /// The application.
    #[schemars(rename = "bundleID")]
    bundle_id: Option<String>,
    realm: Option<String>,
    client_correlator: Option<String>,
    /// For what the device is woken: `call`, `IM`, `Presence`.
    service: Vec<String>,
}

/// What became of a registration.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub(super) struct Device {
    /// 0
    status_code: i64,
    /// Path of the registration.
    #[schemars(skip_serializing_if = "Option::is_none")]
    registration: Option<String>,
    #[schemars(skip_serializing_if = "Option::is_none")]
    subscription_params: Option<DeviceServices>,
}

/// What the device is woken for.
#[derive(JsonSchema)]
pub(super) struct DeviceServices {
    service: Vec<String>,
}
