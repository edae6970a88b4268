//! What the engines show, held against what the gateway has stored.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::super::check::Shown;

/// Who wrote it, and which of theirs it is.
pub(super) type Key = (usize, u32);

/// A message as `getMessages()` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) key: Key,
    pub(super) own: bool,
    pub(super) pending: bool,
    /// Code and sentence, if it was not sent.
    pub(super) error: Option<String>,
    /// It was sent from here, and did not come with a history.
    pub(super) local: bool,
    pub(super) id: Option<String>,
}

impl Line {
    /// `None` for what no writer could have written.
    pub(super) fn read(message: &Value) -> Option<Self> {
        let (writer, number) = message.pointer("/parts/0/text")?.as_str()?.split_once('/')?;
        let flag = |key| message.get(key).and_then(Value::as_bool) == Some(true);
        Some(Self {
            key: (writer.parse().ok()?, number.parse().ok()?),
            own: flag("own"),
            pending: flag("isPending"),
            error: message.get("error").map(sentence),
            local: message.get("localId").is_some(),
            id: message.get("messageId").and_then(Value::as_str).map(str::to_owned),
        })
    }

    /// Whether an application takes it for sent.
    pub(super) fn is_sent(&self) -> bool {
        self.own && !self.pending && self.error.is_none() && self.id.is_some()
    }
}

fn sentence(error: &Value) -> String {
    let part =
        |key| error.get(key).map_or_else(String::new, |part| part.as_str().map_or(part.to_string(), str::to_owned));
    format!("{}: {}", part("code"), part("message"))
}

/// What is wrong with a history, in which each of these writers wrote these numbers, in this order.
///
/// * Everything that is there is there once, and was written.
/// * Messages of one writer are in the order in which they were sent.
pub(super) fn stored(history: &[Shown], written: &BTreeMap<usize, Vec<u32>>) -> Vec<String> {
    let mut problems = Vec::new();
    let mut last: BTreeMap<usize, u32> = BTreeMap::new();
    for Shown { writer, number, .. } in history {
        let is_known = written.get(writer).is_some_and(|numbers| numbers.binary_search(number).is_ok());
        if !is_known {
            problems.push(format!("{:?} is there, and was never written", (writer, number)));
        }
        if last.insert(*writer, *number).is_some_and(|before| before >= *number) {
            problems.push(format!("{:?} is there twice, or behind a later one", (writer, number)));
        }
    }
    problems
}

/// What is wrong with the lines of a conversation in which `writer` sent these numbers from here.
///
/// * Every message is shown once, in the order of `send()`, and is not on its way any more.
/// * What is shown as sent is in the history, under the same id. What failed has no id.
pub(super) fn sent(lines: &[Line], writer: usize, numbers: &[u32], history: &[Shown]) -> Vec<String> {
    let own: Vec<&Line> = lines.iter().filter(|line| line.own && line.local).collect();
    let mut problems = Vec::new();
    if own.iter().map(|line| line.key.1).ne(numbers.iter().copied()) {
        problems.push(format!("{writer} does not show what it sent, each once and in order"));
    }
    let ids: BTreeMap<Key, &str> =
        history.iter().map(|shown| ((shown.writer, shown.number), shown.id.as_str())).collect();
    for line in own {
        let key = line.key;
        let there = ids.get(&key).copied();
        match (line.pending, line.error.is_some(), &line.id) {
            (true, ..) => problems.push(format!("{key:?} is pending for ever")),
            (_, true, None) => {}
            (_, false, Some(id)) if there == Some(id) => {}
            (_, false, Some(_)) => problems.push(format!("{key:?} is shown as sent, and is not stored under its id")),
            _ => problems.push(format!("{key:?} has failed and has an id, or neither")),
        }
    }
    problems
}

/// What is wrong with what a client shows of others' messages, in all its conversations.
///
/// * What it should have heard of is shown once.
/// * Nothing is told or shown twice, and nothing that is not stored.
pub(super) fn heard(
    lines: &[Line],
    told: &BTreeMap<Key, usize>,
    wanted: &BTreeSet<Key>,
    stored: &BTreeSet<Key>,
) -> Vec<String> {
    let mut problems = Vec::new();
    let mut count: BTreeMap<Key, usize> = BTreeMap::new();
    for line in lines.iter().filter(|line| !line.own) {
        *count.entry(line.key).or_default() += 1;
    }
    let twice = |count: &BTreeMap<Key, usize>| -> Vec<Key> {
        count.iter().filter(|(_, times)| **times > 1).map(|(key, _)| *key).collect()
    };
    problems.extend(twice(&count).into_iter().map(|key| format!("{key:?} is shown twice")));
    problems.extend(twice(told).into_iter().map(|key| format!("{key:?} was told twice")));
    let unknown = count.keys().chain(told.keys()).filter(|key| !stored.contains(key)).collect::<BTreeSet<_>>();
    problems.extend(unknown.into_iter().map(|key| format!("{key:?} is shown, and is not stored")));
    let missing = wanted.iter().filter(|key| !count.contains_key(key));
    problems.extend(missing.map(|key| format!("{key:?} was sent, and is not shown")));
    problems
}

