//! Every body and frame that released clients and their server exchanged: decoded, encoded, and still the same JSON.

#![cfg(test)]

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use kandy_wire::{
    Value,
    call::{
        CallControlRequest, CallControlResponse, CallDispositionRequest, CallDispositionResponse, ClickToCallRequest,
        ClickToCallResponse,
    },
    decode, encode,
    fault::UcFault,
    frame::{CONN_ACK, ClientFrame, PING, ServerFrame, conn_check},
    history::{Indicators, LogHistoryResponse, MwiResponse},
    notice::NotificationFrame,
    people::{AddressBookRequest, AddressBookResponse, DirectoryResponse, Localization, UserProfileResponse},
    presence::{
        Done, EventSubscriptionRequest, EventSubscriptionResponse, PresenceParams, PresenceRequest,
        PresenceWatcherRequest,
    },
    session::{RevokeResponse, SubscribeRequest, SubscribeResponse, TokenResponse},
};
use serde::{Serialize, de::DeserializeOwned};

/// Members that the types leave out on purpose: where they stand in a body, and their name.
const LEFT_OUT: [(&str, &str); 8] = [
    // Numbers whose meaning nobody knows (protocol §6.4).
    ("", "type"),
    ("", "state"),
    // Where a user lives.
    ("/userProfileData", "timezone"),
    ("/userProfileData", "locale"),
    // A refusal of the UC service: clients read the sentence alone (protocol §1.2).
    ("/error", "code"),
    // A refused subscription: the recorded server repeats the wrapper's members beside it (protocol §2.7).
    ("", "statusCode"),
    ("", "reason"),
    // Says what TURN credentials say by being there (protocol §2.2).
    ("/subscribeResponse/subscriptionParams", "turnActive"),
];

#[derive(Default)]
struct Tally {
    kinds: BTreeMap<&'static str, usize>,
    left_out: BTreeSet<(&'static str, &'static str)>,
}

#[test]
fn recorded_messages_survive_decoding_and_encoding() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/recordings"));
    let mut tally = Tally::default();
    let mut files = 0;
    let paths = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    for path in paths.filter(|path| path.extension().is_some_and(|ending| ending == "json")) {
        let recording: Value = decode(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let mut routes = BTreeMap::new();
        for entry in recording["entries"].as_array().unwrap() {
            let place = format!("{} no. {}", path.file_name().unwrap().to_string_lossy(), entry["n"]);
            tally.entry(entry, &mut routes, &place);
        }
        files += 1;
    }
    assert!(files >= 115, "{files} recordings");
    assert_eq!(tally.left_out, BTreeSet::from(LEFT_OUT), "a member that is not met need not be left out");
    eprintln!("{:?}", tally.kinds);
    assert_eq!(tally.kinds.len(), 32, "{:?}", tally.kinds);
}

