//! A gateway of two customers and its operator, and people with something of every kind.

use kandy_gateway::Config;
use kandy_switch::Accounts;
use serde_json::{Value, json};

use crate::{
    people::{heard, with_query},
    server::{Server, Socket, answer},
};

/// Two customers and the operator, none of whom reaches another one.
pub(crate) async fn server() -> Server {
    let account = |user: &str, name: &str| json!({"user": user, "password": password(user), "displayName": name});
    let accounts = json!([
        account("alice@acme.example", "Alice Archer"),
        account("bert@acme.example", "Bert Bell"),
        account("cleo@acme.example", "Cleo Cole"),
        account("mallory@blue.example", "Mallory Moss"),
        account("moe@blue.example", "Moe Mint"),
        account("nina@blue.example", "Nina Nash"),
        account("olaf@op.example", "Olaf Olsen"),
        account("omar@op.example", "Omar Ott"),
        account("odd@ours.example", "Odd Oak")
    ]);
    let mut accounts = Accounts::from_json(&accounts.to_string()).unwrap();
    accounts.close_domain("acme.example");
    accounts.close_domain("blue.example");
    Server::run(Config { accounts, ..Config::default() }).await
}

pub(crate) fn subscribe() -> Value {
    json!({"subscribeRequest": {"expires": 3600, "localization": "", "useTurn": true,
        "service": ["call", "IM", "Presence", "event:dialog", "event:presence"],
        "notificationType": "WebSocket", "supported": ["RingingFeedback"]}})
}

pub(crate) fn password(user: &str) -> String {
    format!("{user} password")
}

/// A client that is logged in the UC way, with a socket.
pub(crate) struct Person {
    pub(crate) user: String,
    pub(crate) token: String,
    pub(crate) subscription: String,
    pub(crate) socket: Socket,
}

impl Person {
    pub(crate) async fn login(server: &Server, user: &str) -> Self {
        let token = token(server, user).await;
        let wish = subscribe();
        let path = format!("/rest/version/1/user/{user}/subscription?token={token}");
        let (status, body) = answer(server.request("POST", &path).json(&wish)).await;
        assert_eq!(status, 200, "{body}");
        let subscribed = &body["subscribeResponse"];
        let channel = text(&subscribed["subscriptionParams"]["notificationChannel"]);
        let socket = server.socket(&format!("{channel}?token={token}")).await.unwrap();
        Self { user: user.to_owned(), token, subscription: id(&text(&subscribed["subscription"])), socket }
    }

    /// A request with this credential, below a user or elsewhere.
    pub(crate) async fn ask(&self, server: &Server, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let path = if path.starts_with('/') { path.to_owned() } else { self.path(path) };
        let request = server.request(method, &with_query(&path, &[("token", &self.token)]));
        answer(if body.is_null() { request } else { request.json(body) }).await
    }

    pub(crate) async fn done(&self, server: &Server, method: &str, path: &str, body: &Value) -> Value {
        let (status, body) = self.ask(server, method, path, body).await;
        assert!(status == 200 && body.get("error").is_none(), "{method} {path}: {status} {body}");
        body
    }

    pub(crate) fn path(&self, resource: &str) -> String {
        format!("/rest/version/1/user/{}/{resource}", self.user)
    }

    pub(crate) async fn control(&self, server: &Server, session: &str, wish: Value) {
        let resource = format!("callControl/callSessions/{session}");
        self.done(server, "PUT", &resource, &json!({ "callControlRequest": wish })).await;
    }

    /// The next notification of this kind; others before it are passed over.
    pub(crate) async fn hears(&mut self, kind: &str) -> Value {
        loop {
            let notification = heard(&mut self.socket).await;
            if notification["eventType"] == kind {
                return notification;
            }
        }
    }
}

pub(crate) async fn token(server: &Server, user: &str) -> String {
    let request = server.request("GET", "/v2.0/auth/mk_token").basic_auth(user, Some(password(user)));
    text(&answer(request).await.1["success"]["access_token"])
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("a text, not {value}")).to_owned()
}

pub(crate) fn id(path: &str) -> String {
    path.rsplit('/').next().unwrap().to_owned()
}

pub(crate) fn start(to: &str) -> Value {
    json!({"callControlRequest": {"type": "callStart", "to": format!("sip:{to}"), "from": "", "sdp": "v=0"}})
}

pub(crate) fn events(about: &str) -> Value {
    json!({"eventSubscriptionRequest": {"subscribeUserList": [about], "clientCorrelator": "c",
        "eventType": "event:presence", "expires": 3600}})
}

