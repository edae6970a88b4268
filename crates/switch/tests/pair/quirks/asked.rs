//! What a client asks of the server.

use kandy_core::{OpId, effect::HttpRequest};
use kandy_wire::Value;

/// A request that waits for its answer.
pub(super) struct Asked {
    pub(super) page: usize,
    pub(super) op: OpId,
    pub(super) what: String,
    pub(super) body: Value,
}

/// The request of a page.
pub(super) fn asked(page: usize, op: OpId, request: &HttpRequest) -> Asked {
    let rest = request.url.strip_prefix("http://gateway.example:80").expect("the recorded server");
    let path = rest.split('?').next().unwrap_or_default();
    let body = kandy_wire::parse(request.body.as_deref().unwrap_or_default()).unwrap_or_default();
    Asked { page, op, what: words(request.method, path, &body), body }
}

/// A request in words: method, path without the user, and what the body says it is.
pub(super) fn words(method: &str, path: &str, body: &Value) -> String {
    let path = path.split_once("/user/").and_then(|(_, rest)| rest.split_once('/')).map_or(path, |(_, rest)| rest);
    let inner = body.as_object().and_then(|members| members.values().next()).unwrap_or(&Value::Null);
    let kind = inner["type"].as_str().or(inner["action"].as_str()).unwrap_or_default();
    format!("{method} {path} {kind}").trim_end().to_owned()
}

/// The body of a request that is not about a call, without the extensions that ours offers.
pub(super) fn wish(body: &Value) -> Value {
    if body.as_object().is_some_and(|members| members.keys().any(|name| name.starts_with("call"))) {
        return Value::Null;
    }
    let mut wish = body.clone();
    if let Some(members) = wish.get_mut("subscribeRequest").and_then(Value::as_object_mut) {
        members.remove("supported");
    }
    wish
}

/// Kinds and directions of the sections of the description in a body.
pub(super) fn media(body: &Value) -> Vec<String> {
    let sdp = body["callControlRequest"]["sdp"].as_str().unwrap_or_default();
    let known = ["a=sendrecv", "a=sendonly", "a=recvonly", "a=inactive"];
    let mut sections: Vec<String> = Vec::new();
    for line in sdp.lines() {
        if let Some(m) = line.strip_prefix("m=") {
            sections.push(m.split(' ').next().unwrap_or_default().to_owned());
        } else if known.contains(&line)
            && let Some(section) = sections.last_mut()
        {
            *section += &line.replace("a=", " ");
        }
    }
    sections
}
