//! The parts of a message: what the application gives, what is kept, what others sent.

use kandy_wire::{Map, Value};

use crate::{FileId, plain};

/// One part of a message to be sent.
#[derive(Clone, PartialEq)]
pub enum Part {
    /// `{type: 'text', text}`
    Text(String),
    /// `{type: 'json', json}`
    Json(Value),
    /// `{type: 'file', file: number, name, size, mime}`
    File(FileId, Value),
    /// A file that the server has already, of a message that is forwarded: `{type: 'file', handle, …}`
    Handle(String, Value),
    /// Anything else.
    Unknown(Value),
}

/// What people write to each other does not belong in a log.
impl std::fmt::Debug for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Text(_) => "Text",
            Self::Json(_) => "Json",
            Self::File(..) => "File",
            Self::Handle(..) => "Handle",
            Self::Unknown(_) => "Unknown",
        })
    }
}

impl Part {
    /// Reads a part as the face hands it over, or as it is kept.
    pub(crate) fn read(value: &Value) -> Self {
        let kind = plain::text(value, "type").unwrap_or_default();
        match (kind.as_str(), value.get("file").and_then(Value::as_u64), plain::text(value, "handle")) {
            ("text", ..) if value.get("text").is_some_and(Value::is_string) => {
                Self::Text(plain::text(value, "text").unwrap_or_default())
            }
            ("json", ..) if value.get("json").is_some() => Self::Json(plain::any(value, "json")),
            ("file", _, Some(handle)) => Self::Handle(handle, value.clone()),
            ("file", Some(file), None) => Self::File(FileId(file), value.clone()),
            _ => Self::Unknown(value.clone()),
        }
    }

    /// As it is kept and shown.
    pub(crate) fn to_value(&self) -> Value {
        let mut members = Map::new();
        match self {
            Self::Text(text) => {
                plain::put(&mut members, "type", "text");
                plain::put(&mut members, "text", text.as_str());
            }
            Self::Json(json) => {
                plain::put(&mut members, "type", "json");
                plain::put(&mut members, "json", json.clone());
            }
            Self::File(_, shown) | Self::Handle(_, shown) | Self::Unknown(shown) => return shown.clone(),
        }
        Value::Object(members)
    }
}
