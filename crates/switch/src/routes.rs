//! From method and path to what is wanted, and of whom. The version segment may be anything, `@` may be written as `%40`
//! (protocol §0.3).

mod list;

use kandy_wire::SessionId;

use crate::{
    fault::{Family, Fault, code},
    people::{self, PeopleRoute},
    push::Provider,
};

pub use list::ROUTES;

/// A request that this switch serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    /// `GET /{v}/auth/mk_token`
    MakeToken,
    /// `GET /{v}/auth/refresh_token`
    RefreshToken,
    /// `GET /{v}/auth/revoke_token`
    RevokeToken,
    /// A resource below `/rest/version/{v}/user/{user}`.
    User(String, UserRoute),
    /// What the shell answers by itself, for the user of the path, where there is one, or of the credential.
    People(Option<String>, PeopleRoute),
}

/// What is wanted below one user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum UserRoute {
    /// `POST subscription`; the version segment goes into the path of the subscription.
    Subscribe(String),
    /// `PUT subscription/{id}`
    Extend(String),
    /// `DELETE subscription/{id}`
    Unsubscribe(String),
    /// `POST callControl`
    CallStart,
    /// `DELETE callControl`: cancel before the id is known (protocol §4.3.6).
    CallAbandon,
    /// `PUT callControl/callSessions/{id}`
    CallControl(SessionId),
    /// `DELETE callControl/callSessions/{id}`
    CallEnd(SessionId),
    /// `POST calldisposition`
    CallDisposition,
    /// `POST clicktocall`
    ClickToCall,
    /// `POST push/{provider}/devices`; the version segment goes into the path of the registration.
    RegisterDevice(String, Provider),
    /// `DELETE push/{provider}/devices/{id}`
    DeregisterDevice(Provider, String),
}

/// Reads a request line. The family is there even if the route is not, because the refusal needs it.
pub(crate) fn read(method: &str, path: &str) -> (Family, Result<Route, Fault>) {
    let Some(segments) = segments(path) else {
        return (Family::Bare, Err(Fault::new(400, code::BAD_REQUEST, "The path is not readable.")));
    };
    let parts: Vec<&str> = segments.iter().map(String::as_str).collect();
    match parts.as_slice() {
        [_, "auth", what] => (Family::Uc, token_route(method, what)),
        [_, "rm", what @ ..] => {
            let (family, route) = people::messaging_route(method, what);
            (family, route.map(|route| Route::People(None, route)))
        }
        ["rest", "version", version, "user", user, resource @ ..] => {
            let user = (*user).to_owned();
            if let Some((wrapper, route)) = people::user_route(method, resource) {
                return (Family::Wrapped(wrapper), route.map(|route| Route::People(Some(user), route)));
            }
            let (family, route) = user_route(method, version, resource);
            (family, route.map(|route| Route::User(user, route)))
        }
        ["rest", "version", _, "localization"] => {
            let route = if method == "GET" { Ok(PeopleRoute::Localization) } else { Err(METHOD) };
            (Family::Wrapped("acceptLanguage"), route.map(|route| Route::People(None, route)))
        }
        _ => (Family::Bare, Err(NOTHING)),
    }
}

/// The value of the first parameter `name` in a raw query, decoded; `None` if it is empty or cannot be decoded.
pub fn parameter(query: &str, name: &str) -> Option<String> {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(key, _)| *key == name).and_then(|(_, value)| percent_decode(value)).filter(|value| !value.is_empty())
}

/// The values of all parameters `name` in a raw query, decoded; `None` if one of them cannot be decoded.
pub fn parameters(query: &str, name: &str) -> Option<Vec<String>> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.filter(|(key, _)| *key == name).map(|(_, value)| percent_decode(value)).collect()
}

/// Whether a raw query has the parameter `name`, be its value empty.
pub(crate) fn is_given(query: &str, name: &str) -> bool {
    query.split('&').filter_map(|pair| pair.split_once('=')).any(|(key, _)| key == name)
}

/// The segments of an absolute path, decoded; a slash at the end does not count. The id of a contact is what its user wrote, and
/// released clients do not encode it everywhere (protocol §8.1), so a percent sign that encodes nothing is taken for itself.
pub(crate) fn segments(path: &str) -> Option<Vec<String>> {
    let path = path.strip_prefix('/')?;
    let path = path.strip_suffix('/').unwrap_or(path);
    let mut own = false;
    path.split('/')
        .map(|segment| {
            let decoded = if own { Some(lenient_decode(segment)) } else { percent_decode(segment) };
            own |= segment == "contacts";
            decoded
        })
        .collect()
}

pub(crate) const NOTHING: Fault = Fault::new(404, code::NOTHING_THERE, "There is nothing at this address.");
pub(crate) const NOT_SERVED: Fault = Fault::new(403, code::NOT_ENABLED, "This gateway does not offer that service.");
pub(crate) const METHOD: Fault = Fault::new(405, code::BAD_REQUEST, "This address does not take that method.");

