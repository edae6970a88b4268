//! What was told so far, so that an input can repeat it: `$sessionData` is the value of that member that was told last,
//! `$sessionData#1` the one that was told first.

use std::collections::BTreeMap;

use kandy_wire::Value;

/// Members that are remembered, and values of each.
const MEMBERS: usize = 64;
const VALUES: usize = 16;
/// Longest value that is remembered, in bytes.
const LONGEST: usize = 1_000;
/// Longest text that comes of a replacement, in bytes, so that an input cannot grow by repeating what repeats it.
const LONGEST_TEXT: usize = 256 << 10;

/// Values by the names of their members.
#[derive(Default)]
pub(crate) struct Heard(BTreeMap<String, Vec<String>>);

impl Heard {
    /// Remembers the texts in a JSON value.
    pub(crate) fn learn(&mut self, value: &Value) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.learn(item)),
            Value::Object(members) => {
                for (name, value) in members {
                    match value.as_str() {
                        Some(text) => self.note(name, text),
                        None => self.learn(value),
                    }
                }
            }
            _ => {}
        }
    }

    fn note(&mut self, name: &str, text: &str) {
        if text.len() > LONGEST || (self.0.len() >= MEMBERS && !self.0.contains_key(name)) {
            return;
        }
        let values = self.0.entry(name.to_owned()).or_default();
        if !values.iter().any(|known| known == text) && values.len() < VALUES {
            values.push(text.to_owned());
        }
    }

    /// A text with the values in their places; names that nobody told stay as they are.
    pub(crate) fn filled(&self, text: &str) -> String {
        let mut parts = text.split('$');
        let mut filled = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            match self.value(part).filter(|_| filled.len() < LONGEST_TEXT) {
                Some((value, rest)) => {
                    filled.push_str(value);
                    filled.push_str(rest);
                }
                None => {
                    filled.push('$');
                    filled.push_str(part);
                }
            }
        }
        filled
    }

    /// The value that is named at the beginning of a text, and the rest of the text.
    fn value<'a>(&'a self, text: &'a str) -> Option<(&'a str, &'a str)> {
        let rest = text.trim_start_matches(|c: char| c.is_ascii_alphabetic() || c == '_');
        let values = self.0.get(text.strip_suffix(rest)?)?;
        let digit = rest.strip_prefix('#').and_then(|rest| rest.chars().next()).and_then(|c| c.to_digit(10));
        match digit {
            Some(number) => {
                let value = values.get((number as usize).checked_sub(1)?)?;
                Some((value, rest.get(2..)?))
            }
            None => Some((values.last()?, rest)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_told_is_put_in() {
        let mut heard = Heard::default();
        for text in [r#"{"a":{"token":"one"},"n":7}"#, r#"[{"token":"two"},{"other":"x"}]"#] {
            heard.learn(&kandy_wire::parse(text).unwrap());
        }
        let rows = [
            ("?token=$token&x", "?token=two&x"),
            ("$token#1/$token#2", "one/two"),
            ("$token#9 $nothing $ $n", "$token#9 $nothing $ $n"),
            ("$other$token", "xtwo"),
            ("$token#é", "two#é"),
        ];
        for (text, wanted) in rows {
            assert_eq!(heard.filled(text), wanted, "{text}");
        }
    }
}
