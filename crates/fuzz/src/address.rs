//! What people write as an address, and what stands in a URL.

use kandy_switch::{Response, UserKey, begins_subscription, parameter, parameters, people_route};
use kandy_wire::{Value, parse};

use crate::{browser::Page, text};

/// The lines are an address, the user who wrote it, a raw query and a path.
///
/// What must hold: no panic; what is normal stays as it is; nothing grows by more than a domain and a scheme; no slash and no end
/// of a line comes from nowhere; and both sides mean the same user by what the client makes of an address.
pub fn address(data: &[u8]) {
    let text = text(data);
    let mut lines = text.split('\n');
    let mut next = || lines.next().unwrap_or_default();
    let (address, own, query, path) = (next(), next(), next(), next());
    let by = UserKey::of(own);
    of_key(address);
    of_key(own);
    let called = called(address, &by);
    if let Some(sent) = sent(address, own) {
        same_user(address, &by, &called, &sent);
    }
    of_query(query);
    of_path(path);
}

fn of_key(text: &str) {
    let key = UserKey::of(text);
    assert_eq!(UserKey::of(key.as_str()), key, "{text:?} is normalized twice");
    assert!(key.as_str().len() <= text.len(), "{text:?} grows");
}

/// Whom the switch calls.
fn called(address: &str, by: &UserKey) -> UserKey {
    let user = UserKey::called(address, by);
    bounded(user.as_str(), address, by.as_str());
    user
}

/// Whom the client asks the server to call.
fn sent(address: &str, own: &str) -> Option<String> {
    let mut page = Page::logged_in_as("1", own);
    page.call(address);
    let body = parse(page.last.as_ref()?.body.as_deref()?).ok()?;
    let to = body.get("callControlRequest")?.get("to").and_then(Value::as_str).map(str::to_owned)?;
    assert!(to.starts_with("sip:"), "{address:?} becomes {to:?}");
    bounded(&to, address, own);
    let mut page = Page::logged_in_as("1", own);
    page.call(&to);
    let again = parse(page.last.as_ref()?.body.as_deref()?).ok()?;
    let again = again.get("callControlRequest")?.get("to").and_then(Value::as_str).map(str::to_owned)?;
    assert!(again == to || !is_plain(&to), "{address:?} of {own:?} becomes {to:?} and then {again:?}");
    Some(to)
}

fn same_user(address: &str, by: &UserKey, called: &UserKey, sent: &str) {
    if is_plain(sent) {
        let after = UserKey::called(sent, by);
        assert_eq!(after, *called, "{address:?} of {by:?}, sent as {sent:?}");
        assert_eq!(UserKey::called(called.as_str(), by), *called, "{address:?} of {by:?}");
    }
}

/// Whether an address has a user and a domain, so that there is something to keep.
fn is_plain(address: &str) -> bool {
    let bare = address.strip_prefix("sip:").unwrap_or(address);
    let parts = bare.split_once('@');
    parts.is_some_and(|(user, domain)| !user.is_empty() && !domain.is_empty() && !domain.contains('@'))
}

fn bounded(result: &str, address: &str, own: &str) {
    let place = format!("{address:?} of {own:?} becomes {result:?}");
    assert!(result.len() <= address.len() + own.len() + "sip:@".len(), "{place}");
    for stray in ['/', '\r', '\n', '?', '#', '%', '\0'] {
        let known = address.contains(stray) || own.contains(stray);
        assert!(known || !result.contains(stray), "{place}");
    }
}

fn of_query(query: &str) {
    for name in ["token", "tos", "a", ""] {
        let (first, all) = (parameter(query, name), parameters(query, name));
        assert!(first.as_ref().is_none_or(|value| !value.is_empty() && value.len() <= query.len()), "{query:?}");
        if let Some(all) = all {
            assert_eq!(first.as_ref(), all.first().filter(|value| !value.is_empty()), "{query:?}");
            assert!(all.iter().map(String::len).sum::<usize>() <= query.len(), "{query:?}");
        }
    }
}

fn of_path(path: &str) {
    for method in ["GET", "POST", "PUT", "DELETE"] {
        let both = (people_route(method, path), begins_subscription(method, path));
        assert!(!matches!(both, (Some(_), true)), "{method} {path:?} is two things");
        let refusal = Response::refusal(method, path, 400, "No.");
        assert!(parse(&refusal.body).is_ok() && refusal.status >= 200, "{method} {path:?}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_reaches_the_server() {
        assert_eq!(sent("613-555-0100", "alice@example.com").as_deref(), Some("sip:6135550100@example.com"));
        assert!(is_plain("sip:a@b") && !is_plain("sip:@b") && !is_plain("a@") && !is_plain("a@b@c"));
    }
}
