//! What happened: everything that reaches [`crate::People::handle`].

use kandy_wire::Value;

use crate::{AskId, Command, OpId, effect::TimerId, plain};

/// One thing that happened.
#[derive(Debug, Clone)]
pub enum Input {
    /// The application wants something.
    ///
    /// With a number it waits for the end: the event `settle`, once, with this number.
    Command(Option<OpId>, Command),
    /// The login or the connection is another one now; `None`: nobody is logged in.
    Session(Option<Session>),
    /// A notification that passed the duplicate filter and is no call's: the whole frame, `{notificationMessage: {…}}`.
    Notice(Value),
    /// A request was answered, or could not be made.
    Answer(AskId, Result<Response, Failure>),
    /// A call of which a record is to be kept has ended (api-behaviour 10).
    CallEnded(Value),
    /// Time is up.
    Timer(TimerId),
}

/// Who is logged in, where, and whether notifications arrive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Grows with every login.
    pub login: u64,
    /// Which protocol of messages.
    pub flavour: Flavour,
    /// `user@domain`
    pub username: String,
    /// Services that the server granted, as it spells them.
    pub services: Vec<String>,
    /// Seconds that the subscription was granted for.
    pub expires: Option<u64>,
    /// Whether notifications arrive.
    pub connected: bool,
    /// Whether the server knows the ids that the client gives its messages, so that a repeated one is stored once.
    pub once: bool,
}

/// Link or UC: they send messages to different services (protocol §7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavour {
    /// Texts to one recipient.
    Link,
    /// Threads, files, histories.
    Uc,
}

/// An answer to an HTTP request.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    /// Status code.
    pub status: u16,
    /// `content-type`, if there was one.
    pub content_type: Option<String>,
    /// The body as text.
    pub body: String,
}

/// Bodies carry what people write to each other.
impl std::fmt::Debug for Response {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Response({}, {} bytes)", self.status, self.body.len())
    }
}

/// No answer: the network, CORS, the time-out, or nobody is logged in (`NotConnected`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Name of the browser's error, or `NotConnected`: then nothing was sent.
    pub name: String,
    /// A sentence.
    pub message: String,
}

impl Failure {
    /// The name of a failure before anything was sent.
    pub const NOT_CONNECTED: &str = "NotConnected";
}

impl Input {
    /// Reads an input from JSON text; what it may look like stands at each variant's reader below and at `Command::read`.
    ///
    /// # Errors
    /// A sentence that says what is missing and repeats no value.
    pub fn from_json(json: &str) -> Result<Self, String> {
        let mut value = kandy_wire::parse(json).map_err(|e| e.to_string())?;
        let Some(kind) = plain::text(&value, "type") else { return Err("no text in its member type".to_owned()) };
        Ok(match kind.as_str() {
            "people:session" => Self::Session(Session::read(&value)?),
            "people:notice" => Self::Notice(plain::take(&mut value, "payload")),
            "people:answer" => {
                let Some(id) = plain::whole(&value, "ask") else {
                    return Err("no number in its member ask".to_owned());
                };
                Self::Answer(AskId(id), answer(&value))
            }
            "people:call" => Self::CallEnded(plain::take(&mut value, "record")),
            "people:timer" => {
                let name = plain::text(&value, "timer").unwrap_or_default();
                let timer = TimerId::ALL.into_iter().find(|timer| timer.name() == name);
                Self::Timer(timer.ok_or_else(|| "no known timer".to_owned())?)
            }
            _ => Self::Command(plain::whole(&value, "op").map(OpId), Command::read(&kind, &value)?),
        })
    }
}

impl Session {
    /// Reads the member `session`: an object, or null or nothing when nobody is logged in.
    fn read(input: &Value) -> Result<Option<Self>, String> {
        let value = plain::any(input, "session");
        if value.is_null() {
            return Ok(None);
        }
        let flavour = match plain::text(&value, "flavour").as_deref() {
            Some("link") => Flavour::Link,
            Some("uc") => Flavour::Uc,
            _ => return Err("a session is of link or of uc".to_owned()),
        };
        Ok(Some(Self {
            login: plain::whole(&value, "login").ok_or_else(|| "a session has the number of its login".to_owned())?,
            flavour,
            username: plain::text(&value, "username").unwrap_or_default(),
            services: plain::texts(&value, "services"),
            expires: plain::whole(&value, "expires"),
            connected: plain::flag(&value, "connected") == Some(true),
            once: plain::flag(&value, "once") == Some(true),
        }))
    }
}

/// `{status, contentType?, body?}` or `{failure: {name, message}}`
fn answer(value: &Value) -> Result<Response, Failure> {
    let status = plain::whole(value, "status").and_then(|status| u16::try_from(status).ok());
    match (status, value.get("failure")) {
        (Some(status), None) => Ok(Response {
            status,
            content_type: plain::text(value, "contentType"),
            body: plain::text(value, "body").unwrap_or_default(),
        }),
        (_, failure) => {
            let failure = failure.unwrap_or(&Value::Null);
            Err(Failure {
                name: plain::text(failure, "name").unwrap_or_else(|| "TypeError".to_owned()),
                message: plain::text(failure, "message").unwrap_or_else(|| "Network request failed".to_owned()),
            })
        }
    }
}
