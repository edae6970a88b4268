//! What to do: everything that [`crate::People::handle`] returns, to be carried out in its order.

use kandy_wire::{Map, Value};

use crate::{AskId, Error, FileId, plain};

/// One thing to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Make an HTTP request; answered exactly once by `Input::Answer` with the same number.
    Ask(AskId, Request),
    /// Tell the application.
    Emit {
        /// As in `on(type, …)`; `people:message`, `people:sent` and `settle` are for the face alone.
        event: &'static str,
        /// The listener's argument.
        payload: Value,
    },
    /// Report `Input::Timer` with this id after so many milliseconds, in place of what was asked for this id before; `None`
    /// means never.
    Timer(TimerId, Option<u64>),
    /// Write a line to the application's log.
    Log(Level, String),
}

/// An HTTP request without host and credentials: the hands know both.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `POST`, `PUT`, `DELETE`
    pub method: &'static str,
    /// What the path is relative to.
    pub to: To,
    /// Percent-encoded, without a slash at its beginning; of [`To::Url`] the whole URL.
    pub path: String,
    /// Not encoded yet, sorted by name. A list repeats its name.
    pub query: Vec<(String, String)>,
    /// JSON text.
    pub body: Option<String>,
    /// In place of a body: a form with this in its field `raw`.
    pub file: Option<Upload>,
}

/// What a path is relative to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum To {
    /// `{base}/rest/version/{v}/user/{username}/{path}`, `v` is `1` on UC and as configured on Link.
    User,
    /// The same with the version as configured.
    Configured,
    /// `{base}/{service version}/{path}`
    Service,
    /// `{base}/rest/version/{v}/{path}`
    Server,
    /// The path is an absolute URL that the server gave. It gets credentials only on the server's own origin.
    Url,
}

/// The field `raw` of a form.
#[derive(Clone, PartialEq, Eq)]
pub enum Upload {
    /// A file that the face keeps.
    File(FileId),
    /// A file to be made of a text.
    Text {
        /// Name of the file.
        name: &'static str,
        /// Its media type.
        mime: &'static str,
        /// What is in it.
        text: String,
    },
}

/// Every reason for which we ever wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimerId {
    /// The next attempt to send a message.
    Outbox,
    /// The next extension of a SIP event subscription.
    SipEvents,
}

impl TimerId {
    /// Every timer there is.
    pub const ALL: [Self; 2] = [Self::Outbox, Self::SipEvents];

    /// As it stands in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Outbox => "outbox",
            Self::SipEvents => "sipEvents",
        }
    }
}

/// Weight of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Steps.
    Debug,
    /// Milestones.
    Info,
    /// Something odd that was dealt with.
    Warn,
    /// Something failed.
    Error,
}

impl Level {
    /// As it stands in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

/// Bodies and queries carry what people write to each other: only method and path are shown.
impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {:?} {}", self.method, self.to, self.path.split('?').next().unwrap_or_default())
    }
}

impl std::fmt::Debug for Upload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(id) => write!(f, "File({})", id.0),
            Self::Text { name, .. } => write!(f, "Text({name})"),
        }
    }
}

impl Request {
    /// A request with nothing in it yet.
    pub(crate) fn new(method: &'static str, to: To, path: impl Into<String>) -> Self {
        Self { method, to, path: path.into(), query: Vec::new(), body: None, file: None }
    }

    /// Adds a pair to the query; the names of the pairs have to come in their order.
    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.query.push((name.to_owned(), value.into()));
        self
    }

    /// Adds a pair if there is a value.
    pub(crate) fn with_some(self, name: &str, value: Option<String>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// Gives it a JSON body: the members in their wrapper.
    pub(crate) fn wrapped(mut self, wrapper: &str, members: Map<String, Value>) -> Self {
        self.body = Some(kandy_wire::encode(&plain::wrap(wrapper, Value::Object(members))));
        self
    }

    /// `query` as the protocol writes it (§0.4): keys sorted, strict RFC 3986; empty without any pair.
    pub fn query_text(&self) -> String {
        let encode = |text: &str| plain::segment(text).replace('@', "%40");
        let mut pairs: Vec<String> = Vec::with_capacity(self.query.len());
        for (name, value) in &self.query {
            pairs.push([&encode(name), "=", &encode(value)].concat());
        }
        pairs.join("&")
    }
}

