//! One message in, what follows from it out: JSON both ways, so that a fault of either side is a text that can be read.

use kandy_switch::{
    Accounts, AccountsError, Delivery, Fact, Now, Policy, Request, Response, SocketId, Switch, begins_subscription,
    people_route,
};
use kandy_wire::{decode, encode};
use serde::{Deserialize, Serialize};

use crate::{people::People, secrets::Seeded};

/// What the world tells the gateway.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
enum Message {
    /// A request, answered by `response`.
    Request {
        method: String,
        path: String,
        /// Without its `?`.
        query: String,
        /// Names in lower case.
        headers: Vec<(String, String)>,
        body: String,
    },
    /// Somebody opens a socket under a number of its own; answered by `response` where that is refused.
    Open { socket: u64, path: String, query: String },
    /// A text frame arrived.
    Text { socket: u64, text: String },
    /// Everything before a mark was written.
    Ready { socket: u64 },
    /// A socket is gone.
    Closed { socket: u64 },
    /// The time of `deadline` has come.
    Tick,
}

/// What follows.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<Answer>,
    /// In their order.
    deliveries: Vec<Told>,
    /// When the gateway wants a tick, in milliseconds since the epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    deadline: Option<u64>,
    /// That the message could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    status: u16,
    content_type: &'static str,
    body: String,
}

/// Something to do with a socket.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "camelCase")]
enum Told {
    /// Write this.
    Frame { socket: u64, text: String },
    /// Say `ready` once everything before this was written.
    Mark { socket: u64 },
    /// Close it with this code.
    Close { socket: u64, code: u16 },
}

/// The switch, and what a gateway keeps beside it.
pub struct Gateway {
    switch: Switch,
    people: People,
}

impl std::fmt::Debug for Gateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Gateway")
    }
}

impl Gateway {
    /// A gateway with these accounts, a JSON list; its tokens follow from `seed`.
    ///
    /// # Errors
    /// The account that cannot be used.
    pub fn new(accounts: &str, seed: u64) -> Result<Self, AccountsError> {
        let accounts = Accounts::from_json(accounts)?;
        let people = People::new(&accounts);
        Ok(Self { switch: Switch::new(accounts, Policy::default(), Box::new(Seeded::new(seed))), people })
    }

    /// Takes a message at a time, in milliseconds since the epoch, which never runs backwards.
    pub fn handle(&mut self, now: u64, message: &str) -> String {
        let now = Now(now);
        let (response, error) = match decode::<Message>(message) {
            Ok(message) => (self.take(now, message), None),
            Err(why) => (None, Some(why.to_string())),
        };
        for fact in self.switch.facts() {
            if let Fact::Call(record) = fact {
                self.people.record(record);
            }
        }
        self.people.arrived(self.switch.delivered());
        // There is no push service and nobody counts, so nothing of either is kept.
        drop((self.switch.pushes(), self.switch.steps()));
        let response = response.map(|Response { status, content_type, body }| Answer { status, content_type, body });
        let deliveries = self.switch.deliveries().into_iter().map(told).collect();
        encode(&Outcome { response, deliveries, deadline: self.switch.deadline().map(|at| at.0), error })
    }

    fn take(&mut self, now: Now, message: Message) -> Option<Response> {
        match message {
            Message::Request { method, path, query, headers, body } => {
                let headers: Vec<(&str, &str)> = headers.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
                let (method, path, query, body) = (&*method, &*path, &*query, &*body);
                let request = Request { method, path, query, headers: &headers, peer: "127.0.0.1", body };
                if people_route(method, path).is_some() {
                    return Some(self.people.serve(&mut self.switch, now, &request));
                }
                let response = self.switch.request(now, &request);
                if begins_subscription(method, path) {
                    self.people.catch_up(&mut self.switch, now);
                }
                Some(response)
            }
            Message::Open { socket, path, query } => {
                let refused = self.switch.socket_opened(now, SocketId(socket), &path, &query).err();
                self.people.catch_up(&mut self.switch, now);
                refused
            }
            Message::Text { socket, text } => {
                self.switch.socket_text(now, SocketId(socket), &text);
                None
            }
            Message::Ready { socket } => {
                self.switch.socket_ready(now, SocketId(socket));
                None
            }
            Message::Closed { socket } => {
                self.switch.socket_closed(now, SocketId(socket));
                None
            }
            Message::Tick => {
                self.switch.tick(now);
                None
            }
        }
    }
}

