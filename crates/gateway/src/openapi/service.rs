//! What the gateway says of itself.

use serde_json::json;

use super::{PATH, operation::Operation};

const TAG: &str = "Service";

/// The rows.
pub(super) fn operations() -> Vec<Operation> {
    let rows = [Operation::new("GET", PATH, "describe", "This description").answers(
        200,
        "OpenAPI 3.1.",
        json!({"type": "object", "required": ["openapi", "info", "paths"]}),
    )];
    rows.into_iter().map(|row| row.tag(TAG)).collect()
}
