//! Reading plain data of the application by hand: one way in for commands, questions and configuration, small in wasm, and
//! lenient where the documented API is.

use kandy_wire::Value;

/// A non-empty text; anything else counts as absent.
pub(crate) fn text(object: &Value, key: &str) -> Option<String> {
    object.get(key)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

/// A text, or a whole number as text, as ports and versions come.
pub(crate) fn text_or_number(object: &Value, key: &str) -> Option<String> {
    match object.get(key)? {
        Value::Number(n) => Some((n.as_f64()? as i64).to_string()),
        _ => text(object, key),
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

/// The texts of a list.
pub(crate) fn texts(value: Option<&Value>) -> Vec<String> {
    let all = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    all.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect()
}

/// A text that has to be there, though it may be empty.
///
/// # Errors
/// A sentence that names the member.
pub(crate) fn needed(object: &Value, key: &str) -> Result<String, String> {
    object.get(key).and_then(Value::as_str).map(str::to_owned).ok_or_else(|| ["no text in its member ", key].concat())
}