/// What is wrong with the lines of a conversation whose whole history was fetched: what has an id is the history, in its order.
pub(super) fn fetched(lines: &[Line], history: &[Shown]) -> Vec<String> {
    let shown = lines.iter().filter_map(|line| line.id.as_deref());
    let same = shown.eq(history.iter().map(|shown| shown.id.as_str()));
    if same { Vec::new() } else { vec!["what was fetched is not shown as the history has it".to_owned()] }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(number: u32) -> Shown {
        Shown { id: format!("id-{number}"), writer: 1, number }
    }

    fn line(number: u32) -> Line {
        let id = Some(format!("id-{number}"));
        Line { key: (1, number), own: true, pending: false, error: None, local: true, id }
    }

    fn failed(number: u32) -> Line {
        Line { error: Some("7: no".into()), id: None, ..line(number) }
    }

    #[test]
    fn messages_are_read_or_not() {
        let mut message = json!({"parts": [{"type": "text", "text": "1/2"}], "own": true, "isPending": false,
            "localId": "x", "messageId": "id-2"});
        assert_eq!(Line::read(&message), Some(line(2)));
        assert!(line(2).is_sent());
        message["error"] = json!({"code": 7, "message": "no"});
        message["messageId"] = Value::Null;
        assert_eq!(Line::read(&message), Some(failed(2)));
        assert!(!failed(2).is_sent() && !Line { pending: true, id: None, ..line(2) }.is_sent());
        message["parts"][0]["text"] = json!("hello");
        assert_eq!(Line::read(&message), None);
    }

    #[test]
    fn a_history_is_in_the_order_of_each_writer() {
        let rows: [(&[u32], &[&str]); 5] = [
            (&[1, 2, 4], &[]),
            (&[1, 4], &[]),
            (&[2, 1], &["(1, 1) is there twice, or behind a later one"]),
            (&[1, 1], &["(1, 1) is there twice, or behind a later one"]),
            (&[3], &["(1, 3) is there, and was never written"]),
        ];
        for (there, wanted) in rows {
            let history: Vec<Shown> = there.iter().copied().map(shown).collect();
            assert_eq!(stored(&history, &BTreeMap::from([(1, vec![1, 2, 4])])), wanted, "{there:?}");
        }
    }

    #[test]
    fn what_is_shown_as_sent_is_stored() {
        let pending = Line { pending: true, id: None, ..line(2) };
        let rows: [(Vec<Line>, &str); 7] = [
            (vec![line(1), line(2)], ""),
            (vec![line(1), failed(2)], ""),
            (vec![failed(1), line(2)], ""),
            (vec![line(2), line(1)], "1 does not show what it sent, each once and in order"),
            (vec![line(1), pending], "(1, 2) is pending for ever"),
            (
                vec![line(1), Line { id: Some("id-9".into()), ..line(2) }],
                "(1, 2) is shown as sent, and is not stored under its id",
            ),
            (vec![line(1), Line { id: None, ..line(2) }], "(1, 2) has failed and has an id, or neither"),
        ];
        for (lines, wanted) in rows {
            let found = sent(&lines, 1, &[1, 2], &[shown(1), shown(2)]);
            assert_eq!(found, Vec::from_iter(Some(wanted).filter(|text| !text.is_empty())), "{lines:?}");
        }
        let lost = sent(&[line(1)], 1, &[1], &[]);
        assert_eq!(lost, ["(1, 1) is shown as sent, and is not stored under its id"]);
    }

    #[test]
    fn everything_is_heard_of_once() {
        let all: BTreeSet<Key> = [(1, 1), (1, 2)].into();
        let other = |number| Line { own: false, local: false, ..line(number) };
        // What is shown, how often the first one was told, and what is wrong with it.
        let rows = [
            (vec![other(1), other(2)], 1, ""),
            (vec![other(1)], 1, "(1, 2) was sent, and is not shown"),
            (vec![other(1), other(2), other(1)], 0, "(1, 1) is shown twice"),
            (vec![other(1), other(2)], 2, "(1, 1) was told twice"),
            (vec![other(1), other(2), other(3)], 0, "(1, 3) is shown, and is not stored"),
        ];
        for (lines, told, wanted) in rows {
            let told = if told == 0 { BTreeMap::new() } else { BTreeMap::from([((1, 1), told)]) };
            let found = heard(&lines, &told, &all, &all);
            assert_eq!(found, Vec::from_iter(Some(wanted).filter(|text| !text.is_empty())), "{lines:?}");
        }
    }

    #[test]
    fn a_fetched_conversation_is_its_history() {
        let history = [shown(1), shown(2)];
        assert!(fetched(&[line(1), failed(3), line(2)], &history).is_empty());
        assert_eq!(fetched(&[line(2), line(1)], &history).len(), 1);
        assert_eq!(fetched(&[line(1)], &history).len(), 1);
    }
}
