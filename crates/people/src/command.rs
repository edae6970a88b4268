//! What the application asks for. The face hands these over as plain data `{ type: 'presence.update', … }`.

use kandy_wire::Value;

use crate::{messaging::Part, plain};

/// The name of a conversation: who is in it, in this order, and of which type it is (api-behaviour 12).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Chat {
    /// Users, as the application spells them.
    pub destination: Vec<String>,
    /// `im`, `sms`, `group` or another one.
    pub kind: String,
}

impl Chat {
    /// Reads the members `destination` and `convoType`; `im` unless a type is named.
    pub(crate) fn read(value: &Value) -> Self {
        let kind = plain::text(value, "convoType").unwrap_or_else(|| "im".to_owned());
        Self { destination: plain::texts(value, "destination"), kind }
    }
}

/// One wish of the application. Arguments are as it gave them; each machine judges its own.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// `conversation.fetch(options)`: the list of conversations (UC).
    FetchConversations {
        /// `type`, `touched`, `thread`
        options: Value,
    },
    /// `conversation.create(recipient, options)`
    CreateConversation {
        /// Which one.
        chat: Chat,
        /// What `people:message` shall call it.
        conversation: Option<String>,
    },
    /// `message.send()`
    Send {
        /// Where to.
        chat: Chat,
        /// What the face calls the message.
        message: Option<String>,
        /// What to send.
        parts: Vec<Part>,
    },
    /// `conversation.fetchMessages(amount)`
    FetchMessages {
        /// Of which conversation.
        chat: Chat,
        /// How many.
        amount: Option<u64>,
        /// Only those before the message with this id.
        before: Option<String>,
    },
    /// `conversation.clearMessages()`
    ClearMessages {
        /// Of which conversation.
        chat: Chat,
    },
    /// `conversation.deleteMessages(ids)`
    DeleteMessages {
        /// Of which conversation.
        chat: Chat,
        /// Which ones; none named: all.
        ids: Vec<String>,
    },
    /// `conversation.delete()`
    DeleteConversation {
        /// Which one.
        chat: Chat,
    },
    /// `message.markRead()`
    MarkRead {
        /// Of which conversation.
        chat: Chat,
        /// Which message.
        message: String,
    },
    /// `message.forward(destination)`: the parts of a message that is kept.
    Forward {
        /// Where to.
        chat: Chat,
        /// What the face calls the new message.
        message: Option<String>,
        /// What to send.
        parts: Vec<Part>,
    },
    /// `message.addPart(part)` of something that is no part.
    RefusePart {
        /// Of which conversation.
        chat: Chat,
    },
    /// `presence.update(status, activity, note)`
    UpdatePresence {
        /// `open` or `closed`
        status: String,
        /// One of nine words.
        activity: String,
        /// Free text.
        note: Option<String>,
    },
    /// `presence.fetch(users)`
    FetchPresence {
        /// Whose.
        users: Vec<String>,
    },
    /// `presence.subscribe(users)`
    SubscribePresence {
        /// Whose.
        users: Vec<String>,
    },
    /// `presence.unsubscribe(users)`
    UnsubscribePresence {
        /// Whose.
        users: Vec<String>,
    },
    /// `contacts.add(contact)`
    AddContact {
        /// With `contactId`.
        contact: Value,
    },
    /// `contacts.update(contact)`, `contacts.update(contactId, contact)`
    UpdateContact {
        /// The id it has now; none: that of the contact.
        id: Option<String>,
        /// As it shall be.
        contact: Value,
    },
    /// `contacts.remove(contactId)`
    RemoveContact {
        /// Which one.
        id: Option<String>,
    },
    /// `contacts.fetch(contactId)`
    FetchContact {
        /// Which one.
        id: Option<String>,
    },
    /// `contacts.refresh()`
    RefreshContacts,
    /// `user.fetch(userId)`
    FetchUser {
        /// Which one.
        id: Option<String>,
    },
    /// `user.fetchSelfInfo()`
    FetchSelf,
    /// `user.search(filters, options)`
    SearchUsers {
        /// `userId`, `userName`, `phoneNumber`, `lastName`, `firstName`, `name`
        filters: Value,
        /// `sortBy`, `order`, `max`, `next`
        options: Value,
    },
    /// `voicemail.fetch()`
    FetchVoicemail,
    /// `call.history.fetch(amount, offset)`
    FetchHistory {
        /// How many.
        amount: Value,
        /// How many newer ones to leave out.
        offset: Value,
    },
    /// `call.history.remove(recordId)`
    RemoveRecord {
        /// Which one.
        id: Option<String>,
    },
    /// `call.history.clear()`
    ClearHistory,
    /// `call.history.setCache(text)`, parsed by the face.
    SetHistory {
        /// A list of records.
        records: Value,
    },
    /// `clickToCall.make(caller, callee)`
    ClickToCall {
        /// Minted by the face.
        call: String,
        /// Who is called first.
        caller: Option<String>,
        /// Who is called then.
        callee: Option<String>,
    },
    /// `sip.subscribe(eventType, users, clientCorrelator, customParameters)`
    SubscribeSip {
        /// `event:…`
        event: String,
        /// Whose events.
        users: Vec<String>,
        /// The application's name of the device.
        correlator: Option<String>,
        /// As the application gave them.
        custom: Value,
    },
    /// `sip.update(eventType, {subscribeUserList, unsubscribeUserList}, customParameters)`
    UpdateSip {
        /// `event:…`
        event: String,
        /// Whose events from now on.
        add: Vec<String>,
        /// Whose no more.
        remove: Vec<String>,
        /// As the application gave them.
        custom: Value,
    },
    /// `sip.unsubscribe(eventType)`
    UnsubscribeSip {
        /// `event:…`
        event: String,
    },
}

