//! The log of the command, as programs read it: every line is JSON, lines of a request have its id, those of a call its number, and
//! no line has a secret, at whatever level.

#![cfg(test)]

mod place;

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader, Read},
    process::{Child, Command, Stdio},
    thread::JoinHandle,
};

use futures_util::StreamExt;
use place::Folder;
use serde_json::{Value, json};
use tokio_tungstenite::{connect_async, tungstenite::Message};

const OPERATOR_KEY: &str = "operator-key-of-this-test";
const HMAC_KEY: &str = "hmac-key-of-this-test-0";
const TURN_SECRET: &str = "turn-secret-of-this-test";
const WRONG: &str = "a-password-that-is-wrong";
const OFFER: &str = "v=0 offer-of-this-test";

/// The command under test; it does not outlive its test.
struct Running {
    child: Child,
    log: Option<JoinHandle<String>>,
    address: String,
}

impl Running {
    fn start(folder: &Folder, arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kandy-gateway"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("KANDY_")) {
            command.env_remove(name);
        }
        command.envs(folder.postgres().map(|url| ("KANDY_DATABASE", url)));
        let secrets =
            [("KANDY_OPERATOR_KEY", OPERATOR_KEY), ("KANDY_HMAC_KEY", HMAC_KEY), ("KANDY_TURN_SECRET", TURN_SECRET)];
        command.envs(secrets).args(["--dev", "--listen", "127.0.0.1:0", "--data"]).arg(&folder.0).args(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // Read all the time: whoever logs waits for whoever reads.
        let mut stderr = child.stderr.take().unwrap();
        let log = std::thread::spawn(move || {
            let mut text = String::new();
            stderr.read_to_string(&mut text).unwrap();
            text
        });
        let first = BufReader::new(child.stdout.as_mut().unwrap()).lines().next().unwrap().unwrap();
        let address = first.rsplit(' ').next().unwrap().to_owned();
        Self { child, log: Some(log), address }
    }

    /// Ends it in order; returns what was logged.
    fn ended(mut self) -> String {
        assert!(Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap().success());
        assert!(self.child.wait().unwrap().success());
        self.log.take().unwrap().join().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Asks, with an id for the request; the answer, and its status.
async fn ask(request: reqwest::RequestBuilder, id: &str) -> (u16, Value) {
    let response = request.header("x-request-id", id).send().await.unwrap();
    assert_eq!(response.headers()["x-request-id"], id);
    (response.status().as_u16(), response.json().await.unwrap())
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// Every text of an answer that is one of these members, at whatever depth.
fn collect(value: &Value, members: &[&str], into: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                if let Some(text) = value.as_str().filter(|_| members.contains(&name.as_str())) {
                    into.insert(text.to_owned());
                }
                collect(value, members, into);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, members, into)),
        _ => {}
    }
}

/// What clients and customers do, each request with the name of what it is. Returns all secrets that they met.
async fn traffic(address: &str) -> BTreeSet<String> {
    rustls::crypto::ring::default_provider().install_default().ok();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = |path: &str| format!("http://{address}{path}");
    let user = |user: &str, path: &str| url(&format!("/rest/version/1/user/{user}@example.com/{path}"));
    let mut secrets: BTreeSet<String> =
        [OPERATOR_KEY, HMAC_KEY, TURN_SECRET, WRONG, OFFER, "demo-secret"].map(str::to_owned).into();
    let members = [
        "access_token",
        "refresh_token",
        "notificationChannel",
        "sessionId",
        "sessionData",
        "clientSecret",
        "password",
        "turnActivePassword",
        "subscription",
    ];
    let wish = json!({"subscribeRequest": {"expires": 3600, "service": ["call"], "localization": "", "useTurn": true,
        "notificationType": "WebSocket"}});
    let mut sockets = Vec::new();
    for (name, path) in [("alice", "alice@example.com"), ("bob", "bob@example.com")] {
        let login = http.get(url("/v2.0/auth/mk_token"));
        let (status, body) = ask(login.basic_auth(path, Some("demo")), "make-token").await;
        assert_eq!(status, 200, "{body}");
        let token = text(&body["success"]["access_token"]);
        collect(&body, &members, &mut secrets);
        let subscribe = http.post(format!("{}?token={token}", user(name, "subscription"))).json(&wish);
        let (status, body) = ask(subscribe, "subscribe").await;
        assert_eq!(status, 200, "{body}");
        collect(&body, &members, &mut secrets);
        let channel = text(&body["subscribeResponse"]["subscriptionParams"]["notificationChannel"]);
        let (socket, _) = connect_async(format!("ws://{address}{channel}?token={token}")).await.unwrap();
        sockets.push((socket, token));
    }
    let wrong = http.get(url("/v2.0/auth/mk_token")).basic_auth("carol@example.com", Some(WRONG));
    assert_eq!(ask(wrong, "wrong-password").await.0, 401);

    let token = sockets[0].1.clone();
    let start =
        json!({"callControlRequest": {"type": "callStart", "to": "sip:bob@example.com", "from": "", "sdp": OFFER}});
    let start = http.post(format!("{}?token={token}", user("alice", "callControl"))).json(&start);
    let (status, body) = ask(start, "call-start").await;
    assert_eq!(status, 200, "{body}");
    collect(&body, &members, &mut secrets);
    let session = text(&body["callControlResponse"]["sessionData"]);
    // He is offered it.
    let offered = loop {
        if let Message::Text(frame) = sockets[1].0.next().await.unwrap().unwrap() {
            break serde_json::from_str::<Value>(&frame).unwrap();
        }
    };
    collect(&offered, &members, &mut secrets);
    let end = http.delete(format!("{}?token={token}", user("alice", &format!("callControl/callSessions/{session}"))));
    assert_eq!(ask(end, "call-end").await.0, 200);

    let provisioning = "/communication/kandy/provisioning";
    let issue = http.post(url("/oauth/client_credential/accesstoken?grant_type=client_credentials"));
    let (status, body) = ask(issue.basic_auth("demo-client", Some("demo-secret")), "issue").await;
    assert_eq!(status, 200, "{body}");
    collect(&body, &members, &mut secrets);
    let bearer = text(&body["access_token"]);
    let order = json!({"type": "new", "product": "KPN-VoiceVideo-C", "quantity": 1});
    let order = http.post(url(&format!("{provisioning}/order"))).bearer_auth(&bearer).json(&order);
    let (_, body) = ask(order, "order").await;
    collect(&body, &members, &mut secrets);
    let made = http.post(url("/operator/v1/accounts/demo/clients")).bearer_auth(OPERATOR_KEY).json(&json!({}));
    let (status, body) = ask(made, "add-client").await;
    assert_eq!(status, 201, "{body}");
    collect(&body, &members, &mut secrets);
    secrets
}

