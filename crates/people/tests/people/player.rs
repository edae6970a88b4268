//! One client of a recording: it does what the application did, and gets what the recorded server answered.

use std::collections::BTreeMap;

use kandy_people::{AskId, Input, Request, Response, To, Upload};
use kandy_wire::{Value, parse};

use crate::page::{Page, show};

/// Requests of login and calls.
const OTHER_PATHS: [&str; 5] = ["/auth/", "/subscription", "/callControl", "/calldisposition", "/websocket"];

/// One client of a recording.
pub(crate) struct Player {
    pub(crate) page: Page,
    pub(crate) role: String,
    place: String,
    flavour: &'static str,
    user: String,
    login: u64,
    /// Requests by their recorded ids.
    asked: BTreeMap<String, AskId>,
    /// Requests that are not ours.
    others: Vec<String>,
    pub(crate) requests: usize,
    calls: usize,
}

impl Player {
    pub(crate) fn new(role: &str, client: &Value, name: &str) -> Self {
        let kind = client["kind"].as_str().unwrap();
        Self {
            page: Page::out(),
            role: role.to_owned(),
            place: name.to_owned(),
            flavour: if kind.contains("link") { "link" } else { "uc" },
            user: client["user"].as_str().unwrap().to_owned(),
            login: 0,
            asked: BTreeMap::new(),
            others: Vec::new(),
            requests: 0,
            calls: 0,
        }
    }

    pub(crate) fn play(&mut self, entry: &Value) {
        if entry["client"] != self.role.as_str() {
            return;
        }
        let place = format!("{} {} no. {}", self.place, self.role, entry["n"]);
        match entry["type"].as_str().unwrap() {
            "api" if entry["call"].is_string() => self.call(entry),
            "api" => self.run(entry),
            "http-request" => self.request(entry, &place),
            "http-response" => self.response(entry, &place),
            "ws-message" if entry["from"] == "server" => self.told(&entry["body"]),
            _ => {}
        }
    }

    fn request(&mut self, entry: &Value, place: &str) {
        let id = entry["id"].as_str().unwrap().to_owned();
        let path = entry["path"].as_str().unwrap();
        if entry["method"] == "OPTIONS" || OTHER_PATHS.iter().any(|other| path.contains(other)) {
            return self.others.push(id);
        }
        let taken: Vec<AskId> = self.asked.values().copied().collect();
        let found = self.page.asked.iter().find(|(ask, request)| {
            !taken.contains(ask) && request.method == entry["method"] && self.path(request) == path
        });
        let Some((ask, request)) = found else {
            let asked: Vec<String> = self.page.asked.iter().map(|(_, request)| show(request)).collect();
            panic!("{place}: {} {path} was not asked, but {asked:?}", entry["method"])
        };
        assert_eq!(query_of(request), recorded_query(entry), "{place}");
        match (&request.body, &request.file) {
            (Some(body), _) => assert_eq!(parse(body).unwrap(), entry["body"], "{place}"),
            (None, Some(Upload::Text { name, mime, text })) => {
                let form = entry["body"].as_str().unwrap();
                assert!(form.contains(name) && form.contains(mime) && form.contains(text), "{place}: {form}");
            }
            (None, Some(Upload::File(_))) => assert!(entry["body"].as_str().unwrap().contains("file contents")),
            (None, None) => assert!(entry["body"].is_null() || entry["body"] == "", "{place}"),
        }
        self.asked.insert(id, *ask);
        self.requests += 1;
    }

    fn response(&mut self, entry: &Value, place: &str) {
        let id = entry["id"].as_str().unwrap();
        if self.others.iter().any(|other| other == id) {
            return;
        }
        let Some(ask) = self.asked.get(id).copied() else {
            // The answer to a pre-flight that was not written down.
            return assert!(entry["status"] == 204 && entry["body"].is_null(), "{place}");
        };
        self.page.asked.retain(|(there, _)| *there != ask);
        let body = match &entry["body"] {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            json => json.to_string(),
        };
        let content_type = entry["headers"]["content-type"].as_str().map(str::to_owned);
        let status = entry["status"].as_u64().unwrap() as u16;
        self.page.now += 1_000;
        self.page.input(Input::Answer(ask, Ok(Response { status, content_type, body })));
    }

