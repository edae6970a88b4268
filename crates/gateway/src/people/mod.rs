//! What the gateway keeps of people: who may ask is decided by the switch, what there is by the store; the switch tells whom
//! it concerns.
//!
//! | module | subject |
//! | --- | --- |

use std::sync::Arc;

use axum::{body::Body, http::request::Parts, response::Response as HttpResponse};
use kandy_switch::{Fault, Identified, Now, PeopleRoute, Request, Response, Switch, UserKey, code};

use crate::{http, hub::Hub, store::Store};

/// What all handlers need.
#[derive(Clone)]
pub(crate) struct People {
    pub(crate) hub: Hub,
    pub(crate) store: Arc<Store>,
}

/// A request whose sender is known.
#[allow(dead_code, reason = "the handlers that read it come next")]
pub(crate) struct Ask {
    pub(crate) user: UserKey,
    /// Raw query; [`kandy_switch::parameter`] reads it.
    pub(crate) query: String,
    /// Empty when there is none.
    pub(crate) body: String,
}

const ENDING: Fault = Fault::new(403, code::NOT_ENABLED, "The gateway is ending.");
const NOT_YET: Fault = Fault::new(403, code::NOT_ENABLED, "This gateway does not offer that service.");

impl People {
    pub(crate) fn new(hub: Hub, store: Store) -> Self {
        Self { hub, store: Arc::new(store) }
    }

    /// Ends in order, once nobody asks any longer.
    pub(crate) async fn close(self) {
        // Whoever still uses it was cut off; the database takes no harm from not being closed.
        if let Ok(store) = Arc::try_unwrap(self.store) {
            store.close().await;
        }
    }

    /// Serves a request on a resource of people.
    pub(crate) async fn serve(&self, parts: &Parts, body: Body, peer: &str) -> HttpResponse {
        let headers = http::headers_of(parts);
        let query = parts.uri.query().unwrap_or_default();
        let (method, path) = (parts.method.as_str(), parts.uri.path());
        let request = Request { method, path, query, headers: &headers, peer, body: "" };
        let identified = match self.hub.with(|switch, now| switch.identify(now, &request)) {
            Some(Ok(identified)) => identified,
            Some(Err(refusal)) => return http::answer(refusal),
            None => return http::answer(Response::refusal(method, path, ENDING.status, ENDING.reason)),
        };
        let Identified { user, route, family } = identified;
        let body = match http::read(body).await {
            Ok(body) => body,
            Err((status, reason)) => return http::answer(Response::refusal(method, path, status, reason)),
        };
        let ask = Ask { user, query: query.to_owned(), body };
        // A client that hangs up must not end this between the commit and telling of it.
        let answered = tokio::spawn(self.clone().answer(ask, route)).await;
        let answered = answered.unwrap_or(Err(Fault::new(500, code::INTERNAL, "The gateway failed.")));
        http::answer(answered.unwrap_or_else(|fault| fault.response(family)))
    }

    async fn answer(self, _ask: Ask, route: PeopleRoute) -> Result<Response, Fault> {
        match route {
            PeopleRoute::SendMessage
            | PeopleRoute::Send
            | PeopleRoute::Threads
            | PeopleRoute::Thread
            | PeopleRoute::Messages(_)
            | PeopleRoute::Delete(..)
            | PeopleRoute::MarkRead(_)
            | PeopleRoute::Upload
            | PeopleRoute::File(_)
            | PeopleRoute::Presence
            | PeopleRoute::PresenceWatcher
            | PeopleRoute::Contacts
            | PeopleRoute::AddContact
            | PeopleRoute::Contact(_)
            | PeopleRoute::ChangeContact(_)
            | PeopleRoute::RemoveContact(_)
            | PeopleRoute::Directory
            | PeopleRoute::Profile
            | PeopleRoute::Localization
            | PeopleRoute::Voicemail
            | PeopleRoute::CallLog
            | PeopleRoute::ClearCallLog
            | PeopleRoute::RemoveCallRecord(_)
            | PeopleRoute::SubscribeEvent
            | PeopleRoute::UpdateEvent(_)
            | PeopleRoute::UnsubscribeEvent(_) => Err(NOT_YET),
        }
    }

    #[allow(dead_code, reason = "the handlers that call it come next")]
    /// Calls the switch.
    ///
    /// # Errors
    /// When the gateway is ending.
    pub(crate) fn switch<T>(&self, act: impl FnOnce(&mut Switch, Now) -> T) -> Result<T, Fault> {
        self.hub.with(act).ok_or(ENDING)
    }
}
