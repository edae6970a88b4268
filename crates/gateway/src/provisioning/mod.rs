//! The provisioning API: orders, inventory and subscribers of an account (KPN's API for Kandy, kept in its paths, rules, codes
//! and headers).
//!
//! A request is checked in this order: token (401), quota (429), right to the product (403), path (404), method (405), body
//! (400), state (412).
//!
//! | module | subject |
//! | --- | --- |
//! | `words` | every field name |
//! | `token` | the token endpoint, and who calls |
//! | `call` | one request: its headers, and those of its answer |
//! | `refusal` | what is said when it is refused |
//! | `orders`, `inventory`, `subscribers` | what can be done |
//! | `ending` | deleting a subscriber, step by step, also when their time is over |
//! | `repeat` | requests that may come again |
//! | `quota`, `calendar` | how often; and when |

pub(crate) mod calendar;
pub(crate) mod call;
mod ending;
mod inventory;
pub(crate) mod orders;
pub(crate) mod quota;
pub(crate) mod refusal;
mod repeat;
pub(crate) mod subscribers;
pub(crate) mod token;
pub(crate) mod words;

use std::sync::{Arc, Mutex, PoisonError, RwLockWriteGuard};

use axum::{
    body::Body,
    extract::{FromRequestParts, Request, State},
    response::{IntoResponse, Response},
};
use kandy_switch::{Directory, Now, Switch};
use tokio::sync::Notify;
use tracing::Instrument;

use crate::{
    client::Client as Requester,
    http,
    operation::requests::Operation,
    origins::Origins,
    people::People,
    store::{
        Db, StoreError, audit,
        provisioning::accounts::{Account, Client},
    },
};
use calendar::Millis;
use call::{Answer, Call};
use quota::{Counters, Window};
use refusal::{Name, Refusal};

/// Where the API is (provisioning §1).
pub(crate) const BASE: &str = "/communication/kandy/provisioning";

/// What all handlers need.
#[derive(Clone)]
pub(crate) struct Provisioning {
    pub(crate) people: People,
    counters: Arc<Mutex<Counters>>,
    token_counters: Arc<Mutex<Counters>>,
    /// A subscriber whose time is limited was made.
    expiry: Arc<Notify>,
    /// Origins whose pages may read answers, for explorers of the API.
    origins: Arc<Origins>,
}

/// Who calls, once that is known.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) client: Client,
    pub(crate) account: Account,
}

/// What is at a path below [`BASE`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Resource {
    Orders,
    Order(String),
    Inventory,
    Subscribers,
    Subscriber(String),
    Password(String),
    Usage,
}

impl Resource {
    fn at(path: &str) -> Option<Self> {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        Some(match parts.as_slice() {
            ["order"] => Self::Orders,
            ["order", number] => Self::Order((*number).to_owned()),
            ["inventory"] => Self::Inventory,
            ["subscriber"] => Self::Subscribers,
            ["subscriber", id] => Self::Subscriber((*id).to_owned()),
            ["subscriber", id, "password"] => Self::Password((*id).to_owned()),
            ["usage"] => Self::Usage,
            _ => return None,
        })
    }

    /// The methods that it takes.
    pub(crate) fn methods(&self) -> &'static str {
        match self {
            Self::Orders => "GET, POST",
            Self::Order(_) | Self::Inventory | Self::Usage => "GET",
            Self::Subscribers => "GET, POST, DELETE",
            Self::Subscriber(_) => "GET, DELETE",
            Self::Password(_) => "PUT",
        }
    }
}

impl Provisioning {
    /// On the same store and switch as everything else.
    pub(crate) fn new(people: People, origins: Arc<Origins>) -> Self {
        Self { people, counters: Arc::default(), token_counters: Arc::default(), expiry: Arc::default(), origins }
    }

    /// Milliseconds since the epoch.
    pub(crate) fn now(&self) -> Millis {
        Millis::try_from(self.people.hub.now().0).unwrap_or(Millis::MAX)
    }

    /// The slow hash of a secret.
    pub(crate) async fn hash(&self, secret: String) -> Result<String, Refusal> {
        let hash = self.people.sign_in.hash(secret).await;
        let busy = || Refusal::new(Name::ServiceUnavailable, "Too many passwords are being worked on; try again.");
        hash.map(|hash| hash.text().to_owned()).ok_or_else(busy)
    }

    /// Calls the switch.
    fn switch<T>(&self, act: impl FnOnce(&mut Switch, Now) -> T) -> Result<T, Refusal> {
        self.people.hub.with(act).ok_or_else(Refusal::ending)
    }