impl Tally {
    fn entry(&mut self, entry: &Value, routes: &mut BTreeMap<String, String>, place: &str) {
        let body = &entry["body"];
        let id = || entry["id"].as_str().unwrap().to_owned();
        match entry["type"].as_str().unwrap() {
            "http-request" => {
                let (method, path) = (entry["method"].as_str().unwrap(), entry["path"].as_str().unwrap());
                let route = route(method, path);
                routes.insert(id(), route.clone());
                match route.as_str() {
                    // Messages and registrations of devices have no types here: nobody but the SDK and the gateway reads
                    // them, each in its own way.
                    "untyped" => *self.kinds.entry("untyped").or_default() += 1,
                    _ if body.is_null() => {}
                    "POST subscription" | "PUT subscription" => {
                        self.same::<SubscribeRequest>("subscribe request", body, place);
                    }
                    "POST callControl" | "PUT callSessions" => {
                        self.same::<CallControlRequest>("call request", body, place)
                    }
                    "POST calldisposition" => self.same::<CallDispositionRequest>("disposition", body, place),
                    "POST clicktocall" => self.same::<ClickToCallRequest>("click to call", body, place),
                    "POST presence" => self.same::<PresenceRequest>("presence", body, place),
                    "POST presenceWatcher" => self.same::<PresenceWatcherRequest>("watch", body, place),
                    "POST addressbook" | "PUT addressbook" => {
                        self.same::<AddressBookRequest>("contact", body, place);
                    }
                    "POST eventSubscription" | "PUT eventSubscription" => {
                        self.same::<EventSubscriptionRequest>("events wanted", body, place);
                    }
                    other => panic!("{place}: {other} has no type"),
                }
            }
            "http-response" => match (routes[&id()].as_str(), entry["status"].as_u64().unwrap()) {
                ("untyped", _) => {}
                _ if body.is_null() => {}
                ("GET mk_token" | "GET refresh_token", 200) => self.same::<TokenResponse>("token", body, place),
                ("GET mk_token", _) => self.same::<UcFault>("refused token", body, place),
                ("GET revoke_token", 200) => self.same::<RevokeResponse>("revocation", body, place),
                ("POST subscription" | "PUT subscription", 200) => {
                    self.same::<SubscribeResponse>("subscription", body, place)
                }
                ("POST subscription", _) => self.same::<SubscribeResponse>("refused subscription", body, place),
                ("DELETE subscription", _) => self.same::<SubscribeResponse>("end of a subscription", body, place),
                ("POST callControl" | "PUT callSessions" | "DELETE callSessions", _) => {
                    self.same::<CallControlResponse>("call response", body, place);
                }
                ("POST calldisposition", _) => self.same::<CallDispositionResponse>("disposed", body, place),
                ("POST clicktocall", _) => self.same::<ClickToCallResponse>("clicked", body, place),
                ("POST presence" | "POST presenceWatcher", _) => {
                    self.same::<BTreeMap<String, Done>>("done", &without_contact(body), place);
                }
                ("GET addressbook" | "POST addressbook" | "PUT addressbook" | "DELETE addressbook", _) => {
                    self.same::<AddressBookResponse<Value>>("address book", body, place);
                }
                ("GET directory", _) => self.same::<DirectoryResponse>("directory", body, place),
                ("GET userProfileData", _) => self.same::<UserProfileResponse>("profile", body, place),
                ("GET localization", _) => self.same::<Localization>("language", body, place),
                ("GET logHistory", _) => self.same::<LogHistoryResponse>("history", body, place),
                ("GET voicemail", _) => self.same::<MwiResponse>("voicemail", &in_the_plural(body), place),
                ("POST eventSubscription" | "PUT eventSubscription" | "DELETE eventSubscription", _) => {
                    self.same::<EventSubscriptionResponse>("events granted", body, place);
                }
                // What `sdpFormat` points to.
                ("GET eventData", 200) => assert!(body["eventDataResponse"]["sdp"].is_string(), "{place}"),
                (other, status) => panic!("{place}: {other} {status} has no type"),
            },
            "ws-message" if entry["from"] == "client" => {
                let (kind, frame, text) = match body {
                    body if body["connCheck"].is_object() => ("check", ClientFrame::ConnCheck, again(body)),
                    body if body["connAck"].is_object() => ("heard", ClientFrame::ConnAck, CONN_ACK.to_owned()),
                    _ => ("ping", ClientFrame::Ping, PING.to_owned()),
                };
                assert_eq!(ClientFrame::decode(&encode(body)), Ok(frame), "{place}");
                assert_eq!(decode::<Value>(&text).as_ref(), Ok(body), "{place}");
                *self.kinds.entry(kind).or_default() += 1;
            }
            "ws-message" if body["notificationMessage"].is_null() => {
                let (kind, frame, text) = match body["connCheck"]["interval"].as_f64() {
                    Some(seconds) => ("check", ServerFrame::ConnCheck(Some(seconds)), again(body)),
                    None => ("heard", ServerFrame::ConnAck, CONN_ACK.to_owned()),
                };
                assert_eq!(ServerFrame::decode(&encode(body)), Ok(frame), "{place}");
                assert_eq!(decode::<Value>(&text).as_ref(), Ok(body), "{place}");
                *self.kinds.entry(kind).or_default() += 1;
            }
            "ws-message" => {
                let frame = ServerFrame::decode(&encode(body));
                assert!(matches!(frame, Ok(ServerFrame::Notification(..))), "{place}: {frame:?}");
                let message = &body["notificationMessage"];
                if let Some(params) = message.get("presenceWatcherNotificationParams") {
                    self.same::<PresenceParams>("told presence", params, place);
                } else if let Some(params) = message.get("mwiNotificationParams") {
                    self.same::<Indicators>("told voicemail", params, place);
                } else if message["event"] != "im" && message["eventType"] != "IM" && !is_event(message) {
                    self.same::<NotificationFrame>("notification", body, place);
                }
            }
            _ => {}
        }
    }

    fn same<T: Serialize + DeserializeOwned>(&mut self, kind: &'static str, body: &Value, place: &str) {
        let decoded: T = decode(&encode(body)).unwrap_or_else(|e| panic!("{place}, {kind}: {e}"));
        let again: Value = decode(&encode(&decoded)).unwrap();
        let mut wanted = body.clone();
        for (wrapper, member) in LEFT_OUT {
            if wanted
                .pointer_mut(wrapper)
                .and_then(Value::as_object_mut)
                .is_some_and(|members| members.remove(member).is_some())
            {
                self.left_out.insert((wrapper, member));
            }
        }
        assert_eq!(again, wanted, "{place}, {kind}");
        *self.kinds.entry(kind).or_default() += 1;
    }
}

/// A check as it is written here.
fn again(check: &Value) -> String {
    conn_check(check["connCheck"]["interval"].as_f64().unwrap())
}

/// An event, whose members are the server's own (protocol §9.2).
fn is_event(message: &Value) -> bool {
    message["genericNotificationParams"].is_object()
}

/// What stands beside the answer of a watcher is told by notifications, too (protocol §6.3).
fn without_contact(body: &Value) -> Value {
    let mut body = body.clone();
    body.as_object_mut().unwrap().remove("presenceContact");
    body
}

/// The recorded server had its own names for the counts of a mailbox (protocol §9.1, D19).
fn in_the_plural(body: &Value) -> Value {
    decode(&encode(body).replace("Message\":", "Messages\":")).unwrap()
}

/// Resources without types here.
const UNTYPED: [&str; 3] = ["rm", "instantmessage", "devices"];

/// Method and the resource's name, without ids.
fn route(method: &str, path: &str) -> String {
    let names = [
        "mk_token",
        "refresh_token",
        "revoke_token",
        "callSessions",
        "callControl",
        "calldisposition",
        "clicktocall",
        "subscription",
        "eventData",
        "presence",
        "presenceWatcher",
        "addressbook",
        "directory",
        "userProfileData",
        "localization",
        "voicemail",
        "logHistory",
        "logRecord",
        "eventSubscription",
    ];
    if path.split('/').any(|part| UNTYPED.contains(&part)) {
        return "untyped".into();
    }
    let name = names.into_iter().find(|name| path.split('/').any(|part| part == *name));
    format!("{method} {}", name.unwrap_or(path))
}
