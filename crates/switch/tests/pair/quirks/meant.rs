//! Where our client deliberately does something else than the released one whose recording is played to it: login, connection,
//! tokens, notifications, push. Everything else has to be the same.
//!
//! | released clients | ours | seen in |
//! | --- | --- | --- |
//! | notice a lost socket at their next ping | at its `close` (protocol §3.5) | `ws-drop`, `ws-lost`, `token-refresh` |
//! | send a ping | send `connCheck` with it, also at once | `resubscription` |
//! | miss `maxMissedPings` answers | one, and wait for it for at most 10 s | `ws-pingpong` |
//! | ask nothing after a failed attempt to open the socket | ask by extending the subscription whether it lives | `ws-lost` |
//! | ask nothing with a new token | the same | `token-refresh`, `update-token`, `login-oauth` |
//! | keep the old token after a renewal (protocol §1.6) | use the new one | `token-refresh` |
//! | renew a token as often as its life asks for | at most every 30 s | `token-refresh`, `quirk-token-lifetimes` |
//! | log out when a renewal is refused | make a token of the password, if there is one | `token-refresh` |
//! | offer `RingingFeedback` | offer two extensions with it | every login |
//! | ignore `gone` (UC) | log out | `quirk-gone` |
//! | pause exactly as configured between two attempts | by a quarter more or less | `ws-lost` |
//! | prove a Link session by Basic alone | name the session, too, if there is one | `login_with_a_session` |
//! | audit calls every 25 s (protocol §4.10) | also 1 s after the socket was lost | `ws_drop_in_a_call_that_goes_on` |
//!
//! So an application hears the same, and only some requests are others; the tests answer those themselves.

use kandy_wire::Value;

use super::Player;

/// Events of what comes later: voice mail and messages.
const LATER: [&str; 4] = ["voicemail:change", "conversations:change", "conversations:new", "messages:change"];

/// Requests of what comes later.
const LATER_PATHS: [&str; 3] = ["/voicemail", "/rm/", "/instantmessage"];

impl Player {
    /// The recording without what comes later. Notifications of it stay: an application may hear them already.
    pub(super) fn today(name: &str) -> Self {
        let mut player = Self::new(name);
        player.leave_out(|entry| {
            let path = entry["path"].as_str().unwrap_or_default();
            entry["run"].is_string()
                || entry["call"] == "voicemail.fetch"
                || LATER_PATHS.iter().any(|part| path.contains(part))
        });
        player
    }

    /// Leaves out the entries that a test names, and the answers to requests among them.
    pub(super) fn leave_out(&mut self, named: impl Fn(&Value) -> bool) {
        let asked = self.entries.iter().filter(|entry| entry["type"] == "http-request" && named(entry));
        let ids: Vec<Value> = asked.map(|entry| entry["id"].clone()).collect();
        self.entries.retain(|entry| !named(entry) && !ids.contains(&entry["id"]));
    }

    /// Each page that is named heard what the recorded client heard.
    pub(super) fn told(&self, roles: &[&str]) {
        for role in roles {
            let mut recorded = self.recorded(role);
            recorded.retain(|event| !LATER.iter().any(|later| event.starts_with(later)));
            self.heard(role, &recorded);
        }
    }

    /// Answers an extension of the subscription that the recorded client did not ask for, as the recorded servers do.
    pub(super) fn extend(&mut self, role: &str) {
        let page = self.page(role);
        let is = |what: &str| what.starts_with("PUT subscription/");
        self.until("an extension", |player| player.waiting.iter().any(|asked| asked.page == page && is(&asked.what)));
        let asked = self.waiting.iter().find(|asked| asked.page == page && is(&asked.what)).unwrap();
        let (what, wish) = (asked.what.clone(), &asked.body["subscribeRequest"]);
        let (expires, service) = (&wish["expires"], &wish["service"]);
        let body = format!(
            r#"{{"subscribeResponse":{{"statusCode":0,"subscriptionParams":{{"expires":{expires},"service":{service},
                "notificationType":"WebSocket"}}}}}}"#
        );
        self.answer(role, &what, 200, &body);
    }
}
