//! The browser's side of the SDK.
