//! The call history: records of the server, and those of calls that ended here (api-behaviour 10, protocol §4.14).

use kandy_wire::{Map, Value};

use crate::{
    Error,
    asks::{Purpose, Subject},
    effect::{Level, Request, To},
    error::code,
    limits, order,
    outcome::{Outcome, Trouble},
    people::Cx,
    plain,
};

/// `statusCode`: the request is wrong (protocol §11.2).
const INVALID_VALUE: i64 = 37;

/// `statusCode`: no such record (protocol §11.2).
const NO_SUCH_RECORD: i64 = 42;

/// Records, the newest first.
#[derive(Debug, Default)]
pub(crate) struct History {
    records: Vec<Value>,
}

/// What an answer is needed for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Ask {
    Fetch,
    Remove(String),
    Clear,
}

impl History {
    /// `call.history.fetch(amount, offset)`
    pub(crate) fn fetch(&mut self, amount: &Value, offset: &Value, cx: &mut Cx<'_>) {
        let amount = counted(amount, limits::RECORDS_FETCHED);
        let (Some(amount), Some(offset)) = (amount, counted(offset, 0)) else {
            let why = "Amount and offset have to be numbers, and not negative.";
            return cx.out.fail("callHistory:error", &Error::new(code::HISTORY_REQUEST, why));
        };
        let request = Request::new("GET", To::User, "logHistory")
            .with("count", amount.to_string())
            .with("startIndex", offset.to_string());
        cx.ask(Subject::History, Purpose::History(Ask::Fetch), request);
    }

    /// `call.history.remove(recordId)`. The server knows nothing of a record of ours, so it is just forgotten.
    pub(crate) fn remove(&mut self, id: Option<String>, cx: &mut Cx<'_>) {
        let Some(id) = id else {
            let why = "Which record? A recordId is needed.";
            return cx.out.fail("callHistory:error", &Error::new(code::HISTORY_REQUEST, why));
        };
        if self.records.iter().any(|record| is_local(record) && is(record, &id)) {
            self.records.retain(|record| !is(record, &id));
            return self.changed(cx);
        }
        let request = Request::new("DELETE", To::User, ["logRecord/", &plain::segment(&id)].concat());
        cx.ask(Subject::History, Purpose::History(Ask::Remove(id)), request);
    }

    /// `call.history.clear()`
    pub(crate) fn clear(&mut self, cx: &mut Cx<'_>) {
        let request = Request::new("DELETE", To::User, "logHistory");
        cx.ask(Subject::History, Purpose::History(Ask::Clear), request);
    }

    /// `call.history.setCache`: no event (api-behaviour 10).
    pub(crate) fn set(&mut self, records: Value, cx: &mut Cx<'_>) {
        let Value::Array(mut records) = records else {
            cx.out.log(Level::Warn, "the cache of the call history is no list");
            return self.records.clear();
        };
        records.retain(Value::is_object);
        self.records = records;
        self.sort();
    }

    pub(crate) fn answered(&mut self, ask: Ask, outcome: &Outcome, cx: &mut Cx<'_>) {
        let wrapper = if ask == Ask::Fetch { "logHistory" } else { "logRecord" };
        let answer = match (&ask, outcome.unchecked(wrapper)) {
            (Ask::Fetch, Ok(answer)) if !answer.get("logItems").is_some_and(Value::is_array) => {
                Err(Trouble { code: None, why: "The answer holds no records.".to_owned() })
            }
            (_, answer) => answer,
        };
        match (ask, answer) {
            (Ask::Fetch, Ok(answer)) => self.merge(plain::list(answer, "logItems")),
            (Ask::Remove(id), Ok(_)) => self.records.retain(|record| !is(record, &id)),
            (Ask::Clear, Ok(_)) => self.records.clear(),
            (ask, Err(trouble)) => {
                let (what, code) = match (ask, trouble.code) {
                    (Ask::Fetch, Some(INVALID_VALUE)) => {
                        ("The call history could not be fetched.", code::HISTORY_REQUEST)
                    }
                    (Ask::Fetch, _) => ("The call history could not be fetched.", code::HISTORY),
                    (_, Some(NO_SUCH_RECORD)) => ("The record could not be removed.", code::HISTORY_NOT_FOUND),
                    (Ask::Remove(_), _) => ("The record could not be removed.", code::HISTORY),
                    (Ask::Clear, _) => ("The call history could not be cleared.", code::HISTORY),
                };
                return cx.out.fail("callHistory:error", &trouble.coded(what, code));
            }
        }
        self.changed(cx);
    }

