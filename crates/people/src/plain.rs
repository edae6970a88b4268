//! Reading and writing plain data by hand: one way in for commands, questions and answers, small in wasm, and lenient where the
//! documented API is.

use kandy_wire::{Map, Value};

/// A non-empty text; anything else counts as absent.
pub(crate) fn text(object: &Value, key: &str) -> Option<String> {
    object.get(key)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

/// A text, or a whole number as text, as ids come.
pub(crate) fn name(object: &Value, key: &str) -> Option<String> {
    let value = object.get(key)?;
    match value.as_u64() {
        Some(number) => Some(number.to_string()),
        None => value.as_str().filter(|text| !text.is_empty()).map(str::to_owned),
    }
}

/// A number that is not negative; a text of digits counts, too.
pub(crate) fn whole(object: &Value, key: &str) -> Option<u64> {
    let value = object.get(key)?;
    let number = value.as_f64().filter(|n| n.is_finite() && *n >= 0.0).map(|n| n as u64);
    number.or_else(|| value.as_str()?.parse().ok())
}

/// `true` or `false`.
pub(crate) fn flag(object: &Value, key: &str) -> Option<bool> {
    object.get(key)?.as_bool()
}

/// The elements of a list; none of anything else.
pub(crate) fn list<'a>(object: &'a Value, key: &str) -> &'a [Value] {
    object.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The non-empty texts of a list; a single text counts as a list of one.
pub(crate) fn texts(object: &Value, key: &str) -> Vec<String> {
    match text(object, key) {
        Some(one) => vec![one],
        None => {
            let all = list(object, key).iter().filter_map(Value::as_str);
            all.filter(|text| !text.is_empty()).map(str::to_owned).collect()
        }
    }
}

/// A copy of any member; null if there is none.
pub(crate) fn any(object: &Value, key: &str) -> Value {
    object.get(key).cloned().unwrap_or_default()
}

/// The same, taken out instead of copied.
pub(crate) fn take(object: &mut Value, key: &str) -> Value {
    object.get_mut(key).map(Value::take).unwrap_or_default()
}

/// Adds a member.
pub(crate) fn put(members: &mut Map<String, Value>, key: &str, value: impl Into<Value>) {
    members.insert(key.to_owned(), value.into());
}

/// Adds a member if there is something to add.
pub(crate) fn put_some(members: &mut Map<String, Value>, key: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        put(members, key, value);
    }
}

/// An object of one member.
pub(crate) fn wrap(key: &str, value: impl Into<Value>) -> Value {
    let mut members = Map::new();
    put(&mut members, key, value);
    Value::Object(members)
}

/// An object without members.
pub(crate) fn empty() -> Value {
    Value::Object(Map::new())
}

/// A list of texts.
pub(crate) fn strings(texts: &[String]) -> Value {
    Value::Array(texts.iter().map(|text| Value::from(text.as_str())).collect())
}

/// A part of a path, percent-encoded but for what RFC 3986 leaves unreserved, and `@`, which names of users have.
pub(crate) fn segment(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'@' => encoded.push(byte as char),
            _ => {
                encoded.push('%');
                for digit in [byte >> 4, byte & 15] {
                    encoded.extend(char::from_digit(u32::from(digit), 16).map(|c| c.to_ascii_uppercase()));
                }
            }
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_of_another_kind_is_absent() {
        let object = kandy_wire::parse(r#"{"t":"a","e":"","n":7,"l":["a","",1],"f":true,"d":"12","m":-1}"#).unwrap();
        assert_eq!((text(&object, "t"), text(&object, "e"), text(&object, "n")), (Some("a".to_owned()), None, None));
        assert_eq!(
            (name(&object, "n"), name(&object, "t"), name(&object, "m")),
            (Some("7".into()), Some("a".into()), None)
        );
        assert_eq!((whole(&object, "n"), whole(&object, "d"), whole(&object, "m")), (Some(7), Some(12), None));
        assert_eq!(
            (texts(&object, "l"), texts(&object, "t"), texts(&object, "n")),
            (vec!["a".into()], vec!["a".into()], vec![])
        );
        assert_eq!((flag(&object, "f"), flag(&object, "n")), (Some(true), None));
    }

    #[test]
    fn a_segment_cuts_no_path() {
        assert_eq!(segment("a b/c?d@x.y"), "a%20b%2Fc%3Fd@x.y");
        assert_eq!(segment("ü"), "%C3%BC");
    }
}
