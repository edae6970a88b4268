//! The numbers by which the switch waits and the bounds that it keeps. All times are milliseconds.

use kandy_wire::session::TurnCredentials;

use crate::{accounts::UserKey, channel::Bounds};

/// Times and bounds. [`Policy::default`] gives the values of protocol §12.5; where that names a range, one of its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// How long nothing is told about a session after the response to a request on it was handed out, so that the
    /// notification cannot overtake the response (protocol §12.3: 50 to 100).
    pub grace: u64,
    /// How long the end of a call is held back from a device that was offered the call and has not reported ringing
    /// (protocol §12.3, rule 2: a few seconds).
    pub end_patience: u64,
    /// How long a device may take to report ringing before it counts as unreachable (protocol §12.5: 5 to 10 s).
    pub ringing_wait: u64,
    /// How long a call may ring (protocol §12.5: 60 to 120 s).
    pub no_answer: u64,
    /// How long a connected party may be silent: it audits every 25 s (protocol §12.5: 75 to 90 s).
    pub audit_silence: u64,
    /// How long an update may stay unanswered (protocol §12.5: 30 to 60 s).
    pub update_wait: u64,
    /// How long a cancel that came before its start is remembered (protocol §4.3.6: about 5 s).
    pub cancel_memory: u64,
    /// How long a subscription without a socket is still called (protocol §12.5: at least 90 s).
    pub socket_grace: u64,
    /// How long an ended session is remembered, to tell latecomers that it ended.
    pub end_memory: u64,
    /// How old a notification must be for a client's frame to prove that it arrived: older than any frame that may have
    /// crossed it.
    pub proof_age: u64,
    /// How long a socket may be without a check of the client's own before the switch checks it, every so often: some
    /// clients are set to wait for the server's checks, and first take 120 s for its interval (protocol §3.4).
    pub check_interval: u64,
    /// Life of an access token that the client did not ask otherwise for; over 300 s, or clients refresh in a loop
    /// (protocol §1.6).
    pub token_life: u64,
    /// Shortest and longest life of a token that a client may ask for.
    pub token_life_range: (u64, u64),
    /// Life of a refresh token.
    pub refresh_life: u64,
    /// Shortest and longest life of a subscription (protocol §12.2: at least 60 s).
    pub subscription_life_range: (u64, u64),
    /// Logins with a token that one user may have at a time; the oldest gives way.
    pub grants_per_user: usize,
    /// Subscriptions that one user may have at a time; those without a socket give way.
    pub subscriptions_per_user: usize,
    /// Sessions of calls that one subscription may have at a time.
    pub sessions_per_subscription: usize,
    /// Devices that one user may have registered with push services; the one that was registered longest ago gives way.
    pub devices_per_user: usize,
    /// Users that one subscription may watch: more than a full address book's worth of colleagues.
    pub watches_per_subscription: usize,
    /// Event subscriptions that one subscription may have.
    pub events_per_subscription: usize,
    /// Users that one event subscription may be about.
    pub users_per_event: usize,
    /// Event packages that are granted (protocol §9.2), as services: `event:dialog`, `event:presence`.
    pub events: Vec<String>,
    /// States (presences, documents of events) that are handed to one socket at once; the next ones wait until they
    /// are written. A fraction of what may wait for a socket.
    pub states_at_once: usize,
    /// Times that one call may be forwarded.
    pub forwards_per_call: u32,
    /// Notifications that a channel keeps for its client; the oldest gives way.
    pub queue_length: usize,
    /// Bytes that a channel keeps for its client; the oldest gives way.
    pub queue_bytes: usize,
    /// Bytes that the channels of one user keep together; the oldest notification of any of them gives way, but no channel's
    /// only one.
    pub user_bytes: usize,
    /// How long a notification is kept for a client that resumes while it has no socket, in whole seconds, so that it can be
    /// told; 0 lets no client resume. Longer than a client takes to come back from a change of networks or a short sleep.
    pub resume_for: u64,
}

impl Policy {
    /// What is kept for one client.
    pub(crate) fn channel(&self, resumes: bool) -> Bounds {
        let resume_for = Some(self.resume_for).filter(|ms| resumes && *ms > 0);
        Bounds { length: self.queue_length, bytes: self.queue_bytes, resume_for }
    }
}

impl Default for Policy {
    fn default() -> Self {
        const SECOND: u64 = 1_000;
        const HOUR: u64 = 3_600 * SECOND;
        Self {
            grace: 60,
            end_patience: 3 * SECOND,
            ringing_wait: 8 * SECOND,
            no_answer: 90 * SECOND,
            audit_silence: 85 * SECOND,
            update_wait: 45 * SECOND,
            cancel_memory: 5 * SECOND,
            socket_grace: 120 * SECOND,
            end_memory: 120 * SECOND,
            proof_age: 2 * SECOND,
            check_interval: 60 * SECOND,
            token_life: HOUR,
            token_life_range: (600 * SECOND, 24 * HOUR),
            refresh_life: 7 * 24 * HOUR,
            subscription_life_range: (60 * SECOND, 24 * HOUR),
            grants_per_user: 50,
            subscriptions_per_user: 20,
            sessions_per_subscription: 16,
            devices_per_user: 10,
            watches_per_subscription: 5_000,
            events_per_subscription: 10,
            users_per_event: 200,
            events: ["event:dialog", "event:presence"].map(str::to_owned).into(),
            states_at_once: 64,
            forwards_per_call: 5,
            queue_length: 200,
            queue_bytes: 4 << 20,
            user_bytes: 16 << 20,
            resume_for: 300 * SECOND,
        }
    }
}

/// Where unguessable texts come from: tokens, session ids, channel paths; and what only holders of a key could write.
pub trait Secrets {
    /// A fresh text of at least 128 bits, made of characters that need no encoding in a URL.
    fn token(&mut self) -> String;

    /// What is kept of a token instead of itself: always the same text for the same token, from which nobody can tell the
    /// token. A fast hash is enough, because nobody can guess a token.
    fn fingerprint(&self, token: &str) -> String;

    /// Whether this is the password of a user whose account does not say it. Answers at once: whatever takes time was done
    /// before the request came here.
    fn is_password(&self, user: &UserKey, given: &str) -> bool {
        let _ = (user, given);
        false
    }

    /// Whether `tag` is the HMAC-SHA1 of `text` under the key that is shared with those who make `x-token`s (protocol §1.9),
    /// compared without telling by the time it takes where they differ; `None` if there is no such key.
    fn is_signed(&self, text: &[u8], tag: &[u8]) -> Option<bool> {
        let _ = (text, tag);
        None
    }

    /// What opens the relays to a user from `now` (ms since the epoch) for at least `life` ms; `None` if no relay is known
    /// (protocol §2.8).
    fn turn_credentials(&self, now: u64, user: &UserKey, life: u64) -> Option<TurnCredentials> {
        let _ = (now, user, life);
        None
    }
}