fn told(delivery: Delivery) -> Told {
    match delivery {
        Delivery::Frame { socket, text } => Told::Frame { socket: socket.0, text },
        Delivery::Mark { socket } => Told::Mark { socket: socket.0 },
        Delivery::Close { socket, code } => Told::Close { socket: socket.0, code },
    }
}

#[cfg(test)]
mod tests {
    use kandy_wire::Value;

    use super::*;
    use crate::people::object;

    const ACCOUNTS: &str =
        r#"[{"user":"alice@example.com","password":"demo"},{"user":"bob@example.com","password":"demo"}]"#;

    struct World {
        gateway: Gateway,
        now: u64,
        /// Frames of all sockets.
        frames: Vec<String>,
    }

    impl World {
        fn new() -> Self {
            Self { gateway: Gateway::new(ACCOUNTS, 1).unwrap(), now: 1_800_000_000_000, frames: Vec::new() }
        }

        /// What follows from a message, a while after the one before.
        fn tell(&mut self, message: &str) -> Value {
            self.now += 100;
            let outcome = kandy_wire::parse(&self.gateway.handle(self.now, message)).unwrap();
            let told = outcome["deliveries"].as_array().unwrap();
            self.frames.extend(told.iter().filter_map(|told| told["text"].as_str()).map(str::to_owned));
            outcome
        }

        /// Status and body of the answer to a request of a Link client.
        fn request(&mut self, method: &str, user: &str, resource: &str, body: &str) -> (u64, String) {
            let (path, query) = resource.split_once('?').unwrap_or((resource, ""));
            self.ask(method, user, &format!("/rest/version/1/user/{user}@example.com/{path}"), query, body)
        }

        /// The answer of the UC messaging service.
        fn service(&mut self, method: &str, user: &str, path: &str, query: &str) -> Value {
            let (status, body) = self.ask(method, user, &format!("/v2.0/rm/{path}"), query, "");
            assert_eq!(status, 200, "{body}");
            kandy_wire::parse(&body).unwrap()
        }

        fn ask(&mut self, method: &str, user: &str, path: &str, query: &str, body: &str) -> (u64, String) {
            let credential = match user {
                "alice" => "basic YWxpY2VAZXhhbXBsZS5jb206ZGVtbw==",
                _ => "basic Ym9iQGV4YW1wbGUuY29tOmRlbW8=",
            };
            let message = object([
                ("type", Some("request".into())),
                ("method", Some(method.into())),
                ("path", Some(path.into())),
                ("query", Some(query.into())),
                ("headers", Some(Value::from(vec![Value::from(vec!["authorization", credential])]))),
                ("body", Some(body.into())),
            ]);
            let outcome = self.tell(&encode(&message));
            let response = &outcome["response"];
            (response["status"].as_u64().unwrap(), response["body"].as_str().unwrap().to_owned())
        }

        /// Logs in, and opens a socket of this number.
        fn login(&mut self, user: &str, socket: u64) {
            let body = r#"{"subscribeRequest":{"expires":3600,"service":["call","IM","Presence"],"localization":"","useTurn":true,"notificationType":""}}"#;
            let (status, body) = self.request("POST", user, "subscription", body);
            assert_eq!(status, 200, "{body}");
            let path = body.split('"').find(|part| part.contains("/websocket/")).unwrap();
            let open = object([
                ("type", Some("open".into())),
                ("socket", Some(socket.into())),
                ("path", Some(path.into())),
                ("query", Some("".into())),
            ]);
            assert_eq!(self.tell(&encode(&open)).get("response"), None);
        }
    }

    const MESSAGE: &str =
        r#"{"imRequest":{"type":"A2","toUrl":"bob@example.com","message":"hello","clientMessageId":"m-1"}}"#;

