//! The second engine of a client, which has its messages: what it needs of the first one, as `kandy-people-web` does it in a page.

use std::{
    future::pending,
    sync::{Arc, Mutex, PoisonError},
};

use kandy_core::{
    Answer, Client, Now, Query,
    effect::HttpRequest,
    input::{HttpFailure, HttpResponse},
    people::{Address, Place, Tell},
};
use kandy_people::{Effect, Failure, Input, People, Request, Response, To};
use kandy_wire::{Value, encode};
use tokio::sync::mpsc;

/// Milliseconds after which a request is given up, as in a page.
const TIMEOUT: u64 = 120_000;

/// What listens to the events, as an application does.
pub(crate) trait Application: Send {
    /// An event. The engine is there to be asked.
    fn told(&mut self, people: &People, event: &'static str, payload: &Value);
}

/// The engine, who listens to it, and the way to it.
pub(crate) struct Second {
    /// Those who ask it questions hold the lock for as long as the answer takes.
    people: Arc<Mutex<People>>,
    application: Box<dyn Application>,
    inputs: mpsc::Receiver<Input>,
    /// For the tasks.
    pub(crate) inbox: mpsc::Sender<Input>,
}

/// What an application has in its hands.
#[derive(Clone)]
pub(crate) struct Handle {
    people: Arc<Mutex<People>>,
    inbox: mpsc::Sender<Input>,
}

impl Second {
    /// An engine that knows nobody yet, and the way to it.
    pub(crate) fn new(seed: u64, application: Box<dyn Application>) -> (Self, Handle) {
        let people = Arc::new(Mutex::new(People::new(seed)));
        let (inbox, inputs) = mpsc::channel(crate::driver::INBOX);
        let handle = Handle { people: Arc::clone(&people), inbox: inbox.clone() };
        (Self { people, application, inputs, inbox }, handle)
    }

    /// Takes an input, tells the events that follow from it, and returns all effects.
    pub(crate) fn handle(&mut self, now: Now, input: Input) -> Vec<Effect> {
        let mut people = self.people.lock().unwrap_or_else(PoisonError::into_inner);
        let effects = people.handle(kandy_people::Now(now.0), input);
        for effect in &effects {
            if let Effect::Emit { event, payload } = effect {
                self.application.told(&people, event, payload);
            }
        }
        effects
    }
}

impl Handle {
    /// A wish of the application.
    pub(crate) async fn command(&self, command: kandy_people::Command) {
        // It ends only with the whole fleet.
        drop(self.inbox.send(Input::Command(None, command)).await);
    }

    /// Asks the engine.
    pub(crate) fn query(&self, query: &Value) -> Value {
        ask(&self.people.lock().unwrap_or_else(PoisonError::into_inner), query)
    }
}

/// Asks the engine. No answer here goes by the time.
pub(crate) fn ask(people: &People, query: &Value) -> Value {
    people.query(kandy_people::Now(0), query)
}

/// What reaches the engine next; never without one.
pub(crate) async fn next(second: &mut Option<Second>) -> Option<Input> {
    match second {
        Some(second) => second.inputs.recv().await,
        None => pending().await,
    }
}

/// What the first engine tells the second one.
pub(crate) fn told(tell: &Tell) -> Option<Input> {
    Input::from_json(&encode(tell)).ok()
}

/// The whole request, by the address that the first engine lends.
///
/// # Errors
/// When nobody is logged in, or a file is to be sent: these clients have none.
pub(crate) fn whole(client: &Client, now: Now, request: &Request) -> Result<HttpRequest, Failure> {
    if request.file.is_some() {
        return Err(failure("NotSupportedError", "There are no files here."));
    }
    let mut path = request.path.clone();
    if !request.query.is_empty() {
        path.push('?');
        path.push_str(&request.query_text());
    }
    match client.query(now, &Query::Address { place: place(request.to), path }) {
        Answer::Address(Address { url, headers }) => {
            let body = request.body.clone();
            Ok(HttpRequest { method: request.method, url, headers, body, timeout: TIMEOUT, keepalive: false })
        }
        _ => Err(failure(Failure::NOT_CONNECTED, "Not connected: call connect() first.")),
    }
}

/// The answer to it.
pub(crate) fn answer(result: Result<HttpResponse, HttpFailure>) -> Result<Response, Failure> {
    match result {
        Ok(HttpResponse { status, content_type, body, .. }) => Ok(Response { status, content_type, body }),
        Err(HttpFailure { name, message }) => Err(Failure { name, message }),
    }
}

fn place(to: To) -> Place {
    match to {
        To::User => Place::User,
        To::Configured => Place::Configured,
        To::Service => Place::Service,
        To::Server => Place::Server,
        To::Url => Place::Url,
    }
}

fn failure(name: &str, message: &str) -> Failure {
    Failure { name: name.to_owned(), message: message.to_owned() }
}
