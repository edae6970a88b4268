//! The whole description.

use serde_json::{Map, Value, json};

use super::{
    calls, messages, operation::Operation, operator, people, provisioning, schemas::Schemas, service, sessions,
};

/// The description as it is served.
pub(super) fn text() -> String {
    // Texts, numbers and lists only, so it can be written.
    serde_json::to_string_pretty(&value()).unwrap_or_default() + "\n"
}

/// All rows of all tables.
pub(super) fn operations(schemas: &mut Schemas) -> Vec<Operation> {
    let mut rows = provisioning::operations(schemas);
    rows.extend(sessions::operations(schemas));
    rows.extend(calls::operations(schemas));
    rows.extend(messages::operations(schemas));
    rows.extend(people::operations(schemas));
    rows.extend(operator::operations(schemas));
    rows.extend(service::operations());
    rows
}

fn value() -> Value {
    let mut schemas = Schemas::new();
    let mut paths = Map::new();
    for row in operations(&mut schemas) {
        let methods = paths.entry(row.path.clone()).or_insert_with(|| json!({}));
        let method = row.method.to_ascii_lowercase();
        if let Some(methods) = methods.as_object_mut() {
            methods.insert(method, row.value());
        }
    }
    let (schemas, responses) = schemas.all();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "kandy-gateway",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Everything that the gateway serves over HTTP: the provisioning API for accounts, the Link and UC \
                resources for clients, and the operator's addresses. Members that are not known are passed over in requests, \
                but for those of the operator.",
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": tags(),
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": responses,
            "headers": provisioning::headers(),
            "securitySchemes": security(),
        },
    })
}

fn tags() -> Value {
    [
        ("Provisioning", "Orders, inventory and subscribers of an account. Other methods of an address are answered with 405 and `allow`."),
        ("Signing in", "Tokens, subscriptions, and the channel on which notifications come."),
        ("Calls", "The SDP of both parties goes through unchanged; what becomes of a call comes as notifications."),
        ("Messages", "Refusals of conversations have status 200, too, because released clients go by the body."),
        ("Presence and events", "What others do comes as notifications."),
        ("People", "Address book, directory, own profile."),
        ("History", "Calls and messages that were missed."),
        ("Operator", "For the operator's own systems; not for the internet."),
        ("Service", "What the gateway says of itself."),
    ]
    .into_iter()
    .map(|(name, text)| json!({"name": name, "description": text}))
    .collect()
}

fn security() -> Value {
    let http = |scheme: &str, text: &str| json!({"type": "http", "scheme": scheme, "description": text});
    let key =
        |place: &str, name: &str, text: &str| json!({"type": "apiKey", "in": place, "name": name, "description": text});
    json!({
        "password": http("basic", "User, as `user@domain` or the name to sign in with, and password."),
        "token": key("query", "token", "Access token of a user, by `mk_token`."),
        "userBearer": http("bearer", "The same in a header."),
        "session": key("header", "x-session", "`sessionId` of a subscription."),
        "signedToken": key("header", "x-token", "A token that your backend signed; where the gateway has a key for that."),
        "provisioning": http("bearer", "Access token of a client of an account, by the token endpoint."),
        "operator": http("bearer", "The operator's key."),
    })
}