impl Effect {
    /// As plain data, for hands that speak JSON:
    /// `{type:"ask",ask,method,to,path,query:[[name,value]],body?,file?,upload?:{name,mime,text}}`, `{type:"emit",event,payload}`,
    /// `{type:"timer",timer,ms|null}`, `{type:"log",level,line}`.
    pub fn to_value(&self) -> Value {
        let mut members = Map::new();
        match self {
            Self::Ask(id, request) => {
                plain::put(&mut members, "type", "ask");
                plain::put(&mut members, "ask", id.0);
                request.write(&mut members);
            }
            Self::Emit { event, payload } => {
                plain::put(&mut members, "type", "emit");
                plain::put(&mut members, "event", *event);
                plain::put(&mut members, "payload", payload.clone());
            }
            Self::Timer(timer, milliseconds) => {
                plain::put(&mut members, "type", "timer");
                plain::put(&mut members, "timer", timer.name());
                plain::put(&mut members, "ms", milliseconds.map_or(Value::Null, Value::from));
            }
            Self::Log(level, line) => {
                plain::put(&mut members, "type", "log");
                plain::put(&mut members, "level", level.name());
                plain::put(&mut members, "line", line.as_str());
            }
        }
        Value::Object(members)
    }
}

impl Request {
    fn write(&self, members: &mut Map<String, Value>) {
        plain::put(members, "method", self.method);
        plain::put(members, "to", self.to.name());
        plain::put(members, "path", self.path.as_str());
        let pairs = self
            .query
            .iter()
            .map(|(name, value)| Value::Array(vec![Value::from(name.as_str()), Value::from(value.as_str())]));
        plain::put(members, "query", Value::Array(pairs.collect()));
        plain::put_some(members, "body", self.body.as_deref());
        match &self.file {
            Some(Upload::File(id)) => plain::put(members, "file", id.0),
            Some(Upload::Text { name, mime, text }) => {
                let mut upload = Map::new();
                plain::put(&mut upload, "name", *name);
                plain::put(&mut upload, "mime", *mime);
                plain::put(&mut upload, "text", text.as_str());
                plain::put(members, "upload", Value::Object(upload));
            }
            None => {}
        }
    }
}

impl To {
    /// As it stands in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Configured => "configured",
            Self::Service => "service",
            Self::Server => "server",
            Self::Url => "url",
        }
    }
}

/// The effects of one input, in the order in which they are carried out. Machines append to it.
#[derive(Debug, Default)]
pub(crate) struct Effects {
    all: Vec<Effect>,
    /// The first failure that was told since it was last taken.
    failure: Option<Value>,
}

impl Effects {
    pub(crate) fn push(&mut self, effect: Effect) {
        self.all.push(effect);
    }

    /// Tells the application.
    pub(crate) fn emit(&mut self, event: &'static str, payload: Value) {
        if self.failure.is_none() && event.ends_with(":error") {
            self.failure = payload.get("error").cloned();
        }
        self.push(Effect::Emit { event, payload });
    }

    /// What has failed since this was last asked.
    pub(crate) fn take_failure(&mut self) -> Option<Value> {
        self.failure.take()
    }

    /// Tells the application with an empty object.
    pub(crate) fn tell(&mut self, event: &'static str) {
        self.emit(event, plain::empty());
    }

    /// Tells the application that something failed: `{error}`.
    pub(crate) fn fail(&mut self, event: &'static str, error: &Error) {
        self.emit(event, plain::wrap("error", error.to_value()));
    }

    /// Writes a log line. What people write to each other does not belong in it.
    pub(crate) fn log(&mut self, level: Level, line: impl Into<String>) {
        self.push(Effect::Log(level, line.into()));
    }

    /// What there is to do.
    pub(crate) fn into_vec(self) -> Vec<Effect> {
        self.all
    }
}
