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
    frame::{ClientFrame, PING, ServerFrame},
    notice::NotificationFrame,
    session::{RevokeResponse, SubscribeRequest, SubscribeResponse, TokenResponse},
};
use serde::{Serialize, de::DeserializeOwned};

/// Members that the types leave out on purpose: where they stand in a body, and their name.
const LEFT_OUT: [(&str, &str); 4] = [
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
    assert!(files >= 72, "{files} recordings");
    assert_eq!(tally.left_out, BTreeSet::from(LEFT_OUT), "a member that is not met need not be left out");
    eprintln!("{:?}", tally.kinds);
    assert_eq!(tally.kinds.len(), 16, "{:?}", tally.kinds);
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
                    // Messages have no types here: nobody but the SDK and the gateway reads them, each in its own way.
                    "untyped" => *self.kinds.entry("untyped").or_default() += 1,
                    _ if body.is_null() => {}
                    "POST subscription" => self.same::<SubscribeRequest>("subscribe request", body, place),
                    "POST callControl" | "PUT callSessions" => {
                        self.same::<CallControlRequest>("call request", body, place)
                    }
                    "POST calldisposition" => self.same::<CallDispositionRequest>("disposition", body, place),
                    "POST clicktocall" => self.same::<ClickToCallRequest>("click to call", body, place),
                    other => panic!("{place}: {other} has no type"),
                }
            }
            "http-response" => match (routes[&id()].as_str(), entry["status"].as_u64().unwrap()) {
                ("untyped", _) => {}
                _ if body.is_null() => {}
                ("GET mk_token", 200) => self.same::<TokenResponse>("token", body, place),
                ("GET mk_token", _) => self.same::<UcFault>("refused token", body, place),
                ("GET revoke_token", 200) => self.same::<RevokeResponse>("revocation", body, place),
                ("POST subscription", 200) => self.same::<SubscribeResponse>("subscription", body, place),
                ("POST subscription", _) => self.same::<SubscribeResponse>("refused subscription", body, place),
                ("DELETE subscription", _) => self.same::<SubscribeResponse>("end of a subscription", body, place),
                ("POST callControl" | "PUT callSessions" | "DELETE callSessions", _) => {
                    self.same::<CallControlResponse>("call response", body, place);
                }
                ("POST calldisposition", _) => self.same::<CallDispositionResponse>("disposed", body, place),
                ("POST clicktocall", _) => self.same::<ClickToCallResponse>("clicked", body, place),
                // What `sdpFormat` points to.
                ("GET eventData", 200) => assert!(body["eventDataResponse"]["sdp"].is_string(), "{place}"),
                (other, status) => panic!("{place}: {other} {status} has no type"),
            },
            "ws-message" if entry["from"] == "client" => {
                assert_eq!(ClientFrame::decode(&encode(body)), Ok(ClientFrame::Ping), "{place}");
                assert_eq!(decode::<Value>(PING).as_ref(), Ok(body), "{place}");
                *self.kinds.entry("ping").or_default() += 1;
            }
            "ws-message" => {
                let frame = ServerFrame::decode(&encode(body));
                assert!(matches!(frame, Ok(ServerFrame::Notification(..))), "{place}: {frame:?}");
                let message = &body["notificationMessage"];
                if message["event"] != "im" && message["eventType"] != "IM" {
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

/// Resources of people.
const UNTYPED: [&str; 2] = ["rm", "instantmessage"];

/// Method and the resource's name, without ids.
fn route(method: &str, path: &str) -> String {
    let names = [
        "mk_token",
        "revoke_token",
        "callSessions",
        "callControl",
        "calldisposition",
        "clicktocall",
        "subscription",
        "eventData",
    ];
    if path.split('/').any(|part| UNTYPED.contains(&part)) {
        return "untyped".into();
    }
    let name = names.into_iter().find(|name| path.split('/').any(|part| part == *name));
    format!("{method} {}", name.unwrap_or(path))
}
