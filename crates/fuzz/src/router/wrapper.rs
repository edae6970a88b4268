//! How a response must look, by its path (protocol §0.7, §0.8). Written down here once more, because a switch that is asked for
//! its own opinion is always right.

use kandy_switch::Response;
use kandy_wire::{Value, parse};

/// Longest refusal in bytes: each is one of a list of sentences.
const LONGEST_REFUSAL: usize = 500;

/// Checks a response, and returns its body.
pub(super) fn checked(method: &str, path: &str, response: &Response) -> Value {
    let Response { status, content_type, body } = response;
    let place = format!("{method} {path}: {status} {body}");
    assert_eq!(*content_type, "application/json", "{place}");
    assert!((200..500).contains(status), "{place}");
    let Ok(value) = parse(body) else { panic!("{place} is no JSON") };
    assert!(value.is_object(), "{place} is no object");
    if *status >= 400 {
        assert!(body.len() <= LONGEST_REFUSAL, "{place} is too long");
        let known = wrapper(path).unwrap_or_else(|| any_wrapper(&value));
        assert!(is_refusal(&value, known), "{place} is not in the wrapper of {known:?}");
    }
    value
}

/// How clients read a refusal.
#[derive(Debug, Clone, Copy)]
enum Wrapper<'a> {
    Uc,
    Named(&'a str),
    Bare,
}

fn is_refusal(value: &Value, wrapper: Wrapper<'_>) -> bool {
    let code = |value: &Value| value.get("statusCode").and_then(Value::as_i64).is_some_and(|code| code != 0);
    let words = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).is_some_and(|text| !text.is_empty());
    match wrapper {
        Wrapper::Uc => value.get("error").is_some_and(|error| words(error, "human")),
        Wrapper::Named(name) => value.get(name).is_some_and(|inner| code(inner) && words(inner, "reason")),
        Wrapper::Bare => code(value) && words(value, "reason") && words(value, "message"),
    }
}

/// What stands in the response itself, where the path does not say plainly what it is.
fn any_wrapper(value: &Value) -> Wrapper<'_> {
    let first = value.as_object().and_then(|members| members.iter().next());
    match first {
        Some((name, _)) if name == "error" => Wrapper::Uc,
        Some((name, inner)) if inner.is_object() => Wrapper::Named(name),
        _ => Wrapper::Bare,
    }
}

/// The wrapper of a path; `None` for those that are encoded, or that have a refusal of another kind at the same place.
fn wrapper(path: &str) -> Option<Wrapper<'static>> {
    if path.contains('%') {
        return None;
    }
    let inner = path.strip_prefix('/')?;
    let segments: Vec<&str> = inner.strip_suffix('/').unwrap_or(inner).split('/').collect();
    Some(match segments.as_slice() {
        [_, "auth", _] | [_, "rm", ..] => Wrapper::Uc,
        ["rest", "version", _, "localization"] => Wrapper::Named("acceptLanguage"),
        ["rest", "version", _, "user", _, name, rest @ ..] => match (*name, rest) {
            ("subscription", _) => Wrapper::Named("subscribeResponse"),
            // Failures of a disposition are read like those of a call.
            ("callControl", _) | ("calldisposition", []) => Wrapper::Named("callControlResponse"),
            ("clicktocall", _) => Wrapper::Named("clickToCallResponse"),
            ("instantmessage", _) => Wrapper::Named("imResponse"),
            ("presence", _) => Wrapper::Named("presenceResponse"),
            ("presenceWatcher", _) => Wrapper::Named("presenceWatcherResponse"),
            ("addressbook", _) => Wrapper::Named("addressBookResponse"),
            ("directory", _) => Wrapper::Named("directory"),
            ("userProfileData", _) => Wrapper::Named("userProfileData"),
            ("voicemail", _) => Wrapper::Named("mwiresponse"),
            ("logRecord", _) => Wrapper::Named("logRecord"),
            ("eventSubscription", _) => Wrapper::Named("eventSubscriptionResponse"),
            // By the method, or by the rest of the path.
            ("logHistory" | "push" | "calldisposition", _) => return None,
            _ => Wrapper::Bare,
        },
        _ => Wrapper::Bare,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_in_another_wrapper_is_none() {
        let rows = [
            (r#"{"error":{"human":"no"}}"#, "/v2.0/auth/mk_token", true),
            (r#"{"error":{"human":""}}"#, "/v2.0/auth/mk_token", false),
            (r#"{"imResponse":{"statusCode":4,"reason":"no"}}"#, "/rest/version/1/user/a@b/instantmessage", true),
            (r#"{"imResponse":{"statusCode":0,"reason":"no"}}"#, "/rest/version/1/user/a@b/instantmessage", false),
            (r#"{"imResponse":{"statusCode":4,"reason":"no"}}"#, "/rest/version/1/user/a@b/presence", false),
            (r#"{"statusCode":4,"reason":"no","message":"no"}"#, "/", true),
            (r#"{"statusCode":4,"reason":"no"}"#, "/", false),
        ];
        for (body, path, wanted) in rows {
            assert_eq!(is_refusal(&parse(body).unwrap(), wrapper(path).unwrap()), wanted, "{body} {path}");
        }
    }
}
