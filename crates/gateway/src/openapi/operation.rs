//! One method of one address.

use serde_json::{Map, Value, json};

/// A row of the tables.
pub(super) struct Operation {
    pub(super) method: &'static str,
    pub(super) path: String,
    parameters: Vec<Value>,
    answers: Map<String, Value>,
    rest: Map<String, Value>,
}

impl Operation {
    /// An operation with the parameters of its path. Method in capitals; `id` is unique among all operations.
    pub(super) fn new(method: &'static str, path: impl Into<String>, id: &str, summary: &str) -> Self {
        let path = path.into();
        let parameters = names(&path).map(of_path).collect();
        let rest = Map::from_iter([
            ("operationId".to_owned(), id.into()),
            ("summary".to_owned(), summary.into()),
            ("security".to_owned(), json!([])),
        ]);
        Self { method, path, parameters, answers: Map::new(), rest }
    }

    /// The group that it is shown in.
    pub(super) fn tag(mut self, tag: &str) -> Self {
        self.rest.insert("tags".into(), json!([tag]));
        self
    }

    /// More about it, where the summary does not say all.
    pub(super) fn about(mut self, text: &str) -> Self {
        self.rest.insert("description".into(), text.into());
        self
    }

    /// One of these credentials is needed; each is the name of a security scheme.
    pub(super) fn needs(mut self, schemes: &[&str]) -> Self {
        self.rest.insert("security".into(), schemes.iter().map(|name| json!({ *name: [] })).collect());
        self
    }

    /// A parameter of the query that may be left out.
    pub(super) fn query(self, name: &str, schema: Value, text: &str) -> Self {
        self.parameter(json!({"in": "query", "name": name, "schema": schema, "description": text}))
    }

    /// A parameter of the query that has to be there.
    pub(super) fn needs_query(self, name: &str, schema: Value, text: &str) -> Self {
        self.parameter(json!({"in": "query", "name": name, "schema": schema, "description": text, "required": true}))
    }

    /// A header that may be left out.
    pub(super) fn header(self, name: &str, schema: Value, text: &str) -> Self {
        self.parameter(json!({"in": "header", "name": name, "schema": schema, "description": text}))
    }

    fn parameter(mut self, parameter: Value) -> Self {
        self.parameters.push(parameter);
        self
    }

    /// A body of JSON, with an example.
    pub(super) fn takes(self, schema: Value, example: Value) -> Self {
        self.body(true, json!({"application/json": {"schema": schema, "example": example}}))
    }

    /// The same; nothing may be sent instead.
    pub(super) fn may_take(self, schema: Value, example: Value) -> Self {
        self.body(false, json!({"application/json": {"schema": schema, "example": example}}))
    }

    /// A body of another kind: media types with their schemas.
    pub(super) fn body(mut self, required: bool, content: Value) -> Self {
        self.rest.insert("requestBody".into(), json!({"required": required, "content": content}));
        self
    }

    /// A JSON answer.
    pub(super) fn answers(self, status: u16, text: &str, schema: Value) -> Self {
        self.answer(status, json!({"description": text, "content": {"application/json": {"schema": schema}}}))
    }

    /// The same with an example.
    pub(super) fn shows(self, status: u16, text: &str, schema: Value, example: Value) -> Self {
        let content = json!({"application/json": {"schema": schema, "example": example}});
        self.answer(status, json!({"description": text, "content": content}))
    }

    /// Any answer, as OpenAPI writes it.
    pub(super) fn answer(mut self, status: u16, answer: Value) -> Self {
        self.answers.insert(status.to_string(), answer);
        self
    }

    /// A header of the answers with this status.
    pub(super) fn tells(mut self, status: u16, name: &str, header: Value) -> Self {
        if let Some(answer) = self.answers.get_mut(&status.to_string()).and_then(Value::as_object_mut) {
            let headers = answer.entry("headers").or_insert_with(|| json!({}));
            if let Some(headers) = headers.as_object_mut() {
                headers.insert(name.to_owned(), header);
            }
        }
        self
    }

    /// The statuses that it has answers for.
    pub(super) fn statuses(&self) -> Vec<u16> {
        self.answers.keys().filter_map(|status| status.parse().ok()).collect()
    }

    /// The operation as OpenAPI writes it.
    pub(super) fn value(self) -> Value {
        let mut value = self.rest;
        value.insert("parameters".into(), self.parameters.into());
        value.insert("responses".into(), self.answers.into());
        value.into()
    }
}

/// The names in the braces of a path.
fn names(path: &str) -> impl Iterator<Item = &str> {
    path.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
}

fn of_path(name: &str) -> Value {
    let (text, example) = match name {
        "version" => ("Version of the protocol as the client names it; any text will do.", "v2.0"),
        "user" => ("The user, as `user@domain`; `@` may be written as `%40`.", "alice@example.com"),
        "subscription" => ("Last part of the `subscription` path that subscribing answers.", "Wm3xuY0cQ7"),
        "channel" => ("Last part of `notificationChannel`.", "hT5s0PzqLw"),
        "session" => ("`sessionData` of the call.", "c7Bq1kXh2V"),
        "provider" => ("The push service.", "apple"),
        "device" => ("Last part of the `registration` path that registering answers.", "pQ9v4sJd8K"),
        "thread" => ("A user, or a group by its `grp-` name.", "bob@example.com"),
        "message" => ("Id of a message.", "41"),
        "file" => ("`handle` of a file.", "fR6n2wLm5T"),
        "contact" => ("The id that the client gave the contact (`nickname`).", "bob"),
        "record" => ("`recordId` of a call record.", "17"),
        "event" => ("`sessionData` of the event subscription.", "eK3j8yGa1C"),
        "orderNumber" => ("Number of an order.", "ORD-000000042"),
        "subscriberId" => ("Id of a subscriber.", "0d1f5a3e-7c58-4b0e-9a39-2f8f4d6f2b11"),
        "account" | "one" | "other" => ("Id of an account.", "acme"),
        "client" => ("Id of a client.", "acme-backend"),
        _ => ("", ""),
    };
    let schema = match name {
        "provider" => json!({"type": "string", "enum": ["apple", "google"]}),
        _ => json!({"type": "string", "minLength": 1}),
    };
    json!({"in": "path", "name": name, "required": true, "schema": schema, "description": text, "example": example})
}
