//! The readers that are written by hand agree with the decoders that serde derives, on everything that was recorded.

#![cfg(test)]

use std::{collections::BTreeMap, fmt::Debug, path::Path};

use kandy_wire::{
    Read, Value,
    call::CallControlResponse,
    decode, encode,
    notice::NotificationFrame,
    session::{SubscribeResponse, TokenResponse},
};
use serde::de::DeserializeOwned;

#[test]
fn hand_and_derive_read_the_same() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/recordings"));
    let mut read: BTreeMap<&str, usize> = BTreeMap::new();
    let paths = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    for path in paths.filter(|path| path.extension().is_some_and(|ending| ending == "json")) {
        let recording: Value = decode(&std::fs::read_to_string(&path).unwrap()).unwrap();
        for entry in recording["entries"].as_array().unwrap() {
            let body = &entry["body"];
            *read.entry("tokens").or_default() += agree::<TokenResponse>(body);
            *read.entry("subscriptions").or_default() += agree::<SubscribeResponse>(body);
            *read.entry("call answers").or_default() += agree::<CallControlResponse>(body);
            *read.entry("notifications").or_default() += agree::<NotificationFrame>(body);
        }
    }
    assert!(read.values().all(|count| *count >= 20), "every type was met: {read:?}");
}

#[test]
fn both_refuse_what_lacks_something_needed() {
    for text in
        [r#"{"success":{}}"#, r#"{"success":{"access_token":7}}"#, "[]", "7", "null", r#"{"notificationMessage":[]}"#]
    {
        let value: Value = decode(text).unwrap();
        assert_eq!(agree::<TokenResponse>(&value) + agree::<NotificationFrame>(&value), 0, "{text}");
        assert!(TokenResponse::read(&value).is_none() && NotificationFrame::read(&value).is_none(), "{text}");
    }
}

/// 1 if both could read it, and then the same.
fn agree<T: Read + DeserializeOwned + PartialEq + Debug>(value: &Value) -> usize {
    let Ok(derived) = decode::<T>(&encode(value)) else { return 0 };
    assert_eq!(T::read(value).as_ref(), Some(&derived), "{value}");
    1
}
