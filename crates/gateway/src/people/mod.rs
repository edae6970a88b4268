//! What the gateway keeps of people: who may ask is decided by the switch, what there is by the store; the switch tells whom
//! it concerns.
//!
//! | module | subject |
//! | --- | --- |
//! | `messages`, `threads` | sending and reading |
//! | `outbox` | storing what is sent |
//! | `files`, `multipart` | files of messages, and the form in which they come |
//! | `presence` | presence, event subscriptions, and storing what the switch says |
//! | `contacts`, `directory` | address books; everybody |
//! | `calls`, `voicemail` | what happened to whom |

mod calls;
mod contacts;
mod directory;
mod files;
mod messages;
mod multipart;
pub(crate) mod outbox;
mod presence;
mod threads;
pub(crate) mod voicemail;

use std::sync::{Arc, RwLock};

use axum::{
    body::Body,
    http::{header, request::Parts},
    response::Response as HttpResponse,
};
use kandy_switch::{Device, Directory, Fault, Identified, Now, PeopleRoute, Request, Response, Switch, UserKey, code};

use outbox::Outbox;
use serde_json::Value;
use tokio::sync::watch;
use tracing::Instrument;

use crate::{
    Secret, client::Proxies, http, hub::Hub, operation::health::Readiness, serve::Scheme, sign_in::SignIn, store,
    store::Store,
};

/// Arrivals of messages that may wait to be noted, and that are noted at a time.
const WAITING: usize = 4096;

/// What all handlers need.
#[derive(Clone)]
pub(crate) struct People {
    pub(crate) hub: Hub,
    pub(crate) store: Arc<Store>,
    /// Largest file of a message, in bytes.
    pub(crate) max_file: u64,
    /// Written for a moment, when somebody comes, changes or goes.
    pub(crate) directory: Arc<RwLock<Directory>>,
    /// How many facts of the switch are dealt with.
    pub(crate) stored: watch::Receiver<u64>,
    pub(crate) operator_key: Option<Secret>,
    pub(crate) sign_in: Arc<SignIn>,
    pub(crate) proxies: Arc<Proxies>,
    pub(crate) readiness: Arc<Readiness>,
    pub(crate) outbox: Arc<Outbox>,
}

/// A request whose sender is known.
pub(crate) struct Ask {
    pub(crate) user: UserKey,
    /// The client instance, as far as that can be told.
    pub(crate) device: Option<Device>,
    /// The language that the browser asks for.
    pub(crate) language: String,
    /// Raw query; [`kandy_switch::parameter`] reads it.
    pub(crate) query: String,
    /// Empty when there is none.
    pub(crate) body: String,
    /// The address of the UC service, as the client addressed it: scheme, host and version.
    pub(crate) base: String,
}

const ENDING: Fault = Fault::new(403, code::NOT_ENABLED, "The gateway is ending.");
const FAILED: Fault = Fault::new(500, code::INTERNAL, "The gateway failed.");

impl People {
    /// Notes which messages arrived, until the gateway ends.
    pub(crate) async fn note_arrivals(self) {
        let mut arrivals = self.hub.arrivals(WAITING);
        let mut some = Vec::new();
        while arrivals.recv_many(&mut some, WAITING).await > 0 {
            let mut writer = self.store.write().await;
            if let Err(error) = store::messages::arrived(&mut writer, &some).await {
                self.hub.traffic().arrivals_lost.inc_by(some.len() as u64);
                tracing::error!(%error, "what arrived is not noted, and told once more");
            }
            some.clear();
        }
    }

    /// Ends in order, once nobody asks any longer.
    pub(crate) async fn close(self) {
        self.store.end().await;
    }

