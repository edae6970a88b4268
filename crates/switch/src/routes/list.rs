//! Every route there is, for tests that have to think of each of them.

#[cfg(test)]
use super::{
    Route::{self, People, User},
    UserRoute as U,
};
#[cfg(test)]
use crate::people::PeopleRoute as P;

/// A resource below one user.
macro_rules! of_user {
    ($resource:literal) => {
        concat!("/rest/version/{version}/user/{user}/", $resource)
    };
}

/// The list, each row beside the pattern by which the compiler knows that no route is missing.
macro_rules! routes {
    ($($pattern:pat => $method:expr, $path:expr;)*) => {
        /// Method and path of every request that is served. `{user}` stands for `user@domain`, `{version}` for anything, and
        /// every other name for an id of the kind that it says. Of push services one stands for all.
        pub const ROUTES: [(&str, &str); [$($path),*].len()] = [$(($method, $path)),*];

        /// The row of a route.
        #[cfg(test)]
        fn row(route: &Route) -> (&'static str, &'static str) {
            match route {
                $($pattern => ($method, $path),)*
            }
        }
    };
}

routes! {
    Route::MakeToken => "GET", "/{version}/auth/mk_token";
    Route::RefreshToken => "GET", "/{version}/auth/refresh_token";
    Route::RevokeToken => "GET", "/{version}/auth/revoke_token";
    User(_, U::Subscribe(_)) => "POST", of_user!("subscription");
    User(_, U::Extend(_)) => "PUT", of_user!("subscription/{subscription}");
    User(_, U::Unsubscribe(_)) => "DELETE", of_user!("subscription/{subscription}");
    User(_, U::CallStart) => "POST", of_user!("callControl");
    User(_, U::CallAbandon) => "DELETE", of_user!("callControl");
    User(_, U::CallControl(_)) => "PUT", of_user!("callControl/callSessions/{session}");
    User(_, U::CallEnd(_)) => "DELETE", of_user!("callControl/callSessions/{session}");
    User(_, U::CallDisposition) => "POST", of_user!("calldisposition");
    User(_, U::ClickToCall) => "POST", of_user!("clicktocall");
    User(_, U::RegisterDevice(..)) => "POST", of_user!("push/apple/devices");
    User(_, U::DeregisterDevice(..)) => "DELETE", of_user!("push/apple/devices/{device}");
    People(_, P::SendMessage) => "POST", of_user!("instantmessage");
    People(_, P::Send) => "GET", "/{version}/rm/send";
    People(_, P::Threads) => "GET", "/{version}/rm/threads";
    People(_, P::Thread) => "GET", "/{version}/rm/thread";
    People(_, P::Messages(_)) => "GET", "/{version}/rm/thread/{thread}";
    People(_, P::Delete(..)) => "GET", "/{version}/rm/delete/{thread}";
    People(_, P::MarkRead(_)) => "GET", "/{version}/rm/read/{thread}";
    People(_, P::Upload) => "POST", "/{version}/rm/upload";
    People(_, P::File(_)) => "GET", "/{version}/rm/file/{file}";
    People(_, P::Presence) => "POST", of_user!("presence");
    People(_, P::PresenceWatcher) => "POST", of_user!("presenceWatcher");
    People(_, P::Contacts) => "GET", of_user!("addressbook");
    People(_, P::AddContact) => "POST", of_user!("addressbook/contacts");
    People(_, P::Contact(_)) => "GET", of_user!("addressbook/contacts/{contact}");
    People(_, P::ChangeContact(_)) => "PUT", of_user!("addressbook/contacts/{contact}");
    People(_, P::RemoveContact(_)) => "DELETE", of_user!("addressbook/contacts/{contact}");
    People(_, P::Directory) => "GET", of_user!("directory");
    People(_, P::Profile) => "GET", of_user!("userProfileData");
    People(_, P::Localization) => "GET", "/rest/version/{version}/localization";
    People(_, P::Voicemail) => "GET", of_user!("voicemail");
    People(_, P::CallLog) => "GET", of_user!("logHistory");
    People(_, P::ClearCallLog) => "DELETE", of_user!("logHistory");
    People(_, P::RemoveCallRecord(_)) => "DELETE", of_user!("logRecord/{record}");
    People(_, P::SubscribeEvent) => "POST", of_user!("eventSubscription");
    People(_, P::UpdateEvent(_)) => "PUT", of_user!("eventSubscription/{event}");
    People(_, P::UnsubscribeEvent(_)) => "DELETE", of_user!("eventSubscription/{event}");
}

#[cfg(test)]
mod tests {
    use super::{super::read, *};

    #[test]
    fn every_row_is_read_as_its_route() {
        for (method, path) in ROUTES {
            let (_, route) = read(method, path);
            assert_eq!(route.as_ref().map(row), Ok((method, path)));
        }
    }
}