    /// A call ended here: `{callId, direction, startTime, endTime, connectedTime, own, remote}`.
    pub(crate) fn call_ended(&mut self, call: &Value, cx: &mut Cx<'_>) {
        let Some(id) = plain::name(call, "callId") else {
            return cx.out.log(Level::Warn, "a call without an id has no record");
        };
        let end = plain::whole(call, "endTime").unwrap_or(cx.now);
        let connected = plain::whole(call, "connectedTime").filter(|at| *at > 0);
        let start = connected.unwrap_or(end);
        let direction = plain::text(call, "direction").unwrap_or_else(|| "incoming".to_owned());
        let party = |key: &str| {
            let party = plain::any(call, key);
            let number = plain::text(&party, "number").unwrap_or_default();
            (plain::text(&party, "name").unwrap_or_else(|| number.clone()), number)
        };
        let (caller, callee) = match direction.as_str() {
            "outgoing" => (party("own"), party("remote")),
            _ => (party("remote"), party("own")),
        };
        let mut record = Map::new();
        plain::put(&mut record, "recordId", id.as_str());
        plain::put(&mut record, "startTime", start.to_string());
        plain::put(&mut record, "duration", end.saturating_sub(start).to_string());
        plain::put(&mut record, "direction", direction);
        plain::put(&mut record, "callerName", caller.0);
        plain::put(&mut record, "callerDisplayNumber", caller.1);
        plain::put(&mut record, "calleeName", callee.0);
        plain::put(&mut record, "calleeDisplayNumber", callee.1);
        plain::put(&mut record, "originalRemoteParticipant", Value::Null);
        plain::put(&mut record, "resourceLocation", "");
        self.records.retain(|record| !is(record, &id));
        self.records.push(with_remote(record));
        self.sort();
        self.changed(cx);
    }

    /// Both events of a change (api-behaviour 10).
    fn changed(&self, cx: &mut Cx<'_>) {
        cx.answer(&|| self.get());
        cx.out.tell("callHistory:change");
        cx.out.tell("callHistoryCache:change");
    }

    /// `call.history.get()`
    pub(crate) fn get(&self) -> Value {
        Value::Array(self.records.clone())
    }

    /// `call.history.getCache()`
    pub(crate) fn cache(&self) -> Value {
        Value::from(kandy_wire::encode(&self.records))
    }

    /// Records of the server win by their id; those of ours stay until the server has one of the same call.
    fn merge(&mut self, items: &[Value]) {
        let fetched: Vec<Value> = items
            .iter()
            .filter_map(|item| item.get("params")?.as_object())
            .filter(|record| record.get("recordId").is_some_and(|id| id.is_string() || id.is_number()))
            .take(limits::RECORDS)
            .map(|record| with_remote(record.clone()))
            .collect();
        let mut ids = Map::new();
        for record in &fetched {
            plain::put(&mut ids, &plain::name(record, "recordId").unwrap_or_default(), Value::Null);
        }
        self.records.retain(|record| {
            let gone = ids.contains_key(&plain::name(record, "recordId").unwrap_or_default());
            let over =
                is_local(record) && (number(record, "duration") == 0 || fetched.iter().any(|of| same(record, of)));
            !gone && !over
        });
        self.records.extend(fetched);
        self.sort();
    }

    fn sort(&mut self) {
        let places = order::by_number(self.records.iter().map(|record| u64::MAX - number(record, "startTime")));
        self.records = order::put(self.records.drain(..), &places);
        self.records.truncate(limits::RECORDS);
    }
}

/// A number that is not negative; nothing at all counts as `otherwise`.
fn counted(value: &Value, otherwise: u64) -> Option<u64> {
    match value {
        Value::Null => Some(otherwise),
        _ => value.as_f64().filter(|n| n.is_finite() && *n >= 0.0).map(|n| n as u64),
    }
}

fn is(record: &Value, id: &str) -> bool {
    plain::name(record, "recordId").as_deref() == Some(id)
}

fn number(record: &Value, key: &str) -> u64 {
    plain::whole(record, key).unwrap_or_default()
}

fn is_local(record: &Value) -> bool {
    plain::text(record, "recordId").is_some_and(|id| id.len() == limits::LOCAL_RECORD)
}

/// Whether two records are of one call (protocol §4.14).
fn same(ours: &Value, theirs: &Value) -> bool {
    let apart = |key| number(ours, key).abs_diff(number(theirs, key));
    ours.get("direction") == theirs.get("direction")
        && apart("startTime") <= limits::RECORD_START
        && apart("duration") <= limits::RECORD_DURATION
}

/// Tells who the other one was. The gateway names the other party of outgoing calls in the members of the caller, too.
fn with_remote(mut record: Map<String, Value>) -> Value {
    let text = |key: &str| record.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let caller = (text("callerName"), text("callerDisplayNumber"));
    let mut callee = (text("calleeName"), text("calleeDisplayNumber"));
    let outgoing = text("direction") == "outgoing";
    if outgoing && callee.0.is_empty() && callee.1.is_empty() {
        callee = caller.clone();
        plain::put(&mut record, "calleeName", callee.0.as_str());
        plain::put(&mut record, "calleeDisplayNumber", callee.1.as_str());
    }
    let (name, number) = if outgoing { callee } else { caller };
    let mut remote = Map::new();
    plain::put(&mut remote, "displayNumber", number);
    plain::put(&mut remote, "displayName", name);
    plain::put(&mut record, "remoteParticipant", Value::Object(remote));
    Value::Object(record)
}
