//! Call requests and their answers (§4.2, §4.3). URLs are no part of the bodies and stand with those who build or read them.

use serde::{Deserialize, Serialize};

use crate::{Read, SessionId, Value, text};

/// Body of every POST and PUT below `callControl`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct CallControlRequest {
    /// The wrapper's only member.
    pub call_control_request: CallControl,
}

/// What a party wants of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum CallControl {
    /// Start a call (§4.3.1).
    CallStart {
        /// Destination, `sip:user@domain`.
        to: String,
        /// The complete local offer.
        sdp: String,
        /// Own identity, `sip:user@domain` or `Name<sip:user@domain>`.
        from: String,
    },
    /// The callee's device rings (§4.3.2).
    Ringing,
    /// The callee answers (§4.3.3).
    CallAnswer {
        /// The answer, or for a slow-start call the offer.
        sdp: String,
    },
    /// A new offer in mid-call (§4.3.4).
    StartCallUpdate {
        /// The offer.
        sdp: String,
    },
    /// The answer to a remote offer (§4.3.5).
    RespondCallUpdate {
        /// The answer, or an offer where the remote update had none.
        sdp: String,
    },
    /// The party is still there (§4.3.11).
    Audit,
    /// Direct transfer, or with `sessionData` a consultative one (§4.3.8, §4.3.9).
    Transfer {
        /// Destination.
        address: String,
        /// The other call.
        #[serde(skip_serializing_if = "Option::is_none")]
        session_data: Option<SessionId>,
    },
    /// Three-way call (§4.3.10).
    Join {
        /// One of the calls.
        first_session_data: SessionId,
        /// The other.
        second_session_data: SessionId,
        /// Offer of the new call.
        sdp: String,
    },
}

/// Answer to every request below `callControl` (§4.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct CallControlResponse {
    /// The wrapper's only member.
    pub call_control_response: CallControlled,
}

/// What became of a call request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct CallControlled {
    /// 0, or a code of §11.2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_code: Option<i64>,
    /// Id of the new session, in answers to start and join.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_data: Option<SessionId>,
    /// A sentence, on failure. Ours; no released client reads it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Read for CallControlResponse {
    fn read(value: &Value) -> Option<Self> {
        let answer = value.get("callControlResponse")?;
        let call_control_response = CallControlled {
            status_code: answer.get("statusCode").and_then(Value::as_i64),
            session_data: text(answer, "sessionData").map(SessionId),
            reason: text(answer, "reason"),
        };
        Some(Self { call_control_response })
    }
}

/// Body of POST `calldisposition` (§4.3.7).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct CallDispositionRequest {
    /// The wrapper's only member.
    pub call_disposition_request: CallDisposition,
}

/// What a callee does with a ringing call other than to answer it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "action", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum CallDisposition {
    /// Decline.
    Reject {
        /// The callee's session.
        session_data: SessionId,
    },
    /// Let somebody else ring.
    Forward {
        /// The callee's session.
        session_data: SessionId,
        /// Where to.
        address: String,
    },
}

/// Answer to POST `calldisposition`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct CallDispositionResponse {
    /// The wrapper's only member.
    pub call_disposition_response: Status,
}

/// A bare status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// 0 on success.
    pub status_code: i64,
}

/// Body of POST `clicktocall` (§4.13).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ClickToCallRequest {
    /// The wrapper's only member.
    pub click_to_call_request: ClickToCall,
}

/// Who is to be connected with whom; both as the application wrote them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ClickToCall {
    /// Is rung first.
    pub calling_party: String,
    /// Is called when the first one has answered.
    pub called_party: String,
}

/// Answer to POST `clicktocall`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ClickToCallResponse {
    /// The wrapper's only member.
    pub click_to_call_response: Status,
}
