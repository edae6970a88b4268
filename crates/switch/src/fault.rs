//! Refusals, each in the wrapper that the feature's client reads (protocol §0.7, §0.8): with another wrapper, or without
//! one, released clients lose the operation or hang.

use std::collections::BTreeMap;

use kandy_wire::{Value, encode, fault::UcFault};

use crate::Response;

/// Codes of protocol §11.2.
pub mod code {
    /// Wrong user name or password.
    pub const BAD_PASSWORD: i64 = 4;
    /// A body that is not what the resource takes.
    pub const BODY: i64 = 5;
    /// The user is logged in too often.
    pub const TOO_MANY_LOGINS: i64 = 19;
    /// The gateway itself failed.
    pub const INTERNAL: i64 = 26;
    /// No credential, or not the one that is needed.
    pub const UNAUTHORIZED: i64 = 27;
    /// A service that is not offered.
    pub const NOT_ENABLED: i64 = 35;
    /// A value that is not possible.
    pub const VALUE: i64 = 37;
    /// No such subscription.
    pub const NO_SUBSCRIPTION: i64 = 39;
    /// Nothing of that name.
    pub const NOTHING_THERE: i64 = 42;
    /// A message to somebody who is not known, as released clients were recorded with it: the HTTP status.
    pub const NO_DESTINATION: i64 = 404;
    /// A request that makes no sense.
    pub const BAD_REQUEST: i64 = 1004;
}

/// How the client of a resource reads a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// The UC service: `{"error":{"human":…}}`.
    Uc,
    /// Messaging of the UC service: `{"error":{"code":…,"human":…}}` with status 200, because with any other the message of a
    /// released client stays pending for ever (protocol §7.3.1).
    Messaging,
    /// A gateway resource: `{"<wrapper>":{"statusCode":…,"reason":…}}`.
    Wrapped(&'static str),
    /// No feature of any client: `{"statusCode":…,"reason":…,"message":…}`.
    Bare,
}

/// A request that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// HTTP status, 4xx or 5xx.
    pub status: u16,
    /// Code of [`code`].
    pub code: i64,
    /// A sentence for people.
    pub reason: &'static str,
}

impl Fault {
    /// A refusal: HTTP status, code of [`code`], and a sentence for people.
    pub const fn new(status: u16, code: i64, reason: &'static str) -> Self {
        Self { status, code, reason }
    }

    /// A body that is not the JSON which the resource takes.
    pub const BODY: Self = Self::new(400, code::BODY, "The body is not the JSON that this request needs.");

    /// A session that is unknown, or somebody else's: the two must look the same.
    pub(crate) const NO_SESSION: Self = Self::new(404, code::NOTHING_THERE, "There is no such call session.");

    /// The refusal as a client of `family` reads it.
    pub fn response(&self, family: Family) -> Response {
        let status = || ("statusCode", Value::from(self.code));
        let reason = |key| (key, Value::from(self.reason));
        let body = match family {
            Family::Uc => encode(&UcFault::new(self.reason)),
            Family::Messaging => {
                let code = if self.code == code::NO_DESTINATION { "ERR_DEST".into() } else { Value::from(self.code) };
                let error = BTreeMap::from([("code", code), reason("human")]);
                return Response::json(200, encode(&BTreeMap::from([("error", error)])));
            }
            Family::Wrapped(wrapper) => {
                encode(&BTreeMap::from([(wrapper, BTreeMap::from([status(), reason("reason")]))]))
            }
            Family::Bare => encode(&BTreeMap::from([status(), reason("reason"), reason("message")])),
        };
        Response::json(self.status, body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_family_has_its_own_wrapper() {
        let fault = Fault::new(404, 42, "no");
        let rows = [
            (Family::Uc, r#"{"error":{"human":"no"}}"#),
            (Family::Wrapped("imResponse"), r#"{"imResponse":{"reason":"no","statusCode":42}}"#),
            (Family::Bare, r#"{"message":"no","reason":"no","statusCode":42}"#),
        ];
        for (family, body) in rows {
            let response = fault.response(family);
            assert_eq!((response.status, response.content_type), (404, "application/json"));
            assert_eq!(response.body, body);
        }
        let response = fault.response(Family::Messaging);
        assert_eq!((response.status, &*response.body), (200, r#"{"error":{"code":42,"human":"no"}}"#));
        let response = Fault::new(404, code::NO_DESTINATION, "no").response(Family::Messaging);
        assert_eq!((response.status, &*response.body), (200, r#"{"error":{"code":"ERR_DEST","human":"no"}}"#));
    }
}
