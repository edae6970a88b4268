//! Every time and every bound, in one place, each with its source.

/// Milliseconds after which gathered candidates have to do (protocol §5.4: 3 s).
pub(crate) const GATHERING: u64 = 3_000;

/// Milliseconds for one HTTP request. Released clients wait without end; ours answers the application in bounded time.
pub(crate) const HTTP: u64 = 20_000;

/// Milliseconds for the request that ends a call: the application waits for nothing else.
pub(crate) const HTTP_END: u64 = 5_000;

/// Most milliseconds that an answer to a check of the socket may take: the grace beyond the interval between two checks. It is
/// never longer than that interval.
pub(crate) const PROOF: u64 = 10_000;

/// Milliseconds for the answer to a check after the page slept or the network changed.
pub(crate) const PROOF_SOON: u64 = 3_000;

/// Milliseconds by which a timer fires late when the page slept; busy pages are late by tenths of a second.
pub(crate) const LATE: u64 = 5_000;

/// Milliseconds over which clients spread their return to a server that is being restarted.
pub(crate) const SPREAD: u64 = 2_000;

/// Least milliseconds between two checks of the socket.
pub(crate) const PING_LEAST: u64 = 1_000;

/// Notifications that wait while a description is fetched for one before them.
pub(crate) const HELD: usize = 256;

/// Milliseconds for a socket to open: time for three packets of TCP that are lost. Released clients wait without end.
pub(crate) const SOCKET_OPENING: u64 = 10_000;

/// Milliseconds between two audits of a connected call (protocol §4.10).
pub(crate) const AUDIT: u64 = 25_000;

/// Milliseconds until the audit after a gap in which notifications may have been lost.
pub(crate) const AUDIT_SOON: u64 = 1_000;

/// Milliseconds until the next audit after a failed one (protocol §4.10).
pub(crate) const AUDIT_RETRY: u64 = 5_000;

/// Milliseconds without an accepted audit after which the server has surely given a connected call up (protocol §12.5: 75 to
/// 90 s).
pub(crate) const AUDIT_SILENCE: u64 = 90_000;

/// Milliseconds after which an offer of ours in mid-call is taken back if no answer came (protocol §12.5: 30 to 60 s).
pub(crate) const EXCHANGE: u64 = 60_000;

/// Milliseconds in which the server tells who goes first when both sides have made an offer. It can tell with its response to the
/// second one (protocol §4.9); the time is for one round trip in a bad network.
pub(crate) const GLARE_VERDICT: u64 = 3_000;

/// How often an exchange that gave way is made again.
pub(crate) const GLARE_RETRIES: u32 = 8;

/// Milliseconds by which the new attempts of both sides are spread.
pub(crate) const GLARE_SPREAD: u64 = 1_000;

/// Longest wait in milliseconds that a server may ask for after glare.
pub(crate) const GLARE_WAIT: u64 = 10_000;

/// Milliseconds after which a transfer or join that the server took up has failed: longer than the server lets the new party
/// ring (protocol §12.5: 60 to 120 s).
pub(crate) const TRANSFER: u64 = 150_000;

/// Milliseconds that a call lives on without its media connection: the user may walk from one network to another.
pub(crate) const BROKEN: u64 = 30_000;

/// Milliseconds between two attempts to repair a media connection.
pub(crate) const RESTART: u64 = 5_000;

/// How often in a row the other side is told of a change before it is left at that.
pub(crate) const REFRESHES: u32 = 10;

/// Milliseconds that the callee gives the caller to begin with the repair, so that they do not meet.
pub(crate) const RESTART_SECOND: u64 = 2_000;

/// Sequences of tones that wait in one call, and tones in one sequence.
pub(crate) const TONES: usize = 256;

/// Milliseconds of one tone: what browsers take (W3C webrtc-pc 7.3).
pub(crate) const TONE: std::ops::RangeInclusive<u64> = 40..=6_000;

/// Milliseconds between two tones: what browsers take (W3C webrtc-pc 7.3).
pub(crate) const TONE_GAP: std::ops::RangeInclusive<u64> = 30..=6_000;

/// Statistics under way at once.
pub(crate) const STATS: usize = 64;

/// Milliseconds that a call lives on after `callCancel` while our answer is on its way (protocol §4.4.6): the gateway tells
/// every device of the callee, the one that has just answered included.
pub(crate) const CANCEL: u64 = 3_000;

/// Quiet time in milliseconds before `devices:change` (api-behaviour 8.1).
pub(crate) const DEVICES_QUIET: u64 = 50;

/// Least milliseconds between two extensions of the subscription (protocol §2.4).
pub(crate) const EXTEND_LEAST: u64 = 30_000;

/// Least milliseconds between two renewals of a token, whatever life the server gives it.
pub(crate) const REFRESH_LEAST: u64 = 30_000;

/// Notifications kept for sessions that are not known yet: an answer may overtake the response to the start request.
pub(crate) const EARLY: usize = 64;

/// Operations that may wait for their end at once: as many as the face keeps for an engine that is not there yet.
pub(crate) const PROMISES: usize = 1_000;

/// Operations waiting for their turn in one call.
pub(crate) const QUEUED: usize = 16;

/// Calls that may be alive at once; further ones are refused.
pub(crate) const LIVE_CALLS: usize = 32;

/// Ended calls whose record is kept for `call.getById`.
pub(crate) const ENDED_CALLS: usize = 500;

/// Characters of one description; more is refused unread.
pub(crate) const SDP: usize = 200_000;
