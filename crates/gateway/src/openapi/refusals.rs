//! What is answered when something is wrong: one body for each family of clients (protocol §0.7, §0.8).

use kandy_wire::fault::UcFault;
use serde_json::{Value, json};

use super::{operation::Operation, schemas::Schemas, shapes};

/// What any request of a user may be answered with.
const ALWAYS: [u16; 8] = [400, 401, 403, 408, 413, 429, 500, 503];

/// How a resource says no.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form {
    /// In the wrapper of the resource.
    Wrapped(&'static str),
    /// In that of its push service.
    OfProvider,
    /// The same, or without a wrapper where the service is one that there is (protocol §9.3).
    OfDevice,
    /// Without a wrapper.
    Bare,
    /// As the UC service says it.
    Uc,
    /// As UC messaging says it: with status 200.
    Messaging,
}

impl Form {
    fn name(self) -> &'static str {
        match self {
            Self::Wrapped(wrapper) => wrapper,
            Self::OfProvider => "deviceRegistrationResponse",
            Self::OfDevice => "device",
            Self::Bare => "bare",
            Self::Uc => "uc",
            Self::Messaging => "messaging",
        }
    }
}

/// Adds what any request of a user may be answered with, and `more`.
pub(super) fn of_user(operation: Operation, schemas: &mut Schemas, form: Form, more: &[u16]) -> Operation {
    if matches!(form, Form::Messaging) {
        return with(operation, schemas, Form::Bare, &[400]);
    }
    with(with(operation, schemas, form, &ALWAYS), schemas, form, more)
}

/// Adds refusals of this form with these statuses.
pub(super) fn with(operation: Operation, schemas: &mut Schemas, form: Form, statuses: &[u16]) -> Operation {
    statuses.iter().fold(operation, |operation, status| {
        let (body, bare) = (body(schemas, form), body(schemas, Form::Bare));
        // The address may be unreadable, so that nobody knows whose it is.
        let unreadable = *status == 400 && !matches!(form, Form::Bare);
        let schema = if unreadable { json!({"anyOf": [body, bare]}) } else { body };
        let mut answer = json!({"description": reason(*status), "content": {"application/json": {"schema": schema}}});
        if let (Some(members), 429 | 503) = (answer.as_object_mut(), status) {
            members.insert("headers".into(), json!({"retry-after": retry_after()}));
        }
        let answer = schemas.answer(format!("{}-{status}", form.name()), answer);
        operation.answer(*status, answer)
    })
}

/// The body of a refusal.
pub(super) fn body(schemas: &mut Schemas, form: Form) -> Value {
    match form {
        Form::Wrapped(wrapper) => wrapped(schemas, wrapper),
        Form::OfProvider => json!({"anyOf": [wrapped(schemas, "appleDeviceRegistrationResponse"),
            wrapped(schemas, "googleDeviceRegistrationResponse")]}),
        Form::OfDevice => json!({"anyOf": [body(schemas, Form::Bare), body(schemas, Form::OfProvider)]}),
        Form::Bare => schemas.written::<shapes::BareRefusal>(),
        Form::Uc => schemas.written::<UcFault>(),
        Form::Messaging => schemas.written::<shapes::MessagingRefusal>(),
    }
}

fn wrapped(schemas: &mut Schemas, wrapper: &str) -> Value {
    let refusal = schemas.written::<shapes::Refusal>();
    json!({"type": "object", "properties": {wrapper: refusal}, "required": [wrapper]})
}

/// When to come back; not every answer says it.
pub(super) fn retry_after() -> Value {
    json!({"description": "Seconds after which the request may be sent again.", "schema": {"type": "integer", "minimum": 0}})
}

/// What a status means, where a resource says nothing more exact.
pub(super) fn reason(status: u16) -> &'static str {
    match status {
        400 => "The address, a parameter or the body makes no sense.",
        401 => "The credential is missing, wrong or no longer valid.",
        403 => "The credential is another user's, or the service is not available to this one.",
        404 => "There is none, or it is somebody else's.",
        408 => "The body took too long.",
        409 => "Not in this state.",
        412 => "The state of the account does not allow it.",
        413 => "The body is too large.",
        429 => "Too often: after wrong passwords, or more than there may be.",
        503 => "The gateway is too busy, or ending.",
        _ => "The gateway failed.",
    }
}