/// Somebody with something of every kind, and two friends.
pub(crate) struct Owner {
    pub(crate) alice: Person,
    pub(crate) bert: Person,
    pub(crate) session: String,
    pub(crate) device: String,
    pub(crate) group: String,
    pub(crate) message: String,
    pub(crate) file: String,
    pub(crate) event: String,
    pub(crate) record: String,
}

impl Owner {
    /// `names` are of one realm; the first one is called alice here.
    pub(crate) async fn settle(server: &Server, names: [&str; 3]) -> Self {
        let mut alice = Person::login(server, names[0]).await;
        let mut bert = Person::login(server, names[1]).await;
        let [_, bert_name, cleo] = names;
        let first = alice.done(server, "POST", "callControl", &start(bert_name)).await;
        bert.hears("call").await;
        let first = text(&first["callControlResponse"]["sessionData"]);
        alice.done(server, "DELETE", &format!("callControl/callSessions/{first}"), &Value::Null).await;
        bert.hears("callEnd").await;
        let session = connected(server, &mut alice, &mut bert).await;
        let device = json!({"deviceToken": "phone", "service": ["call", "IM"]});
        let device = alice.done(server, "POST", "push/apple/devices", &device).await;
        let form = "--x\r\nContent-Disposition: form-data; name=\"raw\"; filename=\"a.txt\"\r\n\
            Content-Type: text/plain\r\n\r\nsecret of alice\r\n--x--\r\n";
        let upload = server.request("POST", &with_query("/v2.0/rm/upload", &[("token", &alice.token)]));
        let (_, file) = answer(upload.header("content-type", "multipart/form-data; boundary=x").body(form)).await;
        let file = text(&file["success"]["handle"]);
        let query = [("tos", bert_name), ("tos", cleo), ("txt", "words of alice"), ("attach", &file)];
        let sent = alice.done(server, "GET", &with_query("/v2.0/rm/send", &query), &Value::Null).await;
        let presence = json!({"presenceRequest": {"status": "open", "activity": "active"}});
        alice.done(server, "POST", "presence", &presence).await;
        let contact =
            json!({"addressBookRequest": {"addressBookEntries": [{"nickname": "pal", "primaryContact": bert_name}]}});
        alice.done(server, "POST", "addressbook/contacts/", &contact).await;
        let event = alice.done(server, "POST", "eventSubscription", &events(bert_name)).await;
        let log = alice.done(server, "GET", "logHistory", &Value::Null).await;
        Self {
            session,
            device: id(&text(&device["appleDeviceRegistrationResponse"]["registration"])),
            group: text(&sent["success"]["group"]),
            message: text(&sent["success"]["id"]),
            file,
            event: text(&event["eventSubscriptionResponse"]["sessionData"]),
            record: text(&log["logHistory"]["logItems"][0]["params"]["recordId"]),
            alice,
            bert,
        }
    }

    /// Everything that is theirs, as they and a friend see it.
    pub(crate) async fn state(&self, server: &Server) -> Value {
        let mut state = Vec::new();
        for path in ["addressbook", "logHistory", "userProfileData", "voicemail", "directory", "/v2.0/rm/threads"] {
            state.push(self.alice.done(server, "GET", path, &Value::Null).await);
        }
        let thread = format!("/v2.0/rm/thread/{}", self.group);
        state.push(self.alice.done(server, "GET", &thread, &Value::Null).await);
        self.alice.control(server, &self.session, json!({"type": "audit"})).await;
        let event = format!("eventSubscription/{}", self.event);
        let wish = json!({"eventSubscriptionRequest": {"eventType": "event:presence", "expires": 3600}});
        state.push(self.alice.done(server, "PUT", &event, &wish).await);
        let subscription = format!("subscription/{}", self.alice.subscription);
        state.push(self.alice.done(server, "PUT", &subscription, &subscribe()).await);
        json!(state)
    }
}

/// Two who talk to each other; the session of the one who called.
pub(crate) async fn connected(server: &Server, from: &mut Person, to: &mut Person) -> String {
    let started = from.done(server, "POST", "callControl", &start(&to.user)).await;
    let theirs = text(&to.hears("call").await["sessionParams"]["sessionData"]);
    to.control(server, &theirs, json!({"type": "ringing"})).await;
    to.control(server, &theirs, json!({"type": "callAnswer", "sdp": "v=0"})).await;
    from.hears("respondCallUpdate").await;
    text(&started["callControlResponse"]["sessionData"])
}
