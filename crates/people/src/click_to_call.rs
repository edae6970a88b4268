//! Calls between two others (api-behaviour 11, protocol §4.13).

use kandy_wire::{Map, Value};

use crate::{
    Error,
    asks::{Purpose, Subject},
    effect::{Request, To},
    error::code,
    limits,
    outcome::Outcome,
    people::Cx,
    plain,
};

/// The calls that were started, the oldest first.
#[derive(Debug, Default)]
pub(crate) struct Clicks {
    made: Vec<Value>,
}

impl Clicks {
    /// `clickToCall.make`
    pub(crate) fn make(&mut self, call: String, caller: Option<String>, callee: Option<String>, cx: &mut Cx<'_>) {
        let (Some(caller), Some(callee)) = (caller, callee) else {
            return fail(&call, &Error::new(code::CLICK_ARGUMENT, "Both a caller and a callee are needed."), cx);
        };
        let mut members = Map::new();
        plain::put(&mut members, "callingParty", caller.as_str());
        plain::put(&mut members, "calledParty", callee.as_str());
        let request = Request::new("POST", To::User, "clicktocall").wrapped("clickToCallRequest", members);
        cx.ask(Subject::Free, Purpose::Click { call, caller, callee }, request);
    }

    /// Any good status is a success, whatever the body says (protocol §4.13).
    pub(crate) fn answered(&mut self, parties: [String; 3], outcome: &Outcome, cx: &mut Cx<'_>) {
        let [call, caller, callee] = parties;
        if let Err(trouble) = outcome.unchecked("clickToCallResponse") {
            return fail(&call, &trouble.coded("The call could not be started.", code::CLICK), cx);
        }
        if self.made.len() >= limits::CLICKS {
            self.made.remove(0);
        }
        let mut record = Map::new();
        plain::put(&mut record, "callId", call.as_str());
        plain::put(&mut record, "caller", caller);
        plain::put(&mut record, "callee", callee);
        plain::put(&mut record, "requestTime", cx.now);
        self.made.push(Value::Object(record));
        cx.answer(&|| Value::from(call.as_str()));
        cx.out.emit("clickToCall:start", plain::wrap("callId", call));
    }

    /// `clickToCall.get()`
    pub(crate) fn get(&self) -> Value {
        Value::Array(self.made.clone())
    }
}

fn fail(call: &str, error: &Error, cx: &mut Cx<'_>) {
    let mut payload = Map::new();
    plain::put(&mut payload, "callId", call);
    plain::put(&mut payload, "error", error.to_value());
    cx.out.emit("clickToCall:error", Value::Object(payload));
}