    #[test]
    fn a_message_is_told_once_also_to_who_comes_later() {
        let mut world = World::new();
        world.login("alice", 1);
        let (status, first) = world.request("POST", "alice", "instantmessage", MESSAGE);
        assert_eq!((status, first.contains(r#""messageId":"1""#)), (200, true), "{first}");
        let (_, again) = world.request("POST", "alice", "instantmessage", MESSAGE);
        assert_eq!(again, first, "the same id of the client is the same message");
        world.login("bob", 2);
        world.tell(r#"{"type":"tick"}"#);
        let told: Vec<_> = world.frames.iter().filter(|text| text.contains("hello")).collect();
        assert_eq!(told.len(), 1, "{told:?}");
    }

    #[test]
    fn threads_are_listed_read_and_deleted_for_each_of_their_members() {
        let mut world = World::new();
        world.login("alice", 1);
        world.login("bob", 2);
        for n in 1..=3 {
            let message = MESSAGE.replace("hello", &format!("text {n}")).replace("m-1", &format!("m-{n}"));
            assert_eq!(world.request("POST", "alice", "instantmessage", &message).0, 200);
        }
        let mut ask = |user: &str, path: &str, query: &str| world.service("GET", user, path, query);
        let unread = |body: &Value| body["success"][0]["unread"].as_u64();
        let texts = |body: &Value| -> Vec<String> {
            let all = body["success"].as_array().unwrap();
            all.iter().map(|message| message["txt"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(unread(&ask("bob", "threads", "")), Some(3));
        assert_eq!(unread(&ask("alice", "threads", "type=im")), Some(0));
        assert_eq!(ask("bob", "threads", "type=group")["success"], Value::Array(Vec::new()));
        let thread = "thread/alice%40example.com";
        assert_eq!(texts(&ask("bob", thread, "")), ["text 1", "text 2", "text 3"]);
        assert_eq!(texts(&ask("bob", thread, "max=2")), ["text 2", "text 3"], "the newest");
        assert_eq!(texts(&ask("bob", thread, "max=1&before=3")), ["text 2"]);
        assert_eq!(ask("bob", "read/alice%40example.com", "id=2")["success"]["unread"], 1);
        assert_eq!(ask("bob", "delete/alice%40example.com/3", "")["success"], true);
        assert_eq!(texts(&ask("bob", thread, "")), ["text 1", "text 2"]);
        assert_eq!(texts(&ask("alice", "thread/bob%40example.com", "")).len(), 3, "the other one keeps it");
        for (path, query) in
            [("thread/carol%40example.com", ""), (thread, "id=3"), (thread, "max=0"), ("read/grp-7", "id=1")]
        {
            assert!(ask("bob", path, query)["error"]["human"].is_string(), "{path}?{query}");
        }
    }

    #[test]
    fn contacts_are_kept_people_found_and_files_refused_in_words() {
        let mut world = World::new();
        world.login("alice", 1);
        let add = r#"{"addressBookRequest":{"addressBookEntries":[{"nickname":"bob","firstName":"Bob"}]}}"#;
        assert_eq!(world.request("POST", "alice", "addressbook/contacts/", add).0, 200);
        let (status, book) = world.request("GET", "alice", "addressbook", "");
        assert_eq!((status, book.contains(r#""firstName":"Bob""#)), (200, true), "{book}");
        assert_eq!(world.request("DELETE", "alice", "addressbook/contacts/bob", "").0, 200);
        assert_eq!(world.request("DELETE", "alice", "addressbook/contacts/bob", "").0, 404);
        assert_eq!(
            world.request("GET", "alice", "voicemail", ""),
            (200, r#"{"mwiresponse":{"statusCode":52}}"#.to_owned())
        );
        let (status, refusal) = world.ask("POST", "alice", "/v2.0/rm/upload", "", "");
        assert_eq!((status, refusal.contains("does not simulate files")), (501, true), "{refusal}");
        let (status, found) = world.request("GET", "alice", "directory?criteria=bob", "");
        assert_eq!((status, found.contains("bob@example.com")), (200, true), "{found}");
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let mut world = World::new();
        for text in ["", "{}", r#"{"type":"open"}"#] {
            let outcome = world.tell(text);
            assert!(outcome["error"].as_str().unwrap().contains("JSON"), "{outcome}");
        }
        assert!(
            Gateway::new(r#"[{"user":"alice","password":"x"}]"#, 1).unwrap_err().to_string().contains("user@domain")
        );
    }
}
