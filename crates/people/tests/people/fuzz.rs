//! Anything at all as input: nothing panics, and every command ends in an event.

use std::cell::Cell;

use kandy_people::{Failure, Input, Response};
use kandy_wire::{Map, Value};
use proptest::prelude::*;

use crate::page::Page;

/// Every command, and whether it may be silent when it succeeds (api-behaviour 12, 13, 15).
const COMMANDS: [(&str, bool); 29] = [
    ("conversation.fetch", true),
    ("conversation.create", false),
    ("conversation.send", false),
    ("conversation.forward", false),
    ("conversation.fetchMessages", false),
    ("conversation.clearMessages", false),
    ("conversation.deleteMessages", false),
    ("conversation.delete", false),
    ("conversation.markRead", false),
    ("presence.update", false),
    ("presence.fetch", true),
    ("presence.subscribe", true),
    ("presence.unsubscribe", true),
    ("contacts.add", false),
    ("contacts.update", false),
    ("contacts.remove", false),
    ("contacts.fetch", false),
    ("contacts.refresh", false),
    ("user.fetch", true),
    ("user.fetchSelfInfo", false),
    ("user.search", false),
    ("voicemail.fetch", false),
    ("callHistory.fetch", false),
    ("callHistory.remove", false),
    ("callHistory.clear", false),
    ("callHistory.setCache", true),
    ("clickToCall.make", false),
    ("sip.subscribe", false),
    ("sip.unsubscribe", false),
];

/// Members that commands, answers and notifications have.
const MEMBERS: [&str; 60] = [
    "destination",
    "convoType",
    "message",
    "parts",
    "type",
    "text",
    "json",
    "file",
    "messageId",
    "messageIds",
    "amount",
    "before",
    "status",
    "activity",
    "users",
    "contact",
    "contactId",
    "userId",
    "filters",
    "options",
    "offset",
    "recordId",
    "records",
    "callId",
    "caller",
    "callee",
    "eventType",
    "userLists",
    "customParameters",
    "presenceResponse",
    "presenceWatcherResponse",
    "addressBookResponse",
    "addressBookEntries",
    "nickname",
    "directory",
    "directoryItems",
    "userProfileData",
    "acceptLanguage",
    "mwiresponse",
    "logHistory",
    "logItems",
    "params",
    "statusCode",
    "success",
    "error",
    "id",
    "handle",
    "handles",
    "members",
    "thread",
    "attachments",
    "url",
    "mime",
    "eventSubscriptionResponse",
    "sessionData",
    "expires",
    "imResponse",
    "From",
    "genericNotificationParams",
    "presenceWatcherNotificationParams",
];

fn json() -> impl Strategy<Value = Value> {
    let words = [
        "",
        "a",
        "bob@example.com",
        "open",
        "active",
        "event:dialog",
        "text",
        "application/vdn.kandy.json",
        "https://files.example.net/1",
        "im",
        "99999999999999999999",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (0_i64..60).prop_map(Value::from),
        prop::sample::select(words.to_vec()).prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![prop::collection::vec(inner.clone(), 0..5).prop_map(Value::Array), members(inner),]
    })
}

fn members(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    prop::collection::vec((prop::sample::select(MEMBERS.to_vec()), value), 0..8)
        .prop_map(|pairs| Value::Object(pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()))
}

fn answer() -> impl Strategy<Value = Result<Response, Failure>> {
    let status = prop::sample::select(vec![200, 200, 200, 201, 204, 302, 400, 403, 404, 500, 503]);
    let kind = prop::sample::select(vec![Some("application/json"), Some("application/json"), Some("text/html"), None]);
    let body = prop_oneof![
        json().prop_map(|json| json.to_string()),
        members(json()).prop_map(|json| json.to_string()),
        ".{0,20}"
    ];
    prop_oneof![
        8 => (status, kind, body)
            .prop_map(|(status, kind, body)| Ok(Response { status, content_type: kind.map(str::to_owned), body })),
        1 => Just(Err(Failure { name: "TypeError".to_owned(), message: "no".to_owned() })),
        1 => Just(Err(Failure { name: Failure::NOT_CONNECTED.to_owned(), message: "no".to_owned() })),
    ]
}

fn notice(message: Value) -> Value {
    let mut frame = Map::new();
    frame.insert("notificationMessage".to_owned(), message);
    Value::Object(frame)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_is_too_odd(text in ".{0,60}", value in json(), kind in 0_usize..COMMANDS.len()) {
        let read = Cell::new(0);
        let try_one = |text: &str| {
            if let Ok(input) = Input::from_json(text) {
                read.set(read.get() + 1);
                Page::uc().input(input);
            }
        };
        try_one(&text);
        try_one(&value.to_string());
        for name in [COMMANDS[kind].0, "people:session", "people:notice", "people:answer", "people:call", "people:timer"] {
            let mut value = if value.is_object() { value.clone() } else { Value::Object(Map::new()) };
            for part in ["session", "payload", "record"] {
                let inside = value.clone();
                value.as_object_mut().unwrap().insert(part.to_owned(), inside);
            }
            value.as_object_mut().unwrap().insert("type".to_owned(), name.into());
            try_one(&value.to_string());
        }
        prop_assert!(read.get() >= 1, "the command is read, whatever its members are");
    }

    #[test]
    fn every_command_ends_in_an_event(
        kind in 0_usize..COMMANDS.len(),
        link in any::<bool>(),
        given in members(json()),
        answers in prop::collection::vec(answer(), 1..6),
    ) {
        let (name, may_be_silent) = COMMANDS[kind];
        let mut page = if link { Page::link() } else { Page::uc() };
        let mut command = given;
        command.as_object_mut().unwrap().insert("type".to_owned(), name.into());
        page.json(&command.to_string());
        let mut turn = 0;
        while !page.asked.is_empty() || page.timers.iter().any(|(timer, _)| timer.name() == "outbox") {
            match page.asked.pop_front() {
                Some((id, _)) => page.input(Input::Answer(id, answers[turn % answers.len()].clone())),
                None => prop_assert!(page.wait()),
            }
            turn += 1;
            prop_assert!(turn < 500, "{name} does not end");
        }
        prop_assert!(may_be_silent || !page.events().is_empty(), "{name} ended in silence: {command}");
        let messages = page.query(r#"{"type":"conversation.getAll"}"#);
        for conversation in messages.as_array().unwrap() {
            prop_assert_eq!(&conversation["isPending"], false);
        }
    }

    #[test]
    fn no_notification_is_too_odd(
        kind in prop::sample::select(vec!["IM", "mwi", "presenceWatcher", "event:dialog", "gone"]),
        given in members(json()),
        answers in prop::collection::vec(answer(), 1..4),
    ) {
        let mut page = Page::uc();
        for uc in [true, false] {
            let mut message = given.clone();
            let members = message.as_object_mut().unwrap();
            if uc {
                members.insert("event".to_owned(), "im".into());
                members.insert("direction".to_owned(), "in".into());
                members.insert("Attach".to_owned(), "h1".into());
            } else {
                members.insert("eventType".to_owned(), kind.into());
            }
            page.input(Input::Notice(notice(message)));
        }
        page.input(Input::Notice(given));
        let mut turn = 0;
        while let Some((id, _)) = page.asked.pop_front() {
            page.input(Input::Answer(id, answers[turn % answers.len()].clone()));
            turn += 1;
            prop_assert!(turn < 500, "it does not end");
        }
        let sane = page.query(r#"{"type":"conversation.getAll"}"#);
        prop_assert!(sane.is_array());
    }
}