fn token_route(method: &str, what: &str) -> Result<Route, Fault> {
    let route = match what {
        "mk_token" => Route::MakeToken,
        "refresh_token" => Route::RefreshToken,
        "revoke_token" => Route::RevokeToken,
        _ => return Err(NOTHING),
    };
    if method == "GET" { Ok(route) } else { Err(METHOD) }
}

fn user_route(method: &str, version: &str, resource: &[&str]) -> (Family, Result<UserRoute, Fault>) {
    let owned = |text: &&str| (*text).to_owned();
    match resource {
        ["subscription"] => {
            let route = if method == "POST" { Ok(UserRoute::Subscribe(version.to_owned())) } else { Err(METHOD) };
            (Family::Wrapped("subscribeResponse"), route)
        }
        ["subscription", id] => {
            let route = match method {
                "PUT" => Ok(UserRoute::Extend(owned(id))),
                "DELETE" => Ok(UserRoute::Unsubscribe(owned(id))),
                _ => Err(METHOD),
            };
            (Family::Wrapped("subscribeResponse"), route)
        }
        ["callControl"] => {
            let route = match method {
                "POST" => Ok(UserRoute::CallStart),
                "DELETE" => Ok(UserRoute::CallAbandon),
                _ => Err(METHOD),
            };
            (Family::Wrapped("callControlResponse"), route)
        }
        ["callControl", "callSessions", id] => {
            let session = SessionId(owned(id));
            let route = match method {
                "PUT" => Ok(UserRoute::CallControl(session)),
                "DELETE" => Ok(UserRoute::CallEnd(session)),
                _ => Err(METHOD),
            };
            (Family::Wrapped("callControlResponse"), route)
        }
        // Success has a wrapper of its own; failures are read like those of callControl (protocol §0.8).
        ["calldisposition"] => {
            let route = if method == "POST" { Ok(UserRoute::CallDisposition) } else { Err(METHOD) };
            (Family::Wrapped("callControlResponse"), route)
        }
        ["clicktocall"] => {
            let route = if method == "POST" { Ok(UserRoute::ClickToCall) } else { Err(METHOD) };
            (Family::Wrapped("clickToCallResponse"), route)
        }
        ["push", provider, "devices"] if let Some(provider) = Provider::named(provider) => {
            let register = || UserRoute::RegisterDevice(version.to_owned(), provider);
            (Family::Wrapped(provider.wrapper()), if method == "POST" { Ok(register()) } else { Err(METHOD) })
        }
        // The one gateway resource whose failures have no wrapper (protocol §9.3).
        ["push", provider, "devices", id] if let Some(provider) = Provider::named(provider) => {
            let deregister = || UserRoute::DeregisterDevice(provider, owned(id));
            (Family::Bare, if method == "DELETE" { Ok(deregister()) } else { Err(METHOD) })
        }
        [name, ..] => match other_wrapper(name, resource) {
            Some(wrapper) => (Family::Wrapped(wrapper), Err(NOT_SERVED)),
            None => (Family::Bare, Err(NOTHING)),
        },
        [] => (Family::Bare, Err(NOTHING)),
    }
}

/// The wrappers of what clients may ask for below resources that this switch serves in part.
fn other_wrapper(name: &str, resource: &[&str]) -> Option<&'static str> {
    Some(match name {
        "callControl" => "callControlResponse",
        "clicktocall" => "clickToCallResponse",
        "subscription" => "subscribeResponse",
        "push" if resource.get(1) == Some(&"google") => "googleDeviceRegistrationResponse",
        "push" => "appleDeviceRegistrationResponse",
        _ => return None,
    })
}

fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => hex(bytes.next()?)? << 4 | hex(bytes.next()?)?,
            byte => byte,
        });
    }
    String::from_utf8(decoded).ok()
}

