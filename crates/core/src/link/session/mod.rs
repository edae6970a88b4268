//! Login, extension of the subscription, renewal of the token, logout (protocol §1, §2).
//!
//! ```text
//! Out → Token → Subscribing → Opening → In → EndingCalls → Unsubscribing → Revoking → Out
//!        (UC)                            ↕                                   (UC)
//!                                    Returning: the server has forgotten us, and a new login takes the place of the old one
//! ```
//!
//! | file | holds |
//! | --- | --- |
//! | this one | the state, and which answer belongs to it |
//! | `login` | from the credentials to the socket |
//! | `upkeep` | extension of the subscription, renewal of the token, loss of the socket |
//! | `renewal` | the token, from wherever a new one can be had |
//! | `comeback` | whether the server still knows us, and the new login if it does not |
//! | `update` | another token or other services, as the application wants |
//! | `logout` | every end |
//! | `reads` | what others may ask of it |
//! | `answer` | an HTTP answer as a value or as a failure with the server's words |

mod answer;
mod comeback;
mod login;
mod logout;
mod reads;
mod renewal;
mod update;
mod upkeep;

pub(super) use upkeep::Opened;

use answer::{Anything, read};

use kandy_wire::session::{SubscriptionParams, Token};

use super::{Context, HttpResult, channel::Channel, notices::Notices, requests::Account};
use crate::{Error, Event, Now, OpId, command::Credentials, effect::TimerId, error::Code};

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
    /// The server has forgotten this login; for the application it goes on.
    Returning(Step),
    EndingCalls,
    Unsubscribing {
        op: OpId,
    },
    Revoking {
        op: OpId,
        error: Option<Error>,
    },
}

/// The steps of a new login in place of one that the server has forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Subscribing(OpId),
    Opening,
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
    /// A new token is asked for.
    renewal: Option<OpId>,
    /// When the token was asked for, from which its life counts: the answer may be read late.
    token_asked: Now,
    /// Until when the token is good.
    token_until: Option<Now>,
    /// The server is asked whether it still knows this subscription.
    probe: Option<OpId>,
    /// New logins in place of this one since the socket was last open.
    returns: u32,
    /// The server does not know this subscription; a new login follows the pause that is under way.
    forgotten: bool,
    /// The services that the application wants from now on, and the request that asks for them.
    update: Option<(OpId, Vec<String>)>,
    /// What the application logged in with, for a new login in place of this one.
    credentials: Option<Credentials>,
    /// A login that was given up while its subscription was being made: it is deleted as soon as it is known.
    abandoned: Option<(OpId, Account)>,
}

impl Session {
    pub(in crate::link) fn http(
        &mut self,
        op: OpId,
        result: &HttpResult,
        channel: &mut Channel,
        notices: &mut Notices,
        cx: &mut Context<'_>,
    ) {
        match &self.state {
            State::Returning(Step::Subscribing(wanted)) if *wanted == op => {
                self.subscribed_again(result, channel, notices, cx);
            }
            State::Token { op: wanted } if *wanted == op => self.token_made(result, cx),
            State::Subscribing { op: wanted } if *wanted == op => self.subscribed(result, channel, cx),
            State::Unsubscribing { op: wanted } if *wanted == op => self.unsubscribed(result, channel, cx),
            State::Revoking { op: wanted, error } if *wanted == op => {
                // Without an answer the token is gone with its life.
                let refused = read::<Anything>(result).err().filter(|failure| failure.refused);
                let revoke =
                    refused.map(|why| Error::new(Code::Revoke, format!("The token was not revoked. {}", why.sentence)));
                let error = error.clone().or(revoke);
                self.logged_out(error, channel, cx);
            }
            _ if self.extend_op == Some(op) => self.extended(result, channel, cx),
            _ if self.renewal == Some(op) => self.renewed(result, channel, cx),
            _ if self.probe == Some(op) => self.probed(result, channel, cx),
            _ if self.update.as_ref().is_some_and(|(wanted, _)| *wanted == op) => self.updated(result, cx),
            _ => self.abandoned_made(op, result, cx),
        }
    }

    pub(super) fn fail(&mut self, error: Error, cx: &mut Context<'_>) {
        self.clear(cx);
        self.error = Some(error.clone());
        let reason = (error.code == Code::Revoke).then(|| error.message.clone());
        cx.out.emit(Event::AuthError { error, reason });
    }

    /// Nobody is logged in any more.
    pub(super) fn clear(&mut self, cx: &mut Context<'_>) {
        let (platform, abandoned) = (self.platform, self.abandoned.take());
        *self = Self { platform, abandoned, ..Self::default() };
        cx.out.stop(TimerId::Extend);
        cx.out.stop(TimerId::Refresh);
    }
}
