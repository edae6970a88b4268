//! What the gateway says of itself.

use serde_json::json;

use super::{PATH, operation::Operation};

const TAG: &str = "Service";

/// The rows.
pub(super) fn operations() -> Vec<Operation> {
    let word = |words: &[&str]| json!({"type": "object", "required": ["status"], "properties": {"status": {"type": "string", "enum": words}}});
    let rows = [
        Operation::new("GET", PATH, "describe", "This description").answers(
            200,
            "OpenAPI 3.1.",
            json!({"type": "object", "required": ["openapi", "info", "paths"]}),
        ),
        Operation::new("GET", "/healthz", "healthz", "Whether the process answers").answers(
            200,
            "It does.",
            word(&["ok"]),
        ),
        Operation::new("GET", "/readyz", "readyz", "Whether the gateway takes logins")
            .answers(200, "It does.", word(&["ready"]))
            .answers(503, "It ends, or its store does not answer.", word(&["draining", "store"])),
    ];
    rows.into_iter().map(|row| row.tag(TAG)).collect()
}
