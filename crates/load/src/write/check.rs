//! What is shown, held against what was acknowledged.

use std::{collections::BTreeMap, time::Duration};

use serde_json::Value;

use super::writer::Said;

/// A message of a history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) id: String,
    pub(super) writer: usize,
    pub(super) number: u32,
}

impl Shown {
    /// `None` for what no writer could have written.
    pub(super) fn read(message: &Value) -> Option<Self> {
        let (writer, number) = message.get("txt")?.as_str()?.split_once('/')?;
        let id = message.get("id")?.as_str()?.to_owned();
        Some(Self { id, writer: writer.parse().ok()?, number: number.parse().ok()? })
    }
}

/// What is wrong with a history, in which all of `said` was written.
///
/// * Everything that was acknowledged is there, under the id of its acknowledgement.
/// * Everything that is there is there once, and was written.
/// * What was acknowledged before something else was written stands before it, whoever wrote it.
pub(super) fn problems(history: &[Shown], said: &[&Said]) -> Vec<String> {
    let mut problems = Vec::new();
    let key = |said: &Said| (said.writer, said.number);
    let written: BTreeMap<(usize, u32), &Said> = said.iter().map(|said| (key(said), *said)).collect();
    let mut places = BTreeMap::new();
    for (place, shown) in history.iter().enumerate() {
        let name = (shown.writer, shown.number);
        if !written.contains_key(&name) {
            problems.push(format!("{name:?} is there, and was never written"));
        }
        if places.insert(name, place).is_some() {
            problems.push(format!("{name:?} is there twice"));
        }
    }
    for (name, said) in &written {
        let Some((_, id)) = &said.acknowledged else { continue };
        match places.get(name).and_then(|place| history.get(*place)) {
            None => problems.push(format!("{name:?} was acknowledged, and is not there")),
            Some(shown) if shown.id != *id => problems.push(format!("{name:?} has another id than it was given")),
            Some(_) => {}
        }
    }
    let mut earliest = Duration::MAX;
    for shown in history.iter().rev() {
        let Some(said) = written.get(&(shown.writer, shown.number)) else { continue };
        if said.sent > earliest {
            problems.push(format!("{:?} stands before what was acknowledged before it was written", key(said)));
        }
        if let Some((at, _)) = &said.acknowledged {
            earliest = earliest.min(*at);
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(number: u32, acknowledged: bool) -> Said {
        let at = |ms: u32| Duration::from_millis(u64::from(ms));
        let acknowledged = acknowledged.then(|| (at(number * 10 + 5), format!("id-{number}")));
        Said { conversation: 0, writer: 1, number, sent: at(number * 10), acknowledged }
    }

    fn found(numbers: &[u32]) -> Vec<String> {
        let shown = |number: &u32| Shown { id: format!("id-{number}"), writer: 1, number: *number };
        let history: Vec<Shown> = numbers.iter().map(shown).collect();
        let said = [said(1, true), said(2, false), said(3, true)];
        problems(&history, &said.iter().collect::<Vec<_>>())
    }

    #[test]
    fn a_history_is_right_or_it_is_told_why_not() {
        // Of the second nobody knows when it was stored, if it was; but it was written after the first was acknowledged.
        let rows: [(&[u32], &str); 8] = [
            (&[1, 3], ""),
            (&[1, 2, 3], ""),
            (&[2, 1, 3], "(1, 2) stands before what was acknowledged before it was written"),
            (&[3], "(1, 1) was acknowledged, and is not there"),
            (&[1, 1, 3], "(1, 1) is there twice"),
            (&[1, 3, 4], "(1, 4) is there, and was never written"),
            (&[3, 1], "(1, 3) stands before what was acknowledged before it was written"),
            (&[1, 3, 2], ""),
        ];
        for (history, wanted) in rows {
            let found = found(history);
            let found: Vec<&str> = found.iter().map(String::as_str).collect();
            assert_eq!(found, Vec::from_iter(Some(wanted).filter(|text| !text.is_empty())), "{history:?}");
        }
        let other = Shown { id: "id-9".into(), writer: 1, number: 1 };
        assert_eq!(problems(&[other], &[&said(1, true)]), ["(1, 1) has another id than it was given"]);
    }

    #[test]
    fn messages_are_read_or_not() {
        let read = |text: &str| Shown::read(&serde_json::json!({"id": "7", "txt": text}));
        assert_eq!(read("1/2"), Some(Shown { id: "7".into(), writer: 1, number: 2 }));
        assert_eq!((read("1/x"), read("hello")), (None, None));
    }
}
