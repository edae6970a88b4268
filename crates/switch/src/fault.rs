//! Refusals, each in the wrapper that the feature's client reads (protocol §0.7, §0.8): with another wrapper, or without
//! one, released clients lose the operation or hang.

use std::collections::BTreeMap;

use kandy_wire::{Value, encode, fault::UcFault};

use crate::Response;

/// Codes of protocol §11.2.
pub(crate) mod code {
    pub(crate) const BAD_PASSWORD: i64 = 4;
    pub(crate) const BODY: i64 = 5;
    pub(crate) const TOO_MANY_LOGINS: i64 = 19;
    pub(crate) const UNAUTHORIZED: i64 = 27;
    pub(crate) const NOT_ENABLED: i64 = 35;
    pub(crate) const NO_SUBSCRIPTION: i64 = 39;
    pub(crate) const NOTHING_THERE: i64 = 42;
    pub(crate) const BAD_REQUEST: i64 = 1004;
}

/// How the client of a resource reads a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    /// The UC service: `{"error":{"human":…}}`.
    Uc,
    /// A gateway resource: `{"<wrapper>":{"statusCode":…,"reason":…}}`.
    Wrapped(&'static str),
    /// No feature of any client: `{"statusCode":…,"reason":…,"message":…}`.
    Bare,
}

/// A request that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// HTTP status, 4xx.
    pub(crate) status: u16,
    /// Code of [`code`].
    pub(crate) code: i64,
    /// A sentence for people.
    pub(crate) reason: &'static str,
}

impl Fault {
    pub(crate) const fn new(status: u16, code: i64, reason: &'static str) -> Self {
        Self { status, code, reason }
    }

    /// A body that is not the JSON which the resource takes.
    pub(crate) const BODY: Self = Self::new(400, code::BODY, "The body is not the JSON that this request needs.");

    /// A session that is unknown, or somebody else's: the two must look the same.
    pub(crate) const NO_SESSION: Self = Self::new(404, code::NOTHING_THERE, "There is no such call session.");

    /// The refusal as a client of `family` reads it.
    pub(crate) fn response(&self, family: Family) -> Response {
        let status = || ("statusCode", Value::from(self.code));
        let reason = |key| (key, Value::from(self.reason));
        let body = match family {
            Family::Uc => encode(&UcFault::new(self.reason)),
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
    }
}
