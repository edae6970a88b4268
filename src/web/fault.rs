//! What the browser threw, as name and sentence.

use js_sys::Reflect;
use wasm_bindgen::JsValue;

/// An error of the browser, or of a listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// `NotAllowedError`, `TypeError`, …; `Error` for what is none.
    pub(crate) name: String,
    /// The browser's sentence.
    pub(crate) message: String,
}

impl Fault {
    /// An error that the hands found themselves, named as the browser would.
    pub(crate) fn new(name: &str, message: impl Into<String>) -> Self {
        Self { name: name.to_owned(), message: message.into() }
    }

    /// Reads whatever was thrown.
    pub(crate) fn of(thrown: &JsValue) -> Self {
        let name = text(thrown, "name").unwrap_or_else(|| "Error".to_owned());
        let message = text(thrown, "message").or_else(|| thrown.as_string()).unwrap_or_default();
        Self { name, message: message.chars().take(LONGEST).collect() }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.name, self.message)
    }
}

/// A member of an object, if it is text and not empty.
pub(crate) fn text(object: &JsValue, member: &str) -> Option<String> {
    Reflect::get(object, &member.into()).ok()?.as_string().filter(|text| !text.is_empty())
}

/// Characters of a message that are kept: some browsers quote the whole description that they refuse.
const LONGEST: usize = 300;
