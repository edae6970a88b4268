//! Operations that the application waits for: the `…Async` forms of the API (docs/promises.md).
//!
//! While a command is handled its operation is in force, and a request that is made then belongs to it. So does what follows from
//! the answer. An operation has ended when nothing that belongs to it is under way any more: with the first failure that was told
//! meanwhile, or with what the machine answered. The application hears by `settle`, after the events.

use kandy_wire::{Map, Value};

use crate::{Error, OpId, effect::Effects, error::code, limits, plain};

/// Every operation that has not ended, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Operations(Vec<Operation>);

#[derive(Debug)]
struct Operation {
    op: OpId,
    /// Requests and messages that belong to it.
    under_way: usize,
    failure: Option<Value>,
    answer: Value,
}

impl Operations {
    /// An operation begins; false: too many wait, and it is over.
    pub(crate) fn begin(&mut self, op: Option<OpId>, out: &mut Effects) -> bool {
        let Some(op) = op else { return true };
        let room = self.0.len() < limits::OPERATIONS;
        if room {
            self.0.push(Operation { op, under_way: 0, failure: None, answer: Value::Null });
        } else {
            let why = "Too many operations are waiting for their end. Try again when some are done.";
            end(op, Some(Error::new(code::BUSY, why).to_value()), Value::Null, out);
        }
        room
    }

    /// Something that belongs to it begins.
    pub(crate) fn hold(&mut self, op: Option<OpId>) {
        if let Some(operation) = self.find(op) {
            operation.under_way += 1;
        }
    }

    /// Something that belongs to it is over.
    pub(crate) fn release(&mut self, op: Option<OpId>) {
        if let Some(operation) = self.find(op) {
            operation.under_way = operation.under_way.saturating_sub(1);
        }
    }

    /// The first failure counts.
    pub(crate) fn fail(&mut self, op: Option<OpId>, failure: Option<Value>) {
        if let (Some(operation), Some(failure)) = (self.find(op), failure) {
            operation.failure.get_or_insert(failure);
        }
    }

    /// What the application gets; lists that come in parts are put together.
    pub(crate) fn answer(&mut self, op: Option<OpId>, answer: &dyn Fn() -> Value) {
        if let Some(operation) = self.find(op) {
            match (&mut operation.answer, answer()) {
                (Value::Array(there), Value::Array(more)) => there.extend(more),
                (there, answer) => *there = answer,
            }
        }
    }

    /// Tells of those that have ended.
    pub(crate) fn settle(&mut self, out: &mut Effects) {
        self.0.retain_mut(|operation| {
            if operation.under_way == 0 {
                end(operation.op, operation.failure.take(), operation.answer.take(), out);
            }
            operation.under_way > 0
        });
    }

    fn find(&mut self, op: Option<OpId>) -> Option<&mut Operation> {
        let op = op?;
        self.0.iter_mut().find(|operation| operation.op == op)
    }
}

fn end(op: OpId, failure: Option<Value>, answer: Value, out: &mut Effects) {
    let mut payload = Map::new();
    plain::put(&mut payload, "op", op.0);
    match failure {
        Some(error) => plain::put(&mut payload, "error", error),
        None => plain::put_some(&mut payload, "value", Some(answer).filter(|answer| !answer.is_null())),
    }
    out.emit("settle", Value::Object(payload));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Effect;

    fn settled(operations: &mut Operations) -> Vec<String> {
        let mut out = Effects::default();
        operations.settle(&mut out);
        let all = out.into_vec().into_iter();
        all.filter_map(
            |effect| if let Effect::Emit { payload, .. } = effect { Some(payload.to_string()) } else { None },
        )
        .collect()
    }

    #[test]
    fn an_operation_ends_once_when_nothing_of_it_is_under_way() {
        let (mut operations, op) = (Operations::default(), Some(OpId(1)));
        assert!(operations.begin(Some(OpId(1)), &mut Effects::default()));
        operations.hold(op);
        operations.hold(op);
        operations.answer(op, &|| plain::strings(&["a".to_owned()]));
        operations.release(op);
        assert!(settled(&mut operations).is_empty());
        operations.answer(op, &|| plain::strings(&["b".to_owned()]));
        operations.release(op);
        assert_eq!(settled(&mut operations), [r#"{"op":1,"value":["a","b"]}"#]);
        assert!(settled(&mut operations).is_empty());
    }

    #[test]
    fn the_first_failure_counts() {
        let (mut operations, op) = (Operations::default(), Some(OpId(1)));
        operations.begin(Some(OpId(1)), &mut Effects::default());
        operations.answer(op, &|| Value::from(7));
        operations.fail(op, Some(Value::from("one")));
        operations.fail(op, Some(Value::from("two")));
        operations.fail(None, Some(Value::from("of nobody")));
        assert_eq!(settled(&mut operations), [r#"{"error":"one","op":1}"#]);
    }

    #[test]
    fn more_than_there_is_room_for_end_at_once() {
        let (mut operations, mut out) = (Operations::default(), Effects::default());
        for op in 0..limits::OPERATIONS as u64 {
            assert!(operations.begin(Some(OpId(op)), &mut out));
        }
        assert!(!operations.begin(Some(OpId(u64::MAX)), &mut out));
        let [Effect::Emit { event: "settle", payload }] = &out.into_vec()[..] else { panic!("one end") };
        assert_eq!(payload["error"]["code"], "engine:3");
    }
}