impl Command {
    /// Reads the members of a command of this type.
    ///
    /// # Errors
    /// A sentence, if there is no such type. Arguments that are missing are no error here: they end in the event that tells so.
    pub(crate) fn read(kind: &str, value: &Value) -> Result<Self, String> {
        let text = |key| plain::text(value, key);
        let word = |key| plain::text(value, key).unwrap_or_default();
        let any = |key| plain::any(value, key);
        let chat = || Chat::read(value);
        let parts = || plain::list(value, "parts").iter().map(Part::read).collect();
        let users = || plain::texts(value, "users");
        let id = |key| plain::name(value, key);
        let message = || plain::name(value, "message");
        let event = || word("eventType");
        Ok(match kind {
            "conversation.fetch" => Self::FetchConversations { options: any("options") },
            "conversation.create" => Self::CreateConversation { chat: chat(), conversation: id("conversation") },
            "conversation.send" => Self::Send { chat: chat(), message: message(), parts: parts() },
            "conversation.forward" => Self::Forward { chat: chat(), message: message(), parts: parts() },
            "conversation.refusePart" => Self::RefusePart { chat: chat() },
            "conversation.fetchMessages" => {
                Self::FetchMessages { chat: chat(), amount: plain::whole(value, "amount"), before: id("before") }
            }
            "conversation.clearMessages" => Self::ClearMessages { chat: chat() },
            "conversation.deleteMessages" => {
                Self::DeleteMessages { chat: chat(), ids: plain::texts(value, "messageIds") }
            }
            "conversation.delete" => Self::DeleteConversation { chat: chat() },
            "conversation.markRead" => Self::MarkRead { chat: chat(), message: id("messageId").unwrap_or_default() },
            "presence.update" => {
                Self::UpdatePresence { status: word("status"), activity: word("activity"), note: text("note") }
            }
            "presence.fetch" => Self::FetchPresence { users: users() },
            "presence.subscribe" => Self::SubscribePresence { users: users() },
            "presence.unsubscribe" => Self::UnsubscribePresence { users: users() },
            "contacts.add" => Self::AddContact { contact: any("contact") },
            "contacts.update" => {
                // With one argument alone, the contact stands where the older form has its id.
                let first = any("contactId");
                let contact = if first.is_object() { first } else { any("contact") };
                Self::UpdateContact { id: id("contactId"), contact }
            }
            "contacts.remove" => Self::RemoveContact { id: id("contactId") },
            "contacts.fetch" => Self::FetchContact { id: id("contactId") },
            "contacts.refresh" => Self::RefreshContacts,
            "user.fetch" => Self::FetchUser { id: id("userId") },
            "user.fetchSelfInfo" => Self::FetchSelf,
            "user.search" => Self::SearchUsers { filters: any("filters"), options: any("options") },
            "voicemail.fetch" => Self::FetchVoicemail,
            "callHistory.fetch" => Self::FetchHistory { amount: any("amount"), offset: any("offset") },
            "callHistory.remove" => Self::RemoveRecord { id: id("recordId") },
            "callHistory.clear" => Self::ClearHistory,
            "callHistory.setCache" => Self::SetHistory { records: any("records") },
            "clickToCall.make" => {
                Self::ClickToCall { call: word("callId"), caller: text("caller"), callee: text("callee") }
            }
            "sip.subscribe" => Self::SubscribeSip {
                event: event(),
                users: users(),
                correlator: text("clientCorrelator"),
                custom: any("customParameters"),
            },
            "sip.update" => {
                let lists = any("userLists");
                Self::UpdateSip {
                    event: event(),
                    add: plain::texts(&lists, "subscribeUserList"),
                    remove: plain::texts(&lists, "unsubscribeUserList"),
                    custom: any("customParameters"),
                }
            }
            "sip.unsubscribe" => Self::UnsubscribeSip { event: event() },
            _ => return Err("no known type".to_owned()),
        })
    }
}
