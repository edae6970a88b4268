//! Failures: each feature of a released client reads its own wrapper, and stumbles over any other (§0.7, §0.8).

use serde::{Deserialize, Serialize};

use crate::{
    Value,
    call::{CallControlResponse, CallControlled},
    session::{SubscribeResponse, Subscribed},
};

/// Failure of the UC service: tokens and messaging (§1.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UcFault {
    /// The wrapper's only member.
    pub error: UcError,
}

/// What went wrong at the UC service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UcError {
    /// A sentence for people; released clients need it.
    pub human: String,
}

impl UcFault {
    /// A failure with its sentence.
    pub fn new(human: impl Into<String>) -> Self {
        Self { error: UcError { human: human.into() } }
    }
}

impl SubscribeResponse {
    /// A refusal: code of §11.2 and a sentence.
    pub fn fault(code: i64, reason: impl Into<String>) -> Self {
        let subscribe_response = Subscribed {
            status_code: Some(code),
            reason: Some(reason.into()),
            subscription: None,
            subscription_params: None,
        };
        Self { subscribe_response }
    }
}

impl CallControlResponse {
    /// A refusal: code of §11.2 and a sentence.
    pub fn fault(code: i64, reason: impl Into<String>) -> Self {
        let call_control_response =
            CallControlled { status_code: Some(code), session_data: None, reason: Some(reason.into()) };
        Self { call_control_response }
    }

    /// Accepted, with nothing more to say.
    pub fn ok() -> Self {
        Self { call_control_response: CallControlled { status_code: Some(0), session_data: None, reason: None } }
    }
}

/// The code that a failed gateway request carries, whichever of the known shapes its body has: `{wrapper: {statusCode}}`
/// or the flat `{"statusCode":27,"reason":"…"}` (§2.7).
pub fn status_code(body: &Value) -> Option<i64> {
    let number = |v: &Value| v.get("statusCode").and_then(as_integer);
    number(body).or_else(|| body.as_object()?.values().find_map(number))
}

/// The sentence of a failed request, where it has one: `human`, `reason` or `message`.
pub fn sentence(body: &Value) -> Option<&str> {
    fn own(v: &Value) -> Option<&str> {
        ["human", "reason", "message"].iter().find_map(|key| v.get(key)?.as_str())
    }
    own(body).or_else(|| body.as_object()?.values().find_map(own))
}

fn as_integer(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode;

    #[test]
    fn codes_and_sentences_are_found_in_every_shape() {
        let rows = [
            (r#"{"subscribeResponse":{"statusCode":27,"reason":"no"}}"#, Some(27), Some("no")),
            (r#"{"statusCode":27,"reason":"no"}"#, Some(27), Some("no")),
            (r#"{"callControlResponse":{"statusCode":"42"}}"#, Some(42), None),
            (r#"{"error":{"human":"Invalid user or password"}}"#, None, Some("Invalid user or password")),
            (r#"{"message":"gone"}"#, None, Some("gone")),
            ("{}", None, None),
            ("[]", None, None),
        ];
        for (text, code, words) in rows {
            let body: Value = decode(text).unwrap();
            assert_eq!(status_code(&body), code, "{text}");
            assert_eq!(sentence(&body), words, "{text}");
        }
    }
}