/// The same for a text of which it is not certain that it is encoded.
fn lenient_decode(text: &str) -> String {
    let mut parts = text.split('%');
    let mut encoded = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let is_code = part.bytes().take(2).filter_map(hex).count() == 2;
        encoded.push_str(if is_code { "%" } else { "%25" });
        encoded.push_str(part);
    }
    percent_decode(&encoded).unwrap_or_else(|| text.to_owned())
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_find_their_route() {
        use UserRoute::*;
        let alice = |route| Ok(Route::User("alice@example.com".into(), route));
        let session = || SessionId("s-1".into());
        let rows = [
            ("GET", "/v2.0/auth/mk_token", Ok(Route::MakeToken)),
            ("GET", "/x/auth/refresh_token", Ok(Route::RefreshToken)),
            ("GET", "/1/auth/revoke_token/", Ok(Route::RevokeToken)),
            ("POST", "/v2.0/auth/revoke_token", Err(405)),
            ("GET", "/v2.0/auth/other", Err(404)),
            ("POST", "/rest/version/1/user/alice@example.com/subscription", alice(Subscribe("1".into()))),
            ("POST", "/rest/version/v2.0/user/alice%40example.com/subscription", alice(Subscribe("v2.0".into()))),
            ("PUT", "/rest/version/1/user/alice@example.com/subscription/x", alice(Extend("x".into()))),
            ("DELETE", "/rest/version/1/user/alice@example.com/subscription/x", alice(Unsubscribe("x".into()))),
            ("GET", "/rest/version/1/user/alice@example.com/subscription/x", Err(405)),
            ("POST", "/rest/version/1/user/alice@example.com/callControl", alice(CallStart)),
            ("DELETE", "/rest/version/1/user/alice@example.com/callControl", alice(CallAbandon)),
            (
                "PUT",
                "/rest/version/1/user/alice@example.com/callControl/callSessions/s-1",
                alice(CallControl(session())),
            ),
            (
                "DELETE",
                "/rest/version/1/user/alice@example.com/callControl/callSessions/s-1",
                alice(CallEnd(session())),
            ),
            ("PATCH", "/rest/version/1/user/alice@example.com/callControl/callSessions/s-1", Err(405)),
            ("POST", "/rest/version/1/user/alice@example.com/calldisposition", alice(CallDisposition)),
            ("POST", "/rest/version/1/user/alice@example.com/clicktocall", alice(ClickToCall)),
            ("GET", "/rest/version/1/user/alice@example.com/clicktocall", Err(405)),
            (
                "POST",
                "/rest/version/1/user/alice@example.com/instantmessage",
                Ok(Route::People(Some("alice@example.com".into()), PeopleRoute::SendMessage)),
            ),
            ("GET", "/rest/version/1/user/alice@example.com/instantmessage", Err(405)),
            ("GET", "/v2.0/rm/threads", Ok(Route::People(None, PeopleRoute::Threads))),
            ("GET", "/rest/version/1/localization", Ok(Route::People(None, PeopleRoute::Localization))),
            ("POST", "/rest/version/1/localization", Err(405)),
            ("GET", "/rest/version/1/user/alice@example.com/nonsense", Err(404)),
            ("GET", "/rest/version/1/user/alice@example.com", Err(404)),
            ("GET", "/", Err(404)),
            ("GET", "", Err(400)),
            ("GET", "/%zz", Err(400)),
            ("GET", "/%ff", Err(400)),
            ("GET", "/%4", Err(400)),
        ];
        for (method, path, wanted) in rows {
            let (_, route) = read(method, path);
            assert_eq!(route.map_err(|fault| fault.status), wanted, "{method} {path}");
        }
    }

    #[test]
    fn every_resource_of_the_protocol_has_its_wrapper() {
        let rows = [
            ("presence", "presenceResponse"),
            ("presenceWatcher", "presenceWatcherResponse"),
            ("instantmessage", "imResponse"),
            ("addressbook/contacts/7", "addressBookResponse"),
            ("addressbook/contacts/", "addressBookResponse"),
            ("directory", "directory"),
            ("userProfileData", "userProfileData"),
            ("voicemail", "mwiresponse"),
            ("eventSubscription/x", "eventSubscriptionResponse"),
            ("push/apple/devices/", "appleDeviceRegistrationResponse"),
            ("push/google/devices/", "googleDeviceRegistrationResponse"),
            ("clicktocall", "clickToCallResponse"),
            ("clicktocall/x", "clickToCallResponse"),
            ("logHistory", "logHistory"),
            ("logRecord/7", "logRecord"),
            ("calldisposition", "callControlResponse"),
            ("callControl/callSessions", "callControlResponse"),
            ("subscription/a/b", "subscribeResponse"),
        ];
        for (resource, wrapper) in rows {
            let (family, _) = read("GET", &format!("/rest/version/1/user/a@b/{resource}"));
            assert_eq!(family, Family::Wrapped(wrapper), "{resource}");
        }
        assert_eq!(read("GET", "/v2.0/rm/send").0, Family::Messaging);
        assert_eq!(read("GET", "/v2.0/rm/file/h").0, Family::Uc);
        assert_eq!(read("GET", "/rest/version/1/localization").0, Family::Wrapped("acceptLanguage"));
    }

    #[test]
    fn parameters_are_decoded() {
        let rows = [
            ("token=AT%2D7&expires=3600", "token", Some("AT-7")),
            ("token=AT&expires=3600", "expires", Some("3600")),
            ("token=&token=x", "token", None),
            ("token", "token", None),
            ("token=%zz", "token", None),
            ("", "token", None),
        ];
        for (query, name, wanted) in rows {
            assert_eq!(parameter(query, name).as_deref(), wanted, "{query}");
        }
        assert_eq!(parameters("tos=a%40x&to=b&tos=", "tos"), Some(vec!["a@x".to_owned(), String::new()]));
        assert_eq!(parameters("tos=a&tos=%zz", "tos"), None);
    }
}
