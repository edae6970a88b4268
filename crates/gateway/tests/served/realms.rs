//! Every route, asked with the credentials of another account, and about somebody of another realm. The rows are compared
//! with the routes of the switch, so that none is forgotten.

use std::collections::BTreeSet;

use kandy_switch::ROUTES;
use serde_json::{Value, json};

use crate::{
    customers::{Owner, connected, events, password, server, start, subscribe, text, token},
    people::with_query,
    server::{Server, answer},
};

const V: &str = "/rest/version/{version}/user/{user}";

/// Somebody of another account.
const STRANGER: &str = "mallory@blue.example";

/// What somebody of another account gets with a good credential of their own.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Stranger {
    /// The path names a user: 403, whoever that is.
    Refused,
    /// The path names no user, but a thing of one: the same as for a thing that there is not.
    Nothing,
    /// There is nothing to name but oneself.
    Own,
}

use Stranger::{Nothing, Own, Refused};

/// Method and path, what a stranger gets, and whether the request can name somebody else.
const ROWS: [(&str, &str, Stranger, bool); 40] = [
    ("GET", "/{version}/auth/mk_token", Refused, false),
    ("GET", "/{version}/auth/refresh_token", Own, false),
    ("GET", "/{version}/auth/revoke_token", Own, false),
    ("POST", "/subscription", Refused, false),
    ("PUT", "/subscription/{subscription}", Refused, false),
    ("DELETE", "/subscription/{subscription}", Refused, false),
    ("POST", "/callControl", Refused, true),
    ("DELETE", "/callControl", Refused, false),
    ("PUT", "/callControl/callSessions/{session}", Refused, true),
    ("DELETE", "/callControl/callSessions/{session}", Refused, false),
    ("POST", "/calldisposition", Refused, true),
    ("POST", "/clicktocall", Refused, true),
    ("POST", "/push/apple/devices", Refused, false),
    ("DELETE", "/push/apple/devices/{device}", Refused, false),
    ("POST", "/instantmessage", Refused, true),
    ("GET", "/{version}/rm/send", Own, true),
    ("GET", "/{version}/rm/threads", Nothing, true),
    ("GET", "/{version}/rm/thread", Nothing, true),
    ("GET", "/{version}/rm/thread/{thread}", Nothing, true),
    ("GET", "/{version}/rm/delete/{thread}", Nothing, true),
    ("GET", "/{version}/rm/read/{thread}", Nothing, true),
    ("POST", "/{version}/rm/upload", Own, false),
    ("GET", "/{version}/rm/file/{file}", Nothing, false),
    ("POST", "/presence", Refused, false),
    ("POST", "/presenceWatcher", Refused, true),
    ("GET", "/addressbook", Refused, false),
    ("POST", "/addressbook/contacts", Refused, true),
    ("GET", "/addressbook/contacts/{contact}", Refused, false),
    ("PUT", "/addressbook/contacts/{contact}", Refused, true),
    ("DELETE", "/addressbook/contacts/{contact}", Refused, false),
    ("GET", "/directory", Refused, true),
    ("GET", "/userProfileData", Refused, false),
    ("GET", "/rest/version/{version}/localization", Own, false),
    ("GET", "/voicemail", Refused, false),
    ("GET", "/logHistory", Refused, false),
    ("DELETE", "/logHistory", Refused, false),
    ("DELETE", "/logRecord/{record}", Refused, false),
    ("POST", "/eventSubscription", Refused, true),
    ("PUT", "/eventSubscription/{event}", Refused, true),
    ("DELETE", "/eventSubscription/{event}", Refused, false),
];

/// The rows with their whole paths, which are all that the switch serves.
fn rows() -> Vec<(&'static str, String, Stranger, bool)> {
    let whole = |path: &str| {
        let outside = path.contains("{version}");
        if outside { path.to_owned() } else { format!("{V}{path}") }
    };
    let rows: Vec<_> =
        ROWS.iter().map(|(method, path, stranger, names)| (*method, whole(path), *stranger, *names)).collect();
    let known: BTreeSet<(&str, &str)> = rows.iter().map(|(method, path, ..)| (*method, path.as_str())).collect();
    assert_eq!(known, BTreeSet::from(ROUTES), "every route has a row here");
    assert_eq!(known.len(), ROWS.len());
    rows
}

/// What requests name: things of somebody, and somebody.
struct Named<'a> {
    of: &'a Owner,
    user: &'a str,
    target: &'a str,
}