#[tokio::test]
async fn every_line_is_json_with_the_id_of_its_request_and_without_secrets() {
    let folder = Folder::new("logged");
    let running = Running::start(&folder, &["--log", "trace", "--log-format", "json"]);
    let secrets = traffic(&running.address).await;
    assert!(secrets.len() >= 18, "{secrets:?}");
    let log = running.ended();
    for secret in &secrets {
        assert!(!log.contains(secret), "{secret} stands in the log");
    }
    for word in ["alice@", "bob@", "websocket/"] {
        assert!(!log.contains(word), "{word} stands in the log");
    }
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let of = |id: &str| -> Vec<&Value> { lines.iter().filter(|line| line["span"]["id"] == id).collect() };
    for line in &lines {
        assert!(line["timestamp"].is_string() && line["level"].is_string() && line["target"].is_string(), "{line}");
    }
    let requests =
        ["make-token", "subscribe", "wrong-password", "call-start", "call-end", "issue", "order", "add-client"];
    for id in requests {
        let last = of(id).into_iter().rfind(|line| line["message"] == "request").unwrap_or_else(|| panic!("{id}"));
        assert!(last["status"].is_u64() && last["ms"].is_u64() && last["resource"].is_string(), "{last}");
    }
    assert_eq!(lines.iter().filter(|line| line["message"] == "request" && line["span"]["id"].is_null()).count(), 0);
    // Work that goes on elsewhere has the id, too.
    let tells = |id: &str, message: &str| of(id).iter().any(|line| line["message"] == message);
    assert!(tells("wrong-password", "a password is hashed") && tells("wrong-password", "sign-in"));
    // A call has one number from its start to its end.
    let step = |word: &str| lines.iter().find(|line| line["step"] == word).unwrap_or_else(|| panic!("{word}"));
    let (started, ended) = (step("started"), step("ended"));
    assert_eq!((&started["span"]["id"], &ended["span"]["id"]), (&json!("call-start"), &json!("call-end")));
    assert!(started["call"].is_u64());
    assert_eq!((&started["call"], &ended["call"]), (&ended["call"], &ended["span"]["call"]));
}

#[tokio::test]
async fn people_read_lines_of_text_with_the_same_ids() {
    let folder = Folder::new("logged-text");
    let running = Running::start(&folder, &["--log", "info"]);
    let secrets = traffic(&running.address).await;
    let log = running.ended();
    let line = |words: &str| log.lines().find(|line| line.contains(words)).unwrap_or_else(|| panic!("{words}:\n{log}"));
    assert!(line("step=\"started\"").contains("request{id=\"call-start\"}"), "{log}");
    assert!(line("operation=\"order-create\"").contains("request{id=\"order\"}"), "{log}");
    assert!(!log.contains("a password is hashed"));
    assert!(secrets.iter().all(|secret| !log.contains(secret)));
}

/// `kandy-gateway health`
#[tokio::test]
async fn a_gateway_is_asked_whether_it_lives() {
    let folder = Folder::new("health");
    // A port that was free a moment ago.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let ask = |address: Option<&str>| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kandy-gateway"));
        command.arg("health").env_remove("KANDY_METRICS").envs(address.map(|address| ("KANDY_METRICS", address)));
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, said) = ask(Some(&free));
    assert!(code == Some(1) && said.contains("does not say that it lives"), "{said}");
    let (code, said) = ask(None);
    assert!(code == Some(1) && said.contains("--metrics"), "{said}");
    let running = Running::start(&folder, &["--metrics", &free]);
    assert_eq!(ask(Some(&free)), (Some(0), String::new()));
    running.ended();
}