    fn told(&mut self, body: &Value) {
        let notice = &body["notificationMessage"];
        match notice["eventType"].as_str() {
            Some("callEnd") => {
                self.page.json(
                    r#"{"type":"people:call","record":{"callId":"0e78647a-139c-4584-83d7-04da4aabf345","direction":"incoming",
                        "startTime":1,"endTime":9000,"connectedTime":5,"own":{"number":"bob@example.com"},
                        "remote":{"name":"Alice Archer","number":"alice@example.com"}}}"#,
                );
            }
            Some("call" | "ringing" | "respondCallUpdate" | "callCancel") => {}
            _ => self.page.input(Input::Notice(body.clone())),
        }
    }

    fn call(&mut self, entry: &Value) {
        let arguments = entry["args"].as_array().unwrap();
        let given = |at: usize| arguments.get(at).cloned().unwrap_or_default();
        let name = entry["call"].as_str().unwrap();
        let members: &[&str] = match name {
            "connect" => {
                self.login += 1;
                let services = r#"["call","IM","Presence","event:dialog"]"#;
                return self.page.json(&format!(
                    r#"{{"type":"people:session","session":{{"login":{},"flavour":"{}","username":"{}","services":{services},
                        "expires":3600,"connected":true,"once":false}}}}"#,
                    self.login, self.flavour, self.user
                ));
            }
            "disconnect" => return self.page.log_out(),
            "call.end" => {
                self.calls += 1;
                let id = given(0);
                let connected = if self.calls == 1 { "5" } else { "null" };
                return self.page.json(&format!(
                    r#"{{"type":"people:call","record":{{"callId":{id},"direction":"outgoing","startTime":1,"endTime":9000,
                        "connectedTime":{connected},"own":{{"number":"alice@example.com"}},"remote":{{"number":"bob@example.com"}}}}}}"#
                ));
            }
            "call.make" | "call.answer" => return,
            "presence.update" => &["status", "activity", "note"],
            "presence.fetch" | "presence.subscribe" | "presence.unsubscribe" => &["users"],
            "contacts.add" | "contacts.update" => &["contact"],
            "contacts.fetch" | "contacts.remove" => &["contactId"],
            "user.fetch" => &["userId"],
            "user.search" => &["filters", "options"],
            "call.history.fetch" => &["amount", "offset"],
            "call.history.remove" => &["recordId"],
            "clickToCall.make" => &["caller", "callee"],
            "sip.subscribe" => &["eventType", "users", "clientCorrelator", "customParameters"],
            "sip.update" => &["eventType", "userLists", "customParameters"],
            "sip.unsubscribe" => &["eventType"],
            "conversation.fetch" => &["options"],
            "contacts.refresh" | "user.fetchSelfInfo" | "voicemail.fetch" | "call.history.clear" => &[],
            other => panic!("what is {other}?"),
        };
        let mut command = kandy_wire::Map::new();
        command.insert("type".to_owned(), name.replace("call.history", "callHistory").into());
        if name == "clickToCall.make" {
            command.insert("callId".to_owned(), entry["result"].clone());
        }
        for (at, member) in members.iter().enumerate() {
            command.insert((*member).to_owned(), given(at));
        }
        self.page.json(&Value::Object(command).to_string());
    }

    /// Code of the application, for objects with functions.
    fn run(&mut self, entry: &Value) {
        let code = entry["run"].as_str().unwrap();
        let arguments = entry["args"].as_array().unwrap();
        let given = |at: usize| arguments.get(at).cloned().unwrap_or_default();
        let to = if given(0).is_array() { given(0) } else { Value::Array(vec![given(0)]) };
        let kind = if code.contains("type: 'group'") { "group" } else { "im" };
        let chat = format!(r#""destination":{to},"convoType":"{kind}""#);
        let parts = match code {
            _ if code.contains("clearMessages") => {
                for conversation in self.page.query(r#"{"type":"conversation.getAll"}"#).as_array().unwrap() {
                    let (to, kind) = (&conversation["destination"], &conversation["type"]);
                    self.page.json(&format!(
                        r#"{{"type":"conversation.clearMessages","destination":{to},"convoType":{kind}}}"#
                    ));
                }
                return;
            }
            _ if code.contains("fetchMessages(10)") => {
                return self.page.json(&format!(r#"{{"type":"conversation.fetchMessages",{chat},"amount":10}}"#));
            }
            _ if code.contains("deleteMessages") => {
                let ids = given(1);
                return self
                    .page
                    .json(&format!(r#"{{"type":"conversation.deleteMessages",{chat},"messageIds":[{ids}]}}"#));
            }
            _ if code.contains("hello both") => r#"[{"type":"text","text":"hello both"}]"#.to_owned(),
            _ if code.contains("see the attachments") => r#"[{"type":"text","text":"see the attachments"},
                {"type":"json","json":{"answer":42,"list":[1,2]}},
                {"type":"file","file":1,"name":"note.txt","size":13,"mime":"text/plain"}]"#
                .to_owned(),
            _ if code.contains("{ type: 'text', text }") => format!(r#"[{{"type":"text","text":{}}}]"#, given(1)),
            other => panic!("what is {other}?"),
        };
        self.page.json(&format!(r#"{{"type":"conversation.create",{chat}}}"#));
        self.page.json(&format!(r#"{{"type":"conversation.send",{chat},"parts":{parts}}}"#));
    }

    /// Answers that did not pass the recorder: those of the host of files, and empty ones that were made in the page.
    pub(crate) fn answer_rest(&mut self) {
        while let Some((_, request)) = self.page.asked.front() {
            match show(request).as_str() {
                "GET url http://gateway.example/v2.0/rm/file/file-70ed15c92d1f620c" => {
                    self.page.answer(200, r#"{"answer":42,"list":[1,2]}"#);
                }
                "DELETE user addressbook/contacts/bobby" => self.page.answer_as(204, None, ""),
                "GET user voicemail" => self.page.answer_as(500, None, ""),
                _ => return,
            }
        }
    }

    /// The path of a request as it is on the wire.
    fn path(&self, request: &Request) -> String {
        let (of_user, configured) = if self.flavour == "uc" { ("1", "v2.0") } else { ("1", "1") };
        let path = &request.path;
        let user = &self.user;
        match request.to {
            To::User => format!("/rest/version/{of_user}/user/{user}/{path}"),
            To::Configured => format!("/rest/version/{configured}/user/{user}/{path}"),
            To::Service => format!("/{configured}/{path}"),
            To::Server => format!("/rest/version/{of_user}/{path}"),
            To::Url => path.clone(),
        }
    }
}

/// Names and values of a query, sorted.
fn query_of(request: &Request) -> Vec<(String, String)> {
    let names: Vec<&String> = request.query.iter().map(|(name, _)| name).collect();
    assert!(names.is_sorted(), "{names:?}");
    request.query.clone()
}

/// The same of a recorded request, without its token.
fn recorded_query(entry: &Value) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    for (name, value) in entry["query"].as_object().into_iter().flatten().filter(|(name, _)| *name != "token") {
        match value {
            Value::Array(all) => pairs.extend(all.iter().map(|one| (name.clone(), one.as_str().unwrap().to_owned()))),
            one => pairs.push((name.clone(), one.as_str().unwrap().to_owned())),
        }
    }
    pairs
}