    /// Serves a request on a resource of people.
    pub(crate) async fn serve(&self, parts: &Parts, mut body: Body, peer: &str) -> HttpResponse {
        let headers = http::headers_of(parts);
        let query = parts.uri.query().unwrap_or_default();
        let (method, path) = (parts.method.as_str(), parts.uri.path());
        let request = Request { method, path, query, headers: &headers, peer, body: "" };
        let ending = || Err(Response::refusal(method, path, ENDING.status, ENDING.reason));
        let identified = self.hub.with(|switch, now| switch.identify(now, &request)).unwrap_or_else(ending);
        let Identified { user, device, route, family } = match identified {
            Ok(identified) => identified,
            Err(refusal) => {
                // Whoever is still sending would not read it.
                http::ignore(&mut body).await;
                return http::answer(refusal);
            }
        };
        let refused = |fault: Fault| http::answer(fault.response(family));
        // These two have bodies that are no texts.
        match &route {
            PeopleRoute::Upload => {
                return http::answer(files::upload(self, user, body).await.unwrap_or_else(|f| f.response(family)));
            }
            PeopleRoute::File(handle) => {
                return files::download(self, &user, handle, &parts.headers).await.unwrap_or_else(refused);
            }
            _ => {}
        }
        let body = match http::read(body).await {
            Ok(body) => body,
            Err((status, reason)) => return http::answer(Response::refusal(method, path, status, reason)),
        };
        let language = parts.headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let language = directory::language(language);
        let base = base(Scheme::noted(parts), &headers, path);
        let ask = Ask { user, device, language, query: query.to_owned(), body, base };
        // A client that hangs up must not end this between the commit and telling of it.
        let answered = tokio::spawn(self.clone().answer(ask, route).in_current_span()).await;
        let answered = answered.unwrap_or(Err(FAILED));
        http::answer(answered.unwrap_or_else(|fault| fault.response(family)))
    }

    async fn answer(self, ask: Ask, route: PeopleRoute) -> Result<Response, Fault> {
        match &route {
            PeopleRoute::SendMessage => messages::send_link(&self, &ask).await,
            PeopleRoute::Send => messages::send_uc(&self, &ask).await,
            PeopleRoute::Threads => threads::list(&self, &ask).await,
            PeopleRoute::Thread => threads::one(&self, &ask).await,
            PeopleRoute::Messages(thread) => threads::messages(&self, &ask, thread).await,
            PeopleRoute::Delete(thread, message) => {
                threads::delete(&self, &ask, thread.as_deref(), message.as_deref()).await
            }
            PeopleRoute::MarkRead(thread) => threads::mark_read(&self, &ask, thread).await,
            // Served before their bodies are read.
            PeopleRoute::Upload | PeopleRoute::File(_) => Err(FAILED),
            PeopleRoute::Presence => presence::publish(&self, &ask).await,
            PeopleRoute::PresenceWatcher => presence::watch(&self, &ask),
            PeopleRoute::SubscribeEvent => presence::subscribe(&self, &ask),
            PeopleRoute::UpdateEvent(id) => presence::update(&self, &ask, id),
            PeopleRoute::UnsubscribeEvent(id) => presence::unsubscribe(&self, &ask, id),
            PeopleRoute::Contacts => contacts::list(&self, &ask).await,
            PeopleRoute::AddContact => contacts::add(&self, &ask).await,
            PeopleRoute::Contact(id) => contacts::one(&self, &ask, id).await,
            PeopleRoute::ChangeContact(id) => contacts::change(&self, &ask, id).await,
            PeopleRoute::RemoveContact(id) => contacts::remove(&self, &ask, id).await,
            PeopleRoute::Directory => directory::search(&self, &ask),
            PeopleRoute::Profile => Ok(directory::profile(&self, &ask)),
            PeopleRoute::Localization => Ok(directory::localization(&ask)),
            PeopleRoute::Voicemail => voicemail::read(&self, &ask).await,
            PeopleRoute::CallLog => calls::list(&self, &ask).await,
            PeopleRoute::ClearCallLog => calls::clear(&self, &ask).await,
            PeopleRoute::RemoveCallRecord(id) => calls::remove(&self, &ask, id).await,
        }
    }

    /// Calls the switch.
    ///
    /// # Errors
    /// When the gateway is ending.
    pub(crate) fn switch<T>(&self, act: impl FnOnce(&mut Switch, Now) -> T) -> Result<T, Fault> {
        self.hub.with(act).ok_or(ENDING)
    }

    /// Milliseconds since the epoch, as the store has them.
    pub(crate) fn now(&self) -> Result<i64, Fault> {
        i64::try_from(self.hub.now().0).map_err(|_| FAILED)
    }
}

/// The address of the UC service. The gateway knows it only as its clients write it, and tells it to them alone.
fn base(scheme: Scheme, headers: &[(&str, &str)], path: &str) -> String {
    let header = |name: &str| headers.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
    let plain = |host: &&str| host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_:[]".contains(&b));
    let host = header("host").filter(plain).unwrap_or("localhost");
    let version = path.split('/').nth(1).unwrap_or_default();
    format!("{}://{host}/{version}", scheme.name())
}

/// A JSON object of those members that there are.
fn object<const N: usize>(members: [(&str, Option<Value>); N]) -> Value {
    members.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}