impl Named<'_> {
    /// Path and body of a row's request.
    fn request(&self, method: &str, row: &str) -> (String, Value) {
        let Owner { alice, session, device, group, message, file, event, record, .. } = self.of;
        let (user, target) = (self.user, self.target);
        let thread = if target.is_empty() { group.as_str() } else { target };
        let names = [
            ("{user}", user),
            ("{subscription}", alice.subscription.as_str()),
            ("{session}", session),
            ("{device}", device),
            ("{thread}", thread),
            ("{file}", file),
            ("{event}", event),
            ("{record}", record),
            ("{contact}", "pal"),
            ("{version}", if row.starts_with("/rest") { "1" } else { "v2.0" }),
        ];
        let path = names.iter().fold(row.to_owned(), |path, (name, value)| path.replace(name, value));
        let resource = row.strip_prefix(V).or_else(|| row.strip_prefix("/{version}")).unwrap_or(row);
        let query: &[(&str, &str)] = match resource {
            "/rm/send" => &[("to", target), ("txt", "hello")],
            "/rm/threads" => &[("thread", thread)],
            "/rm/thread" => &[("id", thread)],
            "/rm/read/{thread}" => &[("id", message)],
            "/directory" => &[("criteria", target.split('@').next().unwrap_or_default())],
            _ => &[],
        };
        let body = match (method, resource) {
            ("POST", "/subscription") | ("PUT", "/subscription/{subscription}") => subscribe(),
            ("POST", "/callControl") => start(target),
            (_, "/callControl/callSessions/{session}") if method == "PUT" => {
                json!({"callControlRequest": {"type": "transfer", "address": format!("sip:{target}")}})
            }
            (_, "/calldisposition") => {
                json!({"callDispositionRequest": {"action": "forward", "address": target, "sessionData": session}})
            }
            (_, "/clicktocall") => json!({"clickToCallRequest": {"callingParty": user, "calledParty": target}}),
            ("POST", "/push/apple/devices") => json!({"deviceToken": "another", "service": ["call"]}),
            (_, "/instantmessage") => json!({"imRequest": {"toUrl": target, "message": "hello", "type": "A2"}}),
            (_, "/presence") => json!({"presenceRequest": {"status": "closed", "activity": "away"}}),
            (_, "/presenceWatcher") => {
                json!({"presenceWatcherRequest": {"userList": [target], "action": "watch"}})
            }
            ("POST", "/addressbook/contacts") | ("PUT", "/addressbook/contacts/{contact}") => {
                json!({"addressBookRequest": {"addressBookEntries": [{"nickname": "pal", "primaryContact": target}]}})
            }
            ("POST", "/eventSubscription") | ("PUT", "/eventSubscription/{event}") => events(target),
            _ => Value::Null,
        };
        (with_query(&path, query), body)
    }
}

/// A request with a good credential of somebody else: their password, or a token that is not needed any longer.
async fn as_stranger(
    server: &Server,
    (method, row): (&str, &str),
    path: &str,
    body: &Value,
    with_password: bool,
) -> (u16, Value) {
    let request = if row.ends_with("mk_token") {
        server.request(method, path).basic_auth("alice@acme.example", Some(password(STRANGER)))
    } else if with_password {
        server.request(method, path).basic_auth(STRANGER, Some(password(STRANGER)))
    } else {
        server.request(method, &with_query(path, &[("token", &token(server, STRANGER).await)]))
    };
    answer(if body.is_null() { request } else { request.json(body) }).await
}

#[tokio::test]
async fn a_stranger_with_a_good_credential_gets_at_nothing() {
    let server = server().await;
    let mut owner = Owner::settle(&server, ["alice@acme.example", "bert@acme.example", "cleo@acme.example"]).await;
    let before = owner.state(&server).await;
    owner.alice.socket.rest().await;
    owner.bert.socket.rest().await;
    for (method, row, stranger, _) in rows() {
        let about_bert = if row.contains("/rm/") { "" } else { "bert@acme.example" };
        let named = Named { of: &owner, user: "alice@acme.example", target: about_bert };
        let (path, body) = named.request(method, &row);
        for with_password in [false, true] {
            let (status, answered) = as_stranger(&server, (method, &row), &path, &body, with_password).await;
            let what = format!("{method} {row}: {status} {answered}");
            match stranger {
                Refused => assert!([401, 403].contains(&status), "{what}"),
                Own => assert!(!answered.to_string().contains("alice"), "{what}"),
                Nothing => {
                    let nonsense = path.replace(&owner.group, "grp-999999").replace(&owner.file, "nonsense");
                    assert!(status == 404 || answered["error"]["code"] == 42, "{what}");
                    assert_eq!(
                        (status, answered),
                        as_stranger(&server, (method, &row), &nonsense, &body, with_password).await,
                        "{what}"
                    );
                }
            }
            assert_eq!(owner.state(&server).await, before, "{what}");
        }
    }
    for person in [&mut owner.alice, &mut owner.bert] {
        let heard = person.socket.rest().await;
        assert_eq!(heard, [Value::Null; 0]);
    }
    // What cannot be read, but used.
    let file = with_query(&format!("/v2.0/rm/file/{}", owner.file), &[("token", &owner.alice.token)]);
    assert_eq!(server.request("GET", &file).send().await.unwrap().text().await.unwrap(), "secret of alice");
    let device = format!("push/apple/devices/{}", owner.device);
    owner.alice.done(&server, "DELETE", &device, &Value::Null).await;
    owner.alice.done(&server, "DELETE", &format!("callControl/callSessions/{}", owner.session), &Value::Null).await;
    owner.bert.hears("callEnd").await;
    drop(owner);
    server.stop().await;
}