    /// Everybody, to be changed.
    fn directory(&self) -> RwLockWriteGuard<'_, Directory> {
        self.people.directory.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self, caller: &Caller) -> Result<Window, Window> {
        let mut counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        counters.count(&caller.client.id, caller.account.quota, self.now())
    }

    async fn answer(&self, call: &mut Call, body: &mut Body) -> Result<Answer, Refusal> {
        call.version()?;
        let caller = token::caller(self, call).await?;
        match self.count(&caller) {
            Ok(window) => call.window = window,
            Err(window) => {
                call.window = window;
                return Err(Refusal::new(Name::QuotaExceeded, "The calls of this window are used up."));
            }
        }
        if caller.account.blocked || !caller.client.entitled {
            return Err(Refusal::new(Name::Forbidden, "This project has no right to this product."));
        }
        let unknown = || Refusal::new(Name::NotFound, "There is nothing at this address.");
        let resource = Resource::at(&call.path).ok_or_else(unknown)?;
        let methods = resource.methods();
        if !methods.split(", ").any(|method| method == call.method) {
            return Err(Refusal::new(Name::MethodNotAllowed(methods), format!("This address takes {methods}.")));
        }
        let body = http::read(std::mem::take(body)).await;
        let body = body.map_err(|(_, reason)| Refusal::new(Name::BadRequest, reason))?;
        // Whoever hangs up must not end this between the commit and telling of it.
        let (shared, call, method) = (self.clone(), call.clone(), call.method.clone());
        let work = async move {
            match (resource, method.as_str()) {
                (Resource::Orders, "POST") => orders::place(&shared, &caller, &call, &body).await,
                (Resource::Orders, _) => orders::list(&shared, &caller, &call).await,
                (Resource::Order(number), _) => orders::one(&shared, &caller, &number).await,
                (Resource::Inventory, _) => inventory::read(&shared, &caller).await,
                (Resource::Usage, _) => inventory::usage(&shared, &caller, &call).await,
                (Resource::Subscribers, "POST") => subscribers::create(&shared, &caller, &call, &body).await,
                (Resource::Subscribers, "DELETE") => subscribers::delete_named(&shared, &caller, &call).await,
                (Resource::Subscribers, _) => subscribers::list(&shared, &caller, &call).await,
                (Resource::Subscriber(id), "DELETE") => subscribers::delete(&shared, &caller, &call, &id).await,
                (Resource::Subscriber(id), _) => subscribers::one(&shared, &caller, &call, &id).await,
                (Resource::Password(id), _) => subscribers::set_password(&shared, &caller, &call, &id, &body).await,
            }
        };
        tokio::spawn(work.in_current_span()).await.unwrap_or_else(|_| Err(Refusal::failed()))
    }
}

/// Serves everything at and below [`BASE`].
pub(crate) async fn serve(State(shared): State<Provisioning>, request: Request) -> Response {
    let (mut parts, mut body) = request.into_parts();
    let client = match Requester::from_request_parts(&mut parts, &shared.people).await {
        Ok(client) => client,
        Err(status) => return status.into_response(),
    };
    let mut call = Call::new(&parts, client, shared.now());
    if let Some(answer) = call.without_token(&shared.origins) {
        return answer;
    }
    let answered = shared.answer(&mut call, &mut body).await;
    if answered.is_err() {
        // Whoever is still sending would not read it.
        http::ignore(&mut body).await;
    }
    let mut response = call.finish(answered, shared.now(), &shared.origins);
    response.extensions_mut().insert(Operation(operation(&call.method, &call.path)));
    response
}

/// What a call wants, in a word.
fn operation(method: &str, path: &str) -> &'static str {
    match (Resource::at(path), method) {
        (Some(Resource::Orders), "POST") => "order-create",
        (Some(Resource::Orders), "GET") => "order-list",
        (Some(Resource::Order(_)), "GET") => "order-read",
        (Some(Resource::Inventory), "GET") => "inventory-read",
        (Some(Resource::Usage), "GET") => "usage-read",
        (Some(Resource::Subscribers), "POST") => "subscriber-create",
        (Some(Resource::Subscribers), "GET") => "subscriber-list",
        (Some(Resource::Subscribers | Resource::Subscriber(_)), "DELETE") => "subscriber-delete",
        (Some(Resource::Subscriber(_)), "GET") => "subscriber-read",
        (Some(Resource::Password(_)), "PUT") => "password-change",
        _ => "none",
    }
}

/// Writes a line of the audit log in the transaction of what it is about.
async fn note(
    db: &mut Db,
    caller: &Caller,
    call: &Call,
    (action, subject): (&'static str, &str),
    at: Millis,
) -> Result<(), StoreError> {
    let entry = audit::Entry {
        at,
        account: caller.account.id.clone(),
        actor: caller.client.id.clone(),
        action,
        subject: subject.to_owned(),
        outcome: "done".into(),
        peer: call.peer.clone(),
        request_id: call.id.clone(),
    };
    audit::note(db, &[entry]).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_to_resources() {
        let rows = [
            ("/order", Some(Resource::Orders)),
            ("/order/ORD-1", Some(Resource::Order("ORD-1".into()))),
            ("/inventory", Some(Resource::Inventory)),
            ("/subscriber/", Some(Resource::Subscribers)),
            ("/subscriber/x", Some(Resource::Subscriber("x".into()))),
            ("/subscriber/x/password", Some(Resource::Password("x".into()))),
            ("/usage", Some(Resource::Usage)),
            ("/", None),
            ("/orders", None),
            ("/order/1/2", None),
        ];
        for (path, wanted) in rows {
            assert_eq!(Resource::at(path), wanted, "{path}");
        }
    }
}
