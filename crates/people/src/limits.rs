//! Every time and every bound, in one place, each with its source.

/// Requests under way at once: what a browser opens to one server over HTTP/1.1, so that none waits where we cannot see it.
pub(crate) const UNDER_WAY: usize = 6;

/// Requests that wait for their turn, an address book that is brought in among them; further ones are refused.
pub(crate) const QUEUED: usize = 10_000;

/// Operations that the application may wait for at once, a message for each request in the queue among them.
pub(crate) const OPERATIONS: usize = 10_000;

/// Conversations in which something is being sent at once: half of the requests stay free for everything else.
pub(crate) const SENDING: usize = 3;

/// Messages that wait to be sent, in all conversations together; further ones fail at once.
pub(crate) const WAITING: usize = 10_000;

/// Messages kept of one conversation; the oldest go first.
pub(crate) const MESSAGES: usize = 100_000;

/// Conversations kept; the one that was quiet for longest goes first.
pub(crate) const CONVERSATIONS: usize = 5_000;

/// Parts of one message; further ones of a message to be sent make it fail, of a received one they are left out.
pub(crate) const PARTS: usize = 64;

/// Characters of one text or JSON part.
pub(crate) const TEXT: usize = 1_000_000;

/// Names in one destination, and users in one request.
pub(crate) const USERS: usize = 1_000;

/// Attempts to send one message, or to upload one part, whose outcome stays unknown while the connection is there.
pub(crate) const ATTEMPTS: u32 = 8;

/// Milliseconds before the second attempt; each further pause is twice as long.
pub(crate) const PAUSE: u64 = 1_000;

/// Longest pause in milliseconds between two attempts.
pub(crate) const PAUSE_MOST: u64 = 30_000;

/// Messages of a conversation that are fetched at once unless the application says otherwise (api-behaviour 12).
pub(crate) const FETCHED: u64 = 50;

/// Users whose presence is kept, users of the directory, contacts.
pub(crate) const PEOPLE: usize = 20_000;

/// Call records kept.
pub(crate) const RECORDS: usize = 1_000;

/// Records that are fetched at once unless the application says otherwise (api-behaviour 10).
pub(crate) const RECORDS_FETCHED: u64 = 50;

/// Milliseconds by which the start of a record of the server may differ from ours (protocol §4.14).
pub(crate) const RECORD_START: u64 = 10_000;

/// Milliseconds by which its duration may differ (protocol §4.14).
pub(crate) const RECORD_DURATION: u64 = 5_000;

/// Characters of the id of a local call record (protocol §4.14).
pub(crate) const LOCAL_RECORD: usize = 36;

/// Calls started by click-to-call that are remembered.
pub(crate) const CLICKS: usize = 500;

/// SIP event types subscribed at once.
pub(crate) const SUBSCRIPTIONS: usize = 100;

/// Notifications kept of one SIP event subscription.
pub(crate) const NOTIFICATIONS: usize = 100;

/// Least milliseconds between two extensions of a SIP event subscription: a server that gives too short a life is not flooded.
pub(crate) const EXTEND_LEAST: u64 = 30_000;

/// Seconds that a SIP event subscription lives if neither the server nor the login tells (protocol §2.1).
pub(crate) const EXPIRES: u64 = 3_600;