/// Without what differs from one request to the next one.
fn plain(value: &Value, target: &str) -> Value {
    match value {
        Value::Object(members) => {
            let passing = ["eventId", "time", "sessionData", "id", "messageId", "when"];
            let stays = members.iter().filter(|(name, _)| !passing.contains(&name.as_str()));
            stays.map(|(name, value)| (name.clone(), plain(value, target))).collect()
        }
        Value::Array(all) => all.iter().map(|value| plain(value, target)).collect(),
        Value::String(text) => {
            let name = target.split('@').next().unwrap();
            // Documents of events are numbered.
            let text = text.split(" version=").next().unwrap_or_default();
            json!(text.replace(name, "somebody"))
        }
        other => other.clone(),
    }
}

/// Whatever comes of a request about `target`: the answer, and what its sender and a friend of theirs hear of it.
async fn comes_of(server: &Server, by: &mut Owner, (method, row): (&str, &str), target: &str) -> Value {
    let resource = row.strip_prefix(V).unwrap_or(row);
    let mut told = Vec::new();
    if resource == "/calldisposition" {
        // A call that can be forwarded.
        by.bert.done(server, "POST", "callControl", &start(&by.alice.user)).await;
        let call = by.alice.hears("call").await;
        let session = text(&call["sessionParams"]["sessionData"]);
        by.alice.control(server, &session, json!({"type": "ringing"})).await;
        by.bert.hears("ringing").await;
        by.session = session;
    }
    let user = by.alice.user.clone();
    let (path, body) = Named { of: by, user: &user, target }.request(method, row);
    let (status, answered) = by.alice.ask(server, method, &path, &body).await;
    match resource {
        "/callControl" => told.push(by.alice.hears("callEnd").await),
        "/callControl/callSessions/{session}" => told.push(by.alice.hears("sessionFail").await),
        "/calldisposition" => {
            told.push(by.bert.hears("callEnd").await);
            by.session = connected(server, &mut by.alice, &mut by.bert).await;
        }
        "/clicktocall" => {
            let call = by.alice.hears("call").await;
            let session = text(&call["sessionParams"]["sessionData"]);
            by.alice.control(server, &session, json!({"type": "ringing"})).await;
            by.alice.control(server, &session, json!({"type": "callAnswer", "sdp": "v=0"})).await;
            told.extend([call, by.alice.hears("callEnd").await]);
        }
        _ => {}
    }
    told.extend(by.alice.socket.rest().await);
    told.extend(by.bert.socket.rest().await);
    plain(&json!([status, answered, told]), target)
}

#[tokio::test]
async fn somebody_of_another_realm_looks_like_nobody() {
    let server = server().await;
    let acme = ["alice@acme.example", "bert@acme.example", "cleo@acme.example"];
    let blue = ["mallory@blue.example", "moe@blue.example", "nina@blue.example"];
    let own = ["olaf@op.example", "omar@op.example", "odd@ours.example"];
    for (ours, theirs) in [(blue, acme), (own, acme), (blue, own)] {
        let mut other = Owner::settle(&server, theirs).await;
        let mut by = Owner::settle(&server, ours).await;
        let before = other.state(&server).await;
        for person in [&mut other.alice, &mut other.bert, &mut by.alice, &mut by.bert] {
            person.socket.rest().await;
        }
        let (name, domain) = theirs[0].split_once('@').unwrap();
        let ghost = format!("{}@{domain}", "g".repeat(name.len()));
        for (method, row, _, names) in rows() {
            if names {
                let known = comes_of(&server, &mut by, (method, &row), theirs[0]).await;
                let unknown = comes_of(&server, &mut by, (method, &row), &ghost).await;
                assert_eq!(known, unknown, "{method} {row} of {} about {}", ours[0], theirs[0]);
                assert!(!known.to_string().to_lowercase().contains(name), "{method} {row}: {known}");
            }
        }
        for person in [&mut other.alice, &mut other.bert] {
            assert_eq!(person.socket.rest().await, [Value::Null; 0]);
        }
        assert_eq!(other.state(&server).await, before);
        let log = by.alice.done(&server, "GET", "logHistory", &Value::Null).await.to_string();
        assert!(log.contains(theirs[0]), "what was dialled is in the history");
        assert!(!log.to_lowercase().contains(&format!("{name} ")), "but not the name of whose number it is: {log}");
    }
    server.stop().await;
}
