//! The requests of both messaging services, and what their answers mean (protocol §7).

use kandy_wire::{Map, Value};

use crate::{
    Chat, Error, Session, Upload,
    effect::{Request, To},
    error::code,
    input::Flavour,
    outcome::Outcome,
    plain,
};

/// The media type of JSON parts (protocol §7.3.3).
pub(crate) const JSON_PART: &str = "application/vdn.kandy.json";

/// The name of the files that JSON parts are uploaded as (protocol §7.3.6).
const JSON_FILE: &str = "Custom Json Blob";

/// The code of a generic authentication failure (protocol §11.2).
const UNAUTHENTICATED: i64 = 27;

/// What became of a message that was sent.
#[derive(Debug)]
pub(crate) enum Sent {
    Taken {
        id: String,
        thread: Option<String>,
        /// By the server's clock.
        when: Option<u64>,
        attachments: Vec<Value>,
    },
    /// Certainly not taken.
    Refused(Error),
    /// Perhaps taken.
    Unknown(String),
    /// Certainly not taken, for a reason that passes.
    Unsent(String),
}

/// A type of conversation as it stands on the wire.
pub(crate) fn kind(kind: &str) -> &str {
    if kind == "im" { "internal" } else { kind }
}

/// A type of conversation as the application knows it.
pub(crate) fn kind_of(wire: &str) -> &str {
    if wire == "internal" { "im" } else { wire }
}

/// The request that sends a message. `client` is its id at a server that knows such ids.
pub(crate) fn send(session: &Session, chat: &Chat, text: Option<String>, handles: &[String], client: &str) -> Request {
    let client = session.once.then(|| client.to_owned());
    if session.flavour == Flavour::Link {
        let mut members = Map::new();
        plain::put(&mut members, "charset", "UTF-8");
        plain::put(&mut members, "toUrl", chat.destination.first().map(String::as_str).unwrap_or_default());
        plain::put(&mut members, "message", text.unwrap_or_default());
        plain::put(&mut members, "type", "A2");
        plain::put_some(&mut members, "clientMessageId", client);
        return Request::new("POST", To::User, "instantmessage").wrapped("imRequest", members);
    }
    let mut request = Request::new("GET", To::Service, "rm/send");
    for handle in handles {
        request = request.with("attach", handle.as_str());
    }
    request = request.with_some("clientMessageId", client);
    let name = if chat.destination.len() > 1 { "tos" } else { "to" };
    for user in &chat.destination {
        request = request.with(name, user.as_str());
    }
    request.with_some("txt", text)
}

/// What the answer to it means.
pub(crate) fn sent(flavour: Flavour, outcome: &Outcome) -> Sent {
    let refused = |code: Value, why: &str| {
        let code = if code.is_null() { Value::from(code::SEND) } else { code };
        Sent::Refused(Error { code, message: why.to_owned() })
    };
    if let Some(why) = unproven(outcome) {
        return Sent::Unsent(why);
    }
    let (status, body) = match outcome {
        Outcome::Accepted(body) => (200, body),
        Outcome::Refused { status, body } => (*status, body),
        Outcome::Lost(failure) => return Sent::Unknown([&failure.name, ": ", &failure.message].concat()),
        Outcome::Unsent(failure) => return Sent::Unsent(failure.message.clone()),
    };
    let taken = |answer: &Value, id: &str, thread: &str| {
        let attachments = plain::list(answer, "attachments").to_vec();
        let (thread, when) = (plain::name(answer, thread), plain::whole(answer, "when"));
        plain::name(answer, id).map(|id| Sent::Taken { id, thread, when, attachments })
    };
    let answer = match flavour {
        Flavour::Link => match outcome.read("imResponse") {
            Ok(answer) => taken(answer, "messageId", ""),
            Err(trouble) if trouble.code.is_some() => {
                return refused(Value::Null, &["Failed to send message. ", &trouble.why].concat());
            }
            Err(_) => None,
        },
        Flavour::Uc => match body.get("error").filter(|error| !error.is_null()) {
            Some(error) => {
                let why = plain::text(error, "human").unwrap_or_else(|| "The server refused the message.".to_owned());
                return refused(plain::any(error, "code"), &why);
            }
            None => taken(&plain::any(body, "success"), "id", "group"),
        },
    };
    match answer {
        Some(taken) if status < 300 => taken,
        _ if (300..500).contains(&status) => {
            refused(Value::Null, &["Failed to send message. HTTP ", &status.to_string(), "."].concat())
        }
        _ if status >= 500 => Sent::Unknown(["HTTP ", &status.to_string(), "."].concat()),
        _ => Sent::Unknown("The answer has no message id.".to_owned()),
    }
}

/// Why a request was not even looked at, if it was not: a server that was started anew does not know the token of the login before,
/// and the first engine gets another one as it comes back. The UC service may tell so with any status.
pub(super) fn unproven(outcome: &Outcome) -> Option<String> {
    let trouble = outcome.success().err()?;
    let refused = matches!(outcome, Outcome::Refused { status: 401, .. }) || trouble.code == Some(UNAUTHENTICATED);
    refused.then_some(trouble.why)
}

/// The request that uploads a file, or a JSON part as a file.
pub(crate) fn upload(file: Upload) -> Request {
    let mut request = Request::new("POST", To::Service, "rm/upload");
    request.file = Some(file);
    request
}

/// A JSON part as a file.
pub(crate) fn json_file(json: &Value) -> Upload {
    Upload::Text { name: JSON_FILE, mime: JSON_PART, text: kandy_wire::encode(json) }
}

/// The list of conversations (protocol §7.3.2).
/// The list of conversations; `max` is our gateway's.
pub(crate) fn threads(options: &Value) -> Request {
    let kind = plain::text(options, "type").map(|name| kind(&name).to_owned());
    let max = plain::whole(options, "max").map(|max| max.to_string());
    Request::new("GET", To::Service, "rm/threads")
        .with_some("max", max)
        .with_some("thread", plain::name(options, "thread"))
        .with_some("touched", plain::name(options, "touched"))
        .with_some("type", kind)
}

/// The messages of a conversation; `before` is our gateway's way to earlier ones.
pub(crate) fn history(thread: &str, chat: &Chat, amount: u64, before: Option<String>) -> Request {
    Request::new("GET", To::Service, ["rm/thread/", &plain::segment(thread)].concat())
        .with_some("before", before)
        .with("max", amount.to_string())
        .with("type", kind(&chat.kind))
}

/// One message with its attachments; the user stands where others have the id of the conversation (protocol §7.3.5).
pub(crate) fn details(user: &str, id: &str, wire_kind: &str) -> Request {
    Request::new("GET", To::Service, ["rm/thread/", &plain::segment(user)].concat())
        .with("id", id)
        .with("type", wire_kind)
}

/// Deletes a conversation, or one message of it.
pub(crate) fn delete(thread: &str, message: Option<&str>, chat: &Chat) -> Request {
    let message = message.map(|id| ["/", &plain::segment(id)].concat()).unwrap_or_default();
    Request::new("GET", To::Service, ["rm/delete/", &plain::segment(thread), &message].concat())
        .with("type", kind(&chat.kind))
}

/// Marks a message, and those before it, as read: our gateway's own.
pub(crate) fn mark_read(thread: &str, message: &str) -> Request {
    Request::new("GET", To::Service, ["rm/read/", &plain::segment(thread)].concat()).with("id", message)
}
