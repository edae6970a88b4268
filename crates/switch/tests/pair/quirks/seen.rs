//! What can be seen of a page from outside: its requests and what they prove, what it says on its sockets, what it answers its
//! application.

use kandy_core::{Event, Now, Query, effect::HttpRequest};
use kandy_wire::Value;

use super::Player;
use crate::traces;

impl Player {
    /// What `getConnection()` and its like return.
    pub(super) fn query(&self, role: &str, name: &str) -> Value {
        self.query_with(role, &format!(r#"{{"type":"{name}"}}"#))
    }

    /// The same with arguments, as the face hands them over.
    pub(super) fn query_with(&self, role: &str, json: &str) -> Value {
        let query = Query::from_json(json).unwrap();
        serde_json::to_value(self.pages[self.page(role)].client.query(Now(self.now), &query)).unwrap()
    }

    /// `isConnected` and `isPending`.
    pub(super) fn state(&self, role: &str) -> (bool, bool) {
        self.pages[self.page(role)].is_connected()
    }

    /// Each request of a page in its order, with whatever shows whose it is.
    pub(super) fn proofs(&self, role: &str) -> Vec<String> {
        let page = self.page(role);
        self.sent.iter().filter(|(owner, _)| *owner == page).map(|(_, request)| proof(request)).collect()
    }

    /// The last request of a page.
    pub(super) fn last_sent(&self, role: &str) -> &HttpRequest {
        let page = self.page(role);
        self.sent.iter().rfind(|(owner, _)| *owner == page).map(|(_, request)| request).expect("a request")
    }

    /// Queries of the sockets that a page opened.
    pub(super) fn socket_queries(&self, role: &str) -> Vec<&str> {
        let page = self.page(role);
        let of = self.addresses.iter().filter(|(owner, _)| *owner == page);
        of.map(|(_, address)| address.split_once('?').map_or("", |(_, query)| query)).collect()
    }

    /// What a page said on its sockets.
    pub(super) fn said(&self, role: &str) -> Vec<&str> {
        let page = self.page(role);
        self.frames.iter().filter(|(owner, _)| *owner == page).map(|(_, frame)| frame.as_str()).collect()
    }

    /// The notifications that a page received.
    pub(super) fn received(&self, role: &str) -> Vec<&Value> {
        let events = self.pages[self.page(role)].events.iter();
        let payload = events.filter_map(|event| match event {
            Event::NotificationReceived { payload, .. } => Some(payload),
            _ => None,
        });
        payload.collect()
    }

    /// What a page heard by one kind of event, in the form in which events are compared.
    pub(super) fn heard_of(&self, role: &str, kind: &str) -> Vec<String> {
        let heard = traces::heard(&self.pages[self.page(role)]);
        heard.iter().filter_map(|(_, words)| Some(words.strip_prefix(kind)?.trim_start().to_owned())).collect()
    }
}

/// Method, last part of the path without ids, query, and the headers that prove something.
fn proof(request: &HttpRequest) -> String {
    let (address, query) = request.url.split_once('?').unwrap_or((&request.url, ""));
    let known = ["mk_token", "refresh_token", "revoke_token", "subscription", "devices"];
    let part = address.split('/').rfind(|part| known.contains(part)).unwrap_or(address);
    let headers = request.headers.iter().filter(|(name, _)| ["authorization", "x-token", "x-session"].contains(name));
    let headers: String = headers.map(|(name, value)| format!(" {name}: {value}")).collect();
    let query = if query.is_empty() { String::new() } else { format!(" ?{query}") };
    format!("{} {part}{query}{headers}", request.method)
}
