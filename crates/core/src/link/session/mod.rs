//! Login, extension of the subscription, renewal of the token, logout (protocol §1, §2).
//!
//! ```text
//! Out → Token → Subscribing → Opening → In → EndingCalls → Unsubscribing → Revoking → Out
//!        (UC)                                                                (UC)
//! ```
//!
//! | file | holds |
//! | --- | --- |
//! | this one | the state, and which answer belongs to it |
//! | `login` | from the credentials to the socket |
//! | `upkeep` | extension of the subscription, renewal of the token, loss of the socket |
//! | `logout` | every end |
//! | `reads` | what others may ask of it |
//! | `answer` | an HTTP answer as a value or as a failure with the server's words |

mod answer;
mod login;
mod logout;
mod reads;
mod upkeep;

use kandy_wire::session::{SubscriptionParams, Token};

use super::{Context, HttpResult, channel::Channel, requests::Account};
use crate::{Error, Event, OpId, effect::TimerId, error::Code};

#[derive(Debug, Default)]
enum State {
    #[default]
    Out,
    Token {
        op: OpId,
    },
    Subscribing {
        op: OpId,
    },
    Opening,
    In,
    EndingCalls,
    Unsubscribing {
        op: OpId,
    },
    Revoking {
        op: OpId,
        error: Option<Error>,
    },
}

/// One login, or none.
#[derive(Debug, Default)]
pub(super) struct Session {
    state: State,
    /// Who logs in; there from `connect` to the end.
    account: Option<Account>,
    /// What the server granted.
    granted: Option<SubscriptionParams>,
    /// Path of the subscription.
    path: Option<String>,
    requested: Vec<String>,
    /// Access and refresh token and their life in seconds (UC).
    token: Option<Token>,
    /// Flavour of the last login; outlives it for `getSocketState`.
    platform: Option<&'static str>,
    error: Option<Error>,
    /// Number of the next attempt to extend.
    extend_attempt: u32,
    extend_op: Option<OpId>,
    refresh_op: Option<OpId>,
    /// A login that was given up while its subscription was being made: it is deleted as soon as it is known.
    abandoned: Option<(OpId, Account)>,
}

impl Session {
    pub(in crate::link) fn http(&mut self, op: OpId, result: &HttpResult, channel: &mut Channel, cx: &mut Context<'_>) {
        match &self.state {
            State::Token { op: wanted } if *wanted == op => self.token_made(result, cx),
            State::Subscribing { op: wanted } if *wanted == op => self.subscribed(result, channel, cx),
            State::Unsubscribing { op: wanted } if *wanted == op => self.unsubscribed(result, channel, cx),
            State::Revoking { op: wanted, error } if *wanted == op => {
                let refused = result.as_ref().is_ok_and(|r| !(200..300).contains(&r.status));
                let revoke = refused.then(|| Error::new(Code::Revoke, "The server did not revoke the token."));
                let error = error.clone().or(revoke);
                self.logged_out(error, channel, cx);
            }
            _ if self.extend_op == Some(op) => self.extended(result, cx),
            _ if self.refresh_op == Some(op) => self.refreshed(result, channel, cx),
            _ => self.abandoned_made(op, result, cx),
        }
    }

    pub(super) fn fail(&mut self, error: Error, cx: &mut Context<'_>) {
        self.clear(cx);
        self.error = Some(error.clone());
        cx.out.emit(Event::AuthError { error });
    }

    /// Nobody is logged in any more.
    pub(super) fn clear(&mut self, cx: &mut Context<'_>) {
        let (platform, abandoned) = (self.platform, self.abandoned.take());
        *self = Self { platform, abandoned, ..Self::default() };
        cx.out.stop(TimerId::Extend);
        cx.out.stop(TimerId::Refresh);
    }
}
